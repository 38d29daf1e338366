"""Owns what a person decided about a score: a file of its own beside an assignment's results.

In: a student, a score or only a comment, and who says so. Out: the latest decision for each student.
The rule: no batch and no rerun writes here, a decision is never deleted but taken back, and all of them stay readable
in the order in which they were made. Texts are made harmless when they come in.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from grader.cohort import Override
from grader.errors import UsageError
from grader.journal_file import LineFile
from grader.journal_lines import encode_line
from grader.records import Notice
from grader.text import one_line, printable, tidy

FILE = "overrides.jsonl"
MOST_POINTS = 1_000.0
_WAIT_S = 5.0  # for another `grade override`; one takes milliseconds
_NAME = 200  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What stands, by student, and what could not be read."""

    standing: Mapping[str, Override]
    notices: tuple[Notice, ...] = ()


class _Record(msgspec.Struct, omit_defaults=True):
    assignment: str
    score: float | None = None
    comment: str = ""
    author: str = ""
    made_at: str = ""
    removed: bool = False


_RECORD = msgspec.json.Decoder(_Record)


def add_override(folder: Path, override: Override) -> Override:
    """Write a decision down; it replaces the student's earlier one. A batch may be running.

    Args:
        folder: the journal's.
        override: texts may be any; without a score it is only a comment.

    Returns:
        What was written: the comment made printable, the score to two decimals.

    Raises:
        UsageError: no student, a score that is none, nothing said at all, or the folder cannot be written.
        JournalError: the disk is full.
    """
    clean = Override(
        student=_student(override.student),
        assignment=override.assignment,
        score=_score(override.score),
        comment=printable(override.comment).strip(),
        author=one_line(override.author),
        made_at=override.made_at,
    )
    if clean.score is None and not clean.comment:
        raise UsageError("an override without a score and without a comment", where=clean.student, fix="give one")
    _append(folder, clean, removed=False)
    return clean


def remove_override(
    folder: Path, student: str, *, assignment: str, author: str = "", made_at: datetime | None = None
) -> None:
    """Take a student's override back; what the tests say counts again.

    Raises:
        UsageError: there is none.
        JournalError: the disk is full.
    """
    if student not in read_overrides(folder).standing:
        raise UsageError(
            f"there is no override for `{one_line(student)}`",
            where=str(folder),
            fix="see the student's id in the gradebook",
        )
    taken_back = Override(student=student, assignment=assignment, author=one_line(author), made_at=made_at)
    _append(folder, taken_back, removed=True)


def read_overrides(folder: Path) -> Overrides:
    """Read what stands; nothing does where no decision was ever made.

    Raises:
        UsageError: the file is not one of ours.
    """
    if not (folder / FILE).is_file():
        return Overrides(standing={})
    standing: dict[str, Override] = {}
    lines = LineFile(folder / FILE, writing=False, what="file of overrides")
    try:
        for line, _, _ in lines.scan():
            record = line.value(_RECORD) if line.kind == "override" else None
            if record is None:
                continue
            standing.pop(line.subject, None)
            if not record.removed:
                standing[line.subject] = _to_override(line.subject, record)
        return Overrides(standing=standing, notices=lines.notices)
    finally:
        lines.close()


def _append(folder: Path, override: Override, *, removed: bool) -> None:
    record = _Record(
        assignment=override.assignment,
        score=override.score,
        comment=override.comment,
        author=override.author,
        made_at=override.made_at.isoformat() if override.made_at is not None else "",
        removed=removed,
    )
    lines = LineFile(folder / FILE, writing=True, what="file of overrides", wait_s=_WAIT_S)
    try:
        for _ in lines.scan():
            pass
        lines.cut()
        lines.append(encode_line("override", override.student, record))
        lines.sync()
        lines.sync_folder()
    finally:
        lines.close()


def _to_override(student: str, record: _Record) -> Override:
    return Override(
        student=student,
        assignment=record.assignment,
        score=record.score,
        comment=record.comment,
        author=record.author,
        made_at=datetime.fromisoformat(record.made_at) if record.made_at else None,
    )


def _student(student: str) -> str:
    # It is a key: made harmless it would be another's, or nobody's.
    if not student.strip() or one_line(student, limit=_NAME) != student:
        raise UsageError(
            f"`{one_line(student)}` is no student's id",
            where="the override",
            fix=f"give the id as the roster has it: one line, at most {_NAME} characters",
        )
    return student


def _score(score: float | None) -> float | None:
    if score is None:
        return None
    if not (math.isfinite(score) and 0 <= score <= MOST_POINTS):
        raise UsageError(f"{score:g} is no score", where="the override", fix=f"give 0 to {MOST_POINTS:g} points")
    return tidy(score)
