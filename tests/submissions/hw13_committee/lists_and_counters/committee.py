# 위원회: 리스트로만 계산
from collections import Counter

import numpy as np


def _check(p):
    if p.ndim != 3:
        raise ValueError("(M, N, K)가 아닙니다")


def _best(scores):
    best = 0
    for k in range(1, len(scores)):
        if scores[k] > scores[best]:  # 같으면 낮은 번호
            best = k
    return best


def average_decision(probabilities):
    return weighted_decision(probabilities, np.ones(probabilities.shape[0]), 1)


def majority_vote(probabilities):
    _check(probabilities)
    members = probabilities.tolist()
    result = []
    for n in range(len(members[0])):
        votes = Counter(_best(member[n]) for member in members)
        most = max(votes.values())
        result.append(min(k for k in votes if votes[k] == most))
    return np.array(result, dtype=int)


def weighted_decision(probabilities, validation_accuracy, exponent):
    _check(probabilities)
    if len(validation_accuracy) != len(probabilities):
        raise ValueError("구성원 수가 다릅니다")
    weights = [float(accuracy) ** exponent for accuracy in validation_accuracy]
    total = sum(weights)
    members, samples, classes = probabilities.shape
    result = []
    for n in range(samples):
        scores = []
        for k in range(classes):
            scores.append(sum(weights[m] / total * float(probabilities[m, n, k]) for m in range(members)))
        result.append(_best(scores))
    return np.array(result, dtype=int)
