"""A smaller case that goes wrong in the same way, small enough for a pencil.

In: a student's function whose last call is wrong, the fault, and the misconception that was proven, if one was.
Out: a Finding, or None where nothing smaller was found within the budget of calls.
The rule: every candidate is accepted by the reference, the student's fault on it is of the same kind, and where a
misconception is proven it still explains the answer. The search is greedy and has no randomness but the arguments'.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grader.checks.accuracy import accuracy_of
from grader.checks.axes import length_of, linked_axes, resize
from grader.checks.behaviours import Behaviour, Fault, agree, behave_quietly, behaviour_of, find_fault
from grader.checks.cases import Case, Key, is_share, same
from grader.checks.comparison import BrokenCheckError
from grader.checks.diagnosis import replay
from grader.checks.misconceptions import Misconception
from grader.checks.printing import (
    MOST_NUMBERS,
    describe_call,
    list_arguments,
    name_positions,
    parameters_of,
    show_value,
)
from grader.checks.students import StudentFunction
from grader.records import Returned

_ROUNDS_OF_LISTS = 6

_Array = np.ndarray[Any, Any]
_Make = Callable[[_Array, np.random.Generator], _Array]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A case on which the student goes wrong, with both answers."""

    case: Case
    right: Behaviour
    got: Behaviour
    fault: Fault


def shrink(function: StudentFunction, fault: Fault, proven: Misconception | None) -> Finding | None:
    """Search for smaller arguments on which the student's last fault shows again."""
    if function.reference is None or (proven is not None and proven.stateful):
        return None  # a mistake that needs an earlier call does not show in one call
    last = function.calls[-1]
    start = Case(args=last.args, kwargs=last.kwargs)
    arrays = {key: value for key, value in start.items() if isinstance(value, np.ndarray)}
    search = _Search(
        function=function,
        kind=fault.kind,
        proven=proven,
        case=start,
        shares=frozenset(key for key, array in arrays.items() if is_share(array)),
        rows=frozenset(key for key, array in arrays.items() if is_share(array) and _adds_up(array)),
    )
    # Axes twice: with a stride of 1 an image may be smaller. What was tried before costs no call.
    for step in (_shorter_lists, _shorter_axes, _simpler_settings, _shorter_axes, _simpler_values):
        step(search)
    found = search.found
    if found is None:
        return None
    # A function that keeps state may be wrong here only because of the search's own calls.
    again = function.probe(found.case.args, found.case.kwargs)
    accuracy = accuracy_of(found.case.args, found.case.kwargs)
    if again is None or not agree(behaviour_of(again), found.got, accuracy):
        return None
    return found


def describe_smaller(function: StudentFunction, finding: Finding) -> str:
    """The smaller case in full where it fits on paper, and both answers one under the other."""
    case = finding.case
    call = describe_call(function.name, function.reference, case.args, case.kwargs)
    lines = [f"A smaller case: {call}", *list_arguments(function.reference, case.args, case.kwargs)]
    kind, answers = finding.fault.kind, [finding.got.value, finding.right.value]
    on_paper = not finding.got.errors and all(map(_fits_on_paper, answers))
    if kind not in ("values", "finite") or not on_paper:
        lines.append(f"  {name_positions(finding.fault.detail, function.reference, case.args, case.kwargs)}")
    if kind in ("values", "finite", "shape") and on_paper:
        lines += [f"  returned: {show_value(answers[0])}", f"  expected: {show_value(answers[1])}"]
    return "\n".join(lines)


def _fits_on_paper(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_fits_on_paper, value))
    return not isinstance(value, np.ndarray) or value.size <= MOST_NUMBERS


@dataclass(slots=True, kw_only=True)
class _Search:
    """The smallest failing case so far."""

    function: StudentFunction
    kind: str
    proven: Misconception | None
    case: Case
    shares: frozenset[Key]  # arrays of probabilities, masks or the like: their numbers stay between 0 and 1
    rows: frozenset[Key]  # those of them whose rows add up to 1
    found: Finding | None = None
    tried: list[Case] = field(default_factory=list)

    def take(self, case: Case) -> bool:
        """Move to a case if the student goes wrong on it in the same way."""
        if self.function.budget <= 1 or any(_same_case(case, other) for other in self.tried):
            return False  # one call is kept for the last look
        self.tried.append(case)
        finding = self._try(case)
        if finding is None:
            return False
        self.case, self.found = case, finding
        return True

    def _try(self, case: Case) -> Finding | None:
        reference = self.function.reference
        assert reference is not None
        right = behave_quietly(reference, case.args, case.kwargs)
        accuracy = accuracy_of(case.args, case.kwargs)
        if right.errors:
            return None
        model = replay(self.proven, (), case) if self.proven is not None else None
        silent = self.function.calls[-1].silent
        try:
            shown = find_fault(model, right, accuracy, silent=silent) if model is not None else None
            if self.proven is not None and not self._is_same(shown):
                return None
            reply = self.function.probe(case.args, case.kwargs)
            if reply is None:
                return None
            got = behaviour_of(reply)
            fault = find_fault(got, right, accuracy, silent=silent)
        except BrokenCheckError:  # the right answer is NaN for these arguments
            return None
        if fault is None or not self._is_same(fault) or (model is not None and not agree(got, model, accuracy)):
            return None
        if self._is_stale(got):
            return None
        return Finding(case=case, right=right, got=got, fault=fault)

    def _is_same(self, fault: Fault | None) -> bool:
        return fault is not None and fault.kind == self.kind

    def _is_stale(self, got: Behaviour) -> bool:
        """Whether an answer is an earlier call's: kept, not computed."""
        if self.function.explore is not None or len(self.function.calls) == 1 or got.errors:
            return False
        kept = [call.reply.value for call in self.function.calls[:-1] if isinstance(call.reply, Returned)]
        return any(same(got.value, value) for value in kept)


