"""Tests of a report's page in a real browser, as a student reads it: wide and narrow, by day and by night, on paper."""

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.pages import student
from grader.records import Audience, Report
from tests.browser import reports
from tests.browser.browsing import NARROW, WIDE, Scheme
from tests.browser.conftest import Read

REPORTS: dict[str, Callable[[], Report]] = {
    "ordinary": reports.ordinary,
    "training": reports.training,
    "rejected": reports.rejected,
    "hostile": reports.hostile,
}


def write(folder: Path, report: Report, audience: Audience = Audience.STUDENT) -> Path:
    file = folder / "report with a blank.html"
    file.write_text(student.render(report, audience), encoding="utf-8")
    return file


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize(("width", "scheme"), [(WIDE, "light"), (NARROW, "dark")])
@pytest.mark.parametrize("name", REPORTS)
def test_a_page_is_readable_everywhere(
    name: str, width: int, scheme: Scheme, audience: Audience, tmp_path: Path, read: Read
) -> None:
    """No serious violation of axe-core's rules, nothing to scroll sideways, no complaint, no request."""
    opened = read(write(tmp_path, REPORTS[name](), audience), width=width, scheme=scheme)

    opened.keep(f"student_{name}_{audience}_{width}_{scheme}")
    assert opened.violations() == []
    assert opened.overflow() == 0


@pytest.mark.parametrize("audience", Audience)
def test_a_hostile_text_is_only_read(audience: Audience, tmp_path: Path, read: Read) -> None:
    page = read(write(tmp_path, reports.hostile(), audience)).page

    assert page.title() == "hw1 Convolution: 0 / 4"
    assert page.evaluate("document.scripts.length + document.images.length") == 0
    assert "<script>document.title='changed'</script>" in page.inner_text("main")
    assert "{{ 7*7 }}" in page.inner_text("main")


def test_the_first_wrong_cell_is_named_to_who_does_not_see_it(tmp_path: Path, read: Read) -> None:
    page = read(write(tmp_path, reports.ordinary())).page
    told = page.get_by_role("img").evaluate_all("all => all.map(each => each.ariaLabel)")

    assert len(told) == 6
    assert told[0].startswith("Argument x, shape (2, 12, 14, 3), shown: [1, :, :, 0]; 12 rows, 14 columns")
    assert told[3].startswith("Returned, shape (2, 8, 9, 4), shown: [1, :, :, 3];")
    assert "The first wrong value is nan in row 7, column 8." in told[3]


def test_the_keyboard_reaches_the_content_first(tmp_path: Path, read: Read) -> None:
    page = read(write(tmp_path, reports.ordinary())).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"

    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.getAttribute('href')") == "#question-1"


def test_the_word_of_every_outcome_is_seen(tmp_path: Path, read: Read) -> None:
    """`skip` once had the class of the link that waits outside the page."""
    marks = read(write(tmp_path, reports.ordinary())).page.locator(".mark")

    assert "skip" in marks.all_inner_texts()
    for mark in marks.all():
        box = mark.bounding_box()
        assert box is not None
        assert box["x"] >= 0


def test_who_looks_at_classes_sees_the_commonest_mistake(tmp_path: Path, read: Read) -> None:
    page = read(write(tmp_path, reports.training())).page

    assert "cat is taken for dog" in page.inner_text("main")
    assert page.locator("table.classes").count() == 2
    assert page.locator("table.classes tbody tr").count() == 20
    assert page.locator("ul.images img").count() == 8
    assert page.evaluate("[...document.images].every(each => each.complete && each.naturalWidth === 32)")


def test_on_paper_it_is_black_on_white_whatever_the_screen_is(tmp_path: Path, read: Read) -> None:
    page = read(write(tmp_path, reports.ordinary()), scheme="dark").page

    page.emulate_media(media="print", color_scheme="dark")

    colors = page.evaluate("(({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(document.body))")
    assert colors == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert page.pdf()[:5] == b"%PDF-"


def test_on_paper_the_worst_mistakes_are_the_plainest(tmp_path: Path, read: Read) -> None:
    """Also where the printer leaves backgrounds out: ink, bold and a frame need none."""
    page = read(write(tmp_path, reports.training())).page
    page.emulate_media(media="print")
    style = """each => (({color, fontWeight, outlineStyle, printColorAdjust}) =>
        [color, fontWeight, outlineStyle, printColorAdjust])(getComputedStyle(each))"""

    worst = page.locator(".shade9:not(.own), .shade8:not(.own), .shade7:not(.own)").first
    assert worst.evaluate(style) == ["rgb(0, 0, 0)", "650", "solid", "exact"]
    assert page.locator(".shade1:not(.own)").first.evaluate(style) == ["rgb(0, 0, 0)", "400", "none", "exact"]
    assert page.locator("table.classes").first.evaluate("each => getComputedStyle(each).breakInside") == "avoid"


def test_on_paper_logs_and_commands_of_staff_are_there(tmp_path: Path, read: Read) -> None:
    """They are folded on the screen, and paper cannot be unfolded."""
    page = read(write(tmp_path, reports.ordinary(), Audience.STAFF)).page
    folded = page.locator("details.staff:not([open])", has_text=str(reports.SECRET))
    seen = "each => each.checkVisibility({contentVisibilityAuto: true}) && each.getBoundingClientRect().height > 0"
    assert not folded.locator("pre").evaluate(seen)

    page.emulate_media(media="print")

    assert folded.locator("pre").evaluate(seen)
    assert folded.locator("code").evaluate(seen)
