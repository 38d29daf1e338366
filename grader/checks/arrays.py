"""What a test says about a student's function: `check`, `check_error`, `check_equal`, `require`.

In: a StudentFunction and arguments, or values. Out: nothing, or CheckFailed with a sentence that gives no argument
away, the details, and a hint that is proven. A fault of the test or of the reference leaves as another exception:
it is never the student's loss.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from grader.checks.accuracy import Accuracy, accuracy_of
from grader.checks.behaviours import Behaviour, behave, behaviour_of, find_fault
from grader.checks.comparison import BrokenCheckError, compare
from grader.checks.diagnosis import diagnose
from grader.checks.pictures import picture_call, picture_values
from grader.checks.printing import describe_call, name_positions
from grader.checks.shrink import describe_smaller, shrink
from grader.checks.students import StudentFunction
from grader.errors import CheckFailed, StudentRaised
from grader.marks import T_
from grader.records import Picture, Returned, StudentError, WorkerExit


def check(
    function: StudentFunction, /, *args: Any, terms: int | None = None, silent: bool = False, **kwargs: Any
) -> None:
    """Call the student and the reference with equal copies of the arguments and compare what they do.

    Type, shape, dtype, finiteness and values must agree, and the arguments must stay unchanged. Where the reference
    raises ValueError, the student must too. On a difference the misconceptions are tried on the same calls.

    Args:
        function: `student.<name>`.
        args: positional arguments of both.
        terms: length of the longest sum behind a result, for the tolerance (see `accuracy`); None takes the size of
            the largest array argument. It is not passed on.
        silent: a RuntimeWarning during the call (an overflow, a division by zero) is wrong, too. It is not passed on.
        kwargs: keyword arguments of both.

    Raises:
        CheckFailed: the student's answer is wrong.
        NotAttempted, WorkerStopped: there is no answer.
        BrokenCheckError: there is no reference, or its value cannot be compared.
    """
    right = behave(_reference_of(function), args, kwargs, caught=(ValueError,))
    _judge(function, args, kwargs, right, accuracy_of(args, kwargs, terms=terms), silent=silent)


def check_error(function: StudentFunction, /, *args: Any, **kwargs: Any) -> None:
    """Assert that the student raises ValueError on arguments on which the reference does.

    Raises:
        CheckFailed: the student returned a value or raised another exception.
        NotAttempted, WorkerStopped: there is no answer.
        BrokenCheckError: the reference accepts these arguments.
    """
    right = behave(_reference_of(function), args, kwargs, caught=(ValueError,))
    if not right.errors:
        raise BrokenCheckError(
            f"the reference accepts {describe_call(function.name, function.reference, args, kwargs)}"
        )
    _judge(function, args, kwargs, right, accuracy_of(args, kwargs))


def check_equal(got: Any, expected: Any, *, what: str = "the result", terms: int = 1) -> None:
    """Compare a value with a known one: a number of the lecture, or the other side of a law.

    An expected NumPy array asks for its dtype too; a list of numbers only for shape and values. The numbers are taken
    to be of order 1 or more: both sides of a law may cancel to 0.

    Args:
        got: what came from the student.
        expected: the known value.
        what: names the value, without giving it away: "the convolution of a sum".
        terms: length of the longest sum behind either side.

    Raises:
        CheckFailed: they differ.
        BrokenCheckError: the expected value cannot be compared.
    """
    same_dtype = isinstance(expected, np.ndarray)
    if isinstance(expected, list) and isinstance(got, np.ndarray) and _holds_numbers(expected):
        expected = np.array(expected)
    single = isinstance(got, np.ndarray | np.generic) and got.dtype in (np.float32, np.complex64)
    accuracy = Accuracy(terms=terms, magnitude=1.0, dtype=np.dtype(np.float32) if single else None)
    difference = compare(got, expected, accuracy, same_dtype=same_dtype)
    if difference is not None:
        text = f"{what} is {difference.got}{difference.where}, expected {difference.expected}. {difference.note}"
        end = "" if difference.brief.endswith("?") else "."
        pictures = picture_values(got, expected, accuracy, same_dtype=same_dtype)
        raise CheckFailed(f"{what}: {difference.brief}{end}", detail=text.rstrip(), pictures=pictures, bare=True)


def require(condition: Any, sentence: str) -> None:
    """Assert a fact; `sentence` holds no value, shape or argument of the test."""
    if not condition:
        raise CheckFailed(sentence, bare=True)


def _reference_of(function: StudentFunction) -> Any:
    if function.reference is None:
        raise BrokenCheckError(
            f"there is no reference for `{function.name}` here: a public test compares with `check_equal` or `require`"
        )
    return function.reference


def _judge(
    function: StudentFunction,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    right: Behaviour,
    accuracy: Accuracy,
    *,
    silent: bool = False,
) -> None:
    """Call the student; raise CheckFailed with everything that can be said where the behaviour is not right."""
    cause: StudentRaised | None = None
    try:
        function(*args, **kwargs)
    except StudentRaised as raised:  # perhaps rightly so
        cause = raised
    function.calls[-1] = replace(function.calls[-1], silent=silent)
    reply = function.calls[-1].reply
    assert not isinstance(reply, WorkerExit)  # it raised WorkerStopped
    fault = find_fault(behaviour_of(reply), right, accuracy, silent=silent)
    if fault is None:
        return
    diagnosis = diagnose(function, right, accuracy)
    told = name_positions(fault.detail, function.reference, args, kwargs) if fault.kind == "changed" else fault.detail
    detail = [f"{describe_call(function.name, function.reference, args, kwargs)} {told}"]
    if function.visible and not right.errors:
        smaller = shrink(function, fault, diagnosis.proven)
        if smaller is not None:
            detail.append(describe_smaller(function, smaller))
    if len(diagnosis.fitting) > 1 and not diagnosis.hints:
        detail.append(f"These arguments do not tell apart: {', '.join(diagnosis.fitting)}.")
    raise CheckFailed(
        f"{function.name} {fault.brief}",
        detail="\n".join(detail),
        hints=diagnosis.hints,
        candidates=diagnosis.fitting,
        margin=fault.margin,
        pictures=_pictures(function, args, kwargs, reply, right, accuracy),
    ) from cause


def _pictures(
    function: StudentFunction,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    reply: Returned | StudentError,
    right: Behaviour,
    accuracy: Accuracy,
) -> tuple[Picture, ...]:
    if right.errors or not isinstance(reply, Returned):
        return ()
    return picture_call(function.reference, args, kwargs, reply.value, right.value, accuracy)


def _holds_numbers(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_holds_numbers, value))
    return isinstance(value, bool | int | float | complex | np.number | np.bool_)


# As they are put together above.
_WHOLE = (
    T_("{what} is {got} at {index}, expected {expected}."),
    T_("{what} is {got}, expected {expected}."),
    T_("{what} is nothing (None), expected {expected}."),
)
