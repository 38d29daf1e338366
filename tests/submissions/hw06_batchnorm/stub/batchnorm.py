"""Normalisation: weighted sums with a mean of 0 and a variance of 1.  (Lecture 9.4)

Weighted sums `a` are (N, D), N samples of a layer with D nodes, or feature maps
(N, H, W, C), where a channel counts as one node. The scale gamma and the shift beta
are (D,) or (C,). No function changes its arguments or keeps anything between calls.
float32 stays float32; float64 and integers give float64.
"""

import numpy as np


def batchnorm_train(a, gamma, beta, eps):
    """Normalise every node over the batch: y = γ·(a - μ)/√(σ² + ε) + β.  (Lecture 9.4)

    (9.4.14)-(9.4.17): μ and σ² are the mean and the variance of one node over the
    samples of the batch; for feature maps of one channel, over all N·H·W pixels. σ² is
    the mean of (a - μ)²: it divides by the number of values, not by one less.

    The result is as exact as its dtype allows, also where μ is thousands of times σ.

    Args:
        a: weighted sums, (N, D) or (N, H, W, C), float32, float64 or any integer dtype;
            left unchanged.
        gamma: γ, the scale of every node or channel, (D,) or (C,).
        beta: β, the shift of every node or channel, (D,) or (C,).
        eps: ε, a small number above 0; it keeps the root from being 0.

    Returns:
        y, of the shape of `a`.
        float32 stays float32; float64 and integers give float64.

    Raises:
        ValueError: the length of gamma or beta is not the number of nodes or channels.

    Example:
        >>> a = np.array([[1.0, 10.0], [3.0, 50.0]])  # variances 1 and 400
        >>> batchnorm_train(a, np.array([1.0, 2.0]), np.array([0.0, 5.0]), 1e-12)
        array([[-1.,  3.],
               [ 1.,  7.]])
    """
    # Your code here
    raise NotImplementedError("batchnorm_train is not written yet")


def batchnorm_inference(a, running_mean, running_var, gamma, beta, eps):
    """Normalise with the statistics that training left: y = γ·(a - μ)/√(σ² + ε) + β.

    (9.4.16) and (9.4.17) again, with μ and σ² of each node given: after training a
    sample's result does not depend on the samples beside it.

    Args:
        a: weighted sums, (N, D) or (N, H, W, C), float32, float64 or any integer dtype;
            left unchanged.
        running_mean: μ of every node or channel, (D,) or (C,).
        running_var: σ², the variance and not its root, (D,) or (C,); 0 or more.
        gamma: γ, (D,) or (C,).
        beta: β, (D,) or (C,).
        eps: ε, a small number above 0.

    Returns:
        y, of the shape of `a`.
        float32 stays float32; float64 and integers give float64.

    Raises:
        ValueError: one of the four has another length than there are nodes or channels.

    Example:
        >>> mean, var = np.array([2.0]), np.array([9.0])
        >>> gamma, beta = np.array([6.0]), np.array([1.0])
        >>> batchnorm_inference(np.array([[5.0], [2.0]]), mean, var, gamma, beta, 1e-15)
        array([[7.],
               [1.]])
    """
    # Your code here
    raise NotImplementedError("batchnorm_inference is not written yet")


def update_running(running, batch, momentum):
    """Move a running statistic towards a batch's: m · running + (1 - m) · batch.

    The lecture's expectation over all x (9.4.14) is unknown while the network trains;
    the running mean and variance come near it, one batch after the other.

    Args:
        running: the running mean (or variance) so far, (D,), float32, float64 or any
            integer dtype; left unchanged.
        batch: the mean (or variance) of the batch, (D,).
        momentum: m, the share of the old value, in [0, 1]. Both ends are allowed.

    Returns:
        The new running statistic, (D,), a new array. float32 stays float32; float64 and
        integers give float64.

    Raises:
        ValueError: running and batch differ in length, or momentum is outside [0, 1].

    Example:
        >>> update_running(np.array([4.0, 0.0]), np.array([8.0, 2.0]), 0.75)
        array([5. , 0.5])
    """
    # Your code here
    raise NotImplementedError("update_running is not written yet")


def layernorm(a, gamma, beta, eps):
    """Normalise every sample over its nodes: y = γ·(a - μ)/√(σ² + ε) + β.

    Lecture (9.4.18) and (9.4.19): one μ and one σ for each sample, over the D nodes of
    its layer (the lecture's H). No other sample plays a part, so a batch of one is as
    good as any. σ² divides by D. γ and β belong to the nodes, as before.

    The result is as exact as its dtype allows, also where μ is thousands of times σ.

    Args:
        a: weighted sums, (N, D), float32, float64 or any integer dtype; left unchanged.
        gamma: γ, the scale of every node, (D,).
        beta: β, the shift of every node, (D,).
        eps: ε, a small number above 0.

    Returns:
        y, (N, D). float32 stays float32; float64 and integers give float64.

    Raises:
        ValueError: the length of gamma or beta is not the number of nodes.

    Example:
        >>> a = np.array([[1.0, 1.0, 5.0, 5.0]])  # mean 3, variance 4
        >>> gamma, beta = np.ones(4), np.array([0.0, 0.0, 0.0, 10.0])
        >>> layernorm(a, gamma, beta, 1e-15)
        array([[-1., -1.,  1., 11.]])
    """
    # Your code here
    raise NotImplementedError("layernorm is not written yet")
