"""Wrong solutions of hw2, each with one mistake and the hint that it proves.

Everything but the mistake is right, the refusals included: so it costs the points of its
own rule, and its wrong answers are nobody else's.
"""

import numpy as np

from grader.checks.misconceptions import load_beside, misconception

reference = load_beside(__file__, "pooling.py")


# max_pool2d


@misconception(
    "max_pool2d",
    hint="Your maximum starts at 0, so a window of negative values comes out as 0. Start from a value of "
    "the window itself.",
)
def starts_at_zero(x, size=2, stride=None):
    return np.maximum(reference.max_pool2d(x, size, stride), 0)


@misconception(
    "max_pool2d",
    hint="Your windows give the largest size, without regard to sign. The maximum of -3 and 1 is 1.",
)
def takes_the_largest_size(x, size=2, stride=None):
    return reference.max_pool2d(np.abs(_as_float(x)), size, stride)


@misconception(
    "max_pool2d",
    hint="Your windows give the value farthest from 0, with its sign. The maximum of -3 and 1 is 1.",
)
def takes_the_value_farthest_from_zero(x, size=2, stride=None):
    high, low = (sign * reference.max_pool2d(sign * _as_float(x), size, stride) for sign in (1, -1))
    return np.where(-low > high, low, high)


@misconception(
    "max_pool2d",
    hint="You keep the top left pixel of each window and never compare it with the others.",
)
def keeps_the_corner(x, size=2, stride=None):
    rows, columns = reference.max_pool2d(x, size, stride).shape[1:3]
    step = size if stride is None else stride
    return _as_float(x)[:, ::step, ::step][:, :rows, :columns]


@misconception(
    "max_pool2d",
    hint="Your windows move by 2 pixels whatever the arguments say. The step is `stride`, and `size` where "
    "no stride is given.",
)
def always_moves_by_two(x, size=2, stride=None):
    reference.max_pool2d(x, size, stride)
    return reference.max_pool2d(x, size, 2)


@misconception(
    "max_pool2d",
    hint="The stride has no effect in your function: the windows always lie side by side. `size` is the "
    "step only where no stride is given.",
)
def ignores_the_stride(x, size=2, stride=None):
    reference.max_pool2d(x, size, stride)
    return reference.max_pool2d(x, size)


@misconception(
    "max_pool2d",
    hint="Where no stride is given, your windows move by one pixel. `stride=None` means that they lie side by side.",
)
def moves_by_one_without_a_stride(x, size=2, stride=None):
    reference.max_pool2d(x, size, stride)
    return reference.max_pool2d(x, size, 1 if stride is None else stride)


@misconception(
    "max_pool2d",
    hint="Your windows are 2 pixels wide and high whatever `size` says. Look for a 2 in your slices.",
)
def always_looks_at_two_by_two(x, size=2, stride=None):
    pooled = reference.max_pool2d(x, size, stride)
    step = size if stride is None else stride
    return pooled if size < 2 else reference.max_pool2d(x, 2, step)[:, : pooled.shape[1], : pooled.shape[2]]


@misconception(
    "max_pool2d",
    hint="Stride and size have changed places: your windows are as large as the stride and move by the size.",
)
def swaps_stride_and_size(x, size=2, stride=None):
    reference.max_pool2d(x, size, stride)
    return reference.max_pool2d(x, size if stride is None else stride, size)


@misconception(
    "max_pool2d",
    hint="Your windows take the stride going down, but lie side by side going across. The stride holds for both axes.",
)
def strides_down_only(x, size=2, stride=None):
    pooled = reference.max_pool2d(x, size, stride)
    step = size if stride is None else stride
    across = reference.max_pool2d(x, size, 1)[:, ::step, ::size]
    return across[:, : pooled.shape[1]]


@misconception(
    "max_pool2d",
    hint="A remainder of the map gets a window of its own, smaller than the others. The handout asks to "
    "drop it: the size of the result is rounded down.",
)
def pools_the_remainder(x, size=2, stride=None):
    return reference.max_pool2d(_filled(x, size, stride, -np.inf), size, stride)


@misconception(
    "max_pool2d",
    hint="Your result lacks the last window of every row and column. Count the windows of 2 that fit on 4 "
    "pixels: the size formula ends with + 1.",
)
def loses_the_last_windows(x, size=2, stride=None):
    return reference.max_pool2d(x, size, stride)[:, :-1, :-1]


