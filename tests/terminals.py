"""A real terminal for a test: a program runs in a pseudo-terminal, and what it writes there is read."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

_PATIENCE_S = 60.0
# The terminal becomes the program's own, so that Ctrl-C reaches it. A program of its own does that, because
# `pty.fork` warns where a library has started threads.
_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


class Terminal:
    """One program in a terminal of its own; a context manager that ends the program."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        environ: Mapping[str, str],
        columns: int = 80,
        lines: int = 50,
        progress: bool = True,
    ) -> None:
        """Start it.

        Args:
            command: an absolute path and arguments.
            cwd: where it runs.
            environ: all of its environment.
            columns: the terminal's width.
            lines: the terminal's height.
            progress: whether stderr is shown, too.
        """
        self._file, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-c", _TAKE_TERMINAL, *command],
            cwd=cwd,
            env=dict(environ),
            stdin=inside,
            stdout=inside,
            stderr=inside if progress else subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(inside)
        self._unread = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)
        self._process.kill()
        self._process.wait()

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
        return self._unread.decode(errors="replace"), self._process.wait(_PATIENCE_S)

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
