"""Tests of grader.pages.look in a real browser: what the page's policy forbids does not happen."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from grader.pages import figures, look
from tests.browser.browsing import reading
from tests.browser.conftest import Read


@pytest.fixture
def page(tmp_path: Path) -> Path:
    drawing = figures.draw(
        lambda axes: axes.plot([0, 1], [1, 0], color=figures.ACCENT), width=3, height=2, told="a line that falls"
    )
    text = look.render("base.html", drawings=[drawing])
    file = tmp_path / "page.html"
    file.write_text(text.replace("<main", f"{drawing.svg}<main"), encoding="utf-8")
    return file


def test_a_drawing_takes_the_pages_colours_by_day_and_by_night(page: Path, read: Read) -> None:
    strokes = "[...document.querySelectorAll('svg path')].map(each => getComputedStyle(each).stroke)"

    assert "rgb(11, 98, 168)" in read(page).page.evaluate(strokes)
    assert "rgb(127, 188, 245)" in read(page, scheme="dark").page.evaluate(strokes)


@pytest.mark.parametrize(
    "written",
    [
        "<script>document.title = 'changed'</script>",
        "<img src='x' onerror='document.title = 1'>",
        "<p style='color: red'>red</p>",
        "<img src='https://example.org/pixel.png'>",
        "<link rel='stylesheet' href='https://example.org/style.css'>",
    ],
)
def test_what_the_page_did_not_come_with_is_refused(written: str, page: Path, running: Browser) -> None:
    page.write_text(page.read_text(encoding="utf-8").replace("<main", f"{written}<main"), encoding="utf-8")

    with reading(running, page, width=1280, scheme="light") as opened:
        assert any("Content Security Policy" in each for each in opened.complaints)
        assert opened.page.title() == ""
