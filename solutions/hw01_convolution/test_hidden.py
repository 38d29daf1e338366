"""Hidden tests of hw1: each keeps one rule of the handout, on numbers drawn for the student.

Where a test is about one rule, its other arguments are neutral (a symmetric filter cannot show
a flip, a bias of zeros cannot be forgotten): one mistake costs one rule, and the tests that
bring everything together.
"""

import numpy as np

from grader.checks.arrays import check, check_equal, check_error, require
from grader.plugin import points

# zero_pad: 16 points


@points(1, visibility="visible")
def test_a_frame_of_no_rows(student, rng):
    """A frame of no rows leaves the image as it is."""
    check(student.zero_pad, rng.normal(size=(1, 4, 3, 2)), 0)


@points(4, visibility="visible")
def test_a_frame_around_every_image(student, rng):
    """Every image of the batch gets the same frame on all four sides."""
    check(student.zero_pad, rng.normal(size=(2, 3, 5, 4)), 2)


@points(2)
def test_a_frame_around_one_grey_image(student, rng):
    """A single image with a single channel is framed like any other."""
    check(student.zero_pad, rng.normal(size=(1, 5, 2, 1)), 1)


@points(2)
def test_a_frame_wider_than_the_image(student, rng):
    """The frame may be wider than the image itself."""
    check(student.zero_pad, rng.normal(size=(3, 2, 3, 2)), 4)


@points(2)
def test_padded_integers(student, rng):
    """Integer images come back as float64."""
    check(student.zero_pad, rng.integers(0, 256, size=(2, 3, 4, 3), dtype=np.uint8), 1)
    check(student.zero_pad, rng.integers(-9, 10, size=(1, 4, 3, 2)), 3)


@points(1)
def test_padded_float32(student, rng):
    """Padding keeps float32."""
    check(student.zero_pad, rng.normal(size=(2, 4, 3, 2)).astype(np.float32), 1)


@points(2)
def test_zero_pad_called_again(student, rng):
    """Padding a second batch has nothing to do with the first."""
    for _ in range(2):
        check(student.zero_pad, rng.normal(size=(2, 3, 4, 2)), 1)


@points(2)
def test_a_negative_frame(student, rng):
    """A negative pad is refused with a ValueError."""
    check_error(student.zero_pad, rng.normal(size=(2, 5, 6, 3)), -1)
    check_error(student.zero_pad, rng.normal(size=(1, 6, 8, 2)), -2)


# conv1d: 34 points


@points(2, visibility="visible")
def test_one_tap(student, rng):
    """A filter of one tap multiplies every sample by that weight."""
    x, w = rng.normal(size=7), rng.normal(size=1)
    h = student.conv1d(x, w)
    require(isinstance(h, np.ndarray) and h.size == 7, "The result has one value for every sample.")
    check_equal(h.ravel(), w[0] * x, what="the signal times the weight")


@points(6, visibility="visible")
def test_one_filter(student, rng):
    """One filter gives one response, as long as the signal."""
    check(student.conv1d, rng.normal(size=9), rng.normal(size=5))


@points(5)
def test_several_filters(student, rng):
    """Several filters give one row each."""
    check(student.conv1d, rng.normal(size=8), rng.normal(size=(4, 3)))


@points(2)
def test_a_bank_of_one_filter(student, rng):
    """An array with one filter as its only row gives an array with one row."""
    check(student.conv1d, rng.normal(size=6), _even(rng.normal(size=(1, 5))))


@points(4)
def test_more_taps_than_samples(student, rng):
    """The filter may be longer than the signal."""
    check(student.conv1d, rng.normal(size=4), _even(rng.normal(size=9)))
    check(student.conv1d, rng.normal(size=3), _even(rng.normal(size=(2, 11))))


@points(3)
def test_the_side_of_a_tap(student, rng):
    """A tap meets the sample on its own side of the middle."""
    w = np.zeros(5)
    w[rng.choice([0, 1, 3, 4])] = 1
    check(student.conv1d, rng.normal(size=10), w)


@points(2)
def test_one_sample(student, rng):
    """A signal of one sample has only zeros beside it."""
    check(student.conv1d, rng.normal(size=1), _even(rng.normal(size=(2, 3))))


