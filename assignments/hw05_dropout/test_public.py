"""Public tests of hw5: worked examples, and laws that hold for every mask and every node.

`grade hw5` runs them at home. They give no points and no answers away: a law compares your
functions with themselves, on other arguments, and `check_answer` compares hashes.
"""

import numpy as np

from grader.checks.answers import check_answer
from grader.checks.arrays import check_equal, require
from grader.checks.statistics import check_distinct, check_rate, check_repeats


def test_what_stays_is_as_it_was(student, rng):
    """dropout_train: the values are the mask times x."""
    x = rng.normal(size=(3, 5))
    values, mask = _pair(student.dropout_train(x, 0.6, _seed(rng)), x)
    check_equal(values, mask * x, what="the values")


def test_all_stay_or_none(student, rng):
    """dropout_train: at 1 every node stays, at 0 none does."""
    x = rng.normal(size=(3, 4))
    _, mask = _pair(student.dropout_train(x, 1.0, _seed(rng)), x)
    require(mask.all(), "At a probability of 1 every node stays.")
    _, mask = _pair(student.dropout_train(x, 0.0, _seed(rng)), x)
    require(not mask.any(), "At a probability of 0 every node drops out.")


def test_three_quarters_stay(student, rng):
    """dropout_train: at 0.75, about three quarters of many nodes stay."""
    x = rng.normal(size=(20, 50))
    _, mask = _pair(student.dropout_train(x, 0.75, _seed(rng)), x)
    check_rate(student.dropout_train, [mask], 0.75)


def test_one_seed_twice(student, rng):
    """dropout_train: one seed gives one mask, and another seed another one."""
    x, seed = rng.normal(size=(5, 10)), _seed(rng)
    masks = [_pair(student.dropout_train(x, 0.5, each), x)[1] for each in (seed, seed + 1, seed)]
    check_repeats(student.dropout_train, masks[0], masks[2])
    check_distinct(student.dropout_train, masks[:2], 0.5)


def test_a_layer_at_inference(student):
    """dropout_inference: the worked example, three quarters of 8, -4 and 2."""
    scaled = student.dropout_inference(np.array([8.0, -4.0, 2.0]), 0.75)
    check_equal(scaled, [6.0, -3.0, 1.5], what="the scaled values")


def test_integers_at_inference(student):
    """dropout_inference: integer values are not cut to integers."""
    check_equal(student.dropout_inference(np.array([[1], [3]]), 0.5), np.array([[0.5], [1.5]]), what="the values")


def test_whole_numbers_at_inference(student):
    """dropout_inference: two rows of whole numbers, a quarter of each."""
    check_answer(student.dropout_inference, np.array([[3, -5, 8], [2, 0, 7]]), 0.25)


def test_what_stays_is_scaled_up(student, rng):
    """inverted_dropout_train: at 0.5 what stays is doubled."""
    x = rng.normal(size=(3, 5))
    values, mask = _pair(student.inverted_dropout_train(x, 0.5, _seed(rng)), x)
    check_equal(values, mask * x + mask * x, what="the values")


def test_a_fifth_stays(student, rng):
    """inverted_dropout_train: at 0.2, about a fifth of many nodes stays."""
    x = rng.normal(size=(20, 50))
    _, mask = _pair(student.inverted_dropout_train(x, 0.2, _seed(rng)), x)
    check_rate(student.inverted_dropout_train, [mask], 0.2)


def test_variances(student):
    """bernoulli_variance: the worked examples, 1/2 and 3/4, and what is certain."""
    check_equal(student.bernoulli_variance(0.5), 0.25, what="the variance at 1/2")
    check_equal(student.bernoulli_variance(np.array([0.75, 1.0, 0.0])), [0.1875, 0.0, 0.0], what="the variances")


def test_staying_and_dropping_out(student, rng):
    """bernoulli_variance: dropping out varies as much as staying."""
    p = rng.uniform(size=5)
    variances = student.bernoulli_variance(p)
    is_array = isinstance(variances, np.ndarray) and variances.shape == p.shape and variances.dtype.kind in "iuf"
    require(is_array and np.isfinite(variances).all(), "The answer is an array of the shape of p, without nan or inf.")
    check_equal(student.bernoulli_variance(1 - p), variances, what="the variances of 1 - p")


def test_variances_by_their_hashes(student):
    """bernoulli_variance: eighths, two rows of them."""
    check_answer(student.bernoulli_variance, np.array([[1, 3, 5], [7, 2, 8]]) / 8)


def test_two_inputs(student):
    """ensemble_gradient: the worked example, o_ENS = 2 and t = 3."""
    gradient = student.ensemble_gradient(*_example())
    check_equal(gradient, [-1.0, -0.5], what="the gradient")


