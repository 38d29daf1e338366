"""The command line: reads argv and the environment, calls one step after another, owns every exit code.

In: argv. Out: text on stdout (the result) and stderr (progress, warnings, errors), and an exit code:
0 all points, 1 points lost or submission rejected, 2 usage or configuration, 3 not graded (our fault), 130 interrupted.
Whatever is heavy (numpy, pytest, nbformat) is imported by the command that needs it, so that --help is instant.
"""

import os
import re
import sys
import traceback
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from grader import authorcli, bundlecli, cohortcli, completions, reportcli, watchcli
from grader.cliparts import (
    INTERRUPTED,
    CourseOption,
    Isolation,
    PlainOption,
    echo,
    find,
    for_assignments,
    screens,
)
from grader.errors import GradeError, SandboxError, UsageError
from grader.helptexts import Commands, reader
from grader.marks import T_
from grader.records import Assignment, Audience, Report
from grader.screen import terminal
from grader.suggestions import did_you_mean

# As it is put together in `start`.
_WHOLE = (T_("Read {path} or {other}, write {module}.py or the notebook, then run:"),)

GRADE = "HW"  # the hidden command behind `grade hw1`, as its own help calls it

#: As `grader.exports.formats` has them, which takes too long to import for --help.
FORMATS = "json, junit, gradescope, prairielearn, github, classroom50, classroom-legacy, html or lti"

#: What an unknown option or a missing argument raises; typer has it from click, or from its own copy of click.
_WrongUse: Any = typer.BadParameter.__bases__[0]
_ASSIGNMENT = re.compile(r"(hw)?0*[0-9]{1,2}(_[a-z0-9_]+)?/?", re.IGNORECASE)


class _Commands(Commands):
    """`grade hw1 ...` is `grade HW hw1 ...`: an assignment's name stands where a command's would."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name = args[0]
        if self.get_command(ctx, name) is None or name == GRADE:
            commands = [each for each in self.list_commands(ctx) if each != GRADE]
            guess = did_you_mean(name, commands)
            # Resilient: a shell asks what could come next, and a Tab key never prints.
            if guess and not _ASSIGNMENT.fullmatch(name) and not ctx.resilient_parsing:
                raise UsageError(
                    f"there is no command `{name}`", where="the command line", fix=f"{guess} `grade --help` lists all"
                )
            return GRADE, self.get_command(ctx, GRADE), args
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Offer commands and, since they stand in the same place, assignments."""
        grades: Any = self.get_command(ctx, GRADE)
        offered = super().shell_complete(ctx, incomplete)
        return [*offered, *grades.params[0].shell_complete(ctx, incomplete)]


app = typer.Typer(
    cls=_Commands,
    add_completion=True,
    rich_markup_mode=None,  # plain help: rich would cost a third of its time
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    help="Grade a course of CNN assignments.\n\n"
    "To grade your work: grade HW [PATH], as in: grade hw1 convolution.py\n\n"
    "Its options: grade hw1 --help",
    epilog="Example: grade hw1 my_convolution.ipynb --export json=report.json",
)


@app.callback()
def everywhere(
    lang: Annotated[
        str | None,
        typer.Option(
            "--lang",
            metavar="CODE",
            autocompletion=completions.languages,
            help="Speak en or ko, in every command.  [default: GRADE_LANG, or yours]",
        ),
    ] = None,
) -> None:
    """Options of every command; `Commands` has taken this one out before."""


