"""Which axes of a call's arrays have one length by necessity, as the reference sees it.

In: a trusted function and a Case. Out: groups of axes that grow and shrink together: the images' channels with the
filters', the biases with the number of filters. Equal lengths alone prove nothing (3 channels, a 3-pixel filter), so
each group is proven by a trial: the reference must accept the arrays with only that group made longer or shorter.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from grader.checks.behaviours import behave_quietly
from grader.checks.cases import Case, Key

Axis = tuple[Key, int]  # the argument, and the axis of its array


def linked_axes(function: Callable[..., Any], case: Case) -> list[tuple[Axis, ...]]:
    """The groups of axes that must keep one length; axes that cannot change at all are left out.

    Args:
        function: the reference.
        case: arguments that it accepts.
    """
    groups: list[tuple[Axis, ...]] = []
    for members in _equal_lengths(case):
        rest = list(members)
        while rest:
            group = _smallest_group(function, case, rest[0], members)
            if group:
                groups.append(group)
            rest = [axis for axis in rest[1:] if axis not in group]
    return groups


def resize(case: Case, group: tuple[Axis, ...], length: int) -> Case:
    """The case with these axes cut to, or filled up to, a length; new slices repeat the last one."""
    for key, axis in group:
        array = dict(case.items())[key]
        indices = np.minimum(np.arange(length), array.shape[axis] - 1)
        case = case.put(key, np.take(array, indices, axis=axis))
    return case


def length_of(case: Case, group: tuple[Axis, ...]) -> int:
    """The common length of a group's axes."""
    key, axis = group[0]
    return int(dict(case.items())[key].shape[axis])


def _equal_lengths(case: Case) -> list[list[Axis]]:
    lengths: dict[int, list[Axis]] = {}
    for key, value in case.items():
        if isinstance(value, np.ndarray):
            for axis, length in enumerate(value.shape):
                if length:
                    lengths.setdefault(length, []).append((key, axis))
    return [members for length, members in lengths.items() if length > 1]


def _smallest_group(function: Callable[..., Any], case: Case, first: Axis, members: list[Axis]) -> tuple[Axis, ...]:
    """The smallest group around an axis that the reference accepts at another length; () where there is none."""
    if _accepts(function, case, (first,)):
        return (first,)
    group = tuple(members)
    if not _accepts(function, case, group):
        return ()
    for axis in members:
        if axis == first:
            continue
        smaller = tuple(member for member in group if member != axis)
        if _accepts(function, case, smaller):
            group = smaller
    return group


def _accepts(function: Callable[..., Any], case: Case, group: tuple[Axis, ...]) -> bool:
    for length in _other_lengths(length_of(case, group)):
        changed = resize(case, group, length)
        if not behave_quietly(function, changed.args, changed.kwargs).errors:
            return True
    return False


def _other_lengths(length: int) -> Iterator[int]:
    """Longer first: a shorter axis of length 1 would be stretched again by broadcasting, and prove nothing."""
    yield length + 1
    yield length + 2
    if length > 2:
        yield length - 1
    if length > 3:
        yield length - 2
