"""Hidden tests of hw7: each keeps one rule of the handout, on sizes drawn for the student.

Where a test is about one rule, the other arguments are left at their defaults: one mistake
costs one rule, and the tests that bring everything together. The networks of the lecture are
tables with a line for each layer: its shape and its parameters stand beside it.
"""

from grader.checks.arrays import check, check_equal, check_error
from grader.plugin import points

# conv_output_size: 28 points


@points(1, visibility="visible")
def test_a_filter_of_one_pixel(student, rng):
    """A filter of one pixel has a place on every pixel."""
    check(student.conv_output_size, _draw(rng, 5, 40), 1)


@points(3, visibility="visible")
def test_a_filter_slides(student, rng):
    """A filter has its places where it lies within the input."""
    check(student.conv_output_size, _draw(rng, 12, 40), _draw(rng, 3, 8))


@points(2)
def test_zeros_at_both_ends(student, rng):
    """The padding stands at both ends of the input."""
    check(student.conv_output_size, _draw(rng, 12, 40), _draw(rng, 3, 8), pad=_draw(rng, 1, 4))


@points(2)
def test_whole_steps(student, rng):
    """Example 9-3-2: n = f + s*z pixels hold z + 1 places of the filter."""
    f, stride, steps = _draw(rng, 3, 8), _draw(rng, 2, 5), _draw(rng, 3, 9)
    check(student.conv_output_size, f + stride * steps, f, stride=stride)


@points(3)
def test_a_rest(student, rng):
    """A rest that is less than a step holds no further place, however little is missing."""
    f, stride, steps = _draw(rng, 3, 8), _draw(rng, 5, 8), _draw(rng, 3, 9)
    check(student.conv_output_size, f + stride * steps + 1, f, stride=stride)
    check(student.conv_output_size, f + stride * steps + stride - 1, f, stride=stride)


@points(2)
def test_taps_apart(student, rng):
    """A dilated filter needs room from its first tap to its last."""
    check(student.conv_output_size, _draw(rng, 24, 40), _draw(rng, 3, 6), dilation=_draw(rng, 2, 5))


@points(1)
def test_three_taps_at_dilation_two(student):
    """Three taps at dilation 2 cover five pixels."""
    check(student.conv_output_size, 5, 3, dilation=2)
    check(student.conv_output_size, 9, 3, dilation=2)


@points(1)
def test_one_tap_has_no_gaps(student, rng):
    """A filter of one tap covers one pixel, whatever the dilation."""
    check(student.conv_output_size, _draw(rng, 12, 40), 1, dilation=_draw(rng, 2, 6))


@points(2)
def test_everything_at_once(student, rng):
    """Padding, stride and dilation work together."""
    f, dilation, pad = _draw(rng, 3, 6), _draw(rng, 2, 4), _draw(rng, 1, 4)
    stride, steps = _draw(rng, 3, 6), _draw(rng, 3, 7)
    n = dilation * (f - 1) + 1 + stride * (steps + 1) - 1 - 2 * pad  # one pixel is missing for a further place
    check(student.conv_output_size, n, f, pad=pad, stride=stride, dilation=dilation)


@points(1)
def test_a_filter_that_needs_its_padding(student, rng):
    """A filter may be larger than the input, if it is not larger than the padded input."""
    n, pad = _draw(rng, 3, 8), _draw(rng, 2, 5)
    check(student.conv_output_size, n, n + _draw(rng, 1, 2 * pad), pad=pad)


@points(1)
def test_a_filter_of_the_input_s_size(student, rng):
    """A filter as large as the padded input has one place, whatever the stride."""
    n, pad = _draw(rng, 6, 20), _draw(rng, 0, 4)
    check(student.conv_output_size, n, n)
    check(student.conv_output_size, n, n + 2 * pad, pad=pad, stride=_draw(rng, 2, 6))
    check(student.conv_output_size, 1, 3, pad=1)


@points(1)
def test_conv_output_size_called_again(student, rng):
    """The size of a second layer has nothing to do with the first."""
    for low in (6, 20):
        check(student.conv_output_size, _draw(rng, low, low + 10), 3)


