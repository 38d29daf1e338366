"""Public tests of hw6: worked examples, and laws that every normalisation keeps.

`grade hw6` runs them at home. They give no points and no answers away: a law compares your
function with itself, on other arguments, and `check_answer` compares hashes.
"""

import numpy as np

from grader.checks.answers import check_answer
from grader.checks.arrays import check_equal, require


def test_two_samples(student):
    """batchnorm_train: the worked example, two samples of three nodes."""
    a = np.array([[2.0, 5.0, 3.0], [10.0, 5.0, 11.0]])
    y = student.batchnorm_train(a, np.array([5.0, 2.0, -10.0]), np.array([1.0, 4.0, 0.0]), 9.0)
    check_equal(y, [[-3, 4, 8], [5, 4, -8]], what="the normalised batch")


def test_the_mean_of_each_node(student, rng):
    """batchnorm_train: after it, the mean of every node is its shift."""
    beta = rng.normal(size=3)
    y = _array(student.batchnorm_train(rng.normal(4, 2, size=(6, 3)), rng.normal(size=3), beta, 0.1), (6, 3))
    check_equal(y.mean(axis=0), beta, what="the mean over the samples", terms=20)


def test_moved_sums(student, rng):
    """batchnorm_train: adding the same number to a node in all samples changes nothing."""
    a, gamma, beta = rng.normal(size=(5, 3)), rng.normal(size=3), rng.normal(size=3)
    y = _array(student.batchnorm_train(a, gamma, beta, 0.1), (5, 3))
    moved = a + np.array([9.0, -4.0, 1.0])
    check_equal(student.batchnorm_train(moved, gamma, beta, 0.1), y, what="the moved batch", terms=50)


def test_samples_in_another_order(student, rng):
    """batchnorm_train: samples in another order have their results in that order."""
    a, order = rng.normal(size=(5, 4)), rng.permutation(5)
    y = _array(student.batchnorm_train(a, np.ones(4), np.zeros(4), 0.1), (5, 4))
    check_equal(student.batchnorm_train(a[order], np.ones(4), np.zeros(4), 0.1), y[order], what="the batch", terms=20)


def test_pixels_are_samples(student, rng):
    """batchnorm_train: a feature map is normalised as if each of its pixels were a sample."""
    maps, gamma, beta = rng.normal(size=(2, 3, 4, 3)), rng.normal(size=3), rng.normal(size=3)
    rows = _array(student.batchnorm_train(maps.reshape(24, 3), gamma, beta, 0.1), (24, 3))
    y = student.batchnorm_train(maps, gamma, beta, 0.1)
    check_equal(y, rows.reshape(2, 3, 4, 3), what="the feature maps", terms=72)


def test_thousands_in_float32(student):
    """batchnorm_train: in float32, sums around 6000 are normalised like the same sums around 0."""
    a = np.array([[-1.0, 3.0], [1.0, -3.0], [-1.0, 3.0], [1.0, -3.0]])
    given = [array.astype(np.float32) for array in (a + 6000, np.ones(2), np.zeros(2))]
    y = _array(student.batchnorm_train(*given, 1e-6), (4, 2))
    require(np.all(np.abs(y - np.sign(a)) < 1e-3), "The results are 1 and -1, as far as float32 goes.")


def test_a_batch_of_whole_numbers(student):
    """batchnorm_train: four samples of three nodes, and two images of two channels, to six decimals."""
    check_answer(
        student.batchnorm_train, _whole_numbers(4, 3), np.array([2, -3, 5]), np.array([1, 0, -4]), 0.5, decimals=6
    )
    maps = _whole_numbers(2, 3, 4, 2)
    check_answer(student.batchnorm_train, maps, np.array([4, -3]), np.array([1, 7]), 0.5, decimals=6)


def test_given_statistics(student):
    """batchnorm_inference: the worked example, one sample of two nodes."""
    a, mean, var = np.array([[8.0, 1.0]]), np.array([4.0, 1.0]), np.array([16.0, 0.0])
    y = student.batchnorm_inference(a, mean, var, np.array([10.0, 3.0]), np.array([-1.0, 2.0]), 9.0)
    check_equal(y, [[7, 2]], what="the normalised sample")


