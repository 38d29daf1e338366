import numpy as np
from numpy.lib.stride_tricks import as_strided


class Pool:
    def __init__(self, reduce):
        self.reduce = reduce

    def __call__(self, x, size=2, stride=None):
        if stride is None:
            stride = size
        for number in (size, stride):
            if number <= 0:
                raise ValueError(f"{number} is not positive")
        N, H, W, C = x.shape
        if H < size or W < size:
            raise ValueError("too large a window")
        x = np.ascontiguousarray(x, dtype=np.result_type(x.dtype, np.float32) if x.dtype == np.float32 else np.float64)
        if stride == size:  # fast lane
            x = x[:, : H // size * size, : W // size * size]
            windows = x.reshape(N, H // size, size, W // size, size, C).transpose(0, 1, 3, 5, 2, 4)
        else:
            n, h, w, c = x.strides
            shape = (N, (H - size) // stride + 1, (W - size) // stride + 1, C, size, size)
            windows = as_strided(x, shape, (n, h * stride, w * stride, c, h, w))
        return self.reduce(windows.reshape(*windows.shape[:4], -1))


max_pool2d = Pool(lambda windows: np.sort(windows)[..., -1])
average_pool2d = Pool(lambda windows: np.mean(windows, axis=-1))
l2_pool2d = Pool(lambda windows: np.sqrt(np.einsum("...i,...i", windows, windows)))


def global_average_pool2d(x):
    N, H, W, C = x.shape
    ones = np.full(H * W, 1 / (H * W), dtype=np.float32 if x.dtype == np.float32 else np.float64)
    return ones @ x.reshape(N, H * W, C).astype(ones.dtype)


if __name__ == "__main__":
    print(max_pool2d(np.arange(16.0).reshape(1, 4, 4, 1)))
