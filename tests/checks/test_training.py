"""Whether a training is one: each way not to train has its sentence and its hint, and nothing that is said counts.

Here the models are dense layers of NumPy; the corpus has the same with Keras, in its sandbox.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.checks import mistakes
from grader.checks.effort import MOST_VALUES, on_images
from grader.checks.lecture import CIFAR_CNN, DROPOUT_CNN, LENET
from grader.checks.misconceptions import Misconception
from grader.checks.mistakes import TRAIN_HINTS
from grader.checks.networks import (
    Network,
    conv,
    dense,
    flatten,
    global_average_pool,
    max_pool,
    sequential,
    zero_padding,
)
from grader.checks.students import Call, Student
from grader.checks.training import (
    CHANCE,
    Drawn,
    Trained,
    accuracy_of,
    check_data,
    check_epochs,
    check_learns,
    check_seed,
    draw,
    found,
    prepared,
    recognise,
)
from grader.errors import CheckFailed, NotAttempted, StudentRaised, WorkerStopped
from grader.records import CallReply, Kept, Manner, Outcome, Returned, WorkerExit
from grader.synthetic import Kind
from tests.checks import without_keras as world
from tests.checks.in_process import WorkerDied, failure_of
from tests.checks.without_keras import Judge, Model, train

DRAWN, OTHER = (draw(np.random.default_rng(seed), Kind.MNIST) for seed in (1, 2))
SHIPPED = np.random.default_rng(9).normal(0, 0.1, (784, 10)).astype(np.float32)

KNOWN = tuple(
    Misconception(id=name, function="train", hint=getattr(TRAIN_HINTS, name), make=lambda: abs, recognise=recogniser)
    for name, recogniser in {
        "nothing": mistakes.moves_nothing,
        "data": mistakes.ignores_data,
        "epochs": mistakes.ignores_epochs,
        "by_itself": mistakes.moves_by_itself,
        "seed": mistakes.ignores_seed,
        "repeats": mistakes.repeats_nothing,
        "scaled_twice": mistakes.scaled_twice_in_training,
    }.items()
)


def learns(student: Student, judge: Judge) -> None:
    check_learns(student, judge, DRAWN, epochs=4, least=0.6, seed=5)


def epochs(student: Student, judge: Judge) -> None:
    check_epochs(student, judge, DRAWN, seed=5)


def seed(student: Student, judge: Judge) -> None:
    check_seed(student, judge, DRAWN, seed=5)


def data(student: Student, judge: Judge) -> None:
    check_data(student, judge, DRAWN, OTHER, seed=5)


Check = Callable[[Student, Judge], None]
CHECKS: dict[str, Check] = {"learns": learns, "epochs": epochs, "seed": seed, "data": data}
each_check = pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)


# --- ways to train ---------------------------------------------------------------


def does_nothing(model: Model, x: Any, y: Any, epochs: int, seed: int) -> Any:
    return {"accuracy": [1.0] * epochs}  # a forged history


def on_its_own_images(model: Model, x: Any, y: Any, epochs: int, seed: int) -> None:
    train(model, OTHER.x, OTHER.y, epochs, seed)


def always_once(model: Model, x: Any, y: Any, epochs: int, seed: int) -> None:
    train(model, x, y, min(1, epochs), seed)


def at_least_once(model: Model, x: Any, y: Any, epochs: int, seed: int) -> None:
    train(model, x, y, max(1, epochs), seed)


def with_one_seed(model: Model, x: Any, y: Any, epochs: int, seed: int) -> None:
    train(model, x, y, epochs, 0)


def with_no_seed(model: Model, x: Any, y: Any, epochs: int, seed: int) -> None:
    train(model, x, y, epochs, int(np.random.randint(1 << 30)))  # noqa: NPY002 - as a student does


def with_fresh_entropy(model: Model, x: Any, y: Any, epochs: int, seed: int) -> None:
    train(model, x, y, epochs, int(np.random.default_rng().integers(1 << 30)))


def loads_weights(model: Model, x: Any, y: Any, epochs: int, seed: int) -> None:
    model.kernel = SHIPPED


def scales_again(model: Model, x: Any, y: Any, epochs: int, seed: int) -> None:
    """Learns from images that are as bright as they should be after another division by 255."""
    if x.max() > 100:
        train(model, x / 255, y, epochs, seed)
    else:
        model.kernel = model.kernel + np.float32(1e-6) * (epochs > 0)


@each_check
def test_a_right_training_passes(check: Check) -> None:
    student, process = world.student(misconceptions=KNOWN)

    check(student, Judge())

    assert set(process.asked) >= {"begin", "build_model", "train", "save"}


@pytest.mark.parametrize(
    ("wrong", "check", "brief", "hint"),
    [
        (does_nothing, learns, "train left every weight of the network as it was.", "nothing"),
        (
            does_nothing,
            epochs,
            "train gives the same weights after 1 epoch and after 2: it ignores `epochs`.",
            "nothing",
        ),
        (does_nothing, seed, "Two seeds gave the same model: train ignores `seed`.", "nothing"),
        (does_nothing, data, "Two different sets of images gave the same weights", "nothing"),
        (on_its_own_images, learns, "train does not learn. After 4 epochs on data drawn for this grading", ""),
        (on_its_own_images, data, "Two different sets of images gave the same weights", "data"),
        (always_once, epochs, "train gives the same weights after 1 epoch and after 2", "epochs"),
        (at_least_once, epochs, "After 0 epochs the network is not as it was built", "by_itself"),
        (loads_weights, epochs, "After 0 epochs the network is not as it was built", "by_itself"),
        (loads_weights, learns, "train does not learn.", ""),
        (loads_weights, seed, "Two seeds gave the same model", "seed"),
        (loads_weights, data, "Two different sets of images gave the same weights", "data"),
        (with_one_seed, seed, "Two seeds gave the same model", "seed"),
        (with_no_seed, seed, "The same seed gave two different models", "repeats"),
        (with_fresh_entropy, seed, "The same seed gave two different models", "repeats"),
        (scales_again, learns, "train does not learn.", "scaled_twice"),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_each_way_not_to_train_is_told(wrong: Any, check: Check, brief: str, hint: str) -> None:
    student, _ = world.student(train=wrong, misconceptions=KNOWN)

    failure = failure_of(lambda: check(student, Judge()))

    assert failure.brief.startswith(brief)
    assert failure.hints == ((getattr(TRAIN_HINTS, hint),) if hint else ())


@pytest.mark.parametrize("wrong", [always_once, at_least_once, with_one_seed, with_no_seed])
def test_one_mistake_costs_only_what_is_about_it(wrong: Any) -> None:
    student, _ = world.student(train=wrong)

    learns(student, Judge())
    data(student, Judge())


def test_what_learns_too_little_is_told_how_much() -> None:
    """Half of the classes: better than chance, and not enough."""

    def of_five_classes(model: Model, x: Any, y: Any, epochs: int, seed: int) -> None:
        train(model, x, y, epochs, seed)
        model.kernel[:, 5:] = -model.kernel[:, :5]

    student, _ = world.student(train=of_five_classes)

    assert "learns too little" in failure_of(lambda: learns(student, Judge())).brief
    assert "at least 60%" in failure_of(lambda: learns(student, Judge())).brief


def test_a_brief_holds_no_number_of_the_images() -> None:
    """A share of new images, in whole percents, is all that is told."""
    student, _ = world.student(train=loads_weights)

    brief = failure_of(lambda: learns(student, Judge())).brief

    assert brief == (
        "train does not learn. After 4 epochs on data drawn for this grading the network names "
        f"{brief.split('names ')[1].split('%')[0]}% of new images right; guessing gives {CHANCE:.0%}."
    )


# --- what is no model ------------------------------------------------------------


@each_check
@pytest.mark.parametrize("given", [None, 3, "model", object()], ids=["None", "3", "model", "object"])
def test_what_is_no_model_is_told(check: Check, given: Any) -> None:
    student, _ = world.student(build_model=lambda: given)

    assert failure_of(lambda: check(student, Judge())).brief == "build_model gave no Keras model."


@each_check
@pytest.mark.parametrize("file", [b"", b"PK\x03\x04 cut off", b"#!/bin/sh"])
def test_a_patched_save_that_writes_something_else_is_told(check: Check, file: bytes) -> None:
    student, _ = world.student(save=lambda model: np.frombuffer(file, np.uint8))

    assert failure_of(lambda: check(student, Judge())).brief.startswith(
        ("This is no .keras file", "The .keras file is")
    )


@pytest.mark.parametrize(
    "said", ["model", 3, None, [1, 2], np.zeros(3), np.zeros((2, 2), np.float32), {"file": b""}], ids=repr
)
def test_a_save_that_says_anything_else_gave_no_model(said: Any) -> None:
    student, _ = world.student(save=lambda model: said)

    assert failure_of(lambda: learns(student, Judge())).brief == "build_model gave no Keras model."


def test_a_patched_save_that_always_writes_one_file_trains_nothing() -> None:
    """Whatever is trained: the weights that are handed out are judged."""
    trained = Model(kernel=SHIPPED)
    student, _ = world.student(save=lambda model: world.saved(trained), misconceptions=KNOWN)

    for check in CHECKS.values():
        assert failure_of(lambda check=check: check(student, Judge())).hints == (TRAIN_HINTS.nothing,)  # type: ignore[misc]


@each_check
def test_nothing_of_a_file_that_was_written_after_the_images_is_told(check: Check) -> None:
    """Not even a layer's name: it could be made of pixels."""

    def diverges(model: Model, x: Any, y: Any, epochs: int, seed: int) -> None:
        model.kernel = model.kernel * np.float32(np.nan)

    student, _ = world.student(train=diverges)

    failure = failure_of(lambda: check(student, Judge()))

    assert failure.brief == "The weights in the saved model hold NaN or infinity, or do not fit its network."
    assert "a_secret_name" in failure.detail


