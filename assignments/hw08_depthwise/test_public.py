"""Public tests of hw8: worked examples, and laws that these convolutions keep.

`grade hw8` runs them at home. They give no points and no answers away: a law compares your
function with itself on other arguments, or with another of your functions, and `check_answer`
compares hashes.
"""

import numpy as np

from grader.checks.answers import check_answer
from grader.checks.arrays import check_equal, require


def test_taps_with_a_gap(student):
    """The worked example, one row of pixels, taps two apart and a bias."""
    x = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0]).reshape(1, 1, 6, 1)
    maps = _array(student.dilated_conv2d(x, _across(2.0, -1.0, 1.0), np.array([0.5]), dilation=2), (1, 1, 2, 1))
    check_equal(maps[0, 0, :, 0], [7.5, 10.5], what="the dilated convolution")


def test_every_second_column(student, rng):
    """Lecture 9.5: 3 taps at dilation 2 do what 5 taps do, of which every second is 0."""
    x, w, b = rng.normal(size=(2, 5, 7, 2)), rng.normal(size=(3, 3, 2, 1)), rng.normal(size=1)
    wide = np.zeros((5, 5, 2, 1))
    wide[::2, ::2] = w
    maps = _array(student.dilated_conv2d(x, w, b, dilation=2), (2, 1, 3, 1))
    check_equal(student.dilated_conv2d(x, wide, b), maps, what="the convolution with 5 x 5 taps", terms=50)


def test_images_in_each_other(student, rng):
    """At dilation 2, pixels of even and of odd columns never meet."""
    x, w, b = rng.normal(size=(1, 1, 8, 2)), rng.normal(size=(1, 3, 2, 2)), np.zeros(2)
    maps = _array(student.dilated_conv2d(x, w, b, dilation=2), (1, 1, 4, 2))
    even = student.dilated_conv2d(x[:, :, ::2], w, b)
    check_equal(even, maps[:, :, ::2], what="the convolution of the even columns", terms=6)


def test_a_gap_in_whole_numbers(student):
    """Two images of 7 x 9 pixels, two channels and three filters; then with a stride and a frame too."""
    x, w, b = _whole_numbers(2, 7, 9, 2), _whole_numbers(2, 3, 2, 3), np.array([1, -2, 5])
    check_answer(student.dilated_conv2d, x, w, b, dilation=3)
    check_answer(student.dilated_conv2d, x, w, b, dilation=2, stride=3, pad=1)


def test_one_pixel_and_one_filter(student, rng):
    """A pixel of 1 lays the filter down as it is."""
    w = rng.normal(size=(3, 2, 1, 1))
    y = _array(student.transposed_conv2d(np.ones((1, 1, 1, 1)), w), (1, 3, 2, 1))
    check_equal(y[0], w[..., 0], what="the result")


def test_two_pixels(student):
    """The worked example, two pixels and three weights that overlap in one place."""
    x, w = np.array([2.0, -1.0]).reshape(1, 1, 2, 1), _across(1.0, 3.0, 4.0)
    y = _array(student.transposed_conv2d(x, w, stride=2), (1, 1, 5, 1))
    check_equal(y[0, 0, :, 0], [2, 6, 7, -3, -4], what="the transposed convolution")


def test_a_cut(student, rng):
    """A pad of 1 cuts a row or a column from each side."""
    x, w = rng.normal(size=(2, 3, 4, 2)), rng.normal(size=(3, 4, 2, 2))
    whole = _array(student.transposed_conv2d(x, w, stride=2), (2, 7, 10, 2))
    check_equal(student.transposed_conv2d(x, w, stride=2, pad=1), whole[:, 1:-1, 1:-1], what="the rest", terms=24)


def test_the_way_back_in_whole_numbers(student):
    """Two maps of 3 x 4 pixels and three channels, filters of 4 x 3, and a cut."""
    check_answer(student.transposed_conv2d, _whole_numbers(2, 3, 4, 3), _whole_numbers(4, 3, 2, 3), stride=3, pad=1)


def test_there_and_back(student, rng):
    """Adjoint: conv(u) weighted with x adds up to as much as u weighted with transposed(x)."""
    u, x, w = rng.normal(size=(1, 6, 5, 2)), rng.normal(size=(1, 3, 2, 3)), rng.normal(size=(4, 5, 2, 3))
    there = _array(student.dilated_conv2d(u, w, np.zeros(3), stride=2, pad=1), (1, 3, 2, 3))
    back = _array(student.transposed_conv2d(x, w, stride=2, pad=1), (1, 6, 5, 2))
    check_equal(float((there * x).sum()), float((u * back).sum()), what="the weighted sum", terms=1000)


def test_a_column_and_a_row(student):
    """The worked example, the column first and then the row."""
    x = np.array([[1.0, 2.0, 0.0], [3.0, 1.0, 2.0], [0.0, 1.0, 4.0]]).reshape(1, 3, 3, 1)
    y = _array(student.separable_conv2d(x, np.array([1.0, 2.0]), np.array([1.0, 0.0, -1.0])), (1, 2, 1, 1))
    check_equal(y[0, :, 0, 0], [3, -7], what="the separable convolution")


def test_a_column_with_a_weight_in_the_middle(student, rng):
    """A frame of 1, and a 1 between two zeros both ways, give the image back."""
    x, weights = rng.normal(size=(2, 3, 4, 3)), np.array([0.0, 1.0, 0.0])
    check_equal(student.separable_conv2d(x, weights, weights.copy(), pad=1), x, what="the result")


