"""A real terminal for a test: a program runs in a pseudo-terminal, and what it writes there is read."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_PATIENCE_S = 60.0


class Terminal:
    """One program in a terminal of its own; a context manager that ends the program."""

    def __init__(
        self, command: Sequence[str], *, cwd: Path, environ: Mapping[str, str], columns: int = 80, lines: int = 50
    ) -> None:
        self._pid, self._file = pty.fork()
        if self._pid == 0:
            try:
                # Only the child sets the size before the program asks for it.
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
                os.chdir(cwd)
                os.execve(command[0], list(command), dict(environ))
            finally:
                os._exit(127)
        self._unread = b""
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._file)
        if self._open:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)

    def write(self, text: str) -> None:
        """Type it."""
        os.write(self._file, text.encode())

    def read_until(self, mark: str) -> str:
        """Read what is written before the mark, and the mark.

        Raises:
            TimeoutError: it does not come.
        """
        wanted = mark.encode()
        end = time.monotonic() + _PATIENCE_S
        while wanted not in self._unread:
            if not self._receive(end):
                raise TimeoutError(f"no {mark!r} in {self._unread!r}")
        read, _, self._unread = self._unread.partition(wanted)
        return (read + wanted).decode(errors="replace")

    def read_all(self) -> tuple[str, int]:
        """Read until the program ends; all of it, and the exit code."""
        end = time.monotonic() + _PATIENCE_S
        while self._receive(end):
            pass
        _, status = os.waitpid(self._pid, 0)
        self._open = False
        return self._unread.decode(errors="replace"), os.waitstatus_to_exitcode(status)

    def _receive(self, end: float) -> bool:
        ready, _, _ = select.select([self._file], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            raise TimeoutError(f"the program still runs; it wrote {self._unread!r}")
        try:
            data = os.read(self._file, 65536)
        except OSError:  # Linux says so when the other end is closed
            data = b""
        self._unread += data
        return bool(data)
