"""Honest arithmetic is within the tolerance, in any order and precision; the nearest mistake is not."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.accuracy import accuracy_of
from grader.checks.arrays import check
from grader.checks.comparison import compare
from tests.checks.functions import conv2d, conv_arguments, loops_over_lists
from tests.checks.in_process import failure_of, student_of

Array = np.ndarray[Any, Any]


def in_order(products: Array) -> float:
    total = products.dtype.type(0)
    for product in products:
        total = total + product
    return float(total)


def pairwise(products: Array) -> float:
    while products.size > 1:
        if products.size % 2:
            products = np.append(products, products.dtype.type(0))
        products = products[::2] + products[1::2]
    return float(products[0])


@st.composite
def vectors(draw: st.DrawFn) -> tuple[Array, Array, np.random.Generator]:
    """Two vectors of one length, of several kinds: mixed signs, one sign, of any scale, adding up to zero."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    size = draw(st.integers(1, 500))
    scale = 10.0 ** draw(st.integers(-8, 8))
    x = scale * draw(
        st.sampled_from((rng.normal, lambda size: rng.uniform(0, 1, size), lambda size: rng.uniform(9, 10, size)))
    )(size=size)
    w = draw(st.sampled_from((rng.normal(size=size), np.ones(size), np.linspace(-1, 1, size))))
    return x, w, rng


@given(vectors())
def test_sums_in_any_order_agree(drawn: tuple[Array, Array, np.random.Generator]) -> None:
    """Shuffled, backward, pairwise and exactly rounded sums of products are all right answers."""
    x, w, rng = drawn
    products = x * w
    accuracy = accuracy_of((x, w), {})
    expected = float(products.sum())

    for other in (
        in_order(rng.permutation(products)),
        in_order(products[::-1]),
        pairwise(products),
        math.fsum(products.tolist()),
    ):
        assert compare(other, expected, accuracy) is None


@given(vectors())
def test_even_the_worst_order_agrees(drawn: tuple[Array, Array, np.random.Generator]) -> None:
    """All negative numbers first, so that the partial sums grow as large as they can."""
    x, w, _ = drawn
    for terms in (x, w):
        assert compare(in_order(np.sort(terms)), float(terms.sum()), accuracy_of((terms,), {})) is None


@given(vectors())
def test_float32_throughout_and_rounded_at_the_end_agree(drawn: tuple[Array, Array, np.random.Generator]) -> None:
    """For float32 arguments, float32 sums and float64 sums rounded to float32 are both right."""
    x, w, rng = drawn
    x, w = x.astype(np.float32), w.astype(np.float32)
    accuracy = accuracy_of((x, w), {})
    expected = np.array([np.dot(x, w)])

    for other in (in_order(rng.permutation(x * w)), float(np.dot(x.astype(np.float64), w))):
        assert compare(np.array([other], np.float32), expected, accuracy) is None


@given(vectors())
def test_a_term_too_few_is_out_of_tolerance(drawn: tuple[Array, Array, np.random.Generator]) -> None:
    """The nearest mistake, one product left out, is told unless that product is next to nothing."""
    x, w, _ = drawn
    products = x * w
    missing = int(np.argmax(np.abs(products)))
    short = float(np.delete(products, missing).sum())

    assert compare(short, float(products.sum()), accuracy_of((x, w), {})) is not None


def test_an_epsilon_at_the_wrong_place_is_out_of_tolerance() -> None:
    """Batch normalisation with 1e-5 added to the root, not under it, differs by thousands of tolerances."""
    a = np.random.default_rng(0).normal(3.0, 2.0, size=(8, 5))
    right = (a - a.mean(axis=0)) / np.sqrt(a.var(axis=0) + 1e-5)
    mistaken = (a - a.mean(axis=0)) / (a.std(axis=0) + 1e-5)
    accuracy = accuracy_of((a,), {})

    assert compare(mistaken, right, accuracy) is not None
    assert np.abs(mistaken - right).max() > 1000 * accuracy.tolerance(right).absolute


@pytest.mark.parametrize("seed", range(5))
def test_a_convolution_in_loops_or_with_einsum_passes(seed: int) -> None:
    """Other orders of summation in whole functions pass, in float64 and in float32."""
    rng = np.random.default_rng(seed)

    def windows(x: Array, w: Array, b: Array) -> Array:
        views = np.lib.stride_tricks.sliding_window_view(x, w.shape[:2], axis=(1, 2))
        return np.asarray(np.einsum("nijcuv,uvck->nijk", views, w) + b)

    check(student_of(loops_over_lists, reference=conv2d), *conv_arguments(rng), stride=2, pad=1)
    check(student_of(windows, reference=conv2d), *conv_arguments(rng))
    check(student_of(windows, reference=conv2d), *conv_arguments(rng, np.float32))


def test_a_filter_that_adds_up_to_zero_leaves_an_allowed_remainder() -> None:
    """Where 0 is right, each order of summation leaves another tiny number."""
    x = np.full((1, 4, 4, 1), 0.1)
    w = np.array([0.1, 0.2, -0.3, 0.7, -0.7, 1e-17]).reshape(2, 3, 1, 1)

    check(student_of(loops_over_lists, reference=conv2d), x, w, np.zeros(1))


def test_whole_numbers_have_no_tolerance() -> None:
    """A count that is off by one is wrong however large it is."""
    accuracy = accuracy_of((np.ones(1000),), {})

    assert accuracy.tolerance(np.array([10**15])).absolute == 0
    assert compare(10**15 + 1, 10**15, accuracy) is not None
    assert compare(10**400 + 1, 10**400, accuracy) is not None


def test_the_arguments_that_count_whole_things_do_not_widen_the_tolerance() -> None:
    """A seed of a billion is no magnitude."""
    x = np.ones(4)

    assert accuracy_of((x, 10**9), {"seed": 10**9}) == accuracy_of((x,), {})


def test_nothing_finite_or_not_in_the_arguments_breaks_the_tolerance() -> None:
    """Infinite arguments are left out; the largest numbers still give a finite tolerance."""
    huge = np.array([np.inf, np.nan, -1.7e308])

    tolerance = accuracy_of((huge,), {}).tolerance(np.array([1.0, np.inf]))

    assert 0 < tolerance.absolute < 1e306


def test_terms_can_be_named() -> None:
    """The message says the length that the test named."""

    def off(x: Array) -> float:
        return float(x.sum()) + 1e-9

    failed = failure_of(lambda: check(student_of(off, reference=lambda x: float(x.sum())), np.ones(50), terms=7))

    assert "tolerance 3e-13: float64, sums of up to 7 terms" in failed.detail
