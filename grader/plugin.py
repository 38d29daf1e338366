"""The pytest plugin: hidden tests are ordinary pytest files, collected once and run for each submission.

In: an assignment's test file and, for each run, a submission with its box. Out: TestCases and TestResults.
The only owner of pytest. A hidden test is run under the grader's settings (`hidden_tests.ini`, no cache, no other
plugin, no PYTEST_* variable), never under a configuration that is found by walking up from somewhere.

An instructor may run a hidden file with pytest itself, and use -k, -x and --pdb:

    pytest -p grader.plugin --submission convolution.py solutions/hw01_convolution/test_hidden.py
"""

import contextlib
import inspect
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

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
from grader.suite import Attempt, Planned, Run, Suite, Talk, check_points

SETTINGS = Path(__file__).with_name("hidden_tests.ini")
MOST_EPOCHS = 200  # of one test, that are kept
SEARCH_CALLS = 24  # for a smaller failing case, where the student may see it

_RUN = pytest.StashKey[Run]()
_CASE = pytest.StashKey[TestCase]()
_TALK = pytest.StashKey[Talk]()
_FAULT = pytest.StashKey[BaseException]()


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
    case = request.node.stash.get(_CASE, None)
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
    request.node.stash[_TALK] = Talk(conversation=conversation, student=student, epochs=epochs)
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


# --- collecting -------------------------------------------------------------


def collected(
    assignment: Assignment, body: Callable[[Suite], Any], *, private: bool, knowing: bool | None = None
) -> None:
    """Collect an assignment's tests once, and hand them to `body`, which may run them many times.

    Args:
        assignment: whose tests.
        body: called once with the Suite, inside pytest's session.
        private: the hidden tests; else the public ones, without points.
        knowing: the tests have reference and misconceptions at hand; None: the hidden ones do, and the public ones
            have the hashes of `answers.json`.

    Raises:
        CourseError: the tests do not load, have no titles, or their points are not those of assignment.toml.
    """
    folder, name = (assignment.private, "test_hidden.py") if private else (assignment.public, "test_public.py")
    assert folder is not None
    collector = _Collector(assignment, body, private=private, knowing=private if knowing is None else knowing)
    arguments = [
        "-c",
        str(SETTINGS),
        "--rootdir",
        str(folder.parents[1]),
        "--disable-plugin-autoload",
        "--import-mode=importlib",
    ]
    arguments += [
        f"-pno:{each}" for each in ("cacheprovider", "terminal", "logging", "junitxml", "warnings", "faulthandler")
    ]
    arguments += ["-pgrader.plugin", "--capture=no", str(folder / name)]
    with _without_pytest_variables(), _forgetting(folder / name):
        status = pytest.main(arguments, plugins=[collector])
    if collector.error is not None:
        raise collector.error
    if status == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt


def _read_case(item: pytest.Item, questions: Sequence[str], visibility: Visibility) -> TestCase:
    """Read one collected test: its title, its points, and the function it is about.

    Raises:
        CourseError: no title, or points and no single function.
    """
    function = getattr(item, "function", None)
    title = (inspect.getdoc(function) or "").partition("\n")[0].strip()
    marker = item.get_closest_marker("points")
    value, question, seen = (
        (marker.args[0], marker.kwargs["question"], marker.kwargs["visibility"]) if marker else (0, None, None)
    )
    if question is None:
        used = [name for name in questions if name in _names(function.__code__)] if function is not None else []
        if len(used) > 1 and value:
            raise CourseError(
                f"{item.name} uses {' and '.join(used)}",
                where=item.nodeid,
                fix='say which: @points(..., question="...")',
            )
        question = used[0] if len(used) == 1 else ""
    if not title:
        raise CourseError(
            f"{item.name} has no title", where=item.nodeid, fix="give it a docstring: the rule in one sentence"
        )
    return TestCase(
        name=item.name,
        title=title,
        question=question,
        points=float(value),
        visibility=Visibility(seen) if seen is not None else visibility,
    )


def _names(code: CodeType) -> set[str]:
    """Every attribute that a test's body uses, its lambdas included."""
    inner = [_names(each) for each in code.co_consts if isinstance(each, CodeType)]
    return set(code.co_names).union(*inner)


