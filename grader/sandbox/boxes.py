"""What both launchers share: one submission's box, one test's session, and what a call's end means.

In: a Load message and Limits. Out: CallReply values and printed text. A `Box` holds a submission that was
loaded; a `Session` is one test's conversation with a worker of it. What the submission did is a value
(`WorkerExit`); what went wrong on our side is a SandboxError.
"""

import abc
import contextlib
import dataclasses
import hashlib
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.errors import SandboxError
from grader.records import (
    CallReply,
    Epoch,
    Frame,
    Kept,
    Layer,
    Limits,
    Manner,
    Outcome,
    Returned,
    StudentError,
    WorkerExit,
)
from grader.sandbox import plain, wire
from grader.sandbox.output import Printed

MAX_NAME = 200  # characters of a name, or of a line of source, that a worker tells
MAX_MESSAGE = 2000
MAX_SHOWN = 1e6  # a number of a training's progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a worker's process ended, as far as its parent could tell."""

    code: int | None = None  # exit code, or minus a signal; None: unknown
    cpu_s: float = 0.0
    over: str = ""  # the limit of its whole process tree that it passed
    memory_kb: int = 0  # the most that its processes took beyond what loading had taken


@dataclass(slots=True, kw_only=True)
class Session:
    """One test's worker: calls in, replies out, until its time is over. What we do between calls costs it no time."""

    connection: socket.socket
    output: Printed
    limits: Limits
    end: Callable[[bool], Ended]  # ends the worker, at once if True, and says how it ended
    finish: Callable[[], object]  # ends it after an ordinary test, without waiting
    seed: int | None = None  # where the worker served another test: goes with the first call
    left_s: float = field(init=False)
    exit: WorkerExit | None = None  # once it ended before it answered
    answers: int = 0

    def __post_init__(self) -> None:
        self.left_s = self.limits.wall_s

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
        """Call a function of the submission; None where it has no function of that name.

        Args:
            function: its name.
            args: values that the wire carries, or what this session keeps.
            kwargs: likewise.
            wall_s: a shorter limit for this call than what is left of the test's.
            manner: whose function, and whether its value stays there.
            progress: told what the worker says of a training.

        Raises:
            SandboxError: the arguments are none that the wire carries: the test is wrong.
        """
        if self.exit is not None:
            return self.exit
        seed = self.seed if self.answers == 0 else None
        frame = _call_frame(function, args, kwargs, number=self.answers, manner=manner, seed=seed)
        begin = time.monotonic()
        try:
            return self._exchange(frame, begin + min(self.left_s, wall_s or self.left_s), progress)
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
        except plain.WireError:
            self.end(True)
            self.exit = WorkerExit(outcome=Outcome.CRASHED, reason="sent what is not a reply")
        finally:
            self.left_s -= time.monotonic() - begin
        return self.exit

    def _exchange(self, frame: bytes, deadline: float, progress: Callable[[Epoch], object]) -> CallReply | None:
        wire.check_silent(self.connection)
        wire.send(self.connection, frame, deadline, drain=self.output)
        while True:
            head, blob = wire.receive(
                self.connection,
                deadline,
                max_head=2 * wire.MAX_HEAD,
                max_blob=self.limits.reply_mb << 20,
                drain=self.output,
            )
            reply = wire.decode(head, wire.Reply)
            if reply.number != self.answers:
                raise plain.WireError("the answer to another question")
            if reply.progress is None:
                self.answers += 1
                return read_reply(reply, blob)
            progress(_epoch(reply.progress))

    def close(self) -> str:
        """End the worker and return what it printed."""
        self.connection.close()
        with contextlib.closing(self.output):
            if self.exit is None:
                self.finish()
            return self.output.finish()


def _call_frame(
    function: str, args: Sequence[Any], kwargs: Mapping[str, Any], *, number: int, manner: Manner, seed: int | None
) -> bytes:
    blobs = plain.Blobs(1 << 31)
    try:
        sent = [encode_argument(value, blobs) for value in args]
        named = {name: encode_argument(value, blobs) for name, value in kwargs.items()}
        call = wire.Call(function, sent, named, number, manner.value, seed)
        frame = wire.pack(call, blobs, max_head=4 * wire.MAX_HEAD)
    except plain.WireError as error:
        raise _not_for_the_wire(function, str(error)) from error
    if blobs.opaque:
        raise _not_for_the_wire(function, blobs.opaque[0])
    return frame


def encode_argument(value: Any, blobs: plain.Blobs) -> Any:
    """Encode one argument: what the worker keeps goes by its number.

    Raises:
        WireError: it has too many items.
    """
    return ["kept", value.number] if isinstance(value, Kept) else plain.encode_value(value, blobs)


def _epoch(said: wire.Progress) -> Epoch:
    """What a worker says, whatever it says: shown as numbers, believed by nobody."""
    done, epochs, loss, accuracy = (
        value if abs(value) < MAX_SHOWN else -1.0 for value in (said.done, said.epochs, said.loss, said.accuracy)
    )  # NaN is not below either
    return Epoch(done=done, epochs=epochs, loss=loss, accuracy=accuracy)


