import math

import numpy as np


def kind(x):
    return np.float32 if x.dtype == np.float32 else np.float64


def each(f):
    def of_array(x):
        return np.array([f(float(v)) for v in x.ravel()], dtype=kind(x)).reshape(x.shape)

    return of_array


relu = each(lambda v: max(v, 0.0))
relu_gradient = each(lambda v: float(v > 0))
sigmoid = each(lambda v: 0.5 + 0.5 * math.tanh(v / 2))
tanh = each(math.tanh)


def edge_pipeline(image, kernel):
    h, w = image.shape
    a = [[0.0] * (w + 2)] + [[0.0, *map(float, row), 0.0] for row in image] + [[0.0] * (w + 2)]
    k = kernel.tolist()
    conv = np.zeros((h, w), kind(image))
    for i in range(h):
        for j in range(w):
            conv[i][j] = math.fsum(a[i + u][j + v] * k[u][v] for u in range(3) for v in range(3))
    r = relu(conv)
    p = np.array([[r[i : i + 2, j : j + 2].max() for j in range(0, w, 2)] for i in range(0, h, 2)])
    return conv, r, p
