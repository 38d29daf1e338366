"""Pooling: a window of a feature map becomes one number.  (Lecture 9.3)

Feature maps are (N, H, W, C): image, row, column, channel; every channel is pooled on
its own. No function changes its arguments or keeps anything between calls. float32
stays float32; float64 and integers give float64.
"""

import numpy as np


def max_pool2d(x, size=2, stride=None):
    """Keep the largest value of each window: y[n,i,j,c] = max x[n, s·i+u, s·j+v, c].

    Lecture 9.3, with the stride s written out: u and v run from 0 to size - 1. What is
    left at the right and at the bottom and does not fill a window is dropped.

    Args:
        x: feature maps, (N, H, W, C), float32, float64 or any integer dtype; left
            unchanged.
        size: side of the square window in pixels, 1 or more.
        stride: step in pixels along both axes, 1 or more; None takes `size`, so that
            the windows lie side by side.

    Returns:
        Pooled maps, (N, H', W', C) with H' = ⌊(H - size) / stride⌋ + 1 and W' likewise.
        float32 stays float32; float64 and integers give float64.

    Raises:
        ValueError: size or stride is below 1, the window is larger than the map, or x
            has not four axes.

    Example:
        >>> x = np.array([[3, 0, 2, 4, 7], [0, 4, 8, 4, 7]]).reshape(1, 2, 5, 1)
        >>> max_pool2d(x)[0, :, :, 0]
        array([[4., 8.]])
        >>> max_pool2d(x, stride=1)[0, :, :, 0]
        array([[4., 8., 8., 7.]])
    """
    ### BEGIN SOLUTION
    return _windows(x, size, stride).max(axis=(4, 5))
    ### END SOLUTION


def average_pool2d(x, size=2, stride=None):
    """Average each window: y[n,i,j,c] = 1/size² · Σ x[n, s·i+u, s·j+v, c].  (9.3)

    The windows are those of `max_pool2d`.

    Args:
        x: feature maps, (N, H, W, C), float32, float64 or any integer dtype; left
            unchanged.
        size: side of the square window in pixels, 1 or more.
        stride: step in pixels along both axes, 1 or more; None takes `size`.

    Returns:
        Pooled maps, (N, H', W', C) with H' = ⌊(H - size) / stride⌋ + 1 and W' likewise.
        float32 stays float32; float64 and integers give float64.

    Raises:
        ValueError: size or stride is below 1, the window is larger than the map, or x
            has not four axes.

    Example:
        >>> x = np.array([[3, 0, 2, 4, 7], [0, 4, 8, 4, 7]]).reshape(1, 2, 5, 1)
        >>> average_pool2d(x)[0, :, :, 0]
        array([[1.75, 4.5 ]])
    """
    ### BEGIN SOLUTION
    return _windows(x, size, stride).mean(axis=(4, 5))
    ### END SOLUTION


def l2_pool2d(x, size=2, stride=None):
    """Take the L2 norm of each window: y[n,i,j,c] = √(Σ x[n, s·i+u, s·j+v, c]²).

    Lecture 9.3, L2-norm pooling: the root of the sum of the squares, over the windows
    of `max_pool2d`.

    Args:
        x: feature maps, (N, H, W, C), float32, float64 or any integer dtype; left
            unchanged.
        size: side of the square window in pixels, 1 or more.
        stride: step in pixels along both axes, 1 or more; None takes `size`.

    Returns:
        Pooled maps, (N, H', W', C) with H' = ⌊(H - size) / stride⌋ + 1 and W' likewise.
        float32 stays float32; float64 and integers give float64.

    Raises:
        ValueError: size or stride is below 1, the window is larger than the map, or x
            has not four axes.

    Example:
        >>> x = np.array([[3, 0, 2, 4, 7], [0, 4, 8, 4, 7]]).reshape(1, 2, 5, 1)
        >>> l2_pool2d(x)[0, :, :, 0]
        array([[ 5., 10.]])
    """
    ### BEGIN SOLUTION
    return np.sqrt(np.square(_windows(x, size, stride)).sum(axis=(4, 5)))
    ### END SOLUTION


def global_average_pool2d(x):
    """Average each map as a whole: y[n,c] = 1/(H·W) · Σ x[n,i,j,c].  (Lecture 9.3)

    It is average pooling with one window of the size of the map, and it leaves no axes
    for rows and columns.

    Args:
        x: feature maps, (N, H, W, C), float32, float64 or any integer dtype; left
            unchanged.

    Returns:
        One number for each channel of each image, (N, C).
        float32 stays float32; float64 and integers give float64.

    Raises:
        ValueError: x has not four axes.

    Example:
        >>> x = np.array([[3, 0, 2, 4, 7], [0, 4, 8, 4, 7]]).reshape(1, 2, 5, 1)
        >>> global_average_pool2d(x)
        array([[3.9]])
    """
    ### BEGIN SOLUTION
    return _as_float(x).mean(axis=(1, 2))
    ### END SOLUTION


### BEGIN SOLUTION
def _windows(x, size, stride):
    """View every window that fits: (N, H', W', C, size, size)."""
    if size < 1:
        raise ValueError(f"size is {size}; a window has 1 pixel or more")
    step = size if stride is None else stride
    if step < 1:
        raise ValueError(f"stride is {step}; a window moves by 1 pixel or more")
    maps = _as_float(x)
    height, width = maps.shape[1:3]
    if size > min(height, width):
        raise ValueError(f"a {size}x{size} window is larger than {height}x{width}")
    every = np.lib.stride_tricks.sliding_window_view(maps, (size, size), axis=(1, 2))
    return every[:, ::step, ::step]


def _as_float(x):
    """Copy the maps in the dtype of the result."""
    if x.ndim != 4:
        raise ValueError(f"x has {x.ndim} axes; feature maps have four, (N, H, W, C)")
    return x.astype(np.float32 if x.dtype == np.float32 else np.float64)


### END SOLUTION
