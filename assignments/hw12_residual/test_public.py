"""Public tests of hw12: worked examples, and laws that residual blocks keep.

`grade hw12` runs them at home. They give no points and no answers away: a law compares your
function with itself, on other arguments, and `check_answer` compares hashes. Of `build_resnet` they
read the layers, and say in which block something is not as in the handout's table.
"""

import numpy as np

from grader.checks.answers import check_answer
from grader.checks.arrays import check_equal, require
from grader.checks.resnet import Aspect, check_resnet


def test_a_row_of_three_pixels(student):
    """The worked example: two 3 x 3 convolutions on a single row."""
    x = np.array([2.0, -1.0, 3.0]).reshape(1, 1, 3, 1)
    w1, w2 = np.zeros((3, 3, 1, 1)), np.zeros((3, 3, 1, 1))
    w1[1, :, 0, 0] = [0, 1, 1]
    w2[1, :, 0, 0] = [1, 1, 2]
    h = _array(student.residual_block(x, w1, np.full(1, -2.0), w2, np.full(1, -2.0)), (1, 1, 3, 1))
    check_equal(h.ravel(), [0, 0, 2], what="the block's output")


def test_a_block_that_has_learnt_nothing(student, rng):
    """With all filters and biases at 0, what is not negative comes through as it is."""
    x, w = rng.uniform(size=(2, 3, 4, 2)), np.zeros((3, 3, 2, 2))
    h = student.residual_block(x, w, np.zeros(2), w.copy(), np.zeros(2))
    check_equal(h, x, what="the block's output")


def test_an_output_is_never_negative(student, rng):
    """The last step is a ReLU."""
    w1, w2 = rng.normal(size=(3, 3, 2, 3)), rng.normal(size=(3, 3, 3, 2))
    h = student.residual_block(rng.normal(size=(1, 4, 5, 2)), w1, np.ones(3), w2, -np.ones(2))
    require(np.all(_array(h, (1, 4, 5, 2)) >= 0), "No output of a residual block is negative.")


def test_a_batch_is_its_images(student, rng):
    """A block makes of a batch what it makes of each image alone."""
    x, w1, w2 = rng.normal(size=(3, 3, 4, 2)), rng.normal(size=(3, 3, 2, 3)), rng.normal(size=(1, 1, 3, 2))
    b1, b2 = rng.normal(size=3), rng.normal(size=2)
    alone = [_array(student.residual_block(x[n : n + 1], w1, b1, w2, b2), (1, 3, 4, 2)) for n in range(3)]
    both = student.residual_block(x, w1, b1, w2, b2)
    check_equal(both, np.concatenate(alone), what="the batch's output", terms=200)


def test_twice_as_much(student, rng):
    """Without biases, twice the image gives twice the output."""
    x, w1, w2 = rng.normal(size=(1, 4, 3, 2)), rng.normal(size=(3, 3, 2, 3)), rng.normal(size=(3, 3, 3, 2))
    once = _array(student.residual_block(x, w1, np.zeros(3), w2, np.zeros(2)), (1, 4, 3, 2))
    twice = student.residual_block(2 * x, w1, np.zeros(3), w2, np.zeros(2))
    check_equal(twice, 2 * once, what="the output for twice the image", terms=400)


def test_inner_maps_in_another_order(student, rng):
    """The inner maps of a block may be numbered in any order."""
    x, w1, w2 = rng.normal(size=(1, 3, 4, 2)), rng.normal(size=(3, 3, 2, 4)), rng.normal(size=(3, 3, 4, 2))
    b1, b2, order = rng.normal(size=4), rng.normal(size=2), rng.permutation(4)
    h = _array(student.residual_block(x, w1, b1, w2, b2), (1, 3, 4, 2))
    other = student.residual_block(x, w1[..., order], b1[order], w2[:, :, order], b2)
    check_equal(other, h, what="the output of the renumbered block", terms=400)


def test_a_block_of_whole_numbers(student):
    """Two images of 3 x 4 pixels, filters of 3 x 3 and of 1 x 1, and biases."""
    x, w1, w2 = _whole_numbers(2, 3, 4, 2), _whole_numbers(3, 3, 2, 3), _whole_numbers(1, 1, 3, 2)
    check_answer(student.residual_block, x, w1, np.array([3, -2, 1]), w2, np.array([-1, 4]))
    check_answer(student.residual_block, x, w1, np.array([3, -2, 1]), _whole_numbers(3, 3, 3, 2), np.array([9, 4]))


def test_a_single_pixel(student):
    """The worked example: a bottleneck on one pixel with two channels."""
    x, w1 = np.array([1.0, 5.0]).reshape(1, 1, 1, 2), np.array([2.0, -1.0]).reshape(1, 1, 2, 1)
    w2, w3 = np.full((3, 3, 1, 1), 3.0), np.array([1.0, -2.0]).reshape(1, 1, 1, 2)
    h = _array(student.bottleneck_block(x, w1, np.full(1, 4.0), w2, np.zeros(1), w3, np.zeros(2)), (1, 1, 1, 2))
    check_equal(h.ravel(), [4, 0], what="the bottleneck's output")


