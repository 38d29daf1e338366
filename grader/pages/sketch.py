"""Owns small drawings, written as SVG by hand: a class of a thousand has ten thousand of them.

In: numbers, and words of ours. Out: a Drawing with a text alternative, as `figures` makes them.
The rule: as there, the same numbers give the same bytes, letters stay letters, and ink and paper are the page's.

A heat map takes 0.2 ms here and 50 ms in matplotlib, which lays out, measures text and writes two dozen elements to
show one. What is drawn once for a page is drawn there.
"""

import html
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from grader.pages.look import Drawing


class Palette(NamedTuple):
    """Colours from low to high, between which it is interpolated."""

    name: str  # one letter
    colours: tuple[str, ...]


VIRIDIS = Palette(
    "v", ("#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725")
)
#: Blue below 0, red above, white in the middle.
DIVERGING = Palette(
    "d", ("#053061", "#2f79b5", "#8ac0db", "#d2e6f0", "#f7f7f7", "#fbd0b9", "#ee8a6b", "#c0383a", "#67001f")
)

_LEVELS = 49  # odd: 0 has the middle one
_SIZE = 12.0  # pixels, of letters
_TICKS = 8  # that a side has at most
_LIGHT, _DARK = "#ffffff", "#111111"
_STROKES = ("accent", "second", "ink")
_DASHES = ("", "6 3", "2 2", "7 3 2 3", "9 2 2 2 2 2", "2 5")
_TEXT = frozenset(
    {
        f".sk {{ font-size: {_SIZE:g}px; fill: var(--ink); text-anchor: middle; }}",
        ".sk-left { text-anchor: end; }",
        ".sk-start { text-anchor: start; }",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A heat map."""

    cells: npt.NDArray[np.float64]  # (rows, columns); what is not finite has no colour
    low: float  # the value of the first colour
    high: float
    palette: Palette
    numbers: Sequence[tuple[int, int, str]]  # row, column and what stands in that cell
    side: float  # pixels of a cell
    first: tuple[int, int] = (0, 0)  # what the first row and column are called
    marked: tuple[int, int] | None = None  # row and column of the cell that has a frame
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Lines over a horizontal axis that begins at 0."""

    lines: Sequence[Sequence[tuple[float, float]]]
    highest: float | None  # of the vertical axis; None: what the lines need
    below: str  # what the horizontal axis is
    label: str  # of a line, with its number behind it
    told: str


def draw_grid(grid: Grid) -> Drawing:
    """Draw a heat map: cells in their colours, the numbers of rows and columns at its edges."""
    height, width = grid.cells.shape
    side = grid.side
    left, top = 8.0 + 7.0 * len(str(grid.first[0] + height)), 18.0
    levels = _levels(grid)
    inks = [_ink(level, grid.palette) for level in range(_LEVELS)]
    parts = [*_cells(levels, grid.palette, left, top, side), *_edges(grid, left, top)]
    for row, column, text in grid.numbers:
        level = levels[row, column]
        kind = "sk-inside sk-bad" if level < 0 else inks[level]
        small = "" if len(text) < 6 else " sk-small"
        x, y = left + (column + 0.5) * side, top + (row + 0.5) * side + 3.5
        parts.append(_text(x, y, text, f"{kind}{small}"))
    if grid.marked is not None:
        x, y = left + grid.marked[1] * side, top + grid.marked[0] * side
        parts += [f'<rect class="sk-{each}" x="{x:g}" y="{y:g}" width="{side:g}" height="{side:g}"/>' for each in "fg"]
    rules = {rule for level in map(int, np.unique(levels)) if level >= 0 for rule in [_rule(level, grid.palette)]}
    return _drawing(parts, left + width * side + 3, top + height * side + 3, grid.told, _TEXT | _GRID | rules)


def draw_chart(chart: Chart) -> Drawing:
    """Draw lines, each in its own colour and dashes."""
    width, height, left, top = 326.0, 202.0, 42.0, 10.0
    right, bottom = width - 12, height - 36
    points = [point for line in chart.lines for point in line]
    across = max([1.0, *(x for x, _ in points)])
    up = chart.highest or 1.05 * max([y for _, y in points] or [1.0]) or 1.0

    def place(x: float, y: float) -> tuple[float, float]:
        return left + (right - left) * x / across, bottom - (bottom - top) * min(y / up, 1.0)

    parts = []
    for value in _ticks(up):
        y = place(0, value)[1]
        parts.append(f'<path class="sk-rule" d="M{left:g} {y:.1f}H{right:g}"/>')
        parts.append(_text(left - 6, y + 4, f"{value:g}", "sk-left"))
    parts += [_text(place(value, 0)[0], bottom + 16, f"{value:g}", "") for value in _ticks(across, whole=True)]
    parts.append(_text((left + right) / 2, height - 4, chart.below, ""))
    for number, line in enumerate(chart.lines):
        parts += _line(number, [place(x, y) for x, y in line])
    if len(chart.lines) > 1:
        rising = 2 * sum(line[-1][1] for line in chart.lines) > up * len(chart.lines)
        parts += _legend(
            len(chart.lines), chart.label, right - 86, bottom - 16 * len(chart.lines) if rising else top + 12
        )
    rules = {_stroke(number) for number in range(len(chart.lines))}
    rules |= {_dots(number) for number in range(len(chart.lines))}
    return _drawing(parts, width, height, chart.told, _TEXT | _CHART | rules)


# --- heat maps ----------------------------------------------------------------


_GRID = frozenset(
    {
        ".sk-cell { shape-rendering: crispEdges; }",
        f".sk-light {{ fill: {_LIGHT}; }}",
        f".sk-dark {{ fill: {_DARK}; }}",
        ".sk-bad { fill: var(--bad); }",
        ".sk-inside { font-size: 10px; }",
        ".sk-small { font-size: 7.5px; }",
        f".sk-f {{ fill: none; stroke: {_LIGHT}; stroke-width: 5; }}",
        f".sk-g {{ fill: none; stroke: {_DARK}; stroke-width: 2.5; }}",
    }
)


def _levels(grid: Grid) -> npt.NDArray[np.int64]:
    """Each cell's colour, -1 where it has none."""
    finite = np.isfinite(grid.cells)
    with np.errstate(over="ignore", invalid="ignore"):  # from -1e308 to 1e308 is further than a float goes
        shares = (grid.cells / 2 - grid.low / 2) / ((grid.high / 2 - grid.low / 2) or 1.0)
        levels = np.floor(np.clip(np.nan_to_num(shares), 0, 1) * _LEVELS).clip(0, _LEVELS - 1)
    return np.where(finite, levels, -1).astype(np.int64)


def _cells(levels: npt.NDArray[np.int64], palette: Palette, left: float, top: float, side: float) -> Iterator[str]:
    """The cells of one colour are one path: a fifth of the bytes."""
    by_level: dict[int, list[str]] = {}
    for (row, column), level in np.ndenumerate(levels):
        if level >= 0:
            corner = f"M{left + column * side:.4g} {top + row * side:.4g}h{side:.4g}v{side:.4g}h-{side:.4g}z"
            by_level.setdefault(int(level), []).append(corner)
    return (
        f'<path class="sk-cell {_named(level, palette)}" d="{"".join(found)}"/>'
        for level, found in sorted(by_level.items())
    )


def _edges(grid: Grid, left: float, top: float) -> Iterator[str]:
    height, width = grid.cells.shape
    for at in range(0, width, max(1, math.ceil(width / _TICKS))):
        yield _text(left + (at + 0.5) * grid.side, top - 5, str(grid.first[1] + at), "")
    for at in range(0, height, max(1, math.ceil(height / _TICKS))):
        yield _text(left - 5, top + (at + 0.5) * grid.side + 4, str(grid.first[0] + at), "sk-left")


def _named(level: int, palette: Palette) -> str:
    return f"sk-{palette.name}{level}"


@cache
def _colour(level: int, palette: Palette) -> tuple[int, int, int]:
    at = (len(palette.colours) - 1) * level / (_LEVELS - 1)
    low = min(int(at), len(palette.colours) - 2)
    one, other = (_channels(each) for each in palette.colours[low : low + 2])
    red, green, blue = (round(a + (b - a) * (at - low)) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


@cache
def _rule(level: int, palette: Palette) -> str:
    return f".{_named(level, palette)} {{ fill: #{bytes(_colour(level, palette)).hex()}; }}"


@cache
def _ink(level: int, palette: Palette) -> str:
    red, green, blue = _colour(level, palette)
    return "sk-inside sk-dark" if 0.3 * red + 0.59 * green + 0.11 * blue > 127 else "sk-inside sk-light"


# --- lines --------------------------------------------------------------------


_CHART = frozenset({".sk-rule { stroke: var(--faint); stroke-width: 1; }"})


def _line(number: int, points: Iterable[tuple[float, float]]) -> Iterator[str]:
    places = [f"{x:.1f} {y:.1f}" for x, y in points]
    yield f'<path class="sk-line{number}" d="M{"L".join(places)}"/>'
    # A circle is a stroke of no length with round ends.
    yield f'<path class="sk-dots{number}" d="{"".join(f"M{place}h0" for place in places)}"/>'


def _legend(count: int, label: str, x: float, y: float) -> Iterator[str]:
    for number in range(count):
        at = y + 16 * number
        yield f'<path class="sk-line{number}" d="M{x:g} {at - 4:g}h22"/>'
        yield _text(x + 28, at, f"{label} {number + 1}", "sk-start")


def _stroke(number: int) -> str:
    dash = _DASHES[number % len(_DASHES)]
    dashes = f" stroke-dasharray: {dash};" if dash else ""
    ink = _STROKES[number % len(_STROKES)]
    return f".sk-line{number} {{ fill: none; stroke: var(--{ink}); stroke-width: 2;{dashes} }}"


def _dots(number: int) -> str:
    ink = _STROKES[number % len(_STROKES)]
    return f"svg.drawing .sk-dots{number} {{ stroke: var(--{ink}); stroke-width: 5; stroke-linecap: round; }}"


def _ticks(highest: float, *, whole: bool = False) -> Iterator[float]:
    """0 and round steps up to the highest, four to six of them."""
    rough = highest / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    step = max(1.0, step) if whole else step
    return (round(number * step, 12) for number in range(int(highest / step + 1e-9) + 1))


# --- elements -----------------------------------------------------------------


def _text(x: float, y: float, text: str, kind: str) -> str:
    classes = f"sk {kind}".strip()
    return f'<text class="{classes}" x="{x:.1f}" y="{y:.1f}">{html.escape(text)}</text>'


def _drawing(parts: Iterable[str], width: float, height: float, told: str, rules: frozenset[str]) -> Drawing:
    root = f'<svg class="drawing" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" role="img"'
    return Drawing(
        svg=f'{root} aria-label="{html.escape(told)}">{"".join(parts)}</svg>', rules=frozenset(rules), told=told
    )
