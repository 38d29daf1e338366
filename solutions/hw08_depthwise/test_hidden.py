"""Hidden tests of hw8: each keeps one rule of the handout, on numbers drawn for the student.

Where a test is about one rule, its other arguments are neutral: filters of equal weights cannot
show a flip, a single pixel has no neighbour to overlap, one channel cannot be mixed with another.
One mistake costs one rule, and the tests that bring everything together.
"""

import numpy as np

from grader.checks.arrays import check, check_error, require
from grader.plugin import points

# dilated_conv2d: 19 points


@points(1, visibility="visible")
def test_a_filter_of_one_tap(student, rng):
    """A filter of one tap multiplies every pixel by that weight."""
    check(student.dilated_conv2d, rng.normal(size=(1, 3, 4, 1)), rng.normal(size=(1, 1, 1, 1)), np.zeros(1))


@points(3, visibility="visible")
def test_a_dilated_convolution(student, rng):
    """Every filter looks through its gaps at every image, through all channels."""
    x, w, b = rng.normal(size=(2, 6, 7, 3)), rng.normal(size=(3, 2, 3, 4)), rng.normal(size=4)
    check(student.dilated_conv2d, x, w, b, dilation=2)


@points(3)
def test_taps_apart(student, rng):
    """Neighbouring taps are as far apart as the dilation says, down and across."""
    w = _equal(rng, 3, 2, 1, 1)
    check(student.dilated_conv2d, rng.normal(size=(1, 8, 11, 1)), w, np.zeros(1), dilation=2)
    check(student.dilated_conv2d, rng.normal(size=(1, 10, 7, 1)), w, np.zeros(1), dilation=3)


@points(2)
def test_no_gaps(student, rng):
    """With a dilation of 1 it is the convolution of hw1, and the filter lies as it stands."""
    check(student.dilated_conv2d, rng.normal(size=(1, 5, 6, 1)), rng.normal(size=(3, 2, 1, 1)), np.zeros(1))


@points(2)
def test_a_bias_for_each_filter(student, rng):
    """Each feature map is raised by the bias of its own filter."""
    w = _equal(rng, 2, 3, 2, 4)
    check(student.dilated_conv2d, rng.normal(size=(1, 4, 5, 2)), w, rng.uniform(1, 2, size=4))


@points(2)
def test_steps_of_the_window(student, rng):
    """The window moves by the stride over the padded image."""
    w = _equal(rng, 2, 3, 1, 1)
    check(student.dilated_conv2d, rng.normal(size=(1, 7, 10, 1)), w, np.zeros(1), stride=2)
    check(student.dilated_conv2d, rng.normal(size=(1, 6, 9, 1)), w, np.zeros(1), stride=3, pad=2)


@points(2)
def test_dilation_stride_and_padding(student, rng):
    """Dilation, stride and padding work together, for one layer as for the next."""
    for dilation, stride, pad in ((2, 3, 1), (3, 2, 2)):
        x, w, b = rng.normal(size=(2, 8, 11, 2)), rng.normal(size=(3, 2, 2, 3)), rng.normal(size=3)
        check(student.dilated_conv2d, x, w, b, dilation=dilation, stride=stride, pad=pad)


@points(1)
def test_a_span_of_the_image_size(student, rng):
    """A filter that spans the whole padded image has one place."""
    w = _equal(rng, 3, 2, 1, 1)
    check(student.dilated_conv2d, rng.normal(size=(1, 5, 3, 1)), w, np.zeros(1), dilation=2)
    check(student.dilated_conv2d, rng.normal(size=(1, 5, 2, 1)), w, np.zeros(1), dilation=3, pad=1)


@points(1)
def test_the_dtype_of_a_dilated_convolution(student, rng):
    """Integer images give float64 in a dilated convolution, float32 images give float32."""
    pixels, w, b = rng.integers(0, 256, size=(1, 4, 5, 2)), rng.normal(size=(2, 3, 2, 2)), rng.normal(size=2)
    check(student.dilated_conv2d, pixels.astype(np.uint8), w, b)
    check(student.dilated_conv2d, pixels, rng.integers(-4, 5, size=w.shape), rng.integers(1, 9, size=2))
    check(student.dilated_conv2d, pixels.astype(np.float32), w.astype(np.float32), b.astype(np.float32))


