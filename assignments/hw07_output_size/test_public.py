"""Public tests of hw7: worked examples, numbers of the lecture, and laws that sizes keep.

`grade hw7` runs them at home. They give no points and no answers away: a law compares your
functions with themselves or with each other, on other arguments, and `check_answer` compares
hashes.
"""

import numpy as np

from grader.checks.answers import check_answer
from grader.checks.arrays import check_equal, require


def test_seven_pixels(student):
    """The worked example: seven pixels with a zero at each end, three taps, steps of two."""
    check_equal(student.conv_output_size(7, 3, pad=1, stride=2), 4, what="the number of places")


def test_eight_pixels(student):
    """One pixel more does not fill a step."""
    check_equal(student.conv_output_size(8, 3, pad=1, stride=2), 4, what="the number of places")


def test_the_first_layer_of_alexnet(student):
    """The lecture's AlexNet goes from 227 pixels to 55 with 11 x 11 filters at stride 4."""
    check_equal(student.conv_output_size(227, 11, stride=4), 55, what="the side behind the first layer")


def test_padding_makes_the_input_larger(student, rng):
    """A zero at each end is as good as two more pixels."""
    n, f, stride = (int(number) for number in rng.integers([20, 3, 2], [40, 8, 5]))
    longer = _number(student.conv_output_size(n + 2, f, stride=stride))
    check_equal(student.conv_output_size(n, f, pad=1, stride=stride), longer, what="the side with padding")


def test_two_taps_apart(student):
    """Two taps, three pixels apart, cover four pixels."""
    four = _number(student.conv_output_size(9, 4))
    check_equal(student.conv_output_size(9, 2, dilation=3), four, what="the side with a dilated filter")


def test_sizes_by_their_hashes(student):
    """Sides with a stride, padding and taps that lie apart."""
    check_answer(student.conv_output_size, 50, 5, pad=3, stride=4)
    check_answer(student.conv_output_size, 61, 4, pad=2, stride=3, dilation=5)


def test_there_and_back(student, rng):
    """A convolution over what a transposed one has made gives the side from before."""
    n, f, stride = (int(number) for number in rng.integers([4, 3, 1], [12, 7, 4]))
    larger = _number(student.transposed_output_size(n, f, pad=1, stride=stride))
    check_equal(student.conv_output_size(larger, f, pad=1, stride=stride), n, what="the side after the way back")


def test_one_more_pixel_of_the_map(student, rng):
    """One more pixel of the map makes the output longer by the stride."""
    n, f, stride = (int(number) for number in rng.integers([4, 3, 2], [12, 7, 5]))
    before = _number(student.transposed_output_size(n, f, pad=1, stride=stride))
    longer = student.transposed_output_size(n + 1, f, pad=1, stride=stride)
    check_equal(longer, before + stride, what="the longer side")


def test_a_larger_side_by_its_hash(student):
    """The side behind a transposed convolution, with a stride and pixels cut off."""
    check_answer(student.transposed_output_size, 13, 7, pad=2, stride=5)


def test_two_filters(student):
    """The worked example: two filters of 3 x 3 over four channels."""
    check_equal(student.conv_parameters(3, 3, 4, 2), 74, what="the number of parameters")


def test_a_filter_as_large_as_the_image(student, rng):
    """A convolution whose filters see the whole image learns what a dense layer learns."""
    fh, fw, channels, filters = (int(number) for number in rng.integers(2, 9, size=4))
    dense = _number(student.dense_parameters(fh * fw * channels, filters))
    check_equal(student.conv_parameters(fh, fw, channels, filters), dense, what="the number of parameters")


def test_parameters_by_their_hashes(student):
    """Convolutions and dense layers, with biases and without."""
    check_answer(student.conv_parameters, 3, 5, 7, 11)
    check_answer(student.conv_parameters, 3, 5, 7, 11, bias=False)
    check_answer(student.dense_parameters, 13, 17)
    check_answer(student.dense_parameters, 13, 17, bias=False)


def test_the_last_layer_of_lenet(student):
    """The last layer of the lecture's LeNet-5 goes from 84 numbers to 10."""
    check_equal(student.dense_parameters(84, 10), 850, what="the number of parameters")


