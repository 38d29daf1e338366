"""Right solutions of hw5 in other styles: each must have all points of its function."""

import itertools
import math
import random

import numpy as np

from grader.checks.alternatives import alternative

# dropout_train


@alternative("dropout_train", title="binomial draws of one trial each")
def binomial_draws(x, keep_prob, seed):
    _in_range(keep_prob)
    mask = np.random.default_rng(seed).binomial(1, keep_prob, size=x.shape)
    return (mask * x).astype(_float_for(x)), mask


@alternative("dropout_train", title="Python's random, a loop over the elements")
def a_loop_over_elements(x, keep_prob, seed):
    _in_range(keep_prob)
    generator = random.Random(seed)  # noqa: S311 - a mask is no secret
    values, mask = np.zeros(x.shape, _float_for(x)), np.zeros(x.shape, bool)
    for place in np.ndindex(*x.shape):
        if generator.random() < keep_prob:
            mask[place] = True
            values[place] = x[place]
    return values, mask


@alternative("dropout_train", title="a choice between 0 and 1, uint8")
def a_choice(x, keep_prob, seed):
    _in_range(keep_prob)
    mask = np.random.default_rng(seed).choice(2, size=x.shape, p=[1 - keep_prob, keep_prob])
    return np.where(mask == 1, x, 0).astype(_float_for(x)), mask.astype(np.uint8)


@alternative("dropout_train", title="NumPy's older generator, drop where the number is large")
def an_older_generator(x, keep_prob, seed):
    _in_range(keep_prob)
    dropped = np.random.RandomState(seed).uniform(size=x.size).reshape(x.shape) >= keep_prob
    values = np.array(x, dtype=_float_for(x))
    values[dropped] = 0
    return values, np.logical_not(dropped)


@alternative("dropout_train", title="a generator for each element")
def a_generator_for_each_element(x, keep_prob, seed):
    _in_range(keep_prob)
    draws = [np.random.default_rng([seed, index]).random() for index in range(x.size)]
    mask = np.reshape([float(draw < keep_prob) for draw in draws], x.shape).astype(_float_for(x))
    return x * mask, mask


@alternative("dropout_train", title="the floor of p plus a uniform number, float32 draws, Fortran order")
def the_floor_of_a_sum(x, keep_prob, seed):
    _in_range(keep_prob)
    draws = np.random.Generator(np.random.Philox(seed)).random(x.shape[::-1], dtype=np.float32).T
    mask = np.where(draws < np.float32(keep_prob), 1, 0)
    return np.multiply(x, mask, dtype=_float_for(x)), np.asfortranarray(mask)


# dropout_inference


@alternative("dropout_inference", title="multiplied into an array of zeros")
def into_zeros(x, keep_prob):
    _in_range(keep_prob)
    out = np.zeros(x.shape, _float_for(x))
    out += x
    out *= keep_prob
    return out


@alternative("dropout_inference", title="a list of Python numbers")
def a_list_of_numbers(x, keep_prob):
    _in_range(keep_prob)
    return np.array([keep_prob * float(value) for value in x.ravel()], _float_for(x)).reshape(x.shape)


@alternative("dropout_inference", title="the average of x and 0, weighted")
def a_weighted_average(x, keep_prob):
    _in_range(keep_prob)
    return np.average([x, np.zeros_like(x)], axis=0, weights=[keep_prob, 1 - keep_prob]).astype(_float_for(x))


# inverted_dropout_train


@alternative("inverted_dropout_train", title="binomial draws, scaled before they are applied")
def scaled_binomial_draws(x, keep_prob, seed):
    _above_zero(keep_prob)
    mask = np.random.default_rng(seed).binomial(1, keep_prob, size=x.shape)
    return (x * (mask / keep_prob)).astype(_float_for(x)), mask


@alternative("inverted_dropout_train", title="Python's random, a loop over the elements")
def a_scaled_loop(x, keep_prob, seed):
    _above_zero(keep_prob)
    generator = random.Random(seed)  # noqa: S311 - a mask is no secret
    mask = [1 if generator.random() < keep_prob else 0 for _ in range(x.size)]
    values = [float(value) / keep_prob if kept else 0.0 for value, kept in zip(x.ravel(), mask, strict=True)]
    return np.array(values, _float_for(x)).reshape(x.shape), np.array(mask).reshape(x.shape)


@alternative("inverted_dropout_train", title="x scaled up first, then dropped out with where")
def scaled_first(x, keep_prob, seed):
    _above_zero(keep_prob)
    mask = ~(np.random.RandomState(seed).rand(*x.shape) > keep_prob)
    scaled = np.divide(x, keep_prob, dtype=_float_for(x))
    return np.where(mask, scaled, np.zeros((), _float_for(x))), mask


@alternative("inverted_dropout_train", title="a choice of indices with repetition, a mask of int8")
def a_scaled_choice(x, keep_prob, seed):
    _above_zero(keep_prob)
    mask = np.random.default_rng(seed).choice([True, False], size=x.shape, p=[keep_prob, 1 - keep_prob])
    values = np.zeros(x.shape, _float_for(x))
    values[mask] = x[mask] * (1 / keep_prob)
    return values, mask.astype(np.int8)


# bernoulli_variance


@alternative("bernoulli_variance", title="E[d^2] - p^2")
def mean_square_minus_square(p):
    _probabilities(p)
    p = np.asarray(p, _float_for(p))
    return p - p**2


