"""Many submissions of one assignment: jobs for grader processes, and a journal that loses none of their results.

In: deliveries, an open journal. Out: a report of each delivery in the journal; events while it runs.
The rule: this process alone writes the journal, each result as it comes. So whatever dies, and whenever, costs at most
the tests that were running; the same call goes on from there.

    settled before?  same files, same tests, same machine  -> nothing is done
    else a job:      read -> known tests are not rerun -> results one by one -> report
    its process died:  once -> another process grades it again;  twice -> a report that asks for a person

A batch never grades below `confined`, unless it is told `--isolation none`.
"""

import multiprocessing.connection
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from grader import seeds
from grader.batch_events import Begun, Event, Finished, Retried, Started, Tick
from grader.batch_jobs import Asked, Done, Failed, Job, Message, Ready, Recalled, Task, Tested, unfit_report
from grader.batch_seats import Seat, Seats, open_seats
from grader.cohort import Delivery
from grader.errors import CourseError, SandboxError
from grader.fileprints import file_print
from grader.fingerprints import environment_fingerprint, test_fingerprints
from grader.grading import environment
from grader.inventory import Inventory, Seen, reading_fingerprint, write_inventory
from grader.journal import Conditions, Journal
from grader.journal_index import of_delivery
from grader.marks import N_
from grader.records import Assignment, Course, IsolationLevel, Limits, Report, TestResult
from grader.sandbox import wire
from grader.sandbox.boxes import Box
from grader.services import Services

TRIES = 2  # of one job, each in a process that has not died
_STILLBORN = 3  # processes in a row that end before they are ready
_TICK_S = 0.25


