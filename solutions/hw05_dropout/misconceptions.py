"""Wrong solutions of hw5, each with one mistake and the hint that it proves.

Everything but the mistake is right, the refusals included. The two functions that draw are
known by what their answers have in common, not by equality: a student draws in another way.
Their recognisers look at all calls of a test, compare values with what follows from the
student's own mask, and believe in a rule of chance only where a right function would show
it less than once in a million.
"""

import math
from collections import namedtuple

import numpy as np

from grader.checks.binomial import chance_of_the_mean, fits_rate
from grader.checks.misconceptions import load_beside, misconception
from grader.records import Returned

reference = load_beside(__file__, "dropout.py")

RARE = 1e-6  # a right function shows this less often

Answer = namedtuple("Answer", "x p seed values mask")


# how a mistake in a draw is recognised


def _answers(calls):
    """Take the pairs of the calls apart; what is none raises, and is then no known mistake."""
    answers = []
    for call in calls:
        x, p, seed = call.args
        values, mask = call.reply.value
        if values.shape != x.shape or mask.shape != x.shape or not np.isin(mask, (0, 1)).all():
            raise ValueError("not values and a mask")
        answers.append(Answer(x, p, seed, values, mask.astype(np.int64)))
    return answers


def _chances(calls):
    """The answers in which chance has a part."""
    return [answer for answer in _answers(calls) if 0 < answer.p < 1]


def _where_values(wrong, right):
    """Every answer has the values that `wrong` makes of x, p and the student's mask; some are not right.

    Where p is 0 nothing can be told: all values are 0.
    """

    def recognise(calls):
        answers = [each for each in _answers(calls) if each.p > 0]
        are_wrong = [_close(each.values, wrong(each.x, each.p, each.mask)) for each in answers]
        are_right = [_close(each.values, right(each.x, each.p, each.mask)) for each in answers]
        return all(are_wrong) and not all(are_right)

    return recognise


def _close(got, expected):
    return bool(np.allclose(got, expected, rtol=1e-5, atol=1e-7, equal_nan=True))


def _where_the_rate_is(rate):
    """The shares of nodes that stay are those of `rate(p)`, and of no other rate that is known.

    Left out are answers with values of 0, which do not show whether their nodes stay.
    """

    def recognise(calls):
        answers = [each for each in _answers(calls) if each.x.all()]
        if any(_is_constant(answers, axes_of) for axes_of in (all_axes, sample_axes, batch_axis)):
            return False
        if not all(np.array_equal(each.values != 0, each.mask != 0) for each in answers):
            return False
        masks = {p: [each.mask for each in answers if each.p == p] for p in {each.p for each in answers}}
        fits = all(fits_rate(drawn, rate(p), false_alarm=RARE) for p, drawn in masks.items())
        misfits = (
            any(not fits_rate(drawn, other(p), false_alarm=RARE) for p, drawn in masks.items())
            for other in (_stays, _drops, _half, _normal)
            if other is not rate
        )
        return fits and all(misfits)

    return recognise


def _stays(p):
    return p


def _drops(p):
    return 1 - p


def _half(p):
    return 0.5


def _normal(p):
    return (1 + math.erf(p / math.sqrt(2))) / 2


def all_axes(ndim):
    return tuple(range(ndim))


def sample_axes(ndim):
    return tuple(range(1, ndim))


def batch_axis(ndim):
    return (0,) if ndim > 1 else ()


def map_axes(ndim):
    return (1, 2) if ndim == 4 else ()


def _is_constant(answers, axes_of):
    """Every mask is constant along these axes, and chance would not make it so."""
    log_chance = 0.0
    for each in answers:
        axes = axes_of(each.mask.ndim)
        size = math.prod(each.mask.shape[axis] for axis in axes)
        if size < 2 or not 0 < each.p < 1:
            continue
        if np.any(each.mask.max(axis=axes) != each.mask.min(axis=axes)):
            return False
        log_chance += each.mask.size // size * math.log(each.p**size + (1 - each.p) ** size)
    return log_chance < math.log(RARE)


def _where_one_draw_stands_for(axes_of, *wider):
    """Masks are constant along these axes, and not along wider ones."""

    def recognise(calls):
        answers = _answers(calls)
        return _is_constant(answers, axes_of) and not any(_is_constant(answers, other) for other in wider)

    return recognise


def _seeds_a_global_generator(calls):
    """Every draw changed a global generator, and one seed gives one mask all the same."""
    masks = {}
    for call, each in zip(calls, _answers(calls), strict=True):
        key = each.x.tobytes(), each.p, each.seed
        if not call.reply.touched or not np.array_equal(masks.setdefault(key, each.mask), each.mask):
            return False
    return len(masks) < len(calls)


def _keeps_a_fixed_number(calls):
    answers = _chances(calls)
    hits = all(abs(each.mask.sum() - each.mask.size * each.p) < 1 for each in answers)
    return hits and math.prod(chance_of_the_mean(each.mask.size, each.p) for each in answers) < RARE


def _is_the_same_for_every_seed(calls):
    """Where all but the seed agrees, so does the mask."""
    pairs = [
        (one, other)
        for index, one in enumerate(_chances(calls))
        for other in _chances(calls[:index])
        if one.seed != other.seed and one.p == other.p and one.x.shape == other.x.shape
    ]
    same = all(np.array_equal(one.mask, other.mask) for one, other in pairs)
    chance = min(((p**2 + (1 - p) ** 2) ** one.mask.size for one, _ in pairs for p in (one.p,)), default=1.0)
    return same and chance < RARE and not _is_constant(_answers(calls), all_axes)


def _differs_for_one_seed(calls):
    answers = _answers(calls)
    return any(
        not np.array_equal(one.mask, other.mask)
        for index, one in enumerate(answers)
        for other in answers[:index]
        if one.seed == other.seed and one.p == other.p and np.array_equal(one.x, other.x)
    )


def _knows_the_mask_from_the_values(calls):
    """Where nothing may drop out, the mask is 0 exactly at values of 0."""
    answers = [each for each in _answers(calls) if each.p == 1 and not each.x.all()]
    return bool(answers) and all(np.array_equal(each.mask, each.x != 0) for each in answers)


def _returns_one_array(calls):
    return all(type(call.reply.value) is np.ndarray and call.reply.value.shape == call.args[0].shape for call in calls)


def _returns_the_mask_first(calls):
    swapped = [(call.args[0], *call.reply.value) for call in calls]
    masks = all(np.isin(mask, (0, 1)).all() and np.array_equal(values != 0, mask != 0) for _, mask, values in swapped)
    return masks and not all(np.isin(values, (0, 1)).all() for _, _, values in swapped)


def _draws_nothing(calls):
    """Mask and values are what they are on average."""
    return all(
        _close(call.reply.value[1], call.args[1]) and _close(call.reply.value[0], call.args[0] * call.args[1])
        for call in calls
    ) and any(0 < call.args[1] < 1 for call in calls)