@points(1)
def test_an_impossible_dilation(student, rng):
    """A dilation below 1 is refused with a ValueError."""
    x, w = rng.normal(size=(1, 5, 6, 2)), rng.normal(size=(2, 3, 2, 1))
    check_error(student.dilated_conv2d, x, w, np.zeros(1), dilation=0)
    check_error(student.dilated_conv2d, x, w, np.zeros(1), dilation=-1)


@points(1)
def test_a_span_that_does_not_fit(student, rng):
    """A filter that spans more than the padded image, along either axis, is refused with a ValueError."""
    b = np.zeros(1)
    check_error(student.dilated_conv2d, rng.normal(size=(1, 4, 9, 2)), rng.normal(size=(3, 2, 2, 1)), b, dilation=2)
    check_error(
        student.dilated_conv2d, rng.normal(size=(1, 7, 4, 2)), rng.normal(size=(2, 3, 2, 1)), b, dilation=3, pad=1
    )


# transposed_conv2d: 24 points


@points(1, visibility="visible")
def test_one_pixel_lays_one_filter(student, rng):
    """A single pixel gives one filter, multiplied by the pixel."""
    check(student.transposed_conv2d, rng.normal(size=(1, 1, 1, 1)), _equal(rng, 2, 3, 1, 1))


@points(3, visibility="visible")
def test_a_transposed_convolution(student, rng):
    """Every pixel of every image lays its filters down, a stride further than the one before."""
    check(student.transposed_conv2d, rng.normal(size=(2, 3, 4, 3)), rng.normal(size=(3, 4, 2, 3)), stride=2)


@points(4)
def test_overlaps(student, rng):
    """Where the filters of several pixels overlap, their values add up."""
    check(student.transposed_conv2d, rng.normal(size=(1, 3, 5, 1)), _equal(rng, 3, 2, 1, 1))


@points(3)
def test_pixels_apart(student, rng):
    """Pixels lay their filters a stride apart, down and across, and between them there is 0."""
    check(student.transposed_conv2d, rng.normal(size=(1, 3, 4, 1)), _equal(rng, 2, 1, 1, 1), stride=2)
    check(student.transposed_conv2d, rng.normal(size=(1, 4, 2, 1)), _equal(rng, 1, 3, 1, 1), stride=4)


@points(3)
def test_a_filter_laid_down(student, rng):
    """The filter is laid down as it stands."""
    check(student.transposed_conv2d, rng.normal(size=(1, 1, 1, 1)), rng.normal(size=(3, 4, 1, 1)))


@points(3)
def test_filters_become_channels(student, rng):
    """Each map of x has weights of its own for each channel that comes out."""
    check(student.transposed_conv2d, rng.normal(size=(1, 1, 1, 3)), rng.normal(size=(1, 1, 3, 3)))
    check(student.transposed_conv2d, rng.normal(size=(1, 1, 1, 2)), rng.normal(size=(1, 1, 4, 2)))


@points(2)
def test_cut_sides(student, rng):
    """A pad cuts rows and columns from all four sides of the result."""
    check(student.transposed_conv2d, rng.normal(size=(1, 1, 1, 1)), _equal(rng, 6, 7, 1, 1), pad=2)


@points(2)
def test_there_and_back(student, rng):
    """Stride and padding work together, for one layer as for the next."""
    for stride, pad in ((3, 1), (2, 2)):
        x, w = rng.normal(size=(2, 4, 3, 2)), rng.normal(size=(4, 5, 3, 2))
        check(student.transposed_conv2d, x, w, stride=stride, pad=pad)


@points(1)
def test_the_dtype_of_a_transposed_convolution(student, rng):
    """Integer maps give float64 in a transposed convolution, float32 maps give float32."""
    pixels, w = rng.integers(0, 256, size=(1, 1, 1, 2)), rng.normal(size=(2, 3, 2, 2))
    check(student.transposed_conv2d, pixels.astype(np.uint8), w)
    check(student.transposed_conv2d, pixels, rng.integers(-4, 5, size=w.shape))
    check(student.transposed_conv2d, pixels.astype(np.float32), w.astype(np.float32))


