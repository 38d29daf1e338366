"""Wrong solutions of hw13, each with one mistake and the hint that it proves.

Everything but the mistake is right, the refusals included: so it costs the points of its
own rule, and its wrong answers are nobody else's. What is wrong with trained members is seen
in their files and in what they make of hidden images.
"""

import keras
import numpy as np

from grader.checks.misconceptions import load_beside, misconception
from grader.checks.mistakes import saved, saved_again, saved_members, scale_for_bytes
from grader.checks.panel import (
    are_all_the_same,
    are_nearly_one,
    has_a_pair,
    has_no_softmax,
    has_one_that_is_weak,
    panel_shows,
    were_never_trained,
    were_trained_unscaled,
)

reference = load_beside(__file__, "committee.py")
training = load_beside(__file__, "training.py")


# average_decision


@misconception(
    "average_decision",
    hint="You average over the samples, so that there is one decision for each member. The first axis counts "
    "the members: average over that one.",
)
def averages_over_the_samples(probabilities):
    reference.average_decision(probabilities)
    return probabilities.mean(axis=1).argmax(axis=1)


@misconception(
    "average_decision",
    hint="You average over the samples as well as over the members: one decision for all of them. Every "
    "sample has its own.",
)
def averages_over_members_and_samples(probabilities):
    reference.average_decision(probabilities)
    return probabilities.mean(axis=(0, 1)).argmax()


@misconception(
    "average_decision",
    hint="You multiply the members' probabilities. One member that is sure a class is wrong then has a veto; "
    "the formula adds them.",
)
def multiplies_the_probabilities(probabilities):
    reference.average_decision(probabilities)
    return probabilities.prod(axis=0).argmax(axis=1)


@misconception(
    "average_decision",
    hint="You take the largest probability that any member gives to a class, so the surest member decides "
    "alone. The formula takes the mean.",
)
def takes_the_surest_member(probabilities):
    reference.average_decision(probabilities)
    return probabilities.max(axis=0).argmax(axis=1)


@misconception(
    "average_decision",
    hint="You take the median over the members. The formula takes the mean, in which every member has its part.",
)
def takes_the_median(probabilities):
    reference.average_decision(probabilities)
    return np.median(probabilities, axis=0).argmax(axis=1)


@misconception(
    "average_decision",
    hint="You count votes. That is the other function: here the probabilities themselves are averaged.",
)
def counts_votes(probabilities):
    return reference.majority_vote(probabilities)


@misconception(
    "average_decision",
    hint="Your decision is that of the first member. Look at where the first axis is used.",
)
def follows_the_first_member(probabilities):
    reference.average_decision(probabilities)
    return probabilities[0].argmax(axis=1)


@misconception(
    "average_decision",
    hint="Of classes with equal means you take the last one. Every tie goes to the lowest class index.",
)
def takes_the_highest_of_equal_means(probabilities):
    reference.average_decision(probabilities)
    return _last_of_equals(probabilities.mean(axis=0))


@misconception(
    "average_decision",
    hint="Your classes are floats. A class is an index, so the result has an integer dtype.",
)
def gives_classes_as_floats(probabilities):
    return reference.average_decision(probabilities).astype(float)


@misconception(
    "average_decision",
    hint="You return the largest mean itself. The decision is the class that has it.",
)
def returns_the_largest_mean(probabilities):
    reference.average_decision(probabilities)
    return probabilities.mean(axis=0).max(axis=1)


@misconception(
    "average_decision",
    hint="You return the means of all classes. The decision is the one class with the largest.",
)
def returns_the_means(probabilities):
    reference.average_decision(probabilities)
    return probabilities.mean(axis=0)


@misconception(
    "average_decision",
    hint="You return one-hot rows. A decision is a single class index for each sample.",
)
def returns_one_hot_rows(probabilities):
    return np.eye(probabilities.shape[-1], dtype=int)[reference.average_decision(probabilities)]


