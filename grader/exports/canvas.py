"""A gradebook as the CSV that Canvas' gradebook imports.

In: a Gradebook; Canvas' assignment ids where they are known; the gradebook as it was imported last. Out: UTF-8 CSV
with commas, and a list of who is not in it.
Specification: lib/gradebook_importer.rb of instructure/canvas-lms. What it asks for, and what was chosen:

- An assignment is found by "Title (id)", else by its exact title; **else Canvas makes a new one**. A title that Canvas
  would take for something else (a total's name, "Homework (2)" without an id, a formula) is refused.
- A student is found by Canvas id, SIS user id, SIS login id, then exact name. A key that a spreadsheet would run as a
  formula, or that Canvas would rewrite as a number ("12.345.678" becomes 12345.678), is left empty; a student without
  any other is left out and listed.
- Numbers have a point, two decimals at most and never a thousands separator: Canvas reads "1,234" as 1.234.
- **An empty cell deletes the score that Canvas has.** So a student without any score is left out and listed. In a file
  of several assignments a student may have one score and not the other: where Canvas has points of its own, write one
  file for each assignment.
- Guarded names stay names for people only: the row is found by its ids.
"""

import re
from collections.abc import Mapping, Sequence

from grader.cohort import Enrolled, Gradebook, Rejected, Row
from grader.errors import UsageError
from grader.exports.tables import points
from grader.sheets import Sheet, is_formula, label, render
from grader.text import number, one_line

HEADER = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POINTS_POSSIBLE = "    Points Possible"

# Canvas looks for these anywhere in a header, and passes the column over.
_TOTALS = re.compile(r"(?:Current|Final) (?:Score|Points|Grade)|Override (?:Score|Grade|Status)")
_ENDS_IN_ID = re.compile(r".*\([0-9]+\)\s*")
# Its converter takes any such cell for a number.
_REWRITTEN = re.compile(r"-?[0-9.,]*[.,][0-9.,]*%?|-?[0-9]+%")
_DIGITS = re.compile(r"[0-9]{1,18}")


def render_gradebook(
    gradebook: Gradebook, *, ids: Mapping[str, str] | None = None, before: Gradebook | None = None
) -> Sheet:
    """Write the gradebook for Canvas.

    Args:
        gradebook: unknown students are left out: Canvas has no row for them.
        ids: assignment id -> Canvas' number of it, from the header of a gradebook that was downloaded.
        before: a student whose scores all were the same there, at two decimals, is left out.

    Returns:
        The file; `left_out` names every enrolled student who is not in it, unless the scores were the same.

    Raises:
        UsageError: a title or number that Canvas would not take for this assignment, or two assignments of one header.
    """
    titles = [_header(gradebook.titles[id], (ids or {}).get(id, "")) for id in gradebook.assignments]
    if len(set(titles)) != len(titles):
        raise UsageError(
            "two assignments have one title, and Canvas would take them for one",
            where=", ".join(one_line(title) for title in titles),
            fix="give each its Canvas number",
        )
    maxima = [number(gradebook.max_scores[id]) for id in gradebook.assignments]
    posted = {row.student.id: _scores(row, gradebook) for row in before.rows} if before is not None else {}
    rows: list[Sequence[str]] = []
    left_out: list[Rejected] = []
    same = 0
    for row in gradebook.rows:
        scores = _scores(row, gradebook)
        keys = _keys(row.student)
        where = f"{one_line(row.student.id)} {one_line(row.student.name)}".strip()
        if posted.get(row.student.id) == scores:
            same += 1
        elif not any(scores):
            reasons = "; ".join(dict.fromkeys(row.entries[id].reason for id in gradebook.assignments))
            left_out.append(Rejected(where=where, reason=f"no score: {reasons}"))
        elif not any(keys) and (is_formula(row.student.name) or not row.student.name):
            reason = "no id and no name that Canvas could find the student by; take the roster from Canvas' gradebook"
            left_out.append(Rejected(where=where, reason=reason))
        else:
            rows.append([_name(row.student), *keys, label(row.student.section), *scores])
    left_out += [
        Rejected(where=one_line(row.student.id), reason="not on the roster, so Canvas would have no row for it")
        for row in gradebook.unknown
    ]
    table = [[*HEADER, *titles], [POINTS_POSSIBLE, "", "", "", "", *maxima], *rows]
    return Sheet(data=render(table).encode(), rows=len(rows), left_out=tuple(left_out))


def _header(title: str, id: str) -> str:
    told = one_line(title)
    if id:
        if not _DIGITS.fullmatch(id):
            fix = "copy the number in brackets from the header of a gradebook that was downloaded"
            raise UsageError(f"`{one_line(id)}` is no number of a Canvas assignment", where=told, fix=fix)
        header = f"{label(title)} ({id})"
    elif is_formula(title) or _ENDS_IN_ID.fullmatch(title) or told != title:
        what = "Canvas would not find an assignment of this title"
        raise UsageError(what, where=told, fix="give the number that Canvas has for it")
    else:
        header = title
    if _TOTALS.search(header) or not title.strip():
        what = "Canvas passes over a column of this name"
        raise UsageError(what, where=told, fix="give the assignment another title")
    return header


def _scores(row: Row, gradebook: Gradebook) -> Sequence[str]:
    return [points(row.entries[id].score) if id in row.entries else "" for id in gradebook.assignments]


def _keys(student: Enrolled) -> Sequence[str]:
    """Give Canvas id, SIS user id and SIS login id, those that survive a spreadsheet and Canvas' own converter."""
    canvas = student.others.get("canvas_id", "")
    # A roster of another origin has the university's own number, which is what Canvas calls the SIS id.
    sis = student.others.get("sis_id", "") or (student.id if student.id not in (canvas, student.login) else "")
    keys = [canvas if _DIGITS.fullmatch(canvas) else "", sis, student.login]
    return [
        key if one_line(key) == key and not is_formula(key) and not _REWRITTEN.fullmatch(key) else "" for key in keys
    ]


def _name(student: Enrolled) -> str:
    # Canvas takes a row whose first cell has these words for the row of maxima.
    return label(student.name).replace("Points Possible", "Points possible")