@points(1)
def test_an_impossible_way_back(student, rng):
    """A stride below 1 is refused by the transposed convolution with a ValueError."""
    x, w = rng.normal(size=(1, 2, 3, 2)), rng.normal(size=(4, 5, 1, 2))
    check_error(student.transposed_conv2d, x, w, stride=0)
    check_error(student.transposed_conv2d, x, w, stride=-1)


@points(1)
def test_maps_and_filters_that_differ(student, rng):
    """Maps that are more or fewer than the filters are refused with a ValueError."""
    for maps, filters in ((3, 2), (2, 3), (1, 3), (3, 1)):
        x, w = rng.normal(size=(1, 2, 3, maps)), rng.normal(size=(2, 3, 2, filters))
        check_error(student.transposed_conv2d, x, w)


# separable_conv2d: 13 points


@points(1, visibility="visible")
def test_a_column_and_a_row_of_1(student, rng):
    """A column and a row with a single weight of 1 give the image back."""
    check(student.separable_conv2d, rng.normal(size=(1, 3, 4, 1)), np.ones(1), np.ones(1))


@points(3, visibility="visible")
def test_a_column_then_a_row(student, rng):
    """The column and the row together filter every channel of every image."""
    check(student.separable_conv2d, rng.normal(size=(2, 5, 7, 3)), rng.normal(size=4), rng.normal(size=2))


@points(2)
def test_down_and_across(student, rng):
    """The column reaches down the image, the row reaches across."""
    column, row = _equal(rng, 2), _equal(rng, 3)
    check(student.separable_conv2d, rng.normal(size=(1, 5, 6, 1)), column, row)


@points(2)
def test_weights_in_their_order(student, rng):
    """Weights meet the pixels in their order, from the top and from the left."""
    weights = rng.normal(size=3)
    check(student.separable_conv2d, rng.normal(size=(1, 5, 6, 1)), weights, weights.copy())


@points(1)
def test_channels_stay_apart(student, rng):
    """A channel is filtered by itself, and comes out by itself."""
    weights = _equal(rng, 2)
    check(student.separable_conv2d, rng.normal(size=(1, 3, 4, 4)), weights, weights.copy())


@points(1)
def test_zeros_around_the_image(student, rng):
    """The padding stands around the image, once."""
    weights = _equal(rng, 3)
    check(student.separable_conv2d, rng.normal(size=(1, 4, 5, 1)), weights, weights.copy(), pad=1)


@points(1)
def test_separable_everything_at_once(student, rng):
    """Images, channels, padding and two lengths work together, for one layer as for the next."""
    for pad in (2, 1):
        x = rng.normal(size=(2, 3, 4, 2))
        check(student.separable_conv2d, x, rng.normal(size=2), rng.normal(size=5), pad=pad)


@points(1)
def test_the_dtype_of_a_separable_convolution(student, rng):
    """Integer images give float64 in both steps, float32 images give float32."""
    pixels, weights = rng.integers(0, 256, size=(1, 3, 4, 1)), rng.normal(size=2)
    check(student.separable_conv2d, pixels.astype(np.uint8), weights, weights.copy())
    check(student.separable_conv2d, pixels, np.array([2, 3]), np.array([2, 3]))
    check(student.separable_conv2d, pixels.astype(np.float32), *2 * [weights.astype(np.float32)])


@points(1)
def test_a_column_or_a_row_that_does_not_fit(student, rng):
    """A column or a row that is longer than the padded image is refused with a ValueError."""
    x = rng.normal(size=(1, 4, 5, 2))
    check_error(student.separable_conv2d, x, rng.normal(size=5), rng.normal(size=2))
    check_error(student.separable_conv2d, x, rng.normal(size=2), rng.normal(size=6))
    check_error(student.separable_conv2d, x, rng.normal(size=3), rng.normal(size=8), pad=1)


