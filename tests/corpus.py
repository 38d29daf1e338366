"""The verdict corpus: what has been handed in, what must come of it, and one run over all of it.

In: tests/submissions/<assignment>/<case>/, each with an `expected.toml`. Out: Case, and Graded once it was graded.
The rule: one fork server and one collection of tests per assignment, as in a batch, so that a case that harms what
comes after it is seen.

What is handed in is the case's folder as it stands, or `path` inside it, or what a `recipe` builds.
"""

import dataclasses
import io
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from grader.console import draw_report
from grader.course import read_course
from grader.errors import GradeError
from grader.exports import json, junit
from grader.grading import Grader, GradeOptions, graders
from grader.records import Assignment, Audience, Limits, Outcome, Report, Visibility
from grader.screen import Screen
from grader.strict_toml import read_toml
from tests import recipes

ROOT = Path(__file__).parents[1]
SUBMISSIONS = Path(__file__).with_name("submissions")
LIMITS = Limits(wall_s=0.8, cpu_s=1.0, import_s=1.5, memory_mb=256, output_kb=16, reply_mb=8)
COURSE = read_course(ROOT, secret=b"the corpus")


class ExpectedTest(msgspec.Struct, forbid_unknown_fields=True):
    """What must come of one test."""

    outcome: Outcome | None = None
    hint: str = ""  # how it begins
    feedback: str = ""  # a part of it


class ExpectedQuestion(msgspec.Struct, forbid_unknown_fields=True):
    """What must come of all tests of one function."""

    score: float
    outcome: Outcome | None = None  # of each test that did not pass


class Expected(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An `expected.toml`."""

    about: str = ""
    hostile: bool = False
    path: str = ""
    recipe: str = ""
    student: str = ""
    score: float | None = None
    rejected: str | None = None  # a part of the reason
    notices: list[str] = []  # a part of one notice each
    untold: list[str] = []  # nowhere in the student's view
    same_for_every_seed: bool = False  # what a student sees of the hidden tests
    tests: dict[str, ExpectedTest] = {}
    questions: dict[str, ExpectedQuestion] = {}


@dataclass(frozen=True, slots=True)
class Case:
    """One submission and its expected verdict."""

    folder: Path
    expected: Expected

    @property
    def name(self) -> str:
        """As in `pytest -k stride_ignored`."""
        return f"{self.folder.parent.name}/{self.folder.name}"


@dataclass(frozen=True, slots=True)
class Graded:
    """What came of a case."""

    assignment: Assignment
    report: Report | GradeError
    after: Report | GradeError  # a right solution, graded next
    other_seed: Report | None
    left_behind: frozenset[int]  # processes


def read_cases() -> list[Case]:
    """Read every expected.toml; a slip in one is an error that names the file and the key."""
    files = sorted(SUBMISSIONS.glob("*/*/expected.toml"))
    return [Case(file.parent, read_toml(file, Expected, root=ROOT)) for file in files]


def grade_cases(assignment: Assignment, cases: Iterable[Case], folder: Path) -> dict[str, Graded]:
    """Grade cases of one assignment, one after another, by one Grader.

    Args:
        assignment: theirs.
        cases: in any order.
        folder: where what is handed in is laid out.
    """
    graded: dict[str, Graded] = {}
    assignment = dataclasses.replace(assignment, limits=LIMITS)

    def body(grader: Grader) -> None:
        grader.grade(_right(assignment), GradeOptions())
        before = descendants()
        for number, case in enumerate(cases):
            graded[case.name] = _grade(grader, case, assignment, before, folder / str(number))

    graders(COURSE, assignment, GradeOptions(), body)
    return graded


def _grade(grader: Grader, case: Case, assignment: Assignment, before: frozenset[int], folder: Path) -> Graded:
    path = _hand_in(case, folder, assignment)
    options = GradeOptions(student=case.expected.student or case.folder.name)
    report = _try(grader, path, options)
    left_behind = descendants() - before
    other_seed = None
    if case.expected.same_for_every_seed:
        other_seed = grader.grade(path, dataclasses.replace(options, seed=1))
    after = report
    if case.expected.hostile:
        after = _try(grader, _right(assignment), GradeOptions(only=_some_test(case, report)))
    return Graded(assignment, report, after, other_seed, left_behind)


def _try(grader: Grader, path: Path, options: GradeOptions) -> Report | GradeError:
    try:
        return grader.grade(path, options)
    except GradeError as error:  # for the case's own test to tell, not for the whole run
        return error


def _some_test(case: Case, report: Report | GradeError) -> str | None:
    """Another one after each case; all of them where the report has none."""
    names = [result.case.name for result in report.results] if isinstance(report, Report) else []
    return names[len(case.folder.name) % len(names)] if names else None


def _hand_in(case: Case, folder: Path, assignment: Assignment) -> Path:
    """Lay out what is handed in: a copy, so that nothing can be written into the corpus."""
    if case.expected.recipe:
        folder.mkdir()
        return recipes.build(case.expected.recipe, folder, _right(assignment).read_text(encoding="utf-8"))
    shutil.copytree(case.folder, folder, ignore=shutil.ignore_patterns("expected.toml", "__pycache__"), symlinks=True)
    return folder / case.expected.path


def _right(assignment: Assignment) -> Path:
    assert assignment.private is not None
    return assignment.private / f"{assignment.module}.py"


def descendants() -> frozenset[int]:
    """Every process below this one: the fork server, and whatever should be gone."""
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc") if Path("/proc").is_dir() else ()):
        try:
            fields = Path(f"/proc/{name}/stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            continue
        parents[int(name)] = int(fields[1])
    found: set[int] = set()
    while more := {pid for pid, parent in parents.items() if parent in {os.getpid(), *found}} - found:
        found |= more
    return frozenset(found)


# --- what can be read of a report ----------------------------------------------


def hidden_part(report: Report) -> Report:
    """The report without its visible tests, whose inputs a student may see."""
    results = [result for result in report.results if result.case.visibility is not Visibility.VISIBLE]
    return dataclasses.replace(report, results=results)


def outputs(report: Report, audience: Audience) -> dict[str, str]:
    """Every text that a report becomes, by format."""
    texts = {"json": json.render(report, audience), "junit": junit.render(report, audience)}
    for name, plain in (("console", False), ("plain", True)):
        stream = io.StringIO()
        draw_report(Screen(stream=stream, plain=plain), report, audience=audience)
        texts[name] = stream.getvalue()
    return texts
