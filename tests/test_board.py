"""What a person sees of a batch, on any screen."""

import io
from dataclasses import replace
from pathlib import Path

import pytest

from grader.batch_events import Begun, Event, Finished, Retried, Started, Tick
from grader.board import Board, draw_changes, draw_summary
from grader.changes import compare_one
from grader.cohort import Delivery, Rejected
from grader.screen import Screen
from tests.builders import make_report, make_result
from tests.cohorts import make_book, make_entry

HOSTILE = "\x1b[2J[red]kim\n\uae40::error::x"


def events(student: str = "ann") -> list[Event]:
    delivery = Delivery(student=student, path=Path("in"))
    report = make_report()
    return [
        Begun(assignment="hw1", title="Convolution", total=6, settled=1, jobs=2),
        Started(worker=1, delivery=delivery),
        Tick(),
        Finished(worker=1, delivery=delivery, report=report, seconds=0.25),
        Started(worker=2, delivery=delivery),
        Retried(worker=2, delivery=delivery, reason="the grader process ended with signal 9"),
        Started(worker=2, delivery=delivery),
        Finished(worker=2, delivery=delivery, report=replace(report, score=None, rejected="empty\n  at x"), seconds=1),
        Finished(worker=2, delivery=delivery, report=replace(report, score=None, needs_review=True), seconds=1),
        Finished(worker=2, delivery=delivery, report=None, seconds=0),
    ]


def shown(interactive: bool, encoding: str = "utf-8", student: str = "ann") -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    now = [0.0]

    def clock() -> float:
        now[0] += 0.5
        return now[0]

    with Board(Screen(stream=stream, interactive=interactive), clock=clock) as board:
        for event in events(student):
            board(event)
    assert (board.done, board.total) == (5, 6)
    stream.flush()
    return raw.getvalue().decode(encoding)


def test_elsewhere_than_on_a_terminal_each_event_is_a_line() -> None:
    lines = shown(interactive=False).splitlines()

    assert lines[0] == "hw1: 6 submissions, 1 of them graded before"
    assert lines[1].startswith("2/6  graded  ann  ")
    assert lines[1].endswith("  0.2 s")
    assert lines[2] == "again  ann: the grader process ended with signal 9"
    assert lines[3] == "3/6  rejected  ann  empty  1.0 s"
    assert lines[4] == "4/6  review  ann  no score  1.0 s"
    assert len(lines) == 6


def test_on_a_terminal_there_is_a_board() -> None:
    """How much is done, what runs for how long, the rate, what is left, failures; and at the end it is gone."""
    text = shown(interactive=True)

    for word in ("5/6", "/s", "left", "1 rejected", "1 review", "1 before", "again  ann"):
        assert word in text
    assert text.endswith("\x1b[2K") or "\x1b[1A" in text


@pytest.mark.parametrize("encoding", ["ascii", "cp949", "utf-8"])
@pytest.mark.parametrize("interactive", [True, False])
def test_a_name_is_only_text(encoding: str, interactive: bool) -> None:
    """No escape, no markup, no line of its own, no command of a CI; on every stream."""
    text = shown(interactive=interactive, encoding=encoding, student=HOSTILE)

    assert "\x1b[2J" not in text
    assert "[red]kim" in text
    assert "::error::" not in text
    assert not any(line.startswith("\uae40") for line in text.splitlines())


def test_a_summary_names_who_has_no_score() -> None:
    stream = io.StringIO()
    book = make_book(
        {"ann": make_entry(80), "bob": make_entry(60), "cho": make_entry(None)},
        rejected=[Rejected(where="x", reason="y")],
    )

    draw_summary(Screen(stream=stream), book, where=[("gradebook", "grades/gradebook.csv")])

    text = stream.getvalue()
    assert "2 of 3 have a score" in text
    assert "mean 70, median 70 of 100 points" in text
    assert "cho: nothing handed in" in text
    assert "found and of no use: 1" in text
    assert "grades/gradebook.csv" in text


def test_a_regrade_shows_before_and_after() -> None:
    before = make_report(results=[make_result(score=4.0)])
    after = make_report(results=[make_result(score=0.0)])
    change = compare_one("ann", before, after)
    assert change is not None
    stream = io.StringIO()

    draw_changes(Screen(stream=stream), [change])

    assert "ann" in stream.getvalue()
    assert "->" in stream.getvalue()
