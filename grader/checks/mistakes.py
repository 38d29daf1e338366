"""Known mistakes of a training: what they show in saved files, what is said of them, and how an audit makes one.

In: what the checks of `trained` and `training` noted. Out: recognisers for `@misconception(..., recognise=...)`, the
hints that every training assignment gives alike, and `saved`, which trains a reference, well or badly, in this process.
A network cannot be replayed on a student's arguments as an array function can: its mistake is proved by the layers
that the saved file has, or by what its weights do.
"""

import functools
import tempfile
import types
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from grader.checks.differences import first_difference
from grader.checks.graphs import Network, NetworkBuilder
from grader.checks.misconceptions import load_course_module
from grader.checks.networks import with_input as with_input
from grader.checks.students import Call
from grader.checks.trained import Judged, was_trained_scaled_twice, was_trained_unscaled
from grader.checks.training import CHANCE, Trained
from grader.records import Returned
from grader.synthetic import Kind, synthetic

Recogniser = Callable[[Sequence[Call]], bool]


# --- build_model ------------------------------------------------------------


def built_like(wrong: Network) -> Recogniser:
    """Recognise a student who built exactly this network, whatever its layers are called."""

    def recogniser(calls: Sequence[Call]) -> bool:
        network = noted(calls, Network)
        return network is not None and first_difference(network, wrong) is None

    return recogniser


def strided(network: Network) -> Network:
    """A chain in which a stride of 2 in the layer before stands for each pooling layer of 2 by 2."""
    builder = NetworkBuilder(network.input_shape)
    kinds = [layer.kind for layer in network.layers]
    for layer, following in zip(network.layers, [*kinds[1:], ""], strict=True):
        if layer.kind != "max_pooling2d":
            doubled = {"strides": (2, 2)} if following == "max_pooling2d" else {}
            builder.add(replace(layer.spec, settings={**layer.settings, **doubled}))
    return builder.network()


def without(network: Network, kind: str) -> Network:
    """A chain that lacks its layers of one kind."""
    builder = NetworkBuilder(network.input_shape)
    for layer in network.layers:
        if layer.kind != kind:
            builder.add(layer.spec)
    return builder.network()


def saved_like(wrong: Network) -> Recogniser:
    """Recognise a saved model of exactly this network."""

    def recogniser(calls: Sequence[Call]) -> bool:
        judged = noted(calls, Judged)
        return judged is not None and judged.network is not None and first_difference(judged.network, wrong) is None

    return recogniser


# --- train ------------------------------------------------------------------

#: The same for every assignment that trains: keyed by what `train` does.
TRAIN_HINTS = types.SimpleNamespace(
    nothing="train leaves every weight as it was: nothing is fitted. Compiling a model does not train it; `fit` does.",
    data="train gives the same weights whatever images it gets. It must fit the x and y that it is called with.",
    epochs="train gives the same weights after 1 epoch and after 2. The number of epochs is an argument: pass it on.",
    by_itself="train changes the weights even for 0 epochs: it loads weights, or fits before it looks at `epochs`.",
    seed="Two seeds give the same model. Set the seed inside train, with the number that it is called with.",
    repeats="The same seed gives two different models. Set the seed first thing in train: then the shuffling "
    "follows it, whatever was drawn before.",
    scaled_twice="train scales the images once more: it learns only from images that are 255 times as bright. "
    "`prepare` has scaled them; train on x as it comes.",
)


def moves_nothing(calls: Sequence[Call]) -> bool:
    """A training left every weight as it was."""
    trained = noted(calls, Trained)
    return trained is not None and trained.moved is False


def moves_by_itself(calls: Sequence[Call]) -> bool:
    """0 epochs changed weights."""
    trained = noted(calls, Trained)
    return trained is not None and trained.moved_by_nothing is True


def ignores_epochs(calls: Sequence[Call]) -> bool:
    """A training moves the weights, as far for two epochs as for one."""
    trained = noted(calls, Trained)
    return (
        trained is not None
        and bool(trained.moved)
        and not trained.moved_by_nothing
        and (trained.follows_epochs is False)
    )


def ignores_data(calls: Sequence[Call]) -> bool:
    """A training moves the weights, by the same amount for any images."""
    trained = noted(calls, Trained)
    return trained is not None and bool(trained.moved) and trained.follows_data is False


def ignores_seed(calls: Sequence[Call]) -> bool:
    """A training moves the weights, to the same place for two seeds."""
    trained = noted(calls, Trained)
    return trained is not None and bool(trained.moved and trained.repeats) and trained.follows_seed is False


def repeats_nothing(calls: Sequence[Call]) -> bool:
    """The same seed gave two models."""
    trained = noted(calls, Trained)
    return trained is not None and trained.repeats is False


