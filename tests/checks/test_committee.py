"""Three networks that were handed in: what is refused, what each earns, and when they are better together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from grader.checks import panel
from grader.checks.committee import check_member_files, check_members, check_rules
from grader.checks.misconceptions import Misconception, load_course_module
from grader.checks.networks import dense, flatten, sequential
from grader.checks.panel import Panel
from grader.checks.students import Student
from grader.errors import NotAttempted
from grader.records import Question, WorkerExit
from grader.synthetic import Kind, synthetic
from tests.checks.in_process import WorkerDied, failure_of, invoke_in_process
from tests.checks.without_keras import MAGIC, NETWORK, Judge, archive

Floats = npt.NDArray[np.float32]
REFERENCE = load_course_module(Path(__file__).parents[2] / "solutions" / "hw13_committee" / "committee.py")
QUESTION = Question(
    name="members",
    points=30,
    file="member",
    count=3,
    data="fashion_mnist",
    floor=0.5,
    target=0.7,
    generated_floor=0.2,
    generated_target=0.3,
)
MADE = synthetic(Kind.MNIST, 3, train=600, test=400)
RULES = {name: getattr(REFERENCE, name) for name in ("average_decision", "majority_vote", "weighted_decision")}


@dataclass(slots=True, kw_only=True)
class Hidden:
    """Images of a small grading."""

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.uint8]
    variant: str = "official"


HIDDEN = Hidden(images=MADE.x_test, labels=MADE.y_test)


@dataclass(slots=True)
class Sure(Judge):
    """Its answers are probabilities, unless it is told otherwise."""

    probable: bool = True

    def predict(self, network: Mapping[str, Any], weights: Sequence[Floats], images: Floats) -> Floats:
        self.predicted.append(len(images))
        flat = images.reshape(len(images), -1)
        scores: Floats = 3 * (flat - flat.mean(axis=1, keepdims=True)) @ weights[0] / 28
        if images.max() > 1:
            scores = 0 * scores
        if not self.probable:
            return scores
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities: Floats = odds / odds.sum(axis=1, keepdims=True)
        return probabilities


def kernel(seed: int, *, good: bool = True) -> Floats:
    """Mean images of a few of each class, which differ from member to member."""
    draw = np.random.default_rng(seed)
    chosen = draw.permutation(len(MADE.x_train))[:80]
    x, labels = MADE.x_train[chosen].reshape(80, -1) / 255, MADE.y_train[chosen]
    means = np.stack([x[labels == each].mean(axis=0) for each in range(10)], axis=1)
    means -= means.mean(axis=1, keepdims=True)
    return (means if good else means[:, ::-1]).astype(np.float32)


def member(seed: int, *, good: bool = True) -> bytes:
    return archive(NETWORK, kernel(seed, good=good))


THREE = tuple(member(seed) for seed in (1, 2, 3))


def student(files: Sequence[bytes | None], *, known: tuple[Misconception, ...] = (), **rules: Any) -> Student:
    """A submission of these files and rules."""
    named = {f"member_{number}": data for number, data in enumerate(files, 1) if data is not None}
    return Student(
        invoke_in_process({**RULES, **rules}), REFERENCE, known, visible=False, questions=(QUESTION,), files=named
    )


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


class TestFiles:
    def test_three_different_networks_are_taken(self) -> None:
        check_member_files(student(THREE).members, Sure())

    def test_a_missing_one_is_named(self) -> None:
        with pytest.raises(NotAttempted, match=r"no member_2\.keras was handed in"):
            check_member_files(student((THREE[0], None, THREE[2])).members, Sure())

    def test_copies_are_refused_and_named(self) -> None:
        failed = failure_of(lambda: check_member_files(student((THREE[0], THREE[1], THREE[0])).members, Sure()))

        assert failed.brief.startswith("member_1 and member_3 are one network with the same weights.")

    def test_a_file_that_is_no_model_is_named(self) -> None:
        failed = failure_of(lambda: check_member_files(student((THREE[0], b"PK", THREE[2])).members, Sure()))

        assert failed.brief.startswith("member_2: This is no .keras file: it does not begin as one.")

    def test_an_h5_file_holds_a_network_that_the_course_knows(self) -> None:
        """Here the pretended reader takes whatever it gets for weights of the first."""
        files = (THREE[0], MAGIC + kernel(2).tobytes(), THREE[2])

        check_member_files(student(files).members, Sure())

    def test_an_h5_file_of_another_network_is_refused(self) -> None:
        failed = failure_of(lambda: check_member_files(student((*THREE[:2], MAGIC + bytes(16))).members, Sure()))

        assert failed.brief.startswith("member_3: Its weights fit no network that an .h5 file may hold here.")


class TestMembers:
    def test_three_good_ones_earn_everything(self) -> None:
        made = student(THREE)
        check_members(made.members, Sure(), HIDDEN, rng())

        (remark,) = made.members.remarks
        assert "of 400 hidden images right" in remark

    def test_each_earns_its_part(self) -> None:
        files = (THREE[0], THREE[1], member(3, good=False))
        failed = failure_of(lambda: check_members(student(files).members, Sure(), HIDDEN, rng()))

        assert failed.share == pytest.approx(2 / 3)
        assert "Points begin at 50.0%; 70.0% earns all of them." in failed.brief

    def test_generated_images_have_bounds_of_their_own(self) -> None:
        hidden = Hidden(images=MADE.x_test, labels=MADE.y_test, variant="generated")
        files = (*THREE[:2], member(3, good=False))
        failed = failure_of(lambda: check_members(student(files).members, Sure(), hidden, rng()))

        assert "Points begin at 20.0%; 30.0% earns all of them." in failed.brief

    def test_answers_that_are_no_probabilities_are_refused(self) -> None:
        failed = failure_of(lambda: check_members(student(THREE).members, Sure(probable=False), HIDDEN, rng()))

        assert "do not add up to 1" in failed.brief
        assert failed.share == 0

    def test_a_network_for_other_images_is_refused(self) -> None:
        other = archive(sequential((14, 56, 1), flatten(), dense(10, activation="softmax")), kernel(3))
        failed = failure_of(lambda: check_members(student((*THREE[:2], other)).members, Sure(), HIDDEN, rng()))

        assert failed.brief.startswith("member_3: The network does not take the images")


class TestTogether:
    def test_three_good_ones_are_better_by_every_rule(self) -> None:
        made = student(THREE)
        check_rules(made, Sure(), HIDDEN, rng())

        (remark,) = made.members.remarks
        assert remark.count("By ") == 3

    def test_a_member_below_the_floor_does_not_count(self) -> None:
        files = (*THREE[:2], member(3, good=False))
        failed = failure_of(lambda: check_rules(student(files), Sure(), HIDDEN, rng()))

        assert failed.brief.startswith("member_3 names ")
        assert "a member counts from 50.0%" in failed.brief
        assert failed.share == 0

    def test_members_that_say_the_same_are_not_better(self) -> None:
        first = kernel(1)
        files = tuple(archive(NETWORK, first * np.float32(1 + number * 1e-6)) for number in range(3))
        failed = failure_of(lambda: check_rules(student(files), Sure(), HIDDEN, rng()))

        assert failed.brief.count("which is not better") == 3
        assert failed.share == 0

    def test_a_rule_that_knows_better_than_its_members_is_another_rule(self) -> None:
        """A table of the images, found by what the members say of them, would be right where the rule is wrong."""
        made = student(THREE, majority_vote=lambda p: (p.sum(axis=0).argmax(axis=1) + 1) % 10)
        failed = failure_of(lambda: check_rules(made, Sure(), HIDDEN, rng()))

        assert "majority_vote decides otherwise than its rule says" in failed.brief
        assert failed.share == pytest.approx(2 / 3)

    def test_what_goes_wrong_in_one_rule_costs_that_rule(self) -> None:
        def loops(p: Any) -> Any:
            raise WorkerDied(WorkerExit(outcome="timeout", reason="did not return in time"))  # type: ignore[arg-type]

        def unwritten(p: Any) -> Any:
            raise NotImplementedError("the hidden words")

        made = student(THREE, average_decision=loops, majority_vote=unwritten)
        failed = failure_of(lambda: check_rules(made, Sure(), HIDDEN, rng()))

        assert failed.share == pytest.approx(1 / 3)
        assert "average_decision did not return in time. majority_vote is not there. By weighted" in failed.brief

    def test_no_rule_at_all_is_not_attempted(self) -> None:
        def unwritten(*_: Any) -> Any:
            raise NotImplementedError("not yet")

        with pytest.raises(NotAttempted):
            check_rules(student(THREE, **{rule: unwritten for rule in RULES}), Sure(), HIDDEN, rng())  # type: ignore[arg-type]

    def test_a_float_is_no_class(self) -> None:
        made = student(THREE, majority_vote=lambda p: REFERENCE.majority_vote(p).astype(float))
        failed = failure_of(lambda: check_rules(made, Sure(), HIDDEN, rng()))

        assert "majority_vote does not give a class index for each image." in failed.brief

    def test_weights_come_from_images_that_the_committee_is_not_judged_on(self) -> None:
        asked: list[Any] = []

        def weighted(p: Any, accuracy: Any, exponent: Any) -> Any:
            asked.append((p.shape, p.dtype, accuracy.dtype, exponent))
            return REFERENCE.weighted_decision(p, accuracy, exponent)

        check_rules(student(THREE, weighted_decision=weighted), Sure(), HIDDEN, rng())

        assert asked == [((3, 300, 10), np.float32, np.float32, 2)]


def of(**found: Any) -> Panel:
    return Panel(names=("member_1", "member_2", "member_3"), floor=0.5, **found)


class TestRecognisers:
    @pytest.mark.parametrize(
        ("judge", "shown"),
        [
            (panel.are_all_the_same, of(same=(("1", "2"), ("1", "3"), ("2", "3")))),
            (panel.has_a_pair, of(same=(("1", "2"),))),
            (panel.has_no_softmax, of(add_up=False)),
            (panel.were_never_trained, of(accuracies=(0.1, 0.12, 0.08), unscaled=(0.1, 0.1, 0.1))),
            (panel.were_trained_unscaled, of(accuracies=(0.1, 0.3, 0.2), unscaled=(0.8, 0.9, 0.7))),
            (panel.has_one_that_is_weak, of(accuracies=(0.8, 0.1, 0.9), unscaled=(0.3, 0.1, 0.2))),
            (panel.are_nearly_one, of(accuracies=(0.8, 0.8, 0.8), agreed=0.999)),
        ],
    )
    def test_each_mistake_is_known_by_what_it_shows_and_no_other_is(self, judge: Any, shown: Panel) -> None:
        others = {
            *(panel.are_all_the_same, panel.has_a_pair, panel.has_no_softmax, panel.were_never_trained),
            *(panel.were_trained_unscaled, panel.has_one_that_is_weak, panel.are_nearly_one),
        }

        assert [each for each in others if each(shown)] == [judge]

    def test_a_hint_is_told_where_one_is_shown(self) -> None:
        known = Misconception(
            id="copies",
            function="members",
            hint="Copies.",
            make=lambda: lambda: None,
            recognise=panel.panel_shows(panel.are_all_the_same),
        )
        made = student(THREE[:1] * 3, known=(known,))

        assert failure_of(lambda: check_members(made.members, Sure(), HIDDEN, rng())).hints == ("Copies.",)

    def test_good_members_show_nothing(self) -> None:
        good = of(accuracies=(0.8, 0.8, 0.8), agreed=0.9, add_up=True)

        assert not panel.are_nearly_one(good) | panel.has_one_that_is_weak(good) | panel.were_never_trained(good)
        assert not panel.panel_shows(panel.are_nearly_one)([])


def test_points_begin_above_guessing() -> None:
    """Members that were never trained, and differ, earn nothing from any test."""
    draw = np.random.default_rng(0)
    files = [archive(NETWORK, draw.normal(0, 0.01, (784, 10)).astype(np.float32)) for _ in range(3)]
    checks: list[Callable[[], None]] = [
        lambda: check_members(student(files).members, Sure(), HIDDEN, rng()),
        lambda: check_rules(student(files), Sure(), HIDDEN, rng()),
    ]
    for check in checks:
        assert failure_of(check).share == 0
