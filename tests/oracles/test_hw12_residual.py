"""The references of hw12 against blocks that SciPy and TensorFlow compute, and against the lecture's identities.

What is said of networks is held against ResNet-50: its depth, its known number of parameters, and Keras's own.
"""

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import signal  # type: ignore[import-untyped]

from grader.checks.alternatives import Alternative, read_alternatives
from grader.checks.misconceptions import load_course_module
from grader.checks.models import read_model
from grader.checks.networks import Network
from grader.checks.resnetfaults import Wanted, depth_of, find_faults
from tests.checks.resnets import Style, resnet
from tests.oracles.in_tensorflow import answer, needs_tensorflow

FOLDER = Path(__file__).parents[2] / "solutions" / "hw12_residual"
REFERENCE = load_course_module(FOLDER / "residual.py")
ON_ARRAYS = [each for each in read_alternatives(FOLDER / "alternatives.py") if each.function != "build_resnet"]
SEEDS = pytest.mark.parametrize("seed", range(20))

Array = np.ndarray[Any, Any]


def draw_residual(seed: int) -> list[Array]:
    """Draw x, w1, b1, w2 and b2, with filters of two odd sizes."""
    rng = np.random.default_rng(seed)
    f, g = (2 * int(half) + 1 for half in rng.integers(0, 3, size=2))
    n, height, width, channels, maps = (int(length) for length in rng.integers(1, 6, size=5))
    shapes = [(n, height, width, channels), (f, f, channels, maps), (maps,), (g, g, maps, channels), (channels,)]
    return [np.asarray(rng.normal(size=shape)) for shape in shapes]


def draw_bottleneck(seed: int) -> list[Array]:
    """Draw x and the arrays of a bottleneck; every second one has a projection."""
    rng = np.random.default_rng(seed)
    n, height, width, channels, narrow, wide = (int(length) for length in rng.integers(1, 6, size=6))
    if seed % 2:
        wide = channels
    shapes = [(n, height, width, channels), (1, 1, channels, narrow), (narrow,), (3, 3, narrow, narrow), (narrow,)]
    shapes += [(1, 1, narrow, wide), (wide,)]
    if seed % 2 == 0:
        shapes += [(1, 1, channels, wide), (wide,)]
    return [np.asarray(rng.normal(size=shape)) for shape in shapes]


def correlate(x: Array, w: Array, b: Array) -> Array:
    """SciPy's correlation that keeps the size, one image, channel and filter at a time."""
    maps = np.zeros((*x.shape[:3], w.shape[3])) + b
    half = len(w) // 2
    for n, c, k in itertools.product(range(len(x)), range(x.shape[3]), range(w.shape[3])):
        # "same" means as large as the larger of the two, so the image gets its frame here
        padded = np.pad(x[n, :, :, c], half)
        maps[n, :, :, k] += signal.correlate2d(padded, w[:, :, c, k], mode="valid")
    return maps


def rectify(maps: Array) -> Array:
    return np.where(maps > 0, maps, 0.0)


@SEEDS
def test_a_residual_block_is_scipy_s(seed: int) -> None:
    x, w1, b1, w2, b2 = draw_residual(seed)
    expected = rectify(correlate(rectify(correlate(x, w1, b1)), w2, b2) + x)

    np.testing.assert_allclose(REFERENCE.residual_block(x, w1, b1, w2, b2), expected, atol=1e-11)


@SEEDS
def test_a_bottleneck_is_scipy_s(seed: int) -> None:
    x, w1, b1, w2, b2, w3, b3, *projection = draw_bottleneck(seed)
    residual = correlate(rectify(correlate(rectify(correlate(x, w1, b1)), w2, b2)), w3, b3)
    shortcut = correlate(x, projection[0], projection[1]) if projection else x
    got = REFERENCE.bottleneck_block(x, w1, b1, w2, b2, w3, b3, *projection)

    np.testing.assert_allclose(got, rectify(residual + shortcut), atol=1e-11)


@SEEDS
def test_a_block_that_has_learnt_nothing_hands_on_what_it_gets(seed: int) -> None:
    """The lecture's reason for the shortcut: F(x) = 0 is easy to learn."""
    x, *rest = draw_residual(seed)
    y, *others = draw_bottleneck(2 * seed + 1)

    np.testing.assert_array_equal(REFERENCE.residual_block(x, *(0 * array for array in rest)), rectify(x))
    np.testing.assert_array_equal(REFERENCE.bottleneck_block(y, *(0 * array for array in others)), rectify(y))


@SEEDS
def test_the_identity_as_a_projection_is_no_projection(seed: int) -> None:
    x, *rest = draw_bottleneck(2 * seed + 1)
    channels = x.shape[3]
    projection = np.eye(channels).reshape(1, 1, channels, channels), np.zeros(channels)
    got = REFERENCE.bottleneck_block(x, *rest, *projection)

    np.testing.assert_allclose(got, REFERENCE.bottleneck_block(x, *rest), atol=1e-12)


@pytest.mark.parametrize(("channels", "maps"), [(1, 3), (3, 1), (2, 4)])
def test_shapes_that_numpy_would_broadcast_are_refused(channels: int, maps: int) -> None:
    x, w1, w2 = np.ones((1, 2, 2, channels)), np.ones((1, 1, channels, 2)), np.ones((1, 1, 2, maps))
    middle, w_proj = np.ones((3, 3, 2, 2)), np.ones((1, 1, channels, channels))
    bottleneck = [x, w1, np.ones(2), middle, np.ones(2), w2, np.ones(maps)]

    with pytest.raises(ValueError, match="shortcut"):
        REFERENCE.residual_block(x, w1, np.ones(2), w2, np.ones(maps))
    with pytest.raises(ValueError, match="shortcut"):
        REFERENCE.bottleneck_block(*bottleneck)
    with pytest.raises(ValueError, match="shortcut"):
        REFERENCE.bottleneck_block(*bottleneck, w_proj, np.ones(channels))


