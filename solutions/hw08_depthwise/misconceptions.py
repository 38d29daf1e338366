"""Wrong solutions of hw8, each with one mistake and the hint that it proves.

Everything but the mistake is right, the refusals included: so it costs the points of its
own rule, and its wrong answers are nobody else's.
"""

import numpy as np

from grader.checks.misconceptions import load_beside, misconception

reference = load_beside(__file__, "depthwise.py")


# dilated_conv2d


@misconception(
    "dilated_conv2d",
    hint="Your dilation acts as a stride: the windows move further, but within a window the taps stay side by side. "
    "It spreads the taps.",
)
def takes_the_dilation_as_stride(x, w, b, dilation=1, stride=1, pad=0):
    reference.dilated_conv2d(x, w, b, dilation, stride, pad)
    return reference.dilated_conv2d(x, w, b, 1, stride * dilation, pad)


@misconception(
    "dilated_conv2d",
    hint="The dilation has no effect in your function: neighbouring taps are always one pixel apart.",
)
def ignores_the_dilation(x, w, b, dilation=1, stride=1, pad=0):
    reference.dilated_conv2d(x, w, b, dilation, stride, pad)
    return reference.dilated_conv2d(x, w, b, 1, stride, pad)


@misconception(
    "dilated_conv2d",
    hint="Your taps are a dilation apart going down, but side by side going across. The dilation holds for both axes.",
)
def dilates_down_only(x, w, b, dilation=1, stride=1, pad=0):
    reference.dilated_conv2d(x, w, b, dilation, stride, pad)
    return reference.dilated_conv2d(x, _spread(w, dilation, 1), b, 1, stride, pad)


