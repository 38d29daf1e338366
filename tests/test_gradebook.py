"""Every enrolled student has an entry, an entry without a score says why, and nothing is dropped."""

import gc
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.cohort import Entry, Gradebook, Override, Rejected
from grader.exports import canvas, moodle, nbgrader, tables
from grader.gradebook import NOTHING, REVIEW, Graded, Which, Work, make_gradebook
from grader.lateness import Extension, LatePolicy
from tests.builders import make_report
from tests.cohorts import DUE, make_delivery, make_graded, make_roster, make_student

DAY = timedelta(days=1)
POLICY = LatePolicy(due=DUE, loss_per_day=0.1, cutoff_days=3)


def make_work(*graded: Graded, policy: LatePolicy = POLICY, assignment: str = "hw1") -> Work:
    return Work(assignment=assignment, title="Convolution", max_score=100, graded=graded, policy=policy)


def only(book: Gradebook) -> Entry:
    [row] = book.rows
    return row.entries["hw1"]


def entry_of(*graded: Graded, which: Which = Which.LATEST, overrides: tuple[Override, ...] = ()) -> Entry:
    return only(make_gradebook(make_roster(), [make_work(*graded)], which=which, overrides=overrides))


def test_one_graded_delivery_is_an_entry() -> None:
    assert entry_of(make_graded()) == Entry(
        assignment="hw1",
        score=80,
        max_score=100,
        raw_score=80,
        submitted_at=DUE.replace(hour=13),
        attempt=1,
        attempts=1,
        digest="d" * 64,
    )


def test_a_report_gives_what_the_gradebook_needs() -> None:
    graded = Graded.of(make_delivery(), make_report(score=3, max_score=4, digest="abc", needs_review=True))

    assert (graded.score, graded.max_score, graded.digest, graded.needs_review) == (3, 4, "abc", True)


@pytest.mark.parametrize(
    ("graded", "reason", "needs_review"),
    [
        ((), NOTHING, False),
        ((make_graded(score=None, rejected="the file is empty"),), "rejected: the file is empty", False),
        ((make_graded(score=None, needs_review=True),), REVIEW, True),
        ((make_graded(score=40, needs_review=True),), REVIEW, True),
        ((make_graded(score=None),), REVIEW, True),
        (
            (make_graded(submitted_at=DUE + 4 * DAY),),
            "after the cutoff: 4 days late, 3 days are the limit",
            False,
        ),
        (
            (make_graded(submitted_at=None, late=True),),
            f"{REVIEW} (the platform marks it late and does not say when it came)",
            True,
        ),
        (
            (make_graded(submitted_at=datetime(2026, 12, 1)),),
            f"{REVIEW} (its time has no offset from UTC; correct it where it was exported)",
            True,
        ),
        (
            (replace(make_graded(), max_score=20.0),),
            f"{REVIEW} (graded out of 20, the assignment has 100; grade it again)",
            True,
        ),
        ((make_graded(score=float("nan")),), f"{REVIEW} (nan is no score; grade it again)", True),
    ],
)
def test_an_entry_without_a_score_says_why(graded: tuple[Graded, ...], reason: str, needs_review: bool) -> None:
    entry = entry_of(*graded)

    assert entry.score is None
    assert entry.reason == reason
    assert entry.needs_review is needs_review
    assert entry.attempts == len(graded)


def test_nobody_has_to_review_what_came_after_the_cutoff() -> None:
    assert not entry_of(make_graded(score=None, needs_review=True, submitted_at=DUE + 4 * DAY)).needs_review


def test_a_late_submission_loses_points_once() -> None:
    entry = entry_of(make_graded(submitted_at=DUE + timedelta(hours=3)))

    assert (entry.score, entry.raw_score, entry.late_loss) == (70, 80, 10)
    assert entry.reason == "3 hours late: 10 points lost"


def test_the_latest_attempt_before_the_cutoff_counts() -> None:
    entry = entry_of(
        make_graded(score=90, attempt=1),
        make_graded(score=50, attempt=2, submitted_at=DUE - timedelta(minutes=1)),
        make_graded(score=100, attempt=3, submitted_at=DUE + 4 * DAY),
    )

    assert (entry.score, entry.attempt, entry.attempts) == (50, 2, 3)


def test_attempts_are_ordered_by_their_time_not_by_their_place_or_number() -> None:
    late = make_graded(score=50, attempt=1, submitted_at=DUE)

    assert entry_of(late, make_graded(score=90, attempt=2)).score == 50
    assert entry_of(make_graded(score=90, attempt=2), late).score == 50


