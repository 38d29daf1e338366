"""Three members that were handed in, read and heard: what they say of hidden images, and what is known of them.

In: the bytes of their files, hidden images and labels. Out: a Hearing, or CheckFailed; each notes a Panel.
The rule: each file is read as data and keeps its own network, whatever it is of the course's layers; a neutral worker
says what it makes of the images.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.checks.diagnosis import diagnose_by_property
from grader.checks.effort import on_images
from grader.checks.lecture import DROPOUT_CNN, LENET
from grader.checks.models import ModelFault, expected_weights, is_hdf5, read_model
from grader.checks.networks import as_plain
from grader.checks.students import Call, StudentFunction
from grader.checks.trained import Images, balanced, jittered
from grader.checks.training import CHANCE, Floats, Neutral, Weighed, failure_of, prepared
from grader.errors import CheckFailed, NotAttempted
from grader.records import Question, Returned

IMAGES = 6000  # a gain of 0.6 % is then seen in all but one draw of 100,000
VALIDATION = 1000  # of them, for the members' weights
CLASSES = 10
_NEARLY = 0.995  # of all images
_SUM = 1e-3  # how far a row of probabilities may be from 1

#: What an .h5 file may hold: it has weights, and no network that is read.
_KNOWN = (LENET, DROPOUT_CNN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What was found out about members that were handed in; None: it did not come to that."""

    names: tuple[str, ...]
    same: tuple[tuple[str, str], ...] = ()  # pairs that are one network
    add_up: bool | None = None  # their answers are probabilities
    floor: float = 0.0
    accuracies: tuple[float, ...] | None = None
    unscaled: tuple[float, ...] | None = None  # on pixels from 0 to 255
    agreed: float | None = None  # the share of images of which all say the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What members say of hidden images."""

    panel: Panel
    probabilities: Floats  # (M, N, 10)
    labels: npt.NDArray[Any]  # (N,)

    def accuracies(self, images: slice) -> tuple[float, ...]:
        """Each member's on some of the images."""
        return tuple(float(each) for each in self._right(images).mean(axis=1))

    @property
    def validation(self) -> slice:
        """The images that the members' weights come from."""
        return slice(min(VALIDATION, len(self.labels) // 4))

    @property
    def rest(self) -> slice:
        """The images that the committee is judged on."""
        return slice(self.validation.stop, None)

    @property
    def alone(self) -> float:
        """The members' accuracy in the mean, on the rest."""
        return float(np.mean(self.accuracies(self.rest)))

    def is_beaten_by(self, right: int) -> bool:
        """Whether so many right decisions about the rest are more than the members' in the mean."""
        return bool(right * len(self.probabilities) > self._right(self.rest).sum())

    def _right(self, images: slice) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = self.probabilities[:, images].argmax(axis=2) == self.labels[images]
        return found


def question(members: StudentFunction) -> Question:
    """The question, once every file is there.

    Raises:
        NotAttempted: one is missing.
    """
    assert members.question is not None
    missing = [name for name, data in members.models.items() if data is None]
    if missing:
        reason = f"no {missing[0]}.keras was handed in"
        raise NotAttempted(members.name, reason, told=f"{reason}.")
    return members.question


def bounds(question: Question, hidden: Images) -> tuple[float, float]:
    """Floor and target of an accuracy on these images."""
    if hidden.variant == "generated":
        return question.generated_floor, question.generated_target
    return question.floor, question.target


def gather(members: StudentFunction, neutral: Neutral) -> tuple[Panel, list[Weighed]]:
    """Read every member, and make sure that no two are the same.

    Raises:
        CheckFailed: two are, or a file is no network of the course.
    """
    names = tuple(members.models)
    read = [_read(name, data or b"", neutral) for name, data in members.models.items()]
    pairs = itertools.combinations(zip(names, read, strict=True), 2)
    same = tuple((one, other) for (one, mine), (other, theirs) in pairs if _are_one(mine, theirs))
    panel = Panel(names=names, same=same)
    if same:
        members.note(panel)
        told = f"{same[0][0]} and {same[0][1]} are one network with the same weights."
        raise failure(members, f"{told} A committee needs members that make different mistakes.")
    return panel, read


def hear(members: StudentFunction, neutral: Neutral, hidden: Images, rng: np.random.Generator, floor: float) -> Hearing:
    """Ask every member about hidden images, and note what they are worth.

    Args:
        members: `student.members`.
        neutral: reads and predicts.
        hidden: images and labels.
        rng: draws which images, their order, and the jitter.
        floor: an accuracy below which a member is asked about unscaled images too.

    Raises:
        CheckFailed: as `gather`, or a member has no probabilities to give.
    """
    panel, read = gather(members, neutral)
    images, labels = balanced(hidden.images, hidden.labels, rng)
    images, labels = images[:IMAGES], labels[:IMAGES]
    x = jittered(prepared(images), rng)
    answers = [_predict(name, each, neutral, x) for name, each in zip(panel.names, read, strict=True)]
    hearing = Hearing(panel=panel, probabilities=np.stack(answers), labels=labels)
    named = hearing.probabilities.argmax(axis=2)
    agreed = float((named == named[0]).all(axis=0).mean())
    panel = replace(panel, floor=floor, accuracies=hearing.accuracies(slice(None)), agreed=agreed)
    if not all(_are_probabilities(each) for each in answers):
        members.note(replace(panel, add_up=False))
        raise failure(members, "The answers of a member do not add up to 1: they are no probabilities.")
    if min(panel.accuracies or ()) < floor:
        few = slice(0, 1000)
        bright = [_predict(name, each, neutral, 255 * x[few]) for name, each in zip(panel.names, read, strict=True)]
        panel = replace(panel, unscaled=tuple(float((each.argmax(1) == labels[few]).mean()) for each in bright))
    members.note(replace(panel, add_up=True))
    return replace(hearing, panel=panel)


def failure(members: StudentFunction, brief: str, *, share: float = 0.0, detail: str = "") -> CheckFailed:
    """What a test says, with the hint of the mistake that the last note shows."""
    diagnosis = diagnose_by_property(members)
    return CheckFailed(brief, detail=detail, hints=diagnosis.hints, candidates=diagnosis.fitting, share=share)


# --- recognisers of known mistakes --------------------------------------------


def panel_shows(judge: Callable[[Panel], bool]) -> Callable[[Sequence[Call]], bool]:
    """Make a recogniser for `@misconception("members", recognise=...)` of a judgement about a `Panel`."""

    def recogniser(calls: Sequence[Call]) -> bool:
        reply = calls[-1].reply if calls else None
        panel = reply.value if isinstance(reply, Returned) else None
        return isinstance(panel, Panel) and judge(panel)

    return recogniser


def are_all_the_same(panel: Panel) -> bool:
    """Whether every member is the same network."""
    return len(panel.same) == len(panel.names) * (len(panel.names) - 1) // 2


def has_a_pair(panel: Panel) -> bool:
    """Whether two members are the same network, and others are not."""
    return bool(panel.same) and not are_all_the_same(panel)


def has_no_softmax(panel: Panel) -> bool:
    """Whether a member's answers are no probabilities."""
    return panel.add_up is False


def were_never_trained(panel: Panel) -> bool:
    """Whether every member guesses, on pixels of either scale."""
    found = (*(panel.accuracies or ()), *(panel.unscaled or ()))
    return bool(panel.accuracies and panel.unscaled) and max(found) < 2 * CHANCE


def were_trained_unscaled(panel: Panel) -> bool:
    """Whether every member names pixels from 0 to 255, and not those from 0 to 1."""
    if panel.accuracies is None or panel.unscaled is None:
        return False
    pairs = zip(panel.unscaled, panel.accuracies, strict=True)
    return all(unscaled > max(scaled + 0.2, 3 * CHANCE) for unscaled, scaled in pairs)


def has_one_that_is_weak(panel: Panel) -> bool:
    """Whether all members but one are above the floor."""
    return panel.accuracies is not None and sum(each < panel.floor for each in panel.accuracies) == 1


def are_nearly_one(panel: Panel) -> bool:
    """Whether trained members that are not the same all say the same of nearly every image."""
    good = panel.accuracies is not None and min(panel.accuracies) >= panel.floor
    return good and panel.agreed is not None and panel.agreed > _NEARLY


# --- steps --------------------------------------------------------------------


def _read(name: str, data: bytes, neutral: Neutral) -> Weighed:
    """A member's own network with its weights; of an .h5 file one of those that fit."""
    try:
        if is_hdf5(data):
            return _read_weights(data, neutral)
        saved = read_model(data)
        return Weighed(network=saved.network, weights=neutral.weights(saved.weights, saved.expected))
    except ModelFault as fault:
        failure = failure_of(fault)
        raise CheckFailed(f"{name}: {failure.brief}", detail=failure.detail) from fault


def _read_weights(data: bytes, neutral: Neutral) -> Weighed:
    for network in _KNOWN:
        try:
            return Weighed(network=network, weights=neutral.weights(data, expected_weights(network)))
        except ModelFault:
            continue
    raise ModelFault("Its weights fit no network that an .h5 file may hold here", fix="Hand in a .keras file")


def _are_one(mine: Weighed, theirs: Weighed) -> bool:
    shapes = [[each.shape for each in one.weights] for one in (mine, theirs)]
    return shapes[0] == shapes[1] and all(map(np.array_equal, mine.weights, theirs.weights))


def _predict(name: str, member: Weighed, neutral: Neutral, images: Floats) -> Floats:
    try:
        network = on_images(member.network, images.shape)
    except CheckFailed as failure:
        raise CheckFailed(f"{name}: {failure.brief}", detail=failure.detail) from failure
    if network.output_shape != (CLASSES,):
        raise CheckFailed(f"{name} gives another shape than ten numbers for each image.")
    answers = neutral.predict(as_plain(network), member.weights, images)
    if not np.isfinite(answers).all():
        raise CheckFailed(f"{name} has no answer to some images: its weights are too large.")
    return answers


def _are_probabilities(answers: Floats) -> bool:
    return bool((answers >= -_SUM).all() and (np.abs(answers.sum(axis=1) - 1) < _SUM).all())