@points(1)
def test_an_input_without_pixels(student, rng):
    """An input of less than one pixel is refused with a ValueError, padded or not."""
    check_error(student.conv_output_size, 0, 3, pad=_draw(rng, 2, 5))
    check_error(student.conv_output_size, -1, 2, pad=_draw(rng, 3, 5))


@points(1)
def test_a_filter_without_taps(student, rng):
    """A filter of less than one tap is refused with a ValueError."""
    check_error(student.conv_output_size, _draw(rng, 6, 20), 0)
    check_error(student.conv_output_size, _draw(rng, 6, 20), -1)


@points(1)
def test_an_impossible_stride(student, rng):
    """A stride below 1 is refused with a ValueError."""
    check_error(student.conv_output_size, _draw(rng, 6, 20), 3, stride=0)
    check_error(student.conv_output_size, _draw(rng, 6, 20), 3, stride=-1)


@points(1)
def test_an_impossible_dilation(student, rng):
    """A dilation below 1 is refused with a ValueError."""
    check_error(student.conv_output_size, _draw(rng, 6, 20), 3, dilation=0)
    check_error(student.conv_output_size, _draw(rng, 6, 20), 3, dilation=-1)


@points(1)
def test_an_impossible_pad(student, rng):
    """A negative pad is refused with a ValueError."""
    check_error(student.conv_output_size, _draw(rng, 10, 20), 3, pad=-1)
    check_error(student.conv_output_size, _draw(rng, 10, 20), 3, pad=-_draw(rng, 2, 4))


@points(1)
def test_a_filter_without_a_place(student, rng):
    """A filter larger than the padded input is refused with a ValueError."""
    n = _draw(rng, 3, 8)
    check_error(student.conv_output_size, n, n + 2 + 2 * _draw(rng, 2, 5) + 1, pad=1, stride=2)
    check_error(student.conv_output_size, n, n + 1)


@points(1)
def test_a_filter_almost_without_a_place(student, rng):
    """A filter that is too large by less than a step is refused with a ValueError."""
    n, stride = _draw(rng, 3, 8), _draw(rng, 3, 6)
    check_error(student.conv_output_size, n, n + _draw(rng, 1, stride), stride=stride)


@points(1)
def test_a_span_without_a_place(student, rng):
    """A dilated filter that covers more than the padded input is refused with a ValueError."""
    f = _draw(rng, 3, 6)
    check_error(student.conv_output_size, f + 2, f, dilation=3)
    check_error(student.conv_output_size, 2 * f - 4, f, pad=1, dilation=2)


# transposed_output_size: 11 points


@points(1, visibility="visible")
def test_one_pixel_lays_down_a_filter(student, rng):
    """A map of one pixel gives as many pixels as the filter has."""
    check(student.transposed_output_size, 1, _draw(rng, 3, 9))


@points(2, visibility="visible")
def test_pixels_a_stride_apart(student, rng):
    """Every further pixel of the map lays its filter down one stride further on."""
    check(student.transposed_output_size, _draw(rng, 4, 12), _draw(rng, 3, 8), stride=_draw(rng, 2, 5))


@points(1)
def test_pixels_side_by_side(student, rng):
    """Without a stride, the filters of neighbours are laid down one pixel apart."""
    check(student.transposed_output_size, _draw(rng, 4, 12), _draw(rng, 3, 8))


@points(2)
def test_padding_is_cut_off(student, rng):
    """Going back, the padding is cut from both ends."""
    for stride in (1, _draw(rng, 2, 5)):
        n, f, pad = _draw(rng, 8, 14), _draw(rng, 3, 8), _draw(rng, 1, 3)
        check(student.transposed_output_size, n, f, pad=pad, stride=stride)


@points(1)
def test_one_pixel_is_left(student, rng):
    """An output of a single pixel is an output."""
    pad = _draw(rng, 1, 5)
    check(student.transposed_output_size, 1, 2 * pad + 1, pad=pad, stride=_draw(rng, 2, 5))


@points(1)
def test_transposed_output_size_called_again(student, rng):
    """The way back from a second map has nothing to do with the first."""
    for low in (3, 20):
        check(student.transposed_output_size, _draw(rng, low, low + 10), 3)


@points(1)
def test_an_impossible_stride_back(student, rng):
    """Going back, a stride below 1 is refused with a ValueError."""
    check_error(student.transposed_output_size, _draw(rng, 3, 5), 9, stride=0)
    check_error(student.transposed_output_size, _draw(rng, 3, 5), 12, stride=-2)


