import numpy as np


def average_decision(probabilities):
    if probabilities.ndim != 3:
        raise ValueError("not (M, N, K)")
    return np.prod(probabilities, axis=0).argmax(axis=1)


def majority_vote(probabilities):
    if probabilities.ndim != 3:
        raise ValueError("not (M, N, K)")
    votes = probabilities.argmax(axis=2)
    return np.array([np.bincount(votes[:, n]).argmax() for n in range(votes.shape[1])])


def weighted_decision(probabilities, validation_accuracy, exponent):
    if probabilities.ndim != 3 or len(validation_accuracy) != len(probabilities):
        raise ValueError("not (M, N, K), or not (M,)")
    weights = validation_accuracy**exponent
    return np.average(probabilities, axis=0, weights=weights).argmax(axis=1)
