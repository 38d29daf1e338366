"""Owns who may write: one process at a time, and a process that died holds nothing.

In: the path of a lock file. Out: a held lock, or the refusal that names the process that has it.
The rule: the lock is the operating system's, on a process. A lock file that merely exists would stay after SIGKILL; an
`flock` would be inherited by the grader processes that a batch forks, and outlive the batch in one that hangs.

A POSIX record lock has two traps. It says nothing to the process that holds it, and that process loses it when it
closes any other descriptor of the file. So the owner is written down beside it, and read first.
"""

import contextlib
import os
import secrets
import socket
import sys
import time
from pathlib import Path

from grader.errors import UsageError

# With the process id it names this process among all that ever had the id: in a container each is number 7.
_TOKEN = secrets.token_hex(8)
_PAUSE_S = 0.05


class WriterLock:
    """A held lock; `close` gives it back, and so does the end of the process.

    Args:
        path: of the lock file, which is made where it is missing and stays. Beside it `.owner` says who has it.
        what: the noun of the refusal, "journal".
        wait_s: how long another writer is waited for.

    Raises:
        UsageError: another process has it, or this one has it already; the folder cannot be written or locked.
    """

    def __init__(self, path: Path, *, what: str, wait_s: float = 0.0) -> None:
        self._owner = path.with_suffix(".owner")
        self._what = what
        me = f"{os.getpid()} {_TOKEN}"
        if self._read_owner().startswith(me):
            raise self._refusal("this process")
        try:
            # Not the worker's to read: what lies here tells hidden inputs.
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        except OSError as error:
            raise UsageError(
                f"the {what} cannot be written: {error.strerror}", where=str(path.parent), fix="choose another folder"
            ) from error
        with contextlib.ExitStack() as unless_taken:
            unless_taken.callback(os.close, self._descriptor)
            self._take(time.monotonic() + wait_s)
            unless_taken.pop_all()
        with contextlib.suppress(OSError):  # a full disk: the lock holds, only the refusal will name nobody
            self._owner.write_text(f"{me} {socket.gethostname()}\n", encoding="utf-8")

    def close(self) -> None:
        """Give the lock back."""
        with contextlib.suppress(OSError):
            self._owner.unlink()
        os.close(self._descriptor)

    def _take(self, deadline: float) -> None:
        while not _locked(self._descriptor, self._owner.parent):
            if time.monotonic() >= deadline:
                words = self._read_owner().split()
                raise self._refusal(f"process {words[0]} on {words[2]}" if len(words) == 3 else "another process")
            time.sleep(_PAUSE_S)

    def _read_owner(self) -> str:
        try:
            return self._owner.read_bytes()[:400].decode("utf-8", "replace")
        except OSError:
            return ""

    def _refusal(self, who: str) -> UsageError:
        return UsageError(
            f"the {self._what} is being written by {who}",
            where=str(self._owner.parent),
            fix="wait until it has ended, or name another folder; two writers would spoil each other's results",
        )


def _locked(descriptor: int, where: Path) -> bool:
    """Try to take the lock; the operating system frees it when this process ends, however it ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError as error:
        raise UsageError(
            f"this folder's file system cannot lock a file: {error.strerror}",
            where=str(where),
            fix="choose a folder on a local disk",
        ) from error
    return True
