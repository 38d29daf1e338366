"""Whether trained networks make a committee: each good enough, no two the same, together better than alone.

In: `student.members` with the bytes of their files, the student's rules of decision, hidden images. Out: nothing, or
CheckFailed; for the members' own accuracy it carries its share of the points.
The rule: each file is read as data and keeps its own network, whatever it is of the course's layers. A neutral worker
says what the members make of hidden images; the student's rules see these predictions alone, and the labels stay here.
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
from grader.checks.students import Call, Student, StudentFunction
from grader.checks.trained import Images, balanced, jittered, share
from grader.checks.training import CHANCE, Floats, Neutral, Weighed, failure_of, prepared
from grader.errors import CheckFailed, NotAttempted
from grader.records import Question, Returned

IMAGES = 6000  # a gain of 0.6 % is then seen in all but one draw of 100,000
VALIDATION = 1000  # of them, for the members' weights
EXPONENT = 2
AGREEMENT = 0.95  # with the rule as the reference has it: a right table of the images would differ more often
CLASSES = 10
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hearing:
    """What members say of hidden images."""

    panel: Panel
    probabilities: Floats  # (M, N, 10)
    labels: npt.NDArray[Any]  # (N,)

    def accuracies(self, images: slice) -> tuple[float, ...]:
        """Each member's on some of the images."""
        right = self.probabilities[:, images].argmax(axis=2) == self.labels[images]
        return tuple(float(each) for each in right.mean(axis=1))


def check_members(members: StudentFunction, neutral: Neutral, hidden: Images, rng: np.random.Generator) -> None:
    """Assert that each member reaches the target; one that does not earns its part of the points.

    Args:
        members: `student.members`: the files, floor and target.
        neutral: predicts.
        hidden: images and labels.
        rng: draws which images, their order, and the jitter.

    Raises:
        CheckFailed: a file is no network of the course, two are the same, or one is below the target.
        NotAttempted: a file is missing.
    """
    floor, target = _bounds(_question(members), hidden)
    hearing = _hear(members, neutral, hidden, rng, floor)
    accuracies = hearing.accuracies(slice(None))
    earned = sum(share(each, floor=floor, target=target) for each in accuracies) / len(accuracies)
    listed = ", ".join(f"{each:.1%}" for each in accuracies)
    told = f"The members name {listed} of {len(hearing.labels):,} hidden images right."
    if earned >= 1:
        members.remark(told)
        return
    raise _failure(members, f"{told} Points begin at {floor:.1%}; {target:.1%} earns all of them.", share=earned)


