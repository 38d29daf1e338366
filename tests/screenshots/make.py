"""Makes README's pictures anew, from real runs.

    python -m tests.screenshots.make            # all of them, or: ... make wrong watch

In: the scenes. Out: an SVG for each beside this file. The rule: a picture needs nothing but itself: no font is fetched,
no script runs, and its text is text, which a screen reader reads and a search finds.
"""

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from rich.ansi import AnsiDecoder
from rich.console import Console
from rich.terminal_theme import TerminalTheme

from tests.screenshots.scenes import COLUMNS, SCENES, record

FOLDER = Path(__file__).parent

# Each colour has a contrast of more than 7 to 1 on the background, dimmed text more than 4.5.
_THEME = TerminalTheme(
    (22, 24, 29),
    (222, 226, 230),
    [
        (22, 24, 29),
        (255, 135, 126),
        (110, 215, 125),
        (232, 190, 90),
        (130, 195, 255),
        (214, 170, 255),
        (100, 214, 222),
        (222, 226, 230),
    ],
)
# As rich has it, without its font, which it fetches from a server, and with a title for who cannot see it.
_FRAME = """\
<svg viewBox="0 0 {{width}} {{height}}" role="img" aria-label="{title}" xmlns="http://www.w3.org/2000/svg">
<title>{title}</title>
<style>
.{{unique_id}}-matrix {{{{
font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
font-size: {{char_height}}px;
line-height: {{line_height}}px;
}}}}
.{{unique_id}}-title {{{{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}}}
{{styles}}
</style>
<defs>
<clipPath id="{{unique_id}}-clip-terminal">
<rect x="0" y="0" width="{{terminal_width}}" height="{{terminal_height}}" />
</clipPath>
{{lines}}
</defs>
{{chrome}}
<g transform="translate({{terminal_x}}, {{terminal_y}})" clip-path="url(#{{unique_id}}-clip-terminal)">
{{backgrounds}}
<g class="{{unique_id}}-matrix">
{{matrix}}
</g>
</g>
</svg>
"""


def draw(name: str, lines: Sequence[str]) -> str:
    """Draw lines with escapes as a picture.

    Args:
        name: of a scene; it makes the picture's own names, so that two fit on one page.
        lines: as `record` gives them.
    """
    title = SCENES[name].title
    console = Console(
        file=io.StringIO(),
        record=True,
        width=COLUMNS,
        height=len(lines),
        force_terminal=True,
        color_system="truecolor",
        force_jupyter=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
    decoder = AnsiDecoder()
    for line in lines:
        console.print(decoder.decode_line(line), no_wrap=True, overflow="ignore", crop=False)
    frame = _FRAME.format(title=escape(title, {'"': "&quot;"}).replace("{", "{{").replace("}", "}}"))
    svg = console.export_svg(title=title, theme=_THEME, code_format=frame, unique_id=name)
    return "\n".join(line.strip() for line in svg.splitlines() if line.strip()) + "\n"


def main(names: Sequence[str]) -> None:
    """Write the pictures of these scenes; of all, where none is named."""
    for name in names or SCENES:
        (FOLDER / f"{name}.svg").write_text(draw(name, record(SCENES[name])), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
