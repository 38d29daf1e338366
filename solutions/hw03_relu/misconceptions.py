"""Wrong solutions of hw3, each with one mistake and the hint that it proves.

Everything but the mistake is right: so it costs the points of its own rule, and its wrong
answers are nobody else's. Some of sigmoid and tanh are right in value and wrong in the warning
that NumPy raises on the way.
"""

import numpy as np

from grader.checks.misconceptions import load_beside, misconception

reference = load_beside(__file__, "relu.py")


# relu


@misconception(
    "relu",
    hint="You return the size of each number. Negative numbers become 0 here, they do not turn round.",
)
def takes_the_size(x):
    return np.abs(_as_float(x))


@misconception(
    "relu",
    hint="Negative numbers come out small, but not 0. That is a leaky ReLU; here nothing passes below 0.",
)
def leaks(x):
    return np.where(_as_float(x) > 0, _as_float(x), 0.01 * _as_float(x)).astype(_as_float(x).dtype)


@misconception(
    "relu",
    hint="Negative numbers come out between -1 and 0. That is another activation (ELU); ReLU gives 0 there.",
)
def bends_towards_minus_one(x):
    return np.where(_as_float(x) > 0, _as_float(x), np.expm1(np.minimum(_as_float(x), 0)))


@misconception(
    "relu",
    hint="Your result has no corner: you take log(1 + e^x), which is smooth. ReLU is the maximum of 0 and x.",
)
def rounds_the_corner(x):
    return np.logaddexp(_as_float(x), _as_float(x).dtype.type(0))


@misconception(
    "relu",
    hint="Your result stops at 6. That is a variant for small devices; ReLU has no upper bound.",
)
def stops_at_six(x):
    return np.minimum(reference.relu(x), 6)


@misconception(
    "relu",
    hint="Your result stops at 1. ReLU has no upper bound: only what lies below 0 is cut off.",
)
def stops_at_one(x):
    return np.minimum(reference.relu(x), 1)


@misconception(
    "relu",
    hint="You return 1 for positive numbers. That is the slope of ReLU; ReLU itself gives the number.",
)
def returns_the_slope(x):
    return reference.relu_gradient(x)


@misconception(
    "relu",
    hint="Negative numbers pass and positive ones become 0: you take the minimum, or compare the other way round.",
)
def keeps_what_is_negative(x):
    return np.minimum(_as_float(x), 0)


@misconception(
    "relu",
    hint="Your result has an axis less. `np.max(x, 0)` looks for the largest number along axis 0; to "
    "compare every number with 0 there is another function.",
)
def takes_the_maximum_along_an_axis(x):
    return _as_float(x).max(axis=0)


@misconception(
    "relu",
    hint="Your result has lost its shape: it is one long row. It has the shape of x, whatever that is.",
)
def returns_one_long_row(x):
    return reference.relu(x).ravel()


@misconception(
    "relu",
    hint="The result is right, but the negative numbers of x are gone too: x[x < 0] = 0 works in the "
    "caller's array. Work on a copy.",
)
def rectifies_in_place(x):
    if x.dtype.kind != "u":
        x[x < 0] = 0
    return reference.relu(x)


@misconception(
    "relu",
    hint="Your result keeps the integer dtype. Integers have to come back as float64, because what follows "
    "in a network are fractions.",
)
def keeps_integers(x):
    return reference.relu(x).astype(x.dtype)


@misconception(
    "relu",
    hint="Your result is float64 although x is float32. A new array of zeros is float64 unless you say otherwise.",
)
def returns_float64(x):
    return reference.relu(x).astype(np.float64)


@misconception(
    "relu",
    stateful=True,
    hint="Your second result is that of the first call. Nothing may be kept between calls: look for an "
    "array outside the function, or one made as a default.",
)
def remembers_the_first():
    return _remember_the_first(reference.relu)


# relu_gradient


@misconception(
    "relu_gradient",
    hint="Your slope at 0 is 1. Any number from 0 to 1 would do there; the handout fixes 0, so compare "
    "without equality.",
)
def takes_one_in_the_corner(x):
    return _like(x, x >= 0)


@misconception(
    "relu_gradient",
    hint="Your slope at 0 is one half. Any number from 0 to 1 would do there; the handout fixes 0.",
)
def takes_one_half_in_the_corner(x):
    return np.heaviside(_as_float(x), _as_float(x).dtype.type(0.5))