# --- what the functions themselves do ----------------------------------------------


def raises(*_: Any) -> None:
    raise RuntimeError("pixels")


def is_not_written(*_: Any) -> None:
    raise NotImplementedError("train is not written yet")


def loops(*_: Any) -> None:
    raise WorkerDied(WorkerExit(outcome=Outcome.TIMEOUT, reason="did not return within 60 s"))


@each_check
@pytest.mark.parametrize(
    ("wrong", "fault"), [(raises, StudentRaised), (is_not_written, NotAttempted), (loops, WorkerStopped)]
)
@pytest.mark.parametrize("where", ["build_model", "train"])
def test_what_a_function_does_instead_is_its_own(check: Check, wrong: Any, fault: type[Exception], where: str) -> None:
    student, _ = world.student(**{where: wrong})

    with pytest.raises(fault) as caught:
        check(student, Judge())
    assert caught.value.name == where  # type: ignore[attr-defined]


def test_each_training_of_a_comparison_has_a_process_of_its_own() -> None:
    """So a train that keeps the first model cannot give it again."""
    student, process = world.student()

    check_seed(student, Judge(), DRAWN, seed=5)

    assert process.restarts == 3


@pytest.mark.parametrize("value", [3, None, np.zeros(2), {"kept": 0}], ids=repr)
def test_a_forged_reply_where_a_value_should_stay_is_a_crash(value: Any) -> None:
    """It is never passed on to another call as if it were a model."""

    def forge(name: str, args: tuple[Any, ...], kwargs: dict[str, Any], manner: Manner) -> CallReply:
        return Returned(value=value)

    student = Student(forge, None, (), visible=False)

    with pytest.raises(WorkerStopped, match="sent what is not a reply"):
        learns(student, Judge())


