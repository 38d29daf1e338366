"""The commands of an instructor: batch, regrade, override, gradebook, similarity. A part of the command line.

In: argv. Out: text on stdout (the result) and stderr (progress, notes), files, and an exit code:
0 all that can be graded is, 1 students without a score must act, 2 usage, 3 a person must look or send again, 130
interrupted: the same command goes on. The rule: as in `cli`, heavy imports stand in the command that needs them.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader import completions
from grader.cliparts import INTERRUPTED, CourseOption, Isolation, PlainOption, echo, find, screens
from grader.cohort import Override, Roster
from grader.cohortparts import LateOption, RosterOption, WhichOption, as_notice, class_books, note
from grader.errors import GradeError, UsageError
from grader.gradebook import Which
from grader.marks import T_
from grader.pushcli import push
from grader.records import Assignment, Audience
from grader.text import number, one_line

if TYPE_CHECKING:
    from grader.bookkeeping import Books
    from grader.marking import Desk, Watch
    from grader.sheets import Sheet

_MOST_NOTED = 1_000  # lines of one kind: a class's page leaves notes out and names `grade gradebook` for them

JournalOption = Annotated[
    Path | None, typer.Option("--journal", metavar="DIR", help="Where results are kept.  [default: grades/HW/journal]")
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Reports and gradebook.  [default: grades/HW]")
]
JobsOption = Annotated[
    int | None, typer.Option("--jobs", min=1, max=256, help="Grader processes.  [default: one a core]")
]
IsolationOption = Annotated[
    Isolation, typer.Option("--isolation", help="The least to accept; best is at least confined.")
]
ExportOption = Annotated[
    list[str] | None,
    typer.Option(
        "--export",
        metavar="FORMAT",
        autocompletion=completions.formats,
        help="Also each report in this format. May be repeated.",
    ),
]
AudienceOption = Annotated[Audience, typer.Option("--audience", help="For whom the exports are.")]
ClusterOption = Annotated[
    str | None, typer.Option("--cluster", metavar="ADDRESS", help="Grade on a Dask cluster, or on `local` one.")
]


class InterruptedBatch(GradeError):  # noqa: N818 - what happened, no error of ours
    """Ctrl-C: what is graded stands."""

    exit_code = INTERRUPTED


def batch(
    assignment: Annotated[
        str,
        typer.Argument(metavar="HW", autocompletion=completions.assignments, help="hw1, hw01, 1 or the folder's name."),
    ],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder or zip, as the platform gives it.")],
    roster: RosterOption = None,
    jobs: JobsOption = None,
    journal: JournalOption = None,
    out: OutOption = None,
    late: LateOption = None,
    times: Annotated[
        Path | None, typer.Option("--times", metavar="CSV", help="id,timestamp of each hand-in, where none are told.")
    ] = None,
    platform: Annotated[
        str | None, typer.Option(metavar="NAME", help="folders, canvas, moodle or gradescope.  [default: seen]")
    ] = None,
    which: WhichOption = Which.LATEST,
    isolation: IsolationOption = Isolation.BEST,
    cluster: ClusterOption = None,
    export: ExportOption = None,
    audience: AudienceOption = Audience.STUDENT,
    plain: PlainOption = False,
    course: CourseOption = None,
) -> None:
    """Grade a class: every submission in a folder or zip. Given again, it goes on where it was."""
    from grader import grading
    from grader.batch import BatchOptions
    from grader.deliveries import read_times
    from grader.marking import Download, mark_folder

    found, wanted = find(assignment, course)
    grading.check_requirements(wanted)
    desk = _desk(wanted, journal, out, roster, late, which, export, audience)
    download = Download(path=folder, platform=platform, times=read_times(times) if times is not None else None)
    options = BatchOptions(jobs=jobs or _cores(), isolation=isolation.level, environ=os.environ, cluster=cluster)
    with _watching(plain=plain) as watch:
        books = mark_folder(found, wanted, download, desk, options, watch)
    _conclude(books, desk, plain=plain)


def regrade(
    assignment: Annotated[
        str,
        typer.Argument(
            metavar="HW", autocompletion=completions.assignments, help="The assignment whose tests were changed."
        ),
    ],
    roster: RosterOption = None,
    jobs: JobsOption = None,
    journal: JournalOption = None,
    out: OutOption = None,
    late: LateOption = None,
    which: WhichOption = Which.LATEST,
    isolation: IsolationOption = Isolation.BEST,
    cluster: ClusterOption = None,
    export: ExportOption = None,
    audience: AudienceOption = Audience.STUDENT,
    plain: PlainOption = False,
    course: CourseOption = None,
) -> None:
    """Grade a journal's submissions again after a test was changed; shows before and after."""
    from grader import grading
    from grader.batch import BatchOptions
    from grader.board import draw_changes
    from grader.marking import mark_again

    found, wanted = find(assignment, course)
    grading.check_requirements(wanted)
    desk = _desk(wanted, journal, out, roster, late, which, export, audience)
    options = BatchOptions(jobs=jobs or _cores(), isolation=isolation.level, environ=os.environ, cluster=cluster)
    with _watching(plain=plain) as watch:
        books, changes = mark_again(found, wanted, desk, options, watch)
    draw_changes(screens(plain=plain)[0], changes)
    _conclude(books, desk, plain=plain)


