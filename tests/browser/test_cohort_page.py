"""Tests of a class's page in a real browser: sorted, filtered, wide and narrow, by day and by night, on paper."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from grader.anonymous import read_pseudonyms
from grader.bookkeeping import keep_books
from grader.classreport import INDEX, Plan, write_report
from grader.cohort import Enrolled, Roster
from grader.course import read_course
from grader.language import language
from grader.records import Report, TestCase
from tests.browser.browsing import NARROW, WIDE, Reading, Scheme, reading
from tests.browser.conftest import Read
from tests.browser.reports import HOSTILE
from tests.builders import make_report
from tests.graded_classes import cases, in_words_of_hw1, write_journal

SIZE = 60
SMALL = 1100  # pixels
IDS = [f"s{number:03}" for number in range(SIZE)]
ROWS = "#students tbody tr"
SHOWN = f"{ROWS}:not([hidden])"


def odd(number: int, report: Report) -> Report:
    """The first is rejected, the second awaits review."""
    if number == 0:
        return make_report(
            student=report.student, score=None, max_score=100.0, results=(), rejected="the file is empty"
        )
    return replace(report, score=None, needs_review=True) if number == 1 else report


def long_names() -> tuple[TestCase, ...]:
    """Tests of a question that has a long name."""
    return tuple(replace(case, question="depthwise_separable_multiplications") for case in cases())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five classes' pages: "class", "korean", "anonymous", "two" (assignments) and "hostile"."""
    root = tmp_path_factory.mktemp("a class")
    course = {each.id: each for each in read_course(Path(__file__).parents[2], secret=None).assignments}
    one = write_journal(root / "journals/one", IDS, names=[f"Kim {id}" for id in IDS], change=odd, ungraded=["cut off"])
    two = write_journal(root / "journals/two", IDS[:9], assignment="hw2", title="Pooling", tests=long_names())
    own = write_journal(root / "journals/own", IDS, names=[f"김{id}" for id in IDS], change=in_words_of_hw1)
    bad = write_journal(root / "journals/bad", [HOSTILE, "b"], names=[HOSTILE] * 2, text=HOSTILE, title=HOSTILE)
    roster = Roster(students=tuple(Enrolled(id=id, name=f"Kim {id}") for id in [*IDS[1:], "김민수"]))
    for out, journals, enrolled in (
        ("class", [one], roster),
        ("anonymous", [one], roster),
        ("two", [one, two], None),
        ("hostile", [bad], None),
        ("korean", [own], None),
    ):
        pseudonyms = read_pseudonyms(one) if out == "anonymous" else None
        write_report(
            journals,
            keep_books(journals, roster=enrolled),
            Plan(
                out=root / out,
                course=course,
                pseudonyms=pseudonyms,
                language=language("ko" if out == "korean" else "en"),
            ),
        )
    return root


def students(page: Page) -> list[str]:
    """The ids of the rows that are shown."""
    return page.locator(f"{SHOWN} th").all_inner_texts()


@pytest.mark.parametrize(("width", "scheme"), [(WIDE, "light"), (NARROW, "dark")])
@pytest.mark.parametrize("name", ["class", "korean", "anonymous", "two", "hostile"])
def test_a_page_is_readable_everywhere(name: str, width: int, scheme: Scheme, folder: Path, read: Read) -> None:
    """No serious violation of axe-core's rules, nothing to scroll sideways, no complaint, no request."""
    opened: Reading = read(folder / name / INDEX, width=width, scheme=scheme)

    opened.keep(f"cohort_{name}_{width}_{scheme}")
    assert opened.violations() == []
    assert opened.overflow() == 0


@pytest.mark.parametrize("name", ["class", "korean", "two"])
def test_every_table_fits_on_a_small_screen(name: str, folder: Path, read: Read) -> None:
    """Nothing is cut off, however long a question's name is."""
    page = read(folder / name / INDEX, width=SMALL).page
    tables = page.locator(".scroll").evaluate_all("all => all.map(each => [each.scrollWidth, each.clientWidth])")

    assert len(tables) >= 5
    assert [(needed, given) for needed, given in tables if needed > given] == []


def test_a_korean_page_is_read_sorted_and_filtered_in_korean(folder: Path, read: Read) -> None:
    page = read(folder / "korean" / INDEX).page
    status = page.get_by_role("status")

    assert page.evaluate("document.documentElement.lang") == "ko"
    assert page.get_by_role("heading", level=1).inner_text() == "hw1 컨볼루션"
    assert (page.get_by_role("img").get_attribute("aria-label") or "").startswith("hw1의 점수, ")
    assert {"점수", "학생 수"} <= set(page.locator("svg text").all_text_contents())
    assert status.inner_text() == f"학생 {SIZE}명 가운데 {SIZE}명을 보입니다"

    page.get_by_label("찾기").fill("김s01")
    page.get_by_role("button", name="점수", exact=True).last.click()

    assert status.inner_text() == f"학생 {SIZE}명 가운데 10명을 보입니다"
    assert sorted(students(page)) == [f"s01{number}" for number in range(10)]


