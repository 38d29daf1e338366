"""Wrong solutions of hw1, each with one mistake and the hint that it proves.

Everything but the mistake is right, the refusals included: so it costs the points of its
own rule, and its wrong answers are nobody else's.
"""

import numpy as np

from grader.checks.misconceptions import load_beside, misconception

reference = load_beside(__file__, "convolution.py")


# zero_pad


@misconception(
    "zero_pad",
    hint="Your frame also grows the first and the last axis. Those count images and channels; zeros belong "
    "around height and width only.",
)
def pads_every_axis(x, pad):
    reference.zero_pad(x, pad)
    return np.pad(_as_float(x), pad)


@misconception(
    "zero_pad",
    hint="Your zeros stand above and to the left of the image only. A frame has four sides, so each axis "
    "grows by twice the pad.",
)
def pads_top_and_left(x, pad):
    return reference.zero_pad(x, pad)[:, : x.shape[1] + pad, : x.shape[2] + pad]


@misconception(
    "zero_pad",
    hint="Your zeros stand below and to the right of the image only. A frame has four sides, so the image "
    "itself moves down and to the right.",
)
def pads_bottom_and_right(x, pad):
    return reference.zero_pad(x, pad)[:, pad:, pad:]


@misconception(
    "zero_pad",
    hint="Your zeros stand above and below the image, but not beside it. The width has to grow as the height does.",
)
def pads_the_rows_only(x, pad):
    return reference.zero_pad(x, pad)[:, :, pad : pad + x.shape[2]]


@misconception(
    "zero_pad",
    hint="Your zeros stand beside the image, but not above and below it. The height has to grow as the width does.",
)
def pads_the_columns_only(x, pad):
    return reference.zero_pad(x, pad)[:, pad : pad + x.shape[1]]


@misconception(
    "zero_pad",
    hint="Your frame is split between the two sides of an axis. `pad` is the number of zeros on each side, "
    "not on both together.",
)
def splits_the_pad(x, pad):
    padded = reference.zero_pad(x, pad)
    before, after = pad - pad // 2, pad - (pad - pad // 2)
    rows, columns = padded.shape[1:3]
    return padded[:, before : rows - after, before : columns - after]


@misconception(
    "zero_pad",
    hint="Your frame repeats the pixels at the border of the image. The handout asks for zeros outside.",
)
def repeats_the_border(x, pad):
    reference.zero_pad(x, pad)
    return np.pad(_as_float(x), _frame(pad), mode="edge")


@misconception(
    "zero_pad",
    hint="You write the zeros over the outer pixels of the image you were given. The frame goes around the "
    "image: the result is larger, and the input stays as it is.",
)
def writes_zeros_into_the_image(x, pad):
    reference.zero_pad(x, pad)
    rows, columns = x.shape[1:3]
    x[:, :pad] = 0
    x[:, max(rows - pad, 0) :] = 0
    x[:, :, :pad] = 0
    x[:, :, max(columns - pad, 0) :] = 0
    return _as_float(x)


@misconception(
    "zero_pad",
    hint="Every image of your result is the first one of the batch. Look at how the first axis of the "
    "output is filled.",
)
def pads_the_first_image(x, pad):
    return np.repeat(reference.zero_pad(x, pad)[:1], len(x), axis=0)


@misconception(
    "zero_pad",
    hint="Your result keeps the integer dtype of the image. Integer images have to come back as float64: "
    "look at the dtype of the array you create.",
)
def pads_in_integers(x, pad):
    return reference.zero_pad(x, pad).astype(x.dtype)


@misconception(
    "zero_pad",
    hint="Your result is float64 although the images are float32. A new array of zeros is float64 unless "
    "you say otherwise.",
)
def pads_in_float64(x, pad):
    return reference.zero_pad(x, pad).astype(np.float64)


@misconception(
    "zero_pad",
    stateful=True,
    hint="Your second answer is the answer to the first call. Nothing may be kept between calls: look for "
    "an array outside the function, or one made as a default.",
)
def pads_once_and_remembers():
    return _remember_the_first(reference.zero_pad)


