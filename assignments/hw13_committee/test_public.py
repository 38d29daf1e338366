"""Public tests of hw13: worked examples, and laws that every committee keeps.

`grade hw13` runs them at home. They give no points and no answers away: a law compares your
function with itself, on other arguments, and `check_answer` compares hashes. Your members are read, and not
yet asked about images.
"""

import numpy as np

from grader.checks.answers import check_answer
from grader.checks.arrays import check_equal, require
from grader.checks.committee import check_member_files


def test_three_members_and_their_mean(student):
    """average_decision: the worked example, three members and two samples."""
    p = [[[0.1, 0.8, 0.1], [0.5, 0.3, 0.2]], [[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]], [[0.4, 0.3, 0.3], [0.1, 0.7, 0.2]]]
    check_equal(student.average_decision(np.array(p)), np.array([1, 1]), what="the decision")


def test_two_who_cancel_out(student):
    """average_decision: two members who see two classes the other way round leave a tie."""
    p = np.array([[[0.0, 0.25, 0.25, 0.5]], [[0.0, 0.25, 0.5, 0.25]]])
    check_equal(student.average_decision(p), np.array([2]), what="the decision")


def test_members_in_another_order(student, rng):
    """average_decision: the order of the members does not count."""
    p = rng.dirichlet(np.ones(4), size=(3, 8))
    decision = _classes(student.average_decision(p), 8)
    check_equal(student.average_decision(p[[2, 0, 1]]), decision, what="the decision")


def test_a_sample_alone(student, rng):
    """average_decision: a sample is decided alone as it is in a batch."""
    p = rng.dirichlet(np.ones(3), size=(4, 5))
    decision = _classes(student.average_decision(p), 5)
    for n in range(5):
        check_equal(student.average_decision(p[:, n : n + 1]), decision[n : n + 1], what="the decision of one sample")


def test_ten_samples_and_their_means(student):
    """average_decision: five members, ten samples and four classes, in whole numbers."""
    check_answer(student.average_decision, _whole_numbers())


def test_three_members_and_their_votes(student):
    """majority_vote: the worked example, three members and two samples."""
    p = [[[0.1, 0.8, 0.1], [0.5, 0.3, 0.2]], [[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]], [[0.4, 0.3, 0.3], [0.1, 0.7, 0.2]]]
    check_equal(student.majority_vote(np.array(p)), np.array([0, 0]), what="the elected classes")


def test_two_against_two(student):
    """majority_vote: two votes against two, and the lower of the two classes wins."""
    p = np.array([[[0.1, 0.2, 0.7]], [[0.2, 0.6, 0.2]], [[0.1, 0.1, 0.8]], [[0.3, 0.4, 0.3]]])
    check_equal(student.majority_vote(p), np.array([1]), what="the elected class")


def test_sharper_members(student, rng):
    """majority_vote: members who become surer of the same classes change nothing."""
    p = rng.dirichlet(np.ones(4), size=(3, 8))
    decision = _classes(student.majority_vote(p), 8)
    sharper = p**3 / (p**3).sum(axis=2, keepdims=True)
    check_equal(student.majority_vote(sharper), decision, what="the elected classes")


def test_every_voter_twice(student, rng):
    """majority_vote: where every member votes twice, the result is the same."""
    p = rng.dirichlet(np.ones(4), size=(3, 8))
    decision = _classes(student.majority_vote(p), 8)
    check_equal(student.majority_vote(np.concatenate([p, p])), decision, what="the elected classes")


def test_ten_samples_and_their_votes(student):
    """majority_vote: five members, ten samples and four classes, in whole numbers."""
    check_answer(student.majority_vote, _whole_numbers())


def test_three_members_and_their_weights(student):
    """weighted_decision: the worked example, the last member counts most."""
    p = [[[0.1, 0.8, 0.1], [0.5, 0.3, 0.2]], [[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]], [[0.4, 0.3, 0.3], [0.1, 0.7, 0.2]]]
    accuracy = np.array([0.4, 0.6, 0.8])
    for exponent, classes in ((0, [1, 1]), (1, [1, 1]), (4, [0, 1])):
        decision = student.weighted_decision(np.array(p), accuracy, exponent)
        check_equal(decision, np.array(classes), what="the decision")


def test_an_exponent_of_zero(student, rng):
    """weighted_decision: with an exponent of 0 the accuracies do not count."""
    p = rng.dirichlet(np.ones(4), size=(3, 8))
    decision = _classes(student.weighted_decision(p, np.array([0.3, 0.9, 0.6]), 0), 8)
    check_equal(student.weighted_decision(p, np.array([0.8, 0.1, 0.7]), 0), decision, what="the decision")


def test_half_the_accuracy(student, rng):
    """weighted_decision: only the ratios of the accuracies count."""
    p, accuracy = rng.dirichlet(np.ones(4), size=(3, 8)), np.array([0.9, 0.5, 0.7])
    decision = _classes(student.weighted_decision(p, accuracy, 2), 8)
    check_equal(student.weighted_decision(p, accuracy / 2, 2), decision, what="the decision")


def test_a_member_twice(student, rng):
    """weighted_decision: a member who sits there twice is one with twice the weight."""
    p = rng.dirichlet(np.ones(4), size=(2, 8))
    decision = _classes(student.weighted_decision(p, np.array([0.8, 0.4]), 1), 8)
    twice = student.weighted_decision(p[[0, 0, 1]], np.array([0.4, 0.4, 0.4]), 1)
    check_equal(twice, decision, what="the decision")


def test_ten_samples_and_their_weights(student):
    """weighted_decision: five members, ten samples and four classes, in whole numbers."""
    accuracy = np.array([4, 6, 3, 7, 2]) / 8
    check_answer(student.weighted_decision, _whole_numbers(), accuracy, 1)
    check_answer(student.weighted_decision, _whole_numbers(), accuracy, 3)


def test_three_different_networks(student, neutral):
    """members: three files hold networks of the course, and no two are the same."""
    check_member_files(student.members, neutral)


def _whole_numbers():
    """Five members, ten samples, four classes: the larger the number, the surer the member."""
    return (np.arange(200) ** 3 % 211 % 17).reshape(5, 10, 4)


def _classes(value, samples):
    """The student's decision, once it is one class for each sample."""
    is_array = isinstance(value, np.ndarray) and value.shape == (samples,) and value.dtype.kind in "iu"
    require(is_array, f"The result is an array of {samples} integers.")
    return value