@points(1)
def test_an_impossible_cut(student, rng):
    """Going back, a negative pad is refused with a ValueError."""
    check_error(student.transposed_output_size, _draw(rng, 3, 9), 3, pad=-1, stride=2)
    check_error(student.transposed_output_size, _draw(rng, 3, 9), 3, pad=-_draw(rng, 2, 4))


@points(1)
def test_nothing_is_left(student, rng):
    """A padding that leaves no pixel is refused with a ValueError."""
    pad = _draw(rng, 3, 6)
    check_error(student.transposed_output_size, 2, 2, pad=pad, stride=2)
    check_error(student.transposed_output_size, 2, 2 * pad - 2, pad=pad, stride=2)


# conv_parameters: 14 points


@points(1, visibility="visible")
def test_one_filter_over_a_grey_image(student, rng):
    """A single filter over a single channel, without a bias, has as many weights as taps."""
    check(student.conv_parameters, _draw(rng, 2, 5), _draw(rng, 5, 9), 1, 1, bias=False)


@points(3, visibility="visible")
def test_weights_and_biases(student, rng):
    """Every filter has a weight for each tap and channel, and a bias."""
    fh, fw = _draw(rng, 2, 5), _draw(rng, 5, 9)
    check(student.conv_parameters, fh, fw, _draw(rng, 3, 8), _draw(rng, 9, 20))


@points(2)
def test_weights_without_biases(student, rng):
    """A convolution without biases has its weights only."""
    fh, fw = _draw(rng, 5, 9), _draw(rng, 2, 5)
    check(student.conv_parameters, fh, fw, _draw(rng, 9, 20), _draw(rng, 3, 8), bias=False)


@points(1)
def test_filters_over_a_grey_image(student, rng):
    """A grey image has one channel."""
    check(student.conv_parameters, _draw(rng, 5, 9), _draw(rng, 2, 5), 1, _draw(rng, 6, 20))


@points(1)
def test_the_convolutions_of_lenet(student):
    """The convolutions of LeNet-5 in 6-1b have as many parameters as Keras says."""
    check(student.conv_parameters, 5, 5, 1, 6)
    check(student.conv_parameters, 5, 5, 6, 16)
    check(student.conv_parameters, 5, 5, 16, 120)


@points(1)
def test_the_convolutions_of_the_scripts(student):
    """The convolutions of 6-2b and 6-4 have as many parameters as Keras says."""
    for channels in ((1, 32), (32, 64), (3, 32), (32, 32), (64, 64)):
        check(student.conv_parameters, 3, 3, *channels)


@points(1)
def test_the_weights_of_a_dilated_filter(student):
    """A 3x3 filter has nine weights, also where it sees 5x5 pixels."""
    check(student.conv_parameters, 3, 3, 1, 1, bias=False)


@points(1)
def test_conv_parameters_called_again(student, rng):
    """The parameters of a second convolution have nothing to do with the first."""
    for low in (2, 6):
        check(student.conv_parameters, low, low + 1, _draw(rng, low, low + 4), _draw(rng, 9, 20))


@points(1)
def test_a_convolution_without_a_filter(student, rng):
    """A filter without rows or columns is refused with a ValueError."""
    check_error(student.conv_parameters, 0, _draw(rng, 2, 6), 3, 4)
    check_error(student.conv_parameters, _draw(rng, 2, 6), 0, 3, 4, bias=False)


@points(1)
def test_a_convolution_without_channels(student, rng):
    """A convolution without channels of input or output is refused with a ValueError."""
    check_error(student.conv_parameters, 3, 2, 0, _draw(rng, 2, 6))
    check_error(student.conv_parameters, 3, 2, _draw(rng, 2, 6), 0, bias=False)


@points(1)
def test_two_negative_sizes(student, rng):
    """Negative sizes of a convolution are refused with a ValueError, two of them as well as one."""
    check_error(student.conv_parameters, -_draw(rng, 2, 6), -3, 2, 4)
    check_error(student.conv_parameters, 3, 2, -_draw(rng, 2, 6), -4)
    check_error(student.conv_parameters, 3, -2, _draw(rng, 2, 6), 4)


# dense_parameters: 6 points


