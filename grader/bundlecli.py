"""The command `grade bundle`: argv in, a folder for a platform out.

In: an assignment's name, a platform, a folder. Out: files, and on stdout where they are and what to read first.
"""

from pathlib import Path
from typing import Annotated

import typer

from grader import completions
from grader.cliparts import CourseOption, echo, find
from grader.onsite import Platform


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("bundle", short_help="Write what an LMS or CI grades with (staff).")(bundle)


def bundle(
    assignment: Annotated[
        str,
        typer.Argument(metavar="HW", autocompletion=completions.assignments, help="hw1, hw01, 1 or the folder's name."),
    ],
    platform: Annotated[Platform, typer.Option("--for", help="Who takes it.")],
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="A new or empty folder.  [default: HW_PLATFORM here]")
    ] = None,
    hidden: Annotated[
        bool,
        typer.Option("--hidden", help="classroom50: put hidden tests in, although students can fetch them."),
    ] = False,
    course: CourseOption = None,
) -> None:
    """Write a bundle that a platform runs as it is: grade bundle hw1 --for gradescope (staff)."""
    from grader.bundles import write_bundle

    found, wanted = find(assignment, course)
    destination = folder if folder is not None else Path(f"{wanted.id}_{platform}")
    written = write_bundle(found, wanted, platform, destination, hidden=hidden)
    echo(f"{destination}: {len(written)} files; read {destination / 'README.md'} first")
