"""The references of hw7 against the numbers of the lecture, against counting, and against Keras and TensorFlow."""

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from grader.checks.alternatives import Alternative, read_alternatives
from grader.checks.behaviours import behave
from grader.checks.misconceptions import load_course_module
from tests.oracles.in_tensorflow import answer, needs_tensorflow

FOLDER = Path(__file__).parents[2] / "solutions" / "hw07_output_size"
REFERENCE = load_course_module(FOLDER / "output_size.py")
ALTERNATIVES = pytest.mark.parametrize(
    "alternative", read_alternatives(FOLDER / "alternatives.py"), ids=lambda alternative: alternative.id
)

Layer = dict[str, Any]

SIDES, TAPS, PADS, STEPS = st.integers(1, 30), st.integers(1, 7), st.integers(0, 4), st.integers(1, 5)


def conv(filters: int, size: int, *, stride: int = 1, pad: int = 0) -> Layer:
    return {"type": "conv", "filters": filters, "size": size, "stride": stride, "pad": pad}


def pool(size: int, stride: int) -> Layer:
    return {"type": "pool", "size": size, "stride": stride}


def dense(*units: int) -> list[Layer]:
    return [{"type": "dense", "units": each} for each in units]


def dropout(rate: float) -> Layer:
    return {"type": "dropout", "rate": rate}


FLATTEN: Layer = {"type": "flatten"}
LENET_6_1B = [conv(6, 5, pad=2), pool(2, 2), conv(16, 5, pad=2), pool(2, 2), conv(120, 5, pad=2), FLATTEN]
LENET_6_1B += dense(84, 10)
LENET_DRAWN = [conv(6, 5), pool(2, 2), conv(16, 5), pool(2, 2), FLATTEN, *dense(120, 84, 10)]
NET_6_2B = [conv(32, 3), conv(64, 3), pool(2, 2), dropout(0.25), FLATTEN]
NET_6_2B += [*dense(128), dropout(0.5), *dense(10)]
NET_6_4 = [conv(32, 3), conv(32, 3), pool(2, 2), dropout(0.25), conv(64, 3), conv(64, 3), pool(2, 2), dropout(0.25)]
NET_6_4 += [FLATTEN, *dense(512), dropout(0.5), *dense(10)]
ALEXNET = [conv(96, 11, stride=4), pool(3, 2), conv(256, 5, pad=2), pool(3, 2)]
ALEXNET += [conv(384, 3, pad=1), conv(384, 3, pad=1), conv(256, 3, pad=1), pool(3, 2), FLATTEN]
ALEXNET += dense(4096, 4096, 1000)
VGG_16 = [
    layer
    for filters, times in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
    for layer in [conv(filters, 3, pad=1)] * times + [pool(2, 2)]
]
VGG_16 += [FLATTEN, *dense(4096, 4096, 1000)]


def shapes_of(input_shape: tuple[int, ...], layers: list[Layer]) -> list[tuple[int, ...]]:
    return [row["shape"] for row in REFERENCE.trace_network(input_shape, layers)]


def counts_of(input_shape: tuple[int, ...], layers: list[Layer]) -> list[int]:
    """Parameters of the layers that have any."""
    counts = [row["parameters"] for row in REFERENCE.trace_network(input_shape, layers)]
    return [count for count in counts if count]


# The lecture's own numbers, one by one.


def test_lenet_of_6_1b_has_545546_parameters() -> None:
    counts = counts_of((28, 28, 1), LENET_6_1B)

    assert counts == [156, 2416, 48120, 494004, 850]
    assert sum(counts) == 545_546


def test_the_network_of_6_2b_has_1199882_parameters() -> None:
    counts = counts_of((28, 28, 1), NET_6_2B)

    assert counts == [320, 18496, 1179776, 1290]
    assert sum(counts) == 1_199_882


def test_the_cifar_network_of_6_4_has_890410_parameters() -> None:
    counts = counts_of((32, 32, 3), NET_6_4)

    assert counts == [896, 9248, 18496, 36928, 819712, 5130]
    assert sum(counts) == 890_410


def test_the_cifar_network_goes_from_30_to_5_and_1600() -> None:
    shapes = shapes_of((32, 32, 3), NET_6_4)

    sides = [shape[0] for layer, shape in zip(NET_6_4, shapes, strict=True) if layer["type"] in ("conv", "pool")]
    assert sides == [30, 28, 14, 12, 10, 5]
    assert shapes[NET_6_4.index(FLATTEN)] == (1600,)


def test_lenet_as_drawn_goes_from_28_to_5_and_on_to_10() -> None:
    shapes = shapes_of((32, 32, 1), LENET_DRAWN)

    assert [shape[0] for shape in shapes] == [28, 14, 10, 5, 400, 120, 84, 10]


def test_alexnet_goes_from_55_to_6_and_on_to_1000() -> None:
    shapes = shapes_of((227, 227, 3), ALEXNET)

    assert [shape[0] for shape in shapes] == [55, 27, 27, 13, 13, 13, 13, 6, 9216, 4096, 4096, 1000]


