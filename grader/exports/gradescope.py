"""A report as Gradescope's results.json: https://gradescope-autograders.readthedocs.io/en/latest/specs/.

In: a Report and an audience. Out: JSON, every text declared as `text`, stdout hidden from students.
The rule: Gradescope takes whatever score it is given as the grade, so a report that was not graded gives it none.

- Not graded, our fault: neither `score` nor `tests`, which it takes for results that it did not receive: no score is
  shown, and an instructor grades again. Tests without a score it might add up to a zero.
- Rejected: 0 of all points, with the reason, because the student has to hand in again.
- Unfinished: a test that has not been run has 0 points and says so. The file is a lower bound until the last test.

The sum of `max_score` is always the assignment's points: otherwise the upload is refused. `score` at the top is the sum
in decimals; Gradescope would add up floats.

A test's `visibility` is the course's own, in the same words. A hidden one is never shown to a student, so its title,
outcome and hint, which a student may read, are told in `output`. The total is told there too, unless a test waits for
a date. Staff's log is written only for hidden tests, which nobody but staff can open; any other opens some day.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from grader.exports import plain
from grader.exports.standing import Standing, is_waiting, so_far, standing
from grader.language import ENGLISH, Language
from grader.records import Audience, Outcome, Report, TestResult, Visibility
from grader.scoring import view
from grader.text import one_line, printable, tidy

_MESSAGE = 4_000  # characters of one test's feedback, and of its hint
_OUTPUT = 40_000
_LOG = 10_000
_DATED = (Visibility.AFTER_DUE_DATE, Visibility.AFTER_PUBLISHED)


def render(report: Report, audience: Audience, *, language: Language = ENGLISH) -> str:
    """Write a report as Gradescope reads it.

    Args:
        report: the whole report; it is cut down to the audience's view here.
        audience: staff also get the logs of hidden tests.
        language: of who reads it.

    Returns:
        The text of results.json.
    """
    seen = language.report(view(report, audience))
    state = standing(seen)
    document: dict[str, Any] = {
        "output": _output(seen, state, language),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "stdout_visibility": "hidden",
        "extra_data": {"standing": state.value, "digest": one_line(seen.digest)},
    }
    if math.isfinite(seen.duration_s) and seen.duration_s > 0:
        document["execution_time"] = round(seen.duration_s, 3)
    if state is Standing.REJECTED:
        document |= {"score": 0.0, "tests": [_rejected(seen)]}
    elif state is not Standing.NOT_GRADED:
        score = so_far(seen) if seen.score is None else tidy(seen.score)
        document |= {"score": score, "tests": _tests(seen.results, language)}
    return plain.dump(document)


def _output(report: Report, state: Standing, language: Language) -> str:
    dated = [result for result in report.results if result.case.visibility in _DATED]
    hidden = [result for result in report.results if result.case.visibility is Visibility.HIDDEN]
    heading = one_line(f"{report.assignment} {report.title}") if dated else plain.heading(report, language)
    parts = [heading, plain.notices(report.notices, limit=_MESSAGE, language=language)]
    if state in (Standing.REJECTED, Standing.NOT_GRADED):
        parts.insert(1, plain.first(report, limit=_MESSAGE, language=language))
    if dated:
        parts.append(language.say(f"{len(dated)} tests are shown later, and the score with them."))
    if hidden:
        told = _hidden(replace(report, results=hidden), state, language)
        parts += [language.say("Hidden tests, whose inputs are not shown:"), *told]
    return printable("\n\n".join(part for part in parts if part), limit=_OUTPUT)


def _hidden(report: Report, state: Standing, language: Language) -> tuple[str, str]:
    # The message that many share is looked for among these tests only: another may wait for its date.
    shared = "" if state is Standing.NOT_GRADED else plain.first(report, limit=_MESSAGE, language=language)
    return shared, plain.tests(report, _MESSAGE, language)


def _rejected(report: Report) -> dict[str, Any]:
    return {
        "name": "submission",
        "number": "1",
        "score": 0.0,
        "max_score": tidy(report.max_score or 0),
        "status": "failed",
        "output": printable(report.rejected, limit=_MESSAGE),
        "visibility": Visibility.VISIBLE.value,
    }


def _tests(results: Sequence[TestResult], language: Language) -> list[dict[str, Any]]:
    """Number tests as 1.1, 1.2, 2.1: the question, then the test in it."""
    counts: dict[str, int] = {}
    tests = []
    for result in results:
        question = result.case.question
        counts[question] = counts.get(question, 0) + 1
        number = f"{list(counts).index(question) + 1}.{counts[question]}"
        tests.append(_test(result, number, language))
    return tests


def _test(result: TestResult, number: str, language: Language) -> dict[str, Any]:
    case = result.case
    output = [plain.message(result, limit=_MESSAGE, language=language)]
    if result.log and case.visibility is Visibility.HIDDEN:  # a student's view has no log
        output += [language.say("for staff:"), printable(result.log, limit=_LOG)]
    test: dict[str, Any] = {
        "name": plain.title(result),
        "number": number,
        "score": tidy(result.score or 0),
        "max_score": tidy(case.points),
        "status": "passed" if result.outcome is Outcome.PASSED else "failed",
        "output": "\n".join(part for part in output if part),
        "visibility": case.visibility.value,
        "extra_data": {
            "test": one_line(case.name),
            "outcome": "waiting" if is_waiting(result) else result.outcome.value,
        },
    }
    if case.question:
        test["tags"] = [one_line(case.question)]
    return test
