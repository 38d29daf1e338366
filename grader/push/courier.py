"""Brings postings to a platform, one by one, so that each arrives exactly once: the loop that everything depends on.

In: postings, a platform, a folder for the ledger. Out: what became of every posting, in their order.

    read what the platform has -> nothing missing: Unchanged, or Sent where an earlier run was cut off
    ledger "intended" -> send -> accepted: ledger "confirmed", Sent
                              -> refused:  ledger "refused", NotSent
                              -> busy:     wait, send again
                              -> unknown:  wait until it is settled, read back; send only what is still missing

The rule: after a cut, a time-out, a server's failure or an answer that nobody can read it is unknown whether a score
was stored, so nothing is sent again before it was read back. What never hears of its end stays open in the ledger, is
listed as not sent, and is read back first by the next run. A platform that stores a request later than `settle_s`
after the connection broke can still get a comment twice; a score it cannot: the second one is the same.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from grader.errors import UsageError
from grader.push.ledger import Ledger, open_ledger
from grader.push.postings import (
    Delivered,
    Kind,
    Missing,
    NotSent,
    Posting,
    Pushed,
    Sent,
    Standing,
    Trouble,
    Unchanged,
    missing_from,
    problem,
    twice_named,
)
from grader.text import one_line

_DEAD_AFTER = 3  # students in a row whose score found no end: so would the others'

Answer = TypeVar("Answer")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long to wait for what."""

    tries: int = 6  # of one request
    pause_s: float = 1.0  # before the second try; twice as long before each further one
    longest_s: float = 120.0  # a platform that asks for more ends the run
    settle_s: float = 15.0  # until a request whose answer never came is stored, or never will be
    timeout_s: float = 60.0  # for a connection, and for the next bytes of an answer
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = _now  # with an offset


class Platform(Protocol):
    """Where scores go. Each call is one attempt; what went wrong is a `Trouble`, never an exception."""

    @property
    def target(self) -> str:
        """Name the place for people."""

    @property
    def slug(self) -> str:
        """Name the place for a file, the same for the same place only."""

    def unfit(self, postings: Sequence[Posting]) -> Trouble | None:
        """Say why this place cannot take these scores at all; reads the assignment where there is one."""

    def find(self, postings: Sequence[Posting]) -> Mapping[str, str] | Trouble:
        """Look up the platform's ids of those who have none: by roster id."""

    def standings(self) -> Mapping[str, Standing] | Trouble:
        """Read what it has for everyone, by its own ids."""

    def standing(self, user: str) -> Standing | Trouble:
        """Read what it has for one student, now."""

    def send(self, posting: Posting, missing: Missing) -> Trouble | None:
        """Send what is missing, in one request; None: the platform said that it is stored."""


def push(
    platform: Platform,
    postings: Sequence[Posting],
    ledger: Path,
    *,
    waits: Waits | None = None,
    tell: Callable[[Delivered], None] | None = None,
) -> Pushed:
    """Bring every posting to the platform, or say why not.

    Args:
        platform: where they go.
        postings: at most one for each student.
        ledger: the folder that the ledger is kept in, the same for every run.
        waits: how long to wait, and how.
        tell: hears of each posting as soon as its end is known.

    Returns:
        What became of each. After a run that was stopped, or killed, the same call goes on.

    Raises:
        UsageError: nothing can be sent: the ledger is in use, the platform does not let us in, or is not there.
    """
    with open_ledger(ledger, platform.slug) as opened:
        return _Run(platform, opened, waits or Waits(), tell or _silent).push(postings)