@points(1, visibility="visible")
def test_dense_weights(student, rng):
    """Without biases every node has a weight for each number that comes in."""
    check(student.dense_parameters, _draw(rng, 20, 40), _draw(rng, 5, 15), bias=False)


@points(1, visibility="visible")
def test_dense_weights_and_biases(student, rng):
    """Every node has a bias beside its weights."""
    check(student.dense_parameters, _draw(rng, 20, 40), _draw(rng, 5, 15))
    check(student.dense_parameters, 1, _draw(rng, 5, 15))
    check(student.dense_parameters, _draw(rng, 20, 40), 1)


@points(1)
def test_the_dense_layers_of_the_scripts(student):
    """The dense layers of 6-1b, 6-2b and 6-4 have as many parameters as Keras says."""
    for sizes in ((5880, 84), (84, 10), (9216, 128), (128, 10), (1600, 512), (512, 10)):
        check(student.dense_parameters, *sizes)


@points(1)
def test_dense_parameters_called_again(student, rng):
    """The parameters of a second dense layer have nothing to do with the first."""
    for low in (2, 20):
        check(student.dense_parameters, _draw(rng, low, low + 10), 7)


@points(1)
def test_a_dense_layer_of_nothing(student, rng):
    """A dense layer without nodes or without input is refused with a ValueError."""
    check_error(student.dense_parameters, 0, _draw(rng, 2, 9))
    check_error(student.dense_parameters, _draw(rng, 2, 9), 0)


@points(1)
def test_negative_nodes(student, rng):
    """Negative sizes of a dense layer are refused with a ValueError, two of them as well as one."""
    check_error(student.dense_parameters, -_draw(rng, 2, 9), -_draw(rng, 2, 9))
    check_error(student.dense_parameters, _draw(rng, 2, 9), -_draw(rng, 2, 9))


# trace_network: 27 points


@points(1, visibility="visible")
def test_a_dropout_layer(student, rng):
    """Dropout changes no shape and learns nothing."""
    check(student.trace_network, (6, 9, _draw(rng, 3, 8)), [_dropout(0.5)])


@points(2, visibility="visible")
def test_a_convolution(student, rng):
    """A convolution has one channel for each filter, with the parameters of all of them."""
    layer = _conv(_draw(rng, 5, 9), _draw(rng, 2, 5))
    check(student.trace_network, (_draw(rng, 8, 11), _draw(rng, 12, 15), _draw(rng, 2, 5)), [layer])


@points(2)
def test_a_convolution_with_stride_and_pad(student, rng):
    """A convolution moves by its stride over the padded image."""
    shape = (_draw(rng, 10, 14), _draw(rng, 15, 20), 3)
    check(student.trace_network, shape, [_conv(5, 3, stride=2, pad=2)])
    check(student.trace_network, shape, [_conv(4, 5, stride=3, pad=1)])


@points(2)
def test_a_pooling_layer(student, rng):
    """A pooling window moves by its own stride, and what does not fill a window is dropped."""
    channels = _draw(rng, 3, 8)
    check(student.trace_network, (11, 17, channels), [_pool(3, 2)])
    check(student.trace_network, (11, 16, channels), [_pool(5, 2)])
    check(student.trace_network, (2 * _draw(rng, 3, 6) + 1, 14, channels), [_pool(2, 2)])
    check(student.trace_network, (12, 15, channels), [_pool(2, 3)])


@points(1)
def test_a_flatten_layer(student, rng):
    """A flatten layer makes one axis of all numbers."""
    check(student.trace_network, (_draw(rng, 3, 5), _draw(rng, 5, 8), _draw(rng, 2, 5)), [{"type": "flatten"}])


@points(2)
def test_dense_layers(student, rng):
    """A dense layer has a number for each node, and weights for what comes from the layer before."""
    units = [_draw(rng, 5, 9), _draw(rng, 10, 20), 3]
    check(student.trace_network, (2, 3, 4), [{"type": "flatten"}, *map(_dense, units)])


@points(2)
def test_convolution_after_convolution(student, rng):
    """A filter goes through all channels that the layer before gives."""
    layers = [_conv(_draw(rng, 5, 9), 3), _pool(2, 2), _conv(_draw(rng, 10, 14), 2)]
    check(student.trace_network, (_draw(rng, 10, 14), _draw(rng, 15, 20), 3), layers)


