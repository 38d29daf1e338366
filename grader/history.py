"""What a kernel has run becomes a notebook: the cells as they were last run, pure.

In: the kernel's inputs in order, each with its number `In [n]` and, where the front end tells it, its cell's id.
Out: the text of a notebook whose n-th cell is what ran as `In [n]`, so that every place is a number on the screen.
The rule: of a cell that ran again only the last text counts, as it would in the saved file, also where that one does
not parse. Of its older texts stay imports and constants: what ran in between may need them.

A front end that tells no ids is common; then a text that came again, and a function that was defined again, show it.
"""

import ast
import json
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_DEFINITION = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)
_COSTLY = (ast.Call, ast.Await, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One input of a kernel."""

    number: int  # as in `In [4]`
    source: str  # as typed, magics and all
    cell: str = ""  # the id that the front end gave, "" where it gave none


def as_notebook(history: Sequence[Ran]) -> str:
    """Write what ran as a notebook.

    Args:
        history: in the order of the numbers, which rise from 1; one may be missing.

    Returns:
        JSON of nbformat 4; cell n holds what counts of `In [n]`, and may be empty.
    """
    kept = {ran.number: text for ran, text in zip(history, _counting(history), strict=True)}
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "source": kept.get(number, ""), "metadata": {}, "outputs": [], "execution_count": None}
        for number in range(1, max(kept, default=0) + 1)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


def _counting(history: Sequence[Ran]) -> list[str]:
    """What counts of each input: all of it, or what stays of an older text."""
    texts: set[str] = set()
    cells: set[str] = set()
    defined: set[str] = set()
    counting: list[str] = []
    for ran in reversed(history):
        names = set(_DEFINITION.findall(ran.source))
        text = ran.source.strip()
        is_old = text in texts or (ran.cell and ran.cell in cells) or (names and names <= defined)
        counting.append(_lasting(ran.source) if is_old else ran.source)
        texts.add(text)
        cells.add(ran.cell)
        defined |= names
    return counting[::-1]


def _lasting(source: str) -> str:
    """Blank everything but imports and constants, line by line."""
    lines = source.split("\n")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse("\n".join(_python(lines))).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # it never ran
        return ""
    kept = {
        line for node in body if _is_lasting(node) for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    return "\n".join(line if number in kept else "" for number, line in enumerate(lines, start=1))


def _python(lines: Sequence[str]) -> Iterator[str]:
    """The lines, without those of the outermost level that only IPython reads; one inside a block spoils the cell."""
    for line in lines:
        yield "" if line.startswith(("%", "!", "?")) or line.rstrip().endswith("?") else line


def _is_lasting(node: ast.stmt) -> bool:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return True
    is_value = isinstance(node, (ast.Assign, ast.AnnAssign))
    # What is computed may take long, or need what is no longer there.
    return is_value and not any(isinstance(part, _COSTLY) for part in ast.walk(node))
