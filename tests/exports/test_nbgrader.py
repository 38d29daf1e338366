"""The CSV has nbgrader's columns, and its arithmetic."""

import csv
import io
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.cohort import Enrolled, Row
from grader.exports.nbgrader import COLUMNS, render_gradebook
from grader.sheets import Sheet, guard
from grader.text import one_line
from tests.cohorts import TEXTS, make_book, make_entry, make_student

SEOUL = timezone(timedelta(hours=9))


def read(sheet: Sheet) -> list[dict[str, str]]:
    """Read it as scripts do that were written for nbgrader's own: by name, scores as floats."""
    rows = list(csv.DictReader(io.StringIO(sheet.data.decode(), newline=""), strict=True))
    for row in rows:
        assert tuple(row) == COLUMNS
        if row["score"]:
            raw, penalty = float(row["raw_score"]), float(row["late_submission_penalty"])
            assert float(row["score"]) == pytest.approx(max(0.0, raw - penalty), abs=0.011)
        float(row["max_score"])
        for column in ("duedate", "timestamp"):
            if row[column]:
                datetime.strptime(row[column], "%Y-%m-%d %H:%M:%S.%f")
    return rows


def test_a_row_is_what_nbgrader_would_write() -> None:
    moment = datetime(2026, 12, 5, 2, 0, tzinfo=SEOUL)
    entry = make_entry(70.0, raw_score=80.0, late_loss=10.0, submitted_at=moment)
    student = make_student("1", name="Ada King Lovelace")

    sheet = render_gradebook(make_book([(student, entry)]), due={"hw1": datetime(2026, 12, 4, 14, 59, tzinfo=UTC)})

    assert sheet.data.decode().splitlines() == [
        "assignment,duedate,timestamp,student_id,last_name,first_name,email,"
        "raw_score,late_submission_penalty,score,max_score",
        "hw1,2026-12-04 14:59:00.000000,2026-12-04 17:00:00.000000,1,Lovelace,Ada King,1@example.edu,"
        "80.0,10.0,70.0,100.0",
    ]


@pytest.mark.parametrize(
    ("name", "others", "last", "first"),
    [
        ("Kim, Minsu", {}, "Kim", "Minsu"),
        ("김민수", {}, "김민수", ""),
        ("", {}, "", ""),
        (
            "Ana María López García",
            {"first_name": "Ana María", "last_name": "López García"},
            "López García",
            "Ana María",
        ),
    ],
)
def test_a_name_is_divided_only_where_it_says_how(name: str, others: dict[str, str], last: str, first: str) -> None:
    [row] = read(render_gradebook(make_book([(Enrolled(id="1", name=name, others=others), make_entry())])))

    assert (row["last_name"], row["first_name"]) == (last, first)


def test_nothing_handed_in_is_zero_as_in_nbgrader_and_our_fault_is_not() -> None:
    entries = {
        "absent": make_entry(None),
        "late": make_entry(None, reason="after the cutoff: 4 days late", attempts=1),
        "review": make_entry(None, reason="not graded: needs review", needs_review=True, attempts=1),
        "torn": make_entry(None, reason="rejected: torn", attempts=1),
    }

    rows = read(render_gradebook(make_book(entries)))

    assert [row["score"] for row in rows] == ["0.0", "0.0", "", ""]


def test_unknown_students_are_not_written_and_formulas_in_ids_are_told() -> None:
    ghost = Row(student=make_student("ghost"), entries={"hw1": make_entry()})

    sheet = render_gradebook(make_book({"=1": make_entry()}, unknown=[ghost]))

    assert [row["student_id"] for row in read(sheet)] == ["'=1"]
    assert len(sheet.notices) == 1


@given(TEXTS, TEXTS, st.floats(0, 100), st.floats(0, 100))
def test_any_text_and_score_come_back(last: str, email: str, score: float, loss: float) -> None:
    student = Enrolled(id="1", email=email, others={"last_name": last})
    entry = make_entry(score, late_loss=loss)

    [row] = read(render_gradebook(make_book([(student, entry)])))

    assert (row["last_name"], row["email"]) == (guard(one_line(last)), guard(one_line(email)))
    assert float(row["score"]) == pytest.approx(score, abs=0.006)
