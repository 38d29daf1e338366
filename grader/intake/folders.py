"""Owns every trusted read from a folder that a student controlled: no link is followed, only plain files are read.

In: a path and limits. Out: Folder, a FileTree; or one file's bytes.
The rule: a file is opened relative to its folder's descriptor, without following a link, without waiting (a pipe would
hang), and is believed to be a plain file only once it is open. What is swapped in between is refused, not read.

Windows has neither O_NOFOLLOW nor descriptors of folders: there each step looks first and compares afterwards.
"""

import contextlib
import errno
import os
import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from grader.errors import SubmissionRejected
from grader.intake.filetree import Entry, IntakeLimits, in_order, is_junk
from grader.text import one_line

HAS_DESCRIPTORS = os.open in os.supports_dir_fd and os.scandir in os.supports_fd and hasattr(os, "O_NOFOLLOW")

_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_FOLDER = getattr(os, "O_DIRECTORY", 0)
_JUNCTION = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", None)  # Windows: a link in all but name

Place = int | str  # a folder: its descriptor, or its path where there are none


class _Found(NamedTuple):
    name: str
    size: int
    kind: str  # "file", "folder" or "link": whatever must not be opened


class _Steps(Protocol):
    """How one system walks folders without following a link."""

    def enter(self, place: Place, name: str) -> Place: ...
    def open(self, place: Place, name: str) -> int: ...
    def leave(self, place: Place) -> None: ...


class _ByDescriptor:
    def enter(self, place: Place, name: str) -> Place:
        assert isinstance(place, int)
        return os.open(name, _READ | _FOLDER | _NO_FOLLOW, dir_fd=place)

    def open(self, place: Place, name: str) -> int:
        assert isinstance(place, int)
        return os.open(name, _READ | _NO_FOLLOW, dir_fd=place)

    def leave(self, place: Place) -> None:
        assert isinstance(place, int)
        os.close(place)


class _ByPath:
    def enter(self, place: Place, name: str) -> Place:
        assert isinstance(place, str)
        path = os.path.join(place, name)  # noqa: PTH118 - a scanned name, joined as it was found
        if _kind(os.lstat(path)) != "folder":
            raise OSError(errno.ELOOP, "not a plain folder")
        return path

    def open(self, place: Place, name: str) -> int:
        assert isinstance(place, str)
        return _open_without_following(os.path.join(place, name))  # noqa: PTH118 - as above

    def leave(self, place: Place) -> None:
        pass


class Folder:
    """A folder as a FileTree, listed on entering `with`.

    Args:
        path: the folder.
        limits: on files and depth.
        follow: whether `path` itself may be a link; nothing below it ever is.
        portable: the way of systems without descriptors of folders.
    """

    def __init__(
        self, path: Path, limits: IntakeLimits, *, follow: bool = True, portable: bool = not HAS_DESCRIPTORS
    ) -> None:
        self._path = path
        self._limits = limits
        self._follow = follow
        self._steps: _Steps = _ByPath() if portable else _ByDescriptor()
        self._seen = 0  # of all folders together
        self.entries: tuple[Entry, ...] = ()

    def __enter__(self) -> Self:
        try:
            self._root = self._open_root()
        except OSError as error:
            raise _rejected(error, self._path) from error
        with contextlib.ExitStack() as undo:
            undo.callback(self._steps.leave, self._root)
            self.entries = in_order(list(self._list(self._root, "", "")))
            undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._steps.leave(self._root)

    def read(self, entry: Entry, limit: int) -> bytes:
        """Read one listed file.

        Raises:
            SubmissionRejected: it is a link, no plain file any more, unreadable, or over `limit` bytes.
        """
        if entry.link:
            raise _rejected(OSError(errno.ELOOP, ""), self._path / entry.path)
        *folders, name = entry.key.split("/")
        opened: list[Place] = []
        place = self._root
        try:
            for folder in folders:
                place = self._steps.enter(place, folder)
                opened.append(place)
            return _read_descriptor(self._steps.open(place, name), limit)
        except OSError as error:
            raise _rejected(error, self._path / entry.path) from error
        finally:
            for place in opened:
                self._steps.leave(place)

    def _open_root(self) -> Place:
        if isinstance(self._steps, _ByDescriptor):
            return os.open(self._path, _READ | _FOLDER | (0 if self._follow else _NO_FOLLOW))
        kind = _kind(self._path.stat() if self._follow else self._path.lstat())
        if kind != "folder":
            raise OSError(errno.ELOOP if kind == "link" else errno.ENOTDIR, "")
        return str(self._path)

    def _list(self, place: Place, above: str, shown: str) -> Iterator[Entry]:
        folders: list[str] = []
        for found in self._scan(place):
            path = unicodedata.normalize("NFC", shown + found.name)
            if is_junk(path):
                continue
            if found.kind == "folder":
                folders.append(found.name)
            else:
                yield Entry(path=path, key=above + found.name, size=found.size, link=found.kind == "link")
        if above.count("/") + 1 < self._limits.depth:
            for name in sorted(folders):
                yield from self._list_below(place, name, above, shown)

    def _list_below(self, place: Place, name: str, above: str, shown: str) -> Iterator[Entry]:
        try:
            below = self._steps.enter(place, name)
        except OSError:
            return  # a folder below that cannot be entered holds nothing for us
        try:
            yield from self._list(below, f"{above}{name}/", f"{shown}{name}/")
        finally:
            self._steps.leave(below)

    def _scan(self, place: Place) -> list[_Found]:
        found: list[_Found] = []
        try:
            with os.scandir(place) as listing:
                for item in listing:
                    self._seen += 1
                    if self._seen > self._limits.files:
                        raise SubmissionRejected(
                            f"the folder holds more than {self._limits.files} files",
                            where=one_line(str(self._path)),
                            fix="name the file itself, or a folder that holds only the submission",
                        )
                    status = item.stat(follow_symlinks=False)
                    found.append(_Found(item.name, status.st_size, _kind(status)))
        except OSError as error:
            raise _rejected(error, self._path) from error
        return sorted(found)


