"""What both launchers share: one submission's box, one test's session, and what a call's end means.

In: a Load message and Limits. Out: CallReply values and printed text. A `Box` holds a submission that was
loaded; a `Session` is one test's conversation with a worker of it. What the submission did is a value
(`WorkerExit`); what went wrong on our side is a SandboxError.
"""

import abc
import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.records import CallReply, Frame, Layer, Limits, Outcome, Returned, StudentError, WorkerExit
from grader.sandbox import wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a worker's process ended, as far as its parent could tell."""

    status: int  # as of waitpid; -1 unknown
    cpu_s: float = 0.0
    out_of_memory: bool = False


class Output:
    """What a submission prints: read while it runs, kept up to a cap, never waited for."""

    def __init__(self, descriptor: int, *, output_kb: int) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._kept = bytearray()
        self._cap = output_kb * 1024
        self._cut = False

    def fileno(self) -> int:
        """The pipe's reading end; -1 once closed."""
        return self._descriptor

    def drain(self) -> None:
        """Take what is there; past the cap it is thrown away, so that a worker never blocks on printing."""
        if self._descriptor < 0:
            return
        try:
            data = os.read(self._descriptor, 1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        room = self._cap - len(self._kept)
        self._kept += data[:room]
        self._cut |= len(data) > room

    def finish(self) -> str:
        """Read the rest, close, and return the text."""
        for _ in range(64):  # a full pipe is 16 reads; more comes only from one that still prints
            self.drain()
        self.close()
        text = self._kept.decode("utf-8", "replace")
        return text + f"\n(cut at {self._cap // 1024} kB)" if self._cut else text

    def close(self) -> None:
        """Stop reading."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


@dataclass(slots=True, kw_only=True)
class Session:
    """One test's worker: calls in, replies out, until its time is over."""

    connection: socket.socket
    output: Output
    limits: Limits
    end: Callable[[bool], Ended]  # ends the worker, at once if True, and says how it ended
    finish: Callable[[], object]  # ends it after an ordinary test, without waiting
    deadline: float = field(init=False)
    exit: WorkerExit | None = None  # once it ended before it answered

    def __post_init__(self) -> None:
        self.deadline = time.monotonic() + self.limits.wall_s

    def call(
        self, function: str, args: Sequence[Any], kwargs: Mapping[str, Any], *, wall_s: float | None = None
    ) -> CallReply | None:
        """Call a function of the submission; None where it has no function of that name.

        Args:
            function: its name.
            args: values that the wire carries.
            kwargs: likewise.
            wall_s: a shorter limit for this call than what is left of the test's.
        """
        if self.exit is not None:
            return self.exit
        deadline = self.deadline if wall_s is None else min(self.deadline, time.monotonic() + wall_s)
        try:
            return self._exchange(function, args, kwargs, deadline)
        except wire.WireTimeout:
            self.end(True)
            reason = f"did not return within {self.limits.wall_s:.2g} s"
            if wall_s is not None:
                reason = (
                    "did not return in time; it got less time than usual, because an earlier call had used all of it"
                )
            self.exit = WorkerExit(outcome=Outcome.TIMEOUT, reason=reason)
        except wire.WireClosed:
            self.exit = explain(self.end(False), self.limits)
        except wire.WireError:
            self.end(True)
            self.exit = WorkerExit(outcome=Outcome.CRASHED, reason="sent what is not a reply")
        return self.exit

    def _exchange(
        self, function: str, args: Sequence[Any], kwargs: Mapping[str, Any], deadline: float
    ) -> CallReply | None:
        blobs = wire.Blobs(1 << 31)
        call = wire.Call(
            function,
            [wire.encode_value(value, blobs) for value in args],
            {name: wire.encode_value(value, blobs) for name, value in kwargs.items()},
        )
        wire.send(self.connection, wire.pack(call, blobs, max_head=4 * wire.MAX_HEAD), deadline, drain=self.output)
        head, blob = wire.receive(
            self.connection,
            deadline,
            max_head=2 * wire.MAX_HEAD,
            max_blob=self.limits.reply_mb << 20,
            drain=self.output,
        )
        return read_reply(wire.decode(head, wire.Reply), blob)

    def close(self) -> str:
        """End the worker and return what it printed."""
        self.connection.close()
        if self.exit is None:
            self.finish()
        return self.output.finish()


def dead_session(limits: Limits, exit: WorkerExit) -> Session:
    """A session whose worker never came to be: every call has the same end."""
    connection, other = socket.socketpair()
    other.close()
    reader, writer = os.pipe()
    os.close(writer)
    output = Output(reader, output_kb=limits.output_kb)
    session = Session(
        connection=connection, output=output, limits=limits, end=lambda _: Ended(status=-1), finish=lambda: None
    )
    session.exit = exit
    return session


class Box(abc.ABC):
    """One submission, loaded, ready for a session per test."""

    layers: Sequence[Layer]
    setbacks: Sequence[wire.Setback] = ()
    failure: WorkerExit | None = None  # loading did not end well: there is nothing to call
    printed: str = ""  # while it was loaded

    @abc.abstractmethod
    def session(self, limits: Limits, *, seed: int) -> Session:
        """A worker for one test; every call of the test shares it, nothing else does."""

    @abc.abstractmethod
    def close(self) -> None:
        """End every process of the submission, and return when they are gone."""


def read_reply(reply: wire.Reply, blob: memoryview) -> CallReply | None:
    """Turn the wire's message into a record.

    Raises:
        WireError: the value is none.
    """
    if reply.missing:
        return None
    if reply.failure is None:
        value = wire.decode_value(reply.value, blob)
        return Returned(value=value, changed=tuple(reply.changed[:16]), warnings=tuple(reply.warnings[:16]))
    failure = reply.failure
    if "Exception" not in failure.bases:
        reason = "left its process instead of returning (sys.exit, exit or quit)"
        return WorkerExit(outcome=Outcome.CRASHED, reason=reason, detail=f"{failure.type_name}: {failure.message}")
    if "MemoryError" in failure.bases:
        return WorkerExit(outcome=Outcome.OUT_OF_MEMORY, reason="asked for more memory than a test may use")
    frames = tuple(Frame(line=each.line, function=each.function, text=each.text) for each in failure.frames[-16:])
    return StudentError(type_name=failure.type_name, message=failure.message, bases=tuple(failure.bases), frames=frames)


def explain(ended: Ended, limits: Limits) -> WorkerExit:
    """Say what it means that a worker's process ended before it answered."""
    if ended.out_of_memory:
        return WorkerExit(
            outcome=Outcome.OUT_OF_MEMORY, reason=f"its processes used more than {limits.memory_mb} MB of memory"
        )
    if ended.status < 0:
        return WorkerExit(outcome=Outcome.CRASHED, reason="its process ended")
    if not os.WIFSIGNALED(ended.status):
        code = os.waitstatus_to_exitcode(ended.status)
        return WorkerExit(outcome=Outcome.CRASHED, reason="ended its own process", detail=f"exit code {code}")
    number = os.WTERMSIG(ended.status)
    if number == signal.SIGXCPU or (number == signal.SIGKILL and ended.cpu_s >= limits.cpu_s):
        return WorkerExit(outcome=Outcome.TIMEOUT, reason=f"used more than {limits.cpu_s:.2g} s of CPU time")
    name = signal.Signals(number).name if number in {each.value for each in signal.Signals} else f"signal {number}"
    return WorkerExit(outcome=Outcome.CRASHED, reason="crashed its process", detail=name)


def load_submission(
    connection: socket.socket, message: wire.Load, *, import_s: float, output: Output
) -> tuple[list[wire.Setback], WorkerExit | None]:
    """Hand the source to a fresh process and wait until it is loaded; a failure is the submission's."""
    deadline = time.monotonic() + import_s
    try:
        wire.send(connection, wire.pack(message, max_head=16 * wire.MAX_HEAD), deadline, drain=output)
        head, _ = wire.receive(connection, deadline, drain=output)
        return wire.decode(head, wire.Loaded).setbacks[:20], None
    except wire.WireTimeout:
        reason = f"was not loaded within {import_s:.2g} s: is there a loop or a training run outside a function?"
        return [], WorkerExit(outcome=Outcome.TIMEOUT, reason=reason)
    except (wire.WireClosed, wire.WireError):
        return [], WorkerExit(outcome=Outcome.CRASHED, reason="ended its process while it was loaded")


@contextlib.contextmanager
def closing_descriptors(*descriptors: int) -> Iterator[list[int]]:
    """Hand descriptors to another process, and close our copies whatever happens."""
    try:
        yield list(descriptors)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
