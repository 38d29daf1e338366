"""Whether `train` really trains: judged by the weights that it leaves, on data that nobody could know before.

In: `student.build_model` and `student.train` in their worker, a drawn set of images, a neutral worker. Out: nothing, or
CheckFailed. Nothing that the submission says is believed, neither a History nor a count: a model leaves its worker as
the bytes of a saved file, and its weights are judged elsewhere.

Every check notes what it found (`Trained`) for the recognisers of known mistakes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from grader.checks.diagnosis import diagnose_by_property
from grader.checks.effort import on_images
from grader.checks.models import ModelFault, SavedModel, read_model
from grader.checks.networks import Network, as_plain
from grader.checks.students import Call, Student, StudentFunction, restart, support
from grader.errors import CheckFailed, StudentRaised
from grader.records import Kept, Returned
from grader.synthetic import CLASSES, Kind, synthetic

Floats = npt.NDArray[np.float32]
CHANCE = 1 / CLASSES
TRAINING_IMAGES = 1500
HELD_OUT_IMAGES = 500
FEW = 256  # images that tell whether a training moves the weights


class Neutral(Protocol):
    """Reads saved weights and predicts with them, in a process without the submission."""

    def weights(self, file: bytes, expected: Sequence[Mapping[str, Any]] | None) -> list[Floats]:
        """The arrays of a weights file, in the network's order."""

    def predict(self, network: Mapping[str, Any], weights: Sequence[Floats], images: Floats) -> Floats:
        """What a network with these weights says of images: (N, K)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Prepared images of one draw: ten random class templates with shifts and noise."""

    x: Floats  # (N, H, W, C) in 0..1
    y: Floats  # (N, 10), one-hot
    x_held_out: Floats
    labels_held_out: npt.NDArray[np.int64]  # (N,)

    def first(self, count: int) -> tuple[Floats, Floats]:
        """The first images to train on, and their targets."""
        return self.x[:count], self.y[:count]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What a check found out about `train`; None: it did not look."""

    moved: bool | None = None  # a training changed the weights
    moved_by_nothing: bool | None = None  # 0 epochs changed them
    accuracy: float | None = None  # on held-out images of the same draw, 0..1
    accuracy_of_brighter: float | None = None  # the same, had the images been 255 times as bright in training
    follows_data: bool | None = None
    follows_epochs: bool | None = None
    follows_seed: bool | None = None  # another seed gives another model
    repeats: bool | None = None  # the same seed gives the same model


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A saved model as far as it is believed: a network as data, and arrays that fit it."""

    network: Network
    weights: list[Floats]


def draw(rng: np.random.Generator, kind: Kind, *, images: int = TRAINING_IMAGES) -> Drawn:
    """Draw a set that no shipped network can know."""
    made = synthetic(kind, int(rng.integers(1 << 31)), train=images, test=HELD_OUT_IMAGES)
    return Drawn(
        x=prepared(made.x_train),
        y=np.eye(CLASSES, dtype=np.float32)[made.y_train.reshape(-1)],
        x_held_out=prepared(made.x_test),
        labels_held_out=made.y_test.reshape(-1).astype(np.int64),
    )


def prepared(images: npt.NDArray[np.uint8]) -> Floats:
    """Images as the lecture's scripts prepare them: float32 in 0..1, with an axis for the channels."""
    scaled = images.astype(np.float32) / np.float32(255)
    return scaled if scaled.ndim == 4 else scaled[..., np.newaxis]


# --- checks -----------------------------------------------------------------


