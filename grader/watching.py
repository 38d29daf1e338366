"""Owns watch mode's loop, and watchfiles: files that are saved become reports, one after another.

In: what to watch, and how to grade it. Out: a Regrade for each content that was saved; it ends with Ctrl-C.

    wake-up (watchfiles, or a second has passed) -> have the contents changed? -> settled? -> grade -> again

The rule: an event only wakes; the contents decide. So a file that is saved twice is graded once, and what no event
tells (a network folder, a folder that was renamed away and came back) is noticed within a second. A grading that a
newer save has overtaken is given up at its next test, and what is missing, empty or half written is waited for.
"""

import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.deltas import Delta, deltas
from grader.errors import UsageError
from grader.intake.filetree import is_junk
from grader.records import Report

_STEP_MS = 5  # the quiet after which a save counts as done
_DEBOUNCE_MS = 300  # however long the noise goes on
_WAKE_MS = 1_000
_POLL_S = 0.25  # where nothing wakes us
_SETTLE_S = 0.4  # how long a file may be away or empty while an editor replaces it
_SETTLE_STEP_S = 0.01
_BESIDE = frozenset({".py", ".keras", ".h5", ".hdf5"})  # what a file of the assignment's name may use
_ENDINGS = _BESIDE | {".ipynb", ".zip"}
_MOST_FILES = 1_000
_DEPTH = 5
_HASHED_BYTES = 64 << 20  # of a larger file, size and time decide

_Stamp = tuple[int, int, int]  # of one state of a file: time, size, inode


