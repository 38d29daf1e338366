"""Wrong solutions of hw12, each with one mistake and the hint that it proves.

Everything but the mistake is right, the refusals included: so it costs the points of its
own rule, and its wrong answers are nobody else's. A network is no array: there a mistake is
recognised by what a test finds in the layers, and in which blocks.
"""

import keras
import numpy as np

from grader.checks.misconceptions import load_beside, misconception
from grader.checks.resnet import shows

reference = load_beside(__file__, "residual.py")


# residual_block


@misconception(
    "residual_block",
    hint="Your block puts out ReLU(F(x)), as a network without shortcuts does. What makes it residual is the x that "
    "is added.",
)
def leaves_the_shortcut_out(x, w1, b1, w2, b2):
    return _residual(x, w1, b1, w2, b2, join=lambda f, x: _relu(f))


@misconception(
    "residual_block",
    hint="Your last ReLU stands before the sum, so F(x) can only add to x, never take anything away. Add first.",
)
def rectifies_before_the_sum(x, w1, b1, w2, b2):
    return _residual(x, w1, b1, w2, b2, join=lambda f, x: _relu(f) + x)


@misconception(
    "residual_block",
    hint="Behind your second convolution there is a ReLU too. F(x) has one between its convolutions; the next comes "
    "after the sum.",
)
def rectifies_before_and_after_the_sum(x, w1, b1, w2, b2):
    return _residual(x, w1, b1, w2, b2, join=lambda f, x: _relu(_relu(f) + x))


@misconception(
    "residual_block",
    hint="Your block puts out negative numbers. After the sum there comes a ReLU, as behind every layer.",
)
def leaves_the_last_relu_out(x, w1, b1, w2, b2):
    return _residual(x, w1, b1, w2, b2, join=lambda f, x: f + x)


@misconception(
    "residual_block",
    hint="Between your two convolutions there is no ReLU. Without it the two are no more than one convolution.",
)
def leaves_the_inner_relu_out(x, w1, b1, w2, b2):
    return _residual(x, w1, b1, w2, b2, inner=lambda maps: maps)


@misconception(
    "residual_block",
    hint="Your ReLU between the convolutions turns negative numbers round. It makes them 0: the larger of 0 and z.",
)
def takes_the_size_of_the_inner_maps(x, w1, b1, w2, b2):
    return _residual(x, w1, b1, w2, b2, inner=np.abs)


@misconception(
    "residual_block",
    hint="Your shortcut goes through a ReLU. It carries x as it is, the negative numbers too; the sum is rectified.",
)
def rectifies_the_shortcut(x, w1, b1, w2, b2):
    return _residual(x, w1, b1, w2, b2, join=lambda f, x: _relu(f + _relu(x)))


@misconception(
    "residual_block",
    hint="Your first convolution gets ReLU(x). It gets x as it is: F begins with a convolution.",
)
def rectifies_what_comes_in(x, w1, b1, w2, b2):
    _refuse(x, w1, b1, w2, b2)
    maps = _relu(_convolve(_relu(_as_float(x)), w1, b1))
    return _relu(_convolve(maps, w2, b2) + _as_float(x))


@misconception(
    "residual_block",
    hint="You subtract x. F(x) = H(x) - x is what the layers learn; the block puts out H(x), so x is added.",
)
def subtracts_what_comes_in(x, w1, b1, w2, b2):
    return _residual(x, w1, b1, w2, b2, join=lambda f, x: _relu(f - x))


@misconception(
    "residual_block",
    hint="Your shortcut begins behind the first convolution. It begins at x and goes round both.",
)
def adds_the_inner_maps(x, w1, b1, w2, b2):
    _refuse(x, w1, b1, w2, b2)
    maps = _relu(_convolve(x, w1, b1))
    if maps.shape != x.shape:
        raise ValueError("shapes differ")
    return _relu(_convolve(maps, w2, b2) + maps)


@misconception(
    "residual_block",
    hint="The bias of your first convolution is missing. Each of its maps is raised by its own bias, before the ReLU.",
)
def forgets_the_first_bias(x, w1, b1, w2, b2):
    return _residual(x, w1, 0 * b1, w2, b2)


