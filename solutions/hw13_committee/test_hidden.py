"""Hidden tests of hw13: each keeps one rule of the handout, on predictions drawn for the student.

Decisions are coarse: two rules often decide alike. So a test about one rule keeps the samples on
which its rival decides otherwise, and a test about no rule (one sample, float32) has members who
agree: a mistake costs every student the same. Where nothing is said about ties there is no near
one, and where ties are the rule, the numbers are powers of two in such places that every way to
add them up ties.

Of the trained members only their predictions meet the submission: hidden images and labels do not.
"""

import numpy as np

from grader.checks.arrays import check, check_error, require
from grader.checks.committee import check_members, check_rules
from grader.plugin import points

# average_decision: 20 points


@points(1, visibility="visible")
def test_one_member_decides_alone(student, rng):
    """A committee of one takes its member's most probable class."""
    p = _committee(rng, 1, 1, 4)
    require(_is_class(student.average_decision(p), p.argmax()), "One member, one sample: its most probable class.")


@points(3, visibility="visible")
def test_the_largest_mean(student, rng):
    """The class with the largest mean over the members is taken."""
    rivals = (_by_votes, _by_product, _by_maximum, _by_median, _by_first_member)
    check(student.average_decision, _telling(rng, 3, 4, rivals))


@points(3)
def test_how_sure_members_are(student, rng):
    """How sure the members are counts, not only what they prefer."""
    check(student.average_decision, _committee(rng, 5, 12, 4, unlike=_by_votes))


@points(3)
def test_every_member_counts(student, rng):
    """No member has a veto or the last word: each counts with its share."""
    for rival in (_by_product, _by_maximum, _by_median, _by_first_member):
        check(student.average_decision, _committee(rng, 3, 9, 5, unlike=rival))


@points(2)
def test_equal_means(student, rng):
    """Of classes with equal means the lowest is taken."""
    check(student.average_decision, _mirrored(rng, 10, 6))


@points(1)
def test_the_mean_of_one_sample(student, rng):
    """A single sample is decided as in a batch."""
    check(student.average_decision, _agreed(rng, 4, 1, 5))


@points(1)
def test_the_mean_of_one_member(student, rng):
    """A single member decides for every sample, and a single class always wins."""
    check(student.average_decision, _committee(rng, 1, 6, 3))
    check(student.average_decision, np.ones((3, 4, 1)))


@points(2)
def test_certain_members(student, rng):
    """Integer probabilities, 0 and 1, are as good as others."""
    check(student.average_decision, _vetoed(rng, 4, 5))  # on 0 and 1, a cut mean is a product
    check(student.average_decision, _votes(_committee(rng, 3, 20, 6)))


@points(1)
def test_float32_means(student, rng):
    """Probabilities in float32 are as good as others."""
    check(student.average_decision, _agreed(rng, 4, 9, 5).astype(np.float32))


@points(1)
def test_average_decision_called_again(student, rng):
    """A second committee has nothing to do with the first."""
    for _ in range(2):
        check(student.average_decision, _agreed(rng, 3, 8, 4))


@points(2)
def test_means_of_other_axes(student, rng):
    """Probabilities without three axes are refused with a ValueError."""
    check_error(student.average_decision, rng.dirichlet(np.ones(3), size=4))
    check_error(student.average_decision, rng.dirichlet(np.ones(3), size=(2, 4, 3)))


# majority_vote: 25 points


@points(1, visibility="visible")
def test_one_member_votes_alone(student, rng):
    """With one voter its most probable class is elected."""
    p = _committee(rng, 1, 1, 4)
    require(_is_class(student.majority_vote(p), p.argmax()), "One member, one sample: its most probable class.")


@points(4, visibility="visible")
def test_the_most_votes(student, rng):
    """The class with the most votes of the members is taken."""
    p = np.concatenate([_committee(rng, 5, 15, 4), _scattered_votes(rng, 5, 4)], axis=1)
    check(student.majority_vote, p)


@points(4)
def test_a_vote_is_a_vote(student, rng):
    """A vote counts as one, however sure its member is."""
    for sure in (0.55, 0.48):
        check(student.majority_vote, _second_choice(rng, 6, 5, sure=sure))
    check(student.majority_vote, _outvoted(rng, 6, 5))


@points(4)
def test_equally_many_votes(student, rng):
    """Of classes with equally many votes the lowest is taken."""
    check(student.majority_vote, _scattered_votes(rng, 4, 6))  # who counts no votes is told elsewhere
    check(student.majority_vote, _tied_votes(rng, 10, 6))