@misconception(
    "average_decision",
    hint="Your decisions have an axis of length 1 too many. The result is (N,), a class for each sample.",
)
def keeps_an_axis(probabilities):
    return reference.average_decision(probabilities)[:, np.newaxis]


@misconception(
    "average_decision",
    hint="Your classes are counted from 1. They are indices, which go from 0 to K - 1.",
)
def counts_classes_from_one(probabilities):
    return reference.average_decision(probabilities) + 1


@misconception(
    "average_decision",
    hint="The means of integer probabilities are cut to whole numbers, so they are all 0. Average as floats.",
)
def cuts_the_means(probabilities):
    reference.average_decision(probabilities)
    return probabilities.mean(axis=0).astype(probabilities.dtype).argmax(axis=1)


@misconception(
    "average_decision",
    hint="You add the other members to the first one in the caller's array. Add them up in a new one.",
)
def adds_up_in_place(probabilities):
    decision = reference.average_decision(probabilities)
    for member in probabilities[1:]:
        probabilities[0] += member
    return decision


@misconception(
    "average_decision",
    stateful=True,
    hint="Your second answer is the answer to the first call. Nothing may be kept between calls.",
)
def remembers_the_first_decision():
    return _remember_the_first(reference.average_decision)


@misconception(
    "average_decision",
    hint="You take an array without three axes for a committee. The handout asks for a ValueError.",
)
def averages_whatever_comes(probabilities):
    return probabilities.mean(axis=0).argmax(axis=-1)


# majority_vote


@misconception(
    "majority_vote",
    hint="You average the probabilities. Here every member has one vote, for its most probable class.",
)
def averages_the_probabilities(probabilities):
    return reference.average_decision(probabilities)


@misconception(
    "majority_vote",
    hint="You count a vote with its probability, so that a sure member has more than one vote. A vote counts as one.",
)
def counts_votes_as_probabilities(probabilities):
    reference.majority_vote(probabilities)
    votes = _votes(probabilities)
    return (votes * probabilities).sum(axis=0).argmax(axis=1)


@misconception(
    "majority_vote",
    hint="You count how often a probability is above one half. A member votes for its most probable class, "
    "which may have less.",
)
def counts_probabilities_above_one_half(probabilities):
    reference.majority_vote(probabilities)
    return (probabilities > 0.5).sum(axis=0).argmax(axis=1)


@misconception(
    "majority_vote",
    hint="Without more than half of the votes you fall back on the mean. The most votes win, be they ever so few.",
)
def asks_for_more_than_half(probabilities):
    counts = _counts(probabilities)
    elected = 2 * counts.max(axis=1) > len(probabilities)
    return np.where(elected, counts.argmax(axis=1), reference.average_decision(probabilities))


@misconception(
    "majority_vote",
    hint="Of classes with equally many votes you take the last one. Every tie goes to the lowest class index.",
)
def elects_the_highest(probabilities):
    return _last_of_equals(_counts(probabilities))


@misconception(
    "majority_vote",
    hint="Of classes with equally many votes you take the one that was voted for first. The order of the "
    "members does not count: the lowest class index does.",
)
def elects_the_first_voter_s_class(probabilities):
    counts = _counts(probabilities)
    leads = counts == counts.max(axis=1, keepdims=True)
    votes = probabilities.argmax(axis=2)
    return np.array([next(k for k in votes[:, n] if leads[n, k]) for n in range(len(leads))])


@misconception(
    "majority_vote",
    hint="Of classes with equally many votes you take the one with the larger mean. The handout's rule for "
    "ties is simpler: the lowest class index.",
)
def elects_the_more_probable(probabilities):
    counts = _counts(probabilities)
    leads = counts == counts.max(axis=1, keepdims=True)
    return np.where(leads, probabilities.mean(axis=0), -1).argmax(axis=1)


