"""Whether a network is the lecture's, and what a model that was handed in is worth on hidden images.

In: `student.build_model`, or `student.model` with the bytes of a file; the lecture's network as data; hidden images.
Out: nothing, or CheckFailed, which for an accuracy between floor and target carries its share of the points.
The rule: the file is read as data, its arrays go into the lecture's own network in a neutral worker, and the labels
stay here. The accuracy is rounded before it earns anything, so that it tells little about any single label.
"""

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from grader.checks.confusions import confusion_of
from grader.checks.diagnosis import diagnose_by_property
from grader.checks.differences import first_difference
from grader.checks.models import ModelFault, expected_weights, is_hdf5, read_model
from grader.checks.networks import Network, normalised
from grader.checks.students import Student, StudentFunction, support
from grader.checks.training import (
    CHANCE,
    Floats,
    Neutral,
    Weighed,
    accuracy_of,
    failure_of,
    predictions_of,
    prepared,
    saved_model,
)
from grader.errors import CheckFailed, NotAttempted
from grader.records import Question

DECIMALS = 3  # of an accuracy: 0.991 is 99.1 %
PUBLISHED = ("official", "balanced-jpeg")  # variants whose test labels anybody can look up
SHIFT = 1  # pixels, each way: a table of the public images, by pixels or by row, is worth nothing
NOISE = 0.03  # where black is 0 and white is 1
SHIFTED = 0.1  # the share of images that are shifted: it costs a fair model a thousandth
_Z = 1.959964  # 95 % of a normal distribution lies within


class Images(Protocol):
    """Hidden images and their labels."""

    @property
    def images(self) -> npt.NDArray[np.uint8]:
        """(N, 28, 28) or (N, 32, 32, 3)."""

    @property
    def labels(self) -> npt.NDArray[np.uint8]:
        """(N,)."""

    @property
    def variant(self) -> str:
        """As the manifest calls it; "generated" where there are no photographs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was found out about a model that was handed in."""

    network: Network | None  # None: the file has weights only
    accuracy: float | None = None  # None: it could not be judged
    accuracy_unscaled: float | None = None  # on pixels from 0 to 255; None: it was not asked
    accuracy_scaled_twice: float | None = None


def network_of(student: Student, *args: Any, function: str = "build_model", seed: int = 0) -> Network:
    """The network that a function of the student builds, read as data from a saved file without weights.

    Raises:
        CheckFailed: it is no model of the course's layers.
        NotAttempted, StudentRaised, WorkerStopped: there is no network.
    """
    support(student, "begin", seed, of=function)
    build: StudentFunction = getattr(student, function)
    network = saved_model(student, build.keep(*args), of=function, weights=False).network
    build.note(network)
    return network


def check_layers(student: Student, wanted: Network) -> None:
    """Assert that `build_model` gives the lecture's kinds of layers in the lecture's order.

    Raises:
        CheckFailed: names the first that is another.
    """
    got, right = (kinds(each) for each in (network_of(student), wanted))
    if got != right:
        at = next((i for i, (a, b) in enumerate(zip(got, right, strict=False)) if a != b), min(len(got), len(right)))
        here, there = (names[at] if at < len(names) else "nothing" for names in (got, right))
        _refuse(student.build_model, f"Layer {at + 1} is {here}, the lecture's is {there}.")


def check_network(student: Student, wanted: Network) -> None:
    """Assert that `build_model` gives the lecture's network.

    Raises:
        CheckFailed: names the first layer that differs, and what it costs.
        NotAttempted, StudentRaised, WorkerStopped: there is no network.
    """
    _hold_against(student.build_model, network_of(student), wanted)


def kinds(network: Network) -> list[str]:
    """The kinds of a network's layers in order, where an activation of its own counts with the layer before it."""
    return [layer.kind for layer in normalised(network).layers]


def check_accuracy(
    model: StudentFunction, neutral: Neutral, wanted: Network, hidden: Images, rng: np.random.Generator
) -> None:
    """Assert that the weights of a saved model reach the target; between floor and target a share is earned.

    Args:
        model: `student.model`: its file, floor and target.
        neutral: predicts.
        wanted: the lecture's network, which the arrays are put into.
        hidden: images and labels.
        rng: draws which images, their order, and the jitter.

    Raises:
        CheckFailed: the file is not the lecture's network, or its accuracy is below the target.
        NotAttempted: there is no such file.
    """
    question = _require_file(model)
    weighed = _read(model, neutral, wanted)
    images, labels = balanced(hidden.images, hidden.labels, rng)
    x = jittered(prepared(images), rng)
    generated = hidden.variant == "generated"
    floor, target = (
        (question.generated_floor, question.generated_target) if generated else (question.floor, question.target)
    )
    predicted = predictions_of(neutral, weighed, x)
    accuracy = float(np.mean(predicted.argmax(axis=-1) == labels))
    published = hidden.variant in PUBLISHED
    model.confusion = confusion_of(predicted, images, labels, data=question.data, published=published)
    earned = share(accuracy, floor=floor, target=target)
    told = describe(accuracy, len(labels))
    if earned >= 1:
        model.remark(told)
        return
    twice, unscaled = None, None
    if accuracy < floor:
        few = slice(0, 1000)
        unscaled, twice = (accuracy_of(neutral, weighed, factor * x[few], labels[few]) for factor in (255, 1 / 255))
    model.note(
        Judged(network=weighed.network, accuracy=accuracy, accuracy_unscaled=unscaled, accuracy_scaled_twice=twice)
    )
    bounds = f"Points begin at {floor:.1%}; {round(target, DECIMALS):.1%} earns all of them."
    diagnosis = diagnose_by_property(model)
    raise CheckFailed(f"{told} {bounds}", hints=diagnosis.hints, candidates=diagnosis.fitting, share=earned)