@points(3)
def test_an_undecided_member(student, rng):
    """A member with equally probable classes votes for the lowest of them."""
    check(student.majority_vote, _scattered_votes(rng, 4, 6))
    check(student.majority_vote, _undecided(rng, 10, 5))


@points(2)
def test_no_majority(student, rng):
    """The most votes win although they are fewer than half."""
    check(student.majority_vote, _outvoted(rng, 4, 5))
    check(student.majority_vote, _scattered_votes(rng, 10, 6))


@points(1)
def test_the_votes_of_one_sample(student, rng):
    """A single sample is voted on as in a batch."""
    check(student.majority_vote, _agreed(rng, 3, 1, 5))


@points(1)
def test_the_votes_of_one_member(student, rng):
    """A single member elects for every sample, and a single class is always elected."""
    check(student.majority_vote, _agreed(rng, 1, 6, 3))
    check(student.majority_vote, np.ones((3, 4, 1)))


@points(1)
def test_certain_votes(student, rng):
    """Votes can be read from integer probabilities, too."""
    check(student.majority_vote, _votes(_committee(rng, 5, 20, 6)))


@points(1)
def test_float32_votes(student, rng):
    """Votes can be read from float32 probabilities, too."""
    check(student.majority_vote, _agreed(rng, 4, 9, 5).astype(np.float32))


@points(1)
def test_majority_vote_called_again(student, rng):
    """A second ballot has nothing to do with the first."""
    for _ in range(3):
        check(student.majority_vote, _agreed(rng, 3, 12, 4))


@points(2)
def test_votes_of_other_axes(student, rng):
    """A ballot without three axes is refused with a ValueError."""
    check_error(student.majority_vote, rng.dirichlet(np.ones(3), size=4))
    check_error(student.majority_vote, rng.dirichlet(np.ones(3), size=(2, 4, 3)))


# weighted_decision: 25 points


@points(1, visibility="visible")
def test_one_member_has_all_the_weight(student, rng):
    """A single member has all the weight, whatever its accuracy."""
    p = _committee(rng, 1, 1, 4)
    decision = student.weighted_decision(p, np.array([0.5]), 1)
    require(_is_class(decision, p.argmax()), "One member, one sample: its most probable class.")


@points(4, visibility="visible")
def test_the_largest_weighted_mean(student, rng):
    """The class with the largest weighted mean is taken."""
    accuracy = _accuracies(rng, 4)
    others = (_by_weights(weights) for weights in (accuracy**0, np.exp(accuracy), accuracy == accuracy.max()))
    p = _telling(rng, 4, 4, (*others, _by_votes, _by_maximum), weights=accuracy)
    check(student.weighted_decision, p, accuracy, 1)


@points(2)
def test_any_exponent(student, rng):
    """The exponent says how much better members count for more."""
    accuracy = _accuracies(rng, 4)
    for exponent, rival in ((0, accuracy**3), (3, accuracy), (8, accuracy)):
        p = _committee(rng, 4, 9, 5, weights=accuracy**exponent, unlike=_by_weights(rival))
        check(student.weighted_decision, p, accuracy, exponent)


@points(2)
def test_a_broken_exponent(student, rng):
    """The exponent need not be a whole number."""
    accuracy = _accuracies(rng, 4)
    rivals = ((3, accuracy), (3, np.exp(3 * accuracy)), (2.5, accuracy**2), (0.5, accuracy**0))
    for exponent, rival in rivals:  # on whole ones, whoever cuts the exponent is right
        p = _committee(rng, 4, 9, 5, weights=accuracy**exponent, unlike=_by_weights(rival))
        check(student.weighted_decision, p, accuracy, exponent)


@points(3)
def test_the_weights_matter(student, rng):
    """The better members count for more, and with the exponent still more."""
    accuracy = _accuracies(rng, 4)
    for rival in (accuracy, accuracy**0):
        unlike = _by_weights(rival)
        check(student.weighted_decision, _committee(rng, 4, 9, 5, weights=accuracy**4, unlike=unlike), accuracy, 4)


@points(2)
def test_the_best_is_not_alone(student, rng):
    """The best member does not decide alone, nor does the surest."""
    accuracy = _accuracies(rng, 5)
    best = _by_weights(accuracy == accuracy.max())
    for rival in (best, _by_maximum, _by_votes):
        check(student.weighted_decision, _committee(rng, 5, 9, 4, weights=accuracy, unlike=rival), accuracy, 1)


