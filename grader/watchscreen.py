"""Owns what a person sees of watch mode: a still screen on a terminal, a line for each change elsewhere.

In: a Regrade after each save. Out: on a terminal the whole report, redrawn in place on the terminal's second screen,
and the last report on the first one when it is over. In a pipe, and with `--plain`, the first report, then lines.
The rule: what changed stands first, in a quarter of the terminal at most, so that what to fix first stays in sight, and
nothing moves that says the same. Of a report that is taller than the terminal what passed is left out before anything
is cut.
"""

import io
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from grader import wording
from grader.console import draw_report
from grader.deltas import Delta, told
from grader.marks import N_
from grader.page import Page, page
from grader.records import Audience, Outcome, Report
from grader.scoring import view
from grader.screen import Screen
from grader.text import one_line
from grader.watching import Regrade

_SECOND, _FIRST = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"  # with and without a cursor
_HOME, _END_OF_LINE, _END_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"
_CHANGES = 8  # lines of them on a still screen, at most
_SHARE = 4  # of the terminal's height, which they may take a part of
_ENDS = N_("Ctrl-C ends")


class Shown(Protocol):
    """What takes a regrade in."""

    def begin(self) -> None:
        """Say that it begins."""

    def show(self, regrade: Regrade) -> None:
        """Show what one save brought."""

    def running(self, done: int, total: int, title: str) -> None:
        """Say which test runs, of a grading that takes its time."""

    def refresh(self) -> None:
        """Draw again, if the terminal is another size now."""

    def end(self) -> None:
        """Leave the terminal as it was, with the last report on it."""


def watch_screen(screen: Callable[[], Screen], *, where: str, clock: Callable[[], str]) -> Shown:
    """The screen that fits the terminal.

    Args:
        screen: how to write on stdout; asked again for each drawing, because a terminal changes its width.
        where: what is watched, as the user named it.
        clock: the time of day, as it is shown.
    """
    return _Still(screen, where, clock) if screen().interactive else _Lines(screen())


