"""The trusted end of the neutral worker: a file's bytes become arrays, arrays and images become predictions.

In: a way to open confined boxes. Out: arrays that were checked. Each question has a process of its own, so a parser
that a hostile file has taken over never sees an image, and images never meet student code.
What a file does wrong is a ModelFault in our own words, whatever the parser says; what goes wrong with our own code or
our own network is a SandboxError, and nobody's zero.
"""

import contextlib
import dataclasses
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from grader.checks.models import ModelFault
from grader.errors import SandboxError
from grader.marks import N_
from grader.records import CallReply, Kept, Limits, Manner, Returned, StudentError, WorkerExit
from grader.sandbox import wire
from grader.sandbox.boxes import Box, Session
from grader.text import one_line

Floats = npt.NDArray[np.float32]

#: HDF5 has no threads; its memory goes with the file's size, see `NeutralWorker.weights`.
READING = Limits(wall_s=60, cpu_s=30, import_s=30, memory_mb=256, processes=8, reply_mb=128)
#: Only our own code runs here. Half a gigabyte is used, but XLA, which a convolution in groups needs, reserves 72 MB of
#: addresses for each of its threads, and has as many threads as the machine has cores.
PREDICTING = Limits(wall_s=180, cpu_s=240, import_s=30, memory_mb=8192, processes=256, reply_mb=64)
MOST_BYTES = 128 << 20  # of the arrays that a network takes: 33 million numbers
COPIES = 8  # of a file's bytes, or of the arrays, in a worker while it answers
CHUNK_BYTES = 8 << 20  # of the images of one call
BATCH = 500  # as in network.py: a call's images fill whole batches

_HERE = Path(__file__).parent
_ANEW = "Train anew, from other weights"


class OpenBox(Protocol):
    """As a launcher's `open`."""

    def __call__(self, message: wire.Load, limits: Limits, /) -> Box:
        """Load a source in a confined process."""