@misconception(
    "relu_gradient",
    hint="You divide ReLU by x, and 0 divided by 0 is nan. Ask for each number on which side of 0 it lies.",
)
def divides_relu_by_x(x):
    return reference.relu(x) / _as_float(x)


@misconception(
    "relu_gradient",
    hint="You return True and False. Slopes are numbers to multiply with, 1 and 0: turn them into floats.",
)
def returns_truth_values(x):
    return x > 0


@misconception(
    "relu_gradient",
    hint="Your slopes are integers. They follow the dtype of x: float32 for float32, float64 for everything else.",
)
def returns_integers(x):
    return (x > 0).astype(np.int64)


@misconception(
    "relu_gradient",
    hint="You return ReLU itself. Its derivative on the right of 0 is a constant: how much does f(x) = x grow with x?",
)
def returns_relu(x):
    return reference.relu(x)


@misconception(
    "relu_gradient",
    hint="Your slope is -1 for negative numbers: that is the sign of x. On the left of 0 ReLU is flat.",
)
def returns_the_sign(x):
    return np.sign(_as_float(x))


@misconception(
    "relu_gradient",
    hint="Your slope on the left of 0 is small, but not 0. That belongs to a leaky ReLU.",
)
def leaks_a_little(x):
    return np.where(x > 0, _like(x, 1), _like(x, np.where(x < 0, 0.01, 0)))


@misconception(
    "relu_gradient",
    hint="Your slope is 1 on the left of 0 and 0 on its right. ReLU rises where x is positive.",
)
def takes_the_other_side(x):
    return _like(x, x < 0)


@misconception(
    "relu_gradient",
    hint="Your slope is 1 everywhere, as that of f(x) = x. On the left of 0 ReLU is flat.",
)
def is_one_everywhere(x):
    return np.ones_like(_as_float(x))


@misconception(
    "relu_gradient",
    hint="Your slopes have lost their shape: they are one long row. They have the shape of x, whatever that is.",
)
def returns_slopes_in_one_long_row(x):
    return reference.relu_gradient(x).ravel()


@misconception(
    "relu_gradient",
    hint="The slopes are right, but you write them into the array that you were given. Work on a copy.",
)
def writes_slopes_into_x(x):
    slopes = reference.relu_gradient(x)
    x[...] = slopes
    return slopes


@misconception(
    "relu_gradient",
    hint="Slopes at integers keep the integer dtype. They have to be float64: look at the dtype of the "
    "array you create.",
)
def keeps_slopes_in_integers(x):
    return reference.relu_gradient(x).astype(x.dtype)


@misconception(
    "relu_gradient",
    hint="Slopes at float32 numbers are float64 in your function. A new array of zeros is float64 unless "
    "you say otherwise.",
)
def returns_slopes_in_float64(x):
    return reference.relu_gradient(x).astype(np.float64)


@misconception(
    "relu_gradient",
    stateful=True,
    hint="Your second result is that of the first call. Nothing may be kept between calls: look for an "
    "array outside the function, or one made as a default.",
)
def remembers_the_first_slopes():
    return _remember_the_first(reference.relu_gradient)


# sigmoid


@misconception(
    "sigmoid",
    hint="Your power e^-x overflows where x is far below 0: the value comes out right, but only by way of "
    "infinity. Find a form of the formula for negative x in which the power is small.",
)
def overflows_below_zero(x):
    return 1 / (1 + np.exp(-_as_float(x)))


@misconception(
    "sigmoid",
    hint="Your power e^x overflows where x is far above 0, and infinity divided by infinity is nan. Find a "
    "form of the formula for positive x in which the power is small.",
)
def overflows_above_zero(x):
    power = np.exp(_as_float(x))
    return power / (1 + power)


@misconception(
    "sigmoid",
    hint="You have a form for each sign, but compute both for every number: `np.where` only chooses "
    "afterwards, when one of them has overflowed. Compute each form where it is used.",
)
def computes_both_forms(x):
    z = _as_float(x)
    return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))


@misconception(
    "sigmoid",
    hint="You keep x within bounds so that the power does not overflow. That is enough for float64, but "
    "float32 ends at e^88.7: there it overflows all the same.",
)
def keeps_x_within_bounds_of_float64(x):
    return 1 / (1 + np.exp(np.clip(-_as_float(x), -500, 500)))