def _scales_the_mask(calls):
    """The mask holds 0 and 1/p, and the values follow from it."""
    pairs = [(call.args[0], call.args[1], *call.reply.value) for call in calls]
    scaled = all(
        np.all((mask == 0) | np.isclose(mask, 1 / p)) and _close(values, mask * x) for x, p, values, mask in pairs
    )
    return scaled and any(p < 1 and mask.any() for _, p, _, mask in pairs)


def _changes_its_argument(calls):
    return any(call.reply.changed for call in calls)


def _keeps_integers(calls):
    answers = _answers(calls)
    return all(each.values.dtype.kind in "iu" and each.x.dtype.kind in "iu" for each in answers)


def _widens_float32(calls):
    answers = _answers(calls)
    return all(each.values.dtype == np.float64 and each.x.dtype == np.float32 for each in answers)


def _accepts_what_is_outside(calls):
    outside = [call for call in calls if not 0 <= call.args[1] <= 1]
    return any(isinstance(call.reply, Returned) for call in outside)


def _accepts_zero(calls):
    return any(
        call.args[1] == 0 and (isinstance(call.reply, Returned) or call.reply.is_a("ZeroDivisionError"))
        for call in calls
    )


def _refuses_certainty(calls):
    return any(
        call.args[1] in (0, 1) and not isinstance(call.reply, Returned) and call.reply.is_a("ValueError")
        for call in calls
    )


def _drops_nodes(calls):
    """At inference some nodes are 0 and all others are as they were."""
    drawn = [call for call in calls if 0 < call.args[1] < 1]
    halves = [
        call.reply.value.shape == call.args[0].shape
        and np.all((call.reply.value == 0) | np.isclose(call.reply.value, call.args[0]))
        for call in drawn
    ]
    return all(halves) and any(np.any(call.reply.value[call.args[0] != 0] == 0) for call in drawn)


# how the wrong functions draw


def _refuse(keep_prob, *, zero=False):
    reference.dropout_inference(np.zeros(1), keep_prob)
    if zero and keep_prob == 0:
        raise ValueError("nothing stays")


def _mask(x, keep_prob, seed):
    return (np.random.default_rng(seed).random(x.shape) < keep_prob).astype(np.int64)


def _as_float(x):
    return x.astype(np.float32 if x.dtype == np.float32 else np.float64)


def _dropped(x, keep_prob, mask):
    """What `dropout_train` returns for a mask."""
    _refuse(keep_prob)
    return _as_float(x) * mask.astype(_as_float(x).dtype), mask


def _inverted(x, keep_prob, mask):
    """What `inverted_dropout_train` returns for a mask."""
    _refuse(keep_prob, zero=True)
    return _dropped(x, keep_prob, mask)[0] / _as_float(x).dtype.type(keep_prob), mask


def _spread(x, keep_prob, seed, axes):
    """One draw for everything along these axes."""
    shape = [1 if axis in axes else length for axis, length in enumerate(x.shape)]
    one = np.random.default_rng(seed).random(shape) < keep_prob
    return np.broadcast_to(one, x.shape).astype(np.int64)


def _fixed_number(x, keep_prob, seed):
    mask = np.zeros(x.size, dtype=np.int64)
    mask[: round(x.size * keep_prob)] = 1
    return np.random.default_rng(seed).permutation(mask).reshape(x.shape)


# dropout_train


@misconception(
    "dropout_train",
    recognise=_where_the_rate_is(_drops),
    hint="Your nodes stay with probability 1 - p. The lecture's p, keep_prob, is the probability that a node "
    "stays; many libraries take the probability of dropping out instead.",
)
def stays_with_one_minus_p(x, keep_prob, seed):
    return _dropped(x, keep_prob, _mask(x, 1 - keep_prob, seed))


@misconception(
    "dropout_train",
    recognise=_where_the_rate_is(_half),
    hint="Half of your nodes stay, whatever keep_prob is. Compare each uniform number with keep_prob "
    "instead of rounding it or flipping a fair coin.",
)
def keeps_half_of_the_nodes(x, keep_prob, seed):
    return _dropped(x, keep_prob, _mask(x, 0.5, seed))


@misconception(
    "dropout_train",
    recognise=_where_the_rate_is(_normal),
    hint="You compare numbers of a normal distribution with keep_prob. A number below p has probability p "
    "only if it is uniform between 0 and 1.",
)
def compares_normal_numbers(x, keep_prob, seed):
    return _dropped(x, keep_prob, (np.random.default_rng(seed).normal(size=x.shape) < keep_prob).astype(int))


@misconception(
    "dropout_train",
    recognise=_keeps_a_fixed_number,
    hint="Exactly the same share of your nodes stays each time. Each node is its own coin flip, so the "
    "number that stay varies from draw to draw.",
)
def keeps_a_fixed_number(x, keep_prob, seed):
    _refuse(keep_prob)
    return _dropped(x, keep_prob, _fixed_number(x, keep_prob, seed))


@misconception(
    "dropout_train",
    recognise=_where_one_draw_stands_for(sample_axes, all_axes),
    hint="One draw decides for all nodes of a sample. Every element of x needs a draw of its own: look at "
    "the shape of your random numbers.",
)
def draws_once_for_each_sample(x, keep_prob, seed):
    axes = sample_axes(x.ndim)
    return _dropped(x, keep_prob, _spread(x, keep_prob, seed, axes))


@misconception(
    "dropout_train",
    recognise=_where_one_draw_stands_for(batch_axis, all_axes),
    hint="All samples of the batch have the same mask. Every element of x needs a draw of its own, along "
    "the first axis too.",
)
def draws_once_for_the_batch(x, keep_prob, seed):
    return _dropped(x, keep_prob, _spread(x, keep_prob, seed, batch_axis(x.ndim)))


@misconception(
    "dropout_train",
    recognise=_where_one_draw_stands_for(map_axes, sample_axes, batch_axis, all_axes),
    hint="Your feature maps drop out as a whole: all pixels of a channel share one draw. Every element of x "
    "needs a draw of its own.",
)
def drops_whole_feature_maps(x, keep_prob, seed):
    return _dropped(x, keep_prob, _spread(x, keep_prob, seed, map_axes(x.ndim)))


@misconception(
    "dropout_train",
    recognise=_where_one_draw_stands_for(all_axes),
    hint="A single draw decides for the whole array: all of it stays or all of it drops out. Draw as many "
    "numbers as x has elements.",
)
def draws_once_for_everything(x, keep_prob, seed):
    return _dropped(x, keep_prob, _spread(x, keep_prob, seed, all_axes(x.ndim)))


