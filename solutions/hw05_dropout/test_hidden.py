"""Hidden tests of hw5: each keeps one rule of the handout, on numbers drawn for the student.

Masks may be drawn in any way, so a mask is never compared with the reference's: values are
held against the student's own mask, and masks against what chance allows. Every test of
chance fails a right function less than once in a million; where a test makes two such
checks, each of them has half of that. A rate is looked at in one row of nodes and not in
a batch: one mask for all samples breaks the rule of independence, not that of the rate.
"""

import numpy as np

from grader.checks.arrays import check, check_error, require
from grader.checks.statistics import (
    FALSE_ALARM,
    ask,
    check_distinct,
    check_fact,
    check_independent,
    check_part,
    check_private,
    check_rate,
    check_repeats,
    check_spread,
    check_unchanged,
)
from grader.plugin import points

# dropout_train: 24 points


@points(1, visibility="visible")
def test_values_and_mask(student, rng):
    """The answer is a pair: the values, and the mask of zeros and ones."""
    _draw(student.dropout_train, rng.normal(size=(2, 3)), 0.75, _seed(rng))


@points(1, visibility="visible")
def test_every_node_stays(student, rng):
    """At a probability of 1 every node stays as it is."""
    x = rng.normal(size=(4, 6))
    values, mask = _draw(student.dropout_train, x, 1.0, _seed(rng))
    check_fact(student.dropout_train, mask.all(), "A node dropped out that stays with probability 1.")
    check_part(student.dropout_train, values, x, what="the values")


@points(1)
def test_no_node_stays(student, rng):
    """At a probability of 0 every node drops out."""
    x = rng.normal(size=(4, 6))
    values, mask = _draw(student.dropout_train, x, 0.0, _seed(rng))
    check_fact(student.dropout_train, not mask.any(), "A node stayed that stays with probability 0.")
    check_part(student.dropout_train, values, 0 * x, what="the values")


@points(4, visibility="visible")
def test_the_values_of_a_mask(student, rng):
    """A node that stays keeps its value, one that drops out is 0."""
    x = rng.normal(size=(5, 7))
    values, mask = _draw(student.dropout_train, x, rng.uniform(0.6, 0.8), _seed(rng))
    check_part(student.dropout_train, values, mask * x, what="the values")


@points(3)
def test_the_share_of_nodes_that_stay(student, rng):
    """A node stays with the probability that is asked for."""
    for p in (rng.uniform(0.2, 0.3), rng.uniform(0.7, 0.8)):
        masks = _masks(student.dropout_train, rng, (2000,), p, count=2)
        check_rate(student.dropout_train, masks, p, false_alarm=FALSE_ALARM / 2)


@points(3)
def test_nodes_drop_out_independently(student, rng):
    """Every node of every sample drops out on its own."""
    for shape in ((6, 8), (3, 5, 4, 4)):
        masks = _masks(student.dropout_train, rng, shape, 0.5, count=8)
        check_independent(student.dropout_train, masks, 0.5, false_alarm=FALSE_ALARM / 2)


@points(2)
def test_the_number_of_nodes_that_stay(student, rng):
    """How many nodes stay is a matter of chance too."""
    masks = _masks(student.dropout_train, rng, (5, 6), 0.5, count=16)
    check_spread(student.dropout_train, masks, 0.5)


@points(2)
def test_the_same_seed(student, rng):
    """The same seed gives the same mask, and nothing but that seed is drawn from."""
    x, p, seed = rng.normal(size=(4, 6)), 0.5, _seed(rng)
    first = _draw(student.dropout_train, x, p, seed)
    _draw(student.dropout_train, rng.normal(size=(3, 5)), 0.4, _seed(rng))
    check_repeats(student.dropout_train, first, _draw(student.dropout_train, x, p, seed))
    check_private(student.dropout_train)


@points(2)
def test_other_seeds(student, rng):
    """Another seed gives another mask."""
    masks = _masks(student.dropout_train, rng, (6, 8), 0.5, count=4)
    check_distinct(student.dropout_train, masks, 0.5)


@points(1)
def test_nodes_of_value_zero(student, rng):
    """A node whose value is 0 stays or drops out like any other."""
    x = np.maximum(rng.normal(size=(4, 9)), 0)
    _, mask = _draw(student.dropout_train, x, 1.0, _seed(rng))
    check_fact(student.dropout_train, mask.all(), "A node dropped out that stays with probability 1.")


