import numpy as np


def conv(image, w, b):
    """한 장의 이미지: image[h][w][c] (one image as nested lists)"""
    h, wd = len(image), len(image[0])
    size = len(w)
    p = size // 2
    out = []
    for i in range(h):
        line = []
        for j in range(wd):
            values = []
            for k in range(len(b)):
                s = b[k]
                for u in range(size):
                    for v in range(size):
                        ii, jj = i + u - p, j + v - p
                        if ii < 0 or jj < 0 or ii >= h or jj >= wd:
                            continue
                        for c in range(len(image[ii][jj])):
                            s += image[ii][jj][c] * w[u][v][c][k]
                values.append(s)
            line.append(values)
        out.append(line)
    return out


def relu(image):
    return [[[max(v, 0.0) for v in pixel] for pixel in row] for row in image]


def add(a, b):
    if len(a[0][0]) != len(b[0][0]):
        raise ValueError("채널 수가 다르다")
    return [[[p + q for p, q in zip(x, y)] for x, y in zip(r, s)] for r, s in zip(a, b)]


def to_array(images, x):
    dtype = np.float32 if x.dtype == np.float32 else np.float64
    return np.array(images).astype(dtype)


def residual_block(x, w1, b1, w2, b2):
    w1, b1, w2, b2 = w1.tolist(), b1.tolist(), w2.tolist(), b2.tolist()
    result = []
    for image in x.tolist():
        f = conv(relu(conv(image, w1, b1)), w2, b2)
        result.append(relu(add(f, image)))
    return to_array(result, x)


def bottleneck_block(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    result = []
    for image in x.tolist():
        f = relu(conv(image, w1.tolist(), b1.tolist()))
        f = relu(conv(f, w2.tolist(), b2.tolist()))
        f = conv(f, w3.tolist(), b3.tolist())
        if w_proj is not None:
            image = conv(image, w_proj.tolist(), b_proj.tolist())
        result.append(relu(add(f, image)))
    return to_array(result, x)
