"""The references of hw5 against all 2^n masks, against finite differences, and against exact binomial odds."""

import itertools
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats  # type: ignore[import-untyped]

from grader.checks.alternatives import Alternative, read_alternatives
from grader.checks.misconceptions import Misconception, load_course_module, read_misconceptions
from grader.checks.students import Call
from grader.records import Returned

FOLDER = Path(__file__).parents[2] / "solutions" / "hw05_dropout"
REFERENCE = load_course_module(FOLDER / "dropout.py")
ALTERNATIVES = read_alternatives(FOLDER / "alternatives.py")
MISCONCEPTIONS = read_misconceptions(FOLDER / "misconceptions.py")
DRAWING = ("dropout_train", "inverted_dropout_train")
SEEDS = pytest.mark.parametrize("seed", range(20))

Array = np.ndarray[Any, Any]
Node = tuple[Array, Array, float, Array]


def draw_node(seed: int, *, longest: int = 7) -> Node:
    """Draw w, inputs, t and p of a linear node, with certain inputs among them."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, longest + 1))
    p = rng.choice([0.0, 1.0, 0.5, *rng.uniform(size=7)], size=n)
    return rng.normal(size=n), rng.normal(size=n), float(rng.normal()), p


def all_masks(p: Array) -> Iterator[tuple[float, Array]]:
    """Every mask with its probability."""
    for mask in itertools.product((0.0, 1.0), repeat=len(p)):
        drawn = np.array(mask)
        yield float(np.prod(np.where(drawn == 1, p, 1 - p))), drawn


def error_of_a_mask(node: Node, mask: Array) -> float:
    """E_D, (9.4.6)."""
    w, inputs, t, _ = node
    return 0.5 * float(t - np.sum(mask * w * inputs)) ** 2


def slope_by_differences(error: Any, w: Array) -> Array:
    """Central differences with a step of 1: exact for what is quadratic in w."""
    return np.array([(error(w + step) - error(w - step)) / 2 for step in np.eye(len(w))])


@SEEDS
def test_the_expected_gradient_is_the_mean_over_all_masks(seed: int) -> None:
    """Each mask's gradient by differences of its error, not by (9.4.8)."""
    node = draw_node(seed)
    w, inputs, t, p = node
    mean = sum(
        chance * slope_by_differences(lambda v, mask=mask: error_of_a_mask((v, inputs, t, p), mask), w)
        for chance, mask in all_masks(p)
    )

    np.testing.assert_allclose(REFERENCE.expected_dropout_gradient(*node), mean, rtol=1e-12, atol=1e-12)


@SEEDS
def test_the_regularized_error_is_the_mean_error_over_all_masks(seed: int) -> None:
    node = draw_node(seed)
    mean = sum(chance * error_of_a_mask(node, mask) for chance, mask in all_masks(node[3]))

    np.testing.assert_allclose(REFERENCE.regularized_error(*node), mean, rtol=1e-12, atol=1e-13)


@SEEDS
def test_the_expected_gradient_is_the_slope_of_the_regularized_error(seed: int) -> None:
    """(9.4.12) from (9.4.13)."""
    w, inputs, t, p = draw_node(seed)
    slope = slope_by_differences(lambda v: REFERENCE.regularized_error(v, inputs, t, p), w)

    np.testing.assert_allclose(REFERENCE.expected_dropout_gradient(w, inputs, t, p), slope, rtol=1e-11, atol=1e-12)


@SEEDS
def test_the_ensemble_s_gradient_is_the_slope_of_its_error(seed: int) -> None:
    """The ensemble's output is the mean output over all masks, (9.4.2) from (9.4.3)."""
    w, inputs, t, p = draw_node(seed)

    def error(v: Array) -> float:
        return 0.5 * (t - sum(chance * float(np.sum(mask * v * inputs)) for chance, mask in all_masks(p))) ** 2

    slope = slope_by_differences(error, w)
    np.testing.assert_allclose(REFERENCE.ensemble_gradient(w, inputs, t, p), slope, rtol=1e-11, atol=1e-12)


