"""Owns what is known of a test before it runs: its case, what it builds on, and whether a file's tests fit its course.

In: collected tests, and the assignment. Out: nothing, or a CourseError that names the test. The rule: points are held
against assignment.toml before anything is graded.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from grader.errors import CourseError
from grader.records import Assignment, TestCase, Visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One collected test, and those that must pass before it says anything."""

    case: TestCase
    builds_on: tuple[str, ...] = ()


def check_points(assignment: Assignment, planned: Sequence[Planned]) -> None:
    """Hold the tests' points against assignment.toml, and their order against what may be told.

    Raises:
        CourseError: the points do not add up, or stand on no question; a visible test builds on a hidden one.
    """
    cases = [each.case for each in planned]
    where = f"solutions/{assignment.folder}/test_hidden.py"
    lost = next((case for case in cases if case.points and not case.question), None)
    if lost is not None:
        raise CourseError(f"{lost.name} has points, and no question", where=where, fix='@points(..., question="...")')
    seen = {case.name for case in cases if case.visibility is Visibility.VISIBLE}
    for each in planned:
        if each.case.name in seen and not seen.issuperset(each.builds_on):
            raise CourseError(
                f"{each.case.name} is visible and builds on a hidden test, which would have to run first",
                where=where,
                fix="make both visible, or neither: what a visible test prints is told",
            )
    for question in assignment.questions:
        found = sum(case.points for case in cases if case.question == question.name)
        if abs(found - question.points) > 1e-9:
            raise CourseError(
                f"the hidden tests of {question.name} add up to {found:g} points, "
                f"assignment.toml says {question.points:g}",
                where=where,
                fix="change `points` in one of the two",
            )
