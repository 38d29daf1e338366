"""Owns notebooks, and nbformat: a notebook's code cells become one module that remembers where each line stood.

In: the text of an .ipynb file, of any version that nbformat knows. Out: source, a SourceLine for each of its lines.
The rule: a line keeps its place. What only IPython understands becomes `pass` or a blank line, never fewer lines.

Cells are counted as they stand on the screen, text cells included, from 1. Outputs are dropped before nbformat sees
them: they may be megabytes, and none of it is code.
"""

import json
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat.converter import convert
from nbformat.reader import reads

from grader.errors import SubmissionRejected
from grader.records import Notice, SourceLine
from grader.text import one_line

# Cell magics below which Python stands; below any other stands another language, or a file.
_PYTHON_CELLS = frozenset({"time", "timeit", "capture", "prun", "memit", "mprun", "debug"})
# Settings of the screen and our own commands: leaving them out changes nothing.
_QUIET = frozenset(
    {"matplotlib", "config", "load_ext", "reload_ext", "autoreload", "precision", "xmode", "colors", "grade"}
)
_QUIET_INSTALL = re.compile(r"pip3?\s+install\b.*\bcnn-autograde\b")

_MAGIC = re.compile(r"\s*(?P<sign>%%?|!!?)\s*(?P<command>[^\n]*)")
_HELP = re.compile(r"\s*(?:\?{1,2}\s*[\w.*%]+|[\w.*%]+(?:\[\w+\])?\?{1,2})\s*(?:;|#.*)?")
_ASSIGNED = re.compile(r"[\w.,\s*\[\]]+=\s*(?P<sign>%|!)\s*(?P<command>[A-Za-z_./][^\n]*)")
# Every pattern is linear, because a line may be a megabyte long: no two repeats that overlap stand side by side.
# One step of a line: a comment, a quote that opens a string, a bracket. A prefix of a string needs no care.
_STEP = re.compile(r"#|\"\"\"|'''|\"|'|[(\[{]|[)\]}]")
_CLOSING = {quote: re.compile(rf"(?:\\.|(?!{quote})[^\\])*{quote}") for quote in ('"""', "'''", '"', "'")}
_MOST_NOTICES = 10

