"""Hidden tests of hw4: each keeps one rule of the handout, on numbers drawn for the student.

Logits of ±10000 come in three kinds, because each breaks another shortcut: all of a row far
from 0, one class far above the rest of its row, and rows far from each other.
"""

import numpy as np

from grader.checks.arrays import check, check_equal, check_error, require
from grader.plugin import points

# softmax: 30 points


@points(2, visibility="visible")
def test_a_single_class(student, rng):
    """A single class has the whole probability."""
    y = student.softmax(rng.normal(size=(1, 1)))
    check_equal(y, np.ones((1, 1)), what="the probability of the only class")


@points(6, visibility="visible")
def test_rows_of_logits(student, rng):
    """Every row of logits becomes a row of probabilities."""
    check(student.softmax, rng.normal(size=(4, 3)))


@points(4)
def test_one_sample(student, rng):
    """A single sample works with and without an axis for the batch."""
    check(student.softmax, rng.normal(size=(1, 5)))
    check(student.softmax, rng.normal(size=4))


@points(4)
def test_more_axes(student, rng):
    """With more axes the classes still lie along the last one."""
    check(student.softmax, rng.normal(size=(2, 4, 3)))
    check(student.softmax, rng.normal(size=(3, 1, 2, 5)))


@points(4)
def test_large_logits(student, rng):
    """Logits far from 0 give the same probabilities as logits near 0."""
    check(student.softmax, 1e4 + rng.normal(size=(3, 4)), silent=True)
    check(student.softmax, rng.normal(size=(2, 3)) - 1e4, silent=True)


@points(3)
def test_one_class_far_above(student, rng):
    """A class far above the others of its row leaves them nothing."""
    logits = rng.normal(size=(3, 5)) - 1e4
    logits[np.arange(3), rng.integers(5, size=3)] = rng.uniform(-2, 2, size=3)
    check(student.softmax, logits, silent=True)


@points(3)
def test_rows_far_apart(student, rng):
    """The scale of one row has no influence on another."""
    for scales in ([600, 0, -300], [1e4, 0, -1e4]):  # e^600 is finite, e^-900 is 0
        check(student.softmax, rng.normal(size=(3, 4)) + np.array([scales]).T, silent=True)


@points(2)
def test_integer_logits(student, rng):
    """Integer logits give float64 probabilities."""
    check(student.softmax, rng.permutation(12).reshape(4, 3) - 5)


@points(1)
def test_float32_logits(student, rng):
    """Probabilities of float32 logits are float32."""
    check(student.softmax, rng.normal(size=(3, 4)).astype(np.float32))


@points(1)
def test_softmax_called_again(student, rng):
    """The probabilities of a second batch have nothing to do with the first."""
    for _ in range(2):
        check(student.softmax, rng.normal(size=(2, 3)))


# cross_entropy: 20 points


@points(2, visibility="visible")
def test_a_certain_prediction(student):
    """A prediction that is certain and right costs nothing."""
    loss = student.cross_entropy(np.ones((1, 1)), np.ones((1, 1)))
    is_one_number = isinstance(loss, int | float | np.number | np.ndarray) and np.size(loss) == 1
    require(is_one_number and np.all(np.abs(loss) < 1e-3), "A prediction that is certain and right costs nothing.")


@points(5, visibility="visible")
def test_the_loss_of_a_batch(student, rng):
    """The loss of a batch is the mean of the losses of its samples."""
    check(student.cross_entropy, _probabilities(rng, 4, 3), _one_hot(rng, 4, 3))


@points(2)
def test_the_loss_of_one_sample(student, rng):
    """A batch of one has the loss of its only sample."""
    y = _probabilities(rng, 1, 5)
    check(student.cross_entropy, y, np.eye(5)[y.argmin(axis=1)])


@points(4)
def test_probabilities_of_zero(student, rng):
    """A term whose target is 0 counts nothing, whatever the probability."""
    t = _one_hot(rng, 4, 3)
    other = np.roll(t, 1, axis=1)  # one class of each row besides the true one gets nothing
    y = _probabilities(rng, 4, 3) * (1 - other)
    check(student.cross_entropy, y / y.sum(axis=1, keepdims=True), t)


@points(2)
def test_knowing_nothing(student, rng):
    """Equal probabilities cost the natural logarithm of the number of classes."""
    classes = int(rng.integers(4, 8))
    t = _one_hot(rng, 3, classes)
    loss = student.cross_entropy(np.full(t.shape, 1 / classes), t)
    check_equal(loss, float(np.log(classes)), what="the loss of equal probabilities", terms=t.size)