@points(3)
def test_equal_weighted_means(student, rng):
    """Of classes with equal weighted means the lowest is taken."""
    for exponent in (1, 3):
        check(student.weighted_decision, _mirrored(rng, 10, 6), np.full(2, 0.5), exponent)


@points(1)
def test_the_weighted_mean_of_one_sample(student, rng):
    """A single sample is decided with the same weights."""
    check(student.weighted_decision, _agreed(rng, 4, 1, 5), _accuracies(rng, 4), 2)


@points(1)
def test_the_weight_of_one_member(student, rng):
    """A single member decides for every sample at any weight, and a single class always wins."""
    check(student.weighted_decision, _agreed(rng, 1, 6, 3), _accuracies(rng, 1), 2)
    check(student.weighted_decision, np.ones((3, 4, 1)), _accuracies(rng, 3), 2)


@points(1)
def test_certain_members_with_weights(student, rng):
    """Integer probabilities are weighted like others."""
    check(student.weighted_decision, _votes(_agreed(rng, 5, 15, 4)), _accuracies(rng, 5) / 6, 1)


@points(1)
def test_float32_weights(student, rng):
    """Probabilities and accuracies in float32 are as good as others."""
    p, accuracy = _agreed(rng, 4, 9, 5), _accuracies(rng, 4)
    check(student.weighted_decision, p.astype(np.float32), accuracy.astype(np.float32), 2)


@points(1)
def test_weighted_decision_called_again(student, rng):
    """The weights of a second committee are its own."""
    for _ in range(2):
        check(student.weighted_decision, _agreed(rng, 3, 8, 4), _accuracies(rng, 3), 3)


@points(1)
def test_weighted_means_of_other_axes(student, rng):
    """Members without samples and classes are refused with a ValueError."""
    check_error(student.weighted_decision, rng.dirichlet(np.ones(3), size=4), _accuracies(rng, 4), 1)
    check_error(student.weighted_decision, rng.dirichlet(np.ones(3), size=(2, 4, 3)), _accuracies(rng, 2), 1)


@points(2)
def test_accuracies_of_another_committee(student, rng):
    """Fewer or more accuracies than members are refused with a ValueError."""
    p = _committee(rng, 3, 12, 4, unlike=_by_first_member)
    for members in (1, 2, 4):
        check_error(student.weighted_decision, p, _accuracies(rng, members), 2)


# members: 30 points


@points(12, question="members")
def test_each_member_on_hidden_images(student, neutral, images, rng):
    """Three networks that are not the same, each of which names hidden clothes."""
    check_members(student.members, neutral, images("fashion_mnist"), rng)


@points(18, question="members")
def test_better_together(student, neutral, images, rng):
    """By each of the three rules the committee is better than its members are in the mean."""
    check_rules(student, neutral, images("fashion_mnist"), rng)


def _is_class(decision, expected):
    """Whether a decision about one sample is that class, in whatever form it comes."""
    is_number = isinstance(decision, int | float | np.number | np.ndarray) and np.size(decision) == 1
    return bool(is_number and np.all(np.equal(decision, expected)))


def _accuracies(rng, members):
    """Accuracies far enough apart that their order is worth something, (M,)."""
    return rng.permutation(np.linspace(0.3, 0.9, members)) + rng.uniform(-0.05, 0.05, size=members)


def _committee(rng, members, samples, classes, *, weights=None, unlike=None):
    """Predictions without a near tie, (M, N, K): of the (weighted) means, of the votes, or in a member's row.

    `unlike` is another rule: only samples that it decides otherwise are kept.
    """
    p = rng.dirichlet(np.full(classes, 0.7), size=(members, 200 * samples))
    means = np.average(p, axis=0, weights=weights)
    kept = _gap(means) & _gap(_votes(p).sum(axis=0)) & _gap(p).all(axis=0)
    if unlike is not None:
        kept &= unlike(p) != means.argmax(axis=1)
    return p[:, kept][:, :samples]


def _telling(rng, members, classes, rivals, *, weights=None):
    """Four samples for each rival that decides them otherwise, (M, N, K)."""
    parts = [_committee(rng, members, 4, classes, weights=weights, unlike=rival) for rival in rivals]
    return np.concatenate(parts, axis=1)


def _gap(scores):
    """Where the best class leads the second by more than rounding can change."""
    ordered = np.sort(scores, axis=-1)
    return ordered[..., -1] - ordered[..., -2:-1].sum(axis=-1) > 0.01


def _votes(p):
    """One-hot rows: a 1 at the most probable class of each member, (M, N, K)."""
    return np.eye(p.shape[2], dtype=np.int64)[p.argmax(axis=2)]


