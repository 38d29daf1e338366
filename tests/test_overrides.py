"""What a person decided stands, whatever is run again."""

import dataclasses
import math
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.cohort import Delivery, Override
from grader.errors import UsageError
from grader.journal import Conditions, Journal
from grader.overrides import add_override, read_overrides, remove_override
from tests.builders import make_report

FULL = Override(
    student="학생-1",
    assignment="hw1",
    score=87.5,
    comment="Right by hand.\nSee mail.",
    author="ta@example.org",
    made_at=datetime(2026, 9, 1, 8, 30, tzinfo=UTC),
)


def test_nothing_stands_where_nothing_was_decided(tmp_path: Path) -> None:
    assert read_overrides(tmp_path).standing == {}
    assert list(tmp_path.iterdir()) == []


def test_every_field_comes_back(tmp_path: Path) -> None:
    add_override(tmp_path / "new", FULL)

    assert read_overrides(tmp_path / "new").standing == {"학생-1": FULL}


def test_the_latest_decision_wins_whatever_its_clock_says(tmp_path: Path) -> None:
    add_override(tmp_path, FULL)
    earlier = dataclasses.replace(FULL, score=None, made_at=datetime(1990, 1, 1, tzinfo=UTC))
    add_override(tmp_path, earlier)

    assert read_overrides(tmp_path).standing["학생-1"] == earlier


def test_a_decision_can_be_taken_back(tmp_path: Path) -> None:
    add_override(tmp_path, FULL)
    remove_override(tmp_path, "학생-1", assignment="hw1", author="ta")
    assert read_overrides(tmp_path).standing == {}

    with pytest.raises(UsageError, match="no override"):
        remove_override(tmp_path, "학생-1", assignment="hw1")


def test_it_may_be_written_while_a_batch_runs_and_no_report_touches_it(tmp_path: Path) -> None:
    delivery = Delivery(student="학생-1", path=Path("in/1"))
    conditions = Conditions(tests={}, environment="e")
    with Journal.open(tmp_path, assignment="hw1") as journal:
        journal.add_report(delivery, make_report(student="학생-1", score=1.0), conditions)
        add_override(tmp_path, FULL)
        journal.add_report(delivery, make_report(student="학생-1", score=0.0), conditions)

    assert read_overrides(tmp_path).standing == {"학생-1": FULL}


def test_texts_are_made_harmless_and_bounded(tmp_path: Path) -> None:
    hostile = dataclasses.replace(FULL, comment="\x1b[31mred\x1b[0m\x00\ud800" + "x" * 99_999, author="a\nb" * 999)
    written = add_override(tmp_path, hostile)

    assert written.comment.startswith("red\\x00\\ud800xxx")
    assert len(written.comment) <= 4_000
    assert "\n" not in written.author
    assert len(written.author) <= 200
    assert read_overrides(tmp_path).standing == {"학생-1": written}


@pytest.mark.parametrize("student", ["", "  ", "two\nlines", "x" * 201, "red\x1b[31m"])
def test_an_id_is_refused_and_not_repaired(tmp_path: Path, student: str) -> None:
    with pytest.raises(UsageError, match="no student's id"):
        add_override(tmp_path, dataclasses.replace(FULL, student=student))


@pytest.mark.parametrize("score", [math.nan, math.inf, -1.0, 1e9])
def test_a_score_that_is_none_is_refused(tmp_path: Path, score: float) -> None:
    with pytest.raises(UsageError, match="is no score"):
        add_override(tmp_path, dataclasses.replace(FULL, score=score))


def test_a_decision_that_says_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="without a score and without a comment"):
        add_override(tmp_path, Override(student="a", assignment="hw1", comment="  "))


def test_a_torn_decision_is_dropped_and_said(tmp_path: Path) -> None:
    add_override(tmp_path, dataclasses.replace(FULL, student="bob"))
    add_override(tmp_path, FULL)
    path = tmp_path / "overrides.jsonl"
    path.write_bytes(path.read_bytes()[:-5])

    overrides = read_overrides(tmp_path)
    assert set(overrides.standing) == {"bob"}
    assert "not whole" in overrides.notices[0].text
    add_override(tmp_path, FULL)
    assert set(read_overrides(tmp_path).standing) == {"bob", "학생-1"}
    assert read_overrides(tmp_path).notices == ()
