"""Hidden tests of hw2: each keeps one rule of the handout, on numbers drawn for the student.

Where a test is not about signs, its maps are positive: what a negative window shows is one rule,
and costs its points once. Maps are never square, so that height and width cannot change places.
"""

import numpy as np

from grader.checks.arrays import check, check_equal, check_error, require
from grader.plugin import points

# max_pool2d: 35 points


@points(2, visibility="visible")
def test_one_window(student, rng):
    """A map of one window becomes its largest value."""
    x = _positive(rng, 1, 2, 2, 1)
    x[0, 0, 0] = 0.5  # the first pixel is not the largest
    pooled = student.max_pool2d(x)
    require(isinstance(pooled, np.ndarray) and pooled.size == 1, "A map of one window gives one value.")
    check_equal(pooled.ravel(), x.max(axis=(1, 2)).ravel(), what="the largest value")


@points(5, visibility="visible")
def test_every_window(student, rng):
    """Each window of each channel of each image becomes its largest value."""
    check(student.max_pool2d, _positive(rng, 2, 4, 6, 3))


@points(4)
def test_negative_windows(student, rng):
    """The largest value of a window of negative values is negative too."""
    check(student.max_pool2d, -_positive(rng, 1, 4, 6, 1))
    check(student.max_pool2d, rng.normal(size=(1, 6, 8, 1)))


@points(3)
def test_the_size_of_the_window(student, rng):
    """A window of another size moves by its own size, unless a stride is given."""
    check(student.max_pool2d, _positive(rng, 1, 6, 9, 1), size=3)
    check(student.max_pool2d, _positive(rng, 1, 4, 8, 1), 4)


@points(3)
def test_overlapping_windows(student, rng):
    """Windows overlap where the stride is smaller than the size."""
    check(student.max_pool2d, _positive(rng, 2, 7, 9, 3), size=3, stride=2)
    check(student.max_pool2d, _positive(rng, 1, 4, 5, 1), stride=1)


@points(2)
def test_windows_with_gaps(student, rng):
    """Pixels between the windows are left out where the stride is larger than the size."""
    check(student.max_pool2d, _positive(rng, 1, 8, 11, 1), size=2, stride=3)


@points(3)
def test_a_remainder(student, rng):
    """Rows and columns that do not fill a window are dropped."""
    check(student.max_pool2d, _positive(rng, 1, 5, 7, 1))
    check(student.max_pool2d, _positive(rng, 1, 8, 10, 1), size=3)
    check(student.max_pool2d, _positive(rng, 1, 6, 9, 1), size=3, stride=2)


@points(1)
def test_windows_of_one_pixel(student, rng):
    """Windows of one pixel keep the pixels that they stand on."""
    check(student.max_pool2d, rng.normal(size=(2, 3, 5, 2)), size=1)
    check(student.max_pool2d, rng.normal(size=(1, 5, 4, 3)), size=1, stride=3)


@points(2)
def test_one_grey_image(student, rng):
    """A single image with a single channel is pooled like any other."""
    check(student.max_pool2d, _positive(rng, 1, 6, 4, 1))


@points(2)
def test_integer_maps(student, rng):
    """Pooled integers are float64."""
    check(student.max_pool2d, rng.integers(1, 256, size=(1, 4, 6, 1), dtype=np.uint8))
    check(student.max_pool2d, rng.integers(1, 100, size=(1, 6, 4, 1)))


@points(1)
def test_float32_maps(student, rng):
    """Max pooling keeps float32."""
    check(student.max_pool2d, _positive(rng, 2, 4, 6, 2).astype(np.float32))


@points(1)
def test_max_pooling_called_again(student, rng):
    """The maxima of a second batch have nothing to do with the first."""
    for _ in range(2):
        check(student.max_pool2d, _positive(rng, 2, 4, 6, 2))


@points(2)
def test_an_impossible_stride(student, rng):
    """A stride below 1 is refused with a ValueError."""
    check_error(student.max_pool2d, _positive(rng, 1, 4, 6, 2), stride=0)
    check_error(student.max_pool2d, _positive(rng, 2, 5, 6, 1), size=3, stride=-1)


