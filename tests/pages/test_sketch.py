"""Tests of grader.pages.sketch: small drawings by hand."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.pages.look import Drawing
from grader.pages.sketch import DIVERGING, VIRIDIS, Chart, Grid, Palette, draw_chart, draw_grid


def grid_of(cells: object, *, low: float = 0.0, high: float = 1.0, palette: Palette = VIRIDIS) -> Drawing:
    return draw_grid(
        Grid(
            cells=np.array(cells, dtype=np.float64),
            low=low,
            high=high,
            palette=palette,
            numbers=(),
            side=20.0,
            marked=(0, 0),
            told="a <grid>",
        )
    )


def colours(drawing: Drawing) -> dict[str, str]:
    """The colour of each class of cells."""
    return dict(re.findall(r"\.(sk-[vd][0-9]+) \{ fill: (#[0-9a-f]{6}); \}", " ".join(drawing.rules)))


def test_the_ends_of_the_scale_are_the_ends_of_the_colours() -> None:
    found = colours(grid_of([[0.0, 1.0]]))

    assert sorted(found.values()) == [VIRIDIS.colours[0], VIRIDIS.colours[-1]]


def test_zero_is_white_where_colours_part_there() -> None:
    assert list(colours(grid_of([[0.0]], low=-3.0, high=3.0, palette=DIVERGING)).values()) == ["#f7f7f7"]


def test_two_palettes_on_a_page_do_not_mix() -> None:
    """A class of one never has a rule of the other."""
    one, other = (set(colours(grid_of([[0.5]], palette=each))) for each in (VIRIDIS, DIVERGING))

    assert one.isdisjoint(other)


def test_what_is_no_number_has_no_colour() -> None:
    assert colours(grid_of([[np.nan, np.inf, -np.inf]])) == {}


@given(st.lists(st.floats(), min_size=1, max_size=8), st.floats(allow_nan=False, allow_infinity=False))
def test_any_numbers_are_drawn(cells: list[float], high: float) -> None:
    """The largest, the smallest, and a scale without a width."""
    drawing = grid_of([cells], low=0.0, high=high)

    assert drawing.svg.startswith("<svg ")
    assert "nan" not in drawing.svg
    assert "inf" not in drawing.svg


def test_what_it_shows_is_said_and_escaped() -> None:
    drawing = grid_of([[0.0]])

    assert 'role="img" aria-label="a &lt;grid&gt;"' in drawing.svg
    assert "style" not in drawing.svg


@pytest.mark.parametrize("highest", [1.02, None])
@pytest.mark.parametrize("last", [1e-9, 0.004, 0.73, 1.0, 17.0, 250_000.0])
def test_an_axis_has_a_handful_of_round_steps(last: float, highest: float | None) -> None:
    chart = Chart(lines=[[(1.0, 0.0), (12.0, last)]], highest=highest, below="epochs", label="training", told="a line")
    steps = re.findall(r'<text class="sk sk-left"[^>]*>([^<]*)</text>', draw_chart(chart).svg)

    assert 3 <= len(steps) <= 7
    assert steps[0] == "0"


def test_lines_differ_in_more_than_colour() -> None:
    lines = [[(0.0, 1.0), (1.0, 0.5)]] * 6
    drawing = draw_chart(Chart(lines=lines, highest=None, below="epochs", label="training", told="six lines"))
    strokes = [rule.split("{")[1] for rule in drawing.rules if rule.startswith(".sk-line")]

    assert len(set(strokes)) == 6
    assert len([rule for rule in strokes if "dasharray" not in rule]) == 1
    assert "training 6" in drawing.svg


def test_a_line_of_nothing_but_zeros_is_drawn() -> None:
    drawing = draw_chart(Chart(lines=[[(0.0, 0.0)]], highest=None, below="epochs", label="training", told="zeros"))

    assert "nan" not in drawing.svg
