"""What stands for which evidence: an array as a heat map, a training as curves, an image as an image.

In: Pictures, Epochs, Confused images. Out: Drawings, and the words beside them.
The rule: colour never says anything alone. Small arrays have their numbers in the cells, the first wrong cell has a
frame, and every drawing says in words what it shows.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.marks import N_
from grader.pages.figures import ACCENT, BAD, FAINT, INK, SECOND, draw
from grader.pages.look import Drawing
from grader.records import Epoch, Picture

Say = Callable[[str], str]  # a text in the reader's language

_MOST_NUMBERS = 10  # cells each way that have room for their numbers
_TOLD = 30  # numbers that the words hold in full
_TRAININGS = 6  # of one test, that are drawn
_DASHES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)))
_ROLES = {"got": N_("Returned"), "expected": N_("Expected"), "difference": "Returned minus expected"}
_LIGHT, _DARK = "#ffffff", "#111111"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A drawing and what stands below it."""

    title: str
    note: str
    drawing: Drawing


def heat_maps(pictures: Sequence[Picture], say: Say = str) -> tuple[Shown, ...]:
    """Each picture as a heat map; what was returned and what was expected have one scale."""
    answers = [value for each in pictures if each.role in ("got", "expected") for value in _finite(each)]
    return tuple(
        Shown(title=_title(each, say), note=_note(each, say), drawing=drawn)
        for each in pictures
        for drawn in [_heat_map(each, answers if each.role in ("got", "expected") else _finite(each), say)]
    )


def curves(epochs: Sequence[Epoch], say: Say = str) -> tuple[Shown, ...]:
    """Loss and accuracy over the epochs, a line for each training; nothing where none was told."""
    trainings = list(_trainings(epochs))
    named = ((N_("Loss"), "loss", "{:.3f}"), ("Accuracy on the training images", "accuracy", "{:.1%}"))
    return tuple(
        _curve(say(title), lines, form, say)
        for title, field, form in named
        if (lines := [line for each in trainings[:_TRAININGS] if (line := _known(each, field))])
    )


# --- arrays -------------------------------------------------------------------


def _heat_map(picture: Picture, scale: Sequence[float], say: Say) -> Drawing:
    cells = np.array(picture.rows, dtype=np.float64)
    height, width = cells.shape
    low, high = (min(scale), max(scale)) if scale else (0.0, 1.0)
    signed = picture.role == "difference"
    if signed:
        high = max(abs(low), abs(high)) or 1.0
        low = -high
    elif low == high:
        low, high = low - 0.5, high + 0.5
    numbers = width <= _MOST_NUMBERS and height <= _MOST_NUMBERS
    side = 0.38 if numbers else min(0.25, 2.6 / max(width, height))  # inches

    def paint(axes: Any) -> None:
        finite = np.ma.masked_invalid(cells)
        mesh = axes.pcolormesh(finite, cmap="RdBu_r" if signed else "viridis", vmin=low, vmax=high, linewidth=0)
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        axes.set_aspect("equal")
        for axis, first, count in ((axes.xaxis, picture.first[1], width), (axes.yaxis, picture.first[0], height)):
            step = max(1, math.ceil(count / 8))
            axis.set_ticks([at + 0.5 for at in range(0, count, step)])
            axis.set_ticklabels([str(first + at) for at in range(0, count, step)])
        axes.xaxis.tick_top()
        axes.tick_params(length=0, pad=2)
        for spine in axes.spines.values():
            spine.set_visible(False)
        _write_numbers(axes, cells, mesh, all_of_them=numbers)
        if picture.marked is not None:
            _frame(axes, *picture.marked)

    return draw(paint, width=width * side + 0.4, height=height * side + 0.35, told=_told(picture, say))


def _write_numbers(axes: Any, cells: Any, mesh: Any, *, all_of_them: bool) -> None:
    """The numbers in their cells, if there is room; what is no number always."""
    for (row, column), value in np.ndenumerate(cells):
        if math.isfinite(value):
            if not all_of_them:
                continue
            red, green, blue, _ = mesh.to_rgba(value)
            color = _DARK if 0.3 * red + 0.59 * green + 0.11 * blue > 0.5 else _LIGHT
        else:
            color = BAD
        text = _number(value)
        size = 7.5 if len(text) < 6 else 5.5
        axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", color=color, fontsize=size)


