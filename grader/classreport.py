"""Owns the way from journals to a folder of pages: one for the class, and one for each piece of work that counts.

In: folders of journals and the gradebook that was made of them, limits and catalogs where a course is known, the
language of who reads the pages. Out: files.
The rules: a journal is read as it is now and without its lock, also while a batch writes it: lines are only ever added,
each with its checksum, and what is not whole yet is left out and said. A report is drawn as it is read and only its
numbers are kept, so that memory does not grow with what submissions print.

    index.html
    hw1/20261234.html
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.anonymous import Pseudonyms, anonymous_entry, anonymous_report
from grader.bookkeeping import Books
from grader.cohort import Delivery, Enrolled, Gradebook, Roster, Row
from grader.cohortstats import Counted, Standing, count
from grader.errors import UsageError
from grader.gradebook import members
from grader.journal import Filed, Journal
from grader.language import ENGLISH, Language
from grader.marks import N_
from grader.outbox import file_name
from grader.pages import cohort, student
from grader.records import Assignment, Audience, Evidence, Report, TestResult
from grader.rosters import Directory, same

INDEX = "index.html"
_STEP = 50  # pages
_NO_TIME = 946684800  # 2000-01-01, of every anonymous file: when it was made tells its place in the journal
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was made."""

    index: Path
    pages: int  # of students
    ungraded: int  # deliveries that are found and have no report yet
    unread: int  # students who have a report whose results cannot be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a class is to be shown.

    Attributes:
        out: a new or empty folder.
        course: its assignments by id, whose limits and catalogs are used; a journal has none.
        pseudonyms: for an anonymous report.
        progress: is told how many pages are drawn.
        language: of who reads the pages, not of any student.
    """

    out: Path
    course: Mapping[str, Assignment]
    pseudonyms: Pseudonyms | None = None
    progress: Callable[[int, int], object] = lambda done, total: None
    language: Language = ENGLISH


def write_report(folders: Sequence[Path], books: Books, plan: Plan) -> Written:
    """Write the pages of a class.

    Args:
        folders: the journals, in the order of the gradebook's assignments.
        books: made of these journals.
        plan: how.

    Raises:
        UsageError: a journal has nothing to show, or the folder is not empty or cannot be written.
    """
    require_empty(plan.out)
    book = books.gradebook
    for folder, assignment in zip(folders, book.assignments, strict=True):
        if not any(row.entries[assignment].attempts for row in (*book.rows, *book.unknown)):
            raise UsageError(
                "the journal is empty", where=str(folder), fix=N_("grade a class first: grade batch HW DIR")
            )
    _make(plan.out)
    rows = _Rows(book, plan.pseudonyms)
    language = plan.language.of(*(plan.course[each] for each in book.assignments if each in plan.course))
    drawn = _Drawn(plan, language, sum(bool(entry.attempts) for row in rows.all for entry in row.entries.values()))
    parts = [
        _part(folder, assignment, book, rows, drawn)
        for folder, assignment in zip(folders, book.assignments, strict=True)
    ]
    text = cohort.render(
        cohort.ClassPage(
            parts=parts,
            students=tuple(rows.shown(row) for row in rows.all),
            notices=books.notices,
            rejected=book.rejected,
            anonymous=plan.pseudonyms is not None,
        ),
        language=language,
    )
    _write(plan.out / INDEX, text, plan)
    return Written(
        index=plan.out / INDEX,
        pages=drawn.pages,
        ungraded=sum(part.numbers.standings[Standing.UNGRADED] for part in parts),
        unread=sum(part.numbers.unread for part in parts),
    )


def require_empty(folder: Path) -> None:
    """Make sure that nothing is overwritten.

    Raises:
        UsageError: something is there.
    """
    try:
        taken = os.path.lexists(folder) and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise _unwritten(folder, error) from error
    if taken:
        raise UsageError(
            "the report's folder is not empty; nothing was written", where=str(folder), fix="name a new one: --out DIR"
        )


# --- rows ---------------------------------------------------------------------


class _Rows:
    """The rows of a gradebook, and whose each delivery is."""

    def __init__(self, book: Gradebook, pseudonyms: Pseudonyms | None) -> None:
        self._pseudonyms = pseudonyms
        self._unknown = {row.student.id for row in book.unknown}
        self._directory = Directory(Roster(students=tuple(row.student for row in book.rows)))
        self.all: Sequence[Row] = (*book.rows, *book.unknown)
        if pseudonyms is not None:  # the roster's order says who is who
            self.all = sorted(self.all, key=lambda row: pseudonyms.of(row.student.id))
        self._by_id = {same(row.student.id): row for row in self.all}

    def name(self, row: Row) -> str:
        """What the student is called on the pages."""
        return row.student.id if self._pseudonyms is None else self._pseudonyms.of(row.student.id)

    def shown(self, row: Row) -> cohort.Member:
        """The student as the table shows them."""
        known = row.student if self._pseudonyms is None else Enrolled(id=self.name(row))
        return cohort.Member(
            id=known.id, name=known.name, section=known.section, enrolled=row.student.id not in self._unknown
        )

    def owners(self, delivery: Delivery) -> Iterator[Row]:
        """The rows of all who handed it in, each once."""
        found = {
            same(found.id if found is not None else who.student or who.path.name)
            for who, found in members(delivery, self._directory)
        }
        return (row for key in sorted(found) if (row := self._by_id.get(key)) is not None)


# --- one assignment -----------------------------------------------------------


def _part(folder: Path, assignment: str, book: Gradebook, rows: _Rows, drawn: "_Drawn") -> cohort.Part:
    """Draw every report that counts, and count what they say."""
    below = assignment if _PLAIN.fullmatch(assignment) else "assignment"
    reports: dict[str, Report] = {}
    pages: dict[str, str] = {}
    lost: list[Filed] = []
    with Journal.read(folder) as journal:
        for filed in journal.filed(lost=lost.append):
            light = _light(filed.report)
            for name in _counted_for(filed, assignment, rows):
                reports[name] = light
                if not drawn.is_anonymous:
                    pages[name] = drawn.draw(filed.report, name, below)
    if drawn.is_anonymous:  # the journal's order says who is who, and files may be sorted by when they were made
        pages = {name: drawn.draw(reports[name], name, below) for name in sorted(reports)}
    unread = {name for filed in lost for name in _counted_for(filed, assignment, rows)}
    work = tuple(
        Counted(student=name, entry=row.entries[assignment], report=reports.get(name), unread=name in unread)
        for row in rows.all
        for name in [rows.name(row)]
    )
    known = drawn.plan.course.get(assignment)
    return cohort.Part(
        assignment=assignment,
        title=book.titles[assignment],
        max_score=book.max_scores[assignment],
        work=work if drawn.plan.pseudonyms is None else tuple(map(_anonymous, work)),
        numbers=count(
            work,
            max_score=book.max_scores[assignment],
            limits={each.name: each.limits or known.limits for each in known.questions} if known is not None else {},
            others=known.limits if known is not None else None,
        ),
        pages=pages,
    )


def _counted_for(filed: Filed, assignment: str, rows: _Rows) -> Iterator[str]:
    """The names of those for whom a report counts."""
    said = (filed.delivery.attempt, filed.report.digest)
    for row in rows.owners(filed.delivery):
        entry = row.entries[assignment]
        if said == (entry.attempt, entry.digest):
            yield rows.name(row)


def _anonymous(counted: Counted) -> Counted:
    return replace(counted, entry=anonymous_entry(counted.entry))


def _light(report: Report) -> Report:
    return replace(report, results=tuple(map(_light_result, report.results)))


def _light_result(result: TestResult) -> TestResult:
    return replace(result, feedback="", log="", evidence=Evidence())


class _Drawn:
    """The students' pages that are written so far."""

    def __init__(self, plan: Plan, language: Language, total: int) -> None:
        self.plan = plan
        self._language = language
        self.pages = 0
        self._total = total

    @property
    def is_anonymous(self) -> bool:
        """Whether no page may lead to a student."""
        return self.plan.pseudonyms is not None

    def draw(self, report: Report, name: str, below: str) -> str:
        """Write a page; the answer is its address as the class's page knows it."""
        if self.pages % _STEP == 0:
            self.plan.progress(self.pages, self._total)
        audience = Audience.STAFF
        if self.is_anonymous:
            report, audience = anonymous_report(report, name), Audience.STUDENT
        file = Path(below, f"{file_name(Delivery(student=name, path=Path()))}.html")
        _make(self.plan.out / below)
        _write(self.plan.out / file, student.render(report, audience, language=self._language), self.plan)
        self.pages += 1
        return file.as_posix()


# --- files --------------------------------------------------------------------


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritten(folder, error) from error


def _write(path: Path, text: str, plan: Plan) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
        if plan.pseudonyms is not None:
            os.utime(path, (_NO_TIME, _NO_TIME))
    except OSError as error:
        raise _unwritten(path, error) from error


def _unwritten(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"the report cannot be written: {error.strerror}", where=str(path), fix="name another folder: --out DIR"
    )