@points(1)
def test_integer_nodes(student, rng):
    """Integer values give float64, and are left as they were."""
    x = rng.integers(1, 10, size=(4, 7))
    values, mask = _draw(student.dropout_train, x, 0.6, _seed(rng))
    check_part(student.dropout_train, values, mask * x.astype(np.float64), what="the values")


@points(1)
def test_float32_nodes(student, rng):
    """Dropout keeps float32."""
    x = rng.normal(size=(4, 7)).astype(np.float32)
    values, mask = _draw(student.dropout_train, x, 0.6, _seed(rng))
    check_part(student.dropout_train, values, mask.astype(np.float32) * x, what="the values")


@points(1)
def test_layers_of_any_shape(student, rng):
    """A row of nodes and a batch of feature maps work alike, and are left as they were."""
    for shape in ((11,), (1, 3), (2, 4, 3, 5)):
        x = rng.normal(size=shape)
        values, mask = _draw(student.dropout_train, x, 0.5, _seed(rng))
        check_part(student.dropout_train, values, mask * x, what="the values")
        check_unchanged(student.dropout_train)


@points(1)
def test_impossible_probabilities(student, rng):
    """A probability outside [0, 1] is refused with a ValueError."""
    x = rng.normal(size=(3, 4))
    check_error(student.dropout_train, x, -rng.uniform(0.1, 0.9), _seed(rng))
    check_error(student.dropout_train, x, 1 + rng.uniform(0.1, 0.9), _seed(rng))


# dropout_inference: 8 points


@points(1, visibility="visible")
def test_a_layer_without_dropout(student, rng):
    """Where every node stayed, nothing changes."""
    check(student.dropout_inference, rng.normal(size=(2, 3)), 1.0)


@points(2, visibility="visible")
def test_every_node_in_its_place(student, rng):
    """After training every node counts with the probability that it stayed."""
    check(student.dropout_inference, rng.normal(size=(6, 8)), rng.uniform(0.55, 0.75))


@points(1)
def test_inference_of_any_shape(student, rng):
    """Layers of any shape are scaled, at any probability."""
    check(student.dropout_inference, rng.normal(size=13), rng.uniform(0.1, 0.4))
    check(student.dropout_inference, rng.normal(size=(1, 5, 3, 4)), rng.uniform(0.55, 0.75))
    check(student.dropout_inference, rng.normal(size=(3, 1)), 0.0)


@points(1)
def test_inference_of_integers(student, rng):
    """Integer values are scaled in float64."""
    check(student.dropout_inference, rng.integers(-9, 10, size=(5, 8)), rng.uniform(0.55, 0.75))


@points(1)
def test_inference_of_float32(student, rng):
    """Scaling keeps float32."""
    check(student.dropout_inference, rng.normal(size=(5, 8)).astype(np.float32), rng.uniform(0.55, 0.75))


@points(1)
def test_inference_called_again(student, rng):
    """A second layer has nothing to do with the first."""
    for _ in range(2):
        check(student.dropout_inference, rng.normal(size=(6, 8)), rng.uniform(0.55, 0.75))


@points(1)
def test_inference_at_impossible_probabilities(student, rng):
    """Inference refuses a probability outside [0, 1] with a ValueError."""
    x = rng.normal(size=(3, 4))
    check_error(student.dropout_inference, x, 1 + rng.uniform(0.1, 0.9))
    check_error(student.dropout_inference, x, -rng.uniform(0.1, 0.9))


# inverted_dropout_train: 20 points


@points(1, visibility="visible")
def test_inverted_values_and_mask(student, rng):
    """Inverted dropout gives a pair too: the values, and the mask of zeros and ones."""
    _draw(student.inverted_dropout_train, rng.normal(size=(2, 3)), 0.75, _seed(rng))


@points(1, visibility="visible")
def test_every_node_stays_inverted(student, rng):
    """Inverted dropout at a probability of 1 leaves every node as it is."""
    x = rng.normal(size=(4, 6))
    values, mask = _draw(student.inverted_dropout_train, x, 1.0, _seed(rng))
    check_fact(student.inverted_dropout_train, mask.all(), "A node dropped out that stays with probability 1.")
    check_part(student.inverted_dropout_train, values, x, what="the values")


@points(4, visibility="visible")
def test_the_scaled_values_of_a_mask(student, rng):
    """A node that stays is scaled up by the probability that it stays."""
    x, p = rng.normal(size=(5, 7)), rng.uniform(0.6, 0.8)
    values, mask = _draw(student.inverted_dropout_train, x, p, _seed(rng))
    check_part(student.inverted_dropout_train, values, mask * x / p, what="the values")


