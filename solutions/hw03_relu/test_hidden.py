"""Hidden tests of hw3: each keeps one rule of the handout, on numbers drawn for the student.

Sizes of sigmoid and tanh stay small except in the tests about large numbers, which come in two
kinds: a wrong value, and a right value with an overflow on the way to it. For the second kind the
two signs come one after the other, because a shortcut breaks on one of them.
"""

import numpy as np

from grader.checks.arrays import check, check_equal, require
from grader.plugin import points

# relu: 16 points


@points(2, visibility="visible")
def test_positive_numbers_pass(student, rng):
    """Positive numbers come out as they went in."""
    x = rng.uniform(0.1, 0.9, size=5)
    check_equal(student.relu(x), x, what="the rectified numbers")


@points(4, visibility="visible")
def test_negative_numbers_become_zero(student, rng):
    """Negative numbers become 0, and only those."""
    check(student.relu, _around_zero(rng, 4, 6))


@points(2)
def test_large_positive_numbers_pass(student, rng):
    """Large numbers pass like small ones."""
    check(student.relu, np.append(rng.uniform(50, 1000, size=9), rng.uniform(7, 10)))


@points(3)
def test_relu_of_any_shape(student, rng):
    """ReLU keeps the shape, whatever the number of axes."""
    check(student.relu, _around_zero(rng, 7))
    check(student.relu, _around_zero(rng, 2, 3, 5))
    check(student.relu, _around_zero(rng, 2, 5, 3, 4))
    check(student.relu, _around_zero(rng, 1, 1))


@points(2)
def test_relu_of_integers(student, rng):
    """ReLU of integers is float64."""
    check(student.relu, rng.permutation(12).reshape(3, 4) - 5)
    check(student.relu, rng.integers(0, 256, size=(2, 5), dtype=np.uint8))


@points(1)
def test_relu_of_float32(student, rng):
    """ReLU keeps float32."""
    check(student.relu, _around_zero(rng, 4, 5).astype(np.float32))


@points(2)
def test_relu_called_again(student, rng):
    """ReLU of a second array has nothing to do with the first."""
    for _ in range(2):
        check(student.relu, _around_zero(rng, 3, 4))


# relu_gradient: 16 points


@points(2, visibility="visible")
def test_the_slope_of_positive_numbers(student, rng):
    """Where x is positive, the slope is 1."""
    check_equal(student.relu_gradient(rng.uniform(0.1, 0.9, size=4)), np.ones(4), what="the slopes")


@points(4, visibility="visible")
def test_slopes_on_both_sides(student, rng):
    """The slope is 1 on the right of 0 and 0 on its left."""
    check(student.relu_gradient, _around_zero(rng, 4, 6))


@points(4)
def test_the_slope_in_the_corner(student, rng):
    """At 0 itself the slope is what the handout fixes."""
    check(student.relu_gradient, _around_zero(rng, 4, 5) * _checkered(4, 5))


@points(2)
def test_slopes_of_any_shape(student, rng):
    """Slopes keep the shape, whatever the number of axes."""
    check(student.relu_gradient, _around_zero(rng, 6))
    check(student.relu_gradient, _around_zero(rng, 3, 2, 4))
    check(student.relu_gradient, _around_zero(rng, 2, 4, 3, 2))
    check(student.relu_gradient, _around_zero(rng, 1, 1))


@points(2)
def test_slopes_of_integers(student, rng):
    """Slopes at integers are float64, as all slopes are."""
    check(student.relu_gradient, _around_zero(rng, 3, 4))
    check(student.relu_gradient, _nonzero_integers(rng, 3, 4))


@points(1)
def test_slopes_of_float32(student, rng):
    """Slopes at float32 numbers are float32."""
    check(student.relu_gradient, _around_zero(rng, 4, 5).astype(np.float32))


@points(1)
def test_slopes_called_again(student, rng):
    """Slopes at a second array have nothing to do with the first."""
    for _ in range(2):
        check(student.relu_gradient, _around_zero(rng, 3, 4))


# sigmoid: 22 points


@points(2, visibility="visible")
def test_sigmoid_of_zero(student):
    """Sigmoid of 0 lies in the middle between its bounds."""
    check_equal(student.sigmoid(np.zeros(1)), [0.5], what="sigmoid of 0")


@points(5, visibility="visible")
def test_sigmoid_of_small_numbers(student, rng):
    """Sigmoid takes every number by itself."""
    check(student.sigmoid, rng.uniform(-3, 3, size=(4, 6)))


