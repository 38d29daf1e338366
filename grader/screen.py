"""Owns what is known about the stream that a report is drawn on: its width, its letters, whether it may have colour.

In: a stream, the environment as a mapping, `--plain`. Out: a Screen, decided once.
The rule: where nothing is known, write what every reader can take: 80 columns, no escapes, letters that the stream has.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

from grader.language import ENGLISH, Language

_WIDTH = 80
_NARROWEST = 40
_WIDEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One stream, and how to write on it."""

    stream: TextIO
    width: int = _WIDTH
    color: bool = False
    plain: bool = False  # no redraw, no box, no column: one line for each thing said
    interactive: bool = False  # a line may be redrawn
    language: Language = ENGLISH  # of who reads it

    def encodable(self, text: str) -> str:
        """Put "?" for each letter that the stream cannot hold: Hangul on an ASCII stream, an emoji on CP949."""
        encoding = self.stream.encoding or "utf-8"
        return text.encode(encoding, "replace").decode(encoding)


def terminal(
    stream: TextIO,
    environ: Mapping[str, str],
    *,
    plain: bool = False,
    columns: int | None = None,
    language: Language = ENGLISH,
) -> Screen:
    """Decide how to write on a stream.

    Args:
        stream: stdout or stderr.
        environ: NO_COLOR, FORCE_COLOR, COLUMNS, TERM, ACCESSIBLE and CI are read.
        plain: as `--plain` says; ACCESSIBLE says the same.
        columns: the terminal's width, as `shutil.get_terminal_size` tells it; at most 80 are used. COLUMNS wins, up to
            200.
        language: of who reads it.
    """
    plain = plain or _is_on(environ, "ACCESSIBLE")
    redraws = stream.isatty() and environ.get("TERM") != "dumb" and not plain
    # An old Windows console names itself nowhere, and shows escapes as letters.
    wanted = redraws and any(environ.get(name) for name in ("TERM", "WT_SESSION", "TERM_PROGRAM", "ANSICON"))
    wanted = wanted or (_is_on(environ, "FORCE_COLOR") and not plain)
    return Screen(
        stream=stream,
        width=_width(environ.get("COLUMNS", ""), columns if stream.isatty() else None),
        # Any NO_COLOR but an empty one counts, "0" too (no-color.org); it wins over FORCE_COLOR.
        color=wanted and not environ.get("NO_COLOR"),
        plain=plain,
        interactive=redraws and not _is_on(environ, "CI"),
        language=language,
    )


def _is_on(environ: Mapping[str, str], name: str) -> bool:
    return environ.get(name, "").lower() not in ("", "0", "false", "no")


def _width(asked: str, columns: int | None) -> int:
    if asked.isascii() and asked.isdigit() and len(asked) < 6 and int(asked) > 0:
        return max(_NARROWEST, min(int(asked), _WIDEST))
    return max(_NARROWEST, min(columns or _WIDTH, _WIDTH))
