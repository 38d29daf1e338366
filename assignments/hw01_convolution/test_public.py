"""Public tests of hw1: worked examples, and laws that every convolution keeps.

`grade hw1` runs them at home. They give no points and no answers away: a law compares your
function with itself, on other arguments, and `check_answer` compares hashes.
"""

import numpy as np

from grader.checks.answers import check_answer
from grader.checks.arrays import check_equal, require


def test_a_frame_around_a_small_image(student):
    """The worked example, two rows of two pixels."""
    x = np.array([[5.0, 1.0], [2.0, 8.0]]).reshape(1, 2, 2, 1)
    framed = _array(student.zero_pad(x, 1), (1, 4, 4, 1))
    check_equal(framed[0, :, :, 0], [[0, 0, 0, 0], [0, 5, 1, 0], [0, 2, 8, 0], [0, 0, 0, 0]], what="the framed image")


def test_a_frame_adds_nothing(student, rng):
    """A frame of zeros does not change the sum of an image's squares."""
    x = rng.normal(size=(2, 3, 4, 3))
    framed = _array(student.zero_pad(x, 2), (2, 7, 8, 3))
    check_equal((framed**2).sum(axis=(1, 2)), (x**2).sum(axis=(1, 2)), what="the sum of squares", terms=56)


def test_frames_add_up(student, rng):
    """A frame of 1 around a frame of 2 is a frame of 3."""
    x = rng.normal(size=(2, 3, 2, 3))
    twice = student.zero_pad(_array(student.zero_pad(x, 2), (2, 7, 6, 3)), 1)
    check_equal(twice, _array(student.zero_pad(x, 3), (2, 9, 8, 3)), what="the image framed twice")


def test_two_images_of_two_channels(student):
    """A frame of 2 around images of whole numbers, none of them square."""
    check_answer(student.zero_pad, np.arange(24).reshape(2, 3, 2, 2) - 7, 2)


def test_a_short_signal(student):
    """The worked example, five samples and three taps."""
    h = student.conv1d(np.array([2.0, 0.0, 1.0, 3.0, 1.0]), np.array([1.0, -1.0, 2.0]))
    check_equal(h, [-2, 4, 5, 0, 2], what="the convolution")


def test_two_filters_at_once(student, rng):
    """Each row of several filters is what its filter gives alone."""
    x, w = rng.normal(size=7), rng.normal(size=(2, 3))
    rows = _array(student.conv1d(x, w), (2, 7))
    for filter_of_one, row in zip(w, rows, strict=True):
        check_equal(student.conv1d(x, filter_of_one), row, what="one filter alone", terms=3)


def test_a_signal_of_whole_numbers(student):
    """Five taps on seven samples, one filter and then two."""
    x, w = np.array([3, -1, 4, 1, -5, 9, 2]), np.array([[2, 0, -3, 1, 4], [-1, 5, 2, 0, 3]])
    check_answer(student.conv1d, x, w[0])
    check_answer(student.conv1d, x, w)


def test_a_filter_that_does_nothing(student, rng):
    """A filter with a 1 in the middle and zeros beside it gives the signal back."""
    x = rng.normal(size=6)
    check_equal(student.conv1d(x, np.array([0.0, 0.0, 1.0, 0.0, 0.0])), x, what="the convolution")


def test_a_sum_of_signals(student, rng):
    """The convolution of a sum is the sum of the convolutions."""
    x, y, w = rng.normal(size=8), rng.normal(size=8), rng.normal(size=5)
    parts = [_array(student.conv1d(signal, w), (8,)) for signal in (x, y)]
    check_equal(student.conv1d(2 * x - y, w), 2 * parts[0] - parts[1], what="the convolution of a sum", terms=20)


def test_a_small_image(student):
    """The worked example, one image of 3 x 3 and one filter of 2 x 2."""
    x = np.array([[1.0, 2.0, 0.0], [0.0, 3.0, 1.0], [4.0, 0.0, 2.0]]).reshape(1, 3, 3, 1)
    w = np.array([[1.0, 2.0], [0.0, -1.0]]).reshape(2, 2, 1, 1)
    maps = _array(student.conv2d(x, w, np.array([0.5])), (1, 2, 2, 1))
    check_equal(maps[0, :, :, 0], [[2.5, 1.5], [6.5, 3.5]], what="the feature map")


