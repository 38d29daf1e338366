"""Owns the record of what was sent to one place: a file of JSON lines, written before and after each sending.

In: postings. Out: which of them were begun and never ended, and when; what each student's last confirmed one was.
The rule: nothing is sent before its line "intended" is on the disk. Killed at any moment, the file then knows each
score that may have arrived; a line that was torn says less, never more: a lost "intended" was not sent yet, a lost
"confirmed" is read back. No token, key or comment stands in it.
"""

import contextlib
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from grader.errors import UsageError
from grader.push.postings import Posting, digest

if sys.platform != "win32":
    import fcntl

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_UNFIT = re.compile(r"[^A-Za-z0-9._-]")


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    event: Literal["intended", "confirmed", "refused"]
    at: str
    student: str
    user: str
    score: float
    max_score: float
    digest: str


_DECODER = msgspec.json.Decoder(_Line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A sending that was begun and has no end in the file."""

    student: str
    user: str
    digest: str
    at: datetime


class Ledger:
    """The file, held by one run at a time."""

    def __init__(self, descriptor: int, raw: bytes) -> None:
        self._descriptor = descriptor
        self._intents: dict[str, Intent] = {}
        self._confirmed: dict[str, str] = {}
        self._torn = bool(raw) and not raw.endswith(b"\n")
        for line in raw.splitlines():
            self._read(line)

    def intents(self) -> Mapping[str, Intent]:
        """Give the sendings without an end, by the platform's id of the student."""
        return dict(self._intents)

    def was_confirmed(self, posting: Posting) -> bool:
        """Say whether this very score and comment was the last that arrived for the student."""
        return self._confirmed.get(posting.user) == digest(posting)

    def intend(self, posting: Posting, at: datetime) -> None:
        """Say that a posting is about to be sent.

        Raises:
            OSError: the line is not on the disk; then the posting must not be sent.
        """
        self._append("intended", posting, at)
        self._intents[posting.user] = Intent(
            student=posting.student.id, user=posting.user, digest=digest(posting), at=at
        )

    def end(self, event: Literal["confirmed", "refused"], posting: Posting, at: datetime) -> None:
        """Say how a sending ended: it is there, or it is not and never will be.

        Raises:
            OSError: the line is not on the disk; a further run reads back what the platform has.
        """
        self._append(event, posting, at)
        self._intents.pop(posting.user, None)
        if event == "confirmed":
            self._confirmed[posting.user] = digest(posting)

    def _append(self, event: str, posting: Posting, at: datetime) -> None:
        record = {
            "event": event,
            "at": at.isoformat(),
            "student": posting.student.id,
            "user": posting.user,
            "score": round(posting.score, 2),
            "max_score": posting.max_score,
            "digest": digest(posting),
        }
        # ASCII, so that a lone surrogate in a student's id is no trouble.
        line = json.dumps(record).encode() + b"\n"
        if self._torn:  # a kill or a full disk left half of the last line: it must not take this one with it
            line = b"\n" + line
        self._torn = True
        while line:
            line = line[os.write(self._descriptor, line) :]
        self._torn = False
        os.fsync(self._descriptor)

    def _read(self, line: bytes) -> None:
        try:
            record = _DECODER.decode(line)
            at = datetime.fromisoformat(record.at)
        except (msgspec.MsgspecError, ValueError):  # torn, or empty
            return
        if record.event == "intended":
            self._intents[record.user] = Intent(student=record.student, user=record.user, digest=record.digest, at=at)
            return
        self._intents.pop(record.user, None)
        if record.event == "confirmed":
            self._confirmed[record.user] = record.digest


@contextlib.contextmanager
def open_ledger(folder: Path, target: str) -> Iterator[Ledger]:
    """Open the ledger of one target, and keep every other run out (on Windows: nobody is kept out).

    Args:
        folder: of the instructor's own; made where it is missing.
        target: where the scores go, in letters that suit a file name: "canvas-7-12".

    Raises:
        UsageError: another run has it, or it cannot be opened.
    """
    path = folder / f"push-{_UNFIT.sub('_', target)}.jsonl"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | _NO_FOLLOW, 0o600)
    except OSError as error:
        raise UsageError(
            f"the ledger cannot be opened: {error.strerror}", where=str(path), fix="name a folder that can be written"
        ) from error
    try:
        _lock(descriptor, path)
        yield Ledger(descriptor, path.read_bytes())
    finally:
        os.close(descriptor)  # and the lock goes with it, as it does when the process is killed


def _lock(descriptor: int, path: Path) -> None:
    if sys.platform != "win32":
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            what = "another run is sending to the same place"
            raise UsageError(what, where=str(path), fix="wait until it has ended") from error
