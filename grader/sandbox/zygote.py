"""The last steps of a process before the submission is in it: it gives up all it can, and says which layers hold.

In: what to give up, and the sockets it keeps. Out: one packet to its supervisor, then nothing that is trusted.
A layer that this machine refuses is written down, never passed over.
"""

import contextlib
import os
import platform
import signal
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox import confine, control, limits, worker

SLACK = 256  # processes that a user who is shared with others may start meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a box stands on: found out once by the fork server."""

    readable: tuple[str, ...]
    rooted: bool  # the fork server lives in a root of its own
    root: bool  # it was started by root
    shared_user: str  # why a worker cannot become a user of its own, or ""


def attempt(layers: dict[str, str], wanted: list[str], name: str, act: Callable[[], object]) -> bool:
    """Try one layer and write down how it went; a layer that is not wanted is left out."""
    if name not in wanted:
        layers[name] = "not asked for"
        return False
    try:
        act()
    except (OSError, KeyError, AttributeError) as error:
        layers[name] = str(error) or type(error).__name__
        return False
    layers[name] = ""
    return True


def run_zygote(
    spawn: control.Spawn, room: Room, folder: str, channel: socket.socket, load: socket.socket, output: int
) -> None:
    """Confine this process, say how, and hand it to the submission. Never returns."""
    os.dup2(output, 1)
    os.dup2(output, 2)
    _close_others({0, 1, 2, channel.fileno(), load.fileno()})
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.chdir(folder)
    os.environ["HOME"] = os.environ["TMPDIR"] = tempfile.tempdir = folder
    with contextlib.suppress(OSError):  # short of memory, the kernel takes the submission and not the grader
        Path("/proc/self/oom_score_adj").write_text("1000")
    layers = _confine(spawn, room, folder)
    confine.die_with_parent()  # after the change of user, which takes it back
    channel.send("\n".join(f"{name}={why}" for name, why in layers.items()).encode()[:8192])
    worker.run_zygote(channel, load, scratch=folder, reply_bytes=spawn.reply_bytes)
    os._exit(0)


def _confine(spawn: control.Spawn, room: Room, folder: str) -> dict[str, str]:
    layers: dict[str, str] = {}
    wanted = spawn.layers
    own_user = False
    if room.root and not room.shared_user:
        own_user = attempt(layers, wanted, "uid", lambda: confine.drop_user(spawn.uid))
    elif "uid" in wanted:
        layers["uid"] = room.shared_user if room.root else ""  # an ordinary user already
    own_count = own_user | (attempt(layers, wanted, "user", confine.enter_user_namespace) and _counted_apart())
    attempt(layers, wanted, "limits", lambda: _limit(spawn, own_count=own_count))
    if not layers["limits"] and room.root and not own_user | (layers["user"] == ""):
        layers["limits"] = "the number of processes is not limited for root"
    attempt(layers, wanted, "privileges", confine.drop_capabilities)
    write = (folder, "/dev/null", "/dev/zero", "/dev/full")
    attempt(layers, wanted, "landlock", lambda: confine.landlock(room.readable, write))
    if not layers["landlock"] and confine.landlock_version() < 6 and not own_user and "pid" not in wanted:
        layers["landlock"] = "it cannot keep signals in (Linux 6.12), and the worker is the grader's own user"
    attempt(layers, wanted, "seccomp", confine.seccomp)
    return layers


def _limit(spawn: control.Spawn, *, own_count: bool) -> None:
    """Where the user's processes outside count too, the limit lies so far above them that a bomb is bounded."""
    own = spawn.processes + 2
    limits.limit_import(
        memory_mb=spawn.memory_mb,
        cpu_s=spawn.import_s,
        processes=own if own_count else limits.tasks_of(os.getuid()) + own + SLACK,
    )


def _counted_apart() -> bool:
    """Since Linux 5.14 a user's processes are counted in each user namespace."""
    major, minor = platform.release().split(".")[:2]
    return (int(major), int("".join(filter(str.isdigit, minor)) or 0)) >= (5, 14)


def _close_others(keep: set[int]) -> None:
    for entry in list(Path("/proc/self/fd").iterdir()):
        if int(entry.name) not in keep:
            with contextlib.suppress(OSError):
                os.close(int(entry.name))
