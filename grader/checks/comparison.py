"""The first difference between a value and the expected one: type, shape, dtype, finiteness, values.

In: two values and the Accuracy of the call. Out: a Difference, or None where the values agree.
The rule: nothing that a value holds makes this raise or warn, NaN never agrees with a number, and what is told first
is what a student must mend first. Only expected values that cannot be right raise: that is the test's fault.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader.checks.accuracy import Accuracy, Tolerance
from grader.checks.printing import shorten, show_pair, show_value
from grader.marks import N_, T_

_NUMBERS = (bool, int, float, complex, np.bool_, np.number)


class BrokenCheckError(RuntimeError):
    """A test or its reference is at fault: never the student's loss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How a value differs from the expected one."""

    kind: str  # "type", "length", "keys", "shape", "dtype", "finite" or "values"
    brief: str  # completes "conv2d returned ...", without a value or a shape
    got: str  # "shape (2, 3)"
    expected: str
    where: str = ""  # " at [0, 1]"; " at [1][0, 1]" in item 1; " at [1]['shape']"
    index: tuple[int, ...] | None = None  # of the first value that differs, in its array
    note: str = ""  # a sentence: how many differ, by how much, the tolerance
    margin: float = math.inf  # the largest distance in tolerances; infinite where no tolerance decided


def compare(
    got: Any, expected: Any, accuracy: Accuracy, *, same_nan: bool = False, same_dtype: bool = True
) -> Difference | None:
    """Find the first difference between a value and the expected one.

    Args:
        got: plain data from the student: numbers, arrays, text, and tuples, lists and dicts of them.
        expected: the right value. A single number may come as Python's, as NumPy's or as an array without axes;
            where a list is due, a tuple is as good; integers may have any width.
        accuracy: the tolerance's source.
        same_nan: NaN agrees with NaN; for comparing two wrong values.
        same_dtype: floating and complex arrays must have the expected dtype.

    Raises:
        BrokenCheckError: the expected value holds NaN, or something that no value can be compared with.
    """
    rules = _Rules(accuracy=accuracy, same_nan=same_nan, same_dtype=same_dtype)
    return _compare(got, expected, rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    accuracy: Accuracy
    same_nan: bool
    same_dtype: bool


def _compare(got: Any, expected: Any, rules: _Rules) -> Difference | None:
    if isinstance(expected, _NUMBERS) or (isinstance(expected, np.ndarray) and expected.ndim == 0):
        return _compare_number(got, expected, rules)
    if isinstance(expected, np.ndarray):
        return _compare_array(got, expected, rules)
    if isinstance(expected, tuple):
        return _compare_items(got, expected, rules, allowed=(tuple,))
    if isinstance(expected, list):
        return _compare_items(got, expected, rules, allowed=(list, tuple))
    if isinstance(expected, dict):
        return _compare_dict(got, expected, rules)
    if expected is None or isinstance(expected, str | bytes):
        if type(got) is not type(expected):
            return _type_difference(got, expected)
        return None if got == expected else _value_difference(got, expected)
    raise BrokenCheckError(f"the expected value is a {type(expected).__name__}, which cannot be compared")


def _type_difference(got: Any, expected: Any) -> Difference:
    if got is None:
        return Difference(
            kind="type",
            brief="nothing: is there a `return`?",
            got="nothing (None)",
            expected=describe_kind(expected),
            note="Is there a `return`?",
        )
    return Difference(
        kind="type", brief="a value of the wrong type", got=describe_kind(got), expected=describe_kind(expected)
    )


def _value_difference(got: Any, expected: Any, *, note: str = "") -> Difference:
    left, right = show_pair(got, expected)
    return Difference(kind="values", brief="a wrong value", got=left, expected=right, note=note)


def describe_kind(value: Any) -> str:
    """What a value is, in words: "an array of shape (2, 3)", "a list of 4", "a float"."""
    if value is None:
        return "None"
    if type(value) is np.ndarray:
        return f"an array of shape {value.shape}" if value.ndim else "a single number"
    if isinstance(value, list | tuple | dict):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, np.generic):
        return f"a NumPy {value.dtype.name}"
    what = getattr(value, "what", None)  # a value that could not cross to the tests carries its name
    name = what if isinstance(what, str) else type(value).__name__
    if name.startswith(("a ", "an ")):  # the wire's own words: "an array of dtype object"
        return name
    return f"{'an' if name[:1] in 'aeiouAEIOU' else 'a'} {name}"


