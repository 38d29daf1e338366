"""Public tests of hw3: worked examples, and laws that the functions keep.

`grade hw3` runs them at home. They give no points and no answers away: a law compares your
function with itself, on other arguments, and `check_answer` compares hashes.
"""

import numpy as np

from grader.checks.answers import check_answer
from grader.checks.arrays import check_equal, require


def test_numbers_around_zero(student):
    """relu: a worked example, numbers on both sides of 0."""
    check_equal(student.relu(np.array([-3.0, -0.5, 0.0, 0.5, 8.0])), [0, 0, 0, 0.5, 8], what="relu")


def test_relu_and_its_mirror(student, rng):
    """relu: what it keeps of x, less what it keeps of -x, is x."""
    x = rng.normal(size=(3, 4))
    difference = _array(student.relu(x), (3, 4)) - _array(student.relu(-x), (3, 4))
    check_equal(difference, x, what="relu(x) - relu(-x)")


def test_relu_twice(student, rng):
    """relu: once more changes nothing."""
    x = rng.normal(size=(2, 3, 4))
    once = _array(student.relu(x), (2, 3, 4))
    check_equal(student.relu(once), once, what="relu of relu")


def test_relu_of_whole_numbers(student):
    """relu: two rows of whole numbers, 0 among them."""
    check_answer(student.relu, np.array([[-2, 0, 3, 1], [5, -1, 0, -7]]))


def test_slopes_around_zero(student):
    """relu_gradient: a worked example, the corner among the numbers."""
    check_equal(student.relu_gradient(np.array([-3.0, -0.5, 0.0, 0.5, 8.0])), [0, 0, 0, 1, 1], what="the slopes")


def test_slopes_of_both_sides(student, rng):
    """relu_gradient: away from 0, the slopes at x and at -x add up to 1."""
    x = rng.uniform(0.1, 2, size=(3, 4)) * rng.choice([-1, 1], size=(3, 4))
    both = _array(student.relu_gradient(x), (3, 4)) + _array(student.relu_gradient(-x), (3, 4))
    check_equal(both, np.ones((3, 4)), what="the sum of the slopes")


def test_slopes_of_whole_numbers(student):
    """relu_gradient: two rows of whole numbers, 0 among them."""
    check_answer(student.relu_gradient, np.array([[-2, 0, 3, 1], [5, -1, 0, -7]]))


def test_sigmoid_of_a_logarithm(student):
    """sigmoid: a worked example, logarithms of 3 and of 4."""
    x = np.array([np.log(3), np.log(4), -np.log(4)])
    check_equal(student.sigmoid(x), [0.75, 0.8, 0.2], what="sigmoid")


def test_sigmoid_and_its_mirror(student, rng):
    """sigmoid: its values at x and at -x add up to 1."""
    x = rng.normal(size=(3, 4))
    both = _array(student.sigmoid(x), (3, 4)) + _array(student.sigmoid(-x), (3, 4))
    check_equal(both, np.ones((3, 4)), what="sigmoid(x) + sigmoid(-x)")


def test_sigmoid_far_from_zero(student):
    """sigmoid: far from 0 it reaches its bounds."""
    check_equal(student.sigmoid(np.array([-1000.0, 1000.0])), [0, 1], what="sigmoid far from 0")


def test_sigmoid_of_whole_numbers(student):
    """sigmoid: two rows of whole numbers, large ones among them, to six decimals."""
    check_answer(student.sigmoid, np.array([[-2, 0, 3, 1], [5, -1, 900, -900]]), decimals=6)


def test_tanh_of_a_logarithm(student):
    """tanh: a worked example, logarithms of 2 and of 3."""
    x = np.array([np.log(2), np.log(3), -np.log(3)])
    check_equal(student.tanh(x), [0.6, 0.8, -0.8], what="tanh")


