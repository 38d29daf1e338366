"""The blocks of ResNet on plain arrays, then ResNet itself in Keras.  (Lecture 9.6)

In the two blocks images are (N, H, W, C), filters (fh, fw, C, K). A block learns
F(x) = H(x) - x and puts out ReLU(F(x) + x). Their convolutions have stride 1 and zero
padding of (f-1)/2 on all four sides, so that a map stays as large as it is; the filter
is not flipped. Neither changes its arguments or keeps anything between calls. float32
stays float32; float64 and integers give float64.

The convolution is the one of hw1: put your own `conv2d` into this file.
"""

import keras
import numpy as np


def residual_block(x, w1, b1, w2, b2):
    """Run the block of ResNet-34: ReLU(F(x) + x), F = convolution, ReLU, convolution.

    Args:
        x: images, (N, H, W, C), float32, float64 or any integer dtype; left unchanged.
        w1: filters of the first convolution, (f, f, C, M), f odd.
        b1: its biases, (M,).
        w2: filters of the second convolution, (g, g, M, C), g odd; g may differ from f.
        b2: its biases, (C,).

    Returns:
        Feature maps of the shape of x. float32 stays float32; float64 and integers give
        float64.

    Raises:
        ValueError: F(x) has another shape than x: it cannot be added.

    Example:
        >>> x = np.array([1.0, -2.0, 3.0]).reshape(1, 1, 3, 1)
        >>> w1 = np.full((1, 1, 1, 1), 2.0)  # 2, -4, 6, and behind ReLU 2, 0, 6
        >>> w2 = np.full((1, 1, 1, 1), -1.0)  # F is -2, 0, -6
        >>> residual_block(x, w1, np.zeros(1), w2, np.full(1, 4.0))[0, 0, :, 0]
        array([3., 2., 1.])
    """
    # Your code here
    raise NotImplementedError("residual_block is not written yet")


def bottleneck_block(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    """Run the block of ResNet-50/101/152: ReLU(F(x) + shortcut), F with three layers.

    F is a 1x1, a 3x3 and a 1x1 convolution, with ReLU behind the first and the second.
    The shortcut is x itself, or its 1x1 projection where `w_proj` and `b_proj` are
    given, which they are together: a convolution and nothing else.

    Args:
        x: images, (N, H, W, C), float32, float64 or any integer dtype; left unchanged.
        w1: filters that make the maps narrow, (1, 1, C, M).
        b1: their biases, (M,).
        w2: filters of the middle, (3, 3, M, M).
        b2: their biases, (M,).
        w3: filters that make the maps wide again, (1, 1, M, K).
        b3: their biases, (K,).
        w_proj: filters of the projection, (1, 1, C, K), or None.
        b_proj: their biases, (K,), or None.

    Returns:
        Feature maps, (N, H, W, K). float32 stays float32; float64 and integers give
        float64.

    Raises:
        ValueError: F(x) has another shape than the shortcut.

    Example:
        >>> x = np.array([[1.0, 5.0]]).reshape(1, 1, 1, 2)  # one pixel, two channels
        >>> w1 = np.array([2.0, -1.0]).reshape(1, 1, 2, 1)  # 2·1 - 1·5 = -3, plus 4: 1
        >>> w2 = np.full((3, 3, 1, 1), 3.0)  # only the middle weight meets the pixel: 3
        >>> w3 = np.array([1.0, -2.0]).reshape(1, 1, 1, 2)  # F is 3, -6
        >>> b1, b2, b3 = np.full(1, 4.0), np.zeros(1), np.zeros(2)
        >>> bottleneck_block(x, w1, b1, w2, b2, w3, b3)[0, 0, 0]
        array([4., 0.])
    """
    # Your code here
    raise NotImplementedError("bottleneck_block is not written yet")


def build_resnet(cfg, input_shape, classes):
    """Build a bottleneck ResNet of any depth in Keras, with weights drawn anew.

    A 7x7 convolution and a 3x3 maximum, both with stride 2; four stages of bottleneck
    blocks; a global average and a dense layer with softmax. The handout has a table of
    all numbers. Batch normalisation is allowed and not required. (Lecture 9.6)

    Args:
        cfg: how many blocks each of the four stages has, four integers of 1 or more in
            a list or tuple: (3, 4, 6, 3) is ResNet-50.
        input_shape: of one image, (height, width, channels).
        classes: how many.

    Returns:
        A functional Keras model. It is not compiled.

    Example:
        >>> model = build_resnet((1, 1, 1, 1), (64, 96, 3), 10)
        >>> model.output_shape
        (None, 10)
        >>> filters = [each for each in model.layers if hasattr(each, "filters")]
        >>> len(filters)  # 3·4 in the blocks, one before them, 4 projections
        17
    """
    # Your code here
    raise NotImplementedError("build_resnet is not written yet")