# depthwise_conv2d: 15 points


@points(1, visibility="visible")
def test_a_filter_of_one_pixel(student, rng):
    """A filter of one pixel on one channel multiplies it by that weight."""
    check(student.depthwise_conv2d, rng.normal(size=(1, 3, 4, 1)), rng.normal(size=(1, 1, 1)))


@points(2, visibility="visible")
def test_a_depthwise_convolution(student, rng):
    """Every channel of every image goes through its filter."""
    check(student.depthwise_conv2d, rng.normal(size=(2, 4, 6, 3)), rng.normal(size=(3, 2, 3)))


@points(3)
def test_a_filter_for_each_channel(student, rng):
    """Each channel has a filter of its own, and comes out by itself."""
    check(student.depthwise_conv2d, rng.normal(size=(1, 3, 4, 5)), rng.normal(size=(1, 1, 5)))


@points(2)
def test_places_in_the_window(student, rng):
    """Each weight of a depthwise filter meets the pixel at its own place in the window."""
    check(student.depthwise_conv2d, rng.normal(size=(1, 4, 5, 1)), rng.normal(size=(3, 2, 1)))


@points(2)
def test_depthwise_strides(student, rng):
    """The window moves by the stride along both axes, and a remainder is dropped."""
    w = _equal(rng, 2, 3, 1)
    check(student.depthwise_conv2d, rng.normal(size=(1, 8, 12, 1)), w, stride=2)
    check(student.depthwise_conv2d, rng.normal(size=(1, 7, 10, 1)), w, stride=3)


@points(1)
def test_depthwise_padding(student, rng):
    """Zeros stand on all four sides of each channel."""
    check(student.depthwise_conv2d, rng.normal(size=(1, 4, 3, 1)), _equal(rng, 3, 2, 1), pad=2)


@points(1)
def test_depthwise_everything_at_once(student, rng):
    """Channels, stride and padding work together, for one layer as for the next."""
    for stride, pad in ((2, 1), (3, 2)):
        x, w = rng.normal(size=(2, 7, 9, 3)), rng.normal(size=(3, 4, 3))
        check(student.depthwise_conv2d, x, w, stride=stride, pad=pad)


@points(1)
def test_the_dtype_of_a_depthwise_convolution(student, rng):
    """Integer images give float64 in a depthwise convolution, float32 images give float32."""
    pixels, w = rng.integers(0, 256, size=(1, 3, 4, 2)), rng.normal(size=(2, 3, 2))
    check(student.depthwise_conv2d, pixels.astype(np.uint8), w)
    check(student.depthwise_conv2d, pixels, rng.integers(-4, 5, size=w.shape))
    check(student.depthwise_conv2d, pixels.astype(np.float32), w.astype(np.float32))


@points(1)
def test_filters_for_other_channels(student, rng):
    """More or fewer filters than channels are refused with a ValueError, a single one too."""
    for channels, filters in ((3, 1), (1, 3), (3, 2), (2, 3)):
        check_error(student.depthwise_conv2d, rng.normal(size=(1, 4, 5, channels)), rng.normal(size=(2, 3, filters)))


@points(1)
def test_a_filter_that_does_not_fit(student, rng):
    """A depthwise filter larger than the padded image, along either axis, is refused with a ValueError."""
    x = rng.normal(size=(1, 4, 5, 2))
    check_error(student.depthwise_conv2d, x, rng.normal(size=(5, 3, 2)))
    check_error(student.depthwise_conv2d, x, rng.normal(size=(3, 8, 2)), pad=1)


# pointwise_conv2d: 8 points


@points(1, visibility="visible")
def test_one_weight(student, rng):
    """One channel and one filter: every pixel times the weight."""
    check(student.pointwise_conv2d, rng.normal(size=(1, 3, 4, 1)), rng.normal(size=(1, 1)))


@points(2, visibility="visible")
def test_a_pointwise_convolution(student, rng):
    """Every filter mixes the channels of every pixel, for one layer as for the next."""
    for filters in (4, 2):
        check(student.pointwise_conv2d, rng.normal(size=(2, 3, 5, 3)), rng.normal(size=(3, filters)))