def check_learns(student: Student, neutral: Neutral, drawn: Drawn, *, epochs: int, least: float, seed: int) -> None:
    """Assert that a training reaches an accuracy on held-out images of the same draw.

    Args:
        student: with `build_model` and `train`.
        neutral: judges the weights.
        drawn: the data.
        epochs: to train for.
        least: the accuracy that is enough, 0..1; the reference passes it on every draw of a sweep with room.
        seed: of the networks and the training.

    Raises:
        CheckFailed: it does not learn, or too little.
        NotAttempted, StudentRaised, WorkerStopped: it did not come to that.
    """
    model = _build(student, seed)
    before = _weigh(student, neutral, model)
    _train(student, model, drawn.x, drawn.y, epochs, seed)
    after = _weigh(student, neutral, model)
    accuracy = accuracy_of(neutral, after, drawn.x_held_out, drawn.labels_held_out)
    moved = not _same(before, after)
    if accuracy >= least:
        return
    brighter = _accuracy_of_brighter(student, neutral, drawn, epochs, seed) if moved else None
    student.train.note(Trained(moved=moved, accuracy=accuracy, accuracy_of_brighter=brighter))
    if not moved:
        _fail(student.train, "train left every weight of the network as it was.")
    reached = f"After {epochs} epochs on data drawn for this grading the network names {accuracy:.0%} of new images"
    if accuracy < 2 * CHANCE:
        _fail(student.train, f"train does not learn. {reached} right; guessing gives {CHANCE:.0%}.")
    _fail(student.train, f"train learns too little. {reached} right; at least {least:.0%} is asked for.")


def check_epochs(student: Student, neutral: Neutral, drawn: Drawn, *, seed: int) -> None:
    """Assert that 0 epochs leave the network as it was built, and that two do more than one."""
    x, y = drawn.first(FEW)
    model = _build(student, seed)
    before = _weigh(student, neutral, model)
    _train(student, model, x, y, 0, seed)
    untouched = _same(before, _weigh(student, neutral, model))
    one, two = (_trained(student, neutral, x, y, epochs=epochs, seed=seed) for epochs in (1, 2))
    follows = not _same(one, two)
    student.train.note(
        Trained(moved=not _same(before, one), moved_by_nothing=not untouched, follows_epochs=untouched and follows)
    )
    if not untouched:
        _fail(student.train, "After 0 epochs the network is not as it was built: train changes weights by itself.")
    if not follows:
        _fail(student.train, "train gives the same weights after 1 epoch and after 2: it ignores `epochs`.")


def check_seed(student: Student, neutral: Neutral, drawn: Drawn, *, seed: int) -> None:
    """Assert that a seed gives the same model again, whatever else was drawn before, and another seed another."""
    x, y = drawn.first(FEW)
    first, again, other = (
        _trained(student, neutral, x, y, epochs=1, seed=seed, training_seed=training, before=before)
        for training, before in ((seed, 1), (seed, 2), (seed + 1, 1))
    )
    moved = not _same(first, _weigh(student, neutral, _build(student, seed)))
    repeats, follows = _same(first, again), not _same(first, other)
    student.train.note(Trained(moved=moved, repeats=repeats, follows_seed=follows))
    if not repeats:
        _fail(student.train, "The same seed gave two different models: train draws numbers that do not follow `seed`.")
    if not follows:
        _fail(student.train, "Two seeds gave the same model: train ignores `seed`.")


def check_data(student: Student, neutral: Neutral, drawn: Drawn, other: Drawn, *, seed: int) -> None:
    """Assert that other images give another model."""
    one, two = (_trained(student, neutral, *each.first(FEW), epochs=1, seed=seed) for each in (drawn, other))
    moved = not _same(one, _weigh(student, neutral, _build(student, seed)))
    follows = not _same(one, two)
    student.train.note(Trained(moved=moved, follows_data=follows))
    if not follows:
        _fail(student.train, "Two different sets of images gave the same weights: train ignores the data it is given.")


# --- recognisers of known mistakes ------------------------------------------


def found(calls: Sequence[Call]) -> Trained | None:
    """What the last check noted."""
    reply = calls[-1].reply if calls else None
    value = reply.value if isinstance(reply, Returned) else None
    return value if isinstance(value, Trained) else None


def recognise(judge: Callable[[Trained], bool]) -> Callable[[Sequence[Call]], bool]:
    """Make a recogniser for `@misconception("train", recognise=...)` of a judgement about `Trained`."""

    def recogniser(calls: Sequence[Call]) -> bool:
        trained = found(calls)
        return trained is not None and judge(trained)

    return recogniser


