"""Owns a file of checked lines: appended one at a time, each found whole or known to be broken, whatever was cut off.

In: lines that `journal_lines` encodes. Out: the same, in the order of the file, and where each stands.
The rule: a line that was appended is with the operating system when `append` returns, so SIGKILL cannot take it back.
Only what follows the last line break is ever cut off.
"""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from grader.errors import GradeError, UsageError
from grader.journal_lines import Line, decode_line
from grader.journal_lock import WriterLock
from grader.records import Notice

SYNC_S = 2.0  # power may fail: what is younger than this is graded again
SYNC_LINES = 4_000
_SHOWN = 5  # broken lines that a notice names
_BUFFER = 1 << 20


class JournalError(GradeError):
    """A record could not be written; what was written before stands, and the same command goes on."""

    exit_code = 3


class LineFile:
    """An open file of checked lines. One thread uses it.

    Args:
        path: the file. For writing it is made where it is missing, in a folder that is made too.
        writing: hold the lock and append; else only read, also while another process writes.
        what: the noun of its errors, "journal".
        wait_s: how long another writer is waited for.

    Raises:
        UsageError: another process writes it, it is missing, or it cannot be opened.
    """

    def __init__(self, path: Path, *, writing: bool, what: str, wait_s: float = 0.0) -> None:
        self.path = path
        self._what = what
        self._end = 0  # after the last whole line
        self._dirty = False  # something may stand behind it
        self._unsynced = 0
        self._synced_at = time.monotonic()
        self._broken: list[int] = []
        self._torn = (0, 0)  # line, bytes
        self._lock: WriterLock | None = None
        try:
            if writing:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._lock = WriterLock(path.with_suffix(".lock"), what=what, wait_s=wait_s)
            self._file = open(path, "a+b" if writing else "rb", buffering=0, opener=_private)  # noqa: SIM115 - `close` closes it
        except OSError as error:
            self._unlock()
            verb, fix = ("written", "choose another folder") if writing else ("read", "name the folder of a batch")
            raise UsageError(f"the {what} cannot be {verb}: {error.strerror}", where=str(path), fix=fix) from error

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What was found broken while the file was read."""
        found = []
        if self._broken:
            shown = ", ".join(map(str, self._broken[:_SHOWN]))
            more = f" and {len(self._broken) - _SHOWN} more" if len(self._broken) > _SHOWN else ""
            text = f"line {shown}{more} cannot be read and is passed over; what it said must be made again"
            found.append(Notice(text=text, where=str(self.path)))
        if self._torn[1]:
            text = f"the last record is not whole ({self._torn[1]} bytes) and is left out: it was cut off, or is being"
            found.append(Notice(text=f"{text} written", where=f"{self.path}, line {self._torn[0]}"))
        return tuple(found)

    def scan(self) -> Iterator[tuple[Line, int, int]]:
        """Read the file from the start to where it ends now: each whole line, where it stands, and its bytes.

        Raises:
            UsageError: there are lines, and not one of them is ours.
        """
        self._end, self._broken, self._torn = 0, [], (0, 0)
        number = 0
        with self.path.open("rb", buffering=_BUFFER) as file:
            for number, data in enumerate(file, start=1):
                if data[-1:] != b"\n":
                    self._torn = (number, len(data))
                    self._dirty = True
                    break  # the writer may be adding to it right now
                offset, self._end = self._end, self._end + len(data)
                line = decode_line(data)
                if line is None:
                    self._broken.append(number)
                else:
                    yield line, offset, len(data)
        if self._broken and len(self._broken) == number - bool(self._torn[1]):
            raise self._foreign()

    def cut(self) -> None:
        """Cut off what follows the last whole line.

        Raises:
            UsageError: it does not look like the start of a line of ours.
            JournalError: the disk refuses.
        """
        if self._torn[1] and not self._end and self._tail(2) != b'["'[: self._torn[1]]:
            raise self._foreign()
        self._clean()

    def append(self, line: bytes) -> int:
        """Add a line that `encode_line` made, and return where it stands.

        Raises:
            JournalError: the disk is full or fails. The file is as it was before, and a later call may succeed.
        """
        if self._lock is None:
            raise ValueError("the file was opened for reading")
        if self._dirty:
            self._clean()
        offset = self._end
        self._dirty = True  # until the line is whole: Ctrl-C may come between any two steps
        try:
            left = memoryview(line)
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            with contextlib.suppress(JournalError):  # then before the next line, or when it is opened again
                self._clean()
            raise self._refused(error) from error
        self._end = offset + len(line)
        self._dirty = False
        self._unsynced += 1
        if self._unsynced >= SYNC_LINES or time.monotonic() - self._synced_at >= SYNC_S:
            self.sync()
        return offset

    def read(self, offset: int, length: int) -> Line | None:
        """Read the line that stands there; None where it is no longer whole."""
        data = self.bytes_at(offset, length)
        return decode_line(data) if data else None

    def bytes_at(self, offset: int, length: int) -> bytes:
        """Read the bytes of a line, unchecked."""
        self._file.seek(offset)
        return self._file.read(length) or b""

    def sync(self) -> None:
        """Have everything on the disk itself.

        Raises:
            JournalError: the disk fails.
        """
        if self._lock is None:
            return
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._refused(error) from error
        self._unsynced = 0
        self._synced_at = time.monotonic()

    def sync_folder(self) -> None:
        """Have the file's name on the disk too."""
        if sys.platform != "win32":
            descriptor = os.open(self.path.parent, os.O_RDONLY)
            try:
                with contextlib.suppress(OSError):  # some file systems do not know how
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def close(self) -> None:
        """Sync, close, and give the lock back.

        Raises:
            JournalError: the disk fails; the file is closed all the same.
        """
        try:
            if self._unsynced:
                self.sync()
        finally:
            self._file.close()
            self._unlock()

    def _clean(self) -> None:
        try:
            if os.fstat(self._file.fileno()).st_size > self._end:
                self._file.truncate(self._end)
        except OSError as error:
            raise self._refused(error) from error
        self._dirty = False

    def _tail(self, count: int) -> bytes:
        return self.bytes_at(self._end, count)

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _foreign(self) -> UsageError:
        return UsageError(
            f"the file is no {self._what}: not one line can be read",
            where=str(self.path),
            fix="name another folder, or move the file away",
        )

    def _refused(self, error: OSError) -> JournalError:
        return JournalError(
            f"the {self._what} cannot be written: {error.strerror}",
            where=str(self.path),
            fix="make room on that disk and give the same command again; everything written so far stands",
        )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)  # grades, and what hidden tests passed
