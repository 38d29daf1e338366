"""A class with defaults: students, entries, gradebooks, and the texts that people and platforms put into them.

In: the fields that a test is about, by keyword. Out: records of `grader.cohort`, complete and consistent.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import strategies as st

from grader.cohort import Delivery, Enrolled, Entry, Gradebook, Rejected, Roster, Row
from grader.gradebook import Graded

DUE = datetime(2026, 12, 4, 14, 59, tzinfo=UTC)

# What a name or a comment may bring along, mixed at random: separators, formulas, Hangul in both forms, right to left.
TEXTS = st.lists(
    st.sampled_from(
        [",", ";", '"', "'", "\n", "\r\n", "\t", "=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "+", "＝"]
    )
    | st.sampled_from(
        [
            "\uae40\ubbfc\uc218",
            "\u1100\u1175\u11b7",
            "\u05d3\u05e0\u05d9",
            "\u202e",
            "\u200f",
            "<b>",
            "&amp;",
            "\\",
            '\\"',
            "]]>",
            " ",
            ".",
        ]
    )
    | st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=4),
    max_size=8,
).map("".join)


def make_student(id: str = "20240001", **fields: object) -> Enrolled:
    """One student; by default with a name and an e-mail address made from the id."""
    defaults: dict[str, object] = {"name": f"Name {id}", "email": f"{id}@example.edu"}
    return Enrolled(id=id, **(defaults | fields))  # type: ignore[arg-type]


def make_roster(*students: Enrolled) -> Roster:
    return Roster(students=students or (make_student(),))


def make_delivery(student: str = "20240001", **fields: object) -> Delivery:
    """One delivery, an hour before the due time."""
    defaults: dict[str, object] = {"path": Path(f"in/{student}"), "submitted_at": DUE.replace(hour=13)}
    return Delivery(student=student, **(defaults | fields))  # type: ignore[arg-type]


def make_graded(
    student: str = "20240001",
    score: float | None = 80.0,
    *,
    rejected: str = "",
    needs_review: bool = False,
    **fields: object,
) -> Graded:
    return Graded(
        delivery=make_delivery(student, **fields),
        score=score,
        max_score=None if score is None else 100.0,
        rejected=rejected,
        needs_review=needs_review,
        digest="d" * 64,
    )


def make_entry(score: float | None = 80.0, *, assignment: str = "hw1", **fields: object) -> Entry:
    defaults: dict[str, object] = {"max_score": 100.0, "raw_score": score, "attempt": 1, "attempts": 1}
    if score is None:
        defaults |= {"reason": "nothing handed in", "attempt": 0, "attempts": 0}
    return Entry(assignment=assignment, score=score, **(defaults | fields))  # type: ignore[arg-type]


def make_book(
    students: Mapping[str, Entry] | Sequence[tuple[Enrolled, Entry]],
    *,
    title: str = "Convolution",
    max_score: float = 100.0,
    unknown: Sequence[Row] = (),
    rejected: Sequence[Rejected] = (),
) -> Gradebook:
    """A gradebook of one assignment, hw1."""
    pairs = students.items() if isinstance(students, Mapping) else students
    rows = tuple(
        Row(student=make_student(who) if isinstance(who, str) else who, entries={"hw1": entry}) for who, entry in pairs
    )
    return Gradebook(
        assignments=("hw1",),
        titles={"hw1": title},
        max_scores={"hw1": max_score},
        rows=rows,
        unknown=tuple(unknown),
        rejected=tuple(rejected),
    )
