"""Wrong solutions of hw6, each with one mistake and the hint that it proves.

Everything but the mistake is right, the refusals included: so it costs the points of its
own rule, and its wrong answers are nobody else's.
"""

import numpy as np

from grader.checks.misconceptions import load_beside, misconception

reference = load_beside(__file__, "batchnorm.py")


# batchnorm_train


@misconception(
    "batchnorm_train",
    hint="Your variance divides by one less than the number of values. Batch normalisation describes the "
    "batch that is there: divide by the number itself.",
)
def divides_by_one_less(a, gamma, beta, eps):
    a, mean, _ = _batch(a, gamma, beta)
    count = a.size // a.shape[-1]
    variance = ((a - mean) ** 2).sum(axis=_samples(a)) / a.dtype.type(max(count - 1, 1))
    return gamma * (a - mean) / np.sqrt(variance + eps) + beta


@misconception(
    "batchnorm_train",
    hint="You normalise each sample over its own nodes: that is layer normalisation. Here every node is "
    "normalised over the samples of the batch.",
)
def normalises_each_sample(a, gamma, beta, eps):
    a, _, _ = _batch(a, gamma, beta)
    return _over(tuple(range(1, a.ndim)), a, gamma, beta, eps)


@misconception(
    "batchnorm_train",
    hint="You take one mean and one variance for all nodes together. Each node (each channel of a feature "
    "map) has its own.",
)
def takes_one_mean_for_all_nodes(a, gamma, beta, eps):
    a, _, _ = _batch(a, gamma, beta)
    return _over(None, a, gamma, beta, eps)


@misconception(
    "batchnorm_train",
    hint="On feature maps you take the mean over the images only, a separate one for every pixel. A "
    "channel counts as one node: its statistics are over the pixels as well.",
)
def takes_each_pixel_alone(a, gamma, beta, eps):
    a, _, _ = _batch(a, gamma, beta)
    return _over((0,), a, gamma, beta, eps)


@misconception(
    "batchnorm_train",
    hint="On feature maps you take the mean over the pixels of each image alone. The statistics of a "
    "channel are over all images of the batch.",
)
def takes_each_image_alone(a, gamma, beta, eps):
    a, _, _ = _batch(a, gamma, beta)
    return _over((0,) if a.ndim == 2 else (1, 2), a, gamma, beta, eps)


@misconception(
    "batchnorm_train",
    hint="On feature maps you keep the second axis and average over the others, as if the channels came "
    "first. They are the last axis here.",
)
def looks_for_channels_in_the_second_axis(a, gamma, beta, eps):
    a, _, _ = _batch(a, gamma, beta)
    return _over((0, *range(2, a.ndim)), a, gamma, beta, eps)


@misconception(
    "batchnorm_train",
    hint="You add epsilon to the deviation, after the root. In (9.4.16) it is added to the variance: the "
    "root is taken of the sum.",
)
def adds_epsilon_to_the_deviation(a, gamma, beta, eps):
    a, mean, variance = _batch(a, gamma, beta)
    return gamma * (a - mean) / (np.sqrt(variance) + eps) + beta


@misconception(
    "batchnorm_train",
    hint="Your epsilon is always 1e-5. It is an argument: use the value that the caller gives.",
)
def has_an_epsilon_of_its_own(a, gamma, beta, eps):
    return reference.batchnorm_train(a, gamma, beta, 1e-5)


@misconception(
    "batchnorm_train",
    hint="You leave epsilon out. Without it a node that never varies divides 0 by 0, and every other node "
    "comes out a little too large.",
)
def leaves_epsilon_out(a, gamma, beta, eps):
    return reference.batchnorm_train(a, gamma, beta, 0.0)


@misconception(
    "batchnorm_train",
    hint="You divide by the variance itself. The sums are divided by its root, so that the result has a variance of 1.",
)
def divides_by_the_variance(a, gamma, beta, eps):
    a, mean, variance = _batch(a, gamma, beta)
    return gamma * (a - mean) / (variance + eps) + beta