@misconception(
    "majority_vote",
    hint="A member with equally probable classes votes for the last of them in your count. It votes for the lowest.",
)
def votes_for_the_last_of_equals(probabilities):
    reference.majority_vote(probabilities)
    votes = _last_of_equals(probabilities)
    return np.eye(probabilities.shape[2])[votes].sum(axis=0).argmax(axis=1)


@misconception(
    "majority_vote",
    hint="A member with equally probable classes has several votes in your count, one for each. It votes "
    "once, for the lowest.",
)
def votes_for_all_of_equals(probabilities):
    reference.majority_vote(probabilities)
    return (probabilities == probabilities.max(axis=2, keepdims=True)).sum(axis=0).argmax(axis=1)


@misconception(
    "majority_vote",
    hint="You take the mean of the members' class indices. Classes are names, not amounts: between class 0 "
    "and class 2 there is no class 1.",
)
def averages_class_indices(probabilities):
    reference.majority_vote(probabilities)
    return np.round(probabilities.argmax(axis=2).mean(axis=0)).astype(int)


@misconception(
    "majority_vote",
    hint="You take the median of the members' class indices. Classes are names, not amounts: count how often "
    "each was voted for.",
)
def takes_the_median_of_class_indices(probabilities):
    reference.majority_vote(probabilities)
    return np.median(probabilities.argmax(axis=2), axis=0).astype(int)


@misconception(
    "majority_vote",
    hint="You count the votes of each member over all samples. The ballot is held for each sample, among the members.",
)
def counts_over_the_samples(probabilities):
    reference.majority_vote(probabilities)
    return _votes(probabilities).sum(axis=1).argmax(axis=1)


@misconception(
    "majority_vote",
    hint="The vote of the first member is elected. Look at where the first axis is used.",
)
def elects_the_first_member_s_class(probabilities):
    reference.majority_vote(probabilities)
    return probabilities[0].argmax(axis=1)


@misconception(
    "majority_vote",
    hint="You return the votes of all members. The decision is the class with the most of them.",
)
def returns_the_votes(probabilities):
    reference.majority_vote(probabilities)
    return probabilities.argmax(axis=2)


@misconception(
    "majority_vote",
    hint="You return how many votes each class has. The decision is the class with the most.",
)
def returns_the_counts(probabilities):
    return _counts(probabilities).astype(int)


@misconception(
    "majority_vote",
    hint="The elected classes are floats. A class is an index, so the result has an integer dtype.",
)
def elects_floats(probabilities):
    return reference.majority_vote(probabilities).astype(float)


@misconception(
    "majority_vote",
    hint="The elected classes are counted from 1. Class indices go from 0 to K - 1.",
)
def elects_from_one(probabilities):
    return reference.majority_vote(probabilities) + 1


@misconception(
    "majority_vote",
    hint="You mark the votes in the caller's array. Leave the probabilities as they are and count in a new one.",
)
def marks_votes_in_place(probabilities):
    decision = reference.majority_vote(probabilities)
    probabilities[...] = _votes(probabilities) * 2
    return decision


@misconception(
    "majority_vote",
    stateful=True,
    hint="The votes of the first call are still there in the second. Start every count at 0, in an array that "
    "is made anew.",
)
def goes_on_counting():
    kept = {}  # for each shape, as an array outside the function would be

    def remembering(probabilities):
        counts = kept.setdefault(probabilities.shape[1:], 0 * _counts(probabilities))
        counts += _counts(probabilities)
        return counts.argmax(axis=1)

    return remembering


@misconception(
    "majority_vote",
    stateful=True,
    hint="In a second election your result is that of the first. Nothing may be kept between calls.",
)
def remembers_the_first_election():
    return _remember_the_first(reference.majority_vote)


@misconception(
    "majority_vote",
    hint="You hold a ballot in an array without three axes. The handout asks for a ValueError.",
)
def counts_whatever_comes(probabilities):
    votes = np.eye(probabilities.shape[-1])[probabilities.argmax(axis=-1)]
    return votes.sum(axis=0).argmax(axis=-1)