@points(2)
def test_the_share_of_nodes_that_stay_inverted(student, rng):
    """Inverted dropout keeps a node with the probability that is asked for."""
    for p in (rng.uniform(0.2, 0.3), rng.uniform(0.7, 0.8)):
        masks = _masks(student.inverted_dropout_train, rng, (2000,), p, count=2)
        check_rate(student.inverted_dropout_train, masks, p, false_alarm=FALSE_ALARM / 2)


@points(2)
def test_nodes_drop_out_independently_inverted(student, rng):
    """Inverted dropout draws for every node of every sample on its own."""
    for shape in ((6, 8), (3, 5, 4, 4)):
        masks = _masks(student.inverted_dropout_train, rng, shape, 0.5, count=8)
        check_independent(student.inverted_dropout_train, masks, 0.5, false_alarm=FALSE_ALARM / 2)


@points(1)
def test_the_number_of_nodes_that_stay_inverted(student, rng):
    """How many nodes inverted dropout keeps is a matter of chance."""
    masks = _masks(student.inverted_dropout_train, rng, (5, 6), 0.5, count=16)
    check_spread(student.inverted_dropout_train, masks, 0.5)


@points(2)
def test_the_same_seed_inverted(student, rng):
    """Inverted dropout gives the same mask for the same seed, and draws from nothing else."""
    x, p, seed = rng.normal(size=(4, 6)), 0.5, _seed(rng)
    first = _draw(student.inverted_dropout_train, x, p, seed)
    _draw(student.inverted_dropout_train, rng.normal(size=(3, 5)), 0.4, _seed(rng))
    check_repeats(student.inverted_dropout_train, first, _draw(student.inverted_dropout_train, x, p, seed))
    check_private(student.inverted_dropout_train)


@points(1)
def test_other_seeds_inverted(student, rng):
    """Inverted dropout gives another mask for another seed."""
    masks = _masks(student.inverted_dropout_train, rng, (6, 8), 0.5, count=4)
    check_distinct(student.inverted_dropout_train, masks, 0.5)


@points(1)
def test_nodes_of_value_zero_inverted(student, rng):
    """Inverted dropout draws for a node of value 0 as for any other."""
    x = np.maximum(rng.normal(size=(4, 9)), 0)
    _, mask = _draw(student.inverted_dropout_train, x, 1.0, _seed(rng))
    check_fact(student.inverted_dropout_train, mask.all(), "A node dropped out that stays with probability 1.")


@points(1)
def test_integer_nodes_inverted(student, rng):
    """Inverted dropout of integer values gives float64."""
    x, p = rng.integers(1, 10, size=(4, 7)), rng.uniform(0.6, 0.8)
    values, mask = _draw(student.inverted_dropout_train, x, p, _seed(rng))
    check_part(student.inverted_dropout_train, values, mask * x / p, what="the values")


@points(1)
def test_float32_nodes_inverted(student, rng):
    """Inverted dropout keeps float32."""
    x, p = rng.normal(size=(4, 7)).astype(np.float32), rng.uniform(0.6, 0.8)
    values, mask = _draw(student.inverted_dropout_train, x, p, _seed(rng))
    check_part(student.inverted_dropout_train, values, (mask * x / p).astype(np.float32), what="the values")


@points(1)
def test_inverted_layers_of_any_shape(student, rng):
    """Inverted dropout takes layers of any shape, and leaves them as they were."""
    for shape in ((11,), (1, 3), (2, 4, 3, 5)):
        x = rng.normal(size=shape)
        values, mask = _draw(student.inverted_dropout_train, x, 0.4, _seed(rng))
        check_part(student.inverted_dropout_train, values, mask * x / 0.4, what="the values")
        check_unchanged(student.inverted_dropout_train)


@points(1)
def test_impossible_probabilities_inverted(student, rng):
    """Inverted dropout refuses a probability outside [0, 1] with a ValueError."""
    x = rng.normal(size=(3, 4))
    check_error(student.inverted_dropout_train, x, -rng.uniform(0.1, 0.9), _seed(rng))
    check_error(student.inverted_dropout_train, x, 1 + rng.uniform(0.1, 0.9), _seed(rng))


@points(1)
def test_a_probability_of_zero_inverted(student, rng):
    """Inverted dropout refuses a probability of 0: no number could scale nothing up."""
    check_error(student.inverted_dropout_train, rng.normal(size=(3, 4)), 0.0, _seed(rng))


