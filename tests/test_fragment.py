"""A report as HTML: the console's words, and no element that is not ours."""

import re
from html.parser import HTMLParser

from grader.fragment import render, render_error
from grader.records import Notice, Outcome, Report, Visibility
from tests.builders import make_report, make_result

HOSTILE = "</style></td><script>x</script><a href='javascript:y'>&amp; \u202ertl\u202c \x1b[31mred $x$"


def hostile_report() -> Report:
    result = make_result(
        score=0.0, feedback=f"{HOSTILE}\n{HOSTILE}", hint=HOSTILE, title=HOSTILE, visibility=Visibility.VISIBLE
    )
    return make_report(results=[result], title=HOSTILE, notices=[Notice(text=HOSTILE, where=HOSTILE)], score=0.0)


class Checked(HTMLParser):
    """Elements and text; every element that is opened is closed in its order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert {name for name, _ in attrs} <= {"class", "lang", "dir"}
        self.open.append(tag)
        self.elements.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_text_that_is_not_ours_opens_nothing() -> None:
    page = Checked(render(hostile_report()))

    assert not {"script", "a", "img", "iframe"} & set(page.elements)
    assert page.elements.count("style") == 1
    assert "<script>x</script><a href='javascript:y'>&amp; \\u202ertl\\u202c red $x$" in page.text


def test_it_says_what_the_console_says() -> None:
    """Score, question, mark, title, points, message and hint."""
    result = make_result(score=0.0, feedback="conv2d returned shape (2, 2).", hint="Look at the stride.")

    text = re.sub(r"\s+", " ", Checked(render(make_report(results=[result], score=0.0))).text)

    assert "hw1 Convolution: 0 / 4" in text
    assert "conv2d: 0 / 4" in text
    assert "FAIL" in text
    assert "conv2d returned shape (2, 2)." in text
    assert "hint Look at the stride." in text


def test_logs_and_seeds_stay_away() -> None:
    """Staff's parts of a report are cut off here too, whoever calls."""
    result = make_result(score=0.0, log="THE LOG", seed=0xABCDEF)

    page = render(make_report(results=[result], score=0.0))

    assert "THE LOG" not in page
    assert "abcdef" not in page.casefold()


def test_a_rejected_report_says_why_first() -> None:
    page = Checked(render(make_report(rejected="the file is empty\n  fix: save it", score=None, results=())))

    assert "rejected, no score" in page.text
    assert "the file is empty" in page.text


def test_not_graded_is_not_a_zero() -> None:
    broken = make_result(score=None, outcome=Outcome.GRADER_ERROR)

    assert "not a zero" in Checked(render(make_report(results=[broken], score=None, needs_review=True))).text


def test_an_endless_message_is_cut() -> None:
    result = make_result(score=0.0, feedback="\n".join(map(str, range(100))))

    assert "(cut, 70 more lines)" in render(make_report(results=[result], score=0.0))


def test_an_error_has_what_where_and_remedy() -> None:
    page = Checked(render_error(HOSTILE, where="%grade", fix="%grade hw1"))

    assert re.search(r"error:.*at: %grade.*fix: %grade hw1", page.text, re.DOTALL)


def test_no_color_is_set_for_text() -> None:
    """The page's own is right on dark and on light; colours are borders."""
    colours = set(re.findall(r"(?<![-\w])color: ([^;}]*)", render(make_report())))

    assert colours <= {"inherit"}