@misconception(
    "dropout_train",
    recognise=_is_the_same_for_every_seed,
    hint="Your mask is the same whatever the seed. The generator has to be made from the argument `seed`, "
    "not from a number of your own.",
)
def ignores_the_seed(x, keep_prob, seed):
    return _dropped(x, keep_prob, _mask(x, keep_prob, 0))


@misconception(
    "dropout_train",
    stateful=True,
    recognise=_differs_for_one_seed,
    hint="The same seed gives another mask later on: you draw from a generator that outlives the call, such "
    "as np.random itself. Make one from `seed` inside the function.",
)
def goes_on_drawing():
    generator = np.random.default_rng(0)
    return lambda x, keep_prob, seed: _dropped(x, keep_prob, _mask(x, keep_prob, generator.integers(2**32)))


@misconception(
    "dropout_train",
    recognise=_seeds_a_global_generator,
    hint="Your mask follows the seed, but you seed the global generator for it: whoever draws from it after "
    "the call gets other numbers. Make a generator of your own.",
)
def seeds_the_global_generator(x, keep_prob, seed):
    _refuse(keep_prob)
    np.random.seed(seed % 2**32)
    return _dropped(x, keep_prob, (np.random.random_sample(x.shape) < keep_prob).astype(int))


@misconception(
    "dropout_train",
    recognise=_where_values(lambda x, p, mask: mask * x / p, lambda x, p, mask: mask * x),
    hint="What stays is divided by keep_prob. That is inverted dropout; here the values stay as they are, and "
    "it is inference that takes p into account.",
)
def scales_up_while_training(x, keep_prob, seed):
    _refuse(keep_prob)
    if keep_prob == 0:
        return _dropped(x, keep_prob, _mask(x, keep_prob, seed))
    return _inverted(x, keep_prob, _mask(x, keep_prob, seed))


@misconception(
    "dropout_train",
    recognise=_where_values(lambda x, p, mask: mask * x * p, lambda x, p, mask: mask * x),
    hint="What stays is multiplied by keep_prob as well. While training a node is there in full or not at "
    "all; p enters at inference.",
)
def scales_down_while_training(x, keep_prob, seed):
    values, mask = _dropped(x, keep_prob, _mask(x, keep_prob, seed))
    return values * values.dtype.type(keep_prob), mask


@misconception(
    "dropout_train",
    recognise=_draws_nothing,
    hint="You multiply by keep_prob and draw nothing. While training each node is there in full or not at "
    "all: the mask holds zeros and ones.",
)
def multiplies_by_the_probability(x, keep_prob, seed):
    return reference.dropout_inference(x, keep_prob), np.full(x.shape, float(keep_prob))


@misconception(
    "dropout_train",
    recognise=_where_values(lambda x, p, mask: (1 - mask) * x, lambda x, p, mask: mask * x),
    hint="Your mask has its ones where nodes dropped out. It is the other way round: 1 where a node stays, "
    "so that mask times x gives the values.",
)
def marks_the_nodes_that_drop_out(x, keep_prob, seed):
    values, mask = _dropped(x, keep_prob, _mask(x, keep_prob, seed))
    return values, 1 - mask


@misconception(
    "dropout_train",
    recognise=_knows_the_mask_from_the_values,
    hint="You read the mask off the values. A node whose value is 0 may well have stayed: return what was "
    "drawn, not where the result is not 0.",
)
def reads_the_mask_off_the_values(x, keep_prob, seed):
    values, _ = _dropped(x, keep_prob, _mask(x, keep_prob, seed))
    return values, (values != 0).astype(np.int64)


@misconception(
    "dropout_train",
    recognise=_returns_one_array,
    hint="You return the values alone. The function returns two arrays, the values and then the mask: going "
    "backwards through the network needs the mask.",
)
def returns_the_values_alone(x, keep_prob, seed):
    return reference.dropout_train(x, keep_prob, seed)[0]


@misconception(
    "dropout_train",
    recognise=_returns_the_mask_first,
    hint="You return the mask before the values. The values come first, then the mask.",
)
def returns_the_mask_first(x, keep_prob, seed):
    return reference.dropout_train(x, keep_prob, seed)[::-1]


@misconception(
    "dropout_train",
    recognise=_changes_its_argument,
    hint="You change the array that you were given: assigning to x[...] or *= works in the caller's array. "
    "Compute into a new one.",
)
def drops_nodes_in_place(x, keep_prob, seed):
    values, mask = reference.dropout_train(x, keep_prob, seed)
    x *= mask.astype(x.dtype)
    return values, mask


@misconception(
    "dropout_train",
    recognise=_keeps_integers,
    hint="The values of integer nodes are integers. A layer's values are floats: integers give float64.",
)
def keeps_integer_values(x, keep_prob, seed):
    values, mask = reference.dropout_train(x, keep_prob, seed)
    return values.astype(x.dtype), mask


@misconception(
    "dropout_train",
    recognise=_widens_float32,
    hint="Your values are float64 although x is float32. A mask of float64 or int64 does that: give it the "
    "dtype of x before you multiply.",
)
def widens_float32_values(x, keep_prob, seed):
    values, mask = reference.dropout_train(x, keep_prob, seed)
    return values.astype(np.float64), mask


@misconception(
    "dropout_train",
    recognise=_accepts_what_is_outside,
    hint="You accept a keep_prob below 0 or above 1. A probability lies from 0 to 1: raise a ValueError for "
    "anything else.",
)
def accepts_any_number(x, keep_prob, seed):
    return _dropped(x, min(max(keep_prob, 0), 1), _mask(x, keep_prob, seed))


@misconception(
    "dropout_train",
    recognise=_refuses_certainty,
    hint="You refuse a keep_prob of exactly 0 or 1. Both are probabilities: all nodes drop out, or all stay.",
)
def refuses_certainty(x, keep_prob, seed):
    if not 0 < keep_prob < 1:
        raise ValueError("a probability lies between 0 and 1")
    return reference.dropout_train(x, keep_prob, seed)


# dropout_inference


@misconception(
    "dropout_inference",
    hint="You return x as it is. In training only a share p of the nodes was there; with all of them at "
    "work, each has to count less.",
)
def leaves_the_values(x, keep_prob):
    _refuse(keep_prob)
    return _as_float(x).copy()


@misconception(
    "dropout_inference",
    hint="You multiply by 1 - p, the probability of dropping out. keep_prob is the probability that a node stays.",
)
def counts_with_one_minus_p(x, keep_prob):
    return reference.dropout_inference(x, 1 - keep_prob)


@misconception(
    "dropout_inference",
    hint="You divide by keep_prob. After training more nodes are at work than in training, so each counts "
    "less, not more.",
)
def divides_at_inference(x, keep_prob):
    _refuse(keep_prob)
    return _as_float(x) / _as_float(x).dtype.type(keep_prob) if keep_prob else 0 * _as_float(x)


