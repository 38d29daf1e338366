"""Joins a roster with what was graded: pure, no files, no clock.

In: a roster, each assignment's graded deliveries and late policy, a person's overrides. Out: a `Gradebook`.
The rule: every enrolled student has an entry for every assignment, and an entry without a score says why. A delivery,
an override or an extension that belongs to nobody is listed, never dropped.

Which attempt counts. Attempts are ordered by their own time where all have one, else by number.
- "latest" on time: the latest attempt that is not past the cutoff, with the loss that its own time costs. If it was
  rejected or awaits review there is no score, and the reason tells what an earlier attempt had: whether that should
  count is for a person to say (an override), because the student replaced it.
- "best": the attempt that is worth most after its own loss; of equal ones the later. While another one awaits review
  the entry is marked for review too, because that one may be worth more.
An override beats both: its score is final, nothing is taken off for lateness, and the reason says what it replaced.
Of several overrides for one entry the latest with a score gives the score, the latest with a comment the comment.
"""

import enum
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from grader.cohort import Delivery, Enrolled, Entry, Gradebook, Override, Rejected, Roster, Row
from grader.lateness import Lateness, LatePolicy
from grader.marks import T_
from grader.records import Report
from grader.rosters import Directory, same
from grader.text import number, one_line

NOTHING = "nothing handed in"
REVIEW = "not graded: needs review"
_SAME = 0.005  # points: what two decimals do not show


