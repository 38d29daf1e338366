"""Right solutions of hw8 in other styles: each must have all points of its function."""

import itertools
import math
from fractions import Fraction

import numpy as np

from grader.checks.alternatives import alternative

# dilated_conv2d


@alternative("dilated_conv2d", title="loops over lists, an array at the end")
def a_dilated_filter_on_lists(x, w, b, dilation=1, stride=1, pad=0):
    rows, columns = _sizes(x, w, dilation, stride, pad)
    fh, fw, channels, filters = w.shape
    pixels, weights, biases = x.tolist(), w.tolist(), b.tolist()
    maps = np.zeros((len(x), rows, columns, filters)).tolist()
    for n, i, j, k in itertools.product(range(len(x)), range(rows), range(columns), range(filters)):
        total = biases[k]
        for u, v in itertools.product(range(fh), range(fw)):
            row, column = i * stride + u * dilation - pad, j * stride + v * dilation - pad
            if 0 <= row < x.shape[1] and 0 <= column < x.shape[2]:
                total += sum(pixels[n][row][column][c] * weights[u][v][c][k] for c in range(channels))
        maps[n][i][j][k] = total
    return np.array(maps, dtype=_float_for(x))


@alternative("dilated_conv2d", title="a larger filter with rows and columns of zeros")
def a_filter_with_holes(x, w, b, dilation=1, stride=1, pad=0):
    _sizes(x, w, dilation, stride, pad)
    holes = np.kron(w.transpose(2, 3, 0, 1), np.eye(1, dilation**2).reshape(dilation, dilation))
    wide = holes[:, :, : dilation * (len(w) - 1) + 1, : dilation * (w.shape[1] - 1) + 1]  # (C, K, span, span)
    view = np.lib.stride_tricks.sliding_window_view(_framed(x, pad), wide.shape[2:], axis=(1, 2))
    return (np.einsum("nijcuv,ckuv->nijk", view[:, ::stride, ::stride], wide) + b).astype(_float_for(x))


@alternative("dilated_conv2d", title="windows by index arrays, one matrix product")
def gathered_windows(x, w, b, dilation=1, stride=1, pad=0):
    rows, columns = _sizes(x, w, dilation, stride, pad)
    fh, fw, channels, filters = w.shape
    down = stride * np.arange(rows)[:, None] + dilation * np.arange(fh)  # (H', fh)
    across = stride * np.arange(columns)[:, None] + dilation * np.arange(fw)  # (W', fw)
    windows = _framed(x, pad)[:, down[:, None, :, None], across[None, :, None, :]]  # (N, H', W', fh, fw, C)
    product = windows.reshape(-1, fh * fw * channels) @ w.reshape(-1, filters) + b
    return product.reshape(len(x), rows, columns, filters).astype(_float_for(x))


# transposed_conv2d


@alternative("transposed_conv2d", title="zeros between the pixels, a frame, and a flipped filter")
def a_convolution_of_stretched_maps(x, w, stride=1, pad=0):
    _agree(x, w, stride)
    fh, fw, _, filters = w.shape
    n, height, width, _ = x.shape
    frame = np.zeros((n, stride * (height - 1) + 2 * fh - 1, stride * (width - 1) + 2 * fw - 1, filters), _float_for(x))
    frame[:, fh - 1 : frame.shape[1] - fh + 1 : stride, fw - 1 : frame.shape[2] - fw + 1 : stride] = x
    view = np.lib.stride_tricks.sliding_window_view(frame, (fh, fw), axis=(1, 2))
    y = np.einsum("nijkuv,uvck->nijc", view, w[::-1, ::-1])
    return y[:, pad : y.shape[1] - pad, pad : y.shape[2] - pad].astype(_float_for(x))


@alternative("transposed_conv2d", title="each pixel of the result looks for the pixels that reach it, on lists")
def gathered_for_each_pixel(x, w, stride=1, pad=0):
    _agree(x, w, stride)
    fh, fw, channels, filters = w.shape
    n, height, width, _ = x.shape
    rows, columns = stride * (height - 1) + fh - 2 * pad, stride * (width - 1) + fw - 2 * pad
    maps, weights = x.tolist(), w.tolist()
    result = np.zeros((n, rows, columns, channels)).tolist()
    for image, row, column in itertools.product(range(n), range(rows), range(columns)):
        for u, v in itertools.product(range(fh), range(fw)):
            i, left = divmod(row + pad - u, stride)
            j, over = divmod(column + pad - v, stride)
            if left == over == 0 and 0 <= i < height and 0 <= j < width:
                for c, k in itertools.product(range(channels), range(filters)):
                    result[image][row][column][c] += maps[image][i][j][k] * weights[u][v][c][k]
    return np.array(result, dtype=_float_for(x))