@misconception(
    "batchnorm_train",
    hint="You subtract the mean but divide by nothing. Normalised sums have a variance of 1 as well as a mean of 0.",
)
def divides_by_nothing(a, gamma, beta, eps):
    a, mean, _ = _batch(a, gamma, beta)
    return gamma * (a - mean) + beta


@misconception(
    "batchnorm_train",
    hint="You divide by the deviation but do not subtract the mean. Normalised sums have a mean of 0 as "
    "well as a variance of 1.",
)
def keeps_the_mean(a, gamma, beta, eps):
    a, _, variance = _batch(a, gamma, beta)
    return gamma * a / np.sqrt(variance + eps) + beta


@misconception(
    "batchnorm_train",
    hint="You scale and shift the sums as they came in. (9.4.17) is about the normalised sums: its a is "
    "the one with a hat, from (9.4.16).",
)
def scales_the_sums_as_they_came(a, gamma, beta, eps):
    a, _, _ = _batch(a, gamma, beta)
    return gamma * a + beta


@misconception(
    "batchnorm_train",
    hint="Gamma and beta have changed places. Gamma is the scale, which multiplies; beta is the shift, which is added.",
)
def swaps_scale_and_shift(a, gamma, beta, eps):
    return reference.batchnorm_train(a, beta, gamma, eps)


@misconception("batchnorm_train", hint="You leave gamma out: the normalised sums are shifted, but never scaled.")
def leaves_the_scale_out(a, gamma, beta, eps):
    return reference.batchnorm_train(a, np.ones_like(gamma), beta, eps) + 0 * gamma


@misconception(
    "batchnorm_train", hint="You leave beta out: the normalised sums are scaled, but they are never shifted."
)
def leaves_the_shift_out(a, gamma, beta, eps):
    return reference.batchnorm_train(a, gamma, np.zeros_like(beta), eps) + 0 * beta


@misconception(
    "batchnorm_train",
    hint="You add beta before you multiply by gamma, so the shift is scaled too. (9.4.17) scales first.",
)
def shifts_before_it_scales(a, gamma, beta, eps):
    a, _, _ = _batch(a, gamma, beta)
    return gamma * reference.batchnorm_train(a, np.ones_like(gamma), beta, eps)


@misconception(
    "batchnorm_train",
    hint="You use the first scale and the first shift for all nodes. Each node (or channel) has its own pair.",
)
def uses_the_first_scale_and_shift(a, gamma, beta, eps):
    a, _, _ = _batch(a, gamma, beta)
    return reference.batchnorm_train(a, np.full_like(gamma, gamma[0]), np.full_like(beta, beta[0]), eps)


@misconception(
    "batchnorm_train",
    hint="Your variance is the mean of the squares minus the square of the mean. In float32, two large "
    "numbers that are nearly equal leave only rounding errors: subtract the mean first.",
)
def subtracts_two_large_squares(a, gamma, beta, eps):
    a, mean, _ = _batch(a, gamma, beta)
    variance = (a**2).mean(axis=_samples(a)) - mean**2
    return gamma * (a - mean) / np.sqrt(variance + eps) + beta


@misconception(
    "batchnorm_train",
    hint="The result of integer sums is cut to whole numbers. The array that you fill took over the dtype "
    "of `a`; it has to be float64.",
)
def keeps_normalised_sums_in_integers(a, gamma, beta, eps):
    return reference.batchnorm_train(a, gamma, beta, eps).astype(a.dtype)


@misconception(
    "batchnorm_train",
    hint="Your result is float64 although the sums are float32. Look where an array or a number of another "
    "dtype comes in.",
)
def normalises_in_float64(a, gamma, beta, eps):
    return reference.batchnorm_train(a, gamma, beta, eps).astype(np.float64)


@misconception(
    "batchnorm_train",
    hint="You change the sums that you were given: an operation such as -= works in the caller's array. "
    "Compute into a new one.",
)
def centres_the_sums_in_place(a, gamma, beta, eps):
    y = reference.batchnorm_train(a, gamma, beta, eps)
    a -= a.mean(axis=_samples(a), dtype=y.dtype)
    return y


@misconception(
    "batchnorm_train",
    stateful=True,
    hint="Your second answer is the answer to the first call. Nothing may be kept between calls: look for "
    "an array outside the function, or one made as a default.",
)
def remembers_the_first_batch():
    return _remember_the_first(reference.batchnorm_train)