def _not_for_the_wire(function: str, what: str) -> SandboxError:
    return SandboxError(
        f"a test called `{function}` with an argument that cannot be sent to a worker: {what}",
        fix="pass arrays, numbers, texts, and lists, tuples and dicts of them",
    )


def generator_seed(seed: int) -> int:
    """A seed for the worker's own generators; from it nobody can compute the seed that draws a test's inputs."""
    return int.from_bytes(hashlib.blake2b(str(seed).encode(), digest_size=4, person=b"worker").digest(), "big")


def dead_session(limits: Limits, exit: WorkerExit) -> Session:
    """A session whose worker never came to be: every call has the same end."""
    connection, other = socket.socketpair()
    other.close()
    output = Printed(output_kb=limits.output_kb)
    session = Session(connection=connection, output=output, limits=limits, end=lambda _: Ended(), finish=lambda: None)
    session.exit = exit
    return session


class Box(abc.ABC):
    """One submission, loaded, ready for a session per test."""

    layers: Sequence[Layer]
    setbacks: Sequence[wire.Setback] = ()
    failure: WorkerExit | None = None  # loading did not end well: there is nothing to call
    printed: str = ""  # while it was loaded
    memory_kb: int | None = None  # the most that a test's processes took so far; None: it is not measured

    @property
    def forks(self) -> bool:
        """Whether each session is a fork of one process that loaded the submission."""
        return False

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
        value = plain.decode_value(reply.value, blob) if reply.kept is None else Kept(number=reply.kept)
        return Returned(
            value=value,
            changed=_bounded(reply.changed),
            warnings=_bounded(reply.warnings),
            touched=_bounded(reply.touched),
        )
    failure = reply.failure
    type_name, message = failure.type_name[:MAX_NAME], failure.message[:MAX_MESSAGE]
    if "Exception" not in failure.bases:
        reason = "left its process instead of returning (sys.exit, exit or quit)"
        return WorkerExit(outcome=Outcome.CRASHED, reason=reason, detail=f"{type_name}: {message}")
    if "MemoryError" in failure.bases or type_name == "ResourceExhaustedError":  # Python's, and TensorFlow's
        return WorkerExit(outcome=Outcome.OUT_OF_MEMORY, reason="asked for more memory than a test may use")
    frames = tuple(
        Frame(line=each.line, function=each.function[:MAX_NAME], text=each.text[:MAX_NAME])
        for each in failure.frames[-16:]
    )
    return StudentError(type_name=type_name, message=message, bases=_bounded(failure.bases), frames=frames)


def _bounded(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name[:MAX_NAME] for name in names[:16])


def explain(ended: Ended, limits: Limits) -> WorkerExit:
    """Say what it means that a worker's process ended before it answered."""
    if ended.over:
        return WorkerExit(outcome=Outcome.OUT_OF_MEMORY, reason=ended.over)
    if ended.code is None:
        return WorkerExit(outcome=Outcome.CRASHED, reason="its process ended")
    if ended.code >= 0:
        return WorkerExit(outcome=Outcome.CRASHED, reason="ended its own process", detail=f"exit code {ended.code}")
    try:
        name = signal.Signals(-ended.code).name
    except ValueError:
        name = f"signal {-ended.code}"
    if name == "SIGXCPU" or (name == "SIGKILL" and ended.cpu_s >= limits.cpu_s):
        return WorkerExit(outcome=Outcome.TIMEOUT, reason=f"used more than {limits.cpu_s:.2g} s of CPU time")
    return WorkerExit(outcome=Outcome.CRASHED, reason="crashed its process", detail=name)


def load_submission(
    connection: socket.socket,
    message: wire.Load,
    *,
    limits: Limits,
    output: wire.Drain,
    end: Callable[[bool], Ended],
) -> tuple[list[wire.Setback], WorkerExit | None]:
    """Hand the source to a fresh process and wait until it is loaded; a failure is the submission's.

    Args:
        connection: to the process.
        message: the source.
        limits: `import_s` of it.
        output: what it prints meanwhile.
        end: ends the process where it is not loaded, at once if True, and says how it ended.
    """
    import_s = limits.import_s
    deadline = time.monotonic() + import_s
    try:
        wire.send(connection, wire.pack(message, max_head=16 * wire.MAX_HEAD), deadline, drain=output)
        head, _ = wire.receive(connection, deadline, drain=output)
        setbacks = wire.decode(head, wire.Loaded).setbacks[:20]
        return [_bounded_setback(each) for each in setbacks], None
    except wire.WireTimeout:
        end(True)
        reason = f"was not loaded within {import_s:.2g} s: is there a loop or a training run outside a function?"
        return [], WorkerExit(outcome=Outcome.TIMEOUT, reason=reason)
    except (wire.WireClosed, plain.WireError):
        exit = explain(end(False), dataclasses.replace(limits, cpu_s=import_s))
        return [], dataclasses.replace(exit, reason=f"{exit.reason} while it was loaded")


def _bounded_setback(setback: wire.Setback) -> wire.Setback:
    return wire.Setback(setback.line, setback.type_name[:MAX_NAME], setback.message[:MAX_MESSAGE])


@contextlib.contextmanager
def closing_descriptors(*descriptors: int) -> Iterator[list[int]]:
    """Hand descriptors to another process, and close our copies whatever happens."""
    try:
        yield list(descriptors)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
