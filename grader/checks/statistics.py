"""Checks of random functions: values, rates, independence and seeds, whatever the way in which they draw.

In: a StudentFunction and what it drew. Out: nothing, or CheckFailed with a sentence without data and a hint, where a
misconception's recogniser knows the mistake in the calls of this test.
The rule: a check that chance can fail says how often it fails a right function, computed from the exact binomial
distribution; one million such checks fail one. Nothing here draws: the test's seed gives the arguments, they give the
student's draws, so a failure replays.

The student's source is not seen from here, only answers are, and whether a call changed the state of a global generator
(`check_private`). A generator of the submission's own that outlives a call shows when calls with one seed and other
calls in between do not agree (`check_repeats`).
"""

from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

import numpy as np

from grader.checks.accuracy import accuracy_of
from grader.checks.behaviours import Behaviour, behaviour_of, find_fault
from grader.checks.binomial import binomial_bounds, binomial_tail, chance_of_the_mean
from grader.checks.cases import same
from grader.checks.comparison import BrokenCheckError, compare
from grader.checks.diagnosis import diagnose_by_property
from grader.checks.printing import describe_call, name_positions
from grader.checks.students import StudentFunction
from grader.errors import CheckFailed, StudentRaised
from grader.marks import T_
from grader.records import Returned, WorkerExit

FALSE_ALARM = 1e-6  # how often a right function fails a check, at most

_Array = np.ndarray[Any, Any]

# --- facts: chance has no part in these ----------------------------------------


def ask(function: StudentFunction, /, *args: Any, **kwargs: Any) -> Any:
    """Call the student and return the value; where it raised, look for the hint that explains it.

    Raises:
        CheckFailed: it raised, and a misconception is recognised in that.
        StudentRaised, NotAttempted, WorkerStopped: there is no answer.
    """
    try:
        return function(*args, **kwargs)
    except StudentRaised as raised:
        fault = find_fault(behaviour_of(raised.error), Behaviour(), accuracy_of(args, kwargs))
        if fault is None or not diagnose_by_property(function).fitting:
            raise
        _fail(function, f"{function.name} {fault.brief}", detail=fault.detail, cause=raised)


def check_fact(function: StudentFunction, holds: Any, sentence: str, *, detail: str = "") -> None:
    """Assert a fact about the answers of this test.

    Args:
        function: gave the answers; its misconceptions are looked for.
        holds: the fact.
        sentence: the fact in words, without value, shape or argument.
        detail: what is told besides where the student may see the arguments.

    Raises:
        CheckFailed: it does not hold.
    """
    if not holds:
        _fail(function, sentence, detail=detail)


def check_part(function: StudentFunction, got: Any, expected: Any, *, what: str) -> None:
    """Compare a part of the last answer with what follows from its other parts: values from the student's own mask.

    Args:
        function: gave the answer.
        got: the part.
        expected: the right one; type, shape, dtype and values count.
        what: names the part, without giving it away: "the values".

    Raises:
        CheckFailed: they differ.
        BrokenCheckError: the expected value cannot be compared.
    """
    last = function.calls[-1]
    difference = compare(got, expected, accuracy_of(last.args, last.kwargs))
    if difference is not None:
        end = "" if difference.brief.endswith("?") else "."
        told = f"{what}: {difference.got}{difference.where}, expected {difference.expected}. {difference.note}"
        _fail(function, f"{what}: {difference.brief}{end}", detail=told.rstrip())


def check_unchanged(function: StudentFunction) -> None:
    """Assert that the last call left its arguments as they were.

    Raises:
        CheckFailed: it changed one.
    """
    reply = function.calls[-1].reply
    if isinstance(reply, Returned) and reply.changed:
        named = ", ".join(f"`argument {name}`" if name.isdecimal() else f"`{name}`" for name in sorted(reply.changed))
        brief = f"{function.name} changed one of its arguments."
        _fail(function, brief, detail=f"It changed its argument {named}; arguments stay as they are.")


