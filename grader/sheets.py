r"""Owns tables as text: any usual CSV's bytes to cells with their places, and cells to CSV that no spreadsheet runs.

In: a file's bytes; or rows of cells. Out: a `Table`, whose encoding, delimiter and places let one cell be replaced and
every other byte stay; or text.
The rule: nothing is dropped or guessed in silence. What cannot be read in one way only is a `UsageError` with its row.

Rows count from 1 as a spreadsheet shows them: a cell with a line break in it is one row, a blank line is one too.

Formulas: Excel and LibreOffice run a cell that starts with = + - @ (or their full-width forms). A file written with
commas and opened where the list separator is `;` falls apart at other places than it was joined at, so a character that
could start a cell *there* is guarded too. The guard is an apostrophe in front; a number that we write needs none.
"""

import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.cohort import Rejected
from grader.errors import UsageError
from grader.records import Notice
from grader.text import one_line

MAX_BYTES = 20_000_000
MAX_ROWS = 200_000
MAX_CELLS = 1_000_000  # 20 MB of commas would be 2 GB of cells
DELIMITERS = (",", ";", "\t")

_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # xlsx and ods; xls
_SEPARATOR_LINE = re.compile(r"sep=([,;\t])(?:\r\n|\r|\n)", re.IGNORECASE)  # Excel's own first line