@misconception(
    "sigmoid",
    hint="You keep x within bounds that are too narrow: at x = 1000 the result is visibly less than 1.",
)
def keeps_x_within_narrow_bounds(x):
    return reference.sigmoid(np.clip(_as_float(x), -10, 10))


@misconception(
    "sigmoid",
    hint="Your result falls where x grows. In the formula the power is e^-x, with a minus.",
)
def loses_the_minus(x):
    return reference.sigmoid(-_as_float(x))


@misconception(
    "sigmoid",
    hint="You return 1 + e^-x. The formula has the exponent -1 around it: one divided by that.",
)
def forgets_the_inverse(x):
    return 1 + np.exp(-_as_float(x))


@misconception(
    "sigmoid",
    hint="Your result grows without bound where x grows: the 1 in 1 + e^-x is missing.",
)
def forgets_the_one(x):
    return np.exp(_as_float(x))


@misconception(
    "sigmoid",
    hint="Your curve is twice as steep as it should be. Sigmoid is (1 + tanh(x/2))/2: the half inside counts too.",
)
def is_twice_as_steep(x):
    return reference.sigmoid(2 * _as_float(x))


@misconception(
    "sigmoid",
    hint="Your powers have base 2. The formula has e, as np.exp has: the curve becomes steeper.",
)
def takes_powers_of_two(x):
    z = _as_float(x)
    return reference.sigmoid(z * np.log(2).astype(z.dtype))


@misconception(
    "sigmoid",
    hint="Your result lies between -1 and 1: that is tanh. Sigmoid lies between 0 and 1.",
)
def returns_tanh(x):
    return reference.tanh(x)


@misconception(
    "sigmoid",
    hint="You return s(1 - s), the derivative of sigmoid. The function itself is asked for.",
)
def returns_the_derivative(x):
    s = reference.sigmoid(x)
    return s * (1 - s)


@misconception(
    "sigmoid",
    hint="Your curve is made of straight lines: that is the hard sigmoid. The formula has a power of e.",
)
def is_made_of_straight_lines(x):
    return np.clip(0.2 * _as_float(x) + 0.5, 0, 1)


@misconception(
    "sigmoid",
    hint="Your numbers share a sum of 1 along the last axis: that is softmax. Sigmoid takes every number by itself.",
)
def returns_softmax(x):
    z = _as_float(x)
    powers = np.exp(z - z.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


@misconception(
    "sigmoid",
    hint="Your result has lost its shape: it is one long row. It has the shape of x, whatever that is.",
)
def returns_sigmoids_in_one_long_row(x):
    return reference.sigmoid(x).ravel()


@misconception(
    "sigmoid",
    hint="Sigmoid of integers is cut to whole numbers. The array that you fill took over the dtype of x; "
    "it has to be float64.",
)
def keeps_sigmoids_in_integers(x):
    return reference.sigmoid(x).astype(x.dtype)


@misconception(
    "sigmoid",
    hint="Your result is float64 although x is float32. Look where an array or a number of another dtype comes in.",
)
def computes_sigmoids_in_float64(x):
    return reference.sigmoid(x).astype(np.float64)


@misconception(
    "sigmoid",
    hint="The result is right, but you change the array that you were given: an operation such as *= works "
    "in the caller's array. Compute into a new one.",
)
def negates_x_in_place(x):
    result = reference.sigmoid(x)
    x *= -1
    return result


@misconception(
    "sigmoid",
    stateful=True,
    hint="Your second result is that of the first call. Nothing may be kept between calls: look for an "
    "array outside the function, or one made as a default.",
)
def remembers_the_first_sigmoids():
    return _remember_the_first(reference.sigmoid)


# tanh


@misconception(
    "tanh",
    hint="Both powers go into the formula as they are, so far from 0 one of them is infinite, and infinity "
    "divided by infinity is nan. Divide numerator and denominator by the larger power, on paper.",
)
def divides_infinity_by_infinity(x):
    up, down = np.exp(_as_float(x)), np.exp(-_as_float(x))
    return (up - down) / (up + down)


@misconception(
    "tanh",
    hint="Your power e^2x overflows where x is far above 0, and infinity divided by infinity is nan. There "
    "another form of the formula is due.",
)
def overflows_far_above_zero(x):
    power = np.exp(2 * _as_float(x))
    return (power - 1) / (power + 1)


@misconception(
    "tanh",
    hint="Your power e^-2x overflows where x is far below 0, and infinity divided by infinity is nan. "
    "There another form of the formula is due.",
)
def overflows_far_below_zero(x):
    power = np.exp(-2 * _as_float(x))
    return (1 - power) / (1 + power)


@misconception(
    "tanh",
    hint="You stretch a sigmoid whose power e^-2x overflows where x is far below 0: the value comes out "
    "right, but only by way of infinity.",
)
def stretches_an_overflowing_sigmoid(x):
    return 2 / (1 + np.exp(-2 * _as_float(x))) - 1


@misconception(
    "tanh",
    hint="In 1 - 2/(e^2x + 1) the power overflows where x is far above 0: the value comes out right, but "
    "only by way of infinity.",
)
def takes_two_by_infinity(x):
    return 1 - 2 / (np.exp(2 * _as_float(x)) + 1)


@misconception(
    "tanh",
    hint="You keep x within bounds so that the powers do not overflow. That is enough for float64, but "
    "float32 ends at e^88.7: there they overflow all the same.",
)
def keeps_x_within_bounds_for_float64(x):
    z = np.clip(_as_float(x), -300, 300)
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))