def scaled_twice_in_training(calls: Sequence[Call]) -> bool:
    """It learns nothing of images in 0..1, and would of images in 0..255."""
    trained = noted(calls, Trained)
    return (
        trained is not None
        and trained.accuracy is not None
        and trained.accuracy_of_brighter is not None
        and trained.accuracy_of_brighter > max(trained.accuracy + 0.2, 4 * CHANCE)
    )


# --- model ------------------------------------------------------------------


def was_never_trained(calls: Sequence[Call]) -> bool:
    """A saved model guesses, however bright the images are."""
    judged = noted(calls, Judged)
    accuracies = [] if judged is None else [judged.accuracy, judged.accuracy_unscaled, judged.accuracy_scaled_twice]
    return bool(accuracies) and all(each is not None and each < 2 * CHANCE for each in accuracies)


def trained_unscaled(calls: Sequence[Call]) -> bool:
    """A saved model is right on pixels from 0 to 255, and not on those from 0 to 1."""
    judged = noted(calls, Judged)
    return judged is not None and was_trained_unscaled(judged)


def trained_scaled_twice(calls: Sequence[Call]) -> bool:
    """A saved model is right on pixels that were divided by 255 twice."""
    judged = noted(calls, Judged)
    return judged is not None and was_trained_scaled_twice(judged)


# --- for audits -------------------------------------------------------------


EPOCHS = 4  # on the 2,000 generated images: every network of the course then names nearly all


def saved(
    reference: ModuleType,
    *,
    question: str = "model",
    epochs: int = EPOCHS,
    seed: int = 1,
    build: Callable[[], Any] | None = None,
) -> bytes:
    """Train a reference on the generated images, in this process, and give the file that Keras saves.

    Args:
        reference: with `prepare`, `build_model` and `train`; of its network's input are the images that it is given.
        question: names the model, for an assignment that asks for several.
        epochs: to train for.
        seed: of the training.
        build: another network than the reference's.
    """
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")  # Keras warns of its own affairs
        import keras

        keras.utils.set_random_seed(len(question) + seed - 1)
        model = (build or reference.build_model)()
        made = synthetic(Kind.CIFAR if model.input_shape[-1] == 3 else Kind.MNIST, 0)
        reference.train(model, *reference.prepare(made.x_train, made.y_train), epochs, seed)
        path = Path(folder, "model.keras")
        model.save(path)
        return path.read_bytes()


@functools.lru_cache(maxsize=16)
def saved_once(file: str, question: str) -> bytes:
    """`saved` of the reference in a file, trained once per process: it takes seconds."""
    return saved(load_course_module(training_file(Path(file))), question=question)


def saved_members(file: str, count: int) -> tuple[bytes, ...]:
    """As `saved_once`, of several that differ in their seeds, and trained so little that each makes mistakes."""
    return tuple(_saved_member(str(training_file(Path(file))), number) for number in range(1, count + 1))


@functools.lru_cache(maxsize=16)
def _saved_member(file: str, number: int) -> bytes:
    return saved(load_course_module(Path(file)), epochs=EPOCHS // 2, seed=number)


def training_file(reference: Path) -> Path:
    """The course file that says how models are trained, where a reference does not: `training.py` beside it."""
    beside = reference.with_name("training.py")
    return beside if beside.is_file() else reference


def saved_weights_only(reference: ModuleType, *, question: str = "model") -> bytes:
    """As `saved`, in the format that the lecture's script 6-4 writes: HDF5."""
    return _saved_again(reference, question, "again.h5", lambda model: None)


def saved_for_bytes(reference: ModuleType, *, question: str = "model") -> bytes:
    """What training on pixels from 0 to 255 leads to: it names those as the reference names pixels from 0 to 1.

    Made without such a training, which would take long: the first kernel is that much smaller.
    """
    return _saved_again(reference, question, "again.keras", scale_for_bytes)


def scale_for_bytes(model: Any) -> None:
    """Make a model name pixels from 0 to 255 as it named those from 0 to 1."""
    kernel, *others = model.get_weights()
    model.set_weights([kernel / np.float32(255), *others])


def _saved_again(reference: ModuleType, question: str, name: str, change: Callable[[Any], None]) -> bytes:
    return saved_again(saved_once(str(reference.__file__), question), change, name=name)


def saved_again(data: bytes, change: Callable[[Any], None], *, name: str = "again.keras") -> bytes:
    """Load a file of our own making, change its model, and save it in the format that the name asks for."""
    import keras

    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        first, again = Path(folder, "model.keras"), Path(folder, name)
        first.write_bytes(data)
        model = keras.saving.load_model(first)
        change(model)
        model.save(again)
        return again.read_bytes()


def noted(calls: Sequence[Call], kind: type[Any]) -> Any:
    """What a check noted last, if it is of that kind."""
    reply = calls[-1].reply if calls else None
    value = reply.value if isinstance(reply, Returned) else None
    return value if isinstance(value, kind) else None