@misconception(
    "max_pool2d",
    hint="Height and width of your result have changed places; on square maps nobody would see it. The "
    "order of the axes is image, row, column, channel.",
)
def swaps_height_and_width(x, size=2, stride=None):
    return _turned(reference.max_pool2d(x, size, stride))


@misconception(
    "max_pool2d",
    hint="All channels of your result hold the maximum over all channels. Each channel is pooled on its "
    "own: look at what your maximum runs over.",
)
def takes_one_maximum_for_all_channels(x, size=2, stride=None):
    pooled = reference.max_pool2d(x, size, stride)
    return np.repeat(pooled.max(axis=3, keepdims=True), x.shape[3], axis=3)


@misconception(
    "max_pool2d",
    hint="All images of your result hold the maximum over the batch. Each image is pooled on its own: look "
    "at what your maximum runs over.",
)
def takes_one_maximum_for_the_batch(x, size=2, stride=None):
    pooled = reference.max_pool2d(x, size, stride)
    return np.repeat(pooled.max(axis=0, keepdims=True), len(x), axis=0)


@misconception(
    "max_pool2d",
    hint="Every image of your result is pooled from the first image of the batch. Look at where the first "
    "axis of x is used.",
)
def pools_the_first_image(x, size=2, stride=None):
    return np.repeat(reference.max_pool2d(x, size, stride)[:1], len(x), axis=0)


@misconception(
    "max_pool2d",
    hint="Your result keeps the integer dtype of the map. Integer maps have to come back as float64: look "
    "at the dtype of the array you create.",
)
def keeps_maxima_in_integers(x, size=2, stride=None):
    return reference.max_pool2d(x, size, stride).astype(x.dtype)


@misconception(
    "max_pool2d",
    hint="Your maxima are float64 although the maps are float32. A new array of zeros is float64 unless "
    "you say otherwise.",
)
def keeps_maxima_in_float64(x, size=2, stride=None):
    return reference.max_pool2d(x, size, stride).astype(np.float64)


@misconception(
    "max_pool2d",
    hint="You write the maxima into the map that you were given. Fill a new array, so that x stays as it is.",
)
def writes_maxima_into_the_map(x, size=2, stride=None):
    pooled = reference.max_pool2d(x, size, stride)
    x[:, : pooled.shape[1], : pooled.shape[2]] = pooled
    return pooled


@misconception(
    "max_pool2d",
    stateful=True,
    hint="Your second result is that of the first call. Nothing may be kept between calls: look for an "
    "array outside the function, or one made as a default.",
)
def remembers_the_maxima():
    return _remember_the_first(reference.max_pool2d)


@misconception(
    "max_pool2d",
    hint="A stride of 0 is taken as if none were given. 0 is not None: the handout asks for a ValueError "
    "there. `stride or size` and `not stride` do not see the difference.",
)
def takes_a_stride_of_zero_as_none(x, size=2, stride=None):
    return reference.max_pool2d(x, size, stride or None)


@misconception(
    "max_pool2d",
    hint="A stride below 1 is taken as 1. A window that does not move forward is a mistake of the caller: "
    "the handout asks for a ValueError.",
)
def takes_any_stride(x, size=2, stride=None):
    return reference.max_pool2d(x, size, stride if stride is None else max(stride, 1))


@misconception(
    "max_pool2d",
    hint="A size below 1 is taken as 1. A window without a pixel has no maximum: the handout asks for a ValueError.",
)
def takes_any_size(x, size=2, stride=None):
    return reference.max_pool2d(x, max(size, 1), stride)


@misconception(
    "max_pool2d",
    hint="A window larger than the map is cut down to what is there. The handout asks for a ValueError, "
    "because no window fits.",
)
def cuts_the_window_to_the_map(x, size=2, stride=None):
    return reference.max_pool2d(_grown(x, size, -np.inf), size, stride)


@misconception(
    "max_pool2d",
    hint="A window larger than the map gives an empty result. The handout asks for a ValueError, because "
    "no window fits.",
)
def answers_with_an_empty_map(x, size=2, stride=None):
    return _empty(reference.max_pool2d, x, size, stride)


