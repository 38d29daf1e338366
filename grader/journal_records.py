"""The records of a journal, and their way to a line and back: exact, every field of a Report and a TestResult.

In: TestResults, Reports, Deliveries. Out: private structs that `journal_lines` writes, and the records again, equal to
those that went in. The rule: a test's result is written once; a report names the places of its tests' lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from grader.cohort import Delivery
from grader.evidence import EvidenceRecord, from_evidence, to_evidence
from grader.journal_lines import Number, from_number, to_number
from grader.records import (
    Isolation,
    IsolationLevel,
    Layer,
    Notice,
    Outcome,
    Report,
    TestCase,
    TestResult,
    Visibility,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestKey:
    """Everything that the result of a test depends on: where it is the same, the test need not run again."""

    __test__ = False  # pytest would collect the name

    digest: str  # of the submission
    test: str
    fingerprint: str  # of the test
    environment: str  # its fingerprint
    seed: int  # of the submission


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What the results of one batch depend on, beside each submission and its seed."""

    tests: Mapping[str, str]  # every planned test -> its fingerprint
    environment: str  # its fingerprint

    def fingerprint(self, test: str) -> str:
        """A test's fingerprint, "" where it is not planned; all parameters of a parametrized test share one."""
        return self.tests.get(test) or self.tests.get(test.partition("[")[0], "")

    def key(self, digest: str, test: str, seed: int) -> TestKey:
        """The key of a test's result under these conditions."""
        return TestKey(
            digest=digest, test=test, fingerprint=self.fingerprint(test), environment=self.environment, seed=seed
        )


class Header(msgspec.Struct):
    """The first line: what this file is."""

    format: str
    assignment: str


class TestRecord(msgspec.Struct, omit_defaults=True):
    """One result and its key; digest and seed of the submission are the line's subject."""

    __test__ = False

    test: str
    fingerprint: str
    environment: str
    title: str
    question: str
    points: Number
    visibility: Visibility
    outcome: Outcome
    score: Number | None
    feedback: str = ""
    hint: str = ""
    hint_id: str = ""
    log: str = ""
    seed: str = "0"  # hexadecimal: other readers of JSON keep 53 bits of a number
    duration_s: Number = 0.0
    evidence: EvidenceRecord | None = None


class DeliveryRecord(msgspec.Struct, omit_defaults=True):
    """A delivery, so that a journal can be read where the submissions no longer are."""

    student: str
    path: str
    name: str = ""
    email: str = ""
    attempt: int = 1
    submitted_at: str = ""
    late: bool = False
    group: tuple[str, ...] = ()
    inside: str = ""


class ReportRecord(msgspec.Struct, omit_defaults=True):
    """A report, its results as places in the same file: offset, bytes, offset, bytes."""

    delivery: DeliveryRecord
    assignment: str
    title: str
    student: str
    submission: str
    digest: str
    score: Number | None
    max_score: Number | None
    tests: list[int]
    level: IsolationLevel
    layers: tuple[tuple[str, bool, str], ...] = ()
    notices: tuple[tuple[str, str], ...] = ()
    rejected: str = ""
    needs_review: bool = False
    suite: str = "hidden"
    data: tuple[str, ...] = ()
    seed: str = "0"
    environment: dict[str, str] = {}
    duration_s: Number = 0.0
    graded_at: str = ""
    memory_mb: Number | None = None


class StartRecord(msgspec.Struct):
    """A job that was begun, by which attempt."""

    digest: str
    attempt: int


HEADER = msgspec.json.Decoder(Header)
TEST = msgspec.json.Decoder(TestRecord)
REPORT = msgspec.json.Decoder(ReportRecord)
START = msgspec.json.Decoder(StartRecord)


def from_result(key: TestKey, result: TestResult) -> TestRecord:
    """Turn a result into what is written."""
    case = result.case
    return TestRecord(
        test=case.name,
        fingerprint=key.fingerprint,
        environment=key.environment,
        title=case.title,
        question=case.question,
        points=to_number(case.points),
        visibility=case.visibility,
        outcome=result.outcome,
        score=_optional(result.score),
        feedback=result.feedback,
        hint=result.hint,
        hint_id=result.hint_id,
        log=result.log,
        seed=f"{result.seed:x}",
        evidence=from_evidence(result.evidence),
        duration_s=to_number(result.duration_s),
    )


