"""Right solutions of hw1 in other styles: each must have all points of its function."""

import numpy as np

from grader.checks.alternatives import alternative

# zero_pad


@alternative("zero_pad", title="np.pad, then the dtype")
def numpy_pads(x, pad):
    if pad < 0:
        raise ValueError("pad must not be negative")
    return np.pad(x, [(0, 0), (pad, pad), (pad, pad), (0, 0)]).astype(_float_for(x))


@alternative("zero_pad", title="loops over lists, an array at the end")
def lists_with_zeros_around(x, pad):
    if pad < 0:
        raise ValueError("pad must not be negative")
    images, height, width, channels = x.shape
    result = []
    for n in range(images):
        rows = []
        for i in range(-pad, height + pad):
            row = []
            for j in range(-pad, width + pad):
                inside = 0 <= i < height and 0 <= j < width
                row.append([float(v) for v in x[n, i, j]] if inside else [0.0] * channels)
            rows.append(row)
        result.append(rows)
    return np.array(result, dtype=_float_for(x))


@alternative("zero_pad", title="one ring of zeros, and the rest by recursion")
def one_ring_at_a_time(x, pad):
    if pad < 0:
        raise ValueError("pad must not be negative")
    x = x.astype(_float_for(x))
    if pad == 0:
        return x
    side = np.zeros((x.shape[0], x.shape[1], 1, x.shape[3]), x.dtype)
    x = np.concatenate([side, x, side], axis=2)
    edge = np.zeros((x.shape[0], 1, *x.shape[2:]), x.dtype)
    return one_ring_at_a_time(np.concatenate([edge, x, edge], axis=1), pad - 1)


# conv1d


@alternative("conv1d", title="the formula, index by index, on lists")
def the_formula_on_lists(x, w):
    bank = [w.tolist()] if w.ndim == 1 else w.tolist()
    half, signal = (len(bank[0]) - 1) // 2, x.tolist()
    if len(bank[0]) % 2 == 0:
        raise ValueError("even number of taps")
    rows = []
    for taps in bank:
        row = []
        for i in range(len(signal)):
            total = 0.0
            for k in range(-half, half + 1):
                if 0 <= i + k < len(signal):
                    total += taps[k + half] * signal[i + k]
            row.append(total)
        rows.append(row)
    return np.array(rows[0] if w.ndim == 1 else rows, dtype=_float_for(x))


@alternative("conv1d", title="np.convolve with the filter turned back")
def numpy_convolves(x, w):
    if w.shape[-1] % 2 == 0:
        raise ValueError("even number of taps")
    if w.ndim == 2:
        return np.stack([numpy_convolves(x, row) for row in w])
    half = len(w) // 2
    full = np.convolve(x.astype(_float_for(x)), w[::-1], mode="full")
    return full[half : half + len(x)].astype(_float_for(x))


@alternative("conv1d", title="a band matrix times the signal")
def a_band_matrix(x, w):
    taps = w.shape[-1]
    if taps % 2 == 0:
        raise ValueError("even number of taps")
    samples = np.arange(len(x))
    k = samples[None, :] - samples[:, None] + taps // 2  # the tap from sample j to place i
    inside = (k >= 0) & (k < taps)
    band = np.where(inside, w[..., np.clip(k, 0, taps - 1)], 0)  # (I, I) or (H, I, I)
    return (band @ x.astype(_float_for(x))).astype(_float_for(x))


