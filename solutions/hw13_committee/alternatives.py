"""Right solutions of hw13 in other styles: each must have all points of its function."""

import collections

import keras
import numpy as np

from grader.checks.alternatives import alternative
from grader.checks.misconceptions import load_beside
from grader.checks.mistakes import saved, saved_again, saved_members

training = load_beside(__file__, "training.py")

# average_decision


@alternative("average_decision", title="loops over lists, a comparison that keeps the first of equals")
def loops_over_lists(probabilities):
    members, samples, classes = _three_axes(probabilities)
    p = probabilities.tolist()
    decisions = []
    for n in range(samples):
        best, most = 0, -1.0
        for k in range(classes):
            mean = sum(p[m][n][k] for m in range(members)) / members
            if mean > most:
                best, most = k, mean
        decisions.append(best)
    return np.array(decisions)


@alternative("average_decision", title="einsum, and an 8-bit result")
def a_sum_by_einsum(probabilities):
    _three_axes(probabilities)
    return np.einsum("mnk->nk", probabilities.astype(float)).argmax(-1).astype(np.uint8)


@alternative("average_decision", title="a class that adds one member after the other")
def one_member_after_the_other(probabilities):
    _three_axes(probabilities)
    total = _Total()
    for member in probabilities:
        total.add(member, 1)
    return total.decide()


@alternative("average_decision", title="a stable sort by falling means")
def a_stable_sort(probabilities):
    members, _, _ = _three_axes(probabilities)
    means = np.asfortranarray(probabilities).sum(axis=0) / members
    return np.argsort(-means, axis=1, kind="stable")[:, 0]


# majority_vote


@alternative("majority_vote", title="np.bincount of each sample's votes")
def bincount_of_votes(probabilities):
    _three_axes(probabilities)
    votes = np.argmax(probabilities, axis=-1)
    return np.array([np.bincount(column).argmax() for column in votes.T])


@alternative("majority_vote", title="Counter over lists, ties settled by hand")
def counters(probabilities):
    _three_axes(probabilities)
    decisions = []
    for rows in probabilities.transpose(1, 0, 2).tolist():
        counts = collections.Counter(row.index(max(row)) for row in rows)
        decisions.append(min(counts, key=lambda k, counts=counts: (-counts[k], k)))
    return np.array(decisions, dtype=np.int32)


@alternative("majority_vote", title="one-hot votes, added up")
def one_hot_votes(probabilities):
    _, _, classes = _three_axes(probabilities)
    return np.eye(classes)[probabilities.argmax(2)].sum(0).argmax(1)


@alternative("majority_vote", title="np.unique, which sorts the classes")
def unique_votes(probabilities):
    _three_axes(probabilities)

    def decide(column):
        classes, counts = np.unique(column, return_counts=True)
        return classes[counts.argmax()]

    return np.apply_along_axis(decide, 0, np.argmax(probabilities, axis=2))


# weighted_decision


@alternative("weighted_decision", title="weights that add up to 1, np.average")
def an_average_with_weights(probabilities, validation_accuracy, exponent):
    _one_for_each_member(probabilities, validation_accuracy)
    weights = np.power(validation_accuracy, exponent)
    return np.average(probabilities, axis=0, weights=weights / weights.sum()).argmax(axis=1)


@alternative("weighted_decision", title="weights from logarithms, a class that adds members up")
def weights_from_logarithms(probabilities, validation_accuracy, exponent):
    _one_for_each_member(probabilities, validation_accuracy)
    total = _Total()
    for member, accuracy in zip(probabilities, validation_accuracy, strict=True):
        total.add(member, np.exp(exponent * np.log(accuracy)))
    return total.decide()


@alternative("weighted_decision", title="loops over lists")
def weighted_lists(probabilities, validation_accuracy, exponent):
    _one_for_each_member(probabilities, validation_accuracy)
    weights = [accuracy**exponent for accuracy in validation_accuracy.tolist()]
    decisions = []
    for rows in zip(*probabilities.tolist(), strict=True):
        sums = [sum(w * p for w, p in zip(weights, column, strict=True)) for column in zip(*rows, strict=True)]
        decisions.append(sums.index(max(sums)))
    return np.array(decisions, dtype=np.int64)


@alternative("weighted_decision", title="compared with the best member's accuracy, einsum")
def relative_to_the_best(probabilities, validation_accuracy, exponent):
    _one_for_each_member(probabilities, validation_accuracy)
    weights = (validation_accuracy / validation_accuracy.max()) ** exponent
    return np.argmax(np.einsum("m,mnk->nk", weights, probabilities), axis=1)


# members


@alternative("members", title="networks of three kinds, one saved in the old format")
def of_three_kinds():
    layers = keras.layers

    def lenet():
        steps = [keras.Input((28, 28, 1))]
        for filters in (6, 16, 120):
            steps.append(layers.Conv2D(filters, 5, padding="same", activation="relu"))
            steps += [layers.MaxPooling2D(2)] if filters < 120 else []
        dense = [layers.Dense(84, activation="relu"), layers.Dense(10, activation="softmax")]
        return keras.Sequential([*steps, layers.Flatten(), *dense])

    def functional():
        inputs = keras.Input((28, 28, 1))
        x = layers.BatchNormalization(momentum=0.5)(layers.Conv2D(16, 5, strides=2)(inputs))
        x = layers.Dropout(0.1)(layers.Flatten()(layers.AveragePooling2D(2)(layers.ReLU()(x))))
        return keras.Model(inputs, layers.Softmax()(layers.Dense(10)(x)))

    first, *_ = saved_members(training.__file__, 1)
    other = saved(training, epochs=6, seed=4, build=functional)
    old = saved_again(saved(training, epochs=2, seed=5, build=lenet), lambda model: None, name="again.h5")
    return first, other, old


# what several of them share


class _Total:
    """Weighted probabilities of several members, added up."""

    def __init__(self):
        self.sum = 0.0

    def add(self, probabilities, weight):
        self.sum = self.sum + weight * probabilities

    def decide(self):
        return self.sum.argmax(axis=1)


def _three_axes(probabilities):
    if len(probabilities.shape) != 3:
        raise ValueError("not (M, N, K)")
    return probabilities.shape


def _one_for_each_member(probabilities, accuracy):
    if len(accuracy) != _three_axes(probabilities)[0]:
        raise ValueError("one accuracy for each member")
