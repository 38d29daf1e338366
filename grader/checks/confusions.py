"""Which classes a trained model takes for which.

In: what a network says of images, the images and their labels. Out: a Confusion.
The rule: counts are of every image; an image itself is shown only where it is published, and as it was published,
without the shifts and the noise of this grading.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from grader.checks.training import Floats
from grader.records import Confused, Confusion
from grader.synthetic import CLASSES

SHOWN = 4  # images


def confusion_of(
    predicted: Floats, images: npt.NDArray[np.uint8], labels: npt.NDArray[Any], *, data: str, published: bool
) -> Confusion:
    """Count what is taken for what, and find the surest mistakes.

    Args:
        predicted: what the network says, (N, K); NaN and infinity are no certainty.
        images: as they were published, uint8, (N, H, W) or (N, H, W, C).
        labels: (N,), of 0..9.
        data: the data set's name.
        published: anybody can look the labels up.
    """
    named = predicted.argmax(axis=-1)
    counts = np.zeros((CLASSES, CLASSES), dtype=np.int64)
    inside = (named < CLASSES) & (labels < CLASSES)
    np.add.at(counts, (labels[inside], named[inside]), 1)
    shares = np.nan_to_num(predicted[np.arange(len(named)), named].astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    wrong = np.flatnonzero(named != labels)
    surest = wrong[np.argsort(-shares[wrong], kind="stable")][:SHOWN] if published else wrong[:0]
    return Confusion(
        data=data,
        counts=tuple(tuple(map(int, row)) for row in counts),
        published=published,
        images=tuple(
            Confused(
                actual=int(labels[at]),
                named=int(named[at]),
                share=round(float(np.clip(shares[at], 0, 1)), 4),
                shape=tuple(map(int, images[at].shape)),
                pixels=np.ascontiguousarray(images[at]).tobytes(),
            )
            for at in surest.tolist()
        ),
    )
