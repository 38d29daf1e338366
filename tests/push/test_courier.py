"""The loop alone, with a platform whose answers are written down."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.push.courier import push
from grader.push.postings import Delivered, Kind, Missing, Posting, Standing, Trouble
from tests.push.conftest import Clock, kinds, make_posting, reason

UNKNOWN = Trouble(kind=Kind.UNKNOWN, reason="the connection was cut")
REFUSED = Trouble(kind=Kind.REFUSED, reason="the same time twice")
THERE = Standing(score=61.25, max_score=100, comments=None)


class Played:
    """Plays its answers one after another; the last one stays."""

    target = "a platform"
    slug = "played"

    def __init__(self, sends: Sequence[Trouble | None], reads: Sequence[Standing | Trouble]) -> None:
        self._sends = list(sends)
        self._reads = list(reads)
        self.sent: list[Posting] = []

    def unfit(self, postings: Sequence[Posting]) -> Trouble | None:
        return None

    def find(self, postings: Sequence[Posting]) -> Mapping[str, str] | Trouble:
        return {}

    def standings(self) -> Mapping[str, Standing] | Trouble:
        return {}

    def standing(self, user: str) -> Standing | Trouble:
        return self._reads.pop(0) if len(self._reads) > 1 else self._reads[0]

    def send(self, posting: Posting, missing: Missing) -> Trouble | None:
        self.sent.append(posting)
        return self._sends.pop(0) if len(self._sends) > 1 else self._sends[0]


def test_a_score_that_is_stored_late_and_then_refused_has_arrived(clock: Clock, tmp_path: Path) -> None:
    """A strict platform refuses the same time twice: that is no reason to call the score not sent."""
    platform = Played([UNKNOWN, REFUSED], [Standing(), THERE])
    pushed = push(platform, [make_posting(1)], tmp_path, waits=clock.waits())

    assert kinds(pushed) == ["Sent"]
    assert len(platform.sent) == 2


def test_a_score_that_is_refused_and_not_there_is_not_sent(clock: Clock, tmp_path: Path) -> None:
    platform = Played([UNKNOWN, REFUSED], [Standing()])
    pushed = push(platform, [make_posting(1)], tmp_path, waits=clock.waits())

    assert reason(pushed) == "the same time twice"


def test_nothing_is_sent_again_before_it_was_read_back(clock: Clock, tmp_path: Path) -> None:
    """Where reading fails too, the score is listed, and not tried again in this run."""
    platform = Played([UNKNOWN], [Trouble(kind=Kind.UNKNOWN, reason="no answer in time")])
    pushed = push(platform, [make_posting(1)], tmp_path, waits=clock.waits())

    assert len(platform.sent) == 1
    assert "cannot be read back: no answer in time" in reason(pushed)


def test_a_failure_of_unknown_end_is_given_time_to_settle(clock: Clock, tmp_path: Path) -> None:
    push(Played([UNKNOWN, None], [Standing()]), [make_posting(1)], tmp_path, waits=clock.waits())

    assert clock.slept == [15.0]


def test_each_end_is_told_at_once(clock: Clock, tmp_path: Path) -> None:
    told: list[Delivered] = []
    postings = [make_posting(1), make_posting(2)]
    pushed = push(Played([None], [THERE]), postings, tmp_path, waits=clock.waits(), tell=told.append)

    assert tuple(told) == pushed.deliveries


def test_a_platform_that_cannot_be_read_at_all_is_one_error(clock: Clock, tmp_path: Path) -> None:
    class Deaf(Played):
        def standings(self) -> Mapping[str, Standing] | Trouble:
            return UNKNOWN

    platform = Deaf([None], [THERE])
    with pytest.raises(UsageError, match="the connection was cut") as caught:
        push(platform, [make_posting(1)], tmp_path, waits=clock.waits())

    assert caught.value.where == "a platform"
    assert not platform.sent
