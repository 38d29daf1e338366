"""Owns intake: a path that somebody handed in becomes a Submission, or the reason why it cannot be graded.

In: a .py, .ipynb or .zip file or a folder, all possibly hostile, and the assignment. Out: Submission.
The rule: whatever is assumed is said in a notice, whatever is refused is said with a remedy, and nothing of a submission
is ever run, imported or written to a disk here.

The path itself may be a link: the user chose it. Inside a folder that a student controlled nothing is followed; whoever
walks such folders passes `trusted_path=False`, and then not even the path is.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.archives import Archive, is_zip, other_archive
from grader.candidates import Choice, choose, companions, plain_stem
from grader.decoding import decode
from grader.errors import SubmissionRejected, UsageError
from grader.filetree import Entry, FileTree, IntakeLimits
from grader.folders import Folder, read_file
from grader.parsing import Lost, Recovered
from grader.records import Assignment, Notice, SourceLine, Submission
from grader.sources import parse_source
from grader.suggestions import did_you_mean
from grader.text import one_line

__all__ = ["IntakeLimits", "find_submission", "read_submission"]

_MOST_NOTICES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Code:
    """A file's code before anybody has parsed it."""

    source: str  # "" or lines that each end in "\n"
    lines: tuple[SourceLine, ...]
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _HandIn:
    """The bytes of the file to grade and of the modules beside it."""

    name: str
    data: bytes
    beside: Mapping[str, bytes]
    notices: tuple[Notice, ...] = ()


def read_submission(
    path: Path, assignment: Assignment, *, limits: IntakeLimits = IntakeLimits(), trusted_path: bool = True
) -> Submission:
    """Read what was handed in, without running any of it.

    Args:
        path: a .py, .ipynb or .zip file, or a folder.
        assignment: whose functions are looked for.
        limits: on sizes, numbers and time.
        trusted_path: whether the user named this very path. Then it may be a link, and the modules beside a file of the
            assignment's exact name may be imported. Otherwise a file stands alone: its neighbours are other students'.

    Raises:
        UsageError: there is no such path.
        SubmissionRejected: it cannot be graded as it is.
    """
    hand_in = _read(path, assignment, limits, trusted_path)
    code = _code(hand_in.data, hand_in.name, limits)
    name = hand_in.name
    starts = [number for number, line in enumerate(code.lines, start=1) if line.cell is not None and line.line == 1]
    recovered = parse_source(code.source, starts, name, limits)
    read = Submission(path=path, name=name, source=code.source, lines=code.lines)
    if recovered.lost and (not assignment.recover_syntax or _nothing_left(recovered)):
        first = recovered.lost[0]
        raise SubmissionRejected(f"syntax error: {first.reason}", where=read.place(first.line), fix="correct this line")
    modules, skipped = _companions(hand_in.beside, limits)
    notices = [*hand_in.notices, *code.notices, *skipped, *_lost_notices(recovered.lost, read)]
    notices += _duplicates(recovered, assignment, read)
    return Submission(
        path=path,
        name=name,
        source=recovered.source,
        lines=code.lines,
        notices=_bounded(notices, name),
        set_aside=_set_aside(recovered, read),
        companions=modules,
        digest=_digest(code.source, modules),
    )


def find_submission(assignment: Assignment, folder: Path, *, limits: IntakeLimits = IntakeLimits()) -> Path | None:
    """Find what `grade hw1` without a path means in a folder.

    Returns:
        The assignment's .py or .ipynb there; else a folder of its name there; else None.

    Raises:
        SubmissionRejected: the .py and the .ipynb were both worked on.
    """
    names = [f"{assignment.module}{ending}" for ending in (".py", ".ipynb")]
    files = [folder / name for name in names if (folder / name).is_file()]
    if len(files) == 1:
        return files[0]
    if files:
        entries = tuple(Entry(path=name, key=name, size=0) for name in names)
        return folder / _choose(_Pair(folder, entries), assignment, str(folder), limits).entry.name
    known = (assignment.folder, assignment.id, f"hw{assignment.number:02}")
    return next((folder / name for name in known if (folder / name).is_dir()), None)


@dataclass(frozen=True, slots=True)
class _Pair:
    """The user's own two files as a FileTree, links allowed."""

    folder: Path
    entries: tuple[Entry, ...]

    def read(self, entry: Entry, limit: int) -> bytes:
        return read_file(self.folder / entry.name, limit)


