"""A gradient is held against the slopes of its loss."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.comparison import BrokenCheckError
from grader.checks.gradients import MOST_PLACES, check_gradient, numerical_slopes
from grader.errors import CheckFailed

Array = np.ndarray[Any, Any]
RNG = np.random.default_rng(5)
X, T = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 3))


def loss(x: Array, t: Array) -> Any:
    return ((x - t) ** 2).sum() / len(x)


def slope(x: Array, t: Array) -> Array:
    return 2 * (x - t) / len(x)


def failure(gradient: Callable[..., Any], *args: Any) -> CheckFailed:
    with pytest.raises(CheckFailed) as caught:
        check_gradient(gradient, *args)
    return caught.value


class TestRight:
    def test_a_right_gradient_passes(self) -> None:
        """In any argument."""
        check_gradient(slope, loss, X, T)
        check_gradient(lambda x, t: -slope(x, t), loss, X, T, wrt=1)

    @given(st.integers(0, 10_000), st.floats(1e-3, 1e3))
    def test_at_any_size(self, seed: int, scale: float) -> None:
        """Small and large numbers, softmax and logarithm."""
        z = scale * np.random.default_rng(seed).normal(size=(3, 4))

        def log_sum(z: Array) -> float:
            top = z.max(axis=1, keepdims=True)
            return float((np.log(np.exp(z - top).sum(axis=1)) + top[:, 0]).sum())

        def softmax(z: Array) -> Array:
            powers = np.exp(z - z.max(axis=1, keepdims=True))
            return np.asarray(powers / powers.sum(axis=1, keepdims=True))

        check_gradient(softmax, log_sum, z, tolerance=1e-4)

    def test_an_array_of_losses_is_added_up(self) -> None:
        """Elementwise functions have elementwise slopes."""
        check_gradient(lambda x: 1 - np.tanh(x) ** 2, np.tanh, X)

    def test_the_arguments_stay_as_they_are(self) -> None:
        """Steps are taken on copies."""
        before = X.copy()
        check_gradient(slope, loss, X, T)

        assert np.array_equal(before, X)


class TestKinks:
    def test_are_skipped_and_counted(self) -> None:
        """The ReLU has no slope at 0, and any answer there is as good."""
        x = np.array([-1.0, 0.0, 2.0, 0.0])

        slopes = numerical_slopes(lambda x: np.maximum(x, 0), (x,), wrt=0)

        assert slopes.kinks == 2
        assert slopes.places == ((0,), (2,))
        check_gradient(lambda x: (x > 0).astype(float), lambda x: np.maximum(x, 0), x)

    def test_nothing_but_kinks_is_the_tests_fault(self) -> None:
        """Never the student's."""
        with pytest.raises(BrokenCheckError, match="kink"):
            check_gradient(lambda x: x, abs, np.zeros(3))


class TestWrong:
    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            (lambda x, t: 2 * (x - t), "4 times the slope: not divided by N?"),
            (lambda x, t: 2 * (x - t) / 16, "0.25 times the slope: divided by N twice?"),
            (lambda x, t: -slope(x, t), "the sign is turned"),
            (lambda x, t: 0.5 * slope(x, t), "0.5 times the slope."),
        ],
    )
    def test_a_factor_is_named(self, wrong: Callable[..., Any], told: str) -> None:
        """With what it usually comes from; the sentence for a hidden test has no number."""
        fault = failure(wrong, loss, X, T)

        assert told in fault.detail
        assert "not its length" in fault.brief
        assert "times" not in fault.brief

    def test_the_place_and_both_numbers_are_told(self) -> None:
        """One wrong number among right ones."""
        wrong = slope(X, T)
        wrong[2, 1] += 1
        fault = failure(lambda x, t: wrong, loss, X, T)

        assert "at [2, 1] of argument 1" in fault.detail
        assert "1 of 12 places differ" in fault.detail
        assert fault.brief.endswith("is not the slope of the loss in argument 1.")

    @pytest.mark.parametrize("value", [np.nan, np.inf])
    def test_nan_is_wrong(self, value: float) -> None:
        """A comparison that is written the wrong way round would let it pass."""
        assert failure(lambda x, t: np.full_like(x, value), loss, X, T).hints == ()

    @pytest.mark.parametrize("value", [None, 1.0, [1.0], np.zeros((3, 4)), np.zeros((4, 3), complex)])
    def test_another_shape_is_said(self, value: object) -> None:
        """Before anything is computed."""
        assert "one slope for each number" in failure(lambda x, t: value, loss, X, T).brief

    def test_integers_cannot_be_stepped(self) -> None:
        """The author's fault."""
        with pytest.raises(BrokenCheckError, match="float64"):
            check_gradient(slope, loss, X.astype(int), T)


def test_a_large_argument_is_sampled() -> None:
    """A convolution's filter has more places than a test has time for."""
    x = RNG.normal(size=(10, 20))

    slopes = numerical_slopes(lambda x: (x**2).sum(), (x,), wrt=0, rng=np.random.default_rng(0))

    assert len(slopes.places) == MOST_PLACES
    assert slopes.places != tuple(np.ndindex(2, 20))
