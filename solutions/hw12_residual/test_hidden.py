"""Hidden tests of hw12: each keeps one rule of the handout, on numbers drawn for the student.

The blocks on arrays are compared with the reference. Of the network in Keras only the saved configuration is read, as
data: each test asks for one aspect of it, and says in which block it is not the lecture's.

Where a test is about one rule, the other parts of the block are neutral: filters of 1x1 have
no border, biases of zero cannot be forgotten, and a ReLU does nothing where all numbers are
positive. So one mistake costs one rule, and the tests that bring everything together.
"""

import numpy as np

from grader.checks.arrays import check, check_error
from grader.checks.resnet import Aspect, check_resnet
from grader.plugin import points

# residual_block: 30 points


@points(1, visibility="visible")
def test_a_block_that_has_learnt_nothing(student, rng):
    """Where all filters and biases are 0, the block puts out what comes in, rectified."""
    x, w = rng.normal(size=(1, 3, 4, 2)), np.zeros((1, 1, 2, 2))
    check(student.residual_block, x, w, np.zeros(2), w.copy(), np.zeros(2))


@points(4, visibility="visible")
def test_a_residual_block(student, rng):
    """Two convolutions with a ReLU between them, the sum with x, and a ReLU."""
    check(student.residual_block, rng.normal(size=(2, 4, 5, 3)), *_residual(rng, 3, 4))


@points(2)
def test_what_comes_in_is_added(student, rng):
    """The block adds what comes in, as it is, to what its two layers make of it."""
    w1, b1, w2, b2 = _residual(rng, 3, 2, f=1, bias=0)
    check(student.residual_block, rng.normal(size=(1, 4, 5, 3)), 0 * w1, b1, w2, b2 + 9)


@points(2)
def test_the_sum_is_rectified(student, rng):
    """The last ReLU comes after the sum, and nowhere else behind the second layer."""
    w1, b1, w2, _ = _residual(rng, 2, 3, f=1, bias=0)
    b2 = rng.uniform(0.2, 1, size=2) * [-1, 1]
    check(student.residual_block, rng.normal(size=(1, 4, 5, 2)), 0 * w1, b1, w2, b2)


@points(2)
def test_a_relu_between_the_layers(student, rng):
    """Between the two convolutions there is a ReLU."""
    x = rng.normal(size=(1, 4, 6, 2))
    w1, b1, w2, b2 = _residual(rng, 2, 4, f=1, bias=0)
    check(student.residual_block, x, w1, b1, np.abs(w2), b2 + 9)


@points(2)
def test_two_biases(student, rng):
    """Each convolution has a bias for each of its maps."""
    x = rng.uniform(size=(1, 3, 4, 2))
    w1, b1, w2, b2 = _positive(_residual(rng, 2, 3, f=1))
    check(student.residual_block, x, w1, b1, w2, 0 * b2)
    check(student.residual_block, x, w1, 0 * b1, w2, b2)


@points(3)
def test_zeros_around_the_maps(student, rng):
    """Zeros around images and inner maps keep their size."""
    w1, b1, w2, b2 = _positive(_residual(rng, 1, 2))
    check(student.residual_block, rng.uniform(size=(1, 4, 6, 1)), _even(w1), b1, _even(w2), 0 * b2)


@points(2)
def test_filters_of_other_sizes(student, rng):
    """The filters may be of any odd size, and of two different ones."""
    large, small = _positive(_residual(rng, 2, 2, f=5, bias=0)), _positive(_residual(rng, 2, 2, f=1, bias=0))
    x = rng.uniform(size=(1, 6, 7, 2))
    check(student.residual_block, x, _even(large[0]), large[1], *small[2:])
    check(student.residual_block, x, *small[:2], _even(large[2]), large[3])
    check(student.residual_block, x, _even(large[0]), large[1], _even(large[2]), large[3])


@points(2)
def test_places_in_the_window(student, rng):
    """Each weight of a filter meets the pixel at its own place in the window."""
    check(student.residual_block, rng.uniform(size=(1, 4, 5, 1)), *_positive(_residual(rng, 1, 1, bias=0)))


