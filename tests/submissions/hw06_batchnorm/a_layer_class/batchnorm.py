import numpy as np


class Normalization:
    """One class for all of it: the axes say what is normalized over what."""

    def __init__(self, gamma, beta, eps):
        self.gamma, self.beta, self.eps = gamma, beta, eps

    def check(self, a, *more):
        for array in (self.gamma, self.beta) + more:
            if array.shape != (a.shape[-1],):
                raise ValueError("%s values, %s nodes" % (array.shape, a.shape[-1]))

    def apply(self, a, mean, var):
        scale = self.gamma / np.sqrt(var + self.eps)
        return np.einsum("...d,...d->...d", a - mean, np.broadcast_to(scale, a.shape)) + self.beta

    def over(self, a, axes):
        self.check(a)
        a = as_float(a)
        mean = a.mean(axis=axes, keepdims=True)
        return self.apply(a, mean, a.var(axis=axes, keepdims=True))


def as_float(a):
    return a if a.dtype.kind == "f" else a.astype(np.float64)


def batchnorm_train(a, gamma, beta, eps):
    return Normalization(gamma, beta, eps).over(a, tuple(range(a.ndim))[:-1])


def batchnorm_inference(a, running_mean, running_var, gamma, beta, eps):
    layer = Normalization(gamma, beta, eps)
    layer.check(a, running_mean, running_var)
    return layer.apply(as_float(a), running_mean, running_var)


def update_running(running, batch, momentum):
    if len(running) != len(batch) or not (0 <= momentum <= 1):
        raise ValueError("momentum %s, lengths %d and %d" % (momentum, len(running), len(batch)))
    running = as_float(running)
    return running - (running - batch) * (1 - momentum)


def layernorm(a, gamma, beta, eps):
    return Normalization(gamma, beta, eps).over(a, -1)


layer = Normalization(np.ones(2), np.zeros(2), 1e-5)
print(layer.over(np.array([[1, 2], [3, 4]]), 0))
