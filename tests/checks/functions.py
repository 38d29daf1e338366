"""Right and wrong functions of the kind that students write, for the tests of the checks."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def conv2d(x: Array, w: Array, b: Array, stride: int = 1, pad: int = 0) -> Array:
    """The right one: filters are not flipped."""
    if stride < 1 or pad < 0:
        raise ValueError("stride is 1 or more, pad 0 or more")
    if x.shape[3] != w.shape[2]:
        raise ValueError("channels differ")
    dtype = np.float32 if x.dtype == np.float32 else np.float64
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    fh, fw, _, filters = w.shape
    rows = (padded.shape[1] - fh) // stride + 1
    columns = (padded.shape[2] - fw) // stride + 1
    if rows < 1 or columns < 1:
        raise ValueError("the filter does not fit")
    out = np.zeros((x.shape[0], rows, columns, filters), dtype)
    for i in range(rows):
        for j in range(columns):
            window = padded[:, i * stride : i * stride + fh, j * stride : j * stride + fw, :]
            out[:, i, j, :] = np.tensordot(window, w, axes=([1, 2, 3], [0, 1, 2])) + b
    return out


def flips_the_filter(x: Array, w: Array, b: Array, stride: int = 1, pad: int = 0) -> Array:
    return conv2d(x, w[::-1, ::-1], b, stride, pad)


def forgets_the_bias(x: Array, w: Array, b: Array, stride: int = 1, pad: int = 0) -> Array:
    return conv2d(x, w, np.zeros_like(b), stride, pad)


def ignores_the_stride(x: Array, w: Array, b: Array, stride: int = 1, pad: int = 0) -> Array:
    return conv2d(x, w, b, 1, pad)


def loses_the_last_row(x: Array, w: Array, b: Array, stride: int = 1, pad: int = 0) -> Array:
    return conv2d(x, w, b, stride, pad)[:, :-1]


def loops_over_lists(x: Array, w: Array, b: Array, stride: int = 1, pad: int = 0) -> Array:
    """Right, in another order of summation: plain Python floats."""
    images = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0))).tolist()
    rows = (len(images[0]) - w.shape[0]) // stride + 1
    columns = (len(images[0][0]) - w.shape[1]) // stride + 1
    out = np.empty((x.shape[0], rows, columns, w.shape[3]))
    for index in np.ndindex(*out.shape):
        n, i, j, k = index
        total = float(b[k])
        for u in range(w.shape[0]):
            for v in range(w.shape[1]):
                for c in range(w.shape[2]):
                    total += images[n][i * stride + u][j * stride + v][c] * float(w[u, v, c, k])
        out[index] = total
    return out


def softmax(logits: Array) -> Array:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def softmax_without_shift(logits: Array) -> Array:
    grown = np.exp(logits)
    return np.asarray(grown / grown.sum(axis=-1, keepdims=True))


def conv_arguments(rng: np.random.Generator, dtype: type = np.float64) -> tuple[Array, Array, Array]:
    """Images (2, 7, 9, 3), filters (3, 2, 3, 4) and biases (4,): every length but the filter's height is its own."""
    return (
        rng.normal(size=(2, 7, 9, 3)).astype(dtype),
        rng.normal(size=(3, 2, 3, 4)).astype(dtype),
        rng.normal(size=(4,)).astype(dtype),
    )
