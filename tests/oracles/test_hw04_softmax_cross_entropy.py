"""The references of hw4 against libraries and finite differences."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import special  # type: ignore[import-untyped]

from grader.checks.alternatives import Alternative, read_alternatives
from grader.checks.misconceptions import load_course_module
from tests.oracles.in_tensorflow import answer, needs_tensorflow

FOLDER = Path(__file__).parents[2] / "solutions" / "hw04_softmax_cross_entropy"
REFERENCE = load_course_module(FOLDER / "softmax_cross_entropy.py")
SEEDS = pytest.mark.parametrize("seed", range(20))
SCALES = (1.0, 30.0, 1e4)  # of the logits: near 0, far apart, far beyond what e^z can hold

Array = np.ndarray[Any, Any]


def draw_batch(seed: int, *, scale: float = 1.0) -> tuple[Array, Array]:
    """Draw logits and one-hot targets, (N, K) both."""
    rng = np.random.default_rng(seed)
    samples, classes = int(rng.integers(1, 7)), int(rng.integers(2, 7))
    return scale * rng.normal(size=(samples, classes)), np.eye(classes)[rng.integers(classes, size=samples)]


@SEEDS
@pytest.mark.parametrize("scale", SCALES)
def test_softmax_is_scipy_s(seed: int, scale: float) -> None:
    """With one to four axes."""
    rng = np.random.default_rng(seed)
    logits = scale * rng.normal(size=tuple(rng.integers(1, 6, size=seed % 4 + 1)))

    np.testing.assert_allclose(REFERENCE.softmax(logits), special.softmax(logits, axis=-1), atol=1e-14)


@SEEDS
def test_cross_entropy_is_scipy_s_relative_entropy(seed: int) -> None:
    """For one-hot targets the two are the same; SciPy's `rel_entr` knows that 0 · log 0 is 0."""
    logits, t = draw_batch(seed)
    y = np.where(logits > np.median(logits), special.softmax(logits, axis=1), 0)
    y = np.where((t == 1) & (y == 0), 0.25, y)
    expected = special.rel_entr(t, y).sum(axis=1).mean()

    np.testing.assert_allclose(REFERENCE.cross_entropy(y, t), expected, rtol=1e-13, atol=1e-14)


@SEEDS
@pytest.mark.parametrize("scale", SCALES)
def test_the_loss_of_logits_is_that_of_scipy_s_log_softmax(seed: int, scale: float) -> None:
    logits, t = draw_batch(seed, scale=scale)
    expected = -special.log_softmax(logits, axis=1)[t == 1].mean()

    np.testing.assert_allclose(REFERENCE.softmax_cross_entropy(logits, t), expected, rtol=1e-12, atol=1e-12)


@SEEDS
def test_the_gradient_is_the_slope_of_the_loss(seed: int) -> None:
    """Central differences, one logit after the other: off by about h^2 and eps/h, 1e-9 in all."""
    logits, t = draw_batch(seed)
    step = 1e-5
    slope = np.zeros_like(logits)
    for place in np.ndindex(*logits.shape):
        there, back = logits.copy(), logits.copy()
        there[place] += step
        back[place] -= step
        rise = REFERENCE.softmax_cross_entropy(there, t) - REFERENCE.softmax_cross_entropy(back, t)
        slope[place] = rise / (2 * step)

    np.testing.assert_allclose(REFERENCE.softmax_cross_entropy_gradient(logits, t), slope, atol=1e-9)


@SEEDS
@pytest.mark.parametrize("scale", SCALES)
def test_every_row_of_the_gradient_sums_to_zero(seed: int, scale: float) -> None:
    """Adding the same number to all logits of a sample changes nothing."""
    gradient = REFERENCE.softmax_cross_entropy_gradient(*draw_batch(seed, scale=scale))

    np.testing.assert_allclose(gradient.sum(axis=1), 0, atol=1e-15)


@needs_tensorflow
@pytest.mark.slow
def test_loss_and_gradient_are_tensorflow_s(tmp_path: Path) -> None:
    batches = {f"{seed} {scale}": draw_batch(seed, scale=scale) for seed in range(8) for scale in SCALES}
    given = {f"{part}{name}": value for name, batch in batches.items() for part, value in zip("zt", batch, strict=True)}
    script = """
for name in [key[1:] for key in given if key[0] == "z"]:
    z, t = tf.constant(given["z" + name]), given["t" + name]
    with tf.GradientTape() as tape:
        tape.watch(z)
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(t, z))
    answers["loss" + name] = loss.numpy()
    answers["gradient" + name] = tape.gradient(loss, z).numpy()
"""
    answers = answer(script, given, tmp_path)

    assert len(answers) == 2 * len(batches)
    for name, batch in batches.items():
        np.testing.assert_allclose(
            REFERENCE.softmax_cross_entropy(*batch), answers[f"loss{name}"], rtol=1e-12, atol=1e-12
        )
        gradient = REFERENCE.softmax_cross_entropy_gradient(*batch)
        np.testing.assert_allclose(gradient, answers[f"gradient{name}"], atol=1e-14)


@pytest.mark.parametrize(
    "alternative", read_alternatives(FOLDER / "alternatives.py"), ids=lambda alternative: alternative.id
)
def test_an_alternative_gives_what_the_reference_gives(alternative: Alternative) -> None:
    """On every dtype of the course; an alternative that is wrong would teach the grader to be lax."""
    right = getattr(REFERENCE, alternative.function)
    for seed, dtype in itertools.product(range(8), (np.float64, np.float32, np.int64)):
        logits, t = draw_batch(seed)
        first = t if alternative.function == "cross_entropy" else (8 * logits).astype(dtype)
        arguments = [first] if alternative.function == "softmax" else [first, t.astype(dtype)]
        got, expected = alternative.call(*arguments), right(*arguments)

        assert np.ndim(got) == 0 or got.dtype == expected.dtype
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5 if dtype == np.float32 else 1e-12)
