"""Right solutions of hw3 in other styles: each must have all points of its function."""

import math

import numpy as np

from grader.checks.alternatives import alternative

# relu


@alternative("relu", title="where x is positive, else 0")
def where_positive(x):
    return np.where(x > 0, x, 0).astype(_float_for(x))


@alternative("relu", title="one number after the other, in a copy")
def one_number_after_the_other(x):
    result = np.empty(x.shape, _float_for(x))
    for place in np.ndindex(*x.shape):
        result[place] = max(0.0, float(x[place]))
    return result


@alternative("relu", title="half of x and its size")
def half_of_x_and_its_size(x):
    x = x.astype(_float_for(x))
    return (x + abs(x)) / 2


@alternative("relu", title="zeros put into a copy by a mask")
def zeros_by_a_mask(x):
    result = np.array(x, dtype=_float_for(x), order="F")
    result[~(result > 0)] = 0
    return result


# relu_gradient


@alternative("relu_gradient", title="the step function of NumPy")
def the_step_function(x):
    return np.heaviside(x.astype(_float_for(x)), 0)


@alternative("relu_gradient", title="the sign of what ReLU lets through")
def sign_of_relu(x):
    return np.sign(where_positive(x))


@alternative("relu_gradient", title="recursion over the axes")
def recursion_over_the_axes(x):
    if x.ndim > 1:
        return np.stack([recursion_over_the_axes(part) for part in x])
    return np.array([1 if number > 0 else 0 for number in x.tolist()], dtype=_float_for(x))


# sigmoid


@alternative("sigmoid", title="each sign with the power that is small there")
def each_sign_with_its_power(x):
    z = x.astype(_float_for(x))
    result, right = np.empty_like(z), z >= 0
    result[right] = 1 / (1 + np.exp(-z[right]))
    power = np.exp(z[~right])
    result[~right] = power / (1 + power)
    return result


@alternative("sigmoid", title="half a tanh of half of x")
def half_a_tanh(x):
    half = _float_for(x)(0.5)
    return half * (1 + np.tanh(half * x.astype(_float_for(x))))


@alternative("sigmoid", title="x kept where the power still fits")
def kept_where_it_fits(x):
    largest = np.log(np.finfo(_float_for(x)).max) - 1
    return (1 / (1 + np.exp(np.clip(-x.astype(_float_for(x)), -largest, largest)))).astype(_float_for(x))


@alternative("sigmoid", title="the math module, with the overflow caught")
def overflow_caught(x):
    result = []
    for number in x.ravel().tolist():
        try:
            result.append(1 / (1 + math.exp(-number)))
        except OverflowError:
            result.append(0.0)
    return np.array(result, dtype=_float_for(x)).reshape(x.shape)


@alternative("sigmoid", title="e to the logarithm, which logaddexp knows")
def by_logaddexp(x):
    z = x.astype(_float_for(x))
    return np.exp(-np.logaddexp(z.dtype.type(0), -z))


# tanh


@alternative("tanh", title="NumPy's own")
def numpys_own(x):
    return np.tanh(x, dtype=_float_for(x))


@alternative("tanh", title="the math module, one number after the other")
def math_module(x):
    return np.array([math.tanh(number) for number in x.flat], dtype=_float_for(x)).reshape(x.shape)


@alternative("tanh", title="a stretched sigmoid")
def a_stretched_sigmoid(x):
    return 2 * each_sign_with_its_power(2 * x.astype(_float_for(x))) - 1


@alternative("tanh", title="the formula, with x kept where nothing changes any more")
def the_formula_on_kept_numbers(x):
    z = np.clip(x.astype(_float_for(x)), -20, 20)  # 1 - tanh 20 is 1e-17
    up, down = np.exp(z), np.exp(-z)
    return (up - down) / (up + down)


# edge_pipeline


@alternative("edge_pipeline", title="loops over lists, arrays at the end")
def loops_over_lists(image, kernel):
    height, width = image.shape
    pixels, weights = image.tolist(), kernel.tolist()
    conv = [[0.0] * width for _ in range(height)]
    for i in range(height):
        for j in range(width):
            for u in (-1, 0, 1):
                for v in (-1, 0, 1):
                    if 0 <= i + u < height and 0 <= j + v < width:
                        conv[i][j] += pixels[i + u][j + v] * weights[u + 1][v + 1]
    rectified = [[value if value > 0 else 0.0 for value in row] for row in conv]
    pooled = [
        [max(rectified[i][j], rectified[i][j + 1], *rectified[i + 1][j : j + 2]) for j in range(0, width, 2)]
        for i in range(0, height, 2)
    ]
    return tuple(np.array(stage, dtype=_float_for(image)) for stage in (conv, rectified, pooled))


@alternative("edge_pipeline", title="pooling before ReLU gives the same")
def pooling_before_relu(image, kernel):
    frame = np.pad(image.astype(_float_for(image)), 1)
    windows = np.lib.stride_tricks.sliding_window_view(frame, (3, 3))
    conv = np.einsum("ijuv,uv->ij", windows, kernel.astype(frame.dtype))
    pooled = np.maximum.reduce([conv[i::2, j::2] for i in (0, 1) for j in (0, 1)])
    return conv, np.maximum(conv, 0), np.maximum(pooled, 0)


@alternative("edge_pipeline", title="a layer for each step, one behind the other")
def a_layer_for_each_step(image, kernel):
    stages = []
    for layer in (_Convolution(kernel), _Rectifier(), _MaxPooling()):
        stages.append(layer(stages[-1] if stages else image.astype(_float_for(image))))
    return tuple(stages)


class _Convolution:
    """합성곱 층: 0으로 두른 입력."""

    def __init__(self, kernel):
        self.kernel = kernel

    def __call__(self, image):
        frame = np.zeros((image.shape[0] + 2, image.shape[1] + 2), image.dtype)
        frame[1:-1, 1:-1] = image
        result = np.zeros_like(image)
        for i, j in np.ndindex(*image.shape):
            result[i, j] = np.vdot(frame[i : i + 3, j : j + 3], self.kernel)
        return result


class _Rectifier:
    def __call__(self, image):
        return image * (image > 0)


class _MaxPooling:
    def __call__(self, image):
        rows, columns = image.shape
        blocks = image.reshape(rows // 2, 2, columns // 2, 2).swapaxes(1, 2)
        return blocks.reshape(rows // 2, columns // 2, 4).max(axis=-1)


# what several of them share


def _float_for(x):
    return np.float32 if x.dtype == np.float32 else np.float64
