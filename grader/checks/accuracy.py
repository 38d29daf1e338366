"""How exactly a right answer can be computed: the one rule for every tolerance.

In: the arguments of a call and the expected values. Out: an absolute tolerance and the reason for it in words.

The rule: tolerance = 2 · (terms + 8) · eps · magnitude.
- eps is that of the coarsest floating type among the arguments and the expected values: whoever computes in float32
  throughout, or in float64 and rounds at the end, is right.
- magnitude is the largest number among the expected values and the arguments (arrays and floats; whole numbers such
  as a stride or a seed do not enter the arithmetic). The expected values alone are not enough: a filter that adds
  up to zero makes 0 out of numbers of order 1, and every order of summation leaves another remainder.
- terms is the length of the longest sum. Nobody knows it from outside, so the default is the size of the largest
  array argument, which no sum of the course exceeds by much. The error of a sum of n numbers stays below n · eps/2
  times the sum of their sizes (Higham, Accuracy and Stability of Numerical Algorithms, 4.2); really it is a random
  walk over the partial sums, which for n numbers of size m in the worst order (all negative ones first) comes to
  about n · √n · eps · m / 14: within the rule up to 780 terms, and far within it in every order that people write.
- 8 more roundings belong to what surrounds the sum: exp, log, a division, a root, each good to an ulp or two.
- 2, because the student and the reference are both rounded.
A real mistake is off by a part of the magnitude itself: 1e-5 of it (an epsilon at the wrong place) is a million
tolerances away in float64. Whole numbers are compared exactly.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

_ROUNDINGS = 8
_COARSEST = 1e-2  # of the magnitude: a float16 sum must not excuse everything


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """The largest difference that rounding explains, and why."""

    absolute: float
    reason: str  # "float64, sums of up to 378 terms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """What the arguments of a call say about the rounding of its result."""

    terms: int
    magnitude: float
    dtype: np.dtype[Any] | None = None  # the coarsest floating type among the array arguments

    def tolerance(self, expected: Any) -> Tolerance:
        """The tolerance for these expected values (array or number); zero where they are whole numbers."""
        values = np.asarray(expected)
        if values.dtype.kind not in "fc":
            return Tolerance(absolute=0.0, reason="whole numbers are exact")
        dtype = _coarser(_real(values.dtype), self.dtype)
        magnitude = max(self.magnitude, _largest(values))
        relative = min(2 * (self.terms + _ROUNDINGS) * float(np.finfo(dtype).eps), _COARSEST)
        terms = "a few roundings" if self.terms <= 1 else f"sums of up to {self.terms} terms"
        return Tolerance(absolute=relative * magnitude, reason=f"{dtype.name}, {terms}")


def accuracy_of(args: Iterable[Any], kwargs: Mapping[str, Any], *, terms: int | None = None) -> Accuracy:
    """Read from a call's arguments how exactly its result can be computed.

    Args:
        args: positional arguments.
        kwargs: keyword arguments.
        terms: length of the longest sum; None takes the size of the largest array.
    """
    leaves = list(_leaves((*args, *kwargs.values())))
    arrays = [leaf for leaf in leaves if isinstance(leaf, np.ndarray)]
    dtype = None
    for array in arrays:
        if array.dtype.kind in "fc":
            dtype = _coarser(_real(array.dtype), dtype)
    return Accuracy(
        terms=terms if terms is not None else max((array.size for array in arrays), default=1),
        magnitude=max((_largest(np.asarray(leaf)) for leaf in leaves), default=0.0),
        dtype=dtype,
    )


def _leaves(value: Any) -> Iterator[Any]:
    """The arrays and floating-point numbers in nested arguments."""
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, np.ndarray | float | complex | np.inexact):
        yield value


def _largest(values: np.ndarray[Any, Any]) -> float:
    """The largest finite magnitude in an array of numbers, 0 where there is none."""
    if values.dtype.kind not in "iufc" or not values.size:
        return 0.0
    with np.errstate(all="ignore"):
        # int64's minimum has no positive partner, so the magnitude is taken after the conversion
        sizes = np.abs(values.astype(np.complex128 if values.dtype.kind == "c" else np.float64))
    return float(np.max(sizes, initial=0.0, where=np.isfinite(sizes)))


def _real(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The floating type of a complex number's parts."""
    return np.dtype(np.finfo(dtype).dtype)


def _coarser(dtype: np.dtype[Any], other: np.dtype[Any] | None) -> np.dtype[Any]:
    if other is None or np.finfo(dtype).eps >= np.finfo(other).eps:
        return dtype
    return other
