"""Plays submissions that are our own code, in this process: the audit runs thousands.

In: functions by name. Out: a Box whose sessions answer as a worker does, with the worker's own code: values cross
the wire's encoding, changed arguments and warnings are told. Never for what a student handed in.
"""

import contextlib
import io
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from grader.records import CallReply, Limits
from grader.sandbox import plain, wire, worker
from grader.sandbox.boxes import Box, read_reply

Function = Callable[..., Any]


class Rehearsal(Box):
    """A submission made of functions.

    Args:
        make: gives the functions, anew for each session: a function that keeps state starts without any.
    """

    def __init__(self, make: Callable[[], Mapping[str, Function]]) -> None:
        self._make = make
        self.layers = ()

    def session(self, limits: Limits, *, seed: int) -> "RehearsedSession":  # type: ignore[override]
        """One test's functions."""
        worker.seed_globals(seed)
        return RehearsedSession(self._make())

    def close(self) -> None:
        """There is no process to end."""


class RehearsedSession:
    """What `boxes.Session` is to a worker."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self._module = types.ModuleType("submission")
        self._module.__file__ = "submission.py"
        self._module.__dict__.update(functions)

    def call(
        self, function: str, args: Sequence[Any], kwargs: Mapping[str, Any], *, wall_s: float | None = None
    ) -> CallReply | None:
        """Answer one call; `wall_s` is for those that may not return."""
        blobs = plain.Blobs(1 << 31)
        encoded = [plain.encode_value(value, blobs) for value in args]
        named = {name: plain.encode_value(value, blobs) for name, value in kwargs.items()}
        request = wire.Call(function, encoded, named)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            frame = worker.answer(request, memoryview(b"".join(blobs.chunks)), self._module, 1 << 31)
        head_length, _ = wire.HEADER.unpack_from(frame)
        head = frame[wire.HEADER.size : wire.HEADER.size + head_length]
        return read_reply(wire.decode(head, wire.Reply), memoryview(frame)[wire.HEADER.size + head_length :])

    def close(self) -> str:
        """Nothing was printed into a pipe."""
        return ""