def _read(path: Path, assignment: Assignment, limits: IntakeLimits, trusted_path: bool) -> _HandIn:
    if not _exists(path):
        raise UsageError(f"there is no `{one_line(str(path))}`", fix=_suggestion(path))
    where = one_line(str(path))
    if path.is_dir() and (trusted_path or not path.is_symlink()):
        with Folder(path, limits, follow=trusted_path) as tree:
            choice = _choose(tree, assignment, where, limits)
            return _taken(tree, choice, assignment, limits)
    data = read_file(path, max(limits.archive_bytes, limits.notebook_bytes), follow=trusted_path)
    if is_zip(data):
        if len(data) > limits.archive_bytes:
            raise _too_large(path.name, limits.archive_bytes)
        archive = Archive(data, path.name, limits)
        return _taken(archive, _choose(archive, assignment, where, limits), assignment, limits)
    return _single(path, data, assignment, limits, trusted_path)


def _single(path: Path, data: bytes, assignment: Assignment, limits: IntakeLimits, trusted_path: bool) -> _HandIn:
    name = one_line(path.name)
    if kind := other_archive(data):
        fix = f"hand in an ordinary zip, or `{assignment.module}.py` itself"
        raise SubmissionRejected(f"a {kind} archive is not read", where=name, fix=fix)
    notices = []
    if plain_stem(path.name) != assignment.module.casefold():
        notices.append(Notice(text=f"`{name}` was taken for `{assignment.module}.py`: it was named", where=name))
    beside: dict[str, bytes] = {}
    if trusted_path and path.stem == assignment.module:
        # A folder that cannot be listed, or holds too much, gives no companions; the file itself was named and stands.
        with contextlib.suppress(SubmissionRejected), Folder(path.parent, limits) as tree:
            chosen = Entry(path=path.name, key=path.name, size=len(data))
            beside = dict(_beside(tree, chosen, assignment, limits))
    return _HandIn(name=name, data=data, beside=beside, notices=tuple(notices))


def _taken(tree: FileTree, choice: Choice, assignment: Assignment, limits: IntakeLimits) -> _HandIn:
    return _HandIn(
        name=one_line(choice.entry.name),
        data=tree.read(choice.entry, limits.notebook_bytes),
        beside=dict(_beside(tree, choice.entry, assignment, limits)),
        notices=choice.notices,
    )


def _beside(tree: FileTree, chosen: Entry, assignment: Assignment, limits: IntakeLimits) -> Iterator[tuple[str, bytes]]:
    left = limits.companion_bytes
    for entry in companions(tree, chosen, assignment)[: limits.companions]:
        # One that cannot be read is one that cannot be imported: the student's own traceback says so.
        with contextlib.suppress(SubmissionRejected):
            data = tree.read(entry, left)
            left -= len(data)
            yield entry.stem, data


def _choose(tree: FileTree, assignment: Assignment, where: str, limits: IntakeLimits) -> Choice:
    def read_text(entry: Entry) -> str:
        with contextlib.suppress(SubmissionRejected):
            return decode(tree.read(entry, limits.notebook_bytes), entry.name).text
        return ""

    def is_untouched(entry: Entry) -> bool:
        stub = assignment.public / f"{assignment.module}{entry.suffix.casefold()}"
        with contextlib.suppress(SubmissionRejected, OSError):
            handed_in = _code(tree.read(entry, limits.notebook_bytes), entry.name, limits)
            return _essence(handed_in) == _essence(_code(stub.read_bytes(), stub.name, limits))
        return False

    return choose(tree, assignment, where, limits=limits, read_text=read_text, is_untouched=is_untouched)


def _essence(code: _Code) -> list[str]:
    """Code without what an editor changes by itself."""
    return [line.rstrip() for line in code.source.split("\n") if line.strip()]


def _code(data: bytes, name: str, limits: IntakeLimits) -> _Code:
    if not data:
        raise SubmissionRejected("the file is empty", where=name, fix="save your work and hand it in again")
    decoded = decode(data, name)
    code = _as_code(decoded.text, name)
    if len(code.source) > limits.source_bytes or len(code.source.encode()) > limits.source_bytes:
        raise _too_large(name, limits.source_bytes)
    if len(code.lines) > limits.source_lines:
        raise SubmissionRejected(
            f"the code has more than {limits.source_lines} lines", where=name, fix="leave data out of the source"
        )
    return _Code(source=code.source, lines=code.lines, notices=(*decoded.notices, *code.notices))