@misconception(
    "tanh",
    hint="Your curve is half as steep as it should be: tanh(x) is 2 s(2x) - 1 with the sigmoid s. The 2 "
    "inside counts too.",
)
def is_half_as_steep(x):
    return reference.tanh(0.5 * _as_float(x))


@misconception(
    "tanh",
    hint="Your curve is twice as steep as it should be: the exponents in the formula are x and -x.",
)
def is_too_steep(x):
    return reference.tanh(2 * _as_float(x))


@misconception(
    "tanh",
    hint="Your result lies between 0 and 1: that is sigmoid. Tanh lies between -1 and 1.",
)
def returns_sigmoid(x):
    return reference.sigmoid(x)


@misconception(
    "tanh",
    hint="Your function is the tangent of an angle. The h in tanh stands for hyperbolic: look at the formula.",
)
def returns_the_tangent(x):
    return np.tan(_as_float(x))


@misconception(
    "tanh",
    hint="You return half the difference of the two powers, the hyperbolic sine. Tanh divides by their sum.",
)
def returns_the_hyperbolic_sine(x):
    return np.sinh(_as_float(x))


@misconception(
    "tanh",
    hint="You divide the sum of the powers by their difference. The difference is above the line.",
)
def turns_the_fraction_over(x):
    return 1 / reference.tanh(x)


@misconception(
    "tanh",
    hint="Your result falls where x grows: the two powers in the numerator have changed places.",
)
def changes_the_sign(x):
    return -reference.tanh(x)


@misconception(
    "tanh",
    hint="You return 1 - tanh^2, the derivative. The function itself is asked for.",
)
def returns_the_derivative_of_tanh(x):
    return 1 - reference.tanh(x) ** 2


@misconception(
    "tanh",
    hint="Your curve is made of straight lines: x, cut off at -1 and 1. The formula has powers of e.",
)
def cuts_off_at_one(x):
    return np.clip(_as_float(x), -1, 1)


@misconception(
    "tanh",
    hint="Your result has lost its shape: it is one long row. It has the shape of x, whatever that is.",
)
def returns_tanh_in_one_long_row(x):
    return reference.tanh(x).ravel()


@misconception(
    "tanh",
    hint="Tanh of integers is cut to whole numbers. The array that you fill took over the dtype of x; it "
    "has to be float64.",
)
def keeps_tanh_in_integers(x):
    return reference.tanh(x).astype(x.dtype)


@misconception(
    "tanh",
    hint="Your result is float64 although x is float32. Look where an array or a number of another dtype comes in.",
)
def computes_tanh_in_float64(x):
    return reference.tanh(x).astype(np.float64)


@misconception(
    "tanh",
    hint="The result is right, but you change the array that you were given: an operation such as *= works "
    "in the caller's array. Compute into a new one.",
)
def doubles_x_in_place(x):
    result = reference.tanh(x)
    x *= 2
    return result


@misconception(
    "tanh",
    stateful=True,
    hint="Your second result is that of the first call. Nothing may be kept between calls: look for an "
    "array outside the function, or one made as a default.",
)
def remembers_the_first_tanh():
    return _remember_the_first(reference.tanh)


