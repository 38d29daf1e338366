"""Grades what a kernel has run, in a process of its own: the kernel holds the student's code, this one the tests.

In: a Request on standard input. Out: an Answer on standard output, and nothing else there.
The rule: what goes back to the kernel is what a student may read, already drawn; no report, seed or log.
"""

import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import msgspec

from grader import fragment
from grader.errors import GradeError, UsageError
from grader.history import Ran, as_notebook
from grader.language import ENGLISH, Language, chosen, code_of, language
from grader.records import Assignment, Audience, Report
from grader.screen import Screen

_COMPANION_BYTES = 1 << 20
_MODEL_BYTES = 64 << 20
_MOST_FILES = 100
_OWN: Mapping[str, int] = MappingProxyType(
    {".py": _COMPANION_BYTES, **dict.fromkeys((".keras", ".h5", ".hdf5"), _MODEL_BYTES)}
)


class Input(msgspec.Struct, forbid_unknown_fields=True):
    """One input of the kernel."""

    number: int
    source: str
    cell: str = ""


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """What to grade."""

    assignment: str
    history: list[Input]
    seed: str = ""
    public: bool = False
    course: str = ""
    student: str = ""
    lang: str = ""


class Answer(msgspec.Struct, forbid_unknown_fields=True):
    """What to show, twice: as HTML, and as plain text."""

    html: str
    text: str


def serve() -> None:
    """Answer one request; the whole life of the process."""
    answer_to, sys.stdout = sys.stdout.buffer, sys.stderr  # whatever prints from here on is no answer
    request = msgspec.json.decode(sys.stdin.buffer.read(), type=Request)
    answer_to.write(msgspec.json.encode(grade_cells(request, Path.cwd(), os.environ)))
    answer_to.flush()


def grade_cells(request: Request, here: Path, environ: Mapping[str, str]) -> Answer:
    """Grade a kernel's cells.

    Args:
        request: the cells, and how to grade them.
        here: the folder that the kernel runs in; the course is looked for from here, companions and models lie here.
        environ: GRADE_COURSE and GRADE_SECRET are read, and which language it is to be in, where the request says none.
    """
    told = language(code_of(request.lang) or chosen(environ))
    try:
        assignment, report = _grade(request, here, environ)
    except GradeError as error:
        return _refused(error, told)
    told = told.of(assignment)
    remark = told.say(_remark(request.history, assignment))
    return Answer(html=fragment.render(report, remark=remark, language=told), text=_plain(report, told) + f"{remark}\n")


def _grade(request: Request, here: Path, environ: Mapping[str, str]) -> tuple[Assignment, Report]:
    from grader import grading
    from grader.course import find_assignment, find_course
    from grader.seeds import parse_seed

    seed = parse_seed(request.seed) if request.seed else None
    course = find_course(here, explicit=Path(request.course) if request.course else None, environ=environ)
    assignment = find_assignment(course, request.assignment)
    grading.check_requirements(assignment)
    options = grading.GradeOptions(student=request.student, seed=seed, public=request.public, environ=environ)
    history = [Ran(number=each.number, source=each.source, cell=each.cell) for each in request.history]
    with tempfile.TemporaryDirectory(prefix="grade-") as scratch:
        path = Path(scratch) / f"{assignment.module}.ipynb"
        path.write_text(as_notebook(history), encoding="utf-8", errors="replace")
        _bring(here, Path(scratch), assignment)
        return assignment, grading.grade_one(course, assignment, path, options)


def _bring(here: Path, scratch: Path, assignment: Assignment) -> None:
    """Copy what a notebook in that folder could import, and its models; links stay behind."""
    brought = 0
    for entry in sorted(os.scandir(here), key=lambda entry: entry.name):
        ending = Path(entry.name).suffix.casefold()
        if brought == _MOST_FILES or ending not in _OWN or entry.name == f"{assignment.module}.py":
            continue
        if entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_size <= _OWN[ending]:
            shutil.copyfile(entry.path, scratch / entry.name, follow_symlinks=False)
            brought += 1


def _remark(history: Sequence[Input], assignment: Assignment) -> str:
    last = max((each.number for each in history), default=0)
    cells = f"Graded: the cells as they were last run, up to In [{last}]; cell 4 is In [4]."
    return f"{cells} What you hand in is the saved file: grade {assignment.id} {assignment.module}.ipynb"


def _plain(report: Report, told: Language) -> str:
    from grader.console import draw_report

    return _drawn(told, lambda screen: draw_report(screen, report, audience=Audience.STUDENT))


def _drawn(told: Language, draw: Callable[[Screen], object]) -> str:
    buffer = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    draw(Screen(stream=buffer, language=told))
    buffer.seek(0)
    return buffer.read()


def refusal(what: str, *, where: str = "", fix: str = "", told: Language = ENGLISH) -> Answer:
    """An error that never came to grading."""
    return _refused(UsageError(what, where=where, fix=fix), told)


def _refused(error: GradeError, told: Language) -> Answer:
    from grader.console import print_error

    html = fragment.render_error(error.what, where=error.where, fix=error.fix, language=told)
    return Answer(html=html, text=_drawn(told, lambda screen: print_error(screen, error)))
