"""Which known mistake a wrong answer proves, if it proves one.

In: a student's function with the history of this test, and the right behaviour of its last call. Out: a Diagnosis.
The rule: a hint is claimed only where one misconception's behaviour on every call of the test is the student's, and
is wrong on the last. Where several fit, a few further calls on other arguments try to tell them apart; where the
answer is so small that it could fit by chance, they confirm. What is still not told apart is not claimed.
A mistake in a random function is known by a property of the answers instead: its recogniser answers for all of that.
"""

import inspect
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.checks.accuracy import Accuracy, accuracy_of
from grader.checks.behaviours import Behaviour, agree, behave_quietly, behaviour_of, find_fault
from grader.checks.cases import Case, variations
from grader.checks.misconceptions import CODE_ERRORS, Misconception
from grader.checks.students import Call, StudentFunction
from grader.records import Returned, WorkerExit

_CALLS_TO_TELL_APART = 6
_CALLS_TO_CONFIRM = 2
_THIN = 4  # an answer of so few numbers may be another mistake's by chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """The misconceptions that fit, and the hint where it is only one."""

    hints: tuple[str, ...] = ()  # one or none
    fitting: tuple[str, ...] = ()  # ids
    proven: Misconception | None = None


def diagnose(function: StudentFunction, right: Behaviour, accuracy: Accuracy) -> Diagnosis:
    """Find the misconceptions that behave as the student did on all calls of this test.

    Args:
        function: its last call is the wrong one.
        right: the reference's behaviour on the last call.
        accuracy: of the last call.
    """
    fitting = [wrong for wrong in function.misconceptions if _fits(wrong, function.calls, right, accuracy)]
    if any(wrong.recognise is not None for wrong in fitting):
        pass  # other draws of a random function prove nothing about these
    elif _hints(fitting) > 1:
        fitting = _tell_apart(function, fitting, calls=_CALLS_TO_TELL_APART)
    elif fitting and _is_thin(function.calls[-1]):
        fitting = _tell_apart(function, fitting, calls=_CALLS_TO_CONFIRM)
    return _conclude(fitting)


def diagnose_by_property(function: StudentFunction) -> Diagnosis:
    """Find the misconceptions whose recogniser knows them in the calls of this test; there is no right answer."""
    return _conclude([wrong for wrong in function.misconceptions if _is_recognised(wrong, function.calls)])


def replay(wrong: Misconception, earlier: Sequence[Call], case: Case) -> Behaviour | None:
    """What a misconception does with a case after the earlier calls; None where it does not take such arguments."""
    call = wrong.make()
    try:
        inspect.signature(call).bind(*case.args, **case.kwargs)
    except TypeError:  # else its own TypeError would pass for the student's
        return None
    if wrong.stateful:
        for before in earlier:
            behave_quietly(call, before.args, before.kwargs)
    return behave_quietly(call, case.args, case.kwargs)


def _conclude(fitting: Sequence[Misconception]) -> Diagnosis:
    ids = tuple(wrong.id for wrong in fitting)
    if _hints(fitting) != 1:
        return Diagnosis(fitting=ids)
    return Diagnosis(hints=(fitting[0].hint,), fitting=ids, proven=fitting[0])


def _is_recognised(wrong: Misconception, calls: Sequence[Call]) -> bool:
    if wrong.recognise is None or any(isinstance(call.reply, WorkerExit) for call in calls):
        return False
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return bool(wrong.recognise(calls))
        except CODE_ERRORS:  # a student may return anything: what cannot be looked at does not have the property
            return False


def _fits(wrong: Misconception, calls: Sequence[Call], right: Behaviour, accuracy: Accuracy) -> bool:
    """Whether a misconception behaves as the student on every call; the last is tried first, as it refutes most."""
    if wrong.recognise is not None:
        return _is_recognised(wrong, calls)
    for index in range(len(calls) - 1, -1, -1):
        call = calls[index]
        if isinstance(call.reply, WorkerExit):
            return False
        last = index == len(calls) - 1
        measure = accuracy if last else accuracy_of(call.args, call.kwargs)
        model = replay(wrong, calls[:index], Case(args=call.args, kwargs=call.kwargs))
        got = behaviour_of(call.reply)
        # Who turned warnings off and is wrong all the same made the mistake nevertheless.
        if model is None or not agree(got, model, measure, silent=call.silent and (got.warned or not last)):
            return False
        if last and find_fault(model, right, measure, silent=call.silent) is None:
            return False
    return True


def _tell_apart(function: StudentFunction, fitting: list[Misconception], *, calls: int) -> list[Misconception]:
    """Keep those that still behave as the student on arguments where they, or they and the reference, differ."""
    last = function.calls[-1]
    silent = last.silent and isinstance(last.reply, Returned) and behaviour_of(last.reply).warned
    # Calls in a fresh process know nothing of the test's earlier ones; calls in the same process follow them.
    earlier = [] if function.explore else list(function.calls)
    asked = 0
    for case in variations(Case(args=last.args, kwargs=last.kwargs)):
        if asked == calls or not fitting:
            break
        accuracy = accuracy_of(case.args, case.kwargs)
        models = _models(function, fitting, earlier, case, accuracy, silent=silent)
        if models is None:
            continue
        reply = function.probe(case.args, case.kwargs)
        if reply is None:
            break
        asked += 1
        got = behaviour_of(reply)
        fitting = [
            wrong
            for wrong, model in zip(fitting, models, strict=True)
            if model and agree(got, model, accuracy, silent=silent)
        ]
        if not function.explore:
            earlier.append(Call(args=case.args, kwargs=case.kwargs, reply=reply))
        if asked >= _CALLS_TO_CONFIRM and _hints(fitting) <= 1:
            break
    return fitting


def _models(
    function: StudentFunction,
    fitting: list[Misconception],
    earlier: list[Call],
    case: Case,
    accuracy: Accuracy,
    *,
    silent: bool,
) -> list[Behaviour | None] | None:
    """What each misconception does with a case; None where the case is impossible or shows nothing."""
    assert function.reference is not None  # there would be no right behaviour to differ from
    right = behave_quietly(function.reference, case.args, case.kwargs)
    if right.errors or not _is_finite(right.value):
        return None
    models = [replay(wrong, earlier, case) for wrong in fitting]
    first = models[0] if _hints(fitting) > 1 else right
    if first is None or all(model is not None and agree(model, first, accuracy, silent=silent) for model in models):
        return None
    return models


def _hints(fitting: Sequence[Misconception]) -> int:
    return len({wrong.hint for wrong in fitting})


def _is_thin(call: Call) -> bool:
    """Whether the wrong answer holds so little that it may be another mistake's too."""
    assert not isinstance(call.reply, WorkerExit)
    got = behaviour_of(call.reply)
    return bool(got.errors) or _count_numbers(got.value) <= _THIN


def _count_numbers(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return int(value.size)
    if isinstance(value, list | tuple):
        return sum(map(_count_numbers, value))
    if isinstance(value, dict):
        return sum(map(_count_numbers, value.values()))
    return 1


def _is_finite(value: Any) -> bool:
    """Whether a right value may be compared: no NaN in it."""
    if isinstance(value, list | tuple):
        return all(map(_is_finite, value))
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    if isinstance(value, np.ndarray | np.number | float | complex):
        array = np.asarray(value)
        return array.dtype.kind not in "fc" or not bool(np.isnan(array).any())
    return True
