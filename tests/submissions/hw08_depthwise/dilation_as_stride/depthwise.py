import numpy as np


def pad_image(x, pad):
    dtype = np.float32 if x.dtype == np.float32 else np.float64
    return np.pad(x.astype(dtype), ((0, 0), (pad, pad), (pad, pad), (0, 0)))


def dilated_conv2d(x, w, b, dilation=1, stride=1, pad=0):
    if dilation < 1:
        raise ValueError("dilation must be at least 1")
    x = pad_image(x, pad)
    fh, fw, _, filters = w.shape
    span_h, span_w = dilation * (fh - 1) + 1, dilation * (fw - 1) + 1
    if span_h > x.shape[1] or span_w > x.shape[2]:
        raise ValueError("the filter does not fit")
    step = stride * dilation
    rows = (x.shape[1] - fh) // step + 1
    cols = (x.shape[2] - fw) // step + 1
    out = np.zeros((x.shape[0], rows, cols, filters), x.dtype)
    for i in range(rows):
        for j in range(cols):
            window = x[:, i * step : i * step + fh, j * step : j * step + fw, :]
            out[:, i, j, :] = np.tensordot(window, w, axes=3) + b
    return out


def transposed_conv2d(x, w, stride=1, pad=0):
    if stride < 1:
        raise ValueError("stride must be at least 1")
    if x.shape[3] != w.shape[3]:
        raise ValueError("x and w have different numbers of filters")
    x = pad_image(x, 0)
    n, height, width, _ = x.shape
    fh, fw, channels, _ = w.shape
    out = np.zeros((n, stride * (height - 1) + fh, stride * (width - 1) + fw, channels), x.dtype)
    for i in range(height):
        for j in range(width):
            top, left = i * stride, j * stride
            out[:, top : top + fh, left : left + fw, :] += np.tensordot(x[:, i, j, :], w, axes=(1, 3))
    return out[:, pad : out.shape[1] - pad, pad : out.shape[2] - pad, :]


def separable_conv2d(x, column, row, pad=0):
    x = pad_image(x, pad)
    if len(column) > x.shape[1] or len(row) > x.shape[2]:
        raise ValueError("the filter does not fit")
    rows = x.shape[1] - len(column) + 1
    cols = x.shape[2] - len(row) + 1
    y = np.zeros((x.shape[0], rows, x.shape[2], x.shape[3]), x.dtype)
    for u in range(len(column)):
        y += column[u] * x[:, u : u + rows]
    z = np.zeros((x.shape[0], rows, cols, x.shape[3]), x.dtype)
    for v in range(len(row)):
        z += row[v] * y[:, :, v : v + cols]
    return z


def depthwise_conv2d(x, w, stride=1, pad=0):
    if x.shape[3] != w.shape[2]:
        raise ValueError("different channels")
    x = pad_image(x, pad)
    fh, fw, channels = w.shape
    if fh > x.shape[1] or fw > x.shape[2]:
        raise ValueError("the filter does not fit")
    rows = (x.shape[1] - fh) // stride + 1
    cols = (x.shape[2] - fw) // stride + 1
    out = np.zeros((x.shape[0], rows, cols, channels), x.dtype)
    for i in range(rows):
        for j in range(cols):
            window = x[:, i * stride : i * stride + fh, j * stride : j * stride + fw, :]
            out[:, i, j, :] = (window * w).sum(axis=(1, 2))
    return out


def pointwise_conv2d(x, w):
    if x.shape[3] != w.shape[0]:
        raise ValueError("different channels")
    x = pad_image(x, 0)
    return (x @ w).astype(x.dtype)


def depthwise_separable_conv2d(x, depthwise, pointwise, stride=1, pad=0):
    return pointwise_conv2d(depthwise_conv2d(x, depthwise, stride, pad), pointwise)


def conv_multiplications(n, f, c, h):
    return f * f * c * h * n * n


def depthwise_separable_multiplications(n, f, c, h):
    return f * f * c * n * n + c * h * n * n


def cost_ratio(f, h):
    return 1 / h + 1 / (f * f)
