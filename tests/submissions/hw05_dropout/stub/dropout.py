"""Dropout, what it does to the error of a linear node, and weight decay.  (Lecture 9.4)

`keep_prob` and p are the lecture's p: the probability that a node **stays**. It drops
out with 1 - p. Whatever is random follows from the argument `seed` alone: make a
generator from it inside the function. The global generators of NumPy and Python are
neither read nor changed. No function changes its arguments or keeps anything between
calls. Arrays that are returned are float32 where the first argument is; float64 and
integers give float64.
"""

import numpy as np


def dropout_train(x, keep_prob, seed):
    """Drop nodes out of a layer: δ∘x, with δ = 1 with probability p, else 0.  (9.4.4)

    Every element of x has a δ of its own, drawn independently of all others. What stays
    is not rescaled. The same seed gives the same δ, another seed another one.

    Args:
        x: outputs of the layer's nodes, of any shape: (N, D) or (N, H, W, C), say;
            float32, float64 or any integer dtype; left unchanged.
        keep_prob: p, the probability that a node stays, from 0 to 1, both included.
        seed: a whole number, 0 or more.

    Returns:
        A tuple of two arrays of the shape of x: the values δ∘x, which keep float32 and
        are float64 otherwise, and the mask δ of zeros and ones, of any numeric or bool
        dtype.

    Raises:
        ValueError: keep_prob is below 0 or above 1.

    Example:
        >>> x = np.array([[3.0, -1.0, 2.0]])
        >>> values, mask = dropout_train(x, 0.5, seed=7)
        >>> bool(np.all(values == mask * x)), mask.shape
        (True, (1, 3))
        >>> dropout_train(x, 1.0, seed=7)[0]
        array([[ 3., -1.,  2.]])
    """
    # Your code here
    raise NotImplementedError("dropout_train is not written yet")


def dropout_inference(x, keep_prob):
    """Use the layer after training, every node in its place: p·x.  (9.4.2)

    Nothing is random here: each node counts with the probability that it stayed.

    Args:
        x: outputs of the layer's nodes, of any shape; float32, float64 or any integer
            dtype; left unchanged.
        keep_prob: p, from 0 to 1, both included.

    Returns:
        p·x, of the shape of x. float32 stays float32; float64 and every integer dtype
        give float64.

    Raises:
        ValueError: keep_prob is below 0 or above 1.

    Example:
        >>> dropout_inference(np.array([4.0, -8.0]), 0.75)
        array([ 3., -6.])
    """
    # Your code here
    raise NotImplementedError("dropout_inference is not written yet")


def inverted_dropout_train(x, keep_prob, seed):
    """Drop nodes out and scale what stays up: δ∘x/p, so that inference needs no p.

    The expected value of δ∘x/p is x itself; δ is drawn as in `dropout_train` (9.4.4).

    Args:
        x: outputs of the layer's nodes, of any shape; float32, float64 or any integer
            dtype; left unchanged.
        keep_prob: p, the probability that a node stays, above 0 and at most 1.
        seed: a whole number, 0 or more.

    Returns:
        A tuple of two arrays of the shape of x: the values δ∘x/p, which keep float32
        and are float64 otherwise, and the mask δ of zeros and ones, any dtype again.

    Raises:
        ValueError: keep_prob is 0 or below, or above 1.

    Example:
        >>> x = np.array([[3.0, -1.0, 2.0]])
        >>> values, mask = inverted_dropout_train(x, 0.5, seed=7)
        >>> bool(np.all(values == mask * x / 0.5)), mask.shape
        (True, (1, 3))
    """
    # Your code here
    raise NotImplementedError("inverted_dropout_train is not written yet")


def bernoulli_variance(p):
    """Give the variance of δ: Var[δ] = E[δ²] - p² = p(1 - p).  (9.4.9)

    Args:
        p: the probability that δ is 1: a number, or an array of them of any shape;
            left unchanged.

    Returns:
        p(1 - p), a number for a number, else an array of the shape of p. float32 stays
        float32; float64 and integers give float64.

    Raises:
        ValueError: p, or any element of it, is below 0 or above 1.

    Example:
        >>> bernoulli_variance(0.5)
        0.25
        >>> bernoulli_variance(np.array([0.0, 0.75]))
        array([0.    , 0.1875])
    """
    # Your code here
    raise NotImplementedError("bernoulli_variance is not written yet")