# bernoulli_variance: 8 points


@points(1, visibility="visible")
def test_the_variance_of_one_node(student, rng):
    """A single probability gives a single variance."""
    check(student.bernoulli_variance, rng.uniform(0.1, 0.4))


@points(2, visibility="visible")
def test_the_variance_of_many_nodes(student, rng):
    """An array of probabilities gives the variance of each."""
    check(student.bernoulli_variance, rng.uniform(size=7))
    check(student.bernoulli_variance, rng.uniform(size=(2, 3, 4)))


@points(1)
def test_the_variance_of_certain_nodes(student):
    """What is certain does not vary; integers are as good as other numbers."""
    check(student.bernoulli_variance, 1)
    check(student.bernoulli_variance, 0.0)
    check(student.bernoulli_variance, np.array([0, 1, 1, 0]))


@points(1)
def test_the_variance_in_float32(student, rng):
    """Variances of float32 probabilities are float32."""
    check(student.bernoulli_variance, rng.uniform(size=(3, 2)).astype(np.float32))


@points(1)
def test_the_variance_called_again(student, rng):
    """The variance of other nodes has nothing to do with the first."""
    for _ in range(2):
        check(student.bernoulli_variance, rng.uniform(size=5))


@points(1)
def test_the_variance_of_an_impossible_probability(student, rng):
    """The variance of a single p outside [0, 1] is refused with a ValueError."""
    check_error(student.bernoulli_variance, 1 + rng.uniform(0.1, 0.9))
    check_error(student.bernoulli_variance, -rng.uniform(0.1, 0.9))


@points(1)
def test_one_impossible_probability_among_many(student, rng):
    """One element outside [0, 1] is enough for a ValueError."""
    check_error(student.bernoulli_variance, 1 + rng.uniform(0.1, 0.9, size=3))
    for outside in (-rng.uniform(0.1, 0.9), 1 + rng.uniform(0.1, 0.9)):
        p = rng.uniform(0.2, 0.6, size=5)
        p[rng.integers(5)] = outside
        check_error(student.bernoulli_variance, p)


# ensemble_gradient: 12 points


@points(1, visibility="visible")
def test_one_number_for_each_weight(student, rng):
    """The gradient has one number for each weight."""
    gradient = student.ensemble_gradient(*_node(rng, 4))
    require(isinstance(gradient, np.ndarray) and gradient.shape == (4,), "The gradient has one number for each weight.")


@points(3, visibility="visible")
def test_the_gradient_of_the_ensemble(student, rng):
    """Each weight moves by the common error, its own input and its own probability."""
    check(student.ensemble_gradient, *_node(rng, 3))
    check(student.ensemble_gradient, *_node(rng, 6))


@points(1)
def test_the_gradient_of_one_input(student, rng):
    """A node may have a single input."""
    check(student.ensemble_gradient, *_node(rng, 1))


@points(1)
def test_the_gradient_of_certain_inputs(student, rng):
    """Inputs that always stay, or never, have probabilities like any other."""
    w, inputs, t, _ = _node(rng, 5)
    check(student.ensemble_gradient, w, inputs, t, np.array([1.0, 0.0, 0.5, 1.0, 0.0]))


@points(1)
def test_the_gradient_of_integers(student, rng):
    """Integer weights and inputs give a float64 gradient."""
    check(student.ensemble_gradient, *_whole_node(rng, 5))


@points(1)
def test_the_gradient_in_float32(student, rng):
    """The gradient of float32 weights is float32."""
    check(student.ensemble_gradient, *_single_node(rng, 5))


@points(1)
def test_the_gradient_called_again(student, rng):
    """The gradient of another node has nothing to do with the first."""
    for _ in range(2):
        check(student.ensemble_gradient, *_node(rng, 4))


@points(2)
def test_lengths_differ(student, rng):
    """Weights, inputs and probabilities of different lengths are refused, also a length of 1."""
    w, inputs, t, p = _node(rng, 5)
    check_error(student.ensemble_gradient, w[:4], inputs, t, p)
    check_error(student.ensemble_gradient, w, inputs[:1], t, p)
    check_error(student.ensemble_gradient, w, inputs, t, p[:1])


@points(1)
def test_an_input_stays_with_an_impossible_probability(student, rng):
    """A single probability outside [0, 1] is refused with a ValueError."""
    for outside in (-rng.uniform(0.1, 0.9), 1 + rng.uniform(0.1, 0.9)):
        check_error(student.ensemble_gradient, *_impossible_node(rng, outside))