@points(1)
def test_integer_probabilities(student, rng):
    """Integer probabilities are as good as others."""
    t = _one_hot(rng, 3, 4).astype(np.int64)
    check(student.cross_entropy, t, t.copy())


@points(1)
def test_float32_probabilities(student, rng):
    """The loss of float32 probabilities is as exact as float32 allows."""
    y, t = _probabilities(rng, 3, 5), _one_hot(rng, 3, 5)
    check(student.cross_entropy, y.astype(np.float32), t.astype(np.float32))


@points(1)
def test_cross_entropy_called_again(student, rng):
    """The loss of a second batch has nothing to do with the first."""
    for _ in range(2):
        check(student.cross_entropy, _probabilities(rng, 2, 4), _one_hot(rng, 2, 4))


@points(2)
def test_probabilities_and_targets_differ(student, rng):
    """Probabilities and targets of different shapes are refused with a ValueError."""
    y = _probabilities(rng, 4, 3)
    check_error(student.cross_entropy, y, _one_hot(rng, 1, 3))
    check_error(student.cross_entropy, y, np.ones((4, 1)))
    check_error(student.cross_entropy, y, _one_hot(rng, 1, 3)[0])
    check_error(student.cross_entropy, y[:1], _one_hot(rng, 4, 3))


# softmax_cross_entropy: 25 points


@points(2, visibility="visible")
def test_the_loss_of_a_single_class(student):
    """Where there is one class only, being right costs nothing."""
    loss = student.softmax_cross_entropy(np.zeros((1, 1)), np.ones((1, 1)))
    is_one_number = isinstance(loss, int | float | np.number | np.ndarray) and np.size(loss) == 1
    require(is_one_number and np.all(np.abs(loss) < 1e-3), "Where there is one class only, being right costs nothing.")


@points(5, visibility="visible")
def test_the_loss_of_logits(student, rng):
    """The loss of logits is the cross-entropy of their softmax."""
    check(student.softmax_cross_entropy, rng.normal(size=(5, 3)), _one_hot(rng, 5, 3))


@points(2)
def test_the_logits_of_one_sample(student, rng):
    """A batch of one has the loss of its only sample, from logits too."""
    check(student.softmax_cross_entropy, rng.normal(size=(1, 4)), _one_hot(rng, 1, 4))


@points(2)
def test_equal_logits(student, rng):
    """Equal logits cost the natural logarithm of the number of classes."""
    classes = int(rng.integers(4, 8))
    t = _one_hot(rng, 3, classes)
    logits = np.full(t.shape, rng.normal())
    loss = student.softmax_cross_entropy(logits, t)
    check_equal(loss, float(np.log(classes)), what="the loss of equal logits", terms=t.size)


@points(4)
def test_the_loss_of_large_logits(student, rng):
    """Logits far from 0 cost what the same logits near 0 cost."""
    t = _one_hot(rng, 3, 4)
    check(student.softmax_cross_entropy, 1e4 + rng.normal(size=(3, 4)), t, silent=True)
    check(student.softmax_cross_entropy, rng.normal(size=(3, 4)) - 1e4, t, silent=True)


@points(3)
def test_certain_and_wrong(student, rng):
    """A prediction that is certain and wrong has a large, finite loss."""
    t = _one_hot(rng, 2, 4)
    logits = rng.normal(size=(2, 4)) - 1e4 * (t + np.roll(t, 1, axis=1))
    check(student.softmax_cross_entropy, logits, t)
    check(student.softmax_cross_entropy, logits + 1e4, t, silent=True)


@points(2)
def test_losses_of_rows_far_apart(student, rng):
    """The scale of one row has no influence on the loss of another."""
    for scales in ([600, 0, -300], [1e4, 0, -1e4]):  # e^600 is finite, e^-900 is 0
        logits = rng.normal(size=(3, 4)) + np.array([scales]).T
        check(student.softmax_cross_entropy, logits, _one_hot(rng, 3, 4), silent=True)


@points(1)
def test_the_loss_of_integer_logits(student, rng):
    """Integer logits cost what the same numbers cost as floats."""
    check(student.softmax_cross_entropy, rng.permutation(12).reshape(3, 4) - 5, _one_hot(rng, 3, 4))


@points(1)
def test_the_loss_of_float32_logits(student, rng):
    """The loss of float32 logits is as exact as float32 allows."""
    logits, t = rng.normal(size=(4, 5)), _one_hot(rng, 4, 5)
    check(student.softmax_cross_entropy, logits.astype(np.float32), t.astype(np.float32))


@points(1)
def test_softmax_cross_entropy_called_again(student, rng):
    """The loss of a second batch of logits has nothing to do with the first."""
    for _ in range(2):
        check(student.softmax_cross_entropy, rng.normal(size=(2, 3)), _one_hot(rng, 2, 3))


