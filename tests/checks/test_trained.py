"""What a model that was handed in is worth: points by accuracy on images that no table knows; what is refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import mistakes
from grader.checks.lecture import LENET
from grader.checks.misconceptions import Misconception
from grader.checks.modelfault import ModelFault
from grader.checks.networks import Network, changed, conv, dense, flatten, sequential
from grader.checks.students import Call, StudentFunction
from grader.checks.trained import (
    DECIMALS,
    Judged,
    balanced,
    check_accuracy,
    check_layers,
    check_model_file,
    check_network,
    describe,
    interval,
    jittered,
    kinds,
    network_of,
    share,
    was_trained_scaled_twice,
    was_trained_unscaled,
)
from grader.checks.training import prepared
from grader.errors import CheckFailed, NotAttempted, SandboxError
from grader.records import Question, Returned
from grader.synthetic import Kind, synthetic
from tests.checks import without_keras as world
from tests.checks.in_process import failure_of
from tests.checks.keras_files import keras_file, sequential_config
from tests.checks.without_keras import NETWORK, Judge, Model, archive

Bytes = npt.NDArray[np.uint8]
QUESTION = Question(
    name="model",
    points=30,
    file="model",
    data="mnist",
    floor=0.9,
    target=0.99,
    generated_floor=0.3,
    generated_target=0.8,
)
MADE = synthetic(Kind.MNIST, 3, train=400, test=300)
accuracies = st.floats(0, 1)


@dataclass(slots=True, kw_only=True)
class Hidden:
    """Images of a small grading."""

    images: Bytes = field(default_factory=lambda: MADE.x_test)
    labels: Bytes = field(default_factory=lambda: MADE.y_test)
    variant: str = "official"


@dataclass(slots=True)
class Oracle(Judge):
    """Names as many of the images right as it is told, at each brightness."""

    right: float = 1.0
    bright: float = 0.0  # of pixels that are 255 times as large
    dark: float = 0.0
    labels: Any = None  # of the images, in the order of the check

    def predict(self, network: Any, weights: Sequence[Any], images: npt.NDArray[np.float32]) -> Any:
        self.predicted.append(len(images))
        largest = images.max()
        known = self.bright if largest > 2 else self.dark if largest < 0.1 else self.right
        answers = np.zeros((len(images), 10), np.float32)
        answers[np.arange(len(images)), self.labels] = 1
        wrong = round((1 - known) * len(images))
        answers[:wrong] = np.roll(answers[:wrong], 1, axis=1)
        return answers


def graded(oracle: Oracle, *, variant: str = "official", known: Sequence[Misconception] = ()) -> StudentFunction:
    """A right file, judged by an oracle; raises what the check raises."""
    _, oracle.labels = balanced(MADE.x_test, MADE.y_test, np.random.default_rng(0))
    function = handed_in(archive(NETWORK, world.build().kernel), known=known)
    check_accuracy(function, oracle, NETWORK, Hidden(variant=variant), np.random.default_rng(0))
    return function


def handed_in(data: bytes | None, *, known: Sequence[Misconception] = ()) -> StudentFunction:
    student, _ = world.student(question=QUESTION, model=data, misconceptions=known)
    model: StudentFunction = student.model
    return model


# --- points ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accuracy", "earned"),
    [(0.0, 0), (0.9, 0), (0.9001, 0), (0.945, 0.5), (0.99, 1), (1.0, 1), (0.9894, 1), (0.9884, 0.9777777)],
)
def test_points_grow_from_the_floor_to_the_target(accuracy: float, earned: float) -> None:
    assert share(accuracy, floor=0.9, target=0.99) == pytest.approx(earned)


@given(accuracies, accuracies, accuracies)
def test_a_share_is_one_whatever_the_floor_and_the_target_are(accuracy: float, one: float, other: float) -> None:
    """Also where rounding makes them the same."""
    assert 0 <= share(accuracy, floor=min(one, other), target=max(one, other)) <= 1


@given(accuracies, accuracies)
def test_more_is_never_worth_less(one: float, other: float) -> None:
    low, high = sorted((one, other))

    assert share(low, floor=0.9, target=0.99) <= share(high, floor=0.9, target=0.99)


@given(accuracies, st.floats(0, 0.98))
def test_within_rounding_of_the_target_is_the_target(target: float, floor: float) -> None:
    if floor < target - 0.01:
        assert share(target - 0.4 * 10**-DECIMALS, floor=floor, target=target) == 1


@given(accuracies)
def test_an_accuracy_earns_what_its_rounded_value_earns(accuracy: float) -> None:
    """Else the points would tell how many single images are right."""
    assert share(accuracy, floor=0.9, target=0.99) == share(round(accuracy, DECIMALS), floor=0.9, target=0.99)


@given(accuracies, st.integers(1, 100_000))
def test_an_interval_holds_its_accuracy(accuracy: float, count: int) -> None:
    low, high = interval(accuracy, count)

    assert 0 <= low <= accuracy + 1e-12
    assert accuracy - 1e-12 <= high <= 1
    assert high - low <= interval(accuracy, 1)[1] - interval(accuracy, 1)[0] + 1e-12


def test_an_interval_is_wilson_s() -> None:
    """The example of 95 of 100, and that it holds what it promises."""
    assert interval(0.95, 100) == pytest.approx((0.8882, 0.9785), abs=1e-4)
    counts = np.random.default_rng(0).binomial(500, 0.97, 4000)
    held = [low <= 0.97 <= high for low, high in (interval(each / 500, 500) for each in counts)]
    assert np.mean(held) == pytest.approx(0.95, abs=0.02)


def test_an_accuracy_is_told_with_its_interval() -> None:
    assert describe(0.9908, 10_000) == (
        "The saved model names 99.1% of 10,000 hidden images right (95 % confidence: 98.9% to 99.2%)."
    )


# --- images ------------------------------------------------------------------------


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(0, 1 << 30))
def test_classes_are_balanced_in_a_drawn_order(labels: list[int], seed: int) -> None:
    given_labels = np.array(labels, np.uint8)
    images = np.arange(len(labels), dtype=np.uint8).reshape(-1, 1, 1) * np.ones((1, 2, 2), np.uint8)

    chosen, named = balanced(images, given_labels, np.random.default_rng(seed))
    again, _ = balanced(images, given_labels, np.random.default_rng(seed))

    classes, counts = np.unique(named, return_counts=True)
    assert set(classes) == set(labels)
    assert set(counts) == {min(labels.count(each) for each in set(labels))}
    assert (given_labels[chosen[:, 0, 0]] == named).all()
    assert len(set(chosen[:, 0, 0].tolist())) == len(chosen)
    assert np.array_equal(chosen, again)


def test_the_order_and_the_choice_are_another_for_another_student() -> None:
    labels = np.repeat(np.arange(10, dtype=np.uint8), 30)
    images = np.arange(300).reshape(-1, 1, 1).astype(np.uint16)

    orders = [balanced(images, labels, np.random.default_rng(seed))[0].ravel() for seed in (1, 2)]  # type: ignore[arg-type]

    assert not np.array_equal(orders[0], orders[1])
    assert (orders[0] != np.arange(300)).any()


def test_images_are_shifted_by_a_pixel_at_most_and_get_a_little_noise() -> None:
    x = np.zeros((2000, 9, 9, 1), np.float32)
    x[:, 4, 4] = 0.5

    moved = jittered(x, np.random.default_rng(1))

    assert moved.dtype == np.float32
    assert moved.min() >= 0
    assert moved.max() <= 1
    brightest = np.array([np.unravel_index(each.argmax(), (9, 9)) for each in moved[..., 0]])
    assert np.abs(brightest - 4).max() == 1
    assert 0.05 < (brightest != 4).any(axis=1).mean() < 0.12
    assert not np.array_equal(moved[0], moved[1])
    assert (x[:, 4, 4] == 0.5).all()


@given(st.integers(0, 1 << 30), st.sampled_from([(28, 28, 1), (32, 32, 3), (3, 5, 2)]))
def test_a_jittered_image_stays_one(seed: int, shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(seed).random((5, *shape), dtype=np.float32)

    moved = jittered(x, np.random.default_rng(seed))

    assert moved.shape == x.shape
    assert np.array_equal(moved, jittered(x, np.random.default_rng(seed)))
    assert 0 <= moved.min() <= moved.max() <= 1


def test_no_image_that_is_shown_is_a_public_one() -> None:
    """A table keyed by pixels, or by the row, names nothing."""
    x = prepared(MADE.x_test)
    table = {image.tobytes(): label for image, label in zip(x, MADE.y_test, strict=True)}

    shown = jittered(x, np.random.default_rng(0))

    assert not [image for image in shown if image.tobytes() in table]
    rounded = {np.rint(255 * image).tobytes() for image in x}
    assert not [image for image in shown if np.rint(255 * image).tobytes() in rounded]


# --- the check -----------------------------------------------------------------------


def test_an_accuracy_at_the_target_passes_and_is_told() -> None:
    function = graded(Oracle(right=0.99))

    assert function.remarks == [describe(0.99, 300)]


@pytest.mark.parametrize(("accuracy", "earned"), [(0.96, 2 / 3), (0.93, 1 / 3), (0.9, 0)])
def test_an_accuracy_below_the_target_earns_its_share(accuracy: float, earned: float) -> None:
    failure = failure_of(lambda: graded(Oracle(right=accuracy)))

    assert failure.share == pytest.approx(earned, abs=0.01)
    assert failure.brief.startswith(f"The saved model names {accuracy:.1%} of 300 hidden images right")
    assert failure.brief.endswith("Points begin at 90.0%; 99.0% earns all of them.")


def test_generated_images_have_other_bounds() -> None:
    graded(Oracle(right=0.8), variant="generated")

    failure = failure_of(lambda: graded(Oracle(right=0.55), variant="generated"))
    assert failure.share == pytest.approx(0.5, abs=0.01)
    assert failure.brief.endswith("Points begin at 30.0%; 80.0% earns all of them.")


def test_other_brightnesses_are_tried_only_below_the_floor() -> None:
    """They cost two more questions."""
    between, below = Oracle(right=0.95), Oracle(right=0.2)
    for oracle in (between, below):
        failure_of(lambda oracle=oracle: graded(oracle))  # type: ignore[misc]

    assert between.predicted == [300]
    assert below.predicted == [300, 300, 300]


KNOWN = tuple(
    Misconception(id=name, function="model", hint=f"hint: {name}", make=lambda: abs, recognise=recogniser)
    for name, recogniser in {
        "unscaled": mistakes.trained_unscaled,
        "twice": mistakes.trained_scaled_twice,
        "never": mistakes.was_never_trained,
    }.items()
)


@pytest.mark.parametrize(
    ("oracle", "hints"),
    [
        (Oracle(right=0.1, bright=0.97, dark=0.1), ("hint: unscaled",)),
        (Oracle(right=0.1, bright=0.1, dark=0.97), ("hint: twice",)),
        (Oracle(right=0.11, bright=0.1, dark=0.12), ("hint: never",)),
        (Oracle(right=0.6, bright=0.1, dark=0.1), ()),
        (Oracle(right=0.95), ()),
    ],
)
def test_a_known_mistake_gets_its_hint(oracle: Oracle, hints: tuple[str, ...]) -> None:
    assert failure_of(lambda: graded(oracle, known=KNOWN)).hints == hints


@pytest.mark.parametrize(
    ("accuracies", "unscaled", "twice"),
    [
        ((0.1, 0.9, 0.1), True, False),
        ((0.1, 0.1, 0.9), False, True),
        ((0.5, 0.65, 0.3), False, False),
        ((0.1, 0.35, 0.35), False, False),
        ((0.1, None, None), False, False),
        ((None, 0.9, 0.9), False, False),
    ],
)
def test_a_brightness_must_be_much_better(accuracies: Sequence[float | None], unscaled: bool, twice: bool) -> None:
    right, bright, dark = accuracies
    judged = Judged(network=NETWORK, accuracy=right, accuracy_unscaled=bright, accuracy_scaled_twice=dark)

    assert (was_trained_unscaled(judged), was_trained_scaled_twice(judged)) == (unscaled, twice)


def test_a_recogniser_of_models_looks_at_what_was_judged_alone() -> None:
    calls = [Call(args=(), kwargs={}, reply=Returned(value="a model"))]

    assert not mistakes.was_never_trained(calls)
    assert not mistakes.trained_unscaled([])
    assert not mistakes.saved_like(NETWORK)(calls)


# --- the file --------------------------------------------------------------------------

Check = Callable[[StudentFunction, Judge, Network], None]


def accuracy_check(model: StudentFunction, judge: Judge, wanted: Network) -> None:
    check_accuracy(model, judge, wanted, Hidden(), np.random.default_rng(0))


each_check = pytest.mark.parametrize("check", [accuracy_check, check_model_file])


@each_check
def test_a_file_that_is_not_there_is_not_attempted(check: Check) -> None:
    with pytest.raises(NotAttempted, match=r"no model\.keras was handed in"):
        check(handed_in(None), Judge(), NETWORK)


@each_check
@pytest.mark.parametrize("data", [b"", b"junk", b"PK\x03\x04"])
def test_a_file_that_is_none_is_told(check: Check, data: bytes) -> None:
    judge = Judge()

    assert ".keras file" in failure_of(lambda: check(handed_in(data), judge, NETWORK)).brief
    assert judge.predicted == []


@each_check
def test_another_network_is_named_by_its_first_difference(check: Check) -> None:
    """Its weights are never opened."""
    valid = changed(LENET, "conv2d", at=1, padding="valid")
    judge = Judge()

    failure = failure_of(lambda: check(handed_in(keras_file(sequential_config(valid))), judge, LENET))

    assert failure.brief.startswith("conv2d_1: padding is valid, the lecture's is same")
    assert judge.predicted == []


@each_check
def test_a_known_network_gets_its_hint(check: Check) -> None:
    linear = changed(LENET, "dense", at=-1, activation="linear")
    known = Misconception(
        id="linear", function="model", hint="Add softmax.", make=lambda: abs, recognise=mistakes.saved_like(linear)
    )

    function = handed_in(keras_file(sequential_config(linear)), known=[known])

    assert failure_of(lambda: check(function, Judge(), LENET)).hints == ("Add softmax.",)


@each_check
def test_weights_that_do_not_fit_are_told(check: Check) -> None:
    data = archive(NETWORK, np.full((784, 10), np.nan, np.float32))

    assert "hold NaN or infinity" in failure_of(lambda: check(handed_in(data), Judge(), NETWORK)).brief


def test_an_h5_file_is_a_source_of_weights_and_nothing_else() -> None:
    """Its network is the lecture's, whatever it says; the groups of its layers are not known."""
    asked: list[Any] = []

    class Reader(Judge):
        def weights(self, file: bytes, expected: Any) -> Any:
            asked.extend(expected)
            return Judge.weights(self, file, expected)

    kernel = world.build().kernel
    check_model_file(handed_in(world.MAGIC + kernel.tobytes()), Reader(), NETWORK)

    assert asked == [{"layer": "dense", "container": "", "shapes": [[784, 10], [10]]}]


