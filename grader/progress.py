"""Owns the line that says which test runs: on stderr, redrawn, gone when the report comes.

In: a Screen and how many tests are over. Out: one line on an interactive terminal, a line at a time with `--plain`.
The rule: in a pipe nothing, and never an escape: blanks wipe a line on every terminal.
"""

import math
import time
import unicodedata
from typing import Self

from grader.records import Epoch
from grader.screen import Screen
from grader.text import one_line

_LONGEST_S = 1e5  # that is said to be left


class Progress:
    """The progress of one grading.

    A context manager: leaving it wipes the line, so that what is printed next starts on a clean one.
    """

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._line = ""
        self._done = math.inf  # epochs of the running training; before the first whatever comes is another
        self._first = self._begun = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._screen.interactive:
            self._redraw("")
            self._write("\r")

    def step(self, done: int, what: str, *, total: int) -> None:
        """Say that `done` of `total` tests are over and which one runs now."""
        self._done = math.inf
        line = self._line = self._screen.encodable(one_line(f"{done}/{total}  {self._screen.language.say(what)}"))
        if self._screen.interactive:
            self._redraw(line)
        elif self._screen.plain:
            self._write(line + "\n")

    def epoch(self, epoch: Epoch) -> None:
        """Add how far a training says it is to the line of the running test, with the time that is left."""
        now = time.monotonic()
        if epoch.done <= self._done:  # another training
            self._begun, self._first = now, epoch.done
        self._done = epoch.done
        told = [f"epoch {math.ceil(epoch.done)}/{epoch.epochs:.0f}"]
        told += [f"loss {epoch.loss:.3f}"] if epoch.loss >= 0 else []
        told += [f"accuracy {epoch.accuracy:.1%}"] if epoch.accuracy >= 0 else []
        if (trained := epoch.done - self._first) > 0:
            left_s = (now - self._begun) / trained * max(0.0, epoch.epochs - epoch.done)
            told += [f"{left_s:.0f} s left"] if left_s < _LONGEST_S else []  # what is told may be anything
        said = ", ".join(map(self._screen.language.say, told))
        line = self._screen.encodable(one_line(f"{self._line}  {said}"))
        if self._screen.interactive:
            self._redraw(line)
        elif self._screen.plain and epoch.done == int(epoch.done):
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