class Overtaken(Exception):  # noqa: N818 - what happened to a grading, no error
    """The files were saved again: what is being graded is no longer what is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regrade:
    """What one save brought."""

    report: Report | None  # None: there is nothing at the path now
    before: Report | None  # the last report with results, or None
    changes: tuple[Delta, ...]
    took_s: float  # from the moment that the save was noticed


@dataclass(slots=True)
class Watched:
    """The files that a path stands for.

    Args:
        target: a file, folder, notebook or zip; it need not be there all the time.
        module: the assignment's; a file of that name may import its neighbours, and has its models beside it.
    """

    target: Path
    module: str
    _known: dict[Path, tuple[_Stamp, str]] = field(default_factory=dict, init=False)  # so that a file is hashed once

    def contents(self) -> Mapping[Path, str]:
        """What is there now: file -> a text that differs where its bytes do."""
        found: dict[Path, str] = {}
        for path in self._files():
            with contextlib.suppress(OSError):  # it went away meanwhile
                found[path] = self._print(path)
        return found

    def settled(self) -> Mapping[Path, str]:
        """The contents once the target is there and holds something, or the patience is over."""
        until = time.monotonic() + _SETTLE_S
        while time.monotonic() < until and not self._is_filled():
            time.sleep(_SETTLE_STEP_S)
        return self.contents()

    def roots(self) -> tuple[Path, ...]:
        """The folders to watch. Never the file itself: a new one under its name would be another."""
        if self.target.is_dir():
            return (self.target.absolute(),)
        return tuple(dict.fromkeys((self.target.absolute().parent, self.target.resolve().parent)))

    def is_ours(self, path: str) -> bool:
        """Whether a change of that file may matter."""
        return Path(path).suffix in _ENDINGS or Path(path).name in (self.target.name, self.target.resolve().name)

    def _is_filled(self) -> bool:
        with contextlib.suppress(OSError):
            return self.target.is_dir() or self.target.stat().st_size > 0
        return False

    def _files(self) -> Iterator[Path]:
        if self.target.is_dir():
            yield from _below(self.target)
            return
        yield self.target
        if self.target.stem == self.module:
            beside = sorted(_listed(self.target.parent), key=lambda entry: entry.name)[:_MOST_FILES]
            yield from (Path(entry.path) for entry in beside if self._is_beside(entry))

    def _is_beside(self, entry: os.DirEntry[str]) -> bool:
        is_other = entry.name != self.target.name and not entry.name.startswith("test_")
        return is_other and Path(entry.name).suffix in _BESIDE and _counts(entry)

    def _print(self, path: Path) -> str:
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
        known = self._known.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        if status.st_size > _HASHED_BYTES:
            content = repr(stamp)
        else:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
        self._known[path] = (stamp, content)
        return content


def watch(
    watched: Watched,
    grade: Callable[[Callable[[], None]], Report],
    shown: Callable[[Regrade], object],
    *,
    idle: Callable[[], object] = lambda: None,
) -> None:
    """Grade now and after each save, until Ctrl-C.

    Args:
        watched: the files.
        grade: grades what is at the path; it calls what it is given before each test, which may raise Overtaken.
        shown: called with what each save brought.
        idle: called at least once a second between two gradings.

    Raises:
        UsageError: there is nothing at the path when it begins.
        KeyboardInterrupt: Ctrl-C, the only other end.
    """
    before: Report | None = None
    for begin, contents in saves(watched, idle=idle):

        def check(contents: Mapping[Path, str] = contents) -> None:
            if watched.contents() != contents:
                raise Overtaken

        try:
            report = grade(check)
        except Overtaken:
            continue
        except UsageError:  # nothing is there
            if before is None:
                raise
            shown(Regrade(report=None, before=before, changes=(), took_s=time.perf_counter() - begin))
            continue
        took_s = time.perf_counter() - begin
        shown(Regrade(report=report, before=before, changes=deltas(before, report), took_s=took_s))
        # What was rejected is compared with by nobody: a typing error that is mended has changed nothing.
        before = report if before is None or not report.rejected else before


def saves(watched: Watched, *, idle: Callable[[], object]) -> Iterator[tuple[float, Mapping[Path, str]]]:
    """Yield now and whenever the contents are others: when that was noticed, and the contents."""
    last: Mapping[Path, str] | None = None
    alarm = _Alarm(watched)
    try:
        while True:
            begin = time.perf_counter()
            if watched.contents() != last and (contents := watched.settled()) != last:
                last = contents
                yield begin, contents
                continue  # it may have been saved meanwhile
            idle()
            alarm.wait()
    finally:
        alarm.close()


class _Alarm:
    """Sleeps until a file may have changed, or a second has passed."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._on: object = None  # which folders the events are about, by inode
        self._events: Generator[object, None, None] | None = None

    def wait(self) -> None:
        here = [(root, _inode(root)) for root in self._watched.roots()]
        if here != self._on:
            self.close()
            self._on = here
            self._events = self._listen([root for root, inode in here if inode])
        if self._events is None or next(self._events, None) is None:
            # No folder, or no events in it (too many watches on this machine): look by ourselves.
            self._events = None
            time.sleep(_POLL_S)

    def close(self) -> None:
        if self._events is not None:
            self._events.close()

    def _listen(self, roots: list[Path]) -> Generator[object, None, None]:
        # Only here: --help does without.
        from watchfiles import watch
        from watchfiles._rust_notify import WatchfilesRustInternalError

        with contextlib.suppress(OSError, WatchfilesRustInternalError):
            yield from watch(
                *roots,
                watch_filter=lambda _, path: self._watched.is_ours(path),
                debounce=_DEBOUNCE_MS,
                step=_STEP_MS,
                rust_timeout=_WAKE_MS,
                yield_on_timeout=True,
                recursive=self._watched.target.is_dir(),
            )


def _inode(path: Path) -> tuple[int, int] | None:
    with contextlib.suppress(OSError):
        status = path.stat()
        return status.st_dev, status.st_ino
    return None


def _below(folder: Path) -> Iterator[Path]:
    """The files of a folder that may count, as far down and as many as intake looks at."""
    waiting, found = [(folder, 0)], 0
    while waiting and found < _MOST_FILES:
        here, depth = waiting.pop(0)
        for entry in sorted(_listed(here), key=lambda entry: entry.name):
            if is_junk(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False) and depth < _DEPTH:
                waiting.append((Path(entry.path), depth + 1))
            elif _counts(entry):
                found += 1
                yield Path(entry.path)


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    with contextlib.suppress(OSError), os.scandir(folder) as listing:
        return list(listing)
    return []


def _counts(entry: os.DirEntry[str]) -> bool:
    return Path(entry.name).suffix in _ENDINGS and entry.is_file(follow_symlinks=False) and not is_junk(entry.name)