class _Lines:
    """A pipe, a log, a screen reader: what was said stays said."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._first = True

    def begin(self) -> None:
        pass

    def show(self, regrade: Regrade) -> None:
        on = page(replace(self._screen, plain=True))
        report = regrade.report
        if report is None:
            on.line("there is nothing at the path now; waiting for it")
        elif self._first:
            draw_report(self._screen, report)
        else:
            if report.rejected:
                on.detail(report.rejected)
            for change in regrade.changes:
                on.line(change.line(self._screen.language))
                _message(on, change)
            if not (regrade.changes or report.rejected):
                on.line(*told((), self._screen.language))
            on.line(wording.short(report))
        self._first = self._first and report is None
        self._screen.stream.flush()

    def running(self, done: int, total: int, title: str) -> None:
        pass

    def refresh(self) -> None:
        pass

    def end(self) -> None:
        pass


def _message(on: Page, change: Delta) -> None:
    if change.passed or change.result is None:
        return
    if change.result.feedback:
        on.detail(change.result.feedback)
    if change.result.hint:
        on.detail(change.result.hint, label="hint")


class _Still:
    """A terminal whose second screen is redrawn from its corner, never scrolled."""

    def __init__(self, screen: Callable[[], Screen], where: str, clock: Callable[[], str]) -> None:
        self._screen = screen
        self._where = one_line(where)
        self._clock = clock
        self._regrade: Regrade | None = None
        self._report: Report | None = None  # the last one, whatever is at the path now
        self._status = ""
        self._size = os.terminal_size((0, 0))

    def begin(self) -> None:
        self._status = f"grading {self._where}"
        self._write(_SECOND)
        self._draw()

    def show(self, regrade: Regrade) -> None:
        self._regrade = regrade
        self._report = regrade.report or self._report
        gone = f"{self._where} is not there: waiting for it" if regrade.report is None else ""
        self._status = gone or f"{self._clock()}, graded in {regrade.took_s:.2f} s; watching {self._where}"
        self._draw()

    def running(self, done: int, total: int, title: str) -> None:
        self._status = f"grading {done}/{total}  {self._screen().language.say(one_line(title))}"
        self._draw()

    def refresh(self) -> None:
        if self._size != shutil.get_terminal_size():
            self._draw()

    def end(self) -> None:
        self._write(_FIRST)
        if self._report is not None:
            draw_report(self._screen(), self._report)

    def _draw(self) -> None:
        self._size = shutil.get_terminal_size()
        screen = self._screen()
        top = self._top(screen)
        bottom = _drawn(
            screen, lambda to: page(to).line("; ".join(map(to.language.say, (self._status, _ENDS))), style="dim")
        )
        room = max(1, self._size.lines - len(top) - len(bottom))
        lines = [*top, *self._body(screen, room), *bottom][: self._size.lines]
        # The last line without an end: it would scroll the screen.
        self._write(_HOME + f"{_END_OF_LINE}\n".join(lines) + _END_OF_LINE + _END_OF_SCREEN)

    def _top(self, screen: Screen) -> list[str]:
        regrade = self._regrade
        if regrade is None or regrade.before is None or regrade.report is None:
            return []
        if regrade.report.rejected:
            return []
        room = max(2, min(_CHANGES, self._size.lines // _SHARE))
        changes = [_drawn(screen, _bold(line)) for line in told(regrade.changes, screen.language)]
        shown = list(changes)
        while len(shown) > 1 and sum(map(len, shown)) + (len(shown) < len(changes)) > room:
            shown.pop()
        hidden = len(changes) - len(shown)
        more = _drawn(screen, _bold(f"and {hidden} more")) if hidden else []
        return [*(line for drawn in shown for line in drawn), *more, ""]

    def _body(self, screen: Screen, room: int) -> list[str]:
        report = self._report
        if report is None:
            return []
        lines = _drawn(screen, lambda to: draw_report(to, report))
        if len(lines) > room:
            lines = _drawn(screen, lambda to: _draw_lost(to, report))
        if len(lines) > room:
            cut = f"... {len(lines) - room + 1} more lines: Ctrl-C shows the whole report"
            lines = [*lines[: room - 1], screen.encodable(screen.language.say(cut))]
        return lines

    def _write(self, text: str) -> None:
        stream = self._screen().stream
        stream.write(text)
        stream.flush()


def _bold(line: str) -> Callable[[Screen], object]:
    return lambda to: page(to).line(line, style="bold")


class _Buffer(io.StringIO):
    """Text in memory that knows which letters its terminal has."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding


def _drawn(screen: Screen, draw: Callable[[Screen], object]) -> list[str]:
    """Draw into memory; the lines, with their colours."""
    buffer = _Buffer(screen.stream.encoding or "utf-8")
    draw(replace(screen, stream=buffer))
    return buffer.getvalue().splitlines()


def _draw_lost(screen: Screen, report: Report) -> None:
    """Draw a report without what passed."""
    seen = screen.language.report(view(report, Audience.STUDENT))
    on = page(screen)
    on.heading(f"{seen.assignment}  {seen.title}", wording.score(seen))
    on.rule()
    if (first := wording.headline(seen)) is not None:
        on.panel(first)
    for group in wording.groups(seen):
        on.heading(group.question or wording.OTHER, group.points)
        for each in _lost(group.results):
            remark = f" ({on.say(each.remark)})" if each.remark else ""
            on.row(each.mark, one_line(each.result.case.title or each.result.case.name) + remark, each.points)
            if each.feedback:
                on.detail(each.feedback)
            if each.hint:
                on.detail(each.hint, label="hint")


def _lost(results: Sequence[wording.Told]) -> list[wording.Told]:
    return [each for each in results if each.result.outcome is not Outcome.PASSED]
