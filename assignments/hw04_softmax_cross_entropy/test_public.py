"""Public tests of hw4: worked examples, and laws that every softmax and its loss keep.

`grade hw4` runs them at home. They give no points and no answers away: a law compares your
function with itself, on other arguments, and `check_answer` compares hashes.
"""

import numpy as np

from grader.checks.answers import check_answer
from grader.checks.arrays import check_equal, require


def test_three_classes(student):
    """The worked example, logits log 1, log 2 and log 5."""
    check_equal(student.softmax(np.log([[1.0, 2.0, 5.0]])), [[0.125, 0.25, 0.625]], what="the probabilities")


def test_sums_of_one(student, rng):
    """The probabilities of every sample add up to 1."""
    y = _array(student.softmax(rng.normal(size=(3, 2, 5))), (3, 2, 5))
    check_equal(y.sum(axis=-1), np.ones((3, 2)), what="the sums along the last axis", terms=5)


def test_shifted_logits(student, rng):
    """Adding the same number to all logits of a sample changes nothing, however large it is."""
    z = rng.integers(-3, 4, size=(2, 4)).astype(float)
    y = _array(student.softmax(z), (2, 4))
    for shift in (5.0, 10000.0, -10000.0):
        check_equal(student.softmax(z + shift), y, what="the probabilities of shifted logits", terms=4)


def test_classes_in_another_order(student, rng):
    """Classes in another order have their probabilities in that order."""
    z, order = rng.normal(size=(3, 5)), rng.permutation(5)
    y = _array(student.softmax(z), (3, 5))
    check_equal(student.softmax(z[:, order]), y[:, order], what="the probabilities in another order", terms=5)


def test_samples_alone(student, rng):
    """A sample has the same probabilities alone and in a batch."""
    z = rng.normal(size=(3, 4))
    y = _array(student.softmax(z), (3, 4))
    for row, probabilities in zip(z, y, strict=True):
        check_equal(student.softmax(row), probabilities, what="the probabilities of one sample", terms=4)


def test_logits_of_whole_numbers(student):
    """Two samples of four logits, to six decimals."""
    check_answer(student.softmax, np.array([[2, -1, 0, 3], [1, 1, -2, 0]]), decimals=6)


def test_logits_in_three_axes(student):
    """Twelve samples of two logits, thousands among them: the classes lie along the last axis."""
    check_answer(student.softmax, (np.arange(24) ** 2 % 7 * 500).reshape(3, 4, 2) - 1000, decimals=6)


def test_two_samples(student):
    """The worked example, one sample at 1/4 and one at 1/9."""
    y = np.array([[0.25, 0.75], [8 / 9, 1 / 9]])
    t = np.array([[1.0, 0.0], [0.0, 1.0]])
    check_equal(student.cross_entropy(y, t), float(np.log(6)), what="the mean of log 4 and log 9", terms=4)


def test_a_right_and_certain_batch(student):
    """Predictions that are certain and right cost nothing, zeros and all."""
    t = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    check_equal(student.cross_entropy(t.copy(), t), 0.0, what="the loss")


def test_a_batch_twice(student, rng):
    """The same samples twice have the same mean loss."""
    y, t = rng.dirichlet(np.ones(4) * 3, size=3), np.eye(4)[rng.integers(4, size=3)]
    once = _number(student.cross_entropy(y, t))
    check_equal(student.cross_entropy(np.vstack([y, y]), np.vstack([t, t])), once, what="the loss", terms=24)


def test_three_predictions(student):
    """Three samples of four classes, to six decimals."""
    y = np.array([[5, 1, 1, 1], [2, 2, 3, 1], [0, 4, 0, 4]]) / 8
    check_answer(student.cross_entropy, y, np.eye(4)[[0, 2, 3]], decimals=6)


def test_the_loss_of_two_logits(student):
    """The worked example, logits 0 and log 3, the first class true."""
    loss = student.softmax_cross_entropy(np.array([[0.0, np.log(3)]]), np.array([[1.0, 0.0]]))
    check_equal(loss, float(np.log(4)), what="the loss", terms=2)


