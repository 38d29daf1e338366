"""A student's function answers like a function, and keeps the history of its test."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from grader.checks.students import Student
from grader.errors import NotAttempted, StudentRaised, WorkerStopped
from grader.records import CallReply, Manner, Outcome, Returned, StudentError, WorkerExit
from tests.checks.functions import Array, softmax
from tests.checks.in_process import invoke_in_process, student_of, wrong


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