class Which(enum.StrEnum):
    """Which of several attempts counts."""

    LATEST = "latest"
    BEST = "best"


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """One delivery and what grading it gave: the part of a report that a gradebook needs."""

    delivery: Delivery
    score: float | None = None
    max_score: float | None = None
    rejected: str = ""  # why nothing was graded
    needs_review: bool = False
    digest: str = ""

    @classmethod
    def of(cls, delivery: Delivery, report: Report) -> "Graded":
        """Take over what counts of a report."""
        return cls(
            delivery=delivery,
            score=report.score,
            max_score=report.max_score,
            rejected=report.rejected,
            needs_review=report.needs_review,
            digest=report.digest,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Everything that was handed in for one assignment."""

    assignment: str  # id
    title: str
    max_score: float
    graded: Sequence[Graded] = ()
    rejected: Sequence[Rejected] = ()  # what lay in the folder and was no delivery
    policy: LatePolicy = field(default_factory=LatePolicy)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    graded: Graded
    lateness: Lateness
    unclear: str = ""  # why its time or its maximum cannot be believed

    @property
    def waits(self) -> bool:
        graded = self.graded
        return bool(self.unclear) or graded.needs_review or (graded.score is None and not graded.rejected)

    @property
    def worth(self) -> float | None:
        """Points after its own loss; None where there are none."""
        if self.waits or self.graded.score is None or not self.lateness.accepted:
            return None
        return self.graded.score - self.lateness.loss


def make_gradebook(
    roster: Roster,
    works: Sequence[Work],
    *,
    overrides: Sequence[Override] = (),
    which: Which = Which.LATEST,
    zero_when_absent: bool = False,
) -> Gradebook:
    """Make the gradebook of a class, in time linear in students and deliveries.

    Args:
        roster: who is enrolled.
        works: one per assignment, in the order of the columns.
        overrides: what people decided, in the order in which they did.
        which: the attempt that counts; see this module's text.
        zero_when_absent: nothing handed in, or only after the cutoff, is 0 points with a reason; else it is empty.

    Returns:
        A row per enrolled student in the roster's order, and one per unknown student under `unknown`.

    Raises:
        ValueError: two works have one id.
    """
    ids = tuple(work.assignment for work in works)
    if len(set(ids)) != len(ids):
        raise ValueError(f"an assignment comes twice: {', '.join(ids)}")
    directory = Directory(roster)
    rejected = [*roster.rejected, *(item for work in works for item in work.rejected)]
    decided = _decisions(overrides, set(ids), directory, rejected)
    strangers: dict[str, Enrolled] = {}
    columns: dict[str, dict[str, Entry]] = {}
    for work in works:
        policy = _own_policy(work, directory, rejected)
        attempts = _attempts(work, policy, directory, strangers)
        columns[work.assignment] = {
            key: _entry(work, tries, which=which, zero_when_absent=zero_when_absent) for key, tries in attempts.items()
        }

    def row(student: Enrolled, key: str) -> Row:
        entries = {}
        for work in works:
            entry = columns[work.assignment].get(key) or _entry(
                work, (), which=which, zero_when_absent=zero_when_absent
            )
            entries[work.assignment] = _override(entry, decided.get((key, work.assignment), ()))
        return Row(student=student, entries=entries)

    return Gradebook(
        assignments=ids,
        titles={work.assignment: work.title for work in works},
        max_scores={work.assignment: work.max_score for work in works},
        rows=tuple(row(student, _key(student)) for student in roster.students),
        unknown=tuple(row(student, key) for key, student in strangers.items()),
        rejected=tuple(rejected),
    )


def members(delivery: Delivery, directory: Directory) -> Iterator[tuple[Delivery, Enrolled | None]]:
    """All who handed a delivery in, each as if they had alone, and who that is on the roster; None: nobody."""
    found = [replace(delivery, student=member, email="", name="") for member in delivery.group]
    # With a group the delivery's own id may be the group's name, which is nobody's.
    if not found or directory.match(delivery) is not None:
        found.append(delivery)
    return ((who, directory.match(who)) for who in found)


def _key(student: Enrolled) -> str:
    return f"enrolled {student.id}"


def _own_policy(work: Work, directory: Directory, rejected: list[Rejected]) -> LatePolicy:
    """Put the extensions under the roster's ids: a teacher may have written a login or a name."""
    extensions = {}
    for key, extension in work.policy.extensions.items():
        student = directory.find(key=key)
        if student is None:
            where = f"extensions of {work.assignment}"
            reason = f"there is no student `{one_line(key)}` on the roster; write an id that is"
            rejected.append(Rejected(where=where, reason=reason))
        else:
            extensions[student.id] = extension
    return replace(work.policy, extensions=extensions)


def _attempts(
    work: Work, policy: LatePolicy, directory: Directory, strangers: dict[str, Enrolled]
) -> Mapping[str, Sequence[_Attempt]]:
    """Sort the deliveries by student; one of a group belongs to each of its members."""
    tries: dict[str, list[_Attempt]] = defaultdict(list)
    for graded in work.graded:
        for key, student in _owners(graded.delivery, directory, strangers).items():
            tries[key].append(_attempt(graded, work, policy, student.id))
    return {key: _in_order(found) for key, found in tries.items()}


def _owners(delivery: Delivery, directory: Directory, strangers: dict[str, Enrolled]) -> Mapping[str, Enrolled]:
    owners: dict[str, Enrolled] = {}
    for who, student in members(delivery, directory):
        if student is not None:
            owners[_key(student)] = student
            continue
        key = f"unknown {same(who.student or who.email or who.name or str(who.path))}"
        strangers.setdefault(key, Enrolled(id=who.student or str(who.path.name), name=who.name, email=who.email))
        owners[key] = strangers[key]
    return owners


def _attempt(graded: Graded, work: Work, policy: LatePolicy, student: str) -> _Attempt:
    delivery = graded.delivery
    time, score = delivery.submitted_at, graded.score or 0.0
    if time is not None and time.utcoffset() is None:
        unclear = "its time has no offset from UTC; correct it where it was exported"
        return _Attempt(graded=graded, lateness=Lateness(), unclear=unclear)
    lateness = policy.judge(student, time, score, work.max_score)
    unclear = ""
    if graded.score is not None and not (math.isfinite(graded.score) and graded.score >= 0):
        unclear = f"{graded.score} is no score; grade it again"
    elif graded.max_score is not None and abs(graded.max_score - work.max_score) > _SAME:
        unclear = (
            f"graded out of {number(graded.max_score)}, the assignment has {number(work.max_score)}; grade it again"
        )
    elif time is None and delivery.late and policy.due is not None:
        unclear = "the platform marks it late and does not say when it came"
    return _Attempt(graded=graded, lateness=lateness, unclear=unclear)


def _in_order(tries: Sequence[_Attempt]) -> list[_Attempt]:
    times = [attempt.graded.delivery.submitted_at for attempt in tries]
    # Numbers of attempts start anew where a student came by two ways, so the time decides wherever it can.
    has_times = all(time is not None and time.utcoffset() is not None for time in times)

    def place(attempt: _Attempt) -> tuple[datetime, int, str]:
        delivery = attempt.graded.delivery
        time = delivery.submitted_at if has_times and delivery.submitted_at is not None else _NO_TIME
        return time.astimezone(UTC), delivery.attempt, delivery.path.as_posix()

    return sorted(tries, key=place)


_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)


