"""The references of hw2 against libraries that compute the same in another way."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import ndimage  # type: ignore[import-untyped]

from grader.checks.alternatives import Alternative, read_alternatives
from grader.checks.misconceptions import load_course_module
from tests.oracles.in_tensorflow import answer, needs_tensorflow

FOLDER = Path(__file__).parents[2] / "solutions" / "hw02_pooling"
REFERENCE = load_course_module(FOLDER / "pooling.py")
SEEDS = pytest.mark.parametrize("seed", range(20))
POOLS = pytest.mark.parametrize("pool", ["max_pool2d", "average_pool2d", "l2_pool2d"])

Array = np.ndarray[Any, Any]


def draw_pooling(seed: int) -> tuple[Array, int, int | None]:
    """Draw feature maps, a window that fits them, and a stride or none."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 5))
    images, channels = (int(side) for side in rng.integers(1, 4, size=2))
    height, width = (int(size + more) for more in rng.integers(0, 7, size=2))
    stride = None if seed % 3 == 0 else int(rng.integers(1, 6))
    return rng.normal(size=(images, height, width, channels)), size, stride


def windows_of(seed: int) -> tuple[Array, int, int | None, Array]:
    """Draw maps, and cut the windows out of them one by one: (N, H', W', C, size²)."""
    x, size, stride = draw_pooling(seed)
    step = stride or size
    rows, columns = ((side - size) // step + 1 for side in x.shape[1:3])
    cut = np.empty((len(x), rows, columns, x.shape[3], size * size))
    for n, i, j, c in np.ndindex(*cut.shape[:4]):
        cut[n, i, j, c] = x[n, i * step : i * step + size, j * step : j * step + size, c].ravel()
    return x, size, stride, cut


@SEEDS
def test_each_pool_is_its_formula_window_by_window(seed: int) -> None:
    x, size, stride, cut = windows_of(seed)

    np.testing.assert_array_equal(REFERENCE.max_pool2d(x, size, stride), cut.max(axis=-1))
    np.testing.assert_allclose(REFERENCE.average_pool2d(x, size, stride), cut.sum(axis=-1) / size**2, atol=1e-12)
    np.testing.assert_allclose(REFERENCE.l2_pool2d(x, size, stride), np.linalg.norm(cut, axis=-1), atol=1e-12)


@SEEDS
def test_pools_are_scipy_s_filters_at_every_stride_th_pixel(seed: int) -> None:
    """SciPy's filters have their window around the pixel; an origin puts the pixel into its corner."""
    x, size, stride = draw_pooling(seed)
    step, ends = stride or size, [side - size + 1 for side in x.shape[1:3]]
    around = {"size": (1, size, size, 1), "origin": (0, -(size // 2), -(size // 2), 0)}
    largest, mean = ndimage.maximum_filter(x, **around), ndimage.uniform_filter(x, **around)

    def at_the_corners(filtered: Array) -> Array:
        return filtered[:, : ends[0] : step, : ends[1] : step]

    np.testing.assert_array_equal(REFERENCE.max_pool2d(x, size, stride), at_the_corners(largest))
    np.testing.assert_allclose(REFERENCE.average_pool2d(x, size, stride), at_the_corners(mean), atol=1e-12)


@SEEDS
def test_a_global_average_is_an_average_of_one_window(seed: int) -> None:
    x, _, _ = draw_pooling(seed)
    side = min(x.shape[1:3])
    square = x[:, :side, :side]

    np.testing.assert_allclose(
        REFERENCE.global_average_pool2d(square), REFERENCE.average_pool2d(square, side)[:, 0, 0], atol=1e-12
    )
    np.testing.assert_allclose(REFERENCE.global_average_pool2d(x), np.einsum("nhwc->nc", x) / x[0, :, :, 0].size)


@POOLS
@pytest.mark.parametrize("x", [np.ones((4, 5, 2)), np.ones((4, 5)), np.ones((1, 4, 5, 2, 1))])
def test_other_than_four_axes_are_refused(pool: str, x: Array) -> None:
    with pytest.raises(ValueError, match="four"):
        getattr(REFERENCE, pool)(x)


@POOLS
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0,), "size is 0"),
        ((-1, 1), "size is -1"),
        ((2, 0), "stride is 0"),
        ((3, -2), "stride is -2"),
        ((5,), "larger"),
    ],
)
def test_impossible_windows_are_refused(pool: str, arguments: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        getattr(REFERENCE, pool)(np.ones((1, 4, 6, 2)), *arguments)


@needs_tensorflow
@pytest.mark.slow
def test_pools_are_tensorflow_s(tmp_path: Path) -> None:
    layers = {str(seed): draw_pooling(seed) for seed in range(20)}
    given = {
        f"{part}{name}": np.asarray(value)
        for name, (x, size, stride) in layers.items()
        for part, value in (("x", x), ("z", size), ("s", stride or size))
    }
    script = f"""
for name in map(str, range({len(layers)})):
    x, window = given["x" + name], (int(given["z" + name]), int(given["s" + name]), "VALID")
    answers["max" + name] = tf.nn.max_pool2d(x, *window).numpy()
    answers["average" + name] = tf.nn.avg_pool2d(x, *window).numpy()
    answers["l2" + name] = np.sqrt(tf.nn.avg_pool2d(x * x, *window).numpy()) * window[0]
    answers["global" + name] = tf.keras.layers.GlobalAveragePooling2D(dtype="float64")(x).numpy()
"""
    answers = answer(script, given, tmp_path)

    assert len(answers) == 4 * len(layers)
    for name, layer in layers.items():
        for kind in ("max", "average", "l2"):
            pooled = getattr(REFERENCE, f"{kind}_pool2d")(*layer)
            np.testing.assert_allclose(pooled, answers[kind + name], atol=1e-12)
        np.testing.assert_allclose(REFERENCE.global_average_pool2d(layer[0]), answers["global" + name], atol=1e-12)


@pytest.mark.parametrize(
    "alternative", read_alternatives(FOLDER / "alternatives.py"), ids=lambda alternative: alternative.id
)
def test_an_alternative_gives_what_the_reference_gives(alternative: Alternative) -> None:
    """On every dtype of the course; an alternative that is wrong would teach the grader to be lax."""
    right = getattr(REFERENCE, alternative.function)
    for seed, dtype in itertools.product(range(9), (np.float64, np.float32, np.int64)):
        x, *window = draw_pooling(seed)
        arguments = ((8 * x).astype(dtype), *(() if alternative.function == "global_average_pool2d" else window))
        got, expected = alternative.call(*arguments), right(*arguments)

        assert got.dtype == expected.dtype
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-2 if dtype == np.float32 else 1e-6)