@points(1)
def test_an_impossible_size(student, rng):
    """A window of less than one pixel is refused with a ValueError."""
    check_error(student.max_pool2d, _positive(rng, 1, 4, 6, 2), size=0)
    check_error(student.max_pool2d, _positive(rng, 2, 5, 6, 1), size=-1, stride=2)
    check_error(student.max_pool2d, _positive(rng, 1, 6, 4, 2), size=0, stride=1)


@points(2)
def test_a_window_that_does_not_fit(student, rng):
    """A window larger than the map, along either axis, is refused with a ValueError."""
    check_error(student.max_pool2d, _positive(rng, 2, 3, 6, 2), size=4)
    check_error(student.max_pool2d, _positive(rng, 1, 7, 4, 3), size=5, stride=1)


@points(1)
def test_maps_without_four_axes(student, rng):
    """An array that has not four axes is refused with a ValueError."""
    _refuse_other_axes(student.max_pool2d, rng)


# average_pool2d: 24 points


@points(2, visibility="visible")
def test_the_average_of_equal_values(student, rng):
    """The average of equal values is that value."""
    value = rng.uniform(1, 2)
    pooled = student.average_pool2d(np.full((1, 2, 2, 1), value))
    require(isinstance(pooled, np.ndarray) and pooled.size == 1, "A map of one window has one average.")
    check_equal(pooled.ravel(), [value], what="the average of equal values", terms=4)


@points(5, visibility="visible")
def test_every_average(student, rng):
    """Each window of each channel of each image becomes its average."""
    check(student.average_pool2d, rng.normal(size=(2, 4, 6, 3)))


@points(3)
def test_averages_of_other_sizes(student, rng):
    """The average of a window is over as many values as the window holds."""
    check(student.average_pool2d, rng.normal(size=(1, 6, 9, 1)), size=3)
    check(student.average_pool2d, rng.normal(size=(1, 4, 3, 1)), 1)


@points(3)
def test_averages_at_other_strides(student, rng):
    """The stride of an average is not its size: windows overlap, or leave gaps."""
    check(student.average_pool2d, rng.normal(size=(2, 7, 9, 3)), size=3, stride=2)
    check(student.average_pool2d, rng.normal(size=(1, 8, 11, 1)), size=2, stride=3)
    check(student.average_pool2d, rng.normal(size=(1, 4, 5, 1)), stride=1)


@points(3)
def test_a_remainder_of_averages(student, rng):
    """Rows and columns that do not fill a window count in no average."""
    check(student.average_pool2d, rng.normal(size=(1, 5, 7, 1)))
    check(student.average_pool2d, rng.normal(size=(1, 8, 10, 1)), size=3)


@points(1)
def test_averages_of_one_grey_image(student, rng):
    """A single image with a single channel is averaged like any other."""
    check(student.average_pool2d, rng.normal(size=(1, 6, 4, 1)))


@points(2)
def test_averages_of_integers(student, rng):
    """Averages of integers are float64, with what comes after the point."""
    check(student.average_pool2d, rng.integers(0, 256, size=(1, 4, 6, 1), dtype=np.uint8))
    check(student.average_pool2d, rng.integers(-9, 10, size=(1, 6, 4, 1)))


@points(1)
def test_averages_of_float32(student, rng):
    """Average pooling keeps float32."""
    check(student.average_pool2d, rng.normal(size=(2, 4, 6, 2)).astype(np.float32))


@points(1)
def test_average_pooling_called_again(student, rng):
    """The averages of a second batch have nothing to do with the first."""
    for _ in range(2):
        check(student.average_pool2d, rng.normal(size=(2, 4, 6, 2)))


