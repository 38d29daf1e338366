"""What a late submission loses. Pure: the submission's own timestamp is compared with the due time, never the clock.

In: a `LatePolicy`, once read from TOML; a student, a time, a score. Out: a `Lateness`: points lost, and why.
The rule: up to the grace nothing is lost. Beyond it each started day since the due time costs its share, so the grace
is a tolerance and no gift of time. Beyond the cutoff nothing counts. An extension moves the due time, all else with it.

    grace_s = 600                           # seconds after the due time that cost nothing
    loss_per_day = 0.1                      # a tenth for each started day
    of = "maximum"                          # of the maximum; "score": of what was scored
    cutoff_days = 5                         # later than that nothing counts; without it everything does
    due = 2026-12-04T23:59:00+09:00         # or a table: [due] with a line `hw1 = ...` for each assignment
    [[extensions]]
    student = "20241234"
    assignment = "hw1"                      # without it: every assignment
    days = 2                                # or: until = 2026-12-06T23:59:00+09:00
"""

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from grader.errors import CourseError
from grader.strict_toml import in_list, place, read_toml
from grader.suggestions import did_you_mean
from grader.text import number

_DAY = timedelta(days=1)
_LONGEST = 1_000_000  # days or seconds: room for every real rule, none for a date that no calendar has


class Basis(enum.StrEnum):
    """What a day's loss is a share of."""

    MAXIMUM = "maximum"
    SCORE = "score"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """One student's own due time: so many days later, or a time."""

    days: float = 0.0
    until: datetime | None = None  # counts instead of `days`; never earlier than the due time of all


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """What a submission's time costs it."""

    loss: float = 0.0  # points, 0 to the score
    reason: str = ""  # "2 days late: 20 of 100 points lost"; empty where nothing is lost
    accepted: bool = True  # False: after the cutoff, so that nothing counts
    late: timedelta = timedelta(0)  # since the student's own due time


