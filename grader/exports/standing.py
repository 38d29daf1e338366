"""How far a report can be believed: the one question that every platform's format answers first.

In: a Report; or an assignment's planned tests and the results so far. Out: its Standing; or a report that says what is
still to come.
The rule: a test that has not been run has no score, so nothing can mistake it for marks or for a zero.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.records import Assignment, Isolation, Notice, Outcome, Report, TestCase, TestResult
from grader.scoring import make_report, total


class Standing(enum.StrEnum):
    """What the score of a report is worth."""

    GRADED = "graded"
    UNSCORED = "unscored"  # the tests carry no points: public ones
    REJECTED = "rejected"  # the student must act
    NOT_GRADED = "not_graded"  # our fault: a person must look
    UNFINISHED = "unfinished"  # some tests have not been run yet


def standing(report: Report) -> Standing:
    """Say what a report's score is worth; GRADED alone has one."""
    if report.rejected:
        return Standing.REJECTED
    if report.needs_review:
        return Standing.NOT_GRADED
    if any(is_waiting(result) for result in report.results):
        return Standing.UNFINISHED
    if not report.max_score:
        return Standing.UNSCORED
    return Standing.NOT_GRADED if report.score is None else Standing.GRADED


def is_waiting(result: TestResult) -> bool:
    """Whether a test has not been run yet; one that is skipped for good has a score."""
    return result.outcome is Outcome.SKIPPED and result.score is None


def so_far(report: Report) -> float:
    """Add up the points of the tests that have been run: less than the score, never more."""
    return total(result.score for result in report.results if result.score is not None)


def unfinished(
    assignment: Assignment,
    cases: Sequence[TestCase],
    results: Sequence[TestResult],
    *,
    student: str,
    submission: str,
    seed: int,
    isolation: Isolation,
    environment: Mapping[str, str],
    digest: str = "",
    notices: Sequence[Notice] = (),
    tests: str = "hidden",
    duration_s: float = 0.0,
) -> Report:
    """Report a submission whose tests are still running, so that what is known outlives a killed grader.

    Args:
        assignment: what is graded.
        cases: every planned test, in the order of the file.
        results: those that are there, in any order.
        student: as of `make_report`, like all that follow.
        submission: the path as given.
        seed: draws every test's inputs.
        isolation: what the submission runs under.
        environment: name -> version.
        digest: sha256 of what was read, if that is known by now.
        notices: what was assumed or set aside.
        tests: "hidden" or "public".
        duration_s: until now.

    Returns:
        The report of `make_report`, with every result in the order of `cases`. While a test is missing it has no score
        and its standing is UNFINISHED, unless the grader failed in a test that was run: then it is NOT_GRADED already.
    """
    known = {result.case.name: result for result in results}
    waiting = [case for case in cases if case.name not in known]
    filled = [known.get(case.name) or TestResult(case=case, outcome=Outcome.SKIPPED, score=None) for case in cases]
    told = f"{len(cases) - len(waiting)} of {len(cases)} tests have been run; the others have no points yet"
    report = make_report(
        assignment,
        filled,
        student=student,
        submission=submission,
        digest=digest,
        seed=seed,
        isolation=isolation,
        environment=environment,
        notices=[*notices, Notice(text=told)] if waiting else notices,
        tests=tests,
        duration_s=duration_s,
    )
    if not waiting:
        return report
    failed = any(result.outcome is Outcome.GRADER_ERROR for result in filled)
    return replace(report, score=None, needs_review=failed)
