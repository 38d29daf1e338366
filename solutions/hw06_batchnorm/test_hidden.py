"""Hidden tests of hw6: each keeps one rule of the handout, on numbers drawn for the student.

A test about the scale has an epsilon that rounding swallows, a test about epsilon a neutral
scale: one mistake costs one rule, and the tests that bring everything together. Large means come
in float32 only, because float64 has digits enough for every way to compute a variance.
"""

import numpy as np

from grader.checks.arrays import check, check_error, require
from grader.plugin import points

TINY = 1e-20  # nothing beside a variance of order 1

# batchnorm_train: 40 points


@points(2, visibility="visible")
def test_the_shape_of_a_batch(student, rng):
    """The result has one number for each number of the batch."""
    y = student.batchnorm_train(rng.normal(size=(4, 3)), np.ones(3), np.zeros(3), 0.1)
    require(isinstance(y, np.ndarray) and y.shape == (4, 3), "The result is an array of the shape of the batch.")


@points(6, visibility="visible")
def test_a_batch_of_a_dense_layer(student, rng):
    """Every node is normalised over the samples of the batch."""
    check(student.batchnorm_train, rng.normal(1, 2, size=(5, 3)), *_scale_and_shift(rng, 3), 0.25)


@points(6)
def test_feature_maps(student, rng):
    """Every channel is normalised over all images and all pixels."""
    maps = rng.normal(size=(2, 3, 5, 4)) + rng.normal(size=(2, 3, 5, 1))
    check(student.batchnorm_train, maps, *_scale_and_shift(rng, 4), TINY)


@points(4)
def test_epsilon(student, rng):
    """Epsilon has its place in the formula, and the value that it is given."""
    for eps in (0.5, 1e-3):
        check(student.batchnorm_train, rng.normal(size=(6, 4)), np.ones(4), np.zeros(4), eps)


@points(3)
def test_the_variance_of_few_samples(student, rng):
    """The variance is the mean of the squares, however few they are."""
    for shape in ((2, 4), (3, 1)):
        check(student.batchnorm_train, rng.normal(size=shape), np.ones(shape[1]), np.zeros(shape[1]), 0.1)


@points(3)
def test_a_batch_of_one(student, rng):
    """A batch of one sample, or of one image, is normalised like any other."""
    check(student.batchnorm_train, rng.normal(size=(1, 5)), *_scale_and_shift(rng, 5), 0.1)
    check(student.batchnorm_train, rng.normal(size=(1, 4, 3, 1)), *_scale_and_shift(rng, 1), 0.1)


@points(5)
def test_a_scale_and_a_shift_for_each_node(student, rng):
    """Every node has a scale and a shift of its own, used after the normalisation."""
    check(student.batchnorm_train, rng.normal(3, 1, size=(7, 4)), *_scale_and_shift(rng, 4), TINY)


@points(3)
def test_integer_sums(student, rng):
    """Integer sums give float64."""
    check(student.batchnorm_train, rng.permutation(15).reshape(5, 3) - 7, *_scale_and_shift(rng, 3), TINY)
    pixels = rng.integers(0, 256, size=(2, 4, 3, 2), dtype=np.uint8)
    check(student.batchnorm_train, pixels, *_scale_and_shift(rng, 2), TINY)


@points(1)
def test_float32_sums(student, rng):
    """Sums in float32 stay float32."""
    check(student.batchnorm_train, *_single(rng.normal(size=(6, 3)), *_scale_and_shift(rng, 3)), 0.1)


@points(3)
def test_float32_sums_far_from_zero(student, rng):
    """Also in float32, a mean far from 0 takes nothing from the variance."""
    far = rng.normal(size=(8, 6)) + rng.choice([-5000, 5000], size=6)
    check(student.batchnorm_train, *_single(far, np.ones(6), np.zeros(6)), TINY, terms=8)


@points(2)
def test_batchnorm_train_called_again(student, rng):
    """A second batch has nothing to do with the first."""
    for _ in range(2):
        check(student.batchnorm_train, rng.normal(size=(6, 3)), np.ones(3), np.zeros(3), TINY)


@points(2)
def test_another_number_of_nodes(student, rng):
    """A scale or a shift for another number of nodes is refused with a ValueError."""
    a, maps = rng.normal(size=(5, 3)), rng.normal(size=(2, 3, 4, 2))
    check_error(student.batchnorm_train, a, np.ones(1), np.zeros(3), 0.1)
    check_error(student.batchnorm_train, a, np.ones(3), np.zeros(1), 0.1)
    check_error(student.batchnorm_train, maps, np.ones(1), np.zeros(1), 0.1)
    check_error(student.batchnorm_train, a, np.ones(4), np.zeros(4), 0.1)


