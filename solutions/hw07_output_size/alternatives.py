"""Right solutions of hw7 in other styles: each must have all points of its function."""

import math
from dataclasses import dataclass

import numpy as np

from grader.checks.alternatives import alternative

# conv_output_size


@alternative("conv_output_size", title="the first taps of all windows, counted by range")
def length_of_a_range(n, f, pad=0, stride=1, dilation=1):
    if n < 1 or f < 1 or stride < 1 or dilation < 1 or pad < 0:
        raise ValueError("impossible")
    last = n + pad - 1 - dilation * (f - 1)
    if last < -pad:
        raise ValueError("does not fit")
    return len(range(-pad, last + 1, stride))


@alternative("conv_output_size", title="one step after the other until the filter hangs over")
def steps_until_the_end(n, f, pad=0, stride=1, dilation=1):
    if not all(value >= 1 for value in (n, f, stride, dilation)):
        raise ValueError("below 1")
    if pad < 0:
        raise ValueError("negative")
    places, end = 0, dilation * (f - 1) + 1
    while end <= n + 2 * pad:
        places += 1
        end += stride
    if places == 0:
        raise ValueError("no place")
    return places


@alternative("conv_output_size", title="NumPy counts the windows of a view")
def windows_of_a_view(n, f, pad=0, stride=1, dilation=1):
    if np.any(np.array([n, f, stride, dilation]) < 1) or pad < 0:
        raise ValueError("impossible")
    line = np.pad(np.zeros(n), pad)
    span = dilation * (f - 1) + 1
    return np.int64(np.lib.stride_tricks.sliding_window_view(line, span)[::stride].shape[0])


@alternative("conv_output_size", title="floor of a fraction, as an integer")
def floor_of_a_fraction(n, f, pad=0, stride=1, dilation=1):
    for value in (n, f, stride, dilation):
        if value <= 0:
            raise ValueError("not positive")
    room = n + 2 * pad - dilation * (f - 1) - 1
    if pad < 0 or room < 0:
        raise ValueError("no room")
    return int(np.floor(room / stride + 1))


@alternative("conv_output_size", title="recursion, an array without axes at the end")
def recursion_over_places(n, f, pad=0, stride=1, dilation=1):
    if min(n, f, stride, dilation, pad + 1) < 1:
        raise ValueError("impossible")

    def places(rest):
        return 0 if rest < 0 else 1 + places(rest - stride)

    found = places(n + 2 * pad - f - (dilation - 1) * (f - 1))
    if found == 0:
        raise ValueError("no place")
    return np.array(found)


# transposed_output_size


@alternative("transposed_output_size", title="zeros between the pixels, then a full convolution")
def zeros_between_the_pixels(n, f, pad=0, stride=1):
    if stride < 1 or pad < 0:
        raise ValueError("impossible")
    stretched = n + (n - 1) * (stride - 1)
    framed = stretched + 2 * (f - 1 - pad)
    if framed - f + 1 < 1:
        raise ValueError("nothing left")
    return framed - f + 1


@alternative("transposed_output_size", title="the pixels that are laid down, counted in a set")
def pixels_laid_down(n, f, pad=0, stride=1):
    if stride < 1 or pad < 0:
        raise ValueError("impossible")
    last = max(stride * i + k for i in range(n) for k in range(f))
    left = range(pad, last + 1 - pad)
    if not left:
        raise ValueError("nothing left")
    return len(left)


@alternative("transposed_output_size", title="the smallest input with n places, searched")
def smallest_input(n, f, pad=0, stride=1):
    if stride < 1 or pad < 0:
        raise ValueError("impossible")
    size = f - 2 * pad
    while (size + 2 * pad - f) // stride + 1 < n:
        size += 1
    if size <= 0:
        raise ValueError("nothing left")
    return np.int32(size)


# conv_parameters


@alternative("conv_parameters", title="the size of the arrays")
def size_of_the_arrays(fh, fw, c_in, c_out, bias=True):
    if any(size < 1 for size in (fh, fw, c_in, c_out)):
        raise ValueError("below 1")
    weights, biases = np.empty((fh, fw, c_in, c_out)), np.empty(c_out if bias else 0)
    return weights.size + biases.size


@alternative("conv_parameters", title="one filter's, times the filters")
def one_filter_times_the_filters(fh, fw, c_in, c_out, bias=True):
    if fh <= 0 or fw <= 0 or c_in <= 0 or c_out <= 0:
        raise ValueError("below 1")
    return (math.prod((fh, fw, c_in)) + bool(bias)) * c_out


@alternative("conv_parameters", title="np.prod")
def numpy_multiplies(fh, fw, c_in, c_out, bias=True):
    sizes = np.array([fh, fw, c_in, c_out])
    if (sizes < 1).any():
        raise ValueError("below 1")
    weights = np.prod(sizes)
    return weights + sizes[-1] if bias else weights


# dense_parameters


@alternative("dense_parameters", title="a column of ones for the bias")
def a_row_for_the_bias(d_in, d_out, bias=True):
    if d_in < 1 or d_out < 1:
        raise ValueError("below 1")
    return (d_in + (1 if bias else 0)) * d_out


@alternative("dense_parameters", title="a sum over the nodes, in NumPy")
def sum_over_nodes(d_in, d_out, bias=True):
    if not (d_in > 0 and d_out > 0):
        raise ValueError("below 1")
    return np.full(d_out, d_in + bool(bias)).sum()


# trace_network


