import numpy as np
from scipy.special import log_softmax
from scipy.special import softmax as _softmax


def _f(z):
    return z if z.dtype == np.float32 else z.astype(float)


def softmax(logits):
    return _softmax(_f(logits), axis=-1).astype(_f(logits).dtype)


def cross_entropy(y, t):
    if y.shape != t.shape:
        raise ValueError
    return float(np.mean(-np.log((_f(y) * t).sum(axis=1))))


def softmax_cross_entropy(logits, t):
    if logits.shape != t.shape:
        raise ValueError
    return np.mean(-np.take_along_axis(log_softmax(_f(logits), axis=-1), t.argmax(axis=1)[:, None], 1))


def softmax_cross_entropy_gradient(logits, t):
    if logits.shape != t.shape:
        raise ValueError
    return (softmax(logits) - t.astype(_f(logits).dtype)) / np.float32(len(t))