@points(2)
def test_logits_and_targets_differ(student, rng):
    """Logits and targets of different shapes are refused with a ValueError."""
    logits = rng.normal(size=(4, 3))
    check_error(student.softmax_cross_entropy, logits, _one_hot(rng, 1, 3))
    check_error(student.softmax_cross_entropy, logits, np.ones((4, 1)))
    check_error(student.softmax_cross_entropy, logits, _one_hot(rng, 1, 3)[0])
    check_error(student.softmax_cross_entropy, logits[:1], _one_hot(rng, 4, 3))


# softmax_cross_entropy_gradient: 25 points


@points(2, visibility="visible")
def test_the_shape_of_the_gradient(student, rng):
    """The gradient has one number for each logit."""
    gradient = student.softmax_cross_entropy_gradient(rng.normal(size=(3, 4)), _one_hot(rng, 3, 4))
    has_the_shape = isinstance(gradient, np.ndarray) and gradient.shape == (3, 4)
    require(has_the_shape, "The gradient is an array of the shape of the logits.")


@points(5, visibility="visible")
def test_the_gradient_of_a_batch(student, rng):
    """The gradient is that of the mean loss of the batch."""
    check(student.softmax_cross_entropy_gradient, rng.normal(size=(4, 3)), _one_hot(rng, 4, 3))


@points(3)
def test_the_gradient_of_one_sample(student, rng):
    """A batch of one has the gradient of its only sample."""
    check(student.softmax_cross_entropy_gradient, rng.normal(size=(1, 5)), _one_hot(rng, 1, 5))


@points(4)
def test_the_gradient_at_large_logits(student, rng):
    """Logits far from 0 have the gradient of the same logits near 0."""
    t = _one_hot(rng, 3, 4)
    check(student.softmax_cross_entropy_gradient, 1e4 + rng.normal(size=(3, 4)), t, silent=True)
    check(student.softmax_cross_entropy_gradient, rng.normal(size=(3, 4)) - 1e4, t, silent=True)


@points(2)
def test_the_gradient_of_certain_predictions(student, rng):
    """A certain prediction has a finite gradient, right or wrong."""
    logits = rng.normal(size=(3, 5)) - 1e4
    logits[np.arange(3), rng.integers(5, size=3)] = rng.uniform(-2, 2, size=3)
    check(student.softmax_cross_entropy_gradient, logits, _one_hot(rng, 3, 5))


@points(2)
def test_gradients_of_rows_far_apart(student, rng):
    """The scale of one row has no influence on the gradient of another."""
    for scales in ([600, 0, -300], [1e4, 0, -1e4]):  # e^600 is finite, e^-900 is 0
        logits = rng.normal(size=(3, 4)) + np.array([scales]).T
        check(student.softmax_cross_entropy_gradient, logits, _one_hot(rng, 3, 4), silent=True)


@points(2)
def test_the_gradient_of_integer_logits(student, rng):
    """Integer logits give a float64 gradient."""
    t = _one_hot(rng, 4, 3)
    check(student.softmax_cross_entropy_gradient, rng.permutation(12).reshape(4, 3) - 5, t)


@points(1)
def test_the_gradient_of_float32_logits(student, rng):
    """The gradient of float32 logits is float32."""
    logits, t = rng.normal(size=(3, 4)), _one_hot(rng, 3, 4)
    check(student.softmax_cross_entropy_gradient, logits.astype(np.float32), t.astype(np.float32))


@points(2)
def test_the_gradient_called_again(student, rng):
    """The gradient of a second batch has nothing to do with the first."""
    for _ in range(2):
        check(student.softmax_cross_entropy_gradient, rng.normal(size=(2, 3)), _one_hot(rng, 2, 3))


@points(2)
def test_the_shapes_of_the_gradient_differ(student, rng):
    """The gradient for targets of another shape is refused with a ValueError."""
    logits = rng.normal(size=(4, 3))
    check_error(student.softmax_cross_entropy_gradient, logits, _one_hot(rng, 1, 3))
    check_error(student.softmax_cross_entropy_gradient, logits, np.ones((4, 1)))
    check_error(student.softmax_cross_entropy_gradient, logits, _one_hot(rng, 1, 3)[0])
    check_error(student.softmax_cross_entropy_gradient, logits[:1], _one_hot(rng, 4, 3))


def _probabilities(rng, samples, classes):
    """Rows that sum to 1, with nothing near 0, (N, K)."""
    return rng.dirichlet(np.full(classes, 4.0), size=samples)


def _one_hot(rng, samples, classes):
    """A 1 at one class of each row, (N, K)."""
    return np.eye(classes)[rng.integers(classes, size=samples)]
