import numpy as np


def as_float(x):
    return x.astype(np.float32 if x.dtype == np.float32 else np.float64)


def relu(x):
    return as_float(x) * (x > 0)


def relu_gradient(x):
    return as_float(np.greater_equal(x, 0)).astype(as_float(x).dtype)


def sigmoid(x):
    x = as_float(x)
    return np.where(x > 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))


def tanh(x):
    return np.tanh(as_float(x))


def edge_pipeline(image, kernel):
    k = as_float(kernel)[::-1, ::-1]
    p = np.pad(as_float(image), 1)
    h, w = image.shape
    conv = sum(k[u, v] * p[u : u + h, v : v + w] for u in range(3) for v in range(3))
    r = relu(conv)
    return conv, r, r.reshape(h // 2, 2, w // 2, 2).max((1, 3))
