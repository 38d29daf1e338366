"""The command `grade report`: journals in, a folder of pages for the course's staff out.

In: argv. Out: files, in the reader's language; on stdout where they are, on stderr progress and what there is to know;
exit code 0, or 2 where nothing can be shown. The rule: what can be refused is refused before the first page is drawn.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cliparts import CourseOption, PlainOption, echo, note_language, screens
from grader.cohortparts import LateOption, RosterOption, WhichOption, class_books
from grader.errors import GradeError
from grader.gradebook import Which
from grader.marks import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.records import Assignment


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("report", short_help="Show how a class did, as pages (staff).")(report)


def report(
    journals: Annotated[list[Path], typer.Argument(metavar="JOURNAL...", help="One folder for each assignment.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A new or empty folder for the pages.")],
    roster: RosterOption = None,
    late: LateOption = None,
    which: WhichOption = Which.LATEST,
    anonymous: Annotated[
        bool, typer.Option("--anonymous", help="Pseudonyms instead of students, and no text of theirs.")
    ] = False,
    plain: PlainOption = False,
    course: CourseOption = None,
) -> None:
    """Show how a class did: scores, tests to doubt, common mistakes, times, and a page for each student (staff)."""
    from grader.pages import extra

    extra.require()
    from grader.anonymous import read_pseudonyms
    from grader.classreport import Plan, require_empty, write_report
    from grader.progress import Progress

    require_empty(out)
    limits = _assignments(course)
    books = class_books(journals, roster, late, which)
    screen = screens(plain=plain)[1]
    with Progress(screen) as progress:
        written = write_report(
            journals,
            books,
            Plan(
                out=out,
                course=limits,
                pseudonyms=read_pseudonyms(journals[0]) if anonymous else None,
                progress=lambda done, total: progress.step(done, "pages", total=total),
                language=screen.language,
            ),
        )
    echo(f"{written.index}: the class, with {written.pages} pages of students")
    if written.ungraded:
        many = "1 delivery has" if written.ungraded == 1 else f"{written.ungraded} deliveries have"
        echo(
            f"note: {many} no report yet: a batch is writing the journal, or was cut off",
            err=True,
        )
    if written.unread:
        many = N_("1 student") if written.unread == 1 else f"{written.unread} students"
        echo(f"note: the results of {many} cannot be read and are in no number of tests: grade again", err=True)


def _assignments(course: Path | None) -> "Mapping[str, Assignment]":
    """A course's assignments, for their limits and catalogs; a journal is read where no course is, too."""
    from grader.course import find_course

    try:
        found = find_course(Path.cwd(), explicit=course, environ=os.environ)
    except GradeError:
        if course is not None:
            raise
        return {}
    note_language(found)
    return {each.id: each for each in found.assignments}