def test_a_small_network(student):
    """The worked example: an image of 9 x 6 pixels with four channels, and four layers."""
    layers = [_conv(2, 3), {"type": "pool", "size": 2, "stride": 2}, {"type": "flatten"}, {"type": "dense", "units": 5}]
    expected = [((7, 4, 2), 74), ((3, 2, 2), 0), ((12,), 0), ((5,), 65)]
    rows = [{"shape": shape, "parameters": parameters} for shape, parameters in expected]
    check_equal(student.trace_network((9, 6, 4), layers), rows, what="the trace")


def test_a_network_by_its_hash(student):
    """An image of 37 x 29 pixels, and a layer of every type."""
    layers = [_conv(6, 5, stride=2, pad=1), {"type": "pool", "size": 3, "stride": 2}, _conv(8, 2)]
    layers += [{"type": "flatten"}, {"type": "dropout", "rate": 0.5}, {"type": "dense", "units": 10}]
    check_answer(student.trace_network, (37, 29, 3), layers)


def test_the_parameters_of_6_1b(student):
    """The lecture's LeNet-5 has 545,546 parameters, as Keras counts them."""
    pool = {"type": "pool", "size": 2, "stride": 2}
    layers = [_conv(6, 5, pad=2), pool, _conv(16, 5, pad=2), pool, _conv(120, 5, pad=2), {"type": "flatten"}]
    layers += [{"type": "dense", "units": 84}, {"type": "dense", "units": 10}]
    rows = _trace(student.trace_network((28, 28, 1), layers), len(layers))
    check_equal(sum(int(row["parameters"]) for row in rows), 545546, what="the number of parameters")


def test_a_network_in_two_parts(student):
    """The second half of a network goes on from the shape that the first half ends with."""
    layers = [_conv(5, 3, stride=2, pad=1), {"type": "pool", "size": 3, "stride": 2}, _conv(7, 2), {"type": "flatten"}]
    whole = _trace(student.trace_network((30, 41, 3), layers), 4)
    first = _trace(student.trace_network((30, 41, 3), layers[:2]), 2)
    second = _trace(student.trace_network(first[-1]["shape"], layers[2:]), 2)
    check_equal([*first, *second], whole, what="the trace in two parts")


def test_two_layers_see_four_pixels(student):
    """The worked example: a convolution of three taps, and a pooling window of two."""
    layers = [_conv(2, 3), {"type": "pool", "size": 2, "stride": 2}]
    check_equal(student.receptive_field(layers), 4, what="the receptive field")


def test_one_tap_sees_no_more(student, rng):
    """A convolution of one pixel, at stride 1, sees what the layers before it see."""
    layers = [_conv(4, int(rng.integers(3, 8)), stride=2), _conv(4, 3)]
    seen = _number(student.receptive_field(layers))
    check_equal(student.receptive_field([*layers, _conv(4, 1)]), seen, what="the receptive field")


def test_a_receptive_field_by_its_hash(student):
    """Five layers with different sizes and strides."""
    pool = {"type": "pool", "size": 3, "stride": 2}
    check_answer(student.receptive_field, [_conv(4, 7, stride=2), pool, _conv(4, 5), _conv(4, 3, stride=3), pool])


def test_resnet_152(student):
    """The lecture's example: [3, 8, 36, 3] makes 152 layers."""
    check_equal(student.resnet_depth([3, 8, 36, 3]), 152, what="the depth")


def _conv(filters, size, *, stride=1, pad=0):
    return {"type": "conv", "filters": filters, "size": size, "stride": stride, "pad": pad}


def _number(value):
    """The student's integer, once it is one: what follows does arithmetic with it."""
    require(_is_integer(value), "The result is an integer.")
    return int(value)


def _is_integer(value):
    if isinstance(value, np.ndarray):
        return value.ndim == 0 and value.dtype.kind in "iu"
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _trace(rows, length):
    """The student's trace, once it has a row for each layer, with what belongs into it."""
    is_sequence = isinstance(rows, list | tuple) and len(rows) == length
    require(is_sequence, "The result is a list with one entry for each layer.")
    are_rows = all(isinstance(row, dict) and row.keys() == {"shape", "parameters"} for row in rows)
    require(are_rows, 'Every entry is a dict with the keys "shape" and "parameters".')
    are_shapes = all(isinstance(row["shape"], tuple) and all(map(_is_integer, row["shape"])) for row in rows)
    require(are_shapes, "Every shape is a tuple of integers.")
    require(all(_is_integer(row["parameters"]) for row in rows), "The parameters of a layer are an integer.")
    return list(rows)