def test_a_column_is_sorted_from_the_keyboard_and_says_so(folder: Path, read: Read) -> None:
    """Numbers fall first, then rise; who has none is last both times."""
    page = read(folder / "class" / INDEX).page
    heading = page.locator("#students thead th", has_text="Score")
    heading.locator("button").focus()

    for key, order, falling in (("Enter", "descending", True), ("Space", "ascending", False)):
        page.keyboard.press(key)
        told = page.locator(f"{ROWS} td:nth-child(3)").all_inner_texts()
        scores = [float(each) for each in told if each[0].isdigit()]
        assert heading.get_attribute("aria-sort") == order
        assert scores == sorted(scores, reverse=falling)
        assert len(scores) == SIZE - 2
        assert not [each for each in told[: len(scores)] if not each[0].isdigit()]
    assert page.locator("#students thead th[aria-sort=none]").count() == 4
    assert page.get_by_role("columnheader", name="Score", exact=True).count() == 1


def test_words_are_sorted_as_people_do(folder: Path, read: Read) -> None:
    page = read(folder / "class" / INDEX).page
    page.get_by_role("button", name="Student", exact=True).click()

    assert students(page) == ["cut off", *IDS, "김민수"]


def test_every_table_of_numbers_is_sorted(folder: Path, read: Read) -> None:
    page = read(folder / "class" / INDEX).page
    page.get_by_role("button", name="Discrimination").click()
    values = page.locator("table", has_text="Discrimination").locator("tbody tr td:nth-child(7)").all_inner_texts()

    known = [float(each) for each in values if each != "not given"]
    assert known == sorted(known, reverse=True)
    assert values[: len(known)] == [f"{each:.2f}" for each in known]


def test_who_types_sees_whom_it_fits_and_hears_how_many(folder: Path, read: Read) -> None:
    page = read(folder / "class" / INDEX).page
    field, status = page.get_by_label("Find"), page.get_by_role("status")
    assert status.inner_text() == f"{SIZE + 2} of {SIZE + 2} students are shown"

    field.fill("KIM s01")
    assert students(page) == [f"s01{number}" for number in range(10)]
    assert status.inner_text() == f"10 of {SIZE + 2} students are shown"

    field.fill("민수")
    assert students(page) == ["김민수"]

    field.fill("nobody is called this")
    assert students(page) == []

    field.fill("")
    assert len(students(page)) == SIZE + 2


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("a person must look", ["s001", "cut off"]),
        ("without a score", ["s001", "김민수", "s000", "cut off"]),
        ("not on the roster", ["s000", "cut off"]),
    ],
)
def test_a_kind_of_student_is_chosen(kind: str, found: list[str], folder: Path, read: Read) -> None:
    page = read(folder / "class" / INDEX).page
    page.get_by_label("Show").select_option(label=kind)

    assert students(page) == found


def test_what_is_filtered_stays_so_while_it_is_sorted(folder: Path, read: Read) -> None:
    page = read(folder / "class" / INDEX).page
    page.get_by_label("Find").fill("s00")
    page.get_by_role("button", name="Score", exact=True).click()

    assert sorted(students(page)) == [f"s00{number}" for number in range(10)]


def test_a_student_leads_to_their_page(folder: Path, running: Browser) -> None:
    with reading(running, folder / "class" / INDEX, width=WIDE, scheme="light") as opened:
        opened.page.get_by_role("link", name="s007").click()

        assert opened.page.get_by_role("heading", level=1).inner_text() == "Convolution"
        assert "s007" in opened.page.inner_text("header")
        assert opened.complaints == []


def test_every_link_leads_somewhere(folder: Path, read: Read) -> None:
    for name in ("class", "anonymous", "two", "hostile"):
        page = read(folder / name / INDEX).page
        links = page.locator("main a[href], nav a[href]").evaluate_all("all => all.map(each => each.href)")

        assert links
        for link in links:
            file, _, anchor = link.partition("#")
            assert page.evaluate("address => new URL(address).pathname", file)
            path = Path(page.evaluate("address => decodeURIComponent(new URL(address).pathname)", file))
            assert path.is_file(), link
            assert not anchor or page.locator(f"[id='{anchor}']").count() == 1


def test_a_hostile_text_is_only_read(folder: Path, read: Read) -> None:
    page = read(folder / "hostile" / INDEX).page

    assert page.title() != "changed"
    assert page.evaluate("document.scripts.length") == 1
    assert page.evaluate("document.images.length") == 0
    assert "<script>document.title='changed'</script>" in page.inner_text("#students")
    page.get_by_label("Find").fill("</script>")
    page.get_by_role("button", name="Student", exact=True).click()
    assert len(students(page)) == 2


def test_a_hostile_students_page_is_only_read(folder: Path, read: Read) -> None:
    for path in (folder / "hostile" / "hw1").iterdir():
        page = read(path).page

        assert page.title() != "changed"
        assert page.evaluate("document.scripts.length + document.images.length") == 0


def test_without_its_script_every_row_is_there(folder: Path, running: Browser) -> None:
    context = running.new_context(java_script_enabled=False, offline=True)
    try:
        page = context.new_page()
        page.goto((folder / "class" / INDEX).as_uri())

        assert page.locator(ROWS).count() == SIZE + 2
        assert not page.get_by_label("Find").is_visible()
        assert page.get_by_role("button").count() == 0
    finally:
        context.close()


def test_on_paper_it_has_no_controls_and_all_columns(folder: Path, read: Read) -> None:
    opened: Reading = read(folder / "class" / INDEX, scheme="dark")
    page = opened.page
    page.emulate_media(media="print", color_scheme="dark")

    assert not page.get_by_label("Find").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf()[:5] == b"%PDF-"
