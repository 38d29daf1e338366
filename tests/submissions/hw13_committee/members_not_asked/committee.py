"""Decisions that come from nowhere."""

import numpy as np


def average_decision(probabilities):
    return np.arange(probabilities.shape[1]) % probabilities.shape[2]


def majority_vote(probabilities):
    return probabilities.argmax(axis=2)


def weighted_decision(probabilities, validation_accuracy, exponent):
    raise KeyError("no such committee")
