"""The verdict corpus: what has been handed in, what must come of it, and one run over all of it.

In: tests/submissions/<assignment>/<case>/, each with an `expected.toml`. Out: Case, and Graded once it was graded.
The rule: cases go one after another through one fork server and one collection of tests, as in a batch, so that a case
that harms what comes after it is seen. Two processes share them, each with a fork server of its own.

What is handed in is the case's folder as it stands, or `path` inside it, or what a `recipe` builds. Beside it lies the
trained `model` that a function of model_files makes; where the folder has no code then, the right code is taken.

Where TensorFlow is needed, one process grades all cases, on generated images, and each runs the tests that it is about.
"""

import contextlib
import dataclasses
import io
import multiprocessing
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import msgspec

from grader.checks.mistakes import training_file
from grader.console import draw_report
from grader.course import read_course
from grader.errors import GradeError
from grader.exports import json, junit
from grader.grading import GradeOptions, Grader, graders
from grader.records import Assignment, Audience, Limits, Outcome, Question, Report, TestResult, Visibility
from grader.screen import Screen
from grader.strict_toml import read_toml
from grader.synthetic import Kind, synthetic
from tests import keras_process, model_files, recipes

ROOT = Path(__file__).parents[1]
SUBMISSIONS = Path(__file__).with_name("submissions")
LIMITS = Limits(wall_s=0.8, cpu_s=1.0, import_s=3.0, memory_mb=256, output_kb=16, reply_mb=8)
PATIENCE_S = 8.0  # of one test, where a case fills memory rather than time and the machine may be busy
TRAIN_WALL_S, TRAIN_CPU_S = 16.0, 30.0  # of one test; TensorFlow waits 10 s for memory that it lacks
EPOCHS = 2  # of the right model: enough for the generated images
COURSE = read_course(ROOT, secret=b"the corpus")
WORKERS = 2


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
    patient: bool = False  # it ends by itself or by another limit than that of time
    path: str = ""
    recipe: str = ""
    model: str = ""
    only: list[str] = []  # the tests that run; none: all
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

    report: Report | str  # an error's text where the grader gave up
    after: Report | str  # of a right solution, graded next
    other_seed: Report | str
    left_behind: frozenset[int]  # processes


def read_cases() -> list[Case]:
    """Read every expected.toml; a slip in one is an error that names the file and the key."""
    files = sorted(SUBMISSIONS.glob("*/*/expected.toml"))
    return [Case(file.parent, read_toml(file, Expected, root=ROOT)) for file in files]


def grade_cases(assignment: Assignment, cases: Sequence[Case], folder: Path) -> dict[str, Graded]:
    """Grade cases of one assignment.

    Args:
        assignment: theirs.
        cases: in any order.
        folder: where what is handed in is laid out.
    """
    assignment = _limited(assignment)
    workers = 1 if assignment.requires else WORKERS  # TensorFlow takes seconds, and most of the memory
    patient = [case for case in cases if case.expected.patient]
    others = [case for case in cases if not case.expected.patient]
    shares = [(assignment, others[start::workers], folder / str(start)) for start in range(min(workers, len(others)))]
    if patient:
        shares.append((_with_patience(assignment), patient, folder / "patient"))
    if len(shares) == 1:
        return _grade_share(*shares[0])
    with ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context("spawn")) as pool:
        done = pool.map(_grade_share, *zip(*shares, strict=True))
        return {name: graded for share in done for name, graded in share.items()}


def _limited(assignment: Assignment) -> Assignment:
    if not assignment.requires:
        return dataclasses.replace(assignment, limits=LIMITS)
    questions = tuple(dataclasses.replace(each, limits=_training_limits(each)) for each in assignment.questions)
    return dataclasses.replace(assignment, questions=questions)


def _with_patience(assignment: Assignment) -> Assignment:
    return dataclasses.replace(assignment, limits=dataclasses.replace(assignment.limits, wall_s=PATIENCE_S))


