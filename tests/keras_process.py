"""Keras in a confined process: models are trained and saved there, so that no test imports TensorFlow itself.

In: something that opens boxes with TensorFlow. Out: a Box with sources of ours and, where it is asked for, the bytes of
a file that Keras saved.
"""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from grader.records import Limits, Returned
from grader.sandbox import launch, wire
from grader.sandbox.boxes import Box

LIMITS = Limits(wall_s=120, cpu_s=120, import_s=60, memory_mb=4096, processes=64, output_kb=64, reply_mb=64)
SUPPORT = Path(launch.__file__).with_name("keras_support.py").read_text(encoding="utf-8")

OpenBox = Callable[[wire.Load, Limits], Box]

_TRAIN = """
import keras, numpy

def trained(source, images, labels, epochs):
    solution = {}
    exec(source, solution)
    keras.utils.set_random_seed(1)
    model = solution["build_model"]()
    solution["train"](model, *solution["prepare"](images, labels), epochs, 1)
    model.save("model.keras")
    return numpy.fromfile("model.keras", numpy.uint8)
"""


@contextlib.contextmanager
def launched() -> Iterator[launch.Launcher]:
    """A launcher with TensorFlow, ended afterwards."""
    launcher = launch.start(None, preload=["tensorflow"])
    try:
        yield launcher
    finally:
        launcher.close()


@contextlib.contextmanager
def loaded(open_box: OpenBox, source: str, *, support: str = SUPPORT) -> Iterator[Box]:
    """A box with this source as a submission, and what stands beside those that train."""
    with contextlib.closing(open_box(wire.Load("models", "models.py", source, {}, support), LIMITS)) as box:
        assert box.failure is None
        yield box


def trained(open_box: OpenBox, source: str, images: Any, labels: Any, *, epochs: int) -> bytes:
    """The .keras file of the model that a solution's source trains."""
    with loaded(open_box, _TRAIN) as box:
        session = box.session(LIMITS, seed=0)
        try:
            reply = session.call("trained", [source, images, labels, epochs], {})
        finally:
            printed = session.close()
    assert isinstance(reply, Returned), (reply, printed)
    return bytes(reply.value)
