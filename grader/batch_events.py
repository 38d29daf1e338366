"""What a batch tells while it runs: records that a board draws and a log writes, one after another.

In and out: nothing. The rule: an event says what happened, and nothing of a submission's content but its report.
"""

from dataclasses import dataclass

from grader.cohort import Delivery
from grader.records import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """The batch knows what there is to do."""

    assignment: str
    title: str
    total: int  # deliveries
    settled: int  # of them, graded before: nothing is to be done
    jobs: int  # grader processes


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A delivery is being graded."""

    worker: int  # counts from 1
    delivery: Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A delivery has a report; None: it turned out to have one already."""

    worker: int
    delivery: Delivery
    report: Report | None
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """A grader process ended in the midst of a delivery, which another one grades again."""

    worker: int
    delivery: Delivery
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Nothing happened for a moment: durations have changed."""


Event = Begun | Started | Finished | Retried | Tick