@SEEDS
def test_the_variance_is_scipy_s_and_that_of_both_outcomes(seed: int) -> None:
    p = np.random.default_rng(seed).uniform(size=(3, 4))
    by_outcome = p * (1 - p) ** 2 + (1 - p) * (0 - p) ** 2

    np.testing.assert_allclose(REFERENCE.bernoulli_variance(p), stats.bernoulli.var(p), rtol=1e-12)
    np.testing.assert_allclose(REFERENCE.bernoulli_variance(p), by_outcome, rtol=1e-12)


@SEEDS
def test_inference_is_the_mean_over_all_masks(seed: int) -> None:
    """And of inverted dropout the mean is x itself."""
    x, keep_prob = np.random.default_rng(seed).normal(size=6), 0.1 + 0.04 * seed
    mean = sum(chance * mask * x for chance, mask in all_masks(np.full(6, keep_prob)))
    mean_of_inverted = sum(chance * mask * x / keep_prob for chance, mask in all_masks(np.full(6, keep_prob)))

    np.testing.assert_allclose(REFERENCE.dropout_inference(x, keep_prob), mean, rtol=1e-13)
    np.testing.assert_allclose(x, mean_of_inverted, rtol=1e-12)


@pytest.mark.parametrize("keep_prob", [0.3, 0.5])
def test_all_masks_of_three_nodes_come_as_often_as_they_should(keep_prob: float) -> None:
    """A chi-squared test over the eight masks, by 4000 seeds; a right function fails once in a million."""
    x = np.ones(3)
    seen = np.zeros((2, 2, 2))
    for seed in range(4000):
        _, mask = REFERENCE.dropout_train(x, keep_prob, seed)
        seen[tuple(mask.astype(int))] += 1
    due = [4000 * chance for chance, _ in all_masks(np.full(3, keep_prob))]

    assert stats.chisquare(seen.ravel(), due).pvalue > 1e-6


@SEEDS
@pytest.mark.parametrize("name", DRAWING)
def test_values_follow_from_the_mask_of_the_seed_s_uniform_numbers(seed: int, name: str) -> None:
    x, keep_prob = np.random.default_rng(seed).normal(size=(3, 4, 2)), 0.05 * (seed + 1)
    values, mask = getattr(REFERENCE, name)(x, keep_prob, seed)
    expected = np.random.default_rng(seed).random((3, 4, 2)) < keep_prob
    factor = 1 if name == "dropout_train" else 1 / keep_prob

    np.testing.assert_array_equal(mask, expected)
    np.testing.assert_allclose(values, np.where(expected, factor * x, 0), rtol=1e-15)


def test_global_generators_are_left_alone() -> None:
    """Neither NumPy's nor Python's: state before and after is the same."""
    import random

    before = random.getstate(), np.random.get_state()  # noqa: NPY002
    for name in DRAWING:
        getattr(REFERENCE, name)(np.ones((2, 3)), 0.5, 1)
    for alternative in ALTERNATIVES:
        if alternative.function in DRAWING:
            alternative.call(np.ones((2, 3)), 0.5, 1)
    after = random.getstate(), np.random.get_state()  # noqa: NPY002

    assert after[0] == before[0]
    assert all(np.array_equal(now, was) for now, was in zip(after[1], before[1], strict=True))


@SEEDS
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int8, np.int64])
def test_weight_decay_is_numpy_s_norms(seed: int, dtype: Any) -> None:
    weights = (np.random.default_rng(seed).normal(size=(3, 4)) * 50).astype(dtype)
    exact = weights.astype(np.float64).ravel()

    np.testing.assert_allclose(REFERENCE.weight_decay(weights, 0.7), 0.7 * np.linalg.norm(exact) ** 2, rtol=1e-6)
    np.testing.assert_allclose(REFERENCE.weight_decay(weights, 0.7, "l1"), 0.7 * np.linalg.norm(exact, 1), rtol=1e-6)