def test_a_neutral_worker_that_fails_is_nobody_s_zero() -> None:
    class Broken(Judge):
        def predict(self, *_: Any) -> Any:
            raise SandboxError("the neutral worker could not answer", fix="grade again")

    with pytest.raises(SandboxError):
        accuracy_check(handed_in(archive(NETWORK, world.build().kernel)), Broken(), NETWORK)


def test_a_fault_of_the_file_is_the_student_s() -> None:
    class Refusing(Judge):
        def weights(self, *_: Any) -> Any:
            raise ModelFault("The file takes its weights from another place", where="dense")

    failure = failure_of(
        lambda: check_model_file(handed_in(archive(NETWORK, world.build().kernel)), Refusing(), NETWORK)
    )

    assert failure.brief.startswith("The file takes its weights from another place. Save the model anew")
    assert isinstance(failure, CheckFailed)


# --- build_model -------------------------------------------------------------------------


def built(network: Network) -> Any:
    student, _ = world.student(build_model=lambda: Model(kernel=np.zeros((1, 1), np.float32), network=network))
    return student


def test_the_lecture_s_network_passes() -> None:
    check_layers(built(LENET), LENET)
    check_network(built(LENET), LENET)

    assert network_of(built(LENET)) == LENET


def test_the_first_layer_of_another_kind_is_named() -> None:
    short = sequential((28, 28, 1), *LENET.specs[:3])
    other = changed(LENET, "max_pooling2d", at=0, kind="average_pooling2d")

    assert failure_of(lambda: check_layers(built(short), LENET)).brief == (
        "Layer 4 is nothing, the lecture's is max_pooling2d."
    )
    assert failure_of(lambda: check_layers(built(other), LENET)).brief == (
        "Layer 2 is average_pooling2d, the lecture's is max_pooling2d."
    )
    assert failure_of(lambda: check_layers(built(LENET), short)).brief == (
        "Layer 4 is max_pooling2d, the lecture's is nothing."
    )


def test_an_activation_of_its_own_is_no_other_layer() -> None:
    apart = sequential((4, 4, 1), conv(2, 3), *sequential((2, 2, 2), flatten(), dense(3, activation="softmax")).specs)
    inside = changed(apart, "conv2d", activation="relu")

    assert kinds(apart) == kinds(inside) == ["conv2d", "flatten", "dense"]
