"""Owns zip: an archive's bytes become files in memory, never on a disk.

In: the bytes of an archive that somebody hostile may have made. Out: Archive, a FileTree.
The rule: what the archive says of itself is checked against the limits first, and then not believed: unpacking stops at
the same limits. One bad name refuses the archive, because no honest program writes one.

Only "stored" and "deflate" are unpacked: Python's bz2 and lzma give out a whole chunk at once, whatever its size.
"""

import io
import posixpath
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections import Counter

from grader.errors import SubmissionRejected
from grader.intake.filetree import Entry, IntakeLimits, in_order, is_junk, safe_path
from grader.text import one_line

_CHUNK = 1 << 16
_SMALL = 1 << 20  # below it no ratio is suspicious: a file of blanks is only that
_CENTRAL_HEADER = b"PK\x01\x02"
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1
_UTF8_NAME = 0x800
_LONGEST_TARGET = 4_096
ICON = "Icon\r"  # macOS names a folder's icon so: the one control character that is honest

# All that zipfile was seen to raise on damaged bytes (see the test that damages every byte).
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)

_OTHER_ARCHIVES = {
    b"Rar!": "RAR",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"EGGA": "EGG",
    b"ALZ\x01": "ALZ",
}


def is_zip(data: bytes) -> bool:
    """Whether bytes begin as a zip archive does."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def other_archive(data: bytes) -> str:
    """Name the kind of archive that is not a zip, "" if it is none that is known."""
    return next((kind for magic, kind in _OTHER_ARCHIVES.items() if data.startswith(magic)), "")


class Archive:
    """A zip archive in memory, listed within limits.

    Args:
        data: the archive's bytes.
        name: how errors call it.
        limits: on files, bytes and ratio.

    Raises:
        SubmissionRejected: damaged, encrypted, a bomb, or a name that no honest program writes.
    """

    def __init__(self, data: bytes, name: str, limits: IntakeLimits) -> None:
        self.name = one_line(name)
        self._limits = limits
        # zipfile makes an object of every header before it can be stopped, and the count in the archive may be a lie.
        if data.count(_CENTRAL_HEADER) > 4 * limits.files:
            self._refuse(f"the archive holds more than {limits.files} files")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except DAMAGED as error:
            raise self._rejected("the archive is damaged or incomplete") from error
        self.entries = self._list()

    def read(self, entry: Entry, limit: int) -> bytes:
        """Unpack one file into memory.

        Raises:
            SubmissionRejected: a link, damaged, or more than `limit` bytes, whatever its header says.
        """
        if entry.link:
            raise self._rejected("a link is not followed", entry, fix="put the file itself into the zip")
        parts: list[bytes] = []
        unpacked = 0
        try:
            with self._zip.open(self._zip.infolist()[int(entry.key)]) as stream:
                while part := stream.read(_CHUNK):
                    unpacked += len(part)
                    if unpacked > limit:
                        raise self._rejected(f"the file is larger than {limit} bytes", entry)
                    parts.append(part)
            if unpacked != entry.size:
                raise zipfile.BadZipFile
        except DAMAGED as error:
            raise self._rejected("the archive is damaged, or lies about the size of a file", entry) from error
        return b"".join(parts)

    def _list(self) -> tuple[Entry, ...]:
        headers = self._zip.infolist()
        count = sum(not header.orig_filename.endswith("/") for header in headers)
        if count > self._limits.files:
            self._refuse(f"the archive holds {count} files, at most {self._limits.files} are read")
        entries = []
        for key, header in enumerate(headers):
            # Looked at as stored: zipfile cuts a name at its first NUL.
            raw = decoded(header.orig_filename, header.flag_bits)
            if raw.endswith(ICON):
                continue
            path = safe_path(raw)
            if raw.endswith(("/", "\\")) or is_junk(path):
                continue
            self._check(path, header)
            link = stat.S_IFMT(header.external_attr >> 16) not in (0, stat.S_IFREG)
            entry = Entry(path=path, key=str(key), size=header.file_size, link=link)
            if link:
                self._check_target(entry, header)
            entries.append(entry)
        if sum(entry.size for entry in entries) > self._limits.unpacked_bytes:
            self._refuse(f"the archive unpacks to more than {self._limits.unpacked_bytes} bytes")
        for path, count in Counter(entry.path for entry in entries).items():
            if count > 1:
                self._refuse(f"{count} files in the archive have the same name", path)
        return in_order(entries)

    def _check(self, path: str, header: zipfile.ZipInfo) -> None:
        if header.flag_bits & ENCRYPTED:
            raise self._rejected("the archive is encrypted", fix="make the zip anew without a password")
        if header.compress_type not in METHODS:
            raise self._rejected("the archive is packed in an unusual way", fix="make an ordinary zip (deflate)")
        if header.file_size > max(_SMALL, self._limits.ratio * header.compress_size):
            self._refuse(f"a file unpacks to over {self._limits.ratio} times its packed size", path)

    def _check_target(self, entry: Entry, header: zipfile.ZipInfo) -> None:
        """Refuse a link that leaves the archive; one that stays is listed, and never followed."""
        if header.file_size > _LONGEST_TARGET:
            self._refuse("a link in the archive is damaged", entry.path)
        plain = Entry(path=entry.path, key=entry.key, size=entry.size)
        target = self.read(plain, _LONGEST_TARGET).decode("utf-8", "replace").replace("\\", "/")
        reached = posixpath.normpath(posixpath.join(entry.folder, target))
        if reached == ".." or reached.startswith(("/", "../")) or reached[1:2] == ":":
            self._refuse("a link leaves the archive", entry.path)

    def _refuse(self, what: str, path: str = "") -> None:
        raise self._rejected(what, path and Entry(path=path, key="", size=0))

    def _rejected(self, what: str, entry: Entry | str = "", fix: str = "") -> SubmissionRejected:
        where = f"{self.name}, {one_line(entry.path)}" if isinstance(entry, Entry) else self.name
        return SubmissionRejected(what, where=where, fix=fix or "make the zip anew, of the assignment's file only")


def decoded(name: str, flags: int) -> str:
    """Read a name as its maker meant it.

    Without the UTF-8 flag zipfile takes names for cp437, which keeps every byte. macOS writes UTF-8 without the flag,
    Korean Windows writes CP949.
    """
    if flags & _UTF8_NAME:
        return name
    raw = name.encode("cp437")
    for encoding in ("utf-8", "cp949"):
        try:
            return unicodedata.normalize("NFC", raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return name
