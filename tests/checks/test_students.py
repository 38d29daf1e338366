"""A student's function answers like a function, and keeps the history of its test."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from grader.checks.arrays import check
from grader.checks.students import Student
from grader.errors import NotAttempted, StudentRaised, WorkerStopped
from grader.records import CallReply, Manner, Outcome, Returned, StudentError, WorkerExit
from tests.checks.functions import Array, softmax
from tests.checks.in_process import failure_of, invoke_in_process, student_of, wrong


def test_a_call_returns_the_value() -> None:
    assert student_of(lambda a, b: a - b, reference=None)(5, b=3) == 2


def test_each_call_is_kept_with_what_was_passed() -> None:
    """Neither the student nor the test can change the history afterwards."""

    def zeroes(x: Array) -> Array:
        x[:] = 0
        return x

    function = student_of(zeroes, reference=None)
    x = np.ones(2)
    function(x)
    x[:] = 7

    (call,) = function.calls
    assert call.args[0].tolist() == [1, 1]
    assert isinstance(call.reply, Returned)
    assert call.reply.changed == ("1",)


def test_exceptions_come_as_faults() -> None:
    def raises(error: Exception) -> None:
        raise error

    function = student_of(raises, reference=None)

    with pytest.raises(StudentRaised) as raised:
        function(KeyError("k"))
    with pytest.raises(NotAttempted):
        function(NotImplementedError())
    assert raised.value.error.is_a("LookupError")
    assert len(function.calls) == 2


def test_a_stopped_worker_comes_as_a_fault() -> None:
    def invoke(name: str, args: tuple[Any, ...], kwargs: dict[str, Any], manner: Manner) -> CallReply:
        return WorkerExit(outcome=Outcome.CRASHED, reason="it ended itself")

    with pytest.raises(WorkerStopped, match="ended itself"):
        Student(invoke, None, (), visible=False).conv2d(1)


def test_a_function_is_one_and_the_same_through_a_test() -> None:
    student = Student(invoke_in_process({"f": abs}), None, (), visible=True)
    student.f(-1)

    assert student.f is student.f
    assert len(student.f.calls) == 1


def test_a_function_gets_its_own_reference_and_misconceptions() -> None:
    reference = ModuleType("reference")
    reference.softmax = softmax  # type: ignore[attr-defined]
    mine, other = wrong(abs, "mine", function="softmax"), wrong(abs, "other", function="relu")

    student = Student(invoke_in_process({}), reference, (mine, other), visible=True, budget=3)

    assert student.softmax.reference is softmax
    assert student.softmax.misconceptions == (mine,)
    assert student.softmax.visible
    assert student.softmax.budget == 3
    assert student.relu.reference is None


def test_names_that_tools_look_for_are_no_functions() -> None:
    student = Student(invoke_in_process({}), None, (), visible=True)

    assert not hasattr(student, "__wrapped__")
    assert not hasattr(student, "_pytestfixturefunction")


def test_a_probe_spends_the_budget_and_leaves_the_history() -> None:
    function = student_of(lambda x: x, reference=None, budget=2)

    replies = [function.probe((k,), {}) for k in range(3)]

    assert replies == [Returned(value=0), Returned(value=1), None]
    assert function.calls == []


def test_a_probe_may_ask_a_fresh_process() -> None:
    function = student_of(lambda x: "used", reference=None, fresh=lambda: lambda x: "fresh")

    assert function(1) == "used"
    assert function.probe((1,), {}) == Returned(value="fresh")


def test_a_probe_reports_an_exception_as_data() -> None:
    reply = student_of(lambda x: 1 / x, reference=None).probe((0,), {})

    assert isinstance(reply, StudentError)
    assert reply.type_name == "ZeroDivisionError"


class TestViewed:
    """What the contract leaves open is looked through, on the student's side and on ours alike."""

    def seen(self, function: Any, *, known: Any = ()) -> Any:
        whole = student_of(function, reference=lambda x: x.astype(np.float64), misconceptions=known)
        return whole.viewed(as_float64)

    def test_a_value_is_what_the_view_makes_of_it(self) -> None:
        assert self.seen(lambda x: x.astype(np.float32))(np.ones(2, np.int8)).dtype == np.float64

    def test_right_answers_in_another_form_pass(self) -> None:
        check(self.seen(lambda x: x.astype(np.float16)), np.arange(3))
        check(self.seen(lambda x: x.astype(np.float64)), np.arange(3))

    def test_wrong_ones_do_not(self) -> None:
        assert failure_of(lambda: check(self.seen(lambda x: x + 1.0), np.arange(3))).brief

    def test_a_known_mistake_is_known_in_any_form(self) -> None:
        known = (wrong(lambda x: 2.0 * x, "You double."),)

        failure = failure_of(lambda: check(self.seen(lambda x: (x * 2).astype(np.float32), known=known), np.arange(3)))

        assert failure.hints == ("You double.",)

    def test_an_exception_is_seen_as_it_is(self) -> None:
        def raises(x: Array) -> Array:
            raise ValueError("no")

        with pytest.raises(StudentRaised, match="ValueError"):
            self.seen(raises)(np.ones(2))

    def test_the_view_gets_whatever_a_student_returns(self) -> None:
        """It must take it: only the check says what is wrong."""
        assert self.seen(lambda x: None)(np.ones(2)) is None
        assert failure_of(lambda: check(self.seen(lambda x: "seven"), np.arange(3))).brief

    def test_the_parameters_of_a_mistake_are_still_known(self) -> None:
        """A mistake that does not take these arguments explains no TypeError of the student's."""
        known = (wrong(lambda x, missing: x, "Two arguments."),)

        def raises(x: Array) -> Array:
            raise TypeError("x")

        assert failure_of(lambda: check(self.seen(raises, known=known), np.arange(3))).hints == ()


def as_float64(value: Any) -> Any:
    return value.astype(np.float64) if isinstance(value, np.ndarray) else value
