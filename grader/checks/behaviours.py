"""What one side did with one call, in one form: the student, the reference and a misconception become comparable.

In: a CallReply, or a trusted function and arguments. Out: a Behaviour; two of them agree, or a Fault says how the
student's differs from the right one. Trusted functions get copies of the arguments, as the student does.
"""

import copy
import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader.checks.accuracy import Accuracy
from grader.checks.cases import same
from grader.checks.comparison import Difference, compare, describe_kind
from grader.checks.misconceptions import CODE_ERRORS
from grader.checks.printing import shorten, show_value
from grader.marks import T_
from grader.records import Returned, StudentError

# Exception types that a hidden test may name: one of so few says nothing about the arguments.
_NAMED = frozenset(
    (
        "ArithmeticError",
        "AssertionError",
        "AttributeError",
        "ImportError",
        "IndexError",
        "KeyError",
        "MemoryError",
        "ModuleNotFoundError",
        "NameError",
        "OverflowError",
        "RecursionError",
        "RuntimeError",
        "TypeError",
        "UnboundLocalError",
        "ValueError",
        "ZeroDivisionError",
    )
)

_DUE = "ValueError"  # the only exception that a handout asks for
_WARNING = RuntimeWarning  # NumPy's for what arithmetic does not come through


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """A value and the arguments that were changed on the way, or an exception instead of them."""

    value: Any = None
    changed: frozenset[str] = frozenset()  # "1" by position from 1, or "w" by keyword
    errors: tuple[str, ...] = ()  # the exception's built-in classes, nearest first; empty where a value came
    text: str = ""  # "ValueError: the message"
    warned: bool = False  # an overflow, a division by zero or the like was met on the way

    @property
    def error(self) -> str:
        """The kind of the exception, "" where there is none."""
        return self.errors[0] if self.errors else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with a student's behaviour."""

    kind: str  # a Difference's kind, "changed", "warned", "accepted", "raised TypeError"
    brief: str  # completes "conv2d ...": no value, shape or argument
    detail: str  # completes "conv2d(x (2, 3)) ..."
    margin: float = math.inf  # as of a Difference


def behaviour_of(reply: Returned | StudentError) -> Behaviour:
    """Read a student's reply."""
    if isinstance(reply, Returned):
        warned = _WARNING.__name__ in reply.warnings
        return Behaviour(value=reply.value, changed=frozenset(reply.changed), warned=warned)
    text = shorten(f"{reply.type_name}: {reply.message}" if reply.message else reply.type_name)
    return Behaviour(errors=reply.bases or (reply.type_name,), text=text)


def behave(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    *,
    caught: tuple[type[Exception], ...] = CODE_ERRORS,
) -> Behaviour:
    """Call a function of the course with copies of the arguments; other exceptions than `caught` come out."""
    own_args, own_kwargs = copy.deepcopy((args, dict(kwargs)))
    try:
        value = function(*own_args, **own_kwargs)
    except caught as error:
        bases = tuple(base.__name__ for base in type(error).__mro__ if base.__module__ == "builtins")
        return Behaviour(errors=bases, text=shorten(f"{type(error).__name__}: {error}"))
    changed = {
        str(position) for position, (now, was) in enumerate(zip(own_args, args, strict=True), 1) if not same(now, was)
    }
    changed |= {name for name, was in kwargs.items() if not same(own_kwargs[name], was)}
    return Behaviour(value=value, changed=frozenset(changed))


def behave_quietly(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Behaviour:
    """As `behave`, for wrong functions and odd arguments: a warning (an overflow, say) is noted, as a worker does."""
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        behaviour = behave(function, args, kwargs)
    return replace(behaviour, warned=any(issubclass(each.category, _WARNING) for each in caught))


def agree(got: Behaviour, model: Behaviour, accuracy: Accuracy, *, silent: bool = False) -> bool:
    """Whether a student behaves as a trusted function does, right or wrong: the tolerance is from the trusted side.

    Warnings are compared only where silence is due: a student may have turned them off, and is no other for that.
    """
    if got.errors or model.errors:
        return got.error == model.error
    if got.changed != model.changed or (silent and got.warned != model.warned) or not _comparable(model.value):
        return False
    return compare(got.value, model.value, accuracy, same_nan=True) is None


def find_fault(got: Behaviour, right: Behaviour, accuracy: Accuracy, *, silent: bool = False) -> Fault | None:
    """Say what is wrong with a behaviour, or None; `silent`: a warning is wrong, too.

    Raises:
        BrokenCheckError: the right value is none that could be compared.
    """
    if right.errors:
        return _error_fault(got)
    if got.errors:
        kind, message = got.error if got.error in _NAMED else "an exception", got.text
        return Fault(
            kind=f"raised {got.error}", brief=f"raised {kind}.", detail=f"is to return a value, but raised {message}"
        )
    difference = compare(got.value, right.value, accuracy)
    changed = [f"argument {name}" if name.isdecimal() else name for name in sorted(got.changed - right.changed)]
    if difference is not None:
        return Fault(
            kind=difference.kind,
            brief=f"returned {_brief(difference)}",
            detail=f"returned {_detail(difference)}",
            margin=difference.margin,
        )
    if changed:
        return Fault(
            kind="changed",
            brief="changed one of its arguments.",
            detail=f"changed its argument {', '.join(f'`{name}`' for name in changed)}; arguments stay as they are.",
        )
    if silent and got.warned:
        return Fault(
            kind="warned",
            brief=f"raised a {_WARNING.__name__}.",
            detail=f"returned the right value, but raised a {_WARNING.__name__} on the way; none is due.",
        )
    return None


def _error_fault(got: Behaviour) -> Fault | None:
    """The fault where the reference refuses the arguments."""
    if _DUE in got.errors:
        return None
    if not got.errors:
        return Fault(
            kind="accepted",
            brief=f"did not raise {_DUE} for impossible arguments.",
            detail=f"accepted arguments that are impossible and returned {_shown(got.value)}; {_DUE} is due.",
        )
    kind, message = got.error if got.error in _NAMED else "another exception", got.text
    return Fault(
        kind=f"raised {got.error}",
        brief=f"raised {kind} for impossible arguments, where {_DUE} is due.",
        detail=f"is to raise {_DUE}, as these arguments are impossible, but raised {message}",
    )


def _brief(difference: Difference) -> str:
    return difference.brief if difference.brief.endswith("?") else f"{difference.brief}."


def _detail(difference: Difference) -> str:
    text = f"{difference.got}{difference.where}, expected {difference.expected}."
    return f"{text} {difference.note}" if difference.note else text


def _shown(value: Any) -> str:
    plain = value is None or isinstance(value, bool | int | float | complex | str | np.number | np.bool_)
    return show_value(value) if plain else describe_kind(value)


def _comparable(value: Any) -> bool:
    """Whether `compare` takes this as an expected value."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biufc"
    if isinstance(value, list | tuple):
        return all(map(_comparable, value))
    if isinstance(value, dict):
        return all(map(_comparable, value.values()))
    return value is None or isinstance(value, bool | int | float | complex | str | bytes | np.number | np.bool_)


# As they are put together above.
_WHOLE = (
    T_("returned a number of the wrong type: {kind} is due"),
    T_("returned {got} at {index}, expected {expected}."),
    T_("returned {got}, expected {expected}."),
    T_("returned nothing (None), expected {expected}."),
    T_("returned nothing: is there a `return`?"),
)
