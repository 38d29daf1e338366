"""Owns what a person sees in a terminal; the only module that knows rich.

In: a Screen and records. Out: text on the screen's stream, nothing else.
The rule: words carry the meaning, colour only adds to it: NO_COLOR, `--plain`, pipes, ASCII and CP949 lose nothing.

Three things that rich does by itself are kept out. It reads `[red]` in a string as markup, so text always goes in as
`Text`. It keeps bold escapes under NO_COLOR, so colour off means no colour system at all. It passes on what the stream
cannot encode, so letters are replaced before.
"""

import enum
import re
import types
from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from grader import wording
from grader.errors import GradeError
from grader.records import Audience, Course, Isolation, Notice, Outcome, Report
from grader.scoring import view
from grader.screen import Screen
from grader.text import number, one_line, printable

_MARK = 5  # letters of "CRASH"
_INDENT = _MARK + 2
_NOTICES = 12  # told; an export has more
_FEEDBACK_LINES = 30
_LOG_LINES = 200
_PARAGRAPH = 600  # characters of what must stay one paragraph: a notice, a path, a title
_BLANKS = re.compile(r" +((?:\x1b\[[0-9;]*m)*)$", re.MULTILINE)
_STYLES: Mapping[str, str] = types.MappingProxyType(
    {
        **dict.fromkeys(("pass", "ok"), "green"),
        **dict.fromkeys(("FAIL", "TIME", "MEM", "CRASH", "error:"), "bold red"),
        **dict.fromkeys(("todo", "skip", "missing"), "yellow"),
        **dict.fromkeys(("note", "hint", "fix:"), "cyan"),
        "ERROR": "bold magenta",
    }
)


class Verbosity(enum.Enum):
    """How much a report says."""

    QUIET = "quiet"  # one line
    NORMAL = "normal"
    VERBOSE = "verbose"  # with durations and, for staff, logs


def draw_report(
    screen: Screen,
    report: Report,
    *,
    audience: Audience = Audience.STUDENT,
    verbosity: Verbosity = Verbosity.NORMAL,
    errors: Screen | None = None,
) -> None:
    """Draw one report as its audience may see it.

    Args:
        screen: where the report goes.
        report: the whole report; it is cut down to the audience's view here.
        audience: staff also get the student, the seed and, where verbose, logs.
        verbosity: quiet is exactly one line.
        errors: where quiet says why there is no score; without it, nowhere.
    """
    seen = view(report, audience)
    page = _page(screen)
    if verbosity is Verbosity.QUIET:
        page.line(wording.short(seen))
        first = wording.headline(seen)
        if errors is not None and first is not None and seen.score is None:
            print_error(errors, GradeError(first.text))
        return
    page.heading(f"{seen.assignment}  {seen.title}", wording.score(seen))
    page.rule()
    if audience is Audience.STAFF:
        page.line(f"{seen.student or '(no student named)'}   {seen.submission}", style="dim")
    _draw_notices(page, seen.notices)
    if (first := wording.headline(seen)) is not None:
        page.panel(first)
    for group in wording.groups(seen):
        page.blank()
        page.heading(group.question or "other", group.points)
        for told in group.results:
            _draw_result(page, told, verbosity)
    if footer := wording.footer(seen, audience):
        page.rule()
        for line in footer:
            page.line(line)


def draw_course(screen: Screen, course: Course) -> None:
    """Draw what there is to grade: id, title, points and functions of each assignment."""
    page = _page(screen)
    count = len(course.assignments)
    page.heading(course.title, f"{count} assignment" if count == 1 else f"{count} assignments")
    page.rule()
    page.table(
        [
            (
                item.id,
                item.title,
                f"{number(item.points)} points",
                ", ".join(question.name for question in item.questions),
            )
            for item in course.assignments
        ]
    )
    if any(item.private is None for item in course.assignments):
        page.rule()
        page.line("public tests: the hidden tests run on hand-in")