class Outbox(Protocol):
    """Where reports go beside the journal."""

    def has(self, delivery: Delivery) -> bool:
        """Whether the delivery's report is there."""

    def put(self, delivery: Delivery, report: Report, *, graded_at: datetime) -> None:
        """Write it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOptions:
    """How a batch runs."""

    jobs: int = 2  # grader processes
    isolation: IsolationLevel | None = None  # the least that is accepted; None: the best there is, at least confined
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    cluster: str | None = None  # the address of a Dask scheduler, or "local"; None: processes of this machine

    @property
    def least(self) -> IsolationLevel:
        """Below it nothing is graded."""
        return IsolationLevel.CONFINED if self.isolation is None else self.isolation

    @property
    def start(self) -> IsolationLevel | None:
        """What is started: all layers that there are, unless fewer are asked for by name."""
        return None if self.isolation is IsolationLevel.FULL else self.isolation


def run_batch(
    course: Course,
    assignment: Assignment,
    deliveries: Sequence[Delivery],
    journal: Journal,
    folder: Path,
    *,
    inventory: Inventory,
    outbox: Outbox,
    options: BatchOptions,
    now: Callable[[], datetime],
    tell: Callable[[Event], object] = lambda event: None,
) -> None:
    """Grade every delivery whose report does not stand yet.

    Args:
        course: where the assignment belongs.
        assignment: one with hidden tests.
        deliveries: of the class; each pair of student and attempt once.
        journal: open for writing.
        folder: the journal's.
        inventory: of the journal; what is read is added to it, and it is written at the end, however that comes.
        outbox: takes each report before the journal says that it is done.
        options: how.
        now: the time, with an offset, for platforms that ask when something was graded.
        tell: hears what happens.

    Raises:
        CourseError, UsageError, IsolationError: nothing can be graded.
        SandboxError: grader processes do not start, or do not agree.
        JournalError: the disk is full; what was written before stands.
        KeyboardInterrupt: the same; every grader process is ended.
    """
    if assignment.private is None:
        raise CourseError(
            f"{assignment.id} has no hidden tests here",
            where=str(course.root),
            fix=N_("grade where the course's solutions are"),
        )
    with open_seats(options.cluster, jobs=options.jobs) as seats:
        run = _Run(course, assignment, deliveries, journal, inventory, outbox, options, now, tell, seats)
        try:
            run.go()
        finally:
            write_inventory(folder, inventory)


class _Run:
    """One run of a batch."""

    def __init__(
        self,
        course: Course,
        assignment: Assignment,
        deliveries: Sequence[Delivery],
        journal: Journal,
        inventory: Inventory,
        outbox: Outbox,
        options: BatchOptions,
        now: Callable[[], datetime],
        tell: Callable[[Event], object],
        seats: Seats,
    ) -> None:
        self._seats = seats
        self._deliveries = deliveries
        self._journal = journal
        self._inventory = inventory
        self._outbox = outbox
        self._options = options
        self._now = now
        self._tell = tell
        self._task = Task(
            course=replace(course, secret=b""),
            assignment=assignment,
            least=options.least,
            start=options.start,
            environ=dict(options.environ),
        )
        self._secret = course.secret
        self._prints = test_fingerprints(assignment)
        self._files = [file_print(delivery.path) for delivery in deliveries]
        self._data = _data_sources(course, assignment, options.environ)
        self._conditions = Conditions(tests=self._prints, environment="")
        self._ready: Ready | None = None
        self._waiting: deque[int] = deque()
        self._pool: list[Seat] = []
        self._begun: dict[int, float] = {}
        self._digests: dict[int, str] = {}  # of jobs that run
        self._deaths: dict[int, int] = {}
        self._stillborn = 0

    def go(self) -> None:
        """Grade what is not settled; end every process, however this ends."""
        self._forget_other_reading()
        self._plan(self._level_before())
        self._tell(
            Begun(
                assignment=self._task.assignment.id,
                title=self._task.assignment.title,
                total=len(self._deliveries),
                settled=len(self._deliveries) - len(self._waiting),
                jobs=min(self._seats.count, len(self._waiting)),
            )
        )
        kill = True
        try:
            while self._waiting or self._running():
                self._fill()
                self._listen()
            kill = False
        finally:
            for each in self._pool:
                each.send(None)  # to all of them, then wait for one after another
            for each in self._pool:
                each.close(kill=kill or not each.is_ready)

    # --- what is to be done ---------------------------------------------------

    def _forget_other_reading(self) -> None:
        """Digests that were read by other code, or of other functions, are none."""
        reading = reading_fingerprint(self._task.assignment)
        if self._inventory.reading != reading:
            self._inventory.reading = reading
            self._inventory.seen.clear()

    def _level_before(self) -> IsolationLevel | None:
        """The level of the last batch: if nothing is to be graded, no process need start to find out."""
        order = list(IsolationLevel)
        if self._inventory.level not in order:
            return None
        level = IsolationLevel(self._inventory.level)
        return level if order.index(level) >= order.index(self._task.least) else None

    def _plan(self, level: IsolationLevel | None) -> None:
        self._waiting.clear()
        if level is not None:
            self._inventory.level = level.value
            print_ = environment_fingerprint(environment(self._task.assignment), level, data=self._data)
            self._conditions = Conditions(tests=self._prints, environment=print_)
        for number in range(len(self._deliveries)):
            if level is None or not self._is_settled(number):
                self._waiting.append(number)

    def _is_settled(self, number: int) -> bool:
        delivery = self._deliveries[number]
        seen = self._inventory.seen.get(of_delivery(delivery))
        if seen is None or not seen.print or seen.print != self._files[number]:
            return False
        if seen.digest:
            return self._stands(delivery, seen.digest)
        filed = self._journal.latest(delivery)
        if filed is None or not filed.report.rejected:
            return False
        self._keep(delivery, filed.report)
        return True

    def _stands(self, delivery: Delivery, digest: str) -> bool:
        report = self._journal.finished(delivery, digest, self._conditions, self._seed(delivery))
        if report is None:
            return False
        self._keep(delivery, report)
        return True

    def _keep(self, delivery: Delivery, report: Report) -> None:
        self._journal.describe(delivery)
        if not self._outbox.has(delivery):
            filed = self._journal.latest(delivery)
            graded_at = filed.graded_at if filed is not None else None
            self._outbox.put(delivery, report, graded_at=graded_at or self._now())

    # --- the grader processes ---------------------------------------------------

    def _running(self) -> int:
        return sum(each.job is not None for each in self._pool)

    def _fill(self) -> None:
        """Have enough processes, and none of the ready ones without a job."""
        while len(self._pool) < min(self._seats.count, len(self._waiting) + self._running()):
            used = {each.number for each in self._pool}
            place = next(number for number in range(1, self._seats.count + 1) if number not in used)
            self._pool.append(self._seats.open(self._task, place))
        for each in self._pool:
            if each.is_ready and each.job is None and self._waiting:
                self._give(each, self._waiting.popleft())

    def _give(self, process: Seat, number: int) -> None:
        delivery = self._deliveries[number]
        process.job = Job(number=number, path=delivery.path, student=delivery.student, seed=self._seed(delivery))
        self._begun[number] = time.monotonic()
        process.send(process.job)
        self._tell(Started(worker=process.number, delivery=delivery))

    def _listen(self) -> None:
        handles = [handle for each in self._pool for handle in each.handles]
        if not multiprocessing.connection.wait(handles, timeout=_TICK_S):
            self._tell(Tick())
            return
        for each in list(self._pool):
            ended = each.has_ended()  # asked first: what it said before is then all there
            for message in each.messages():
                self._hear(each, message)
            if ended:
                self._bury(each)

    def _bury(self, process: Seat) -> None:
        self._pool.remove(process)
        job, why = process.job, process.ending
        process.close(kill=True)
        if job is not None:
            self._lost(process, job, why)
            return
        self._stillborn = 0 if process.is_ready else self._stillborn + 1
        if self._stillborn >= _STILLBORN:
            raise SandboxError(
                f"{_STILLBORN} grader processes in a row ended before they were ready: {why}",
                fix="look at what they wrote above, run `grade doctor`, then give the same command again",
            )

    def _lost(self, process: Seat, job: Job, why: str) -> None:
        """A job came to no end: once, it is tried again; twice, a person must look."""
        self._deaths[job.number] = self._deaths.get(job.number, 0) + 1
        delivery = self._deliveries[job.number]
        digest = self._digests.pop(job.number, "")
        if self._deaths[job.number] < TRIES:
            self._waiting.appendleft(job.number)
            self._tell(Retried(worker=process.number, delivery=delivery, reason=why))
            return
        assert self._ready is not None
        known = self._journal.known(digest, self._conditions, job.seed) if digest else {}
        report = unfit_report(self._task, job, self._ready, known, digest=digest, why=why)
        self._file(process, job, report)

    # --- what they say ------------------------------------------------------------

    def _hear(self, process: Seat, message: Message) -> None:
        match message:
            case Ready():
                self._begin_with(process, message)
            case Failed(number=None, error=error):
                raise error
            case _ if process.job is None or message.number != process.job.number:
                raise SandboxError("a grader process speaks of a job that it does not have")
            case Asked(digest=digest):
                process.send(Recalled(results=self._recall(process.job, digest)))
            case Tested(results=results):
                for result in results:
                    key = self._conditions.key(self._digests[message.number], result.case.name, process.job.seed)
                    self._journal.add_test(key, result)
            case Done(report=report):
                job, process.job = process.job, None
                self._file(process, job, report)
            case Failed(error=error):
                job, process.job = process.job, None
                self._lost(process, job, str(error))

    def _begin_with(self, process: Seat, ready: Ready) -> None:
        process.is_ready = True
        self._stillborn = 0
        if self._ready is None:
            self._ready = ready
            if self._inventory.level != ready.isolation.level.value or not self._conditions.environment:
                self._plan(ready.isolation.level)
        elif ready.isolation.level != self._ready.isolation.level or ready.cases != self._ready.cases:
            raise SandboxError(
                "two grader processes do not have the same tests, or not the same isolation",
                fix="do not change the course while a batch runs; give the same command again",
            )

    def _recall(self, job: Job, digest: str) -> Mapping[str, TestResult] | None:
        delivery = self._deliveries[job.number]
        if self._stands(delivery, digest):
            self._see(job.number, digest)
            return None
        if self._journal.begun(delivery, digest) == TRIES:  # the batch before this one saw it die
            self._deaths.setdefault(job.number, TRIES - 1)
        self._digests[job.number] = digest
        self._journal.begin(delivery, digest, attempt=self._deaths.get(job.number, 0) + 1)
        return self._journal.known(digest, self._conditions, job.seed)

    def _file(self, process: Seat, job: Job, report: Report | None) -> None:
        delivery, at = self._deliveries[job.number], self._now()
        if report is not None:
            # The file first: a journal that says "done" is not asked again.
            self._outbox.put(delivery, report, graded_at=at)
            self._journal.add_report(delivery, report, self._conditions, graded_at=at)
            if not report.needs_review:
                self._see(job.number, report.digest)
        self._digests.pop(job.number, None)
        seconds = time.monotonic() - self._begun.pop(job.number)
        self._tell(Finished(worker=process.number, delivery=delivery, report=report, seconds=seconds))

    def _seed(self, delivery: Delivery) -> int:
        return seeds.submission_seed(self._secret, self._task.assignment.id, delivery.student)

    def _see(self, number: int, digest: str) -> None:
        name = of_delivery(self._deliveries[number])
        self._inventory.seen[name] = Seen(print=self._files[number], digest=digest)


def _data_sources(course: Course, assignment: Assignment, environ: Mapping[str, str]) -> tuple[str, ...]:
    if not any(question.data for question in assignment.questions):
        return ()

    def no_box(message: wire.Load, limits: Limits) -> Box:
        raise SandboxError("a batch itself opens no box")

    return Services(course.root, environ, no_box).sources(assignment)
