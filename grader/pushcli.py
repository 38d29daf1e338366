"""The command `grade push`: scores go to Canvas or to an LTI platform. A part of the command line.

In: argv. Out: a line on stderr for each score, a sum on stdout, and an exit code: 0 every score is there, 2 usage, 3
some could not be sent: the same command goes on with them. The rule: the token is read from the environment.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cliparts import PlainOption, echo, screens
from grader.cohortparts import LateOption, RosterOption, WhichOption, as_notice, class_books, note
from grader.errors import UsageError
from grader.gradebook import Which
from grader.helptexts import Commands
from grader.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.bookkeeping import Books
    from grader.push.courier import Platform

_TOKEN = "CANVAS_API_TOKEN"  # noqa: S105 - the variable's name

push = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Send the scores of a journal to Canvas or to an LTI platform.",
)
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show what would be sent, and send nothing.")]
OneJournal = Annotated[Path, typer.Argument(metavar="JOURNAL", help="Of the assignment.")]


@push.command("canvas", short_help="Send scores and comments to Canvas.")
def push_canvas(
    journal: OneJournal,
    url: Annotated[str, typer.Option("--url", metavar="URL", help="Where Canvas is: https://canvas.example.edu")],
    canvas_course: Annotated[int, typer.Option("--canvas-course", metavar="NUMBER", help="Of the course there.")],
    canvas_assignment: Annotated[int, typer.Option("--canvas-assignment", metavar="NUMBER", help="Of the assignment.")],
    roster: RosterOption = None,
    late: LateOption = None,
    which: WhichOption = Which.LATEST,
    scale: Annotated[bool, typer.Option("--scale", help="Where the maxima differ: 85 of 100 is 8.5 of 10.")] = False,
    dry_run: DryRunOption = False,
    plain: PlainOption = False,
) -> None:
    """Send scores and comments to a Canvas assignment; the token is read from CANVAS_API_TOKEN."""

    def platform() -> "Platform":
        from grader.push.canvas import CanvasPlatform, CanvasTarget

        target = CanvasTarget(url=url, course=canvas_course, assignment=canvas_assignment, scale=scale)
        return CanvasPlatform(target, os.environ.get(_TOKEN, ""))

    _push(platform, journal, class_books([journal], roster, late, which), "canvas_id", dry_run=dry_run, plain=plain)


@push.command("lti", short_help="Send scores to an LTI 1.3 platform.")
def push_lti(
    journal: OneJournal,
    lineitem: Annotated[str, typer.Option("--lineitem", metavar="URL", help="As the platform gave it to the tool.")],
    tool: Annotated[Path, typer.Option("--tool", metavar="TOML", help="client_id, token_url, private_key_file.")],
    roster: RosterOption = None,
    late: LateOption = None,
    which: WhichOption = Which.LATEST,
    column: Annotated[str, typer.Option(metavar="NAME", help="The roster's column of LTI user ids.")] = "lti_id",
    dry_run: DryRunOption = False,
    plain: PlainOption = False,
) -> None:
    """Send scores to a line item of an LTI 1.3 platform."""

    def platform() -> "Platform":
        from grader.push.lti import LtiPlatform, read_tool

        return LtiPlatform(lineitem, read_tool(tool))

    _push(platform, journal, class_books([journal], roster, late, which), column, dry_run=dry_run, plain=plain)


def _push(
    open_platform: "Callable[[], Platform]",
    journal: Path,
    books: "Books",
    column: str,
    *,
    dry_run: bool,
    plain: bool,
) -> None:
    from grader.board import draw_pushed, draw_rows
    from grader.push.postings import NotSent, make_postings, rows

    out, err = screens(plain=plain)
    assignment = books.gradebook.assignments[0]
    postings, left_out = make_postings(books.gradebook, assignment, books.graded_at[assignment], column=column)
    note("no score to send", [as_notice(each) for each in left_out])
    if dry_run:
        draw_rows(out, rows(postings))
        return
    try:
        platform = open_platform()
    except ModuleNotFoundError as error:
        raise UsageError(f"{error.name} is not installed", fix='pip install "cnn-autograde[lms]"') from error
    from grader.push.courier import push as deliver

    pushed = deliver(platform, postings, journal / "push", tell=lambda one: draw_pushed(err, one))
    sent = [one for one in pushed.deliveries if not isinstance(one, NotSent)]
    echo(f"{pushed.target}: {len(sent)} of {len(pushed.deliveries)} scores are there")
    for student in pushed.open_students:
        echo(f"open: {one_line(student)} was being sent in an earlier run, and has no score now", err=True)
    if pushed.stopped:
        echo(f"stopped: {one_line(pushed.stopped, limit=500)}", err=True)
    raise typer.Exit(0 if len(sent) == len(pushed.deliveries) else 3)
