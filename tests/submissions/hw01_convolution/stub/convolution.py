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
    # Your code here
    raise NotImplementedError("zero_pad is not written yet")


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
    # Your code here
    raise NotImplementedError("conv1d is not written yet")


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
    # Your code here
    raise NotImplementedError("conv2d is not written yet")