@pytest.mark.parametrize(
    "alternative",
    [each for each in ALTERNATIVES if each.function not in DRAWING],
    ids=lambda alternative: alternative.id,
)
def test_an_alternative_gives_what_the_reference_gives(alternative: Alternative) -> None:
    """On every dtype of the course."""
    right = getattr(REFERENCE, alternative.function)
    for seed, dtype in itertools.product(range(8), (np.float64, np.float32, np.int64)):
        w, inputs, t, p = draw_node(seed)
        p = p if dtype is np.int64 else p.astype(dtype)
        w, inputs = (9 * w).astype(dtype), (9 * inputs).astype(dtype)
        arguments: tuple[Any, ...] = (w, inputs, t, p)
        if alternative.function == "bernoulli_variance":
            arguments = (p,)
        elif alternative.function in ("dropout_inference", "weight_decay"):
            arguments = (w, 0.3)
        got, expected = alternative.call(*arguments), right(*arguments)

        assert np.ndim(expected) == 0 or got.dtype == expected.dtype
        tight = 1e-4 if dtype is np.float32 else 1e-11
        np.testing.assert_allclose(got, expected, rtol=tight, atol=100 * tight)


# --- hints of random functions: no right answer may look like a mistake ---------


def right_answers(function: str) -> list[tuple[str, Any]]:
    found = [("the reference", getattr(REFERENCE, function))]
    return found + [(each.id, each.call) for each in ALTERNATIVES if each.function == function]


def call(function: Any, *args: Any) -> Call:
    return Call(args=args, kwargs={}, reply=Returned(value=function(*args)))


def sessions(function: Any, seed: int) -> Iterator[list[Call]]:
    """Calls as the hidden tests make them, and odd ones."""
    rng = np.random.default_rng(seed)
    for shape, p, count in [
        ((4, 6), 1.0, 1),
        ((5, 7), 0.7, 1),
        ((2000,), 0.25, 2),
        ((6, 8), 0.5, 8),
        ((3, 5, 4, 4), 0.5, 8),
        ((5, 6), 0.5, 16),
        ((2, 2), 0.5, 3),
        ((1,), 0.3, 4),
        ((30, 1), 0.9, 2),
    ]:
        yield [call(function, rng.normal(size=shape), p, int(rng.integers(2**31))) for _ in range(count)]
    x, zeros, number = rng.normal(size=(4, 6)), np.maximum(rng.normal(size=(4, 9)), 0), int(rng.integers(2**31))
    yield [call(function, x, 0.5, number), call(function, x, 0.4, 3), call(function, x, 0.5, number)]
    yield [call(function, zeros, 1.0, number)]
    yield [call(function, rng.integers(1, 10, size=(4, 7)), 0.6, number)]
    yield [call(function, x.astype(np.float32), 0.6, number)]


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAWING)
def test_no_right_answer_is_taken_for_a_mistake(name: str) -> None:
    """Over 8 students; a recogniser errs less than once in a million."""
    known = [each for each in MISCONCEPTIONS if each.function == name and each.recognise is not None]
    assert len(known) >= 16
    for (who, function), seed in itertools.product(right_answers(name), range(8)):
        for calls in sessions(function, zlib.crc32(f"{who} {seed}".encode())):
            taken = [wrong.id for wrong in known if _recognised(wrong, calls)]

            assert taken == [], (who, seed, [each.args[0].shape for each in calls])


def _recognised(wrong: Misconception, calls: list[Call]) -> bool:
    """An answer that cannot be looked at has no property, as in a diagnosis."""
    assert wrong.recognise is not None
    try:
        return wrong.recognise(calls)
    except (ValueError, TypeError, AttributeError):
        return False
