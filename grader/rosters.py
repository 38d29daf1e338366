"""Reads who is enrolled from any usual CSV, and finds the student whom a delivery belongs to.

In: a roster file: a plain one, a Canvas gradebook export, Moodle's participants or grading worksheet, Gradescope's.
Out: a `Roster`; a `Directory` that finds its students.
The rule: every row is a student or a `Rejected` with its row and reason. Of two rows with one id the first counts.

A student's id is the file's own student number where it has one, else the login, the e-mail address, or the platform's
id. Canvas fills in its SIS columns for some schools only, so there the first of SIS id, login and Canvas id counts that
every row has. Names and ids are NFC: macOS writes Hangul as loose letters that no comparison matches.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.cohort import Delivery, Enrolled, Rejected, Roster
from grader.errors import UsageError
from grader.headings import FIELDS, field_of, plain
from grader.records import Notice
from grader.sheets import Cell, parse, read_bytes, unguard
from grader.text import one_line

_HEADER_WITHIN = 20  # rows: exports of Korean systems have a title above the column names
_KEYS = ("id", "sis_id", "login", "email", "canvas_id", "moodle_id")
_CANVAS_KEYS = ("sis_id", "login", "canvas_id")
_OTHERS = ("sis_id", "canvas_id", "moodle_id", "first_name", "last_name")
_TOO_LONG = 500  # characters of one cell of a roster

_SPREADSHEET_TEXT = re.compile(r'="([^"]*)"')  # how Excel is told not to take an id for a number
# Blanks without width and marks of writing direction: they come along with names that are copied from a web page.
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_EXPONENT = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+", re.IGNORECASE)
# A Canvas export's own rows; "Student, Test" is its test student.
_CANVAS_ROWS = re.compile(r"\s*(?:Points Possible|Student, Test|Test Student)\s*")
_MANUAL_POSTING = re.compile(r"\s*(?:Muted|Manual Posting.*)?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    number: int
    values: Mapping[str, str]  # by field
    others: Mapping[str, str]  # by heading


def read_roster(path: Path) -> Roster:
    """Read a roster.

    Args:
        path: a CSV file, UTF-8, UTF-16 or CP949, divided by `,` `;` or tabs, its columns named in any of a dozen
            languages.

    Returns:
        The students in the file's order; every row that is none of them under `rejected`, every guess under `notices`.

    Raises:
        UsageError: the file cannot be read, is no table, has no column that tells students apart, or has no student.
    """
    where = one_line(path.name)
    table = parse(read_bytes(path), where)
    at = _find_header(table.rows, where)
    headings = [_clean(cell.text) for cell in table.rows[at]]
    is_canvas = _is_canvas(headings)
    fields = _fields(headings, is_canvas=is_canvas)
    rejected: list[Rejected] = []
    rows = list(_read_rows(table.rows, at, headings, fields, rejected, where, is_canvas=is_canvas))
    students = _enrol(rows, _key(rows, fields, is_canvas=is_canvas), rejected, where)
    if not students:
        reasons = f"; {rejected[0].where}: {rejected[0].reason}" if rejected else ""
        raise UsageError(
            f"no row of the roster is a student{reasons}", where=where, fix="fill in one row for each student"
        )
    notices = [*table.notices, *_shared(students, where)]
    if at and any(cell.text.strip() for row in table.rows[:at] for cell in row):
        notices.append(Notice(text=f"the {at} rows above the column names were passed over", where=where))
    return Roster(students=tuple(students), source=str(path), rejected=tuple(rejected), notices=tuple(notices))


class Directory:
    """A roster's students by everything that a platform may call them.

    Built once, in time linear in the roster; a look-up is a few dictionary look-ups.
    """

    def __init__(self, roster: Roster) -> None:
        self._by: dict[str, dict[str, Enrolled | None]] = {kind: {} for kind in (*_KEYS, "name")}
        for student in roster.students:
            for kind in _KEYS:
                self._add(kind, _value(student, kind), student)
            # "Kim, Minsu" is how Canvas writes Minsu Kim.
            for form in {same(student.name), same(_swapped(student.name))}:
                self._add("name", form, student)

    def find(self, *, key: str = "", email: str = "", name: str = "") -> Enrolled | None:
        """Find a student by id, login, e-mail address or platform id, else by an exact name that only one has.

        Args:
            key: what a platform calls the student; compared with every kind of id, then with names.
            email: compared with e-mail addresses only.
            name: compared with names only, "Kim, Minsu" like "Minsu Kim".

        Returns:
            The student; None where nobody fits, or several do.
        """
        found = self.by_id(key)
        if found is None and email:
            found = self._by["email"].get(same(email))
        return found or self.by_name(name) or self.by_name(key)

    def by_id(self, text: str) -> Enrolled | None:
        """Find a student by any kind of id, an e-mail address included."""
        wanted = same(text)
        found = (self._by[kind].get(wanted) for kind in _KEYS)
        return next((student for student in found if student is not None), None) if wanted else None

    def by_name(self, text: str) -> Enrolled | None:
        """Find a student by a name that no other student has, in either order of its halves."""
        forms = [same(text), same(_swapped(text))]
        found = (self._by["name"].get(form) for form in forms if form)
        return next((student for student in found if student is not None), None)

    def match(self, delivery: Delivery) -> Enrolled | None:
        """Find whom a delivery belongs to."""
        return self.find(key=delivery.student, email=delivery.email, name=delivery.name)

    def _add(self, kind: str, text: str, student: Enrolled) -> None:
        if text:
            known = self._by[kind]
            # What two students share names neither of them.
            known[same(text)] = None if same(text) in known else student


def match(roster: Roster, delivery: Delivery) -> Enrolled | None:
    """Find whom a delivery belongs to; for many deliveries build one `Directory`."""
    return Directory(roster).match(delivery)


def same(text: str) -> str:
    """Give the form of a name or id that two spellings of it share: NFC, without case, blanks joined."""
    return unicodedata.normalize("NFC", " ".join(text.split()).casefold())


def _find_header(rows: Sequence[Sequence[Cell]], where: str) -> int:
    best = ""
    for at, row in enumerate(rows[:_HEADER_WITHIN]):
        headings = [_clean(cell.text) for cell in row]
        if set(_fields(headings, is_canvas=_is_canvas(headings))) & set(_KEYS):
            return at
        best = best or ", ".join(heading for heading in headings if heading)
    raise UsageError(
        "no column tells the students apart",
        where=f"{where}, the columns are {one_line(best)}",
        fix="name one column `id` (or `student id`, `sid`, `login`, `email`, `학번`), in the first row",
    )


def _is_canvas(headings: Sequence[str]) -> bool:
    names = {plain(heading) for heading in headings}
    return "id" in names and "section" in names and bool(names & {"student", "lastname"})


def _fields(headings: Sequence[str], *, is_canvas: bool) -> dict[str, int]:
    """Give the column of each field; of two columns that fit, the first."""
    fields: dict[str, int] = {}
    for column, heading in enumerate(headings):
        field = field_of(heading)
        if is_canvas and field == "id":
            field = "canvas_id"
        if field:
            fields.setdefault(field, column)
    # "이름" and "nom" are the whole name, unless another column has the other half.
    if "name" in fields and "first_name" not in fields and "last_name" in fields:
        fields["first_name"] = fields.pop("name")
    if "name" in fields and "first_name" in fields and "last_name" not in fields:
        fields["last_name"] = fields.pop("name")
    return fields


def _read_rows(
    rows: Sequence[Sequence[Cell]],
    header: int,
    headings: Sequence[str],
    fields: Mapping[str, int],
    rejected: list[Rejected],
    where: str,
    *,
    is_canvas: bool,
) -> Iterable[_Row]:
    taken = set(fields.values())
    for number, row in enumerate(rows[header + 1 :], start=header + 2):
        cells = [_clean(cell.text) for cell in row]
        place = f"{where}, row {number}"
        if not any(cells):
            rejected.append(Rejected(where=place, reason="the row is blank"))
        elif is_canvas and (_CANVAS_ROWS.fullmatch(cells[0]) or all(map(_MANUAL_POSTING.fullmatch, cells))):
            rejected.append(Rejected(where=place, reason=f"a row of Canvas itself, no student: {one_line(cells[0])}"))
        elif len(cells) > len(headings) and any(cells[len(headings) :]):
            reason = f"{len(cells)} cells under {len(headings)} column names; put a cell with a comma in quotes"
            rejected.append(Rejected(where=place, reason=reason))
        elif any(len(cell) > _TOO_LONG for column, cell in enumerate(cells) if column in taken):
            rejected.append(Rejected(where=place, reason=f"a cell is longer than {_TOO_LONG} characters; correct it"))
        else:
            cells += [""] * (len(headings) - len(cells))
            values = {field: cells[column] for field, column in fields.items()}
            extra = {
                heading: cells[column]
                for column, heading in enumerate(headings)
                if column not in taken and heading and cells[column] and not is_canvas and "moodle_id" not in fields
            }
            yield _Row(number=number, values=values, others=extra)


def _key(rows: Sequence[_Row], fields: Mapping[str, int], *, is_canvas: bool) -> str:
    if is_canvas:
        full = [key for key in _CANVAS_KEYS if key in fields and all(row.values[key] for row in rows)]
        return full[0] if full else "canvas_id"
    # Moodle writes its column of student numbers even where no one has any.
    present = [key for key in _KEYS if key in fields]
    return next((key for key in present if any(row.values[key] for row in rows)), present[0])


def _enrol(rows: Sequence[_Row], key: str, rejected: list[Rejected], where: str) -> list[Enrolled]:
    students: list[Enrolled] = []
    seen: dict[str, int] = {}
    for row in rows:
        place, id = f"{where}, row {row.number}", row.values[key]
        if not id:
            # The name helps to find the row; it is not an id.
            who = one_line(_name(row.values)) or "nobody"
            reason = f"no {FIELDS[key]} for {who}; fill it in"
        elif _EXPONENT.fullmatch(id):
            reason = f"a spreadsheet wrote the id as {id} and lost its digits; format the column as text and save again"
        elif same(id) in seen:
            reason = (
                f"the id {one_line(id)} is already in row {seen[same(id)]}, which counts; give each student one row"
            )
        else:
            seen[same(id)] = row.number
            students.append(_student(row, id))
            continue
        rejected.append(Rejected(where=place, reason=reason))
    rejected.sort(key=lambda item: int(item.where.rpartition(" ")[2]))
    return students


def _student(row: _Row, id: str) -> Enrolled:
    values = row.values
    others = dict(row.others) | {kind: values[kind] for kind in _OTHERS if values.get(kind)}
    return Enrolled(
        id=id,
        name=_name(values),
        email=values.get("email", ""),
        login=values.get("login", ""),
        section=values.get("section", ""),
        language=values.get("language", ""),
        others=others,
    )


def _name(values: Mapping[str, str]) -> str:
    if values.get("name"):
        return values["name"]
    first, last = values.get("first_name", ""), values.get("last_name", "")
    # A Korean, Chinese or Japanese name is written family name first and without a blank.
    if first and last and all(_is_east_asian(letter) for letter in first + last):
        return last + first
    return f"{first} {last}".strip()


def _is_east_asian(letter: str) -> bool:
    return "\uac00" <= letter <= "\ud7a3" or "\u3040" <= letter <= "\u30ff" or "\u4e00" <= letter <= "\u9fff"


def _swapped(name: str) -> str:
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() and last.strip() else ""


def _value(student: Enrolled, kind: str) -> str:
    match kind:
        case "id" | "login" | "email":
            return str(getattr(student, kind))
        case _:
            return student.others.get(kind, "")


def _shared(students: Sequence[Enrolled], where: str) -> Iterable[Notice]:
    for kind in ("login", "email"):
        counts = Counter(same(_value(student, kind)) for student in students if _value(student, kind))
        several = sorted(text for text, count in counts.items() if count > 1)
        if several:
            told = ", ".join(one_line(text) for text in several[:5]) + (", ..." if len(several) > 5 else "")
            yield Notice(text=f"several students share one {kind} and are not found by it: {told}", where=where)


def _clean(text: str) -> str:
    wrapped = _SPREADSHEET_TEXT.fullmatch(text.strip())
    text = _INVISIBLE.sub("", wrapped[1] if wrapped else text)
    return unguard(unicodedata.normalize("NFC", " ".join(text.split())))
