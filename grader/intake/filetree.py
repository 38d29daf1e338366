"""Owns what a hand-in may look like before anything of it is read: files by name, and the limits on them.

In: names that a student, or their computer, chose. Out: FileTree, which a folder and an archive both are.
The rule: a path in a FileTree is relative, stays below its root and is only ever opened by the tree that listed it.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from grader.errors import SubmissionRejected

_KB = 1 << 10
_MB = 1 << 20

# What an operating system, an editor or a package manager leaves behind; nobody hands it in on purpose.
_JUNK_FOLDERS = frozenset({"__macosx", "__pycache__", "node_modules", "site-packages", "venv"})
_JUNK_FILES = frozenset({"thumbs.db", "desktop.ini", "icon\r"})

_DRIVE = re.compile(r".:")
_LONGEST_NAME = 1_000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeLimits:
    """What a hand-in may cost before it is refused."""

    source_bytes: int = _MB  # the code of one file, a notebook's pictures and outputs not counted
    source_lines: int = 50_000
    notebook_bytes: int = 16 * _MB
    archive_bytes: int = 64 * _MB  # the archive itself
    unpacked_bytes: int = 128 * _MB  # all that an archive says it holds
    ratio: int = 100  # unpacked to packed, for files of over a megabyte: text packs to a tenth
    files: int = 1_000
    depth: int = 4  # folders within folders
    looked_into: int = 50  # files whose content decides, where no name does
    companions: int = 20
    companion_bytes: int = _MB  # all of them together
    model_bytes: int = 64 * _MB  # a trained model, with what its optimizer remembers
    parse_s: float = 10.0  # for source that Python's parser needs watching on
    parse_mb: int = 1_024


DEFAULT_LIMITS = IntakeLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file of a hand-in, listed and not yet opened."""

    path: str  # below the root, parts separated by "/", in NFC whatever the computer it comes from
    key: str  # how the tree itself finds it
    size: int
    link: bool = False  # a link, pipe, socket or device: never opened

    @property
    def folder(self) -> str:
        """The folder it lies in, "" for the root."""
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.path.rpartition("/")[2]

    @property
    def stem(self) -> str:
        """The name without its last ending."""
        return self.name.rpartition(".")[0] or self.name

    @property
    def suffix(self) -> str:
        """The last ending, with its dot, as written."""
        return self.name[len(self.stem) :]


class FileTree(Protocol):
    """Files below one root, in a folder or in an archive."""

    @property
    def entries(self) -> Sequence[Entry]:
        """Every file that is not junk, the shallowest first, then by name."""

    def read(self, entry: Entry, limit: int) -> bytes:
        """Read one file, or raise SubmissionRejected: a link, gone, damaged, over `limit` bytes."""


def safe_path(raw: str) -> str:
    r"""Turn a name from an archive into a path below the root.

    Args:
        raw: the name as stored. Backslashes separate folders: old Windows programs write them.

    Returns:
        Parts that are neither empty nor "." nor "..", joined by "/", in NFC; "" for the root itself.

    Raises:
        SubmissionRejected: absolute, a drive, "..", a control character, a lone surrogate, or far too long.
    """
    path = unicodedata.normalize("NFC", raw).replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or _DRIVE.match("/".join(parts)):
        _refuse(raw, "starts at the root of a disk")
    if ".." in parts:
        _refuse(raw, "leads out of the archive")
    if len(path) > _LONGEST_NAME:
        _refuse(raw, f"is longer than {_LONGEST_NAME} characters")
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in path):
        _refuse(raw, "holds a control character or a line break")
    return "/".join(parts)


def is_junk(path: str) -> bool:
    """Whether a path belongs to an operating system, an editor or an installation, not to the student."""
    *folders, name = path.casefold().split("/")
    if name in _JUNK_FILES or name.startswith("."):
        return True
    return any(folder in _JUNK_FOLDERS or folder.startswith(".") for folder in folders)


def in_order(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Sort a listing: the shallowest first, then by name, whatever order a disk or an archive had."""
    return tuple(sorted(entries, key=lambda entry: (entry.path.count("/"), entry.path, entry.key)))


def _refuse(raw: str, why: str) -> None:
    raise SubmissionRejected(
        f"the name of a file in the archive {why}",
        where=ascii(raw[:100]),
        fix="make the zip anew, of the assignment's file only",
    )
