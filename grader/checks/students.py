"""The student's functions as a test sees them: callables whose answers come from somewhere else.

In: `invoke`, which carries a call to the student's code and brings back a record. Out: values, or a StudentFault.
Every call of a test is kept, with copies of its arguments: that history is what misconceptions are replayed over.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

from grader.checks.misconceptions import Misconception
from grader.errors import NotAttempted, StudentRaised, WorkerStopped
from grader.records import CallReply, Returned, StudentError, WorkerExit

Invoke = Callable[[str, tuple[Any, ...], dict[str, Any]], CallReply]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What a public example's answer is looked up by."""

    key: str  # the hash of function and arguments
    decimals: int | None  # how many count; None: all


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is known of the answer to one public example, in hashes."""

    function: str
    right: str
    form: str  # of the right answer's shape and kind; "" where a ValueError is due
    kinds: str = ""  # what the right answer is made of, a letter each: "f", "tai"
    hints: Mapping[str, str] = field(default_factory=dict)  # hash of a known mistake's answer -> its hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a student's function and what came back."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    reply: CallReply
    silent: bool = False  # the test asked for a call without a warning
    example: Example | None = None  # `check_answer` made it


@dataclass(slots=True, kw_only=True)
class StudentFunction:
    """One function of the submission, for the length of one test."""

    name: str
    invoke: Invoke
    reference: Callable[..., Any] | None  # the right function of the same name; None in a student's kit
    misconceptions: tuple[Misconception, ...]  # of this function
    visible: bool  # the student may see this test's arguments
    explore: Invoke | None = None  # answers calls of a search in a fresh process; None: `invoke` does
    answers: Mapping[str, Answer] | None = None  # by an Example's key; None: the reference is asked instead
    budget: int = 40  # calls that a search may still spend
    calls: list[Call] = field(default_factory=list)  # every call of this test, in order; searches are not among them

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the student's function with copies of the arguments and return its value.

        Raises:
            NotAttempted: the function is missing, or still the stub's.
            StudentRaised: it raised.
            WorkerStopped: it ran out of time or memory, or crashed.
        """
        reply = self._ask(self.invoke, args, kwargs)
        self.calls.append(Call(args=copy.deepcopy(args), kwargs=copy.deepcopy(kwargs), reply=reply))
        match reply:
            case Returned():
                return reply.value
            case StudentError() if reply.is_a("NotImplementedError"):
                raise NotAttempted(self.name, reply.message or f"{self.name} is not written yet")
            case StudentError():
                raise StudentRaised(self.name, reply)
            case WorkerExit():
                raise WorkerStopped(self.name, reply)

    def mark_example(self, example: Example) -> None:
        """Note that the last call asked for a public example's answer."""
        self.calls[-1] = replace(self.calls[-1], example=example)

    def probe(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Returned | StudentError | None:
        """Ask once more on behalf of a search; None when the budget is spent or the worker has ended."""
        if self.budget <= 0:
            return None
        self.budget -= 1
        reply = self._ask(self.explore or self.invoke, args, kwargs)
        if isinstance(reply, WorkerExit):
            self.budget = 0  # nobody is left to answer
            return None
        return reply

    def _ask(self, invoke: Invoke, args: tuple[Any, ...], kwargs: dict[str, Any]) -> CallReply:
        return invoke(self.name, copy.deepcopy(args), copy.deepcopy(kwargs))


class Student:
    """A submission in one test: `student.conv2d` is its function of that name.

    Args:
        invoke: carries (name, args, kwargs) to the student's code. It may raise NotAttempted for a missing function.
        reference: the module with the right functions; None where there is none (public tests).
        misconceptions: of all functions of the assignment.
        visible: the student may see this test's arguments.
        explore: as `invoke`, but in a process that has seen no call of this test; None: `invoke` is used.
        answers: hashes of the public examples' answers; None where the reference is asked.
        budget: calls per function that a search for a smaller failing case may spend.
    """

    def __init__(
        self,
        invoke: Invoke,
        reference: ModuleType | None,
        misconceptions: Sequence[Misconception],
        *,
        visible: bool,
        explore: Invoke | None = None,
        answers: Mapping[str, Answer] | None = None,
        budget: int = 40,
    ) -> None:
        self._invoke = invoke
        self._reference = reference
        self._misconceptions = tuple(misconceptions)
        self._visible = visible
        self._explore = explore
        self._answers = answers
        self._budget = budget
        self._functions: dict[str, StudentFunction] = {}

    @property
    def functions(self) -> tuple[StudentFunction, ...]:
        """Those that the test has called, or looked at."""
        return tuple(self._functions.values())

    def __getattr__(self, name: str) -> StudentFunction:
        if name.startswith("_"):  # pytest and copy look for such names; no question has one
            raise AttributeError(name)
        if name not in self._functions:
            self._functions[name] = StudentFunction(
                name=name,
                invoke=self._invoke,
                reference=getattr(self._reference, name, None),
                misconceptions=tuple(wrong for wrong in self._misconceptions if wrong.function == name),
                visible=self._visible,
                explore=self._explore,
                answers=self._answers,
                budget=self._budget,
            )
        return self._functions[name]
