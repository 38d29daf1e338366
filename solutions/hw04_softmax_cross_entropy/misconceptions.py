"""Wrong solutions of hw4, each with one mistake and the hint that it proves.

Everything but the mistake is right, the refusals included: so it costs the points of its
own rule, and its wrong answers are nobody else's.
"""

import numpy as np

from grader.checks.misconceptions import load_beside, misconception

reference = load_beside(__file__, "softmax_cross_entropy.py")


# softmax


@misconception(
    "softmax",
    hint="You raise e to the logits as they are, and e^710 is already infinite. Softmax does not change "
    "when all logits of a row change by the same amount: use that.",
)
def raises_e_to_the_logits(logits):
    return _normalised(np.exp(_as_float(logits)))


@misconception(
    "softmax",
    hint="You subtract one number from all rows. A row far below the largest logit of the array then has "
    "only zeros to divide: each row needs a number of its own.",
)
def shifts_all_rows_alike(logits):
    z = _as_float(logits)
    return _normalised(np.exp(z - z.max()))


@misconception(
    "softmax",
    hint="You subtract the mean of a row, which is no bound: a class far above the mean still overflows. "
    "Ask which number makes the largest exponent 0.",
)
def shifts_by_the_mean(logits):
    z = _as_float(logits)
    return _normalised(np.exp(z - z.mean(axis=-1, keepdims=True)))


@misconception(
    "softmax",
    hint="You subtract the largest absolute value of a row. Where that belongs to a negative logit, all "
    "exponents are far below 0 and the sum is 0.",
)
def shifts_by_the_largest_size(logits):
    z = _as_float(logits)
    return _normalised(np.exp(z - np.abs(z).max(axis=-1, keepdims=True)))


@misconception(
    "softmax",
    hint="You cut large logits off before raising e to them, so logits beyond the limit become equal. The "
    "overflow is avoided, but the probabilities are wrong.",
)
def cuts_large_logits_off(logits):
    return reference.softmax(np.clip(_as_float(logits), -500, 500))


@misconception(
    "softmax",
    hint="Your columns sum to 1, not your rows: you divide by a sum over the batch. The classes lie along "
    "the last axis.",
)
def divides_by_the_sum_of_the_batch(logits):
    return np.moveaxis(reference.softmax(np.moveaxis(logits, 0, -1)), -1, 0)


@misconception(
    "softmax",
    hint="Your whole array sums to 1. Every sample has its own sum of 1: divide by the sum along the last axis.",
)
def divides_by_the_sum_of_everything(logits):
    return reference.softmax(logits.ravel()).reshape(logits.shape)


@misconception(
    "softmax",
    hint="With more than two axes you normalise along the second one. The classes lie along the last axis, "
    "however many there are before it.",
)
def normalises_the_second_axis(logits):
    if logits.ndim < 3:
        return reference.softmax(logits)
    return reference.softmax(logits.swapaxes(1, -1)).swapaxes(1, -1)


@misconception(
    "softmax",
    hint="With more than two axes you treat everything behind the first one as classes of one sample. Only "
    "the last axis holds classes.",
)
def flattens_all_but_the_first_axis(logits):
    if logits.ndim < 3:
        return reference.softmax(logits)
    return reference.softmax(logits.reshape(len(logits), -1)).reshape(logits.shape)


@misconception(
    "softmax",
    hint="Your powers have base 2. The formula has e, so that its logarithm in the loss is the natural one.",
)
def takes_powers_of_two(logits):
    return reference.softmax(_as_float(logits) * np.log(2).astype(_as_float(logits).dtype))


@misconception(
    "softmax",
    hint="The probabilities of integer logits are cut to whole numbers. The array that you fill took over "
    "the dtype of the logits; it has to be float64.",
)
def keeps_probabilities_in_integers(logits):
    return reference.softmax(logits).astype(logits.dtype)


