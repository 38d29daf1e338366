"""A worker and a neutral worker without Keras: a network of one dense layer, trained in three lines of NumPy.

In: the student's functions. Out: a Student whose models live in a pretended process, and the judge of what they save.
Everything between is the real thing: the saved file is a .keras archive that is read as data.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.checks.misconceptions import Misconception
from grader.checks.modelfault import ModelFault
from grader.checks.networks import Network, dense, flatten, sequential
from grader.checks.students import Student
from grader.records import CallReply, Kept, Manner, Question, Returned
from tests.checks.in_process import invoke_in_process
from tests.checks.keras_files import keras_file, sequential_config

Floats = npt.NDArray[np.float32]
NETWORK = sequential((28, 28, 1), flatten(), dense(10, activation="softmax"))
MAGIC = b"\x89HDF\r\n\x1a\n"


@dataclass(slots=True, kw_only=True)
class Model:
    """What stays in the worker."""

    kernel: Floats  # (784, 10)
    network: Network = NETWORK


def build() -> Model:
    """A right `build_model`: drawn by the global generator, as Keras does."""
    return Model(kernel=np.random.normal(0, 0.01, (784, 10)).astype(np.float32))  # noqa: NPY002 - as Keras


def train(model: Model, x: Floats, y: Floats, epochs: int, seed: int) -> None:
    """A right `train`: towards the mean image of each class, with a noise that follows the seed."""
    draw = np.random.default_rng(seed)
    flat = x.reshape(len(x), -1)
    means = (flat.T @ y) / y.sum(axis=0)  # (784, 10)
    for _ in range(epochs):
        step = means + draw.normal(0, 0.001, means.shape)
        model.kernel = (0.5 * model.kernel + 0.5 * step).astype(np.float32)


@dataclass(slots=True, kw_only=True)
class Process:
    """Answers as a worker does: values may stay, and the functions of `keras_support` stand beside."""

    functions: Mapping[str, Callable[..., Any]]
    save: Callable[[Any], Any]
    kept: list[Any] = field(default_factory=list)
    restarts: int = 0
    asked: list[str] = field(default_factory=list)

    def invoke(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], manner: Manner) -> CallReply:
        self.asked.append(name)
        there = tuple(self.kept[each.number] if isinstance(each, Kept) else each for each in args)
        seed = np.random.seed
        beside = {"begin": seed, "reseed": seed, "save": self.save, "describe": self.save}
        functions: Mapping[str, Any] = beside if manner is Manner.SUPPORT else self.functions
        values: list[Any] = []  # a model is changed in place, so it is neither copied nor compared
        reply = invoke_in_process({name: lambda: values.append(functions[name](*there, **kwargs))})(
            name, (), {}, manner
        )
        if not isinstance(reply, Returned):
            return reply
        if manner is not Manner.KEEP:
            return Returned(value=values[0])
        self.kept.append(values[0])
        return Returned(value=Kept(number=len(self.kept) - 1))

    def restart(self) -> None:
        self.kept.clear()
        self.restarts += 1


def saved(model: Any) -> Any:
    """The bytes of a .keras file; None for what is no model."""
    if not isinstance(model, Model):
        return None
    return np.frombuffer(archive(model.network, model.kernel), np.uint8)


def archive(network: Network, kernel: Floats) -> bytes:
    return keras_file(sequential_config(network), weights=MAGIC + kernel.tobytes())


def student(
    *,
    build_model: Callable[[], Any] = build,
    train: Callable[..., Any] = train,
    save: Callable[[Any], Any] = saved,
    misconceptions: Sequence[Misconception] = (),
    question: Question | None = None,
    model: bytes | None = None,
) -> tuple[Student, Process]:
    """A submission of these functions, and the process that they run in."""
    process = Process(functions={"build_model": build_model, "train": train}, save=save)
    made = Student(
        process.invoke,
        None,
        misconceptions,
        visible=False,
        questions=() if question is None else (question,),
        files={} if model is None else {"model": model},
        restart=process.restart,
    )
    return made, process


@dataclass(slots=True, kw_only=True)
class Judge:
    """A neutral worker for networks that end in a dense layer."""

    predicted: list[int] = field(default_factory=list)  # how many images each time

    def weights(self, file: bytes, expected: Sequence[Mapping[str, Any]] | None) -> list[Floats]:
        kernel = np.frombuffer(file[len(MAGIC) :], np.float32)
        if kernel.size != 7840 or not np.isfinite(kernel).all():
            raise ModelFault("The weights of a_secret_name hold NaN or infinity")
        return [kernel.reshape(784, 10), np.zeros(10, np.float32)]

    def predict(self, network: Mapping[str, Any], weights: Sequence[Floats], images: Floats) -> Floats:
        self.predicted.append(len(images))
        kernel = weights[0] - weights[0].mean(axis=0)
        flat = images.reshape(len(images), -1)
        answers: Floats = flat @ kernel / np.linalg.norm(kernel, axis=0)
        return answers