# weighted_decision


@misconception(
    "weighted_decision",
    hint="All your members count alike. Their weights follow from the validation accuracies.",
)
def weighs_all_members_alike(probabilities, validation_accuracy, exponent):
    return reference.weighted_decision(probabilities, validation_accuracy, 0)


@misconception(
    "weighted_decision",
    hint="You ignore the exponent: your weights are the accuracies themselves, whatever the caller says.",
)
def ignores_the_exponent(probabilities, validation_accuracy, exponent):
    return reference.weighted_decision(probabilities, validation_accuracy, 1)


@misconception(
    "weighted_decision",
    hint="You raise the probabilities to the exponent. It belongs to the accuracies: w is accuracy^exponent.",
)
def raises_the_probabilities(probabilities, validation_accuracy, exponent):
    return reference.weighted_decision(probabilities**exponent, validation_accuracy, 1)


@misconception(
    "weighted_decision",
    hint="You raise weight and probability together to the exponent. It belongs to the accuracies alone.",
)
def raises_the_products(probabilities, validation_accuracy, exponent):
    return reference.weighted_decision(probabilities**exponent, validation_accuracy, exponent)


@misconception(
    "weighted_decision",
    hint="You cut the exponent to a whole number. It may lie between two of them: use it as it is.",
)
def cuts_the_exponent(probabilities, validation_accuracy, exponent):
    return reference.weighted_decision(probabilities, validation_accuracy, int(exponent))


@misconception(
    "weighted_decision",
    hint="You use the exponent as a root, accuracy^(1 / exponent). A larger exponent sets the members further apart.",
)
def takes_a_root(probabilities, validation_accuracy, exponent):
    return reference.weighted_decision(probabilities, validation_accuracy, 1 / exponent)


@misconception(
    "weighted_decision",
    hint="Your weights are powers of e with the accuracy up in the exponent, as in softmax. Here the accuracy is "
    "the base: accuracy^exponent.",
)
def raises_e_to_the_accuracy(probabilities, validation_accuracy, exponent):
    return reference.weighted_decision(probabilities, np.exp(validation_accuracy), exponent)


@misconception(
    "weighted_decision",
    hint="Your weights follow from the share of wrong answers, so the worst member counts for most. The "
    "accuracy itself is the base.",
)
def weighs_by_the_error(probabilities, validation_accuracy, exponent):
    return reference.weighted_decision(probabilities, 1 - validation_accuracy, exponent)


@misconception(
    "weighted_decision",
    hint="The most accurate member decides alone. The others have weights, too, if smaller ones.",
)
def follows_the_best_member(probabilities, validation_accuracy, exponent):
    reference.weighted_decision(probabilities, validation_accuracy, exponent)
    return probabilities[validation_accuracy.argmax()].argmax(axis=1)


@misconception(
    "weighted_decision",
    hint="You count weighted votes. What is weighted here are the probabilities, as in the average.",
)
def weighs_votes(probabilities, validation_accuracy, exponent):
    reference.weighted_decision(probabilities, validation_accuracy, exponent)
    return reference.weighted_decision(_votes(probabilities), validation_accuracy, exponent)


@misconception(
    "weighted_decision",
    hint="You take the largest weighted probability of a class, so one member decides alone. The formula "
    "adds up all of them.",
)
def takes_the_largest_weighted_probability(probabilities, validation_accuracy, exponent):
    return _weighted(probabilities, validation_accuracy, exponent).max(axis=0).argmax(axis=1)


@misconception(
    "weighted_decision",
    hint="You multiply probabilities that are raised to the weights. The formula multiplies each by its weight "
    "and adds them up.",
)
def multiplies_weighted_probabilities(probabilities, validation_accuracy, exponent):
    reference.weighted_decision(probabilities, validation_accuracy, exponent)
    weights = (validation_accuracy**exponent)[:, np.newaxis, np.newaxis]
    return (probabilities**weights).prod(axis=0).argmax(axis=1)