@misconception(
    "residual_block",
    hint="The bias of your second convolution is missing. Each map of F(x) is raised by its own bias, before the sum.",
)
def forgets_the_second_bias(x, w1, b1, w2, b2):
    return _residual(x, w1, b1, w2, 0 * b2)


@misconception(
    "residual_block",
    hint="Your first bias is added behind the ReLU. It belongs to the convolution: what is rectified is the sum with "
    "it.",
)
def adds_the_first_bias_too_late(x, w1, b1, w2, b2):
    return _residual(x, w1, 0 * b1, w2, b2, inner=lambda maps: _relu(maps) + b1.astype(maps.dtype))


@misconception(
    "residual_block",
    hint="Your filters are flipped. As everywhere in this course, the filter lies on the window as it stands.",
)
def flips_the_filters(x, w1, b1, w2, b2):
    return reference.residual_block(x, w1[::-1, ::-1], b1, w2[::-1, ::-1], b2)


@misconception(
    "residual_block",
    hint="Your padding is 1 whatever the filter. A filter of f x f keeps the size with a padding of (f-1)/2: none for "
    "1x1, 2 for 5x5.",
)
def pads_by_one(x, w1, b1, w2, b2):
    return _padded_by(x, w1, b1, w2, b2, pads=(1, 1))