@misconception(
    "softmax",
    hint="Your probabilities are float64 although the logits are float32. Look where an array or a number "
    "of another dtype comes in.",
)
def computes_probabilities_in_float64(logits):
    return reference.softmax(logits).astype(np.float64)


@misconception(
    "softmax",
    hint="You change the logits that you were given: an operation such as -= works in the caller's array. "
    "Compute into a new one.",
)
def shifts_the_logits_in_place(logits):
    logits -= logits.max(axis=-1, keepdims=True)
    return reference.softmax(logits)


@misconception(
    "softmax",
    stateful=True,
    hint="Your second answer is the answer to the first call. Nothing may be kept between calls: look for "
    "an array outside the function, or one made as a default.",
)
def remembers_the_probabilities():
    return _remember_the_first(reference.softmax)


# cross_entropy


@misconception(
    "cross_entropy",
    hint="Your losses of the batch are added up. The loss is their mean, so that it does not grow with the batch.",
)
def adds_the_losses_up(y, t):
    return reference.cross_entropy(y, t) * len(y)


@misconception(
    "cross_entropy",
    hint="You take the mean over the classes as well. The classes are summed; only the samples of the "
    "batch are averaged.",
)
def averages_over_the_classes_too(y, t):
    return reference.cross_entropy(y, t) / y.shape[1]


@misconception(
    "cross_entropy",
    hint="You divide by the number of classes. The mean is over the samples: which axis of y counts those?",
)
def divides_by_the_classes(y, t):
    return reference.cross_entropy(y, t) * len(y) / y.shape[1]


@misconception(
    "cross_entropy",
    hint="You return one loss for each sample. The function returns their mean, a single number.",
)
def returns_a_loss_for_each_sample(y, t):
    reference.cross_entropy(y, t)
    return np.array([reference.cross_entropy(y[n : n + 1], t[n : n + 1]) for n in range(len(y))])


@misconception(
    "cross_entropy",
    hint="Your loss is negative. Logarithms of probabilities are below 0; the minus in front of the sum "
    "makes the loss positive.",
)
def forgets_the_minus(y, t):
    return -reference.cross_entropy(y, t)


@misconception(
    "cross_entropy",
    hint="Your logarithm has base 2. The formula's log is the natural logarithm, the one that undoes e^z.",
)
def takes_the_logarithm_to_base_2(y, t):
    return reference.cross_entropy(y, t) / np.log(2)


@misconception(
    "cross_entropy",
    hint="Your logarithm has base 10. The formula's log is the natural logarithm, the one that undoes e^z.",
)
def takes_the_logarithm_to_base_10(y, t):
    return reference.cross_entropy(y, t) / np.log(10)


@misconception(
    "cross_entropy",
    hint="Where y is 0 you multiply 0 by the logarithm of 0, which is not 0 but nan. A term with t = 0 "
    "counts nothing: its logarithm must not be taken.",
)
def multiplies_zero_by_infinity(y, t):
    reference.cross_entropy(y, t)
    return -np.sum(t * np.log(_as_float(y))) / len(y)


@misconception(
    "cross_entropy",
    hint="You add a small number to y inside the logarithm, which changes every term a little. Leave the "
    "terms with t = 0 out instead.",
)
def adds_a_small_number(y, t):
    reference.cross_entropy(y, t)
    return -np.sum(t * np.log(_as_float(y) + 1e-7)) / len(y)


@misconception(
    "cross_entropy",
    hint="You also count the classes that are not the true one, with log(1 - y). That is the loss of K "
    "separate yes-or-no questions; with softmax only the true class counts.",
)
def counts_the_other_classes(y, t):
    reference.cross_entropy(y, t)
    return -np.sum(np.log(np.where(t > 0, _as_float(y), 1 - _as_float(y)))) / len(y)


