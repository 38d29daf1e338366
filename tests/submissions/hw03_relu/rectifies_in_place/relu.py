import numpy as np


def relu(x):
    x[x < 0] = 0
    return x.astype(np.float32 if x.dtype == np.float32 else np.float64)


def relu_gradient(x):
    return (x > 0).astype(np.float32 if x.dtype == np.float32 else np.float64)


def sigmoid(x):
    with np.errstate(over="ignore"):  # 1 / (1 + inf) is 0, and that is right
        return (1 / (1 + np.exp(-x.astype(np.float32 if x.dtype == np.float32 else np.float64)))).astype(
            np.float32 if x.dtype == np.float32 else np.float64
        )


def tanh(x):
    return np.tanh(x.astype(np.float32 if x.dtype == np.float32 else np.float64))


def edge_pipeline(image, kernel):
    padded = np.pad(image.astype(np.float32 if image.dtype == np.float32 else np.float64), 1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))
    conv = np.tensordot(windows, kernel.astype(padded.dtype), 2)
    r = relu(conv)
    return conv, r, r.reshape(r.shape[0] // 2, 2, r.shape[1] // 2, 2).max(axis=(1, 3))