@misconception(
    "zero_pad",
    hint="A negative pad is treated as no padding. The handout asks for a ValueError, so that a slip in a "
    "sign is seen at once.",
)
def takes_a_negative_pad_as_none(x, pad):
    return reference.zero_pad(x, max(pad, 0))


@misconception(
    "zero_pad",
    hint="A negative pad cuts rows and columns off your image. The handout asks for a ValueError there.",
)
def crops_at_a_negative_pad(x, pad):
    if pad < 0:
        return _as_float(x)[:, -pad:pad, -pad:pad]
    return reference.zero_pad(x, pad)


# conv1d


@misconception(
    "conv1d",
    hint="Your filter is turned round: its last weight meets the sample before. In the formula k has the "
    "same sign in w[k] and in x[i+k].",
)
def flips_the_taps(x, w):
    return reference.conv1d(x, w[..., ::-1])


@misconception(
    "conv1d",
    hint="Your result is shorter than the signal: it leaves out the places where the filter hangs over an "
    "end. There the signal goes on with zeros.",
)
def leaves_out_the_ends(x, w):
    half = w.shape[-1] // 2
    return reference.conv1d(x, w)[..., half : max(len(x) - half, half)]


@misconception(
    "conv1d",
    hint="Your filter looks only forward: its first weight sits on sample i. In the formula k runs from "
    "-(z-1)/2, so the middle weight sits there.",
)
def starts_at_the_sample(x, w):
    reference.conv1d(x, w)
    return _slide(np.pad(_as_float(x), (0, w.shape[-1] - 1)), w)


@misconception(
    "conv1d",
    hint="Your filter looks only back: its last weight sits on sample i. In the formula k runs up to "
    "+(z-1)/2, so the middle weight sits there.",
)
def ends_at_the_sample(x, w):
    reference.conv1d(x, w)
    return _slide(np.pad(_as_float(x), (w.shape[-1] - 1, 0)), w)


@misconception(
    "conv1d",
    hint="Your signal goes round in a circle: past one end you read the other. A negative index does this "
    "in Python; outside the signal the handout wants zeros.",
)
def goes_round_in_a_circle(x, w):
    reference.conv1d(x, w)
    half = w.shape[-1] // 2
    around = np.arange(-half, len(x) + half) % len(x)
    return _slide(_as_float(x)[around], w)