# edge_pipeline


@misconception(
    "edge_pipeline",
    hint="Your kernel is turned by 180 degrees, as scipy.signal.convolve2d does. Here its left column "
    "meets the pixels on the left.",
)
def flips_the_kernel(image, kernel):
    return reference.edge_pipeline(image, kernel[::-1, ::-1])


@misconception(
    "edge_pipeline",
    hint="Your kernel is mirrored along its diagonal: its rows run down the image. The first axis of both goes down.",
)
def turns_rows_into_columns(image, kernel):
    return reference.edge_pipeline(image, kernel.T)


@misconception(
    "edge_pipeline",
    hint="Your convolution has no frame of zeros, so it is smaller than the image by two rows and two columns.",
)
def leaves_out_the_frame(image, kernel):
    conv = reference.edge_pipeline(image, kernel)[0][1:-1, 1:-1]
    return _rectified_and_pooled(conv)


@misconception(
    "edge_pipeline",
    hint="Outside the image your convolution goes on with the pixels of the border. The handout wants zeros there.",
)
def goes_on_with_the_border(image, kernel):
    conv = reference.edge_pipeline(np.pad(image, 2, mode="edge"), kernel)[0][2:-2, 2:-2]
    return _rectified_and_pooled(conv)


@misconception(
    "edge_pipeline",
    hint="Past one side of the image your convolution reads the other side. A negative index does this in "
    "Python; the handout wants zeros there.",
)
def goes_round_the_image(image, kernel):
    conv = reference.edge_pipeline(np.pad(image, 2, mode="wrap"), kernel)[0][2:-2, 2:-2]
    return _rectified_and_pooled(conv)


@misconception(
    "edge_pipeline",
    hint="Your zeros stand below and to the right of the image only, so the corner of the kernel lies on "
    "the pixel. It is the middle that lies there.",
)
def lays_the_corner_on_the_pixel(image, kernel):
    conv = reference.edge_pipeline(np.pad(image, ((0, 2), (0, 2))), kernel)[0][1:-1, 1:-1]
    return _rectified_and_pooled(conv)


@misconception(
    "edge_pipeline",
    hint="The border of your convolution is 0. There the kernel hangs over the edge, and what lies on the "
    "image still counts.",
)
def leaves_the_border_at_zero(image, kernel):
    conv = np.zeros_like(reference.edge_pipeline(image, kernel)[0])
    conv[1:-1, 1:-1] = reference.edge_pipeline(image, kernel)[0][1:-1, 1:-1]
    return _rectified_and_pooled(conv)


@misconception(
    "edge_pipeline",
    hint="The second stage still holds negative values: it is the convolution once more. The pooled stage is right.",
)
def returns_the_convolution_twice(image, kernel):
    conv, _, pooled = reference.edge_pipeline(image, kernel)
    return conv, conv.copy(), pooled


@misconception(
    "edge_pipeline",
    hint="Your pooling works on the convolution instead of what ReLU made of it: negative values come through.",
)
def pools_the_convolution(image, kernel):
    conv, rectified, _ = reference.edge_pipeline(image, kernel)
    return conv, rectified, _pooled(conv)


@misconception(
    "edge_pipeline",
    hint="There is no ReLU in your pipeline: negative values come through to the second and the third stage.",
)
def forgets_relu(image, kernel):
    conv = reference.edge_pipeline(image, kernel)[0]
    return conv, conv.copy(), _pooled(conv)


@misconception(
    "edge_pipeline",
    hint="Your first stage has lost its negative values: ReLU worked in the same array. An assignment "
    "gives an array a second name, it does not copy it.",
)
def rectifies_the_first_stage_too(image, kernel):
    _, rectified, pooled = reference.edge_pipeline(image, kernel)
    return rectified.copy(), rectified, pooled


@misconception(
    "edge_pipeline",
    hint="Your second stage holds the sizes of the convolution. ReLU gives 0 for what is negative.",
)
def takes_sizes_for_relu(image, kernel):
    conv = reference.edge_pipeline(image, kernel)[0]
    return conv, np.abs(conv), _pooled(np.abs(conv))


