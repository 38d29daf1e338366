"""What changed since the last save is said in a line for each test, points first."""

import pytest

from grader.deltas import deltas, told
from grader.records import Outcome, TestResult
from tests.builders import make_report, make_result

TITLE = "Overlapping windows: the stride is not the window size."


def lines(before: TestResult, after: TestResult) -> tuple[str, ...]:
    return told(deltas(make_report(results=[before]), make_report(results=[after])))


class TestDeltas:
    @pytest.mark.parametrize(
        ("before", "after", "line"),
        [
            (0.0, 4.0, f"+4: {TITLE}"),
            (4.0, 0.0, f"-4: {TITLE}"),
            (0.0, 2.5, f"+2.5: {TITLE}"),
            (4.0, 4.0, "no change"),
        ],
    )
    def test_points_come_first(self, before: float, after: float, line: str) -> None:
        assert lines(make_result(score=before), make_result(score=after)) == (line,)

    def test_another_outcome_without_points_is_told_by_its_mark(self) -> None:
        """Not attempted and wrong are both no points, and not the same."""
        todo = make_result(score=0.0, outcome=Outcome.NOT_ATTEMPTED)

        assert lines(todo, make_result(score=0.0)) == (f"FAIL: {TITLE}",)

    def test_another_message_is_told(self) -> None:
        """The next mistake may be another one."""
        first, second = (make_result(score=0.0, feedback=text) for text in ("shape (2, 2)", "shape (3, 3)"))

        assert lines(first, second) == (f"FAIL: {TITLE} (it says something else now)",)

    def test_public_tests_have_no_points_and_a_mark(self) -> None:
        wrong = make_result(score=0.0, points=0.0, outcome=Outcome.FAILED)

        assert lines(wrong, make_result(score=0.0, points=0.0)) == (f"pass: {TITLE}",)

    def test_what_was_not_graded_is_no_gain(self) -> None:
        """A grader error is nobody's zero."""
        broken = make_result(score=None, outcome=Outcome.GRADER_ERROR)

        assert lines(broken, make_result(score=4.0)) == (f"pass: {TITLE}",)

    def test_a_test_that_is_gone_is_told(self) -> None:
        changes = deltas(make_report(results=[make_result()]), make_report(results=[]))

        assert told(changes) == (f"gone: {TITLE}",)

    def test_a_rejected_report_says_why_by_itself(self) -> None:
        assert deltas(make_report(), make_report(rejected="the file is empty", score=None, results=())) == ()
