"""Owns intake: a path that somebody handed in becomes a Submission, or the reason why it cannot be graded.

In: a .py, .ipynb or .zip file or a folder, all possibly hostile, and the assignment. Out: Submission.
The rule: whatever is assumed is said in a notice, whatever is refused is said with a remedy, and nothing of a
submission is ever run, imported or written to a disk here.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from grader.errors import SubmissionRejected
from grader.intake.decoding import decode
from grader.intake.filetree import DEFAULT_LIMITS, IntakeLimits
from grader.intake.handins import choose_pair, read_hand_in
from grader.intake.listing import read_listing
from grader.intake.parsing import Lost, Recovered
from grader.intake.sources import parse_source
from grader.marks import T_
from grader.records import Assignment, Notice, Submission

__all__ = ["IntakeLimits", "find_submission", "read_submission"]

_MOST_NOTICES = 20


def read_submission(
    path: Path, assignment: Assignment, *, limits: IntakeLimits = DEFAULT_LIMITS, trusted_path: bool = True
) -> Submission:
    """Read what was handed in, without running any of it.

    Args:
        path: a .py, .ipynb or .zip file, or a folder.
        assignment: whose functions are looked for.
        limits: on sizes, numbers and time.
        trusted_path: whether the user named this very path. Then it may be a link, and the modules beside a file of the
            assignment's exact name may be imported. Otherwise no link is followed and a file stands alone.

    Raises:
        UsageError: there is no such path.
        SubmissionRejected: it cannot be graded as it is.
    """
    hand_in = read_hand_in(path, assignment, limits=limits, trusted_path=trusted_path)
    listing = read_listing(hand_in.data, hand_in.name, limits)
    read = Submission(path=path, name=hand_in.name, source=listing.source, lines=listing.lines)
    cells = [number for number, at in enumerate(listing.lines, start=1) if at.cell is not None and at.line == 1]
    recovered = parse_source(listing.source, cells, read.name, limits)
    if recovered.lost and (not assignment.recover_syntax or _nothing_left(recovered)):
        fault = min(recovered.lost, key=lambda part: part.line)
        raise SubmissionRejected(f"syntax error: {fault.reason}", where=read.place(fault.line), fix="correct this line")
    modules, skipped = _companions(hand_in.beside)
    notices = [*hand_in.notices, *listing.notices, *skipped, *_losses(recovered.lost, read)]
    notices += [*_duplicates(recovered, assignment, read), *_missing(assignment, read)]
    return Submission(
        path=path,
        name=read.name,
        source=recovered.source,
        lines=listing.lines,
        notices=_bounded(notices, read.name),
        set_aside=_set_aside(recovered, read),
        companions=modules,
        files=hand_in.models,
        digest=_digest(listing.source, modules, hand_in.models),
    )


def find_submission(assignment: Assignment, folder: Path, *, limits: IntakeLimits = DEFAULT_LIMITS) -> Path | None:
    """Find what `grade hw1` without a path means in a folder.

    Returns:
        The assignment's .py or .ipynb there; else a folder of its name there; else None.

    Raises:
        SubmissionRejected: the .py and the .ipynb are there, and both were worked on.
    """
    files = [path for ending in (".py", ".ipynb") if (path := folder / f"{assignment.module}{ending}").is_file()]
    if len(files) > 1:
        return choose_pair(folder, assignment, limits)
    known = (assignment.folder, assignment.id, f"hw{assignment.number:02}")
    folders = [folder / name for name in known if (folder / name).is_dir()]
    return next(iter([*files, *folders]), None)


def _nothing_left(recovered: Recovered) -> bool:
    return not recovered.source.strip() and not any(part.names for part in recovered.lost)


def _companions(beside: Mapping[str, bytes]) -> tuple[dict[str, str], list[Notice]]:
    modules: dict[str, str] = {}
    notices = []
    for name, data in sorted(beside.items()):
        try:
            modules[name] = decode(data, f"{name}.py").text
        except SubmissionRejected as error:
            notices.append(Notice(text=f"`{name}.py` cannot be imported: {error.what}", where=f"{name}.py"))
    return modules, notices


def _losses(lost: Sequence[Lost], read: Submission) -> Iterator[Notice]:
    """Tell each loss once: what only follows from the one above it is left out."""
    lines = read.source.split("\n")
    before = 0  # the last line of the loss above
    for part in lost:
        follows = before and not any(line.strip() for line in lines[before : part.first - 1])
        before = part.last
        if part.names or not follows:
            count = part.last - part.first + 1
            lines_were = "1 line was" if count == 1 else f"{count} lines were"
            what = f"{', '.join(f'`{name}`' for name in part.names[:5])} was" if part.names else lines_were
            yield Notice(text=f"{what} set aside: {part.reason}", where=read.place(part.line))


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
            others = " and ".join(read.place(line) for line in lines[:-1][:3])
            text = f"`{question.name}` is defined {len(lines)} times: the last is graded, not the one at {others}"
            yield Notice(text=text, where=read.place(lines[-1]))


def _missing(assignment: Assignment, read: Submission) -> Iterator[Notice]:
    names = [question.name for question in assignment.questions]
    if not any(re.search(rf"\b{re.escape(name)}\b", read.source) for name in names):
        yield Notice(text=f"none of {assignment.id}'s functions is in this file", where=read.name)


def _bounded(notices: list[Notice], name: str) -> tuple[Notice, ...]:
    if len(notices) <= _MOST_NOTICES:
        return tuple(notices)
    more = Notice(text=f"and {len(notices) - _MOST_NOTICES} more notices", where=name)
    return (*notices[:_MOST_NOTICES], more)


def _digest(source: str, modules: Mapping[str, str], models: Mapping[str, bytes]) -> str:
    """Hash what could run, and the models; the file's own name is no part of it."""
    digest = hashlib.sha256()
    parts = [source.encode(), *(text.encode() for module in sorted(modules.items()) for text in module)]
    for name, model in sorted(models.items()):
        parts += [name.encode(), model]
    for data in parts:
        # The length keeps two parts from passing for one.
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


# As they are put together above.
_WHOLE = (
    T_("{names} was set aside: {reason}"),
    T_("1 line was set aside: {reason}"),
    T_("{count} lines were set aside: {reason}"),
)