def _same_case(one: Case, other: Case) -> bool:
    return same(one.args, other.args) and same(one.kwargs, other.kwargs)


def _shorter_lists(search: _Search) -> None:
    """Lists lose their ends."""
    for key in [key for key, value in search.case.items() if isinstance(value, list)]:
        for _ in range(_ROUNDS_OF_LISTS):
            items = dict(search.case.items())[key]
            cuts = (items[:1], items[: len(items) // 2], items[:-1], items[1:])
            if not any(0 < len(cut) < len(items) and search.take(search.case.put(key, cut)) for cut in cuts):
                break


def _shorter_axes(search: _Search) -> None:
    """Fewer images, smaller sides, fewer channels: axes that belong together become shorter together."""
    reference = search.function.reference
    assert reference is not None
    for group in linked_axes(reference, search.case):
        length = length_of(search.case, group)
        for shorter in sorted({1, 2, 3, length // 2} & set(range(1, length))):
            smaller = resize(search.case, group, shorter)
            for key in search.rows:
                smaller = smaller.put(key, _add_up(dict(smaller.items())[key]))
            if search.take(smaller):
                break


def _simpler_settings(search: _Search) -> None:
    """Numbers that are not arrays go to their default, else to 0, 1 or 2; a keyword at its default is left out."""
    defaults = _defaults(search)
    for key, value in list(search.case.items()):
        if isinstance(value, np.ndarray | list | tuple | dict | str):
            continue
        if key in defaults and isinstance(key, str) and search.take(search.case.drop(key)):
            continue
        for simpler in _simpler_numbers(value, defaults.get(key)):
            if search.take(search.case.put(key, simpler)):
                break


def _defaults(search: _Search) -> dict[Key, Any]:
    found: dict[Key, Any] = {}
    for position, parameter in enumerate(parameters_of(search.function.reference)):
        if parameter.default is not parameter.empty:
            found[position] = found[parameter.name] = parameter.default
    return found


def _simpler_numbers(value: Any, default: Any) -> Iterator[Any]:
    if isinstance(value, int) and not isinstance(value, bool):
        if isinstance(default, int) and not isinstance(default, bool) and default != value:
            yield default
        yield from (simpler for simpler in (0, 1, 2, 3, value // 2) if simpler < value and simpler != default)
    elif isinstance(value, float):
        yield from (simpler for simpler in (0.5, round(value, 1)) if simpler != value)


def _simpler_values(search: _Search) -> None:
    """Arrays hold small whole numbers, all at once if possible; shares get two digits."""
    rng = search.case.rng()
    keys = [key for key, value in search.case.items() if isinstance(value, np.ndarray) and value.dtype.kind in "fc"]

    def simpler(key: Key, make: _Make) -> _Array:
        array = dict(search.case.items())[key]
        return _few_digits(array, rows=key in search.rows) if key in search.shares else make(array, rng)

    for make in (_counted, _small_whole, _rounded):
        case = search.case
        for key in keys:
            case = case.put(key, simpler(key, make))
        if search.take(case):
            return
    for key in keys:
        for make in (_counted, _small_whole, _rounded):
            if search.take(search.case.put(key, simpler(key, make))):
                break


def _counted(array: _Array, rng: np.random.Generator) -> _Array:
    """1, 2, 3, ... with a minus in front of what was negative: the plainest numbers."""
    return np.asarray((1 + np.arange(array.size).reshape(array.shape)) * _signs(array)).astype(array.dtype)


def _small_whole(array: _Array, rng: np.random.Generator) -> _Array:
    """From 1 to 5 in no order, with the signs there were."""
    return np.asarray(rng.integers(1, 6, size=array.shape) * _signs(array)).astype(array.dtype)


def _rounded(array: _Array, rng: np.random.Generator) -> _Array:
    return np.asarray(np.rint(array) + array.dtype.type(0))  # -0.0 becomes 0.0


def _signs(array: _Array) -> _Array:
    return np.where(array.real < 0, -1, 1)


def _few_digits(array: _Array, *, rows: bool) -> _Array:
    """Two digits; no share that was positive becomes 0, and rows that add up to 1 still do."""
    short = np.maximum(np.round(array.astype(np.float64), 2), np.where(array > 0, 0.01, 0.0))
    if rows:
        largest = np.argmax(short, axis=-1)[..., np.newaxis]
        rest = short.sum(axis=-1, keepdims=True) - np.take_along_axis(short, largest, axis=-1)
        np.put_along_axis(short, largest, np.round(1.0 - rest, 2), axis=-1)
    return short.astype(array.dtype)


def _adds_up(array: _Array) -> bool:
    return array.ndim > 0 and array.shape[-1] > 1 and bool(np.allclose(array.sum(axis=-1), 1.0, atol=1e-5))


def _add_up(array: _Array) -> _Array:
    """Rows that were cut add up to 1 again; a row of nothing but zeros gets its 1 in front."""
    full = array.astype(np.float64)
    full[..., 0] += full.sum(axis=-1) == 0
    return np.asarray(full / full.sum(axis=-1, keepdims=True)).astype(array.dtype)