def ensemble_gradient(w, inputs, t, p):
    """Differentiate the ensemble's error: ∂E_ENS/∂w_i = -(t - o_ENS) p_i I_i.  (9.4.7)

    o_ENS = Σ_j p_j w_j I_j (9.4.2) is the output of all sub-networks together, and
    E_ENS = ½(t - o_ENS)² (9.4.5) its error.

    Args:
        w: weights of one linear node, (n,); float32, float64 or any integer dtype.
        inputs: I, its inputs, (n,).
        t: the target, a number.
        p: for each input the probability that it stays, (n,), from 0 to 1. No argument
            is changed.

    Returns:
        The gradient, (n,). float32 weights give float32, all others float64.

    Raises:
        ValueError: w, inputs and p are not of one length, or a p_i is outside [0, 1].

    Example:
        >>> w, inputs = np.array([1.0, 2.0]), np.array([2.0, 1.0])
        >>> ensemble_gradient(w, inputs, 3.0, np.array([0.5, 0.5]))  # o_ENS = 2
        array([-1. , -0.5])
    """
    # Your code here
    raise NotImplementedError("ensemble_gradient is not written yet")


def expected_dropout_gradient(w, inputs, t, p):
    """Average the gradient over all masks: E[∂E_D/∂w_i], in closed form.  (9.4.12)

    It is ∂E_ENS/∂w_i + w_i I_i² Var[δ_i], with Var[δ_i] from (9.4.9). Nothing is drawn:
    this is what the average over infinitely many masks comes to.

    Args:
        w: weights of one linear node, (n,); float32, float64 or any integer dtype.
        inputs: I, its inputs, (n,).
        t: the target, a number.
        p: for each input the probability that it stays, (n,), from 0 to 1. No argument
            is changed.

    Returns:
        The expected gradient, (n,). float32 weights give float32, all others float64.

    Raises:
        ValueError: w, inputs and p are not of one length, or a p_i is outside [0, 1].

    Example:
        >>> w, inputs = np.array([1.0, 2.0]), np.array([2.0, 1.0])
        >>> expected_dropout_gradient(w, inputs, 3.0, np.array([0.5, 0.5]))
        array([0., 0.])
    """
    # Your code here
    raise NotImplementedError("expected_dropout_gradient is not written yet")


def regularized_error(w, inputs, t, p):
    """Write dropout as a regulariser: E_R = E_ENS + ½ Σ w_i² I_i² Var[δ_i].  (9.4.13)

    E_ENS = ½(t - o_ENS)² (9.4.5). The second term limits the size of the weights.

    Args:
        w: weights of one linear node, (n,); float32, float64 or any integer dtype.
        inputs: I, its inputs, (n,).
        t: the target, a number.
        p: for each input the probability that it stays, (n,), from 0 to 1. No argument
            is changed.

    Returns:
        The error, a number.

    Raises:
        ValueError: w, inputs and p are not of one length.

    Example:
        >>> w, inputs = np.array([1.0, 2.0]), np.array([2.0, 1.0])
        >>> float(regularized_error(w, inputs, 3.0, np.array([0.5, 0.5])))  # ½ + ½·2
        1.5
    """
    # Your code here
    raise NotImplementedError("regularized_error is not written yet")


def weight_decay(weights, strength, norm="l2"):
    """Give the term that weight decay adds to the error.  (Lecture 9.4)

    It is strength · Σ w², or strength · Σ |w| where the norm is "l1".

    Args:
        weights: one array of any shape; float32, float64 or any integer dtype, int8
            too, whose squares do not fit into int8. Left unchanged.
        strength: the factor, a number, 0 or more.
        norm: "l2" sums the squares, "l1" the absolute values. Neither is halved, and no
            root is taken.

    Returns:
        The term, a number.

    Raises:
        ValueError: norm is neither "l2" nor "l1".

    Example:
        >>> float(weight_decay(np.array([[3.0, -4.0]]), 0.5))
        12.5
        >>> float(weight_decay(np.array([[3.0, -4.0]]), 0.5, norm="l1"))
        3.5
    """
    # Your code here
    raise NotImplementedError("weight_decay is not written yet")