def read_file(path: Path, limit: int, *, follow: bool = True) -> bytes:
    """Read one plain file by its path.

    Args:
        path: the file.
        limit: bytes.
        follow: whether the path's last part may be a link; the folders above it are trusted either way.

    Raises:
        SubmissionRejected: no plain file, unreadable, or over `limit` bytes.
    """
    try:
        if follow:
            # Looked at first: opening a device may already do something.
            if _kind(path.stat()) != "file":
                raise OSError(errno.EINVAL, "")
            descriptor = os.open(path, _READ)
        else:
            descriptor = _open_without_following(str(path))
        return _read_descriptor(descriptor, limit)
    except OSError as error:
        raise _rejected(error, path) from error


def _open_without_following(path: str) -> int:
    before = os.lstat(path)
    kind = _kind(before)
    if kind != "file":
        raise OSError(errno.ELOOP if stat.S_ISLNK(before.st_mode) else errno.EINVAL, "")
    descriptor = os.open(path, _READ | _NO_FOLLOW)
    if not os.path.samestat(before, os.fstat(descriptor)):
        os.close(descriptor)
        raise OSError(errno.ELOOP, "")
    return descriptor


def _read_descriptor(descriptor: int, limit: int) -> bytes:
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "")
        # A file may grow while it is read: its size is only a hint.
        parts: list[bytes] = []
        left = limit + 1
        while left > 0 and (part := file.read(min(left, 1 << 20))):
            parts.append(part)
            left -= len(part)
    if left <= 0:
        raise OSError(errno.EFBIG, str(limit))
    return b"".join(parts)


def _kind(status: os.stat_result) -> str:
    if stat.S_ISDIR(status.st_mode):
        tag = getattr(status, "st_reparse_tag", 0)
        return "link" if tag and tag == _JUNCTION else "folder"
    return "file" if stat.S_ISREG(status.st_mode) else "link"


def _rejected(error: OSError, path: Path) -> SubmissionRejected:
    where = one_line(str(path))
    match error.errno:
        case errno.ELOOP | errno.EMLINK:
            return SubmissionRejected("a link is not followed", where=where, fix="hand in the file itself")
        case errno.EFBIG:
            limit = error.strerror
            fix = "hand in the assignment's file only, without data in it"
            return SubmissionRejected(f"the file is larger than {limit} bytes", where=where, fix=fix)
        case errno.EINVAL | errno.ENXIO | errno.EOPNOTSUPP | errno.EAGAIN:
            return SubmissionRejected("this is no plain file", where=where, fix="hand in a .py, .ipynb or .zip file")
        case errno.ENOENT | errno.ENOTDIR:
            return SubmissionRejected("there is no such file or folder", where=where, fix="check the path")
        case _:
            pass
    why = error.strerror or "unknown reason"
    return SubmissionRejected(f"it cannot be read: {why}", where=where, fix="check the permissions")