@misconception(
    "batchnorm_train",
    stateful=True,
    hint="You normalise the second batch with the mean and the variance of the first. In training every "
    "batch has its own statistics.",
)
def remembers_the_first_statistics():
    kept = []

    def remembering(a, gamma, beta, eps):
        a, mean, variance = _batch(a, gamma, beta)
        if not kept:
            kept.extend((mean, variance))
        return gamma * (a - kept[0]) / np.sqrt(kept[1] + eps) + beta

    return remembering


@misconception(
    "batchnorm_train",
    hint="A scale or a shift of another length is accepted where NumPy can stretch it. The handout asks for "
    "a ValueError: it belongs to another layer.",
)
def stretches_the_scale(a, gamma, beta, eps):
    nodes = a.shape[-1:]
    return reference.batchnorm_train(a, np.broadcast_to(gamma, nodes), np.broadcast_to(beta, nodes), eps)


# batchnorm_inference


@misconception(
    "batchnorm_inference",
    hint="You normalise with the mean and the variance of the batch, as in training. At inference the "
    "running statistics take their place.",
)
def uses_the_statistics_of_the_batch(a, running_mean, running_var, gamma, beta, eps):
    reference.batchnorm_inference(a, running_mean, running_var, gamma, beta, eps)
    return reference.batchnorm_train(a, gamma, beta, eps)


@misconception(
    "batchnorm_inference",
    hint="You divide by the variance and epsilon themselves. The sums are divided by the root, as in training.",
)
def divides_by_the_running_variance(a, running_mean, running_var, gamma, beta, eps):
    reference.batchnorm_inference(a, running_mean, running_var, gamma, beta, eps)
    return gamma * (_as_float(a) - running_mean) / (running_var + eps) + beta


@misconception(
    "batchnorm_inference",
    hint="You square the running variance, as if it were the deviation. It is the variance already.",
)
def squares_the_running_variance(a, running_mean, running_var, gamma, beta, eps):
    return reference.batchnorm_inference(a, running_mean, running_var**2, gamma, beta, eps)


@misconception(
    "batchnorm_inference",
    hint="You add epsilon to the deviation, after the root. It is added to the running variance: the root "
    "is taken of the sum.",
)
def adds_epsilon_to_the_running_deviation(a, running_mean, running_var, gamma, beta, eps):
    reference.batchnorm_inference(a, running_mean, running_var, gamma, beta, eps)
    return gamma * (_as_float(a) - running_mean) / (np.sqrt(running_var) + eps) + beta


@misconception(
    "batchnorm_inference",
    hint="At inference your epsilon is always 1e-5. It is an argument: use the value that the caller gives.",
)
def has_an_inference_epsilon_of_its_own(a, running_mean, running_var, gamma, beta, eps):
    return reference.batchnorm_inference(a, running_mean, running_var, gamma, beta, 1e-5)


@misconception(
    "batchnorm_inference",
    hint="You leave epsilon out at inference. Training and inference use the same formula, and a running "
    "variance may be 0.",
)
def leaves_the_inference_epsilon_out(a, running_mean, running_var, gamma, beta, eps):
    return reference.batchnorm_inference(a, running_mean, running_var, gamma, beta, 0.0)


@misconception(
    "batchnorm_inference",
    hint="Running mean and running variance have changed places. Look at the order of the arguments.",
)
def swaps_mean_and_variance(a, running_mean, running_var, gamma, beta, eps):
    return reference.batchnorm_inference(a, running_var, running_mean, gamma, beta, eps)


@misconception(
    "batchnorm_inference",
    hint="You divide by the running deviation but do not subtract the running mean.",
)
def keeps_the_running_mean(a, running_mean, running_var, gamma, beta, eps):
    return reference.batchnorm_inference(a, 0 * running_mean, running_var, gamma, beta, eps)


@misconception(
    "batchnorm_inference",
    hint="You scale and shift the sums as they came in. (9.4.17) is about the normalised sums: its a is "
    "the one with a hat.",
)
def scales_the_sums_of_inference(a, running_mean, running_var, gamma, beta, eps):
    reference.batchnorm_inference(a, running_mean, running_var, gamma, beta, eps)
    return gamma * _as_float(a) + beta