@misconception(
    "cross_entropy",
    hint="You take the largest probability of each row, which is the class that was predicted. The loss "
    "looks at the class that is true: t says which.",
)
def looks_at_the_predicted_class(y, t):
    reference.cross_entropy(y, t)
    return -np.mean(np.log(_as_float(y).max(axis=1)))


@misconception(
    "cross_entropy",
    hint="Your loss is the sum of squared differences between y and t. Cross-entropy takes the logarithm "
    "of the probability of the true class.",
)
def squares_the_differences(y, t):
    reference.cross_entropy(y, t)
    return np.sum((_as_float(y) - t) ** 2) / len(y)


@misconception(
    "cross_entropy",
    hint="Only the first sample of the batch counts in your loss. Look at where the first axis of y is used.",
)
def looks_at_the_first_sample(y, t):
    reference.cross_entropy(y, t)
    return reference.cross_entropy(y[:1], t[:1])


@misconception(
    "cross_entropy",
    hint="The loss is right, but you replace the zeros of y in the caller's array. Work on an array of your own.",
)
def replaces_zeros_in_place(y, t):
    loss = reference.cross_entropy(y, t)
    y[y == 0] = 1
    return loss


@misconception(
    "cross_entropy",
    stateful=True,
    hint="Your second loss is that of the first call. Nothing may be kept between calls: look for a "
    "variable outside the function, or an array made as a default.",
)
def remembers_the_loss():
    return _remember_the_first(reference.cross_entropy)


@misconception(
    "cross_entropy",
    hint="Arrays of different shapes are accepted where NumPy can stretch one of them to the other. The "
    "handout asks for a ValueError: nobody means that.",
)
def stretches_the_targets(y, t):
    return reference.cross_entropy(y, np.broadcast_to(t, np.broadcast_shapes(y.shape, t.shape)))


# softmax_cross_entropy


@misconception(
    "softmax_cross_entropy",
    hint="You raise e to the logits as they are, and e^710 is already infinite. Softmax does not change "
    "when all logits of a row change by the same amount: use that.",
)
def takes_the_loss_without_a_shift(logits, t):
    reference.softmax_cross_entropy(logits, t)
    z = _as_float(logits)
    return _mean_loss(z - np.log(np.exp(z).sum(axis=1, keepdims=True)), t)


@misconception(
    "softmax_cross_entropy",
    hint="You subtract one number from all rows. In a row far below the largest logit of the array all "
    "powers are 0 then: each row needs a number of its own.",
)
def takes_the_loss_with_one_shift(logits, t):
    reference.softmax_cross_entropy(logits, t)
    z = _as_float(logits) - logits.max()
    return _mean_loss(z - np.log(np.exp(z).sum(axis=1, keepdims=True)), t)


@misconception(
    "softmax_cross_entropy",
    hint="You take the logarithm of probabilities that have become 0, and 0 times infinity is nan. Work "
    "the logarithm of softmax out on paper: the e^z of the numerator disappears.",
)
def takes_the_logarithm_of_softmax(logits, t):
    reference.softmax_cross_entropy(logits, t)
    return _mean_loss(np.log(reference.softmax(logits)), t)


@misconception(
    "softmax_cross_entropy",
    hint="You take the logarithm of a probability that has become 0, so the loss is infinite. Work the "
    "logarithm of softmax out on paper: the e^z of the numerator disappears.",
)
def takes_the_logarithm_at_the_true_class(logits, t):
    reference.softmax_cross_entropy(logits, t)
    return _mean_loss(np.log(np.where(t > 0, reference.softmax(logits), 1)), t)


@misconception(
    "softmax_cross_entropy",
    hint="You keep the probabilities away from 0 before the logarithm, so no loss exceeds a limit. The "
    "true loss of a certain and wrong prediction has none.",
)
def limits_the_loss(logits, t):
    reference.softmax_cross_entropy(logits, t)
    return _mean_loss(np.log(np.maximum(reference.softmax(logits), 1e-12)), t)