def check_private(function: StudentFunction) -> None:
    """Assert that no call of this test changed a global generator, NumPy's or Python's.

    Raises:
        CheckFailed: one did.
    """
    replies = [call.reply for call in function.calls if isinstance(call.reply, Returned)]
    touched = sorted({name for reply in replies for name in reply.touched})
    if touched:
        brief = f"{function.name} changed the state of a global generator."
        _fail(function, brief, detail=f"It changed the state of {' and '.join(touched)}, which everybody shares.")


def check_repeats(function: StudentFunction, one: Any, other: Any) -> None:
    """Assert that two calls with the same arguments, the seed among them, gave the same.

    Let other calls lie between the two: a generator that is kept shows only then.

    Raises:
        CheckFailed: they differ. No right function fails this.
    """
    check_fact(function, same(one, other), "Two calls with the same seed, and the same arguments, differ.")


# --- chance: each check fails a right function at most once in 1 / false_alarm -------


def check_rate(
    function: StudentFunction, draws: Sequence[_Array], p: float, *, false_alarm: float = FALSE_ALARM
) -> None:
    """Assert that the share of ones is what independent draws with probability p give.

    The number of ones among all n values of the draws is held against the exact bounds of Binomial(n, p). A right
    function fails with a probability of at most `false_alarm`.

    Args:
        function: drew them.
        draws: arrays of 0 and 1, from calls with different seeds.
        p: the probability of a 1.
        false_alarm: split over the two sides.

    Raises:
        CheckFailed: too many or too few ones, or other values.
    """
    values = _pool(function, draws)
    ones, n = int(values.sum()), values.size
    low, high = binomial_bounds(n, p, false_alarm)
    check_fact(
        function,
        low <= ones <= high,
        f"The share of ones does not fit their probability {_odds(false_alarm)}.",
        detail=f"{ones} of {n} values are 1; at probability {p:.6g} there are {low} to {high} {_odds(false_alarm)}.",
    )


def check_independent(
    function: StudentFunction, draws: Sequence[_Array], p: float, *, false_alarm: float = FALSE_ALARM
) -> None:
    """Assert that the values of an array do not hang together, nor those of arrays of different seeds.

    Pairs of values are compared: neighbours, and values half an axis apart, along every axis; the same positions of
    different arrays. In each of these looks no value is in two pairs, so the pairs that agree are Binomial with
    p² + (1-p)² exactly. A right function fails with a probability of at most `false_alarm`, split over the looks.

    Args:
        function: drew them.
        draws: arrays of 0 and 1 of one shape, from calls with different seeds.
        p: the probability of a 1, neither 0 nor 1.
        false_alarm: of the whole check.

    Raises:
        CheckFailed: pairs agree too often or too rarely, or there are other values than 0 and 1.
    """
    _pool(function, draws)
    looks = list(_pairs(np.stack([np.asarray(draw, dtype=np.int64) for draw in draws])))
    for where, agree in looks:
        low, high = binomial_bounds(agree.size, p * p + (1 - p) * (1 - p), false_alarm / len(looks))
        equal = int(agree.sum())
        check_fact(
            function,
            low <= equal <= high,
            f"The draws are not independent: values {where} hang together {_odds(false_alarm)}.",
            detail=f"{equal} of {agree.size} pairs {where} agree; independent ones {low} to {high} times.",
        )


