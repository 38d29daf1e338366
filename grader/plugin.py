"""The pytest plugin: what a hidden test sees. Hidden tests are ordinary pytest files; `grader.collecting` runs them.

In: a run of one submission. Out: fixtures (`student`, `rng`, `reference`, ...) and decorators (`points`, `builds_on`).
The rule: a test asks for the submission by calling it, and has nothing else of it.

An instructor may run a hidden file with pytest itself, and use -k, -x and --pdb:

    pytest -p grader.plugin --submission convolution.py solutions/hw01_convolution/test_hidden.py
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from grader import seeds
from grader.checks.answers import read_answers
from grader.checks.misconceptions import Misconception, load_course_module, read_misconceptions
from grader.checks.students import Answer, Student
from grader.conversation import Conversation, Grading
from grader.course import find_course
from grader.errors import CourseError, GradeError, SandboxError, UsageError
from grader.neutral.client import NeutralWorker
from grader.records import Assignment, Epoch, TestCase, Visibility
from grader.sandbox import launch
from grader.services import Services, TestImages, support_source
from grader.submission import read_submission
from grader.suite import Run, Talk

MOST_EPOCHS = 200  # of one test, that are kept
SEARCH_CALLS = 24  # for a smaller failing case, where the student may see it

RUN = pytest.StashKey[Run]()
CASE = pytest.StashKey[TestCase]()
TALK = pytest.StashKey[Talk]()
FAULT = pytest.StashKey[BaseException]()


def points(value: float, *, question: str | None = None, visibility: str | None = None) -> pytest.MarkDecorator:
    """Put points on a hidden test.

    Args:
        value: all of them or none.
        question: the function it is about, where the test uses several.
        visibility: "visible", "hidden" (as a rule, see assignment.toml), "after_due_date" or "after_published".
    """
    return pytest.mark.points(value, question=question, visibility=visibility)


def builds_on(*tests: str) -> pytest.MarkDecorator:
    """Skip a hidden test where one of these did not pass, because its result would say nothing new."""
    return pytest.mark.builds_on(*tests)


# --- what a hidden test sees ------------------------------------------------


@pytest.fixture
def student(request: pytest.FixtureRequest) -> Iterator[Student]:
    """The submission: `student.conv2d(x, w, b)` calls its function in a confined process."""
    run = _run_of(request.config)
    case = request.node.stash.get(CASE, None)
    visible = case is None or case.visibility is Visibility.VISIBLE
    # Not the seed of the inputs: the submission could draw them again from that.
    seed = seeds.test_seed(run.seed, "worker " + request.node.name) & 0x7FFF_FFFF
    own = next((each.limits for each in run.questions if case is not None and each.name == case.question), None)
    epochs: list[Epoch] = []

    def heard(epoch: Epoch) -> None:
        # Only whole ones: those in between come when the clock says so, at other places in every run.
        if epoch.done == int(epoch.done) and len(epochs) < MOST_EPOCHS:
            epochs.append(epoch)
        run.progress(epoch)

    conversation = Conversation(run.grading, seed=seed, limits=own, progress=heard, shared=run.shared)
    student = Student(
        conversation.invoke,
        run.reference,
        () if run.shared else run.misconceptions,  # what does not pass is run again: no hint is sought twice
        visible=visible and run.search and not run.shared,
        explore=conversation.explore,
        answers=run.answers,
        budget=SEARCH_CALLS,
        questions=run.questions,
        files=run.grading.submission.files,
        restart=conversation.restart,
    )
    request.node.stash[TALK] = Talk(conversation=conversation, student=student, epochs=epochs)
    yield student
    with contextlib.suppress(SandboxError):  # the answers are in; a box that broke since is noticed by the next test
        conversation.close()


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """Draws the test's inputs, from a seed that is this student's and this test's own."""
    return np.random.default_rng(seeds.test_seed(_run_of(request.config).seed, request.node.name))


