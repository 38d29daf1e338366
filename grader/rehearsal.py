"""Plays submissions that are our own code, in this process: the audit runs thousands.

In: functions by name. Out: a Box whose sessions answer as a worker does, with the worker's own code: values cross
the wire's encoding, changed arguments and warnings are told. Never for what a student handed in.
"""

import contextlib
import io
import tempfile
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.conversation import Grading
from grader.records import Assignment, CallReply, Epoch, Limits, Manner, Question, Submission
from grader.sandbox import plain, wire, worker
from grader.sandbox.boxes import Box, encode_argument, read_reply
from grader.services import Services, support_source

Function = Callable[..., Any]


class Rehearsal(Box):
    """A submission made of functions.

    Args:
        make: gives the functions, anew for each session: a function that keeps state starts without any.
        support: source that stands beside them.
    """

    def __init__(self, make: Callable[[], Mapping[str, Function]], *, support: str = "") -> None:
        self._make = make
        self._support = worker.load_support(support)
        self.layers = ()

    def session(self, limits: Limits, *, seed: int) -> "RehearsedSession":  # type: ignore[override]
        """One test's functions."""
        worker.seed_globals(seed)
        return RehearsedSession(self._make(), self._support)

    def close(self) -> None:
        """There is no process to end."""


def open_in_process(message: wire.Load, limits: Limits) -> Rehearsal:
    """What a launcher's `open` is to a worker, for sources of ours."""
    module, _ = worker.load_module(message)
    return Rehearsal(lambda: vars(module))


def services_in_process(root: Path) -> Services:
    """The neutral worker as functions of this process, and the generated images: the same on every machine."""
    return Services(root, {}, open_in_process)


def rehearse(assignment: Assignment, make: Callable[[], Mapping[str, Function]], root: Path) -> Grading:
    """A submission made of functions, ready to be graded in this process.

    Args:
        assignment: a question that asks for a model finds, in place of a function, one that gives the file's bytes;
            one that asks for several finds one that gives those of each.
        make: gives the functions.
        root: the course's folder.
    """
    heavy = bool(assignment.requires)
    given = make() if heavy else {}
    files = {
        key: data
        for each in assignment.questions
        if each.file and each.name in given
        for key, data in zip(each.files, _each(given[each.name](), each.count), strict=True)
    }
    return Grading(
        Submission(path=Path("rehearsal"), name="rehearsal", source="", lines=(), files=files),
        assignment.limits,
        lambda: Rehearsal(make, support=support_source(assignment)),
        services=services_in_process(root) if heavy else None,
    )


def right_functions(assignment: Assignment, reference: ModuleType) -> dict[str, Function]:
    """The reference's functions by question; for a model one that gives a file of its training."""
    return {
        each.name: _trained(str(reference.__file__), each) if each.file else getattr(reference, each.name)
        for each in assignment.questions
    }


def _trained(file: str, question: Question) -> Function:
    from grader.checks.mistakes import saved_members, saved_once

    if question.count > 1:
        return lambda: saved_members(file, question.count)
    return lambda: saved_once(file, question.name)


def _each(given: Any, count: int) -> Sequence[bytes]:
    """The files of a question: its bytes, or of several a sequence."""
    return given if count > 1 else (given,)


class RehearsedSession:
    """What `boxes.Session` is to a worker."""

    def __init__(self, functions: Mapping[str, Function], support: types.ModuleType) -> None:
        module = types.ModuleType("submission")
        module.__file__ = "submission.py"
        module.__dict__.update(functions)
        support.__dict__["report"] = lambda *_: None
        self._desk = worker.Desk(module=module, support=support, reply_bytes=1 << 31)

    def call(
        self,
        function: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        *,
        wall_s: float | None = None,
        manner: Manner = Manner.CALL,
        progress: Callable[[Epoch], object] = lambda epoch: None,
    ) -> CallReply | None:
        """Answer one call; `wall_s` is for those that may not return, `progress` for those who watch."""
        blobs = plain.Blobs(1 << 31)
        encoded = [encode_argument(value, blobs) for value in args]
        named = {name: encode_argument(value, blobs) for name, value in kwargs.items()}
        request = wire.Call(function, encoded, named, manner=manner.value)
        with contextlib.ExitStack() as around:
            around.enter_context(contextlib.redirect_stdout(io.StringIO()))
            around.enter_context(contextlib.redirect_stderr(io.StringIO()))
            if manner is Manner.SUPPORT:  # a worker's is its working folder, which audits side by side would share
                self._desk.support.__dict__["scratch"] = around.enter_context(tempfile.TemporaryDirectory())
            frame = worker.answer(request, memoryview(b"".join(blobs.chunks)), self._desk)
        head_length, _ = wire.HEADER.unpack_from(frame)
        head = frame[wire.HEADER.size : wire.HEADER.size + head_length]
        return read_reply(wire.decode(head, wire.Reply), memoryview(frame)[wire.HEADER.size + head_length :])

    def close(self) -> str:
        """Nothing was printed into a pipe."""
        return ""