def test_a_sample_alone_and_in_a_batch(student, rng):
    """batchnorm_inference: a sample has the same result alone and in a batch."""
    a, given = rng.normal(size=(3, 4)), (rng.normal(size=4), np.ones(4), rng.normal(size=4), np.zeros(4), 0.5)
    y = _array(student.batchnorm_inference(a, *given), (3, 4))
    for n in range(3):
        check_equal(student.batchnorm_inference(a[n : n + 1], *given), y[n : n + 1], what="a sample alone", terms=4)


def test_statistics_of_the_batch_itself(student, rng):
    """batchnorm_inference: given the batch's own statistics, the mean of every channel is its shift."""
    maps, gamma, beta = rng.normal(size=(2, 2, 3, 3)), rng.normal(size=3), rng.normal(size=3)
    mean, var = maps.mean(axis=(0, 1, 2)), maps.var(axis=(0, 1, 2))
    y = _array(student.batchnorm_inference(maps, mean, var, gamma, beta, 0.1), (2, 2, 3, 3))
    check_equal(y.mean(axis=(0, 1, 2)), beta, what="the mean over all pixels", terms=36)


def test_given_whole_numbers(student):
    """batchnorm_inference: two images of two channels, to six decimals."""
    given = np.array([2, -1]), np.array([3, 7]), np.array([4, -3]), np.array([1, 6])
    check_answer(student.batchnorm_inference, _whole_numbers(2, 3, 4, 2), *given, 0.5, decimals=6)


def test_a_step(student):
    """update_running: the worked example, a quarter of the way."""
    new = student.update_running(np.array([8.0, -4.0, 2.0]), np.array([4.0, 4.0, 2.0]), 0.75)
    check_equal(new, [7, -2, 2], what="the running statistic")


def test_two_steps(student, rng):
    """update_running: two steps towards the same batch are one with the momentum squared."""
    running, batch = rng.normal(size=4), rng.normal(size=4)
    twice = student.update_running(_array(student.update_running(running, batch, 0.5), (4,)), batch, 0.5)
    check_equal(twice, _array(student.update_running(running, batch, 0.25), (4,)), what="the second step", terms=4)


def test_a_step_of_whole_numbers(student):
    """update_running: six nodes, a quarter of the old statistics."""
    check_answer(student.update_running, np.array([4, -8, 1, 0, 5, 2]), np.array([2, 3, -7, 4, 5, 0]), 0.25)


def test_one_layer(student):
    """layernorm: the worked example, one sample of four nodes."""
    a = np.array([[7.0, -1.0, -1.0, 7.0]])
    y = student.layernorm(a, np.array([5.0, 5.0, 10.0, 10.0]), np.array([0.0, 1.0, 0.0, 1.0]), 9.0)
    check_equal(y, [[4, -3, -8, 9]], what="the normalised layer")


def test_layers_alone_and_in_a_batch(student, rng):
    """layernorm: a sample has the same result alone and in a batch."""
    a, given = rng.normal(size=(3, 5)), (rng.normal(size=5), rng.normal(size=5), 0.1)
    y = _array(student.layernorm(a, *given), (3, 5))
    for n in range(3):
        check_equal(student.layernorm(a[n : n + 1], *given), y[n : n + 1], what="a sample alone", terms=10)


def test_nodes_in_another_order(student, rng):
    """layernorm: nodes in another order, with their scales and shifts, have their results in that order."""
    a, gamma, beta, order = rng.normal(size=(3, 5)), rng.normal(size=5), rng.normal(size=5), rng.permutation(5)
    y = _array(student.layernorm(a, gamma, beta, 0.1), (3, 5))
    turned = student.layernorm(a[:, order], gamma[order], beta[order], 0.1)
    check_equal(turned, y[:, order], what="the layers", terms=15)


def test_layers_of_whole_numbers(student):
    """layernorm: three samples of five nodes, to six decimals."""
    gamma, beta = np.array([2, -1, 3, 5, -4]), np.array([1, 0, -2, 6, 3])
    check_answer(student.layernorm, _whole_numbers(3, 5), gamma, beta, 0.5, decimals=6)


def _whole_numbers(*shape):
    """Numbers from -4 to 6 without a pattern that a mistake could hide in."""
    return (np.arange(np.prod(shape)) ** 2 % 11 - 4).reshape(shape)


def _array(value, shape):
    """The student's array, once its shape is right: what follows may do arithmetic with it."""
    is_array = isinstance(value, np.ndarray) and value.shape == shape and value.dtype.kind in "iuf"
    require(is_array, f"The result is an array of shape {shape}.")
    require(np.all(np.isfinite(value)), "The result holds numbers only, no nan or inf.")
    return value