def test_tanh_and_its_mirror(student, rng):
    """tanh: its value at -x is the negative of that at x."""
    x = rng.normal(size=(3, 4))
    values = _array(student.tanh(x), (3, 4))
    check_equal(student.tanh(-x), -values, what="tanh(-x)")


def test_tanh_of_a_sum(student, rng):
    """tanh: of a sum it is (tanh x + tanh y) / (1 + tanh x tanh y)."""
    x, y = rng.normal(size=(2, 5))
    a, b = (_array(student.tanh(part), (5,)) for part in (x, y))
    product = 1 + a * b
    require(np.all(product > 0), "The product of two values of tanh lies between -1 and 1.")
    check_equal(student.tanh(x + y), (a + b) / product, what="tanh of a sum", terms=50)


def test_tanh_far_from_zero(student):
    """tanh: far from 0 it reaches its bounds."""
    check_equal(student.tanh(np.array([-1000.0, 1000.0])), [-1, 1], what="tanh far from 0")


def test_tanh_of_whole_numbers(student):
    """tanh: two rows of whole numbers, large ones among them, to six decimals."""
    check_answer(student.tanh, np.array([[-2, 0, 3, 1], [2, -1, 900, -900]]), decimals=6)


def test_a_small_image(student):
    """edge_pipeline: a worked example, an image of 2 x 4."""
    image = np.array([[1.0, 0.0, 0.0, 1.0], [1.0, 1.0, 0.0, 0.0]])
    kernel = np.array([[0.0, 0.0, 0.0], [-1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    conv, rectified, pooled = _stages(student.edge_pipeline(image, kernel), 2, 4)
    check_equal(conv, [[1, -1, 0, 1], [1, 0, -1, 0]], what="the convolution")
    check_equal(rectified, [[1, 0, 0, 1], [1, 0, 0, 0]], what="what ReLU makes of it")
    check_equal(pooled, [[1, 1]], what="the pooled map")


def test_a_brighter_image(student, rng):
    """edge_pipeline: an image times 3 gives stages times 3."""
    image, kernel = rng.normal(size=(4, 6)), rng.normal(size=(3, 3))
    stages = _stages(student.edge_pipeline(image, kernel), 4, 6)
    tripled = _stages(student.edge_pipeline(3 * image, kernel), 4, 6)
    for stage, expected in zip(tripled, stages, strict=True):
        check_equal(stage, 3 * expected, what="a stage of the image times 3", terms=30)


def test_a_negative_image(student, rng):
    """edge_pipeline: the negative of an image turns the sign of the convolution."""
    image, kernel = rng.normal(size=(6, 4)), rng.normal(size=(3, 3))
    conv = _stages(student.edge_pipeline(image, kernel), 6, 4)[0]
    check_equal(_stages(student.edge_pipeline(-image, kernel), 6, 4)[0], -conv, what="the convolution", terms=9)


def test_an_image_of_whole_numbers(student):
    """edge_pipeline: an image of 4 x 6 whole numbers, and a filter without symmetry."""
    image = (np.arange(24) ** 2 % 11 - 4).reshape(4, 6)
    check_answer(student.edge_pipeline, image, np.array([[1, -2, 0], [3, 0, -1], [-2, 1, 2]]))


def _stages(value, height, width):
    """The student's three stages, once they are three arrays of the right shapes."""
    require(isinstance(value, tuple) and len(value) == 3, "The result is a tuple of three arrays.")
    shapes = (height, width), (height, width), (height // 2, width // 2)
    return [_array(stage, shape) for stage, shape in zip(value, shapes, strict=True)]


def _array(value, shape):
    """The student's array, once its shape is right: what follows may do arithmetic with it."""
    is_array = isinstance(value, np.ndarray) and value.shape == shape and value.dtype.kind in "iuf"
    require(is_array, f"The result is an array of shape {shape}.")
    require(np.all(np.isfinite(value)), "The result holds numbers only, no nan or inf.")
    return value