@misconception(
    "conv1d",
    hint="Beyond an end your signal goes on with its last value. The handout wants zeros outside.",
)
def repeats_the_end_values(x, w):
    reference.conv1d(x, w)
    return _slide(np.pad(_as_float(x), w.shape[-1] // 2, mode="edge"), w)


@misconception(
    "conv1d",
    hint="Where the filter is longer than the signal, your result is as long as the filter. It is always "
    "as long as the signal.",
)
def grows_with_the_filter(x, w):
    right = reference.conv1d(x, w)
    rows = [np.correlate(_as_float(x), row, "same") for row in np.atleast_2d(w)]
    return np.array(rows, right.dtype).reshape(*w.shape[:-1], -1)


@misconception(
    "conv1d",
    hint="The last tap of the filter never counts in your sum. Count the values of k from -(z-1)/2 to "
    "(z-1)/2: there are z of them, and `range` leaves out its end.",
)
def loses_the_last_tap(x, w):
    kept = w.copy()
    if w.shape[-1] > 1:
        kept[..., -1] = 0
    return reference.conv1d(x, kept)


@misconception(
    "conv1d",
    hint="Every row of your result comes from the first filter. Row j belongs to filter j.",
)
def uses_the_first_filter_only(x, w):
    h = reference.conv1d(x, w)
    return np.repeat(h[:1], len(w), axis=0) if w.ndim == 2 else h


@misconception(
    "conv1d",
    hint="Your result has a column for each filter. Several filters give one row each: (H, I), with the "
    "samples along the last axis.",
)
def gives_a_column_for_each_filter(x, w):
    return reference.conv1d(x, w).T


@misconception(
    "conv1d",
    hint="You drop the axis of the filters when there is only one. Filters of shape (1, z) give (1, I); "
    "only a filter of shape (z,) gives (I,).",
)
def drops_the_axis_of_one_filter(x, w):
    return np.squeeze(reference.conv1d(x, w), axis=0) if w.shape[:-1] == (1,) else reference.conv1d(x, w)


@misconception(
    "conv1d",
    hint="You keep an axis for the filters where there is none. A single filter of shape (z,) gives (I,), "
    "without an axis of length 1.",
)
def gives_one_filter_an_axis(x, w):
    return reference.conv1d(x, np.atleast_2d(w))


@misconception(
    "conv1d",
    hint="Your results are cut to whole numbers where the signal is made of integers. The array that you "
    "fill took over the dtype of x; it has to be float64.",
)
def convolves_in_integers(x, w):
    return reference.conv1d(x, w).astype(x.dtype)


@misconception(
    "conv1d",
    hint="Your result is an integer array where signal and filter are both integers. Integer signals have "
    "to give float64.",
)
def takes_the_common_dtype(x, w):
    return reference.conv1d(x, w).astype(np.result_type(x, w))


@misconception(
    "conv1d",
    hint="Your result is float64 although the signal is float32. A new array of zeros is float64 unless "
    "you say otherwise.",
)
def convolves_in_float64(x, w):
    return reference.conv1d(x, w).astype(np.float64)


@misconception(
    "conv1d",
    hint="You write your results into the signal you were given, and later windows read them. Fill a new "
    "array, so that x stays as it is.",
)
def writes_into_the_signal(x, w):
    reference.conv1d(x, w)
    half = w.shape[-1] // 2
    rows = []
    for row in np.atleast_2d(w):
        for i in range(len(x)):
            first = max(i - half, 0)
            seen = x[first : i + half + 1]
            x[i] = seen @ row[first - i + half :][: len(seen)]
        rows.append(_as_float(x))
    return np.array(rows).reshape(*w.shape[:-1], len(x))


@misconception(
    "conv1d",
    stateful=True,
    hint="Your second answer is the answer to the first call. Nothing may be kept between calls: look for "
    "an array outside the function, or one made as a default.",
)
def convolves_once_and_remembers():
    return _remember_the_first(reference.conv1d)


@misconception(
    "conv1d",
    hint="A filter with an even number of taps is accepted. It has no middle tap, so the handout asks for "
    "a ValueError.",
)
def accepts_an_even_filter(x, w):
    taps = w.shape[-1]
    if taps % 2:
        return reference.conv1d(x, w)
    before = taps // 2
    return _slide(np.pad(_as_float(x), (before, taps - 1 - before)), w)


# conv2d


@misconception(
    "conv2d",
    hint="Your filter is turned by 180 degrees. In the formula weight (u, v) meets the pixel u rows down "
    "and v columns to the right of the window's corner.",
)
def flips_the_filter(x, w, b, stride=1, pad=0):
    return reference.conv2d(x, w[::-1, ::-1], b, stride, pad)


@misconception(
    "conv2d",
    hint="Your filter is mirrored along its diagonal: its rows run across the image. The first axis of w "
    "goes down the image, the second goes across.",
)
def turns_rows_into_columns(x, w, b, stride=1, pad=0):
    reference.conv2d(x, w, b, stride, pad)
    return reference.conv2d(x, w.transpose(1, 0, 2, 3), b, stride, pad)


@misconception(
    "conv2d",
    hint="Height and width of your feature maps have changed places; on square images nobody would see it. "
    "The order of the axes is image, row, column, channel.",
)
def swaps_height_and_width(x, w, b, stride=1, pad=0):
    maps = reference.conv2d(x, w, b, stride, pad)
    images, rows, columns, filters = maps.shape
    return maps.reshape(images, columns, rows, filters)


@misconception(
    "conv2d",
    hint="The stride has no effect in your function: neighbouring windows are always one pixel apart.",
)
def ignores_the_stride(x, w, b, stride=1, pad=0):
    reference.conv2d(x, w, b, stride, pad)
    return reference.conv2d(x, w, b, 1, pad)


@misconception(
    "conv2d",
    hint="Your window takes the stride going down, but moves by one pixel going across. The stride holds "
    "for both axes.",
)
def strides_down_only(x, w, b, stride=1, pad=0):
    reference.conv2d(x, w, b, stride, pad)
    return reference.conv2d(x, w, b, 1, pad)[:, ::stride]


@misconception(
    "conv2d",
    hint="Your window takes the stride going across, but moves by one pixel going down. The stride holds "
    "for both axes.",
)
def strides_across_only(x, w, b, stride=1, pad=0):
    reference.conv2d(x, w, b, stride, pad)
    return reference.conv2d(x, w, b, 1, pad)[:, :, ::stride]


@misconception(
    "conv2d",
    hint="The number of windows is right, but each starts one pixel after the last: the stride counts in "
    "the size of your result and not in the places you read.",
)
def strides_in_the_size_only(x, w, b, stride=1, pad=0):
    rows, columns = reference.conv2d(x, w, b, stride, pad).shape[1:3]
    return reference.conv2d(x, w, b, 1, pad)[:, :rows, :columns]


@misconception(
    "conv2d",
    hint="The bias is missing from your result. Every value of feature map k is raised by b[k].",
)
def forgets_the_bias(x, w, b, stride=1, pad=0):
    return reference.conv2d(x, w, 0 * b, stride, pad)


@misconception(
    "conv2d",
    hint="The bias is added once for every tap of the filter. It belongs to the finished sum, once: look "
    "at which loop adds it.",
)
def adds_the_bias_at_every_tap(x, w, b, stride=1, pad=0):
    return reference.conv2d(x, w, b * (w.shape[0] * w.shape[1]), stride, pad)


@misconception(
    "conv2d",
    hint="The bias is added once for every channel. It belongs to the finished sum over all channels, "
    "once: look at which loop adds it.",
)
def adds_the_bias_for_every_channel(x, w, b, stride=1, pad=0):
    return reference.conv2d(x, w, b * w.shape[2], stride, pad)


@misconception(
    "conv2d",
    hint="The bias is added once for every product of a pixel and a weight. It belongs to the finished sum, once.",
)
def adds_the_bias_to_every_product(x, w, b, stride=1, pad=0):
    return reference.conv2d(x, w, b * w[..., 0].size, stride, pad)


@misconception(
    "conv2d",
    hint="All your feature maps get the bias of the first filter. Feature map k has its own, b[k].",
)
def uses_the_first_bias(x, w, b, stride=1, pad=0):
    return reference.conv2d(x, w, np.repeat(b[:1], len(b)), stride, pad)


@misconception(
    "conv2d",
    hint="Your sums are collected in the array b itself, so each value also holds those before it, and b "
    "is changed. Python names an array, it does not copy it.",
)
def collects_the_sum_in_the_bias(x, w, b, stride=1, pad=0):
    if b.dtype.kind in "iu":  # NumPy refuses to add fractions to integers, and says so
        return reference.conv2d(x, w, b, stride, pad)
    maps = reference.conv2d(x, w, 0 * b, stride, pad)
    for value in maps.reshape(-1, len(b)):
        b += value
        value[:] = b
    return maps


@misconception(
    "conv2d",
    hint="The padding has no effect in your function: the filter moves over the bare image.",
)
def ignores_the_padding(x, w, b, stride=1, pad=0):
    reference.conv2d(x, w, b, stride, pad)
    return reference.conv2d(x, w, b, stride, 0)


@misconception(
    "conv2d",
    hint="Your zeros stand above and to the left only, or your size counts them once. The padding goes on "
    "all four sides: the padded image is larger by twice the pad.",
)
def pads_top_and_left_only(x, w, b, stride=1, pad=0):
    reference.conv2d(x, w, b, stride, pad)
    return reference.conv2d(np.pad(x, ((0, 0), (pad, 0), (pad, 0), (0, 0))), w, b, stride, 0)


@misconception(
    "conv2d",
    hint="Your zeros stand below and to the right only. The padding goes on all four sides, so the first "
    "window starts outside the image.",
)
def pads_bottom_and_right_only(x, w, b, stride=1, pad=0):
    reference.conv2d(x, w, b, stride, pad)
    return reference.conv2d(np.pad(x, ((0, 0), (0, pad), (0, pad), (0, 0))), w, b, stride, 0)


@misconception(
    "conv2d",
    hint="Your padding repeats the pixels at the border of the image. The handout asks for zeros outside.",
)
def pads_with_the_border(x, w, b, stride=1, pad=0):
    reference.conv2d(x, w, b, stride, pad)
    return reference.conv2d(np.pad(x, _frame(pad), mode="edge"), w, b, stride, 0)


@misconception(
    "conv2d",
    hint="Only the first channel of the images counts in your result. A filter reaches through all "
    "channels, and the products are summed.",
)
def looks_at_the_first_channel(x, w, b, stride=1, pad=0):
    reference.conv2d(x, w, b, stride, pad)
    return reference.conv2d(x[..., :1], w[:, :, :1], b, stride, pad)


@misconception(
    "conv2d",
    hint="Only the last channel of the images counts in your result. Each channel's part is to be added to "
    "the others, not to take their place.",
)
def keeps_the_last_channel(x, w, b, stride=1, pad=0):
    reference.conv2d(x, w, b, stride, pad)
    return reference.conv2d(x[..., -1:], w[:, :, -1:], b, stride, pad)


@misconception(
    "conv2d",
    hint="Your channels are added up before they meet the weights. Each channel has weights of its own: "
    "multiply first, then sum.",
)
def adds_the_channels_first(x, w, b, stride=1, pad=0):
    reference.conv2d(x, w, b, stride, pad)
    together = _as_float(x).sum(axis=3, keepdims=True)
    return reference.conv2d(together, w.sum(axis=2, keepdims=True), b, stride, pad)


@misconception(
    "conv2d",
    hint="The weights of your filters are mixed up with each other. The last axis of w counts the filters, "
    "so w.reshape(K, -1) does not put one filter in each row.",
)
def mixes_the_filters(x, w, b, stride=1, pad=0):
    return reference.conv2d(x, w.reshape(w.shape[3], -1).T.reshape(w.shape), b, stride, pad)


@misconception(
    "conv2d",
    hint="Your result lacks the last window of every row and column. Count the places that a filter of 2 "
    "has on 3 pixels: the size formula ends with + 1.",
)
def loses_the_last_windows(x, w, b, stride=1, pad=0):
    return reference.conv2d(x, w, b, stride, pad)[:, :-1, :-1]


@misconception(
    "conv2d",
    hint="Your result has a window that hangs over the edge of the padded image. Where a remainder does "
    "not fill a whole step, it is dropped: the size is rounded down.",
)
def keeps_a_window_over_the_edge(x, w, b, stride=1, pad=0):
    reference.conv2d(x, w, b, stride, pad)
    rest = [-(x.shape[axis] + 2 * pad - w.shape[axis - 1]) % stride for axis in (1, 2)]
    padded = np.pad(x, ((0, 0), (pad, pad + rest[0]), (pad, pad + rest[1]), (0, 0)))
    return reference.conv2d(padded, w, b, stride, 0)


@misconception(
    "conv2d",
    hint="All your feature maps belong to the first image of the batch. Look at where the first axis of x is used.",
)
def repeats_the_first_image(x, w, b, stride=1, pad=0):
    return np.repeat(reference.conv2d(x, w, b, stride, pad)[:1], len(x), axis=0)


@misconception(
    "conv2d",
    hint="Your results are cut to whole numbers where the image is made of integers. The array that you "
    "fill took over the dtype of x; it has to be float64.",
)
def convolves_images_in_integers(x, w, b, stride=1, pad=0):
    return reference.conv2d(x, w, b, stride, pad).astype(x.dtype)


@misconception(
    "conv2d",
    hint="Your result is an integer array where image, filter and bias are all integers. Integer images "
    "have to give float64.",
)
def takes_the_dtype_of_the_sum(x, w, b, stride=1, pad=0):
    return reference.conv2d(x, w, b, stride, pad).astype(np.result_type(x, w, b))


@misconception(
    "conv2d",
    hint="Your result is float64 although the images are float32. A new array of zeros is float64 unless "
    "you say otherwise.",
)
def convolves_images_in_float64(x, w, b, stride=1, pad=0):
    return reference.conv2d(x, w, b, stride, pad).astype(np.float64)


@misconception(
    "conv2d",
    stateful=True,
    hint="Your second answer is the answer to the first call. Nothing may be kept between calls: look for "
    "an array outside the function, or one made as a default.",
)
def convolves_images_once_and_remembers():
    return _remember_the_first(reference.conv2d)


@misconception(
    "conv2d",
    hint="A stride of 0 is taken as 1, and a negative one too. A window that does not move is a mistake of "
    "the caller: the handout asks for a ValueError.",
)
def takes_any_stride(x, w, b, stride=1, pad=0):
    return reference.conv2d(x, w, b, max(stride, 1), pad)


@misconception(
    "conv2d",
    hint="A negative pad is treated as no padding. The handout asks for a ValueError, so that a slip in a "
    "sign is seen at once.",
)
def takes_negative_padding_as_none(x, w, b, stride=1, pad=0):
    return reference.conv2d(x, w, b, stride, max(pad, 0))


@misconception(
    "conv2d",
    hint="A filter that is larger than the padded image gives an empty feature map. The handout asks for a "
    "ValueError, because no window fits.",
)
def answers_with_an_empty_map(x, w, b, stride=1, pad=0):
    height, width = x.shape[1] + 2 * pad, x.shape[2] + 2 * pad
    if pad < 0 or stride < 1 or (w.shape[0] <= height and w.shape[1] <= width):
        return reference.conv2d(x, w, b, stride, pad)
    rows = max((height - w.shape[0]) // stride + 1, 0)
    columns = max((width - w.shape[1]) // stride + 1, 0)
    return np.zeros((len(x), rows, columns, w.shape[3]), _as_float(x).dtype)


@misconception(
    "conv2d",
    hint="Images and filters with different channels are accepted when one of them has a single channel: "
    "NumPy repeats it silently. The handout asks for a ValueError.",
)
def repeats_a_single_channel(x, w, b, stride=1, pad=0):
    fh, fw, channels, filters = w.shape
    if x.shape[3] != 1 and channels == 1:
        w = np.broadcast_to(w, (fh, fw, x.shape[3], filters))
    if x.shape[3] == 1:
        x = np.broadcast_to(x, (*x.shape[:3], channels))
    return reference.conv2d(x, w, b, stride, pad)


@misconception(
    "conv2d",
    hint="Where images and filters differ in their channels, the surplus ones are left out. The handout "
    "asks for a ValueError.",
)
def leaves_out_surplus_channels(x, w, b, stride=1, pad=0):
    channels = min(x.shape[3], w.shape[2])
    return reference.conv2d(x[..., :channels], w[:, :, :channels], b, stride, pad)


# what several of them share


def _as_float(x):
    return x.astype(np.float32 if x.dtype == np.float32 else np.float64)


def _frame(pad):
    return ((0, 0), (pad, pad), (pad, pad), (0, 0))


def _slide(padded, w):
    windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape[-1])
    return w.astype(padded.dtype) @ windows.T


def _remember_the_first(function):
    answers = []

    def remembering(*args, **kwargs):
        if not answers:
            answers.append(function(*args, **kwargs))
        return answers[0]

    return remembering
