import numpy as np


def _kind(x):
    return np.float32 if x.dtype == np.float32 else np.float64


def zero_pad(x, pad):
    if pad < 0:
        raise ValueError("negative")
    images = []
    for image in x.tolist():
        width = len(image[0]) + 2 * pad
        channels = len(image[0][0])
        blank = [[[0] * channels for _ in range(width)] for _ in range(pad)]
        middle = [[[0] * channels] * pad + row + [[0] * channels] * pad for row in image]
        images.append(blank + middle + blank)
    return np.array(images, _kind(x))


def conv1d(x, w):
    if w.ndim == 2:
        return np.array([conv1d(x, row) for row in w])
    taps = w.tolist()
    if len(taps) % 2 == 0:
        raise ValueError("even")
    half = len(taps) // 2
    signal = [0] * half + x.tolist() + [0] * half
    return np.array([sum(a * b for a, b in zip(taps, signal[i:])) for i in range(len(x))], _kind(x))


def conv2d(x, w, b, stride=1, pad=0):
    if stride < 1:
        raise ValueError("stride")
    padded = zero_pad(x, pad).tolist()
    weights = w.tolist()
    height, width, channels = len(padded[0]), len(padded[0][0]), len(padded[0][0][0])
    fh, fw, depth, filters = w.shape
    if depth != channels or fh > height or fw > width:
        raise ValueError("does not fit")
    maps = []
    for image in padded:
        rows = []
        for i in range(0, height - fh + 1, stride):
            row = []
            for j in range(0, width - fw + 1, stride):
                sums = [float(each) for each in b]
                for u in range(fh):
                    for v in range(fw):
                        for c in range(channels):
                            for k in range(filters):
                                sums[k] += image[i + u][j + v][c] * weights[u][v][c][k]
                row.append(sums)
            rows.append(row)
        maps.append(rows)
    return np.array(maps, _kind(x))