@points(5)
def test_sigmoid_of_large_numbers(student, rng):
    """Sigmoid of numbers far from 0 is right and raises no warning."""
    check(student.sigmoid, np.append(rng.uniform(-1, 1, size=4), [1000, -1000]))
    check(student.sigmoid, rng.uniform(800, 1000, size=(2, 3)), silent=True)
    check(student.sigmoid, -rng.uniform(800, 1000, size=(2, 3)), silent=True)


@points(2)
def test_sigmoid_of_large_float32(student, rng):
    """Sigmoid of float32 numbers far from 0, where float32 ends earlier, is right and raises no warning."""
    for far in (1000, -1000):
        check(student.sigmoid, np.append(rng.uniform(-1, 1, size=4), far), silent=True)
    check(student.sigmoid, rng.uniform(100, 1000, size=5).astype(np.float32), silent=True)
    check(student.sigmoid, -rng.uniform(100, 1000, size=5).astype(np.float32), silent=True)


@points(2)
def test_sigmoid_of_any_shape(student, rng):
    """Sigmoid keeps the shape, whatever the number of axes."""
    check(student.sigmoid, rng.uniform(-3, 3, size=7))
    check(student.sigmoid, rng.uniform(-3, 3, size=(2, 3, 4)))
    check(student.sigmoid, rng.uniform(-3, 3, size=(2, 4, 3, 2)))
    check(student.sigmoid, rng.uniform(-3, 3, size=(1, 1)))


@points(3)
def test_sigmoid_of_integers(student, rng):
    """Sigmoid of integers is float64."""
    check(student.sigmoid, _nonzero_integers(rng, 3, 4))


@points(1)
def test_sigmoid_of_float32(student, rng):
    """Sigmoid keeps float32."""
    check(student.sigmoid, rng.uniform(-3, 3, size=(4, 5)).astype(np.float32))


@points(2)
def test_sigmoid_called_again(student, rng):
    """Sigmoid of a second array has nothing to do with the first."""
    for _ in range(2):
        check(student.sigmoid, rng.uniform(-3, 3, size=(3, 4)))


# tanh: 20 points


@points(2, visibility="visible")
def test_tanh_of_zero(student):
    """Tanh of 0 lies in the middle between its bounds."""
    value = student.tanh(np.zeros(1))
    require(isinstance(value, np.ndarray) and value.shape == (1,), "An array of one number gives an array of one.")
    check_equal(value, [0], what="tanh of 0")


@points(5, visibility="visible")
def test_tanh_of_small_numbers(student, rng):
    """Tanh takes every number by itself."""
    check(student.tanh, rng.uniform(-2, 2, size=(4, 6)))


@points(4)
def test_tanh_of_large_numbers(student, rng):
    """Tanh of numbers far from 0 is right and raises no warning."""
    check(student.tanh, np.append(rng.uniform(-1, 1, size=4), [1000, -1000]))
    check(student.tanh, rng.uniform(800, 1000, size=(2, 3)), silent=True)
    check(student.tanh, -rng.uniform(800, 1000, size=(2, 3)), silent=True)


@points(2)
def test_tanh_of_large_float32(student, rng):
    """Tanh of float32 numbers far from 0, where float32 ends earlier, is right and raises no warning."""
    check(student.tanh, np.append(rng.uniform(-1, 1, size=4), [1000, -1000]), silent=True)
    check(student.tanh, rng.uniform(100, 1000, size=5).astype(np.float32), silent=True)
    check(student.tanh, -rng.uniform(100, 1000, size=5).astype(np.float32), silent=True)


@points(2)
def test_tanh_of_any_shape(student, rng):
    """Tanh keeps the shape, whatever the number of axes."""
    check(student.tanh, rng.uniform(-2, 2, size=7))
    check(student.tanh, rng.uniform(-2, 2, size=(2, 3, 4)))
    check(student.tanh, rng.uniform(-2, 2, size=(2, 4, 3, 2)))
    check(student.tanh, rng.uniform(1, 2, size=(1, 1)))  # not near 0, where tanh is a small difference


@points(2)
def test_tanh_of_integers(student, rng):
    """Tanh of integers is float64."""
    check(student.tanh, _nonzero_integers(rng, 3, 4))


@points(1)
def test_tanh_of_float32(student, rng):
    """Tanh keeps float32."""
    check(student.tanh, rng.uniform(-2, 2, size=(4, 5)).astype(np.float32))


@points(2)
def test_tanh_called_again(student, rng):
    """Tanh of a second array has nothing to do with the first."""
    for _ in range(2):
        check(student.tanh, rng.uniform(-2, 2, size=(3, 4)))


# edge_pipeline: 26 points


