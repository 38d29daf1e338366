import math

import numpy as np


def _rows(z):
    rows = []
    for row in z.reshape(-1, z.shape[-1]).tolist():
        top = max(row)
        rows.append((row, top, sum(math.exp(v - top) for v in row)))
    return rows


def _kind(z):
    return np.float32 if z.dtype == np.float32 else np.float64


def softmax(logits):
    y = [[math.exp(v - top) / total for v in row] for row, top, total in _rows(logits)]
    return np.array(y, _kind(logits)).reshape(logits.shape)


def cross_entropy(y, t):
    if y.shape != t.shape:
        raise ValueError("shape")
    losses = [-math.log(p) for row, true in zip(y.tolist(), t.tolist()) for p, k in zip(row, true) if k]
    return sum(losses) / len(y)


def softmax_cross_entropy(logits, t):
    if logits.shape != t.shape:
        raise ValueError("shape")
    total = 0.0
    for (row, top, powers), true in zip(_rows(logits), t.tolist()):
        total += top + math.log(powers) - row[true.index(1)]
    return total / len(t)


def softmax_cross_entropy_gradient(logits, t):
    if logits.shape != t.shape:
        raise ValueError("shape")
    return np.array([[(p - k) / len(t) for p, k in zip(a, b)] for a, b in zip(softmax(logits), t)], _kind(logits))
