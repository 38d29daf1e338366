"""A report as PrairieLearn's external grader results.json: https://docs.prairielearn.com/externalGrading/.

In: a Report. Out: JSON of at most 1 MB, with `score` as a share of 1.
The rule: what was not graded is not gradable, which costs the student no attempt; it is never a zero.

PrairieLearn shows everything in this file to the student, so there is no version for staff. Either every test has
points or none has, because one without them turns the display of all off.
"""

from typing import Any

from grader.exports import plain
from grader.exports.standing import Standing, standing
from grader.language import ENGLISH, Language
from grader.records import Audience, Outcome, Report, TestResult
from grader.scoring import view
from grader.text import one_line, printable, tidy

MAX_BYTES = 1_000_000  # "1 MB": the smaller of the two readings

_UNFINISHED = "The grading has not finished. This is not a zero."
_MOST = 4_000  # characters of a reason


def render(report: Report, audience: Audience, *, language: Language = ENGLISH) -> str:
    """Write a report as PrairieLearn reads it.

    Args:
        report: the whole report; it is cut down to a student's view here.
        audience: makes no difference, because students see all of it.
        language: of the student.

    Returns:
        The text of results.json. Where it would be too long, messages are cut, and in the end the tests are left out.
    """
    seen = language.report(view(report, Audience.STUDENT))
    text = plain.fitted(lambda limit: plain.dump(_document(seen, limit, language)), max_bytes=MAX_BYTES)
    return text or plain.dump(_score(seen, language))


def _document(report: Report, limit: int, language: Language) -> dict[str, Any]:
    document = _score(report, language)
    if document["gradable"]:
        has_points = standing(report) is Standing.GRADED
        document["tests"] = [_test(result, limit, language, has_points=has_points) for result in report.results]
    if limit:
        # What a test says stands beside the test; here is what belongs to the whole.
        said = [
            plain.first(report, limit=limit, language=language),
            plain.notices(report.notices, limit=limit, language=language),
        ]
        document["output"] = "\n\n".join(part for part in said if part)
    return document


def _score(report: Report, language: Language) -> dict[str, Any]:
    document: dict[str, Any] = {"gradable": True, "message": plain.heading(report, language)}
    match standing(report):
        case Standing.GRADED:
            document["score"] = min(1.0, (report.score or 0) / (report.max_score or 1))
        case Standing.UNSCORED:
            passed = sum(result.outcome is Outcome.PASSED for result in report.results)
            document["score"] = passed / max(1, len(report.results))
        case Standing.REJECTED:
            document |= {"gradable": False, "format_errors": [printable(report.rejected, limit=_MOST)]}
        case Standing.NOT_GRADED:
            document |= {"gradable": False, "format_errors": [plain.first(report, limit=_MOST, language=language)]}
        case Standing.UNFINISHED:
            document |= {"gradable": False, "format_errors": [language.say(_UNFINISHED)]}
    return document


def _test(result: TestResult, limit: int, language: Language, *, has_points: bool) -> dict[str, Any]:
    test: dict[str, Any] = {"name": plain.title(result), "description": one_line(result.case.question)}
    if has_points:
        test |= {"points": tidy(result.score or 0), "max_points": tidy(result.case.points)}
    if said := plain.message(result, limit=limit, language=language):
        test["message"] = said
    return test