def test_an_image_that_comes_back(student, rng):
    """A 3 x 3 filter with a single 1 in its middle, and a frame of 1, give the image back."""
    x, w = rng.normal(size=(2, 4, 5, 1)), np.zeros((3, 3, 1, 1))
    w[1, 1] = 1
    check_equal(student.conv2d(x, w, np.zeros(1), pad=1), x, what="the feature map")


def test_a_sum_of_images(student, rng):
    """Without a bias, the feature map of a sum is the sum of the feature maps."""
    x, y, w = rng.normal(size=(1, 4, 5, 2)), rng.normal(size=(1, 4, 5, 2)), rng.normal(size=(2, 3, 2, 3))
    parts = [_array(student.conv2d(image, w, np.zeros(3)), (1, 3, 3, 3)) for image in (x, y)]
    both = student.conv2d(3 * x + y, w, np.zeros(3))
    check_equal(both, 3 * parts[0] + parts[1], what="the feature map of a sum", terms=50)


def test_a_shifted_image(student, rng):
    """An image that moves by a pixel moves its feature map by a pixel."""
    x, w, b = rng.normal(size=(1, 6, 7, 2)), rng.normal(size=(3, 2, 2, 1)), rng.normal(size=1)
    maps = _array(student.conv2d(x, w, b), (1, 4, 6, 1))
    check_equal(student.conv2d(x[:, 1:, 1:], w, b), maps[:, 1:, 1:], what="the shifted feature map", terms=12)


def test_every_second_window(student, rng):
    """Stride 2 gives every second value of stride 1, along both axes."""
    x, w, b = rng.normal(size=(2, 6, 8, 2)), rng.normal(size=(3, 2, 2, 2)), rng.normal(size=2)
    maps = _array(student.conv2d(x, w, b), (2, 4, 7, 2))
    check_equal(student.conv2d(x, w, b, stride=2), maps[:, ::2, ::2], what="the feature map at stride 2", terms=12)


def test_one_filter_at_a_time(student, rng):
    """Several filters give what each gives alone, one behind the other."""
    x, w, b = rng.normal(size=(2, 4, 5, 3)), rng.normal(size=(2, 3, 3, 2)), rng.normal(size=2)
    alone = [_array(student.conv2d(x, w[..., k : k + 1], b[k : k + 1]), (2, 3, 3, 1)) for k in (0, 1)]
    check_equal(student.conv2d(x, w, b), np.concatenate(alone, axis=3), what="two feature maps", terms=18)


def test_a_bias(student, rng):
    """A bias raises every value of its own feature map by itself."""
    x, w, b = rng.normal(size=(1, 4, 5, 2)), rng.normal(size=(3, 2, 2, 2)), np.array([1.0, -2.0])
    bare = _array(student.conv2d(x, w, np.zeros(2)), (1, 2, 4, 2))
    check_equal(student.conv2d(x, w, b), bare + b, what="the raised maps", terms=12)


def test_images_of_whole_numbers(student):
    """Two images of 4 x 5 pixels, two channels, three filters of 2 x 3, and biases."""
    x, w, b = _whole_numbers(2, 4, 5, 2), _whole_numbers(2, 3, 2, 3), np.array([1, -2, 5])
    check_answer(student.conv2d, x, w, b)


def test_a_stride_and_a_frame(student):
    """The same images in steps of 2, and with a frame of 1."""
    x, w, b = _whole_numbers(2, 4, 5, 2), _whole_numbers(2, 3, 2, 3), np.array([1, -2, 5])
    check_answer(student.conv2d, x, w, b, stride=2)
    check_answer(student.conv2d, x, w, b, stride=2, pad=1)


def _whole_numbers(*shape):
    """Numbers from -4 to 6 without a pattern that a mistake could hide in."""
    return (np.arange(np.prod(shape)) ** 2 % 11 - 4).reshape(shape)


def _array(value, shape):
    """The student's array, once its shape is right: what follows may do arithmetic with it."""
    is_array = isinstance(value, np.ndarray) and value.shape == shape and value.dtype.kind in "iuf"
    require(is_array, f"The result is an array of shape {shape}.")
    require(np.all(np.isfinite(value)), "The result holds numbers only, no nan or inf.")
    return value