@misconception(
    "max_pool2d",
    hint="An image without an axis for the batch is accepted. The handout asks for a ValueError: maps have four axes.",
)
def takes_maxima_of_a_single_image(x, size=2, stride=None):
    return reference.max_pool2d(x[None], size, stride)[0] if x.ndim == 3 else reference.max_pool2d(x, size, stride)


# average_pool2d


@misconception(
    "average_pool2d",
    hint="You add up the values of a window, but do not divide by how many they are.",
)
def forgets_to_divide(x, size=2, stride=None):
    return reference.average_pool2d(x, size, stride) * size**2


@misconception(
    "average_pool2d",
    hint="You divide by 4 whatever the size of the window. A window of another size holds another number of values.",
)
def always_divides_by_four(x, size=2, stride=None):
    return reference.average_pool2d(x, size, stride) * (size**2 / 4)


@misconception(
    "average_pool2d",
    hint="You divide by the side of the window. Count the values in a window of 2 by 2.",
)
def divides_by_the_side(x, size=2, stride=None):
    return reference.average_pool2d(x, size, stride) * size


@misconception(
    "average_pool2d",
    hint="You divide by the number of pixels of the whole map. The average of a window is over the values "
    "in the window.",
)
def divides_by_the_map(x, size=2, stride=None):
    return reference.average_pool2d(x, size, stride) * (size**2 / (x.shape[1] * x.shape[2]))


@misconception(
    "average_pool2d",
    hint="You add up each channel on its own, but divide by the number of values of all channels.",
)
def divides_by_the_channels_too(x, size=2, stride=None):
    return reference.average_pool2d(x, size, stride) / x.shape[3]


@misconception(
    "average_pool2d",
    hint="All channels of your result hold the average over all channels. Each channel is pooled on its "
    "own: look at what your average runs over.",
)
def averages_over_the_channels(x, size=2, stride=None):
    pooled = reference.average_pool2d(x, size, stride)
    return np.repeat(pooled.mean(axis=3, keepdims=True), x.shape[3], axis=3)


@misconception(
    "average_pool2d",
    hint="Your windows give their largest value. That is max pooling; here the values of a window are averaged.",
)
def takes_the_maximum_as_average(x, size=2, stride=None):
    return reference.max_pool2d(x, size, stride)


@misconception(
    "average_pool2d",
    hint="Your windows move by 2 pixels whatever the arguments say. The step is `stride`, and `size` where "
    "no stride is given.",
)
def averages_at_every_second_pixel(x, size=2, stride=None):
    reference.average_pool2d(x, size, stride)
    return reference.average_pool2d(x, size, 2)


@misconception(
    "average_pool2d",
    hint="The stride has no effect in your function: the windows always lie side by side. `size` is the "
    "step only where no stride is given.",
)
def averages_side_by_side(x, size=2, stride=None):
    reference.average_pool2d(x, size, stride)
    return reference.average_pool2d(x, size)


@misconception(
    "average_pool2d",
    hint="A remainder of the map is filled up with zeros and averaged. The handout asks to drop it: the "
    "size of the result is rounded down.",
)
def fills_the_remainder_with_zeros(x, size=2, stride=None):
    return reference.average_pool2d(_filled(x, size, stride, 0), size, stride)


@misconception(
    "average_pool2d",
    hint="A remainder of the map gets a window of its own, smaller than the others. The handout asks to "
    "drop it: the size of the result is rounded down.",
)
def averages_the_remainder(x, size=2, stride=None):
    share = reference.average_pool2d(_filled(np.ones_like(x), size, stride, 0), size, stride)  # of the window
    return reference.average_pool2d(_filled(x, size, stride, 0), size, stride) / share


@misconception(
    "average_pool2d",
    hint="Height and width of your result have changed places; on square maps nobody would see it. The "
    "order of the axes is image, row, column, channel.",
)
def swaps_height_and_width_of_averages(x, size=2, stride=None):
    return _turned(reference.average_pool2d(x, size, stride))


@misconception(
    "average_pool2d",
    hint="Every image of your result is averaged from the first image of the batch. Look at where the "
    "first axis of x is used.",
)
def averages_the_first_image(x, size=2, stride=None):
    return np.repeat(reference.average_pool2d(x, size, stride)[:1], len(x), axis=0)


