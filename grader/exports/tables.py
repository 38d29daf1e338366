"""A gradebook as a plain CSV for people: every entry with its reason, and a second one of what belongs to nobody.

In: a Gradebook. Out: UTF-8 with a byte order mark, because Excel takes a CSV without one for CP949 or Windows-1252; a
row per enrolled student in the roster's order, then the unknown ones.
The rule: whatever a gradebook knows is in the table. Every text is guarded against being run as a formula
(`grader.sheets`); points are plain numbers, at most two decimals, without thousands separators.
"""

from collections.abc import Sequence

from grader.cohort import Entry, Gradebook, Row
from grader.sheets import Sheet, guard, label, render
from grader.text import number, printable

_MARK = b"\xef\xbb\xbf"
_COMMENT = 4_000  # characters

_STUDENT = ("id", "name", "email", "section", "enrolled")
_ENTRY = ("score", "max", "raw", "late loss", "attempt", "attempts", "submitted", "review", "reason", "comment")
_TOTALS = ("total", "total max", "without score")


def render_gradebook(gradebook: Gradebook) -> Sheet:
    """Write the gradebook for a spreadsheet.

    Returns:
        Ten columns for each assignment ("hw1 score"), totals at the end. A total adds up the scores that there are;
        "without score" counts the others, so that a sum of half the work is not taken for the whole.
    """
    header = [*_STUDENT, *(label(f"{id} {column}") for id in gradebook.assignments for column in _ENTRY), *_TOTALS]
    rows = [_row(gradebook, row, is_enrolled=True) for row in gradebook.rows]
    rows += [_row(gradebook, row, is_enrolled=False) for row in gradebook.unknown]
    return Sheet(data=_MARK + render([header, *rows]).encode(), rows=len(rows))


def render_rejected(gradebook: Gradebook) -> Sheet:
    """Write what was found and could not be used, a row each: where, and why."""
    rows = [[label(item.where), label(item.reason, limit=1_000)] for item in gradebook.rejected]
    return Sheet(data=_MARK + render([["where", "reason"], *rows]).encode(), rows=len(rows))


def _row(gradebook: Gradebook, row: Row, *, is_enrolled: bool) -> Sequence[str]:
    student = row.student
    entries = [row.entries[id] for id in gradebook.assignments]
    scores = [entry.score for entry in entries if entry.score is not None]
    cells = [label(text) for text in (student.id, student.name, student.email, student.section)]
    cells.append("yes" if is_enrolled else "no")
    for entry in entries:
        cells += _entry(entry)
    return [*cells, number(sum(scores)), number(sum(gradebook.max_scores.values())), str(len(entries) - len(scores))]


def _entry(entry: Entry) -> Sequence[str]:
    return [
        points(entry.score),
        points(entry.max_score),
        points(entry.raw_score),
        number(entry.late_loss),
        str(entry.attempt or ""),
        str(entry.attempts),
        entry.submitted_at.isoformat() if entry.submitted_at is not None else "",
        "yes" if entry.needs_review else "",
        label(entry.reason, limit=1_000),
        guard(printable(entry.comment, limit=_COMMENT)),
    ]


def points(value: float | None) -> str:
    """Write points as a plain number, or nothing."""
    return "" if value is None else number(value)