def check_model_file(model: StudentFunction, neutral: Neutral, wanted: Network) -> None:
    """Assert that a saved model is the lecture's network, with weights that fit it; its accuracy is not looked at.

    Raises:
        CheckFailed: it is another network, or no model that is believed.
        NotAttempted: there is no such file.
    """
    _require_file(model)
    _read(model, neutral, wanted)


def share(accuracy: float, *, floor: float, target: float) -> float:
    """What an accuracy earns, 0..1: linear from the floor to the target, all three rounded.

    One that is within rounding of the target is the target.
    """
    got, low, high = (round(value, DECIMALS) for value in (accuracy, floor, target))
    if got >= high - 1.01 * 10**-DECIMALS:
        return 1.0
    return (got - low) / (high - low) if got > low else 0.0  # the two may be one when they are rounded


def describe(accuracy: float, count: int) -> str:
    """Say an accuracy with its 95 % confidence interval (Wilson 1927)."""
    low, high = interval(accuracy, count)
    return (
        f"The saved model names {accuracy:.1%} of {count:,} hidden images right "
        f"(95 % confidence: {low:.1%} to {high:.1%})."
    )


def interval(accuracy: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share that was counted over `count` images (Wilson 1927)."""
    middle = accuracy + _Z**2 / (2 * count)
    half = _Z * math.sqrt(accuracy * (1 - accuracy) / count + _Z**2 / (4 * count**2))
    scale = 1 + _Z**2 / count
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def balanced(
    images: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8], rng: np.random.Generator
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """As many images of every class as the rarest has, in a drawn order."""
    classes, counts = np.unique(labels, return_counts=True)
    chosen = np.concatenate(
        [rng.choice(np.flatnonzero(labels == each), size=counts.min(), replace=False) for each in classes]
    )
    order = rng.permutation(chosen)
    return images[order], labels[order]


def jittered(x: Floats, rng: np.random.Generator) -> Floats:
    """Shift some images by a pixel, where the edge that is left behind is doubled, and add a little noise."""
    height, width = x.shape[1:3]
    padded = np.pad(x, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT), (0, 0)), mode="edge")
    shifts = rng.integers(-SHIFT, SHIFT + 1, size=(len(x), 2)) * (rng.random((len(x), 1)) < SHIFTED)
    moved = np.empty_like(x)
    for down in range(-SHIFT, SHIFT + 1):
        for right in range(-SHIFT, SHIFT + 1):
            chosen = (shifts == (down, right)).all(axis=1)
            moved[chosen] = padded[chosen, SHIFT - down : SHIFT - down + height, SHIFT - right : SHIFT - right + width]
    moved += np.float32(NOISE) * rng.standard_normal(x.shape, dtype=np.float32)
    return moved.clip(0, 1)


# --- recognisers of known mistakes ------------------------------------------


def was_trained_unscaled(judged: Judged) -> bool:
    """Whether the model names pixels from 0 to 255 and not those from 0 to 1."""
    return _much_better(judged.accuracy_unscaled, judged.accuracy)


def was_trained_scaled_twice(judged: Judged) -> bool:
    """Whether the model names pixels that were divided by 255 twice."""
    return _much_better(judged.accuracy_scaled_twice, judged.accuracy)


def _much_better(this: float | None, that: float | None) -> bool:
    return this is not None and that is not None and this > max(that + 0.2, 4 * CHANCE)


# --- steps ------------------------------------------------------------------


def _require_file(model: StudentFunction) -> Question:
    assert model.question is not None
    if model.handed_in is None:
        reason = f"no {model.question.file}.keras was handed in"
        raise NotAttempted(model.name, reason, told=f"{reason}.")
    return model.question


def _read(model: StudentFunction, neutral: Neutral, wanted: Network) -> Weighed:
    """The arrays of a file in the lecture's network; a file with another network is said to be one."""
    assert model.handed_in is not None
    try:
        if is_hdf5(model.handed_in):
            return Weighed(network=wanted, weights=neutral.weights(model.handed_in, expected_weights(wanted)))
        saved = read_model(model.handed_in)
        model.note(Judged(network=saved.network))
        _hold_against(model, saved.network, wanted)
        return Weighed(network=wanted, weights=neutral.weights(saved.weights, saved.expected_for(wanted)))
    except ModelFault as fault:
        raise failure_of(fault) from fault


def _hold_against(function: StudentFunction, network: Network, wanted: Network) -> None:
    difference = first_difference(network, wanted)
    if difference is not None:
        _refuse(function, f"{difference}.")


def _refuse(function: StudentFunction, brief: str) -> None:
    diagnosis = diagnose_by_property(function)
    raise CheckFailed(brief, hints=diagnosis.hints, candidates=diagnosis.fitting)