def _as_code(text: str, name: str) -> _Code:
    # Only here: nbformat takes 100 ms to import, and a plain .py does without.
    from grader.notebooks import looks_like_notebook, read_notebook

    is_called_notebook = name.casefold().endswith(".ipynb")
    if looks_like_notebook(text) or (is_called_notebook and text.lstrip()[:1] in ("{", "[", "")):
        notebook = read_notebook(text, name)
        note = "the file is a notebook and was read as one"
        notices = () if is_called_notebook else (Notice(text=note, where=name),)
        return _Code(source=notebook.source, lines=notebook.lines, notices=(*notices, *notebook.notices))
    source = text if text.endswith("\n") or not text else text + "\n"
    lines = tuple(SourceLine(line=number) for number in range(1, source.count("\n") + 1))
    if name.casefold().endswith(".py"):
        return _Code(source=source, lines=lines)
    note = "the file is Python source and was read as such, whatever its ending"
    return _Code(source=source, lines=lines, notices=(Notice(text=note, where=name),))


def _companions(beside: Mapping[str, bytes], limits: IntakeLimits) -> tuple[dict[str, str], list[Notice]]:
    modules: dict[str, str] = {}
    notices = []
    for name, data in sorted(beside.items()):
        try:
            modules[name] = decode(data, f"{name}.py").text
        except SubmissionRejected as error:
            notices.append(Notice(text=f"`{name}.py` cannot be imported: {error.what}", where=f"{name}.py"))
    return modules, notices


def _nothing_left(recovered: Recovered) -> bool:
    return not recovered.source.strip() and not any(part.names for part in recovered.lost)


def _lost_notices(lost: Sequence[Lost], read: Submission) -> Iterator[Notice]:
    for part in lost:
        names = ", ".join(f"`{name}`" for name in part.names[:5])
        what = f"{names} was set aside" if names else "this was set aside"
        yield Notice(text=f"{what}: {part.reason}", where=read.place(part.line))


def _set_aside(recovered: Recovered, read: Submission) -> dict[str, str]:
    """Say of each function that is missing now why; what is defined elsewhere too is not missing."""
    return {
        name: f"{read.place(part.line)}: {part.reason}"
        for part in recovered.lost
        for name in part.names
        if name not in recovered.definitions
    }


def _duplicates(recovered: Recovered, assignment: Assignment, read: Submission) -> Iterator[Notice]:
    for question in assignment.questions:
        lines = recovered.definitions.get(question.name, ())
        if len(lines) > 1:
            first = " and ".join(read.place(line) for line in lines[:-1][:3])
            text = f"`{question.name}` is defined {len(lines)} times; this one, the last, is graded, not the one in {first}"
            yield Notice(text=text, where=read.place(lines[-1]))


def _bounded(notices: list[Notice], name: str) -> tuple[Notice, ...]:
    if len(notices) <= _MOST_NOTICES:
        return tuple(notices)
    more = Notice(text=f"and {len(notices) - _MOST_NOTICES} more of this kind", where=name)
    return (*notices[:_MOST_NOTICES], more)


def _digest(source: str, modules: Mapping[str, str]) -> str:
    """Hash what could run; the file's own name is no part of it."""
    parts: Iterable[str] = (source, *(text for item in sorted(modules.items()) for text in item))
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8")
        # Lengths keep two parts from passing for others.
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def _exists(path: Path) -> bool:
    """Whether something stands at a path, a dangling link included."""
    try:
        return os.path.lexists(path)
    except ValueError:  # a NUL in the path
        return False


def _suggestion(path: Path) -> str:
    try:
        with os.scandir(path.parent) as listing:
            names = [entry.name for entry, _ in zip(listing, range(1_000), strict=False)]
    except (OSError, ValueError):
        return f"the folder `{one_line(str(path.parent))}` does not exist either"
    return did_you_mean(path.name, names) or "check the path"


def _too_large(name: str, limit: int) -> SubmissionRejected:
    fix = "hand in the assignment's code only, without data in it"
    return SubmissionRejected(f"the file is larger than {limit} bytes", where=one_line(name), fix=fix)
