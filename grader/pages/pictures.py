"""What stands for which evidence: an array as a heat map, a training as curves, an image as an image.

In: Pictures, Epochs, Confused images. Out: Drawings, and the words beside them.
The rule: colour never says anything alone. Small arrays have their numbers in the cells, the first wrong cell has a
frame, and every drawing says in words what it shows.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from grader.marks import N_
from grader.pages.look import Drawing
from grader.pages.sketch import DIVERGING, VIRIDIS, Chart, Grid, draw_chart, draw_grid
from grader.records import Epoch, Picture

Say = Callable[[str], str]  # a text in the reader's language

_MOST_NUMBERS = 10  # cells each way that have room for their numbers
_ROOMY, _CLOSE, _WIDEST = 36.0, 24.0, 250.0  # pixels: a cell with its number, one without, all of them
_TOLD = 30  # numbers that the words hold in full
_TRAININGS = 6  # of one test, that are drawn
_ROLES = {"got": N_("Returned"), "expected": N_("Expected"), "difference": "Returned minus expected"}


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
    small = width <= _MOST_NUMBERS and height <= _MOST_NUMBERS
    return draw_grid(
        Grid(
            cells=cells,
            low=low,
            high=high,
            palette=DIVERGING if signed else VIRIDIS,
            # The numbers are in their cells, if there is room; what is no number always.
            numbers=[
                (row, column, _number(value))
                for (row, column), value in np.ndenumerate(cells)
                if small or not math.isfinite(value)
            ],
            side=_ROOMY if small else min(_CLOSE, _WIDEST / max(width, height)),
            first=picture.first,
            marked=picture.marked,
            told=_told(picture, say),
        )
    )


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
    ends = [say(f"{form.format(line[0][1])} to {form.format(line[-1][1])} in {line[-1][0]:g} epochs") for line in lines]
    said = "; ".join(say(f"training {number}: {end}") if len(lines) > 1 else end for number, end in enumerate(ends, 1))
    chart = Chart(
        lines=lines,
        highest=1.02 if "%" in form else None,
        below=say(N_("epochs")),
        label=say(N_("training")),
        told=f"{title}, {said}.",
    )
    return Shown(title=title, note=said, drawing=draw_chart(chart))