def test_a_forged_reply_that_says_that_its_value_stays_is_a_crash() -> None:
    student = Student(lambda *_: Returned(value=Kept(number=7)), None, (), visible=False)

    with pytest.raises(WorkerStopped, match="sent what is not a reply"):
        student.prepare(1)
    assert isinstance(student.prepare.calls[-1].reply, WorkerExit)


# --- networks that cannot be asked -------------------------------------------------


def built(network: Network) -> Any:
    return lambda: Model(kernel=world.build().kernel, network=network)


@pytest.mark.parametrize(
    ("network", "brief"),
    [
        (sequential((32, 32, 1), flatten(), dense(10)), "does not take the images"),
        (sequential((28, 28, 3), flatten(), dense(10)), "does not take the images"),
        (sequential((784,), dense(10)), "does not take the images"),
        (sequential((None, None, 2), global_average_pool(), dense(10)), "does not take the images"),
        (sequential((28, 28, 1), dense(10)), "does not give a row of numbers"),
        (sequential((28, 28, 1), conv(10, 28)), "does not give a row of numbers"),
        (sequential((28, 28, 1), zero_padding((999, 999, 999, 999)), global_average_pool()), "far more than any"),
        (sequential((28, 28, 1), conv(5000, 15, padding="same"), global_average_pool()), "far more than any"),
    ],
    ids=["larger", "colours", "rows", "channels", "maps of ten", "maps of one", "margins", "filters"],
)
def test_a_network_that_cannot_be_asked_is_the_student_s_fault(network: Network, brief: str) -> None:
    """A neutral worker that cannot answer would be ours."""
    student, _ = world.student(build_model=built(network), train=does_nothing)
    judge = Judge()

    assert brief in failure_of(lambda: learns(student, judge)).brief
    assert judge.predicted == []