def test_a_column_and_a_row_of_whole_numbers(student):
    """Two images of 4 x 6 pixels and three channels, three weights down and two across, and a frame."""
    check_answer(student.separable_conv2d, _whole_numbers(2, 4, 6, 3), np.array([2, -1, 3]), np.array([4, 1]), pad=1)


def test_the_same_filter_for_all(student, rng):
    """A separable convolution is a depthwise one with column times row for every channel."""
    x, column, row = rng.normal(size=(2, 4, 6, 3)), rng.normal(size=3), rng.normal(size=2)
    y = _array(student.separable_conv2d(x, column, row), (2, 2, 5, 3))
    w = np.stack(3 * [np.outer(column, row)], axis=2)
    check_equal(student.depthwise_conv2d(x, w), y, what="the depthwise convolution", terms=6)


def test_one_channel_at_a_time(student, rng):
    """Several channels give what each gives alone, one behind the other."""
    x, w = rng.normal(size=(2, 4, 5, 2)), rng.normal(size=(2, 3, 2))
    alone = [_array(student.depthwise_conv2d(x[..., c : c + 1], w[..., c : c + 1]), (2, 3, 3, 1)) for c in (0, 1)]
    check_equal(student.depthwise_conv2d(x, w), np.concatenate(alone, axis=3), what="two channels", terms=6)


def test_every_second_window(student, rng):
    """Stride 2 gives every second value of stride 1, along both axes."""
    x, w = rng.normal(size=(1, 6, 8, 2)), rng.normal(size=(3, 2, 2))
    maps = _array(student.depthwise_conv2d(x, w), (1, 4, 7, 2))
    check_equal(student.depthwise_conv2d(x, w, stride=2), maps[:, ::2, ::2], what="the maps at stride 2", terms=6)


def test_a_filter_for_each_channel_in_whole_numbers(student):
    """Two images of 6 x 7 pixels and three channels, filters of 3 x 2, steps of 2 and a frame."""
    check_answer(student.depthwise_conv2d, _whole_numbers(2, 6, 7, 3), _whole_numbers(3, 2, 3), stride=2, pad=1)


def test_one_pixel_of_two_channels(student):
    """The worked example, two channels into three maps."""
    x, w = np.array([4.0, 3.0]).reshape(1, 1, 1, 2), np.array([[1.0, 0.0, 2.0], [1.0, 2.0, -1.0]])
    y = _array(student.pointwise_conv2d(x, w), (1, 1, 1, 3))
    check_equal(y[0, 0, 0], [7, 6, 5], what="the three maps")


def test_channels_that_stay(student, rng):
    """Weights of 1 on the diagonal and 0 elsewhere leave the channels as they are."""
    x = rng.normal(size=(2, 3, 4, 3))
    check_equal(student.pointwise_conv2d(x, np.eye(3)), x, what="the result")


def test_mixed_whole_numbers(student):
    """Two images of 3 x 4 pixels, three channels into five maps."""
    check_answer(student.pointwise_conv2d, _whole_numbers(2, 3, 4, 3), _whole_numbers(3, 5))


def test_both_steps(student, rng):
    """The depthwise separable convolution is an ordinary one whose filters are products."""
    x, depthwise, pointwise = rng.normal(size=(1, 5, 6, 2)), rng.normal(size=(3, 2, 2)), rng.normal(size=(2, 3))
    maps = _array(student.depthwise_separable_conv2d(x, depthwise, pointwise, stride=2, pad=1), (1, 3, 4, 3))
    w = depthwise[..., None] * pointwise
    check_equal(student.dilated_conv2d(x, w, np.zeros(3), stride=2, pad=1), maps, what="the convolution", terms=24)


def test_both_steps_in_whole_numbers(student):
    """Two images of 6 x 7 pixels, three channels into four maps, steps of 2 and a frame."""
    steps = _whole_numbers(3, 2, 3), _whole_numbers(3, 4)
    check_answer(student.depthwise_separable_conv2d, _whole_numbers(2, 6, 7, 3), *steps, stride=2, pad=1)


def test_the_counts_of_a_layer(student):
    """The worked example: 4 x 4 pixels, 3 x 3 filters, 2 channels, 5 maps."""
    check_equal(student.conv_multiplications(4, 3, 2, 5), 1440, what="the count of the convolution")
    both = student.depthwise_separable_multiplications(4, 3, 2, 5)
    check_equal(both, 448, what="the count of the two steps")


def test_nine_times_as_cheap(student):
    """A 3 x 3 filter and very many maps: the two steps cost hardly more than a ninth."""
    ratio = student.cost_ratio(3, 900)
    require(isinstance(ratio, float | np.floating), "The ratio is a float.")
    require(1 / 9 < ratio < 0.113, "The ratio lies just above a ninth.")


def _whole_numbers(*shape):
    """Numbers from -4 to 6 without a pattern that a mistake could hide in."""
    return (np.arange(np.prod(shape)) ** 2 % 11 - 4).reshape(shape)


def _across(*weights):
    """One filter of one row."""
    return np.array(weights).reshape(1, -1, 1, 1)


def _array(value, shape):
    """The student's array, once its shape is right: what follows may do arithmetic with it."""
    is_array = isinstance(value, np.ndarray) and value.shape == shape and value.dtype.kind in "iuf"
    require(is_array, f"The result is an array of shape {shape}.")
    require(np.all(np.isfinite(value)), "The result holds numbers only, no nan or inf.")
    return value