@points(1)
def test_more_inner_maps(student, rng):
    """The first convolution may give more maps than x has channels, or fewer."""
    check(student.residual_block, rng.uniform(size=(1, 3, 4, 2)), *_positive(_residual(rng, 2, 6, f=1, bias=0)))
    check(student.residual_block, rng.uniform(size=(1, 3, 4, 4)), *_positive(_residual(rng, 4, 1, f=1, bias=0)))


@points(1)
def test_one_grey_image(student, rng):
    """A single image with a single channel works like any other."""
    check(student.residual_block, rng.normal(size=(1, 5, 3, 1)), *_residual(rng, 1, 2))


@points(1)
def test_every_image_of_a_batch(student, rng):
    """Each image of the batch is worked on by itself."""
    check(student.residual_block, rng.uniform(size=(4, 2, 3, 2)), *_positive(_residual(rng, 2, 2, f=1, bias=0)))


@points(1)
def test_images_smaller_than_the_filter(student, rng):
    """An image may be smaller than the filter: it keeps its size."""
    w1, b1, w2, b2 = _positive(_residual(rng, 2, 2, bias=0))
    check(student.residual_block, rng.uniform(size=(1, 1, 2, 2)), _even(w1), b1, _even(w2), b2)


@points(2)
def test_integer_images(student, rng):
    """Integer images give float64, whatever the dtype of the filters."""
    x = rng.integers(0, 9, size=(1, 3, 4, 2), dtype=np.uint8)
    check(student.residual_block, x, *_positive(_residual(rng, 2, 3, f=1, bias=0)))
    whole = [rng.integers(1, 4, size=array.shape) for array in _residual(rng, 2, 3, f=1)]
    check(student.residual_block, x.astype(np.int64), *whole)


@points(1)
def test_float32_images(student, rng):
    """A residual block keeps float32."""
    arrays = [rng.uniform(size=(1, 3, 4, 2)), *_positive(_residual(rng, 2, 3, f=1, bias=0))]
    check(student.residual_block, *(array.astype(np.float32) for array in arrays))


@points(1)
def test_residual_block_called_again(student, rng):
    """A second batch and other filters have nothing to do with the first."""
    for _ in range(2):
        check(student.residual_block, rng.uniform(size=(1, 3, 4, 2)), *_positive(_residual(rng, 2, 2, f=1, bias=0)))


@points(2)
def test_maps_that_cannot_be_added(student, rng):
    """Maps that differ from x in their channels are refused with a ValueError, a single one too."""
    for channels, maps in ((1, 3), (3, 1), (2, 4)):
        w1, b1, w2, _ = _residual(rng, channels, 2, f=1)
        w2 = np.repeat(w2[..., :1], maps, axis=3) + rng.normal(size=(1, 1, 2, maps))
        check_error(student.residual_block, rng.normal(size=(2, 3, 4, channels)), w1, b1, w2, np.ones(maps))


# bottleneck_block: 35 points


@points(1, visibility="visible")
def test_a_bottleneck_that_has_learnt_nothing(student, rng):
    """Where all filters and biases of a bottleneck are 0, it puts out what comes in, rectified."""
    zeros = [0 * array for array in _bottleneck(rng, 3, 2, 3)]
    check(student.bottleneck_block, rng.normal(size=(1, 3, 4, 3)), *zeros)


@points(4, visibility="visible")
def test_a_bottleneck_with_the_identity(student, rng):
    """1x1, 3x3 and 1x1 convolutions with ReLU between them, the sum with x, and a ReLU."""
    check(student.bottleneck_block, rng.normal(size=(2, 4, 5, 4)), *_bottleneck(rng, 4, 3, 4))


@points(4, visibility="visible")
def test_a_bottleneck_with_a_projection(student, rng):
    """Where a projection is given, it takes the place of x in the sum."""
    w_proj, b_proj = _layer(rng, 1, 3, 5)
    x = rng.normal(size=(2, 4, 5, 3))
    check(student.bottleneck_block, x, *_bottleneck(rng, 3, 2, 5), w_proj=w_proj, b_proj=b_proj)


