"""What a gradebook has to send, what a platform lacks, and what a dry run shows."""

import math
from datetime import datetime

import pytest

from grader.cohort import Enrolled, Entry, Gradebook, Row
from grader.push.matching import Person, match
from grader.push.postings import Missing, Standing, make_postings, missing_from, problem, rows
from tests.push.conftest import GRADED_AT, make_posting


def make_gradebook(*entries: Entry) -> Gradebook:
    students = [
        Enrolled(id=f"s{i}", name=f"Name {i}", others={"canvas_id": f" {i} "}) for i in range(1, len(entries) + 1)
    ]
    return Gradebook(
        assignments=("hw1",),
        titles={},
        max_scores={"hw1": 100},
        rows=tuple(
            Row(student=student, entries={"hw1": entry}) for student, entry in zip(students, entries, strict=True)
        ),
    )


def make_entry(**changes: object) -> Entry:
    return Entry(**{"assignment": "hw1", "score": 80.0, "max_score": 100.0, **changes})  # type: ignore[arg-type]


def test_every_row_is_a_posting_or_has_a_reason() -> None:
    gradebook = make_gradebook(
        make_entry(comment="well done"),
        make_entry(score=None, reason="nothing was handed in"),
        make_entry(needs_review=True),
        make_entry(max_score=None),
        make_entry(score=None),
        make_entry(),
    )
    graded_at = {f"s{i}": GRADED_AT for i in range(1, 6)}
    postings, rejected = make_postings(gradebook, "hw1", graded_at, column="canvas_id")

    assert [(each.user, each.score, each.comment) for each in postings] == [("1", 80.0, "well done")]
    assert [each.where for each in rejected] == ["s2", "s3", "s4", "s5", "s6"]
    assert rejected[0].reason == "nothing was handed in"
    assert all(each.reason for each in rejected)


@pytest.mark.parametrize(
    "change",
    [
        {"score": math.nan},
        {"score": -1.0},
        {"max_score": 0.0},
        {"max_score": math.inf},
        {"graded_at": datetime(2026, 11, 20)},
    ],
)
def test_what_no_platform_can_take_is_told(change: dict[str, object]) -> None:
    assert problem(make_posting(1, **change))


@pytest.mark.parametrize(
    ("standing", "missing"),
    [
        (Standing(), Missing(score=True, comment=True)),
        (Standing(score=61.25, max_score=100), Missing(comment=True)),
        (Standing(score=6.13, max_score=10, comments=None), Missing()),
        (Standing(score=61.25, comments=("<p>Comment for 1: a &lt; b &amp; c</p>\r\n<p>second line</p>",)), Missing()),
        (Standing(score=61.26, max_score=100, comments=None), Missing(score=True)),
        (Standing(score=math.nan, max_score=100, comments=None), Missing(score=True)),
    ],
)
def test_only_another_score_or_comment_is_missing(standing: Standing, missing: Missing) -> None:
    """On the platform's own scale, in two decimals, whatever it made of line ends and signs."""
    assert missing_from(standing, make_posting(1)) == missing


def test_a_dry_run_shows_rows() -> None:
    shown = rows(
        [
            make_posting(1, score=85.5),
            make_posting(2, user="", comment="x" * 100),
            make_posting(3, score=math.nan),
            make_posting(4, user="1", student=Enrolled(id="\x1b[31mred")),
        ]
    )

    assert shown[1][2:4] == ("looked up", "62.25 / 100")
    assert [len(row[4]) <= 60 for row in shown] == [True] * 4
    assert [row[3] for row in shown] == [
        "two students have this id",
        "62.25 / 100",
        "a score of nan cannot be sent: grade again",
        "two students have this id",
    ]
    assert "\x1b" not in str(shown)


def test_a_key_that_fits_two_finds_nobody() -> None:
    """And no weaker one is asked then."""
    people = [
        Person(user="1", ids=("kim", "2024-1"), names=("Lee",)),
        Person(user="2", ids=("kim",), names=("Kim",)),
        Person(user="3", ids=("",), email="", names=("",)),
    ]

    assert match([Enrolled(id="kim", name="Kim"), Enrolled(id="2024-1"), Enrolled(id="x")], people) == {"2024-1": "1"}
