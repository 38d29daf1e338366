"""The command `grade watch`: argv in, a report after each save out.

In: an assignment's name, a path. Out: on stdout what each save brought. Ctrl-C is how it ends: the exit code is then
the last report's (0 all points, 1 points lost or rejected, 3 not graded), or 130 where there was none yet.
"""

import os
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader import completions
from grader.cliparts import CourseOption, Isolation, PlainOption, find, for_assignments, screens
from grader.errors import UsageError
from grader.records import Assignment, Report, TestCase

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.grading import GradeOptions, Grader
    from grader.watching import Regrade, Watched
    from grader.watchscreen import Shown

_PATIENCE_S = 0.7  # a grading that takes longer says which test runs


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("watch", short_help="Grade again whenever you save.")(watch)


def watch(
    assignment: Annotated[
        str,
        typer.Argument(metavar="HW", autocompletion=completions.assignments, help="hw1, hw01, 1 or the folder's name."),
    ],
    path: Annotated[
        Path | None, typer.Argument(metavar="[PATH]", help="File, folder, notebook or zip.  [default: found here]")
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="HEX", help="Draw the inputs from this seed.  [default: the student's]")
    ] = None,
    student: Annotated[str, typer.Option(metavar="ID", help="Whose inputs to draw.")] = "",
    isolation: Annotated[Isolation, typer.Option(help="The least isolation to accept.")] = Isolation.BEST,
    plain: PlainOption = False,
    course: CourseOption = None,
) -> None:
    """Grade now and whenever the file is saved, and say what changed: grade watch hw1 [PATH]. Ctrl-C ends."""
    from importlib.util import find_spec

    if find_spec("watchfiles") is None:
        raise UsageError("watchfiles is not installed", fix='pip install "cnn-autograde[watch]"')
    from grader import grading
    from grader.scoring import exit_code
    from grader.seeds import parse_seed
    from grader.watching import Watched
    from grader.watchscreen import watch_screen

    found, wanted = find(assignment, course)
    grading.check_requirements(wanted)
    target = path if path is not None else _default(wanted)
    options = grading.GradeOptions(
        student=student,
        seed=parse_seed(seed) if seed is not None else None,
        isolation=isolation.level,
        environ=os.environ,
    )
    told = for_assignments(screens(plain=plain)[0], wanted).language
    shown = watch_screen(
        lambda: replace(screens(plain=plain)[0], language=told),
        where=_named(target),
        clock=lambda: f"{datetime.now().astimezone():%H:%M:%S}",
    )
    loop = _Loop(Watched(target, wanted.module), options, shown)
    shown.begin()
    try:
        grading.graders(found, wanted, options, loop.run)
    except KeyboardInterrupt:
        if loop.last is None:
            raise
    finally:
        shown.end()
    if loop.last is not None:
        raise typer.Exit(exit_code(loop.last))


class _Loop:
    """Everything between two Ctrl-Cs; remembers the last report."""

    def __init__(self, watched: "Watched", options: "GradeOptions", shown: "Shown") -> None:
        self._watched = watched
        self._options = options
        self._shown = shown
        self.last: Report | None = None

    def run(self, grader: "Grader") -> None:
        from grader.watching import watch

        watch(self._watched, lambda check: self._grade(grader, check), self._show, idle=self._shown.refresh)

    def _grade(self, grader: "Grader", check: "Callable[[], None]") -> Report:
        begin = time.monotonic()
        done = 0

        def started(case: TestCase, total: int) -> None:
            nonlocal done
            check()
            if time.monotonic() - begin > _PATIENCE_S:
                self._shown.running(done, total, case.title)
            done += 1

        return grader.grade(self._watched.target, replace(self._options, started=started))

    def _show(self, regrade: "Regrade") -> None:
        self.last = regrade.report or self.last
        self._shown.show(regrade)


def _named(target: Path) -> str:
    """A path as it is said: from here, where it lies here."""
    here = Path.cwd()
    return str(target.relative_to(here)) if target.is_relative_to(here) else str(target)


def _default(assignment: Assignment) -> Path:
    """Without PATH: the assignment's file here, else a folder of its name here, else the course's own stub."""
    from grader.submission import find_submission

    return find_submission(assignment, Path.cwd()) or assignment.public / f"{assignment.module}.py"