RESNET_50 = Wanted(cfg=(3, 4, 6, 3), input_shape=(224, 224, 3), classes=1000)
PARAMETERS_50 = 25_557_032  # trained ones, without biases in the convolutions and with normalisation behind each
NORMALISED_50 = 26_560  # channels behind its 53 convolutions


def trained(network: Network) -> int:
    """Count what a training changes: no moving statistics."""
    shapes = [each for layer in network.layers for each in layer.weights.items() if not each[0].startswith("moving")]
    return sum(math.prod(shape) for _, shape in shapes)


def test_resnet_50_has_its_parameters() -> None:
    usual = resnet(RESNET_50, Style(norm=True, bias=False))
    plain = resnet(RESNET_50)

    assert trained(usual) == PARAMETERS_50
    assert usual.parameters - trained(usual) == 2 * NORMALISED_50
    assert trained(plain) == PARAMETERS_50 - 2 * NORMALISED_50 + NORMALISED_50
    assert not find_faults(usual, RESNET_50) + find_faults(plain, RESNET_50)


@pytest.mark.parametrize(("cfg", "depth"), [((3, 4, 6, 3), 50), ((3, 4, 23, 3), 101), ((3, 8, 36, 3), 152)])
def test_the_lecture_s_three_networks_have_the_depth_in_their_names(cfg: tuple[int, ...], depth: int) -> None:
    network = resnet(Wanted(cfg=cfg, input_shape=(224, 224, 3), classes=1000), Style(norm=True))

    assert depth_of(network) == depth


_NETWORKS = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
import keras
from grader.checks.misconceptions import load_course_module
support = {{}}
exec(Path({support!r}).read_text(encoding="utf-8"), support)
reference = load_course_module(Path({reference!r}))
answers["reference"] = support["describe"](reference.build_resnet((3, 4, 6, 3), (224, 224, 3), 1000))
keras.backend.clear_session()
answers["keras"] = support["describe"](keras.applications.ResNet50(weights=None))
"""


@needs_tensorflow
@pytest.mark.slow
def test_keras_s_own_resnet_50_is_right_and_so_is_the_reference_s(tmp_path: Path) -> None:
    """It has biases and normalisation, zeros around its stem, and the stride on the first 1x1."""
    root = FOLDER.parents[1]
    paths = {
        "tests": str(root),
        "support": str(root / "grader" / "sandbox" / "keras_support.py"),
        "reference": str(FOLDER / "residual.py"),
    }
    files = answer(_NETWORKS.format(**paths), {}, tmp_path)
    networks = {name: read_model(data.tobytes()).network for name, data in files.items()}

    for network in networks.values():
        assert depth_of(network) == 50
        assert find_faults(network, RESNET_50) == []
    assert trained(networks["keras"]) == PARAMETERS_50 + NORMALISED_50
    assert trained(networks["reference"]) == PARAMETERS_50 - NORMALISED_50


_BLOCKS = """
def conv(x, w, b):
    return tf.nn.conv2d(x, w, 1, "SAME") + b

for name in sorted({key.partition(" ")[0] for key in given}):
    parts = [given[f"{name} {index}"] for index in range(sum(key.startswith(name + " ") for key in given))]
    x = parts[0]
    if name.startswith("residual"):
        shortcut, f = x, conv(tf.nn.relu(conv(x, *parts[1:3])), *parts[3:5])
    else:
        f = conv(tf.nn.relu(conv(tf.nn.relu(conv(x, *parts[1:3])), *parts[3:5])), *parts[5:7])
        shortcut = conv(x, *parts[7:9]) if len(parts) == 9 else x
    answers[name] = tf.nn.relu(f + shortcut).numpy()
"""


@needs_tensorflow
@pytest.mark.slow
def test_blocks_are_tensorflow_s(tmp_path: Path) -> None:
    blocks = {f"residual{seed}": draw_residual(seed) for seed in range(12)}
    blocks |= {f"bottleneck{seed}": draw_bottleneck(seed) for seed in range(12)}
    given = {f"{name} {index}": array for name, arrays in blocks.items() for index, array in enumerate(arrays)}
    answers = answer(_BLOCKS, given, tmp_path)

    assert answers.keys() == blocks.keys()
    for name, arrays in blocks.items():
        block = REFERENCE.residual_block if name.startswith("residual") else REFERENCE.bottleneck_block
        np.testing.assert_allclose(block(*arrays), answers[name], atol=1e-11)


@pytest.mark.parametrize("alternative", ON_ARRAYS, ids=lambda alternative: alternative.id)
def test_an_alternative_gives_what_the_reference_gives(alternative: Alternative) -> None:
    """On every dtype of the course; an alternative that is wrong would teach the grader to be lax."""
    right = getattr(REFERENCE, alternative.function)
    draw = draw_residual if alternative.function == "residual_block" else draw_bottleneck
    for seed, dtype in itertools.product(range(8), (np.float64, np.float32, np.int64)):
        arrays = [(3 * array).astype(dtype) for array in draw(seed)]
        kept = [array.copy() for array in arrays]
        got, expected = alternative.call(*arrays), right(*arrays)

        assert got.dtype == expected.dtype
        assert all(map(np.array_equal, arrays, kept))
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-2 if dtype == np.float32 else 1e-9)
