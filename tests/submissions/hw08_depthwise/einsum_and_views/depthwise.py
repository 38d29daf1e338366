import numpy as np
from numpy.lib.stride_tricks import as_strided


class Grid:
    """Windows over padded images, without a copy."""

    def __init__(self, x, size, dilation=1, stride=1, pad=0):
        self.dtype = np.float32 if x.dtype == np.float32 else np.float64
        x = np.pad(x.astype(self.dtype), [(0, 0), (pad, pad), (pad, pad), (0, 0)])
        (n, h, w, c), (fh, fw) = x.shape, size
        rest = h - dilation * (fh - 1) - 1, w - dilation * (fw - 1) - 1
        if dilation < 1 or min(rest) < 0:
            raise ValueError(f"a {fh}x{fw} filter with dilation {dilation} does not fit into {h}x{w}")
        s0, s1, s2, s3 = x.strides
        self.view = as_strided(
            x,
            (n, rest[0] // stride + 1, rest[1] // stride + 1, fh, fw, c),
            (s0, s1 * stride, s2 * stride, s1 * dilation, s2 * dilation, s3),
            writeable=False,
        )

    def __call__(self, formula, *weights):
        return np.einsum(formula, self.view, *[each.astype(self.dtype) for each in weights])


def same_channels(*numbers):
    if len(set(numbers)) > 1:
        raise ValueError(f"channels differ: {numbers}")


def dilated_conv2d(x, w, b, dilation=1, stride=1, pad=0):
    if dilation < 1:
        raise ValueError("dilation")
    grid = Grid(x, w.shape[:2], dilation, stride, pad)
    return grid("nijuvc,uvck->nijk", w) + b.astype(grid.dtype)


def transposed_conv2d(x, w, stride=1, pad=0):
    same_channels(x.shape[-1], w.shape[-1])
    if stride < 1:
        raise ValueError("stride")
    n, h, wd, k = x.shape
    fh, fw = w.shape[:2]
    far = np.zeros((n, (h - 1) * stride + 1, (wd - 1) * stride + 1, k), x.dtype)
    far[:, ::stride, ::stride] = x
    far = np.pad(far, [(0, 0), (fh - 1, fh - 1), (fw - 1, fw - 1), (0, 0)])
    y = Grid(far, (fh, fw))("nijuvk,uvck->nijc", np.flip(w, (0, 1)))
    return y if pad == 0 else y[:, pad:-pad, pad:-pad]


def separable_conv2d(x, column, row, pad=0):
    return Grid(x, (len(column), len(row)), pad=pad)("nijuvc,u,v->nijc", column, row)


def depthwise_conv2d(x, w, stride=1, pad=0):
    same_channels(x.shape[-1], w.shape[-1])
    return Grid(x, w.shape[:2], stride=stride, pad=pad)("nijuvc,uvc->nijc", w)


def pointwise_conv2d(x, w):
    same_channels(x.shape[-1], w.shape[0])
    return Grid(x, (1, 1))("nijuvc,ck->nijk", w)


def depthwise_separable_conv2d(x, depthwise, pointwise, stride=1, pad=0):
    same_channels(x.shape[-1], depthwise.shape[-1], pointwise.shape[0])
    grid = Grid(x, depthwise.shape[:2], stride=stride, pad=pad)
    return grid("nijuvc,uvc,ck->nijk", depthwise, pointwise)


def conv_multiplications(n, f, c, h):
    return (n * f) ** 2 * c * h


def depthwise_separable_multiplications(n, f, c, h):
    return n * n * c * (f * f + h)


def cost_ratio(f, h):
    return depthwise_separable_multiplications(1, f, 1, h) / conv_multiplications(1, f, 1, h)
