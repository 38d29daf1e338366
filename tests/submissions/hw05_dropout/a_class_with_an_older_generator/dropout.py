"""One class holds the probability; the masks come from NumPy's older generator, as whole numbers."""
import numpy as np


class Dropout:
    def __init__(self, p, lowest_is_allowed=True):
        if p > 1 or p < 0 or (p == 0 and not lowest_is_allowed):
            raise ValueError("p")
        self.p = p

    def mask(self, shape, seed):
        return np.random.RandomState(seed).binomial(n=1, p=self.p, size=shape).astype(np.uint8)

    def __call__(self, x, seed, scale=1.0):
        mask = self.mask(x.shape, seed)
        out = np.zeros(x.shape, dtype=x.dtype if x.dtype == np.float32 else float)
        out[mask == 1] = x[mask == 1] * scale
        return [out, mask]


def dropout_train(x, keep_prob, seed):
    return tuple(Dropout(keep_prob)(x, seed))


def dropout_inference(x, keep_prob):
    out = np.array(x, dtype=x.dtype if x.dtype == np.float32 else float)
    out *= Dropout(keep_prob).p
    return out


def inverted_dropout_train(x, keep_prob, seed):
    return tuple(Dropout(keep_prob, False)(x, seed, scale=1 / keep_prob))


class Node:
    def __init__(self, w, inputs, t, p, check=True):
        if {w.shape, inputs.shape, p.shape} != {w.shape}:
            raise ValueError("lengths")
        if check and ((p < 0) | (p > 1)).any():
            raise ValueError("p")
        self.x, self.t, self.p, self.w = inputs, t, p, w

    @property
    def moments(self):
        """E[d_i d_j]."""
        return np.outer(self.p, self.p) + np.diag(self.p * (1 - self.p))


def bernoulli_variance(p):
    for each in np.ravel(p):
        Dropout(each)
    return np.multiply(p, np.subtract(1, p, dtype=getattr(p, "dtype", None) if getattr(p, "dtype", None) == np.float32 else float))


def ensemble_gradient(w, inputs, t, p):
    n = Node(w, inputs, t, p)
    return np.einsum("i,j,j,j,i->i", n.p, n.p, n.w, n.x, n.x) - n.t * n.p * n.x


def expected_dropout_gradient(w, inputs, t, p):
    n = Node(w, inputs, t, p)
    return np.einsum("ij,i,j,j->i", n.moments, n.x, n.x, n.w) - n.t * n.p * n.x


def regularized_error(w, inputs, t, p):
    n = Node(w, inputs, t, p, check=False)
    o = n.w * n.x
    return (n.t**2 - 2 * n.t * (n.p @ o) + o @ n.moments @ o) / 2


def weight_decay(weights, strength, norm="l2"):
    order = {"l1": 1, "l2": 2}.get(norm) or int("no such norm")
    return strength * np.linalg.norm(np.asarray(weights, dtype=float).ravel(), order) ** order
