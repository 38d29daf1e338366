"""What a late submission loses follows from its own timestamp alone."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import CourseError
from grader.lateness import Basis, Extension, LatePolicy, read_policy
from tests.cohorts import DUE

DAY = timedelta(days=1)

policies = st.builds(
    LatePolicy,
    due=st.just(DUE),
    grace_s=st.floats(0, 100_000),
    loss_per_day=st.floats(0, 1),
    of=st.sampled_from(Basis),
    cutoff_days=st.none() | st.floats(0, 20),
    extensions=st.just({}),
)
delays = st.timedeltas(min_value=-3 * DAY, max_value=30 * DAY)
scores = st.floats(0, 100)


@given(policies, delays, scores)
def test_a_loss_is_never_negative_and_never_more_than_the_score(
    policy: LatePolicy, delay: timedelta, score: float
) -> None:
    assert 0 <= policy.judge("s", DUE + delay, score, 100).loss <= score


@given(policies, delays, delays, scores)
def test_who_is_later_never_loses_less(policy: LatePolicy, one: timedelta, other: timedelta, score: float) -> None:
    sooner, later = sorted([one, other])

    first, second = policy.judge("s", DUE + sooner, score, 100), policy.judge("s", DUE + later, score, 100)

    assert first.loss <= second.loss
    assert first.accepted or not second.accepted


@given(policies, st.floats(0, 1), scores)
def test_within_the_grace_nothing_is_lost(policy: LatePolicy, share: float, score: float) -> None:
    lateness = policy.judge("s", DUE + timedelta(seconds=int(policy.grace_s * share)), score, 100)

    assert lateness.loss == 0
    assert lateness.accepted
    assert lateness.reason == ""


@given(policies, st.floats(0, 30), delays, scores)
def test_an_extension_shifts_the_due_time_and_all_else_with_it(
    policy: LatePolicy, days: float, delay: timedelta, score: float
) -> None:
    own = LatePolicy(
        due=policy.due,
        grace_s=policy.grace_s,
        loss_per_day=policy.loss_per_day,
        of=policy.of,
        cutoff_days=policy.cutoff_days,
        extensions={"s": Extension(days=days)},
    )

    assert own.judge("s", DUE + timedelta(days=days) + delay, score, 100) == policy.judge("s", DUE + delay, score, 100)
    assert own.judge("other", DUE + delay, score, 100) == policy.judge("other", DUE + delay, score, 100)


@given(policies, st.timedeltas(min_value=timedelta(seconds=1), max_value=30 * DAY), scores)
def test_after_the_cutoff_nothing_counts_and_a_reason_says_so(
    policy: LatePolicy, over: timedelta, score: float
) -> None:
    after = max(timedelta(days=policy.cutoff_days or 0), timedelta(seconds=policy.grace_s)) + over

    lateness = policy.judge("s", DUE + after, score, 100)

    if policy.cutoff_days is None:
        assert lateness.accepted
    else:
        assert not lateness.accepted
        assert lateness.loss == score
        assert lateness.reason.startswith("after the cutoff: ")


@given(delays, st.integers(-14, 14), scores)
def test_the_time_zone_of_a_timestamp_changes_nothing(delay: timedelta, offset: int, score: float) -> None:
    policy = LatePolicy(due=DUE, loss_per_day=0.1, cutoff_days=5)
    moment = DUE + delay

    assert policy.judge("s", moment.astimezone(timezone(timedelta(hours=offset))), score, 100) == policy.judge(
        "s", moment, score, 100
    )


@pytest.mark.parametrize(
    ("late", "of", "loss"),
    [
        (timedelta(minutes=10), Basis.MAXIMUM, 0.0),
        (timedelta(minutes=10, microseconds=1), Basis.MAXIMUM, 10.0),
        (DAY, Basis.MAXIMUM, 10.0),
        (DAY + timedelta(seconds=1), Basis.MAXIMUM, 20.0),
        (2 * DAY, Basis.SCORE, 16.0),
        (9 * DAY, Basis.MAXIMUM, 80.0),
    ],
)
def test_each_started_day_costs_its_share(late: timedelta, of: Basis, loss: float) -> None:
    policy = LatePolicy(due=DUE, grace_s=600, loss_per_day=0.1, of=of)

    assert policy.judge("s", DUE + late, 80, 100).loss == pytest.approx(loss)


def test_the_reason_says_how_late_and_how_many_points() -> None:
    policy = LatePolicy(due=DUE, loss_per_day=0.1)

    assert policy.judge("s", DUE + DAY + timedelta(hours=3), 80, 100).reason == "1 day 3 hours late: 20 points lost"


def test_nothing_is_late_without_a_due_time_or_a_timestamp() -> None:
    assert LatePolicy(loss_per_day=1).judge("s", DUE, 80, 100).loss == 0
    assert LatePolicy(due=DUE, loss_per_day=1).judge("s", None, 80, 100).loss == 0


def test_a_timestamp_without_an_offset_is_refused() -> None:
    """It is another moment in every time zone."""
    with pytest.raises(ValueError, match="no offset"):
        LatePolicy(due=DUE).judge("s", datetime(2026, 12, 4), 80, 100)
    with pytest.raises(ValueError, match="offset"):
        LatePolicy(due=datetime(2026, 12, 4))
    with pytest.raises(ValueError, match="offset"):
        LatePolicy(due=DUE, extensions={"s": Extension(until=datetime(2026, 12, 4))})


@pytest.mark.parametrize("field", [{"grace_s": -1}, {"cutoff_days": float("nan")}, {"loss_per_day": 1.5}])
def test_a_number_that_no_rule_can_mean_is_refused(field: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="0 to"):
        LatePolicy(due=DUE, **field)  # type: ignore[arg-type]


def test_an_extension_to_a_time_before_the_due_time_takes_nothing_away() -> None:
    policy = LatePolicy(due=DUE, loss_per_day=1, extensions={"s": Extension(until=DUE - DAY)})

    assert policy.judge("s", DUE, 80, 100).loss == 0


def write(folder: Path, text: str) -> Path:
    file = folder / "late.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_policy_is_read_from_toml(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        """
        grace_s = 600
        loss_per_day = 0.1
        of = "score"
        cutoff_days = 5
        [due]
        hw1 = 2026-12-04T23:59:00+09:00
        hw2 = 2026-12-11T23:59:00+09:00
        [[extensions]]
        student = "1"
        days = 2
        reason = "ill"
        [[extensions]]
        student = "2"
        assignment = "hw2"
        until = 2026-12-20T23:59:00+09:00
        """,
    )

    policy = read_policy(file, assignment="hw1")

    assert policy == LatePolicy(
        due=DUE, grace_s=600, loss_per_day=0.1, of=Basis.SCORE, cutoff_days=5, extensions={"1": Extension(days=2)}
    )
    assert read_policy(file, assignment="hw2").due_for("2") == datetime(2026, 12, 20, 14, 59, tzinfo=UTC)


def test_one_due_time_holds_for_every_assignment(tmp_path: Path) -> None:
    file = write(tmp_path, "due = 2026-12-04T14:59:00Z\n")

    assert read_policy(file).due == read_policy(file, assignment="hw9").due == DUE


@pytest.mark.parametrize(
    ("text", "what", "where"),
    [
        ("los_per_day = 1", "unknown key `los_per_day`", "late.toml"),
        ("due = 2026-12-04T14:59:00", "no offset", "late.toml, due"),
        ("due = 2026-12-04", "", "late.toml, due"),
        ("[due]\nhw2 = 2026-12-04T14:59:00Z", "there is no due time for `hw1`", "late.toml, due"),
        ("loss_per_day = 10", "a share, 0 to 1", "late.toml"),
        ("due = 9999-12-31T00:00:00Z", "in the year 9999", "late.toml"),
        ('[[extensions]]\nstudent = "1"', "either `days` or `until`", "late.toml, [[extensions]] 1"),
        ('[[extensions]]\nstudent = "1"\ndays = -1', "0 to", "late.toml"),
        (
            '[[extensions]]\nstudent = "1"\nuntil = 2026-12-04T14:59:00',
            "no offset",
            "late.toml, [[extensions]] 1, until",
        ),
        (
            '[[extensions]]\nstudent = "1"\ndays = 1\n[[extensions]]\nstudent = "1"\ndays = 2',
            "two extensions",
            "late.toml, [[extensions]] 2",
        ),
    ],
)
def test_a_slip_in_the_policy_is_told_with_its_place(tmp_path: Path, text: str, what: str, where: str) -> None:
    with pytest.raises(CourseError) as caught:
        read_policy(write(tmp_path, text), assignment="hw1")

    assert what in caught.value.what
    assert caught.value.where == where
    assert caught.value.fix