@misconception(
    "residual_block",
    hint="Both your convolutions are padded for the first filter. The second may have another size, and needs its own "
    "padding.",
)
def pads_for_the_first_filter(x, w1, b1, w2, b2):
    return _padded_by(x, w1, b1, w2, b2, pads=(len(w1) // 2, len(w1) // 2))


@misconception(
    "residual_block",
    hint="Your maps become smaller, and you cut x down to them. Zeros around the maps keep their size, so that x fits "
    "as it is.",
)
def cuts_the_shortcut_down(x, w1, b1, w2, b2):
    _refuse(x, w1, b1, w2, b2)
    lost = len(w1) // 2 + len(w2) // 2
    height, width = x.shape[1:3]
    if min(height, width) <= 2 * lost:
        raise ValueError("nothing is left")
    inside = (slice(None), slice(lost, height - lost), slice(lost, width - lost))
    maps = _relu(_valid(_as_float(x), w1, b1))
    return _relu(_valid(maps, w2, b2) + _as_float(x)[inside])


@misconception(
    "residual_block",
    hint="Beyond the border your maps go on with their last values. The handout pads with zeros.",
)
def pads_with_the_border(x, w1, b1, w2, b2):
    _refuse(x, w1, b1, w2, b2)
    maps = _relu(_edged(_as_float(x), w1, b1))
    return _relu(_edged(maps, w2, b2) + _as_float(x))


@misconception(
    "residual_block",
    hint="F(x) and x are added although their channels differ, because NumPy repeats a single channel silently. The "
    "handout asks for a ValueError.",
)
def repeats_a_single_channel(x, w1, b1, w2, b2):
    return _relu(_convolve(_relu(_convolve(x, w1, b1)), w2, b2) + _as_float(x))


@misconception(
    "residual_block",
    hint="Where the channels of F(x) and x differ, you fill the missing ones with zeros. The handout asks for a "
    "ValueError.",
)
def fills_channels_with_zeros(x, w1, b1, w2, b2):
    residual = _convolve(_relu(_convolve(x, w1, b1)), w2, b2)
    return _relu(_widened(residual, x.shape[3]) + _widened(_as_float(x), w2.shape[3]))


@misconception(
    "residual_block",
    hint="You add F(x) into the x that you were given: += works in the caller's array. Make a new one.",
)
def adds_in_place(x, w1, b1, w2, b2):
    h = reference.residual_block(x, w1, b1, w2, b2)
    x += _residual(x, w1, b1, w2, b2, join=lambda f, x: f).astype(x.dtype)
    return h


@misconception(
    "residual_block",
    hint="Every image of your result comes from the first one of the batch. Look at how the first axis is used.",
)
def runs_the_first_image(x, w1, b1, w2, b2):
    return np.repeat(reference.residual_block(x, w1, b1, w2, b2)[:1], len(x), axis=0)


@misconception(
    "residual_block",
    hint="Your result is cut to whole numbers where the images are integers. An array took over the dtype of x; it "
    "has to be float64.",
)
def runs_in_integers(x, w1, b1, w2, b2):
    return reference.residual_block(x, w1, b1, w2, b2).astype(x.dtype)


@misconception(
    "residual_block",
    hint="Your result is an integer array where all arguments are integers. Integer images have to give float64.",
)
def takes_the_dtype_of_the_sum(x, w1, b1, w2, b2):
    return reference.residual_block(x, w1, b1, w2, b2).astype(np.result_type(x, w1, b1, w2, b2))


@misconception(
    "residual_block",
    hint="Your result is float64 although the images are float32. A new array of zeros is float64 unless you say "
    "otherwise.",
)
def runs_in_float64(x, w1, b1, w2, b2):
    return reference.residual_block(x, w1, b1, w2, b2).astype(np.float64)


@misconception(
    "residual_block",
    stateful=True,
    hint="Your second answer is the answer to the first call. Nothing may be kept between calls: look for an array "
    "outside the function.",
)
def runs_once_and_remembers():
    return _remember_the_first(reference.residual_block)


# bottleneck_block


@misconception(
    "bottleneck_block",
    hint="Your bottleneck puts out ReLU(F(x)): the shortcut is missing. Add x, or its projection, before the last "
    "ReLU.",
)
def leaves_the_bottleneck_s_shortcut_out(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    return _bottleneck(x, w1, b1, w2, b2, w3, b3, w_proj, b_proj, join=lambda f, s: _relu(f))


@misconception(
    "bottleneck_block",
    hint="Your last ReLU stands before the sum, so F(x) can only add to the shortcut. Add first, then rectify.",
)
def rectifies_the_bottleneck_before_the_sum(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    return _bottleneck(x, w1, b1, w2, b2, w3, b3, w_proj, b_proj, join=lambda f, s: _relu(f) + s)


@misconception(
    "bottleneck_block",
    hint="Behind your third convolution there is a ReLU of its own. F(x) has one behind the first and the second; the "
    "next comes after the sum.",
)
def rectifies_behind_every_convolution(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    return _bottleneck(x, w1, b1, w2, b2, w3, b3, w_proj, b_proj, join=lambda f, s: _relu(_relu(f) + s))


@misconception(
    "bottleneck_block",
    hint="Your bottleneck puts out negative numbers. After the sum comes a ReLU.",
)
def leaves_the_bottleneck_s_last_relu_out(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    return _bottleneck(x, w1, b1, w2, b2, w3, b3, w_proj, b_proj, join=lambda f, s: f + s)


@misconception(
    "bottleneck_block",
    hint="Behind your first convolution there is no ReLU. The 1x1 layer that makes the maps narrow has one too.",
)
def leaves_the_first_relu_out(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    return _bottleneck(x, w1, b1, w2, b2, w3, b3, w_proj, b_proj, first=lambda maps: maps)


@misconception(
    "bottleneck_block",
    hint="Behind your 3x3 convolution there is no ReLU. Both inner layers of the bottleneck have one.",
)
def leaves_the_second_relu_out(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    return _bottleneck(x, w1, b1, w2, b2, w3, b3, w_proj, b_proj, second=lambda maps: maps)


@misconception(
    "bottleneck_block",
    hint="Your shortcut of x goes through a ReLU. It carries x as it is, the negative numbers too; the sum is "
    "rectified.",
)
def rectifies_the_identity(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    if w_proj is not None:
        return reference.bottleneck_block(x, w1, b1, w2, b2, w3, b3, w_proj, b_proj)
    return _bottleneck(x, w1, b1, w2, b2, w3, b3, join=lambda f, s: _relu(f + _relu(s)))


@misconception(
    "bottleneck_block",
    hint="Your projection goes through a ReLU before the sum. It is a convolution and nothing else.",
)
def rectifies_the_projection(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    if w_proj is None:
        return reference.bottleneck_block(x, w1, b1, w2, b2, w3, b3)
    return _bottleneck(x, w1, b1, w2, b2, w3, b3, w_proj, b_proj, join=lambda f, s: _relu(f + _relu(s)))


@misconception(
    "bottleneck_block",
    hint="The bias of your projection is missing. The projection is a convolution like any other, with `b_proj`.",
)
def forgets_the_bias_of_the_projection(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    b_proj = None if b_proj is None else 0 * b_proj
    return reference.bottleneck_block(x, w1, b1, w2, b2, w3, b3, w_proj, b_proj)


@misconception(
    "bottleneck_block",
    hint="You take the projection only where the channels differ. Where it is given it is the shortcut, also if x "
    "would fit.",
)
def projects_only_where_channels_differ(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    if w_proj is not None and x.shape[3] == w3.shape[3]:
        w_proj = b_proj = None
    return reference.bottleneck_block(x, w1, b1, w2, b2, w3, b3, w_proj, b_proj)


@misconception(
    "bottleneck_block",
    hint="You never use the projection: a block that widens its maps is refused. Where `w_proj` is given, the "
    "shortcut is the projection of x.",
)
def never_projects(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    return reference.bottleneck_block(x, w1, b1, w2, b2, w3, b3)


@misconception(
    "bottleneck_block",
    hint="You add the projection and x as well. There is one shortcut: the projection takes the place of x.",
)
def adds_both_shortcuts(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    def join(f, s):
        if w_proj is not None and s.shape == x.shape:
            s = s + _as_float(x)
        return _relu(f + s)

    return _bottleneck(x, w1, b1, w2, b2, w3, b3, w_proj, b_proj, join=join)


@misconception(
    "bottleneck_block",
    hint="Your projection gets ReLU(x). It gets x as it is, the negative numbers too.",
)
def projects_what_is_rectified(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    def join(f, s):
        return _relu(f + (s if w_proj is None else _convolve(_relu(_as_float(x)), w_proj, b_proj)))

    return _bottleneck(x, w1, b1, w2, b2, w3, b3, w_proj, b_proj, join=join)


@misconception(
    "bottleneck_block",
    hint="You subtract the shortcut. F(x) = H(x) - x is what the layers learn; the block puts out H(x), so it is "
    "added.",
)
def subtracts_the_shortcut(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    return _bottleneck(x, w1, b1, w2, b2, w3, b3, w_proj, b_proj, join=lambda f, s: _relu(f - s))


@misconception(
    "bottleneck_block",
    hint="The bias of your first convolution is missing. Each narrow map is raised by its own bias, before the ReLU.",
)
def forgets_the_narrow_bias(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    return reference.bottleneck_block(x, w1, 0 * b1, w2, b2, w3, b3, w_proj, b_proj)


@misconception(
    "bottleneck_block",
    hint="The bias of your 3x3 convolution is missing. Each of its maps is raised by its own bias, before the ReLU.",
)
def forgets_the_middle_bias(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    return reference.bottleneck_block(x, w1, b1, w2, 0 * b2, w3, b3, w_proj, b_proj)


@misconception(
    "bottleneck_block",
    hint="The bias of your third convolution is missing. Each map of F(x) is raised by its own bias, before the sum.",
)
def forgets_the_wide_bias(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    return reference.bottleneck_block(x, w1, b1, w2, b2, w3, 0 * b3, w_proj, b_proj)


@misconception(
    "bottleneck_block",
    hint="Your 3x3 filters are flipped. As everywhere in this course, the filter lies on the window as it stands.",
)
def flips_the_middle_filters(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    return reference.bottleneck_block(x, w1, b1, w2[::-1, ::-1], b2, w3, b3, w_proj, b_proj)


@misconception(
    "bottleneck_block",
    hint="Your 3x3 convolution makes the maps smaller, and you cut the shortcut down to them. A frame of zeros keeps "
    "the size.",
)
def cuts_the_bottleneck_s_shortcut_down(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    reference.bottleneck_block(x, w1, b1, w2, b2, w3, b3, w_proj, b_proj)
    if min(x.shape[1:3]) < 3:
        raise ValueError("nothing is left")
    maps = _relu(_valid(_relu(_convolve(x, w1, b1)), w2, b2))
    shortcut = _as_float(x) if w_proj is None else _convolve(x, w_proj, b_proj)
    return _relu(_convolve(maps, w3, b3) + shortcut[:, 1:-1, 1:-1])


@misconception(
    "bottleneck_block",
    hint="Beyond the border your narrow maps go on with their last values. The handout pads with zeros.",
)
def pads_the_middle_with_the_border(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    reference.bottleneck_block(x, w1, b1, w2, b2, w3, b3, w_proj, b_proj)
    maps = _relu(_edged(_relu(_convolve(x, w1, b1)), w2, b2))
    shortcut = _as_float(x) if w_proj is None else _convolve(x, w_proj, b_proj)
    return _relu(_convolve(maps, w3, b3) + shortcut)


@misconception(
    "bottleneck_block",
    hint="You pad x before the first convolution instead of its maps. What the 3x3 filter sees at the border then is "
    "the ReLU of a bias, not 0.",
)
def pads_the_images(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    reference.bottleneck_block(x, w1, b1, w2, b2, w3, b3, w_proj, b_proj)
    padded = np.pad(_as_float(x), ((0, 0), (1, 1), (1, 1), (0, 0)))
    maps = _relu(_valid(_relu(_convolve(padded, w1, b1)), w2, b2))
    shortcut = _as_float(x) if w_proj is None else _convolve(x, w_proj, b_proj)
    return _relu(_convolve(maps, w3, b3) + shortcut)


@misconception(
    "bottleneck_block",
    hint="F(x) and the shortcut are added although their channels differ, because NumPy repeats a single channel "
    "silently. The handout asks for a ValueError.",
)
def repeats_a_single_channel_of_the_shortcut(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    maps = _relu(_convolve(_relu(_convolve(x, w1, b1)), w2, b2))
    shortcut = _as_float(x) if w_proj is None else _convolve(x, w_proj, b_proj)
    return _relu(_convolve(maps, w3, b3) + shortcut)


@misconception(
    "bottleneck_block",
    hint="Where the channels of F(x) and the shortcut differ, you fill the missing ones with zeros. The handout asks "
    "for a ValueError.",
)
def fills_the_shortcut_with_zeros(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    maps = _relu(_convolve(_relu(_convolve(x, w1, b1)), w2, b2))
    shortcut = _as_float(x) if w_proj is None else _convolve(x, w_proj, b_proj)
    channels = max(w3.shape[3], shortcut.shape[3])
    return _relu(_widened(_convolve(maps, w3, b3), channels) + _widened(shortcut, channels))


@misconception(
    "bottleneck_block",
    hint="You add F(x) into the x that you were given: += works in the caller's array. Make a new one.",
)
def adds_the_bottleneck_in_place(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    h = reference.bottleneck_block(x, w1, b1, w2, b2, w3, b3, w_proj, b_proj)
    if w_proj is None:
        x += _bottleneck(x, w1, b1, w2, b2, w3, b3, join=lambda f, s: f).astype(x.dtype)
    return h


@misconception(
    "bottleneck_block",
    hint="Every image of your result comes from the first one of the batch. Look at how the first axis is used.",
)
def runs_the_first_image_only(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    h = reference.bottleneck_block(x, w1, b1, w2, b2, w3, b3, w_proj, b_proj)
    return np.repeat(h[:1], len(x), axis=0)


@misconception(
    "bottleneck_block",
    hint="Your result is cut to whole numbers where the images are integers. An array took over the dtype of x; it "
    "has to be float64.",
)
def runs_the_bottleneck_in_integers(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    return reference.bottleneck_block(x, w1, b1, w2, b2, w3, b3, w_proj, b_proj).astype(x.dtype)


@misconception(
    "bottleneck_block",
    hint="Your result is an integer array where all arguments are integers. Integer images have to give float64.",
)
def takes_the_dtype_of_the_arguments(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    h = reference.bottleneck_block(x, w1, b1, w2, b2, w3, b3, w_proj, b_proj)
    return h.astype(np.result_type(x, w1, b1, w2, b2, w3, b3))


@misconception(
    "bottleneck_block",
    hint="Your result is float64 although the images are float32. A new array of zeros is float64 unless you say "
    "otherwise.",
)
def runs_the_bottleneck_in_float64(x, w1, b1, w2, b2, w3, b3, w_proj=None, b_proj=None):
    return reference.bottleneck_block(x, w1, b1, w2, b2, w3, b3, w_proj, b_proj).astype(np.float64)


@misconception(
    "bottleneck_block",
    stateful=True,
    hint="Your second answer is the answer to the first call. Nothing may be kept between calls: look for an array "
    "outside the function.",
)
def runs_the_bottleneck_once_and_remembers():
    return _remember_the_first(reference.bottleneck_block)


# what several of them share


# build_resnet


def _everywhere(place):
    return True


def _in_first_blocks(place):
    return place.block == 0


def _in_other_blocks(place):
    return place.block > 0


def _in_later_stages(place):
    return place.stage > 0


def _where_a_later_stage_begins(place):
    return place.stage > 0 and place.block == 0


def _where_the_first_stage_begins(place):
    return place.stage == 0 and place.block == 0


@misconception(
    "build_resnet",
    hint="No block of yours has a shortcut. What makes a network residual is the sum with what comes into the block.",
    recognise=shows(no_sum=_everywhere),
)
def builds_a_plain_network(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, classes, third="relu", join=lambda y, x: y)


@misconception(
    "build_resnet",
    hint="Where the shape changes, your blocks have no shortcut. There the lecture's block adds a 1x1 projection of "
    "what comes in.",
    recognise=shows(no_sum=_in_first_blocks),
)
def leaves_the_projections_out(cfg, input_shape, classes):
    def join(y, x):
        return keras.layers.ReLU()(keras.layers.Add()([y, x]) if x.shape == y.shape else y)

    return _resnet(cfg, input_shape, classes, projects=lambda block: False, join=join)


@misconception(
    "build_resnet",
    hint="Every block of yours has a projection. Where the shape does not change, what comes in is added as it is.",
    recognise=shows(needless=_in_other_blocks),
)
def projects_in_every_block(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, classes, projects=lambda block: True)


@misconception(
    "build_resnet",
    hint="Your projections have filters of 3x3. A projection looks at one pixel at a time: 1x1.",
    recognise=shows(size=_in_first_blocks),
)
def projects_windows(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, classes, projection=3)


@misconception(
    "build_resnet",
    hint="Your projections go through a ReLU before the sum. A projection is a convolution and nothing else.",
    recognise=shows(rectified=_in_first_blocks),
)
def rectifies_projections(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, classes, projected="relu")


@misconception(
    "build_resnet",
    hint="In your blocks the last ReLU stands before the sum and none after it. Add first, then rectify.",
    recognise=shows(before_sum=_everywhere, after_sum=_everywhere),
)
def rectifies_before_the_sums(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, classes, third="relu", join=lambda y, x: keras.layers.Add()([y, x]))


@misconception(
    "build_resnet",
    hint="Behind the sums of your network there is no ReLU: it puts out negative maps. Each block ends in one.",
    recognise=shows(after_sum=_everywhere),
)
def leaves_the_last_relus_out(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, classes, join=lambda y, x: keras.layers.Add()([y, x]))


@misconception(
    "build_resnet",
    hint="Behind the third convolution of your blocks there is a ReLU of its own. What is added may be negative; the "
    "ReLU comes after the sum.",
    recognise=shows(before_sum=_everywhere),
)
def rectifies_every_layer(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, classes, third="relu")


@misconception(
    "build_resnet",
    hint="Inside your blocks there is no ReLU. Behind the first and the second convolution there is one each.",
    recognise=shows(inner=_everywhere),
)
def leaves_the_inner_relus_out(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, classes, inner=None)


@misconception(
    "build_resnet",
    hint="Your stages all have maps of the same size. The first block of each stage but the first has stride 2.",
    recognise=shows(missing=_where_a_later_stage_begins),
)
def never_halves_the_maps(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, classes, stride=lambda stage, block: 1)


@misconception(
    "build_resnet",
    hint="Your first stage halves the maps too. The pooling has done that already: only the later stages begin with "
    "stride 2.",
    recognise=shows(too_many=_where_the_first_stage_begins),
)
def halves_in_the_first_stage_too(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, classes, stride=lambda stage, block: 1 if block else 2)


@misconception(
    "build_resnet",
    hint="The third convolution of your blocks has as many filters as the first. It makes the maps wide again: four "
    "times as many.",
    recognise=shows(wide=_everywhere),
)
def stays_narrow(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, classes, wide=1)


@misconception(
    "build_resnet",
    hint="Your stages all have 64 narrow filters. Each stage has twice as many as the one before: 64, 128, 256, 512.",
    recognise=shows(narrow=_in_later_stages, wide=_in_later_stages),
)
def never_doubles_the_filters(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, classes, narrow=lambda stage: 64)


@misconception(
    "build_resnet",
    hint="Your blocks have two convolutions, as in ResNet-34. A bottleneck has three: 1x1, 3x3, 1x1.",
    recognise=shows(count=_everywhere),
)
def builds_blocks_of_two(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, classes, first=False)


@misconception(
    "build_resnet",
    hint="A stage of yours has a block more than cfg says. The one with the projection is one of the cfg[i].",
    recognise=shows("more", "depth"),
)
def builds_a_block_too_many(cfg, input_shape, classes):
    return _resnet([blocks + 1 for blocks in cfg], input_shape, classes)


@misconception(
    "build_resnet",
    hint="Your network begins with filters of 3x3, as networks for small pictures do. The lecture's are 7x7.",
    recognise=shows("convolution_size"),
)
def begins_with_3x3(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, classes, stem=lambda x: _stem(x, size=3))


@misconception(
    "build_resnet",
    hint='Neither layer of your stem is padded. Keras does not do it unasked: padding="same".',
    recognise=shows("convolution_padding", "pool_padding"),
)
def pads_nothing_in_the_stem(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, classes, stem=lambda x: _stem(x, padding="valid", pool_padding="valid"))


@misconception(
    "build_resnet",
    hint="The pooling layer of your stem is not padded, so its maps are smaller than half the size, rounded up.",
    recognise=shows("pool_padding"),
)
def pads_nothing_in_the_pool(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, classes, stem=lambda x: _stem(x, pool_padding="valid"))


@misconception(
    "build_resnet",
    hint="Behind your first convolution there is no maximum. A pooling layer of 3x3 with stride 2 comes before the "
    "first block.",
    recognise=shows("no_maximum"),
)
def leaves_the_pooling_out(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, classes, stem=lambda x: _stem(x, pool=0))


@misconception(
    "build_resnet",
    hint="Your pooling layer looks at windows of 2x2. In this network they are 3x3 and overlap.",
    recognise=shows("pool_size"),
)
def pools_2x2(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, classes, stem=lambda x: _stem(x, pool=2))


@misconception(
    "build_resnet",
    hint="Behind your first convolution there is no ReLU.",
    recognise=shows("relu"),
)
def leaves_the_stem_s_relu_out(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, classes, stem=lambda x: _stem(x, activation=None))


@misconception(
    "build_resnet",
    hint="You flatten the last maps. The lecture's network takes the mean of each map, so it works for images of any "
    "size.",
    recognise=shows("no_average", "more flatten"),
)
def flattens_the_last_maps(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, classes, pool="Flatten")


@misconception(
    "build_resnet",
    hint="You take the maximum of each of the last maps. The lecture's network takes the mean.",
    recognise=shows("no_average", "more global_max_pooling2d"),
)
def takes_the_maximum_of_each_map(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, classes, pool="GlobalMaxPooling2D")


@misconception(
    "build_resnet",
    hint="The last layer has no softmax: its numbers are no probabilities.",
    recognise=shows("softmax"),
)
def leaves_the_softmax_out(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, classes, end=None)


@misconception(
    "build_resnet",
    hint="Your last layer has 1000 nodes whatever is asked. That is ImageNet; the number of classes is an argument.",
    recognise=shows("classes"),
)
def always_a_thousand_classes(cfg, input_shape, classes):
    return _resnet(cfg, input_shape, 1000)


def _resnet(
    cfg,
    input_shape,
    classes,
    *,
    stem=lambda x: _stem(x),
    narrow=lambda stage: 64 * 2**stage,
    wide=4,
    first=True,
    inner="relu",
    third=None,
    stride=lambda stage, block: 2 if stage and not block else 1,
    projects=lambda block: block == 0,
    projection=1,
    projected=None,
    join=lambda y, x: keras.layers.ReLU()(keras.layers.Add()([y, x])),
    pool="GlobalAveragePooling2D",
    end="softmax",
):
    """Build the reference's network, but for what is said."""
    layers = keras.layers
    inputs = keras.Input(input_shape)
    x = stem(inputs)
    for stage, blocks in enumerate(cfg):
        for block in range(blocks):
            filters, step = narrow(stage), stride(stage, block)
            y = layers.Conv2D(filters, 1, step, activation=inner)(x) if first else x
            y = layers.Conv2D(filters, 3, 1 if first else step, padding="same", activation=inner)(y)
            y = layers.Conv2D(wide * filters, 1, activation=third)(y)
            if projects(block):
                x = layers.Conv2D(wide * filters, projection, step, padding="same", activation=projected)(x)
            x = join(y, x)
    x = getattr(layers, pool)()(x)
    return keras.Model(inputs, layers.Dense(classes, activation=end)(x))


def _stem(x, *, size=7, padding="same", pool=3, pool_padding="same", activation="relu"):
    x = keras.layers.Conv2D(64, size, 2, padding=padding, activation=activation)(x)
    return keras.layers.MaxPooling2D(pool, 2, padding=pool_padding)(x) if pool else x


# what several of them share


def _relu(maps):
    return np.maximum(maps, 0)


def _as_float(x):
    return x.astype(np.float32 if x.dtype == np.float32 else np.float64)


def _convolve(x, w, b):
    """Zeros around the maps, as the reference has them."""
    pad = len(w) // 2
    return _valid(np.pad(_as_float(x), ((0, 0), (pad, pad), (pad, pad), (0, 0))), w, b)


def _edged(x, w, b):
    pad = len(w) // 2
    return _valid(np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode="edge"), w, b)


def _valid(x, w, b):
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[:2], axis=(1, 2))
    return np.einsum("nijcuv,uvck->nijk", windows, w.astype(x.dtype)) + b.astype(x.dtype)


def _padded_by(x, w1, b1, w2, b2, *, pads):
    """A residual block with these paddings; where the sum is impossible, NumPy's ValueError."""
    _refuse(x, w1, b1, w2, b2)
    frames = [((0, 0), (pad, pad), (pad, pad), (0, 0)) for pad in pads]
    maps = _relu(_valid(np.pad(_as_float(x), frames[0]), w1, b1))
    maps = _valid(np.pad(maps, frames[1]), w2, b2)
    if maps.shape != x.shape:
        raise ValueError("F(x) and x differ in shape")
    return _relu(maps + _as_float(x))


def _widened(maps, channels):
    missing = max(channels - maps.shape[3], 0)
    return np.pad(maps, ((0, 0), (0, 0), (0, 0), (0, missing)))


def _refuse(x, w1, b1, w2, b2):
    reference.residual_block(x, w1, b1, w2, b2)


def _residual(x, w1, b1, w2, b2, *, inner=_relu, join=lambda f, x: _relu(f + x)):
    _refuse(x, w1, b1, w2, b2)
    return join(_convolve(inner(_convolve(x, w1, b1)), w2, b2), _as_float(x))


def _bottleneck(
    x,
    w1,
    b1,
    w2,
    b2,
    w3,
    b3,
    w_proj=None,
    b_proj=None,
    *,
    first=_relu,
    second=_relu,
    join=lambda f, s: _relu(f + s),
):
    reference.bottleneck_block(x, w1, b1, w2, b2, w3, b3, w_proj, b_proj)
    maps = second(_convolve(first(_convolve(x, w1, b1)), w2, b2))
    shortcut = _as_float(x) if w_proj is None else _convolve(x, w_proj, b_proj)
    return join(_convolve(maps, w3, b3), shortcut)


def _remember_the_first(function):
    answers = []

    def remembering(*args, **kwargs):
        if not answers:
            answers.append(function(*args, **kwargs))
        return answers[0]

    return remembering