@alternative("transposed_conv2d", title="tap by tap: whole maps, a stride apart")
def tap_by_tap(x, w, stride=1, pad=0):
    _agree(x, w, stride)
    n, height, width, _ = x.shape
    fh, fw, channels, _ = w.shape
    laid = np.zeros((n, stride * (height - 1) + fh, stride * (width - 1) + fw, channels), _float_for(x))
    for u in range(fh):
        for v in range(fw):
            part = (x.astype(laid.dtype) @ w[u, v].T).astype(laid.dtype)
            laid[:, u : u + stride * (height - 1) + 1 : stride, v : v + stride * (width - 1) + 1 : stride] += part
    return laid[:, pad : len(laid[0]) - pad, pad : len(laid[0][0]) - pad]


# separable_conv2d


@alternative("separable_conv2d", title="one filter, the outer product")
def an_outer_product(x, column, row, pad=0):
    framed = _framed(x, pad)
    _fits(framed, len(column), len(row))
    view = np.lib.stride_tricks.sliding_window_view(framed, (len(column), len(row)), axis=(1, 2))
    return np.einsum("nijcuv,uv->nijc", view, np.outer(column, row)).astype(framed.dtype)


@alternative("separable_conv2d", title="band matrices from both sides, the row first")
def band_matrices(x, column, row, pad=0):
    framed = _framed(x, pad)
    _fits(framed, len(column), len(row))
    down, across = _band(column, framed.shape[1]), _band(row, framed.shape[2])
    across_first = np.einsum("nijc,wj->niwc", framed, across)
    return np.einsum("hi,niwc->nhwc", down, across_first).astype(framed.dtype)


@alternative("separable_conv2d", title="two passes over lists")
def two_passes_over_lists(x, column, row, pad=0):
    framed = _framed(x, pad)
    _fits(framed, len(column), len(row))
    result = []
    for image in framed.tolist():
        rows = [_weighted(image[i:], column.tolist()) for i in range(len(image) - len(column) + 1)]
        places = range(len(image[0]) - len(row) + 1)
        result.append([[_mixed(pixels[j:], row.tolist()) for j in places] for pixels in rows])
    return np.array(result, dtype=framed.dtype)


# depthwise_conv2d


@alternative("depthwise_conv2d", title="a channel at a time, through a view of the windows")
def a_channel_at_a_time(x, w, stride=1, pad=0):
    rows, columns = _depthwise_sizes(x, w, stride, pad)
    framed, maps = _framed(x, pad), []
    for c in range(x.shape[3]):
        view = np.lib.stride_tricks.sliding_window_view(framed[..., c], w.shape[:2], axis=(1, 2))
        maps.append(np.tensordot(view[:, ::stride, ::stride], w[:, :, c], axes=2))
    return np.stack(maps, axis=-1).reshape(len(x), rows, columns, -1).astype(framed.dtype)


@alternative("depthwise_conv2d", title="a convolution whose filters are 0 but for one channel")
def a_diagonal_filter(x, w, stride=1, pad=0):
    rows, columns = _depthwise_sizes(x, w, stride, pad)
    full = w[:, :, :, None] * np.eye(w.shape[2])  # (fh, fw, C, C)
    framed = _framed(x, pad)
    maps = np.empty((len(x), rows, columns, w.shape[2]), framed.dtype)
    for i, j in np.ndindex(rows, columns):
        window = framed[:, i * stride : i * stride + len(w), j * stride : j * stride + w.shape[1]]
        maps[:, i, j] = np.tensordot(window, full, axes=3)
    return maps


@alternative("depthwise_conv2d", title="loops over lists")
def depthwise_on_lists(x, w, stride=1, pad=0):
    rows, columns = _depthwise_sizes(x, w, stride, pad)
    fh, fw, channels = w.shape
    pixels, weights = _framed(x, pad).tolist(), w.tolist()

    def value(image, i, j, c):
        taps = itertools.product(range(fh), range(fw))
        return math.fsum(image[i * stride + u][j * stride + v][c] * weights[u][v][c] for u, v in taps)

    maps = [
        [[[value(image, i, j, c) for c in range(channels)] for j in range(columns)] for i in range(rows)]
        for image in pixels
    ]
    return np.array(maps, dtype=_float_for(x))


# pointwise_conv2d


@alternative("pointwise_conv2d", title="one einsum")
def one_einsum(x, w):
    if x.shape[3] != len(w):
        raise ValueError("channels differ")
    return np.einsum("nijc,ck->nijk", x, w).astype(_float_for(x))


@alternative("pointwise_conv2d", title="a filter at a time, channel after channel")
def a_filter_at_a_time(x, w):
    if x.shape[3] != len(w):
        raise ValueError("channels differ")
    maps = np.zeros((*x.shape[:3], w.shape[1]), _float_for(x))
    for k in range(w.shape[1]):
        for c in range(len(w)):
            maps[..., k] += x[..., c].astype(maps.dtype) * w[c, k].astype(maps.dtype)
    return maps