@misconception(
    "softmax_cross_entropy",
    hint="You cut large logits off before raising e to them, so logits beyond the limit become equal. The "
    "overflow is avoided, but the loss is wrong.",
)
def cuts_the_logits_off(logits, t):
    return reference.softmax_cross_entropy(np.clip(_as_float(logits), -500, 500), t)


@misconception(
    "softmax_cross_entropy",
    hint="You shift the logits inside the sum of powers, but not the logit of the true class. Both belong "
    "to the same softmax, so both move.",
)
def shifts_the_sum_only(logits, t):
    loss = reference.softmax_cross_entropy(logits, t)
    return loss - np.sum(t * _as_float(logits).max(axis=1, keepdims=True)) / len(t)


@misconception(
    "softmax_cross_entropy",
    hint="Your loss holds the logit of the true class only. The logarithm of the sum of all powers is "
    "missing from the logarithm of softmax.",
)
def forgets_the_sum_of_powers(logits, t):
    reference.softmax_cross_entropy(logits, t)
    return _mean_loss(_as_float(logits), t)


@misconception(
    "softmax_cross_entropy",
    hint="You treat the logits as if they were probabilities already. They have to go through softmax first.",
)
def takes_logits_for_probabilities(logits, t):
    reference.softmax_cross_entropy(logits, t)
    z = _as_float(logits)
    return _mean_loss(np.log(np.where(t > 0, np.where(z > 0, z, 1), 1)), t)


@misconception(
    "softmax_cross_entropy",
    hint="You normalise over the batch: the powers of one class are summed over all samples. The sum runs "
    "over the classes of one sample.",
)
def sums_powers_over_the_batch(logits, t):
    return reference.softmax_cross_entropy(logits.T, t.T) * t.shape[1] / len(t)


@misconception(
    "softmax_cross_entropy",
    hint="Your losses of the batch are added up. The loss is their mean, so that it does not grow with the batch.",
)
def adds_the_losses_of_logits_up(logits, t):
    return reference.softmax_cross_entropy(logits, t) * len(t)


@misconception(
    "softmax_cross_entropy",
    hint="You take the mean over the classes as well. The classes are summed; only the samples of the "
    "batch are averaged.",
)
def averages_logits_over_the_classes(logits, t):
    return reference.softmax_cross_entropy(logits, t) / t.shape[1]


@misconception(
    "softmax_cross_entropy",
    hint="You return one loss for each sample. The function returns their mean, a single number.",
)
def returns_the_losses_of_logits(logits, t):
    reference.softmax_cross_entropy(logits, t)
    return np.array([reference.softmax_cross_entropy(logits[n : n + 1], t[n : n + 1]) for n in range(len(t))])


@misconception(
    "softmax_cross_entropy",
    hint="Your loss is negative. Logarithms of probabilities are below 0; the minus in front of the sum "
    "makes the loss positive.",
)
def forgets_the_minus_of_the_loss(logits, t):
    return -reference.softmax_cross_entropy(logits, t)


@misconception(
    "softmax_cross_entropy",
    hint="Your logarithm has base 2. The formula's log is the natural logarithm, the one that undoes e^z.",
)
def takes_the_loss_to_base_2(logits, t):
    return reference.softmax_cross_entropy(logits, t) / np.log(2)


@misconception(
    "softmax_cross_entropy",
    hint="Your loss of integer logits is cut to whole numbers. An array that you fill took over their "
    "dtype; the computation has to be in float64.",
)
def takes_the_loss_in_integers(logits, t):
    loss = reference.softmax_cross_entropy(logits, t)
    return loss.astype(logits.dtype)


@misconception(
    "softmax_cross_entropy",
    hint="The loss is right, but you change the logits that you were given: an operation such as -= works "
    "in the caller's array. Compute into a new one.",
)
def shifts_the_loss_in_place(logits, t):
    reference.softmax_cross_entropy(logits, t)
    logits -= logits.max(axis=-1, keepdims=True)
    return reference.softmax_cross_entropy(logits, t)