def _frame(axes: Any, row: int, column: int) -> None:
    """Light on dark, so that it is seen on every colour."""
    x, y = (column, column + 1, column + 1, column, column), (row, row, row + 1, row + 1, row)
    for color, width in ((_LIGHT, 4), (_DARK, 2)):
        axes.plot(x, y, color=color, linewidth=width, clip_on=False, solid_joinstyle="miter")


def _number(value: float) -> str:
    text = f"{value:.3g}"
    return text.replace("e-0", "e-").replace("e+0", "e") if "e" in text else text


def _finite(picture: Picture) -> list[float]:
    return [value for row in picture.rows for value in row if math.isfinite(value)]


def _title(picture: Picture, say: Say) -> str:
    return say(_ROLES.get(picture.role) or f"Argument {picture.name}".strip())


def _note(picture: Picture, say: Say) -> str:
    shape = f"shape {picture.shape}" if len(picture.shape) > 1 else f"{picture.shape[0]} numbers"
    return say(f"{shape}, shown: {picture.part}" if picture.part else shape)


def _told(picture: Picture, say: Say) -> str:
    """The picture in words: what it is of, and its numbers where they are few."""
    height, width = len(picture.rows), len(picture.rows[0])
    if height * width <= _TOLD:
        rows = "; ".join(", ".join(map(_number, row)) for row in picture.rows)
        said = f"rows: {rows}"
    elif finite := _finite(picture):
        said = f"{height} rows, {width} columns, from {_number(min(finite))} to {_number(max(finite))}"
    else:
        said = f"{height} rows, {width} columns, no finite number"
    told = f"{_title(picture, say)}, {_note(picture, say)}; {say(said)}."
    if picture.marked is not None:
        row, column = picture.marked
        place = f"row {picture.first[0] + row}, column {picture.first[1] + column}"
        told += " " + say(f"The first wrong value is {_number(picture.rows[row][column])} in {place}.")
    return told


# --- trainings ----------------------------------------------------------------


def _trainings(epochs: Sequence[Epoch]) -> Iterator[list[Epoch]]:
    """Epochs come one after another; where their number does not grow, another training begins."""
    running: list[Epoch] = []
    for epoch in epochs:
        if running and epoch.done <= running[-1].done:
            yield running
            running = []
        running.append(epoch)
    if running:
        yield running


def _known(training: Sequence[Epoch], field: str) -> list[tuple[float, float]]:
    """Epochs and values; what was not told, or is no number, is -1 and left out."""
    points = [(each.done, float(getattr(each, field))) for each in training]
    return [(done, value) for done, value in points if math.isfinite(value) and value >= 0]


def _curve(title: str, lines: Sequence[Sequence[tuple[float, float]]], form: str, say: Say) -> Shown:
    def paint(axes: Any) -> None:
        for number, line in enumerate(lines):
            color = (ACCENT, SECOND, INK)[number % 3]
            style = {"marker": "o", "markersize": 3, "linewidth": 1.6, "linestyle": _DASHES[number % len(_DASHES)]}
            label = f"training {number + 1}" if len(lines) > 1 else None
            axes.plot(*zip(*line, strict=True), color=color, label=label, **style)
        axes.set_xlabel("epochs")
        axes.set_ylim(0, 1.02 if "%" in form else None)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(visible=True, axis="y", color=FAINT)
        if len(lines) > 1:
            axes.legend(fontsize=8)

    ends = [say(f"{form.format(line[0][1])} to {form.format(line[-1][1])} in {line[-1][0]:g} epochs") for line in lines]
    said = "; ".join(say(f"training {number}: {end}") if len(lines) > 1 else end for number, end in enumerate(ends, 1))
    return Shown(title=title, note=said, drawing=draw(paint, width=3.4, height=2.1, told=f"{title}, {said}."))
