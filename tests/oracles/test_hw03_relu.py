"""The references of hw3 against libraries that compute the same in another way."""

import itertools
import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import ndimage, signal, special  # type: ignore[import-untyped]

from grader.checks.alternatives import Alternative, read_alternatives
from grader.checks.misconceptions import load_course_module
from tests.oracles.in_tensorflow import answer, needs_tensorflow

FOLDER = Path(__file__).parents[2] / "solutions" / "hw03_relu"
REFERENCE = load_course_module(FOLDER / "relu.py")
SEEDS = pytest.mark.parametrize("seed", range(20))
FAR = np.array([-1000.0, -750, -709.8, -88.8, -40, -1e-9, 0, 1e-9, 40, 88.8, 709.8, 750, 1000])

Array = np.ndarray[Any, Any]


def draw_numbers(seed: int) -> Array:
    """Draw numbers of both signs in an array of one to four axes."""
    rng = np.random.default_rng(seed)
    return np.asarray(rng.normal(scale=3, size=tuple(rng.integers(1, 5, size=seed % 4 + 1))))


def draw_image(seed: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=tuple(2 * rng.integers(1, 6, size=2))), rng.normal(size=(3, 3))


@SEEDS
def test_relu_is_what_clips_below_zero(seed: int) -> None:
    x = draw_numbers(seed)

    np.testing.assert_array_equal(REFERENCE.relu(x), x.clip(min=0))


@SEEDS
def test_the_gradient_is_the_slope_of_relu_away_from_its_corner(seed: int) -> None:
    """A central difference, with a step that stays on one side of 0."""
    x = draw_numbers(seed)
    step = np.abs(x) / 2
    slope = (REFERENCE.relu(x + step) - REFERENCE.relu(x - step)) / (2 * step)

    np.testing.assert_allclose(REFERENCE.relu_gradient(x), slope, atol=1e-12)


def test_the_gradient_in_the_corner_is_what_the_handout_fixes() -> None:
    np.testing.assert_array_equal(REFERENCE.relu_gradient(np.array([0.0, -0.0])), [0, 0])


@SEEDS
def test_sigmoid_is_scipy_s(seed: int) -> None:
    x = draw_numbers(seed)

    np.testing.assert_allclose(REFERENCE.sigmoid(x), special.expit(x), rtol=1e-14)


@SEEDS
def test_tanh_is_the_math_module_s(seed: int) -> None:
    x = draw_numbers(seed)
    expected = np.array([math.tanh(number) for number in x.flat]).reshape(x.shape)

    np.testing.assert_allclose(REFERENCE.tanh(x), expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_far_from_zero_both_are_right_and_silent(dtype: type) -> None:
    x: Array = FAR.astype(dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        squeezed = REFERENCE.sigmoid(x), REFERENCE.tanh(x)

    np.testing.assert_allclose(squeezed[0], special.expit(x), rtol=1e-5, atol=1e-38)
    np.testing.assert_allclose(squeezed[1], np.tanh(x), rtol=1e-5, atol=1e-7)


@SEEDS
def test_the_pipeline_is_scipy_s_correlation_and_filters(seed: int) -> None:
    image, kernel = draw_image(seed)
    conv = signal.correlate2d(image, kernel, mode="same")
    blocks = ndimage.maximum_filter(np.maximum(conv, 0), size=2, origin=-1)[::2, ::2]
    stages = REFERENCE.edge_pipeline(image, kernel)

    for stage, expected in zip(stages, (conv, np.maximum(conv, 0), blocks), strict=True):
        np.testing.assert_allclose(stage, expected, atol=1e-12)


def test_the_shapes_are_those_of_the_lecture_s_example() -> None:
    """Example 9-3-1: 6 by 6, 6 by 6, 3 by 3."""
    stages = REFERENCE.edge_pipeline(np.eye(6), np.ones((3, 3)))

    assert [stage.shape for stage in stages] == [(6, 6), (6, 6), (3, 3)]


@needs_tensorflow
@pytest.mark.slow
def test_all_are_tensorflow_s(tmp_path: Path) -> None:
    images = {str(seed): draw_image(seed) for seed in range(10)}
    given = {f"image{name}": image for name, (image, _) in images.items()}
    given |= {f"kernel{name}": kernel for name, (_, kernel) in images.items()}
    script = f"""
for name in map(str, range({len(images)})):
    image = tf.constant(given["image" + name])
    with tf.GradientTape() as tape:
        tape.watch(image)
        total = tf.reduce_sum(tf.nn.relu(image))
    answers["slope" + name] = tape.gradient(total, image).numpy()
    answers["sigmoid" + name] = tf.nn.sigmoid(image).numpy()
    answers["tanh" + name] = tf.nn.tanh(image).numpy()
    conv = tf.nn.conv2d(image[None, :, :, None], given["kernel" + name][:, :, None, None], 1, "SAME")
    pooled = tf.nn.max_pool2d(tf.nn.relu(conv), 2, 2, "VALID")
    for stage, value in (("conv", conv), ("relu", tf.nn.relu(conv)), ("pooled", pooled)):
        answers[stage + name] = value.numpy()[0, :, :, 0]
"""
    answers = answer(script, given, tmp_path)

    assert len(answers) == 6 * len(images)
    for name, (image, kernel) in images.items():
        got = dict(zip(("conv", "relu", "pooled"), REFERENCE.edge_pipeline(image, kernel), strict=True))
        got |= {"slope": REFERENCE.relu_gradient(image), "sigmoid": REFERENCE.sigmoid(image)}
        got |= {"tanh": REFERENCE.tanh(image)}
        for part, value in got.items():
            np.testing.assert_allclose(value, answers[part + name], atol=1e-12)


@pytest.mark.parametrize(
    "alternative", read_alternatives(FOLDER / "alternatives.py"), ids=lambda alternative: alternative.id
)
def test_an_alternative_gives_what_the_reference_gives(alternative: Alternative) -> None:
    """On every dtype of the course; an alternative that is wrong would teach the grader to be lax."""
    right = getattr(REFERENCE, alternative.function)
    for seed, dtype in itertools.product(range(8), (np.float64, np.float32, np.int64)):
        drawn = draw_image(seed) if alternative.function == "edge_pipeline" else (draw_numbers(seed),)
        arguments = [(2 * value).astype(dtype) for value in drawn]
        got, expected = alternative.call(*arguments), right(*arguments)
        if alternative.function != "edge_pipeline":
            got, expected = (got,), (expected,)

        for stage, due in zip(got, expected, strict=True):
            assert stage.dtype == due.dtype
            np.testing.assert_allclose(stage, due, rtol=1e-4, atol=1e-4 if dtype == np.float32 else 1e-10)