class NeutralWorker:
    """Asks confined processes that hold no submission.

    Args:
        open_box: as a launcher's `open`, with TensorFlow imported beforehand.
        reading: limits of the process that reads a file; its memory grows with the file.
        predicting: limits of the process that predicts.
    """

    def __init__(self, open_box: OpenBox, *, reading: Limits = READING, predicting: Limits = PREDICTING) -> None:
        self._open_box = open_box
        self._reading = reading
        self._predicting = predicting

    def weights(self, file: bytes, expected: Sequence[Mapping[str, Any]]) -> list[Floats]:
        """Read the arrays that a network takes out of HDF5.

        Args:
            file: the bytes, from anybody.
            expected: for each layer with weights {"layer", "container", "shapes"}, as `models.expected_weights` says.

        Returns:
            The arrays, layer after layer; each is finite.

        Raises:
            ModelFault: the file is damaged, hostile, or holds other arrays; or one of them is not finite.
            SandboxError: our own code could not be asked.
        """
        shapes = [tuple(shape) for layer in expected for shape in layer["shapes"]]
        size = 4 * sum(map(math.prod, shapes))
        if size > MOST_BYTES:
            raise ModelFault("The network has far more weights than any of this course")
        memory_mb = self._reading.memory_mb + (COPIES * (size + len(file)) >> 20)
        with self._session("weights", dataclasses.replace(self._reading, memory_mb=memory_mb)) as session:
            reply = session.call("read_weights", [np.frombuffer(file, np.uint8), list(map(dict, expected))], {})
        arrays = _told(reply, expected)
        _check_arrays(arrays, shapes, expected)
        return arrays

    def predict(self, network: Mapping[str, Any], weights: Sequence[Floats], images: Floats) -> Floats:
        """What a network with these weights says of images.

        Args:
            network: as plain data (`networks.as_plain`).
            weights: arrays that fit it.
            images: (N, H, W, C).

        Returns:
            (N, K); NaN where the weights are so large that the network has no answer.

        Raises:
            SandboxError: our own code could not answer.
        """
        images = np.ascontiguousarray(images, np.float32)
        per_call = max(1, CHUNK_BYTES // max(1, images[:1].nbytes) // BATCH) * BATCH
        memory_mb = self._predicting.memory_mb + (COPIES * sum(each.nbytes for each in weights) >> 20)
        answers = []
        with self._session("network", dataclasses.replace(self._predicting, memory_mb=memory_mb)) as session:
            made = _kept(session.call("prepare", [dict(network), list(weights)], {}, manner=Manner.KEEP))
            for at in range(0, len(images), per_call):
                chunk = images[at : at + per_call]
                answers.append(_predictions(session.call("predict", [made, chunk], {}), len(chunk)))
        return np.concatenate(answers)

    @contextlib.contextmanager
    def _session(self, file: str, limits: Limits) -> Iterator[Session]:
        """A process that has loaded one of our files and nothing else."""
        source = (_HERE / f"{file}.py").read_text(encoding="utf-8")
        message = wire.Load(f"neutral_{file}", f"{file}.py", source, {})
        with contextlib.closing(self._open_box(message, limits)) as box:
            if box.failure is not None:  # before it saw any file
                raise _ours(f"it {box.failure.reason}", file)
            if box.setbacks:
                raise _ours(box.setbacks[0].message, file)
            session = box.session(limits, seed=0)
            try:
                yield session
            finally:
                session.close()


# --- what a reading says -------------------------------------------------------


def _told(reply: CallReply | None, expected: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The arrays of a reply that holds some.

    Raises:
        ModelFault: the file is refused, or its reader did not survive it.
        SandboxError: the reader itself is wrong.
    """
    if isinstance(reply, WorkerExit):
        raise ModelFault(f"The weights cannot be read: a process that read them {reply.reason}")
    if isinstance(reply, Returned) and isinstance(reply.value, dict):
        if isinstance(arrays := reply.value.get("arrays"), list):
            return arrays
        raise ModelFault(_sentence(reply.value, expected))
    raise _ours(reply.message if isinstance(reply, StudentError) else "another answer", "weights")


def _sentence(said: Mapping[Any, Any], expected: Sequence[Mapping[str, Any]]) -> str:
    """What a reader's fault means; what a reader that was taken over says besides numbers is not repeated."""
    layer = _layer(said.get("layer"), expected)
    found, due = _shape(said.get("found")), _shape(said.get("due"))
    count = found[0] if len(found) == 1 else "other"
    sentences = {
        "nothing": "The file has no weights where Keras puts them",
        "link": "The file takes its weights from another place, or another file",
        "layers": f"The file has weights for {count} layers, the network has {len(expected)} with weights",
        "missing": f"The file has no weights for {layer}",
        "arrays": f"The file has {count} arrays for {layer}, the network has another number",
        "floats": f"The weights of {layer} are no real numbers",
        "shape": f"An array of {layer} has shape {found}, the network's has {due}",
        "packed": f"The weights of {layer} are packed in a way that Keras does not use",
    }
    fault = said.get("fault")
    known = sentences.get(fault) if isinstance(fault, str) else None
    return known or "The weights cannot be read: the file is damaged, or Keras did not write it"


def _layer(at: object, expected: Sequence[Mapping[str, Any]]) -> str:
    """A layer by its name, where that is a plain one, else by its number."""
    if type(at) is not int or not 0 <= at < len(expected):
        return "a layer"
    name = str(expected[at]["layer"])
    return name if re.fullmatch(r"[A-Za-z0-9_]{1,40}", name) else f"layer {at + 1} of those with weights"


def _shape(said: object) -> tuple[int, ...]:
    sizes = said if isinstance(said, list) else [said]
    return tuple(size for size in sizes[:8] if type(size) is int and 0 <= size < 1 << 63)


def _check_arrays(arrays: list[Any], shapes: list[tuple[int, ...]], expected: Sequence[Mapping[str, Any]]) -> None:
    """Assert that the arrays are those that were asked for, and finite.

    Raises:
        ModelFault: they are not.
    """
    ours = all(isinstance(each, np.ndarray) and each.dtype == np.float32 for each in arrays)
    if not ours or [each.shape for each in arrays] != shapes:
        raise ModelFault(_sentence({}, expected))
    owners = [at for at, layer in enumerate(expected) for _ in layer["shapes"]]
    for array, at in zip(arrays, owners, strict=True):
        if not np.isfinite(array).all():
            raise ModelFault(
                f"The weights of {_layer(at, expected)} hold NaN or infinity: the training diverged", fix=_ANEW
            )


# --- what a prediction says ----------------------------------------------------


def _kept(reply: CallReply | None) -> Kept:
    value = reply.value if isinstance(reply, Returned) else None
    if not isinstance(value, Kept):
        raise _ours(_why(reply), "network")
    return value


def _predictions(reply: CallReply | None, count: int) -> Floats:
    value = reply.value if isinstance(reply, Returned) else None
    if not isinstance(value, np.ndarray) or value.dtype != np.float32 or value.ndim < 2 or len(value) != count:
        raise _ours(_why(reply), "network")
    return value


def _why(reply: CallReply | None) -> str:
    match reply:
        case StudentError(type_name=kind, message=message):
            return f"{kind}: {message}"
        case WorkerExit(reason=reason, detail=detail):
            return f"it {reason} {detail}"
        case _:
            return "another answer"


def _ours(why: str, file: str) -> SandboxError:
    return SandboxError(
        f"the neutral worker could not answer: {one_line(why, limit=300)}",
        where=f"grader/neutral/{file}.py",
        fix=N_("grade again; `grade doctor` says what this machine lacks"),
    )