@misconception(
    "average_pool2d",
    hint="Your averages of integers are cut to whole numbers. The array that you fill took over the dtype "
    "of x; it has to be float64.",
)
def averages_in_integers(x, size=2, stride=None):
    return reference.average_pool2d(x, size, stride).astype(x.dtype)


@misconception(
    "average_pool2d",
    hint="Your averages are float64 although the maps are float32. A new array of zeros is float64 unless "
    "you say otherwise.",
)
def averages_in_float64(x, size=2, stride=None):
    return reference.average_pool2d(x, size, stride).astype(np.float64)


@misconception(
    "average_pool2d",
    hint="The averages are right, but you divide in the caller's array: an operation such as /= changes "
    "the map you were given. Compute into a new one.",
)
def divides_the_map_in_place(x, size=2, stride=None):
    pooled = reference.average_pool2d(x, size, stride)
    if x.dtype.kind == "f":  # NumPy refuses to divide integers in place, and says so
        x /= size**2
    return pooled


@misconception(
    "average_pool2d",
    stateful=True,
    hint="Your second result is that of the first call. Nothing may be kept between calls: look for an "
    "array outside the function, or one made as a default.",
)
def remembers_the_averages():
    return _remember_the_first(reference.average_pool2d)


@misconception(
    "average_pool2d",
    hint="A stride of 0 is taken as if none were given. 0 is not None: the handout asks for a ValueError "
    "there. `stride or size` and `not stride` do not see the difference.",
)
def averages_at_a_stride_of_zero(x, size=2, stride=None):
    return reference.average_pool2d(x, size, stride or None)


@misconception(
    "average_pool2d",
    hint="The average of a window without a pixel is taken to be nan: 0 divided by 0. The handout asks for "
    "a ValueError where the size is below 1.",
)
def averages_over_nothing(x, size=2, stride=None):
    if size > 0 or x.ndim != 4 or stride == 0:
        return reference.average_pool2d(x, size, stride)
    return np.full_like(reference.average_pool2d(x, 1, stride), np.nan)


@misconception(
    "average_pool2d",
    hint="A window larger than the map is cut down to what is there. The handout asks for a ValueError, "
    "because no window fits.",
)
def averages_what_is_there(x, size=2, stride=None):
    share = reference.average_pool2d(_grown(np.ones_like(x), size, 0), size, stride)  # of the window
    return reference.average_pool2d(_grown(x, size, 0), size, stride) / share


@misconception(
    "average_pool2d",
    hint="A window larger than the map gives an empty result. The handout asks for a ValueError, because "
    "no window fits.",
)
def averages_to_an_empty_map(x, size=2, stride=None):
    return _empty(reference.average_pool2d, x, size, stride)


@misconception(
    "average_pool2d",
    hint="An image without an axis for the batch is accepted. The handout asks for a ValueError: maps have four axes.",
)
def averages_a_single_image(x, size=2, stride=None):
    one = x.ndim == 3
    return reference.average_pool2d(x[None], size, stride)[0] if one else reference.average_pool2d(x, size, stride)


# l2_pool2d


@misconception(
    "l2_pool2d",
    hint="You return the sum of the squares. The norm is its root: a window of 3, 4, 0, 0 has the norm 5.",
)
def forgets_the_root(x, size=2, stride=None):
    return reference.l2_pool2d(x, size, stride) ** 2


@misconception(
    "l2_pool2d",
    hint="You take the root of the mean of the squares. The norm has their sum: nothing is divided by the "
    "number of values.",
)
def takes_the_root_of_the_mean(x, size=2, stride=None):
    return reference.l2_pool2d(x, size, stride) / size


@misconception(
    "l2_pool2d",
    hint="You return the mean of the squares. The norm is the root of their sum.",
)
def takes_the_mean_of_squares(x, size=2, stride=None):
    return reference.average_pool2d(np.square(_as_float(x)), size, stride)


@misconception(
    "l2_pool2d",
    hint="You take the root of every square on its own, so you add up sizes. The squares are added first, "
    "then comes one root.",
)
def adds_up_the_sizes(x, size=2, stride=None):
    return reference.average_pool2d(np.abs(_as_float(x)), size, stride) * size**2


@misconception(
    "l2_pool2d",
    hint="You add up the values and square the sum, so values of different signs cancel. Square each value first.",
)
def squares_the_sum(x, size=2, stride=None):
    return np.abs(reference.average_pool2d(x, size, stride)) * size**2