@points(2)
def test_rows_for_channels(student, rng):
    """A row of w belongs to a channel that goes in, a column to one that comes out."""
    check(student.pointwise_conv2d, rng.normal(size=(1, 2, 3, 4)), rng.normal(size=(4, 4)))


@points(1)
def test_a_sum_over_channels(student, rng):
    """All channels of a pixel are added up, each times its weight."""
    check(student.pointwise_conv2d, rng.normal(size=(1, 2, 3, 5)), rng.normal(size=(5, 1)))


@points(1)
def test_the_dtype_of_a_pointwise_convolution(student, rng):
    """Integer images give float64 in a pointwise convolution, float32 images give float32."""
    pixels, w = rng.integers(0, 256, size=(1, 3, 4, 1)), rng.normal(size=(1, 3))
    check(student.pointwise_conv2d, pixels.astype(np.uint8), w)
    check(student.pointwise_conv2d, pixels, rng.integers(-4, 5, size=w.shape))
    check(student.pointwise_conv2d, pixels.astype(np.float32), w.astype(np.float32))


@points(1)
def test_channels_and_rows_that_differ(student, rng):
    """More or fewer rows of w than channels are refused with a ValueError."""
    for channels, rows in ((3, 2), (2, 3), (1, 3), (3, 1)):
        check_error(student.pointwise_conv2d, rng.normal(size=(1, 2, 3, channels)), rng.normal(size=(rows, 4)))


# depthwise_separable_conv2d: 12 points


@points(1, visibility="visible")
def test_two_weights(student, rng):
    """Two filters of one weight each: every pixel times both."""
    x, depthwise, pointwise = (rng.uniform(1, 2, size=shape) for shape in ((1, 3, 4, 1), (1, 1, 1), (1, 1)))
    check(student.depthwise_separable_conv2d, x, depthwise, pointwise)


@points(2, visibility="visible")
def test_a_depthwise_separable_convolution(student, rng):
    """Each channel is filtered, then the channels of each pixel are mixed."""
    x, depthwise, pointwise = rng.normal(size=(2, 4, 5, 3)), rng.normal(size=(3, 2, 3)), rng.normal(size=(3, 4))
    check(student.depthwise_separable_conv2d, x, depthwise, pointwise)


@points(2)
def test_a_stride_for_one_step(student, rng):
    """The stride holds for the depthwise step, and only there."""
    x, depthwise = rng.uniform(1, 2, size=(1, 9, 12, 1)), np.full((2, 3, 1), rng.uniform(1, 2))
    check(student.depthwise_separable_conv2d, x, depthwise, np.ones((1, 2)), stride=2)


@points(2)
def test_padding_for_one_step(student, rng):
    """The padding stands around the image, and not around what the depthwise step gives."""
    x, depthwise = rng.uniform(1, 2, size=(1, 4, 5, 1)), np.full((3, 2, 1), rng.uniform(1, 2))
    check(student.depthwise_separable_conv2d, x, depthwise, np.ones((1, 2)), pad=1)


@points(1)
def test_nothing_between_the_steps(student, rng):
    """What the depthwise step gives goes into the pointwise step as it is."""
    x, depthwise = rng.normal(size=(1, 3, 4, 2)), rng.normal(size=(1, 1, 2))
    check(student.depthwise_separable_conv2d, x, depthwise, rng.uniform(1, 2, size=(2, 3)))


@points(1)
def test_rows_for_filtered_channels(student, rng):
    """A row of the pointwise weights belongs to a channel of the depthwise step, a column to a map."""
    x, depthwise = rng.uniform(1, 2, size=(1, 2, 3, 4)), rng.uniform(1, 2, size=(1, 1, 4))
    check(student.depthwise_separable_conv2d, x, depthwise, rng.normal(size=(4, 4)))


@points(1)
def test_both_steps_at_once(student, rng):
    """Both steps, stride and padding work together, for one layer as for the next."""
    for stride, pad in ((2, 1), (3, 2)):
        x, depthwise, pointwise = rng.normal(size=(2, 7, 8, 2)), rng.normal(size=(2, 3, 2)), rng.normal(size=(2, 3))
        check(student.depthwise_separable_conv2d, x, depthwise, pointwise, stride=stride, pad=pad)