@misconception(
    "dropout_inference",
    hint="You multiply by the square of keep_prob. Each node counts with the probability that it stayed, once.",
)
def multiplies_twice(x, keep_prob):
    return reference.dropout_inference(reference.dropout_inference(x, keep_prob), keep_prob)


@misconception(
    "dropout_inference",
    recognise=_drops_nodes,
    hint="Your nodes still drop out at inference. After training all of them are in place; nothing is random then.",
)
def drops_nodes_at_inference(x, keep_prob):
    return reference.dropout_train(x, keep_prob, 12345)[0]


@misconception(
    "dropout_inference",
    hint="The scaled values of integer nodes are cut to whole numbers. The array that you fill took over the "
    "dtype of x; it has to be float64.",
)
def cuts_to_integers(x, keep_prob):
    return reference.dropout_inference(x, keep_prob).astype(x.dtype)


@misconception(
    "dropout_inference",
    hint="The scaled values are float64 although x is float32. Look where an array or a number of another "
    "dtype comes in.",
)
def scales_in_float64(x, keep_prob):
    return reference.dropout_inference(x, keep_prob).astype(np.float64)


@misconception(
    "dropout_inference",
    hint="You scale the array that you were given: *= works in the caller's array. Compute into a new one.",
)
def scales_in_place(x, keep_prob):
    scaled = reference.dropout_inference(x, keep_prob)
    x[...] = scaled
    return scaled


@misconception(
    "dropout_inference",
    hint="Inference accepts a keep_prob below 0 or above 1. A probability lies from 0 to 1: raise a "
    "ValueError for anything else.",
)
def accepts_any_factor(x, keep_prob):
    return _as_float(x) * _as_float(x).dtype.type(keep_prob)


@misconception(
    "dropout_inference",
    hint="Inference refuses a keep_prob of exactly 0 or 1. Both are probabilities and have a plain answer.",
)
def refuses_certain_nodes(x, keep_prob):
    if not 0 < keep_prob < 1:
        raise ValueError("a probability lies between 0 and 1")
    return reference.dropout_inference(x, keep_prob)


@misconception(
    "dropout_inference",
    stateful=True,
    hint="Your second answer is the answer to the first call. Nothing may be kept between calls: look for "
    "an array outside the function, or one made as a default.",
)
def remembers_the_first_layer():
    return _remember_the_first(reference.dropout_inference)


# inverted_dropout_train


@misconception(
    "inverted_dropout_train",
    recognise=_where_the_rate_is(_drops),
    hint="Your nodes stay with probability 1 - p. keep_prob is the probability that a node stays, and the "
    "number that the values are divided by.",
)
def inverts_with_one_minus_p(x, keep_prob, seed):
    return _inverted(x, keep_prob, _mask(x, 1 - keep_prob, seed))


@misconception(
    "inverted_dropout_train",
    recognise=_where_the_rate_is(_half),
    hint="Half of your nodes stay, whatever keep_prob is. A uniform number is compared with keep_prob, not "
    "rounded, and the coin is not a fair one.",
)
def inverts_half_of_the_nodes(x, keep_prob, seed):
    return _inverted(x, keep_prob, _mask(x, 0.5, seed))


@misconception(
    "inverted_dropout_train",
    recognise=_keeps_a_fixed_number,
    hint="Exactly the same share of your nodes stays each time. The number that stay is a matter of chance, "
    "as each node flips its own coin.",
)
def inverts_a_fixed_number(x, keep_prob, seed):
    _refuse(keep_prob, zero=True)
    return _inverted(x, keep_prob, _fixed_number(x, keep_prob, seed))


@misconception(
    "inverted_dropout_train",
    recognise=_where_one_draw_stands_for(sample_axes, all_axes),
    hint="One draw decides for all nodes of a sample. Draw an array of the shape of x, a number for every element.",
)
def inverts_whole_samples(x, keep_prob, seed):
    return _inverted(x, keep_prob, _spread(x, keep_prob, seed, sample_axes(x.ndim)))


@misconception(
    "inverted_dropout_train",
    recognise=_where_one_draw_stands_for(batch_axis, all_axes),
    hint="All samples of the batch have the same mask. Draw an array of the shape of x, the batch included.",
)
def inverts_with_one_mask(x, keep_prob, seed):
    return _inverted(x, keep_prob, _spread(x, keep_prob, seed, batch_axis(x.ndim)))


@misconception(
    "inverted_dropout_train",
    recognise=_is_the_same_for_every_seed,
    hint="Your mask is the same whatever the seed. Make the generator of inverted dropout from the argument "
    "`seed` too.",
)
def inverts_without_the_seed(x, keep_prob, seed):
    return _inverted(x, keep_prob, _mask(x, keep_prob, 0))


@misconception(
    "inverted_dropout_train",
    stateful=True,
    recognise=_differs_for_one_seed,
    hint="The same seed gives another mask later on: the generator was not made in this call. A generator "
    "made from `seed` inside the function starts afresh.",
)
def inverts_and_goes_on_drawing():
    generator = np.random.default_rng(0)
    return lambda x, keep_prob, seed: _inverted(x, keep_prob, _mask(x, keep_prob, generator.integers(2**32)))


@misconception(
    "inverted_dropout_train",
    recognise=_seeds_a_global_generator,
    hint="Inverted dropout seeds the global generator: that changes what everybody else draws afterwards. "
    "Make a generator of your own from `seed`.",
)
def inverts_with_the_global_generator(x, keep_prob, seed):
    _refuse(keep_prob, zero=True)
    np.random.seed(seed % 2**32)
    return _inverted(x, keep_prob, (np.random.random_sample(x.shape) < keep_prob).astype(int))


@misconception(
    "inverted_dropout_train",
    recognise=_where_values(lambda x, p, mask: mask * x, lambda x, p, mask: mask * x / p),
    hint="What stays is not scaled. Inverted dropout makes up for the nodes that are missing right here, so "
    "that inference can leave x alone.",
)
def forgets_to_scale(x, keep_prob, seed):
    _refuse(keep_prob, zero=True)
    return _dropped(x, keep_prob, _mask(x, keep_prob, seed))


@misconception(
    "inverted_dropout_train",
    recognise=_where_values(lambda x, p, mask: mask * x * p, lambda x, p, mask: mask * x / p),
    hint="What stays is multiplied by keep_prob, which makes the layer's sum smaller still. It has to make up "
    "for the nodes that are missing.",
)
def multiplies_instead_of_dividing(x, keep_prob, seed):
    values, mask = forgets_to_scale(x, keep_prob, seed)
    return values * values.dtype.type(keep_prob), mask


@misconception(
    "inverted_dropout_train",
    recognise=_where_values(
        lambda x, p, mask: mask * x / (1 - p) if p < 1 else mask * x, lambda x, p, mask: mask * x / p
    ),
    hint="What stays is divided by 1 - p, the probability of dropping out. Which number makes the expected "
    "value of the result x again?",
)
def divides_by_one_minus_p(x, keep_prob, seed):
    values, mask = forgets_to_scale(x, keep_prob, seed)
    return (values / values.dtype.type(1 - keep_prob) if keep_prob < 1 else values), mask


