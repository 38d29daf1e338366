"""The output layer of a classifier and its loss, without overflow.  (Lecture 9.3)

Logits are what the last layer computes, before softmax. Samples are rows: logits,
probabilities y and one-hot targets t are (N, K), N samples of K classes each. No
function changes its arguments or keeps anything between calls. float32 stays
float32; float64 and integers give float64.
"""

import numpy as np


def softmax(logits):
    """Turn logits into probabilities: y_k = e^z_k / Σ_j e^z_j.  (Lecture 9.3)

    The sum runs along the last axis; every other axis only counts samples. The
    result is right and finite at logits of ±10000 too, where e^z itself overflows.

    Args:
        logits: z, any number of axes with the classes along the last one; float32,
            float64 or any integer dtype; left unchanged.

    Returns:
        Probabilities of the shape of `logits`; every row along the last axis sums to 1.
        float32 stays float32; float64 and integers give float64.

    Example:
        >>> softmax(np.log([1.0, 3.0, 4.0])).round(6)
        array([0.125, 0.375, 0.5  ])
    """
    # Your code here
    raise NotImplementedError("softmax is not written yet")


def cross_entropy(y, t):
    """Average the loss of the batch: E = -1/N Σ_n Σ_k t_nk log y_nk.  (Lecture 9.3)

    log is the natural logarithm. A term with t = 0 counts 0, also where y is 0. Nothing
    is added to y inside the logarithm.

    Args:
        y: probabilities, (N, K), float32, float64 or any integer dtype; left unchanged.
        t: one-hot targets, (N, K): a 1 at the true class, 0 elsewhere.

    Returns:
        The mean loss of the N samples, a scalar.

    Raises:
        ValueError: y and t differ in shape.

    Example:
        >>> y = np.array([[1.0, 0.0, 0.0], [0.5, 0.25, 0.25]])
        >>> t = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
        >>> round(float(cross_entropy(y, t)), 6)  # (0 + log 4) / 2 = log 2
        0.693147
    """
    # Your code here
    raise NotImplementedError("cross_entropy is not written yet")


def softmax_cross_entropy(logits, t):
    """Compute the loss from logits: E = -1/N Σ_n Σ_k t_nk log y_nk.  (Lecture 9.3)

    y = softmax(z), along the last axis. The result equals that of `cross_entropy` where
    y can be computed, and is right at logits of ±10000 too, where the probability of
    the true class may round to 0.

    Args:
        logits: z, (N, K), float32, float64 or any integer dtype; left unchanged.
        t: one-hot targets, (N, K).

    Returns:
        The mean loss of the N samples, a scalar.

    Raises:
        ValueError: logits and t differ in shape.

    Example:
        >>> t = np.array([[0.0, 1.0]])
        >>> float(softmax_cross_entropy(np.array([[10000.0, 0.0]]), t))
        10000.0
        >>> round(float(softmax_cross_entropy(np.array([[5.0, 5.0]]), t)), 6)  # log 2
        0.693147
    """
    # Your code here
    raise NotImplementedError("softmax_cross_entropy is not written yet")


def softmax_cross_entropy_gradient(logits, t):
    """Differentiate the mean loss by each logit: ∂E/∂z_nk = (y_nk - t_nk) / N.

    y = softmax(z), along the last axis; N is there because E is the mean of the batch.
    It follows from the two formulas of lecture 9.3: derive it once on paper.

    Args:
        logits: z, (N, K), float32, float64 or any integer dtype; left unchanged.
        t: one-hot targets, (N, K).

    Returns:
        The gradient of `softmax_cross_entropy(logits, t)`, (N, K), right at logits of
        ±10000 too. float32 stays float32; float64 and integers give float64.

    Raises:
        ValueError: logits and t differ in shape.

    Example:
        >>> softmax_cross_entropy_gradient(np.zeros((2, 2)), np.eye(2))
        array([[-0.25,  0.25],
               [ 0.25, -0.25]])
    """
    # Your code here
    raise NotImplementedError("softmax_cross_entropy_gradient is not written yet")
