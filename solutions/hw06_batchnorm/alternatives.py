"""Right solutions of hw6 in other styles: each must have all points of its function."""

import math

import numpy as np

from grader.checks.alternatives import alternative

# batchnorm_train


@alternative("batchnorm_train", title="loops over the numbers of each node, on lists")
def loops_over_each_node(a, gamma, beta, eps):
    _same_length(a, gamma, beta)
    columns = [_normalised(column, eps) for column in a.reshape(-1, a.shape[-1]).T.tolist()]
    rows = [
        [float(gamma[i]) * column[n] + float(beta[i]) for i, column in enumerate(columns)]
        for n in range(len(columns[0]))
    ]
    return np.array(rows, dtype=_float_for(a)).reshape(a.shape)


@alternative("batchnorm_train", title="np.var and a loop over the nodes")
def variance_of_each_node(a, gamma, beta, eps):
    _same_length(a, gamma, beta)
    y = np.empty(a.shape, _float_for(a))
    for i in range(a.shape[-1]):
        node = a[..., i].astype(y.dtype)
        y[..., i] = (node - node.mean()) / (node.var() + eps) ** 0.5 * gamma[i] + beta[i]
    return y


@alternative("batchnorm_train", title="scale and shift folded into one line for each node")
def folded_into_a_line(a, gamma, beta, eps):
    _same_length(a, gamma, beta)
    a = a.astype(_float_for(a))
    axes = (0,) if a.ndim == 2 else (0, 1, 2)
    slope = gamma / np.sqrt(a.var(axis=axes) + eps)
    return a * slope + (beta - a.mean(axis=axes) * slope)


@alternative("batchnorm_train", title="transposed: nodes first, einsum for the squares")
def nodes_first(a, gamma, beta, eps):
    _same_length(a, gamma, beta)
    rows = np.moveaxis(a, -1, 0).reshape(a.shape[-1], -1).astype(_float_for(a))  # (D, everything else)
    rows = rows - (rows.sum(axis=1) / rows.dtype.type(rows.shape[1]))[:, None]
    variance = np.einsum("ij,ij->i", rows, rows) / rows.dtype.type(rows.shape[1])
    y = np.asfortranarray(gamma[:, None] * rows / np.sqrt(variance + eps)[:, None] + beta[:, None])
    return np.moveaxis(y.reshape(a.shape[-1:] + a.shape[:-1]), 0, -1)


@alternative("batchnorm_train", title="mean of squares minus square of the mean, in float64")
def squares_in_float64(a, gamma, beta, eps):
    _same_length(a, gamma, beta)
    exact, axes = a.astype(np.float64), tuple(range(a.ndim - 1))
    mean = exact.mean(axis=axes)
    variance = np.maximum((exact**2).mean(axis=axes) - mean**2, 0)
    return (gamma * (exact - mean) / np.sqrt(variance + eps) + beta).astype(_float_for(a))


@alternative("batchnorm_train", title="Welford's running mean and variance, a class")
def one_pass_with_a_class(a, gamma, beta, eps):
    _same_length(a, gamma, beta)
    dtype = _float_for(a)
    seen = _Welford()
    for row in a.reshape(-1, a.shape[-1]).astype(dtype):
        seen.add(row)
    return ((a.astype(dtype) - seen.mean) / np.sqrt(seen.squares / dtype(seen.count) + eps)) * gamma + beta


# batchnorm_inference


@alternative("batchnorm_inference", title="scale and shift folded into one line for each node")
def folded_running_statistics(a, running_mean, running_var, gamma, beta, eps):
    _same_length(a, running_mean, running_var, gamma, beta)
    slope = gamma * (running_var + eps) ** -0.5
    return a.astype(_float_for(a)) * slope + (beta - running_mean * slope)


@alternative("batchnorm_inference", title="number by number, on lists")
def number_by_number(a, running_mean, running_var, gamma, beta, eps):
    _same_length(a, running_mean, running_var, gamma, beta)
    nodes = list(zip(running_mean.tolist(), running_var.tolist(), gamma.tolist(), beta.tolist(), strict=True))
    rows = []
    for row in a.reshape(-1, len(nodes)).tolist():
        rows.append([])
        for value, (mean, var, scale, shift) in zip(row, nodes, strict=True):
            rows[-1].append(scale * (value - mean) / math.sqrt(var + eps) + shift)
    return np.array(rows, dtype=_float_for(a)).reshape(a.shape)