@misconception(
    "l2_pool2d",
    hint="Your windows give the largest size in them. That is another norm; the L2 norm is the root of the "
    "sum of all squares.",
)
def takes_the_largest_size_as_norm(x, size=2, stride=None):
    return reference.max_pool2d(np.abs(_as_float(x)), size, stride)


@misconception(
    "l2_pool2d",
    hint="Your windows give their largest singular value: that is what np.linalg.norm(..., 2) does with a "
    "matrix. Treat the window as a list of numbers.",
)
def takes_the_spectral_norm(x, size=2, stride=None):
    pooled = reference.l2_pool2d(x, size, stride)
    windows = np.lib.stride_tricks.sliding_window_view(_as_float(x), (size, size), axis=(1, 2))
    step = size if stride is None else stride
    return np.linalg.norm(windows[:, ::step, ::step], 2, axis=(4, 5)).astype(pooled.dtype)


@misconception(
    "l2_pool2d",
    hint="Your windows give their average. Here the values are squared and added, and the root is taken at the end.",
)
def takes_the_average_as_norm(x, size=2, stride=None):
    return reference.average_pool2d(x, size, stride)


@misconception(
    "l2_pool2d",
    hint="You square in the dtype of an integer map, where 200 times 200 does not fit into a byte. Turn "
    "the map into floats first.",
)
def squares_in_integers(x, size=2, stride=None):
    reference.l2_pool2d(x, size, stride)
    return np.sqrt(reference.average_pool2d(np.square(x), size, stride) * size**2)


@misconception(
    "l2_pool2d",
    hint="All channels of your result hold the norm over all channels. Each channel is pooled on its own: "
    "look at what your sum runs over.",
)
def sums_squares_of_all_channels(x, size=2, stride=None):
    pooled = reference.l2_pool2d(x, size, stride)
    return np.repeat(np.sqrt(np.square(pooled).sum(axis=3, keepdims=True)), x.shape[3], axis=3)


@misconception(
    "l2_pool2d",
    hint="Your windows move by 2 pixels whatever the arguments say. The step is `stride`, and `size` where "
    "no stride is given.",
)
def takes_norms_at_every_second_pixel(x, size=2, stride=None):
    reference.l2_pool2d(x, size, stride)
    return reference.l2_pool2d(x, size, 2)


@misconception(
    "l2_pool2d",
    hint="The stride has no effect in your function: the windows always lie side by side. `size` is the "
    "step only where no stride is given.",
)
def takes_norms_side_by_side(x, size=2, stride=None):
    reference.l2_pool2d(x, size, stride)
    return reference.l2_pool2d(x, size)


@misconception(
    "l2_pool2d",
    hint="A remainder of the map gets a window of its own, smaller than the others or filled up with "
    "zeros. The handout asks to drop it: the size of the result is rounded down.",
)
def takes_norms_of_the_remainder(x, size=2, stride=None):
    return reference.l2_pool2d(_filled(x, size, stride, 0), size, stride)


@misconception(
    "l2_pool2d",
    hint="Height and width of your result have changed places; on square maps nobody would see it. The "
    "order of the axes is image, row, column, channel.",
)
def swaps_height_and_width_of_norms(x, size=2, stride=None):
    return _turned(reference.l2_pool2d(x, size, stride))


@misconception(
    "l2_pool2d",
    hint="Every image of your result has the norms of the first image of the batch. Look at where the "
    "first axis of x is used.",
)
def takes_norms_of_the_first_image(x, size=2, stride=None):
    return np.repeat(reference.l2_pool2d(x, size, stride)[:1], len(x), axis=0)


@misconception(
    "l2_pool2d",
    hint="Your norms of integers are cut to whole numbers. The array that you fill took over the dtype of "
    "x; it has to be float64.",
)
def keeps_norms_in_integers(x, size=2, stride=None):
    return reference.l2_pool2d(x, size, stride).astype(x.dtype)


@misconception(
    "l2_pool2d",
    hint="Your norms are float64 although the maps are float32. A new array of zeros is float64 unless you "
    "say otherwise.",
)
def keeps_norms_in_float64(x, size=2, stride=None):
    return reference.l2_pool2d(x, size, stride).astype(np.float64)


