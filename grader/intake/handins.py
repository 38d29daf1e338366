"""Owns the step from a path to bytes: which file was handed in, and which modules stand beside it.

In: a path (file, folder, zip) and the assignment. Out: HandIn.
The rule: the path itself may be a link, because the user chose it; below it nothing is followed. Whoever walks folders
that students controlled says `trusted_path=False`: then not even the path is, and a single file stands alone, because
its neighbours are other students'.
"""

import ast
import contextlib
import os
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import SubmissionRejected, UsageError
from grader.intake.archives import Archive, is_zip, other_archive
from grader.intake.candidates import Choice, choose, companions, plain_stem
from grader.intake.decoding import decode
from grader.intake.filetree import Entry, FileTree, IntakeLimits
from grader.intake.folders import Folder, read_file
from grader.intake.listing import Listing, read_listing, too_large
from grader.intake.parsing import is_plain
from grader.intake.trained import read_models
from grader.records import Assignment, Notice
from grader.suggestions import did_you_mean
from grader.text import one_line

_PYTHON_ENDINGS = (".py", ".ipynb")


@dataclass(frozen=True, slots=True, kw_only=True)
class HandIn:
    """The bytes of the file to grade and of the modules beside it."""

    name: str
    data: bytes
    beside: Mapping[str, bytes]
    notices: tuple[Notice, ...] = ()
    models: Mapping[str, bytes] = field(default_factory=dict)  # question -> the file


def read_hand_in(path: Path, assignment: Assignment, *, limits: IntakeLimits, trusted_path: bool) -> HandIn:
    """Read the file to grade and the modules beside it.

    Raises:
        UsageError: there is no such path.
        SubmissionRejected: nothing at it can be graded.
    """
    _check_exists(path)
    if path.is_dir() and (trusted_path or not path.is_symlink()):
        with Folder(path, limits, follow=trusted_path) as tree:
            return _from_tree(tree, str(path), assignment, limits)
    data = read_file(path, max(limits.archive_bytes, limits.notebook_bytes), follow=trusted_path)
    name = one_line(path.name)
    if is_zip(data):
        return _from_zip(data, name, assignment, limits)
    if len(data) > limits.notebook_bytes:
        raise too_large(name, limits.notebook_bytes)
    if kind := other_archive(data):
        fix = f"hand in an ordinary zip, or `{assignment.module}.py` itself"
        raise SubmissionRejected(f"a {kind} archive is not read", where=name, fix=fix)
    return _from_file(path, data, assignment, limits, trusted_path)


def choose_pair(folder: Path, assignment: Assignment, limits: IntakeLimits) -> Path:
    """Choose between the assignment's .py and .ipynb, both in the user's own folder.

    Raises:
        SubmissionRejected: both were worked on.
    """
    names = [f"{assignment.module}{ending}" for ending in _PYTHON_ENDINGS]
    pair = _Pair(folder, tuple(Entry(path=name, key=name, size=0) for name in names))
    return folder / _choose(pair, str(folder), assignment, limits).entry.name


@dataclass(frozen=True, slots=True)
class _Pair:
    """Files of the user's own as a FileTree, links allowed."""

    folder: Path
    entries: tuple[Entry, ...]

    def read(self, entry: Entry, limit: int) -> bytes:
        return read_file(self.folder / entry.name, limit)


def _check_exists(path: Path) -> None:
    try:
        os.lstat(path)
    except PermissionError as error:
        fix = "check the permissions"
        raise SubmissionRejected("it cannot be read", where=one_line(str(path)), fix=fix) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise UsageError(f"there is no `{one_line(str(path))}`", fix=_suggestion(path)) from error


def _suggestion(path: Path) -> str:
    try:
        with os.scandir(path.parent) as listing:
            names = [one_line(entry.name) for entry, _ in zip(listing, range(1_000), strict=False)]
    except (OSError, ValueError):
        return f"check the path: the folder `{one_line(str(path.parent))}` cannot be listed either"
    return did_you_mean(path.name, names) or "check the path"