def test_vgg_16_flattens_25088_numbers() -> None:
    shapes = shapes_of((224, 224, 3), VGG_16)

    assert shapes[-5:] == [(7, 7, 512), (25088,), (4096,), (4096,), (1000,)]


def test_vgg_16_has_138357544_parameters() -> None:
    assert sum(counts_of((224, 224, 3), VGG_16)) == 138_357_544


@pytest.mark.parametrize(("cfg", "depth"), [([3, 4, 6, 3], 50), ([3, 4, 23, 3], 101), ([3, 8, 36, 3], 152)])
def test_the_resnets_have_the_depth_in_their_name(cfg: list[int], depth: int) -> None:
    assert REFERENCE.resnet_depth(cfg) == depth


def test_a_3x3_filter_at_dilation_2_sees_5x5_pixels_with_9_weights() -> None:
    assert REFERENCE.conv_output_size(5, 3, dilation=2) == 1
    assert REFERENCE.conv_parameters(3, 3, 1, 1, bias=False) == 9
    with pytest.raises(ValueError, match="larger"):
        REFERENCE.conv_output_size(4, 3, dilation=2)


@pytest.mark.parametrize(("layers", "side"), [(LENET_DRAWN, 16), (ALEXNET, 195), (VGG_16, 212)])
def test_the_receptive_fields_are_the_ones_in_the_literature(layers: list[Layer], side: int) -> None:
    """Of one output in front of the flatten layer."""
    assert REFERENCE.receptive_field(layers[: layers.index(FLATTEN)]) == side


# Against counting.


@given(n=SIDES, f=TAPS, pad=PADS, stride=STEPS, dilation=STEPS)
def test_an_output_size_is_a_number_of_places(n: int, f: int, pad: int, stride: int, dilation: int) -> None:
    """The places at which the first and the last tap lie within the padded row, tried one after the other."""
    taps = [dilation * tap for tap in range(f)]
    padded = range(n + 2 * pad)
    places = [start for start in padded if start % stride == 0 and all(start + tap in padded for tap in taps)]
    if places:
        assert REFERENCE.conv_output_size(n, f, pad, stride, dilation) == len(places)
    else:
        with pytest.raises(ValueError, match="larger"):
            REFERENCE.conv_output_size(n, f, pad, stride, dilation)


@given(n=SIDES, f=TAPS, pad=PADS, stride=STEPS)
def test_a_transposed_size_is_the_smallest_that_comes_back(n: int, f: int, pad: int, stride: int) -> None:
    """A convolution makes n of it, and of nothing smaller."""
    assume(stride * (n - 1) + f - 2 * pad >= 1)
    size = REFERENCE.transposed_output_size(n, f, pad, stride)

    assert REFERENCE.conv_output_size(size, f, pad, stride) == n
    smaller = behave(REFERENCE.conv_output_size, (size - 1, f, pad, stride), {})
    assert smaller.errors or smaller.value == n - 1


@given(sizes=st.lists(st.tuples(st.integers(1, 5), st.integers(1, 4)), max_size=4))
def test_a_receptive_field_is_what_one_output_depends_on(sizes: list[tuple[int, int]]) -> None:
    """The inputs of one output, followed back tap by tap, from the first to the last that any layer touches."""
    seen = {0}
    for size, stride in reversed(sizes):
        seen = {place * stride + tap for place in seen for tap in range(size)}
    layers = [conv(3, size, stride=stride, pad=1) for size, stride in sizes]

    assert REFERENCE.receptive_field(layers) == max(seen) - min(seen) + 1


@given(sizes=st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 6), st.integers(1, 6)))
def test_parameters_are_the_numbers_in_the_arrays(sizes: tuple[int, int, int, int]) -> None:
    fh, fw, c_in, c_out = sizes
    weights = np.empty(sizes).size

    assert REFERENCE.conv_parameters(fh, fw, c_in, c_out) == weights + np.empty(c_out).size
    assert REFERENCE.conv_parameters(fh, fw, c_in, c_out, bias=False) == weights
    assert REFERENCE.dense_parameters(math.prod(sizes[:3]), c_out) == weights + np.empty(c_out).size
    assert REFERENCE.dense_parameters(math.prod(sizes[:3]), c_out, bias=False) == weights


# Against other libraries.

_SIZES = """
for name in {names!r}:
    n, f, p, s, d = map(int, given[name])
    row = np.pad(np.zeros((1, n, 1, 1)), ((0, 0), (p, p), (0, 0), (0, 0)))
    answers[name] = tf.nn.convolution(row, np.zeros((f, 1, 1, 1)), strides=[s, 1], dilations=[d, 1]).shape[1]
    layer = tf.keras.layers.Conv2DTranspose(1, (f, 1), strides=(s, 1), padding="valid")
    answers["back" + name] = layer.compute_output_shape((1, n, 1, 1))[1]
"""


