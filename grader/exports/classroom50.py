"""A report as Classroom 50's result.json, `classroom50/result/v1`.

The specification is schemas/result-v1.schema.json of https://github.com/foundation50/classroom50. In: a Report and the
variables of the runner's environment. Out: JSON without any key that the schema does not name.
The rule: points are whole numbers there, so every one of them is multiplied by 100: two decimals are kept exactly, and
the maximum is the same for every student. 86.5 of 100 is 8650 of 10000.

What was not graded is 0 of 0 without tests, as the runner itself reports an error; `grade` also ends with code 3, which
the runner takes for an infrastructure failure. A rejected submission has 0 of all points, and a test that has not been
run 0 of its own. The result is attached to a release that the student reads, so there is no version for staff.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from grader.errors import UsageError
from grader.exports import plain
from grader.exports.context import Context
from grader.exports.standing import Standing, standing
from grader.language import Language
from grader.records import Audience, Outcome, Report, TestResult
from grader.scoring import view
from grader.text import one_line, printable

SCHEMA = "classroom50/result/v1"
SCALE = 100
MAX_BYTES = 10_000_000  # a reader refuses larger files

_NAME = 100  # characters of a test's name
_MOST = 4_000
_TIME = re.compile(r"submit/(\d{4}-\d{2}-\d{2})T(\d{2})[-:]?(\d{2})[-:]?(\d{2})Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """What the runner says about the commit that is graded."""

    classroom: str
    assignment: str  # the slug there, not our id
    assignment_type: str
    owner: str
    submission: str  # the tag, "submit/2026-06-01T14-32-05Z-a1b2c3d"
    commit: str  # links
    release: str
    review: str
    submitted_at: datetime
    graded_at: datetime | None = None
    pusher: str = ""
    pusher_id: int | None = None


def read_context(context: Context) -> Submitted:
    """Read the variables that the runner sets.

    Args:
        context: its `environ` needs CLASSROOM, ASSIGNMENT, OWNER (or USERNAME), SUBMISSION_TAG, COMMIT_URL and
            RELEASE_URL. ASSIGNMENT_TYPE is "individual" and REVIEW_URL the commit's where they are missing.
            The time of submission is the tag's, so that grading again changes nothing.

    Raises:
        UsageError: a variable is missing or is not what it should be.
    """
    environ = context.environ
    owner = "OWNER" if environ.get("OWNER") else "USERNAME"
    kind = environ.get("ASSIGNMENT_TYPE") or "individual"
    if kind not in ("individual", "group", "team"):
        raise _wrong("ASSIGNMENT_TYPE", f"is `{one_line(kind)}`, not individual, group or team")
    tag = _variable(context, "SUBMISSION_TAG")
    if not tag.startswith("submit/"):
        raise _wrong("SUBMISSION_TAG", f"is `{one_line(tag)}` and does not begin with submit/")
    commit = _variable(context, "COMMIT_URL")
    number = environ.get("GITHUB_ACTOR_ID", "")
    return Submitted(
        classroom=_variable(context, "CLASSROOM"),
        assignment=_variable(context, "ASSIGNMENT"),
        assignment_type=kind,
        owner=_variable(context, owner),
        submission=tag,
        commit=commit,
        release=_variable(context, "RELEASE_URL"),
        review=environ.get("REVIEW_URL") or commit,
        submitted_at=_submitted_at(tag, context.now),
        graded_at=context.now,
        pusher=one_line(environ.get("GITHUB_ACTOR", "")),
        pusher_id=int(number) if number.isascii() and number.isdigit() else None,
    )


def render(report: Report, audience: Audience, context: Context) -> str:
    """Write a report as Classroom 50 reads it.

    Args:
        report: the whole report; it is cut down to a student's view here.
        audience: makes no difference, because the release is the student's.
        context: as `read_context` takes it.

    Returns:
        The text of result.json.

    Raises:
        UsageError: a variable of the runner is missing or wrong.
    """
    seen = context.language.report(view(report, Audience.STUDENT))
    submitted = read_context(context)
    text = plain.fitted(
        lambda limit: plain.dump(_document(seen, submitted, limit, context.language)), max_bytes=MAX_BYTES
    )
    if not text:
        raise ValueError(f"{len(report.results)} tests do not fit into {MAX_BYTES} bytes")
    return text


def _document(report: Report, submitted: Submitted, limit: int, language: Language) -> dict[str, Any]:
    tests = _tests(report, limit, language)
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "classroom": submitted.classroom,
        "assignment": submitted.assignment,
        "assignment_type": submitted.assignment_type,
        "owner": submitted.owner,
        "submission": submitted.submission,
        "commit": submitted.commit,
        "release": submitted.release,
        "review": submitted.review,
        "datetime": _zulu(submitted.submitted_at),
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }
    if submitted.graded_at is not None:
        document["graded_at"] = _zulu(submitted.graded_at)
    if submitted.pusher:
        document["submitted_by"] = {"username": submitted.pusher, "id": submitted.pusher_id}
    return document


def _tests(report: Report, limit: int, language: Language) -> list[dict[str, Any]]:
    match standing(report):
        case Standing.NOT_GRADED:
            return []
        case Standing.REJECTED:
            test = {"test-name": "submission", "passed": False, "score": 0, "max-score": _whole(report.max_score or 0)}
            return [test | {"message": printable(report.rejected, limit=_MOST)}]
        case Standing.GRADED | Standing.UNSCORED | Standing.UNFINISHED:
            return [_test(result, limit, language) for result in report.results]


def _test(result: TestResult, limit: int, language: Language) -> dict[str, Any]:
    test: dict[str, Any] = {
        "test-name": one_line(plain.title(result), limit=_NAME),
        "passed": result.outcome is Outcome.PASSED,
        "score": _whole(result.score or 0),
        "max-score": _whole(result.case.points),
        "outcome": result.outcome.value,
    }
    if said := plain.message(result, limit=limit, language=language):
        test["message"] = said
    return test


def _whole(points: float) -> int:
    return round(points * SCALE)


def _variable(context: Context, name: str) -> str:
    # A link may be long; a name that is cut would be another one.
    value = one_line(context.environ.get(name, ""), limit=4_000)
    if not value:
        raise _wrong(name, "is not set")
    return value


def _wrong(name: str, what: str) -> UsageError:
    return UsageError(
        f"the variable {name} {what}",
        where="--export classroom50",
        fix="run `grade` from autograder.py in Classroom 50's runner, which sets it",
    )


def _submitted_at(tag: str, now: datetime | None) -> datetime:
    found = _TIME.match(tag)
    if found is not None:
        try:
            return datetime.fromisoformat(f"{found[1]}T{found[2]}:{found[3]}:{found[4]}+00:00")
        except ValueError as error:
            raise _wrong("SUBMISSION_TAG", f"names no time: {error}") from error
    if now is None:
        raise _wrong("SUBMISSION_TAG", f"is `{one_line(tag)}` and has no time in it")
    return now


def _zulu(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
