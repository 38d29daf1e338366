"""The references of hw1 against libraries that compute the same in another way."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import signal  # type: ignore[import-untyped]

from grader.checks.alternatives import Alternative, read_alternatives
from grader.checks.misconceptions import load_course_module
from tests.oracles.in_tensorflow import answer, needs_tensorflow

FOLDER = Path(__file__).parents[2] / "solutions" / "hw01_convolution"
REFERENCE = load_course_module(FOLDER / "convolution.py")
SEEDS = pytest.mark.parametrize("seed", range(20))

Array = np.ndarray[Any, Any]


def draw_layer(seed: int) -> tuple[Array, Array, Array, int, int]:
    """Draw images, filters, biases, a stride and a pad that fit each other."""
    rng = np.random.default_rng(seed)
    fh, fw, channels, filters, stride = (int(side) for side in rng.integers(1, 5, size=5))
    pad = int(rng.integers(0, 3))
    height, width = (int(max(f - 2 * pad, 1) + rng.integers(0, 7)) for f in (fh, fw))
    x = rng.normal(size=(int(rng.integers(1, 4)), height, width, channels))
    return x, rng.normal(size=(fh, fw, channels, filters)), rng.normal(size=filters), stride, pad


def draw_arguments(function: str, seed: int) -> tuple[Any, ...]:
    rng = np.random.default_rng(seed)
    if function == "zero_pad":
        return rng.normal(size=tuple(rng.integers(1, 5, size=4))), int(rng.integers(0, 5))
    if function == "conv1d":
        taps = (2 * int(rng.integers(0, 5)) + 1,)
        return rng.normal(size=int(rng.integers(1, 8))), rng.normal(size=taps if seed % 2 else (3, *taps))
    return draw_layer(seed)


@SEEDS
def test_zero_pad_is_numpy_s_pad(seed: int) -> None:
    x, pad = draw_arguments("zero_pad", seed)
    expected = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))

    np.testing.assert_array_equal(REFERENCE.zero_pad(x, pad), expected)


@SEEDS
def test_conv1d_is_the_lecture_s_sum(seed: int) -> None:
    """Written out index by index, with zeros outside the signal."""
    x, w = draw_arguments("conv1d", seed)
    filters = np.atleast_2d(w)
    half = w.shape[-1] // 2
    expected = np.zeros((len(filters), len(x)))
    for (j, i), k in itertools.product(np.ndindex(*expected.shape), range(-half, half + 1)):
        if 0 <= i + k < len(x):
            expected[j, i] += filters[j, k + half] * x[i + k]

    np.testing.assert_allclose(REFERENCE.conv1d(x, w), expected.reshape(*w.shape[:-1], len(x)), atol=1e-12)


@SEEDS
def test_conv1d_is_scipy_s_correlation(seed: int) -> None:
    """The middle part of the full one, as long as the signal."""
    x, w = draw_arguments("conv1d", 2 * seed + 1)
    half = len(w) // 2
    expected = signal.correlate(x, w, mode="full")[half : half + len(x)]

    np.testing.assert_allclose(REFERENCE.conv1d(x, w), expected, atol=1e-12)


@SEEDS
def test_conv2d_is_scipy_s_correlation(seed: int) -> None:
    """One image and one filter at a time, all windows, of which the stride leaves some."""
    x, w, b, stride, pad = draw_layer(seed)
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    each = [
        [
            signal.correlate(image, w[..., k], mode="valid", method="direct")[::stride, ::stride, 0]
            for k in range(len(b))
        ]
        for image in padded
    ]
    expected = np.array(each).transpose(0, 2, 3, 1) + b

    np.testing.assert_allclose(REFERENCE.conv2d(x, w, b, stride, pad), expected, atol=1e-12)


@SEEDS
def test_conv2d_has_the_adjoint_that_convolution_is(seed: int) -> None:
    """⟨conv2d(x, w), g⟩ = ⟨x, full convolution of g with w⟩, at stride 1."""
    x, w, b, _, _ = draw_layer(seed)
    x = np.pad(x, ((0, 0), (4, 0), (0, 4), (0, 0)))  # large enough for every filter without a frame
    maps = REFERENCE.conv2d(x, w, 0 * b)
    g = np.random.default_rng(seed).normal(size=maps.shape)
    back = np.zeros_like(x)
    for n, c, k in itertools.product(range(len(x)), range(w.shape[2]), range(w.shape[3])):
        back[n, :, :, c] += signal.convolve(g[n, :, :, k], w[:, :, c, k], mode="full", method="direct")

    np.testing.assert_allclose(np.vdot(maps, g), np.vdot(x, back), rtol=1e-10, atol=1e-10)


@SEEDS
def test_conv2d_is_linear_in_images_and_in_filters(seed: int) -> None:
    x, w, b, stride, pad = draw_layer(seed)
    rng = np.random.default_rng(seed)
    y, v = np.asarray(rng.normal(size=x.shape)), np.asarray(rng.normal(size=w.shape))

    def maps(images: Array, filters: Array) -> Array:
        return np.asarray(REFERENCE.conv2d(images, filters, 0 * b, stride, pad))

    np.testing.assert_allclose(maps(2 * x - y, w), 2 * maps(x, w) - maps(y, w), atol=1e-11)
    np.testing.assert_allclose(maps(x, w + 3 * v), maps(x, w) + 3 * maps(x, v), atol=1e-11)


@needs_tensorflow
@pytest.mark.slow
def test_conv2d_is_tensorflow_s(tmp_path: Path) -> None:
    layers = {str(seed): draw_layer(seed) for seed in range(20)}
    given = {
        f"{part}{name}": np.asarray(value)
        for name, layer in layers.items()
        for part, value in zip("xwbsp", layer, strict=True)
    }
    script = f"""
for name in map(str, range({len(layers)})):
    p = int(given["p" + name])
    frame = [[0, 0], [p, p], [p, p], [0, 0]]
    maps = tf.nn.conv2d(given["x" + name], given["w" + name], int(given["s" + name]), frame)
    answers[name] = (maps + given["b" + name]).numpy()
"""
    answers = answer(script, given, tmp_path)

    assert answers.keys() == layers.keys()
    for name, layer in layers.items():
        np.testing.assert_allclose(REFERENCE.conv2d(*layer), answers[name], atol=1e-12)


@pytest.mark.parametrize(
    "alternative", read_alternatives(FOLDER / "alternatives.py"), ids=lambda alternative: alternative.id
)
def test_an_alternative_gives_what_the_reference_gives(alternative: Alternative) -> None:
    """On every dtype of the course; an alternative that is wrong would teach the grader to be lax."""
    right = getattr(REFERENCE, alternative.function)
    for seed, dtype in itertools.product(range(8), (np.float64, np.float32, np.int64)):
        arguments = [
            (8 * value).astype(dtype) if isinstance(value, np.ndarray) else value
            for value in draw_arguments(alternative.function, seed)
        ]
        got, expected = alternative.call(*arguments), right(*arguments)

        assert got.dtype == expected.dtype
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-2 if dtype == np.float32 else 1e-10)
