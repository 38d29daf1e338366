"""An instructor's command, step by step: a folder of a class becomes a journal, reports and a gradebook.

In: a course, an assignment, a folder or zip as a platform gives it, a Desk. Out: Books; files on the desk.
The rule: what was found is in the journal before anything is graded, so that a gradebook of a batch that was cut off
says who is still missing. `mark_again` needs no folder: the journal knows its deliveries.
"""

import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.batch import BatchOptions, run_batch
from grader.batch_events import Event
from grader.bookkeeping import Books, keep_books
from grader.changes import Changed, compare_one
from grader.cohort import Delivery, Roster
from grader.deliveries import find_deliveries
from grader.errors import UsageError
from grader.exports import tables
from grader.gradebook import Which
from grader.inventory import Inventory, read_inventory, write_inventory
from grader.journal import Journal
from grader.language import ENGLISH, Language, code_of, language
from grader.marks import N_
from grader.outbox import Outbox, make_folder, write_file
from grader.records import Assignment, Audience, Course
from grader.rosters import Directory

GRADEBOOK = "gradebook.csv"
REJECTED = "rejected.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where a batch's results lie, and how they become a gradebook."""

    journal: Path
    out: Path
    roster: Roster | None = None
    policy: Path | None = None
    which: Which = Which.LATEST
    formats: Sequence[str] = ()
    audience: Audience = Audience.STUDENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """What a platform gave."""

    path: Path
    platform: str | None = None
    times: Mapping[str, Sequence[datetime]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What the command line brings along: the clock, and who hears what happens."""

    now: Callable[[], datetime]
    tell: Callable[[Event], object] = lambda event: None


def mark_folder(
    course: Course, assignment: Assignment, download: Download, desk: Desk, options: BatchOptions, watch: Watch
) -> Books:
    """Grade a class.

    Raises:
        GradeError: as of `run_batch`, and of what reads the folder, the roster and the policy.
    """
    with Journal.open(desk.journal, assignment=assignment.id) as journal:
        inventory = _inventory(desk.journal, assignment)
        where = str(download.path.resolve())
        scratch = desk.journal / "unpacked" / hashlib.sha256(where.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        shutil.rmtree(scratch, ignore_errors=True)
        found = find_deliveries(download.path, scratch=scratch, platform=download.platform, times=download.times)
        inventory.sources[where] = found
        write_inventory(desk.journal, inventory)
        _grade(course, assignment, found.found, journal, inventory, desk, options, watch)
    return write_books(desk)


def mark_again(
    course: Course, assignment: Assignment, desk: Desk, options: BatchOptions, watch: Watch
) -> tuple[Books, tuple[Changed, ...]]:
    """Grade everything in a journal again, as far as it would say anything else now.

    Returns:
        The gradebook, and what each latest report changed, however often the regrade was interrupted.

    Raises:
        UsageError: the journal has no deliveries.
        GradeError: as of `run_batch`.
    """
    with Journal.open(desk.journal, assignment=assignment.id) as journal:
        inventory = _inventory(desk.journal, assignment)
        if not inventory.found:
            raise UsageError(
                "the journal has nothing to grade again",
                where=str(desk.journal),
                fix=N_(f"grade a folder first: grade batch {assignment.id} DIR"),
            )
        _grade(course, assignment, inventory.found, journal, inventory, desk, options, watch)
        changes = [_changed(journal, delivery) for delivery in inventory.found]
    return write_books(desk), tuple(change for change in changes if change is not None)


def write_books(desk: Desk) -> Books:
    """Make the gradebook of one journal, and write it with what was rejected."""
    books = keep_books([desk.journal], roster=desk.roster, policy=desk.policy, which=desk.which)
    make_folder(desk.out)
    write_file(desk.out / GRADEBOOK, tables.render_gradebook(books.gradebook).data)
    write_file(desk.out / REJECTED, tables.render_rejected(books.gradebook).data)
    return books


def _grade(
    course: Course,
    assignment: Assignment,
    deliveries: Sequence[Delivery],
    journal: Journal,
    inventory: Inventory,
    desk: Desk,
    options: BatchOptions,
    watch: Watch,
) -> None:
    run_batch(
        course,
        assignment,
        deliveries,
        journal,
        desk.journal,
        inventory=inventory,
        outbox=Outbox(
            desk.out,
            formats=desk.formats,
            audience=desk.audience,
            language_of=_languages(desk.roster, assignment),
        ),
        options=options,
        now=watch.now,
        tell=watch.tell,
    )


def _languages(roster: Roster | None, assignment: Assignment) -> Callable[[Delivery], Language]:
    """Each student's own language, as the roster has it; English where it says nothing of a delivery's student."""
    if roster is None:
        return lambda _: ENGLISH
    directory = Directory(roster)
    codes = {code_of(student.language) for student in roster.students} - {""}
    spoken = {code: language(code).of(assignment) for code in codes}

    def language_of(delivery: Delivery) -> Language:
        student = directory.find(key=delivery.student, email=delivery.email, name=delivery.name)
        return spoken.get(code_of(student.language), ENGLISH) if student is not None else ENGLISH

    return language_of


def _inventory(folder: Path, assignment: Assignment) -> Inventory:
    inventory = read_inventory(folder) or Inventory(assignment=assignment.id, title="", points=0.0)
    inventory.title, inventory.points = assignment.title, assignment.points
    return inventory


def _changed(journal: Journal, delivery: Delivery) -> Changed | None:
    latest, previous = journal.latest(delivery), journal.previous(delivery)
    if latest is None or previous is None:
        return None
    return compare_one(delivery.student, previous.report, latest.report)
