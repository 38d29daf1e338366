"""Convolutions of other kinds, and what they cost, on plain arrays.  (Lecture 9.5)

Images are (N, H, W, C): image, row, column, channel. No filter is flipped. Zero padding
stands on all four sides, and a remainder that does not fill a step is dropped, as in
hw1. No function changes its arguments or keeps anything between calls. float32 images
stay float32; float64 and integers give float64.
"""

import numpy as np


def dilated_conv2d(x, w, b, dilation=1, stride=1, pad=0):
    """Convolve with gaps: h[n,i,j,k] = b[k] + Σ x[n,s·i+d·u,s·j+d·v,c] · w[u,v,c,k].

    Lecture 9.5. Neighbouring taps are d = dilation pixels apart, down and across, so
    that a filter spans d·(fh-1) + 1 rows and d·(fw-1) + 1 columns. The sum is over
    u, v and c; x is the padded image.

    Args:
        x: images, (N, H, W, C), float32, float64 or any integer dtype; left unchanged.
        w: filters, (fh, fw, C, K).
        b: biases, (K,).
        dilation: distance from one tap to the next in pixels, 1 or more.
        stride: step of the window in pixels along both axes, 1 or more.
        pad: rows and columns of zeros on each of the four sides, 0 or more.

    Returns:
        Feature maps, (N, H', W', K) with H' = ⌊(H + 2·pad - span) / stride⌋ + 1 for the
        span d·(fh-1) + 1, and W' likewise. float32 stays float32; float64 and integers
        give float64.

    Raises:
        ValueError: dilation is below 1, or the span is larger than the padded image.

    Example:
        >>> x = np.arange(5.0).reshape(1, 1, 5, 1)  # 0, 1, 2, 3, 4
        >>> w = np.array([1.0, 10.0]).reshape(1, 2, 1, 1)
        >>> dilated_conv2d(x, w, np.zeros(1), dilation=3)[0, 0, :, 0]  # 0 + 30, 1 + 40
        array([30., 41.])
    """
    # Your code here
    raise NotImplementedError("dilated_conv2d is not written yet")


def transposed_conv2d(x, w, stride=1, pad=0):
    """Go from a map to a larger one: y[n,s·i+u,s·j+v,c] += x[n,i,j,k] · w[u,v,c,k].

    Lecture 9.5. Every pixel of x lays the filter down, multiplied by itself, one stride
    further than the pixel before. Where filters overlap their values add up; where none
    lies there is 0. Then `pad` rows and columns are cut from each of the four sides.

    This is the adjoint of the convolution with the same w, stride and pad, as a matrix
    its transpose: Σ conv(y)·x = Σ y·transposed(x), whatever x and y.

    Args:
        x: maps, (N, H, W, K), float32, float64 or any integer dtype; left unchanged.
        w: filters of the convolution whose way back this is, (fh, fw, C, K).
        stride: step from one filter to the next in pixels, 1 or more.
        pad: rows and columns cut from each of the four sides, 0 or more.

    Returns:
        Images, (N, s·(H-1) + fh - 2·pad, s·(W-1) + fw - 2·pad, C). float32 stays
        float32; float64 and integers give float64.

    Raises:
        ValueError: stride is below 1, or x and w differ in K.

    Example:
        >>> x = np.array([1.0, 10.0]).reshape(1, 1, 2, 1)
        >>> w = np.array([1.0, 2.0, 3.0]).reshape(1, 3, 1, 1)
        >>> transposed_conv2d(x, w, stride=2)[0, 0, :, 0]  # 3 + 10 where they overlap
        array([ 1.,  2., 13., 20., 30.])
    """
    # Your code here
    raise NotImplementedError("transposed_conv2d is not written yet")


def separable_conv2d(x, column, row, pad=0):
    """Convolve with f x 1 weights, then with 1 x f: y = Σ_u Σ_v column[u]·row[v]·x.

    Lecture 9.5. Each channel by itself, all with the same weights. The two steps give
    what one filter with the weights column[u]·row[v] gives, for fewer multiplications.

    Args:
        x: images, (N, H, W, C), float32, float64 or any integer dtype; left unchanged.
        column: weights that lie below each other, (fh,).
        row: weights that lie beside each other, (fw,); fw need not be fh.
        pad: rows and columns of zeros on each of the four sides of x, 0 or more.

    Returns:
        Images, (N, H + 2·pad - fh + 1, W + 2·pad - fw + 1, C). float32 stays float32;
        float64 and integers give float64.

    Raises:
        ValueError: the column or the row is longer than the padded image.

    Example:
        >>> x = np.array([[1.0, 2.0, 4.0], [0.0, 3.0, 5.0]]).reshape(1, 2, 3, 1)
        >>> column, row = np.array([1.0, 10.0]), np.array([-1.0, 1.0])
        >>> separable_conv2d(x, column, row)[0, :, :, 0]  # of 1, 32, 54
        array([[31., 22.]])
    """
    # Your code here
    raise NotImplementedError("separable_conv2d is not written yet")