@alternative("trace_network", title="a function for each type, found in a dictionary")
def a_function_for_each_type(input_shape, layers):
    rules = {"conv": _conv, "pool": _pool, "flatten": _flatten, "dense": _dense, "dropout": _nothing}
    shape, result = input_shape, []
    for layer in layers:
        if layer["type"] not in rules:
            raise ValueError("unknown type")
        shape, parameters = rules[layer["type"]](shape, layer)
        result.append({"parameters": parameters, "shape": shape})
    return result


def _conv(shape, layer):
    size = layer["size"]
    rows = floor_of_a_fraction(shape[0], size, layer["pad"], layer["stride"])
    columns = floor_of_a_fraction(shape[1], size, layer["pad"], layer["stride"])
    return (rows, columns, layer["filters"]), (size * size * shape[2] + 1) * layer["filters"]


def _pool(shape, layer):
    rows, columns = (length_of_a_range(side, layer["size"], stride=layer["stride"]) for side in shape[:2])
    return (rows, columns, shape[2]), 0


def _flatten(shape, layer):
    return (math.prod(shape),), 0


def _dense(shape, layer):
    return (layer["units"],), (shape[0] + 1) * layer["units"]


def _nothing(shape, layer):
    return shape, 0


@alternative("trace_network", title="recursion over the list of layers, a tuple of results")
def recursion_over_layers(input_shape, layers):
    if not layers:
        return ()
    first, *rest = layers
    shape, parameters = tuple(input_shape), 0
    if first["type"] in ("conv", "pool"):
        sides = [side + 2 * first.get("pad", 0) - first["size"] for side in shape[:-1]]
        if min(sides) < 0:
            raise ValueError("does not fit")
        channels = first.get("filters", shape[-1])
        if first["type"] == "conv":
            parameters = first["size"] ** 2 * shape[-1] * channels + channels
        shape = (*(side // first["stride"] + 1 for side in sides), channels)
    elif first["type"] == "flatten":
        shape = (shape[0] * shape[1] * shape[2],)
    elif first["type"] == "dense":
        parameters, shape = shape[0] * first["units"] + first["units"], (first["units"],)
    elif first["type"] != "dropout":
        raise ValueError(first["type"])
    return ({"shape": shape, "parameters": parameters}, *recursion_over_layers(shape, rest))


@alternative("trace_network", title="NumPy arrays of sides, a class that keeps the shape")
def a_class_that_keeps_the_shape(input_shape, layers):
    walk = _Walk(np.array(input_shape))
    return [{"shape": walk.pass_through(layer), "parameters": walk.learnt} for layer in layers]


class _Walk:
    """The way through a network: the shape behind the last layer, and what that layer learns."""

    def __init__(self, shape):
        self.shape, self.learnt = shape, 0

    def pass_through(self, layer):
        passes = getattr(self, f"through_{layer['type']}", None)
        if passes is None:
            raise ValueError(f"no such layer: {layer['type']}")
        self.learnt = np.int64(0)
        passes(**{key: value for key, value in layer.items() if key != "type"})
        return tuple(self.shape)

    def through_conv(self, filters, size, stride, pad):
        channels = self.shape[2]
        self.through_pool(size, stride, pad)
        self.shape[2] = filters
        self.learnt = filters + filters * size**2 * channels

    def through_pool(self, size, stride, pad=0):
        sides = self.shape[:2] + 2 * pad
        if np.any(sides < size):
            raise ValueError("too large")
        self.shape = np.append((sides - size + stride) // stride, self.shape[2])

    def through_flatten(self):
        self.shape = np.array([self.shape.prod()])

    def through_dense(self, units):
        self.learnt = self.shape[0] * units + units
        self.shape = np.array([units])

    def through_dropout(self, rate):
        pass


# receptive_field


@alternative("receptive_field", title="backwards, from one output to the input")
def backwards_from_one_output(layers):
    side = 1
    for layer in reversed(layers):
        side = (side - 1) * layer["stride"] + layer["size"]
    return side


@alternative("receptive_field", title="the pixels that are seen, as a set")
def pixels_that_are_seen(layers):
    if not layers:
        return 1
    seen = {0}
    for k in range(len(layers) - 1, -1, -1):
        stride, size = layers[k]["stride"], layers[k]["size"]
        seen = {place * stride + tap for place in (min(seen), max(seen)) for tap in (0, size - 1)}
    return np.int64(max(seen) - min(seen) + 1)


@alternative("receptive_field", title="recursion over the layers behind the first")
def recursion_behind_the_first(layers):
    if len(layers) == 0:
        return 1
    return layers[0]["size"] + layers[0]["stride"] * (recursion_behind_the_first(layers[1:]) - 1)


@alternative("receptive_field", title="cumulated products of strides")
def cumulated_products(layers):
    sizes = np.array([layer["size"] for layer in layers], dtype=int)
    strides = np.array([1, *(layer["stride"] for layer in layers)][: len(layers)], dtype=int)
    return 1 + int(np.sum((sizes - 1) * np.cumprod(strides)))


# resnet_depth


@alternative("resnet_depth", title="one block after the other")
def one_block_after_the_other(cfg):
    depth = 1
    for blocks in cfg:
        if blocks < 0:
            raise ValueError("negative")
        for _ in range(blocks):
            depth += 3
    return depth + 1


@alternative("resnet_depth", title="a NumPy array of counts")
def an_array_of_counts(cfg):
    stages = [_Stage(blocks=blocks) for blocks in cfg]
    return np.sum([stage.layers for stage in stages]) + 2


@dataclass
class _Stage:
    """A stage that checks its own number of blocks."""

    blocks: int

    def __post_init__(self):
        if self.blocks < 0:
            raise ValueError("negative")

    @property
    def layers(self):
        return 3 * self.blocks