@misconception(
    "batchnorm_inference",
    hint="Gamma and beta have changed places at inference. Gamma is the scale, beta is the shift.",
)
def swaps_scale_and_shift_at_inference(a, running_mean, running_var, gamma, beta, eps):
    return reference.batchnorm_inference(a, running_mean, running_var, beta, gamma, eps)


@misconception(
    "batchnorm_inference", hint="You leave gamma out at inference: the network was trained with the scaled sums."
)
def leaves_the_scale_out_at_inference(a, running_mean, running_var, gamma, beta, eps):
    return reference.batchnorm_inference(a, running_mean, running_var, gamma**0, beta, eps)


@misconception(
    "batchnorm_inference", hint="You leave beta out at inference: the network was trained with the shifted sums."
)
def leaves_the_shift_out_at_inference(a, running_mean, running_var, gamma, beta, eps):
    return reference.batchnorm_inference(a, running_mean, running_var, gamma, 0 * beta, eps)


@misconception(
    "batchnorm_inference",
    hint="You add beta before you multiply by gamma, so the shift is scaled too. Inference scales first, as "
    "training does.",
)
def shifts_before_it_scales_at_inference(a, running_mean, running_var, gamma, beta, eps):
    return reference.batchnorm_inference(a, running_mean, running_var, gamma, gamma * beta, eps)


@misconception(
    "batchnorm_inference",
    hint="You enlarge the running variance by n / (n - 1). The handout uses it as it is given.",
)
def enlarges_the_running_variance(a, running_mean, running_var, gamma, beta, eps):
    count = a.size // a.shape[-1]
    enlarged = running_var * (count / max(count - 1, 1))
    return reference.batchnorm_inference(a, running_mean, enlarged, gamma, beta, eps)


@misconception(
    "batchnorm_inference",
    hint="At inference you use the first scale and the first shift for all nodes. Each node (or channel) has its own.",
)
def uses_the_first_scale_at_inference(a, running_mean, running_var, gamma, beta, eps):
    reference.batchnorm_inference(a, running_mean, running_var, gamma, beta, eps)
    gamma, beta = np.full_like(gamma, gamma[0]), np.full_like(beta, beta[0])
    return reference.batchnorm_inference(a, running_mean, running_var, gamma, beta, eps)


@misconception(
    "batchnorm_inference",
    hint="At inference the result of integer sums is cut to whole numbers: the array that you fill has to be float64.",
)
def keeps_inference_in_integers(a, running_mean, running_var, gamma, beta, eps):
    return reference.batchnorm_inference(a, running_mean, running_var, gamma, beta, eps).astype(a.dtype)


@misconception(
    "batchnorm_inference",
    hint="At inference your result is float64 although the sums are float32. Look where another dtype comes in.",
)
def infers_in_float64(a, running_mean, running_var, gamma, beta, eps):
    return reference.batchnorm_inference(a, running_mean, running_var, gamma, beta, eps).astype(np.float64)


@misconception(
    "batchnorm_inference",
    hint="You change the sums that you were given: -= with the running mean works in the caller's array.",
)
def centres_the_sums_of_inference_in_place(a, running_mean, running_var, gamma, beta, eps):
    y = reference.batchnorm_inference(a, running_mean, running_var, gamma, beta, eps)
    a -= running_mean
    return y


@misconception(
    "batchnorm_inference",
    stateful=True,
    hint="At inference your second answer is the answer to the first call. Nothing may be kept between "
    "calls: the running statistics come as arguments.",
)
def remembers_the_first_inference():
    return _remember_the_first(reference.batchnorm_inference)


@misconception(
    "batchnorm_inference",
    hint="Statistics of another length are accepted where NumPy can stretch them. The handout asks for a "
    "ValueError: they belong to another layer.",
)
def stretches_the_running_statistics(a, running_mean, running_var, gamma, beta, eps):
    stretched = (np.broadcast_to(given, a.shape[-1:]) for given in (running_mean, running_var, gamma, beta))
    return reference.batchnorm_inference(a, *stretched, eps)


