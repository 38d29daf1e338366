"""Finds the columns of a Moodle grading worksheet, whose headings are in the site's language.

In: headings and rows. Out: which column is which.
The rule: what stands in a column comes first, then how the headings relate, then known words. Identifiers are one word
and a number of their own ("Participant 12", "참가자12"); of the times one names the grade in brackets ("Last modified
(grade)"), and that word heads the grades; comments follow that time; the maximum, one number for all, follows the
grades, and whether they can be changed follows the maximum. What cannot be told is an error, and `Columns` answers it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.errors import UsageError
from grader.rosters import same
from grader.sheets import Cell
from grader.text import one_line

NUMBER = re.compile(r"[0-9]{1,9}(?:[.,][0-9]{1,5})?")
NO = frozenset("no nein non não nee nej nie ne ez hayır нет ні 아니오 아니요 いいえ 否 لا".split())  # noqa: SIM905 - as a list it fills a page
# Where the brackets do not repeat the grades' heading, because the language bends the word.
_GRADES = frozenset(
    "grade bewertung note nota calificación puntuación qualificació valutazione avaliação cijfer beoordeling ocena not"  # noqa: SIM905
    " kalifikazioa оценка 성적 평점 評点 評定 成绩 成績".split()
)
_IDENTIFIER = re.compile(r"([^0-9@]{2,40}?)\s*([0-9]{1,18})")
_IN_BRACKETS = re.compile(r".*[(（](.+)[)）]\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Headings, where they cannot be found out; empty: find out."""

    identifier: str = ""
    grade: str = ""
    comment: str = ""
    maximum: str = ""
    changeable: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Columns by number, from 0."""

    identifier: int
    grade: int
    comment: int | None
    maximum: int | None
    changeable: int | None


def find_columns(headings: Sequence[str], rows: Sequence[Sequence[Cell]], named: Columns, where: str) -> Places:
    """Find the columns of a worksheet.

    Args:
        headings: its first row.
        rows: all others.
        named: what the user said; it counts before anything that is found.
        where: the file's name, for errors.

    Raises:
        UsageError: no column for identifiers or grades, a name that is no heading or two, or grades that are words.
    """
    body = [[cell.text.strip() for cell in row] for row in rows if len(row) == len(headings)]
    body = [row for row in body if any(row)]
    identifier = _named(headings, named.identifier, where)
    if identifier is None:
        identifier = next((column for column in range(len(headings)) if _is_identifier(body, column)), None)
    paired, modified = _times(headings)
    grade = _named(headings, named.grade, where)
    if grade is None:
        grade = paired if paired is not None else _grade_column(headings, body)
    if identifier is None or grade is None:
        what = "identifiers (a word and a number)" if identifier is None else "grades"
        raise UsageError(
            f"no column of the worksheet has the {what}",
            where=f"{where}, the headings are {one_line(', '.join(headings), limit=500)}",
            fix="download the worksheet in Moodle (Offline grading worksheet has to be on), or name the columns",
        )
    maximum = _named(headings, named.maximum, where)
    if maximum is None and _is_one_number(body, grade + 1):
        maximum = grade + 1
    elif maximum is None and _is_scale(body, grade + 1):
        what, fix = "Moodle grades this assignment with words (a scale)", "set its grade type to points in Moodle"
        raise UsageError(what, where=where, fix=f"{fix} and download the worksheet again")
    changeable = _named(headings, named.changeable, where)
    if changeable is None:
        changeable = _words(body, grade + 1 if maximum is None else maximum + 1)
    comment = _named(headings, named.comment, where)
    if comment is None and modified is not None and modified + 1 < len(headings):
        comment = modified + 1
    return Places(identifier=identifier, grade=grade, comment=comment, maximum=maximum, changeable=changeable)


def _named(headings: Sequence[str], heading: str, where: str) -> int | None:
    if not heading:
        return None
    found = [column for column, text in enumerate(headings) if same(text) == same(heading)]
    if len(found) != 1:
        told = one_line(", ".join(headings), limit=500)
        fix = f"the headings are {told}"
        raise UsageError(f"{len(found)} columns are called `{one_line(heading)}`", where=where, fix=fix)
    return found[0]


def _is_identifier(body: Sequence[Sequence[str]], column: int) -> bool:
    """Whether every cell is the same word and a number of its own."""
    found = [_IDENTIFIER.fullmatch(row[column]) for row in body]
    matches = [match for match in found if match is not None]
    is_whole = bool(found) and len(matches) == len(found)
    return is_whole and len({m[1] for m in matches}) == 1 and len({m[2] for m in matches}) == len(matches)


def _times(headings: Sequence[str]) -> tuple[int | None, int | None]:
    """Give the columns of the grade and of its time: the last heading with the grade's heading in brackets."""
    names = [same(heading) for heading in headings]
    brackets = {column: match[1] for column, text in enumerate(headings) if (match := _IN_BRACKETS.fullmatch(text))}
    for column in reversed(brackets):
        if names.count(same(brackets[column])) == 1:
            return names.index(same(brackets[column])), column
    return None, max(brackets, default=None)


def _grade_column(headings: Sequence[str], body: Sequence[Sequence[str]]) -> int | None:
    known = [column for column, heading in enumerate(headings) if same(heading) in _GRADES]
    if len(known) == 1:
        return known[0]
    # One number for all is the maximum, and the grades stand before it.
    before = [c for c in range(1, len(headings) - 1) if _is_one_number(body, c + 1) and _is_grades(body, c)]
    return before[0] if len(before) == 1 else None


def _is_one_number(body: Sequence[Sequence[str]], column: int) -> bool:
    values = {row[column] for row in body if column < len(row)}
    return len(values) == 1 and NUMBER.fullmatch(values.pop()) is not None


def _is_scale(body: Sequence[Sequence[str]], column: int) -> bool:
    """Whether every row lists the same words, with commas, which is how Moodle tells a scale."""
    values = {row[column] for row in body if column < len(row)}
    return len(values) == 1 and re.fullmatch(r"[^0-9]+,[^0-9]+", values.pop()) is not None


def _is_grades(body: Sequence[Sequence[str]], column: int) -> bool:
    return all(row[column] in ("", "-") or NUMBER.fullmatch(row[column]) for row in body)


def _words(body: Sequence[Sequence[str]], column: int) -> int | None:
    """Give the column if it says yes or no: one or two words, without a digit."""
    values = {row[column] for row in body if column < len(row)}
    is_answer = 1 <= len(values) <= 2 and all(value.isalpha() and len(value) <= 12 for value in values)
    return column if is_answer else None
