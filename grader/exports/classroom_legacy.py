"""A report as GitHub Classroom's autograding reporter reads it, for those who kept those actions.

The specification is the code of https://github.com/classroom-resources/autograding-grading-reporter. In: a Report.
Out: base64 of UTF-8 JSON, on one line, for `result=` in a step's `$GITHUB_OUTPUT`.
The rule: every test has a score, also one that did not pass, because the notice adds those up. The table in the
reporter's log counts tests instead, so it agrees only where all tests carry the same points.

The reporter gets the text as one environment variable, of which Linux takes 128 KiB at most. It throws where `tests` is
missing; where `max_score` is 0 it announces no points, which is what a report that was not graded wants.
"""

import base64
import math
from typing import Any

from grader.exports import plain
from grader.exports.standing import Standing, standing
from grader.language import ENGLISH, Language
from grader.records import Audience, Outcome, Report, TestResult
from grader.scoring import view
from grader.text import one_line, printable, tidy

VERSION = 1
MAX_BYTES = 120_000  # of the base64; NAME_RESULTS= and its end share 131,072

_OUTPUT = 500  # characters


def render(report: Report, audience: Audience, *, language: Language = ENGLISH) -> str:
    """Write a report as the reporter reads it.

    Args:
        report: the whole report; it is cut down to a student's view here.
        audience: makes no difference, because students read their repository's logs.
        language: of the student.

    Returns:
        Base64 and a newline. Where it would be too long, messages are cut, and in the end the tests become one.
    """
    seen = language.report(view(report, Audience.STUDENT))
    text = plain.fitted(lambda limit: _encoded(_document(seen, limit, language)), max_bytes=MAX_BYTES)
    return text or _encoded(_short(seen, language))


def _encoded(document: dict[str, Any]) -> str:
    return base64.b64encode(plain.dump(document).encode()).decode() + "\n"


def _document(report: Report, limit: int, language: Language) -> dict[str, Any]:
    state = standing(report)
    if state is Standing.NOT_GRADED:
        said = plain.first(report, limit=_OUTPUT, language=language) or plain.heading(report, language)
        return _whole("error", 0.0, []) | {"message": printable(said, limit=_OUTPUT)}
    if state is Standing.REJECTED:
        test = _only(report, "fail", 0.0, language) | {"message": printable(report.rejected, limit=_OUTPUT)}
        return _whole("fail", report.max_score or 0, [test])
    passed = all(result.outcome is Outcome.PASSED for result in report.results)
    tests = [_test(result, limit, language) for result in report.results]
    return _whole("pass" if passed else "fail", report.max_score or 0, tests)


def _short(report: Report, language: Language) -> dict[str, Any]:
    """All tests as one, for a list that does not fit."""
    passed = all(result.outcome is Outcome.PASSED for result in report.results)
    status = "pass" if passed else "fail"
    score = sum(result.score or 0 for result in report.results)
    return _whole(status, report.max_score or 0, [_only(report, status, score, language)])


def _whole(status: str, max_score: float, tests: list[dict[str, Any]]) -> dict[str, Any]:
    return {"version": VERSION, "status": status, "max_score": tidy(max_score), "tests": tests}


def _only(report: Report, status: str, score: float, language: Language) -> dict[str, Any]:
    return _entry(name=plain.heading(report, language), code=report.assignment, status=status, score=score)


def _test(result: TestResult, limit: int, language: Language) -> dict[str, Any]:
    passed = result.outcome is Outcome.PASSED
    test = _entry(
        name=plain.title(result),
        code=result.case.name,
        status="pass" if passed else "fail",
        score=result.score or 0,
        duration_s=result.duration_s,
    )
    if said := plain.message(result, limit=limit, language=language):
        test |= {"message": said, "output": printable(said, limit=_OUTPUT)}
    return test


def _entry(*, name: str, code: str, status: str, score: float, duration_s: float = 0.0) -> dict[str, Any]:
    return {
        "name": name,
        "status": status,
        "score": tidy(score),
        "message": None,
        "test_code": one_line(code),
        "filename": "",
        "line_no": 0,
        "duration": round(duration_s, 3) if math.isfinite(duration_s) else 0.0,
    }