@misconception(
    "softmax_cross_entropy",
    stateful=True,
    hint="Your second loss is that of the first call. Nothing may be kept between calls: look for a "
    "variable outside the function, or an array made as a default.",
)
def remembers_the_loss_of_logits():
    return _remember_the_first(reference.softmax_cross_entropy)


@misconception(
    "softmax_cross_entropy",
    hint="Arrays of different shapes are accepted where NumPy can stretch one of them to the other. The "
    "handout asks for a ValueError: nobody means that.",
)
def stretches_the_targets_of_logits(logits, t):
    return reference.softmax_cross_entropy(logits, np.broadcast_to(t, np.broadcast_shapes(logits.shape, t.shape)))


# softmax_cross_entropy_gradient


@misconception(
    "softmax_cross_entropy_gradient",
    hint="Your gradient is that of the summed losses. The loss is a mean over the batch, so each sample "
    "has only its share of it.",
)
def forgets_the_mean(logits, t):
    return reference.softmax_cross_entropy_gradient(logits, t) * len(t)


@misconception(
    "softmax_cross_entropy_gradient",
    hint="You divide by the number of all logits. The loss is a mean over the samples of the batch only; "
    "the classes are summed.",
)
def divides_by_all_entries(logits, t):
    return reference.softmax_cross_entropy_gradient(logits, t) / t.shape[1]


@misconception(
    "softmax_cross_entropy_gradient",
    hint="You divide by the number of classes. The mean is over the samples: which axis of the logits counts those?",
)
def divides_the_gradient_by_the_classes(logits, t):
    return reference.softmax_cross_entropy_gradient(logits, t) * len(t) / t.shape[1]


@misconception(
    "softmax_cross_entropy_gradient",
    hint="Your gradient has the wrong sign. Ask what a larger logit of the true class does to the loss: it "
    "falls, so its entry is negative.",
)
def turns_the_sign(logits, t):
    return -reference.softmax_cross_entropy_gradient(logits, t)


@misconception(
    "softmax_cross_entropy_gradient",
    hint="The targets have no part in your gradient: it holds the probabilities alone. At the true class "
    "something is taken away.",
)
def forgets_the_targets(logits, t):
    reference.softmax_cross_entropy_gradient(logits, t)
    return reference.softmax(logits) / len(t)


@misconception(
    "softmax_cross_entropy_gradient",
    hint="You compare the logits themselves with the targets. The gradient compares probabilities with "
    "them: softmax is missing.",
)
def forgets_the_softmax(logits, t):
    reference.softmax_cross_entropy_gradient(logits, t)
    return (_as_float(logits) - t) / len(t)


@misconception(
    "softmax_cross_entropy_gradient",
    hint="Only the entry of the true class is right; the others are 0. Every logit of the row is in the "
    "sum of softmax, so every one has a gradient.",
)
def keeps_the_true_class_only(logits, t):
    return reference.softmax_cross_entropy_gradient(logits, t) * t


@misconception(
    "softmax_cross_entropy_gradient",
    hint="Your gradient has an extra factor y(1 - y). With cross-entropy the slope of softmax is contained "
    "in y - t already: derive the two together.",
)
def multiplies_by_the_slope(logits, t):
    y = reference.softmax(logits)
    return reference.softmax_cross_entropy_gradient(logits, t) * y * (1 - y)


@misconception(
    "softmax_cross_entropy_gradient",
    hint="You return the gradient with respect to the probabilities, -t/y. It still has to go back through "
    "softmax to the logits.",
)
def stops_at_the_probabilities(logits, t):
    reference.softmax_cross_entropy_gradient(logits, t)
    return -t / reference.softmax(logits) / len(t)


