"""A page on a screen: columns, rules, at most one panel; with console.py the only owner of rich.

In: a Screen and texts. Out: what a person sees. Everything that is written goes through `Page.text`, which makes
it harmless, encodable and bounded.

Three things that rich does by itself are kept out. It reads `[red]` in a string as markup, so text always goes in as
`Text`. It keeps bold escapes under NO_COLOR, so colour off means no colour system at all. It passes on what the stream
cannot encode, so letters are replaced before.
"""

import re
import types
from collections.abc import Mapping, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from grader import wording
from grader.language import ENGLISH
from grader.marks import C_
from grader.screen import Screen
from grader.text import one_line, printable

FEEDBACK_LINES = 30
_MARK = 5  # columns of "CRASH"
_MARK_KO = 6  # of three syllables
_ERROR_LABELS = ("error:", "  at", "  fix:")  # set in by blanks
_PARAGRAPH = 600  # characters of what must stay one paragraph: a notice, a path, a title
_BLANKS = re.compile(r" +((?:\x1b\[[0-9;]*m)*)$", re.MULTILINE)
STYLES: Mapping[str, str] = types.MappingProxyType(
    {
        **dict.fromkeys(("pass", "ok"), "green"),
        **dict.fromkeys(("FAIL", "TIME", "MEM", "CRASH", "error:"), "bold red"),
        **dict.fromkeys(("todo", "skip", "missing", "part"), "yellow"),
        **dict.fromkeys(("note", "hint", "fix:"), "cyan"),
        "ERROR": "bold magenta",
    }
)
# Words at fixed places; `Language.label` says them.
LABELS = (
    *(C_("label", "pass"), C_("label", "FAIL"), C_("label", "todo"), C_("label", "TIME"), C_("label", "MEM")),
    *(C_("label", "CRASH"), C_("label", "skip"), C_("label", "ERROR"), C_("label", "part"), C_("label", "gone")),
    *(C_("label", "ok"), C_("label", "missing"), C_("label", "note"), C_("label", "hint"), C_("label", "log")),
    *(C_("label", "error:"), C_("label", "error"), C_("label", "at"), C_("label", "fix:"), C_("label", "fix")),
    *(C_("label", "none"), C_("label", "look"), C_("label", "isolation"), C_("label", "audit")),
    C_("label", "changed"),
)


