import numpy as np


def relu(x):
    return np.maximum(0, x)


def relu_gradient(x):
    return np.where(x > 0, 1.0, 0.0)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def tanh(x):
    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))


def edge_pipeline(image, kernel):
    padded = np.pad(image, 1)
    conv = np.zeros(image.shape)
    for i in range(image.shape[0]):
        for j in range(image.shape[1]):
            conv[i, j] = np.sum(padded[i : i + 3, j : j + 3] * kernel)
    r = relu(conv)
    pooled = np.maximum(np.maximum(r[::2, ::2], r[1::2, ::2]), np.maximum(r[::2, 1::2], r[1::2, 1::2]))
    return conv, r, pooled