@misconception(
    "softmax_cross_entropy_gradient",
    hint="Your columns sum to 0, not your rows: softmax runs over the batch. The classes lie along the last axis.",
)
def takes_softmax_over_the_batch(logits, t):
    return reference.softmax_cross_entropy_gradient(logits.T, t.T).T * t.shape[1] / len(t)


@misconception(
    "softmax_cross_entropy_gradient",
    hint="You raise e to the logits as they are, and e^710 is already infinite. Softmax does not change "
    "when all logits of a row change by the same amount: use that.",
)
def takes_the_gradient_without_a_shift(logits, t):
    reference.softmax_cross_entropy_gradient(logits, t)
    return (_normalised(np.exp(_as_float(logits))) - t) / len(t)


@misconception(
    "softmax_cross_entropy_gradient",
    hint="You subtract one number from all rows. A row far below the largest logit of the array then has "
    "only zeros to divide: each row needs a number of its own.",
)
def takes_the_gradient_with_one_shift(logits, t):
    reference.softmax_cross_entropy_gradient(logits, t)
    return (_normalised(np.exp(_as_float(logits) - logits.max())) - t) / len(t)


@misconception(
    "softmax_cross_entropy_gradient",
    hint="You subtract the mean of a row, which is no bound: a class far above the mean still overflows. "
    "Ask which number makes the largest exponent 0.",
)
def takes_the_gradient_with_the_mean(logits, t):
    reference.softmax_cross_entropy_gradient(logits, t)
    z = _as_float(logits)
    return (_normalised(np.exp(z - z.mean(axis=1, keepdims=True))) - t) / len(t)


@misconception(
    "softmax_cross_entropy_gradient",
    hint="The gradient of integer logits is cut to whole numbers. The array that you fill took over their "
    "dtype; it has to be float64.",
)
def keeps_the_gradient_in_integers(logits, t):
    return reference.softmax_cross_entropy_gradient(logits, t).astype(logits.dtype)


@misconception(
    "softmax_cross_entropy_gradient",
    hint="Your gradient is float64 although the logits are float32. Look where an array or a number of "
    "another dtype comes in.",
)
def computes_the_gradient_in_float64(logits, t):
    return reference.softmax_cross_entropy_gradient(logits, t).astype(np.float64)


@misconception(
    "softmax_cross_entropy_gradient",
    hint="The gradient is right, but you change the logits that you were given: an operation such as -= "
    "works in the caller's array. Compute into a new one.",
)
def shifts_the_gradient_in_place(logits, t):
    reference.softmax_cross_entropy_gradient(logits, t)
    logits -= logits.max(axis=-1, keepdims=True)
    return reference.softmax_cross_entropy_gradient(logits, t)


@misconception(
    "softmax_cross_entropy_gradient",
    stateful=True,
    hint="Your second gradient is that of the first call. Nothing may be kept between calls: look for an "
    "array outside the function, or one made as a default.",
)
def remembers_the_gradient():
    return _remember_the_first(reference.softmax_cross_entropy_gradient)


@misconception(
    "softmax_cross_entropy_gradient",
    hint="Arrays of different shapes are accepted where NumPy can stretch one of them to the other. The "
    "handout asks for a ValueError: nobody means that.",
)
def stretches_the_targets_of_the_gradient(logits, t):
    stretched = np.broadcast_to(t, np.broadcast_shapes(logits.shape, t.shape))
    return reference.softmax_cross_entropy_gradient(logits, stretched)


# what several of them share


def _as_float(array):
    return array.astype(np.float32 if array.dtype == np.float32 else np.float64)


def _normalised(powers):
    return powers / powers.sum(axis=-1, keepdims=True)


def _mean_loss(log_y, t):
    return -np.sum(t * log_y) / len(t)


def _remember_the_first(function):
    answers = []

    def remembering(*args, **kwargs):
        if not answers:
            answers.append(function(*args, **kwargs))
        return answers[0]

    return remembering
