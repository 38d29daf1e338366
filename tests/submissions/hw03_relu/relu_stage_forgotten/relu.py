import numpy as np


def as_float(x):
    return x.astype(np.float32 if x.dtype == np.float32 else np.float64)


def relu(x):
    return abs(as_float(x))


def tanh(x):
    z = np.exp(-2 * abs(as_float(x)))
    return np.sign(as_float(x)) * (1 - z) / (1 + z)


def sigmoid(x):
    return (1 + tanh(as_float(x))) / 2


def edge_pipeline(image, kernel):
    h, w = image.shape
    p = np.pad(as_float(image), 1)
    conv = np.zeros_like(p[1:-1, 1:-1])
    for u in range(3):
        for v in range(3):
            conv += kernel[u, v] * p[u : u + h, v : v + w]
    pooled = conv.reshape(h // 2, 2, w // 2, 2).max((1, 3))
    return conv, conv, np.maximum(pooled, 0)
