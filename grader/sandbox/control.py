"""Messages between the trusted parts of the sandbox: one packet each, descriptors travel with them.

In: structs. Out: packets on a SOCK_SEQPACKET socket. The grader speaks with the fork server (Spawn, Reap)
and with one supervisor per submission (Inspect, Test, End). A zygote's side of a supervisor is not trusted:
it sends fixed-size integers, nothing that is parsed further.
"""

import array
import socket
import struct
from typing import Any, TypeVar

import msgspec

MAX_PACKET = 1 << 15
MAX_DESCRIPTORS = 4
FORKED = struct.Struct("!iidq")  # from the zygote: 0 | worker's pid, or 1 | wait status | CPU seconds | peak memory, kB

Message = TypeVar("Message", bound=msgspec.Struct)


class Spawn(msgspec.Struct, forbid_unknown_fields=True, frozen=True, tag=True):
    """To the fork server, with a supervisor's control socket, a load socket and an output pipe."""

    box: int
    uid: int
    layers: list[str]
    import_s: float
    memory_mb: int
    processes: int
    reply_bytes: int


class Reap(msgspec.Struct, forbid_unknown_fields=True, frozen=True, tag=True):
    """To the fork server: answer when that box and every process in it is gone."""

    box: int


class Inspect(msgspec.Struct, forbid_unknown_fields=True, frozen=True, tag=True):
    """To a supervisor: did loading leave anything that a fork would share?"""


class Test(msgspec.Struct, forbid_unknown_fields=True, frozen=True, tag=True):
    """To a supervisor, with a socket and an output pipe: fork a worker for one test."""

    cpu_s: float
    seed: int  # for the worker's global generators
    fork: bool = True  # False: the zygote is the worker, once; threads that it started would not live on in a fork


class End(msgspec.Struct, forbid_unknown_fields=True, frozen=True, tag=True):
    """To a supervisor: the test is over; leave nothing of it."""

    kill: bool


class Ready(msgspec.Struct, forbid_unknown_fields=True, frozen=True, tag=True):
    """From fork server or supervisor: which layers hold here, by name; "" or why one does not."""

    layers: dict[str, str]


class Inspected(msgspec.Struct, forbid_unknown_fields=True, frozen=True, tag=True):
    """From a supervisor: why a fork of the zygote would share something, or ""."""

    shares: str


class Ended(msgspec.Struct, forbid_unknown_fields=True, frozen=True, tag=True):
    """From a supervisor, once per Test: how the worker ended and whether the box can be used again."""

    code: int | None  # exit code, or minus a signal; None where the zygote did not say
    cpu_s: float
    over: str  # which limit of the whole process tree it passed, or ""
    clean: bool
    memory_kb: int = 0  # the most that its processes took beyond what loading had taken, as far as it was seen


class Reaped(msgspec.Struct, forbid_unknown_fields=True, frozen=True, tag=True):
    """From the fork server: nothing of the box is left."""

    box: int


Any_ = Spawn | Reap | Inspect | Test | End | Ready | Inspected | Ended | Reaped


def send(connection: socket.socket, message: msgspec.Struct, descriptors: list[int] | None = None) -> None:
    """Send one message with descriptors."""
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
    connection.sendmsg([msgspec.msgpack.encode(message)], ancillary)


def receive(connection: socket.socket) -> tuple[Any, list[int]]:
    """Return the next message and its descriptors; (None, []) where the other side is gone."""
    try:
        data, descriptors, _, _ = socket.recv_fds(connection, MAX_PACKET, MAX_DESCRIPTORS)
    except ConnectionError:
        return None, []
    return (msgspec.msgpack.decode(data, type=Any_) if data else None), descriptors