def check_rule(
    student: Student, rule: str, neutral: Neutral, hidden: Images, rng: np.random.Generator, *, weighted: bool = False
) -> None:
    """Assert that by one rule the committee is better than its members are in the mean.

    Args:
        student: with the members, and the rule as a function of the predictions.
        rule: the function's name.
        neutral: predicts.
        hidden: images and labels.
        rng: draws which images, their order, and the jitter.
        weighted: the rule also takes the members' accuracies on other images, and an exponent.

    Raises:
        CheckFailed: it is not, a member is not good enough to count, or the rule is another.
        NotAttempted, StudentRaised, WorkerStopped: there is no decision.
    """
    floor, _ = _bounds(_question(student.members), hidden)
    hearing = _hear(student.members, neutral, hidden, rng, floor)
    for name, accuracy in zip(hearing.panel.names, hearing.accuracies(slice(None)), strict=True):
        if accuracy < floor:
            told = f"{name} names {accuracy:.1%} of the hidden images right; a member counts from {floor:.1%}."
            raise _failure(student.members, told)
    share_of = min(VALIDATION, len(hearing.labels) // 4)
    validation, rest = slice(share_of), slice(share_of, None)
    arguments: list[Any] = [hearing.probabilities[:, rest]]
    if weighted:
        arguments += [np.array(hearing.accuracies(validation), np.float32), EXPONENT]
    function: StudentFunction = getattr(student, rule)
    decision = _decision(function, arguments)
    accuracy, alone = float(np.mean(decision == hearing.labels[rest])), float(np.mean(hearing.accuracies(rest)))
    told = f"By {rule} the committee names {accuracy:.1%} right, its members {alone:.1%} in the mean"
    if accuracy > alone:
        student.members.remark(f"{told}.")
        return
    raise _failure(
        student.members, f"{told}: it is not better. Members that were trained alike make the same mistakes."
    )


def check_member_files(members: StudentFunction, neutral: Neutral) -> None:
    """Assert that the members are there, are networks of the course, and no two are the same.

    Raises:
        CheckFailed: they are not.
        NotAttempted: a file is missing.
    """
    _question(members)
    _gather(members, neutral)


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


# --- steps --------------------------------------------------------------------


def _question(members: StudentFunction) -> Question:
    """The question, once every file is there."""
    assert members.question is not None
    missing = [name for name, data in members.models.items() if data is None]
    if missing:
        reason = f"no {missing[0]}.keras was handed in"
        raise NotAttempted(members.name, reason, told=f"{reason}.")
    return members.question


def _bounds(question: Question, hidden: Images) -> tuple[float, float]:
    if hidden.variant == "generated":
        return question.generated_floor, question.generated_target
    return question.floor, question.target


def _gather(members: StudentFunction, neutral: Neutral) -> tuple[Panel, list[Weighed]]:
    """Read every member, and make sure that no two are the same."""
    names = tuple(members.models)
    read = [_read(name, data or b"", neutral) for name, data in members.models.items()]
    pairs = itertools.combinations(zip(names, read, strict=True), 2)
    same = tuple((one, other) for (one, mine), (other, theirs) in pairs if _are_one(mine, theirs))
    panel = Panel(names=names, same=same)
    if same:
        members.note(panel)
        told = f"{same[0][0]} and {same[0][1]} are one network with the same weights."
        raise _failure(members, f"{told} A committee needs members that make different mistakes.")
    return panel, read


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
    *others, last = _KNOWN
    for network in others:
        try:
            return Weighed(network=network, weights=neutral.weights(data, expected_weights(network)))
        except ModelFault:
            continue
    return Weighed(network=last, weights=neutral.weights(data, expected_weights(last)))


def _are_one(mine: Weighed, theirs: Weighed) -> bool:
    shapes = [[each.shape for each in one.weights] for one in (mine, theirs)]
    return shapes[0] == shapes[1] and all(map(np.array_equal, mine.weights, theirs.weights))


def _hear(
    members: StudentFunction, neutral: Neutral, hidden: Images, rng: np.random.Generator, floor: float
) -> _Hearing:
    """Ask every member about hidden images, and note what they are worth."""
    panel, read = _gather(members, neutral)
    images, labels = balanced(hidden.images, hidden.labels, rng)
    images, labels = images[:IMAGES], labels[:IMAGES]
    x = jittered(prepared(images), rng)
    answers = [_predict(name, each, neutral, x) for name, each in zip(panel.names, read, strict=True)]
    hearing = _Hearing(panel=panel, probabilities=np.stack(answers), labels=labels)
    panel = replace(panel, floor=floor, accuracies=hearing.accuracies(slice(None)))
    if not all(_are_probabilities(each) for each in answers):
        members.note(replace(panel, add_up=False))
        raise _failure(members, "The answers of a member do not add up to 1: they are no probabilities.")
    if min(panel.accuracies or ()) < floor:
        few = slice(0, 1000)
        bright = [_predict(name, each, neutral, 255 * x[few]) for name, each in zip(panel.names, read, strict=True)]
        panel = replace(panel, unscaled=tuple(float((each.argmax(1) == labels[few]).mean()) for each in bright))
    members.note(replace(panel, add_up=True))
    return replace(hearing, panel=panel)


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


def _decision(function: StudentFunction, arguments: Sequence[Any]) -> npt.NDArray[Any]:
    """The student's decision, once it is a class for each image and by that rule."""
    decision = function(*arguments)
    count = arguments[0].shape[1]
    if not isinstance(decision, np.ndarray) or decision.shape != (count,) or decision.dtype.kind not in "iu":
        raise CheckFailed(f"{function.name} does not give a class index for each image.")
    if function.reference is not None and np.mean(decision == function.reference(*arguments)) < AGREEMENT:
        raise CheckFailed(f"{function.name} decides otherwise than its rule says. Its own tests say more.")
    return decision


def _failure(members: StudentFunction, brief: str, *, share: float = 0.0) -> CheckFailed:
    diagnosis = diagnose_by_property(members)
    return CheckFailed(brief, hints=diagnosis.hints, candidates=diagnosis.fitting, share=share)
