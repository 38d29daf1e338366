import numpy as np


def windows(x, size, stride):
    if x.ndim != 4:
        raise ValueError("x must be (N, H, W, C)")
    if stride is None:
        stride = size
    if size < 1 or stride < 1 or size > min(x.shape[1], x.shape[2]):
        raise ValueError("bad size or stride")
    rows = (x.shape[1] - size) // stride + 1
    cols = (x.shape[2] - size) // stride + 1
    out = np.zeros((x.shape[0], rows, cols, x.shape[3]), dtype=np.float32 if x.dtype == np.float32 else float)
    return stride, out


def max_pool2d(x, size=2, stride=None):
    stride, out = windows(x, size, stride)
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            for u in range(size):
                for v in range(size):
                    # out is still 0 at first
                    out[:, i, j] = np.maximum(out[:, i, j], x[:, i * stride + u, j * stride + v])
    return out


def average_pool2d(x, size=2, stride=None):
    stride, out = windows(x, size, stride)
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            top, left = i * stride, j * stride
            out[:, i, j] = x[:, top : top + size, left : left + size].mean(axis=(1, 2))
    return out


def l2_pool2d(x, size=2, stride=None):
    return average_pool2d(x.astype(np.float32 if x.dtype == np.float32 else float) ** 2, size, stride) ** 0.5 * size


def global_average_pool2d(x):
    if x.ndim != 4:
        raise ValueError("x must be (N, H, W, C)")
    mean = x.mean(axis=(1, 2))
    return mean
