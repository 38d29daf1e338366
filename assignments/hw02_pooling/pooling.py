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
    # Your code here
    raise NotImplementedError("max_pool2d is not written yet")


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
    # Your code here
    raise NotImplementedError("average_pool2d is not written yet")


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
    # Your code here
    raise NotImplementedError("l2_pool2d is not written yet")


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
    # Your code here
    raise NotImplementedError("global_average_pool2d is not written yet")