# --- tuples, lists, dicts ------------------------------------------------------


def _compare_items(
    got: Any, expected: list[Any] | tuple[Any, ...], rules: _Rules, *, allowed: tuple[type, ...]
) -> Difference | None:
    if type(got) not in allowed:
        return _type_difference(got, expected)
    if len(got) != len(expected):
        return Difference(
            kind="length",
            brief=f"a {type(expected).__name__} of the wrong length",
            got=describe_kind(got),
            expected=describe_kind(expected),
        )
    for index, (left, right) in enumerate(zip(got, expected, strict=True)):
        difference = _compare(left, right, rules)
        if difference is not None:
            return _inside(difference, index)
    return None


def _compare_dict(got: Any, expected: dict[Any, Any], rules: _Rules) -> Difference | None:
    if type(got) is not dict:
        return _type_difference(got, expected)
    if got.keys() != expected.keys():
        left, right = (shorten(", ".join(sorted(map(repr, keys)))) for keys in (got, expected))
        return Difference(
            kind="keys", brief="a dict with the wrong keys", got=f"the keys {left or 'none'}", expected=right
        )
    for key, right in expected.items():
        difference = _compare(got[key], right, rules)
        if difference is not None:
            return _inside(difference, key)
    return None


def _inside(difference: Difference, key: object) -> Difference:
    """The same, of an item: places are written as Python reaches them, from the outside in."""
    return replace(difference, where=f" at [{key!r}]{difference.where.removeprefix(' at ')}")


# --- numbers and arrays ------------------------------------------------------


def _compare_number(got: Any, expected: Any, rules: _Rules) -> Difference | None:
    if type(got) is np.ndarray and got.ndim:
        return Difference(
            kind="shape",
            brief="an array where a single number is due",
            got=f"shape {got.shape}",
            expected=N_("a number"),
        )
    if not (_is_plain_number(got) or type(got) is np.ndarray):
        return _type_difference(got, expected)
    kind, right = _number_kind(got), _number_kind(expected)
    if kind not in _ACCEPTED[right]:
        return Difference(
            kind="type",
            brief=f"a number of the wrong type: {_KIND_NAMES[right]} is due",
            got=f"{show_value(got)} ({_KIND_NAMES.get(kind, 'not a number')})",
            expected=f"{show_value(expected)} ({_KIND_NAMES[right]})",
        )
    if right in "ib":  # Python's integers have no largest one, so no array may hold them on the way
        left, due = (value.item() if isinstance(value, np.ndarray | np.generic) else value for value in (got, expected))
        return None if left == due else _value_difference(left, due)
    if kind == "i":
        got = _as_float(got)
    difference = _compare_values(np.asarray(got), np.asarray(expected), rules)
    return difference and replace(difference, where="")


_KIND_NAMES = {"b": "a bool", "i": "an integer", "f": "a float", "c": "a complex number"}
# A whole number is a good float; True is never a number.
_ACCEPTED = {"b": "b", "i": "i", "f": "fi", "c": "cfi"}


def _is_plain_number(value: Any) -> bool:
    """Whether this is a number of Python or NumPy; a subclass may answer anything to == and -."""
    if isinstance(value, np.generic):
        return type(value) is value.dtype.type
    return type(value) in (bool, int, float, complex)


def _number_kind(number: Any) -> str:
    if isinstance(number, np.ndarray | np.generic):
        kind = number.dtype.kind
        return "i" if kind == "u" else kind
    return {bool: "b", int: "i", float: "f"}.get(type(number), "c" if isinstance(number, complex) else "O")