def test_a_projected_pixel(student):
    """The worked example with a projection to three channels."""
    x, w1 = np.array([1.0, 5.0]).reshape(1, 1, 1, 2), np.array([2.0, -1.0]).reshape(1, 1, 2, 1)
    w2, w3 = np.full((3, 3, 1, 1), 3.0), np.array([1.0, -2.0, 0.0]).reshape(1, 1, 1, 3)
    w_proj = np.array([[1.0, 0.0, 1.0], [0.0, -1.0, 1.0]]).reshape(1, 1, 2, 3)
    block = [w1, np.full(1, 4.0), w2, np.zeros(1), w3, np.zeros(3)]
    h = student.bottleneck_block(x, *block, w_proj=w_proj, b_proj=np.array([0.0, 7.0, 0.0]))
    check_equal(_array(h, (1, 1, 1, 3)).ravel(), [4, 0, 6], what="the bottleneck's output")


def test_a_projection_that_changes_nothing(student, rng):
    """A projection of every channel onto itself gives what the bottleneck gives without one."""
    x, block = rng.normal(size=(2, 3, 4, 3)), _bottleneck(rng, 3, 2)
    without = _array(student.bottleneck_block(x, *block), (2, 3, 4, 3))
    identity = np.eye(3).reshape(1, 1, 3, 3)
    projected = student.bottleneck_block(x, *block, w_proj=identity, b_proj=np.zeros(3))
    check_equal(projected, without, what="the output with the projection", terms=400)


def test_a_turned_image(student, rng):
    """An image that is turned upside down, with the 3 x 3 filters turned too, gives an output upside down."""
    x, (w1, b1, w2, b2, w3, b3) = rng.normal(size=(1, 4, 3, 3)), _bottleneck(rng, 3, 2)
    h = _array(student.bottleneck_block(x, w1, b1, w2, b2, w3, b3), (1, 4, 3, 3))
    turned = student.bottleneck_block(x[:, ::-1].copy(), w1, b1, w2[::-1].copy(), b2, w3, b3)
    check_equal(turned, h[:, ::-1], what="the output of the turned image", terms=400)


def test_a_bottleneck_of_whole_numbers(student):
    """Two images of 3 x 4 pixels, three channels, two narrow maps; then with a projection to four."""
    x, w1, w2 = _whole_numbers(2, 3, 4, 3), _whole_numbers(1, 1, 3, 2), _whole_numbers(3, 3, 2, 2)
    b1, b2 = np.array([2, -3]), np.array([5, -7])
    check_answer(student.bottleneck_block, x, w1, b1, w2, b2, _whole_numbers(1, 1, 2, 3), np.array([1, -4, 6]))
    wide = [w1, b1, w2, b2, _whole_numbers(1, 1, 2, 4), np.array([1, -4, 6, 0])]
    projection = _whole_numbers(1, 1, 3, 4)
    check_answer(student.bottleneck_block, x, *wide, w_proj=projection, b_proj=np.array([2, 0, -5, 8]))


def test_stem_and_head(student):
    """build_resnet: what stands before the first block and behind the last one."""
    check_resnet(student, (1, 1, 1, 1), (64, 96, 3), 10, Aspect.STEM, Aspect.HEAD)


def test_as_deep_as_cfg_says(student):
    """build_resnet: 3 * (1 + 2 + 1 + 1) + 2 = 17 weighted layers, with the filters of the table."""
    check_resnet(student, [1, 2, 1, 1], (32, 48, 1), 10, Aspect.DEPTH, Aspect.FILTERS)


def test_sums_and_shortcuts(student):
    """build_resnet: every block adds what comes in, or its projection, and then rectifies."""
    check_resnet(student, (1, 1, 2, 1), (64, 96, 3), 4, Aspect.SHORTCUTS, Aspect.PROJECTIONS, Aspect.RELUS)


def test_halved_three_times(student):
    """build_resnet: three stages begin with stride 2."""
    check_resnet(student, (2, 1, 1, 1), (96, 64, 3), 10, Aspect.STRIDES)


def _whole_numbers(*shape):
    """Numbers from -4 to 6 without a pattern that a mistake could hide in."""
    return (np.arange(np.prod(shape)) ** 2 % 11 - 4).reshape(shape)


def _bottleneck(rng, channels, narrow):
    shapes = [(1, 1, channels, narrow), (narrow,), (3, 3, narrow, narrow), (narrow,), (1, 1, narrow, channels)]
    return [*(rng.normal(size=shape) for shape in shapes), rng.normal(size=channels)]


def _array(value, shape):
    """The student's array, once its shape is right: what follows may do arithmetic with it."""
    is_array = isinstance(value, np.ndarray) and value.shape == shape and value.dtype.kind in "iuf"
    require(is_array, f"The result is an array of shape {shape}.")
    require(np.all(np.isfinite(value)), "The result holds numbers only, no nan or inf.")
    return value