@points(1)
def test_the_dtype_of_both_steps(student, rng):
    """Integer images give float64 behind both steps, float32 images give float32."""
    pixels, depthwise, pointwise = rng.integers(1, 99, size=(1, 3, 4, 2)), rng.uniform(size=(2, 1, 2)), np.ones((2, 3))
    check(student.depthwise_separable_conv2d, pixels.astype(np.uint8), depthwise, pointwise)
    whole = rng.integers(1, 5, size=depthwise.shape), rng.integers(1, 5, size=pointwise.shape)
    check(student.depthwise_separable_conv2d, pixels, *whole)
    single = (array.astype(np.float32) for array in (pixels, depthwise, pointwise))
    check(student.depthwise_separable_conv2d, *single)


@points(1)
def test_steps_that_do_not_agree(student, rng):
    """Images and filters that do not agree in their channels are refused with a ValueError."""
    for channels, filters, rows in ((3, 1, 3), (1, 3, 3), (3, 3, 2), (2, 2, 3), (3, 2, 3)):
        x = rng.normal(size=(1, 4, 5, channels))
        depthwise, pointwise = rng.normal(size=(2, 3, filters)), rng.normal(size=(rows, 4))
        check_error(student.depthwise_separable_conv2d, x, depthwise, pointwise)


# conv_multiplications: 3 points


@points(1, visibility="visible")
def test_one_multiplication(student):
    """One pixel, one channel and one filter of one pixel need one multiplication."""
    check(student.conv_multiplications, 1, 1, 1, 1)


@points(1)
def test_multiplications_of_a_layer(student, rng):
    """Every weight of every filter is multiplied once for every pixel of its map."""
    check(student.conv_multiplications, *_draw_layer(rng))


@points(1)
def test_multiplications_of_a_real_layer(student, rng):
    """The multiplications of a layer of real size are counted to the last one."""
    check(student.conv_multiplications, 224, 3, *rng.integers(128, 512, size=2).tolist())


# depthwise_separable_multiplications: 3 points


@points(1, visibility="visible")
def test_a_count(student, rng):
    """The number of multiplications is a whole number above 0."""
    n, f, c, h = _draw_layer(rng)
    count = student.depthwise_separable_multiplications(n, f, c, h)
    require(isinstance(count, int | np.integer) and count > 0, "The count is an integer of 1 or more.")


@points(1)
def test_multiplications_of_both_steps(student, rng):
    """The multiplications of the depthwise and of the pointwise step add up."""
    check(student.depthwise_separable_multiplications, *_draw_layer(rng))


@points(1)
def test_multiplications_of_real_steps(student, rng):
    """Both steps of a layer of real size are counted to the last multiplication."""
    check(student.depthwise_separable_multiplications, 224, 3, *rng.integers(256, 512, size=2).tolist())


# cost_ratio: 3 points


@points(1, visibility="visible")
def test_a_ratio(student, rng):
    """The ratio is a number above 0."""
    ratio = student.cost_ratio(*_draw_layer(rng)[1::2])
    require(isinstance(ratio, float | np.floating) and ratio > 0, "The ratio is a float above 0.")


@points(1)
def test_what_is_saved(student, rng):
    """The depthwise separable convolution is divided by the convolution."""
    check(student.cost_ratio, *_draw_layer(rng)[1::2])


@points(1)
def test_nothing_to_save(student, rng):
    """For a filter of one pixel the two steps cost more than the convolution."""
    check(student.cost_ratio, 1, int(rng.integers(5, 30)))


# what several of them draw


def _equal(rng, *shape):
    """Weights that are all the same, and none near 0."""
    return np.full(shape, rng.uniform(0.5, 2))


def _draw_layer(rng):
    """Draw n, f, c and h, so far apart that none can stand for another."""
    n, f, c, h = rng.integers([11, 3, 5, 20], [15, 5, 9, 40]).tolist()
    return n, f, c, h