@misconception(
    "weighted_decision",
    hint="Of classes with equal weighted means you take the last one. Every tie goes to the lowest class index.",
)
def takes_the_highest_of_equal_weighted_means(probabilities, validation_accuracy, exponent):
    return _last_of_equals(_weighted(probabilities, validation_accuracy, exponent).sum(axis=0))


@misconception(
    "weighted_decision",
    hint="The classes of your weighted decision are floats. A class is an index of an integer dtype.",
)
def gives_weighted_classes_as_floats(probabilities, validation_accuracy, exponent):
    return reference.weighted_decision(probabilities, validation_accuracy, exponent).astype(float)


@misconception(
    "weighted_decision",
    hint="The classes of your weighted decision are counted from 1. Class indices go from 0 to K - 1.",
)
def counts_weighted_classes_from_one(probabilities, validation_accuracy, exponent):
    return reference.weighted_decision(probabilities, validation_accuracy, exponent) + 1


@misconception(
    "weighted_decision",
    hint="You return the weighted sums of all classes. The decision is the one class with the largest.",
)
def returns_the_weighted_sums(probabilities, validation_accuracy, exponent):
    return _weighted(probabilities, validation_accuracy, exponent).sum(axis=0)


@misconception(
    "weighted_decision",
    hint="The weighted sums of integer probabilities are cut to whole numbers: the array that you fill took "
    "over their dtype.",
)
def cuts_the_weighted_sums(probabilities, validation_accuracy, exponent):
    sums = _weighted(probabilities, validation_accuracy, exponent).sum(axis=0)
    return sums.astype(probabilities.dtype).argmax(axis=1)


@misconception(
    "weighted_decision",
    hint="You multiply the caller's probabilities by the weights in place. Compute into a new array.",
)
def weighs_in_place(probabilities, validation_accuracy, exponent):
    decision = reference.weighted_decision(probabilities, validation_accuracy, exponent)
    probabilities[...] = _weighted(probabilities, validation_accuracy, exponent) / 2
    return decision


@misconception(
    "weighted_decision",
    hint="You turn the caller's accuracies into weights in place. Compute the weights into a new array.",
)
def turns_accuracies_into_weights_in_place(probabilities, validation_accuracy, exponent):
    decision = reference.weighted_decision(probabilities, validation_accuracy, exponent)
    validation_accuracy **= exponent
    validation_accuracy /= validation_accuracy.sum()
    return decision


@misconception(
    "weighted_decision",
    stateful=True,
    hint="You keep the weights of the first call. A second committee has accuracies of its own.",
)
def remembers_the_first_weights():
    kept = {}  # for each number of members

    def remembering(probabilities, validation_accuracy, exponent):
        reference.weighted_decision(probabilities, validation_accuracy, exponent)
        weights = kept.setdefault(len(validation_accuracy), validation_accuracy**exponent)
        return reference.weighted_decision(probabilities, weights, 1)

    return remembering


@misconception(
    "weighted_decision",
    stateful=True,
    hint="Your second weighted decision is that of the first call. Nothing may be kept between calls.",
)
def remembers_the_first_weighted_decision():
    return _remember_the_first(reference.weighted_decision)


@misconception(
    "weighted_decision",
    hint="You weigh an array without three axes. The handout asks for a ValueError.",
)
def weighs_whatever_comes(probabilities, validation_accuracy, exponent):
    if len(validation_accuracy) != len(probabilities):
        raise ValueError("one accuracy for each member")
    return np.tensordot(validation_accuracy**exponent, probabilities, axes=1).argmax(axis=-1)


@misconception(
    "weighted_decision",
    hint="A single accuracy is accepted for all members, because NumPy stretches it. The handout asks for a "
    "ValueError where there is not one for each member.",
)
def stretches_a_single_accuracy(probabilities, validation_accuracy, exponent):
    reference.average_decision(probabilities)
    stretched = np.broadcast_to(validation_accuracy, probabilities.shape[:1])
    return reference.weighted_decision(probabilities, stretched, exponent)