@misconception(
    "dilated_conv2d",
    hint="Your filter takes up one gap too many, so places are missing at the end. Behind the last tap there is no "
    "gap: f taps have f-1 of them.",
)
def counts_a_gap_behind_the_last_tap(x, w, b, dilation=1, stride=1, pad=0):
    maps = reference.dilated_conv2d(x, w, b, dilation, stride, pad)
    sides = [(x.shape[axis] + 2 * pad - dilation * w.shape[axis - 1]) // stride + 1 for axis in (1, 2)]
    return maps[:, : max(sides[0], 0), : max(sides[1], 0)]


@misconception(
    "dilated_conv2d",
    hint="Your filter is turned by 180 degrees. Weight (u, v) meets the pixel d*u rows below and d*v columns to the "
    "right of the window's corner.",
)
def flips_the_filter(x, w, b, dilation=1, stride=1, pad=0):
    return reference.dilated_conv2d(x, w[::-1, ::-1], b, dilation, stride, pad)


@misconception(
    "dilated_conv2d",
    hint="The bias is missing from your dilated convolution. Every value of feature map k is raised by b[k].",
)
def forgets_the_bias(x, w, b, dilation=1, stride=1, pad=0):
    return reference.dilated_conv2d(x, w, 0 * b, dilation, stride, pad)


@misconception(
    "dilated_conv2d",
    hint="The stride has no effect in your dilated convolution: neighbouring windows are always one pixel apart.",
)
def ignores_the_stride(x, w, b, dilation=1, stride=1, pad=0):
    return reference.dilated_conv2d(x, w, b, dilation, 1, pad)


@misconception(
    "dilated_conv2d",
    hint="Your results are cut to whole numbers where the image is made of integers. The array that you fill took "
    "over the dtype of x; it has to be float64.",
)
def dilates_in_integers(x, w, b, dilation=1, stride=1, pad=0):
    return reference.dilated_conv2d(x, w, b, dilation, stride, pad).astype(x.dtype)


@misconception(
    "dilated_conv2d",
    hint="A dilation below 1 is taken as 1. Taps that lie on each other or run backwards are a slip of the caller: "
    "the handout asks for a ValueError.",
)
def takes_any_dilation(x, w, b, dilation=1, stride=1, pad=0):
    return reference.dilated_conv2d(x, w, b, max(dilation, 1), stride, pad)


@misconception(
    "dilated_conv2d",
    hint="A filter that spans more than the padded image gives an empty feature map. Compare its span with the image, "
    "not its taps, and raise a ValueError.",
)
def answers_with_an_empty_map(x, w, b, dilation=1, stride=1, pad=0):
    rooms = [x.shape[axis] + 2 * pad - dilation * (w.shape[axis - 1] - 1) - 1 for axis in (1, 2)]
    if dilation < 1 or min(rooms) >= 0:
        return reference.dilated_conv2d(x, w, b, dilation, stride, pad)
    rows, columns = (max(room // stride + 1, 0) for room in rooms)
    return np.zeros((len(x), rows, columns, w.shape[3]), _float_for(x))


# transposed_conv2d


@misconception(
    "transposed_conv2d",
    hint="Your filter is laid down turned by 180 degrees. Weight (u, v) goes u rows below and v columns to the right "
    "of the place of its pixel.",
)
def lays_the_filter_flipped(x, w, stride=1, pad=0):
    return reference.transposed_conv2d(x, w[::-1, ::-1], stride, pad)


@misconception(
    "transposed_conv2d",
    hint="Where two filters overlap, your result holds the last one only. Their values add up: += and not =.",
)
def overwrites_the_overlap(x, w, stride=1, pad=0):
    y = reference.transposed_conv2d(x, w, stride, 0)
    for i, j in np.ndindex(*x.shape[1:3]):
        laid = reference.transposed_conv2d(x[:, i : i + 1, j : j + 1], w)
        y[:, stride * i : stride * i + len(w), stride * j : stride * j + w.shape[1]] = laid
    return y[:, pad : y.shape[1] - pad, pad : y.shape[2] - pad]


@misconception(
    "transposed_conv2d",
    hint="Your pixels are one place too far apart. At stride s a filter begins s pixels behind the one before, with "
    "s-1 zeros between the pixels.",
)
def leaves_a_gap_too_wide(x, w, stride=1, pad=0):
    reference.transposed_conv2d(x, w, stride, pad)
    return reference.transposed_conv2d(x, w, stride + 1, pad)


@misconception(
    "transposed_conv2d",
    hint="The stride has no effect in your transposed convolution: neighbouring pixels lay their filters one place "
    "apart.",
)
def lays_without_stride(x, w, stride=1, pad=0):
    reference.transposed_conv2d(x, w, stride, pad)
    return reference.transposed_conv2d(x, w, 1, pad)


@misconception(
    "transposed_conv2d",
    hint="Your padding makes the result larger. On the way back it is undone: as many rows and columns are cut from "
    "each side.",
)
def pads_where_it_cuts(x, w, stride=1, pad=0):
    y = reference.transposed_conv2d(x, w, stride, 0)
    return np.pad(y, ((0, 0), (pad, pad), (pad, pad), (0, 0)))


@misconception(
    "transposed_conv2d",
    hint="Your result is cut above and to the left only. The padding stood on all four sides, so each axis loses it "
    "twice.",
)
def cuts_top_and_left(x, w, stride=1, pad=0):
    return reference.transposed_conv2d(x, w, stride, 0)[:, pad:, pad:]


@misconception(
    "transposed_conv2d",
    hint="The last two axes of w are exchanged in your function: on the way back its last axis goes in, and the one "
    "before it, C, comes out.",
)
def exchanges_maps_and_channels(x, w, stride=1, pad=0):
    way = (0, 1, 3, 2) if w.shape[2] == w.shape[3] else (0, 1, 2, 3)  # NumPy refuses the others by itself
    return reference.transposed_conv2d(x, w.transpose(way), stride, pad)


@misconception(
    "transposed_conv2d",
    hint="Your results are cut to whole numbers where the maps are integers. The array of zeros that you fill took "
    "over the dtype of x; it has to be float64.",
)
def lays_in_integers(x, w, stride=1, pad=0):
    return reference.transposed_conv2d(x, w, stride, pad).astype(x.dtype)


@misconception(
    "transposed_conv2d",
    hint="A stride below 1 is taken as 1 on the way back. The handout asks for a ValueError, so that the slip is seen.",
)
def lays_at_any_stride(x, w, stride=1, pad=0):
    return reference.transposed_conv2d(x, w, max(stride, 1), pad)


@misconception(
    "transposed_conv2d",
    hint="Where x and w differ in K, the surplus maps or filters are left out. The handout asks for a ValueError.",
)
def leaves_out_surplus_maps(x, w, stride=1, pad=0):
    maps = min(x.shape[3], w.shape[3])
    return reference.transposed_conv2d(x[..., :maps], w[..., :maps], stride, pad)


# separable_conv2d


@misconception(
    "separable_conv2d",
    hint="Your column reaches across and your row reaches down. The column is the f x 1 filter: f rows, one column.",
)
def exchanges_column_and_row(x, column, row, pad=0):
    reference.separable_conv2d(x, column, row, pad)
    return reference.separable_conv2d(_room_for(x, row, column, pad), row, column, pad)


@misconception(
    "separable_conv2d",
    hint="Your weights meet the pixels in reverse. The first weight belongs to the upmost or leftmost pixel of the "
    "window; nothing is flipped.",
)
def flips_column_and_row(x, column, row, pad=0):
    return reference.separable_conv2d(x, column[::-1], row[::-1], pad)


@misconception(
    "separable_conv2d",
    hint="Your row is never used: the column's weights reach across as well. Each of the two arrays has weights of "
    "its own.",
)
def uses_the_column_twice(x, column, row, pad=0):
    reference.separable_conv2d(x, column, row, pad)
    return reference.separable_conv2d(_room_for(x, column, column, pad), column, column, pad)


@misconception(
    "separable_conv2d",
    hint="Your channels are added up. Here each channel is filtered by itself, and as many come out as go in.",
)
def adds_the_channels(x, column, row, pad=0):
    return reference.separable_conv2d(x, column, row, pad).sum(axis=3, keepdims=True)


@misconception(
    "separable_conv2d",
    hint="Your image is padded before the column and again before the row. The frame of zeros goes around it once.",
)
def pads_before_each_step(x, column, row, pad=0):
    reference.separable_conv2d(x, column, row, pad)
    return reference.separable_conv2d(np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0))), column, row, pad)