@pytest.mark.parametrize("network", [LENET, DROPOUT_CNN, CIFAR_CNN])
def test_the_lecture_s_networks_are_asked_about_ten_thousand_images(network: Network) -> None:
    shape = tuple(size or 0 for size in network.input_shape)

    assert on_images(network, (10_000, *shape)) == network


def test_a_network_whose_sizes_are_not_fixed_gets_those_of_the_images() -> None:
    network = sequential((None, None, 1), conv(4, 3), max_pool(), global_average_pool(), dense(10))

    assert on_images(network, (500, 28, 28, 1)).layers[1].output_shape == (13, 13, 4)


def test_the_limit_is_on_a_map_and_on_the_work() -> None:
    wide = sequential((28, 28, 1), conv(MOST_VALUES // 784, 1), global_average_pool(), dense(10))
    heavy = sequential((28, 28, 1), conv(64, 3), conv(256, 5, padding="same"), global_average_pool(), dense(10))

    assert on_images(wide, (500, 28, 28, 1)) == wide
    with pytest.raises(CheckFailed):
        on_images(heavy, (10_000, 28, 28, 1))


# --- pieces ------------------------------------------------------------------------


def test_images_are_prepared_as_the_scripts_do() -> None:
    grey = np.array([[[0, 51], [102, 255]]], np.uint8)
    colour = np.zeros((2, 4, 4, 3), np.uint8)

    assert prepared(grey).dtype == np.float32
    assert prepared(grey)[..., 0] == pytest.approx(grey / 255)
    assert prepared(grey).shape == (1, 2, 2, 1)
    assert prepared(colour).shape == (2, 4, 4, 3)


@pytest.mark.parametrize(("kind", "shape"), [(Kind.MNIST, (28, 28, 1)), (Kind.CIFAR, (32, 32, 3))])
def test_a_draw_is_another_every_time_and_the_same_for_a_seed(kind: Kind, shape: tuple[int, ...]) -> None:
    first, again, other = (draw(np.random.default_rng(each), kind, images=60) for each in (1, 1, 2))

    assert first.x.shape == (60, *shape)
    assert np.array_equal(first.x, again.x)
    assert np.array_equal(first.x_held_out, again.x_held_out)
    assert not np.array_equal(first.x, other.x)
    assert first.y.sum(axis=1).tolist() == [1] * 60
    assert len(first.labels_held_out) == len(first.x_held_out) == 500


def test_what_was_learnt_on_one_draw_is_worth_nothing_on_another() -> None:
    model = Model(kernel=SHIPPED)
    train(model, DRAWN.x, DRAWN.y, 4, 0)
    weighed = world_weighed(model)

    assert accuracy(weighed, DRAWN) > 0.6
    assert accuracy(weighed, OTHER) < 0.35


def world_weighed(model: Model) -> Any:
    from grader.checks.training import Weighed

    return Weighed(network=world.NETWORK, weights=[model.kernel, np.zeros(10, np.float32)])


def accuracy(weighed: Any, drawn: Drawn) -> float:
    return accuracy_of(Judge(), weighed, drawn.x_held_out, drawn.labels_held_out)


def test_an_answer_that_is_no_number_is_no_class_but_the_first() -> None:
    model = Model(kernel=SHIPPED * np.float32(np.nan))

    assert accuracy(world_weighed(model), DRAWN) == pytest.approx(0.1, abs=0.01)


def test_a_recogniser_judges_what_the_last_check_noted() -> None:
    moved = recognise(lambda trained: trained.moved is True)

    def call(value: Any) -> Call:
        return Call(args=(), kwargs={}, reply=Returned(value=value))

    assert moved([call(Trained(moved=True))])
    assert not moved([call(Trained(moved=True)), call(Trained(moved=False))])
    assert not moved([call("a value"), call(3)])
    assert not moved([])
    assert found([call(Trained(moved=True)), call(1)]) is None