@needs_tensorflow
@pytest.mark.slow
def test_sizes_are_tensorflow_s(tmp_path: Path) -> None:
    """There and back; no stride of its own beside a dilation, which TensorFlow does not know."""
    rng = np.random.default_rng(0)
    given = {}
    for index in range(40):
        f, pad, n = (int(number) for number in rng.integers([1, 0, 12], [5, 3, 30]))
        stride, dilation = (int(rng.integers(1, 5)), 1) if index % 2 else (1, int(rng.integers(1, 4)))
        given[str(index)] = np.array([n, f, pad, stride, dilation])
    answers = answer(_SIZES.format(names=list(given)), given, tmp_path)

    for name, row in given.items():
        n, f, pad, stride, dilation = row.tolist()
        assert REFERENCE.conv_output_size(n, f, pad, stride, dilation) == answers[name]
        # Keras keeps the stride's rest where the filter is shorter than a step
        assert REFERENCE.transposed_output_size(n, max(f, stride), stride=stride) == answers[f"back{name}"]


_KERAS = """
L = tf.keras.layers
makes = {
    "conv": lambda layer: L.Conv2D(layer["filters"], layer["size"], layer["stride"]),
    "pool": lambda layer: L.MaxPooling2D(layer["size"], layer["stride"]),
    "flatten": lambda layer: L.Flatten(),
    "dense": lambda layer: L.Dense(layer["units"]),
    "dropout": lambda layer: L.Dropout(layer["rate"]),
}
for name, (shape, layers) in NETWORKS.items():
    x = tf.keras.Input(shape)
    for index, layer in enumerate(layers):
        made = makes[layer["type"]](layer)
        x = made(L.ZeroPadding2D(layer.get("pad", 0))(x) if layer.get("pad") else x)
        answers[f"{name} {index} shape"] = np.array(x.shape[1:])
        answers[f"{name} {index} parameters"] = made.count_params()
"""


@needs_tensorflow
@pytest.mark.slow
def test_networks_are_traced_as_keras_builds_them(tmp_path: Path) -> None:
    drawn = [conv(5, 4, stride=3, pad=2), pool(3, 2), dropout(0.5), conv(7, 3, pad=1), pool(2, 1), FLATTEN, *dense(9)]
    networks = {
        "6-1b": ((28, 28, 1), LENET_6_1B),
        "drawn": ((32, 32, 1), LENET_DRAWN),
        "6-2b": ((28, 28, 1), NET_6_2B),
        "6-4": ((32, 32, 3), NET_6_4),
        "not square": ((31, 46, 3), drawn),
        "AlexNet's convolutions": ((227, 227, 3), ALEXNET[: ALEXNET.index(FLATTEN) + 1]),
        "VGG-16's convolutions": ((224, 224, 3), VGG_16[: VGG_16.index(FLATTEN) + 1]),
    }
    answers = answer(f"NETWORKS = {networks!r}\n{_KERAS}", {}, tmp_path)

    for name, (shape, layers) in networks.items():
        for index, row in enumerate(REFERENCE.trace_network(shape, layers)):
            assert row["shape"] == tuple(answers[f"{name} {index} shape"].tolist())
            assert row["parameters"] == answers[f"{name} {index} parameters"]


def draw_arguments(function: str, rng: np.random.Generator) -> tuple[Any, ...]:
    """Draw arguments, impossible ones among them."""
    if function == "conv_output_size":
        return tuple(rng.integers([-1, -1, -1, -1, -1], [14, 7, 4, 5, 4]).tolist())
    if function == "transposed_output_size":
        return tuple(rng.integers([1, 1, -1, -1], [8, 6, 5, 4]).tolist())
    if function.endswith("_parameters"):
        sizes = rng.integers(0, 6, size=4 if function == "conv_parameters" else 2)
        return (*sizes.tolist(), bool(rng.integers(2)))
    if function == "resnet_depth":
        return (rng.integers(-1, 9, size=4).tolist(),)
    windows = [
        conv(int(rng.integers(1, 9)), *rng.integers(1, 5, size=1).tolist(), stride=int(rng.integers(1, 4)))
        if rng.integers(2)
        else pool(int(rng.integers(1, 4)), int(rng.integers(1, 4)))
        for _ in range(rng.integers(0, 4))
    ]
    if function == "receptive_field":
        return (windows,)
    tail = [dropout(0.5), FLATTEN, *dense(5, 3)] if rng.integers(4) else [{"type": "attention", "heads": 4}]
    return tuple(rng.integers(1, 20, size=3).tolist()), [*windows, *tail]


@ALTERNATIVES
def test_an_alternative_gives_what_the_reference_gives(alternative: Alternative) -> None:
    """On possible and impossible arguments; an alternative that is wrong would teach the grader to be lax."""
    rng = np.random.default_rng(0)
    for _ in itertools.repeat(None, 300):
        arguments = draw_arguments(alternative.function, rng)
        right = behave(getattr(REFERENCE, alternative.function), arguments, {}, caught=(ValueError,))
        got = behave(alternative.call, arguments, {}, caught=(ValueError,))

        assert (got.errors != ()) == (right.errors != ()), arguments
        assert not got.changed
        if not right.errors:
            assert list(np.ravel(got.value)) == list(np.ravel(right.value)), arguments
