import numpy as np


def _float(a):
    return a if a.dtype == np.float32 else a.astype(np.float64)


def _lengths(a, *parameters):
    for p in parameters:
        if len(p) != a.shape[-1]:
            raise ValueError("wrong length")


def batchnorm_train(a, gamma, beta, eps):
    _lengths(a, gamma, beta)
    a = _float(a)
    axes = tuple(range(a.ndim - 1))
    mean = a.mean(axis=axes)
    n = a.size // a.shape[-1]
    var = ((a - mean) ** 2).sum(axis=axes) / a.dtype.type(max(n - 1, 1))
    return gamma * (a - mean) / np.sqrt(var + eps) + beta


def batchnorm_inference(a, running_mean, running_var, gamma, beta, eps):
    _lengths(a, running_mean, running_var, gamma, beta)
    return gamma * (_float(a) - running_mean) / np.sqrt(running_var + eps) + beta


def update_running(running, batch, momentum):
    if len(running) != len(batch):
        raise ValueError("wrong length")
    if not 0 <= momentum <= 1:
        raise ValueError("wrong momentum")
    return momentum * _float(running) + (1 - momentum) * batch


def layernorm(a, gamma, beta, eps):
    _lengths(a, gamma, beta)
    a = _float(a)
    mean = a.mean(axis=1, keepdims=True)
    var = a.var(axis=1, keepdims=True)
    return gamma * (a - mean) / np.sqrt(var + eps) + beta
