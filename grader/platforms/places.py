"""Owns what lies where in a download: listing one folder, and putting files together under their own names.

In: folders whose names students or platforms chose. Out: Found, and copies below a scratch folder.
The rule: no link is followed, nothing is read but plain files, and what cannot be used is said.
"""

import contextlib
import hashlib
import os
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.cohort import Delivery, Rejected
from grader.errors import SubmissionRejected, UsageError
from grader.intake.filetree import is_junk
from grader.intake.folders import HAS_DESCRIPTORS, read_file
from grader.text import one_line

_GB = 1 << 30
_MB = 1 << 20
_LONGEST_PART = 240  # bytes: file systems end at 255, and 60 letters of Hangul are 180
_KEPT = 100  # bytes at each end of a name that is too long


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortLimits:
    """What the download of a whole class may cost before it is refused."""

    archive_bytes: int = 8 * _GB
    unpacked_bytes: int = 16 * _GB
    files: int = 200_000
    file_bytes: int = 128 * _MB
    student_files: int = 2_000  # one student's files never cost the others theirs
    student_bytes: int = 512 * _MB
    ratio: int = 100  # unpacked to packed, for files of over a megabyte
    depth: int = 12  # folders within folders
    metadata_bytes: int = 512 * _MB  # Gradescope puts every test's output there


DEFAULT_LIMITS = CohortLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One entry of a folder, not opened."""

    name: str  # for people and patterns: NFC, CP949 read where it is no UTF-8
    path: Path  # for the disk
    kind: str  # "file", "folder" or "link": whatever must not be opened

    @property
    def stem(self) -> str:
        """The name without its last ending."""
        return self.name.rpartition(".")[0] or self.name

    @property
    def suffix(self) -> str:
        """The last ending, with its dot, in lower case."""
        return self.name[len(self.stem) :].casefold()

    def rejected(self, reason: str) -> Rejected:
        """Say why it cannot be used."""
        return Rejected(where=one_line(self.name), reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """What a platform's module made of a folder."""

    found: Sequence[Delivery] = ()
    rejected: Sequence[Rejected] = ()


def list_folder(path: Path, *, most: int, follow: bool = False) -> list[Found]:
    """List one folder, junk left out, by name.

    Args:
        path: the folder.
        most: entries, junk included, before it is refused.
        follow: whether `path` itself may be a link.

    Raises:
        SubmissionRejected: no folder, a link, unreadable, or too many entries.
    """
    try:
        with _opened(path, follow=follow) as place, os.scandir(place) as listing:
            found = [
                Found(name=name, path=path / item.name, kind=_kind(item))
                for item in _bounded(listing, path, most)
                if not is_junk(name := readable(item.name)) and not is_junk(f"{name}/_")
            ]
    except OSError as error:
        why = error.strerror or "unknown reason"
        where = one_line(str(path))
        raise SubmissionRejected(f"it cannot be read: {why}", where=where, fix="check the permissions") from error
    return sorted(found, key=lambda entry: (entry.name, str(entry.path)))


def readable(name: str) -> str:
    """Read a name as its maker meant it: NFC, and CP949 where the bytes are no UTF-8 (unzip keeps them as they are)."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        with contextlib.suppress(UnicodeError):
            name = os.fsencode(name).decode("cp949")
    return unicodedata.normalize("NFC", name)


def as_rejected(error: SubmissionRejected, found: Found) -> Rejected:
    """Turn what was raised about one entry into a line of the list."""
    return found.rejected(f"{error.what}; {error.fix}" if error.fix else error.what)


def unusable(folder: Found, limits: CohortLimits) -> Rejected | None:
    """Say why a student's folder is no delivery: empty, unreadable, or of far too many files."""
    try:
        if list_folder(folder.path, most=limits.student_files):
            return None
    except SubmissionRejected as error:
        return as_rejected(error, folder)
    return folder.rejected("the folder is empty: nothing was handed in")


def shortened(part: str) -> str:
    """Make a name short enough for a disk: both ends and a digest stay; one that is short enough is itself."""
    data = part.encode("utf-8", "surrogateescape")
    if len(data) <= _LONGEST_PART:
        return part
    head, tail = data[:_KEPT].decode("utf-8", "ignore"), data[-_KEPT:].decode("utf-8", "ignore")
    return f"{head}~{hashlib.sha256(data).hexdigest()[:8]}~{tail}"


class Gathering:
    """A folder of our own, where one student's files come together.

    Args:
        root: does not exist yet.
        limits: on one file.
    """

    def __init__(self, root: Path, limits: CohortLimits) -> None:
        self._root = root
        self._limits = limits

    def put(self, student: str, attempt: int, files: Sequence[tuple[Found, str]]) -> tuple[Path, list[Rejected]]:
        """Copy files into the folder of one attempt.

        Args:
            student: an id without a "/".
            attempt: counts from 1.
            files: what to copy, and the name it shall have.

        Returns:
            The folder, and what could not be copied.

        Raises:
            UsageError: the disk is full or cannot be written.
        """
        folder = self._root / shortened(student) / f"attempt_{attempt}"
        rejected = []
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        for found, name in files:
            try:
                data = read_file(found.path, self._limits.file_bytes, follow=False)
            except SubmissionRejected as error:
                rejected.append(as_rejected(error, found))
                continue
            try:
                with writing(folder, taken=(FileExistsError,)), (folder / shortened(name)).open("xb") as file:
                    file.write(data)
            except FileExistsError:
                rejected.append(found.rejected("another file of this student has the same name"))
        return folder, rejected


@contextlib.contextmanager
def writing(folder: Path, *, taken: tuple[type[OSError], ...] = ()) -> Iterator[None]:
    """Say where the disk fails; what says that a name is taken may be left to the caller."""
    try:
        yield
    except taken:
        raise
    except OSError as error:
        raise UsageError(
            f"the submissions cannot be copied: {error.strerror or 'unknown reason'}",
            where=one_line(str(folder)),
            fix="name a scratch folder that can be written and has room",
        ) from error


@contextlib.contextmanager
def _opened(path: Path, *, follow: bool) -> Iterator[int | str]:
    if not HAS_DESCRIPTORS:
        if not follow and (path.is_symlink() or getattr(path, "is_junction", bool)()):
            raise NotADirectoryError(0, "a link is not followed")
        yield str(path)
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | (0 if follow else os.O_NOFOLLOW))
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _bounded(listing: Iterator[os.DirEntry[str]], path: Path, most: int) -> Iterator[os.DirEntry[str]]:
    for count, item in enumerate(listing):
        if count >= most:
            fix = "name a folder that holds only the submissions"
            raise SubmissionRejected(f"it holds more than {most} entries", where=one_line(str(path)), fix=fix)
        yield item


def _kind(item: os.DirEntry[str]) -> str:
    mode = item.stat(follow_symlinks=False).st_mode
    if stat.S_ISDIR(mode):
        return "link" if getattr(item, "is_junction", bool)() else "folder"
    return "file" if stat.S_ISREG(mode) else "link"
