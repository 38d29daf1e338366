"""Right solutions of hw12 in other styles: each must have all points of its function."""

import numpy as np

from grader.checks.alternatives import alternative

# residual_block


@alternative("residual_block", title="loops over lists, an array at the end")
def loops_over_lists(x, w1, b1, w2, b2):
    images = []
    for image in x.tolist():
        first = _rectified(_convolved_lists(image, w1.tolist(), b1.tolist()))
        second = _convolved_lists(first, w2.tolist(), b2.tolist())
        images.append(_rectified(_added_lists(second, image)))
    return np.array(images, dtype=_float_for(x))


def _convolved_lists(image, w, b):
    height, width, half = len(image), len(image[0]), len(w) // 2
    maps = []
    for i in range(height):
        row = []
        for j in range(width):
            pixel = [float(bias) for bias in b]
            for u in range(max(0, half - i), min(len(w), height + half - i)):
                for v in range(max(0, half - j), min(len(w), width + half - j)):
                    for c, value in enumerate(image[i + u - half][j + v - half]):
                        for k in range(len(b)):
                            pixel[k] += value * w[u][v][c][k]
            row.append(pixel)
        maps.append(row)
    return maps


def _rectified(maps):
    return [[[value if value > 0 else 0.0 for value in pixel] for pixel in row] for row in maps]


def _added_lists(maps, image):
    if len(maps[0][0]) != len(image[0][0]):
        raise ValueError("channels differ")
    return [
        [[f + value for f, value in zip(*pixels, strict=True)] for pixels in zip(*rows, strict=True)]
        for rows in zip(maps, image, strict=True)
    ]


@alternative("residual_block", title="einsum over windows, ReLU as a mask")
def einsum_and_masks(x, w1, b1, w2, b2):
    inner = _windows(x.astype(_float_for(x)), w1, b1)
    inner = inner * (inner > 0)
    residual = _windows(inner, w2, b2)
    if residual.shape != x.shape:
        raise ValueError("shapes differ")
    h = residual + x
    h[h < 0] = 0
    return h.astype(_float_for(x))


def _windows(x, w, b):
    pad = (w.shape[0] - 1) // 2
    padded = np.pad(x, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
    view = np.lib.stride_tricks.sliding_window_view(padded, w.shape[:2], axis=(1, 2))
    return (np.einsum("nijcuv,uvck->nijk", view, w, optimize=True) + b).astype(x.dtype)


@alternative("residual_block", title="the identity as one more tap of the second filter")
def the_identity_as_a_tap(x, w1, b1, w2, b2):
    if w2.shape[3] != x.shape[3]:
        raise ValueError("F(x) has other channels than x")
    dtype = _float_for(x)
    inner = _taps(x.astype(dtype), w1, b1).clip(min=0)
    both = np.concatenate([inner, x.astype(dtype)], axis=3)  # x goes round the first layer
    identity = np.zeros((*w2.shape[:2], x.shape[3], x.shape[3]), dtype)
    identity[w2.shape[0] // 2, w2.shape[1] // 2] = np.eye(x.shape[3])
    return _taps(both, np.concatenate([w2.astype(dtype), identity], axis=2), b2).clip(min=0)


def _taps(x, w, b):
    """One product of matrices for each tap, in the dtype of x."""
    height, width, pad = x.shape[1], x.shape[2], w.shape[0] // 2
    padded = np.zeros((len(x), height + 2 * pad, width + 2 * pad, x.shape[3]), x.dtype)
    padded[:, pad : pad + height, pad : pad + width] = x
    parts = [
        np.tensordot(padded[:, u : u + height, v : v + width], w[u, v].astype(x.dtype), axes=1)
        for u in range(w.shape[0])
        for v in range(w.shape[1])
    ]
    return sum(reversed(parts)) + b.astype(x.dtype)


# bottleneck_block


@alternative("bottleneck_block", title="layers as objects, one after the other")
def layers_as_objects(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    x = x.astype(_float_for(x))
    layers = [_Convolution(w1, b1), _Rectifier(), _Convolution(w2, b2), _Rectifier(), _Convolution(w3, b3)]
    maps = x
    for layer in layers:
        maps = layer(maps)
    shortcut = x if w_proj is None else _Convolution(w_proj, b_proj)(x)
    if maps.shape != shortcut.shape:
        raise ValueError("the shortcut does not fit")
    return _Rectifier()(maps + shortcut)


class _Convolution:
    """One layer, that gathers the windows as rows."""

    def __init__(self, w, b):
        self.w, self.b, self.pad = w, b, w.shape[0] // 2

    def __call__(self, x):
        frame = ((0, 0), (self.pad, self.pad), (self.pad, self.pad), (0, 0))
        padded, size = np.pad(x, frame), len(self.w)
        rows = [
            image[i : i + size, j : j + size].ravel()
            for image in padded
            for i in range(x.shape[1])
            for j in range(x.shape[2])
        ]
        product = np.array(rows) @ self.w.reshape(-1, len(self.b)).astype(x.dtype) + self.b.astype(x.dtype)
        return product.reshape(*x.shape[:3], -1)


class _Rectifier:
    def __call__(self, x):
        return np.where(x > 0, x, np.zeros_like(x))


@alternative("bottleneck_block", title="1x1 convolutions as products of matrices")
def products_of_matrices(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    dtype = _float_for(x)
    x = np.asfortranarray(x.astype(dtype))
    narrow = np.maximum(0, x @ w1[0, 0] + b1)
    middle = np.maximum(0, _windows(narrow.astype(dtype), w2, b2))
    wide = middle @ w3[0, 0] + b3
    if w_proj is not None:
        x = x @ w_proj[0, 0] + b_proj
    if wide.shape[-1] != x.shape[-1]:
        raise ValueError("channels differ")
    return np.maximum(0, wide + x).astype(dtype)


@alternative("bottleneck_block", title="loops over lists, a projection for every shortcut")
def a_projection_for_every_shortcut(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    channels = x.shape[3]
    if w_proj is None:
        w_proj, b_proj = np.eye(channels).reshape(1, 1, channels, channels), np.zeros(channels)
    if w_proj.shape[3] != w3.shape[3]:
        raise ValueError("the shortcut has other channels than F")
    images = []
    for image in x.tolist():
        maps = image
        for w, b in ((w1, b1), (w2, b2)):
            maps = _rectified(_convolved_lists(maps, w.tolist(), b.tolist()))
        maps = _convolved_lists(maps, w3.tolist(), b3.tolist())
        images.append(_rectified(_added_lists(maps, _convolved_lists(image, w_proj.tolist(), b_proj.tolist()))))
    return np.array(images).astype(_float_for(x))


# what several of them share


def _float_for(x):
    return np.float32 if x.dtype == np.float32 else np.float64