def _entry(work: Work, tries: Sequence[_Attempt], *, which: Which, zero_when_absent: bool) -> Entry:
    absent = 0.0 if zero_when_absent else None
    if not tries:
        return Entry(assignment=work.assignment, score=absent, max_score=work.max_score, reason=NOTHING)
    chosen = _choose(tries, which)
    graded, lateness = chosen.graded, chosen.lateness
    score, reason = chosen.worth, lateness.reason
    if not lateness.accepted:
        score = absent
    elif chosen.waits:
        reason = f"{REVIEW} ({chosen.unclear})" if chosen.unclear else REVIEW
    elif graded.rejected:
        reason = f"rejected: {one_line(graded.rejected, limit=500)}"
    waiting = [attempt for attempt in tries if attempt.waits and attempt.lateness.accepted]
    if which is Which.BEST and waiting and not chosen.waits:
        reason = "; ".join(filter(None, [reason, f"attempt {waiting[0].graded.delivery.attempt} needs review"]))
    if chosen.worth is None and lateness.accepted:
        reason += _earlier(tries, chosen)
    is_counted = chosen.worth is not None
    return Entry(
        assignment=work.assignment,
        score=score,
        max_score=work.max_score,
        raw_score=graded.score,
        late_loss=lateness.loss if is_counted else 0.0,
        reason=reason,
        needs_review=chosen in waiting if which is Which.LATEST else bool(waiting),
        submitted_at=graded.delivery.submitted_at,
        attempt=graded.delivery.attempt,
        attempts=len(tries),
        digest=graded.digest,
    )


def _choose(tries: Sequence[_Attempt], which: Which) -> _Attempt:
    on_time = [attempt for attempt in tries if attempt.lateness.accepted]
    if which is Which.BEST:
        worth = [(attempt.worth, place) for place, attempt in enumerate(tries) if attempt.worth is not None]
        if worth:
            return tries[max(worth)[1]]
    return (on_time or tries)[-1]


def _earlier(tries: Sequence[_Attempt], chosen: _Attempt) -> str:
    earlier = [attempt for attempt in tries if attempt is not chosen and attempt.worth is not None]
    if not earlier:
        return ""
    last = earlier[-1]
    return f"; attempt {last.graded.delivery.attempt} had {number(last.worth or 0.0)} points"


def _decisions(
    overrides: Sequence[Override], assignments: set[str], directory: Directory, rejected: list[Rejected]
) -> Mapping[tuple[str, str], Sequence[Override]]:
    decided: dict[tuple[str, str], list[Override]] = defaultdict(list)
    for override in overrides:
        student = directory.find(key=override.student)
        # One for somebody who has left the roster goes with their deliveries.
        key = _key(student) if student is not None else f"unknown {same(override.student)}"
        where = f"override for {one_line(override.student)}, {one_line(override.assignment)}"
        if override.assignment not in assignments:
            rejected.append(
                Rejected(where=where, reason="this gradebook has no such assignment; correct it, or add it")
            )
            continue
        if override.score is not None and not (math.isfinite(override.score) and override.score >= 0):
            rejected.append(Rejected(where=where, reason=f"{override.score} is no score; write 0 or more"))
            continue
        if student is None:
            reason = "this student is not on the roster; correct the id, or the roster"
            rejected.append(Rejected(where=where, reason=reason))
        decided[key, override.assignment].append(override)
    return {key: _by_time(found) for key, found in decided.items()}


def _by_time(overrides: Sequence[Override]) -> Sequence[Override]:
    if all(override.made_at is not None and override.made_at.utcoffset() is not None for override in overrides):
        return sorted(overrides, key=lambda override: override.made_at or _NO_TIME)
    return overrides


def _override(entry: Entry, overrides: Sequence[Override]) -> Entry:
    comments = [override.comment for override in overrides if override.comment]
    if comments:
        entry = replace(entry, comment=comments[-1])
    scores = [override for override in overrides if override.score is not None]
    if not scores:
        return entry
    by = f" by {one_line(scores[-1].author)}" if scores[-1].author else ""
    before = entry.reason if entry.score is None or entry.reason == NOTHING else f"{number(entry.score)} points"
    return replace(
        entry, score=scores[-1].score, late_loss=0.0, needs_review=False, reason=f"override{by}; before: {before}"
    )


# As it is put together above.
_WHOLE = (T_("override by {author}; before: {before}"),)
