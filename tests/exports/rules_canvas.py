"""Canvas' gradebook importer, as far as its rules decide what a file of ours does to a course.

In: a file's bytes and a course: its students and assignments. Out: every score that would be set, and what would be
made anew. Written from the rules of lib/gradebook_importer.rb: the parsing is Python's own, not ours.
"""

import csv
import io
import re
from dataclasses import dataclass, field

TOTALS = re.compile(
    "|".join(f"{a} {b}" for a in ("Current", "Final") for b in ("Score", "Points", "Grade")) + "|Override"
)


class InvalidHeaderError(Exception):
    """Canvas refuses the file."""


@dataclass
class CanvasUser:
    id: int
    name: str = ""
    sis_id: str = ""
    login: str = ""


@dataclass
class Course:
    users: list[CanvasUser]
    assignments: dict[int, str]
    scores: dict[tuple[int, int], str] = field(default_factory=dict)  # (user, assignment) -> "80" or "" (deleted)
    new_assignments: list[str] = field(default_factory=list)
    new_students: list[str] = field(default_factory=list)
    points_possible: dict[int, str] = field(default_factory=dict)


def import_gradebook(data: bytes, course: Course) -> Course:
    """Do to a course what Canvas would."""
    text = data.decode("utf-8")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text), strict=True))
    rows = [[convert(cell) for cell in row] for row in rows if row]
    header = rows[0]
    info = _info_columns(header)
    columns = {header.index(name): _assignment(name, course) for name in header[info:] if not TOTALS.search(name)}
    for row in rows[1:]:
        if "Points Possible" in row[0]:
            course.points_possible = {id: row[column] for column, id in columns.items()}
        elif not all(re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell, re.IGNORECASE) for cell in row):
            user = _student(row, course)
            for column, id in columns.items():
                course.scores[user, id] = row[column].strip()
    return course


def delimiter(text: str) -> str:
    """Count fields in the first three lines, each parsed alone; only a count that is the same in all of them counts."""
    lines = text.split("\n")[:3]
    counts = {}
    for mark in ";,":
        try:
            fields = {len(next(csv.reader([line], delimiter=mark, strict=True), [])) for line in lines}
        except csv.Error:
            fields = set()
        counts[mark] = fields.pop() if len(fields) == 1 else 0
    return ";" if counts[";"] > counts[","] else ","


def convert(cell: str) -> str:
    """The last separator of anything that looks like a number becomes the decimal point, and all others go."""
    if not re.fullmatch(r"-?[0-9.,]+%?", cell):
        return cell
    *parts, last = re.split("[,.]", cell)
    return f"{''.join(parts)}.{last}" if parts else last


def _info_columns(header: list[str]) -> int:
    if len(header) <= 3 or "Student" not in header[0] or "ID" not in header[1]:
        raise InvalidHeaderError(header)
    count = 3
    if re.search(r"SIS\s+Login\s+ID", header[2]):
        count += 1
    elif re.search(r"SIS\s+User\s+ID", header[2]) and re.search(r"SIS\s+Login\s+ID", header[3]):
        count += 2
    if "Section" not in header[count - 1]:
        raise InvalidHeaderError(header)
    return count


def _assignment(name: str, course: Course) -> int:
    match = re.fullmatch(r"(.*) ?\((\d+)\)", name)
    if match and int(match[2]) in course.assignments:
        return int(match[2])
    for id, title in course.assignments.items():
        if title == name:
            return id
    course.new_assignments.append(name)
    return -len(course.new_assignments)


def _student(row: list[str], course: Course) -> int:
    name, id, sis, login = row[:4]
    for user in course.users:
        if id and id == str(user.id):
            return user.id
    for key, attribute in ((sis, "sis_id"), (login, "login")):
        for user in course.users:
            if key and getattr(user, attribute) == key:
                return user.id
    for user in course.users:
        if user.name == name:
            return user.id
    course.new_students.append(name)
    return -len(course.new_students)
