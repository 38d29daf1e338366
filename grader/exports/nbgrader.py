"""A gradebook in the columns of `nbgrader export`, for scripts that read its CSV.

In: a Gradebook, and each assignment's due time where one is known. Out: UTF-8 CSV, a row per assignment and student.
Specification: `CsvExportPlugin` in nbgrader/plugins/export.py. As there: times are UTC without an offset, `score` is
`raw_score` less `late_submission_penalty` and never below 0, and nothing handed in, or only after the cutoff, is 0.0.

Unlike there: cells with commas are quoted, which nbgrader forgets. A rejected submission, and one that awaits review,
is empty and no 0.0, because our fault is never a zero. After an override the score stands in `raw_score` too. Texts are
guarded against being run as formulas, ids included; an id that this changes is told in a notice.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from grader.cohort import Enrolled, Entry, Gradebook
from grader.records import Notice
from grader.sheets import Sheet, is_formula, label, render

COLUMNS = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)


def render_gradebook(gradebook: Gradebook, *, due: Mapping[str, datetime] | None = None) -> Sheet:
    """Write the gradebook as nbgrader would.

    Args:
        gradebook: unknown students are left out, as nbgrader knows none.
        due: assignment id -> due time with an offset.

    Returns:
        Rows by assignment, then in the roster's order.
    """
    rows = [
        _row(id, row.student, row.entries[id], (due or {}).get(id))
        for id in gradebook.assignments
        for row in gradebook.rows
    ]
    changed = [row.student.id for row in gradebook.rows if is_formula(row.student.id)]
    notices = [Notice(text=f"the id {label(id)} is written with an apostrophe, as a formula's start") for id in changed]
    return Sheet(data=render([COLUMNS, *rows]).encode(), rows=len(rows), notices=tuple(notices))


def _row(assignment: str, student: Enrolled, entry: Entry, due: datetime | None) -> Sequence[str]:
    last, first = _names(student)
    raw, loss, score = _points(entry)
    texts = (student.id, last, first, student.email)
    return [
        label(assignment),
        _time(due),
        _time(entry.submitted_at),
        *map(label, texts),
        raw,
        loss,
        score,
        _float(entry.max_score),
    ]


def _points(entry: Entry) -> tuple[str, str, str]:
    if entry.score is None:
        is_absent = entry.attempts == 0 or not (
            entry.needs_review or entry.reason.startswith(("rejected", "not graded"))
        )
        return ("0.0", "0.0", "0.0") if is_absent else ("", "", "")
    return _float(entry.score + entry.late_loss), _float(entry.late_loss), _float(entry.score)


def _names(student: Enrolled) -> tuple[str, str]:
    """Give last and first name; a name that does not say which is which stays whole, as the last."""
    if student.others.get("last_name") or student.others.get("first_name"):
        return student.others.get("last_name", ""), student.others.get("first_name", "")
    last, comma, first = student.name.partition(",")
    if comma:
        return last.strip(), first.strip()
    first, _, last = student.name.rpartition(" ")
    return last, first


def _time(moment: datetime | None) -> str:
    return (
        moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        if moment is not None and moment.utcoffset() is not None
        else ""
    )


def _float(value: float | None) -> str:
    return "" if value is None else repr(round(float(value), 2) + 0.0)
