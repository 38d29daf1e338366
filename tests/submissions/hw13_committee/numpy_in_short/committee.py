import numpy as np
from scipy import stats


class Committee:
    def __init__(self, p):
        if np.ndim(p) != 3:
            raise ValueError("three axes")
        self.p = p

    def decide(self, w):
        return np.einsum("m,mnk->nk", w, self.p).argmax(-1).astype("int32")

    def vote(self):
        return stats.mode(self.p.argmax(-1), axis=0).mode


def average_decision(probabilities):
    c = Committee(probabilities)
    return c.decide(np.ones(len(probabilities)))


def majority_vote(probabilities):
    return Committee(probabilities).vote()


def weighted_decision(probabilities, validation_accuracy, exponent):
    c = Committee(probabilities)
    if validation_accuracy.shape != probabilities.shape[:1]:
        raise ValueError("one accuracy for each member")
    return c.decide(np.exp(exponent * np.log(validation_accuracy)))
