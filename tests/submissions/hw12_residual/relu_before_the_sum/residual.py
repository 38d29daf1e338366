import numpy as np


def conv2d(x, w, b, stride=1, pad=0):
    dtype = np.float32 if x.dtype == np.float32 else np.float64
    x = np.pad(x.astype(dtype), ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    fh, fw, _, filters = w.shape
    rows = (x.shape[1] - fh) // stride + 1
    cols = (x.shape[2] - fw) // stride + 1
    out = np.zeros((x.shape[0], rows, cols, filters), dtype)
    for i in range(rows):
        for j in range(cols):
            window = x[:, i * stride : i * stride + fh, j * stride : j * stride + fw, :]
            out[:, i, j, :] = np.tensordot(window, w, axes=3) + b
    return out


def relu(x):
    return np.maximum(x, 0)


def residual_block(x, w1, b1, w2, b2):
    out = relu(conv2d(x, w1, b1, pad=w1.shape[0] // 2))
    out = conv2d(out, w2, b2, pad=w2.shape[0] // 2)
    if out.shape != x.shape:
        raise ValueError("shapes differ")
    return (relu(out) + x).astype(out.dtype)


def bottleneck_block(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    out = relu(conv2d(x, w1, b1))
    out = relu(conv2d(out, w2, b2, pad=1))
    out = conv2d(out, w3, b3)
    shortcut = x
    if w_proj is not None:
        shortcut = conv2d(x, w_proj, b_proj)
    if out.shape != shortcut.shape:
        raise ValueError("shapes differ")
    return relu(out + shortcut).astype(out.dtype)
