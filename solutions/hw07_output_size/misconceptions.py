"""Wrong solutions of hw7, each with one mistake and the hint that it proves.

Everything but the mistake is right, the refusals included: so it costs the points of its
own rule, and its wrong answers are nobody else's.
"""

import math

from grader.checks.misconceptions import load_beside, misconception

reference = load_beside(__file__, "output_size.py")


# conv_output_size


@misconception(
    "conv_output_size",
    hint="You count the padding once. `pad` zeros stand at each of the two ends, so a side grows by twice the pad.",
)
def pads_one_end(n, f, pad=0, stride=1, dilation=1):
    reference.conv_output_size(n, f, pad, stride, dilation)
    return (n + pad - _span(f, dilation)) // stride + 1


@misconception(
    "conv_output_size",
    hint="Your size does not depend on `pad`. The filter moves over the padded input, which is longer.",
)
def ignores_the_pad(n, f, pad=0, stride=1, dilation=1):
    reference.conv_output_size(n, f, pad, stride, dilation)
    return (n - _span(f, dilation)) // stride + 1


@misconception(
    "conv_output_size",
    hint="You round up where the last step is not a whole one. A filter that would hang over the end has no place "
    "there: round down.",
)
def rounds_up(n, f, pad=0, stride=1, dilation=1):
    return -(-_room(n, f, pad, stride, dilation) // stride) + 1


@misconception(
    "conv_output_size",
    hint="You round to the nearest whole number, so a rest of more than half a step counts as a place. The brackets "
    "of the formula round down.",
)
def rounds_to_the_nearest(n, f, pad=0, stride=1, dilation=1):
    return round(_room(n, f, pad, stride, dilation) / stride) + 1


@misconception(
    "conv_output_size",
    hint="You add the 1 before you divide by the stride. It is the filter's first place, before any step: add it to "
    "the number of steps.",
)
def adds_one_before_dividing(n, f, pad=0, stride=1, dilation=1):
    return (_room(n, f, pad, stride, dilation) + 1) // stride


@misconception(
    "conv_output_size",
    hint="You count the steps of the filter, not its places. With z steps it stands in z + 1 places: draw it on a "
    "line of squares.",
)
def forgets_the_first_place(n, f, pad=0, stride=1, dilation=1):
    return _room(n, f, pad, stride, dilation) // stride


@misconception(
    "conv_output_size",
    hint="Your size does not depend on `stride`. The filter leaves out places: only every s-th one is a pixel of the "
    "feature map.",
)
def ignores_the_stride(n, f, pad=0, stride=1, dilation=1):
    return _room(n, f, pad, stride, dilation) + 1


@misconception(
    "conv_output_size",
    hint="Your size is a fraction where the last step is not a whole one, and a float elsewhere. Nothing has half a "
    "pixel: use the division that rounds down.",
)
def gives_a_fraction(n, f, pad=0, stride=1, dilation=1):
    return _room(n, f, pad, stride, dilation) / stride + 1


@misconception(
    "conv_output_size",
    hint="Your number is right, but it is a float: np.floor gives one. A size is an integer, and no array takes a "
    "float as its shape.",
)
def gives_a_rounded_float(n, f, pad=0, stride=1, dilation=1):
    return float(reference.conv_output_size(n, f, pad, stride, dilation))


@misconception(
    "conv_output_size",
    hint="You take the same size as without padding at stride 1, divided by the stride. That is one special choice of "
    "the padding; here `pad` and `f` are free.",
)
def takes_every_padding_as_same(n, f, pad=0, stride=1, dilation=1):
    reference.conv_output_size(n, f, pad, stride, dilation)
    return -(-n // stride)


@misconception(
    "conv_output_size",
    hint="You multiply the number of taps by the dilation. Behind the last tap there is no gap: count the steps from "
    "the first tap to the last.",
)
def multiplies_the_taps(n, f, pad=0, stride=1, dilation=1):
    reference.conv_output_size(n, f, pad, stride, dilation)
    return (n + 2 * pad - dilation * f) // stride + 1


@misconception(
    "conv_output_size",
    hint="You take the dilation as the number of pixels between two taps. It is the distance from one tap to the "
    "next, so at dilation 1 the taps touch.",
)
def takes_the_dilation_as_a_gap(n, f, pad=0, stride=1, dilation=1):
    reference.conv_output_size(n, f, pad, stride, dilation)
    return (n + 2 * pad - _span(f, dilation + 1)) // stride + 1


@misconception(
    "conv_output_size",
    hint="Your dilated filter has a single gap. There is one between every two neighbouring taps: f - 1 of them.",
)
def opens_a_single_gap(n, f, pad=0, stride=1, dilation=1):
    room = _room(n, f, pad, stride, dilation)
    return (room + _span(f, dilation) - f - (dilation - 1) * (f > 1)) // stride + 1


@misconception(
    "conv_output_size",
    hint="Your span leaves out one tap: d*(f-1) are the steps from the first tap to the last. In pixels it is one "
    "more.",
)
def leaves_a_tap_out(n, f, pad=0, stride=1, dilation=1):
    return (_room(n, f, pad, stride, dilation) + 1) // stride + 1


@misconception(
    "conv_output_size",
    hint="Your size does not depend on `dilation`. A filter whose taps are apart covers more pixels than it has taps.",
)
def ignores_the_dilation(n, f, pad=0, stride=1, dilation=1):
    reference.conv_output_size(n, f, pad, stride, dilation)
    return (n + 2 * pad - f) // stride + 1


@misconception(
    "conv_output_size",
    hint="You use the dilation as a second stride. It moves the taps of the filter apart; the steps of the filter "
    "stay as they are.",
)
def steps_by_the_dilation(n, f, pad=0, stride=1, dilation=1):
    reference.conv_output_size(n, f, pad, stride, dilation)
    return (n + 2 * pad - f) // (stride * dilation) + 1


@misconception(
    "conv_output_size",
    hint="You refuse a filter that is larger than the input, although it fits with the padding. Compare it with n + "
    "2*pad.",
)
def compares_with_the_bare_input(n, f, pad=0, stride=1, dilation=1):
    if _span(f, dilation) > n:
        raise ValueError("the filter is too large")
    return reference.conv_output_size(n, f, pad, stride, dilation)


@misconception(
    "conv_output_size",
    hint="You refuse a filter that is exactly as large as the padded input. It fits: it has one place.",
)
def refuses_an_exact_fit(n, f, pad=0, stride=1, dilation=1):
    if _room(n, f, pad, stride, dilation) == 0:
        raise ValueError("the filter is too large")
    return reference.conv_output_size(n, f, pad, stride, dilation)


@misconception(
    "conv_output_size",
    hint="An input of no pixels, or fewer, is accepted where there is padding. The handout asks for a ValueError "
    "where n is below 1.",
)
def accepts_an_empty_input(n, f, pad=0, stride=1, dilation=1):
    if n < 1 and min(f, stride, dilation) >= 1 and pad >= 0:
        return _formula(n, f, pad, stride, dilation)
    return reference.conv_output_size(n, f, pad, stride, dilation)


@misconception(
    "conv_output_size",
    hint="A filter without taps is accepted. The handout asks for a ValueError where f is below 1.",
)
def accepts_an_empty_filter(n, f, pad=0, stride=1, dilation=1):
    if f < 1 and min(n, stride, dilation) >= 1 and pad >= 0:
        return _formula(n, f, pad, stride, dilation)
    return reference.conv_output_size(n, f, pad, stride, dilation)


@misconception(
    "conv_output_size",
    hint="The stride goes into the formula unchecked: 0 ends in a ZeroDivisionError, and a negative one gives some "
    "number. Ask first whether it is 1 or more.",
)
def divides_by_any_stride(n, f, pad=0, stride=1, dilation=1):
    if stride < 1 and min(n, f, dilation) >= 1 and pad >= 0:
        return _formula(n, f, pad, stride, dilation)
    return reference.conv_output_size(n, f, pad, stride, dilation)


@misconception(
    "conv_output_size",
    hint="A stride of 0 is taken as 1, and a negative one too. A filter that does not move is a mistake of the "
    "caller: the handout asks for a ValueError.",
)
def takes_any_stride_as_one(n, f, pad=0, stride=1, dilation=1):
    return reference.conv_output_size(n, f, pad, max(stride, 1), dilation)


@misconception(
    "conv_output_size",
    hint="The dilation goes into the formula unchecked: at 0 all taps lie on one pixel. The handout asks for a "
    "ValueError where it is below 1.",
)
def accepts_any_dilation(n, f, pad=0, stride=1, dilation=1):
    if dilation < 1 and min(n, f, stride) >= 1 and pad >= 0:
        return _formula(n, f, pad, stride, dilation)
    return reference.conv_output_size(n, f, pad, stride, dilation)


@misconception(
    "conv_output_size",
    hint="A dilation of 0 is taken as 1, and a negative one too. The handout asks for a ValueError, so that a slip is "
    "seen at once.",
)
def takes_any_dilation_as_one(n, f, pad=0, stride=1, dilation=1):
    return reference.conv_output_size(n, f, pad, stride, max(dilation, 1))


@misconception(
    "conv_output_size",
    hint="A negative pad goes into the formula unchecked and makes the input smaller. The handout asks for a "
    "ValueError there.",
)
def accepts_a_negative_pad(n, f, pad=0, stride=1, dilation=1):
    if pad < 0 and min(n, f, stride, dilation) >= 1:
        return _formula(n, f, pad, stride, dilation)
    return reference.conv_output_size(n, f, pad, stride, dilation)


@misconception(
    "conv_output_size",
    hint="A negative pad is treated as no padding. The handout asks for a ValueError, so that a slip in a sign is "
    "seen at once.",
)
def takes_a_negative_pad_as_none(n, f, pad=0, stride=1, dilation=1):
    return reference.conv_output_size(n, f, max(pad, 0), stride, dilation)


@misconception(
    "conv_output_size",
    hint="Where the filter is larger than the padded input, the formula's number comes back, 0 or less. The handout "
    "asks for a ValueError.",
)
def accepts_a_filter_without_a_place(n, f, pad=0, stride=1, dilation=1):
    if min(n, f, stride, dilation) >= 1 and pad >= 0 and f > n + 2 * pad:
        return _formula(n, f, pad, stride, dilation)
    return reference.conv_output_size(n, f, pad, stride, dilation)


@misconception(
    "conv_output_size",
    hint="Where the filter is larger than the padded input, you return 0. The handout asks for a ValueError: a layer "
    "without a single output is a mistake.",
)
def returns_zero_places(n, f, pad=0, stride=1, dilation=1):
    if min(n, f, stride, dilation) >= 1 and pad >= 0 and f > n + 2 * pad:
        return 0
    return reference.conv_output_size(n, f, pad, stride, dilation)


@misconception(
    "conv_output_size",
    hint="Where the filter is too large by less than one step, you return 1. `int` cuts a negative fraction up to 0; "
    "rounding down makes it -1.",
)
def cuts_a_negative_fraction(n, f, pad=0, stride=1, dilation=1):
    if min(n, f, stride, dilation) >= 1 and pad >= 0 and int((n + 2 * pad - _span(f, dilation)) / stride) == 0:
        return 1
    return reference.conv_output_size(n, f, pad, stride, dilation)


@misconception(
    "conv_output_size",
    hint="You ask whether the taps fit, and forget the gaps between them. A dilated filter needs room for its whole "
    "span.",
)
def asks_whether_the_taps_fit(n, f, pad=0, stride=1, dilation=1):
    if min(n, f, stride, dilation) >= 1 and pad >= 0 and f <= n + 2 * pad:
        return _formula(n, f, pad, stride, dilation)
    return reference.conv_output_size(n, f, pad, stride, dilation)


@misconception(
    "conv_output_size",
    stateful=True,
    hint="Your second size is that of the first call. Nothing may be kept between calls: look for a variable outside "
    "the function.",
)
def remembers_the_first_size():
    return _remember_the_first(reference.conv_output_size)


# transposed_output_size


@misconception(
    "transposed_output_size",
    hint="You take s steps for every pixel, the last one too. From the first pixel to the last there are n - 1 steps.",
)
def steps_after_the_last_pixel(n, f, pad=0, stride=1):
    reference.transposed_output_size(n, f, pad, stride)
    return stride * n + f - 2 * pad


@misconception(
    "transposed_output_size",
    hint="Your padding makes the output larger. Going back, the pixels that a convolution had added are cut off again.",
)
def adds_the_padding(n, f, pad=0, stride=1):
    reference.transposed_output_size(n, f, pad, stride)
    return stride * (n - 1) + f + 2 * pad


@misconception(
    "transposed_output_size",
    hint="You cut the padding at one end only. A convolution had added it at both.",
)
def cuts_one_end(n, f, pad=0, stride=1):
    reference.transposed_output_size(n, f, pad, stride)
    return stride * (n - 1) + f - pad


@misconception(
    "transposed_output_size",
    hint="Your size does not depend on `pad`. Those pixels are cut from the two ends of the output.",
)
def cuts_nothing(n, f, pad=0, stride=1):
    reference.transposed_output_size(n, f, pad, stride)
    return stride * (n - 1) + f


@misconception(
    "transposed_output_size",
    hint="Your size does not depend on `stride`. Each pixel of the map lays its f pixels down a stride further on.",
)
def lays_pixels_side_by_side(n, f, pad=0, stride=1):
    reference.transposed_output_size(n, f, pad, stride)
    return n - 1 + f - 2 * pad


@misconception(
    "transposed_output_size",
    hint="You return the size after a convolution. This function goes the other way: from the feature map to a larger "
    "input.",
)
def goes_forward(n, f, pad=0, stride=1):
    reference.transposed_output_size(n, f, pad, stride)
    return (n + 2 * pad - f) // stride + 1


@misconception(
    "transposed_output_size",
    hint="You multiply the side by the stride. That holds for one choice of filter and padding only; f and pad are "
    "free here.",
)
def multiplies_the_side(n, f, pad=0, stride=1):
    reference.transposed_output_size(n, f, pad, stride)
    return stride * n


@misconception(
    "transposed_output_size",
    hint="Your output is one pixel too long. The 1 behind the fraction belongs to the size of a convolution: going "
    "back, it has already been taken from n.",
)
def adds_one_from_habit(n, f, pad=0, stride=1):
    reference.transposed_output_size(n, f, pad, stride)
    return stride * (n - 1) + f - 2 * pad + 1


@misconception(
    "transposed_output_size",
    hint="Behind the last step only one pixel is counted. The last pixel of the map lays down f pixels like every "
    "other.",
)
def forgets_the_filter(n, f, pad=0, stride=1):
    reference.transposed_output_size(n, f, pad, stride)
    return stride * (n - 1) + 1 - 2 * pad


@misconception(
    "transposed_output_size",
    hint="You put `stride` zeros between two pixels. The stride is the distance from one pixel to the next, so there "
    "is one zero less.",
)
def takes_the_stride_as_a_gap(n, f, pad=0, stride=1):
    reference.transposed_output_size(n, f, pad, stride)
    return (stride + 1) * (n - 1) + f - 2 * pad


@misconception(
    "transposed_output_size",
    hint="You cut the padding before you multiply by the stride, so each pixel of it costs a whole step. It is cut "
    "from the output.",
)
def cuts_the_map(n, f, pad=0, stride=1):
    reference.transposed_output_size(n, f, pad, stride)
    return stride * (n - 1 - 2 * pad) + f


@misconception(
    "transposed_output_size",
    hint="Your number is right, but it is a float. A size is an integer, and no array takes a float as its shape.",
)
def gives_a_side_as_a_float(n, f, pad=0, stride=1):
    return float(reference.transposed_output_size(n, f, pad, stride))


@misconception(
    "transposed_output_size",
    hint="You refuse an output of a single pixel. That is one to return: only below 1 nothing is left.",
)
def refuses_a_single_pixel(n, f, pad=0, stride=1):
    size = reference.transposed_output_size(n, f, pad, stride)
    if size == 1:
        raise ValueError("nothing is left")
    return size


@misconception(
    "transposed_output_size",
    hint="A stride below 1 goes into the formula unchecked: at 0 all pixels of the map fall on one place. The handout "
    "asks for a ValueError.",
)
def accepts_any_step(n, f, pad=0, stride=1):
    if stride < 1 and pad >= 0:
        return stride * (n - 1) + f - 2 * pad
    return reference.transposed_output_size(n, f, pad, stride)


@misconception(
    "transposed_output_size",
    hint="A stride below 1 is taken as 1. The handout asks for a ValueError, so that a slip is seen at once.",
)
def takes_any_step_as_one(n, f, pad=0, stride=1):
    return reference.transposed_output_size(n, f, pad, max(stride, 1))


@misconception(
    "transposed_output_size",
    hint="A negative pad goes into the formula unchecked and makes the output larger. The handout asks for a "
    "ValueError there.",
)
def accepts_a_negative_cut(n, f, pad=0, stride=1):
    if pad < 0 and stride >= 1:
        return stride * (n - 1) + f - 2 * pad
    return reference.transposed_output_size(n, f, pad, stride)


@misconception(
    "transposed_output_size",
    hint="A negative pad is treated as no padding. The handout asks for a ValueError, so that a slip in a sign is "
    "seen at once.",
)
def takes_a_negative_cut_as_none(n, f, pad=0, stride=1):
    return reference.transposed_output_size(n, f, max(pad, 0), stride)


@misconception(
    "transposed_output_size",
    hint="Where the padding cuts everything away, the formula's number comes back, 0 or less. The handout asks for a "
    "ValueError.",
)
def accepts_an_output_of_nothing(n, f, pad=0, stride=1):
    if stride < 1 or pad < 0:
        return reference.transposed_output_size(n, f, pad, stride)
    return stride * (n - 1) + f - 2 * pad


@misconception(
    "transposed_output_size",
    hint="Where the padding cuts everything away, you return 0. The handout asks for a ValueError: an output has a "
    "pixel at least.",
)
def returns_zero_pixels(n, f, pad=0, stride=1):
    if stride < 1 or pad < 0:
        return reference.transposed_output_size(n, f, pad, stride)
    return max(stride * (n - 1) + f - 2 * pad, 0)


@misconception(
    "transposed_output_size",
    hint="An output of 0 pixels is accepted; you refuse negative sizes only. The handout asks for a ValueError below "
    "1.",
)
def refuses_negative_sides_only(n, f, pad=0, stride=1):
    if stride >= 1 and pad >= 0 and stride * (n - 1) + f - 2 * pad == 0:
        return 0
    return reference.transposed_output_size(n, f, pad, stride)


@misconception(
    "transposed_output_size",
    stateful=True,
    hint="Your second size is that of the first call. Nothing may be kept between calls: look for a variable outside "
    "the function.",
)
def remembers_the_first_side():
    return _remember_the_first(reference.transposed_output_size)


# conv_parameters


@misconception(
    "conv_parameters",
    hint="You count the weights only. Unless the caller says otherwise, every filter also learns a bias.",
)
def forgets_the_biases(fh, fw, c_in, c_out, bias=True):
    return reference.conv_parameters(fh, fw, c_in, c_out, bias=False)


@misconception(
    "conv_parameters",
    hint="You count a bias for each channel of the input. A bias belongs to a filter: it is added to what that filter "
    "sums.",
)
def counts_a_bias_for_each_input_channel(fh, fw, c_in, c_out, bias=True):
    return reference.conv_parameters(fh, fw, c_in, c_out, bias=False) + (c_in if bias else 0)


@misconception(
    "conv_parameters",
    hint="You count one bias for the whole layer. Each filter adds its own number to its feature map.",
)
def counts_a_single_bias(fh, fw, c_in, c_out, bias=True):
    return reference.conv_parameters(fh, fw, c_in, c_out, bias=False) + bool(bias)


@misconception(
    "conv_parameters",
    hint="You count a bias for every channel of every filter. A filter sums over its channels first and has a single "
    "bias.",
)
def counts_a_bias_for_each_slice(fh, fw, c_in, c_out, bias=True):
    return reference.conv_parameters(fh, fw, c_in, c_out, bias=False) + (c_in * c_out if bias else 0)


@misconception(
    "conv_parameters",
    hint="You count biases where the caller says that there are none. Look at the argument `bias`.",
)
def always_counts_biases(fh, fw, c_in, c_out, bias=True):
    return reference.conv_parameters(fh, fw, c_in, c_out)


@misconception(
    "conv_parameters",
    hint="Your filters are flat: the channels of the input do not count. A filter has fh*fw weights for each of them.",
)
def counts_flat_filters(fh, fw, c_in, c_out, bias=True):
    reference.conv_parameters(fh, fw, c_in, c_out)
    return reference.conv_parameters(fh, fw, 1, c_out, bias=bias)


@misconception(
    "conv_parameters",
    hint="You count a single filter. The layer has c_out of them, each with its own weights.",
)
def counts_a_single_filter(fh, fw, c_in, c_out, bias=True):
    reference.conv_parameters(fh, fw, c_in, c_out)
    return fh * fw * c_in + (c_out if bias else 0)


@misconception(
    "conv_parameters",
    hint="You square the height of the filter. A filter may be wider than it is high.",
)
def squares_the_height(fh, fw, c_in, c_out, bias=True):
    reference.conv_parameters(fh, fw, c_in, c_out)
    return reference.conv_parameters(fh, fh, c_in, c_out, bias=bias)


@misconception(
    "conv_parameters",
    hint="You square the width of the filter. A filter may be higher than it is wide.",
)
def squares_the_width(fh, fw, c_in, c_out, bias=True):
    reference.conv_parameters(fh, fw, c_in, c_out)
    return reference.conv_parameters(fw, fw, c_in, c_out, bias=bias)


@misconception(
    "conv_parameters",
    hint="You add the channels of input and output. Every filter has a slice for every channel: multiply them.",
)
def adds_the_channels(fh, fw, c_in, c_out, bias=True):
    reference.conv_parameters(fh, fw, c_in, c_out)
    return fh * fw * (c_in + c_out) + (c_out if bias else 0)


@misconception(
    "conv_parameters",
    hint="Your number is right, but it is a float. Parameters are counted: return an integer.",
)
def counts_in_floats(fh, fw, c_in, c_out, bias=True):
    return float(reference.conv_parameters(fh, fw, c_in, c_out, bias))


@misconception(
    "conv_parameters",
    hint="A filter without rows or columns is accepted. The handout asks for a ValueError where any size is below 1.",
)
def accepts_filters_without_taps(fh, fw, c_in, c_out, bias=True):
    if 0 in (fh, fw) and min(fh, fw, c_in, c_out) == 0:
        return fh * fw * c_in * c_out + (c_out if bias else 0)
    return reference.conv_parameters(fh, fw, c_in, c_out, bias)


@misconception(
    "conv_parameters",
    hint="A layer without channels, on one side or the other, is accepted. The handout asks for a ValueError where any "
    "size is below 1.",
)
def accepts_no_channels(fh, fw, c_in, c_out, bias=True):
    if 0 in (c_in, c_out) and min(fh, fw, c_in, c_out) == 0:
        return fh * fw * c_in * c_out + (c_out if bias else 0)
    return reference.conv_parameters(fh, fw, c_in, c_out, bias)


@misconception(
    "conv_parameters",
    hint="Negative sizes are accepted, and the product of two of them is positive. Ask about each size, not about "
    "the product.",
)
def accepts_negative_sizes(fh, fw, c_in, c_out, bias=True):
    if min(fh, fw, c_in, c_out) < 0:
        return fh * fw * c_in * c_out + (c_out if bias else 0)
    return reference.conv_parameters(fh, fw, c_in, c_out, bias)


@misconception(
    "conv_parameters",
    stateful=True,
    hint="Your second count is that of the first call. Nothing may be kept between calls: look for a variable outside "
    "the function.",
)
def remembers_the_first_count():
    return _remember_the_first(reference.conv_parameters)


# dense_parameters


@misconception(
    "dense_parameters",
    hint="You count the weights only. Unless the caller says otherwise, every node also learns a bias.",
)
def forgets_the_biases_of_the_nodes(d_in, d_out, bias=True):
    return reference.dense_parameters(d_in, d_out, bias=False)


@misconception(
    "dense_parameters",
    hint="You count a bias for each number that comes in. A bias belongs to a node: it is added to what that node "
    "sums.",
)
def counts_a_bias_for_each_input(d_in, d_out, bias=True):
    return d_in + reference.dense_parameters(d_in, d_out, bias=False) if bias else d_in * d_out


@misconception(
    "dense_parameters",
    hint="You count one bias for the whole layer. Each node adds a number of its own to its sum.",
)
def counts_a_single_bias_for_all_nodes(d_in, d_out, bias=True):
    return reference.dense_parameters(d_in, d_out, bias=False) + bool(bias)


@misconception(
    "dense_parameters",
    hint="You count biases where the caller says that there are none. Look at the argument `bias`.",
)
def always_counts_biases_of_nodes(d_in, d_out, bias=True):
    return reference.dense_parameters(d_in, d_out)


@misconception(
    "dense_parameters",
    hint="You add the two sizes. Every node has a weight for every number that comes in: multiply them.",
)
def adds_the_sizes(d_in, d_out, bias=True):
    reference.dense_parameters(d_in, d_out)
    return d_in + d_out + (d_out if bias else 0)


@misconception(
    "dense_parameters",
    hint="Your number is right, but it is a float. Parameters are counted: return an integer.",
)
def counts_nodes_in_floats(d_in, d_out, bias=True):
    return float(reference.dense_parameters(d_in, d_out, bias))


@misconception(
    "dense_parameters",
    hint="A layer without nodes, or without anything that comes in, is accepted. The handout asks for a ValueError "
    "where a size is below 1.",
)
def accepts_no_nodes(d_in, d_out, bias=True):
    if min(d_in, d_out) == 0:
        return d_in * d_out + (d_out if bias else 0)
    return reference.dense_parameters(d_in, d_out, bias)


@misconception(
    "dense_parameters",
    hint="Negative sizes are accepted, and the product of two of them is positive. Ask about each size, not about "
    "the product.",
)
def accepts_negative_nodes(d_in, d_out, bias=True):
    if min(d_in, d_out) < 0:
        return d_in * d_out + (d_out if bias else 0)
    return reference.dense_parameters(d_in, d_out, bias)


@misconception(
    "dense_parameters",
    stateful=True,
    hint="Your second count is that of the first call. Nothing may be kept between calls: look for a variable outside "
    "the function.",
)
def remembers_the_first_layer():
    return _remember_the_first(reference.dense_parameters)


# trace_network


@misconception(
    "trace_network",
    hint="Your convolutions leave the sides as they are. A layer says in `pad` how much padding it has, which may be "
    "none.",
)
def keeps_the_sides(input_shape, layers):
    def conv(shape, layer):
        return (*shape[:2], layer["filters"]), _right(shape, layer)[1]

    return _trace(input_shape, layers, conv=conv)


@misconception(
    "trace_network",
    hint="Your convolutions do not look at `pad`. The filter moves over the padded image, so the sides shrink less.",
)
def leaves_the_pad_out(input_shape, layers):
    return _trace(input_shape, layers, conv=lambda shape, layer: _right(shape, {**layer, "pad": 0}))


@misconception(
    "trace_network",
    hint="Your convolutions do not look at `stride`: they move by one pixel always.",
)
def moves_by_one_pixel(input_shape, layers):
    return _trace(input_shape, layers, conv=lambda shape, layer: _right(shape, {**layer, "stride": 1}))


@misconception(
    "trace_network",
    hint="A convolution's output has the channels of its input. It has one channel for each filter.",
)
def keeps_the_channels(input_shape, layers):
    def conv(shape, layer):
        (rows, columns, _), parameters = _right(shape, layer)
        return (rows, columns, shape[2]), parameters

    return _trace(input_shape, layers, conv=conv)


@misconception(
    "trace_network",
    hint="You count the channels of the network's input for every convolution. A filter goes through the channels of "
    "the layer before.",
)
def looks_at_the_channels_of_the_image(input_shape, layers):
    def conv(shape, layer):
        size, filters = layer["size"], layer["filters"]
        return _right(shape, layer)[0], reference.conv_parameters(size, size, input_shape[2], filters)

    return _trace(input_shape, layers, conv=conv)


@misconception(
    "trace_network",
    hint="Your filters are flat: their weights do not count the channels of what comes in.",
)
def traces_flat_filters(input_shape, layers):
    def conv(shape, layer):
        return _right(shape, layer)[0], (layer["size"] ** 2 + 1) * layer["filters"]

    return _trace(input_shape, layers, conv=conv)


@misconception(
    "trace_network",
    hint="Your convolutions have no biases. Each filter learns one beside its weights.",
)
def traces_filters_without_bias(input_shape, layers):
    def conv(shape, layer):
        out, parameters = _right(shape, layer)
        return out, parameters - layer["filters"]

    return _trace(input_shape, layers, conv=conv)


@misconception(
    "trace_network",
    hint="Your convolutions learn weights for every place. All places share the same filters: that is why the layer "
    "learns so little.",
)
def learns_weights_for_every_place(input_shape, layers):
    def conv(shape, layer):
        out, parameters = _right(shape, layer)
        return out, out[0] * out[1] * parameters

    return _trace(input_shape, layers, conv=conv)


@misconception(
    "trace_network",
    hint="Your pooling layers have parameters. Taking the largest value of a window needs no weights.",
)
def gives_pools_parameters(input_shape, layers):
    def pool(shape, layer):
        return _right(shape, layer)[0], reference.conv_parameters(layer["size"], layer["size"], shape[2], shape[2])

    return _trace(input_shape, layers, pool=pool)


@misconception(
    "trace_network",
    hint="Your pooling windows move by their own size. A layer says in `stride` how far they move: they may overlap.",
)
def pools_by_the_size(input_shape, layers):
    return _trace(input_shape, layers, pool=lambda shape, layer: _right(shape, {**layer, "stride": layer["size"]}))


@misconception(
    "trace_network",
    hint="Your pooling divides the sides by the stride. Windows that overlap have another number of places: the size "
    "of the window counts too.",
)
def divides_by_the_stride(input_shape, layers):
    def pool(shape, layer):
        return (shape[0] // layer["stride"], shape[1] // layer["stride"], shape[2]), 0

    return _trace(input_shape, layers, pool=pool)


@misconception(
    "trace_network",
    hint="Your pooling keeps a window that hangs over the end. What does not fill a window is dropped: round down.",
)
def keeps_the_rest(input_shape, layers):
    def pool(shape, layer):
        rows, columns = (-(-(side - layer["size"]) // layer["stride"]) + 1 for side in shape[:2])
        return (rows, columns, shape[2]), 0

    return _trace(input_shape, layers, pool=pool)


@misconception(
    "trace_network",
    hint="Your pooling goes through the channels as well. Each channel is pooled for itself, so their number stays.",
)
def pools_the_channels(input_shape, layers):
    def pool(shape, layer):
        out, _ = _right(shape, layer)
        return (*out[:2], max(shape[2] // layer["size"], 1)), 0

    return _trace(input_shape, layers, pool=pool)


@misconception(
    "trace_network",
    hint="Your flatten layer leaves the channels out. Every number of (H, W, C) becomes an input of the next layer.",
)
def flattens_without_channels(input_shape, layers):
    return _trace(input_shape, layers, flatten=lambda shape, layer: ((shape[0] * shape[1],), 0))


@misconception(
    "trace_network",
    hint="The shape behind a flatten layer is a tuple with one number, such as (400,). The comma makes the tuple: "
    "(400) is a number.",
)
def gives_a_number_for_a_flat_shape(input_shape, layers):
    result = reference.trace_network(input_shape, layers)
    return [{**row, "shape": row["shape"][0] if len(row["shape"]) == 1 else row["shape"]} for row in result]


@misconception(
    "trace_network",
    hint="Your dense layers have no biases. Each node learns one beside its weights.",
)
def traces_nodes_without_bias(input_shape, layers):
    def dense(shape, layer):
        out, parameters = _right(shape, layer)
        return out, parameters - layer["units"]

    return _trace(input_shape, layers, dense=dense)


@misconception(
    "trace_network",
    hint="Your dense layers all get what the flatten layer gives. Each one gets the output of the layer right before "
    "it.",
)
def feeds_every_dense_layer_alike(input_shape, layers):
    flat = []

    def flatten(shape, layer):
        flat[:] = _right(shape, layer)[0]
        return tuple(flat), 0

    def dense(shape, layer):
        return (layer["units"],), reference.dense_parameters(flat[0], layer["units"])

    return _trace(input_shape, layers, flatten=flatten, dense=dense)


@misconception(
    "trace_network",
    hint="Your dropout layer makes the shape smaller. Dropped nodes give 0, but they are still there.",
)
def drops_nodes_for_good(input_shape, layers):
    def dropout(shape, layer):
        return (*shape[:-1], max(int(shape[-1] * (1 - layer["rate"])), 1)), 0

    return _trace(input_shape, layers, dropout=dropout)


@misconception(
    "trace_network",
    hint="Your dropout layer has parameters: it has none, a rate is chosen and not learnt.",
)
def gives_dropout_parameters(input_shape, layers):
    return _trace(input_shape, layers, dropout=lambda shape, layer: (shape, math.prod(shape)))


@misconception(
    "trace_network",
    hint="You leave out the layers that learn nothing. The list has one entry for every layer, in the same order.",
)
def leaves_out_layers_that_learn_nothing(input_shape, layers):
    return [row for row in reference.trace_network(input_shape, layers) if row["parameters"]]


@misconception(
    "trace_network",
    hint="Your list begins with the input. It has one entry for every layer, and the input is none.",
)
def begins_with_the_input(input_shape, layers):
    return [{"shape": tuple(input_shape), "parameters": 0}, *reference.trace_network(input_shape, layers)]


@misconception(
    "trace_network",
    hint="Your entries have the shape of a layer's input. The shape of an entry is that of the layer's output.",
)
def gives_the_shape_before_each_layer(input_shape, layers):
    rows = reference.trace_network(input_shape, layers)
    before = [tuple(input_shape), *(row["shape"] for row in rows)]
    return [{**row, "shape": shape} for row, shape in zip(rows, before[:-1], strict=True)]


@misconception(
    "trace_network",
    hint="Your parameters add up from layer to layer. Each entry has the number of its own layer only.",
)
def adds_the_parameters_up(input_shape, layers):
    rows = reference.trace_network(input_shape, layers)
    total = 0
    for row in rows:
        total += row["parameters"]
        row["parameters"] = total
    return rows


@misconception(
    "trace_network",
    hint="Your shapes have an axis for the batch. The handout leaves it out: (28, 28, 6), not (None, 28, 28, 6).",
)
def gives_the_batch_an_axis(input_shape, layers):
    return [{**row, "shape": (None, *row["shape"])} for row in reference.trace_network(input_shape, layers)]


@misconception(
    "trace_network",
    hint="Your shapes are lists. The handout asks for tuples: a shape never changes, and NumPy's are tuples too.",
)
def gives_shapes_as_lists(input_shape, layers):
    return [{**row, "shape": list(row["shape"])} for row in reference.trace_network(input_shape, layers)]


@misconception(
    "trace_network",
    hint="Your channels come first. In this course they are the last axis: (H, W, C).",
)
def puts_the_channels_first(input_shape, layers):
    rows = reference.trace_network(input_shape, layers)
    return [{**row, "shape": (*row["shape"][2:], *row["shape"][:2])} for row in rows]


@misconception(
    "trace_network",
    hint="Height and width have changed places in your shapes. The rows come first: (H, W, C).",
)
def turns_height_and_width_round(input_shape, layers):
    rows = reference.trace_network(input_shape, layers)
    return [{**row, "shape": (*row["shape"][:2][::-1], *row["shape"][2:])} for row in rows]


@misconception(
    "trace_network",
    hint="You take the image as square, as wide as it is high. Compute the two sides apart.",
)
def takes_the_image_as_square(input_shape, layers):
    reference.trace_network(input_shape, layers)
    height, _, channels = input_shape
    return reference.trace_network((height, height, channels), layers)


@misconception(
    "trace_network",
    hint="Your sides are floats. Sizes are integers: use the division that rounds down.",
)
def traces_in_floats(input_shape, layers):
    rows = reference.trace_network(input_shape, layers)
    return [{**row, "shape": (*(side * 1.0 for side in row["shape"][:2]), *row["shape"][2:])} for row in rows]


@misconception(
    "trace_network",
    hint="You change the layers that you were given, by taking them off the list or by writing into them. They belong "
    "to the caller: make your own list.",
)
def takes_layers_off_the_list(input_shape, layers):
    rows = reference.trace_network(input_shape, layers)
    layers.clear()
    return rows


@misconception(
    "trace_network",
    hint="A filter that does not fit is accepted, and the shape has a side of 0 or less. The handout asks for a "
    "ValueError.",
)
def accepts_filters_that_do_not_fit(input_shape, layers):
    return _trace_unchecked(input_shape, layers, "conv")


@misconception(
    "trace_network",
    hint="A pooling window that does not fit is accepted, and the shape has a side of 0 or less. The handout asks for "
    "a ValueError.",
)
def accepts_windows_that_do_not_fit(input_shape, layers):
    return _trace_unchecked(input_shape, layers, "pool")


@misconception(
    "trace_network",
    hint="You ask about the height only: a filter or a window that is wider than the image is accepted. Check both "
    "sides.",
)
def asks_about_the_height_only(input_shape, layers):
    shape, rows = tuple(input_shape), []
    for layer in layers:
        if layer["type"] in ("conv", "pool"):
            reference.trace_network((shape[0], 10_000, shape[2]), [layer])
        shape, parameters = _unchecked(shape, layer, layer["type"])
        rows.append({"shape": shape, "parameters": parameters})
    return rows


@misconception(
    "trace_network",
    hint="A layer of a type that you do not know passes without a word. The handout asks for a ValueError: a typing "
    "mistake should be seen.",
)
def lets_unknown_layers_pass(input_shape, layers):
    return _trace(input_shape, layers, check=False)


@misconception(
    "trace_network",
    hint="A layer of a type that you do not know is left out of the list. The handout asks for a ValueError: a typing "
    "mistake should be seen.",
)
def skips_unknown_layers(input_shape, layers):
    return reference.trace_network(input_shape, [layer for layer in layers if layer["type"] in _TYPES])


@misconception(
    "trace_network",
    hint="A layer of a type that you do not know ends in a KeyError. The handout asks for a ValueError that names the "
    "type.",
)
def looks_unknown_layers_up(input_shape, layers):
    for layer in layers:
        if layer["type"] not in _TYPES:
            raise KeyError(layer["type"])
    return reference.trace_network(input_shape, layers)


@misconception(
    "trace_network",
    stateful=True,
    hint="Your second answer is the answer to the first call. Nothing may be kept between calls: look for a list "
    "outside the function, or one made as a default.",
)
def remembers_the_first_network():
    return _remember_the_first(reference.trace_network)


@misconception(
    "trace_network",
    stateful=True,
    hint="Your list still holds the layers of an earlier call. Make it inside the function, anew for each call.",
)
def goes_on_with_the_old_list():
    rows = []

    def trace(input_shape, layers):
        rows.extend(reference.trace_network(input_shape, layers))
        return list(rows)

    return trace


# receptive_field


@misconception(
    "receptive_field",
    hint="Your side does not depend on the strides. Behind a stride of 2, neighbours are two input pixels apart: each "
    "further tap reaches twice as far.",
)
def ignores_earlier_strides(layers):
    return 1 + sum(layer["size"] - 1 for layer in layers)


@misconception(
    "receptive_field",
    hint="A layer's own stride widens its own window in your sum. It moves that window; only the layers after it see "
    "its outputs further apart.",
)
def counts_the_own_stride(layers):
    side, step = 1, 1
    for layer in layers:
        step *= layer["stride"]
        side += (layer["size"] - 1) * step
    return side


@misconception(
    "receptive_field",
    hint="Only the stride of the layer right before counts in your sum. Strides multiply: two strides of 2 make a "
    "step of 4 input pixels.",
)
def counts_the_last_stride_only(layers):
    side, step = 1, 1
    for layer in layers:
        side += (layer["size"] - 1) * step
        step = layer["stride"]
    return side


@misconception(
    "receptive_field",
    hint="You add the strides of the layers before. They multiply: two strides of 2 make a step of 4 input pixels, "
    "and two of 3 make 9.",
)
def adds_the_strides(layers):
    side, step = 1, 1
    for layer in layers:
        side += (layer["size"] - 1) * step
        step += layer["stride"] - 1
    return side + 0


@misconception(
    "receptive_field",
    hint="You add up the sizes of the windows. Two 3x3 layers see 5x5, not 6x6: neighbouring windows overlap.",
)
def adds_the_sizes_up(layers):
    side, step = 0, 1
    for layer in layers:
        side += layer["size"] * step
        step *= layer["stride"]
    return side if layers else 1


@misconception(
    "receptive_field",
    hint="You multiply the sizes of the windows. Two 3x3 layers see 5x5, not 9x9: neighbouring windows overlap.",
)
def multiplies_the_sizes(layers):
    return math.prod(layer["size"] for layer in layers)


@misconception(
    "receptive_field",
    hint="Your pooling layers do not count. A pooled value looks at a whole window, and its stride spreads what comes "
    "after.",
)
def leaves_the_pools_out(layers):
    return reference.receptive_field([layer for layer in layers if layer["type"] != "pool"])


@misconception(
    "receptive_field",
    hint="The windows of your pooling layers add nothing. A pooled value looks at size pixels along a side, as a "
    "filter does.",
)
def counts_only_strides_of_pools(layers):
    return reference.receptive_field([{**layer, "size": 1} if layer["type"] == "pool" else layer for layer in layers])


@misconception(
    "receptive_field",
    hint="The strides of your pooling layers do not count. Behind a pooling layer neighbours are a stride apart, as "
    "behind a convolution.",
)
def leaves_strides_of_pools_out(layers):
    return reference.receptive_field([{**layer, "stride": 1} if layer["type"] == "pool" else layer for layer in layers])


@misconception(
    "receptive_field",
    hint="Your side is one pixel short. A pixel sees itself: the sum begins at 1.",
)
def begins_at_zero(layers):
    return reference.receptive_field(layers) - 1


@misconception(
    "receptive_field",
    hint="You go through the layers from the wrong end. The strides that count for a layer are those nearer to the "
    "image.",
)
def walks_from_the_wrong_end(layers):
    return reference.receptive_field(layers[::-1])


@misconception(
    "receptive_field",
    hint="Your side grows with the padding. Zeros at the border change what is seen there, not how far a window "
    "reaches.",
)
def adds_padding_to_the_side(layers):
    return reference.receptive_field(layers) + 2 * sum(layer.get("pad", 0) for layer in layers)


@misconception(
    "receptive_field",
    hint="You return the number of pixels in the window. The handout asks for its side.",
)
def gives_the_area(layers):
    return reference.receptive_field(layers) ** 2


@misconception(
    "receptive_field",
    hint="You return the distance of two neighbouring outputs in input pixels, which is the product of the strides. "
    "The handout asks how far one of them sees.",
)
def gives_the_distance_of_neighbours(layers):
    return math.prod(layer["stride"] for layer in layers)


@misconception(
    "receptive_field",
    hint="Your side is that of the last layer's window in its own input. Follow it back through all layers to the "
    "image.",
)
def looks_at_the_last_layer(layers):
    return layers[-1]["size"] if layers else 1


@misconception(
    "receptive_field",
    hint="An empty list of layers ends in an IndexError. Without layers a pixel sees itself, so the side is 1: begin "
    "with that, not with the first layer.",
)
def begins_with_the_first_layer(layers):
    if not layers:
        raise IndexError("list index out of range")
    return reference.receptive_field(layers)


@misconception(
    "receptive_field",
    hint="Your number is right, but it is a float. A side is counted in pixels: return an integer.",
)
def gives_the_side_as_a_float(layers):
    return float(reference.receptive_field(layers))


@misconception(
    "receptive_field",
    hint="You change the layers that you were given, by taking them off the list or by writing into them. They belong "
    "to the caller: go through the list and leave it whole.",
)
def uses_the_list_up(layers):
    side = reference.receptive_field(layers)
    layers.clear()
    return side


@misconception(
    "receptive_field",
    stateful=True,
    hint="Your second side is that of the first call. Nothing may be kept between calls: look for a variable outside "
    "the function.",
)
def remembers_the_first_field():
    return _remember_the_first(reference.receptive_field)


# resnet_depth


@misconception(
    "resnet_depth",
    hint="You count the layers of the blocks only. The first convolution and the last dense layer are weighted layers "
    "too.",
)
def forgets_the_first_and_last_layer(cfg):
    return reference.resnet_depth(cfg) - 2


@misconception(
    "resnet_depth",
    hint="You count one layer beside the blocks. There are two: a convolution before them and a dense layer after "
    "them.",
)
def forgets_one_end(cfg):
    return reference.resnet_depth(cfg) - 1


@misconception(
    "resnet_depth",
    hint="Your blocks have two layers, as in ResNet-34. The blocks of the deeper networks are bottlenecks: 1x1, 3x3, "
    "1x1.",
)
def counts_two_layers_a_block(cfg):
    reference.resnet_depth(cfg)
    return 2 * sum(cfg) + 2


@misconception(
    "resnet_depth",
    hint="You count the blocks, not their layers. Each block has three convolutions.",
)
def counts_blocks_as_layers(cfg):
    reference.resnet_depth(cfg)
    return sum(cfg) + 2


@misconception(
    "resnet_depth",
    hint="You count the pooling layers too. Only layers with weights make the depth.",
)
def counts_the_pooling_layers(cfg):
    return reference.resnet_depth(cfg) + 2


@misconception(
    "resnet_depth",
    hint="Your depth is four layers too many. The two layers at the ends are no blocks and count once; projections "
    "stand beside the main path and do not count.",
)
def multiplies_the_ends(cfg):
    reference.resnet_depth(cfg)
    return 3 * (sum(cfg) + 2)


@misconception(
    "resnet_depth",
    hint="The last stage is missing in your sum. `cfg` has four stages, and `range` leaves out its end.",
)
def loses_the_last_stage(cfg):
    reference.resnet_depth(cfg)
    return 3 * sum(cfg[:-1]) + 2


@misconception(
    "resnet_depth",
    hint="Your number is right, but it is a float. Layers are counted: return an integer.",
)
def gives_a_depth_as_a_float(cfg):
    return float(reference.resnet_depth(cfg))


@misconception(
    "resnet_depth",
    hint="Negative numbers of blocks are accepted. The handout asks for a ValueError.",
)
def accepts_negative_stages(cfg):
    return 3 * sum(cfg) + 2


@misconception(
    "resnet_depth",
    hint="You refuse by the sum, in which a negative count may be hidden by the others. Look at each stage.",
)
def refuses_by_the_sum(cfg):
    if sum(cfg) < 0:
        raise ValueError("a count is negative")
    return 3 * sum(cfg) + 2


@misconception(
    "resnet_depth",
    hint="You refuse a stage without blocks. Only a negative count is impossible.",
)
def refuses_an_empty_stage(cfg):
    if min(cfg) < 1:
        raise ValueError("a stage is empty")
    return reference.resnet_depth(cfg)


@misconception(
    "resnet_depth",
    hint="You take the stages off the list that you were given. It belongs to the caller: leave it whole.",
)
def uses_the_stages_up(cfg):
    depth = reference.resnet_depth(cfg)
    cfg.clear()
    return depth


@misconception(
    "resnet_depth",
    stateful=True,
    hint="Your second depth is that of the first call. Nothing may be kept between calls: look for a variable outside "
    "the function.",
)
def remembers_the_first_depth():
    return _remember_the_first(reference.resnet_depth)


# what several of them share

_TYPES = ("conv", "pool", "flatten", "dense", "dropout")


def _span(f, dilation):
    return dilation * (f - 1) + 1


def _room(n, f, pad, stride, dilation):
    """Pixels behind the filter's first place, refused where the reference does."""
    reference.conv_output_size(n, f, pad, stride, dilation)
    return n + 2 * pad - _span(f, dilation)


def _formula(n, f, pad, stride, dilation):
    return (n + 2 * pad - _span(f, dilation)) // stride + 1


def _right(shape, layer):
    (row,) = reference.trace_network(shape, [layer])
    return row["shape"], row["parameters"]


def _trace(input_shape, layers, *, check=True, **wrong):
    """Trace a network with wrong rules for some types; what the reference refuses is refused."""
    if check:
        reference.trace_network(input_shape, layers)
    shape, rows = tuple(input_shape), []
    for layer in layers:
        if layer["type"] in _TYPES:
            shape, parameters = wrong.get(layer["type"], _right)(shape, layer)
        else:
            parameters = 0
        rows.append({"shape": shape, "parameters": parameters})
    return rows


def _unchecked(shape, layer, kind):
    """One layer by the formulas alone, if it is of that kind."""
    if layer["type"] != kind or kind not in ("conv", "pool"):
        return _right(shape, layer)
    pad, channels = layer.get("pad", 0), layer.get("filters", shape[2])
    rows, columns = (_formula(side, layer["size"], pad, layer["stride"], 1) for side in shape[:2])
    learnt = (layer["size"] ** 2 * shape[2] + 1) * channels if kind == "conv" else 0
    return (rows, columns, channels), learnt


def _trace_unchecked(input_shape, layers, kind):
    shape, rows = tuple(input_shape), []
    for layer in layers:
        shape, parameters = _unchecked(shape, layer, kind)
        rows.append({"shape": shape, "parameters": parameters})
    return rows


def _remember_the_first(function):
    answers = []

    def remembering(*args, **kwargs):
        if not answers:
            answers.append(function(*args, **kwargs))
        return answers[0]

    return remembering