@pytest.fixture
def reference(request: pytest.FixtureRequest) -> ModuleType:
    """The module with the right functions, in this process."""
    module = _run_of(request.config).reference
    if module is None:
        raise CourseError(
            "a public test asks for the reference", where=request.node.nodeid, fix="use check_equal there"
        )
    return module


@pytest.fixture
def neutral(request: pytest.FixtureRequest) -> NeutralWorker:
    """Reads saved weights and predicts with them, in a confined process without the submission."""
    return _services_of(request).neutral


@pytest.fixture
def images(request: pytest.FixtureRequest) -> Callable[[str], TestImages]:
    """Hidden images and their labels: `images("mnist")`."""
    return _services_of(request).images


def _services_of(request: pytest.FixtureRequest) -> Services:
    services = _run_of(request.config).grading.services
    if services is None:
        raise CourseError(
            "a test asks for a trained model's judge", where=request.node.nodeid, fix='add requires = ["tensorflow"]'
        )
    return services


# --- pytest by hand: `pytest -p grader.plugin --submission FILE` -------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--submission` and `--grade-seed`."""
    group = parser.getgroup("grader", "grade one submission with an assignment's tests")
    group.addoption("--submission", metavar="PATH", help="the student's file, folder, notebook or zip")
    group.addoption("--grade-seed", default="0", metavar="HEX", help="draws the tests' inputs (default: 0)")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Stay in this process, whatever `-n auto` a configuration that lies around asks for: 0 is none beside it."""
    return 0


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks of hidden tests."""
    config.addinivalue_line("markers", "points(value): points on a hidden test")
    config.addinivalue_line("markers", "builds_on(*tests): tests that must pass first")


def _run_of(config: pytest.Config) -> Run:
    """The run that the grader set, or one made from `--submission`."""
    run = config.stash.get(RUN, None)
    if run is None:
        try:
            run = config.stash[RUN] = _run_by_hand(config)
        except GradeError as error:
            raise pytest.UsageError(str(error)) from error
    return run


def _run_by_hand(config: pytest.Config) -> Run:
    path = config.getoption("--submission")
    if path is None:
        raise UsageError("no submission is named", where="the command line", fix="add `--submission PATH`")
    file = Path(config.args[0].partition("::")[0]).resolve()
    course = find_course(file.parent, explicit=None, environ=os.environ)
    assignment = next((each for each in course.assignments if file.parent.name == each.folder), None)
    if assignment is None:
        raise UsageError(
            "the test file belongs to no assignment", where=str(file), fix="name a file in solutions/ or assignments/"
        )
    submission = read_submission(Path(path), assignment)
    launcher = launch.start(None, preload=assignment.requires, environ=os.environ)
    message = launch.load_message(submission, assignment.module, support=support_source(assignment))
    grading = Grading(
        submission,
        assignment.limits,
        lambda: launcher.open(message, assignment.limits),
        services=Services(course.root, os.environ, launcher.open),
    )
    config.add_cleanup(launcher.close)
    config.add_cleanup(grading.close)
    private = assignment.private is not None and file.parent == assignment.private.resolve()
    reference, misconceptions = private_parts(assignment) if private else (None, ())
    answers = None if private else public_answers(assignment)
    seed = seeds.parse_seed(config.getoption("--grade-seed"))
    return Run(
        grading=grading,
        seed=seed,
        reference=reference,
        misconceptions=misconceptions,
        answers=answers,
        questions=assignment.questions,
    )


def private_parts(assignment: Assignment) -> tuple[ModuleType, tuple[Misconception, ...]]:
    """Load the reference and the misconceptions of an assignment whose hidden tests are here."""
    assert assignment.private is not None
    reference = load_course_module(assignment.private / f"{assignment.module}.py")
    return reference, read_misconceptions(assignment.private / "misconceptions.py")


def public_answers(assignment: Assignment) -> Mapping[str, Answer]:
    """Read the hashes of the answers to the public examples."""
    return read_answers(assignment.public / "answers.json")