_STARTS = "=+\\-@＝＋－＠"
_BREAKS = ';,|"\\t\\r\\n'
# Blanks only, not \s: line breaks are breaks themselves, and a run of them would be scanned once for each.
_FORMULA = re.compile(f"(^|[{_BREAKS}])([ \u00a0\u3000]*)(?=[{_STARTS}])")
_GUARDED = re.compile(f"^'(?=[{_STARTS}])")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell and where it stands in the text, quotes included."""

    text: str
    start: int
    end: int
    is_quoted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file of cells, and what is needed to write it back."""

    text: str  # the whole of it, without the byte order mark
    mark: bytes  # the byte order mark, or none
    encoding: str
    delimiter: str
    rows: tuple[tuple[Cell, ...], ...]  # as many as a spreadsheet shows; a blank line is a row of one empty cell
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A file that was written, and what is not in it."""

    data: bytes
    rows: int  # of students
    left_out: tuple[Rejected, ...] = ()  # who or what is missing, and why
    notices: tuple[Notice, ...] = ()


def read_bytes(path: Path) -> bytes:
    """Read a whole file that is an ordinary one and not too large.

    Raises:
        UsageError: it is missing, unreadable, a folder or device, or over 20 MB.
    """
    where = one_line(str(path))
    try:
        info = path.stat()
        # A pipe would be waited for without an end.
        if not stat.S_ISREG(info.st_mode):
            raise UsageError("this is not an ordinary file", where=where, fix="name a CSV file")
        if info.st_size > MAX_BYTES:
            raise UsageError(
                f"the file has {info.st_size} bytes, more than {MAX_BYTES}",
                where=where,
                fix="name the table of one class, saved as CSV",
            )
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        fix = "name a CSV file that exists and may be read"
        raise UsageError(f"the file cannot be read: {one_line(reason)}", where=where, fix=fix) from error
    if len(data) > MAX_BYTES:
        raise UsageError(f"the file grew beyond {MAX_BYTES} bytes", where=where, fix="name the table of one class")
    return data


def parse(data: bytes, where: str) -> Table:
    """Take a CSV apart; UTF-8, UTF-16, CP949 or Windows-1252, divided by `,` `;` or tabs.

    Args:
        data: the whole file.
        where: its name, for errors and notices.

    Raises:
        UsageError: it is no text or empty, has too many rows, or a quote is open or closed in the wrong place.
    """
    text, mark, encoding, note = _decode(data, where)
    start = 0
    if separator := _SEPARATOR_LINE.match(text):
        delimiter, start = separator[1], separator.end()
    else:
        delimiter = _delimiter(text)
    rows = _rows(text, delimiter, where, start)
    if not any(cell.text.strip() for row in rows for cell in row):
        raise UsageError("the file is empty", where=where, fix="name a CSV file with a line of column names")
    notices = (Notice(text=note, where=where),) if note else ()
    return Table(text=text, mark=mark, encoding=encoding, delimiter=delimiter, rows=rows, notices=notices)


def guard(text: str) -> str:
    """Keep a text from being run as a formula: an apostrophe before each character that could start one in a cell."""
    return _FORMULA.sub(r"\1\2'", text.strip())


def unguard(text: str) -> str:
    """Take the apostrophe off the start of a cell that was guarded."""
    return _GUARDED.sub("", text)


def is_formula(text: str) -> bool:
    """Whether `guard` would change the text: as a key that a platform joins by, it cannot be written."""
    return _FORMULA.search(text.strip()) is not None


def label(text: str, *, limit: int = 200) -> str:
    """Make any text one harmless line for a cell."""
    return guard(one_line(text, limit=limit))


def quote(text: str, *, always: bool = False) -> str:
    """Write one cell, in quotes where any delimiter would divide it: who reads it may guess another than ours."""
    needs = always or text != text.strip() or any(mark in text for mark in (*DELIMITERS, '"', "\n", "\r"))
    return '"' + text.replace('"', '""') + '"' if needs else text


def render(rows: Iterable[Sequence[str]]) -> str:
    r"""Write rows with commas and "\n"; the cells are guarded by who knows which of them are text."""
    return "".join(",".join(map(quote, row)) + "\n" for row in rows)


def replace_cells(table: Table, changes: Iterable[tuple[Cell, str]]) -> bytes:
    """Write the table back with some cells changed and every other byte as it was.

    Args:
        table: as it was read.
        changes: cells of that table and their new texts; what the encoding lacks becomes `&#...;`.
    """
    parts: list[str] = []
    at = 0
    for cell, text in sorted(changes, key=lambda change: change[0].start):
        parts += table.text[at : cell.start], quote(text, always=cell.is_quoted)
        at = cell.end
    parts.append(table.text[at:])
    return table.mark + "".join(parts).encode(table.encoding, "xmlcharrefreplace")


def _decode(data: bytes, where: str) -> tuple[str, bytes, str, str]:
    """Give the text, the mark, the encoding, and a sentence where it was guessed."""
    if data.startswith(_WORKBOOKS):
        fix = "open it in the spreadsheet program and save it as CSV (UTF-8)"
        raise UsageError("this is a workbook or an archive, not a CSV file", where=where, fix=fix)
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _must_decode(data[len(mark) :], encoding, where), mark, encoding, ""
    if b"\0" in data[:4_000]:
        # Western letters in UTF-16 have a NUL in every second byte; without a mark that is all there is to see.
        encoding = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
        return _must_decode(data, encoding, where), b"", encoding, f"it has no mark and was read as {encoding.upper()}"
    for encoding in ("utf-8", "cp949", "cp1252"):
        try:
            text = _no_nul(data.decode(encoding), where)
        except UnicodeDecodeError:
            continue
        note = f"it is not UTF-8 and was read as {encoding.upper()}; look at the names, or save it as UTF-8"
        return text, b"", encoding, "" if encoding == "utf-8" else note
    raise _no_text(where)


def _must_decode(data: bytes, encoding: str, where: str) -> str:
    try:
        return _no_nul(data.decode(encoding), where)
    except UnicodeDecodeError as error:
        raise _no_text(where) from error


def _no_nul(text: str, where: str) -> str:
    if "\0" in text:
        raise _no_text(where)
    return text


def _no_text(where: str) -> UsageError:
    fix = "save the table as CSV (UTF-8)"
    return UsageError("this is no text: neither UTF-8, UTF-16, CP949 nor Windows-1252", where=where, fix=fix)


def _delimiter(text: str) -> str:
    """Choose what divides the first lines into most cells; quoted text does not count."""
    head = re.sub(r'"[^"]*+"', "", "\n".join(text.lstrip()[:20_000].splitlines()[:5]))
    return max(DELIMITERS, key=lambda mark: max((line.count(mark) for line in head.splitlines()), default=0))


def _rows(text: str, delimiter: str, where: str, start: int) -> tuple[tuple[Cell, ...], ...]:
    mark = re.escape(delimiter)
    # Possessive: whatever follows an open quote is scanned once, however long.
    pattern = re.compile(rf'(?:"([^"]*+(?:""[^"]*+)*+)"(?=[{mark}\r\n]|\Z)|([^{mark}\r\n]*+))({mark}|\r\n|\r|\n|\Z)')
    rows: list[tuple[Cell, ...]] = [(Cell("", 0, 0, False),)] if start else []
    row: list[Cell] = []
    at = start
    cells = 0
    while at < len(text) or row:
        match = pattern.match(text, at)
        if match is None or (match[1] is None and match[2].startswith('"')):
            raise UsageError(
                "a quote is never closed, or text follows a closing quote",
                where=f"{where}, row {len(rows) + 1}, column {len(row) + 1}",
                fix='put the whole cell in quotes and write a quote inside it twice: "Kim ""Min"" Su"',
            )
        is_quoted = match[1] is not None
        content = match[1].replace('""', '"') if is_quoted else match[2]
        row.append(Cell(content, match.start(), match.start(3), is_quoted))
        cells += 1
        at = match.end()
        if match[3] != delimiter:
            rows.append(tuple(row))
            row = []
        if len(rows) > MAX_ROWS or cells > MAX_CELLS:
            what = f"the file has more than {MAX_ROWS} rows or {MAX_CELLS} cells"
            raise UsageError(what, where=where, fix="name the table of one class")
    return tuple(rows)