class _Collector:
    """Takes the place of pytest's loop for the length of one `collected`."""

    def __init__(self, assignment: Assignment, body: Callable[[Suite], Any], *, private: bool, knowing: bool) -> None:
        self._assignment = assignment
        self._body = body
        self._private = private
        self._knowing = knowing
        self._items: dict[str, pytest.Item] = {}
        self._broken: list[str] = []
        self.error: Exception | None = None

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._broken.append(report.longreprtext)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        try:
            self._body(self._suite(session.items))
        except Exception as error:  # noqa: BLE001 - pytest would print and swallow it; `collected` raises it again
            self.error = error
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        """Keep what was raised; pytest's own report would take 30 ms to format a traceback that nobody reads."""
        if call.excinfo is not None:
            item.stash.setdefault(_FAULT, call.excinfo.value)  # the first one: a teardown's comes from it
        return pytest.TestReport(
            nodeid=item.nodeid,
            location=item.location,
            keywords={},
            outcome="passed" if call.excinfo is None else "failed",
            longrepr=None,
            when=call.when,  # type: ignore[arg-type]
            duration=call.duration,
        )

    def _suite(self, items: Sequence[pytest.Item]) -> Suite:
        if self._broken:
            raise CourseError(
                "the tests cannot be loaded", where=self._broken[0], fix="run the file with pytest itself"
            )
        self._items = {item.name: item for item in items}
        planned = self._plan(items)
        if self._private:
            check_points(self._assignment, planned)
        reference, misconceptions = _private_parts(self._assignment) if self._knowing else (None, ())
        return Suite(
            self._assignment,
            planned,
            self._execute,
            reference=reference,
            misconceptions=misconceptions,
            answers=None if self._knowing else _public_answers(self._assignment),
        )

    def _plan(self, items: Sequence[pytest.Item]) -> list[Planned]:
        questions = [question.name for question in self._assignment.questions]
        visibility = self._assignment.visibility if self._private else Visibility.VISIBLE
        planned = []
        for item in items:
            case = item.stash[_CASE] = _read_case(item, questions, visibility)
            marker = item.get_closest_marker("builds_on")
            planned.append(Planned(case=case, builds_on=marker.args if marker is not None else ()))
        return planned

    def _execute(self, run: Run, case: TestCase) -> Attempt:
        item = self._items[case.name]
        item.config.stash[_RUN] = run
        _forget(item.stash, _FAULT)
        _forget(item.stash, _TALK)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        fault = item.stash.get(_FAULT, None)
        skipped = str(fault) if isinstance(fault, pytest.skip.Exception) else ""
        return Attempt(fault=fault, talk=item.stash.get(_TALK, None), skipped=skipped)


def _forget(stash: pytest.Stash, key: pytest.StashKey[Any]) -> None:
    if key in stash:
        del stash[key]


def _private_parts(assignment: Assignment) -> tuple[ModuleType, tuple[Misconception, ...]]:
    assert assignment.private is not None
    reference = load_course_module(assignment.private / f"{assignment.module}.py")
    return reference, read_misconceptions(assignment.private / "misconceptions.py")


def _public_answers(assignment: Assignment) -> Mapping[str, Answer]:
    return read_answers(assignment.public / "answers.json")


@contextlib.contextmanager
def _forgetting(file: Path) -> Iterator[None]:
    """Leave no module of that test file behind: another course's has the same name."""
    try:
        yield
    finally:
        for name, module in list(sys.modules.items()):
            if getattr(module, "__file__", None) == str(file):
                del sys.modules[name]


@contextlib.contextmanager
def _without_pytest_variables() -> Iterator[None]:
    """PYTEST_ADDOPTS and its like are meant for somebody else's tests."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PYTEST_")}
    try:
        yield
    finally:
        os.environ.update(kept)


# --- pytest by hand: `pytest -p grader.plugin --submission FILE` -------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--submission` and `--grade-seed`."""
    group = parser.getgroup("grader", "grade one submission with an assignment's tests")
    group.addoption("--submission", metavar="PATH", help="the student's file, folder, notebook or zip")
    group.addoption("--grade-seed", default="0", metavar="HEX", help="draws the tests' inputs (default: 0)")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks of hidden tests."""
    config.addinivalue_line("markers", "points(value): points on a hidden test")
    config.addinivalue_line("markers", "builds_on(*tests): tests that must pass first")


def _run_of(config: pytest.Config) -> Run:
    """The run that the grader set, or one made from `--submission`."""
    run = config.stash.get(_RUN, None)
    if run is None:
        try:
            run = config.stash[_RUN] = _run_by_hand(config)
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
    reference, misconceptions = _private_parts(assignment) if private else (None, ())
    answers = None if private else _public_answers(assignment)
    seed = seeds.parse_seed(config.getoption("--grade-seed"))
    return Run(
        grading=grading,
        seed=seed,
        reference=reference,
        misconceptions=misconceptions,
        answers=answers,
        questions=assignment.questions,
    )
