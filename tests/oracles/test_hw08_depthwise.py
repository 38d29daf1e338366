"""The references of hw8 against TensorFlow and scipy, against the adjoint's law, and against counting."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import signal  # type: ignore[import-untyped]

from grader.checks.alternatives import Alternative, read_alternatives
from grader.checks.behaviours import behave
from grader.checks.misconceptions import load_course_module
from tests.oracles.in_tensorflow import answer, needs_tensorflow

FOLDER = Path(__file__).parents[2] / "solutions" / "hw08_depthwise"
REFERENCE = load_course_module(FOLDER / "depthwise.py")
CONV2D = load_course_module(FOLDER.parent / "hw01_convolution" / "convolution.py").conv2d
SEEDS = pytest.mark.parametrize("seed", range(20))

Array = np.ndarray[Any, Any]


def draw_layer(seed: int) -> tuple[Array, Array, Array, int, int, int]:
    """Draw images, filters, biases, a dilation, a stride and a pad that fit each other."""
    rng = np.random.default_rng(seed)
    fh, fw, channels, filters, dilation, stride = (int(side) for side in rng.integers(1, 4, size=6))
    pad = int(rng.integers(0, 3))
    spans = (dilation * (fh - 1) + 1, dilation * (fw - 1) + 1)
    height, width = (int(max(span - 2 * pad, 1) + rng.integers(0, 6)) for span in spans)
    x = rng.normal(size=(int(rng.integers(1, 4)), height, width, channels))
    return x, rng.normal(size=(fh, fw, channels, filters)), rng.normal(size=filters), dilation, stride, pad


def draw_way_back(seed: int) -> tuple[Array, Array, int, int]:
    """Draw maps, filters, a stride and a pad that leave something."""
    rng = np.random.default_rng(seed)
    fh, fw, channels, filters, stride = (int(side) for side in rng.integers(1, 5, size=5))
    pad = int(rng.integers(0, (min(fh, fw) + 1) // 2))
    x = rng.normal(size=(*rng.integers(1, 5, size=3), filters))
    return x, rng.normal(size=(fh, fw, channels, filters)), stride, pad


def draw_arguments(function: str, seed: int) -> tuple[Any, ...]:
    """Draw arguments of one of the functions, possible ones."""
    rng = np.random.default_rng(seed)
    x, w, b, dilation, stride, pad = draw_layer(seed)
    if function == "dilated_conv2d":
        return x, w, b, dilation, stride, pad
    if function == "transposed_conv2d":
        return draw_way_back(seed)
    if function == "separable_conv2d":
        return x, w[:, 0, 0, 0], w[0, :, 0, 0], pad
    if function == "depthwise_conv2d":
        return x, w[..., 0], stride, pad
    if function == "pointwise_conv2d":
        return x, w[0, 0]
    if function == "depthwise_separable_conv2d":
        return x, w[..., 0], w[0, 0], stride, pad
    return tuple(rng.integers(1, 40, size=2 if function == "cost_ratio" else 4).tolist())


@SEEDS
def test_a_dilated_convolution_is_one_with_a_larger_filter(seed: int) -> None:
    """Lecture 9.5: a filter from which rows and columns were deleted; here they are zeros."""
    x, w, b, dilation, stride, pad = draw_layer(seed)
    fh, fw, *rest = w.shape
    wide = np.zeros((dilation * (fh - 1) + 1, dilation * (fw - 1) + 1, *rest))
    wide[::dilation, ::dilation] = w

    got = REFERENCE.dilated_conv2d(x, w, b, dilation, stride, pad)

    np.testing.assert_allclose(got, CONV2D(x, wide, b, stride, pad), atol=1e-12)


@SEEDS
def test_the_transposed_convolution_is_the_adjoint(seed: int) -> None:
    """⟨conv2d(u, w, 0), x⟩ = ⟨u, transposed(x, w)⟩, for a u of the size that comes back."""
    x, w, stride, pad = draw_way_back(seed)
    back = REFERENCE.transposed_conv2d(x, w, stride, pad)
    u = np.random.default_rng(seed + 1).normal(size=back.shape)
    there = CONV2D(u, w, np.zeros(w.shape[3]), stride, pad)

    assert there.shape == x.shape
    np.testing.assert_allclose(np.vdot(there, x), np.vdot(u, back), rtol=1e-10, atol=1e-10)


@SEEDS
def test_the_transposed_convolution_is_scipy_s_full_one_of_stretched_maps(seed: int) -> None:
    x, w, stride, pad = draw_way_back(seed)
    stretched = np.zeros((len(x), stride * (x.shape[1] - 1) + 1, stride * (x.shape[2] - 1) + 1, x.shape[3]))
    stretched[:, ::stride, ::stride] = x
    got = REFERENCE.transposed_conv2d(x, w, stride, pad)
    for n, c in itertools.product(range(len(x)), range(w.shape[2])):
        parts = [
            signal.convolve(stretched[n, :, :, k], w[:, :, c, k], mode="full", method="direct")
            for k in range(x.shape[3])
        ]
        whole = np.sum(parts, axis=0)

        np.testing.assert_allclose(
            got[n, :, :, c], whole[pad : len(whole) - pad, pad : whole.shape[1] - pad], atol=1e-12
        )


@SEEDS
def test_a_separable_convolution_is_scipy_s_correlation_with_column_times_row(seed: int) -> None:
    x, column, row, pad = draw_arguments("separable_conv2d", seed)
    x = np.pad(x, ((0, 0), (pad + 3, pad), (pad, pad + 3), (0, 0)))
    got = REFERENCE.separable_conv2d(x, column, row, pad)
    framed = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    for n, c in itertools.product(range(len(x)), range(x.shape[3])):
        expected = signal.correlate(framed[n, :, :, c], np.outer(column, row), mode="valid", method="direct")

        np.testing.assert_allclose(got[n, :, :, c], expected, atol=1e-12)


@SEEDS
def test_both_steps_are_one_convolution_with_products_for_filters(seed: int) -> None:
    x, depthwise, pointwise, stride, pad = draw_arguments("depthwise_separable_conv2d", 7 * seed)
    x = np.pad(x, ((0, 0), (2, 0), (0, 2), (0, 0)))
    got = REFERENCE.depthwise_separable_conv2d(x, depthwise, pointwise, stride, pad)
    expected = CONV2D(x, depthwise[..., None] * pointwise, np.zeros(pointwise.shape[1]), stride, pad)

    np.testing.assert_allclose(got, expected, atol=1e-12)


@SEEDS
def test_a_pointwise_convolution_has_filters_of_one_pixel(seed: int) -> None:
    x, w = draw_arguments("pointwise_conv2d", seed)

    np.testing.assert_allclose(REFERENCE.pointwise_conv2d(x, w), CONV2D(x, w[None, None], np.zeros(w.shape[1])))


@pytest.mark.parametrize(("n", "f", "c", "h"), [(4, 3, 2, 5), (3, 1, 4, 2), (5, 3, 1, 3), (3, 3, 3, 1)])
def test_the_counts_are_sums_of_products_that_are_1(n: int, f: int, c: int, h: int) -> None:
    """Every product of ones adds 1 to what comes out; the image has a frame of ones that keeps its size."""
    framed, maps = np.ones((1, n + f - 1, n + f - 1, c)), np.ones((1, n, n, c))
    whole = CONV2D(framed, np.ones((f, f, c, h)), np.zeros(h))
    depthwise = REFERENCE.depthwise_conv2d(framed, np.ones((f, f, c)))
    pointwise = REFERENCE.pointwise_conv2d(maps, np.ones((c, h)))

    assert REFERENCE.conv_multiplications(n, f, c, h) == whole.sum()
    assert REFERENCE.depthwise_separable_multiplications(n, f, c, h) == depthwise.sum() + pointwise.sum()


@SEEDS
def test_the_ratio_is_the_ratio_of_the_counts(seed: int) -> None:
    n, f, c, h = draw_arguments("conv_multiplications", seed)
    both, whole = REFERENCE.depthwise_separable_multiplications(n, f, c, h), REFERENCE.conv_multiplications(n, f, c, h)

    assert REFERENCE.cost_ratio(f, h) == pytest.approx(both / whole, rel=1e-12)


_TENSORFLOW = """
for name in names:
    x, w, b, (d, s, p) = (given[part + name] for part in ("x", "w", "b", "o"))
    d, s, p = int(d), int(s), int(p)
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    # Dilation and stride together are not TensorFlow's: every s-th window of all of them.
    answers["dilated" + name] = (tf.nn.conv2d(padded, w, 1, "VALID", dilations=d) + b).numpy()[:, ::s, ::s]
    answers["depthwise" + name] = tf.nn.depthwise_conv2d(padded, w[..., :1], [1, s, s, 1], "VALID").numpy()
    y, v, (t, q) = given["y" + name], given["v" + name], given["q" + name]
    t, q = int(t), int(q)
    shape = [len(y), *(t * (y.shape[a] - 1) + v.shape[a - 1] for a in (1, 2)), v.shape[2]]
    back = tf.nn.conv2d_transpose(y, v, shape, t, "VALID").numpy()
    answers["back" + name] = back[:, q : shape[1] - q, q : shape[2] - q]