@points(3)
def test_integer_signals(student, rng):
    """Integer signals give float64, whatever the dtype of the filter."""
    check(student.conv1d, rng.integers(-9, 10, size=8, dtype=np.int16), _even(rng.normal(size=3)))
    check(student.conv1d, rng.integers(-9, 10, size=7), _even(rng.integers(-4, 5, size=(2, 3))))


@points(2)
def test_float32_signals(student, rng):
    """A convolution of float32 signals keeps float32."""
    x, w = rng.normal(size=9), _even(rng.normal(size=(2, 5)))
    check(student.conv1d, x.astype(np.float32), w.astype(np.float32))


@points(2)
def test_conv1d_called_again(student, rng):
    """A second signal has nothing to do with the first."""
    for _ in range(2):
        check(student.conv1d, rng.normal(size=7), _even(rng.normal(size=3)))


@points(3)
def test_an_even_number_of_taps(student, rng):
    """A filter without a middle tap is refused with a ValueError."""
    check_error(student.conv1d, rng.normal(size=9), rng.normal(size=4))
    check_error(student.conv1d, rng.normal(size=7), rng.normal(size=(3, 2)))


# conv2d: 50 points


@points(2, visibility="visible")
def test_the_first_window(student, rng):
    """With weights of 1 and no bias, the first value is the sum of the first window."""
    x = rng.normal(size=(1, 4, 4, 1))
    maps = student.conv2d(x, np.ones((2, 2, 1, 1)), np.zeros(1))
    is_batch = isinstance(maps, np.ndarray) and maps.ndim == 4 and maps.size > 0
    require(is_batch, "The result is an array with four axes: image, row, column, filter.")
    check_equal(maps[0, 0, 0, 0], x[0, :2, :2, 0].sum(), what="the first value", terms=4)


@points(5, visibility="visible")
def test_images_filters_and_channels(student, rng):
    """Every filter looks at every window of every image, through all channels."""
    x, w, b = rng.normal(size=(2, 4, 6, 3)), rng.normal(size=(3, 2, 3, 4)), rng.normal(size=4)
    check(student.conv2d, x, w, b)


@points(3)
def test_places_in_the_window(student, rng):
    """Each weight meets the pixel at its own place in the window."""
    check(student.conv2d, rng.normal(size=(1, 5, 7, 1)), rng.normal(size=(3, 3, 1, 1)), np.zeros(1))


@points(3)
def test_all_channels_count(student, rng):
    """Every channel counts in every feature map, with its own weight."""
    check(student.conv2d, rng.normal(size=(1, 3, 4, 5)), rng.normal(size=(1, 1, 5, 2)), np.zeros(2))


@points(3)
def test_a_bias_for_each_filter(student, rng):
    """Each feature map is raised by the bias of its own filter."""
    w = np.ones((2, 3, 2, 4)) * rng.normal()
    check(student.conv2d, rng.normal(size=(1, 4, 5, 2)), w, rng.uniform(1, 2, size=4))


@points(3)
def test_every_image_of_a_batch(student, rng):
    """Each image of the batch gets its own feature map."""
    check(student.conv2d, rng.normal(size=(4, 3, 5, 1)), rng.normal(size=(1, 1, 1, 1)), np.zeros(1))


@points(4)
def test_strides(student, rng):
    """The window moves by the stride along both axes."""
    w = np.ones((3, 2, 1, 1)) * rng.normal()
    check(student.conv2d, rng.normal(size=(1, 9, 12, 1)), w, np.zeros(1), stride=2)
    check(student.conv2d, rng.normal(size=(1, 12, 8, 1)), w, np.zeros(1), stride=3)


@points(3)
def test_padding(student, rng):
    """Padding puts zeros on all four sides before the filter moves."""
    w = np.ones((2, 3, 1, 1)) * rng.normal()
    check(student.conv2d, rng.normal(size=(1, 4, 6, 1)), w, np.zeros(1), pad=2)


@points(5)
def test_everything_at_once(student, rng):
    """Stride, padding, channels, filters and biases work together."""
    x, w, b = rng.normal(size=(2, 7, 9, 3)), rng.normal(size=(3, 2, 3, 4)), rng.normal(size=4)
    check(student.conv2d, x, w, b, stride=2, pad=1)