def check_spread(
    function: StudentFunction, draws: Sequence[_Array], p: float, *, false_alarm: float = FALSE_ALARM
) -> None:
    """Assert that the number of ones varies: independent draws do not hit p·n each time.

    Of all arrays, as many may hit the one or two whole numbers next to p·n as a Binomial allows. A right function fails
    with a probability of at most `false_alarm`.

    Args:
        function: drew them.
        draws: arrays of 0 and 1 of one size, from calls with different seeds.
        p: the probability of a 1, neither 0 nor 1.
        false_alarm: of the whole check.

    Raises:
        CheckFailed: the numbers hardly vary, or there are other values than 0 and 1.
        BrokenCheckError: so few draws prove nothing.
    """
    ones = _pool(function, draws).reshape(len(draws), -1).sum(axis=1)
    n = draws[0].size
    hit = chance_of_the_mean(n, p)
    if hit ** len(draws) > false_alarm:
        raise BrokenCheckError(f"{len(draws)} arrays of {n} values may all hold p·n ones by chance: draw more of them")
    hits = int(np.sum(np.abs(ones - n * p) < 1))
    check_fact(
        function,
        binomial_tail(len(draws), hit, hits) > false_alarm,
        f"The number of ones hardly varies from draw to draw {_odds(false_alarm)}.",
        detail=f"{hits} of {len(draws)} arrays of {n} values hold {n * p:.6g} ones; chance gives {100 * hit:.0f} %.",
    )


def check_distinct(
    function: StudentFunction, draws: Sequence[_Array], p: float, *, false_alarm: float = FALSE_ALARM
) -> None:
    """Assert that different seeds give different draws: no two arrays are equal.

    Two right arrays of n values are equal with probability (p² + (1-p)²)^n; the sum over the pairs is at most
    `false_alarm`.

    Args:
        function: drew them.
        draws: arrays of 0 and 1, one for each seed.
        p: the probability of a 1.
        false_alarm: of the whole check.

    Raises:
        CheckFailed: two are equal.
        BrokenCheckError: they would be by chance more often than `false_alarm` says.
    """
    pairs = len(draws) * (len(draws) - 1) // 2
    n = min(draw.size for draw in draws)
    if pairs * (p * p + (1 - p) * (1 - p)) ** n > false_alarm:
        raise BrokenCheckError(f"arrays of {n} values may be equal by chance: draw larger ones")
    equal = any(np.array_equal(one, other) for i, one in enumerate(draws) for other in draws[:i])
    check_fact(function, not equal, f"Different seeds give the same draws {_odds(false_alarm)}.")


# --- what the checks share -----------------------------------------------------------


def _pool(function: StudentFunction, draws: Sequence[_Array]) -> _Array:
    """All values in one row, which must be 0 or 1."""
    values = np.concatenate([np.ravel(draw) for draw in draws])
    check_fact(function, np.isin(values, (0, 1)).all(), "The draws are not all 0 or 1.")
    return np.asarray(values.astype(np.int64))


def _pairs(stack: _Array) -> Iterator[tuple[str, _Array]]:
    """Which pairs agree, look by look; axis 0 counts the calls."""
    for axis in range(stack.ndim):
        along = np.moveaxis(stack, axis, 0)
        half = len(along) // 2
        if half:
            where = "side by side along an axis" if axis else "of different seeds"
            yield where, along[0 : 2 * half : 2] == along[1 : 2 * half : 2]
        if axis and half > 1:
            yield "half an axis apart", along[:half] == along[half : 2 * half]


def _odds(false_alarm: float) -> str:
    return f"(a right function fails here by chance less than once in {round(1 / false_alarm):,})"


def _fail(function: StudentFunction, brief: str, *, detail: str = "", cause: BaseException | None = None) -> NoReturn:
    last = function.calls[-1]
    assert not isinstance(last.reply, WorkerExit)  # it raised WorkerStopped
    diagnosis = diagnose_by_property(function)
    call = describe_call(function.name, function.reference, last.args, last.kwargs)
    told = [f"{call}: {name_positions(detail or brief, function.reference, last.args, last.kwargs)}"]
    if len(diagnosis.fitting) > 1 and not diagnosis.hints:
        told.append(f"These calls do not tell apart: {', '.join(diagnosis.fitting)}.")
    raise CheckFailed(brief, detail="\n".join(told), hints=diagnosis.hints, candidates=diagnosis.fitting) from cause


# As they are put together above.
_WHOLE = (
    T_("{what}: {got} at {index}, expected {expected}."),
    T_("{what}: {got}, expected {expected}."),
)