def test_attempts_without_times_are_ordered_by_number() -> None:
    first, second = (make_graded(score=score, attempt=n, submitted_at=None) for score, n in ((90, 1), (50, 2)))

    assert entry_of(second, first).score == 50


def test_a_rejected_last_attempt_tells_what_the_one_before_had() -> None:
    entry = entry_of(make_graded(), make_graded(score=None, rejected="not Python", attempt=2, submitted_at=DUE))

    assert entry.score is None
    assert entry.reason == "rejected: not Python; attempt 1 had 80 points"


def test_best_counts_after_the_loss_for_lateness() -> None:
    attempts = (
        make_graded(score=80, attempt=1),
        make_graded(score=85, attempt=2, submitted_at=DUE + DAY),
        make_graded(score=100, attempt=3, submitted_at=DUE + 9 * DAY),
    )

    entry = entry_of(*attempts, which=Which.BEST)

    assert (entry.score, entry.attempt) == (80, 1)


def test_best_is_marked_while_another_attempt_awaits_review() -> None:
    waiting = make_graded(score=None, needs_review=True, attempt=2, submitted_at=DUE)

    entry = entry_of(make_graded(), waiting, which=Which.BEST)

    assert entry.score == 80
    assert entry.needs_review
    assert entry.reason == "attempt 2 needs review"


def test_an_override_beats_everything_and_says_so() -> None:
    late = make_graded(submitted_at=DUE + DAY)
    override = Override(student="20240001", assignment="hw1", score=95, comment="ill", author="Lee")

    entry = entry_of(late, overrides=(override,))

    assert (entry.score, entry.raw_score, entry.late_loss, entry.comment) == (95, 80, 0, "ill")
    assert entry.reason == "override by Lee; before: 70 points"
    assert entry_of(overrides=(override,)).reason == f"override by Lee; before: {NOTHING}"
    assert not entry_of(make_graded(score=None, needs_review=True), overrides=(override,)).needs_review


def test_of_several_overrides_the_latest_score_and_the_latest_comment_count() -> None:
    def make(hours: int, score: float | None, comment: str) -> Override:
        made_at = DUE + timedelta(hours=hours)
        return Override(student="20240001", assignment="hw1", score=score, comment=comment, made_at=made_at)

    entry = entry_of(make_graded(), overrides=(make(3, None, "c"), make(2, 60, "b"), make(1, 90, "a")))

    assert (entry.score, entry.comment) == (60, "c")


def test_an_override_that_cannot_be_used_is_listed() -> None:
    roster, work = make_roster(), make_work(make_graded())
    wrong = (
        Override(student="nobody", assignment="hw1", score=1),
        Override(student="20240001", assignment="hw9", score=1),
        Override(student="20240001", assignment="hw1", score=-1),
        Override(student="20240001", assignment="hw1", score=float("inf")),
    )

    book = make_gradebook(roster, [work], overrides=wrong)

    assert only(book).score == 80
    assert [item.where for item in book.rejected] == [
        "override for nobody, hw1",
        "override for 20240001, hw9",
        "override for 20240001, hw1",
        "override for 20240001, hw1",
    ]


def test_unknown_students_are_listed_with_all_their_attempts() -> None:
    strangers = (make_graded("ghost", name="G"), make_graded("GHOST", 90, attempt=2, submitted_at=DUE))

    book = make_gradebook(make_roster(), [make_work(*strangers), make_work(assignment="hw2")])

    [row] = book.unknown
    assert (row.student.id, row.student.name) == ("ghost", "G")
    assert (row.entries["hw1"].score, row.entries["hw1"].attempts) == (90, 2)
    assert row.entries["hw2"].reason == NOTHING
    assert only(book).reason == NOTHING


def test_a_group_delivery_counts_for_each_member() -> None:
    roster = make_roster(make_student("1"), make_student("2"), make_student("3"))
    graded = make_graded("Group 7", group=("1", "2@example.edu", "ghost"))

    book = make_gradebook(roster, [make_work(graded)])

    assert [row.entries["hw1"].score for row in book.rows] == [80, 80, None]
    assert [row.student.id for row in book.unknown] == ["ghost"]


def test_an_extension_may_name_the_student_by_login_and_an_unknown_one_is_listed() -> None:
    roster = make_roster(make_student(login="kim"))
    policy = replace(POLICY, extensions={"KIM": Extension(days=2), "ghost": Extension(days=2)})

    book = make_gradebook(roster, [make_work(make_graded(submitted_at=DUE + 2 * DAY), policy=policy)])

    assert only(book).score == 80
    assert [item.where for item in book.rejected] == ["extensions of hw1"]


