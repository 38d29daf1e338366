"""Public tests of hw2: worked examples, and laws that every pooling layer keeps.

`grade hw2` runs them at home. They give no points and no answers away: a law compares your
function with itself, on other arguments, and `check_answer` compares hashes.
"""

import numpy as np

from grader.checks.answers import check_answer
from grader.checks.arrays import check_equal, require


def test_maxima_of_a_small_map(student):
    """max_pool2d: a worked example, one map of 2 x 5 pixels."""
    pooled = _array(student.max_pool2d(_small_map()), (1, 1, 2, 1))
    check_equal(pooled.ravel(), [9, -2], what="the pooled map")


def test_maxima_of_a_raised_map(student, rng):
    """max_pool2d: a map that is raised by a number has maxima raised by that number."""
    x = rng.normal(size=(2, 6, 4, 3))
    pooled = _array(student.max_pool2d(x), (2, 3, 2, 3))
    check_equal(student.max_pool2d(x - 7), pooled - 7, what="the maxima of the lowered map")


def test_maxima_of_maxima(student, rng):
    """max_pool2d: pooling by 2 and by 2 again is pooling by 4."""
    x = rng.normal(size=(1, 8, 12, 2))
    once = _array(student.max_pool2d(x), (1, 4, 6, 2))
    check_equal(student.max_pool2d(once), _array(student.max_pool2d(x, size=4), (1, 2, 3, 2)), what="pooled twice")


def test_every_second_maximum(student, rng):
    """max_pool2d: stride 2 gives every second value of stride 1, along both axes."""
    x = rng.normal(size=(2, 7, 9, 2))
    every = _array(student.max_pool2d(x, size=3, stride=1), (2, 5, 7, 2))
    check_equal(student.max_pool2d(x, size=3, stride=2), every[:, ::2, ::2], what="the maxima at stride 2")


def test_a_map_that_moves(student, rng):
    """max_pool2d: a map that moves by one window moves its maxima by one."""
    x = rng.normal(size=(1, 6, 9, 2))
    pooled = _array(student.max_pool2d(x, size=3), (1, 2, 3, 2))
    check_equal(student.max_pool2d(x[:, 3:, 3:], size=3), pooled[:, 1:, 1:], what="the maxima of the moved map")


def test_maxima_of_whole_numbers(student):
    """max_pool2d: two maps of 5 x 7 whole numbers, windows that overlap, and windows of 3."""
    check_answer(student.max_pool2d, _whole_numbers(2, 5, 7, 2), size=3, stride=2)
    check_answer(student.max_pool2d, _whole_numbers(2, 5, 7, 2) - 9, size=3)


def test_averages_of_a_small_map(student):
    """average_pool2d: a worked example, one map of 2 x 5 pixels."""
    pooled = _array(student.average_pool2d(_small_map()), (1, 1, 2, 1))
    check_equal(pooled.ravel(), [4, -4.5], what="the pooled map")


def test_averages_of_a_sum(student, rng):
    """average_pool2d: the averages of a sum are the sum of the averages."""
    x, y = rng.normal(size=(2, 2, 6, 9, 2))
    parts = [_array(student.average_pool2d(maps, size=3), (2, 2, 3, 2)) for maps in (x, y)]
    both = student.average_pool2d(2 * x - y, size=3)
    check_equal(both, 2 * parts[0] - parts[1], what="the averages of a sum", terms=36)


def test_averages_lie_below_maxima(student, rng):
    """average_pool2d: an average lies between the smallest and the largest value of its window."""
    x = rng.normal(size=(1, 6, 4, 3))
    pooled = _array(student.average_pool2d(x), (1, 3, 2, 3))
    windows = x.reshape(1, 3, 2, 2, 2, 3)
    between = (windows.min(axis=(2, 4)) < pooled) & (pooled < windows.max(axis=(2, 4)))
    require(np.all(between), "An average lies between the smallest and the largest value of its window.")