@app.command(GRADE, hidden=True)
def grade(
    assignment: Annotated[
        str,
        typer.Argument(metavar="HW", autocompletion=completions.assignments, help="hw1, hw01, 1 or the folder's name."),
    ],
    path: Annotated[
        Path | None, typer.Argument(metavar="PATH", help="File, folder, notebook or zip.  [default: found here]")
    ] = None,
    export: Annotated[
        list[str] | None,
        typer.Option(
            "--export",
            metavar="FORMAT=FILE",
            autocompletion=completions.exports,
            help=f"Also write {FORMATS}; `-` is stdout. May be repeated.",
        ),
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="HEX", help="Draw the inputs from this seed.  [default: the student's]")
    ] = None,
    student: Annotated[str, typer.Option(metavar="ID", help="Who handed it in.")] = "",
    only: Annotated[str | None, typer.Option(metavar="TEST", help="Run one test.")] = None,
    audience: Annotated[
        Audience, typer.Option(help="For whom the report is; staff see logs and seeds.")
    ] = Audience.STUDENT,
    isolation: Annotated[Isolation, typer.Option(help="The least isolation to accept.")] = Isolation.BEST,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="One line.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Add durations and, for staff, logs.")] = False,
    plain: PlainOption = False,
    course: CourseOption = None,
) -> None:
    """Grade one submission of an assignment: grade hw1 [PATH]."""
    from grader import grading
    from grader.console import Verbosity, draw_report
    from grader.exports.context import Context
    from grader.exports.formats import STDOUT, parse_export, write_export
    from grader.partials import Partials
    from grader.progress import Progress

    context = Context(environ=os.environ, now=datetime.now(UTC))
    exports = [parse_export(text, context=context) for text in export or []]
    out, err = screens(plain=plain)
    found, wanted = find(assignment, course)
    out, err = for_assignments(out, wanted), for_assignments(err, wanted)
    context = replace(context, language=out.language)
    grading.check_requirements(wanted)
    options = grading.GradeOptions(
        student=student,
        seed=_seed(seed),
        only=only,
        isolation=isolation.level,
        environ=os.environ,
    )
    target = path if path is not None else _default_submission(wanted)
    partials = Partials(
        exports,
        wanted,
        audience=audience,
        context=context,
        student=student,
        submission=str(target),
        environment=grading.environment(wanted),
    )
    done = 0
    with Progress(err) as progress:

        def started(case: Any, total: int) -> None:
            nonlocal done
            progress.step(done, case.title, total=total)
            done += 1

        watching = replace(
            options, started=started, finished=partials.add, planned=partials.begin, progress=progress.epoch
        )
        report = grading.grade_one(found, wanted, target, watching)
    for each in exports:
        write_export(each, report, audience=audience, stdout=sys.stdout, context=context)
    if not any(each.destination == STDOUT for each in exports):
        verbosity = Verbosity.QUIET if quiet else Verbosity.VERBOSE if verbose else Verbosity.NORMAL
        draw_report(out, report, audience=audience, verbosity=verbosity, errors=err)
    raise typer.Exit(_exit_code(report))


@app.command("list", short_help="List the assignments.")
def list_assignments(course: CourseOption = None, plain: PlainOption = False) -> None:
    """List the course's assignments."""
    from grader.console import draw_course
    from grader.course import find_course

    out, _ = screens(plain=plain)
    found = find_course(Path.cwd(), explicit=course, environ=os.environ)
    draw_course(replace(out, language=out.language.of_course(found)), found)


@app.command(short_help="Write a working copy to start from.")
def start(
    assignment: Annotated[str, typer.Argument(metavar="HW", autocompletion=completions.assignments)],
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Where to.  [default: a folder of its name here]")
    ] = None,
    course: CourseOption = None,
) -> None:
    """Write a working copy of an assignment: stub, notebook, handout, public tests."""
    from grader.authoring import start_assignment
    from grader.translations import handout_for

    _, wanted = find(assignment, course)
    destination = folder if folder is not None else Path(wanted.folder)
    for path in start_assignment(wanted, destination, reader()):
        typer.echo(path)
    handout = destination / handout_for(wanted.public, reader().code)
    echo(f"Read {handout}, write {wanted.module}.py or the notebook, then run:")
    typer.echo(f"grade {wanted.id} {destination}")


@app.command(short_help="Run one test of a report again (staff).")
def replay(
    report: Annotated[
        Path, typer.Argument(metavar="REPORT.json", help="A report that was written with --audience staff.")
    ],
    test: Annotated[str, typer.Argument(metavar="TEST", help="The test to run again.")],
    path: Annotated[
        Path | None,
        typer.Option("--submission", metavar="PATH", help="Where the submission is now.  [default: where it was]"),
    ] = None,
    course: CourseOption = None,
    plain: PlainOption = False,
) -> None:
    """Run one test of a report again, exactly, with everything it says (staff)."""
    from grader import grading
    from grader.console import Verbosity, draw_report
    from grader.exports import json
    from grader.sandbox.launch import level_of

    out, err = screens(plain=plain)
    old = json.read(_read(report), where=str(report))
    found, wanted = find(old.assignment, course)
    out = for_assignments(out, wanted)

    def begin(outset: grading.Outset) -> None:
        if outset.digest != old.digest:
            raise UsageError(
                "the submission is not the one that was graded",
                where=str(target),
                fix="name it with --submission PATH",
            )

    target = path or Path(old.submission)
    options = grading.GradeOptions(
        student=old.student,
        seed=old.seed,
        only=test,
        planned=begin,
        isolation=level_of(old.isolation),
        public=old.tests == "public",
        environ=os.environ,
    )
    new = grading.grade_one(found, wanted, target, options)
    draw_report(out, new, audience=Audience.STAFF, verbosity=Verbosity.VERBOSE, errors=err)
    before = next((result.outcome for result in old.results if result.case.name == test), None)
    after = new.results[0].outcome if new.results else None
    echo(f"replayed: {before} then, {after} now{'' if before is after else ' (not the same)'}")
    raise typer.Exit(_exit_code(new))