@points(1)
def test_impossible_steps_of_averages(student, rng):
    """An average with a size or a stride below 1 is refused with a ValueError."""
    check_error(student.average_pool2d, rng.normal(size=(1, 4, 6, 2)), stride=0)
    check_error(student.average_pool2d, rng.normal(size=(2, 5, 6, 1)), size=3, stride=-1)
    check_error(student.average_pool2d, rng.normal(size=(1, 6, 4, 2)), size=0)
    check_error(student.average_pool2d, rng.normal(size=(1, 6, 5, 2)), size=0, stride=1)
    check_error(student.average_pool2d, rng.normal(size=(1, 6, 5, 2)), size=-1, stride=2)


@points(1)
def test_an_average_that_does_not_fit(student, rng):
    """An average over more than the map, along either axis, is refused with a ValueError."""
    check_error(student.average_pool2d, rng.normal(size=(2, 3, 6, 2)), size=4)
    check_error(student.average_pool2d, rng.normal(size=(1, 7, 4, 3)), size=5, stride=1)


@points(1)
def test_averages_without_four_axes(student, rng):
    """Averages of an array that has not four axes are refused with a ValueError."""
    _refuse_other_axes(student.average_pool2d, rng)


# l2_pool2d: 24 points


@points(2, visibility="visible")
def test_a_right_triangle(student, rng):
    """The norm of a window with two sides of a right triangle is the third side."""
    unit = rng.uniform(1, 2)
    norm = student.l2_pool2d(np.array([[[[3.0], [0.0]], [[0.0], [4.0]]]]) * unit)
    require(isinstance(norm, np.ndarray) and norm.size == 1, "A map of one window has one norm.")
    check_equal(norm.ravel(), [5 * unit], what="the longest side", terms=4)


@points(5, visibility="visible")
def test_every_norm(student, rng):
    """Each window of each channel of each image becomes its L2 norm."""
    check(student.l2_pool2d, rng.normal(size=(2, 4, 6, 3)))


@points(3)
def test_norms_of_other_sizes(student, rng):
    """A larger window has more squares in its norm, and nothing is divided by their number."""
    check(student.l2_pool2d, rng.normal(size=(1, 6, 9, 1)), size=3)
    check(student.l2_pool2d, rng.normal(size=(1, 4, 3, 1)), 1)


@points(3)
def test_norms_at_other_strides(student, rng):
    """The stride of a norm is not its size: windows overlap, or leave gaps."""
    check(student.l2_pool2d, rng.normal(size=(2, 7, 9, 3)), size=3, stride=2)
    check(student.l2_pool2d, rng.normal(size=(1, 8, 11, 1)), size=2, stride=3)
    check(student.l2_pool2d, rng.normal(size=(1, 4, 5, 1)), stride=1)


@points(3)
def test_a_remainder_of_norms(student, rng):
    """Rows and columns that do not fill a window count in no norm."""
    check(student.l2_pool2d, rng.normal(size=(1, 5, 7, 1)))
    check(student.l2_pool2d, rng.normal(size=(1, 8, 10, 1)), size=3)


@points(1)
def test_norms_of_one_grey_image(student, rng):
    """A single image with a single channel has norms like any other."""
    check(student.l2_pool2d, rng.normal(size=(1, 6, 4, 1)))


@points(2)
def test_norms_of_integers(student, rng):
    """Norms of integers are float64, also where a square is too large for their dtype."""
    check(student.l2_pool2d, rng.integers(100, 256, size=(1, 4, 6, 1), dtype=np.uint8))
    check(student.l2_pool2d, rng.integers(-9, 10, size=(1, 6, 4, 1)))


@points(1)
def test_norms_of_float32(student, rng):
    """L2 pooling keeps float32."""
    check(student.l2_pool2d, rng.normal(size=(2, 4, 6, 2)).astype(np.float32))


@points(1)
def test_l2_pooling_called_again(student, rng):
    """The norms of a second batch have nothing to do with the first."""
    for _ in range(2):
        check(student.l2_pool2d, rng.normal(size=(2, 4, 6, 2)))


