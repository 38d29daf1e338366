"""Owns what a batch must not lose: the journal of one assignment, a folder that is only ever added to.

In: results of tests as they come, reports of deliveries, jobs that were begun. Out: the same after any death of the
process, and which of them stand for a new batch.
The rules: order is the file's, never a clock's. A result is used again only under the same `TestKey`, and a grader
error never. A line that cannot be read costs itself, and is said. What a person decided lies in a file of its own
(`overrides`), so that no rerun touches it and it may be written while a batch runs.

JSON lines, and not SQLite: a batch only appends, and has one writer. A line is with the operating system after a single
write, SIGKILL or not, while SQLite pays a transaction with two syncs for each result, or loses the last ones; its file
needs a working lock on every network disk; one bad sector can take the whole table. Here it takes one line, and a
person reads the rest with `less`, `grep` and `jq`.

Kept in memory are places in the file, 16 bytes a result; what stands there is read when it is asked for.

    with Journal.open(folder, assignment="hw1") as journal:
        report = journal.finished(delivery, digest, conditions, seed)      # nothing to do, or
        known = journal.known(digest, conditions, seed)                    # these tests need no rerun
        journal.begin(delivery, digest, attempt=1)
        journal.add_test(conditions.key(digest, test, seed), result)       # each as it comes
        journal.add_report(delivery, report, conditions)
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType

from grader.cohort import Delivery
from grader.journal_file import JournalError, LineFile
from grader.journal_index import Index, Place, of_delivery, of_submission, pairs
from grader.journal_lines import Line, encode_line
from grader.journal_records import (
    REPORT,
    TEST,
    Conditions,
    ReportRecord,
    StartRecord,
    TestKey,
    TestRecord,
    content,
    from_delivery,
    from_report,
    from_result,
    stands,
    to_delivery,
    to_report,
    to_result,
    to_time,
)
from grader.records import Notice, Outcome, Report, TestResult
from grader.text import one_line

__all__ = ["Conditions", "Filed", "Journal", "JournalError", "TestKey"]

FILE = "results.jsonl"
_MOST_NOTICES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """One delivery and the report on it, as the journal has them."""

    delivery: Delivery
    report: Report
    graded_at: datetime | None = None


class Journal:
    """An open journal; `Journal.open` writes, `Journal.read` does not. A context manager; one thread uses it."""

    def __init__(self, lines: LineFile) -> None:
        self._lines = lines
        self._index = Index(lines)
        self._notices: list[Notice] = []

    @classmethod
    def open(cls, folder: Path, *, assignment: str) -> "Journal":
        """Open a journal for writing, or begin one; another writer is refused while this one is open.

        Args:
            folder: the journal's; it is made where it is missing.
            assignment: its id, "hw1".

        Raises:
            UsageError: another batch writes it, it is another assignment's or another version's, or no journal.
            JournalError: the disk is full.
        """
        lines = LineFile(folder / FILE, writing=True, what="journal")
        with contextlib.ExitStack() as unless_opened:
            unless_opened.callback(lines.close)
            journal = cls(lines)
            journal._index.require(assignment)
            lines.cut()
            journal._index.head(assignment)
            unless_opened.pop_all()
        return journal

    @classmethod
    def read(cls, folder: Path) -> "Journal":
        """Open a journal as it is now, without a lock; another process may be writing it.

        Raises:
            UsageError: there is none, or it is another version's.
        """
        lines = LineFile(folder / FILE, writing=False, what="journal")
        with contextlib.ExitStack() as unless_opened:
            unless_opened.callback(lines.close)
            journal = cls(lines)
            journal._index.require(None)
            unless_opened.pop_all()
        return journal

    @property
    def assignment(self) -> str:
        """The assignment's id, "" where the first line cannot be read."""
        return self._index.header.assignment if self._index.header is not None else ""

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What was found broken, so far: records are read when they are asked for."""
        return (*self._lines.notices, *self._notices)

    def begin(self, delivery: Delivery, digest: str, *, attempt: int) -> None:
        """Say that a job is begun; attempt 2 says that the process of the first was seen to die.

        Raises:
            JournalError: the disk is full or fails; so in all that writes.
        """
        start = StartRecord(digest=digest, attempt=attempt)
        self._lines.append(encode_line("start", of_delivery(delivery), start))
        self._index.begun[of_delivery(delivery)] = start

    def add_test(self, key: TestKey, result: TestResult) -> None:
        """Keep one result.

        Raises:
            ValueError: the key is another test's.
        """
        if key.test != result.case.name:
            raise ValueError(f"the key of {key.test} with a result of {result.case.name}")
        subject = of_submission(key.digest, key.seed)
        self._index.add_test(subject, encode_line("test", subject, from_result(key, result)))

    def add_report(
        self, delivery: Delivery, report: Report, conditions: Conditions, *, graded_at: datetime | None = None
    ) -> None:
        """Keep a delivery's report; results that are not in the journal yet are added before it.

        A report that says what the latest of this delivery says is not added again: so the one before the latest is
        what a regrade is compared with, however often it was interrupted.

        Args:
            delivery: what was graded.
            report: what was found.
            conditions: of the batch.
            graded_at: when, for platforms that ask.
        """
        record = from_report(delivery, report, self._places_of(report, conditions), graded_at)
        latest = self._record(delivery, -1)
        subject = of_delivery(delivery)
        if latest is None or latest.delivery != record.delivery or content(latest) != content(record):
            self._index.add_report(subject, encode_line("report", subject, record))
        elif subject in self._index.begun:
            self.begin(delivery, report.digest, attempt=0)
        self._index.begun.pop(subject, None)

    def describe(self, delivery: Delivery) -> None:
        """Note what is known of a delivery by now (its path, its time), where its latest report says otherwise."""
        record = self._record(delivery, -1)
        if record is not None and record.delivery != from_delivery(delivery):
            record.delivery = from_delivery(delivery)
            self._index.add_report(of_delivery(delivery), encode_line("report", of_delivery(delivery), record))

    def sync(self) -> None:
        """Have everything on the disk itself; it happens by itself every few seconds, and at the end."""
        self._lines.sync()

    def close(self) -> None:
        """Close the journal, and let others write it."""
        self._lines.close()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def known(self, digest: str, conditions: Conditions, seed: int) -> dict[str, TestResult]:
        """Find the results that stand for a submission, by test; the latest where there are several.

        A grader error does not stand. Neither does, beside one, a test that was skipped: the test that it builds on
        may be the one that was our fault.
        """
        found: dict[str, TestRecord] = {}
        for line in self._read(self._index.tests(of_submission(digest, seed))):
            record = line.value(TEST) if line is not None else None
            if record is not None and stands(record, conditions):
                found[record.test] = record
        errors = any(record.outcome is Outcome.GRADER_ERROR for record in found.values())
        void = (Outcome.GRADER_ERROR, Outcome.SKIPPED) if errors else ()
        return {name: to_result(record) for name, record in found.items() if record.outcome not in void}

    def finished(self, delivery: Delivery, digest: str, conditions: Conditions, seed: int) -> Report | None:
        """The latest report of a delivery, where grading it again would say the same.

        None where the submission, a test, the environment or the seed is another now, or a person must look.
        """
        record = self._record(delivery, -1)
        if record is None or record.digest != digest or record.seed != f"{seed:x}" or record.needs_review:
            return None
        tests = self._tests_of(record)
        if record.rejected or tests is None or not all(stands(test, conditions) for test in tests):
            return None
        if {name.partition("[")[0] for name in conditions.tests} != {test.test.partition("[")[0] for test in tests}:
            return None
        return to_report(record, [to_result(test) for test in tests])

    def begun(self, delivery: Delivery, digest: str) -> int:
        """The attempt by which a job was begun that has no report yet; 0: none.

        1 says that the batch ended meanwhile, which is nobody's fault; 2 that the first attempt died.
        """
        start = self._index.begun.get(of_delivery(delivery))
        return start.attempt if start is not None and start.digest == digest else 0

    def latest(self, delivery: Delivery) -> Filed | None:
        """The latest report of a delivery; None where there is none, or it cannot be read whole."""
        return self._filed(self._record(delivery, -1))

    def previous(self, delivery: Delivery) -> Filed | None:
        """The last report that is another than the latest: what a regrade is compared with."""
        latest = self._record(delivery, -1)
        index = -2
        while (record := self._record(delivery, index)) is not None and latest is not None:
            if content(record) != content(latest):
                break
            index -= 1  # the delivery alone was described anew
        return self._filed(record)

    def filed(
        self, *, with_results: bool = True, lost: Callable[[Filed], object] = lambda filed: None
    ) -> Iterator[Filed]:
        """Go through the latest report of every delivery, in the order of their first ones.

        Args:
            with_results: False leaves `results` empty: a gradebook of thousands needs scores only.
            lost: is told of each report whose results cannot be read, and gets it without them.
        """
        for place in self._index.latest_reports():
            record = self._record_at(place)
            filed = self._filed(record, with_results=with_results)
            if filed is not None:
                yield filed
            elif (bare := self._filed(record, with_results=False)) is not None:
                lost(bare)

    def _places_of(self, report: Report, conditions: Conditions) -> list[int]:
        """Where each result of a report stands; those that stand nowhere are added."""
        subject = of_submission(report.digest, report.seed)
        standing = {self._lines.bytes_at(*place): place for place in self._index.tests(subject)}
        places: list[int] = []
        for result in report.results:
            key = conditions.key(report.digest, result.case.name, report.seed)
            line = encode_line("test", subject, from_result(key, result))
            places += standing.get(line) or self._index.add_test(subject, line)
        return places

    def _record(self, delivery: Delivery, index: int) -> ReportRecord | None:
        place = self._index.report(of_delivery(delivery), index)
        return None if place is None else self._record_at(place)

    def _record_at(self, place: Place) -> ReportRecord | None:
        line = self._lines.read(*place)
        record = line.value(REPORT) if line is not None else None
        if record is None:
            self._say("a report cannot be read; grade its delivery again", f"byte {place[0]}")
        return record

    def _tests_of(self, record: ReportRecord) -> list[TestRecord] | None:
        found = [line.value(TEST) if line is not None else None for line in self._read(pairs(record.tests))]
        tests = [test for test in found if test is not None]
        if len(tests) == len(found):
            return tests
        lost = f"{len(found) - len(tests)} of {len(found)} results of {one_line(record.delivery.student, limit=80)}"
        self._say(f"{lost} cannot be read; grade the delivery again", f"attempt {record.delivery.attempt}")
        return None

    def _filed(self, record: ReportRecord | None, *, with_results: bool = True) -> Filed | None:
        if record is None:
            return None
        tests = self._tests_of(record) if with_results else []
        if tests is None:
            return None
        return Filed(
            delivery=to_delivery(record.delivery),
            report=to_report(record, [to_result(test) for test in tests]),
            graded_at=to_time(record.graded_at),
        )

    def _read(self, places: Iterator[Place]) -> Iterator[Line | None]:
        return (self._lines.read(*place) for place in places)

    def _say(self, text: str, where: str) -> None:
        notice = Notice(text=text, where=f"{self._lines.path}, {where}")
        if notice not in self._notices and len(self._notices) < _MOST_NOTICES:
            self._notices.append(notice)