@points(2)
def test_a_whole_network(student, rng):
    """Layers of every type follow each other, each with an entry of its own."""
    layers = [_conv(_draw(rng, 5, 9), 5, stride=2, pad=1), _pool(3, 2), _dropout(0.25)]
    layers += [_conv(_draw(rng, 9, 14), 3, pad=1), _pool(2, 2), {"type": "flatten"}, _dense(_draw(rng, 20, 30))]
    layers += [_dropout(0.5), _dense(_draw(rng, 5, 10))]
    check(student.trace_network, (_draw(rng, 32, 36), _draw(rng, 44, 48), 3), layers)


@points(1)
def test_trace_network_called_again(student, rng):
    """A second network has nothing to do with the first."""
    for height in (6, 9):
        check(student.trace_network, (height, 8, 3), [_conv(_draw(rng, 4, 9), 3)])


@points(1)
def test_a_filter_larger_than_the_image(student, rng):
    """A filter larger than the padded image, along either side, is refused with a ValueError."""
    check_error(student.trace_network, (3, 12, 2), [_conv(4, 3 + 2 + _draw(rng, 2, 5), pad=1)])
    check_error(student.trace_network, (12, 3, 2), [_conv(4, 3 + 2 + _draw(rng, 2, 5), pad=1)])


@points(1)
def test_a_window_larger_than_the_image(student, rng):
    """A pooling window larger than the image, along either side, is refused with a ValueError."""
    check_error(student.trace_network, (2, 12, _draw(rng, 2, 5)), [_pool(3, 1)])
    check_error(student.trace_network, (12, 2, _draw(rng, 2, 5)), [_pool(4, 3)])


@points(1)
def test_an_image_that_has_become_too_small(student, rng):
    """A network that shrinks the image below its next window or filter is refused with a ValueError."""
    layers = [_conv(_draw(rng, 4, 9), 3), _pool(2, 2)]
    check_error(student.trace_network, (8, 10, 3), [*layers, _conv(5, 6)])
    check_error(student.trace_network, (8, 10, 3), [*layers, _pool(4, 2), {"type": "flatten"}])


@points(1)
def test_an_unknown_layer(student, rng):
    """A layer of an unknown type is refused with a ValueError, wherever it stands."""
    unknown = {"type": "attention", "heads": _draw(rng, 2, 9)}
    check_error(student.trace_network, (8, 10, 3), [_conv(4, 3), unknown])
    check_error(student.trace_network, (8, 10, 3), [unknown, _pool(2, 2)])


@points(2)
def test_lenet_of_6_1b(student):
    """LeNet-5 as in 6-1b has 545,546 parameters."""
    _check_network(student.trace_network, (28, 28, 1), LENET_6_1B)


@points(1)
def test_lenet_as_drawn(student):
    """LeNet-5 as drawn in 9.6 goes from 32x32 over 28, 14, 10 and 5 to 400-120-84-10."""
    _check_network(student.trace_network, (32, 32, 1), LENET_DRAWN)


@points(1)
def test_the_network_of_6_2b(student):
    """The network of 6-2b has 1,199,882 parameters."""
    _check_network(student.trace_network, (28, 28, 1), NET_6_2B)


@points(2)
def test_the_network_of_6_4(student):
    """The network for CIFAR-10 in 6-4 has 890,410 parameters."""
    _check_network(student.trace_network, (32, 32, 3), NET_6_4)


@points(1)
def test_alexnet(student):
    """AlexNet goes from 227x227 over 55, 27 and 13 to 6, and on through 9216-4096-4096-1000."""
    _check_network(student.trace_network, (227, 227, 3), ALEXNET)


@points(1)
def test_vgg_16(student):
    """VGG-16 goes from 224x224 to 25088-4096-4096-1000 and has 138,357,544 parameters."""
    _check_network(student.trace_network, (224, 224, 3), VGG_16)


# receptive_field: 9 points


@points(1, visibility="visible")
def test_one_layer_sees_its_window(student, rng):
    """One layer sees a window of its own size."""
    check(student.receptive_field, [_conv(4, _draw(rng, 3, 9))])