@points(1)
def test_impossible_steps_of_norms(student, rng):
    """A norm with a size or a stride below 1 is refused with a ValueError."""
    check_error(student.l2_pool2d, rng.normal(size=(1, 4, 6, 2)), stride=0)
    check_error(student.l2_pool2d, rng.normal(size=(2, 5, 6, 1)), size=3, stride=-1)
    check_error(student.l2_pool2d, rng.normal(size=(1, 6, 4, 2)), size=0)
    check_error(student.l2_pool2d, rng.normal(size=(1, 6, 5, 2)), size=0, stride=1)
    check_error(student.l2_pool2d, rng.normal(size=(1, 6, 5, 2)), size=-1, stride=2)


@points(1)
def test_a_norm_that_does_not_fit(student, rng):
    """A norm over more than the map, along either axis, is refused with a ValueError."""
    check_error(student.l2_pool2d, rng.normal(size=(2, 3, 6, 2)), size=4)
    check_error(student.l2_pool2d, rng.normal(size=(1, 7, 4, 3)), size=5, stride=1)


@points(1)
def test_norms_without_four_axes(student, rng):
    """Norms of an array that has not four axes are refused with a ValueError."""
    _refuse_other_axes(student.l2_pool2d, rng)


# global_average_pool2d: 17 points


@points(2, visibility="visible")
def test_a_map_of_equal_values(student, rng):
    """A map of equal values averages to that value."""
    value = rng.uniform(1, 2)
    pooled = student.global_average_pool2d(np.full((1, 2, 2, 1), value))
    is_one_number = isinstance(pooled, np.ndarray | np.number | float) and np.size(pooled) == 1
    require(is_one_number, "A single map has a single average.")
    check_equal(np.ravel(pooled), [value], what="the average of equal values", terms=4)


@points(5, visibility="visible")
def test_every_map(student, rng):
    """Each channel of each image becomes one average."""
    check(student.global_average_pool2d, rng.normal(size=(2, 3, 5, 4)))


@points(2)
def test_maps_of_one_image(student, rng):
    """A single image keeps its axis in the result, as two images do."""
    check(student.global_average_pool2d, rng.normal(size=(2, 5, 4, 3)))
    check(student.global_average_pool2d, rng.normal(size=(1, 4, 3, 2)))


@points(1)
def test_maps_of_one_channel(student, rng):
    """A single channel keeps its axis in the result."""
    check(student.global_average_pool2d, rng.normal(size=(3, 5, 2, 1)))


@points(1)
def test_maps_of_one_pixel(student, rng):
    """The average of a map of one pixel is the pixel."""
    check(student.global_average_pool2d, rng.normal(size=(2, 1, 1, 3)))


@points(2)
def test_maps_of_integers(student, rng):
    """Averages of whole integer maps are float64, with what comes after the point."""
    check(student.global_average_pool2d, rng.integers(0, 256, size=(3, 4, 5, 4), dtype=np.uint8))
    check(student.global_average_pool2d, rng.integers(-9, 10, size=(4, 3, 7, 4)))


@points(1)
def test_maps_of_float32(student, rng):
    """Global average pooling keeps float32."""
    check(student.global_average_pool2d, rng.normal(size=(2, 4, 3, 2)).astype(np.float32))


@points(1)
def test_global_average_pooling_called_again(student, rng):
    """The averages of a second batch of maps have nothing to do with the first."""
    for _ in range(2):
        check(student.global_average_pool2d, rng.normal(size=(3, 4, 5, 2)))


@points(2)
def test_whole_maps_without_four_axes(student, rng):
    """Whole maps of an array that has not four axes are refused with a ValueError."""
    _refuse_other_axes(student.global_average_pool2d, rng)


def _positive(rng, *shape):
    """Maps without a negative value."""
    return rng.uniform(1, 2, size=shape)


def _refuse_other_axes(function, rng):
    """An image without a batch, a matrix, and one axis too many."""
    check_error(function, rng.normal(size=(4, 6, 3)))
    check_error(function, rng.normal(size=(4, 6)))
    check_error(function, rng.normal(size=(2, 4, 6, 3, 1)))