@misconception(
    "inverted_dropout_train",
    recognise=_where_values(lambda x, p, mask: mask * x / max(mask.mean(), 1e-9), lambda x, p, mask: mask * x / p),
    hint="What stays is divided by the share that happened to stay. The factor is 1/p, with the probability "
    "itself: a number that is the same for every draw.",
)
def divides_by_the_share_that_stayed(x, keep_prob, seed):
    values, mask = forgets_to_scale(x, keep_prob, seed)
    return values / values.dtype.type(max(mask.mean(), 1e-9)), mask


@misconception(
    "inverted_dropout_train",
    recognise=_scales_the_mask,
    hint="Your mask holds 1/p where a node stays. Only the values are scaled; the mask that is returned "
    "holds zeros and ones.",
)
def returns_the_scaled_mask(x, keep_prob, seed):
    values, mask = reference.inverted_dropout_train(x, keep_prob, seed)
    return values, mask / keep_prob


@misconception(
    "inverted_dropout_train",
    recognise=_knows_the_mask_from_the_values,
    hint="You read the mask off the values. A value of 0 does not say that its node dropped out: return the "
    "mask that was drawn.",
)
def reads_the_mask_off_the_scaled_values(x, keep_prob, seed):
    values, _ = reference.inverted_dropout_train(x, keep_prob, seed)
    return values, values != 0


@misconception(
    "inverted_dropout_train",
    recognise=_changes_its_argument,
    hint="You change the array that you were given: *= and /= work in the caller's array. Compute into a new one.",
)
def inverts_in_place(x, keep_prob, seed):
    values, mask = reference.inverted_dropout_train(x, keep_prob, seed)
    x[...] = values
    return values, mask


@misconception(
    "inverted_dropout_train",
    recognise=_keeps_integers,
    hint="The scaled values of integer nodes are cut to whole numbers. Integers give float64.",
)
def cuts_scaled_values_to_integers(x, keep_prob, seed):
    values, mask = reference.inverted_dropout_train(x, keep_prob, seed)
    return values.astype(x.dtype), mask


@misconception(
    "inverted_dropout_train",
    recognise=_widens_float32,
    hint="The scaled values are float64 although x is float32. Look at the dtype of the mask, and of what "
    "you divide by.",
)
def widens_scaled_values(x, keep_prob, seed):
    values, mask = reference.inverted_dropout_train(x, keep_prob, seed)
    return values.astype(np.float64), mask


@misconception(
    "inverted_dropout_train",
    recognise=_accepts_what_is_outside,
    hint="Inverted dropout accepts a keep_prob below 0 or above 1. Raise a ValueError for what is no probability.",
)
def inverts_any_number(x, keep_prob, seed):
    if keep_prob == 0:
        raise ValueError("nothing stays")
    return _dropped(x, 1, _mask(x, keep_prob, seed))[0] / _as_float(x).dtype.type(keep_prob), _mask(x, keep_prob, seed)


@misconception(
    "inverted_dropout_train",
    recognise=_accepts_zero,
    hint="A keep_prob of 0 gets no ValueError. Nothing stays then, and nothing can be scaled up by 1/0: the "
    "bound 0 itself is refused here.",
)
def accepts_a_probability_of_zero(x, keep_prob, seed):
    if keep_prob == 0:
        return _dropped(x, keep_prob, _mask(x, keep_prob, seed))
    return reference.inverted_dropout_train(x, keep_prob, seed)


# bernoulli_variance


@misconception(
    "bernoulli_variance",
    hint="You return p itself, which is the mean of a Bernoulli variable. The variance is E[d^2] - p^2, and "
    "E[d^2] is not the whole of it.",
)
def returns_the_mean(p):
    return _variance(p, lambda p: p * 1)


@misconception(
    "bernoulli_variance",
    hint="You return p squared, the part that is taken away. The variance is what is left: E[d^2] - p^2.",
)
def returns_the_square(p):
    return _variance(p, lambda p: p**2)


@misconception(
    "bernoulli_variance",
    hint="You return a standard deviation, the root of the variance. The formula (9.4.9) has no root.",
)
def returns_the_standard_deviation(p):
    return _variance(p, lambda p: (p * (1 - p)) ** 0.5)


@misconception(
    "bernoulli_variance",
    hint="You return (1 - p)^2. That is only what a node that stays adds to the variance; one that drops "
    "out adds its share too.",
)
def returns_the_square_of_the_rest(p):
    return _variance(p, lambda p: (1 - p) ** 2)


@misconception(
    "bernoulli_variance",
    hint="Your variance is negative: a difference is turned round. E[d^2] = p is never below p^2.",
)
def turns_the_difference_round(p):
    return _variance(p, lambda p: p * (p - 1))


@misconception(
    "bernoulli_variance",
    hint="An array of probabilities gives you a single number. Each p has a variance of its own: return an "
    "array of the same shape.",
)
def averages_the_variances(p):
    variance = reference.bernoulli_variance(p)
    return variance.mean() if np.ndim(p) else variance


@misconception(
    "bernoulli_variance",
    hint="An array of probabilities gives you their sum of variances. Each p has a variance of its own: "
    "return an array of the same shape.",
)
def adds_the_variances_up(p):
    variance = reference.bernoulli_variance(p)
    return variance.sum() if np.ndim(p) else variance


@misconception(
    "bernoulli_variance",
    hint="The variances of integer probabilities are integers. Arrays that are not float32 give float64.",
)
def keeps_integer_variances(p):
    variance = reference.bernoulli_variance(p)
    return variance.astype(p.dtype) if np.ndim(p) else variance


@misconception(
    "bernoulli_variance",
    hint="The variances are float64 although p is float32. Look where a float64 array or np.float64 comes in.",
)
def widens_the_variances(p):
    variance = reference.bernoulli_variance(p)
    return variance.astype(np.float64) if np.ndim(p) else variance


@misconception(
    "bernoulli_variance",
    hint="The variance of a number outside [0, 1] gets no ValueError. It would be negative, which no "
    "variance is: check p first.",
)
def accepts_what_is_no_probability(p):
    return p * (1 - p) if not np.ndim(p) or p.dtype == np.float32 else p.astype(float) * (1 - p)


@misconception(
    "bernoulli_variance",
    hint="You refuse an array only if all of its elements are outside [0, 1]. One is enough: `any`, not `all`.",
)
def refuses_only_if_all_are_outside(p):
    if np.all((np.asarray(p) < 0) | (np.asarray(p) > 1)):
        raise ValueError("outside [0, 1]")
    return accepts_what_is_no_probability(p)