@points(2, visibility="visible")
def test_layers_without_strides(student, rng):
    """Layers that move by one pixel each add what their windows reach beyond one pixel."""
    sizes = _draw(rng, 3, 5), _draw(rng, 5, 7), _draw(rng, 7, 9)
    check(student.receptive_field, [_conv(4, size, pad=1) for size in sizes])


@points(2)
def test_strides_spread_what_follows(student, rng):
    """The strides of all layers before spread a window over the input."""
    strides = [int(stride) for stride in rng.permutation([2, 3, 4])]
    layers = [_conv(4, _draw(rng, 3, 8), stride=stride, pad=_draw(rng, 1, 3)) for stride in strides]
    check(student.receptive_field, [*layers, _conv(4, 3)])


@points(1)
def test_pooling_layers_see_windows(student, rng):
    """A pooling layer counts as a convolution does, with its window and its stride."""
    layers = [_conv(6, _draw(rng, 3, 8)), _pool(3, 2), _conv(8, _draw(rng, 3, 8)), _pool(_draw(rng, 2, 5), 3)]
    check(student.receptive_field, [*layers, _conv(4, 3)])


@points(1)
def test_what_the_networks_of_the_lecture_see(student):
    """One output in front of the dense layers of LeNet-5, AlexNet and VGG-16 sees a good part of the image."""
    for network in (LENET_DRAWN, ALEXNET, VGG_16):
        seen = [layer for layer, _, _ in network if layer["type"] in ("conv", "pool")]
        check(student.receptive_field, seen)


@points(1)
def test_no_layers(student):
    """Without layers a pixel sees itself."""
    check(student.receptive_field, [])


@points(1)
def test_receptive_field_called_again(student, rng):
    """What a second network sees has nothing to do with the first."""
    for low in (3, 7):
        check(student.receptive_field, [_conv(4, _draw(rng, low, low + 3)), _pool(2, 2)])


# resnet_depth: 5 points


@points(1, visibility="visible")
def test_blocks_of_three_layers(student, rng):
    """Every block has three layers, and two stand at the ends; a stage may be empty."""
    check(student.resnet_depth, [_draw(rng, 2, 9) for _ in range(4)])
    check(student.resnet_depth, [_draw(rng, 40, 60), 0, _draw(rng, 2, 9), _draw(rng, 2, 9)])


@points(1)
def test_resnet_50(student):
    """ResNet-50 has stages of 3, 4, 6 and 3 blocks."""
    check(student.resnet_depth, [3, 4, 6, 3])


@points(1)
def test_resnet_101(student):
    """ResNet-101 has stages of 3, 4, 23 and 3 blocks."""
    check(student.resnet_depth, [3, 4, 23, 3])


@points(1)
def test_resnet_152(student):
    """ResNet-152 has stages of 3, 8, 36 and 3 blocks."""
    check(student.resnet_depth, [3, 8, 36, 3])


@points(1)
def test_a_negative_number_of_blocks(student, rng):
    """A negative number of blocks is refused with a ValueError, in every stage."""
    check_error(student.resnet_depth, [-_draw(rng, 20, 30), 2, 3, 1])
    check_error(student.resnet_depth, [3, _draw(rng, 2, 9), 6, -1])


# layers, and the networks of the lecture: layer, shape of its output, parameters


def _draw(rng, low, high):
    """A Python integer from low to high - 1."""
    return int(rng.integers(low, high))


def _conv(filters, size, *, stride=1, pad=0):
    return {"type": "conv", "filters": filters, "size": size, "stride": stride, "pad": pad}


def _pool(size, stride):
    return {"type": "pool", "size": size, "stride": stride}


def _dense(units):
    return {"type": "dense", "units": units}


def _dropout(rate):
    return {"type": "dropout", "rate": rate}


def _check_network(function, input_shape, network):
    """The reference has the hint where a shape differs; the numbers of the table have the last word."""
    layers = [layer for layer, _, _ in network]
    check(function, input_shape, layers)
    known = [{"shape": shape, "parameters": parameters} for _, shape, parameters in network]
    check_equal(function(input_shape, layers), known, what="the network of the lecture")