# expected_dropout_gradient: 12 points


@points(1, visibility="visible")
def test_one_expectation_for_each_weight(student, rng):
    """The expected gradient has one number for each weight."""
    gradient = student.expected_dropout_gradient(*_node(rng, 4))
    is_row = isinstance(gradient, np.ndarray) and gradient.shape == (4,)
    require(is_row, "The expected gradient has one number for each weight.")


@points(3, visibility="visible")
def test_the_expected_gradient(student, rng):
    """Chance adds to the gradient of the ensemble what limits the weight."""
    check(student.expected_dropout_gradient, *_node(rng, 3))
    check(student.expected_dropout_gradient, *_node(rng, 6))


@points(1)
def test_the_expected_gradient_of_one_input(student, rng):
    """The expectation works for a single input too."""
    check(student.expected_dropout_gradient, *_node(rng, 1))


@points(1)
def test_the_expected_gradient_of_certain_inputs(student, rng):
    """Inputs that always stay, or never, add nothing to the gradient of the ensemble."""
    w, inputs, t, _ = _node(rng, 5)
    check(student.expected_dropout_gradient, w, inputs, t, np.array([1.0, 0.0, 1.0, 1.0, 0.0]))


@points(1)
def test_the_expected_gradient_of_integers(student, rng):
    """Integer weights and inputs give a float64 expectation."""
    check(student.expected_dropout_gradient, *_whole_node(rng, 5))


@points(1)
def test_the_expected_gradient_in_float32(student, rng):
    """The expected gradient of float32 weights is float32."""
    check(student.expected_dropout_gradient, *_single_node(rng, 5))


@points(1)
def test_the_expected_gradient_called_again(student, rng):
    """The expectation for another node has nothing to do with the first."""
    for _ in range(2):
        check(student.expected_dropout_gradient, *_node(rng, 4))


@points(2)
def test_lengths_differ_in_the_expectation(student, rng):
    """The expectation of arrays of different lengths is refused, also of a length of 1."""
    w, inputs, t, p = _node(rng, 5)
    check_error(student.expected_dropout_gradient, w[:4], inputs, t, p)
    check_error(student.expected_dropout_gradient, w, inputs[:1], t, p)
    check_error(student.expected_dropout_gradient, w, inputs, t, p[:1])


@points(1)
def test_the_expectation_of_an_impossible_probability(student, rng):
    """The expectation for a probability outside [0, 1] is refused with a ValueError."""
    for outside in (-rng.uniform(0.1, 0.9), 1 + rng.uniform(0.1, 0.9)):
        check_error(student.expected_dropout_gradient, *_impossible_node(rng, outside))


# regularized_error: 8 points


@points(1, visibility="visible")
def test_the_error_without_dropout(student, rng):
    """Where every input stays, the error is that of the plain node."""
    w, inputs, t, p = _node(rng, 4)
    check(student.regularized_error, w, inputs, t, np.ones_like(p))


@points(2, visibility="visible")
def test_the_error_with_dropout(student, rng):
    """The error of the ensemble grows by a term for every weight that may drop out."""
    check(student.regularized_error, *_node(rng, 3))
    check(student.regularized_error, *_node(rng, 6))


@points(1)
def test_the_error_of_one_input(student, rng):
    """A node with one input has an error like any other."""
    check(student.regularized_error, *_node(rng, 1))


@points(1)
def test_the_error_of_integers(student, rng):
    """Integer weights and inputs have the error of the same numbers as floats."""
    check(student.regularized_error, *_whole_node(rng, 5))


@points(1)
def test_the_error_in_float32(student, rng):
    """The error of float32 weights is as exact as float32 allows."""
    check(student.regularized_error, *_single_node(rng, 5))


@points(1)
def test_the_error_called_again(student, rng):
    """The error of another node has nothing to do with the first."""
    for _ in range(2):
        check(student.regularized_error, *_node(rng, 4))


@points(1)
def test_lengths_differ_in_the_error(student, rng):
    """The error of arrays of different lengths is refused, also of a length of 1."""
    w, inputs, t, p = _node(rng, 5)
    check_error(student.regularized_error, w[:4], inputs, t, p)
    check_error(student.regularized_error, w, inputs[:1], t, p)
    check_error(student.regularized_error, w, inputs, t, p[:1])


