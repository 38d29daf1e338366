"""Owns unpacking a download: a zip of a whole class becomes a folder of our own.

In: a zip that a platform made, of files whose names and contents students chose. Out: a folder, and what stayed out.
The rule: one student's bad file stays out and is listed, the others are unpacked; what the archive says of itself is
checked first and then not believed. A zip inside stays a zip: intake reads it.

`intake.archives` refuses a whole archive for one bad name, because there it is one student's; and it works in memory.
"""

import contextlib
import mmap
import os
import stat
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from grader.cohort import Rejected
from grader.errors import SubmissionRejected, UsageError
from grader.intake.archives import DAMAGED, ENCRYPTED, ICON, METHODS, decoded, is_zip
from grader.intake.filetree import is_junk, safe_path
from grader.platforms.places import CohortLimits, shortened, writing
from grader.text import one_line

_CHUNK = 1 << 20
_SMALL = 1 << 20  # below it no ratio is suspicious
_TAKEN = (FileExistsError, NotADirectoryError, IsADirectoryError)
_CENTRAL_HEADER = b"PK\x01\x02"


class Refusal(Exception):  # noqa: N818 - a reason that becomes a Rejected
    """Why one member stays out."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What became of a zip."""

    rejected: tuple[Rejected, ...]
    wrapped: bool  # everything in it, what was left out included, lies in one folder


def unpack(archive: Path, into: Path, limits: CohortLimits) -> Unpacked:
    """Unpack a download.

    Args:
        archive: the zip, named by the user: it may be a link.
        into: a folder that does not exist yet.
        limits: on everything together, and on each student.

    Raises:
        UsageError: no zip, damaged as a whole, over the limits, or the disk is full.
    """
    name = one_line(archive.name)
    try:
        stream = archive.open("rb")
    except OSError as error:
        why = error.strerror or "unknown reason"
        raise UsageError(f"it cannot be read: {why}", where=name, fix="check the path") from error
    with stream:
        _check_size(stream, name, limits)
        try:
            packed = zipfile.ZipFile(stream)
        except DAMAGED as error:
            fix = "download it again from the platform"
            raise UsageError("the archive is damaged or incomplete", where=name, fix=fix) from error
        with packed:
            return _Unpacking(packed, into, limits, name).run()


