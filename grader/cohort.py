"""The nouns of a whole class: who is enrolled, what was delivered, what the gradebook says. Standard library only.

In and out: nothing. As in `records`, these pass between steps and never reach back into a service.
The rule: every enrolled student has an entry for every assignment, and an entry without a score says why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from grader.records import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """One student of a roster."""

    id: str  # the key that everything else is joined by
    name: str = ""
    email: str = ""
    login: str = ""
    section: str = ""
    language: str = ""  # "ko": the student's own, never the instructor's
    others: Mapping[str, str] = field(default_factory=dict)  # further columns, as "canvas_id" -> "4711"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Something that was found and cannot be used: a row, a file, a folder."""

    where: str
    reason: str  # what is wrong, and what to do


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Who is enrolled, in the file's order; ids are unique."""

    students: tuple[Enrolled, ...]
    source: str = ""
    rejected: tuple[Rejected, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One attempt of one student, as a platform left it in a folder; not yet read."""

    student: str  # the id that the platform gives: a roster matches it by id, login, e-mail or name
    path: Path  # a file or folder that students controlled: never followed where it is a link
    name: str = ""
    email: str = ""
    attempt: int = 1  # counts from 1, in the order of hand-in
    submitted_at: datetime | None = None  # with an offset; None: the platform does not say
    late: bool = False  # the platform's own mark, where it does not say when
    group: tuple[str, ...] = ()  # ids of all who handed it in together
    inside: str = ""  # a member of the zip at `path`, where it was not unpacked


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """Everything that lies in a folder of submissions."""

    platform: str  # "folders", "canvas", "moodle", "gradescope"
    found: tuple[Delivery, ...]
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What a person decided; no rerun touches it."""

    student: str
    assignment: str
    score: float | None = None  # None: only a comment
    comment: str = ""
    author: str = ""
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One student's cell for one assignment."""

    assignment: str
    score: float | None  # what counts, after lateness and overrides; None: see `reason`
    max_score: float | None
    raw_score: float | None = None  # what the tests gave
    late_loss: float = 0.0  # points
    reason: str = ""  # why there is no score, or why it is not the raw one
    needs_review: bool = False
    submitted_at: datetime | None = None
    attempt: int = 0
    attempts: int = 0
    comment: str = ""  # a person's
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One student's line of the gradebook."""

    student: Enrolled
    entries: Mapping[str, Entry]  # by assignment id, for every assignment of the gradebook


@dataclass(frozen=True, slots=True, kw_only=True)
class Gradebook:
    """Every enrolled student's entries, and what belongs to nobody."""

    assignments: tuple[str, ...]
    titles: Mapping[str, str]
    max_scores: Mapping[str, float]
    rows: tuple[Row, ...]
    unknown: Sequence[Row] = ()  # deliveries of nobody on the roster
    rejected: tuple[Rejected, ...] = ()