@points(2)
def test_what_comes_into_a_bottleneck_is_added(student, rng):
    """The bottleneck adds what comes in, as it is, to what its three layers make of it."""
    w1, b1, w2, b2, w3, b3 = _bottleneck(rng, 4, 2, 4, bias=0)
    check(student.bottleneck_block, rng.normal(size=(1, 4, 5, 4)), 0 * w1, b1, w2, b2, w3, b3 + 9)


@points(2)
def test_the_sum_of_a_bottleneck_is_rectified(student, rng):
    """The last ReLU of a bottleneck comes after the sum, and nowhere else behind the third layer."""
    w1, b1, w2, b2, w3, _ = _bottleneck(rng, 3, 2, 3, bias=0)
    x, b3 = rng.normal(size=(1, 4, 5, 3)), rng.uniform(0.2, 1, size=3) * [-1, 1, -1]
    check(student.bottleneck_block, x, 0 * w1, b1, w2, b2, w3, b3)


@points(2)
def test_a_relu_behind_the_first_layer(student, rng):
    """Behind the first 1x1 convolution there is a ReLU."""
    w1, b1, w2, b2, w3, b3 = _bottleneck(rng, 3, 4, 3, bias=0)
    x = rng.normal(size=(1, 4, 6, 3))
    w2, w3 = _positive([_middle(w2), w3])
    check(student.bottleneck_block, x, w1, b1, w2, b2 + 40, w3, b3)


@points(2)
def test_a_relu_behind_the_second_layer(student, rng):
    """Behind the 3x3 convolution there is a ReLU."""
    w1, b1, w2, b2, w3, b3 = _bottleneck(rng, 3, 4, 3, bias=0)
    x = rng.normal(size=(1, 4, 6, 3))
    w2, w3 = _positive([_middle(w2), w3])
    check(student.bottleneck_block, x, w1, b1 + 20, w2 * [-1, 1, 1, -1], b2, w3, b3 + 9)


@points(2)
def test_zeros_around_the_narrow_maps(student, rng):
    """Zeros around the narrow maps keep their size."""
    w1, b1, w2, b2, w3, b3 = _positive(_bottleneck(rng, 3, 2, 3))
    check(student.bottleneck_block, rng.uniform(size=(1, 4, 6, 3)), w1, b1, _even(w2), 0 * b2, w3, 0 * b3)


@points(1)
def test_three_biases(student, rng):
    """Each convolution of a bottleneck has a bias for each of its maps."""
    w1, b1, w2, b2, w3, b3 = _positive(_bottleneck(rng, 3, 2, 3))
    x, w2 = rng.uniform(size=(1, 3, 4, 3)), _middle(w2)
    check(student.bottleneck_block, x, w1, b1, w2, 0 * b2, w3, 0 * b3)
    check(student.bottleneck_block, x, w1, 0 * b1, w2, b2, w3, 0 * b3)
    check(student.bottleneck_block, x, w1, 0 * b1, w2, 0 * b2, w3, b3)


@points(2)
def test_the_bias_of_the_projection(student, rng):
    """The projection has a bias for each of its maps."""
    w1, b1, w2, b2, w3, b3, w_proj, b_proj = _positive([*_bottleneck(rng, 2, 2, 4), *_layer(rng, 1, 2, 4)])
    x = rng.uniform(size=(1, 3, 4, 2))
    check(student.bottleneck_block, x, w1, 0 * b1, _middle(w2), 0 * b2, w3, 0 * b3, w_proj=w_proj, b_proj=b_proj)


@points(2)
def test_the_projection_is_a_convolution_only(student, rng):
    """The projection has no ReLU, neither before it nor behind it."""
    w1, b1, w2, b2, w3, b3 = _bottleneck(rng, 2, 3, 4, bias=0)
    w_proj, b_proj = _layer(rng, 1, 2, 4, bias=0)
    x = rng.normal(size=(1, 4, 5, 2))
    check(student.bottleneck_block, x, 0 * w1, b1, w2, b2, w3, b3 + 1, w_proj=w_proj, b_proj=b_proj)


@points(1)
def test_a_projection_of_the_same_width(student, rng):
    """A projection that is given is used, also where x itself would fit."""
    x = rng.uniform(size=(1, 3, 4, 3))
    for wide in (4, 3):
        arrays = _positive([*_bottleneck(rng, 3, 2, wide, bias=0), *_layer(rng, 1, 3, wide, bias=0)])
        check(student.bottleneck_block, x, *arrays[:2], _middle(arrays[2]), *arrays[3:])


