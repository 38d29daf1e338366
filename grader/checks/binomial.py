"""The binomial distribution, exactly: how many successes chance allows.

In: n trials, each a success with probability p. Out: bounds and probabilities, as exact as float64 logarithms are
(1e-10 of the value for the n of a test). NumPy and `math` only: SciPy is no dependency.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

_Array = np.ndarray[Any, Any]


def binomial_bounds(n: int, p: float, false_alarm: float) -> tuple[int, int]:
    """The smallest and the largest number of successes that are accepted.

    Below the one and above the other lies a probability of at most half of `false_alarm` each.
    """
    return _smallest(n, p, false_alarm / 2), n - _smallest(n, 1 - p, false_alarm / 2)


def binomial_tail(n: int, p: float, k: int) -> float:
    """The probability of k successes or more."""
    return float(np.sum(_probabilities(n, p)[max(k, 0) :][::-1]))  # from the small ones up: nothing small is lost


def chance_of_the_mean(n: int, p: float) -> float:
    """The probability of a number of successes less than 1 away from n·p."""
    return float(np.sum(_probabilities(n, p)[np.abs(np.arange(n + 1) - n * p) < 1]))


def fits_rate(draws: Sequence[_Array], p: float, *, false_alarm: float) -> bool:
    """Whether the share of ones in arrays of 0 and 1 may come from independent draws with probability p."""
    low, high = binomial_bounds(sum(draw.size for draw in draws), p, false_alarm)
    return low <= sum(int(np.sum(draw)) for draw in draws) <= high


def _smallest(n: int, p: float, allowed: float) -> int:
    """The smallest number with a probability of at most `allowed` below it."""
    up_to = np.cumsum(_probabilities(n, p))
    return min(int(np.searchsorted(up_to, allowed, side="right")), n)


def _probabilities(n: int, p: float) -> _Array:
    """P(K = k) for k from 0 to n, (n + 1,)."""
    k = np.arange(n + 1)
    if p in (0, 1):
        return np.asarray(k == n * p, dtype=np.float64)
    log_factorial = np.array([math.lgamma(number + 1) for number in range(n + 1)])
    log_choices = log_factorial[n] - log_factorial - log_factorial[::-1]
    with np.errstate(under="ignore"):
        return np.asarray(np.exp(log_choices + k * math.log(p) + (n - k) * math.log1p(-p)))