def _from_tree(tree: FileTree, where: str, assignment: Assignment, limits: IntakeLimits) -> HandIn:
    endings = [entry.suffix.casefold() for entry in tree.entries]
    if endings.count(".zip") == 1 and not any(ending in _PYTHON_ENDINGS for ending in endings):
        # A folder around the one zip that was handed in: an LMS makes them.
        packed = tree.entries[endings.index(".zip")]
        data = tree.read(packed, limits.archive_bytes)
        if is_zip(data) and isinstance(tree, Folder):
            return _from_zip(data, one_line(packed.name), assignment, limits)
    choice = _choose(tree, one_line(where), assignment, limits)
    models, about = read_models(tree, choice.entry, assignment, limits)
    return HandIn(
        name=one_line(choice.entry.name),
        data=tree.read(choice.entry, limits.notebook_bytes),
        beside=dict(_beside(tree, choice.entry, assignment, limits)),
        notices=(*choice.notices, *about),
        models=models,
    )


def _from_zip(data: bytes, name: str, assignment: Assignment, limits: IntakeLimits) -> HandIn:
    if len(data) > limits.archive_bytes:
        raise too_large(name, limits.archive_bytes)
    return _from_tree(Archive(data, name, limits), name, assignment, limits)


def _from_file(path: Path, data: bytes, assignment: Assignment, limits: IntakeLimits, trusted_path: bool) -> HandIn:
    name = one_line(path.name)
    taken_for = Notice(text=f"`{name}` was taken for `{assignment.module}.py`", where=name)
    known = path.suffix in _PYTHON_ENDINGS and plain_stem(path.name) == assignment.module.casefold()
    beside: dict[str, bytes] = {}
    models: dict[str, bytes] = {}
    about: tuple[Notice, ...] = ()
    if trusted_path and path.stem == assignment.module:
        # A folder that cannot be listed, or holds too much, gives no companions; the file was named and stands.
        with contextlib.suppress(SubmissionRejected), Folder(path.parent, limits) as tree:
            chosen = Entry(path=path.name, key=path.name, size=len(data))
            beside = dict(_beside(tree, chosen, assignment, limits))
            models, about = read_models(tree, chosen, assignment, limits)
    notices = (*(() if known else (taken_for,)), *about)
    return HandIn(name=name, data=data, beside=beside, notices=notices, models=models)


def _beside(tree: FileTree, chosen: Entry, assignment: Assignment, limits: IntakeLimits) -> Iterator[tuple[str, bytes]]:
    left = limits.companion_bytes
    for entry in companions(tree, chosen, assignment)[: limits.companions]:
        # One that cannot be read cannot be imported either: the student's own traceback says so.
        with contextlib.suppress(SubmissionRejected):
            data = tree.read(entry, left)
            left -= len(data)
            yield entry.stem, data


def _choose(tree: FileTree, where: str, assignment: Assignment, limits: IntakeLimits) -> Choice:
    def read_text(entry: Entry) -> str:
        with contextlib.suppress(SubmissionRejected):
            return decode(tree.read(entry, limits.notebook_bytes), entry.name).text
        return ""

    def is_untouched(entry: Entry) -> bool:
        stub = assignment.public / f"{assignment.module}{entry.suffix.casefold()}"
        with contextlib.suppress(SubmissionRejected, OSError):
            handed_in = read_listing(tree.read(entry, limits.notebook_bytes), entry.name, limits)
            return _essence(handed_in) == _essence(read_listing(stub.read_bytes(), stub.name, limits))
        return False

    return choose(tree, assignment, where, limits=limits, read_text=read_text, is_untouched=is_untouched)


def _essence(listing: Listing) -> list[str]:
    """Code without docstrings, comments and a stub's errors, which are in its reader's language; else its lines."""
    with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "invalid escape sequence"
        if is_plain(listing.source):
            tree = ast.parse(listing.source)
            for node in ast.walk(tree):
                if (
                    isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef))
                    and ast.get_docstring(node) is not None
                ):
                    node.body = node.body[1:]
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    node.args = [] if node.func.id == "NotImplementedError" else node.args
            return [ast.dump(tree)]
    return [line.rstrip() for line in listing.source.split("\n") if line.strip()]