@points(2)
def test_places_in_the_window_of_the_middle(student, rng):
    """Each weight of a 3x3 filter meets the pixel at its own place in the window."""
    check(student.bottleneck_block, rng.uniform(size=(1, 4, 5, 2)), *_positive(_bottleneck(rng, 2, 1, 2, bias=0)))


@points(1)
def test_every_image_through_the_bottleneck(student, rng):
    """A bottleneck works on each image of the batch by itself."""
    w1, b1, w2, b2, w3, b3 = _positive(_bottleneck(rng, 3, 2, 3, bias=0))
    check(student.bottleneck_block, rng.uniform(size=(4, 2, 3, 3)), w1, b1, _middle(w2), b2, w3, b3)


@points(1)
def test_one_grey_image_through_the_bottleneck(student, rng):
    """A bottleneck may get a single grey image, and may have a single narrow map."""
    check(student.bottleneck_block, rng.normal(size=(1, 5, 3, 1)), *_bottleneck(rng, 1, 2, 1))
    w_proj, b_proj = _layer(rng, 1, 1, 4)
    check(student.bottleneck_block, rng.normal(size=(1, 3, 4, 1)), *_bottleneck(rng, 1, 1, 4), w_proj, b_proj)


@points(1)
def test_an_image_of_two_pixels(student, rng):
    """An image may be smaller than the 3x3 filter: it keeps its size."""
    w1, b1, w2, b2, w3, b3 = _positive(_bottleneck(rng, 3, 2, 3, bias=0))
    check(student.bottleneck_block, rng.uniform(size=(1, 1, 2, 3)), w1, b1, _even(w2), b2, w3, b3)


@points(1)
def test_integer_images_through_the_bottleneck(student, rng):
    """A bottleneck turns integer images into float64, whatever the dtype of the filters."""
    x = rng.integers(0, 9, size=(1, 3, 4, 3), dtype=np.uint8)
    w1, b1, w2, b2, w3, b3 = _positive(_bottleneck(rng, 3, 2, 3, bias=0))
    check(student.bottleneck_block, x, w1, b1, _middle(w2), b2, w3, b3)
    w1, b1, w2, b2, w3, b3 = (rng.integers(1, 4, size=array.shape) for array in (w1, b1, w2, b2, w3, b3))
    check(student.bottleneck_block, x.astype(np.int64), w1, b1, _middle(w2), b2, w3, b3)


@points(1)
def test_float32_images_through_the_bottleneck(student, rng):
    """A bottleneck keeps float32, with a projection and without."""
    x, block = rng.uniform(size=(1, 3, 4, 3)), _positive(_bottleneck(rng, 3, 2, 4, bias=0))
    x, w1, b1, w2, b2, w3, b3 = (array.astype(np.float32) for array in (x, *block))
    w_proj, b_proj = (np.abs(array).astype(np.float32) for array in _layer(rng, 1, 3, 4, bias=0))
    check(student.bottleneck_block, x, w1, b1, _middle(w2), b2, w3[..., :3], b3[:3])
    check(student.bottleneck_block, x, w1, b1, _middle(w2), b2, w3, b3, w_proj=w_proj, b_proj=b_proj)


@points(1)
def test_bottleneck_block_called_again(student, rng):
    """A second bottleneck has nothing to do with the first."""
    for _ in range(2):
        w1, b1, w2, b2, w3, b3 = _positive(_bottleneck(rng, 3, 2, 3, bias=0))
        check(student.bottleneck_block, rng.uniform(size=(1, 3, 4, 3)), w1, b1, _middle(w2), b2, w3, b3)


@points(1)
def test_a_bottleneck_that_needs_a_projection(student, rng):
    """Without a projection, maps that differ from x in their channels are refused with a ValueError."""
    for channels, maps in ((1, 4), (4, 1), (2, 4)):
        check_error(
            student.bottleneck_block, rng.normal(size=(2, 3, 4, channels)), *_bottleneck(rng, channels, 2, maps)
        )