# depthwise_separable_conv2d


@alternative("depthwise_separable_conv2d", title="one convolution with the product of both filters")
def the_product_of_both(x, depthwise, pointwise, stride=1, pad=0):
    rows, columns = _depthwise_sizes(x, depthwise, stride, pad)
    if depthwise.shape[2] != len(pointwise):
        raise ValueError("channels differ")
    full = depthwise[:, :, :, None] * pointwise  # (fh, fw, C, K)
    view = np.lib.stride_tricks.sliding_window_view(_framed(x, pad), depthwise.shape[:2], axis=(1, 2))
    view = view[:, ::stride, ::stride][:, :rows, :columns]
    return np.tensordot(view, full, axes=([4, 5, 3], [0, 1, 2])).astype(_float_for(x))


@alternative("depthwise_separable_conv2d", title="pixel by pixel: filter, then mix")
def pixel_by_pixel(x, depthwise, pointwise, stride=1, pad=0):
    rows, columns = _depthwise_sizes(x, depthwise, stride, pad)
    if depthwise.shape[2] != len(pointwise):
        raise ValueError("channels differ")
    framed, (fh, fw, _) = _framed(x, pad), depthwise.shape
    result = []
    for image in framed:
        for i, j in itertools.product(range(rows), range(columns)):
            window = image[i * stride : i * stride + fh, j * stride : j * stride + fw]
            result.append((window * depthwise).sum(axis=(0, 1)) @ pointwise)
    return np.array(result, framed.dtype).reshape(len(x), rows, columns, -1)


# conv_multiplications


@alternative("conv_multiplications", title="the sizes of the arrays")
def sizes_of_arrays(n, f, c, h):
    return math.prod((n, n)) * math.prod((f, f, c, h))


@alternative("conv_multiplications", title="one filter at one place, then all")
def one_filter_then_all(n, f, c, h):
    at_one_place = sum(c * f for _ in range(f))
    return np.int64(at_one_place) * n**2 * h


# depthwise_separable_multiplications


@alternative("depthwise_separable_multiplications", title="what each pixel costs")
def what_each_pixel_costs(n, f, c, h):
    return n**2 * c * (f**2 + h)


@alternative("depthwise_separable_multiplications", title="two steps, added up")
def two_steps_added_up(n, f, c, h):
    steps = {"depthwise": [n, n, f, f, c], "pointwise": [n, n, c, h]}
    return sum(math.prod(sizes) for sizes in steps.values())


# cost_ratio


@alternative("cost_ratio", title="the counts of one pixel and one channel, divided")
def the_counts_divided(f, h):
    return (f * f + h) / (f * f * h)


@alternative("cost_ratio", title="exact fractions, a float at the end")
def exact_fractions(f, h):
    return float(Fraction(1, h) + Fraction(1, f) ** 2)


# what several of them share


def _float_for(x):
    return np.float32 if x.dtype == np.float32 else np.float64


def _framed(x, pad):
    return np.pad(x.astype(_float_for(x)), ((0, 0), (pad, pad), (pad, pad), (0, 0)))


def _sizes(x, w, dilation, stride, pad):
    if dilation < 1:
        raise ValueError("impossible dilation")
    spare = [x.shape[axis] + 2 * pad - dilation * (w.shape[axis - 1] - 1) - 1 for axis in (1, 2)]
    if min(spare) < 0:
        raise ValueError("the filter does not fit")
    return spare[0] // stride + 1, spare[1] // stride + 1


def _depthwise_sizes(x, w, stride, pad):
    if x.shape[3] != w.shape[2]:
        raise ValueError("channels differ")
    return _sizes(x, w, 1, stride, pad)


def _agree(x, w, stride):
    if stride < 1 or x.shape[3] != w.shape[3]:
        raise ValueError("impossible stride or maps")


def _fits(framed, rows, columns):
    if rows > framed.shape[1] or columns > framed.shape[2]:
        raise ValueError("the filter does not fit")


def _band(weights, length):
    """Make the matrix that slides weights along a line: (length - f + 1, length)."""
    places = length - len(weights) + 1
    band = np.zeros((places, length))
    for i in range(places):
        band[i, i : i + len(weights)] = weights
    return band


def _weighted(rows, column):
    """Add up rows of pixels, each times its weight."""
    return [
        [sum(row[j][c] * weight for row, weight in zip(rows, column, strict=False)) for c in range(len(rows[0][j]))]
        for j in range(len(rows[0]))
    ]


def _mixed(pixels, row):
    """Add up pixels, each times its weight."""
    return [sum(pixel[c] * weight for pixel, weight in zip(pixels, row, strict=False)) for c in range(len(pixels[0]))]
