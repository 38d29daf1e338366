"""Results become a score and a report: pure, no files, no clock.

In: the TestResults of one submission and where they came from. Out: a Report, its student's view, its exit code.
The rule: what was not graded is never a zero. A grader error, or no result at all, leaves the score empty and asks for
review.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from grader.records import (
    Assignment,
    Audience,
    Evidence,
    Isolation,
    Notice,
    Outcome,
    Report,
    TestCase,
    TestResult,
    Visibility,
)
from grader.text import tidy

ALL_POINTS = 0
POINTS_LOST = 1
NOT_GRADED = 3


def make_report(
    assignment: Assignment,
    results: Sequence[TestResult],
    *,
    student: str,
    submission: str,
    digest: str,
    seed: int,
    isolation: Isolation,
    environment: Mapping[str, str],
    notices: Sequence[Notice] = (),
    tests: str = "hidden",
    data: Sequence[str] = (),
    duration_s: float = 0.0,
    memory_mb: float | None = None,
) -> Report:
    """Add up one submission's results.

    Args:
        assignment: what was graded.
        results: one per planned test, in the order of the file.
        student: who handed it in, or "".
        submission: the path as given.
        digest: sha256 of what was read.
        seed: draws every test's inputs.
        isolation: what the submission really ran under.
        environment: name -> version, as "numpy" -> "2.1.0".
        notices: what was assumed or set aside.
        tests: "hidden" or "public"; public tests may carry no points, and then there is no score.
        data: which images models were judged on, a sentence each.
        duration_s: of the whole grading.
        memory_mb: the most that one test's processes took; None: not measured.

    Returns:
        A report whose score is None, with `needs_review`, where the grader failed or nothing was run.

    Raises:
        ValueError: a result has more points than its test, or fewer than none: our fault.
    """
    checked = tuple(_checked(result) for result in results)
    max_score = total(result.case.points for result in checked) or None
    scores = [result.score for result in checked]
    # No result is never marks, and never a zero: somebody has to look why nothing was run.
    unknown = not checked or any(result.outcome is Outcome.GRADER_ERROR for result in checked)
    if max_score is not None:
        unknown = unknown or None in scores
    return Report(
        assignment=assignment.id,
        title=assignment.title,
        student=student,
        submission=submission,
        digest=digest,
        score=None if unknown or max_score is None else total(score for score in scores if score is not None),
        max_score=max_score,
        results=checked,
        notices=tuple(notices),
        needs_review=unknown,
        tests=tests,
        data=tuple(data),
        seed=seed,
        isolation=isolation,
        environment=dict(environment),
        duration_s=duration_s,
        memory_mb=memory_mb,
    )


def reject_report(
    assignment: Assignment,
    reason: str,
    *,
    student: str,
    submission: str,
    digest: str = "",
    notices: Sequence[Notice] = (),
    tests: str = "hidden",
) -> Report:
    """Report a submission that cannot be graded as it is: no score, and what the student must do.

    Args:
        assignment: what it was handed in for.
        reason: what is wrong, where, and what to do; `str(SubmissionRejected)` is all three.
        student: who handed it in, or "".
        submission: the path as given.
        digest: sha256 of what was read, if anything was.
        notices: what was assumed before it was refused.
        tests: which tests would have run, "hidden" or "public".
    """
    return Report(
        assignment=assignment.id,
        title=assignment.title,
        student=student,
        submission=submission,
        digest=digest,
        score=None,
        max_score=tidy(assignment.points),
        notices=tuple(notices),
        rejected=reason,
        tests=tests,
    )


def view(report: Report, audience: Audience) -> Report:
    """The report as one audience may see it; staff see all of it.

    A student's has no log and no seed, and times visible tests only: a submission can sleep for as long as a hidden
    number says, and take as much memory. What a page draws of a hidden test is left out too, but for the classes of
    published images.
    """
    if audience is Audience.STAFF:
        return report
    results = tuple(_student_view(result) for result in report.results)
    all_visible = all(_is_visible(result.case) for result in report.results)
    if not all_visible:
        report = replace(report, duration_s=0.0, memory_mb=None)
    return replace(report, results=results, seed=0)


def exit_code(report: Report) -> int:
    """What a shell or a CI job should hear: 0 all points, 1 points lost or rejected, 3 not graded (our fault)."""
    if report.needs_review:
        return NOT_GRADED
    if report.rejected:
        return POINTS_LOST
    if report.max_score is None:
        return ALL_POINTS if all(result.outcome is Outcome.PASSED for result in report.results) else POINTS_LOST
    return ALL_POINTS if report.score is not None and report.score >= report.max_score else POINTS_LOST


def total(points: Iterable[float]) -> float:
    """Add points as the decimals that they were written as: three times 0.1 is 0.3, and three thirds are 1."""
    return tidy(float(sum((Decimal(repr(value)) for value in points), Decimal())))


def _checked(result: TestResult) -> TestResult:
    if result.outcome is Outcome.GRADER_ERROR:
        return replace(result, score=None)
    # The comparison is this way round so that NaN is refused too.
    if result.score is not None and not 0 <= result.score <= result.case.points:
        raise ValueError(f"{result.case.name} has {result.score} of {result.case.points} points")
    return result


def _student_view(result: TestResult) -> TestResult:
    visible = _is_visible(result.case)
    confusion = result.evidence.confusion
    # What a training tells of itself it chooses after it saw the images. The labels of published images are known.
    evidence = Evidence(
        pictures=result.evidence.pictures if visible else (),
        epochs=result.evidence.epochs if visible else (),
        confusion=confusion if confusion is not None and confusion.published else None,
    )
    return replace(result, log="", seed=0, duration_s=result.duration_s if visible else 0.0, evidence=evidence)


def _is_visible(case: TestCase) -> bool:
    return case.visibility is Visibility.VISIBLE