class _Unpacking:
    def __init__(self, packed: zipfile.ZipFile, into: Path, limits: CohortLimits, name: str) -> None:
        self._packed = packed
        self._into = into
        self._limits = limits
        self._name = name
        self._rejected: list[Rejected] = []
        self._left = limits.unpacked_bytes

    def run(self) -> Unpacked:
        members = list(self._members())
        if len(members) > self._limits.files:
            raise _too_much(f"the archive holds {len(members)} files, at most {self._limits.files}", self._name)
        times = Counter(path for path, _ in members)
        wrapped = len({path.partition("/")[0] for path, _ in members}) == 1 and "/" in members[0][0]
        files: Counter[str] = Counter()
        sizes: Counter[str] = Counter()
        with writing(self._into):
            self._into.mkdir(parents=True)
        for path, member in members:
            owner = _owner(path, wrapped=wrapped)
            files[owner] += 1
            try:
                if times[path] > 1:
                    raise Refusal(f"{times[path]} files in the archive have the same name, so none was taken")
                self._check(path, member)
                if files[owner] > self._limits.student_files:
                    raise Refusal(f"there are more than {self._limits.student_files} files of this student")
                self._write(path, member, self._limits.student_bytes - sizes[owner])
                sizes[owner] += member.file_size
            except Refusal as refusal:
                if files[owner] <= self._limits.student_files + 1:  # one line says it for all the rest
                    self._rejected.append(Rejected(where=one_line(path), reason=str(refusal)))
        return Unpacked(tuple(self._rejected), wrapped)

    def _members(self) -> Iterator[tuple[str, zipfile.ZipInfo]]:
        """Each file's path below the root; folders and junk left out, bad names listed."""
        for member in self._packed.infolist():
            raw = decoded(member.orig_filename, member.flag_bits)
            if raw.endswith(ICON):
                continue
            try:
                path = safe_path(raw)
            except SubmissionRejected as error:
                self._rejected.append(Rejected(where=error.where, reason=error.what))
                continue
            if path and not raw.endswith(("/", "\\")) and not is_junk(path):
                yield path, member

    def _check(self, path: str, member: zipfile.ZipInfo) -> None:
        if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
            raise Refusal("a link is not followed; the file itself is needed")
        if member.flag_bits & ENCRYPTED:
            raise Refusal("it is encrypted; make the zip anew without a password")
        if member.compress_type not in METHODS:
            raise Refusal("it is packed in an unusual way; make an ordinary zip (deflate)")
        if path.count("/") > self._limits.depth:
            raise Refusal(f"it lies more than {self._limits.depth} folders deep")
        if member.file_size > max(_SMALL, self._limits.ratio * member.compress_size):
            raise Refusal(f"it unpacks to over {self._limits.ratio} times its packed size")
        if member.file_size > self._limits.file_bytes:
            raise Refusal(f"it is larger than {self._limits.file_bytes} bytes")

    def _write(self, path: str, member: zipfile.ZipInfo, room: int) -> None:
        if member.file_size > room:
            raise Refusal(f"the files of this student are larger than {self._limits.student_bytes} bytes")
        self._left -= member.file_size
        if self._left < 0:
            raise _too_much(f"the archive unpacks to more than {self._limits.unpacked_bytes} bytes", self._name)
        target = self._into.joinpath(*map(shortened, path.split("/")))
        try:
            with writing(self._into, taken=_TAKEN):
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("xb") as file:
                    whole = self._pour(member, file)
                if not whole:
                    self._remove(target)
        except _TAKEN as error:
            raise Refusal("another file or folder in the archive has the same name on this disk") from error
        if not whole:
            raise Refusal("it is damaged in the archive, or the archive lies about its size")

    def _remove(self, target: Path) -> None:
        """Remove a file, and the folders that were made for it alone."""
        target.unlink()
        for folder in target.parents:
            if folder == self._into or any(folder.iterdir()):
                return
            folder.rmdir()

    def _pour(self, member: zipfile.ZipInfo, file: BinaryIO) -> bool:
        """Write what is really packed; False where that is not what the header says."""
        written = 0
        for part in self._parts(member):
            written += len(part)
            if written > member.file_size:
                return False
            file.write(part)
        return written == member.file_size

    def _parts(self, member: zipfile.ZipInfo) -> Iterator[bytes]:
        """What is packed, until it ends or turns out to be damaged."""
        with contextlib.suppress(*DAMAGED), self._packed.open(member) as stream:
            while part := stream.read(_CHUNK):
                yield part


def _owner(path: str, *, wrapped: bool) -> str:
    """Whose a file is, as far as its path says: the folder or file at the top, one below where all share a folder."""
    parts = path.split("/")
    return "/".join(parts[: 2 if wrapped else 1])


def _check_size(stream: BinaryIO, name: str, limits: CohortLimits) -> None:
    size = os.fstat(stream.fileno()).st_size
    if size > limits.archive_bytes:
        raise _too_much(f"the archive is larger than {limits.archive_bytes} bytes", name)
    if not is_zip(stream.read(4)):
        fix = "name the folder or the zip that the platform gives"
        raise UsageError("this is neither a folder nor a zip", where=name, fix=fix)
    # zipfile makes an object of every header before it can be stopped, and the count in the archive may be a lie.
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as seen:
        at, count = seen.find(_CENTRAL_HEADER), 0
        while at >= 0:
            count += 1
            if count > 4 * limits.files:
                raise _too_much(f"the archive holds more than {limits.files} files", name)
            at = seen.find(_CENTRAL_HEADER, at + 4)
    stream.seek(0)


def _too_much(what: str, name: str) -> UsageError:
    return UsageError(what, where=name, fix="unpack it yourself and name the folder")
