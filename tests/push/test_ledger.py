"""The record of what was sent survives kills, full disks and a second run."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.push.canvas import CanvasPlatform, CanvasTarget
from grader.push.ledger import open_ledger
from tests.push.conftest import GRADED_AT, Clock, Push, kinds, make_posting
from tests.push.servers import TOKEN, CanvasServer, Fault


def test_a_sending_without_an_end_is_known_to_the_next_run(tmp_path: Path) -> None:
    with open_ledger(tmp_path, "x") as ledger:
        for number in (1, 2, 3):
            ledger.intend(make_posting(number), GRADED_AT)
        ledger.end("confirmed", make_posting(1), GRADED_AT)
        ledger.end("refused", make_posting(2), GRADED_AT)

    with open_ledger(tmp_path, "x") as ledger:
        assert list(ledger.intents()) == ["3"]
        assert ledger.intents()["3"].at == GRADED_AT
        assert [ledger.was_confirmed(make_posting(number)) for number in (1, 2, 3)] == [True, False, False]
        assert not ledger.was_confirmed(make_posting(1, score=1))


def test_a_line_is_on_the_disk_before_anything_else_happens(tmp_path: Path) -> None:
    with open_ledger(tmp_path, "x") as ledger:
        ledger.intend(make_posting(1), GRADED_AT)

        assert (tmp_path / "push-x.jsonl").read_bytes().endswith(b"}\n")


def test_a_torn_line_takes_no_other_with_it(tmp_path: Path) -> None:
    """At many bytes: what was torn off is open, or was not begun."""
    file = tmp_path / "push-x.jsonl"
    with open_ledger(tmp_path, "x") as ledger:
        ledger.intend(make_posting(1), GRADED_AT)
        first = file.stat().st_size
        ledger.end("confirmed", make_posting(1), GRADED_AT)
    whole = file.read_bytes()
    for size in {*range(0, len(whole), 7), *range(first - 2, first + 2), *range(len(whole) - 2, len(whole) + 1)}:
        file.write_bytes(whole[:size])
        with open_ledger(tmp_path, "x") as ledger:
            known = list(ledger.intents())
            ledger.intend(make_posting(2), GRADED_AT)
        with open_ledger(tmp_path, "x") as ledger:
            assert "2" in ledger.intents()

        # A line that lacks only its line break is a whole one.
        assert known == (["1"] if first - 1 <= size < len(whole) - 1 else [])


def test_a_second_run_to_the_same_place_is_refused(tmp_path: Path) -> None:
    with (
        open_ledger(tmp_path, "x"),
        open_ledger(tmp_path, "y"),
        pytest.raises(UsageError, match="another run"),
        open_ledger(tmp_path, "x"),
    ):
        pass


def test_a_ledger_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    with pytest.raises(UsageError, match="cannot be opened"), open_ledger(tmp_path / "file", "x"):
        pass


def test_a_ledger_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "push-x.jsonl").symlink_to(tmp_path / "other")
    with pytest.raises(UsageError, match="cannot be opened"), open_ledger(tmp_path, "x"):
        pass


@pytest.mark.parametrize("good", range(6))
def test_a_full_disk_loses_and_doubles_nothing(
    good: int, canvas: CanvasServer, push_canvas: Push, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever line the disk refuses, half of it written: the next run goes on from there."""
    postings = [make_posting(number) for number in (1, 2, 3)]
    write, calls = os.write, iter(range(100))

    def full(descriptor: int, data: bytes) -> int:
        if next(calls) < good:
            return write(descriptor, data)
        write(descriptor, data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("grader.push.ledger.os.write", full)
        pushed = push_canvas(*postings)
    sent = (good + 1) // 2

    assert kinds(pushed) == ["Sent"] * sent + ["NotSent"] * (3 - sent)
    assert "No space left on device" in pushed.stopped
    push_canvas(*postings)
    assert [(len(canvas.scores[user]), len(canvas.comments[user])) for user in "123"] == [(1, 1)] * 3


@pytest.mark.parametrize(("age_s", "waited_s"), [(2.0, 13.0), (100.0, None), (-500.0, 15.0)])
def test_the_next_run_waits_until_a_cut_sending_has_settled(
    age_s: float, waited_s: float | None, push_canvas: Push, tmp_path: Path, clock: Clock, canvas: CanvasServer
) -> None:
    """From when it was begun; a clock that was set back costs the whole time, and no more."""
    target = CanvasTarget(url=canvas.url, course=7, assignment=12)
    with open_ledger(tmp_path, CanvasPlatform(target, TOKEN).slug) as ledger:
        ledger.intend(make_posting(1), clock.moment - timedelta(seconds=age_s))
    push_canvas(make_posting(1))

    assert clock.slept == ([] if waited_s is None else [waited_s])


def test_whom_an_earlier_run_left_open_and_this_one_does_not_name_is_told(
    canvas: CanvasServer, push_canvas: Push
) -> None:
    canvas.writes["1"] = [Fault.FAILED_BEFORE] * 50
    first = push_canvas(make_posting(1))
    second = push_canvas(make_posting(2))

    assert kinds(first) == ["NotSent"]
    assert second.open_students == ("s1",)