# weight_decay: 8 points


@points(1, visibility="visible")
def test_the_decay_of_a_row(student, rng):
    """Unless told otherwise, weight decay adds squares up."""
    check(student.weight_decay, rng.normal(size=6), rng.uniform(0.1, 0.9))


@points(1, visibility="visible")
def test_the_decay_of_absolute_values(student, rng):
    """With the norm l1 it adds absolute values up."""
    check(student.weight_decay, rng.normal(size=6), rng.uniform(0.1, 0.9), norm="l1")


@points(1)
def test_the_decay_by_its_name(student, rng):
    """Squares may be asked for by their name as well."""
    check(student.weight_decay, rng.normal(size=(3, 4)), rng.uniform(1.5, 3), norm="l2")


@points(1)
def test_the_decay_of_filters(student, rng):
    """Every weight of an array of any shape counts."""
    for norm in ("l2", "l1"):
        check(student.weight_decay, rng.normal(size=(3, 2, 4, 5)), rng.uniform(0.1, 0.9), norm=norm)
        check(student.weight_decay, rng.normal(size=(1, 1)), rng.uniform(0.1, 0.9), norm=norm)


@points(1)
def test_the_decay_of_integers(student, rng):
    """Integer weights count with their true size, in narrow dtypes too."""
    narrow = np.append(rng.integers(20, 120, size=5), -128).astype(np.int8)
    for norm in ("l2", "l1"):
        check(student.weight_decay, rng.integers(-9, 10, size=(2, 4)), rng.uniform(0.1, 0.9), norm=norm)
        check(student.weight_decay, narrow, rng.uniform(0.1, 0.9), norm=norm)


@points(1)
def test_the_decay_in_float32(student, rng):
    """The decay of float32 weights is as exact as float32 allows."""
    for norm in ("l2", "l1"):
        check(student.weight_decay, rng.normal(size=(3, 5)).astype(np.float32), rng.uniform(0.1, 0.9), norm=norm)


@points(1)
def test_the_decay_called_again(student, rng):
    """The decay of other weights has nothing to do with the first."""
    for _ in range(2):
        check(student.weight_decay, rng.normal(size=4), rng.uniform(0.1, 0.9))


@points(1)
def test_an_unknown_norm(student, rng):
    """A norm that is neither l1 nor l2 is refused with a ValueError."""
    for norm in ("l3", "max"):
        check_error(student.weight_decay, rng.normal(size=4), rng.uniform(0.1, 0.9), norm=norm)


# what several of them share


def _draw(function, x, keep_prob, seed):
    """Call, and take the pair apart: the values as they are, the mask as integers 0 and 1."""
    answer = ask(function, x, keep_prob, seed)
    arrays = answer if isinstance(answer, tuple | list) else ()
    is_pair = len(arrays) == 2 and all(type(part) is np.ndarray and part.shape == x.shape for part in arrays)
    check_fact(function, is_pair, "The answer is not a pair of arrays of the shape of x: values and mask.")
    values, mask = arrays
    is_mask = mask.dtype.kind in "biuf" and np.isin(mask, (0, 1)).all()
    check_fact(function, is_mask, "The mask holds something else than zeros and ones.")
    return values, mask.astype(np.int64)


def _masks(function, rng, shape, keep_prob, *, count):
    """Masks of as many different seeds."""
    first = _seed(rng)
    return [_draw(function, rng.normal(size=shape), keep_prob, first + 7 * step)[1] for step in range(count)]


def _seed(rng):
    return int(rng.integers(2**31))


def _node(rng, n):
    """Weights, inputs, target and probabilities of a linear node with n inputs."""
    return rng.normal(size=n), rng.normal(size=n), rng.normal(), rng.uniform(0.2, 0.9, size=n)


def _whole_node(rng, n):
    """The same with whole weights and inputs, none of them 0; target and probabilities stay fractions."""
    w, inputs = (rng.integers(1, 6, size=n) * rng.choice([-1, 1], size=n) for _ in range(2))
    return w, inputs, rng.normal(), rng.uniform(0.2, 0.9, size=n)


def _single_node(rng, n):
    """The same in float32."""
    w, inputs, t, p = _node(rng, n)
    return w.astype(np.float32), inputs.astype(np.float32), t, p.astype(np.float32)


def _impossible_node(rng, outside):
    """The same, but for one probability."""
    w, inputs, t, p = _node(rng, 4)
    p[rng.integers(4)] = outside
    return w, inputs, t, p
