"""What the modules of the command line share: options that mean the same everywhere, and how a course is found.

In: argv, already parsed. Out: records. The rule: as in `cli`, what is heavy is imported by who needs it.
"""

import enum
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from grader.helptexts import reader
from grader.records import Assignment, Course, IsolationLevel
from grader.screen import Screen, terminal

INTERRUPTED = 130

CourseOption = Annotated[
    Path | None,
    typer.Option(
        "--course", metavar="DIR", help="The course's folder.  [default: found from here upward, or GRADE_COURSE]"
    ),
]
PlainOption = Annotated[bool, typer.Option("--plain", help="One line at a time: no colour, boxes or redrawing.")]


class Isolation(enum.StrEnum):
    """What `--isolation` takes."""

    BEST = "best"
    FULL = "full"
    CONFINED = "confined"
    NONE = "none"

    @property
    def level(self) -> IsolationLevel | None:
        """The least that is accepted; None: the best there is."""
        return None if self is Isolation.BEST else IsolationLevel(self.value)


def find(assignment: str, course: Path | None) -> tuple[Course, Assignment]:
    """Find a course and one of its assignments.

    Raises:
        UsageError: there is none of that name.
        CourseError: a file of it is wrong.
    """
    from grader.course import find_assignment, find_course

    found = find_course(Path.cwd(), explicit=course, environ=os.environ)
    wanted = find_assignment(found, assignment)
    note_language(found)
    return found, wanted


def note_language(course: Course) -> None:
    """Say of a course that is not in the reader's language that it is not."""
    if reader().code not in course.languages:
        echo("note: this course is not in your language; what it says itself is shown as it is", err=True)


def screens(*, plain: bool) -> tuple[Screen, Screen]:
    """How to write on stdout and stderr."""
    columns = shutil.get_terminal_size().columns
    told = reader()
    out, err = (
        terminal(stream, os.environ, plain=plain, columns=columns, language=told) for stream in (sys.stdout, sys.stderr)
    )
    return out, err


def for_assignments(screen: Screen, *assignments: Assignment) -> Screen:
    """The same screen, that knows what these assignments' tests say in its language."""
    return replace(screen, language=screen.language.of(*assignments))


def echo(text: object, *, err: bool = False) -> None:
    """Write one line in the reader's language."""
    typer.echo(reader().say(str(text)), err=err)
