"""Moodle's grading worksheet: how it is downloaded in several languages, and what its importer does with a filled one.

In: a site's language and the students' state; later the filled file. Out: a worksheet; or the grades that would be set
and who would be skipped. Written from the rules of mod/assign/feedback/offline: the parsing is a small copy of PHP's,
which takes a backslash before a quote for an escape.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

# recordid, hiddenuser, fullname, email, status, grade, maxgrade, gradecanbechanged, lastmodifiedsubmission,
# lastmodifiedgrade, feedback comments, yes, no, decimal separator
LANGUAGES: dict[str, tuple[str, ...]] = {
    "en": (
        *("Identifier", "Participant ", "Full name", "Email address", "Status", "Grade", "Maximum grade"),
        *("Grade can be changed", "Last modified (submission)", "Last modified (grade)", "Feedback comments"),
        *("Yes", "No", "."),
    ),
    "ko": (
        *("식별자", "참가자", "성명", "이메일 주소", "상태", "성적", "최대 성적"),
        *("Grade can be changed", "마지막 수정됨(제출)", "마지막 수정됨(성적)", "피드백 덧글", "예", "아니오", "."),
    ),
    "de": (
        *("ID", "Teilnehmer/in", "Vollständiger Name", "E-Mail-Adresse", "Status", "Bewertung", "Bestwertung"),
        *("Bewertung kann geändert werden", "Zuletzt geändert (Abgabe)", "Zuletzt geändert (Bewertung)"),
        *("Feedback als Kommentar", "Ja", "Nein", ","),
    ),
    "es": (
        *("Identificador", "Participante", "Nombre completo", "Dirección de correo", "Estado", "Calificación"),
        *("Calificación máxima", "La calificación puede cambiarse", "Última modificación (envío)"),
        *("Última modificación (calificación)", "Comentarios de retroalimentación", "Sí", "No", ","),
    ),
    "sl": (
        *("Identifikator", "Udeleženec ", "Polno ime", "E-poštni naslov", "Status", "Ocena", "Najvišja ocena"),
        *("Oceno je mogoče spremeniti", "Zadnja sprememba (oddaje)", "Zadnja sprememba (ocene)"),
        *("Odziv s komentarji", "Da", "Ne", ","),
    ),
    "ja": (
        *("ID", "参加者 ", "フルネーム", "メールアドレス", "ステータス", "評点", "最大評点", "評点変更可"),
        *("最終更新日時 (提出)", "最終更新日時 (評点)", "フィードバックコメント", "Yes", "No", "."),
    ),
    # A language that no list of ours knows, its words bent in brackets.
    "xx": (
        *(
            "Qed",
            "Wot ",
            "Zun",
            "Mel",
            "Sto",
            "Gra",
            "Maks",
            "Chen",
            "Las (sub)",
            "Las (grade-of)",
            "Fib",
            "Ai",
            "Nai",
            ".",
        ),
    ),
}


@dataclass(kw_only=True)
class MoodleUser:
    number: int  # the unique id of this assignment
    name: str
    email: str
    grade: float | None = None
    locked: bool = False
    modified: str = "-"
    is_newer: bool = False  # graded in Moodle after the download
    comment: str = ""


@dataclass
class Imported:
    grades: dict[int, float] = field(default_factory=dict)
    comments: dict[int, str] = field(default_factory=dict)
    skipped: dict[int, str] = field(default_factory=dict)


def download(
    users: Sequence[MoodleUser],
    *,
    language: str = "en",
    maximum: float = 100,
    delimiter: str = ",",
    newline: str = "\n",
) -> str:
    """Write the worksheet of an assignment as a site of that language does."""
    *headings, yes, no, point = LANGUAGES[language]
    prefix = headings.pop(1)

    def decimal(value: float | None) -> str:
        return "" if value is None else f"{value:.2f}".replace(".", point)

    rows = [headings]
    for user in users:
        cells = [f"{prefix}{user.number}", user.name, user.email, "-", decimal(user.grade), decimal(maximum)]
        rows.append([*cells, no if user.locked else yes, "-", user.modified, user.comment])
    return "".join(delimiter.join(_quoted(cell, delimiter) for cell in row) + newline for row in rows)


def _quoted(cell: str, delimiter: str) -> str:
    """Quote as PHP's fputcsv does: a blank is enough."""
    return '"' + cell.replace('"', '""') + '"' if re.search(rf'[\s"\\{delimiter}]', cell) else cell


def import_worksheet(
    text: str, users: Sequence[MoodleUser], *, language: str = "en", maximum: float = 100, delimiter: str = ","
) -> Imported:
    """Do what the importer does, and note why it skips a row: it would not say."""
    names, prefix, point = LANGUAGES[language], LANGUAGES[language][1], LANGUAGES[language][-1]
    rows = php_csv(text.removeprefix("\ufeff"), delimiter)
    header = rows[0]
    id, grade, modified = header.index(names[0]), header.index(names[5]), header.index(names[9])
    comment = header.index(names[10])
    by_number = {str(user.number): user for user in users}
    result = Imported()
    for row in rows[1:]:
        assert len(row) == len(header), "Moodle refuses the whole file"
        user = by_number[row[id][len(prefix) :]]
        assert row[modified] == user.modified
        value = row[grade].replace(" ", "").replace(point, ".")
        if user.grade is not None and value and float(value) == user.grade:
            result.skipped[user.number] = "unchanged"
        elif value == "" or float(value) < 0:
            result.skipped[user.number] = "empty"
        elif user.is_newer:
            result.skipped[user.number] = "newer"
        elif user.locked:
            result.skipped[user.number] = "locked"
        elif float(value) > maximum:
            result.skipped[user.number] = "above the maximum"
        else:
            result.grades[user.number] = float(value)
        if not user.is_newer and row[comment] != user.comment:
            result.comments[user.number] = row[comment]
    return result


def php_csv(text: str, delimiter: str) -> list[list[str]]:
    """Parse as fgetcsv: within quotes a backslash keeps the quote after it from closing."""
    rows: list[list[str]] = [[]]
    cell, at, is_open = "", 0, False
    while at < len(text):
        letter = text[at]
        if is_open and letter == "\\" and text[at + 1 : at + 2] == '"':
            cell, at = cell + '\\"', at + 1
        elif is_open and letter == '"' and text[at + 1 : at + 2] == '"':
            cell, at = cell + '"', at + 1
        elif letter == '"':
            is_open = not is_open
        elif is_open or letter not in (delimiter, "\n", "\r"):
            cell += letter
        else:
            rows[-1].append(cell)
            cell = ""
            if letter != delimiter:
                at += text[at : at + 2] == "\r\n"
                rows.append([])
        at += 1
    assert not is_open, "a quote is never closed"
    assert not rows[-1], "the last line has no end"
    return rows[:-1]