def _as_float(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:
        return float("inf")


def _compare_array(got: Any, expected: np.ndarray[Any, Any], rules: _Rules) -> Difference | None:
    if expected.dtype.kind not in "biufc":
        raise BrokenCheckError(f"the expected array has dtype {expected.dtype}, which cannot be compared")
    if type(got) is not np.ndarray:  # a subclass may answer anything to ==, shape or -
        return _type_difference(got, expected)
    if got.shape != expected.shape:
        return Difference(
            kind="shape",
            brief="an array of the wrong shape",
            got=f"shape {got.shape}",
            expected=str(expected.shape),
        )
    if not _dtype_agrees(got.dtype, expected.dtype, exactly=rules.same_dtype):
        return Difference(
            kind="dtype",
            brief="an array of the wrong dtype",
            got=f"dtype {got.dtype.name}",
            expected=expected.dtype.name if expected.dtype.kind not in "iu" else "an integer dtype",
        )
    return _compare_values(got, expected, rules)


def _dtype_agrees(got: np.dtype[Any], expected: np.dtype[Any], *, exactly: bool) -> bool:
    if exactly and expected.kind in "fc":
        return got.newbyteorder("=") == expected.newbyteorder("=")
    if not exactly and expected.kind in "iufc":
        return got.kind in "iufc"
    return got.kind in ("iu" if expected.kind in "iu" else expected.kind)


def _compare_values(got: np.ndarray[Any, Any], expected: np.ndarray[Any, Any], rules: _Rules) -> Difference | None:
    """Compare two arrays of numbers of one shape."""
    if "f" not in (kinds := got.dtype.kind + expected.dtype.kind) and "c" not in kinds:
        wrong = np.asarray(got != expected)
        return _describe(got, expected, wrong, None) if wrong.any() else None
    dtype = np.result_type(got.dtype, expected.dtype, np.float64)
    with np.errstate(all="ignore"):
        left, right = got.astype(dtype), expected.astype(dtype)
        if not rules.same_nan and np.isnan(right).any():
            raise BrokenCheckError(
                "the expected value holds NaN: draw arguments for which the right answer is a number"
            )
        coarse = expected if expected.dtype.kind in "fc" else right
        tolerance = rules.accuracy.tolerance(coarse)
        # "distance > tolerance" would accept NaN; equality is for infinities, whose distance is NaN
        close = (np.abs(left - right) <= tolerance.absolute) | (left == right)
        if rules.same_nan:
            close |= np.isnan(left) & np.isnan(right)
        unfinite = ~np.isfinite(left) & np.isfinite(right)
    wrong = np.asarray(~close)
    if unfinite.any():
        wrong = np.asarray(unfinite)
    return _describe(left, right, wrong, tolerance) if wrong.any() else None


def _describe(
    got: np.ndarray[Any, Any], expected: np.ndarray[Any, Any], wrong: np.ndarray[Any, Any], tolerance: Tolerance | None
) -> Difference:
    first = tuple(int(index) for index in np.unravel_index(int(np.argmax(wrong)), wrong.shape))
    left, right = show_pair(got[first].item(), expected[first].item())
    where = f" at {list(first)}" if wrong.ndim else ""
    count = int(wrong.sum())
    if not np.isfinite(got[first]) and np.isfinite(expected[first]):
        return Difference(
            kind="finite",
            brief="nan or inf where a number is due",
            got=left,
            expected=right,
            where=where,
            index=first,
            note=f"{count} of {wrong.size} values {'is' if count == 1 else 'are'} nan or inf." if wrong.ndim else "",
        )
    with np.errstate(all="ignore"):
        dtype = np.result_type(got.dtype, expected.dtype, np.float64)
        largest = float(np.max(np.abs(got.astype(dtype) - expected.astype(dtype))[wrong]))
    return Difference(
        kind="values",
        brief="wrong values" if wrong.ndim else "a wrong value",
        got=left,
        expected=right,
        where=where,
        index=first,
        note=_extent(count, wrong.size, largest, tolerance),
        margin=largest / tolerance.absolute if tolerance is not None and tolerance.absolute else math.inf,
    )


def _extent(count: int, size: int, largest: float, tolerance: Tolerance | None) -> str:
    """How many values differ, by how much, and what would have been allowed."""
    finite = bool(np.isfinite(largest))
    if size > 1:
        text = f"{count} of {size} values {'differs' if count == 1 else 'differ'}"
        text += f" by up to {largest:.2g}" * finite
    else:
        text = f"The difference is {largest:.2g}" if finite else "They differ"
    return f"{text}." if tolerance is None else f"{text} (tolerance {tolerance.absolute:.0e}: {tolerance.reason})."


# As they are put together above.
_WHOLE = (
    *(T_("a list of {count}"), T_("a tuple of {count}"), T_("a dict of {count}")),
    T_("{count} of {size} values differ by up to {largest}"),
    T_("{count} of {size} values differs by up to {largest}"),
)
