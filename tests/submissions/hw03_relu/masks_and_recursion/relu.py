import numpy as np


def relu(x):
    if x.ndim == 1:
        return np.array([v if v > 0 else 0 for v in x], dtype=x.dtype if x.dtype == np.float32 else float)
    return np.stack([relu(row) for row in x])


def relu_gradient(x):
    out = np.zeros(x.shape, "f4" if x.dtype == "f4" else "f8")
    out[x > 0] = 1
    return out


def sigmoid(x):
    out = np.zeros(x.shape, "f4" if x.dtype == "f4" else "f8")
    up, down = x >= 0, x < 0
    out[up] = 1 / (1 + np.exp(-x[up].astype(out.dtype)))
    e = np.exp(x[down].astype(out.dtype))
    out[down] = e / (1 + e)
    return out


def tanh(x):
    return 2 * sigmoid(2 * x) - 1


def edge_pipeline(image, kernel):
    H, W = image.shape

    def at(i, j):
        inside = 0 <= i < H and 0 <= j < W
        return float(image[i, j]) if inside else 0.0

    conv = np.fromfunction(
        np.vectorize(
            lambda i, j: sum(at(i + u - 1, j + v - 1) * float(kernel[u, v]) for u in range(3) for v in range(3)),
            otypes=["f4" if image.dtype == "f4" else "f8"],
        ),
        (H, W),
        dtype=int,
    )
    pooled = conv
    for axis in (0, 1):  # pooling first: the maximum of the rectified is the rectified maximum
        pooled = np.maximum(np.take(pooled, range(0, pooled.shape[axis], 2), axis), np.take(pooled, range(1, pooled.shape[axis], 2), axis))
    return conv, relu(conv), relu(pooled)