# update_running


@misconception(
    "update_running",
    hint="Your momentum is the share of the batch. It is the share of the old value: with a momentum of 1 "
    "nothing changes.",
)
def turns_the_momentum_round(running, batch, momentum):
    return reference.update_running(running, batch, 1.0 - momentum)


@misconception(
    "update_running",
    hint="You add the whole batch to the share of the old value. The two shares add up to 1.",
)
def adds_the_whole_batch(running, batch, momentum):
    return reference.update_running(running, batch, momentum) + momentum * batch


@misconception(
    "update_running",
    hint="You add the batch's share to the whole old value, so that the statistic only grows. The two "
    "shares add up to 1.",
)
def keeps_the_whole_old_value(running, batch, momentum):
    return reference.update_running(running, batch, momentum) + (1 - momentum) * running


@misconception(
    "update_running",
    hint="You take the plain mean of the old value and the batch, whatever the momentum.",
)
def takes_the_plain_mean(running, batch, momentum):
    reference.update_running(running, batch, momentum)
    return reference.update_running(running, batch, 0.5)


@misconception(
    "update_running",
    hint="Your momentum is always 0.9. It is an argument: use the value that the caller gives.",
)
def has_a_momentum_of_its_own(running, batch, momentum):
    reference.update_running(running, batch, momentum)
    return reference.update_running(running, batch, 0.9)


@misconception(
    "update_running",
    hint="You replace the old value by the batch's. The running statistic moves only part of the way.",
)
def replaces_the_old_value(running, batch, momentum):
    reference.update_running(running, batch, momentum)
    return reference.update_running(running, batch, 0.0)


@misconception(
    "update_running",
    hint="The values are right, but you write them into `running` itself. The caller's array stays as it is: "
    "return a new one.",
)
def updates_in_place(running, batch, momentum):
    reference.update_running(running, batch, momentum)
    running *= momentum
    running += (1 - momentum) * batch
    return running


@misconception(
    "update_running",
    hint="An integer running statistic is cut to whole numbers again and again. The new one has to be float64.",
)
def keeps_statistics_in_integers(running, batch, momentum):
    return reference.update_running(running, batch, momentum).astype(running.dtype)


@misconception(
    "update_running",
    hint="Your running statistic is float64 although the old one is float32. Look where another dtype comes in.",
)
def updates_in_float64(running, batch, momentum):
    return reference.update_running(running, batch, momentum).astype(np.float64)


@misconception(
    "update_running",
    stateful=True,
    hint="You go on from the statistic that you returned last. The old value is the argument `running`: "
    "nothing may be kept between calls.",
)
def goes_on_from_its_own_statistic():
    kept = {}  # for each length: the caller may have several layers

    def remembering(running, batch, momentum):
        checked = reference.update_running(running, batch, momentum)
        old = kept.get(len(running))
        kept[len(running)] = checked if old is None else reference.update_running(old, batch, momentum)
        return kept[len(running)]

    return remembering


@misconception(
    "update_running",
    hint="You refuse a momentum of 0 or of 1. Both are shares: all of the batch, and none of it.",
)
def refuses_the_ends(running, batch, momentum):
    if not 0 < momentum < 1:
        raise ValueError("the momentum lies between 0 and 1")
    return reference.update_running(running, batch, momentum)


@misconception(
    "update_running",
    hint="You compute with a momentum below 0. The handout asks for a ValueError outside [0, 1]: that is no share.",
)
def accepts_a_negative_momentum(running, batch, momentum):
    checked = reference.update_running(running, batch, 0.0)
    return momentum * running.astype(checked.dtype) + (1 - momentum) * batch


@misconception(
    "update_running",
    hint="You refuse a momentum below 0, but not one above 1. A share has two ends.",
)
def accepts_a_momentum_above_one(running, batch, momentum):
    if momentum < 0:
        raise ValueError("the momentum is negative")
    return accepts_a_negative_momentum(running, batch, momentum)


@misconception(
    "update_running",
    hint="Statistics of different lengths are accepted where NumPy can stretch one of them. The handout "
    "asks for a ValueError: they belong to different layers.",
)
def stretches_the_statistics(running, batch, momentum):
    return reference.update_running(*np.broadcast_arrays(running, batch), momentum)


