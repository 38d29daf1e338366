"""What a page draws of a wrong answer: the part of each array in which the first wrong value stands.

In: a call's arguments, the value and the right one. Out: Pictures: the arrays that were passed, what was returned, what
was expected, the difference.
The rule: a picture is small whatever it is of (SIDE cells each way, SHOWN arguments, six digits), and nothing that a
value holds makes this raise. Whether anybody may see it is decided elsewhere.

An array of (N, H, W, C) is shown as one image and one channel of it, a filter of (fh, fw, C, K) as one channel of one
filter: those of the first wrong value, where the argument has them.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.checks.accuracy import Accuracy
from grader.checks.comparison import BrokenCheckError, compare
from grader.checks.printing import name_arguments
from grader.records import Picture

SIDE = 32  # cells; a larger part is cut around the first wrong value
SHOWN = 3  # arguments
_DIGITS = 6
_FILTERS = ("w", "dw", "w_depth", "w_point", "kernel")
_MOST_CHANNELS = 4  # of (H, W, C); else three axes are (N, H, W)

_Array = npt.NDArray[Any]
_Index = tuple[int, ...]


def picture_call(
    function: Callable[..., Any] | None,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    got: Any,
    expected: Any,
    accuracy: Accuracy,
) -> tuple[Picture, ...]:
    """The arrays that were passed, what was returned, what was expected and, where the shapes agree, the difference.

    Args:
        function: gives the names of its parameters; None where they are unknown.
        args: positional arguments.
        kwargs: keyword arguments.
        got: the student's value; arrays in tuples, lists and dicts are found.
        expected: the right value.
        accuracy: as it was compared with.

    Returns:
        Nothing where no array differs.
    """
    index, answer = _answer(got, expected, accuracy, same_dtype=True)
    return (*_passed(function, args, kwargs, index), *answer) if answer else ()


def picture_values(got: Any, expected: Any, accuracy: Accuracy, *, same_dtype: bool) -> tuple[Picture, ...]:
    """The same of two values that no call made; `same_dtype` is as of `compare`."""
    return _answer(got, expected, accuracy, same_dtype=same_dtype)[1]


def picture_example(
    args: tuple[Any, ...], kwargs: Mapping[str, Any], got: Any, *, function: Callable[..., Any] | None = None
) -> tuple[Picture, ...]:
    """What was passed and what was returned, where nobody here knows the right value."""
    return (*_passed(function, args, kwargs, None), _picture("got", got, None)) if _is_drawable(got) else ()


def picture_passed(
    function: Callable[..., Any] | None, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[Picture, ...]:
    """What was passed alone, for the pictures of a value that a test worked out."""
    return _passed(function, args, kwargs, None)


def _answer(
    got: Any, expected: Any, accuracy: Accuracy, *, same_dtype: bool
) -> tuple[_Index | None, tuple[Picture, ...]]:
    """Where the first wrong value stands, and the pictures around it."""
    for left, right in _leaves(got, expected):
        try:
            difference = compare(left, right, accuracy, same_dtype=same_dtype)
        except BrokenCheckError:
            break
        if difference is None or not (_is_drawable(left) and _is_drawable(right)):
            continue
        if left.shape != right.shape:
            return None, (_picture("got", left, None), _picture("expected", right, None))
        with np.errstate(all="ignore"):
            distance = left.astype(np.float64) - right.astype(np.float64)
        pairs = (("got", left), ("expected", right), ("difference", distance))
        index = difference.index
        return index, tuple(_picture(role, array, index, mark=True) for role, array in pairs)
    return None, ()


def _passed(
    function: Callable[..., Any] | None, args: tuple[Any, ...], kwargs: Mapping[str, Any], index: _Index | None
) -> tuple[Picture, ...]:
    named = name_arguments(function, args, kwargs)
    drawn = [_picture("input", value, index, name=name) for name, value in named if _is_drawable(value)]
    return tuple(drawn[:SHOWN])


def _leaves(got: Any, expected: Any) -> Iterator[tuple[Any, Any]]:
    """The values that stand at the same place of both."""
    if isinstance(expected, list | tuple) and isinstance(got, list | tuple):
        for left, right in zip(got, expected, strict=False):
            yield from _leaves(left, right)
    elif isinstance(expected, dict) and isinstance(got, dict):
        for key in expected.keys() & got.keys():
            yield from _leaves(got[key], expected[key])
    else:
        yield got, expected


def _is_drawable(value: Any) -> bool:
    """Whether it is an array of real numbers, more than one."""
    return type(value) is np.ndarray and value.dtype.kind in "biuf" and value.ndim > 0 and value.size > 1


def _picture(role: str, array: _Array, index: _Index | None, *, name: str = "", mark: bool = False) -> Picture:
    """One picture; `index` says which part of the array, and with `mark` which cell of it is marked."""
    rows_axis, columns_axis = _shown_axes(array, name)
    at = _place(array, index, exact=mark)
    part = tuple(slice(None) if axis in (rows_axis, columns_axis) else where for axis, where in enumerate(at))
    cells = np.atleast_2d(array[part])  # a vector is one row
    row, column = at[rows_axis] if array.ndim > 1 else 0, at[columns_axis]
    top, left = (_begin(where, length) for where, length in zip((row, column), cells.shape, strict=True))
    window = cells[top : top + SIDE, left : left + SIDE]
    return Picture(
        role=role,
        name=name,
        shape=tuple(map(int, array.shape)),
        part=f"[{', '.join(':' if isinstance(each, slice) else str(each) for each in part)}]" if array.ndim > 2 else "",
        rows=tuple(tuple(map(_short, line)) for line in window.tolist()),
        first=(top, left),
        marked=(row - top, column - left) if mark and index is not None else None,
    )


def _shown_axes(array: _Array, name: str) -> tuple[int, int]:
    """Which axes are rows and columns."""
    if array.ndim < 3:
        return 0, array.ndim - 1
    channels_last = array.ndim == 3 and array.shape[-1] <= _MOST_CHANNELS
    if channels_last or (array.ndim == 4 and name in _FILTERS):
        return 0, 1
    return 1, 2


def _place(array: _Array, index: _Index | None, *, exact: bool) -> _Index:
    """The place that is shown: of another array only the image and the channel mean the same, its first and last."""
    if index is None:
        return (0,) * array.ndim
    if exact:
        return index
    ends = (0, array.ndim - 1)
    same = len(index) == array.ndim
    return tuple(
        index[axis] if same and axis in ends and index[axis] < length else 0 for axis, length in enumerate(array.shape)
    )


def _begin(where: int, length: int) -> int:
    """Where a window of SIDE cells begins that holds a place, as near its middle as the ends allow."""
    return max(0, min(where - SIDE // 2, length - SIDE))


def _short(value: float) -> float:
    number = float(value)
    return float(f"{number:.{_DIGITS}g}") if math.isfinite(number) else number
