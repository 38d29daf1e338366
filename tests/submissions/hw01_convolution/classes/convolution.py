"""컨볼루션 과제."""
import numpy as np


class Layer:
    """공통 부분"""

    def __init__(self, x):
        self.kind = np.float32 if x.dtype == np.float32 else np.float64
        self.x = x.astype(self.kind)


class Pad(Layer):
    def __call__(self, pad):
        if pad < 0:
            raise ValueError("음수")
        n, h, w, c = self.x.shape
        y = np.zeros((n, h + 2 * pad, w + 2 * pad, c), self.kind)
        y[:, pad : h + pad, pad : w + pad] = self.x
        return y


class Conv(Layer):
    def __call__(self, w, b, stride, pad):
        if stride < 1:
            raise ValueError("stride")
        y = Pad(self.x)(pad)
        fh, fw, c, k = w.shape
        rows, columns = (y.shape[1] - fh) // stride + 1, (y.shape[2] - fw) // stride + 1
        if c != y.shape[3] or rows < 1 or columns < 1:
            raise ValueError("크기")
        out = np.empty((len(y), rows, columns, k), self.kind)
        for i in range(rows):
            for j in range(columns):
                window = y[:, i * stride : i * stride + fh, j * stride : j * stride + fw]
                out[:, i, j] = window.reshape(len(y), -1) @ w.reshape(-1, k) + b
        return out


zero_pad = lambda x, pad: Pad(x)(pad)


def conv1d(x, w):
    if w.shape[-1] % 2 == 0:
        raise ValueError("짝수")
    image = x.reshape(1, 1, -1, 1)
    filters = np.atleast_2d(w).T[None, :, None, :]
    half = w.shape[-1] // 2
    y = np.zeros((1, 1, len(x) + 2 * half, 1), image.dtype)
    y[:, :, half : half + len(x)] = image
    h = Conv(y)(filters, np.zeros(filters.shape[3], np.float32), 1, 0)[0, 0].T
    return h if w.ndim == 2 else h[0]


conv2d = lambda x, w, b, stride=1, pad=0: Conv(x)(w, b, stride, pad)