# layernorm


@misconception(
    "layernorm",
    hint="You normalise each node over the batch: that is batch normalisation. Here every sample is "
    "normalised over the nodes of its layer.",
)
def normalises_each_node(a, gamma, beta, eps):
    return reference.batchnorm_train(a, gamma, beta, eps)


@misconception(
    "layernorm",
    hint="You take one mean and one variance for the whole batch. Each sample has its own, over its nodes.",
)
def takes_one_mean_for_all_samples(a, gamma, beta, eps):
    a, _, _ = _layer(a, gamma, beta)
    return _over(None, a, gamma, beta, eps)


@misconception(
    "layernorm",
    hint="The variance of your layer divides by one less than the number of nodes. (9.4.19) divides by the "
    "number itself.",
)
def divides_by_one_node_less(a, gamma, beta, eps):
    a, mean, _ = _layer(a, gamma, beta)
    variance = ((a - mean) ** 2).sum(axis=1, keepdims=True) / a.dtype.type(max(a.shape[1] - 1, 1))
    return gamma * (a - mean) / np.sqrt(variance + eps) + beta


@misconception(
    "layernorm",
    hint="You add epsilon to the deviation of the layer, after the root. It is added to the variance: the "
    "root is taken of the sum.",
)
def adds_epsilon_to_the_layer_s_deviation(a, gamma, beta, eps):
    a, mean, variance = _layer(a, gamma, beta)
    return gamma * (a - mean) / (np.sqrt(variance) + eps) + beta


@misconception(
    "layernorm",
    hint="The epsilon of your layer is always 1e-5. It is an argument: use the value that the caller gives.",
)
def has_a_layer_epsilon_of_its_own(a, gamma, beta, eps):
    return reference.layernorm(a, gamma, beta, 1e-5)


@misconception(
    "layernorm",
    hint="You leave epsilon out in the layer. Without it a sample with equal sums divides 0 by 0.",
)
def leaves_the_layer_epsilon_out(a, gamma, beta, eps):
    return reference.layernorm(a, gamma, beta, 0.0)


@misconception(
    "layernorm",
    hint="You divide by the variance of the layer itself. The sums are divided by its root.",
)
def divides_by_the_layer_s_variance(a, gamma, beta, eps):
    a, mean, variance = _layer(a, gamma, beta)
    return gamma * (a - mean) / (variance + eps) + beta


@misconception(
    "layernorm",
    hint="You subtract the mean of the layer but divide by nothing. The result has a variance of 1 as well.",
)
def divides_the_layer_by_nothing(a, gamma, beta, eps):
    a, mean, _ = _layer(a, gamma, beta)
    return gamma * (a - mean) + beta


@misconception(
    "layernorm",
    hint="You divide by the deviation of the layer but do not subtract its mean.",
)
def keeps_the_layer_s_mean(a, gamma, beta, eps):
    a, _, variance = _layer(a, gamma, beta)
    return gamma * a / np.sqrt(variance + eps) + beta


@misconception(
    "layernorm",
    hint="Gamma and beta have changed places in the layer. Gamma is the scale, beta is the shift.",
)
def swaps_scale_and_shift_of_the_layer(a, gamma, beta, eps):
    return reference.layernorm(a, beta, gamma, eps)


@misconception("layernorm", hint="You leave gamma out in the layer: the normalised sums are shifted, but not scaled.")
def leaves_the_scale_out_of_the_layer(a, gamma, beta, eps):
    return reference.layernorm(a, gamma**0, beta, eps)


@misconception("layernorm", hint="You leave beta out in the layer: the normalised sums are scaled, but not shifted.")
def leaves_the_shift_out_of_the_layer(a, gamma, beta, eps):
    return reference.layernorm(a, gamma, 0 * beta, eps)


@misconception(
    "layernorm",
    hint="In the layer you add beta before you multiply by gamma, so the shift is scaled too. Scale first.",
)
def shifts_the_layer_before_it_scales(a, gamma, beta, eps):
    a, _, _ = _layer(a, gamma, beta)
    return reference.layernorm(a, gamma, gamma * beta, eps)


