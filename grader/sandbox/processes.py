"""The processes of one submission, as its supervisor sees them in /proc: who lives, how much memory, and their end.

In: process ids. Out: ids and kilobytes. What a process says of itself (its name, its files' names) is bytes that it
chose: it is never decoded, and nothing but numbers is read from it.
"""

import contextlib
import os
import signal
import time
from collections.abc import Collection, Mapping
from pathlib import Path

_WRITABLE_SHARED = (b"rw-s", b"rwxs", b"-w-s", b"-wxs")
_THREADS = 17  # the field of /proc/PID/stat that counts them, behind the name
_ROUNDS = 200  # a process that forks faster than we kill runs into its limit of processes long before


def descendants(keep: Collection[int] = ()) -> list[int]:
    """Every living process below this one, but those to keep; orphans are ours too (pid 1, or a subreaper)."""
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - called often
        if name.isdigit():
            try:
                # The name stands in parentheses and may hold any byte; after the last one there are only numbers.
                fields = Path(f"/proc/{name}/stat").read_bytes().rpartition(b")")[2].split()
            except OSError:
                continue
            # A process whose first thread has ended is called a zombie while its other threads go on.
            if fields[0] not in (b"Z", b"X") or int(fields[_THREADS]) > 1:
                parents[int(name)] = int(fields[1])
    found: list[int] = []
    below = {os.getpid(), *keep}
    while more := [pid for pid, parent in parents.items() if parent in below and pid not in below]:
        below.update(more)
        found += more
    return found


def kill_descendants(keep: Collection[int] = ()) -> bool:
    """Kill until nothing is left; False where something will not die."""
    for _ in range(_ROUNDS):
        alive = descendants(keep)
        if not alive:
            return True
        for pid in alive:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.001)
    return False


def resident_kb(pid: int) -> int:
    """Memory that a process has in use, shared pages included; 0 where it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * (os.sysconf("SC_PAGE_SIZE") // 1024)
    except (OSError, IndexError):
        return 0


def opened(pid: int) -> dict[int, str]:
    """What each descriptor of a process leads to.

    Raises:
        OSError: the process is gone, or may not be looked at.
    """
    folder = f"/proc/{pid}/fd"
    return {int(name): os.readlink(f"{folder}/{name}") for name in os.listdir(folder)}  # noqa: PTH115, PTH208 - not paths of ours


def shared_state(pid: int, known: Mapping[int, str]) -> str:
    """Say why a fork of that process would not be a fresh start, or "".

    Args:
        pid: a process that loaded a submission.
        known: what the descriptors that it has from us led to; it may have put something else in their places.
    """
    folder = Path(f"/proc/{pid}")
    try:
        threads = len(list((folder / "task").iterdir()))
        others = opened(pid).items() - known.items()
        maps = (folder / "maps").read_bytes().splitlines()
    except OSError as error:
        return f"the process that loaded it cannot be looked at ({error.strerror})"
    if not maps:
        return "the process that loaded it is gone"
    if threads > 1:
        return f"it started {threads - 1} threads"
    if others or any(line.split()[1] in _WRITABLE_SHARED for line in maps):
        return "it opened files or shared memory"
    return "it started processes" if descendants(keep=[pid]) else ""