@app.command(short_help="Say what this machine can do.")
def doctor(course: CourseOption = None, plain: PlainOption = False) -> None:
    """Say what this machine can do: isolation by layer, attack by attack, and packages."""
    from grader.console import draw_doctor
    from grader.doctor import examine

    out, _ = screens(plain=plain)
    health = examine(os.environ)
    draw_doctor(out, health.isolation, health.checks)
    raise typer.Exit(0 if health.sound else 3)


@app.command(short_help="Show where image data lies; fetch it.")
def data(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="mnist, fashion_mnist or cifar10.  [default: all]")
    ] = None,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Download it into the Keras cache, unless it is there.")
    ] = False,
    course: CourseOption = None,
    plain: PlainOption = False,
) -> None:
    """Show where image data lies, whether it is the known one, and its licence; fetch it."""
    from grader import datasets, holdings
    from grader.console import draw_data
    from grader.course import find_course
    from grader.progress import Progress

    out, err = screens(plain=plain)
    root = find_course(Path.cwd(), explicit=course, environ=os.environ).root
    if fetch:
        if name is None:
            raise UsageError("name the data set to fetch", where="the command line", fix="grade data NAME --fetch")
        with Progress(err) as progress:
            datasets.fetch(name, os.environ, root=root, progress=holdings.in_steps(progress.step))
    found = holdings.survey(os.environ, root=root, only=name)
    draw_data(out, [row for each in found for row in each.rows])
    raise typer.Exit(2 if any(each.status == "FAIL" for each in found) else 0)


authorcli.add_to(app)
bundlecli.add_to(app)
watchcli.add_to(app)
cohortcli.register(app)
reportcli.add_to(app)


# --- what the commands share ------------------------------------------------


def _default_submission(assignment: Assignment) -> Path:
    """Without PATH: the assignment's file here, else a folder of its name here, else the course's own stub."""
    from grader.submission import find_submission

    return find_submission(assignment, Path.cwd()) or assignment.public / f"{assignment.module}.py"


def _seed(text: str | None) -> int | None:
    from grader.seeds import parse_seed

    return parse_seed(text) if text is not None else None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"the report cannot be read: {error.strerror}", where=str(path), fix="name a report.json"
        ) from error


def _exit_code(report: Report) -> int:
    from grader.scoring import exit_code

    return exit_code(report)


def main() -> NoReturn:
    """Run the command line; the only place that ends the process."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal of another alphabet loses letters, not the report
    try:
        status = app(standalone_mode=False)
    except GradeError as error:
        _print(error)
        sys.exit(error.exit_code)
    except _WrongUse as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # `grade` alone: its message is the whole help
            typer.echo(error.format_message(), err=True)
        else:
            what = error.format_message()
            _print(UsageError(what, where="the command line", fix="`grade --help` lists commands and options"))
        status = 2
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    except BrokenPipeError:  # the reader of our pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    except Exception as error:  # noqa: BLE001 - the end of the program: our fault is said as such, and is no score
        traceback.print_exc()
        _print(
            SandboxError(
                f"the grader itself failed ({type(error).__name__})", fix="nothing was graded; report the lines above"
            )
        )
        status = 3
    if status == INTERRUPTED:  # typer makes an exit of a Ctrl-C inside a command
        echo("interrupted: nothing was graded", err=True)
    sys.exit(status if isinstance(status, int) else 0)


def _print(error: GradeError) -> None:
    from grader.console import print_error

    print_error(terminal(sys.stderr, os.environ, language=reader()), error)
