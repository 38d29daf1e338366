"""Runs the forbidden acts of `attacks` against a launcher, on the machine at hand.

In: a launcher. Out: one word per case: the name of an errno, an outcome, or `done` where the act succeeded.
`grade doctor` runs them all under every layer; the tests run each with its layer alone, and without it.
"""

import contextlib
import ctypes
import errno
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader.records import Limits, Returned, StudentError, WorkerExit
from grader.sandbox import wire
from grader.sandbox.attacks import Case
from grader.sandbox.launch import Launcher

DONE = "done"  # the forbidden act succeeded
LIMITS = Limits(wall_s=10.0, cpu_s=0.5, memory_mb=96, processes=8, output_kb=16)


@contextlib.contextmanager
def grounds() -> Iterator[dict[str, Any]]:
    """What the attacks are after: files, a process, a port, a socket and shared memory on the grader's side."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="grade-")))
        folder.chmod(0o777)
        for name, mode in (("open", 0o644), ("closed", 0o600)):
            (folder / name).write_text("secret")
            (folder / name).chmod(mode)
        leak = os.open(folder / "open", os.O_RDONLY)
        os.set_inheritable(leak, True)
        stack.callback(os.close, leak)
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        mark = f"grade{secrets.token_hex(4)}"  # a process's name has 15 bytes
        named = stack.enter_context(socket.socket(socket.AF_UNIX))
        named.bind("\0" + mark)
        named.listen()
        yield {
            "folder": str(folder),
            "open": str(folder / "open"),
            "closed": str(folder / "closed"),
            "port": listener.getsockname()[1],
            "socket": mark,
            "mark": mark,
            "variable": "GRADE_SECRET",
            "shared memory": stack.enter_context(_shared_memory()),
        }


@contextlib.contextmanager
def _shared_memory() -> Iterator[int]:
    libc = ctypes.CDLL(None)
    segment = int(libc.shmget(0, 4096, 0o1666))  # IPC_PRIVATE, IPC_CREAT
    try:
        yield segment
    finally:
        libc.shmctl(segment, 0, None)  # IPC_RMID


@contextlib.contextmanager
def _victim() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"]) as process:
        try:
            yield process.pid
        finally:
            process.kill()


def run(case: Case, launcher: Launcher, facts: dict[str, Any], *, limits: Limits = LIMITS) -> str:
    """Run one attack in a box of its own, and say in a word what came of it."""
    word = printed = ""
    load = wire.Load("attack", "attack.py", case.source, {})
    with _victim() as victim, contextlib.closing(launcher.open(load, limits)) as box:
        for _ in range(2 if case.twice else 1):
            session = box.session(limits, seed=1)
            word = _word(session.call("attack", [{**facts, "process": victim}], {}))
            printed = session.close()
        if len(printed) > 1024 * limits.output_kb + 100 or _outlives(facts["mark"]):
            return DONE
    return word


def _word(reply: Any) -> str:
    match reply:
        case Returned(value=str(value)):
            return value
        case StudentError(message=message) if message.startswith("[Errno "):
            return errno.errorcode.get(int(message[7:].partition("]")[0]), "?")
        case StudentError(type_name=name):
            return name
        case WorkerExit(outcome=outcome):
            return outcome.value
        case _:
            return "?"


def _outlives(name: str) -> bool:
    """Whether a process of that name is left a second later: the end of a test is not waited for."""
    deadline = time.monotonic() + 1.0
    while any(name.encode() == _name(entry) for entry in Path("/proc").glob("[0-9]*/comm")):
        if time.monotonic() > deadline:
            return True
        time.sleep(0.01)
    return False


def _name(entry: Path) -> bytes:
    try:
        return entry.read_bytes().strip()
    except OSError:
        return b""