# All that nbformat was seen to raise on notebooks with parts missing or of another type.
_DAMAGED = (nbformat.ValidationError, AttributeError, KeyError, IndexError, TypeError, ValueError, RecursionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """The code of a notebook as one module."""

    source: str  # "" or lines that each end in "\n"
    lines: tuple[SourceLine, ...]
    notices: tuple[Notice, ...]


def read_notebook(text: str, name: str) -> Notebook:
    """Join a notebook's code cells.

    Args:
        text: the file's text.
        name: how errors call the file.

    Raises:
        SubmissionRejected: no JSON, no notebook, or of a version that nbformat does not know.
    """
    lines: list[str] = []
    places: list[SourceLine] = []
    notices: list[Notice] = []
    for number, source in _code_cells(text, name):
        kept = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for line, (python, note) in enumerate(_without_magics(kept), start=1):
            lines.append(python)
            places.append(SourceLine(line=line, cell=number))
            if note:
                notices.append(Notice(text=note, where=f"cell {number}, line {line}"))
    joined = "".join(line + "\n" for line in lines).encode("utf-8", "replace").decode("utf-8")
    return Notebook(source=joined, lines=tuple(places), notices=_bounded(notices, name))


def _code_cells(text: str, name: str) -> Iterator[tuple[int, str]]:
    try:
        raw = json.loads(text)
    except RecursionError as error:
        raise SubmissionRejected("the notebook nests too deeply", where=name, fix="save it again in Jupyter") from error
    except ValueError as error:
        line = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise SubmissionRejected(
            f"the notebook is broken JSON: {one_line(str(error))}",
            where=name + line,
            fix="open it in Jupyter, save it and hand it in again; a file that was cut off must be downloaded anew",
        ) from error
    if not isinstance(raw, dict) or not ("cells" in raw or "worksheets" in raw):
        raise SubmissionRejected(
            "this is JSON, but no notebook", where=name, fix="hand in the .ipynb that Jupyter saved"
        )
    try:
        with warnings.catch_warnings():
            # Of cells without ids, which were optional until 2021 and mean nothing to us.
            warnings.simplefilter("ignore")
            notebook = convert(reads(json.dumps(_trimmed(raw))), 4)  # type: ignore[no-untyped-call]
        cells = [(cell.cell_type, cell.source) for cell in notebook.cells]
    except _DAMAGED as error:
        raise SubmissionRejected(
            f"Jupyter's own reader cannot open the notebook: {one_line(str(error))}",
            where=name,
            fix="open it in Jupyter and save it again",
        ) from error
    for number, (kind, source) in enumerate(cells, start=1):
        if kind == "code" and isinstance(source, str):
            yield number, source


def _trimmed(raw: dict[str, Any]) -> dict[str, Any]:
    """Keep of each cell what code needs; the keys that versions 3 and 4 demand stay."""
    if isinstance(raw.get("worksheets"), list):
        sheets = [_trimmed_cells(sheet) if isinstance(sheet, dict) else sheet for sheet in raw["worksheets"]]
        return {**_header(raw), "worksheets": sheets}
    return {**_header(raw), **_trimmed_cells(raw)}


def _header(raw: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {}, **{key: raw[key] for key in ("nbformat", "nbformat_minor") if key in raw}}


def _trimmed_cells(sheet: dict[str, Any]) -> dict[str, Any]:
    cells = sheet.get("cells", [])
    if not isinstance(cells, list):
        return {"cells": cells}
    return {"cells": [_trimmed_cell(cell) if isinstance(cell, dict) else cell for cell in cells]}


def _trimmed_cell(cell: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {
        key: cell[key] for key in ("cell_type", "source", "input", "language", "level", "id") if key in cell
    }
    if cell.get("cell_type") == "code":
        kept |= {"outputs": [], "collapsed": False} if "input" in cell else {"outputs": [], "execution_count": None}
    return {**kept, "metadata": {}}


def _without_magics(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Give each line of a cell as Python, and a notice where leaving something out may matter, else ""."""
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    magic = re.match(r"\s*%%(\w*)", lines[first]) if lines else None
    whole = magic is not None and magic[1] not in _PYTHON_CELLS
    inside = ""  # a triple quote that is open
    depth = 0  # brackets that are open
    continued = dropping = False  # the line before ends in a backslash; and was no Python
    for index, line in enumerate(lines):
        if whole or (magic and index == first):
            yield (
                "",
                f"the cell is not Python (`%%{magic[1]}`) and was set aside"
                if whole and index == first and magic
                else "",
            )
            continue
        if dropping:
            dropping = line.endswith("\\")
            yield "", ""
            continue
        if not inside and not depth and not continued and (note := _magic_note(line)) is not None:
            dropping = line.endswith("\\")
            yield line[: len(line) - len(line.lstrip())] + "pass", note
            continue
        inside, depth = _after(line, inside, depth)
        continued = not inside and line.endswith("\\")
        yield line, ""


def _magic_note(line: str) -> str | None:
    """Say what a line's magic would have done, "" if nothing of weight, None if the line is Python."""
    if _HELP.fullmatch(line.rstrip()):
        return ""
    match = _MAGIC.fullmatch(line) or _ASSIGNED.fullmatch(line)
    if match is None:
        return None
    command = match["command"].strip()
    word = re.match(r"[\w.]*", command)
    if (word and word[0] in _QUIET) or _QUIET_INSTALL.match(command):
        return ""
    return f"`{one_line(line, limit=80)}` is not Python and was set aside"


def _after(line: str, inside: str, depth: int) -> tuple[str, int]:
    """Follow strings and brackets through a line: the triple quote and the number of brackets open at its end."""
    position = 0
    while position < len(line):
        if inside:
            end = _CLOSING[inside].match(line, position)
            if end is None:
                return (inside if len(inside) == 3 or line.endswith("\\") else ""), depth
            position, inside = end.end(), ""
            continue
        step = _STEP.search(line, position)
        if step is None or step[0] == "#":
            break
        position = step.end()
        if step[0] in "([{":
            depth += 1
        elif step[0] in ")]}":
            depth = max(0, depth - 1)
        else:
            inside = step[0]
    return (inside if len(inside) == 3 else ""), depth


def _bounded(notices: list[Notice], name: str) -> tuple[Notice, ...]:
    if len(notices) <= _MOST_NOTICES:
        return tuple(notices)
    more = Notice(text=f"{len(notices) - _MOST_NOTICES} more lines that are not Python were set aside", where=name)
    return (*notices[:_MOST_NOTICES], more)