@points(3)
def test_the_number_of_windows(student, rng):
    """Example 9-3-2: n = f + s*z pixels, the padding among them, hold z + 1 windows."""
    stride, pad = int(rng.integers(2, 4)), 1
    down, across = int(rng.integers(1, 4)), int(rng.integers(4, 6))
    x = rng.normal(size=(1, 2 + stride * down - 2 * pad, 3 + stride * across - 2 * pad, 1))
    check(student.conv2d, x, np.ones((2, 3, 1, 1)), np.zeros(1), stride=stride, pad=pad)


@points(2)
def test_a_remainder(student, rng):
    """A remainder of the image that does not fill a whole step is dropped."""
    w = np.ones((2, 3, 1, 1)) * rng.normal()
    check(student.conv2d, rng.normal(size=(1, 7, 11, 1)), w, np.zeros(1), stride=3)


@points(2)
def test_a_filter_of_the_image_size(student, rng):
    """A filter as large as the padded image gives one value for each filter."""
    check(student.conv2d, rng.normal(size=(1, 3, 4, 1)), np.ones((5, 6, 1, 2)), np.zeros(2), pad=1)


@points(2)
def test_integer_images(student, rng):
    """Integer images give float64, whatever the dtype of the filter."""
    pixels = rng.integers(0, 256, size=(2, 3, 4, 1), dtype=np.uint8)
    check(student.conv2d, pixels, rng.normal(size=(1, 1, 1, 3)), np.zeros(3))
    x, w = rng.integers(-9, 10, size=(1, 4, 5, 2)), rng.integers(-4, 5, size=(2, 3, 2, 3))
    check(student.conv2d, x, w, rng.integers(1, 9, size=3))


@points(1)
def test_float32_images(student, rng):
    """A convolution of float32 images keeps float32."""
    x, w, b = rng.normal(size=(2, 4, 5, 2)), rng.normal(size=(2, 3, 2, 3)), rng.normal(size=3)
    check(student.conv2d, x.astype(np.float32), w.astype(np.float32), b.astype(np.float32))


@points(2)
def test_conv2d_called_again(student, rng):
    """A second batch and a second filter have nothing to do with the first."""
    b = np.zeros(1)
    for _ in range(2):
        check(student.conv2d, rng.normal(size=(1, 3, 5, 1)), rng.normal(size=(1, 1, 1, 1)), b)


@points(2)
def test_an_impossible_stride(student, rng):
    """A stride below 1 is refused with a ValueError."""
    x, w = rng.normal(size=(1, 5, 6, 2)), rng.normal(size=(2, 3, 2, 1))
    check_error(student.conv2d, x, w, np.zeros(1), stride=0)
    check_error(student.conv2d, x, w, np.zeros(1), stride=-1)


@points(1)
def test_an_impossible_padding(student, rng):
    """A negative pad of a convolution is refused with a ValueError."""
    x, w = rng.normal(size=(1, 6, 7, 2)), rng.normal(size=(2, 3, 2, 1))
    check_error(student.conv2d, x, w, np.zeros(1), pad=-1)


@points(2)
def test_a_filter_that_does_not_fit(student, rng):
    """A filter larger than the padded image, along either axis, is refused with a ValueError."""
    x = rng.normal(size=(1, 4, 5, 2))
    check_error(student.conv2d, x, rng.normal(size=(5, 3, 2, 1)), np.zeros(1))
    check_error(student.conv2d, x, rng.normal(size=(3, 8, 2, 1)), np.zeros(1), pad=1)


@points(2)
def test_channels_that_differ(student, rng):
    """Images and filters of different channels are refused with a ValueError."""
    b = np.zeros(2)
    check_error(student.conv2d, rng.normal(size=(1, 4, 5, 3)), rng.normal(size=(2, 3, 1, 2)), b)
    check_error(student.conv2d, rng.normal(size=(1, 5, 4, 1)), rng.normal(size=(3, 2, 2, 2)), b)


def _even(w):
    """Filters that read the same from both ends."""
    return w + w[..., ::-1]