@points(2, visibility="visible")
def test_three_stages(student, rng):
    """The three stages of an image of 6 by 6 have 6 by 6, 6 by 6 and 3 by 3 values."""
    stages = student.edge_pipeline(*_drawing(rng, 6, 6))
    require(isinstance(stages, tuple) and len(stages) == 3, "The result is a tuple of three stages.")
    shapes = [np.shape(stage) for stage in stages]
    require(shapes == [(6, 6), (6, 6), (3, 3)], "The stages have the shapes (6, 6), (6, 6) and (3, 3).")


@points(6, visibility="visible")
def test_a_drawing(student, rng):
    """Example 9-3-1: a drawing of dark and light pixels goes through all three steps."""
    check(student.edge_pipeline, *_drawing(rng, 6, 6))


@points(3)
def test_an_image_that_is_not_square(student, rng):
    """An image need not be square."""
    check(student.edge_pipeline, rng.normal(size=(4, 10)), rng.normal(size=(3, 3)))
    check(student.edge_pipeline, -rng.uniform(1, 2, size=(8, 2)), rng.uniform(1, 2, size=(3, 3)))


@points(3)
def test_the_border_of_the_image(student, rng):
    """Outside the image there are zeros."""
    check(student.edge_pipeline, rng.uniform(1, 2, size=(4, 6)), np.ones((3, 3)))


@points(3)
def test_places_in_the_kernel(student, rng):
    """Each weight of the kernel meets the pixel on its own side."""
    kernel = np.zeros((3, 3))
    kernel.flat[rng.choice([0, 1, 2, 3, 5, 6, 7, 8])] = 1
    check(student.edge_pipeline, rng.uniform(1, 2, size=(4, 6)), kernel)


@points(2)
def test_the_stages_of_negative_values(student, rng):
    """Where the convolution is negative, the later stages are 0 and the first one stays."""
    check(student.edge_pipeline, rng.uniform(1, 2, size=(4, 6)), -np.ones((3, 3)))


@points(2)
def test_the_largest_of_four(student, rng):
    """Pooling keeps the largest of each block of 2 by 2."""
    check(student.edge_pipeline, rng.uniform(1, 2, size=(6, 8)), _centre(1.0))


@points(1)
def test_the_smallest_image(student, rng):
    """An image of one block is the smallest."""
    check(student.edge_pipeline, rng.uniform(1, 2, size=(2, 2)), -rng.uniform(1, 2, size=(3, 3)))


@points(2)
def test_images_of_integers(student, rng):
    """All stages of an image of integers are float64."""
    check(student.edge_pipeline, rng.integers(1, 9, size=(4, 6)), _centre(1))
    image = rng.integers(100, 256, size=(4, 2), dtype=np.uint8)  # a sum of three is too large for a byte
    check(student.edge_pipeline, image, np.ones((3, 3), np.uint8))


@points(1)
def test_images_of_float32(student, rng):
    """All stages of a float32 image are float32."""
    image, kernel = rng.uniform(1, 2, size=(4, 6)), rng.uniform(1, 2, size=(3, 3))
    check(student.edge_pipeline, image.astype(np.float32), kernel.astype(np.float32))


@points(1)
def test_the_pipeline_called_again(student, rng):
    """The stages of a second image have nothing to do with the first."""
    for _ in range(2):
        check(student.edge_pipeline, rng.uniform(1, 2, size=(4, 6)), _centre(1.0))


def _around_zero(rng, *shape):
    """Numbers of both signs, none near 0, and always some of each where there is more than one."""
    signs = np.resize([1, -1, -1], shape)
    return rng.uniform(0.1, 3, size=shape) * rng.permutation(signs.ravel()).reshape(shape)


def _checkered(*shape):
    """Zeros at every second place."""
    return np.indices(shape).sum(axis=0) % 2


def _nonzero_integers(rng, *shape):
    """Small integers of both signs, without 0."""
    return rng.permutation(np.resize([-3, -2, -1, 1, 2, 3], shape).ravel()).reshape(shape)


def _drawing(rng, height, width):
    """Dark pixels (1) on light ones (0), and a filter for one side of a vertical line."""
    image = (rng.random((height, width)) < 0.5).astype(float)
    image[:3, :3] = [[0, 0, 1], [0, 1, 1], [0, 0, 1]]  # dark begins: a block of which nothing is left
    image[3:, -1] = 1  # dark ends: something to find
    return image, np.array([[0.0, 1.0, -1.0], [0.0, 1.0, -1.0], [0.0, 1.0, -1.0]])


def _centre(weight):
    """A kernel that only looks at the pixel it lies on."""
    kernel = np.zeros((3, 3), type(weight))
    kernel[1, 1] = weight
    return kernel