@dataclass(frozen=True, slots=True, kw_only=True)
class LatePolicy:
    """How lateness is punished in one assignment; as it stands, not at all."""

    due: datetime | None = None  # with an offset; None: nothing is ever late
    grace_s: float = 0.0
    loss_per_day: float = 0.0  # 0..1
    of: Basis = Basis.MAXIMUM
    cutoff_days: float | None = None  # since the student's own due time; None: never
    extensions: Mapping[str, Extension] = field(default_factory=dict)  # by student id

    def __post_init__(self) -> None:
        """Refuse what no rule can mean.

        Raises:
            ValueError: a time without an offset, a negative or infinite number, a share over 1.
        """
        times = [self.due, *(extension.until for extension in self.extensions.values())]
        if any(time is not None and time.utcoffset() is None for time in times):
            raise ValueError("a due time needs an offset from UTC")
        spans = [self.grace_s, self.cutoff_days or 0.0, *(extension.days for extension in self.extensions.values())]
        if not all(math.isfinite(span) and 0 <= span <= _LONGEST for span in spans):
            raise ValueError(f"grace, cutoff and extensions are 0 to {_LONGEST}")
        if not 0 <= self.loss_per_day <= 1:
            raise ValueError(f"the loss per day is a share, 0 to 1, got {self.loss_per_day}")
        if self.due is not None and not 2000 <= self.due.year < 9000:
            # An extension of 9999-12-31 would be no date at all.
            raise ValueError(f"the due time is in the year {self.due.year}; leave `due` out where nothing is late")

    def due_for(self, student: str) -> datetime | None:
        """Give a student's own due time; None where nothing is ever late."""
        extension = self.extensions.get(student)
        if self.due is None or extension is None:
            return self.due
        until = extension.until if extension.until is not None else self.due + timedelta(days=extension.days)
        return max(self.due, until)

    def judge(self, student: str, submitted_at: datetime | None, score: float, max_score: float) -> Lateness:
        """Say what a submission loses.

        Args:
            student: the id that extensions are listed under.
            submitted_at: when it was handed in, with an offset; None: not known, so nothing is lost.
            score: points, 0 or more.
            max_score: the assignment's points.

        Raises:
            ValueError: the time has no offset, so that it names no moment.
        """
        if submitted_at is None:
            return Lateness()
        if submitted_at.utcoffset() is None:
            raise ValueError(f"the submission time {submitted_at.isoformat()} has no offset from UTC")
        due = self.due_for(student)
        if due is None or submitted_at <= due:
            return Lateness()
        late = submitted_at - due
        if late <= timedelta(seconds=self.grace_s):
            return Lateness(late=late)
        if self.cutoff_days is not None and late > timedelta(days=self.cutoff_days):
            reason = f"after the cutoff: {_span(late)} late, {number(self.cutoff_days)} days are the limit"
            return Lateness(loss=max(0.0, score), reason=reason, accepted=False, late=late)
        days = -(-late // _DAY)
        whole = max_score if self.of is Basis.MAXIMUM else score
        loss = max(0.0, min(score, days * self.loss_per_day * whole))
        reason = f"{_span(late)} late: {number(loss)} points lost" if loss else ""
        return Lateness(loss=loss, reason=reason, late=late)


def read_policy(path: Path, *, assignment: str = "") -> LatePolicy:
    """Read the late policy of an assignment.

    Args:
        path: a TOML file as in this module's text.
        assignment: its id; needed where the file has a table of due times.

    Raises:
        CourseError: the file, a key or a number is wrong; it says where, and what to do.
    """
    file = read_toml(path, _File, root=path.parent)
    extensions: dict[str, Extension] = {}
    for index, entry in enumerate(file.extensions):
        where = place(path, in_list("extensions", index), root=path.parent)
        extension = _extension(entry, where)
        if entry.assignment in ("", assignment):
            if entry.student in extensions:
                what = f"`{entry.student}` has two extensions for one assignment"
                raise CourseError(what, where=where, fix="keep one of them")
            extensions[entry.student] = extension
    due = _due(file, path, assignment)
    _check_time(due, place(path, "due", root=path.parent))
    try:
        return LatePolicy(
            due=due,
            grace_s=file.grace_s,
            loss_per_day=file.loss_per_day,
            of=file.of,
            cutoff_days=file.cutoff_days,
            extensions=extensions,
        )
    except ValueError as error:
        where = place(path, root=path.parent)
        raise CourseError(str(error), where=where, fix="correct that number") from error


class _Extension(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    student: str
    assignment: str = ""
    days: float | None = None
    until: datetime | None = None
    reason: str = ""  # for those who read the file


class _File(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    due: datetime | dict[str, datetime] | None = None
    grace_s: float = 0.0
    loss_per_day: float = 0.0
    of: Basis = Basis.MAXIMUM
    cutoff_days: float | None = None
    extensions: list[_Extension] = []


def _due(file: _File, path: Path, assignment: str) -> datetime | None:
    if not isinstance(file.due, dict):
        return file.due
    if assignment not in file.due:
        guess = did_you_mean(assignment, file.due)
        raise CourseError(
            f"there is no due time for `{assignment}`",
            where=place(path, "due", root=path.parent),
            fix=f"{guess} add a line `{assignment} = ...`".strip(),
        )
    return file.due[assignment]


def _extension(entry: _Extension, where: str) -> Extension:
    if (entry.days is None) == (entry.until is None):
        what = "an extension says either `days` or `until`"
        raise CourseError(what, where=where, fix="write one of the two: `days = 2`")
    _check_time(entry.until, f"{where}, until")
    return Extension(days=entry.days or 0.0, until=entry.until)


def _check_time(time: datetime | None, where: str) -> None:
    if time is not None and time.utcoffset() is None:
        raise CourseError(
            "the time has no offset from UTC, so it is another moment in every time zone",
            where=where,
            fix=f"add the offset: {time.isoformat()}+09:00",
        )


def _span(late: timedelta) -> str:
    """Write how late something is in two units at most, rounded up: "1 day 3 hours"."""
    minutes = -(-late // timedelta(minutes=1))
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "day"), (hours, "hour"), (rest, "minute")]
    told = [f"{count} {unit}{'s' if count != 1 else ''}" for count, unit in parts if count]
    return " ".join(told[:2])