@alternative("batchnorm_inference", title="a diagonal matrix")
def a_diagonal_matrix(a, running_mean, running_var, gamma, beta, eps):
    _same_length(a, running_mean, running_var, gamma, beta)
    return (a.astype(_float_for(a)) - running_mean) @ np.diag(gamma / np.sqrt(running_var + eps)) + beta


# update_running


@alternative("update_running", title="a step from the old value")
def a_step_from_the_old_value(running, batch, momentum):
    _a_share(running, batch, momentum)
    running = running.astype(_float_for(running))
    return running + (batch - running) * (1 - momentum)


@alternative("update_running", title="a list of weighted pairs")
def weighted_pairs(running, batch, momentum):
    _a_share(running, batch, momentum)
    pairs = zip(running.tolist(), batch.tolist(), strict=True)
    return np.array([momentum * old + (1 - momentum) * new for old, new in pairs], dtype=_float_for(running))


@alternative("update_running", title="np.average with weights, rounded at the end")
def an_average_with_weights(running, batch, momentum):
    _a_share(running, batch, momentum)
    return np.average([running, batch], axis=0, weights=[momentum, 1 - momentum]).astype(_float_for(running))


# layernorm


@alternative("layernorm", title="sample by sample, on lists")
def sample_by_sample(a, gamma, beta, eps):
    _same_length(a, gamma, beta)
    rows = [
        [scale * value + shift for value, scale, shift in zip(_normalised(row, eps), gamma, beta, strict=True)]
        for row in a.tolist()
    ]
    return np.array(rows, dtype=_float_for(a))


@alternative("layernorm", title="batch normalisation of the transposed batch")
def the_transposed_batch(a, gamma, beta, eps):
    _same_length(a, gamma, beta)
    turned = a.T.astype(_float_for(a))
    return ((turned - turned.mean(axis=0)) / np.sqrt(turned.var(axis=0) + eps)).T * gamma + beta


@alternative("layernorm", title="recursion over the samples")
def one_sample_and_the_rest(a, gamma, beta, eps):
    _same_length(a, gamma, beta)
    first = a[0].astype(_float_for(a))
    first = first - first.mean()
    first = first / np.sqrt(first.dot(first) / first.dtype.type(len(first)) + eps)
    y = np.multiply(first, gamma)[np.newaxis] + beta
    return y if len(a) == 1 else np.vstack([y, one_sample_and_the_rest(a[1:], gamma, beta, eps)])


@alternative("layernorm", title="a matrix that subtracts the mean")
def a_centring_matrix(a, gamma, beta, eps):
    _same_length(a, gamma, beta)
    dtype, nodes = _float_for(a), a.shape[1]
    centred = a.astype(dtype) @ (np.eye(nodes, dtype=dtype) - dtype(1 / nodes))
    variance = np.einsum("ij,ij->i", centred, centred)[:, None] / dtype(nodes)
    return np.einsum("ij,j,ik->ij", centred, gamma, 1 / np.sqrt(variance + eps)) + beta


# what several of them share


class _Welford:
    """The mean and the sum of squared differences of rows, one row after the other."""

    def __init__(self):
        self.count, self.mean, self.squares = 0, 0, 0

    def add(self, row):
        self.count += 1
        before = row - self.mean
        self.mean = self.mean + before / row.dtype.type(self.count)
        self.squares = self.squares + before * (row - self.mean)


def _normalised(numbers, eps):
    mean = sum(numbers) / len(numbers)
    variance = sum((number - mean) ** 2 for number in numbers) / len(numbers)
    return [(number - mean) / math.sqrt(variance + eps) for number in numbers]


def _float_for(array):
    return np.float32 if array.dtype == np.float32 else np.float64


def _same_length(a, *parameters):
    if any(len(parameter) != a.shape[-1] for parameter in parameters):
        raise ValueError("the lengths differ")


def _a_share(running, batch, momentum):
    if running.shape != batch.shape:
        raise ValueError("the lengths differ")
    if momentum < 0 or momentum > 1:
        raise ValueError("the momentum is no share")