# batchnorm_inference: 22 points


@points(2, visibility="visible")
def test_the_shape_at_inference(student, rng):
    """After training, too, the result has one number for each number of the batch."""
    y = student.batchnorm_inference(rng.normal(size=(4, 3)), np.zeros(3), np.ones(3), np.ones(3), np.zeros(3), 0.1)
    require(isinstance(y, np.ndarray) and y.shape == (4, 3), "The result is an array of the shape of the batch.")


@points(5, visibility="visible")
def test_a_batch_at_inference(student, rng):
    """Every node is normalised with the running statistics that it is given."""
    check(student.batchnorm_inference, rng.normal(1, 2, size=(4, 3)), *_running(rng, 3), 0.25)


@points(3)
def test_feature_maps_at_inference(student, rng):
    """Every channel has one running mean and one running variance for all its pixels."""
    check(student.batchnorm_inference, rng.normal(size=(2, 3, 5, 4)), *_running(rng, 4), TINY)


@points(3)
def test_one_sample_at_inference(student, rng):
    """A single sample is as good as a batch."""
    check(student.batchnorm_inference, rng.normal(size=(1, 5)), *_running(rng, 5), TINY)
    check(student.batchnorm_inference, rng.normal(size=(1, 3, 2, 1)), *_running(rng, 1), TINY)


@points(2)
def test_epsilon_at_inference(student, rng):
    """Epsilon has its place and its value at inference, too: a node may never have varied."""
    mean, var = rng.normal(size=4), rng.uniform(0.5, 2, size=4)
    var[rng.integers(4)] = 0
    for eps in (0.5, 0.01):
        check(student.batchnorm_inference, rng.normal(size=(3, 4)), mean, var, np.ones(4), np.zeros(4), eps)


@points(2)
def test_integer_sums_at_inference(student, rng):
    """Integer sums give float64 at inference, too."""
    check(student.batchnorm_inference, rng.integers(-9, 10, size=(5, 3)), *_running(rng, 3), TINY)


@points(1)
def test_float32_sums_at_inference(student, rng):
    """Sums in float32 stay float32 at inference, too."""
    check(student.batchnorm_inference, *_single(rng.normal(size=(4, 3)), *_running(rng, 3)), 0.1)


@points(2)
def test_batchnorm_inference_called_again(student, rng):
    """The running statistics of a second call are its own."""
    for _ in range(2):
        check(student.batchnorm_inference, rng.normal(size=(3, 4)), *_running(rng, 4), TINY)


@points(2)
def test_statistics_of_another_number_of_nodes(student, rng):
    """Statistics, a scale or a shift for another number of nodes are refused with a ValueError."""
    a, right = rng.normal(size=(5, 3)), _running(rng, 3)
    for wrong in range(4):
        given = [values[:1] if place == wrong else values for place, values in enumerate(right)]
        check_error(student.batchnorm_inference, a, *given, 0.1)
    check_error(student.batchnorm_inference, a, *_running(rng, 4), 0.1)


# update_running: 14 points


@points(1, visibility="visible")
def test_the_length_of_a_statistic(student, rng):
    """The new running statistic has one number for each node."""
    new = student.update_running(rng.normal(size=3), rng.normal(size=3), 0.5)
    require(isinstance(new, np.ndarray) and new.shape == (3,), "The result is an array of the length of `running`.")


@points(4, visibility="visible")
def test_a_step_towards_the_batch(student, rng):
    """The momentum is the share of the old value, the rest is the batch's."""
    check(student.update_running, rng.normal(size=4), rng.normal(size=4), float(rng.uniform(0.6, 0.8)))


@points(2)
def test_any_momentum(student, rng):
    """The momentum is the one that is given, both ends of its range included."""
    for momentum in (0.25, 0.0, 1.0, 0.98):
        check(student.update_running, rng.normal(size=5), rng.normal(size=5), momentum)


@points(1)
def test_one_node(student, rng):
    """A layer of one node has a running statistic of one number."""
    check(student.update_running, rng.normal(size=1), rng.normal(size=1), 0.75)


@points(1)
def test_integer_statistics(student, rng):
    """A running statistic that starts as integers goes on as float64."""
    check(student.update_running, rng.integers(-9, 10, size=4), rng.normal(size=4), 0.75)


@points(1)
def test_float32_statistics(student, rng):
    """A running statistic in float32 stays float32."""
    check(student.update_running, *_single(rng.normal(size=4), rng.normal(size=4)), 0.75)


@points(1)
def test_update_running_called_again(student, rng):
    """A second statistic has nothing to do with the first."""
    for _ in range(2):
        check(student.update_running, rng.normal(size=3), rng.normal(size=3), 0.75)