def test_zero_when_absent_is_a_choice_and_keeps_its_reason() -> None:
    absent = only(make_gradebook(make_roster(), [make_work()], zero_when_absent=True))
    too_late = make_work(make_graded(submitted_at=DUE + 9 * DAY))
    broken = make_work(make_graded(score=None, rejected="not Python"), make_graded("x"))

    assert (absent.score, absent.reason) == (0, NOTHING)
    assert only(make_gradebook(make_roster(), [too_late], zero_when_absent=True)).score == 0
    assert only(make_gradebook(make_roster(), [broken], zero_when_absent=True)).score is None


def test_what_was_rejected_on_the_way_is_in_the_gradebook() -> None:
    roster = replace(make_roster(), rejected=(Rejected(where="row 2", reason="blank"),))
    work = replace(make_work(), rejected=(Rejected(where="x.zip", reason="torn"),))

    assert [item.where for item in make_gradebook(roster, [work]).rejected] == ["row 2", "x.zip"]


def test_one_assignment_cannot_come_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        make_gradebook(make_roster(), [make_work(), make_work()])


attempts = st.builds(
    make_graded,
    st.sampled_from(["1", "2", "ghost"]),
    st.none() | st.floats(0, 100),
    rejected=st.sampled_from(["", "broken"]),
    needs_review=st.booleans(),
    attempt=st.integers(1, 5),
    submitted_at=st.none() | st.timedeltas(-2 * DAY, 6 * DAY).map(lambda delay: DUE + delay),
    late=st.booleans(),
)


@given(st.lists(attempts, max_size=8), st.sampled_from(Which))
def test_nothing_is_lost_and_no_score_is_without_a_reason(graded: list[Graded], which: Which) -> None:
    roster = make_roster(make_student("1"), make_student("2"))

    book = make_gradebook(roster, [make_work(*graded)], which=which)

    entries = [row.entries["hw1"] for row in (*book.rows, *book.unknown)]
    assert sum(entry.attempts for entry in entries) == len(graded)
    assert [row.student.id for row in book.rows] == ["1", "2"]
    for entry in entries:
        assert entry.score is not None or entry.reason
        assert entry.score is None or 0 <= entry.score <= 100
        assert (
            entry.score is None
            or entry.raw_score is None
            or entry.score + entry.late_loss == pytest.approx(entry.raw_score)
        )


@given(st.permutations([make_graded(score=10.0 * n, attempt=n, path=Path(f"in/{n}")) for n in range(1, 5)]))
def test_the_order_in_which_deliveries_are_found_changes_nothing(graded: list[Graded]) -> None:
    assert entry_of(*graded) == entry_of(*sorted(graded, key=lambda item: item.delivery.path))


def make_class(students: int) -> Gradebook:
    roster = make_roster(*(make_student(f"{n:05}") for n in range(students)))
    graded = [make_graded(f"{n:05}", n % 101) for n in range(students)]
    return make_gradebook(roster, [make_work(*graded)])


def fill_worksheet(book: Gradebook) -> None:
    lines = [
        f"Participant {n},{row.student.name},{row.student.email},-,,100,Yes,-,-," for n, row in enumerate(book.rows)
    ]
    header = (
        "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
        "Last modified (submission),Last modified (grade),Feedback comments"
    )
    sheet = moodle.fill_worksheet("\n".join([header, *lines]).encode(), book, "hw1")
    assert sheet.rows == len(book.rows)


@pytest.mark.slow
@pytest.mark.parametrize(
    "step",
    [
        lambda book: make_class(len(book.rows)),
        tables.render_gradebook,
        canvas.render_gradebook,
        nbgrader.render_gradebook,
        fill_worksheet,
    ],
    ids=["make_gradebook", "tables", "canvas", "nbgrader", "moodle"],
)
def test_ten_times_the_students_take_about_ten_times_as_long(step: Callable[[Gradebook], object]) -> None:
    """A quadratic step takes a hundred times as long; 30 leaves room for a busy machine.

    Without the garbage collector: its passes go over all that the other tests left, and fall mostly into the large.
    """
    small, large = make_class(1_000), make_class(10_000)

    def best_of(count: int, book: Gradebook) -> float:
        def run() -> float:
            start = time.process_time()
            step(book)
            return time.process_time() - start

        return min(run() for _ in range(count))

    gc.collect()
    gc.disable()
    try:
        assert best_of(3, large) < 30 * max(best_of(5, small), 0.001)
    finally:
        gc.enable()