def depthwise_conv2d(x, w, stride=1, pad=0):
    """Give each channel its own filter: y[n,i,j,c] = Σ x[n,s·i+u,s·j+v,c] · w[u,v,c].

    Lecture 9.5. The sum is over u and v only: as many channels come out as go in.

    Args:
        x: images, (N, H, W, C), float32, float64 or any integer dtype; left unchanged.
        w: one filter for each channel, (fh, fw, C).
        stride: step of the window in pixels along both axes, 1 or more.
        pad: rows and columns of zeros on each of the four sides, 0 or more.

    Returns:
        Feature maps, (N, H', W', C) with H' = ⌊(H + 2·pad - fh) / stride⌋ + 1 and W'
        likewise. float32 stays float32; float64 and integers give float64.

    Raises:
        ValueError: x and w differ in C, or the filter is larger than the padded image.

    Example:
        >>> x = np.array([[1.0, 5.0], [2.0, 7.0]]).reshape(1, 1, 2, 2)  # 1, 2 and 5, 7
        >>> w = np.array([[1.0, 3.0], [10.0, -1.0]]).reshape(1, 2, 2)
        >>> depthwise_conv2d(x, w)[0, 0, 0]  # 1 + 20 and 15 - 7
        array([21.,  8.])
    """
    # Your code here
    raise NotImplementedError("depthwise_conv2d is not written yet")


def pointwise_conv2d(x, w):
    """Mix the channels of each pixel: y[n,i,j,k] = Σ_c x[n,i,j,c] · w[c,k].

    Lecture 9.5: a convolution with K filters of 1 x 1 x C.

    Args:
        x: images, (N, H, W, C), float32, float64 or any integer dtype; left unchanged.
        w: filters, (C, K).

    Returns:
        Feature maps, (N, H, W, K). float32 stays float32; float64 and integers give
        float64.

    Raises:
        ValueError: x and w differ in C.

    Example:
        >>> x = np.array([1.0, 5.0]).reshape(1, 1, 1, 2)
        >>> pointwise_conv2d(x, np.array([[1.0, 0.0, 2.0], [1.0, 3.0, 0.0]]))[0, 0, 0]
        array([ 6., 15.,  2.])
    """
    # Your code here
    raise NotImplementedError("pointwise_conv2d is not written yet")


def depthwise_separable_conv2d(x, depthwise, pointwise, stride=1, pad=0):
    """Filter each channel, then mix the channels: pointwise(depthwise(x)).

    Lecture 9.5. Stride and padding belong to the depthwise step; nothing happens
    between the steps.

    Args:
        x: images, (N, H, W, C), float32, float64 or any integer dtype; left unchanged.
        depthwise: one filter for each channel, (fh, fw, C).
        pointwise: filters of 1 x 1 x C, (C, K).
        stride: step of the window in pixels along both axes, 1 or more.
        pad: rows and columns of zeros on each of the four sides, 0 or more.

    Returns:
        Feature maps, (N, H', W', K), H' and W' as in `depthwise_conv2d`. float32 stays
        float32; float64 and integers give float64.

    Raises:
        ValueError: x, depthwise and pointwise do not agree in C.

    Example:
        >>> x = np.array([[1.0, 5.0], [2.0, 7.0]]).reshape(1, 1, 2, 2)
        >>> w = np.array([[1.0, 3.0], [10.0, -1.0]]).reshape(1, 2, 2)  # gives 21 and 8
        >>> mix = np.array([[1.0, 2.0, 0.0], [1.0, 0.0, 3.0]])
        >>> depthwise_separable_conv2d(x, w, mix)[0, 0, 0]
        array([29., 42., 24.])
    """
    # Your code here
    raise NotImplementedError("depthwise_separable_conv2d is not written yet")


def conv_multiplications(n, f, c, h):
    """Count the multiplications of a convolution: f·f·c·H·n·n.  (Lecture 9.5)

    H filters of f x f x c weights each, and a map of n x n pixels for each of them: the
    stride is 1, and the padding keeps the size.

    Args:
        n: side of the image and of the maps in pixels, 1 or more.
        f: side of a filter, 1 or more.
        c: channels of the image, 1 or more.
        h: filters, 1 or more.

    Returns:
        The number of multiplications, an integer.

    Example:
        >>> conv_multiplications(4, 3, 2, 5)
        1440
    """
    # Your code here
    raise NotImplementedError("conv_multiplications is not written yet")


def depthwise_separable_multiplications(n, f, c, h):
    """Count those of the depthwise separable one: f·f·c·n·n + c·H·n·n.  (Lecture 9.5)

    It gives as many maps of the same size.

    Args:
        n: side of the image and of the maps in pixels, 1 or more.
        f: side of a filter, 1 or more.
        c: channels of the image, 1 or more.
        h: pointwise filters, 1 or more.

    Returns:
        The number of multiplications, an integer.

    Example:
        >>> depthwise_separable_multiplications(4, 3, 2, 5)  # 288 and 160
        448
    """
    # Your code here
    raise NotImplementedError("depthwise_separable_multiplications is not written yet")


def cost_ratio(f, h):
    """Compare the two counts: 1/H + 1/f².  (Lecture 9.5)

    It is what the depthwise separable convolution costs, divided by what the
    convolution costs: n and c cancel.

    Args:
        f: side of a filter, 1 or more.
        h: filters, 1 or more.

    Returns:
        The ratio, a float: below 1 where something is saved.

    Example:
        >>> cost_ratio(2, 4)
        0.5
    """
    # Your code here
    raise NotImplementedError("cost_ratio is not written yet")
