"""A student without a sandbox: Python functions called in this process, answering with the records of a worker."""

import copy
import traceback
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

from grader.checks.cases import same
from grader.checks.misconceptions import Misconception
from grader.checks.students import Invoke, Student, StudentFunction
from grader.errors import CheckFailed
from grader.records import CallReply, Frame, Manner, Returned, StudentError, WorkerExit


class WorkerDied(Exception):  # noqa: N818 - what a test raises in place of a function that ends its worker
    """Ends the call with this WorkerExit."""

    def __init__(self, exit: WorkerExit) -> None:
        super().__init__(exit.reason)
        self.exit = exit


def invoke_in_process(functions: dict[str, Callable[..., Any]], count: list[str] | None = None) -> Invoke:
    """Answer calls as a worker does: values, changed arguments, warnings, exceptions as data."""

    def invoke(name: str, args: tuple[Any, ...], kwargs: dict[str, Any], manner: Manner = Manner.CALL) -> CallReply:
        if count is not None:
            count.append(name)
        before = copy.deepcopy((args, kwargs))
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                value = functions[name](*args, **kwargs)
        except WorkerDied as died:
            return died.exit
        except Exception as error:  # noqa: BLE001 - the border: whatever the function raises is data
            frames = traceback.extract_tb(error.__traceback__)[1:]
            return StudentError(
                type_name=type(error).__name__,
                message=str(error),
                bases=tuple(base.__name__ for base in type(error).__mro__ if base.__module__ == "builtins"),
                frames=tuple(Frame(line=at.lineno or 0, function=at.name, text=at.line or "") for at in frames),
            )
        changed = [str(i) for i, (now, was) in enumerate(zip(args, before[0], strict=True), 1) if not same(now, was)]
        changed += [key for key, was in before[1].items() if not same(kwargs[key], was)]
        return Returned(value=value, changed=tuple(changed), warnings=tuple(each.category.__name__ for each in caught))

    return invoke


def student_of(
    function: Callable[..., Any],
    *,
    reference: Callable[..., Any] | None,
    misconceptions: tuple[Misconception, ...] = (),
    visible: bool = False,
    name: str = "f",
    fresh: Callable[[], Callable[..., Any]] | None = None,
    budget: int = 40,
    count: list[str] | None = None,
) -> StudentFunction:
    """A StudentFunction around a Python function; `fresh` makes one without memory for each exploring call."""
    module = ModuleType("reference")
    if reference is not None:
        setattr(module, name, reference)
    explore = None
    if fresh is not None:

        def explore(name: str, args: tuple[Any, ...], kwargs: dict[str, Any], manner: Manner) -> CallReply:
            return invoke_in_process({name: fresh()})(name, args, kwargs, manner)

    student = Student(
        invoke_in_process({name: function}, count),
        module,
        misconceptions,
        visible=visible,
        explore=explore,
        budget=budget,
    )
    found: StudentFunction = getattr(student, name)
    return found


def wrong(call: Callable[..., Any], hint: str, *, function: str = "f") -> Misconception:
    """A misconception without memory."""
    return Misconception(id=call.__name__, function=function, hint=hint, make=lambda: call)


def failure_of(act: Callable[[], Any]) -> CheckFailed:
    """The CheckFailed that this raises."""
    try:
        act()
    except CheckFailed as failed:
        return failed
    raise AssertionError("nothing was found wrong")
