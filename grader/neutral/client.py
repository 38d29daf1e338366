"""The trusted end of the neutral worker: a file's bytes become arrays, arrays and images become predictions.

In: a way to open confined boxes. Out: arrays that were checked. Each question has a process of its own, so a parser
that a hostile file has taken over never sees an image, and images never meet student code.
What a file does wrong is a ModelFault; what goes wrong with our own network is a SandboxError, and nobody's zero.
"""

import contextlib
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.checks.models import ModelFault
from grader.errors import SandboxError
from grader.records import CallReply, Limits, Returned, StudentError
from grader.sandbox import wire
from grader.sandbox.boxes import Box
from grader.text import one_line

Floats = npt.NDArray[np.float32]
READING = Limits(wall_s=20, cpu_s=20, import_s=20, memory_mb=1024, processes=32, reply_mb=256)
PREDICTING = Limits(wall_s=120, cpu_s=240, import_s=20, memory_mb=4096, processes=64, reply_mb=64)
MOST_BYTES = 256 << 20  # of the arrays that a network takes
_HERE = Path(__file__).parent


class NeutralWorker:
    """Asks confined processes that hold no submission.

    Args:
        open_box: as a launcher's `open`.
    """

    def __init__(self, open_box: Callable[[wire.Load, Limits], Box]) -> None:
        self._open_box = open_box

    def weights(self, file: bytes, expected: Sequence[Mapping[str, Any]]) -> list[Floats]:
        """Read the arrays that a network takes out of HDF5.

        Args:
            file: the bytes, from anybody.
            expected: for each layer with weights {"layer", "container", "shapes"}.

        Raises:
            ModelFault: the file is damaged, hostile, or holds other arrays; or one of them is not finite.
        """
        shapes = [tuple(shape) for layer in expected for shape in layer["shapes"]]
        if 4 * sum(map(math.prod, shapes)) > MOST_BYTES:
            raise ModelFault("The network has far more weights than any of this course")
        data = np.frombuffer(file, np.uint8)
        reply = self._ask("weights", "read_weights", [data, [dict(layer) for layer in expected]], READING)
        if isinstance(reply, StudentError):
            why = one_line(reply.message, limit=200) if reply.is_a("ValueError") else "the file is damaged"
            raise ModelFault(f"The weights do not fit the network: {why}")
        if not isinstance(reply, Returned):
            raise ModelFault(f"The weights cannot be read: reading them {reply.reason}")
        arrays = reply.value
        if not isinstance(arrays, list) or [getattr(each, "shape", None) for each in arrays] != shapes:
            raise ModelFault("The weights cannot be read")
        if not all(each.dtype == np.float32 and np.isfinite(each).all() for each in arrays):
            raise ModelFault(
                "The weights hold NaN or infinity: the training diverged", fix="Train anew, from other weights"
            )
        return arrays

    def predict(self, network: Mapping[str, Any], weights: Sequence[Floats], images: Floats) -> Floats:
        """What a network with these weights says of images.

        Args:
            network: as plain data.
            weights: arrays that fit it.
            images: (N, H, W, C).

        Returns:
            (N, K); NaN where the weights are so large that the network has no answer.

        Raises:
            SandboxError: our own code could not answer.
        """
        reply = self._ask("network", "predict", [dict(network), list(weights), images], PREDICTING)
        answer = reply.value if isinstance(reply, Returned) else None
        if not isinstance(answer, np.ndarray) or answer.ndim < 2 or len(answer) != len(images):
            why = reply.message if isinstance(reply, StudentError) else getattr(reply, "reason", "another answer")
            raise SandboxError(
                f"the neutral worker could not predict: {one_line(str(why), limit=300)}", fix="grade again"
            )
        return answer

    def _ask(self, file: str, function: str, args: list[Any], limits: Limits) -> CallReply:
        source = (_HERE / f"{file}.py").read_text(encoding="utf-8")
        message = wire.Load(f"neutral_{file}", f"neutral_{file}.py", source, {})
        with contextlib.closing(self._open_box(message, limits)) as box:
            if box.setbacks:
                raise SandboxError(
                    f"the neutral worker does not load: {box.setbacks[0].message[:200]}", fix="run `grade doctor`"
                )
            session = box.session(limits, seed=0)
            try:
                reply = session.call(function, args, {})
            finally:
                session.close()
        if reply is None:
            raise SandboxError(f"the neutral worker has no {function}", where=f"grader/neutral/{file}.py")
        return reply
