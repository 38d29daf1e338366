"""How long later calls of a function may take once one of them has used up its test's limit."""

from pathlib import Path

import pytest

from grader.conversation import Grading
from grader.records import Limits, Outcome, Returned, Submission, WorkerExit
from grader.sandbox.boxes import Box

LATE = WorkerExit(outcome=Outcome.TIMEOUT, reason="did not return")


@pytest.fixture
def graded() -> Grading:
    def no_box() -> Box:
        raise AssertionError("nothing here is called")

    return Grading(Submission(path=Path(), name="a.py", source="", lines=()), Limits(), no_box)


def time_out(graded: Grading, function: str, limits: Limits) -> float:
    allowance_s = graded.allowance_s(function, limits)
    graded.account(function, LATE, allowance_s, limits)
    return allowance_s or limits.wall_s


def test_a_call_has_its_test_s_limit_until_one_times_out(graded: Grading) -> None:
    graded.account("f", Returned(value=1), None, Limits())

    assert graded.allowance_s("f", Limits()) is None


def test_a_loop_in_a_quick_function_costs_half_a_second_more_at_most(graded: Grading) -> None:
    """However many tests call it."""
    spent = [time_out(graded, "f", Limits(wall_s=2.0)) for _ in range(10)]

    assert spent[:4] == pytest.approx([2.0, 0.1, 0.1, 0.1])
    assert sum(spent[1:]) < 0.5
    assert graded.allowance_s("g", Limits()) is None


def test_a_training_that_took_too_long_once_has_seconds_left_for_its_other_tests(graded: Grading) -> None:
    """0 epochs of it may well be quick."""
    limits = Limits(wall_s=60.0)
    spent = [time_out(graded, "train", limits) for _ in range(6)]

    assert spent[1:4] == pytest.approx([3.0, 3.0, 3.0])
    assert sum(spent[4:]) < 0.5
