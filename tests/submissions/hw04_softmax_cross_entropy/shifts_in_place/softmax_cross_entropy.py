import numpy as np


def _float(x):
    return x if x.dtype == np.float32 else x.astype(np.float64)


def _log_softmax(z):
    z = _float(z)
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def _check(z, t):
    if z.shape != t.shape:
        raise ValueError("shapes differ")


def softmax(logits):
    logits -= logits.max(axis=-1, keepdims=True)
    return np.exp(_log_softmax(logits))


def cross_entropy(y, t):
    _check(y, t)
    return -np.log(_float(y)[t > 0]).sum() / len(y)


def softmax_cross_entropy(logits, t):
    _check(logits, t)
    return -(t * _log_softmax(logits)).sum() / len(t)


def softmax_cross_entropy_gradient(logits, t):
    _check(logits, t)
    return ((np.exp(_log_softmax(logits)) - t) / len(t)).astype(_float(logits).dtype)