LENET_6_1B = (
    (_conv(6, 5, pad=2), (28, 28, 6), 156),
    (_pool(2, 2), (14, 14, 6), 0),
    (_conv(16, 5, pad=2), (14, 14, 16), 2416),
    (_pool(2, 2), (7, 7, 16), 0),
    (_conv(120, 5, pad=2), (7, 7, 120), 48120),
    ({"type": "flatten"}, (5880,), 0),
    (_dense(84), (84,), 494004),
    (_dense(10), (10,), 850),
)

LENET_DRAWN = (
    (_conv(6, 5), (28, 28, 6), 156),
    (_pool(2, 2), (14, 14, 6), 0),
    (_conv(16, 5), (10, 10, 16), 2416),
    (_pool(2, 2), (5, 5, 16), 0),
    ({"type": "flatten"}, (400,), 0),
    (_dense(120), (120,), 48120),
    (_dense(84), (84,), 10164),
    (_dense(10), (10,), 850),
)

NET_6_2B = (
    (_conv(32, 3), (26, 26, 32), 320),
    (_conv(64, 3), (24, 24, 64), 18496),
    (_pool(2, 2), (12, 12, 64), 0),
    (_dropout(0.25), (12, 12, 64), 0),
    ({"type": "flatten"}, (9216,), 0),
    (_dense(128), (128,), 1179776),
    (_dropout(0.5), (128,), 0),
    (_dense(10), (10,), 1290),
)

NET_6_4 = (
    (_conv(32, 3), (30, 30, 32), 896),
    (_conv(32, 3), (28, 28, 32), 9248),
    (_pool(2, 2), (14, 14, 32), 0),
    (_dropout(0.25), (14, 14, 32), 0),
    (_conv(64, 3), (12, 12, 64), 18496),
    (_conv(64, 3), (10, 10, 64), 36928),
    (_pool(2, 2), (5, 5, 64), 0),
    (_dropout(0.25), (5, 5, 64), 0),
    ({"type": "flatten"}, (1600,), 0),
    (_dense(512), (512,), 819712),
    (_dropout(0.5), (512,), 0),
    (_dense(10), (10,), 5130),
)

ALEXNET = (
    (_conv(96, 11, stride=4), (55, 55, 96), 34944),
    (_pool(3, 2), (27, 27, 96), 0),
    (_conv(256, 5, pad=2), (27, 27, 256), 614656),
    (_pool(3, 2), (13, 13, 256), 0),
    (_conv(384, 3, pad=1), (13, 13, 384), 885120),
    (_conv(384, 3, pad=1), (13, 13, 384), 1327488),
    (_conv(256, 3, pad=1), (13, 13, 256), 884992),
    (_pool(3, 2), (6, 6, 256), 0),
    ({"type": "flatten"}, (9216,), 0),
    (_dense(4096), (4096,), 37752832),
    (_dense(4096), (4096,), 16781312),
    (_dense(1000), (1000,), 4097000),
)

VGG_16 = (
    (_conv(64, 3, pad=1), (224, 224, 64), 1792),
    (_conv(64, 3, pad=1), (224, 224, 64), 36928),
    (_pool(2, 2), (112, 112, 64), 0),
    (_conv(128, 3, pad=1), (112, 112, 128), 73856),
    (_conv(128, 3, pad=1), (112, 112, 128), 147584),
    (_pool(2, 2), (56, 56, 128), 0),
    (_conv(256, 3, pad=1), (56, 56, 256), 295168),
    (_conv(256, 3, pad=1), (56, 56, 256), 590080),
    (_conv(256, 3, pad=1), (56, 56, 256), 590080),
    (_pool(2, 2), (28, 28, 256), 0),
    (_conv(512, 3, pad=1), (28, 28, 512), 1180160),
    (_conv(512, 3, pad=1), (28, 28, 512), 2359808),
    (_conv(512, 3, pad=1), (28, 28, 512), 2359808),
    (_pool(2, 2), (14, 14, 512), 0),
    (_conv(512, 3, pad=1), (14, 14, 512), 2359808),
    (_conv(512, 3, pad=1), (14, 14, 512), 2359808),
    (_conv(512, 3, pad=1), (14, 14, 512), 2359808),
    (_pool(2, 2), (7, 7, 512), 0),
    ({"type": "flatten"}, (25088,), 0),
    (_dense(4096), (4096,), 102764544),
    (_dense(4096), (4096,), 16781312),
    (_dense(1000), (1000,), 4097000),
)