@misconception(
    "layernorm",
    hint="You use the first scale and the first shift for the whole layer. Each node has its own pair.",
)
def uses_the_first_scale_of_the_layer(a, gamma, beta, eps):
    a, _, _ = _layer(a, gamma, beta)
    return reference.layernorm(a, np.full_like(gamma, gamma[0]), np.full_like(beta, beta[0]), eps)


@misconception(
    "layernorm",
    hint="Means along axis 1 have the shape (N,), and NumPy lines that up with the nodes, not with the "
    "samples. Keep the axis that you average over, with length 1.",
)
def loses_the_axis_of_the_means(a, gamma, beta, eps):
    a, mean, variance = _layer(a, gamma, beta)
    return gamma * ((a - mean[:, 0]) / np.sqrt(variance[:, 0] + eps)) + beta


@misconception(
    "layernorm",
    hint="The variance of your layer is the mean of the squares minus the square of the mean. In float32, "
    "two large numbers that are nearly equal leave only rounding errors.",
)
def subtracts_two_large_squares_in_the_layer(a, gamma, beta, eps):
    a, mean, _ = _layer(a, gamma, beta)
    variance = (a**2).mean(axis=1, keepdims=True) - mean**2
    return gamma * (a - mean) / np.sqrt(variance + eps) + beta


@misconception(
    "layernorm",
    hint="The result of an integer layer is cut to whole numbers: the array that you fill has to be float64.",
)
def keeps_the_layer_in_integers(a, gamma, beta, eps):
    return reference.layernorm(a, gamma, beta, eps).astype(a.dtype)


@misconception(
    "layernorm",
    hint="The result of your layer is float64 although its sums are float32. Look where another dtype comes in.",
)
def normalises_the_layer_in_float64(a, gamma, beta, eps):
    return reference.layernorm(a, gamma, beta, eps).astype(np.float64)


@misconception(
    "layernorm",
    hint="You change the layer that you were given: an operation such as -= works in the caller's array.",
)
def centres_the_layer_in_place(a, gamma, beta, eps):
    y = reference.layernorm(a, gamma, beta, eps)
    a -= a.mean(axis=1, keepdims=True, dtype=y.dtype)
    return y


@misconception(
    "layernorm",
    stateful=True,
    hint="The second layer gets the result of the first call. Nothing may be kept between calls.",
)
def remembers_the_first_layer():
    return _remember_the_first(reference.layernorm)


@misconception(
    "layernorm",
    hint="A scale or a shift of another length than the layer is accepted where NumPy can stretch it. The "
    "handout asks for a ValueError.",
)
def stretches_the_scale_of_the_layer(a, gamma, beta, eps):
    nodes = a.shape[-1:]
    return reference.layernorm(a, np.broadcast_to(gamma, nodes), np.broadcast_to(beta, nodes), eps)


# what several of them share


def _as_float(array):
    return array.astype(np.float32 if array.dtype == np.float32 else np.float64)


def _samples(a):
    return tuple(range(a.ndim - 1))


def _batch(a, gamma, beta):
    """The sums as floats, and the mean and variance of each node; refuses what the reference refuses."""
    reference.batchnorm_train(a, gamma, beta, 1.0)
    a = _as_float(a)
    return a, a.mean(axis=_samples(a)), a.var(axis=_samples(a))


def _layer(a, gamma, beta):
    """The sums as floats, and the mean and variance of each sample, (N, 1)."""
    reference.layernorm(a, gamma, beta, 1.0)
    a = _as_float(a)
    return a, a.mean(axis=1, keepdims=True), a.var(axis=1, keepdims=True)


def _over(axes, a, gamma, beta, eps):
    """Normalised with the mean and the variance over these axes."""
    mean, variance = a.mean(axis=axes, keepdims=True), a.var(axis=axes, keepdims=True)
    return gamma * (a - mean) / np.sqrt(variance + eps) + beta


def _remember_the_first(function):
    answers = []

    def remembering(*args, **kwargs):
        if not answers:
            answers.append(function(*args, **kwargs))
        return answers[0]

    return remembering