def test_windows_of_one_value(student, rng):
    """average_pool2d: the average of a window of one pixel is the pixel."""
    x = rng.normal(size=(2, 3, 5, 2))
    check_equal(student.average_pool2d(x, size=1), x, what="the averages of single pixels")


def test_averages_of_whole_numbers(student):
    """average_pool2d: two maps of 5 x 7 whole numbers, windows of 2 that overlap."""
    check_answer(student.average_pool2d, _whole_numbers(2, 5, 7, 2), stride=1)
    check_answer(student.average_pool2d, _whole_numbers(2, 5, 7, 2), size=4, stride=3)


def test_norms_of_a_small_map(student):
    """l2_pool2d: a worked example, one map of 2 x 5 pixels."""
    pooled = _array(student.l2_pool2d(_small_map()), (1, 1, 2, 1))
    check_equal(pooled.ravel(), [10, 10], what="the pooled map")


def test_norms_of_a_scaled_map(student, rng):
    """l2_pool2d: a map times a number has norms times the size of that number."""
    x = rng.normal(size=(2, 6, 9, 2))
    pooled = _array(student.l2_pool2d(x, size=3), (2, 2, 3, 2))
    check_equal(student.l2_pool2d(-2 * x, size=3), 2 * pooled, what="the norms of the scaled map", terms=36)


def test_norms_of_norms(student, rng):
    """l2_pool2d: pooling by 2 and by 2 again is pooling by 4."""
    x = rng.normal(size=(1, 8, 4, 2))
    once = _array(student.l2_pool2d(x), (1, 4, 2, 2))
    whole = _array(student.l2_pool2d(x, size=4), (1, 2, 1, 2))
    check_equal(student.l2_pool2d(once), whole, what="pooled twice", terms=36)


def test_norms_of_whole_numbers(student):
    """l2_pool2d: two maps of 5 x 7 whole numbers, to six decimals."""
    check_answer(student.l2_pool2d, _whole_numbers(2, 5, 7, 2), size=3, stride=2, decimals=6)


def test_the_average_of_a_small_map(student):
    """global_average_pool2d: a worked example, one map of 2 x 5 pixels."""
    pooled = _array(student.global_average_pool2d(_small_map()), (1, 1))
    check_equal(pooled.ravel(), [1], what="the average")


def test_channels_by_themselves(student, rng):
    """global_average_pool2d: two channels give what each gives alone."""
    x = rng.normal(size=(3, 4, 5, 2))
    alone = [_array(student.global_average_pool2d(x[..., c : c + 1]), (3, 1)) for c in (0, 1)]
    check_equal(student.global_average_pool2d(x), np.hstack(alone), what="two channels", terms=20)


def test_a_map_in_another_order(student, rng):
    """global_average_pool2d: rows and columns in another order have the same average."""
    x = rng.normal(size=(2, 4, 5, 3))
    pooled = _array(student.global_average_pool2d(x), (2, 3))
    check_equal(student.global_average_pool2d(x[:, ::-1, ::-1]), pooled, what="the average", terms=20)


def test_global_averages_of_whole_numbers(student):
    """global_average_pool2d: two images of 4 x 8 pixels with three channels."""
    check_answer(student.global_average_pool2d, _whole_numbers(2, 4, 8, 3))


def _whole_numbers(*shape):
    """Numbers from -4 to 6 without a pattern that a mistake could hide in."""
    return (np.arange(np.prod(shape)) ** 2 % 11 - 4).reshape(shape)


def _small_map():
    """Two windows of 2 x 2, the second one negative, and a column that is left over."""
    return np.array([[1.0, 9.0, -8.0, -4.0, 6.0], [3.0, 3.0, -2.0, -4.0, 6.0]]).reshape(1, 2, 5, 1)


def _array(value, shape):
    """The student's array, once its shape is right: what follows may do arithmetic with it."""
    is_array = isinstance(value, np.ndarray) and value.shape == shape and value.dtype.kind in "iuf"
    require(is_array, f"The result is an array of shape {shape}.")
    require(np.all(np.isfinite(value)), "The result holds numbers only, no nan or inf.")
    return value