@misconception(
    "l2_pool2d",
    hint="The norms are right, but you square the map that you were given: an operation such as **= works "
    "in the caller's array. Compute into a new one.",
)
def squares_the_map_in_place(x, size=2, stride=None):
    pooled = reference.l2_pool2d(x, size, stride)
    x **= 2
    return pooled


@misconception(
    "l2_pool2d",
    stateful=True,
    hint="Your second result is that of the first call. Nothing may be kept between calls: look for an "
    "array outside the function, or one made as a default.",
)
def remembers_the_norms():
    return _remember_the_first(reference.l2_pool2d)


@misconception(
    "l2_pool2d",
    hint="A stride of 0 is taken as if none were given. 0 is not None: the handout asks for a ValueError "
    "there. `stride or size` and `not stride` do not see the difference.",
)
def takes_norms_at_a_stride_of_zero(x, size=2, stride=None):
    return reference.l2_pool2d(x, size, stride or None)


@misconception(
    "l2_pool2d",
    hint="The norm of a window without a pixel is taken to be 0. The handout asks for a ValueError where "
    "the size is below 1.",
)
def takes_norms_of_nothing(x, size=2, stride=None):
    if size > 0 or x.ndim != 4 or stride == 0:
        return reference.l2_pool2d(x, size, stride)
    return np.zeros_like(reference.l2_pool2d(x, 1, stride))


@misconception(
    "l2_pool2d",
    hint="A window larger than the map is cut down to what is there. The handout asks for a ValueError, "
    "because no window fits.",
)
def takes_norms_of_what_is_there(x, size=2, stride=None):
    return reference.l2_pool2d(_grown(x, size, 0), size, stride)


@misconception(
    "l2_pool2d",
    hint="A window larger than the map gives an empty result. The handout asks for a ValueError, because "
    "no window fits.",
)
def answers_with_no_norms(x, size=2, stride=None):
    return _empty(reference.l2_pool2d, x, size, stride)


@misconception(
    "l2_pool2d",
    hint="An image without an axis for the batch is accepted. The handout asks for a ValueError: maps have four axes.",
)
def takes_norms_of_a_single_image(x, size=2, stride=None):
    return reference.l2_pool2d(x[None], size, stride)[0] if x.ndim == 3 else reference.l2_pool2d(x, size, stride)


# global_average_pool2d


@misconception(
    "global_average_pool2d",
    hint="Your result still has axes for rows and columns, of length 1. The handout asks for two axes: "
    "image and channel.",
)
def keeps_axes_of_length_one(x):
    return reference.global_average_pool2d(x)[:, None, None, :]


@misconception(
    "global_average_pool2d",
    hint="Your average runs over the channels too, so only one number for each image is left. Each channel "
    "has its own average.",
)
def averages_all_channels_into_one(x):
    return reference.global_average_pool2d(x).mean(axis=1)


@misconception(
    "global_average_pool2d",
    hint="Your average runs over the batch too, so only one number for each channel is left. Each image "
    "has its own averages.",
)
def averages_the_batch(x):
    return reference.global_average_pool2d(x).mean(axis=0)


@misconception(
    "global_average_pool2d",
    hint="Your average runs over columns and channels and leaves the rows. Here the channels come last: (N, H, W, C).",
)
def takes_the_channels_to_come_first(x):
    reference.global_average_pool2d(x)
    return _as_float(x).mean(axis=(2, 3))


@misconception(
    "global_average_pool2d",
    hint="You add up the values of a map, but do not divide by how many they are.",
)
def adds_the_map_up(x):
    return reference.global_average_pool2d(x) * (x.shape[1] * x.shape[2])


@misconception(
    "global_average_pool2d",
    hint="You divide by the square of one side of the map. Maps need not be square: how many values has a "
    "map of 3 by 5?",
)
def takes_the_map_to_be_square(x):
    return reference.global_average_pool2d(x) * (x.shape[2] / x.shape[1])


@misconception(
    "global_average_pool2d",
    hint="You add up each channel on its own, but divide by the number of values of all channels.",
)
def divides_maps_by_the_channels_too(x):
    return reference.global_average_pool2d(x) / x.shape[3]


@misconception(
    "global_average_pool2d",
    hint="Your maps give their largest value. Here the values of a map are averaged.",
)
def takes_the_maximum_of_the_map(x):
    return reference.global_average_pool2d(x) * 0 + _as_float(x).max(axis=(1, 2))


