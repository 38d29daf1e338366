"""What a regrade changed, student by student: pure, no files, no clock.

In: reports before and after. Out: a `Changed` for each student whose score, or any test's verdict, is another now.
The rule: everything that a student reads counts (points, outcome, hint, feedback); logs, seeds and timings do not.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from grader.records import Report, TestResult


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedTest:
    """One test that says something else now; None where it was not there."""

    name: str
    before: TestResult | None
    after: TestResult | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One student's delivery before and after."""

    student: str
    before: Report | None  # None: not graded before
    after: Report
    tests: tuple[ChangedTest, ...]  # in the order of the tests; those that are gone last

    @property
    def score_changed(self) -> bool:
        """Whether the points are others; a change from or to "not graded" is one."""
        return self.before is None or self.before.score != self.after.score

    @property
    def handed_in_again(self) -> bool:
        """Whether the submission itself is another: then the tests need not have changed."""
        return self.before is not None and self.before.digest != self.after.digest


def compare(before: Mapping[str, Report], after: Mapping[str, Report]) -> tuple[Changed, ...]:
    """List the students for whom something changed, in the order of `after`.

    Args:
        before: reports by student, or by any other key of a delivery.
        after: the same; a key that is missing in `before` is new. Who is missing in `after` was not graded again.
    """
    changes = (compare_one(student, before.get(student), report) for student, report in after.items())
    return tuple(change for change in changes if change is not None)


def compare_one(student: str, before: Report | None, after: Report) -> Changed | None:
    """Compare two reports; None where they say the same."""
    old = {result.case.name: result for result in (before.results if before is not None else ())}
    new = {result.case.name: result for result in after.results}
    tests = tuple(
        ChangedTest(name=name, before=old.get(name), after=new.get(name))
        for name in (*new, *(name for name in old if name not in new))
        if _told(old.get(name)) != _told(new.get(name))
    )
    if before is not None and not tests and _sums(before) == _sums(after):
        return None
    return Changed(student=student, before=before, after=after, tests=tests)


def _told(result: TestResult | None) -> tuple[object, ...]:
    if result is None:
        return ()
    return (result.outcome, result.score, result.case.points, result.hint, result.feedback)


def _sums(report: Report) -> tuple[object, ...]:
    return (report.score, report.max_score, report.rejected, report.needs_review)