def test_an_output_on_target(student, rng):
    """ensemble_gradient: where the ensemble's output is the target, nothing is to be changed."""
    w, inputs, p = rng.normal(size=4), rng.normal(size=4), rng.uniform(0.2, 0.9, size=4)
    gradient = student.ensemble_gradient(w, inputs, float(np.sum(w * inputs * p)), p)
    check_equal(gradient, np.zeros(4), what="the gradient", terms=4)


def test_five_inputs_of_an_ensemble(student):
    """ensemble_gradient: five inputs, each with a probability of its own."""
    check_answer(student.ensemble_gradient, *_whole_numbers())


def test_the_mean_over_four_masks(student):
    """expected_dropout_gradient: the worked example, whose mean over four masks is 0."""
    check_equal(student.expected_dropout_gradient(*_example()), [0.0, 0.0], what="the expected gradient")


def test_the_mean_over_all_masks(student, rng):
    """expected_dropout_gradient: it is the mean of (9.4.8) over all eight masks of three inputs."""
    w, inputs, p = rng.normal(size=3), rng.normal(size=3), rng.uniform(0.2, 0.9, size=3)
    mean = np.zeros(3)
    for mask in np.ndindex(2, 2, 2):
        drawn = np.array(mask)
        chance = np.prod(np.where(drawn == 1, p, 1 - p))
        mean -= chance * (0.5 - np.sum(drawn * w * inputs)) * drawn * inputs
    check_equal(student.expected_dropout_gradient(w, inputs, 0.5, p), mean, what="the expected gradient", terms=24)


def test_five_inputs_and_all_masks(student):
    """expected_dropout_gradient: five inputs, each with a probability of its own."""
    check_answer(student.expected_dropout_gradient, *_whole_numbers())


def test_the_error_of_two_inputs(student):
    """regularized_error: the worked example, 1/2 for the ensemble and 1 for the variance."""
    check_equal(student.regularized_error(*_example()), 1.5, what="the error")


def test_the_sign_of_a_node(student, rng):
    """regularized_error: weights and target of the other sign have the same error."""
    w, inputs, p = rng.normal(size=4), rng.normal(size=4), rng.uniform(0.2, 0.9, size=4)
    error = _number(student.regularized_error(w, inputs, 1.5, p))
    check_equal(student.regularized_error(-w, inputs, -1.5, p), error, what="the error", terms=8)


def test_the_error_of_five_inputs(student):
    """regularized_error: five inputs, each with a probability of its own."""
    check_answer(student.regularized_error, *_whole_numbers())


def test_squares_and_sizes(student):
    """weight_decay: the worked example, weights 3 and -4."""
    weights = np.array([[3.0], [-4.0]])
    check_equal(student.weight_decay(weights, 0.5), 12.5, what="the sum of squares, halved by the strength")
    check_equal(student.weight_decay(weights, 0.5, norm="l1"), 3.5, what="the sum of sizes, halved by the strength")


def test_weights_twice_as_large(student, rng):
    """weight_decay: weights twice as large cost four times as much in l2 and twice as much in l1."""
    weights = rng.normal(size=(2, 3, 2))
    for norm, factor in (("l2", 4), ("l1", 2)):
        once = _number(student.weight_decay(weights, 0.3, norm=norm))
        check_equal(student.weight_decay(2 * weights, 0.3, norm=norm), factor * once, what="the term", terms=12)


def test_decay_of_whole_numbers(student):
    """weight_decay: weights in three axes, with both norms."""
    weights = (np.arange(24) ** 2 % 11 - 4).reshape(2, 3, 4)
    check_answer(student.weight_decay, weights, 0.25)
    check_answer(student.weight_decay, weights, 0.25, norm="l1")


def _pair(answer, x):
    """Values and mask, once they are two arrays of the shape of x, and the mask holds zeros and ones."""
    arrays = answer if isinstance(answer, tuple | list) else ()
    is_pair = len(arrays) == 2 and all(isinstance(part, np.ndarray) and part.shape == x.shape for part in arrays)
    require(is_pair, "The answer is a pair of arrays of the shape of x: values and mask.")
    values, mask = arrays
    require(mask.dtype.kind in "biuf" and np.isin(mask, (0, 1)).all(), "The mask holds zeros and ones.")
    return values, mask.astype(np.int64)


def _number(value):
    """The answer, once it is a single number."""
    is_single = isinstance(value, int | float | np.number | np.ndarray) and np.shape(value) == ()
    is_number = is_single and np.asarray(value).dtype.kind in "biuf"
    require(is_number and np.isfinite(value), "The answer is a single number, not nan or inf.")
    return float(value)


def _seed(rng):
    return int(rng.integers(2**31))


def _example():
    """The node of the handout: w, inputs, t, p."""
    return np.array([1.0, 2.0]), np.array([2.0, 1.0]), 3.0, np.array([0.5, 0.5])


def _whole_numbers():
    """A node with five inputs: w, inputs, t, and p in quarters."""
    return np.array([2, -1, 3, 5, -4]), np.array([1, 6, -2, 3, 2]), 7, np.array([1, 2, 3, 1, 4]) / 4
