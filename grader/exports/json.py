"""A report as JSON, version 1: `report.schema.json` beside this file is its specification (JSON Schema 2020-12).

In: a Report and an audience. Out: text with keys in a fixed order and a newline at the end; or back, a staff Report.
The rule: what a clock or a machine decides is under `timings` and `environment`; for one submission and one seed the
rest is byte-identical.

Staff's has three keys more: `seed` at the top, `seed` and `log` of each test. A student's cannot be read back, because
it replays nothing.
"""

import json
import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

from grader.errors import UsageError
from grader.evidence import EvidenceRecord, from_evidence, to_evidence
from grader.marks import N_
from grader.records import (
    Audience,
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
from grader.scoring import view
from grader.seeds import format_seed, parse_seed
from grader.text import one_line, printable, tidy

SCHEMA = "cnn-autograde/report/v1"

_LOG = 20_000  # characters of one test's log
_NOTICES = 200


def render(report: Report, audience: Audience) -> str:
    """Write a report as its audience may see it.

    Args:
        report: the whole report; it is cut down to the audience's view here.
        audience: staff also get seeds and logs.

    Returns:
        JSON without NaN or infinity, every text of a submission made printable and bounded.
    """
    seen = view(report, audience)
    is_staff = audience is Audience.STAFF
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "audience": audience.value,
        "assignment": seen.assignment,
        "title": one_line(seen.title),
        "student": one_line(seen.student),
        "submission": one_line(seen.submission, limit=4_000),
        "digest": seen.digest,
        "suite": seen.tests,
        "score": _points(seen.score),
        "max_score": _points(seen.max_score),
        "needs_review": seen.needs_review,
        "rejected": printable(seen.rejected),
    }
    if is_staff:
        document["seed"] = format_seed(seen.seed)
    document |= {
        "isolation": {
            "level": seen.isolation.level.value,
            "layers": [
                {"name": one_line(layer.name), "active": layer.active, "detail": one_line(layer.detail)}
                for layer in seen.isolation.layers
            ],
        },
        "notices": _notices(seen.notices),
        "data": [one_line(each, limit=4_000) for each in seen.data],
        "tests": [_test(result, is_staff=is_staff) for result in seen.results],
        "environment": {one_line(key): one_line(value) for key, value in sorted(seen.environment.items())},
        "timings": {
            "total_s": _seconds(seen.duration_s),
            "tests": [{"name": result.case.name, "duration_s": _seconds(result.duration_s)} for result in seen.results],
        },
    }
    if seen.memory_mb is not None and math.isfinite(seen.memory_mb):
        document["timings"]["memory_mb"] = round(seen.memory_mb, 1)
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def read(text: str | bytes, *, where: str) -> Report:
    """Read a report that was written for staff.

    Args:
        text: the file's content.
        where: its name, for errors.

    Returns:
        The report, equal to the one written, except that texts are as they were printed.

    Raises:
        UsageError: it is cut off, no report, of another version, or written for students.
    """
    _check_kind(text, where)
    try:
        document = msgspec.json.decode(text, type=_Report)
    except msgspec.MsgspecError as error:
        raise UsageError(
            f"the report does not follow {SCHEMA}: {error}",
            where=where,
            fix="write it again with `--export json=FILE --audience staff`; a report is not edited by hand",
        ) from error
    if [test.name for test in document.tests] != [timing.name for timing in document.timings.tests]:
        raise UsageError(
            "`timings` and `tests` name different tests",
            where=where,
            fix="write it again with `--export json=FILE --audience staff`; a report is not edited by hand",
        )
    return _to_report(document)


_Points = Annotated[float, msgspec.Meta(ge=0)]
_Seed = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]


class _Strict(msgspec.Struct, forbid_unknown_fields=True):
    """A key too many is an error, not a loss."""


class _Layer(_Strict):
    name: str
    active: bool
    detail: str


class _Isolation(_Strict):
    level: IsolationLevel
    layers: tuple[_Layer, ...]


class _Notice(_Strict):
    text: str
    where: str


class _Test(_Strict):
    name: str
    title: str
    question: str
    visibility: Visibility
    outcome: Outcome
    score: _Points | None
    max_score: _Points
    feedback: str
    hint: str
    seed: _Seed
    log: str
    hint_id: str = ""
    evidence: EvidenceRecord | None = None


class _Timing(_Strict):
    name: str
    duration_s: _Points


class _Timings(_Strict):
    total_s: _Points
    tests: tuple[_Timing, ...]
    memory_mb: _Points | None = None