@points(1)
def test_a_projection_that_does_not_fit(student, rng):
    """A projection that differs from F(x) in its channels is refused with a ValueError."""
    for projected, maps in ((1, 4), (4, 1), (2, 3)):
        w_proj, b_proj = _layer(rng, 1, 3, projected)
        x = rng.normal(size=(2, 3, 4, 3))
        check_error(student.bottleneck_block, x, *_bottleneck(rng, 3, 2, maps), w_proj=w_proj, b_proj=b_proj)


# build_resnet: 35 points


@points(4, question="build_resnet", visibility="visible")
def test_the_stem(student, rng):
    """The network begins with 7x7 filters and a maximum over 3x3, both with stride 2."""
    check_resnet(student, *_asked(rng), Aspect.STEM)


@points(5, question="build_resnet")
def test_the_depth(student, rng):
    """There are as many blocks in each stage as cfg says, and 3 sum(cfg) + 2 weighted layers in a row."""
    check_resnet(student, *_asked(rng), Aspect.DEPTH)


@points(5, question="build_resnet")
def test_every_block_has_a_shortcut(student, rng):
    """What comes into a block is added to what its layers make of it."""
    check_resnet(student, *_asked(rng), Aspect.SHORTCUTS)


@points(6, question="build_resnet")
def test_where_projections_stand(student, rng):
    """The shortcut is a 1x1 projection where the shape changes, and the identity elsewhere."""
    check_resnet(student, *_asked(rng), Aspect.PROJECTIONS)


@points(4, question="build_resnet")
def test_narrow_and_wide(student, rng):
    """A block is 1x1, 3x3, 1x1; its last layer has four times as many filters, and each stage doubles them."""
    check_resnet(student, *_asked(rng), Aspect.FILTERS)


@points(4, question="build_resnet")
def test_relus_inside_and_after_the_sum(student, rng):
    """ReLU stands behind the first and the second layer of a block, and behind the sum."""
    check_resnet(student, *_asked(rng), Aspect.RELUS)


@points(4, question="build_resnet")
def test_each_later_stage_halves_the_maps(student, rng):
    """The first block of each stage but the first has stride 2, all others have 1."""
    check_resnet(student, *_asked(rng), Aspect.STRIDES)


@points(3, question="build_resnet", visibility="visible")
def test_the_head(student, rng):
    """Behind the last block come a global average and a dense softmax with a node for each class."""
    check_resnet(student, *_asked(rng), Aspect.HEAD)


# what several of them share


def _asked(rng):
    """cfg, input_shape and classes: a few blocks, one stage of two, maps that are never square."""
    cfg = rng.permutation([1, 1, 1, 2]).tolist()
    height, width = rng.permutation([33, 48, 64, 96])[:2].tolist()
    return cfg, (height, width, int(rng.choice([1, 3, 4]))), int(rng.integers(3, 13))


def _layer(rng, f, channels, filters, *, bias=1):
    """Filters and biases of one convolution."""
    return rng.normal(size=(f, f, channels, filters)), bias * rng.uniform(0.5, 1.5, size=filters)


def _residual(rng, channels, maps, *, f=3, bias=1):
    """The arrays of a residual block: w1, b1, w2, b2."""
    return [*_layer(rng, f, channels, maps, bias=bias), *_layer(rng, f, maps, channels, bias=bias)]


def _bottleneck(rng, channels, narrow, wide, *, bias=1):
    """The arrays of a bottleneck: w1, b1, w2, b2, w3, b3."""
    first, middle = _layer(rng, 1, channels, narrow, bias=bias), _layer(rng, 3, narrow, narrow, bias=bias)
    return [*first, *middle, *_layer(rng, 1, narrow, wide, bias=bias)]


def _positive(arrays):
    """The sizes of the numbers: with images that are positive too, no ReLU changes anything."""
    return [np.abs(array) for array in arrays]


def _even(w):
    """Filters that read the same when they are flipped."""
    return w + w[::-1, ::-1]


def _middle(w):
    """Filters of which only the weight in the middle is left: no border, and no places."""
    kept = np.zeros_like(w)
    kept[1, 1] = w[1, 1]
    return kept