def _by_votes(p):
    return _votes(p).sum(axis=0).argmax(axis=1)


def _by_product(p):
    return p.prod(axis=0).argmax(axis=1)


def _by_maximum(p):
    return p.max(axis=0).argmax(axis=1)


def _by_median(p):
    return np.median(p, axis=0).argmax(axis=1)


def _by_first_member(p):
    return p[0].argmax(axis=1)


def _by_weights(weights):
    return lambda p: np.tensordot(weights, p, axes=1).argmax(axis=1)


def _mirrored(rng, samples, classes):
    """Two members who see two classes the other way round, so that their sums are equal, (2, N, K)."""
    p = np.zeros((2, samples, classes))
    for n in range(samples):
        low, one, _, other = np.sort(rng.permutation(classes)[:4])  # the tie is not between the lowest
        p[:, n, low] = 1 / 4
        p[n % 2, n, [one, other]] = 1 / 2, 1 / 4
        p[1 - n % 2, n, [one, other]] = 1 / 4, 1 / 2
    return p


def _ballot(votes, sure, classes):
    """Rows in which a member gives its class `sure` and all the others the same, (M, K)."""
    votes, sure = np.array(votes), np.array(sure, dtype=float)
    rows = np.repeat((1 - sure[:, None]) / (classes - 1), classes, axis=1)
    rows[np.arange(len(votes)), votes] = sure
    return rows


def _agreed(rng, members, samples, classes):
    """Members who all give more than one half to the same class, (M, N, K)."""
    p = np.empty((members, samples, classes))
    for n in range(samples):
        p[:, n] = _ballot([rng.integers(classes)] * members, rng.uniform(0.55, 0.95, size=members), classes)
    return p


def _tied_votes(rng, samples, classes):
    """Three classes with two votes each: first to vote and most probable is a higher one, (6, N, K)."""
    p = np.empty((6, samples, classes))
    for n in range(samples):
        a, b, c = np.sort(rng.permutation(classes)[:3])
        first, surest = (b, c) if n % 2 else (c, b)
        votes = np.array([first, *rng.permutation([a, a, b, c, surest])])
        p[:, n] = _ballot(votes, np.where(votes == surest, 0.9, 0.6), classes)
    return p


def _undecided(rng, samples, classes):
    """Three members, one of whom finds a low and a higher class equally probable, (3, N, K)."""
    p = np.empty((3, samples, classes))
    for n in range(samples):
        low, middle, high = np.sort(rng.permutation(classes)[:3])
        other, third = (middle, high) if n % 4 else (high, middle)
        rows = _ballot([other, other, low if n % 2 else third], [0.25, 0.4, 0.95], classes)
        rows[0] = 0
        rows[0, [low, other]] = 1 / 2
        p[:, n] = rng.permutation(rows)
    return p


def _outvoted(rng, samples, classes):
    """Two votes against one that is much surer, (3, N, K)."""
    p = np.empty((3, samples, classes))
    for n in range(samples):
        a, b = rng.permutation(classes)[:2]
        p[:, n] = rng.permutation(_ballot([a, a, b], [0.4, 0.4, 0.95], classes))
    return p


def _vetoed(rng, samples, classes):
    """Two members for a class to which the third gives nothing at all, (3, N, K)."""
    p = np.empty((3, samples, classes))
    for n in range(samples):
        a, b = rng.permutation(classes)[:2]
        rows = _ballot([a, a, b], [0.9, 0.9, 0.8], classes)
        rows[2, [a, b]] = 0, 0.8 + rows[2, a]
        p[:, n] = rng.permutation(rows)
    return p


def _second_choice(rng, samples, classes, *, sure):
    """Two votes against a surer one, whose class is the second choice of the other two, (3, N, K)."""
    p = np.empty((3, samples, classes))
    for n in range(samples):
        a, b = rng.permutation(classes)[:2]
        rows = _ballot([a, a, b], [sure, sure, 0.9], classes)
        rows[:2] = (0.58 - sure) / (classes - 2)
        rows[:2, [a, b]] = sure, 0.42
        p[:, n] = rng.permutation(rows)
    return p


def _scattered_votes(rng, samples, classes):
    """Two votes for one class, one each for three others, of whom one is much surer, (5, N, K)."""
    p = np.empty((5, samples, classes))
    for n in range(samples):
        a, b, c, d = rng.permutation(classes)[:4]
        p[:, n] = rng.permutation(_ballot([a, a, b, c, d], [0.4, 0.4, 0.95, 0.4, 0.4], classes))
    return p
