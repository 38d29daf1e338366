"""The nouns of sending scores, and what follows from them alone: pure, no files, no network, no clock.

In: a gradebook, and what a platform says that it has. Out: what to send, what is missing there, rows for a dry run.
The rule: a score is sent only where the platform shows another one. What a platform does not show is not compared:
a platform without comments in its answers never gets a score again only because of its comment.
"""

import enum
import hashlib
import html
import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from grader.cohort import Enrolled, Entry, Gradebook, Rejected
from grader.text import number, one_line, printable

_COMMENT_LIMIT = 8_000  # characters; Canvas keeps 64 KB, and nobody reads more than this
_TAG = re.compile(r"<[^<>]*>")
_TOLERANCE = 0.0051  # points: platforms keep two decimals, and so does what is sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One score that a platform shall have."""

    student: Enrolled
    score: float
    max_score: float
    graded_at: datetime  # with an offset; a platform refuses one that is earlier than what it has
    user: str = ""  # the platform's own id of the student; "": found there by id, login, e-mail or name
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The platform has the score, and has confirmed it."""

    posting: Posting
    note: str = ""  # "it had arrived in an earlier run"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """The score did not arrive, as far as is known; a further run goes on with it."""

    posting: Posting
    reason: str  # what is wrong, and what to do
    uncertain: bool = False  # it may have arrived: a further run reads it back before it sends anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """The platform had the score already; nothing was sent."""

    posting: Posting


Delivered = Sent | NotSent | Unchanged


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What became of every posting, in their order."""

    target: str  # "Canvas assignment 12, course 7, at https://canvas.example.edu"
    deliveries: tuple[Delivered, ...]
    open_students: tuple[str, ...] = ()  # an earlier run was cut off at them, and this one has no score for them
    stopped: str = ""  # why the run ended early


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a platform has for one student."""

    score: float | None = None  # on the scale of `max_score`
    max_score: float | None = None
    comments: tuple[str, ...] | None = ()  # None: the platform does not show them
    excused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What a platform lacks of a posting."""

    score: bool = False
    comment: bool = False

    def __bool__(self) -> bool:
        return self.score or self.comment


class Kind(enum.Enum):
    """What a failed request means for its score, and for the others."""

    BUSY = "not stored; the same request will do later"
    UNKNOWN = "nobody knows whether it was stored"
    REFUSED = "not stored, and never will be; the others may be"
    STOP = "no further request will do"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A request that did not end well."""

    kind: Kind
    reason: str  # holds no secret
    status: int = 0  # of HTTP; 0: there was no answer, or it is not the reason
    wait_s: float = 0.0  # how long the platform asks to be left alone
    fix: str = ""


def make_postings(
    gradebook: Gradebook, assignment: str, graded_at: Mapping[str, datetime], *, column: str = ""
) -> tuple[tuple[Posting, ...], tuple[Rejected, ...]]:
    """Take one assignment's scores out of a gradebook.

    Args:
        gradebook: a row for every enrolled student.
        assignment: the id, "hw1".
        graded_at: by student id, when the score was made: from the journal, not from the clock, so that sending the
            same score again is recognised. With offsets.
        column: the roster's further column that holds the platform's id, as "canvas_id"; "" or an empty cell:
            the student is looked up on the platform.

    Returns:
        What is to be sent; and everyone without a score to send, with the reason.
    """
    postings, rejected = [], []
    for row in gradebook.rows:
        entry, student = row.entries[assignment], row.student
        reason = _why_not(entry, graded_at.get(student.id))
        if reason or entry.score is None or entry.max_score is None:
            rejected.append(Rejected(where=student.id, reason=reason))
            continue
        postings.append(
            Posting(
                student=student,
                user=student.others.get(column, "").strip(),
                score=entry.score,
                max_score=entry.max_score,
                comment=entry.comment,
                graded_at=graded_at[student.id],
            )
        )
    return tuple(postings), tuple(rejected)


def problem(posting: Posting) -> str:
    """Say why a posting cannot be sent to any platform; "" where it can."""
    if not math.isfinite(posting.score) or posting.score < 0:
        return f"a score of {posting.score} cannot be sent: grade again"
    if not math.isfinite(posting.max_score) or posting.max_score <= 0:
        return f"a score out of {posting.max_score} cannot be sent: give the assignment points"
    if posting.graded_at.utcoffset() is None:
        return "the time of grading has no offset from UTC: grade again"
    return ""


def twice_named(postings: Iterable[Posting]) -> frozenset[str]:
    """List the platform's ids that more than one posting names: two scores for one person."""
    counts = Counter(posting.user for posting in postings if posting.user)
    return frozenset(user for user, count in counts.items() if count > 1)


def missing_from(standing: Standing, posting: Posting) -> Missing:
    """Compare what a platform has with what it shall have."""
    wanted = scaled(posting, standing.max_score)
    score = standing.score is None or not abs(standing.score - wanted) < _TOLERANCE
    comment = comment_of(posting)
    there = standing.comments is None or _plain(comment) in {_plain(each) for each in standing.comments}
    return Missing(score=score, comment=bool(comment) and not there)


def scaled(posting: Posting, max_score: float | None) -> float:
    """Put a score, rounded to two decimals as it is sent, on a platform's own scale."""
    score = round(posting.score, 2) + 0.0
    return score if not max_score else score / posting.max_score * max_score


def comment_of(posting: Posting) -> str:
    """Give the comment as it is sent: harmless, bounded, one kind of line end."""
    return printable(posting.comment.replace("\r\n", "\n"), limit=_COMMENT_LIMIT).strip()


def digest(posting: Posting) -> str:
    """Name what is sent: the same for the same student, score, maximum and comment."""
    key = [posting.user, round(posting.score, 2), posting.max_score, comment_of(posting)]
    return hashlib.sha256(json.dumps(key).encode()).hexdigest()[:16]


def rows(postings: Sequence[Posting]) -> tuple[tuple[str, str, str, str, str], ...]:
    """Show what would be sent, for `--dry-run`: nobody is asked, so what the platform has already is not known here.

    Returns:
        Student, name, the platform's id or "looked up", "85.5 / 100" or why it cannot be sent, the comment's start.
    """
    twice = twice_named(postings)
    return tuple(
        (
            one_line(posting.student.id),
            one_line(posting.student.name),
            one_line(posting.user) or "looked up",
            problem(posting)
            or ("two students have this id" if posting.user in twice else "")
            or f"{number(posting.score)} / {number(posting.max_score)}",
            one_line(comment_of(posting), limit=60),
        )
        for posting in postings
    )


def same_name(name: str) -> str:
    """Write a name so that two spellings of it are equal: Hangul from macOS, capitals, blanks."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _why_not(entry: Entry, graded_at: datetime | None) -> str:
    if entry.needs_review:
        return "needs review: a person must look at it before it is sent"
    if entry.score is None:
        return entry.reason or "there is no score"
    if entry.max_score is None:
        return "nothing here carries points"
    return "" if graded_at else "it is not known when it was graded: grade again"


def _plain(comment: str) -> str:
    # Platforms change line ends and blanks, and some answer with entities in paragraphs.
    return " ".join(_TAG.sub(" ", html.unescape(_TAG.sub(" ", comment))).split())
