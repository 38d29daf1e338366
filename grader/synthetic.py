"""Owns generated images: a small set of the right shape, for machines without data and without a network.

In: a kind, a seed and sizes. Out: uint8 arrays as MNIST's or CIFAR-10's, which a network can learn.
The rule: everything follows from the seed. Each class is a template of blocks of 4x4 pixels; an image is its class's
template, shifted by up to 2 pixels, with noise of deviation 0.35 where black is 0 and white is 1. What was learnt on
one seed is worth nothing on another.
"""

import enum
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

CLASSES = 10
_BLOCK = 4  # pixels
_SHIFT = 2  # pixels, each way
_NOISE = 0.35
_STREAM = 0x5E7  # so that a seed used elsewhere draws other numbers here


class Kind(enum.Enum):
    """Which data set the images are shaped like; the value is the shape of an image and of a label."""

    MNIST = ((28, 28), ())
    CIFAR = ((32, 32, 3), (1,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """Two splits of one draw."""

    x_train: npt.NDArray[np.uint8]
    y_train: npt.NDArray[np.uint8]
    x_test: npt.NDArray[np.uint8]
    y_test: npt.NDArray[np.uint8]


def synthetic(kind: Kind, seed: int, *, train: int = 2000, test: int = 500) -> Generated:
    """Draw a set that no shipped network can know.

    Args:
        kind: MNIST gives images (N, 28, 28) and labels (N,), CIFAR (N, 32, 32, 3) and (N, 1).
        seed: 0 or more.
        train: images to train on.
        test: images of the same templates to test on.

    Returns:
        uint8 arrays; the ten classes are equally frequent (to one image) and in random order.

    Raises:
        ValueError: a size or the seed is negative.
    """
    if min(train, test, seed) < 0:
        raise ValueError(f"sizes and the seed must be 0 or more, got train={train}, test={test}, seed={seed}")
    rng = np.random.default_rng([_STREAM, seed])
    image, label = kind.value
    blocks = rng.random((CLASSES, image[0] // _BLOCK, image[1] // _BLOCK, *image[2:]), dtype=np.float32)
    templates = blocks.repeat(_BLOCK, axis=1).repeat(_BLOCK, axis=2)
    (x_train, y_train), (x_test, y_test) = (_draw(templates, count, rng) for count in (train, test))
    return Generated(
        x_train=x_train, y_train=y_train.reshape(-1, *label), x_test=x_test, y_test=y_test.reshape(-1, *label)
    )


def _draw(
    templates: npt.NDArray[np.float32], count: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    labels = rng.permutation(np.arange(count) % CLASSES).astype(np.uint8)
    shifts = rng.integers(-_SHIFT, _SHIFT + 1, size=(count, 2))
    images = np.empty((count, *templates.shape[1:]), dtype=np.float32)
    for index, (label, shift) in enumerate(zip(labels, shifts, strict=True)):
        images[index] = np.roll(templates[label], tuple(shift), axis=(0, 1))
    images += _NOISE * rng.standard_normal(images.shape, dtype=np.float32)
    return np.rint(255 * images.clip(0, 1)).astype(np.uint8), labels
