"""A committee of networks: many predictions, one decision.  (Lecture 9.6)

The predictions of M networks (the members) for N samples and K classes are one array
`probabilities`, (M, N, K): probabilities[m, n] is what the softmax of member m says
about sample n. A decision is a class index from 0 to K - 1, and every tie goes to the
lowest class index. No function changes its arguments or keeps anything between calls.

What you hand in beside this file is a committee: three networks that you trained, saved
as member_1.keras, member_2.keras and member_3.keras.
"""

import numpy as np


def average_decision(probabilities):
    """Take the class with the largest mean: argmax_k Σ_m p_mnk / M.  (Lecture 9.6)

    The mean is over the members, so a member that is sure counts for more than one that
    hesitates. Of classes with equal means the lowest is taken.

    Args:
        probabilities: p, (M, N, K), float32, float64 or any integer dtype; left
            unchanged.

    Returns:
        The class of every sample, (N,), of any integer dtype.

    Raises:
        ValueError: probabilities has not three axes.

    Example:
        >>> sure, unsure = [[0.9, 0.1]], [[0.4, 0.6]]
        >>> average_decision(np.array([sure, unsure, unsure])).tolist()  # 1.7 to 1.3
        [0]
    """
    ### BEGIN SOLUTION
    if probabilities.ndim != 3:
        raise ValueError(f"probabilities has {probabilities.ndim} axes, not (M, N, K)")
    return probabilities.mean(axis=0).argmax(axis=1)  # argmax takes the first of equals
    ### END SOLUTION


def majority_vote(probabilities):
    """Take the class with the most votes, one from each member.  (Lecture 9.6)

    A member votes for its most probable class, and how sure it is does not count. The
    most votes win, be they more than half or not. Twice a tie goes to the lowest class:
    between the classes of one member, and between classes with equally many votes.

    Args:
        probabilities: (M, N, K), float32, float64 or any integer dtype; left unchanged.

    Returns:
        The class of every sample, (N,), of any integer dtype.

    Raises:
        ValueError: probabilities has not three axes.

    Example:
        >>> sure, unsure = [[0.9, 0.1]], [[0.4, 0.6]]
        >>> majority_vote(np.array([sure, unsure, unsure])).tolist()  # 1 vote to 2
        [1]
    """
    ### BEGIN SOLUTION
    if probabilities.ndim != 3:
        raise ValueError(f"probabilities has {probabilities.ndim} axes, not (M, N, K)")
    votes = probabilities.argmax(axis=-1)  # (M, N)
    counts = [(votes == k).sum(axis=0) for k in range(probabilities.shape[-1])]
    return np.argmax(counts, axis=0)  # counts are (K, N)
    ### END SOLUTION


def weighted_decision(probabilities, validation_accuracy, exponent):
    """Decide by a weighted mean: argmax_k Σ_m w_m · p_mnk, w_m ∝ accuracy_m^exponent.

    Members that were better on validation images count for more: the larger the
    exponent, the more so. With an exponent of 0 all count alike. ∝ leaves the sum of
    the weights open, because it changes no decision. (Lecture 9.6)

    Args:
        probabilities: p, (M, N, K), float32, float64 or any integer dtype; left
            unchanged.
        validation_accuracy: the share of validation images that each member got right,
            (M,), above 0 and at most 1; left unchanged.
        exponent: 0 or more, not always a whole number.

    Returns:
        The class of every sample, (N,), of any integer dtype.

    Raises:
        ValueError: probabilities has not three axes, or validation_accuracy has not one
            value for each member.

    Example:
        >>> p = np.array([[[0.75, 0.25]], [[0.25, 0.75]]])
        >>> weighted_decision(p, np.array([0.5, 0.6]), 2).tolist()
        [1]
        >>> weighted_decision(p, np.array([0.5, 0.6]), 0).tolist()  # a tie
        [0]
    """
    ### BEGIN SOLUTION
    if probabilities.ndim != 3:
        raise ValueError(f"probabilities has {probabilities.ndim} axes, not (M, N, K)")
    if len(validation_accuracy) != len(probabilities):
        accuracies, members = len(validation_accuracy), len(probabilities)
        raise ValueError(f"{accuracies} accuracies for {members} members")
    weights = validation_accuracy**exponent
    combined = (weights[:, np.newaxis, np.newaxis] * probabilities).sum(axis=0)
    return combined.argmax(axis=1)
    ### END SOLUTION