@misconception(
    "weighted_decision",
    hint="Members or accuracies that are left over are ignored: zip ends with the shorter one. The handout asks "
    "for a ValueError.",
)
def ignores_what_is_left_over(probabilities, validation_accuracy, exponent):
    reference.average_decision(probabilities)
    members = min(len(probabilities), len(validation_accuracy))
    return reference.weighted_decision(probabilities[:members], validation_accuracy[:members], exponent)


# members


@misconception(
    "members",
    hint="Your members are copies of one network. Train each anew: with another seed, or on other images.",
    recognise=panel_shows(are_all_the_same),
)
def hands_in_one_network_three_times():
    return _members()[:1] * 3


@misconception(
    "members",
    hint="Two of your three members are one network. Was a file written twice, or a seed used twice?",
    recognise=panel_shows(has_a_pair),
)
def hands_in_one_network_twice():
    first, second, _ = _members()
    return first, second, first


@misconception(
    "members",
    hint="Your members guess: none of them was trained before it was saved.",
    recognise=panel_shows(were_never_trained),
)
def hands_in_untrained_networks():
    return tuple(saved(training, epochs=0, seed=seed) for seed in (1, 2, 3))


@misconception(
    "members",
    hint="Your members were trained on pixels from 0 to 255: on those they are right, on 0 to 1 they are not.",
    recognise=panel_shows(were_trained_unscaled),
)
def trains_members_on_bytes():
    return tuple(saved_again(member, scale_for_bytes) for member in _members())


@misconception(
    "members",
    hint="A member has no softmax at its end. Only probabilities can be averaged: those of a sure member would else "
    "count for more than all others.",
    recognise=panel_shows(has_no_softmax),
)
def leaves_the_softmax_out():
    def end_without(model):
        model.layers[-1].activation = keras.activations.linear

    return tuple(saved_again(member, end_without) for member in _members())


@misconception(
    "members",
    hint="One of your members is far worse than the others. It would make the mean easy to beat, so it does not count.",
    recognise=panel_shows(has_one_that_is_weak),
)
def adds_a_weak_member():
    first, second, _ = _members()
    return first, second, saved(training, epochs=0, seed=3)


@misconception(
    "members",
    hint="Your members say the same of nearly every image, so a committee of them knows no more than one. Changing the "
    "weights a little makes no other network: train each anew.",
    recognise=panel_shows(are_nearly_one),
)
def changes_one_network_a_little():
    def shake(model):
        model.set_weights([array * np.float32(1 + 1e-5) for array in model.get_weights()])

    first, *_ = _members()
    second = saved_again(first, shake)
    return first, second, saved_again(second, shake)


def _members():
    return saved_members(reference.__file__, 3)


# what several of them share


def _votes(probabilities):
    """One-hot rows: a 1 at the most probable class of each member, (M, N, K)."""
    return np.eye(probabilities.shape[2])[probabilities.argmax(axis=2)]


def _counts(probabilities):
    """How many votes each class has, (N, K); refuses what the reference refuses."""
    reference.majority_vote(probabilities)
    return _votes(probabilities).sum(axis=0)


def _weighted(probabilities, validation_accuracy, exponent):
    """Probabilities times weights, (M, N, K); refuses what the reference refuses."""
    reference.weighted_decision(probabilities, validation_accuracy, exponent)
    return (validation_accuracy**exponent)[:, np.newaxis, np.newaxis] * probabilities


def _last_of_equals(scores):
    return scores.shape[-1] - 1 - scores[..., ::-1].argmax(axis=-1)


def _remember_the_first(function):
    answers = []

    def remembering(*args, **kwargs):
        if not answers:
            answers.append(function(*args, **kwargs))
        return answers[0]

    return remembering