"""


@needs_tensorflow
@pytest.mark.slow
def test_the_references_are_tensorflow_s(tmp_path: Path) -> None:
    layers, ways = [draw_layer(seed) for seed in range(20)], [draw_way_back(seed) for seed in range(20)]
    given: dict[str, Array] = {}
    names = list(map(str, range(len(layers))))
    for name, (x, w, b, *options), (y, v, *others) in zip(names, layers, ways, strict=True):
        parts = {"x": x, "w": w, "b": b, "o": np.array(options), "y": y, "v": v, "q": np.array(others)}
        given.update({f"{part}{name}": value for part, value in parts.items()})
    answers = answer(f"names = {names!r}\n{_TENSORFLOW}", given, tmp_path)

    for name, layer, way in zip(names, layers, ways, strict=True):
        x, w, _, _, stride, pad = layer
        dilated = REFERENCE.dilated_conv2d(*layer)
        np.testing.assert_allclose(dilated, answers["dilated" + name], atol=1e-12)
        depthwise = REFERENCE.depthwise_conv2d(x, w[..., 0], stride, pad)
        np.testing.assert_allclose(depthwise, answers["depthwise" + name], atol=1e-12)
        np.testing.assert_allclose(REFERENCE.transposed_conv2d(*way), answers["back" + name], atol=1e-12)


@pytest.mark.parametrize(
    "alternative", read_alternatives(FOLDER / "alternatives.py"), ids=lambda alternative: alternative.id
)
def test_an_alternative_gives_what_the_reference_gives(alternative: Alternative) -> None:
    """On every dtype of the course; an alternative that is wrong would teach the grader to be lax."""
    right = getattr(REFERENCE, alternative.function)
    for seed, dtype in itertools.product(range(8), (np.float64, np.float32, np.int64)):
        arguments = tuple(
            (8 * value).astype(dtype) if isinstance(value, np.ndarray) else value
            for value in draw_arguments(alternative.function, seed)
        )
        got = behave(alternative.call, arguments, {}, caught=(ValueError,))
        expected = behave(right, arguments, {}, caught=(ValueError,))

        assert (got.errors != ()) == (expected.errors != ()), arguments
        assert not got.changed
        if not expected.errors:
            assert np.asarray(got.value).dtype == np.asarray(expected.value).dtype
            np.testing.assert_allclose(
                got.value, expected.value, rtol=1e-4, atol=1e-2 if dtype == np.float32 else 1e-10
            )
