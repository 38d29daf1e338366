"""Owns the way from journals to a gradebook: nothing but the journals, the roster and the late policy is needed.

In: folders of journals, a roster, a policy. Out: Books: the Gradebook, when each score was made, what to know.
The rule: what a batch found is in the gradebook, graded or not; without a roster everyone who handed in has a row.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from grader.cohort import Delivery, Enrolled, Gradebook, Override, Roster
from grader.errors import UsageError
from grader.gradebook import Graded, Which, Work, make_gradebook
from grader.inventory import FILE, is_broken, read_inventory
from grader.journal import Journal
from grader.journal_index import of_delivery
from grader.lateness import LatePolicy, read_policy
from grader.overrides import read_overrides
from grader.records import Notice
from grader.rosters import Directory, same
from grader.text import one_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """A gradebook, and what pushes and exports ask beside it."""

    gradebook: Gradebook
    due: Mapping[str, datetime]  # assignment -> its due time, where there is one
    graded_at: Mapping[str, Mapping[str, datetime]]  # assignment -> student -> when the newest word on it was said
    notices: tuple[Notice, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Read:
    """One journal, as far as a gradebook needs it."""

    work: Work
    overrides: Sequence[Override]
    times: Mapping[str, datetime]  # delivery -> when it was graded
    notices: list[Notice] = field(default_factory=list)


def keep_books(
    folders: Sequence[Path],
    *,
    roster: Roster | None = None,
    policy: Path | None = None,
    which: Which = Which.LATEST,
    zero_when_absent: bool = False,
) -> Books:
    """Make the gradebook of a class.

    Args:
        folders: a journal each, in the order of the columns.
        roster: who is enrolled; None: whoever handed in anything.
        policy: a TOML file of `lateness`; None: nothing is ever late.
        which: the attempt that counts.
        zero_when_absent: nothing handed in is 0 points.

    Raises:
        UsageError: a folder holds no journal, or two hold one assignment's.
        CourseError: the policy is wrong.
    """
    read = [_read(folder, policy) for folder in folders]
    ids = [each.work.assignment for each in read]
    twice = next((id for id in ids if ids.count(id) > 1), None)
    if twice is not None:
        raise UsageError(f"two journals are of {twice}", where="JOURNAL", fix="name one for each assignment")
    known = roster or _whoever(each.work for each in read)
    gradebook = make_gradebook(
        known,
        [each.work for each in read],
        overrides=[override for each in read for override in each.overrides],
        which=which,
        zero_when_absent=zero_when_absent,
    )
    directory = Directory(known)
    return Books(
        gradebook=gradebook,
        due={each.work.assignment: each.work.policy.due for each in read if each.work.policy.due is not None},
        graded_at={each.work.assignment: _times(each, directory) for each in read},
        notices=(
            *known.notices,
            *(notice for each in read for notice in each.notices),
            *(notice for each in read if roster is None for notice in _merged(each.work)),
        ),
    )


def _read(folder: Path, policy: Path | None) -> _Read:
    inventory = read_inventory(folder)
    overrides = read_overrides(folder)
    graded: dict[str, Graded] = {}
    times: dict[str, datetime] = {}
    title, points = "", 0.0
    with Journal.read(folder) as journal:
        assignment = journal.assignment
        for filed in journal.filed(with_results=False):
            name = of_delivery(filed.delivery)
            graded[name] = Graded.of(filed.delivery, filed.report)
            title, points = filed.report.title, filed.report.max_score or points
            if filed.graded_at is not None:
                times[name] = filed.graded_at
        notices = [*journal.notices, *overrides.notices]
    if inventory is None and is_broken(folder):
        text = "the list of deliveries is not whole: what was rejected or not graded yet is not shown"
        notices.append(Notice(text=text, where=str(folder / FILE)))
    found = {of_delivery(each): each for each in inventory.found} if inventory is not None else {}
    if inventory is not None:
        title, points = inventory.title, inventory.points
    # In the order of the folder, which is always the same; that of the journal is who came first to an end.
    order = [*found, *sorted(name for name in graded if name not in found)]
    work = Work(
        assignment=assignment,
        title=title,
        max_score=points,
        graded=[graded.get(name) or Graded(delivery=found[name]) for name in order],
        rejected=inventory.rejected if inventory is not None else (),
        policy=read_policy(policy, assignment=assignment) if policy is not None else LatePolicy(),
    )
    return _Read(work=work, overrides=tuple(overrides.standing.values()), times=times, notices=notices)


def _whoever(works: Iterable[Work]) -> Roster:
    """Everyone who handed in anything: each member of a group, each student once."""
    students: dict[str, Enrolled] = {}
    for work in works:
        for graded in work.graded:
            delivery = graded.delivery
            for id in delivery.group or (delivery.student,):
                alone = not delivery.group
                name, email = (delivery.name, delivery.email) if alone else ("", "")
                students.setdefault(same(id), Enrolled(id=id, name=name, email=email))
    return Roster(students=tuple(students.values()))


def _merged(work: Work) -> Iterator[Notice]:
    """Say which ids of one assignment differ only in case and were taken for one student."""
    spelled: dict[str, dict[str, Path]] = {}
    for graded in work.graded:
        delivery = graded.delivery
        for id in delivery.group or (delivery.student,):
            spelled.setdefault(same(id), {}).setdefault(id, delivery.path)
    for ids in spelled.values():
        if len(ids) > 1:
            told = ", ".join(f"`{one_line(id)}`" for id in ids)
            text = f"{told} are taken for one student; give a roster, or rename one, if they are two"
            yield Notice(text=text, where=work.assignment)


def _times(read: _Read, directory: Directory) -> Mapping[str, datetime]:
    """When the newest word on each student's score was said: a report's, or a person's."""
    said: list[tuple[Delivery | str, datetime]] = [
        (each.delivery, read.times[name])
        for each in read.work.graded
        if (name := of_delivery(each.delivery)) in read.times
    ]
    said += [(each.student, each.made_at) for each in read.overrides if each.made_at is not None]
    newest: dict[str, datetime] = {}
    for who, at in said:
        for student in _students(who, directory):
            newest[student.id] = max(at, newest.get(student.id, at))
    return newest


def _students(who: Delivery | str, directory: Directory) -> Sequence[Enrolled]:
    if isinstance(who, str):
        found = [directory.find(key=who)]
    else:
        found = [directory.match(who), *(directory.find(key=member) for member in who.group)]
    return [student for student in found if student is not None]