class _Run:
    """One run: what it knows about the platform, and whether it must end."""

    def __init__(self, platform: Platform, ledger: Ledger, waits: Waits, tell: Callable[[Delivered], None]) -> None:
        self._platform = platform
        self._ledger = ledger
        self._waits = waits
        self._tell = tell
        self._stopped = ""
        self._lost = 0  # students in a row whose end is not known

    def push(self, postings: Sequence[Posting]) -> Pushed:
        earlier = self._ledger.intents()
        self._settle()
        self._first(lambda: self._platform.unfit(postings))
        found = self._first(lambda: self._platform.find([each for each in postings if not each.user]))
        named = [each if each.user else replace(each, user=found.get(each.student.id, "")) for each in postings]
        standings = self._first(self._platform.standings)
        twice = twice_named(named)
        delivered = []
        for posting in named:
            one = self._one(posting, standings.get(posting.user, Standing()), twice)
            delivered.append(one)
            self._tell(one)
        users = {posting.user for posting in named}
        left = tuple(intent.student for user, intent in earlier.items() if user not in users)
        return Pushed(
            target=self._platform.target, deliveries=tuple(delivered), open_students=left, stopped=self._stopped
        )

    def _settle(self) -> None:
        """Wait until what an earlier run sent and never heard of is stored, or never will be."""
        begun = [intent.at for intent in self._ledger.intents().values()]
        if begun:
            age_s = (self._waits.now() - max(begun)).total_seconds()
            # A clock that was set back makes the age negative: then the whole time is waited, not longer.
            self._sleep(min(self._waits.settle_s, self._waits.settle_s - age_s))

    def _first(self, read: Callable[[], Answer | Trouble]) -> Answer:
        answer = self._patiently(read)
        if isinstance(answer, Trouble):
            raise UsageError(
                answer.reason,
                where=self._platform.target,
                fix=answer.fix or "try again later: nothing was sent in this run",
            )
        return answer

    def _one(self, posting: Posting, standing: Standing, twice: frozenset[str]) -> Delivered:
        reason = problem(posting)
        if not reason and not posting.user:
            reason = "nobody there has this id, login, e-mail or name: give the platform's id in the roster"
        if not reason and posting.user in twice:
            reason = f"two students of the roster have the id {one_line(posting.user)} there: correct the roster"
        if not reason and standing.excused:
            reason = "excused there: a score would undo that"
        if reason:
            return NotSent(posting=posting, reason=reason)
        missing = missing_from(standing, posting)
        if not missing or (not missing.score and not self._is_open(posting) and self._ledger.was_confirmed(posting)):
            return self._there(posting)  # a comment that arrived and was deleted there is not sent again
        if self._stopped:
            return NotSent(posting=posting, reason=self._stopped, uncertain=self._is_open(posting))
        return self._deliver(posting, missing)

    def _there(self, posting: Posting) -> Delivered:
        if not self._is_open(posting):
            return Unchanged(posting=posting)
        self._end(posting, "confirmed")
        return Sent(posting=posting, note="it had arrived in an earlier run, which was cut off")

    def _deliver(self, posting: Posting, missing: Missing) -> Delivered:
        doubt = self._is_open(posting)  # whether an earlier request may still be on its way
        trouble = Trouble(kind=Kind.BUSY, reason="not tried")
        for attempt in range(self._waits.tries):
            try:
                self._ledger.intend(posting, self._waits.now())
            except OSError as error:
                return self._unwritten(posting, error, doubt)
            answer = self._platform.send(posting, missing)
            if answer is None:
                return self._arrived(posting)
            trouble = answer
            if trouble.kind is Kind.REFUSED and not doubt:
                return self._refused(posting, trouble)
            if trouble.kind is Kind.STOP or trouble.wait_s > self._waits.longest_s:
                return self._stop(posting, trouble)
            doubt = doubt or trouble.kind is Kind.UNKNOWN
            self._pause(attempt, trouble)
            if trouble.kind is Kind.BUSY:
                continue
            # Refused in doubt is read back too: a platform may refuse what it has already.
            standing = self._patiently(lambda: self._platform.standing(posting.user))
            if isinstance(standing, Trouble):
                return self._unreadable(posting, trouble, standing)
            missing = missing_from(standing, posting)
            if not missing:
                return self._arrived(posting)
            if trouble.kind is Kind.REFUSED:
                return self._refused(posting, trouble)
        return self._given_up(posting, f"{trouble.reason}, {self._waits.tries} times", doubt)

    def _arrived(self, posting: Posting) -> Delivered:
        self._lost = 0
        self._end(posting, "confirmed")
        return Sent(posting=posting)

    def _refused(self, posting: Posting, trouble: Trouble) -> Delivered:
        self._lost = 0
        self._end(posting, "refused")
        return NotSent(posting=posting, reason=_advised(trouble))

    def _stop(self, posting: Posting, trouble: Trouble) -> Delivered:
        self._stopped = _advised(trouble)
        if trouble.wait_s > self._waits.longest_s:
            self._stopped = f"{trouble.reason}: asks for {trouble.wait_s:.0f} seconds; send the rest after that"
        # Left open in the ledger even where it was surely not stored: to read it back costs nothing.
        return NotSent(posting=posting, reason=self._stopped, uncertain=trouble.kind is Kind.UNKNOWN)

    def _unreadable(self, posting: Posting, trouble: Trouble, reading: Trouble) -> Delivered:
        if reading.kind is Kind.STOP or reading.wait_s > self._waits.longest_s:
            self._stop(posting, reading)
        return self._given_up(posting, f"{trouble.reason}, and it cannot be read back: {reading.reason}", doubt=True)

    def _given_up(self, posting: Posting, reason: str, doubt: bool) -> Delivered:
        self._lost += 1
        if self._lost >= _DEAD_AFTER and not self._stopped:
            self._stopped = f"{_DEAD_AFTER} in a row could not be sent ({reason}): send the rest later"
        return NotSent(posting=posting, reason=f"{reason}: send again later", uncertain=doubt)

    def _unwritten(self, posting: Posting, error: OSError, doubt: bool) -> Delivered:
        self._stopped = f"the ledger cannot be written ({error.strerror}): make room, and send the rest"
        return NotSent(posting=posting, reason=self._stopped, uncertain=doubt)

    def _end(self, posting: Posting, event: Literal["confirmed", "refused"]) -> None:
        try:
            self._ledger.end(event, posting, self._waits.now())
        except OSError as error:  # what happened, happened: the next run reads it back
            self._stopped = f"the ledger cannot be written ({error.strerror}): make room, and send the rest"

    def _is_open(self, posting: Posting) -> bool:
        return posting.user in self._ledger.intents()

    def _patiently(self, read: Callable[[], Answer | Trouble]) -> Answer | Trouble:
        """Read, again and again where that may help: a reading changes nothing."""
        for attempt in range(self._waits.tries):
            answer = read()
            if not isinstance(answer, Trouble) or answer.kind in (Kind.REFUSED, Kind.STOP):
                return answer
            if attempt + 1 == self._waits.tries or answer.wait_s > self._waits.longest_s:
                return answer
            self._sleep(max(answer.wait_s, self._waits.pause_s * 2**attempt))
        raise AssertionError("at least one try")

    def _pause(self, attempt: int, trouble: Trouble) -> None:
        settle_s = self._waits.settle_s if trouble.kind is Kind.UNKNOWN else 0.0
        self._sleep(max(trouble.wait_s, settle_s, self._waits.pause_s * 2**attempt))

    def _sleep(self, wait_s: float) -> None:
        if wait_s > 0:
            self._waits.sleep(min(wait_s, self._waits.longest_s))


def _advised(trouble: Trouble) -> str:
    return f"{trouble.reason}: {trouble.fix}" if trouble.fix else trouble.reason


def _silent(_: Delivered) -> None:
    pass