@points(1)
def test_statistics_of_other_lengths(student, rng):
    """A batch with another number of nodes is refused with a ValueError."""
    check_error(student.update_running, rng.normal(size=4), rng.normal(size=1), 0.75)
    check_error(student.update_running, rng.normal(size=1), rng.normal(size=3), 0.75)
    check_error(student.update_running, rng.normal(size=4), rng.normal(size=5), 0.75)


@points(2)
def test_no_share(student, rng):
    """A momentum that is no share is refused with a ValueError."""
    for momentum in (-0.1, 1.1, -2.0, 9.0):
        check_error(student.update_running, rng.normal(size=4), rng.normal(size=4), momentum)


# layernorm: 24 points


@points(2, visibility="visible")
def test_the_shape_of_a_layer(student, rng):
    """The result has one number for each node of the layer."""
    y = student.layernorm(rng.normal(size=(1, 4)), np.ones(4), np.zeros(4), 0.1)
    require(isinstance(y, np.ndarray) and y.shape == (1, 4), "The result is an array of the shape of the sums.")


@points(5, visibility="visible")
def test_the_layer_of_each_sample(student, rng):
    """Every sample is normalised over the nodes of its own layer."""
    check(student.layernorm, rng.normal(1, 2, size=(3, 5)), *_scale_and_shift(rng, 5), 0.25)


@points(3)
def test_the_layer_of_one_sample(student, rng):
    """A single sample is normalised as it would be in a batch."""
    check(student.layernorm, rng.normal(size=(1, 6)), *_scale_and_shift(rng, 6), TINY)


@points(3)
def test_epsilon_in_a_layer(student, rng):
    """Epsilon has its place and its value in a layer, too."""
    for eps in (0.5, 1e-3):
        check(student.layernorm, rng.normal(size=(4, 6)), np.ones(6), np.zeros(6), eps)


@points(2)
def test_the_variance_of_few_nodes(student, rng):
    """The variance of a layer is the mean of the squares, however few nodes there are."""
    check(student.layernorm, rng.normal(size=(4, 2)), np.ones(2), np.zeros(2), 0.1)
    check(student.layernorm, rng.normal(size=(3, 1)), *_scale_and_shift(rng, 1), 0.1)


@points(3)
def test_a_scale_and_a_shift_in_a_layer(student, rng):
    """The scale and the shift belong to the nodes, and follow the normalisation."""
    check(student.layernorm, rng.normal(3, 1, size=(3, 7)), *_scale_and_shift(rng, 7), TINY)


@points(1)
def test_integer_layers(student, rng):
    """Integer sums of a layer give float64."""
    check(student.layernorm, rng.permutation(12).reshape(2, 6) - 5, *_scale_and_shift(rng, 6), TINY)


@points(1)
def test_float32_layers(student, rng):
    """Sums of a layer in float32 stay float32."""
    check(student.layernorm, *_single(rng.normal(size=(2, 6)), *_scale_and_shift(rng, 6)), 0.1)


@points(2)
def test_float32_layers_far_from_zero(student, rng):
    """Also in float32, a layer whose sums are far from 0 keeps its variance."""
    far = rng.normal(size=(6, 8)) + rng.choice([-5000, 5000], size=(6, 1))
    check(student.layernorm, *_single(far, np.ones(8), np.zeros(8)), TINY, terms=8)


@points(1)
def test_layernorm_called_again(student, rng):
    """A second layer has nothing to do with the first."""
    for _ in range(2):
        check(student.layernorm, rng.normal(size=(3, 6)), np.ones(6), np.zeros(6), TINY)


@points(1)
def test_a_layer_of_another_length(student, rng):
    """A scale or a shift for a layer of another length is refused with a ValueError."""
    a = rng.normal(size=(3, 4))
    check_error(student.layernorm, a, np.ones(1), np.zeros(4), 0.1)
    check_error(student.layernorm, a, np.ones(4), np.zeros(1), 0.1)
    check_error(student.layernorm, a, np.ones(5), np.zeros(5), 0.1)


def _scale_and_shift(rng, nodes):
    """A scale and a shift for each node: away from 1 and 0, and from each other."""
    return rng.uniform(0.5, 2, size=nodes), rng.uniform(-3, -1, size=nodes)


def _running(rng, nodes):
    """A running mean and variance, a scale and a shift for each node."""
    return rng.normal(size=nodes), rng.uniform(0.5, 3, size=nodes), *_scale_and_shift(rng, nodes)


def _single(*arrays):
    """The arrays in float32."""
    return [array.astype(np.float32) for array in arrays]
