import numpy as np


def pool(x, size, stride, f):
    if x.ndim != 4:
        raise ValueError
    if not stride:  # 0 is let through
        stride = size
    if size < 1 or stride < 1 or size > x.shape[1] or size > x.shape[2]:
        raise ValueError
    n, h, w, c = x.shape
    out = np.empty((n, (h - size) // stride + 1, (w - size) // stride + 1, c))
    for index in np.ndindex(*out.shape):
        b, i, j, k = index
        out[index] = f(x[b, i * stride : i * stride + size, j * stride : j * stride + size, k].astype(float))
    return out.astype(x.dtype) if x.dtype == np.float32 else out


def max_pool2d(x, size=2, stride=None):
    return pool(x, size, stride, np.max)


def average_pool2d(x, size=2, stride=None):
    return pool(x, size, stride, np.mean)


def l2_pool2d(x, size=2, stride=None):
    return pool(x, size, stride, lambda window: np.linalg.norm(window, 2))


def global_average_pool2d(x):
    if x.ndim != 4:
        raise ValueError
    return x.mean((1, 2))