@misconception(
    "global_average_pool2d",
    hint="Channels and images of your result have changed places. It has a row for each image: (N, C).",
)
def gives_a_row_for_each_channel(x):
    return reference.global_average_pool2d(x).T


@misconception(
    "global_average_pool2d",
    hint="You drop an axis of length 1 from your result. One image has the shape (1, C), and one channel (N, 1).",
)
def drops_axes_of_length_one(x):
    return np.squeeze(reference.global_average_pool2d(x))


@misconception(
    "global_average_pool2d",
    hint="Every row of your result belongs to the first image of the batch. Look at where the first axis of x is used.",
)
def averages_the_map_of_the_first_image(x):
    return np.repeat(reference.global_average_pool2d(x)[:1], len(x), axis=0)


@misconception(
    "global_average_pool2d",
    hint="Your averages of integers are cut to whole numbers. The array that you fill took over the dtype "
    "of x; it has to be float64.",
)
def averages_maps_in_integers(x):
    return reference.global_average_pool2d(x).astype(x.dtype)


@misconception(
    "global_average_pool2d",
    hint="Your averages are float64 although the maps are float32. A new array of zeros is float64 unless "
    "you say otherwise.",
)
def averages_maps_in_float64(x):
    return reference.global_average_pool2d(x).astype(np.float64)


@misconception(
    "global_average_pool2d",
    hint="The averages are right, but you divide in the caller's array: an operation such as /= changes "
    "the maps you were given. Compute into a new one.",
)
def divides_the_maps_in_place(x):
    averages = reference.global_average_pool2d(x)
    if x.dtype.kind == "f":  # NumPy refuses to divide integers in place, and says so
        x /= x.shape[1] * x.shape[2]
    return averages


@misconception(
    "global_average_pool2d",
    stateful=True,
    hint="Your second result is that of the first call. Nothing may be kept between calls: look for an "
    "array outside the function, or one made as a default.",
)
def remembers_the_averages_of_maps():
    return _remember_the_first(reference.global_average_pool2d)


@misconception(
    "global_average_pool2d",
    hint="An array with three or five axes is averaged like any other: `mean` over the second and the "
    "third does not mind. The handout asks for a ValueError.",
)
def averages_any_number_of_axes(x):
    return _as_float(x).mean(axis=(1, 2)) if x.ndim > 2 else reference.global_average_pool2d(x)


# what several of them share


def _as_float(x):
    return x.astype(np.float32 if x.dtype == np.float32 else np.float64)


def _turned(pooled):
    images, rows, columns, channels = pooled.shape
    return pooled.reshape(images, columns, rows, channels)


def _filled(x, size, stride, value):
    """The maps with as much of `value` below and to the right as a window over the remainder needs."""
    reference.max_pool2d(x, size, stride)
    step = size if stride is None else stride
    lacking = [-(x.shape[axis] - size) % step for axis in (1, 2)]
    # with gaps between the windows, a remainder may hold no pixel that a further window would see
    lacking = [rows if rows < size else rows - step for rows in lacking]
    frame = ((0, 0), (0, max(lacking[0], 0)), (0, max(lacking[1], 0)), (0, 0))
    return np.pad(_as_float(x), frame, constant_values=value)


def _grown(x, size, value):
    """The maps with as much of `value` below and to the right as one window needs to fit."""
    if x.ndim != 4:
        return x
    lacking = [max(size - length, 0) for length in x.shape[1:3]]
    return np.pad(_as_float(x), ((0, 0), (0, lacking[0]), (0, lacking[1]), (0, 0)), constant_values=value)


def _empty(pool, x, size, stride):
    """Pool; where the window is too large, give as many windows as the formula has, or none."""
    if x.ndim != 4 or size <= min(x.shape[1:3]) or (stride is not None and stride < 1):
        return pool(x, size, stride)
    step = size if stride is None else stride
    rows, columns = (max((length - size) // step + 1, 0) for length in x.shape[1:3])
    return np.zeros((len(x), rows, columns, x.shape[3]), _as_float(x).dtype)


def _remember_the_first(function):
    answers = []

    def remembering(*args, **kwargs):
        if not answers:
            answers.append(function(*args, **kwargs))
        return answers[0]

    return remembering
