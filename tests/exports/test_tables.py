"""The table for people says everything that the gradebook knows, and nothing in it can be run."""

import csv
import io
from datetime import UTC, datetime

from hypothesis import given

from grader.cohort import Rejected, Row
from grader.exports.tables import render_gradebook, render_rejected
from grader.sheets import Sheet, guard
from grader.text import one_line, printable
from tests.cohorts import TEXTS, make_book, make_entry, make_student


def read(sheet: Sheet) -> list[dict[str, str]]:
    assert sheet.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(sheet.data.decode("utf-8-sig"), newline=""), strict=True))
    assert len(rows) == sheet.rows
    return rows


def test_every_field_of_an_entry_is_in_the_table() -> None:
    entry = make_entry(
        70.125,
        raw_score=80.0,
        late_loss=10.0,
        attempt=2,
        attempts=3,
        reason="1 day late",
        comment="good",
        needs_review=True,
        submitted_at=datetime(2026, 12, 4, 14, tzinfo=UTC),
    )

    [row] = read(render_gradebook(make_book([(make_student("1", name="김민수", section="A"), entry)])))

    assert row == {
        "id": "1",
        "name": "김민수",
        "email": "1@example.edu",
        "section": "A",
        "enrolled": "yes",
        "hw1 score": "70.12",
        "hw1 max": "100",
        "hw1 raw": "80",
        "hw1 late loss": "10",
        "hw1 attempt": "2",
        "hw1 attempts": "3",
        "hw1 submitted": "2026-12-04T14:00:00+00:00",
        "hw1 review": "yes",
        "hw1 reason": "1 day late",
        "hw1 comment": "good",
        "total": "70.12",
        "total max": "100",
        "without score": "0",
    }


def test_no_score_is_an_empty_cell_with_a_reason_and_is_counted() -> None:
    [row] = read(render_gradebook(make_book({"1": make_entry(None)})))

    assert (row["hw1 score"], row["hw1 reason"], row["without score"]) == ("", "nothing handed in", "1")


def test_unknown_students_come_last_and_are_marked() -> None:
    ghost = Row(student=make_student("ghost"), entries={"hw1": make_entry()})

    rows = read(render_gradebook(make_book({"1": make_entry()}, unknown=[ghost])))

    assert [(row["id"], row["enrolled"]) for row in rows] == [("1", "yes"), ("ghost", "no")]


def test_what_was_rejected_has_a_table_of_its_own() -> None:
    book = make_book({"1": make_entry()}, rejected=[Rejected(where="row 2, =x", reason="blank\nrow")])

    assert read(render_rejected(book)) == [{"where": "row 2, '=x", "reason": "blank row"}]


def test_a_formula_in_any_text_is_guarded() -> None:
    student = make_student("=id", name="@name", email="-mail", section="+s")
    entry = make_entry(reason="=reason", comment="fine;=HYPERLINK(1)")

    [row] = read(render_gradebook(make_book([(student, entry)])))

    texts = [row[column] for column in ("id", "name", "email", "section", "hw1 reason", "hw1 comment")]
    assert texts == ["'=id", "'@name", "'-mail", "'+s", "'=reason", "fine;'=HYPERLINK(1)"]


@given(TEXTS, TEXTS)
def test_any_name_and_comment_come_back_as_they_were_guarded(name: str, comment: str) -> None:
    [row] = read(render_gradebook(make_book([(make_student("1", name=name), make_entry(comment=comment))])))

    assert row["name"] == guard(one_line(name))
    assert row["hw1 comment"] == guard(printable(comment))
    assert row["hw1 score"] == "80"