def test_the_loss_of_shifted_logits(student, rng):
    """Adding the same number to all logits of a sample changes nothing."""
    z, t = rng.integers(-3, 4, size=(2, 4)).astype(float), np.eye(4)[rng.integers(4, size=2)]
    loss = _number(student.softmax_cross_entropy(z, t))
    for shift in (8.0, 10000.0, -10000.0):
        check_equal(student.softmax_cross_entropy(z + shift, t), loss, what="the loss of shifted logits", terms=10000)


def test_a_gap_of_thousands(student):
    """Far behind the winner, the loss is the gap to it."""
    z = np.array([[7000.0, 0.0, -2000.0]])
    for true, gap in enumerate([0.0, 7000.0, 9000.0]):
        loss = student.softmax_cross_entropy(z, np.eye(3)[[true]])
        check_equal(loss, gap, what="the loss of a class behind the winner", terms=3)


def test_the_loss_of_whole_numbers(student):
    """Three samples of four logits, the last of them large, to six decimals."""
    z = np.array([[2, -1, 0, 3], [1, 1, -2, 0], [900, -800, 901, 0]])
    check_answer(student.softmax_cross_entropy, z, np.eye(4)[[1, 0, 2]], decimals=6)


def test_the_gradient_of_two_logits(student):
    """The worked example, logits 0 and log 3, the second class true."""
    gradient = student.softmax_cross_entropy_gradient(np.array([[0.0, np.log(3)]]), np.array([[0.0, 1.0]]))
    check_equal(gradient, [[0.25, -0.25]], what="the gradient", terms=2)


def test_gradients_of_sum_zero(student, rng):
    """The gradient of every sample adds up to 0."""
    z, t = rng.normal(size=(4, 3)), np.eye(3)[rng.integers(3, size=4)]
    gradient = _array(student.softmax_cross_entropy_gradient(z, t), (4, 3))
    check_equal(gradient.sum(axis=1), np.zeros(4), what="the sums of the rows", terms=3)


def test_a_small_step_downhill(student, rng):
    """The true class is pulled up and every other class pushed down."""
    z, t = rng.normal(size=(5, 3)), np.eye(3)[rng.integers(3, size=5)]
    gradient = _array(student.softmax_cross_entropy_gradient(z, t), (5, 3))
    require(np.all(gradient[t == 1] < 0), "The entry of the true class is negative: a larger logit lowers the loss.")
    require(np.all(gradient[t == 0] > 0), "The entries of the other classes are positive.")


def test_the_gradient_of_a_batch_twice(student, rng):
    """In a batch of twice the size, a sample has half the weight."""
    z, t = rng.normal(size=(2, 4)), np.eye(4)[rng.integers(4, size=2)]
    once = _array(student.softmax_cross_entropy_gradient(z, t), (2, 4))
    twice = student.softmax_cross_entropy_gradient(np.vstack([z, z]), np.vstack([t, t]))
    check_equal(twice, np.vstack([once, once]) / 2, what="the gradient of the batch twice", terms=8)


def test_the_gradient_of_whole_numbers(student):
    """Three samples of four logits, the last of them large, to six decimals."""
    z = np.array([[2, -1, 0, 3], [1, 1, -2, 0], [900, -800, 901, 0]])
    check_answer(student.softmax_cross_entropy_gradient, z, np.eye(4)[[1, 0, 2]], decimals=6)


def _array(value, shape):
    """The student's array, once its shape is right: what follows may do arithmetic with it."""
    is_array = isinstance(value, np.ndarray) and value.shape == shape and value.dtype.kind in "iuf"
    require(is_array, f"The result is an array of shape {shape}.")
    require(np.all(np.isfinite(value)), "The result holds numbers only, no nan or inf.")
    return value


def _number(value):
    """The student's number, once it is one: what follows may compare with it."""
    is_single = isinstance(value, int | float | np.number | np.ndarray) and np.shape(value) == ()
    is_number = is_single and np.asarray(value).dtype.kind in "biufc"
    require(is_number and np.isfinite(value), "The loss is a single number, not nan or inf.")
    return float(np.real(value))
