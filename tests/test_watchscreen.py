"""The still screen of watch mode, drawn for terminals of several sizes."""

import io

import pytest

from grader.deltas import deltas
from grader.language import language
from grader.records import Report
from grader.screen import Screen
from grader.watching import Regrade
from grader.watchscreen import watch_screen
from tests.builders import make_report, make_result

TITLES = [f"Rule number {number} of those that every window of every image keeps." for number in range(38)]


class Terminal(io.StringIO):
    encoding = "utf-8"


def report(score: float) -> Report:
    results = [
        make_result(name=f"test_{number}", title=title, score=score, feedback="" if score else "conv2d went wrong.")
        for number, title in enumerate(TITLES)
    ]
    return make_report(score=38 * score, max_score=38 * 4.0, results=results)


def drawn(monkeypatch: pytest.MonkeyPatch, *, columns: int, lines: int, code: str = "en") -> list[str]:
    """The lines on the screen after a save that lost every test."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("LINES", str(lines))
    stream = Terminal()
    screen = Screen(stream=stream, width=columns, interactive=True, language=language(code))
    shown = watch_screen(lambda: screen, where="hw02_pooling/pooling.py", clock=lambda: "22:53:16")
    before, after = report(4.0), report(0.0)
    shown.show(Regrade(report=after, before=before, changes=deltas(before, after), took_s=0.94))
    return stream.getvalue().removeprefix("\x1b[H").replace("\x1b[K", "").removesuffix("\x1b[J").split("\n")


@pytest.mark.parametrize(("columns", "lines"), [(50, 20), (40, 12), (80, 24)])
def test_many_changes_leave_what_to_fix_first_in_sight(
    monkeypatch: pytest.MonkeyPatch, columns: int, lines: int
) -> None:
    """They take a quarter of the height, and the rest of them is a number."""
    screen = drawn(monkeypatch, columns=columns, lines=lines)

    changes = screen[: screen.index("")]
    assert len(screen) <= lines
    assert changes[0].startswith("-4: Rule number 0")
    assert changes[-1].startswith("and 3")
    assert len(changes) <= max(3, lines // 4)
    assert any("conv2d went wrong." in line for line in screen)


def test_few_changes_are_all_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A high terminal has room for eight lines."""
    screen = drawn(monkeypatch, columns=80, lines=60)

    assert screen[:8] == [*(f"-4: {title}" for title in TITLES[:7]), "and 31 more"]


def test_the_state_is_one_line_in_korean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hangul takes two columns a letter."""
    screen = drawn(monkeypatch, columns=80, lines=24, code="ko")

    assert screen[-1] == "22:53:16 채점 완료(0.94초). 지켜보는 중: hw02_pooling/pooling.py; 끝내기: Ctrl-C"
