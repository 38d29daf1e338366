"""A batch whose grading is stubbed at its border: everything but the sandbox is real.

In: how many tests there are. Out: seats that answer at once, as a grader process would.
"""

import hashlib
import multiprocessing
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from grader import grading, scoring
from grader.batch_jobs import Asked, Done, Job, Message, Ready, Recalled, Task, Tested
from grader.records import TestCase, TestResult
from tests.builders import FULL_ISOLATION, make_result


@dataclass
class SimulatedSeat:
    """Answers at once."""

    number: int
    task: Task
    cases: Sequence[TestCase]
    job: Job | None = None
    is_ready: bool = False
    digest: str = ""
    said: deque[Message] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._bell, self._ring = multiprocessing.Pipe(duplex=False)
        environment = grading.environment(self.task.assignment)
        self._say(Ready(cases=tuple(self.cases), isolation=FULL_ISOLATION, environment=environment))

    @property
    def handles(self) -> tuple[Any, ...]:
        return (self._bell,)

    @property
    def ending(self) -> str:
        return ""

    def has_ended(self) -> bool:
        return False

    def messages(self) -> Iterator[Message]:
        while self.said:
            self._bell.recv_bytes()
            yield self.said.popleft()

    def close(self, *, kill: bool = False) -> None:
        self._bell.close()

    def send(self, message: Job | Recalled | None) -> None:
        match message:
            case Job():
                self.digest = hashlib.sha256(message.path.joinpath("convolution.py").read_bytes()).hexdigest()
                self._say(Asked(number=message.number, digest=self.digest))
            case Recalled(results=results):
                assert self.job is not None
                self._grade(self.job, results)
            case None:
                pass

    def _grade(self, job: Job, known: "dict[str, TestResult] | Any") -> None:
        results = [
            replace(make_result(score=case.points), case=case, seed=job.seed, log="x" * 200) for case in self.cases
        ]
        for result in results:
            if result.case.name not in known:
                self._say(Tested(number=job.number, results=[result]))
        report = scoring.make_report(
            self.task.assignment,
            results,
            student=job.student,
            submission=str(job.path),
            digest=self.digest,
            seed=job.seed,
            isolation=FULL_ISOLATION,
            environment=grading.environment(self.task.assignment),
        )
        self._say(Done(number=job.number, report=report))

    def _say(self, message: Message) -> None:
        self.said.append(message)
        self._ring.send_bytes(b"!")


@dataclass(frozen=True)
class SimulatedSeats:
    """As many as are asked for."""

    cases: Sequence[TestCase]
    count: int = 2

    def open(self, task: Task, number: int) -> SimulatedSeat:
        return SimulatedSeat(number=number, task=task, cases=self.cases)


@contextmanager
def simulated(cases: Sequence[TestCase]) -> Iterator[SimulatedSeats]:
    """Takes the place of what opens grader processes."""
    yield SimulatedSeats(cases=cases)