class Page:
    """A drawn page: columns, rules and at most one panel. Everything that is written goes through `text`."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self.say, self._label = screen.language.say, screen.language.label
        self._mark = _MARK if screen.language is ENGLISH else _MARK_KO
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

    def text(self, text: str, *, style: str = "", lines: int = FEEDBACK_LINES) -> Text:
        """Make any text ready to be printed: harmless, encodable, bounded."""
        seen = printable(text).splitlines()
        if len(seen) > lines:
            seen = [*seen[:lines], self.say(f"... (cut, {len(seen) - lines} more lines)")]
        return Text(self._screen.encodable("\n".join(seen)), style=style, overflow="fold")

    def line(self, text: str, *, style: str = "") -> None:
        """Write one paragraph; a line break in it could pass for a line of ours."""
        self._paragraph(self.say(text), style=style)

    def _paragraph(self, text: str, *, style: str = "") -> None:
        self.show(self.text(one_line(text, limit=_PARAGRAPH), style=style))

    def heading(self, left: str, right: str) -> None:
        """Write a title, and at the right edge what it amounts to."""
        grid = Table.grid(expand=True, padding=(0, 2, 0, 0), pad_edge=False)
        grid.add_column(ratio=1, overflow="fold")
        grid.add_column(justify="right", no_wrap=True, overflow="fold")
        left, right = self.say(self._label(left)), self.say(right)
        grid.add_row(self.text(one_line(left), style="bold"), self.text(right, style="bold"))
        self.show(grid)

    def rule(self) -> None:
        """Draw a line across the page."""
        # rich turns its boxes into ASCII where it must, but of its rules only those with a title.
        self.show(Rule(style="dim", characters="-" if self._console.options.ascii_only else "\u2500"))

    def row(self, mark: str, text: str, right: str = "") -> None:
        """Write a mark, what it is about as it was said, and points at the right edge."""
        grid = Table.grid(expand=True, padding=(0, 2, 0, 0), pad_edge=False)
        grid.add_column(width=self._mark, no_wrap=True)
        grid.add_column(ratio=1, overflow="fold")
        grid.add_column(justify="right", no_wrap=True, overflow="fold")
        body = self.text(one_line(text, limit=_PARAGRAPH))
        grid.add_row(self.text(self._label(mark), style=STYLES.get(mark, "")), body, self.text(self.say(right)))
        self.show(grid)

    def detail(self, text: str, *, label: str = "", lines: int = FEEDBACK_LINES) -> None:
        """Write what belongs to the row above, under its text."""
        told = text if label == "log" else self.say(text)
        body = self.text(told, lines=lines, style="dim" if label == "log" else "")
        drawn = self._hanging(self._label(label), body, style=STYLES.get(label, "dim"))
        self.show(Padding(drawn, (0, 0, 0, self._mark + 2)))

    def labelled(self, label: str, text: str, *, style: str) -> None:
        """Write a label and a paragraph that hangs beside it."""
        self.show(self._hanging(self._set_in(label), self.text(self.say(text)), style=style))

    def panel(self, headline: wording.Headline) -> None:
        """Draw the one thing to read first."""
        parts: list[RenderableType] = [self.text(self.say(headline.text))]
        if headline.hint:
            hint = self.text(self.say(headline.hint))
            parts.append(self._hanging(self._label("hint"), hint, style=STYLES["hint"]))
        title = self.text(self.say(headline.title), style="bold red")
        self.show(Panel(Group(*parts), title=title, title_align="left", box=box.SQUARE, border_style="red"))

    def table(self, rows: Sequence[tuple[str, ...]]) -> None:
        """Write rows in columns; the last one wraps."""
        grid = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
        for index in range(len(rows[0]) if rows else 0):
            grid.add_column(no_wrap=index == 0, overflow="fold")
        for row in rows:
            told = (self._label(row[0]), *map(self.say, row[1:])) if row else ()
            cells = [self.text(one_line(cell, limit=_PARAGRAPH)) for cell in told]
            cells[0].stylize(STYLES.get(row[0], ""))
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

    def _set_in(self, label: str) -> str:
        """A label in the reader's language, as wide as an error's widest: what follows them stands in one column."""
        word = label.strip()
        if not word:
            return label
        said = label.rstrip().replace(word, self._label(word))
        width = max(cell_len(each.replace(each.strip(), self._label(each.strip()))) for each in _ERROR_LABELS)
        return said + " " * (width - cell_len(said))

    def _hanging(self, label: str, body: Text, *, style: str) -> RenderableType:
        if not label:
            return body
        grid = Table.grid(padding=(0, 1, 0, 0), pad_edge=False)
        grid.add_column(no_wrap=True, width=max(cell_len(label), self._mark))
        grid.add_column(overflow="fold")
        grid.add_row(self.text(label, style=style), body)
        return grid


class _PlainPage(Page):
    """A page for screen readers and logs: a line for each thing said, without columns, boxes or folding."""

    def heading(self, left: str, right: str) -> None:
        left, right = self.say(self._label(left)), self.say(right)
        self._paragraph(f"{left.rstrip(' :')}: {right}" if right else left)  # two colons could begin a CI command

    def rule(self) -> None:
        pass

    def blank(self) -> None:
        pass

    def row(self, mark: str, text: str, right: str = "") -> None:
        self._paragraph(f"{self._label(mark)}: {text}" + (f": {self.say(right)}" if right else ""))

    def detail(self, text: str, *, label: str = "", lines: int = FEEDBACK_LINES) -> None:
        told = text if label == "log" else self.say(text)
        self._indented(f"  {self._label(label)}: " if label else "  ", self.text(told, lines=lines))

    def labelled(self, label: str, text: str, *, style: str) -> None:
        self._indented(f"{self._set_in(label)} " if label else "  ", self.text(self.say(text)))

    def panel(self, headline: wording.Headline) -> None:
        self._indented(f"{self.say(headline.title)}: ", self.text(self.say(headline.text)))
        if headline.hint:
            self.detail(headline.hint, label="hint")

    def table(self, rows: Sequence[tuple[str, ...]]) -> None:
        for row in rows:
            told = (self._label(row[0]), *map(self.say, row[1:])) if row else ()
            self._paragraph(": ".join(cell for cell in told if cell))

    def show(self, drawing: RenderableType, *, fold: bool = False) -> None:
        super().show(drawing, fold=fold)

    def _indented(self, label: str, body: Text) -> None:
        """Write the label and the first line; what follows never starts where a line of ours does."""
        first, *rest = body.split(allow_blank=True)
        self.show(Text(label) + first)
        for line in rest:
            self.show(line if line.plain.startswith("  ") else Text("  ") + line)


def page(screen: Screen) -> Page:
    """The page that fits the screen."""
    return _PlainPage(screen) if screen.plain else Page(screen)