@misconception(
    "edge_pipeline",
    hint="Your third stage holds the averages of the blocks. Max pooling keeps the largest of the four.",
)
def averages_the_blocks(image, kernel):
    conv, rectified, _ = reference.edge_pipeline(image, kernel)
    return conv, rectified, _blocks(rectified).mean(axis=(1, 3))


@misconception(
    "edge_pipeline",
    hint="Your third stage keeps the top left value of each block. Max pooling keeps the largest of the four.",
)
def keeps_the_corners(image, kernel):
    conv, rectified, _ = reference.edge_pipeline(image, kernel)
    return conv, rectified, rectified[::2, ::2].copy()


@misconception(
    "edge_pipeline",
    hint="The windows of your pooling overlap: they move by one pixel. Blocks of 2 x 2 lie side by side, "
    "so the third stage has half the rows and columns.",
)
def pools_with_stride_one(image, kernel):
    conv, rectified, _ = reference.edge_pipeline(image, kernel)
    windows = np.lib.stride_tricks.sliding_window_view(rectified, (2, 2))
    return conv, rectified, windows.max(axis=(2, 3))


@misconception(
    "edge_pipeline",
    hint="Rows and columns of your third stage have changed places; on square images nobody would see it.",
)
def swaps_rows_and_columns_at_the_end(image, kernel):
    conv, rectified, pooled = reference.edge_pipeline(image, kernel)
    return conv, rectified, pooled.reshape(pooled.shape[::-1])


@misconception(
    "edge_pipeline",
    hint="You return the last stage only. All three are asked for, as a tuple: (conv, relu, pooled).",
)
def returns_the_last_stage_only(image, kernel):
    return reference.edge_pipeline(image, kernel)[2]


@misconception(
    "edge_pipeline",
    hint="Your first two stages have changed places. The convolution comes first, what ReLU made of it second.",
)
def swaps_the_first_stages(image, kernel):
    conv, rectified, pooled = reference.edge_pipeline(image, kernel)
    return rectified, conv, pooled


@misconception(
    "edge_pipeline",
    hint="Your stages have more than two axes. The image is (H, W), without axes for batch and channel: "
    "take them off again.",
)
def keeps_axes_of_batch_and_channel(image, kernel):
    return tuple(stage[None, :, :, None] for stage in reference.edge_pipeline(image, kernel))


@misconception(
    "edge_pipeline",
    hint="Your convolution multiplies in the dtype of an integer image, where a sum over 255 does not fit "
    "into a byte, or it returns that dtype. Turn the image into floats first.",
)
def convolves_in_integers(image, kernel):
    return tuple(stage.astype(image.dtype) for stage in reference.edge_pipeline(image, kernel))


@misconception(
    "edge_pipeline",
    hint="Your stages are float64 although the image is float32. A new array of zeros is float64 unless "
    "you say otherwise.",
)
def returns_stages_in_float64(image, kernel):
    return tuple(stage.astype(np.float64) for stage in reference.edge_pipeline(image, kernel))


@misconception(
    "edge_pipeline",
    hint="The stages are right, but you write the convolution into the image that you were given. Fill a new array.",
)
def writes_into_the_image(image, kernel):
    stages = reference.edge_pipeline(image, kernel)
    image[...] = stages[1]  # ReLU of the convolution: it fits into unsigned numbers too, cut to their size
    return stages


@misconception(
    "edge_pipeline",
    stateful=True,
    hint="Your second result is that of the first call. Nothing may be kept between calls: look for an "
    "array outside the function, or one made as a default.",
)
def remembers_the_first_stages():
    return _remember_the_first(reference.edge_pipeline)


# what several of them share


def _as_float(x):
    return x.astype(np.float32 if x.dtype == np.float32 else np.float64)


def _like(x, values):
    return np.broadcast_to(values, x.shape).astype(np.float32 if x.dtype == np.float32 else np.float64)


def _rectified_and_pooled(conv):
    rectified = reference.relu(conv)
    return conv, rectified, _pooled(rectified)


def _pooled(stage):
    return _blocks(stage).max(axis=(1, 3)) if stage.size else stage


def _blocks(stage):
    rows, columns = stage.shape
    return stage.reshape(rows // 2, 2, columns // 2, 2)


def _remember_the_first(function):
    answers = []

    def remembering(*args, **kwargs):
        if not answers:
            answers.append(function(*args, **kwargs))
        return answers[0]

    return remembering