@misconception(
    "bernoulli_variance",
    hint="You refuse a p of exactly 0 or 1. Both are probabilities: what is certain has variance 0.",
)
def refuses_certain_p(p):
    if np.any(np.asarray(p) <= 0) or np.any(np.asarray(p) >= 1):
        raise ValueError("outside (0, 1)")
    return reference.bernoulli_variance(p)


@misconception(
    "bernoulli_variance",
    stateful=True,
    hint="Your second variances are those of the first call. Nothing may be kept between calls.",
)
def remembers_the_first_variances():
    return _remember_the_first(reference.bernoulli_variance)


# ensemble_gradient


@misconception(
    "ensemble_gradient",
    hint="The sign is turned round. Where the output is below the target, a positive input needs a larger "
    "weight, so the gradient is negative there.",
)
def turns_the_sign(w, inputs, t, p):
    return -reference.ensemble_gradient(w, inputs, t, p)


@misconception(
    "ensemble_gradient",
    hint="The probability of the weight's own input is missing from the gradient. The chain rule brings it in: "
    "differentiate o_ENS by w_i.",
)
def forgets_its_own_probability(w, inputs, t, p):
    return _gradient(w, inputs, t, p, lambda w, i, t, p: (np.sum(p * w * i) - t) * i)


@misconception(
    "ensemble_gradient",
    hint="The output that you compare with the target has all inputs in it. The ensemble's output (9.4.2) "
    "weighs each of them with its p.",
)
def compares_the_full_output(w, inputs, t, p):
    return _gradient(w, inputs, t, p, lambda w, i, t, p: (np.sum(w * i) - t) * p * i)


@misconception(
    "ensemble_gradient",
    hint="No probability enters your gradient: it is that of a node without dropout.",
)
def forgets_all_probabilities(w, inputs, t, p):
    return _gradient(w, inputs, t, p, lambda w, i, t, p: (np.sum(w * i) - t) * i)


@misconception(
    "ensemble_gradient",
    hint="You multiply by the weight where its input is due. The derivative of p_i w_i I_i by w_i leaves the "
    "input, not the weight.",
)
def differentiates_by_the_inputs(w, inputs, t, p):
    return _gradient(w, inputs, t, p, lambda w, i, t, p: (np.sum(p * w * i) - t) * p * w)


@misconception(
    "ensemble_gradient",
    hint="The input itself is missing from the gradient. An input of 0 cannot change the output, whatever its weight.",
)
def forgets_the_input(w, inputs, t, p):
    return _gradient(w, inputs, t, p, lambda w, i, t, p: (np.sum(p * w * i) - t) * p)


@misconception(
    "ensemble_gradient",
    hint="Each weight has an error of its own in your gradient. The error is common to all: the target minus "
    "the sum over all inputs.",
)
def compares_each_product_with_the_target(w, inputs, t, p):
    return _gradient(w, inputs, t, p, lambda w, i, t, p: (p * w * i - t) * p * i)


@misconception(
    "ensemble_gradient",
    hint="Your gradient is twice as large. The error (9.4.5) has a factor of one half, which takes the 2 away.",
)
def doubles_the_gradient(w, inputs, t, p):
    return 2 * reference.ensemble_gradient(w, inputs, t, p)


@misconception(
    "ensemble_gradient",
    hint="You divide the ensemble's output by the number of inputs. o_ENS is a weighted sum, no mean.",
)
def averages_the_output(w, inputs, t, p):
    return _gradient(w, inputs, t, p, lambda w, i, t, p: (np.mean(p * w * i) - t) * p * i)


@misconception(
    "ensemble_gradient",
    hint="Your gradient is that of (9.4.12): it holds the variance of the mask already. This function is the "
    "ensemble alone, (9.4.7).",
)
def adds_the_variance_already(w, inputs, t, p):
    return reference.expected_dropout_gradient(w, inputs, t, p)


@misconception(
    "ensemble_gradient",
    hint="Your gradient of integer weights is cut to whole numbers. It has to be float64: look at the dtype "
    "of the array that you fill.",
)
def cuts_the_gradient_to_integers(w, inputs, t, p):
    return reference.ensemble_gradient(w, inputs, t, p).astype(w.dtype)


@misconception(
    "ensemble_gradient",
    hint="Your gradient is float64 although the weights are float32. Look where an array or a number of "
    "another dtype comes in.",
)
def widens_the_gradient(w, inputs, t, p):
    return reference.ensemble_gradient(w, inputs, t, p).astype(np.float64)


@misconception(
    "ensemble_gradient",
    hint="You move the weights that you were given. The function returns the gradient; the caller decides on the step.",
)
def moves_the_weights(w, inputs, t, p):
    gradient = reference.ensemble_gradient(w, inputs, t, p)
    w -= gradient.astype(w.dtype)
    return gradient


@misconception(
    "ensemble_gradient",
    hint="Arrays of different lengths get through. NumPy stretches a length of 1 without a word: compare the "
    "three lengths yourself.",
)
def stretches_a_length_of_one(w, inputs, t, p):
    return _stretched(reference.ensemble_gradient, w, inputs, t, p)


@misconception(
    "ensemble_gradient",
    hint="A p outside [0, 1] gets through. Check all probabilities; one that is none is enough for a ValueError.",
)
def accepts_any_p(w, inputs, t, p):
    reference.ensemble_gradient(w, inputs, t, np.clip(p, 0, 1))
    return (-(t - np.sum(p * w * inputs)) * p * inputs).astype(_as_float(w).dtype)


@misconception(
    "ensemble_gradient",
    hint="The gradient for a p of exactly 0 or 1 is refused. Both are probabilities.",
)
def refuses_certain_inputs(w, inputs, t, p):
    if np.any(p <= 0) or np.any(p >= 1):
        raise ValueError("outside (0, 1)")
    return reference.ensemble_gradient(w, inputs, t, p)


@misconception(
    "ensemble_gradient",
    stateful=True,
    hint="Your second gradient is that of the first call. Nothing may be kept between calls.",
)
def remembers_the_first_gradient():
    return _remember_the_first(reference.ensemble_gradient)


# expected_dropout_gradient


@misconception(
    "expected_dropout_gradient",
    hint="You return the gradient of the ensemble alone. A mask value squared is the value itself, so its "
    "expectation is p, not p^2: that is where a term of the variance comes from.",
)
def takes_the_ensemble_for_the_expectation(w, inputs, t, p):
    return reference.ensemble_gradient(w, inputs, t, p)


@misconception(
    "expected_dropout_gradient",
    hint="The term of the variance has the wrong sign. It pulls a weight towards 0, so it has the sign of the weight.",
)
def takes_the_term_away(w, inputs, t, p):
    return _expected(w, inputs, t, p, lambda w, i, p: -w * i**2 * p * (1 - p))