@alternative("conv1d", title="one einsum over a view of the windows")
def einsum_over_windows_1d(x, w):
    taps = w.shape[-1]
    if taps % 2 == 0:
        raise ValueError("even number of taps")
    padded = np.pad(x.astype(_float_for(x)), taps // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, taps)
    return np.einsum("ik,...k->...i", windows, w).astype(_float_for(x))


@alternative("conv1d", title="taps outside, samples scattered to where they are seen")
def scattered_samples(x, w):
    if w.shape[-1] % 2 == 0:
        raise ValueError("even number of taps")
    bank, half = np.atleast_2d(w), w.shape[-1] // 2
    out = np.zeros((len(bank), len(x)), _float_for(x))
    for j, value in enumerate(x):
        for k in range(-half, half + 1):
            if 0 <= j - k < len(x):
                out[:, j - k] += bank[:, k + half] * value
    return out if w.ndim == 2 else out[0]


# conv2d


@alternative("conv2d", title="seven loops over lists, an array at the end")
def seven_loops(x, w, b, stride=1, pad=0):
    rows, columns = _sizes(x, w, stride, pad)
    fh, fw, channels, filters = w.shape
    pixels, weights, biases = x.tolist(), w.tolist(), b.tolist()
    maps = np.zeros((len(x), rows, columns, filters)).tolist()
    for n in range(len(x)):
        for i in range(rows):
            for j in range(columns):
                for k in range(filters):
                    total = biases[k]
                    for u in range(fh):
                        row = i * stride + u - pad
                        if not 0 <= row < x.shape[1]:
                            continue
                        for v in range(fw):
                            column = j * stride + v - pad
                            if not 0 <= column < x.shape[2]:
                                continue
                            for c in range(channels):
                                total += pixels[n][row][column][c] * weights[u][v][c][k]
                    maps[n][i][j][k] = total
    return np.array(maps, dtype=_float_for(x))


@alternative("conv2d", title="one einsum over a view of the windows")
def einsum_over_windows(x, w, b, stride=1, pad=0):
    _sizes(x, w, stride, pad)
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    view = np.lib.stride_tricks.sliding_window_view(padded, w.shape[:2], axis=(1, 2))
    windows = view[:, ::stride, ::stride].astype(_float_for(x))  # (N, H', W', C, fh, fw)
    return (np.einsum("nijcuv,uvck->nijk", windows, w, optimize=True) + b).astype(_float_for(x))


@alternative("conv2d", title="im2col and one matrix product")
def windows_as_rows(x, w, b, stride=1, pad=0):
    rows, columns = _sizes(x, w, stride, pad)
    fh, fw, _, filters = w.shape
    padded = np.pad(x.astype(_float_for(x)), ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    patches = [
        padded[n, i * stride : i * stride + fh, j * stride : j * stride + fw].ravel()
        for n in range(len(x))
        for i in range(rows)
        for j in range(columns)
    ]
    product = np.array(patches) @ w.reshape(-1, filters) + b
    return product.reshape(len(x), rows, columns, filters).astype(_float_for(x))


@alternative("conv2d", title="byte strides: windows without a copy")
def windows_by_byte_strides(x, w, b, stride=1, pad=0):
    rows, columns = _sizes(x, w, stride, pad)
    padded = np.pad(x.astype(_float_for(x)), ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    image, row, column, channel = padded.strides
    windows = np.lib.stride_tricks.as_strided(
        padded,
        shape=(len(x), rows, columns, *w.shape[:3]),
        strides=(image, stride * row, stride * column, row, column, channel),
        writeable=False,
    )
    return (np.tensordot(windows, w, axes=3) + b).astype(_float_for(x))


@alternative("conv2d", title="every sum in the dtype of the image, one product after the other")
def one_product_after_the_other(x, w, b, stride=1, pad=0):
    rows, columns = _sizes(x, w, stride, pad)
    dtype = _float_for(x)
    padded = np.asfortranarray(np.pad(x.astype(dtype), ((0, 0), (pad, pad), (pad, pad), (0, 0))))
    maps = np.empty((len(x), rows, columns, w.shape[3]), dtype, order="F")
    maps[...] = b
    for c in reversed(range(w.shape[2])):
        for v in reversed(range(w.shape[1])):
            for u in range(w.shape[0]):
                seen = padded[:, u:, v:, c][:, ::stride, ::stride][:, :rows, :columns]
                maps += seen[..., None] * w[u, v, c].astype(dtype)
    return maps


@alternative("conv2d", title="an object for each filter")
def an_object_for_each_filter(x, w, b, stride=1, pad=0):
    rows, columns = _sizes(x, w, stride, pad)
    padded = np.pad(x.astype(_float_for(x)), ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    nodes = [_Filter(w[..., k], b[k], stride) for k in range(w.shape[3])]
    maps = [[node.map_of(image, rows, columns) for node in nodes] for image in padded]
    return np.array(maps, dtype=padded.dtype).transpose(0, 2, 3, 1)


class _Filter:
    """One node of the layer: it turns an image into its feature map."""

    def __init__(self, weights, bias, stride):
        self.weights, self.bias, self.stride = weights, bias, stride

    def map_of(self, image, rows, columns):
        places = (np.arange(rows) * self.stride, np.arange(columns) * self.stride)
        return [[self.value_at(image, i, j) for j in places[1]] for i in places[0]]

    def value_at(self, image, i, j):
        window = image[i : i + self.weights.shape[0], j : j + self.weights.shape[1]]
        return np.vdot(window, self.weights) + self.bias


@alternative("conv2d", title="recursion over halves of the filter")
def halves_of_the_filter(x, w, b, stride=1, pad=0):
    rows, columns = _sizes(x, w, stride, pad)
    dtype = _float_for(x)
    padded = np.pad(x.astype(dtype), ((0, 0), (pad, pad), (pad, pad), (0, 0)))

    def sum_of_rows(first, last):
        if last - first > 1:
            middle = (first + last) // 2
            return sum_of_rows(first, middle) + sum_of_rows(middle, last)
        line = padded[:, first::stride][:, :rows]  # (N, H', W, C)
        taps = [line[:, :, v::stride][:, :, :columns] @ w[first, v] for v in range(w.shape[1])]
        return sum(taps[1:], start=taps[0])

    return (sum_of_rows(0, w.shape[0]) + b).astype(dtype)


# what several of them share


def _float_for(x):
    return np.float32 if x.dtype == np.float32 else np.float64


def _sizes(x, w, stride, pad):
    if stride < 1 or pad < 0 or x.shape[3] != w.shape[2]:
        raise ValueError("impossible stride, pad or channels")
    spare = [x.shape[axis] + 2 * pad - w.shape[axis - 1] for axis in (1, 2)]
    if min(spare) < 0:
        raise ValueError("the filter does not fit")
    return spare[0] // stride + 1, spare[1] // stride + 1
