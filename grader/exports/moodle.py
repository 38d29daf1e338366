"""Fills the grading worksheet that Moodle gives for one assignment, in whatever language the site speaks.

In: the bytes of a worksheet as it was downloaded ("Download grading worksheet"), a Gradebook and one assignment's id.
Out: the same bytes with grades and comments filled in, and a list of what Moodle will not take.
The rule: a worksheet is filled and never built, because its identifiers exist in Moodle only and its headings are
translated. Every byte beyond the filled cells stays: delimiter, quotes, byte order mark, line ends, encoding.

Specification: mod/assign/feedback/offline of moodle/moodle. Its columns
are found by `grader.exports.moodle_columns`.

Moodle skips a row, without a word, whose grade is empty, unchanged, below 0, above the maximum or locked, or whose
grade in Moodle is newer than the worksheet by a minute (unless "ignore modified" is chosen). What can be seen here is
listed; the times cannot, and are left as they are so that Moodle can compare them.

A grade is written with a point, which Moodle reads on every site, a comma only on some. Comments become HTML, as Moodle
shows them: `<` stays visible, and a character that could start a formula is an entity: inert in a spreadsheet, itself
on the student's screen. So are quotes and backslashes: PHP's CSV reader takes a backslash before a quote for an escape
and would run on into the next rows.
"""

import html
import re
from collections.abc import Iterable, Sequence

from grader.cohort import Enrolled, Entry, Gradebook, Rejected, Roster
from grader.errors import UsageError
from grader.exports.moodle_columns import NO, NUMBER, Columns, Places, find_columns
from grader.records import Notice
from grader.rosters import Directory, same
from grader.sheets import Cell, Sheet, Table, parse, replace_cells
from grader.text import number, one_line, printable, tidy

_COMMENT = 4_000  # characters
# Before each of these, a spreadsheet could start a formula somewhere; a hyphen within a word or a range never does.
_ACTIVE = re.compile(r"[=+@＝＋－＠\\]|(?<![0-9A-Za-z])-")


def fill_worksheet(
    worksheet: bytes,
    gradebook: Gradebook,
    assignment: str,
    *,
    where: str = "worksheet",
    columns: Columns | None = None,
    rescale: bool = False,
) -> Sheet:
    """Fill in one assignment's grades and comments.

    Args:
        worksheet: the file as Moodle gave it.
        gradebook: rows are joined to it by e-mail address, id, login or Moodle identifier, else by a unique name.
        assignment: which of the gradebook's.
        where: the file's name, for messages.
        columns: headings that cannot be found out.
        rescale: a worksheet out of other points than the assignment gets the same share of them; else it is refused.

    Returns:
        The filled file, how many students have a grade in it, and everyone whom Moodle would skip, with the reason.

    Raises:
        UsageError: no worksheet, a column that cannot be found, or other points than the assignment has.
    """
    table = parse(worksheet, where)
    at = next(number for number, row in enumerate(table.rows) if any(cell.text.strip() for cell in row))
    headings, rows = [cell.text.strip() for cell in table.rows[at]], table.rows[at + 1 :]
    places = find_columns(headings, rows, columns or Columns(), where)
    filler = _Filler(gradebook, assignment, places, where, rescale=rescale)
    for number_, row in enumerate(rows, start=at + 2):
        if any(cell.text.strip() for cell in row):
            filler.fill(row, number_, len(headings))
    return Sheet(
        data=replace_cells(table, filler.changes),
        rows=filler.graded,
        left_out=(*filler.left_out, *filler.missing()),
        notices=tuple(_notices(table, places, filler, where)),
    )


