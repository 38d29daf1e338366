"""The wire between the tests and a worker: messages, and the frames that carry them.

In: messages whose values are `plain` data. Out: bytes, and back. Both sides use this module, so of ours it imports
`plain` alone. What comes from the other side is bounded before it is read, and never waited for beyond a deadline.

    frame   head length (u32) | blob length (u32) | head: MessagePack | blob: the arrays' bytes, one after another
"""

import select
import socket
import struct
import time
from typing import Any, Protocol, TypeVar

import msgspec

from grader.sandbox.plain import Blobs, Plain, WireError

HEADER = struct.Struct("!II")
MAX_HEAD = 1 << 20  # so at most a million small items: bounded memory after decoding

Message = TypeVar("Message", bound=msgspec.Struct)


class WireClosed(Exception):  # noqa: N818 - an event, not a fault
    """The other side closed the connection between two frames or inside one."""


class WireTimeout(Exception):  # noqa: N818 - an event, not a fault
    """The deadline passed before a whole frame arrived."""


class Load(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """To the worker, once: the submission's source, as one module."""

    name: str  # the module's name
    file: str  # what tracebacks call it
    source: str
    companions: dict[str, str]
    support: str = ""  # source of ours that a test may call beside the submission; in the same process, so not trusted


class Setback(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A top-level statement that raised while the submission was loaded."""

    line: int
    type_name: str
    message: str


class Loaded(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """From the worker: the module is there, less the statements that raised."""

    setbacks: list[Setback]


class Call(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """To the worker: call this function. `args` and `kwargs` are encoded values, or `["kept", n]` for a kept one."""

    function: str
    args: list[Plain]
    kwargs: dict[str, Plain]
    number: int = 0
    manner: str = "call"  # "keep": the value stays in the worker; "support": the function is the support module's
    seed: int | None = None  # another test begins in a worker that served one: nothing is kept, generators begin anew


class Traced(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One line of a traceback; line 0 is outside the submission."""

    line: int
    function: str
    text: str


class Failure(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An exception, as text."""

    type_name: str
    message: str
    bases: list[str]
    frames: list[Traced]


class Progress(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How far a training is: shown, never scored."""

    done: float  # epochs, the running one in part
    epochs: float
    loss: float
    accuracy: float


class Reply(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """From the worker: a value, or the failure instead of it, or that there is no such function.

    Before it any number of replies that hold only progress.
    """

    value: Plain = None
    kept: int | None = None  # the value stays in the worker under this number
    progress: Progress | None = None
    changed: list[str] = []
    warnings: list[str] = []
    touched: list[str] = []  # global generators that the call changed
    failure: Failure | None = None
    missing: bool = False
    number: int = 0  # of the call that it answers: what is left of an earlier one answers no other


# --- frames -----------------------------------------------------------------


def pack(message: msgspec.Struct, blobs: Blobs | None = None, *, max_head: int = MAX_HEAD) -> bytes:
    """Make one frame.

    Raises:
        WireError: the head would be over its limit (a value of too many items), or has a lone surrogate.
    """
    try:
        head = msgspec.msgpack.encode(message)
    except UnicodeEncodeError as error:
        raise WireError("a text that is not Unicode") from error
    if len(head) > max_head:
        raise WireError("a value of too many items")
    blob = b"".join(blobs.chunks) if blobs is not None else b""
    return HEADER.pack(len(head), len(blob)) + head + blob


class Drain(Protocol):
    """A second stream that is read while a reply is awaited, so that a worker that prints does not block."""

    def fileno(self) -> int:
        """The descriptor to watch; negative once it is closed."""

    def drain(self) -> object:
        """Read what is there, without blocking."""


def send(connection: socket.socket, frame: bytes, deadline: float | None = None, *, drain: Drain | None = None) -> None:
    """Send a whole frame before the deadline (on `time.monotonic`).

    Raises:
        WireClosed: nobody reads any more.
        WireTimeout: the other side did not take it in time.
    """
    _stop_blocking(connection, deadline)
    view = memoryview(frame)
    while view:
        _wait(connection, deadline, drain, write=True)
        try:
            view = view[connection.send(view) :]
        except BlockingIOError:
            continue
        except OSError as error:
            raise WireClosed from error


def receive(
    connection: socket.socket,
    deadline: float | None = None,
    *,
    max_head: int = MAX_HEAD,
    max_blob: int = 0,
    drain: Drain | None = None,
) -> tuple[bytes, memoryview]:
    """Return the head and the blob of the next frame.

    Raises:
        WireClosed, WireTimeout, WireError: each ends the conversation.
    """
    _stop_blocking(connection, deadline)
    head_length, blob_length = HEADER.unpack(_exactly(connection, HEADER.size, deadline, drain))
    if head_length > max_head or blob_length > max_blob:
        raise WireError("a frame that is larger than allowed")
    head = bytes(_exactly(connection, head_length, deadline, drain))
    return head, memoryview(_exactly(connection, blob_length, deadline, drain))


def check_silent(connection: socket.socket) -> None:
    """Make sure that nothing was said before it was asked for: a reply forged in advance would answer the next call.

    Raises:
        WireClosed: the other side is gone.
        WireError: there is something to read.
    """
    if select.select([connection], [], [], 0)[0]:
        try:
            said = connection.recv(1, socket.MSG_PEEK)
        except OSError as error:
            raise WireClosed from error
        raise WireError("an answer without a question") if said else WireClosed


def _stop_blocking(connection: socket.socket, deadline: float | None) -> None:
    """With a deadline no single call may wait: a blocking `send` returns only when the other side has read it all."""
    if deadline is not None:
        connection.setblocking(False)


def _exactly(connection: socket.socket, count: int, deadline: float | None, drain: Drain | None) -> bytearray:
    data = bytearray(count)
    view = memoryview(data)
    while view:
        _wait(connection, deadline, drain)
        try:
            received = connection.recv_into(view)
        except BlockingIOError:
            continue
        except OSError as error:
            raise WireClosed from error
        if not received:
            raise WireClosed
        view = view[received:]
    return data


def _wait(connection: socket.socket, deadline: float | None, drain: Drain | None, *, write: bool = False) -> None:
    """Return once the connection is ready; meanwhile drain the stream beside it."""
    while deadline is not None:  # without a deadline the call itself blocks
        left = deadline - time.monotonic()
        if left <= 0:
            raise WireTimeout
        beside: list[Any] = [drain] if drain is not None and drain.fileno() >= 0 else []
        watched: list[Any] = beside if write else [connection, *beside]
        readable, writable, _ = select.select(watched, [connection] if write else [], [], left)
        for stream in beside:
            if stream in readable:
                stream.drain()
        if connection in readable or connection in writable:
            return


def decode(head: bytes, kind: type[Message]) -> Message:
    """Read a frame's head as that message.

    Raises:
        WireError: it is something else.
    """
    try:
        return msgspec.msgpack.decode(head, type=kind)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, OverflowError) as error:
        raise WireError("not the message that was due") from error
