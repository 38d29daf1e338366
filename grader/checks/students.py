"""The student's functions as a test sees them: callables whose answers come from somewhere else.

In: `invoke`, which carries a call to the student's code and brings back a record. Out: values, or a StudentFault.
Every call of a test is kept, with copies of its arguments: that history is what misconceptions are replayed over.
"""

import copy
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType, ModuleType
from typing import Any

from grader.checks.misconceptions import Misconception
from grader.errors import NotAttempted, StudentRaised, WorkerStopped
from grader.language import unwritten
from grader.records import CallReply, Confusion, Kept, Manner, Outcome, Question, Returned, StudentError, WorkerExit

Invoke = Callable[[str, tuple[Any, ...], dict[str, Any], Manner], CallReply]

_NO_REPLY = WorkerExit(outcome=Outcome.CRASHED, reason="sent what is not a reply")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What a public example's answer is looked up by."""

    key: str  # the hash of function and arguments
    decimals: int | None  # how many count; None: all


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMistake:
    """What a wrong answer proves."""

    id: str  # the misconception's: "flips_the_filter"
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is known of the answer to one public example, in hashes."""

    function: str
    right: str
    form: str  # of the right answer's shape and kind; "" where a ValueError is due
    kinds: str = ""  # what the right answer is made of, a letter each: "f", "tai"
    mistakes: Mapping[str, KnownMistake] = field(default_factory=dict)  # by the hash of its answer


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
    question: Question | None = None  # a trained model: its file and what its accuracy earns
    handed_in: bytes | None = None  # a trained model: the file
    models: Mapping[str, bytes | None] = field(default_factory=dict)  # of several: each file, by its name
    calls: list[Call] = field(default_factory=list)  # every call of this test, in order; searches are not among them
    remarks: list[str] = field(default_factory=list)  # what is told although, or where, the test passes
    confusion: Confusion | None = None  # of a trained model

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the student's function with copies of the arguments and return its value.

        Raises:
            NotAttempted: the function is missing, or still the stub's.
            StudentRaised: it raised.
            WorkerStopped: it ran out of time or memory, or crashed.
        """
        reply = self._ask(self.invoke, args, kwargs)
        if isinstance(reply, Returned) and isinstance(reply.value, Kept):
            reply = _NO_REPLY
        self.calls.append(Call(args=copy.deepcopy(args), kwargs=copy.deepcopy(kwargs), reply=reply))
        return value_of(self.name, reply)

    def keep(self, *args: Any, **kwargs: Any) -> Kept:
        """Call the student's function and leave its value in the worker; it raises as a call does.

        The arguments are neither copied nor remembered: a training's are large, and no mistake is replayed on them.
        """
        kept = value_of(self.name, self.invoke(self.name, args, kwargs, Manner.KEEP))
        if not isinstance(kept, Kept):  # a forged reply
            raise WorkerStopped(self.name, _NO_REPLY)
        return kept

    def viewed(self, view: Callable[[Any], Any]) -> "StudentFunction":
        """The same function, its values and all that they are compared with seen through `view`.

        For what the contract leaves open, as the dtype of a target. `view` gets whatever a student returned.
        """

        def invoke(name: str, args: tuple[Any, ...], kwargs: dict[str, Any], manner: Manner) -> CallReply:
            reply = self.invoke(name, args, kwargs, manner)
            return replace(reply, value=view(reply.value)) if isinstance(reply, Returned) else reply

        return replace(
            self,
            invoke=invoke,
            explore=None,
            reference=None if self.reference is None else _through(view, self.reference),
            misconceptions=tuple(
                replace(wrong, make=functools.partial(_made_through, view, wrong)) for wrong in self.misconceptions
            ),
        )

    def remark(self, sentence: str) -> None:
        """Tell the student something that is no mistake; it holds nothing of the test's inputs."""
        self.remarks.append(sentence)

    def note(self, evidence: Any) -> None:
        """Remember what a check found out about a value that stays in the worker, for recognisers to judge."""
        self.calls.append(Call(args=(), kwargs={}, reply=Returned(value=evidence)))

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
        return invoke(self.name, copy.deepcopy(args), copy.deepcopy(kwargs), Manner.CALL)


def _made_through(view: Callable[[Any], Any], wrong: Misconception) -> Callable[..., Any]:
    return _through(view, wrong.make())


def _through(view: Callable[[Any], Any], function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)  # its signature says which arguments a mistake takes
    def seen(*args: Any, **kwargs: Any) -> Any:
        return view(function(*args, **kwargs))

    return seen


def value_of(name: str, reply: CallReply) -> Any:
    """The value of a reply to a call of that function.

    Raises:
        NotAttempted, StudentRaised, WorkerStopped: there is none.
    """
    match reply:
        case Returned():
            return reply.value
        case StudentError() if reply.is_a("NotImplementedError"):
            raise NotAttempted(name, unwritten(reply.message) or f"{name} is not written yet")
        case StudentError():
            raise StudentRaised(name, reply)
        case WorkerExit():
            raise WorkerStopped(name, reply)


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
        questions: of the assignment.
        files: the models that were handed in, see `Question.files`.
        restart: gives later calls a process that has seen none.
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
        questions: Sequence[Question] = (),
        files: Mapping[str, bytes] = MappingProxyType({}),
        restart: Callable[[], object] = lambda: None,
    ) -> None:
        self._questions = {question.name: question for question in questions}
        self._files = files
        self._restart = restart
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
                question=self._questions.get(name),
                handed_in=self._files.get(name),
                models=self._models(name),
            )
        return self._functions[name]

    def _models(self, name: str) -> Mapping[str, bytes | None]:
        question = self._questions.get(name)
        return {file: self._files.get(key) for key, file in question.files.items()} if question is not None else {}


def support(student: Student, name: str, *args: Any, of: str) -> Any:
    """Call a function that stands beside the submission; what goes wrong there is `of`'s doing.

    Raises:
        StudentRaised, WorkerStopped: there is no value.
    """
    return value_of(of, student._invoke(name, args, {}, Manner.SUPPORT))


def restart(student: Student) -> None:
    """Give the test's later calls a process that has seen no call; nothing is kept."""
    student._restart()
