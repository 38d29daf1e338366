import numpy as np


def frame(x, pad):
    if pad < 0:
        raise ValueError("pad is negative")
    x = x if x.dtype == np.float32 else x.astype(np.float64)
    return np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