@alternative("bernoulli_variance", title="the squared distance, weighted over both outcomes")
def over_both_outcomes(p):
    _probabilities(p)
    if np.ndim(p) == 0:
        return sum(chance * (outcome - p) ** 2 for outcome, chance in ((1, p), (0, 1 - p)))
    values = [over_both_outcomes(float(value)) for value in p.ravel()]
    return np.array(values, _float_for(p)).reshape(p.shape)


# ensemble_gradient


@alternative("ensemble_gradient", title="loops over Python numbers")
def loops_over_numbers(w, inputs, t, p):
    _node(w, inputs, p)
    output = sum(float(a) * float(b) * float(c) for a, b, c in zip(p, w, inputs, strict=True))
    return np.array([(output - t) * float(a) * float(b) for a, b in zip(p, inputs, strict=True)], _float_for(w))


@alternative("ensemble_gradient", title="einsum and the effective inputs p I")
def effective_inputs(w, inputs, t, p):
    _node(w, inputs, p)
    effective = (p * inputs).astype(_float_for(w))
    return (np.einsum("i,i->", effective, w.astype(_float_for(w))) - _float_for(w)(t)) * effective


@alternative("ensemble_gradient", title="the outer product of effective inputs times the weights")
def an_outer_product(w, inputs, t, p):
    _node(w, inputs, p)
    effective = p * inputs
    return (np.outer(effective, effective) @ w - t * effective).astype(_float_for(w))


# expected_dropout_gradient


@alternative("expected_dropout_gradient", title="the terms of (9.4.10), i and j apart")
def terms_of_the_expansion(w, inputs, t, p):
    _node(w, inputs, p)
    n = len(w)
    gradient = np.zeros(n, _float_for(w))
    for i in range(n):
        others = sum(w[j] * p[i] * p[j] * inputs[i] * inputs[j] for j in range(n) if j != i)
        gradient[i] = -t * p[i] * inputs[i] + w[i] * p[i] * inputs[i] ** 2 + others
    return gradient


@alternative("expected_dropout_gradient", title="the average of (9.4.8) over all masks")
def the_average_over_all_masks(w, inputs, t, p):
    _node(w, inputs, p)
    gradient = np.zeros(len(w))
    for mask in itertools.product((0, 1), repeat=len(w)):
        kept = np.array(mask)
        chance = np.prod(np.where(kept, p, 1 - p))
        gradient += chance * -(t - np.sum(kept * w * inputs)) * kept * inputs
    return gradient.astype(_float_for(w))


@alternative("expected_dropout_gradient", title="the matrix of E[d_i d_j]")
def the_matrix_of_second_moments(w, inputs, t, p):
    _node(w, inputs, p)
    moments = np.outer(p, p)
    np.fill_diagonal(moments, p)
    return (inputs * (moments @ (w * inputs) - t * p)).astype(_float_for(w))


# regularized_error


@alternative("regularized_error", title="loops over Python numbers")
def an_error_in_loops(w, inputs, t, p):
    _node(w, inputs, p)
    error, output = 0.0, 0.0
    for weight, value, stays in zip(w.tolist(), inputs.tolist(), p.tolist(), strict=True):
        output += stays * weight * value
        error += 0.5 * (weight * value) ** 2 * (stays - stays**2)
    return error + 0.5 * (t - output) ** 2


@alternative("regularized_error", title="half of the squared bias and the variance of o_D")
def bias_and_variance(w, inputs, t, p):
    _node(w, inputs, p)
    products = np.asarray(w * inputs, _float_for(w))
    return np.asarray(((t - products @ p) ** 2 + products @ (p * (1 - p) * products)) / 2)


@alternative("regularized_error", title="the mean of E_D over all masks")
def the_mean_error_over_all_masks(w, inputs, t, p):
    _node(w, inputs, p)
    masks = np.array(list(itertools.product((0.0, 1.0), repeat=len(w))))
    chances = np.prod(np.where(masks == 1, p, 1 - p), axis=1)
    return float(np.sum(chances * (t - masks @ (w * inputs)) ** 2) / 2)


# weight_decay


@alternative("weight_decay", title="a loop over Python numbers")
def a_loop_over_weights(weights, strength, norm="l2"):
    power = {"l1": 1, "l2": 2}.get(norm)
    if power is None:
        raise ValueError("no such norm")
    return strength * math.fsum(abs(weight) ** power for weight in weights.ravel().tolist())


@alternative("weight_decay", title="NumPy's vector norms")
def vector_norms(weights, strength, norm="l2"):
    flat = weights.ravel().astype(_float_for(weights))
    if norm == "l1":
        return strength * np.linalg.norm(flat, 1)
    if norm == "l2":
        return strength * np.linalg.norm(flat) ** 2
    raise ValueError("no such norm")


@alternative("weight_decay", title="products with the weights or with their signs")
def products_with_the_signs(weights, strength, norm="l2"):
    if norm not in ("l1", "l2"):
        raise ValueError("no such norm")
    flat = np.asarray(weights, _float_for(weights)).reshape(-1)
    return float(strength * flat @ (flat if norm == "l2" else np.sign(flat)))


# what several of them share


def _float_for(array):
    return np.float32 if getattr(array, "dtype", None) == np.float32 else np.float64


def _in_range(keep_prob):
    if keep_prob < 0 or keep_prob > 1:
        raise ValueError("no probability")


def _above_zero(keep_prob):
    if keep_prob <= 0 or keep_prob > 1:
        raise ValueError("no probability above 0")


def _probabilities(p):
    if np.min(p) < 0 or np.max(p) > 1:
        raise ValueError("no probability")


def _node(w, inputs, p):
    if len({len(w), len(inputs), len(p)}) > 1:
        raise ValueError("the lengths differ")
    _probabilities(p)