def override(
    assignment: Annotated[str, typer.Argument(metavar="HW", autocompletion=completions.assignments)],
    student: Annotated[str, typer.Argument(metavar="STUDENT", help="The id, as the gradebook has it.")],
    score: Annotated[float | None, typer.Option(metavar="POINTS", help="What counts instead of the tests.")] = None,
    comment: Annotated[str, typer.Option(metavar="TEXT", help="For the student.")] = "",
    author: Annotated[str | None, typer.Option(metavar="NAME", help="Who says so.  [default: you]")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take it back.")] = False,
    journal: JournalOption = None,
    course: CourseOption = None,
) -> None:
    """Decide on a student's score or comment by hand; no grading ever touches it."""
    from grader.overrides import add_override, remove_override

    _, wanted = find(assignment, course)
    folder = journal or _default(wanted) / "journal"
    if not folder.is_dir():
        raise UsageError(
            "there is no journal", where=str(folder), fix="name it with --journal DIR, or grade a batch first"
        )
    by = author if author is not None else os.environ.get("USER") or os.environ.get("USERNAME") or ""
    now = datetime.now(UTC)
    if remove:
        if score is not None or comment:
            raise UsageError("--remove takes neither score nor comment", where="the command line", fix="leave them out")
        remove_override(folder, student, assignment=wanted.id, author=by, made_at=now)
        echo(f"{wanted.id} {one_line(student)}: taken back")
        return
    made = add_override(
        folder,
        Override(student=student, assignment=wanted.id, score=score, comment=comment, author=by, made_at=now),
    )
    _doubt(folder, made.student)
    points = "only a comment" if made.score is None else f"{number(made.score)} of {number(wanted.points)} points"
    echo(f"{wanted.id} {made.student}: {points}")


def gradebook(
    journals: Annotated[list[Path], typer.Argument(metavar="JOURNAL...", help="One folder for each assignment.")],
    roster: RosterOption = None,
    late: LateOption = None,
    which: WhichOption = Which.LATEST,
    zero: Annotated[bool, typer.Option("--zero", help="Nothing handed in is 0 points.")] = False,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write a table for people.")] = None,
    canvas: Annotated[
        Path | None, typer.Option("--canvas", metavar="FILE", help="Write what Canvas' gradebook imports.")
    ] = None,
    canvas_id: Annotated[
        list[str] | None, typer.Option("--canvas-id", metavar="HW=NUMBER", help="Canvas' number of an assignment.")
    ] = None,
    moodle: Annotated[
        Path | None, typer.Option("--moodle", metavar="WORKSHEET", help="Fill in Moodle's grading worksheet.")
    ] = None,
    nbgrader: Annotated[
        Path | None, typer.Option("--nbgrader", metavar="FILE", help="Write nbgrader's columns.")
    ] = None,
    plain: PlainOption = False,
) -> None:
    """Make the gradebook of one assignment or several from their journals."""
    from grader.board import draw_summary
    from grader.exports import canvas as to_canvas
    from grader.exports import moodle as to_moodle
    from grader.exports import nbgrader as to_nbgrader
    from grader.exports import tables
    from grader.sheets import read_bytes

    books = class_books(journals, roster, late, which, zero=zero, most=_MOST_NOTED)
    made: list[tuple[str, Path, Sheet]] = []
    if csv is not None:
        made.append(("table", csv, tables.render_gradebook(books.gradebook)))
    if canvas is not None:
        made.append(("Canvas", canvas, to_canvas.render_gradebook(books.gradebook, ids=_numbers(canvas_id or []))))
    if moodle is not None:
        if len(journals) != 1:
            raise UsageError(
                "a worksheet is of one assignment", where="--moodle", fix="name the journal of that one only"
            )
        name = books.gradebook.assignments[0]
        filled = to_moodle.fill_worksheet(read_bytes(moodle), books.gradebook, name, where=moodle.name)
        made.append(("Moodle", moodle, filled))
    if nbgrader is not None:
        made.append(("nbgrader", nbgrader, to_nbgrader.render_gradebook(books.gradebook, due=books.due)))
    _write(made)
    note("found and of no use", [as_notice(each) for each in books.gradebook.rejected], most=_MOST_NOTED)
    draw_summary(
        screens(plain=plain)[0],
        books.gradebook,
        where=[(name, f"{path} ({sheet.rows} rows)") for name, path, sheet in made],
    )


def similarity(
    assignment: Annotated[str, typer.Argument(metavar="HW", autocompletion=completions.assignments)],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder or zip, as the platform gives it.")],
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page with the code.")] = None,
    platform: Annotated[
        str | None, typer.Option(metavar="NAME", help="folders, canvas, moodle or gradescope.  [default: seen]")
    ] = None,
    least: Annotated[float, typer.Option(min=0.0, max=1.0, help="List pairs from this share of common code.")] = 0.33,
    plain: PlainOption = False,
    course: CourseOption = None,
) -> None:
    """Rank the submissions of a class by what they have in common, the stub left out."""
    import tempfile

    from grader.board import draw_similarity_table
    from grader.deliveries import find_deliveries
    from grader.outbox import write_file
    from grader.similarity import compare
    from grader.similarity_page import draw_similarity

    _, wanted = find(assignment, course)
    out, _ = screens(plain=plain)
    with tempfile.TemporaryDirectory(prefix="grade-") as scratch:
        deliveries = find_deliveries(folder, scratch=Path(scratch, "class"), platform=platform)
        found = compare(wanted, deliveries.found, least=least)
    if html is not None:
        write_file(html, draw_similarity(found).encode())
    draw_similarity_table(out, found)
    note(
        "not compared",
        [as_notice(each) for each in (*deliveries.rejected, *found.rejected)],
    )


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command(short_help="Grade a whole class (staff).")(batch)
    app.command(short_help="Grade a class again after an edit (staff).")(regrade)
    app.command(short_help="Decide on a score by hand (staff).")(override)
    app.command(short_help="Make the gradebook of a class (staff).")(gradebook)
    app.command(short_help="Compare the code of a class (staff).")(similarity)
    app.add_typer(push, name="push", short_help="Send scores to Canvas or LTI (staff).")


# --- what these commands share -------------------------------------------------


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _doubt(journal: Path, student: str) -> None:
    """Say where nobody has an id: not an error, since a decision may be on somebody who handed in nothing."""
    from grader.bookkeeping import keep_books
    from grader.rosters import Directory
    from grader.suggestions import did_you_mean

    try:
        known = [row.student for row in keep_books([journal]).gradebook.rows]
    except GradeError:  # told by whoever reads the journal for its results; the decision stands
        return
    if Directory(Roster(students=tuple(known))).find(key=student) is None:
        guess = did_you_mean(student, [each.id for each in known])
        told = f"note: nobody in this journal is `{one_line(student)}`"
        echo(f"{told}; {guess}" if guess else told, err=True)


# As it is put together above.
_WHOLE = (T_("note: nobody in this journal is `{student}`; did you mean `{guess}`?"),)


def _default(assignment: Assignment) -> Path:
    return Path("grades", assignment.id)


def _desk(
    assignment: Assignment,
    journal: Path | None,
    out: Path | None,
    roster: Path | None,
    late: Path | None,
    which: Which,
    export: Sequence[str] | None,
    audience: Audience,
) -> "Desk":
    from grader.lateness import read_policy
    from grader.marking import Desk
    from grader.rosters import read_roster

    if late is not None:
        read_policy(late, assignment=assignment.id)  # a mistake in it is told before an hour of grading, not after
    return Desk(
        journal=journal or (out or _default(assignment)) / "journal",
        out=out or _default(assignment),
        roster=read_roster(roster) if roster is not None else None,
        policy=late,
        which=which,
        formats=export or (),
        audience=audience,
    )


@contextmanager
def _watching(*, plain: bool) -> Iterator["Watch"]:
    """Show a batch while it runs; Ctrl-C ends it in good order."""
    from grader.board import Board
    from grader.marking import Watch

    board = Board(screens(plain=plain)[1])
    try:
        with board:
            yield Watch(now=lambda: datetime.now(UTC), tell=board)
    except KeyboardInterrupt as error:
        raise InterruptedBatch(
            f"interrupted: {board.done} of {board.total} submissions are graded",
            fix="the same command goes on from there",
        ) from error


def _conclude(books: "Books", desk: "Desk", *, plain: bool) -> None:
    from grader.board import draw_summary
    from grader.marking import GRADEBOOK, REJECTED

    where = [
        ("gradebook", str(desk.out / GRADEBOOK)),
        ("rejected", str(desk.out / REJECTED)),
        ("reports", str(desk.out / "reports")),
        ("journal", str(desk.journal)),
    ]
    draw_summary(screens(plain=plain)[0], books.gradebook, where=where)
    note("note", books.notices)
    rows = (*books.gradebook.rows, *books.gradebook.unknown)
    entries = [entry for row in rows for entry in row.entries.values()]
    if any(entry.needs_review for entry in entries):
        raise typer.Exit(3)
    raise typer.Exit(1 if any(entry.score is None and entry.attempts for entry in entries) else 0)


def _write(made: "Sequence[tuple[str, Path, Sheet]]") -> None:
    from grader.outbox import write_file

    for name, path, sheet in made:
        write_file(path, sheet.data)
        note(name, sheet.notices)
        note(f"not in {path.name}", [as_notice(each) for each in sheet.left_out])


def _numbers(texts: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    wrong = next((text for text, pair in zip(texts, pairs, strict=True) if not (pair[0] and pair[2])), None)
    if wrong is not None:
        raise UsageError(f"`{one_line(wrong)}` names no assignment", where="--canvas-id", fix="write hw1=4711")
    return {name: value for name, _, value in pairs}