def draw_doctor(screen: Screen, isolation: Isolation, checks: Sequence[tuple[str, str, str]]) -> None:
    """Draw what this machine can do.

    Args:
        screen: where it goes.
        isolation: the level reached and each layer, with what would raise it.
        checks: (name, status, detail) of everything else; a status is one word: "ok", "missing", "FAIL".
    """
    page = _page(screen)
    page.heading("isolation", isolation.level.value)
    page.rule()
    page.table([("ok" if layer.active else "missing", layer.name, layer.detail) for layer in isolation.layers])
    if checks:
        page.blank()
        page.heading("this machine", "")
        page.rule()
        page.table([(status, name, detail) for name, status, detail in checks])


def print_error(screen: Screen, error: GradeError) -> None:
    """Write what happened, where, and what to do next."""
    page = _page(screen)
    for line in f"error: {error}".splitlines():
        # The labels are as wide as "error: "; what follows them hangs under itself.
        label = line[:7].strip()
        is_label = label in ("error:", "at", "fix:")
        page.labelled(line[:6] if is_label else "", line[7:] if is_label else line, style=_STYLES.get(label, ""))


class _Page:
    """A drawn page: columns, rules and at most one panel. Everything that is written goes through `text`."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._console = Console(
            file=screen.stream,
            width=screen.width,
            height=25,  # with the width, so that rich asks neither the terminal nor the environment
            color_system="standard" if screen.color else None,
            no_color=not screen.color,
            force_terminal=screen.color,
            force_interactive=False,
            force_jupyter=False,
            legacy_windows=False,
            markup=False,
            emoji=False,
            highlight=False,
            _environ={},
        )

    def text(self, text: str, *, style: str = "", lines: int = _FEEDBACK_LINES) -> Text:
        """Make any text ready to be printed: harmless, encodable, bounded."""
        seen = printable(text).splitlines()
        if len(seen) > lines:
            seen = [*seen[:lines], f"... (cut, {len(seen) - lines} more lines)"]
        return Text(self._screen.encodable("\n".join(seen)), style=style, overflow="fold")

    def line(self, text: str, *, style: str = "") -> None:
        """Write one paragraph; a line break in it could pass for a line of ours."""
        self.show(self.text(one_line(text, limit=_PARAGRAPH), style=style))

    def heading(self, left: str, right: str) -> None:
        """Write a title, and at the right edge what it amounts to."""
        grid = Table.grid(expand=True, padding=(0, 2, 0, 0), pad_edge=False)
        grid.add_column(ratio=1, overflow="fold")
        grid.add_column(justify="right", no_wrap=True, overflow="fold")
        grid.add_row(self.text(one_line(left), style="bold"), self.text(right, style="bold"))
        self.show(grid)

    def rule(self) -> None:
        """Draw a line across the page."""
        # rich turns its boxes into ASCII where it must, but of its rules only those with a title.
        self.show(Rule(style="dim", characters="-" if self._console.options.ascii_only else "\u2500"))

    def row(self, mark: str, text: str, right: str = "") -> None:
        """Write a mark, what it is about, and points at the right edge."""
        grid = Table.grid(expand=True, padding=(0, 2, 0, 0), pad_edge=False)
        grid.add_column(width=_MARK, no_wrap=True)
        grid.add_column(ratio=1, overflow="fold")
        grid.add_column(justify="right", no_wrap=True, overflow="fold")
        body = self.text(one_line(text, limit=_PARAGRAPH))
        grid.add_row(self.text(mark, style=_STYLES.get(mark, "")), body, self.text(right))
        self.show(grid)

    def detail(self, text: str, *, label: str = "", lines: int = _FEEDBACK_LINES) -> None:
        """Write what belongs to the row above, under its text."""
        body = self.text(text, lines=lines, style="dim" if label == "log" else "")
        self.show(Padding(self._hanging(label, body, style=_STYLES.get(label, "dim")), (0, 0, 0, _INDENT)))

    def labelled(self, label: str, text: str, *, style: str) -> None:
        """Write a label and a paragraph that hangs beside it."""
        self.show(self._hanging(label, self.text(text), style=style))

    def panel(self, headline: wording.Headline) -> None:
        """Draw the one thing to read first."""
        parts: list[RenderableType] = [self.text(headline.text)]
        if headline.hint:
            parts.append(self._hanging("hint", self.text(headline.hint), style=_STYLES["hint"]))
        title = self.text(headline.title, style="bold red")
        self.show(Panel(Group(*parts), title=title, title_align="left", box=box.SQUARE, border_style="red"))

    def table(self, rows: Sequence[tuple[str, ...]]) -> None:
        """Write rows in columns; the last one wraps."""
        grid = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
        for index in range(len(rows[0]) if rows else 0):
            grid.add_column(no_wrap=index == 0, overflow="fold")
        for row in rows:
            cells = [self.text(one_line(cell, limit=_PARAGRAPH)) for cell in row]
            cells[0].stylize(_STYLES.get(row[0], ""))
            grid.add_row(*cells)
        self.show(grid)

    def blank(self) -> None:
        """Leave a line free."""
        self.show("")

    def show(self, drawing: RenderableType, *, fold: bool = True) -> None:
        """Put it on the stream, without the blanks with which rich fills every line."""
        with self._console.capture() as captured:
            self._console.print(drawing, soft_wrap=not fold)
        self._screen.stream.write(_BLANKS.sub(r"\1", captured.get()))

    def _hanging(self, label: str, body: Text, *, style: str) -> RenderableType:
        if not label:
            return body
        grid = Table.grid(padding=(0, 1, 0, 0), pad_edge=False)
        grid.add_column(no_wrap=True, width=max(len(label), _MARK))
        grid.add_column(overflow="fold")
        grid.add_row(self.text(label, style=style), body)
        return grid


class _PlainPage(_Page):
    """A page for screen readers and logs: a line for each thing said, without columns, boxes or folding."""

    def heading(self, left: str, right: str) -> None:
        self.line(f"{left}: {right}" if right else left)

    def rule(self) -> None:
        pass

    def blank(self) -> None:
        pass

    def row(self, mark: str, text: str, right: str = "") -> None:
        self.line(f"{mark}: {text}" + (f": {right}" if right else ""))

    def detail(self, text: str, *, label: str = "", lines: int = _FEEDBACK_LINES) -> None:
        self._indented(f"  {label}: " if label else "  ", self.text(text, lines=lines))

    def labelled(self, label: str, text: str, *, style: str) -> None:
        self._indented(f"{label} " if label else "  ", self.text(text))

    def panel(self, headline: wording.Headline) -> None:
        self._indented(f"{headline.title}: ", self.text(headline.text))
        if headline.hint:
            self.detail(headline.hint, label="hint")

    def table(self, rows: Sequence[tuple[str, ...]]) -> None:
        for row in rows:
            self.line(": ".join(cell for cell in row if cell))

    def show(self, drawing: RenderableType, *, fold: bool = False) -> None:
        super().show(drawing, fold=fold)

    def _indented(self, label: str, body: Text) -> None:
        """Write the label and the first line; what follows never starts where a line of ours does."""
        first, *rest = body.split(allow_blank=True)
        self.show(Text(label) + first)
        for line in rest:
            self.show(line if line.plain.startswith("  ") else Text("  ") + line)


def _page(screen: Screen) -> _Page:
    return _PlainPage(screen) if screen.plain else _Page(screen)


def _draw_notices(page: _Page, notices: Sequence[Notice]) -> None:
    for notice in notices[:_NOTICES]:
        page.row("note", f"{notice.where}: {notice.text}" if notice.where else notice.text)
    if len(notices) > _NOTICES:
        page.row("note", f"and {len(notices) - _NOTICES} more")


def _draw_result(page: _Page, told: wording.Told, verbosity: Verbosity) -> None:
    result = told.result
    remark = f" ({told.remark})" if told.remark else ""
    took = f" ({result.duration_s:.2f} s)" if verbosity is Verbosity.VERBOSE and result.duration_s else ""
    page.row(told.mark, one_line(result.case.title or result.case.name) + remark + took, told.points)
    if told.feedback:
        page.detail(told.feedback)
    if told.hint:
        page.detail(told.hint, label="hint")
    if result.log and (verbosity is Verbosity.VERBOSE or result.outcome is Outcome.GRADER_ERROR):
        page.detail(result.log, label="log", lines=_LOG_LINES)
