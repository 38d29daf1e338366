"""Where a batch's jobs are graded: what a batch asks of such a place, and how one is opened.

In: how many jobs at once, or a cluster's address. Out: Seats.
The rule: a batch speaks with a process here and with a share of a cluster in the same words (`batch_jobs`).
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from grader.batch_jobs import Job, Message, Recalled, Task
from grader.batch_worker import GraderProcess
from grader.errors import UsageError


class Seat(Protocol):
    """One place where a job can be graded: a process here, or a share of a cluster."""

    number: int
    job: Job | None
    is_ready: bool

    @property
    def handles(self) -> Sequence[Any]:
        """Become readable when it has said something, or has ended."""

    @property
    def ending(self) -> str:
        """How it ended, for staff."""

    def send(self, message: Job | Recalled | None) -> None:
        """Say something."""

    def messages(self) -> Iterable[Message]:
        """Everything that it has said and that was not heard yet."""

    def has_ended(self) -> bool:
        """Whether it is gone."""

    def close(self, *, kill: bool = False) -> None:
        """End it."""


class Seats(Protocol):
    """Where seats come from."""

    @property
    def count(self) -> int:
        """As many as are of use at once."""

    def open(self, task: Task, number: int) -> Seat:
        """Open one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Processes:
    """Seats on this machine: a grader process each."""

    count: int

    def open(self, task: Task, number: int) -> Seat:
        """Start one."""
        return GraderProcess(task, number=number)


@contextmanager
def open_seats(cluster: str | None, *, jobs: int) -> Iterator[Seats]:
    """Find out where jobs are graded.

    Args:
        cluster: the address of a Dask scheduler, or "local" for one here; None: processes of this machine.
        jobs: how many of them.

    Raises:
        UsageError: Dask is not installed, or no scheduler answers.
    """
    if cluster is None:
        yield Processes(count=jobs)
        return
    try:
        from grader.cluster import open_cluster
    except ModuleNotFoundError as error:
        raise UsageError(f"{error.name} is not installed", fix='pip install "cnn-autograde[cluster]"') from error
    with open_cluster(cluster, jobs=jobs) as seats:
        yield seats