@misconception(
    "expected_dropout_gradient",
    hint="You add w_i I_i^2 p_i: its part with p squared is in the ensemble's gradient already and must not "
    "be counted twice. The factor is the variance.",
)
def adds_the_mean_of_the_mask(w, inputs, t, p):
    return _expected(w, inputs, t, p, lambda w, i, p: w * i**2 * p)


@misconception(
    "expected_dropout_gradient",
    hint="The input in the term of the variance is not squared. One factor comes from o_D, the other from "
    "its derivative.",
)
def forgets_a_square_of_the_input(w, inputs, t, p):
    return _expected(w, inputs, t, p, lambda w, i, p: w * i * p * (1 - p))


@misconception(
    "expected_dropout_gradient",
    hint="The weight in the term of the variance is squared. That belongs to the error (9.4.13); its "
    "derivative has the weight once.",
)
def squares_the_weight(w, inputs, t, p):
    return _expected(w, inputs, t, p, lambda w, i, p: w**2 * i**2 * p * (1 - p))


@misconception(
    "expected_dropout_gradient",
    hint="The term of the variance is halved. The one half belongs to the error (9.4.13); differentiating "
    "the square takes it away.",
)
def halves_the_term(w, inputs, t, p):
    return _expected(w, inputs, t, p, lambda w, i, p: w * i**2 * p * (1 - p) / 2)


@misconception(
    "expected_dropout_gradient",
    hint="The factor of your second term is a standard deviation. It is the variance of the mask, without a root.",
)
def takes_a_standard_deviation(w, inputs, t, p):
    return _expected(w, inputs, t, p, lambda w, i, p: w * i**2 * np.sqrt(p * (1 - p)))


@misconception(
    "expected_dropout_gradient",
    hint="The weight itself is missing from the term of the variance, so the term cannot pull it towards 0.",
)
def forgets_the_weight(w, inputs, t, p):
    return _expected(w, inputs, t, p, lambda w, i, p: i**2 * p * (1 - p))


@misconception(
    "expected_dropout_gradient",
    hint="Every weight gets the terms of all weights added up. The sum belongs to the error; each weight has "
    "its own term only.",
)
def adds_the_terms_of_all_weights(w, inputs, t, p):
    return _expected(w, inputs, t, p, lambda w, i, p: np.sum(w * i**2 * p * (1 - p)))


@misconception(
    "expected_dropout_gradient",
    hint="You return the term of the variance alone. The gradient of the ensemble (9.4.7) comes first.",
)
def returns_the_term_alone(w, inputs, t, p):
    return reference.expected_dropout_gradient(w, inputs, t, p) - reference.ensemble_gradient(w, inputs, t, p)


@misconception(
    "expected_dropout_gradient",
    hint="Your expectation for integer weights is cut to whole numbers. It has to be float64.",
)
def cuts_the_expectation_to_integers(w, inputs, t, p):
    return reference.expected_dropout_gradient(w, inputs, t, p).astype(w.dtype)


@misconception(
    "expected_dropout_gradient",
    hint="Your expectation is float64 although the weights are float32. Look where another dtype comes in.",
)
def widens_the_expectation(w, inputs, t, p):
    return reference.expected_dropout_gradient(w, inputs, t, p).astype(np.float64)


@misconception(
    "expected_dropout_gradient",
    hint="The expectation of arrays of different lengths gets through. NumPy stretches a length of 1: compare "
    "the three lengths yourself.",
)
def stretches_a_length_in_the_expectation(w, inputs, t, p):
    return _stretched(reference.expected_dropout_gradient, w, inputs, t, p)


@misconception(
    "expected_dropout_gradient",
    hint="The expectation for a p outside [0, 1] gets through. One element that is no probability is enough "
    "for a ValueError.",
)
def expects_with_any_p(w, inputs, t, p):
    reference.expected_dropout_gradient(w, inputs, t, np.clip(p, 0, 1))
    gradient = -(t - np.sum(p * w * inputs)) * p * inputs + w * inputs**2 * p * (1 - p)
    return gradient.astype(_as_float(w).dtype)


@misconception(
    "expected_dropout_gradient",
    stateful=True,
    hint="Your second expectation is that of the first call. Nothing may be kept between calls.",
)
def remembers_the_first_expectation():
    return _remember_the_first(reference.expected_dropout_gradient)


# regularized_error


@misconception(
    "regularized_error",
    hint="The regularising term is not halved. Only with its one half is the derivative the term of (9.4.12).",
)
def does_not_halve_the_term(w, inputs, t, p):
    return _error(w, inputs, t, p) + _term(w, inputs, p)


@misconception(
    "regularized_error",
    hint="The error of the ensemble is not halved. (9.4.5) has a factor of one half as the second term has.",
)
def does_not_halve_the_error(w, inputs, t, p):
    return 2 * _error(w, inputs, t, p) + _term(w, inputs, p) / 2


@misconception(
    "regularized_error",
    hint="Neither of the two terms is halved. Both have a factor of one half, in (9.4.5) and in (9.4.13).",
)
def halves_nothing(w, inputs, t, p):
    return 2 * reference.regularized_error(w, inputs, t, p)


@misconception(
    "regularized_error",
    hint="You return the error of the ensemble alone. Dropout adds a term that grows with the squares of the weights.",
)
def forgets_the_regulariser(w, inputs, t, p):
    return _error(w, inputs, t, p)


@misconception(
    "regularized_error",
    hint="You return the regularising term alone. The error of the ensemble, (9.4.5), comes before it.",
)
def forgets_the_error(w, inputs, t, p):
    _error(w, inputs, t, p)
    return _term(w, inputs, p) / 2


@misconception(
    "regularized_error",
    hint="The regularising term is taken away. Large weights would then be rewarded; it is added.",
)
def rewards_large_weights(w, inputs, t, p):
    return _error(w, inputs, t, p) - _term(w, inputs, p) / 2


@misconception(
    "regularized_error",
    hint="The factor of the regularising term is p. It is the variance of the mask, (9.4.9), which is 0 for "
    "an input that always stays.",
)
def weighs_with_the_mean(w, inputs, t, p):
    return _error(w, inputs, t, p) + np.sum((w * inputs) ** 2 * p) / 2


@misconception(
    "regularized_error",
    hint="The factor of the regularising term is a standard deviation. It is the variance of the mask, without a root.",
)
def weighs_with_the_standard_deviation(w, inputs, t, p):
    return _error(w, inputs, t, p) + np.sum((w * inputs) ** 2 * np.sqrt(p * (1 - p))) / 2


@misconception(
    "regularized_error",
    hint="The inputs are missing from the regularising term. The larger an input, the more its weight is held back.",
)
def forgets_the_inputs_of_the_term(w, inputs, t, p):
    return _error(w, inputs, t, p) + np.sum(w**2 * p * (1 - p)) / 2


