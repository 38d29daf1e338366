"""Ten kinds of things in colour: prepare, build, train, save.  (Lecture 9.6, 6-4)

Images come as CIFAR-10 has them, uint8 of 32 by 32 pixels in three colours, and leave
as a network takes them. `build_model` gives the network of script 6-4, `train` fits it
in place. What you hand in beside this file is the model that you trained:
`model.save("model.keras")`.
"""

import keras
import numpy as np


def prepare(images, labels):
    """Turn pictures and their classes into what the network takes.  (Lecture 6-4)

    Pixels are scaled from 0..255 to 0..1, once and here; their axes stay as they are.
    Each label becomes a row with a single 1 at its class. CIFAR-10 has its labels in a
    column.

    Args:
        images: uint8, (N, 32, 32, 3); left unchanged.
        labels: integers from 0 to 9, (N, 1) or (N,); left unchanged.

    Returns:
        x, float32, (N, 32, 32, 3), in 0..1; and y, one-hot, (N, 10), any float dtype.

    Example:
        >>> x, y = prepare(np.full((1, 32, 32, 3), 51, np.uint8), np.array([[3]]))
        >>> x.shape, x.dtype.name, round(float(x.max()), 6)
        ((1, 32, 32, 3), 'float32', 0.2)
        >>> y.astype(int).tolist()
        [[0, 0, 0, 1, 0, 0, 0, 0, 0, 0]]
    """
    # Your code here
    raise NotImplementedError("prepare is not written yet")


def build_model():
    """Build the network of script 6-4, with weights drawn anew.  (Lecture 9.6)

    Twice the same four layers, with 32 filters and then with 64: two convolutions, 3 by
    3 with ReLU and without padding, a 2 by 2 maximum, and a dropout that sets a quarter
    to 0. Then 512 nodes with ReLU, a dropout of one half, and 10 with softmax. It may
    be compiled here or in `train`.

    Returns:
        A Keras model, Sequential or functional, of 890,410 parameters.

    Example:
        >>> build_model().count_params()
        890410
    """
    # Your code here
    raise NotImplementedError("build_model is not written yet")


def train(model, x, y, epochs, seed):
    """Train a model in place, with Adam on categorical cross-entropy.  (Lecture 6-4)

    The images are shuffled before every epoch, in an order that follows the seed: the
    same seed gives the same weights again, whatever was drawn before; another seed
    gives others. Batches are of 128 images.

    Args:
        model: what `build_model` gave.
        x: prepared images, (N, 32, 32, 3).
        y: one-hot targets, (N, 10).
        epochs: how often every image is seen; 0 leaves the model as it is.
        seed: an integer of 0 or more, from which all randomness follows.

    Returns:
        Anything: only the model's weights are looked at.

    Example:
        >>> x, y = prepare(np.zeros((8, 32, 32, 3), np.uint8), np.arange(8))
        >>> model = build_model()
        >>> before = model.get_weights()
        >>> _ = train(model, x, y, epochs=1, seed=0)
        >>> any((a != b).any() for a, b in zip(before, model.get_weights()))
        True
    """
    # Your code here
    raise NotImplementedError("train is not written yet")