# --- steps ------------------------------------------------------------------


def saved_model(student: Student, model: Kept, *, of: str, weights: bool = True) -> SavedModel:
    """Save what a function of the student left in the worker, and read the file as data.

    Args:
        student: in whose worker it is.
        model: what was left there.
        of: the function.
        weights: False leaves them out: a wide network's take longer to carry than to build.

    Raises:
        CheckFailed: it is no model of the course's layers.
        StudentRaised, WorkerStopped: it could not be saved.
    """
    data = support(student, "save" if weights else "describe", model, of=of)
    if not isinstance(data, np.ndarray) or data.dtype != np.uint8:
        raise CheckFailed(f"{of} gave no Keras model.")
    try:
        return read_model(data.tobytes())
    except ModelFault as fault:
        raise failure_of(fault) from fault


def failure_of(fault: ModelFault) -> CheckFailed:
    """What a test says of a file that is not believed."""
    return CheckFailed(fault.brief, detail=fault.detail)


def accuracy_of(neutral: Neutral, weighed: Weighed, images: Floats, labels: npt.NDArray[Any]) -> float:
    """The share of images whose class the network names.

    Raises:
        CheckFailed: the network takes no such images, or is far too large to be asked.
    """
    return float(np.mean(predictions_of(neutral, weighed, images).argmax(axis=-1) == labels))


def predictions_of(neutral: Neutral, weighed: Weighed, images: Floats) -> Floats:
    """What the network says of images, (N, K).

    Raises:
        CheckFailed: the network takes no such images, or is far too large to be asked.
    """
    network = on_images(weighed.network, images.shape)
    return neutral.predict(as_plain(network), weighed.weights, images)


def _accuracy_of_brighter(student: Student, neutral: Neutral, drawn: Drawn, epochs: int, seed: int) -> float:
    """What it learns of images that a `train` which divides by 255 once more would make right."""
    bright = drawn.x * np.float32(255)
    weighed = _trained(student, neutral, bright, drawn.y, epochs=epochs, seed=seed)
    return accuracy_of(neutral, weighed, drawn.x_held_out, drawn.labels_held_out)


def _build(student: Student, seed: int) -> Kept:
    support(student, "begin", seed, of="build_model")
    return student.build_model.keep()


def _trained(
    student: Student,
    neutral: Neutral,
    x: Floats,
    y: Floats,
    *,
    epochs: int,
    seed: int,
    training_seed: int | None = None,
    before: int = 1,
) -> Weighed:
    """Build and train in a process of its own; `before` is what the global generators stand at when `train` begins."""
    restart(student)
    model = _build(student, seed)
    support(student, "reseed", before, of="train")
    _train(student, model, x, y, epochs, seed if training_seed is None else training_seed)
    return _weigh(student, neutral, model)


def _train(student: Student, model: Kept, x: Floats, y: Floats, epochs: int, seed: int) -> None:
    try:
        student.train.keep(model, x, y, epochs, seed)
    except StudentRaised:
        saved_model(student, model, of="build_model", weights=False)  # what is no model cannot be trained
        raise


def _weigh(student: Student, neutral: Neutral, model: Kept) -> Weighed:
    saved = saved_model(student, model, of="build_model")
    try:
        return Weighed(network=saved.network, weights=neutral.weights(saved.weights, saved.expected))
    except ModelFault as fault:
        # The file was written after the images were seen: nothing that it says is told, not even a layer's name.
        brief = "The weights in the saved model hold NaN or infinity, or do not fit its network."
        raise CheckFailed(brief, detail=fault.detail) from fault


def _same(one: Weighed, other: Weighed) -> bool:
    """Bit for bit: the ops are deterministic and the threads are fixed."""
    return len(one.weights) == len(other.weights) and all(
        np.array_equal(a, b) for a, b in zip(one.weights, other.weights, strict=True)
    )


def _fail(function: StudentFunction, brief: str) -> None:
    diagnosis = diagnose_by_property(function)
    raise CheckFailed(brief, hints=diagnosis.hints, candidates=diagnosis.fitting)
