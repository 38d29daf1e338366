"""The binomial distribution is SciPy's, and its bounds are the tightest that the false alarm allows."""

import numpy as np
import pytest
from scipy import stats  # type: ignore[import-untyped]

from grader.checks.binomial import binomial_bounds, binomial_tail, chance_of_the_mean, fits_rate

CASES = pytest.mark.parametrize(
    ("n", "p"), [(1, 0.5), (7, 0.01), (30, 0.5), (400, 0.2), (4000, 0.75), (20_000, 0.5), (333, 0.999)]
)


@CASES
@pytest.mark.parametrize("false_alarm", [1e-6, 1e-3, 0.05])
def test_bounds_are_as_tight_as_the_false_alarm_allows(n: int, p: float, false_alarm: float) -> None:
    low, high = binomial_bounds(n, p, false_alarm)
    side = false_alarm / 2

    assert stats.binom.cdf(low - 1, n, p) <= side < stats.binom.cdf(low, n, p)
    assert stats.binom.sf(high, n, p) <= side < stats.binom.sf(high - 1, n, p)


@pytest.mark.parametrize(("p", "bounds"), [(0, (0, 0)), (1, (9, 9)), (0.0, (0, 0)), (1.0, (9, 9))])
def test_what_is_certain_has_no_room(p: float, bounds: tuple[int, int]) -> None:
    assert binomial_bounds(9, p, 1e-6) == bounds


@CASES
def test_tails_are_scipy_s(n: int, p: float) -> None:
    """Far out too, where the probability is 1e-200 or less than float64 can hold."""
    for k in sorted({0, 1, n // 3, round(n * p), n - 1, n}):
        np.testing.assert_allclose(binomial_tail(n, p, k), stats.binom.sf(k - 1, n, p), rtol=1e-7, atol=1e-300)
    assert binomial_tail(n, p, n + 1) == 0


@CASES
def test_the_chance_of_the_mean_counts_the_numbers_beside_it(n: int, p: float) -> None:
    beside = [k for k in range(n + 1) if abs(k - n * p) < 1]

    assert chance_of_the_mean(n, p) == pytest.approx(stats.binom.pmf(beside, n, p).sum(), rel=1e-8)


def test_a_rate_fits_its_own_draws_and_not_another_s() -> None:
    draws = [np.random.default_rng(seed).random((20, 30)) < 0.3 for seed in range(4)]

    assert fits_rate(draws, 0.3, false_alarm=1e-6)
    assert not fits_rate(draws, 0.5, false_alarm=1e-6)
