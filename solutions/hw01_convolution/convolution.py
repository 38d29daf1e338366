"""Convolution, the operation that a CNN is named after, on plain arrays.  (Lecture 9.3)

Images are (N, H, W, C): image, row, column, channel. Filters are (fh, fw, C, K):
K filters of fh x fw x C weights each. No function changes its arguments or keeps
anything between calls. float32 stays float32; float64 and integers give float64.
"""

import numpy as np


def zero_pad(x, pad):
    """Frame images in zeros: y[n, i+p, j+p, c] = x[n, i, j, c], else 0.  (Lecture 9.3)

    Only height and width grow; the number of images and of channels stays.

    Args:
        x: images, (N, H, W, C), float32, float64 or any integer dtype; left unchanged.
        pad: rows and columns of zeros on each of the four sides, 0 or more.

    Returns:
        Padded images, (N, H + 2·pad, W + 2·pad, C).
        float32 stays float32; float64 and integers give float64.

    Raises:
        ValueError: pad is negative.

    Example:
        >>> zero_pad(np.array([[[[3], [7]]]]), 1)[0, :, :, 0]
        array([[0., 0., 0., 0.],
               [0., 3., 7., 0.],
               [0., 0., 0., 0.]])
    """
    ### BEGIN SOLUTION
    if pad < 0:
        raise ValueError(f"pad is {pad}; it counts rows of zeros, so 0 or more")
    images, height, width, channels = x.shape
    dtype = np.float32 if x.dtype == np.float32 else np.float64
    padded = np.zeros((images, height + 2 * pad, width + 2 * pad, channels), dtype)
    padded[:, pad : pad + height, pad : pad + width, :] = x
    return padded
    ### END SOLUTION


def conv1d(x, w):
    """Slide filters along a signal: h_j[i] = Σ_k w_j[k] · x[i+k].  (Lecture 9.3)

    k runs from -(z-1)/2 to (z-1)/2: it counts from the middle of the filter, and the
    first weight in the array is the one of k = -(z-1)/2.
    The filter is not flipped. Outside the signal x is 0, so h is as long as x, also
    where the filter is longer than the signal.

    Args:
        x: signal, (I,), float32, float64 or any integer dtype; left unchanged.
        w: one filter, (z,), or H of them, (H, z); z is odd.

    Returns:
        (I,) for one filter (z,); one row for each filter, (H, I), for filters (H, z).
        float32 stays float32; float64 and integers give float64.

    Raises:
        ValueError: z is even, so that no tap is the middle one.

    Example:
        >>> conv1d(np.array([1.0, 2.0, 4.0]), np.array([0.0, 1.0, 10.0]))
        array([21., 42.,  4.])
    """
    ### BEGIN SOLUTION
    taps = w.shape[-1]
    if taps % 2 == 0:
        raise ValueError(f"the filter has {taps} taps; an odd number has a middle")
    dtype = np.float32 if x.dtype == np.float32 else np.float64
    half = taps // 2
    padded = np.pad(x.astype(dtype), half)  # (I + z - 1,)
    h = np.zeros((*w.shape[:-1], len(x)), dtype)  # (I,) or (H, I)
    for k in range(taps):
        h += w[..., k : k + 1] * padded[k : k + len(x)]
    return h
    ### END SOLUTION


def conv2d(x, w, b, stride=1, pad=0):
    """Slide filters over images: h[n,i,j,k] = b[k] + Σ x[n,s·i+u,s·j+v,c] · w[u,v,c,k].

    Lecture 9.3, with padding, stride s and channels written out: the sum is over u, v
    and c, x is the padded image, and u, v count from the window's top left corner. The
    filter is not flipped: what networks call convolution is cross-correlation.

    Args:
        x: images, (N, H, W, C), float32, float64 or any integer dtype; left unchanged.
        w: filters, (fh, fw, C, K).
        b: biases, (K,).
        stride: step in pixels along both axes, 1 or more.
        pad: rows and columns of zeros on each of the four sides, 0 or more.

    Returns:
        Feature maps, (N, H', W', K) with H' = ⌊(H + 2·pad - fh) / stride⌋ + 1 and W'
        likewise. float32 stays float32; float64 and integers give float64.

    Raises:
        ValueError: stride is below 1, pad is negative, the filter is larger than the
            padded image, or x and w differ in their channels.

    Example:
        >>> x = np.arange(6.0).reshape(1, 2, 3, 1)
        >>> w = np.array([1.0, 10.0]).reshape(1, 2, 1, 1)
        >>> conv2d(x, w, np.array([100.0]))[0, :, :, 0]
        array([[110., 121.],
               [143., 154.]])
    """
    ### BEGIN SOLUTION
    if stride < 1:
        raise ValueError(f"stride is {stride}; a window moves by 1 pixel or more")
    if pad < 0:
        raise ValueError(f"pad is {pad}; it counts rows of zeros, so 0 or more")
    fh, fw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError(f"x has {x.shape[3]} channels, w has {channels}")
    dtype = np.float32 if x.dtype == np.float32 else np.float64
    frame = ((0, 0), (pad, pad), (pad, pad), (0, 0))
    padded = np.pad(x.astype(dtype), frame)
    images, height, width, _ = padded.shape
    if fh > height or fw > width:
        raise ValueError(f"a {fh}x{fw} filter is larger than {height}x{width}")
    rows = (height - fh) // stride + 1
    columns = (width - fw) // stride + 1
    maps = np.zeros((images, rows, columns, filters), dtype)
    for u in range(fh):
        for v in range(fw):
            down = slice(u, u + stride * rows, stride)
            across = slice(v, v + stride * columns, stride)
            maps += padded[:, down, across, :] @ w[u, v]  # (N, H', W', C) @ (C, K)
    maps += b
    return maps
    ### END SOLUTION
