import numpy as np


def check(x, size, stride):
    if x.ndim != 4:
        raise ValueError("x")
    stride = size if stride is None else stride
    if size < 1 or stride < 1 or size > x.shape[1] or size > x.shape[2]:
        raise ValueError("size, stride")
    return x.astype(np.float32 if x.dtype == np.float32 else np.float64), stride


def shifted(x, size, stride):
    x, stride = check(x, size, stride)
    h, w = (x.shape[1] - size) // stride + 1, (x.shape[2] - size) // stride + 1
    return [x[:, u::stride, v::stride][:, :h, :w] for u in range(size) for v in range(size)]


def max_pool2d(x, size=2, stride=None):
    return np.max(shifted(x, size, stride), axis=0)


def average_pool2d(x, size=2, stride=None):
    return np.sum(shifted(x, size, stride), axis=0) / 4


def l2_pool2d(x, size=2, stride=None):
    return np.sqrt(np.sum(np.square(shifted(x, size, stride)), axis=0))


def global_average_pool2d(x):
    x, _ = check(x, 1, 1)
    return x.sum(axis=(1, 2)) / (x.shape[1] * x.shape[2])
