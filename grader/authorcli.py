"""The commands of whoever writes a course: `grade audit`, `grade build` and `grade new`. A part of the command line.

In: argv. Out: files and lines, and an exit code: 1 a grader is wrong, 2 a built file or a translation is stale.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from grader import completions
from grader.cliparts import CourseOption, PlainOption, echo, find, screens
from grader.errors import UsageError
from grader.records import Course


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("audit", short_help="Test the hidden tests themselves (staff).")(audit_graders)
    app.command(short_help="Write stubs, tables or a kit (staff).")(build)
    app.command(short_help="Write a new assignment to start from (staff).")(new)


def audit_graders(
    assignment: Annotated[
        str | None,
        typer.Argument(metavar="HW", autocompletion=completions.assignments, help="One of them.  [default: all]"),
    ] = None,
    seed_count: Annotated[int, typer.Option("--seeds", min=1, help="How many students' inputs to try.")] = 50,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
    course: CourseOption = None,
    plain: PlainOption = False,
) -> None:
    """Hold the hidden tests against known mistakes, right alternatives and mutants (staff)."""
    from grader.audit import audit
    from grader.console import AuditLine, draw_audit
    from grader.course import find_course
    from grader.progress import Progress

    out, err = screens(plain=plain)
    found = find_course(Path.cwd(), explicit=course, environ=os.environ)
    wanted = found.assignments if assignment is None else (find(assignment, course)[1],)
    lines = []
    with Progress(err) as progress:
        for each in wanted:
            done = audit(
                found,
                each,
                seed_count=seed_count,
                jobs=jobs,
                progress=lambda done, total, what: progress.step(done, what, total=total),
            )
            lines.append(AuditLine(cells=done.cells, notes=done.notes, problems=done.problems))
    draw_audit(out, lines)
    raise typer.Exit(1 if any(line.problems for line in lines) else 0)


def build(
    assignment: Annotated[str | None, typer.Argument(metavar="HW", autocompletion=completions.assignments)] = None,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail where a file is stale.")] = False,
    kit: Annotated[
        Path | None, typer.Option("--kit", metavar="DIR", help="Write a student's kit into a new or empty folder.")
    ] = None,
    translated: Annotated[
        bool, typer.Option("--translated", help="You say: HW's translations are of its README.md as it stands.")
    ] = False,
    course: CourseOption = None,
) -> None:
    """Write stubs and tables of answers into assignments/ from solutions/ (staff)."""
    _quiet_tensorflow()
    from grader.answers import build_files, stale_files
    from grader.authoring import buildable, write_built
    from grader.course import find_course

    found = find_course(Path.cwd(), explicit=course, environ=os.environ)
    if kit is not None:
        _write_kit(found, kit, alone=assignment is None and not check and not translated)
        return
    if translated:
        _mark_translated(assignment, course, alone=not check)
        return
    if assignment is not None:
        found = replace(found, assignments=(find(assignment, course)[1],))
    if check:
        stale = stale_files(found)
        for path in stale:
            echo(f"stale: {path}", err=True)
        lapses = _tell_translations(found)
        raise typer.Exit(2 if stale or lapses else 0)
    for each in buildable(found):
        for path in write_built(build_files(each)):
            typer.echo(path)
    _tell_translations(found)


def _quiet_tensorflow() -> None:
    """Keep what TensorFlow says of this machine off the terminal; references are trained in this process."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # or it is told before any level counts


def new(
    assignment: Annotated[str, typer.Argument(metavar="HW", help="A number that is free: hw14.")],
    title: Annotated[str, typer.Option("--title", help="What the handout is called; the module is named after it.")],
    functions: Annotated[
        list[str] | None,
        typer.Option("--function", metavar="NAME", help="What a student writes. May be repeated.  [default: module]"),
    ] = None,
    course: Annotated[
        Path | None,
        typer.Option("--course", metavar="DIR", help="The course's folder; an empty or new one becomes a course."),
    ] = None,
) -> None:
    """Write a working assignment to start from, in both trees, and add it to the course (staff)."""
    from grader.skeleton import write_assignment

    root, written = write_assignment(
        assignment, title=title, functions=functions or (), course=course, here=Path.cwd(), environ=os.environ
    )
    for path in written:
        typer.echo(path)
    named = f" --course {course}" if course is not None else ""
    echo(f"Replace what it asks for by your own, in {root / 'solutions'} and {root / 'assignments'}, then run:")
    typer.echo(f"grade build {assignment}{named} && grade audit {assignment}{named}")


def _write_kit(course: Course, folder: Path, *, alone: bool) -> None:
    from grader.kit import write_kit

    if not alone:
        raise UsageError(
            "a kit holds the whole course", where="--kit", fix="leave out the assignment's name and other options"
        )
    files = write_kit(course, folder)
    echo(f"{folder}: {len(files)} files, none of them from solutions/")


def _mark_translated(assignment: str | None, course: Path | None, *, alone: bool) -> None:
    from grader.translations import mark_translated

    if assignment is None or not alone:
        raise UsageError(
            "this takes one assignment, whose translations a person has read beside the original",
            where="--translated",
            fix="grade build --translated hw1",
        )
    for path in mark_translated(*find(assignment, course)):
        typer.echo(path)


def _tell_translations(course: Course) -> bool:
    """Say which translations are missing or stale, or that there are none; whether there is one to mend."""
    from grader.translations import catalog_lapses, lapses

    found = lapses(course) + catalog_lapses(course)
    for lapse in found:
        echo(lapse, err=True)
    if len(course.languages) == 1 and not found:
        echo(f"handouts: in {course.languages[0]} only (assignments/course.toml, languages)", err=True)
    return bool(found)