@misconception(
    "regularized_error",
    hint="The inputs of the regularising term are not squared. Weight and input are squared together.",
)
def does_not_square_the_inputs(w, inputs, t, p):
    return _error(w, inputs, t, p) + np.sum(w**2 * inputs * p * (1 - p)) / 2


@misconception(
    "regularized_error",
    hint="You square the sum of the regularising term. It is a sum of squares: each product is squared, then added.",
)
def squares_the_sum(w, inputs, t, p):
    return _error(w, inputs, t, p) + np.sum(w * inputs * np.sqrt(p * (1 - p))) ** 2 / 2


@misconception(
    "regularized_error",
    hint="The output that you compare with the target has all inputs in full. The ensemble weighs each with its p.",
)
def compares_the_output_without_dropout(w, inputs, t, p):
    return _error(w, inputs, t, np.ones_like(p)) + _term(w, inputs, p) / 2


@misconception(
    "regularized_error",
    hint="The error of arrays of different lengths gets through. NumPy stretches a length of 1: compare the "
    "three lengths yourself.",
)
def stretches_a_length_in_the_error(w, inputs, t, p):
    return _stretched(reference.regularized_error, w, inputs, t, p)


@misconception(
    "regularized_error",
    stateful=True,
    hint="Your second error is that of the first call. Nothing may be kept between calls.",
)
def remembers_the_first_error():
    return _remember_the_first(reference.regularized_error)


# weight_decay


@misconception(
    "weight_decay",
    hint="Your sum of squares is halved. Some books write the term that way; here it is strength times the sum itself.",
)
def halves_the_squares(weights, strength, norm="l2"):
    return reference.weight_decay(weights, strength, norm) / (2 if norm == "l2" else 1)


@misconception(
    "weight_decay",
    hint="You take the root of the sum of squares. That is the length of the weight vector; weight decay adds "
    "the squares themselves.",
)
def takes_the_root(weights, strength, norm="l2"):
    if norm == "l2":
        return strength * reference.weight_decay(weights, 1, norm) ** 0.5
    return reference.weight_decay(weights, strength, norm)


@misconception(
    "weight_decay",
    hint="You take the mean of the weights' squares or sizes. Weight decay adds them up: twice the weights "
    "have twice the term.",
)
def averages_the_weights(weights, strength, norm="l2"):
    return reference.weight_decay(weights, strength, norm) / weights.size


@misconception(
    "weight_decay",
    hint="Squares are added up whatever the norm. With l1 it is absolute values.",
)
def squares_whatever_the_norm(weights, strength, norm="l2"):
    reference.weight_decay(weights, strength, norm)
    return reference.weight_decay(weights, strength)


@misconception(
    "weight_decay",
    hint="Without a norm you add absolute values up. The default is l2: squares.",
)
def takes_l1_by_default(weights, strength, norm="l1"):
    return reference.weight_decay(weights, strength, norm)


@misconception(
    "weight_decay",
    hint="With l1 the signs are kept, so positive and negative weights cancel. It sums absolute values.",
)
def keeps_the_signs(weights, strength, norm="l2"):
    if norm == "l1":
        return strength * np.sum(_as_float(weights))
    return reference.weight_decay(weights, strength, norm)


@misconception(
    "weight_decay",
    hint="The strength does not enter your term. It is the factor in front of the sum.",
)
def forgets_the_strength(weights, strength, norm="l2"):
    return reference.weight_decay(weights, 1, norm)


@misconception(
    "weight_decay",
    hint="You square the strength together with the weights. It is a factor in front of the sum of squares.",
)
def squares_the_strength(weights, strength, norm="l2"):
    return reference.weight_decay(weights, strength**2 if norm == "l2" else strength, norm)


@misconception(
    "weight_decay",
    hint="You add up along the first axis only, so arrays with more axes give an array. Add all weights up.",
)
def adds_along_the_first_axis(weights, strength, norm="l2"):
    reference.weight_decay(weights, strength, norm)
    parts = _as_float(weights) ** 2 if norm == "l2" else np.abs(_as_float(weights))
    return strength * parts.sum(axis=0)


@misconception(
    "weight_decay",
    hint="You return the derivative of the term, one number for each weight. The function returns the term "
    "itself, a single number.",
)
def returns_the_derivative(weights, strength, norm="l2"):
    reference.weight_decay(weights, strength, norm)
    return strength * (2 * _as_float(weights) if norm == "l2" else np.sign(_as_float(weights)))


@misconception(
    "weight_decay",
    hint="Squares and sizes of narrow integers overflow in your sum: 100 * 100 does not fit into int8. Make "
    "the weights floats first.",
)
def overflows_in_narrow_integers(weights, strength, norm="l2"):
    reference.weight_decay(weights, strength, norm)
    return strength * np.sum(weights**2 if norm == "l2" else np.abs(weights))


@misconception(
    "weight_decay",
    hint="An unknown norm is taken for one that you know. Only l1 and l2 are norms here; anything else gets a "
    "ValueError.",
)
def takes_an_unknown_norm_for_l1(weights, strength, norm="l2"):
    return reference.weight_decay(weights, strength, "l2" if norm == "l2" else "l1")


@misconception(
    "weight_decay",
    hint="An unknown norm gives no answer and no error. A ValueError is due for everything but l1 and l2.",
)
def returns_nothing_for_an_unknown_norm(weights, strength, norm="l2"):
    return reference.weight_decay(weights, strength, norm) if norm in ("l1", "l2") else None


@misconception(
    "weight_decay",
    stateful=True,
    hint="Your second term is that of the first call. Nothing may be kept between calls.",
)
def remembers_the_first_decay():
    return _remember_the_first(reference.weight_decay)


# what several of them share


def _remember_the_first(function):
    kept = []

    def remembers(*args, **kwargs):
        if not kept:
            kept.append(function(*args, **kwargs))
        return kept[0]

    return remembers


def _variance(p, formula):
    reference.bernoulli_variance(p)
    return formula(_as_float(p) if np.ndim(p) else p)


def _gradient(w, inputs, t, p, formula):
    reference.ensemble_gradient(w, inputs, t, p)
    return np.asarray(formula(w, inputs, t, p)).astype(_as_float(w).dtype)


def _expected(w, inputs, t, p, term):
    gradient = reference.ensemble_gradient(w, inputs, t, p)
    return (gradient + term(w, inputs, p)).astype(gradient.dtype)


def _stretched(function, w, inputs, t, p):
    """What NumPy makes of arrays of which some have a length of 1; other lengths are an error of NumPy's."""
    return function(
        *(np.array(part) for part in np.broadcast_arrays(w, inputs)), t, np.broadcast_arrays(p, w)[0].copy()
    )


def _error(w, inputs, t, p):
    """E_ENS, (9.4.5)."""
    return reference.regularized_error(w, inputs, t, p) - _term(w, inputs, p) / 2


def _term(w, inputs, p):
    return np.sum((w * inputs) ** 2 * p * (1 - p))