class _Filler:
    """One pass over a worksheet's rows: what changes, and who is left out."""

    def __init__(self, gradebook: Gradebook, assignment: str, places: Places, where: str, *, rescale: bool) -> None:
        if assignment not in gradebook.assignments:
            fix = f"the assignments are {', '.join(gradebook.assignments)}"
            raise UsageError(f"the gradebook has no `{one_line(assignment)}`", where=where, fix=fix)
        self.changes: list[tuple[Cell, str]] = []
        self.left_out: list[Rejected] = []
        self.graded = 0
        self.unchanged = 0
        self._places, self._where, self._rescale = places, where, rescale
        self._max = gradebook.max_scores[assignment]
        self._entries = {row.student.id: row.entries[assignment] for row in gradebook.rows}
        self._students = Roster(students=tuple(row.student for row in gradebook.rows))
        self._directory = Directory(self._students)
        self._done: dict[str, int] = {}

    def fill(self, row: Sequence[Cell], line: int, width: int) -> None:
        place = f"{self._where}, row {line}"
        if len(row) != width:
            reason = f"{len(row)} cells under {width} headings; download the worksheet again"
            self.left_out.append(Rejected(where=place, reason=reason))
            return
        student = self._find(row)
        told = one_line(" ".join(cell.text for cell in row[:2]))
        if student is None:
            reason = f"{told} is nobody on the roster, or a name that several have; add an e-mail address to the roster"
            self.left_out.append(Rejected(where=place, reason=reason))
        elif student.id in self._done:
            reason = f"{told} is the same student as row {self._done[student.id]}, which counts"
            self.left_out.append(Rejected(where=place, reason=reason))
        else:
            self._done[student.id] = line
            entry = self._entries[student.id]
            reason = self._grade(row, entry, place)
            if reason:
                self.left_out.append(Rejected(where=f"{place}, {one_line(student.id)}", reason=reason))
            self._comment(row, entry)

    def missing(self) -> Iterable[Rejected]:
        """Give those who have a score and no row: Moodle gave none for them."""
        for student in self._students.students:
            if student.id not in self._done and self._entries[student.id].score is not None:
                where = f"{one_line(student.id)} {one_line(student.name)}".strip()
                yield Rejected(where=where, reason=f"no row of {self._where} is this student; enrol them in Moodle")

    def _find(self, row: Sequence[Cell]) -> Enrolled | None:
        texts = [
            cell.text.strip()
            for column, cell in enumerate(row)
            # A number may be anybody's points, and the student's own words may be anybody's name.
            if column < self._places.grade and cell.text.strip() and len(cell.text) <= 500
        ]
        emails = [text for text in texts if "@" in text]
        for text in emails + texts:
            student = self._directory.by_id(text)
            if student is not None:
                return student
        for text in texts:
            student = self._directory.by_name(text)
            # Another address under the same name may be another person.
            if student is not None and not (student.email and emails):
                return student
        return None

    def _grade(self, row: Sequence[Cell], entry: Entry, place: str) -> str:
        """Note a grade to be filled in, or say why there is none."""
        if entry.score is None:
            return f"no score: {entry.reason}"
        locked = self._places.changeable
        if locked is not None and same(row[locked].text) in NO:
            return "Moodle has locked this grade and would skip the row"
        maximum = self._maximum(row, place)
        score = tidy(entry.score if maximum is None else entry.score * maximum / self._max)
        limit = self._max if maximum is None else maximum
        if score > limit:
            return f"{number(score)} points are more than the maximum, {number(limit)}, and Moodle would skip the row"
        cell = row[self._places.grade]
        if NUMBER.fullmatch(cell.text.strip()) and _read(cell.text) == score:
            self.unchanged += 1
        else:
            self.changes.append((cell, number(score)))
        self.graded += 1
        return ""

    def _maximum(self, row: Sequence[Cell], place: str) -> float | None:
        """Give the worksheet's maximum where it is another than the assignment's."""
        column = self._places.maximum
        if column is None or not NUMBER.fullmatch(row[column].text.strip()):
            return None
        maximum = _read(row[column].text)
        if abs(maximum - self._max) < 0.005:
            return None
        if not self._rescale or self._max <= 0:
            raise UsageError(
                f"Moodle grades out of {number(maximum)}, the assignment has {number(self._max)} points",
                where=place,
                fix="set the maximum grade in Moodle and download the worksheet again, or ask to rescale",
            )
        return maximum

    def _comment(self, row: Sequence[Cell], entry: Entry) -> None:
        column = self._places.comment
        if column is not None and entry.comment:
            text = to_html(entry.comment)
            if text != row[column].text:
                self.changes.append((row[column], text))


def to_html(comment: str) -> str:
    """Write a comment for Moodle's editor: it shows as it was typed, and is no formula and no end of its cell."""
    lines = (html.escape(line) for line in printable(comment, limit=_COMMENT).split("\n"))
    # Entities first made are kept whole: none of them holds a character that is turned into one.
    return "<br>".join(_ACTIVE.sub(lambda found: f"&#{ord(found.group())};", line) for line in lines)


def _read(text: str) -> float:
    return float(text.strip().replace(",", "."))


def _notices(table: Table, places: Places, filler: _Filler, where: str) -> Iterable[Notice]:
    yield from table.notices
    if filler.unchanged:
        yield Notice(text=f"{filler.unchanged} grades were there already; Moodle leaves them as they are", where=where)
    if table.delimiter != "," or table.encoding != "utf-8":
        mark = {",": "comma", ";": "semicolon", "\t": "tab"}[table.delimiter]
        text = f"choose separator `{mark}` and encoding `{table.encoding.upper()}` when it is uploaded"
        yield Notice(text=text, where=where)
    if places.comment is None:
        yield Notice(text="the worksheet has no column for comments; turn on Feedback comments in Moodle", where=where)
