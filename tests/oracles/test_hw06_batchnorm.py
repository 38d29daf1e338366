"""The references of hw6 against exact fractions, Keras, and what normalisation promises."""

import itertools
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.checks.alternatives import Alternative, read_alternatives
from grader.checks.misconceptions import load_course_module
from tests.oracles.in_tensorflow import answer, needs_tensorflow

FOLDER = Path(__file__).parents[2] / "solutions" / "hw06_batchnorm"
REFERENCE = load_course_module(FOLDER / "batchnorm.py")
SEEDS = pytest.mark.parametrize("seed", range(20))

Array = np.ndarray[Any, Any]


def draw_sums(seed: int) -> tuple[Array, Array, Array]:
    """Draw weighted sums, (N, D) or (N, H, W, C), and a scale and a shift for each node."""
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(1, 6, size=2 if seed % 2 else 4))
    return rng.normal(1, 2, size=shape), rng.normal(size=shape[-1]), rng.normal(size=shape[-1])


def normalise_exactly(numbers: Array, eps: float) -> list[float]:
    """Normalise a list of numbers: all but the root in fractions."""
    exact = [Fraction(float(number)) for number in numbers]
    mean = sum(exact) / len(exact)
    variance = sum((number - mean) ** 2 for number in exact) / len(exact)
    return [float(number - mean) / math.sqrt(variance + Fraction(eps)) for number in exact]


def normalise_nodes_exactly(a: Array, gamma: Array, beta: Array, eps: float) -> Array:
    columns = [normalise_exactly(column, eps) for column in a.reshape(-1, a.shape[-1]).T]
    return np.array(columns).T.reshape(a.shape) * gamma + beta


@SEEDS
@pytest.mark.parametrize("eps", [1e-3, 0.7])
def test_batchnorm_train_is_that_of_fractions(seed: int, eps: float) -> None:
    a, gamma, beta = draw_sums(seed)

    y = REFERENCE.batchnorm_train(a, gamma, beta, eps)

    np.testing.assert_allclose(y, normalise_nodes_exactly(a, gamma, beta, eps), atol=1e-12)


@SEEDS
@pytest.mark.parametrize("mean", [0.0, 5000.0, -5000.0])
def test_float32_is_exact_far_from_zero(seed: int, mean: float) -> None:
    """The sums themselves are rounded to 1/2048 there; their mean and variance must not add much to that."""
    rng = np.random.default_rng(seed)
    a = (mean + rng.normal(size=(8, 6))).astype(np.float32)
    one, zero = np.ones(6, np.float32), np.zeros(6, np.float32)

    y = REFERENCE.batchnorm_train(a, one, zero, 0.01)

    assert y.dtype == np.float32
    np.testing.assert_allclose(y, normalise_nodes_exactly(a, one, zero, 0.01), atol=2e-3 if mean else 2e-6)


@SEEDS
def test_layernorm_is_that_of_fractions(seed: int) -> None:
    a, gamma, beta = draw_sums(2 * seed + 1)
    expected = np.array([normalise_exactly(row, 0.1) for row in a]) * gamma + beta

    np.testing.assert_allclose(REFERENCE.layernorm(a, gamma, beta, 0.1), expected, atol=1e-12)


@SEEDS
def test_inference_with_the_batch_s_own_statistics_is_training(seed: int) -> None:
    a, gamma, beta = draw_sums(seed)
    rows = a.reshape(-1, a.shape[-1])
    mean, var = rows.mean(axis=0), rows.var(axis=0)

    y = REFERENCE.batchnorm_inference(a, mean, var, gamma, beta, 0.1)

    np.testing.assert_allclose(y, REFERENCE.batchnorm_train(a, gamma, beta, 0.1), atol=1e-12)


@SEEDS
def test_a_running_statistic_is_a_sum_with_falling_weights(seed: int) -> None:
    """After T batches the weight of the t-th is (1 - m) · m^(T - t), that of the first value m^T."""
    rng = np.random.default_rng(seed)
    first, batches, momentum = rng.normal(size=4), rng.normal(size=(6, 4)), float(rng.uniform())

    running = first
    for batch in batches:
        running = REFERENCE.update_running(running, batch, momentum)

    weights = (1 - momentum) * momentum ** np.arange(5, -1, -1)
    np.testing.assert_allclose(running, momentum**6 * first + weights @ batches, atol=1e-14)


@needs_tensorflow
@pytest.mark.slow
def test_both_normalisations_are_keras_s(tmp_path: Path) -> None:
    """Keras computes in float32; its layers hold the statistics and the momentum as the lecture does."""
    batches = {f"{seed}": draw_sums(seed) for seed in range(8)}
    given = {
        f"{part}{name}": value.astype(np.float32)
        for name, batch in batches.items()
        for part, value in zip("agb", batch, strict=True)
    }
    script = """
import keras
for name in [key[1:] for key in given if key[0] == "a"]:
    a, gamma, beta = (given[part + name] for part in "agb")
    layer = keras.layers.BatchNormalization(momentum=0.75, epsilon=0.1)
    layer.build(a.shape)
    layer.gamma.assign(gamma)
    layer.beta.assign(beta)
    layer.moving_mean.assign(beta)
    answers["train" + name] = layer(a, training=True).numpy()
    answers["mean" + name] = layer.moving_mean.numpy()
    answers["variance" + name] = layer.moving_variance.numpy()
    answers["inference" + name] = layer(a, training=False).numpy()
    if a.ndim == 2:
        layer = keras.layers.LayerNormalization(epsilon=0.1)
        layer.build(a.shape)
        layer.gamma.assign(gamma)
        layer.beta.assign(beta)
        answers["layer" + name] = layer(a).numpy()
"""
    answers = answer(script, given, tmp_path)

    for name, (a, gamma, beta) in batches.items():
        mean = REFERENCE.update_running(beta, a.reshape(-1, a.shape[-1]).mean(axis=0), 0.75)
        variance = REFERENCE.update_running(np.ones_like(beta), a.reshape(-1, a.shape[-1]).var(axis=0), 0.75)
        expected = {
            "train": REFERENCE.batchnorm_train(a, gamma, beta, 0.1),
            "mean": mean,
            "variance": variance,
            "inference": REFERENCE.batchnorm_inference(a, mean, variance, gamma, beta, 0.1),
        }
        if a.ndim == 2:
            expected["layer"] = REFERENCE.layernorm(a, gamma, beta, 0.1)
        for part, value in expected.items():
            np.testing.assert_allclose(answers[part + name], value, atol=2e-5)


@pytest.mark.parametrize(
    "alternative", read_alternatives(FOLDER / "alternatives.py"), ids=lambda alternative: alternative.id
)
def test_an_alternative_gives_what_the_reference_gives(alternative: Alternative) -> None:
    """On every dtype of the course; an alternative that is wrong would teach the grader to be lax."""
    right = getattr(REFERENCE, alternative.function)
    for seed, dtype in itertools.product(range(8), (np.float64, np.float32, np.int64)):
        a, gamma, beta = draw_sums(2 * seed + 1 if alternative.function == "layernorm" else seed)
        sums = (4 * a).astype(dtype)
        others = [array.astype(np.float32 if dtype == np.float32 else np.float64) for array in (beta, gamma**2)]
        arguments: list[Any] = {
            "batchnorm_inference": [sums, *others, *others, 0.1],
            "update_running": [sums.ravel()[: len(beta)], others[0][: sums.size], 0.7],
        }.get(alternative.function, [sums, *others, 0.1])
        got, expected = alternative.call(*arguments), right(*arguments)

        assert got.dtype == expected.dtype
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-4 if dtype == np.float32 else 1e-12)