class _Report(_Strict, tag_field="schema", tag=SCHEMA):
    audience: Literal["staff"]
    assignment: str
    title: str
    student: str
    submission: str
    digest: str
    suite: Literal["hidden", "public"]
    score: _Points | None
    max_score: _Points | None
    needs_review: bool
    rejected: str
    seed: _Seed
    isolation: _Isolation
    notices: tuple[_Notice, ...]
    data: tuple[str, ...]
    tests: tuple[_Test, ...]
    environment: dict[str, str]
    timings: _Timings


class _Kind(msgspec.Struct):
    """What tells a report of ours from any other JSON; nothing else is looked at."""

    schema: str
    audience: str = ""


def _check_kind(text: str | bytes, where: str) -> None:
    again = "write one with `--export json=FILE --audience staff`"
    try:
        kind = msgspec.json.decode(text, type=_Kind)
    except msgspec.ValidationError as error:
        raise UsageError("this JSON is not a report of `grade`", where=where, fix=again) from error
    # A text that is no UTF-8 is a UnicodeError, one nested too deep a RecursionError.
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise UsageError(
            f"this is not whole JSON: {error}", where=where, fix=f"the file was cut off or edited; {again}"
        ) from error
    if kind.schema != SCHEMA:
        raise UsageError(
            f"the report says `{one_line(kind.schema, limit=80)}`, this version of `grade` reads `{SCHEMA}`",
            where=where,
            fix="use the version that wrote it, or grade the submission again",
        )
    if kind.audience != Audience.STAFF:
        raise UsageError(
            "the report was written for students and has no seeds",
            where=where,
            fix=N_("grade again with `--audience staff --export json=FILE`"),
        )


def _test(result: TestResult, *, is_staff: bool) -> dict[str, Any]:
    case = result.case
    test: dict[str, Any] = {
        "name": case.name,
        "title": one_line(case.title),
        "question": case.question,
        "visibility": case.visibility.value,
        "outcome": result.outcome.value,
        "score": _points(result.score),
        "max_score": _points(case.points),
        "feedback": printable(result.feedback),
        "hint": printable(result.hint),
    }
    if result.hint_id:
        test["hint_id"] = result.hint_id
    if (evidence := from_evidence(result.evidence)) is not None:
        test["evidence"] = msgspec.to_builtins(evidence)
    if is_staff:
        test["seed"] = format_seed(result.seed)
        test["log"] = printable(result.log, limit=_LOG)
    return test


def _notices(notices: Sequence[Notice]) -> list[dict[str, str]]:
    told = [{"text": printable(notice.text), "where": one_line(notice.where)} for notice in notices[:_NOTICES]]
    if len(notices) > _NOTICES:
        told.append({"text": f"and {len(notices) - _NOTICES} more", "where": ""})
    return told


def _points(value: float | None) -> float | int | None:
    if value is None:
        return None
    rounded = tidy(value)
    return int(rounded) if rounded.is_integer() else rounded


def _seconds(value: float) -> float:
    return round(value, 6) if math.isfinite(value) else 0.0


def _to_report(document: _Report) -> Report:
    return Report(
        assignment=document.assignment,
        title=document.title,
        student=document.student,
        submission=document.submission,
        digest=document.digest,
        score=document.score,
        max_score=document.max_score,
        results=tuple(
            _to_result(test, timing.duration_s)
            for test, timing in zip(document.tests, document.timings.tests, strict=True)
        ),
        notices=tuple(Notice(text=notice.text, where=notice.where) for notice in document.notices),
        rejected=document.rejected,
        needs_review=document.needs_review,
        tests=document.suite,
        data=document.data,
        seed=parse_seed(document.seed),
        isolation=Isolation(
            level=document.isolation.level,
            layers=tuple(
                Layer(name=layer.name, active=layer.active, detail=layer.detail) for layer in document.isolation.layers
            ),
        ),
        environment=document.environment,
        duration_s=document.timings.total_s,
        memory_mb=document.timings.memory_mb,
    )


def _to_result(test: _Test, duration_s: float) -> TestResult:
    case = TestCase(
        name=test.name,
        title=test.title,
        question=test.question,
        points=test.max_score,
        visibility=test.visibility,
    )
    return TestResult(
        case=case,
        outcome=test.outcome,
        score=test.score,
        feedback=test.feedback,
        hint=test.hint,
        hint_id=test.hint_id,
        log=test.log,
        seed=parse_seed(test.seed),
        duration_s=duration_s,
        evidence=to_evidence(test.evidence),
    )