@misconception(
    "separable_conv2d",
    hint="Your results are cut to whole numbers where the image is made of integers. Both steps have to work in "
    "float64.",
)
def separates_in_integers(x, column, row, pad=0):
    return reference.separable_conv2d(x, column, row, pad).astype(x.dtype)


@misconception(
    "separable_conv2d",
    hint="A column or a row that is longer than the padded image gives an empty result. The handout asks for a "
    "ValueError, because no window fits.",
)
def answers_with_an_empty_image(x, column, row, pad=0):
    rooms = (x.shape[1] + 2 * pad - len(column), x.shape[2] + 2 * pad - len(row))
    if min(rooms) >= 0:
        return reference.separable_conv2d(x, column, row, pad)
    return np.zeros((len(x), *(max(room + 1, 0) for room in rooms), x.shape[3]), _float_for(x))


# depthwise_conv2d


@misconception(
    "depthwise_conv2d",
    hint="Your channels are summed, as in an ordinary convolution. Here each stays by itself: C channels go in, C "
    "come out.",
)
def sums_the_channels(x, w, stride=1, pad=0):
    return reference.depthwise_conv2d(x, w, stride, pad).sum(axis=3, keepdims=True)


@misconception(
    "depthwise_conv2d",
    hint="All your channels go through the first filter. Channel c has a filter of its own, w[:, :, c].",
)
def uses_one_filter_for_all(x, w, stride=1, pad=0):
    return reference.depthwise_conv2d(x, np.repeat(w[..., :1], w.shape[2], axis=2), stride, pad)


@misconception(
    "depthwise_conv2d",
    hint="Your depthwise filters are turned by 180 degrees. As everywhere in this course, a filter lies on the window "
    "as it stands.",
)
def flips_each_filter(x, w, stride=1, pad=0):
    return reference.depthwise_conv2d(x, w[::-1, ::-1], stride, pad)


@misconception(
    "depthwise_conv2d",
    hint="The stride has no effect in your depthwise convolution: neighbouring windows are always one pixel apart.",
)
def filters_every_place(x, w, stride=1, pad=0):
    return reference.depthwise_conv2d(x, w, 1, pad)


@misconception(
    "depthwise_conv2d",
    hint="Your window takes the stride going down, but moves by one pixel going across. The stride holds for both "
    "axes.",
)
def strides_down_only(x, w, stride=1, pad=0):
    return reference.depthwise_conv2d(x, w, 1, pad)[:, ::stride]


@misconception(
    "depthwise_conv2d",
    hint="The padding has no effect in your depthwise convolution: the filters move over the bare image.",
)
def ignores_the_padding(x, w, stride=1, pad=0):
    reference.depthwise_conv2d(x, w, stride, pad)
    return reference.depthwise_conv2d(x, w, stride, 0)


@misconception(
    "depthwise_conv2d",
    hint="Your results are cut to whole numbers where the image is made of integers. The array of maps has to be "
    "float64, whatever the dtype of x.",
)
def filters_in_integers(x, w, stride=1, pad=0):
    return reference.depthwise_conv2d(x, w, stride, pad).astype(x.dtype)


@misconception(
    "depthwise_conv2d",
    hint="A single filter, or a single channel, is repeated to fit the other: NumPy does so silently. The handout "
    "asks for a ValueError.",
)
def repeats_a_single_filter(x, w, stride=1, pad=0):
    channels = max(x.shape[3], w.shape[2])
    if x.shape[3] == 1:
        x = np.repeat(x, channels, axis=3)
    if w.shape[2] == 1:
        w = np.repeat(w, channels, axis=2)
    return reference.depthwise_conv2d(x, w, stride, pad)