def _training_limits(question: Question) -> Limits | None:
    if question.limits is None:
        return None
    return dataclasses.replace(question.limits, wall_s=TRAIN_WALL_S, cpu_s=TRAIN_CPU_S)


def _grade_share(assignment: Assignment, cases: Sequence[Case], folder: Path) -> dict[str, Graded]:
    folder.mkdir()
    graded: dict[str, Graded] = {}

    def body(grader: Grader) -> None:
        names = _quick_tests(grader, assignment)
        grader.grade(_right(assignment), GradeOptions(only=names[0]))
        trained = _train(grader, assignment) if any(case.expected.model for case in cases) else b""
        before = descendants()
        for number, case in enumerate(cases):
            place = folder / str(number)
            path = _hand_in(case, place, assignment, trained)
            graded[case.name] = _grade(grader, case, path, assignment, before=before, after=names[number % len(names)])
            shutil.rmtree(place)

    graders(COURSE, assignment, GradeOptions(), body)
    return graded


def _quick_tests(grader: Grader, assignment: Assignment) -> list[str]:
    """The tests that a right solution passes in a moment, without a model."""
    quick = {each.name for each in assignment.questions if each.limits is None and not each.file}
    return [case.name for case in grader.cases if case.question in quick]


def _train(grader: Grader, assignment: Assignment) -> bytes:
    """A right model, trained in the sandbox that the cases are graded in."""
    colour = any(question.data.startswith("cifar") for question in assignment.questions)
    made = synthetic(Kind.CIFAR if colour else Kind.MNIST, 0)
    source = training_file(_right(assignment)).read_text(encoding="utf-8")
    return keras_process.trained(grader._launcher.open, source, made.x_train, made.y_train, epochs=EPOCHS)


def _grade(
    grader: Grader, case: Case, path: Path, assignment: Assignment, *, before: frozenset[int], after: str
) -> Graded:
    options = GradeOptions(student=case.expected.student or case.folder.name, known=_not_run(grader, case))
    report = _try(grader, path, options)
    left_behind = descendants() - before
    other_seed = right = report
    if case.expected.same_for_every_seed:
        other_seed = _try(grader, path, dataclasses.replace(options, seed=1))
    if case.expected.hostile:
        # One test of it, another after each case: together they are all there are.
        right = _try(grader, _right(assignment), GradeOptions(only=after))
    return Graded(report, right, other_seed, left_behind)


def _try(grader: Grader, path: Path, options: GradeOptions) -> Report | str:
    try:
        return grader.grade(path, options)
    except GradeError as error:  # for the case's own test to tell, not for the whole run
        return str(error)


def _not_run(grader: Grader, case: Case) -> dict[str, TestResult]:
    """A result for each test that the case is not about."""
    only = case.expected.only
    return {
        each.name: TestResult(case=each, outcome=Outcome.SKIPPED, score=0.0)
        for each in grader.cases
        if only and each.name not in only
    }


def _hand_in(case: Case, folder: Path, assignment: Assignment, trained: bytes) -> Path:
    """Lay out what is handed in: a copy, so that nothing can be written into the corpus."""
    if case.expected.recipe:
        folder.mkdir()
        return recipes.build(case.expected.recipe, folder, _right(assignment).read_text(encoding="utf-8"))
    shutil.copytree(case.folder, folder, ignore=shutil.ignore_patterns("expected.toml", "__pycache__"), symlinks=True)
    if case.expected.model:
        for name, data in model_files.build(case.expected.model, trained).items():
            (folder / name).write_bytes(data)
        if not list(folder.glob("*.py")):
            shutil.copy(_right(assignment), folder)
    return folder / case.expected.path


def _right(assignment: Assignment) -> Path:
    assert assignment.private is not None
    return assignment.private / f"{assignment.module}.py"


def descendants() -> frozenset[int]:
    """Every process below this one: the fork server, and whatever should be gone."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # gone meanwhile
            parents[int(status.parent.name)] = int(status.read_bytes().rpartition(b")")[2].split()[1])
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
