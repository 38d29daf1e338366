import numpy as np


def result(lists, x):
    return np.array(lists, dtype=np.float32 if x.dtype == np.float32 else np.float64)


def pixel(image, i, j, c):
    """영상 밖은 0 (outside the image there are zeros)"""
    if i < 0 or j < 0 or i >= len(image) or j >= len(image[0]):
        return 0.0
    return image[i][j][c]


def places(n, f, dilation, stride, pad):
    span = f + (f - 1) * (dilation - 1)
    if span > n + 2 * pad:
        raise ValueError("필터가 영상보다 큽니다")
    return range(-pad, n + pad - span + 1, stride)


def dilated_conv2d(x, w, b, dilation=1, stride=1, pad=0):
    if dilation < 1:
        raise ValueError("dilation < 1")
    fh, fw, channels, filters = w.shape
    w, b = w.tolist(), b.tolist()
    rows = places(x.shape[1], fh, dilation, stride, pad)
    cols = places(x.shape[2], fw, dilation, stride, pad)
    out = []
    for image in x.tolist():
        out.append([])
        for i in rows:
            out[-1].append([])
            for j in cols:
                sums = []
                for k in range(filters):
                    s = b[k]
                    for u in range(fh):
                        for v in range(fw):
                            for c in range(channels):
                                s += pixel(image, i + dilation * u, j + dilation * v, c) * w[u][v][c][k]
                    sums.append(s)
                out[-1][-1].append(sums)
    return result(out, x)


def transposed_conv2d(x, w, stride=1, pad=0):
    if stride < 1:
        raise ValueError("stride < 1")
    if x.shape[3] != w.shape[3]:
        raise ValueError("K")
    n, h, wd, maps = x.shape
    fh, fw, channels, _ = w.shape
    w = w.tolist()
    rows, cols = stride * (h - 1) + fh, stride * (wd - 1) + fw
    out = []
    for image in x.tolist():
        y = [[[0.0] * channels for _ in range(cols)] for _ in range(rows)]
        for i in range(h):
            for j in range(wd):
                for u in range(fh):
                    for v in range(fw):
                        for c in range(channels):
                            for k in range(maps):
                                y[stride * i + u][stride * j + v][c] += image[i][j][k] * w[u][v][c][k]
        out.append([row[pad : cols - pad] for row in y[pad : rows - pad]])
    return result(out, x)


def separable_conv2d(x, column, row, pad=0):
    w = np.array([[[u * v] * x.shape[3] for v in row.tolist()] for u in column.tolist()])
    return depthwise_conv2d(x, w, pad=pad)


def depthwise_conv2d(x, w, stride=1, pad=0):
    fh, fw, channels = w.shape
    if channels != x.shape[3]:
        raise ValueError("C")
    rows = places(x.shape[1], fh, 1, stride, pad)
    cols = places(x.shape[2], fw, 1, stride, pad)
    w = w.tolist()
    out = []
    for image in x.tolist():
        one = []
        for i in rows:
            line = []
            for j in cols:
                values = []
                for c in range(channels):
                    taps = [(u, v) for u in range(fh) for v in range(fw)]
                    values.append(sum(pixel(image, i + u, j + v, c) * w[u][v][c] for u, v in taps))
                line.append(values)
            one.append(line)
        out.append(one)
    return result(out, x)


def pointwise_conv2d(x, w):
    if x.shape[3] != w.shape[0]:
        raise ValueError("C")
    columns = w.T.tolist()
    mixed = [
        [[[sum(p * q for p, q in zip(values, column)) for column in columns] for values in line] for line in image]
        for image in x.tolist()
    ]
    return result(mixed, x)


def depthwise_separable_conv2d(x, depthwise, pointwise, stride=1, pad=0):
    return pointwise_conv2d(depthwise_conv2d(x, depthwise, stride, pad), pointwise)


def conv_multiplications(n, f, c, h):
    total = 1
    for side in (f, f, c, h, n, n):
        total *= side
    return total


def depthwise_separable_multiplications(n, f, c, h):
    return conv_multiplications(n, f, c, 1) + conv_multiplications(n, 1, c, h)


def cost_ratio(f, h):
    return f**-2 + h**-1
