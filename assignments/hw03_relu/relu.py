"""ReLU and its relatives, and a small image on its way to a pooled map.  (Lecture 9.3)

The first four functions work on every number of an array by itself, whatever its shape.
No function changes its arguments or keeps anything between calls. float32 stays
float32; float64 and integers give float64.
"""

import numpy as np


def relu(x):
    """Keep what is positive: f(x) = max(0, x).  (Lecture 9.3)

    Args:
        x: any shape, float32, float64 or any integer dtype; left unchanged.

    Returns:
        An array of the shape of x.
        float32 stays float32; float64 and integers give float64.

    Example:
        >>> relu(np.array([[-2.0, 0.0, 0.5], [3.0, -0.1, 7.0]]))
        array([[0. , 0. , 0.5],
               [3. , 0. , 7. ]])
    """
    # Your code here
    raise NotImplementedError("relu is not written yet")


def relu_gradient(x):
    """Differentiate ReLU: f'(x) = 1 where x > 0, else 0.  (Lecture 9.3)

    At x = 0 the function has a corner and no derivative; this course takes 0 there.

    Args:
        x: where to differentiate; any shape, float32, float64 or any integer dtype;
            left unchanged.

    Returns:
        Zeros and ones, an array of the shape of x.
        float32 stays float32; float64 and integers give float64.

    Example:
        >>> relu_gradient(np.array([-2.0, 0.0, 0.5]))
        array([0., 0., 1.])
    """
    # Your code here
    raise NotImplementedError("relu_gradient is not written yet")


def sigmoid(x):
    """Squeeze numbers between 0 and 1: f(x) = (1 + e^-x)^-1.  (Lecture 9.3)

    e^1000 is too large for any float. The result is right at x = 1000 and at x = -1000
    too, for float32 as well, and no call raises a warning.

    Args:
        x: any shape, float32, float64 or any integer dtype; left unchanged.

    Returns:
        An array of the shape of x.
        float32 stays float32; float64 and integers give float64.

    Example:
        >>> sigmoid(np.array([-1000.0, 0.0, np.log(3), 1000.0]))
        array([0.  , 0.5 , 0.75, 1.  ])
    """
    # Your code here
    raise NotImplementedError("sigmoid is not written yet")


def tanh(x):
    """Squeeze numbers between -1 and 1: f(x) = (e^x - e^-x) / (e^x + e^-x).  (9.3)

    The result is right at x = 1000 and at x = -1000 too, for float32 as well, and no
    call raises a warning.

    Args:
        x: any shape, float32, float64 or any integer dtype; left unchanged.

    Returns:
        An array of the shape of x.
        float32 stays float32; float64 and integers give float64.

    Example:
        >>> tanh(np.array([-1000.0, 0.0, np.log(2), 1000.0]))
        array([-1. ,  0. ,  0.6,  1. ])
    """
    # Your code here
    raise NotImplementedError("tanh is not written yet")


def edge_pipeline(image, kernel):
    """Convolve, rectify and pool one image, step by step.  (Lecture 9.3, Example 9-3-1)

    The convolution has a frame of one zero around the image and stride 1, and the
    filter is not flipped: conv[i,j] = Σ image[i+u, j+v] · kernel[1+u, 1+v], with u and
    v from -1 to 1. ReLU comes next, then max pooling of blocks of 2 x 2, side by side.

    Args:
        image: (H, W) with even H and W, float32, float64 or any integer dtype; left
            unchanged.
        kernel: the filter, (3, 3), of the dtype of the image.

    Returns:
        The tuple (conv, relu, pooled): what each of the three steps gives, of shapes
        (H, W), (H, W) and (H/2, W/2).
        float32 stays float32; float64 and integers give float64.

    Example:
        >>> image = np.array([[0, 1, 1, 0], [0, 1, 1, 0]])  # 1 is dark, 0 is light
        >>> kernel = np.array([[0, 0, 0], [-1, 1, 0], [0, 0, 0]])
        >>> conv, rectified, pooled = edge_pipeline(image, kernel)
        >>> conv
        array([[ 0.,  1.,  0., -1.],
               [ 0.,  1.,  0., -1.]])
        >>> pooled
        array([[1., 0.]])
    """
    # Your code here
    raise NotImplementedError("edge_pipeline is not written yet")
