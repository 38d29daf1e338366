import numpy as np


def _kind(x):
    return x.dtype if x.dtype == np.float32 else np.dtype(np.float64)


def zero_pad(x, pad):
    if pad < 0:
        raise ValueError(pad)
    if pad == 0:
        return x.astype(_kind(x))
    y = np.zeros((x.shape[0], x.shape[1] + 2, x.shape[2] + 2, x.shape[3]), _kind(x))
    y[:, 1:-1, 1:-1] = x
    return zero_pad(y, pad - 1)


def conv1d(x, w):
    if w.shape[-1] % 2 == 0:
        raise ValueError(w.shape)
    if w.ndim == 2:
        return np.stack([conv1d(x, row) for row in w])

    def add(k):
        if k == len(w):
            return np.zeros(len(x), _kind(x))
        shift = k - len(w) // 2
        moved = np.array([x[i + shift] if 0 <= i + shift < len(x) else 0 for i in range(len(x))], _kind(x))
        return w[k] * moved + add(k + 1)

    return add(0)


def conv2d(x, w, b, stride=1, pad=0):
    fh, fw, channels, filters = w.shape
    if stride < 1 or channels != x.shape[3]:
        raise ValueError("stride or channels")
    y = zero_pad(x, pad)
    rows, columns = y.shape[1] - fh, y.shape[2] - fw
    if rows < 0 or columns < 0:
        raise ValueError("too large")

    def add(taps):
        if not taps:
            return b.astype(_kind(x))
        (u, v), *rest = taps
        seen = y[:, u : u + rows + 1 : stride, v : v + columns + 1 : stride]
        return (seen @ w[u, v]).astype(_kind(x)) + add(rest)

    return add([(u, v) for u in range(fh) for v in range(fw)])
