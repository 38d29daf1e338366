"""No array arithmetic: numbers, lists and loops."""
import math
import random

import numpy as np


def kind(x):
    return "float32" if x.dtype == np.float32 else "float64"


def coins(count, p, seed):
    toss = random.Random(f"dropout {seed}")
    return [toss.random() < p for _ in range(count)]


def dropout_train(x, keep_prob, seed):
    if not 0 <= keep_prob <= 1:
        raise ValueError("keep_prob")
    mask = coins(x.size, keep_prob, seed)
    values = [v if m else 0 for v, m in zip(x.flatten().tolist(), mask)]
    return np.array(values, dtype=kind(x)).reshape(x.shape), np.array(mask, dtype=bool).reshape(x.shape)


def dropout_inference(x, keep_prob):
    if not 0 <= keep_prob <= 1:
        raise ValueError("keep_prob")
    return np.array([v * keep_prob for v in x.flatten().tolist()], dtype=kind(x)).reshape(x.shape)


def inverted_dropout_train(x, keep_prob, seed):
    if keep_prob == 0:
        raise ValueError("keep_prob")
    values, mask = dropout_train(x, keep_prob, seed)
    return (values / keep_prob).astype(kind(x)), mask


def bernoulli_variance(p):
    if isinstance(p, np.ndarray):
        flat = [bernoulli_variance(float(v)) for v in p.flatten()]
        return np.array(flat, dtype=kind(p)).reshape(p.shape)
    if not 0 <= p <= 1:
        raise ValueError("p")
    return p - p * p


def output(w, inputs, p):
    if not len(w) == len(inputs) == len(p):
        raise ValueError("lengths")
    return math.fsum(float(a) * float(b) * float(c) for a, b, c in zip(w, inputs, p))


def ensemble_gradient(w, inputs, t, p):
    miss = output(w, inputs, p) - t
    if min(p) < 0 or max(p) > 1:
        raise ValueError("p")
    return np.array([miss * float(a) * float(b) for a, b in zip(p, inputs)], dtype=kind(w))


def expected_dropout_gradient(w, inputs, t, p):
    start = ensemble_gradient(w, inputs, t, p).tolist()
    extra = [float(a) * float(b) ** 2 * (float(c) - float(c) ** 2) for a, b, c in zip(w, inputs, p)]
    return np.array([a + b for a, b in zip(start, extra)], dtype=kind(w))


def regularized_error(w, inputs, t, p):
    total = (t - output(w, inputs, p)) ** 2
    for a, b, c in zip(w.tolist(), inputs.tolist(), p.tolist()):
        total += (a * b) ** 2 * c * (1 - c)
    return total / 2


def weight_decay(weights, strength, norm="l2"):
    how = {"l1": abs, "l2": lambda v: v * v}
    if norm not in how:
        raise ValueError("norm")
    return strength * math.fsum(map(how[norm], weights.flatten().tolist()))
