"""Owns what a stub, or a public test, says to its reader: its docstrings, piece by piece, and their place in the file.

In: the source, and who says a piece in another language. Out: its pieces; the file in that language.
The rule: what runs stays as it is to the byte, but for the text of an untouched function's error, which
`grader.language.unwritten` knows again. The docstrings' prose changes, the comments of their examples, and the line
`# Your code here`; headings (`Args:`), examples and indented blocks are kept, and a piece without a translation stays
English.

A piece is a paragraph, one item below `Args:` or `Raises:`, its lines joined by a blank, or the comment of an example.
So what many functions say ("pad: rows and columns of zeros ...") is translated once.
"""

import ast
import inspect
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from grader.marks import C_

#: The context of a stub's pieces in a catalog.
CONTEXT = "stub"

Term = Callable[[str, str], str]  # context, text -> the text as a reader is told it
Say = Callable[[str], str]

_COMMENT = C_("notebook", "Your code here")
_WIDTH = 88  # columns, as the English
_HEADING = re.compile(r"(Args|Attributes|Returns|Yields|Raises|Examples?|Notes?):")
_ITEMS = frozenset({"Args", "Attributes", "Raises"})
# A comment in an example, of words: "log 2" says the same in every language.
_REMARK = re.compile(r"( *(?:>>>|\.\.\.) .*?  # )(.*(?:\b(?!log\b)[a-z]{2,}\b|[가-힣]).*)")
_UNWRITTEN = re.compile(r'( *raise NotImplementedError\(")([\w.]+ is not written yet)("\))')
_QUOTES = '"""'


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """Lines of a docstring that belong together; `kept` are those that no language changes."""

    lines: tuple[str, ...]
    kept: bool
    hanging: int = 0  # the indent of its second line, in blanks

    @property
    def id(self) -> str:
        """What there is to translate, or ""."""
        if not self.kept:
            return " ".join(line.strip() for line in self.lines)
        remark = _REMARK.fullmatch(self.lines[0])
        return remark[2] if remark is not None else ""


def pieces_of(source: str) -> list[str]:
    """List what a stub says, in its order; a piece may come several times.

    Raises:
        SyntaxError: the stub does not parse.
    """
    told = (inspect.cleandoc(text) for _, text in _docstrings(source))
    return [piece.id for text in told for piece in _pieces(text) if piece.id]


def translate_stub(source: str, term: Term, say: Say = str) -> str:
    """Say a stub's docstrings, its line `# Your code here` and what it raises in another language.

    Args:
        source: the stub or the test, its lines ended as on Unix.
        term: says one piece, by its context and its English.
        say: says that a function is not written yet.

    Raises:
        SyntaxError: the stub does not parse.
    """
    lines = source.split("\n")
    for node, told in reversed(_docstrings(source)):  # from the end, so that line numbers hold
        first, last = node.lineno - 1, node.end_lineno or node.lineno
        lines[first:last] = _docstring(lines[first:last], told, term)
    return "\n".join(_line(line, term, say) for line in lines)


def _docstrings(source: str) -> list[tuple[ast.stmt, str]]:
    """Each docstring with its place, in the order of the file."""
    found: list[tuple[ast.stmt, str]] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            told = ast.get_docstring(node, clean=False)
            found += [(node.body[0], told)] if told is not None else []
    return sorted(found, key=lambda each: each[0].lineno)


def _docstring(lines: list[str], told: str, term: Term) -> list[str]:
    """The lines of a docstring in another language; the same where its quotes or a backslash would need care."""
    indent = lines[0][: _indent(lines[0])]
    plain = lines[0].lstrip().startswith(_QUOTES) and lines[-1].endswith(_QUOTES)
    if not plain or "\\" in "".join(lines):
        return lines
    said = list(_said(inspect.cleandoc(told), _WIDTH - len(indent), term))
    if re.search(r'"""|\\|"$', "\n".join(said)):
        return lines
    said[0] = _QUOTES + said[0]
    said = [indent + line if line else "" for line in said]
    return [*said, indent + _QUOTES] if lines[-1].strip() == _QUOTES else [*said[:-1], said[-1] + _QUOTES]


def _said(text: str, width: int, term: Term) -> Iterator[str]:
    for number, piece in enumerate(_pieces(text)):
        said = term(CONTEXT, piece.id) if piece.id else ""
        if said == piece.id:
            yield from piece.lines
        elif piece.kept:
            yield piece.lines[0].removesuffix(piece.id) + said
        elif number == 0:  # the summary is one line
            yield said
        else:
            yield from _wrapped(said, width, _indent(piece.lines[0]), piece.hanging)


def _pieces(text: str) -> Iterator[_Piece]:
    section = ""
    hanging = 0
    open_lines: list[str] = []
    for line in text.split("\n"):
        heading = _HEADING.fullmatch(line)
        if heading or (line and _indent(line) == 0):
            section = heading[1] if heading else ""
        kept = not line or heading is not None or section.startswith("Example") or (not section and line[0] == " ")
        if open_lines and (kept or (section in _ITEMS and _indent(line) == 4)):
            yield _Piece(lines=tuple(open_lines), kept=False, hanging=hanging)
            open_lines = []
        if kept:
            yield _Piece(lines=(line,), kept=True)
        else:
            open_lines.append(line)
            hanging = 8 if section in _ITEMS else _indent(line)
    if open_lines:
        yield _Piece(lines=tuple(open_lines), kept=False, hanging=hanging)


def _wrapped(text: str, width: int, first: int, rest: int) -> Iterator[str]:
    line, columns = "", first
    for word in text.split(" "):
        wide = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in word)
        if line.strip() and columns + 1 + wide > width:
            yield line
            line = ""
        if line:
            line, columns = f"{line} {word}", columns + 1 + wide
        else:
            line, columns = " " * first + word, first + wide
            first = rest
    yield line


def _line(line: str, term: Term, say: Say) -> str:
    if line.strip() == "# " + _COMMENT:
        return line[: _indent(line)] + "# " + term("notebook", _COMMENT)
    if (raised := _UNWRITTEN.fullmatch(line)) is not None and not re.search(r'["\\]', said := say(raised[2])):
        return raised[1] + said + raised[3]
    return line


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
