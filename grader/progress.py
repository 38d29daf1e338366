"""Owns the line that says which test runs: on stderr, redrawn, gone when the report comes.

In: a Screen and how many tests are over. Out: one line on an interactive terminal, a line at a time with `--plain`.
The rule: in a pipe nothing, and never an escape: blanks wipe a line on every terminal.
"""

import unicodedata
from typing import Self

from grader.screen import Screen
from grader.text import one_line


class Progress:
    """The progress of one grading.

    A context manager: leaving it wipes the line, so that what is printed next starts on a clean one.
    """

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._screen.interactive:
            self._redraw("")
            self._write("\r")

    def step(self, done: int, what: str, *, total: int) -> None:
        """Say that `done` of `total` tests are over and which one runs now."""
        line = self._screen.encodable(one_line(f"{done}/{total}  {what}"))
        if self._screen.interactive:
            self._redraw(line)
        elif self._screen.plain:
            self._write(line + "\n")

    def _redraw(self, line: str) -> None:
        # The last column stays free, or the cursor would go on to the next line.
        self._write("\r" + _fitted(line, self._screen.width - 1))

    def _write(self, text: str) -> None:
        self._screen.stream.write(text)
        self._screen.stream.flush()


def _fitted(text: str, width: int) -> str:
    """Cut or fill to exactly that many columns; Hangul takes two each."""
    kept = ""
    for letter in text:
        columns = 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if columns > width:
            break
        kept += letter
        width -= columns
    return kept + " " * width