def to_result(record: TestRecord) -> TestResult:
    """Turn what was written into the result."""
    case = TestCase(
        name=record.test,
        title=record.title,
        question=record.question,
        points=from_number(record.points),
        visibility=record.visibility,
    )
    return TestResult(
        case=case,
        outcome=record.outcome,
        score=None if record.score is None else from_number(record.score),
        feedback=record.feedback,
        hint=record.hint,
        hint_id=record.hint_id,
        log=record.log,
        seed=int(record.seed, 16),
        evidence=to_evidence(record.evidence),
        duration_s=from_number(record.duration_s),
    )


def from_report(delivery: Delivery, report: Report, tests: Sequence[int], graded_at: datetime | None) -> ReportRecord:
    """Turn a report into what is written.

    Args:
        delivery: what was graded.
        report: what was found.
        tests: offset and bytes of each result's line, in the report's order.
        graded_at: when, for platforms that want to know; nothing here is ordered by it.
    """
    return ReportRecord(
        delivery=from_delivery(delivery),
        assignment=report.assignment,
        title=report.title,
        student=report.student,
        submission=report.submission,
        digest=report.digest,
        score=_optional(report.score),
        max_score=_optional(report.max_score),
        tests=list(tests),
        level=report.isolation.level,
        layers=tuple((layer.name, layer.active, layer.detail) for layer in report.isolation.layers),
        notices=tuple((notice.text, notice.where) for notice in report.notices),
        rejected=report.rejected,
        needs_review=report.needs_review,
        suite=report.tests,
        data=report.data,
        seed=f"{report.seed:x}",
        environment=dict(report.environment),
        duration_s=to_number(report.duration_s),
        graded_at=graded_at.isoformat() if graded_at is not None else "",
        memory_mb=_optional(report.memory_mb),
    )


def to_report(record: ReportRecord, results: Sequence[TestResult]) -> Report:
    """Turn what was written, and the results that it names, into the report."""
    layers = tuple(Layer(name=name, active=active, detail=detail) for name, active, detail in record.layers)
    return Report(
        assignment=record.assignment,
        title=record.title,
        student=record.student,
        submission=record.submission,
        digest=record.digest,
        score=None if record.score is None else from_number(record.score),
        max_score=None if record.max_score is None else from_number(record.max_score),
        results=tuple(results),
        notices=tuple(Notice(text=text, where=where) for text, where in record.notices),
        rejected=record.rejected,
        needs_review=record.needs_review,
        tests=record.suite,
        data=record.data,
        seed=int(record.seed, 16),
        isolation=Isolation(level=record.level, layers=layers),
        environment=record.environment,
        duration_s=from_number(record.duration_s),
        memory_mb=None if record.memory_mb is None else from_number(record.memory_mb),
    )


def to_delivery(record: DeliveryRecord) -> Delivery:
    """Turn what was written into the delivery."""
    return Delivery(
        student=record.student,
        path=Path(record.path),
        name=record.name,
        email=record.email,
        attempt=record.attempt,
        submitted_at=to_time(record.submitted_at),
        late=record.late,
        group=record.group,
        inside=record.inside,
    )


def content(record: ReportRecord) -> ReportRecord:
    """What a report says, whenever and of whatever path."""
    nobody = DeliveryRecord(student="", path="")
    return msgspec.structs.replace(record, delivery=nobody, duration_s=0.0, memory_mb=None, graded_at="", submission="")


def stands(record: TestRecord, conditions: Conditions) -> bool:
    """Whether a result was made under these conditions; a test without a fingerprint never was."""
    fingerprint = conditions.fingerprint(record.test)
    return bool(fingerprint) and record.fingerprint == fingerprint and record.environment == conditions.environment


def to_time(text: str) -> datetime | None:
    """Read a time as it was written, with its offset."""
    return datetime.fromisoformat(text) if text else None


def from_delivery(delivery: Delivery) -> DeliveryRecord:
    """Turn a delivery into what is written."""
    return DeliveryRecord(
        student=delivery.student,
        path=str(delivery.path),
        name=delivery.name,
        email=delivery.email,
        attempt=delivery.attempt,
        submitted_at=delivery.submitted_at.isoformat() if delivery.submitted_at is not None else "",
        late=delivery.late,
        group=delivery.group,
        inside=delivery.inside,
    )


def _optional(value: float | None) -> Number | None:
    return None if value is None else to_number(value)