@misconception(
    "depthwise_conv2d",
    hint="A filter that is larger than the padded image gives empty maps. The handout asks for a ValueError, because "
    "no window fits.",
)
def answers_with_empty_maps(x, w, stride=1, pad=0):
    rooms = [x.shape[axis] + 2 * pad - w.shape[axis - 1] for axis in (1, 2)]
    if x.shape[3] != w.shape[2] or min(rooms) >= 0:
        return reference.depthwise_conv2d(x, w, stride, pad)
    rows, columns = (max(room // stride + 1, 0) for room in rooms)
    return np.zeros((len(x), rows, columns, w.shape[2]), _float_for(x))


# pointwise_conv2d


@misconception(
    "pointwise_conv2d",
    hint="Your weights are transposed. Row c of w belongs to channel c of x, and column k to filter k: the sum runs "
    "down a column.",
)
def transposes_the_weights(x, w):
    return reference.pointwise_conv2d(x, w.T if w.shape[0] == w.shape[1] else w)  # NumPy refuses the others by itself


@misconception(
    "pointwise_conv2d",
    hint="Your channels are averaged. A convolution adds up its products: there is nothing to divide by.",
)
def averages_the_channels(x, w):
    return reference.pointwise_conv2d(x, w) / _float_for(x)(x.shape[3])


@misconception(
    "pointwise_conv2d",
    hint="Only the last channel counts in your result. Each channel's part is to be added to the others: += and not =.",
)
def keeps_the_last_channel(x, w):
    reference.pointwise_conv2d(x, w)
    return reference.pointwise_conv2d(x[..., -1:], w[-1:])


@misconception(
    "pointwise_conv2d",
    hint="Your results are cut to whole numbers where the image is made of integers. The mixed channels have to be "
    "float64.",
)
def mixes_in_integers(x, w):
    return reference.pointwise_conv2d(x, w).astype(x.dtype)


@misconception(
    "pointwise_conv2d",
    hint="Where w has more or fewer rows than x has channels, what is left over is ignored. The handout asks for a "
    "ValueError.",
)
def leaves_out_surplus_channels(x, w):
    channels = min(x.shape[3], w.shape[0])
    return reference.pointwise_conv2d(x[..., :channels], w[:channels])


# depthwise_separable_conv2d


@misconception(
    "depthwise_separable_conv2d",
    hint="Your stride is applied in both steps, so the maps shrink twice. It belongs to the depthwise step.",
)
def strides_in_both_steps(x, depthwise, pointwise, stride=1, pad=0):
    return reference.depthwise_separable_conv2d(x, depthwise, pointwise, stride, pad)[:, ::stride, ::stride]


@misconception(
    "depthwise_separable_conv2d",
    hint="Your maps have a frame of zeros: the padding is applied in the pointwise step too. It belongs to the "
    "depthwise step.",
)
def pads_in_both_steps(x, depthwise, pointwise, stride=1, pad=0):
    maps = reference.depthwise_separable_conv2d(x, depthwise, pointwise, stride, pad)
    return np.pad(maps, ((0, 0), (pad, pad), (pad, pad), (0, 0)))


@misconception(
    "depthwise_separable_conv2d",
    hint="There is a ReLU between your two steps. Here the result of the depthwise step goes on as it is, negative "
    "numbers included.",
)
def rectifies_between_the_steps(x, depthwise, pointwise, stride=1, pad=0):
    reference.depthwise_separable_conv2d(x, depthwise, pointwise, stride, pad)
    maps = np.maximum(reference.depthwise_conv2d(x, depthwise, stride, pad), 0)
    return reference.pointwise_conv2d(maps, pointwise)


@misconception(
    "depthwise_separable_conv2d",
    hint="Your pointwise weights are transposed. A row of them belongs to a channel of the depthwise step, a column to "
    "a map that comes out.",
)
def transposes_the_pointwise_weights(x, depthwise, pointwise, stride=1, pad=0):
    square = pointwise.shape[0] == pointwise.shape[1]  # NumPy refuses the others by itself
    return reference.depthwise_separable_conv2d(x, depthwise, pointwise.T if square else pointwise, stride, pad)


@misconception(
    "depthwise_separable_conv2d",
    hint="Integer images give you whole numbers behind the depthwise step, and so a wrong sum. Both steps have to work "
    "in float64.",
)
def goes_on_in_integers(x, depthwise, pointwise, stride=1, pad=0):
    reference.depthwise_separable_conv2d(x, depthwise, pointwise, stride, pad)
    maps = reference.depthwise_conv2d(x, depthwise, stride, pad).astype(x.dtype)
    return reference.pointwise_conv2d(maps, pointwise)


@misconception(
    "depthwise_separable_conv2d",
    hint="A single channel or filter is repeated to fit the others: NumPy does so silently. The handout asks for a "
    "ValueError.",
)
def repeats_a_single_channel(x, depthwise, pointwise, stride=1, pad=0):
    channels = max(x.shape[3], depthwise.shape[2])
    if x.shape[3] == 1:
        x = np.repeat(x, channels, axis=3)
    if depthwise.shape[2] == 1:
        depthwise = np.repeat(depthwise, channels, axis=2)
    return reference.depthwise_separable_conv2d(x, depthwise, pointwise, stride, pad)


# conv_multiplications


@misconception(
    "conv_multiplications",
    hint="The side of the filter is counted once. A filter has f rows of f weights in each channel: f*f.",
)
def counts_one_row_of_the_filter(n, f, c, h):
    return f * c * h * n * n


@misconception(
    "conv_multiplications",
    hint="The side of the image is counted once. Every filter is applied at n*n places, row by row.",
)
def counts_one_row_of_the_image(n, f, c, h):
    return f * f * c * h * n


@misconception(
    "conv_multiplications",
    hint="The channels are missing from your count. A filter has f*f weights for each of the c channels.",
)
def counts_one_channel(n, f, c, h):
    return f * f * h * n * n


@misconception(
    "conv_multiplications",
    hint="Your count runs over: 32 bits hold numbers up to 2,147,483,647. Python's own integers have no limit; "
    "np.int32 has.",
)
def counts_in_32_bits(n, f, c, h):
    return int(np.prod(np.array([f, f, c, h, n, n], np.int32), dtype=np.int32))


# depthwise_separable_multiplications


@misconception(
    "depthwise_separable_multiplications",
    hint="Your depthwise step is counted once for each of the H filters. It is done once: only the pointwise step has "
    "H filters.",
)
def filters_for_every_map(n, f, c, h):
    return f * f * c * h * n * n + c * h * n * n


@misconception(
    "depthwise_separable_multiplications",
    hint="Your pointwise step is counted for a single pixel. Its c*H weights are used at each of the n*n places.",
)
def mixes_one_pixel(n, f, c, h):
    return f * f * c * n * n + c * h


@misconception(
    "depthwise_separable_multiplications",
    hint="The pointwise step is missing from your count. Behind the depthwise step the c channels are mixed, H times "
    "for each pixel.",
)
def forgets_the_pointwise_step(n, f, c, h):
    return f * f * c * n * n


@misconception(
    "depthwise_separable_multiplications",
    hint="Your two steps are multiplied. They are done one after the other, so their multiplications add up.",
)
def multiplies_the_steps(n, f, c, h):
    return f * f * c * n * n * c * h * n * n


# cost_ratio


@misconception(
    "cost_ratio",
    hint="Your ratio is upside down. The depthwise separable convolution stands above the line: below 1 means that "
    "it is cheaper.",
)
def turns_the_ratio_round(f, h):
    return 1 / reference.cost_ratio(f, h)


@misconception(
    "cost_ratio",
    hint="Your second term is 1/f. The filters have f*f weights in each channel, and the ratio has 1/f**2.",
)
def forgets_the_square(f, h):
    return 1 / h + 1 / f


@misconception(
    "cost_ratio",
    hint="You add below the line. 1/H + 1/f**2 is a sum of two fractions, which is not 1/(H + f**2): try H = f = 1.",
)
def adds_below_the_line(f, h):
    return 1 / (h + f**2)


# what several of them share


def _float_for(x):
    return np.float32 if x.dtype == np.float32 else np.float64


def _spread(w, down, across):
    """Filters with zeros between their taps."""
    fh, fw, channels, filters = w.shape
    wide = np.zeros((down * (fh - 1) + 1, across * (fw - 1) + 1, channels, filters), w.dtype)
    wide[::down, ::across] = w
    return wide


def _room_for(x, column, row, pad):
    """Images that are large enough for other lengths than the right ones, by zeros below and to the right."""
    lacking = (max(len(column) - x.shape[1] - 2 * pad, 0), max(len(row) - x.shape[2] - 2 * pad, 0))
    return np.pad(x, ((0, 0), (0, lacking[0]), (0, lacking[1]), (0, 0)))
