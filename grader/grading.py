"""One submission, step by step: the lines that tell the whole story.

In: an assignment, and a submission's path. Out: a Report, after every process of the submission is dead.
`graders` sets up what many submissions share (collected tests, a warm fork server); `Grader.grade` is one of them.
"""

import contextlib
import platform
import time
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from grader import collecting, scoring, seeds
from grader.conversation import Grading
from grader.errors import SandboxError, SubmissionRejected, UsageError
from grader.intake.stateless import is_stateless
from grader.records import (
    Assignment,
    Course,
    Epoch,
    Isolation,
    IsolationLevel,
    Notice,
    Report,
    Submission,
    TestCase,
    TestResult,
)
from grader.sandbox import launch
from grader.services import Services, support_source
from grader.submission import read_submission
from grader.suggestions import did_you_mean
from grader.suite import Suite


def _nothing(*_: object) -> None:
    """Nobody watches."""


def _nothing_known(*_: object) -> Mapping[str, TestResult]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outset:
    """What is known of a report before the first test runs."""

    cases: tuple[TestCase, ...]  # those that will have a result
    digest: str
    seed: int
    isolation: Isolation
    notices: tuple[Notice, ...]
    tests: str  # "hidden" or "public"


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeOptions:
    """What may differ from one grading to the next."""

    student: str = ""
    seed: int | None = None  # None: drawn from the course's secret, the assignment and the student
    only: str | None = None  # the name of one test
    isolation: IsolationLevel | None = None  # the least that is accepted; None: the best there is
    public: bool = False  # run the public tests although hidden ones are there
    environ: Mapping[str, str] = field(default_factory=dict)
    started: Callable[[TestCase, int], object] = _nothing  # a test, and how many there are
    finished: Callable[[TestResult], object] = _nothing
    progress: Callable[[Epoch], object] = _nothing  # of a training, as the submission tells it
    known: Mapping[str, TestResult] = field(default_factory=dict)  # tests that need no rerun
    recall: Callable[[str, int], Mapping[str, TestResult]] = _nothing_known  # more of them, by digest and seed
    planned: Callable[[Outset], object] = _nothing  # before the first test
    trusted_path: bool = True  # the user chose the path; False: it lies in a folder that students controlled


def grade_one(course: Course, assignment: Assignment, path: Path, options: GradeOptions) -> Report:
    """Grade one submission and leave nothing running.

    Raises:
        CourseError, UsageError, IsolationError, SandboxError: it could not be graded; the student did nothing wrong.
    """
    reports: list[Report] = []
    graders(course, assignment, options, lambda grader: reports.append(grader.grade(path, options)))
    return reports[0]


def graders(course: Course, assignment: Assignment, options: GradeOptions, body: Callable[["Grader"], object]) -> None:
    """Collect the tests once, start one fork server, and call `body` with a Grader for any number of submissions."""
    private = assignment.private is not None and not options.public
    launcher = launch.start(options.isolation, preload=assignment.requires, environ=options.environ)
    try:
        collecting.collected(
            assignment,
            lambda suite: body(Grader(course, suite, launcher, private=private, environ=options.environ)),
            private=private,
        )
    finally:
        launcher.close()


class Grader:
    """Grades submissions of one assignment, one after another."""

    def __init__(
        self, course: Course, suite: Suite, launcher: launch.Launcher, *, private: bool, environ: Mapping[str, str]
    ) -> None:
        self._course = course
        self._services = Services(course.root, environ, launcher.open) if suite.assignment.requires else None
        self._support = support_source(suite.assignment)
        self._suite = suite
        self._launcher = launcher
        self._tests = "hidden" if private else "public"

    @property
    def cases(self) -> tuple[TestCase, ...]:
        """The collected tests."""
        return self._suite.cases

    def isolation(self) -> Isolation:
        """What submissions run under here, found out with one that is empty."""
        assignment = self._suite.assignment
        empty = Submission(path=Path(), name="", source="", lines=())
        box = self._launcher.open(launch.load_message(empty, assignment.module), assignment.limits)
        try:
            return launch.isolation_of(box.layers)
        finally:
            box.close()

    def grade(self, path: Path, options: GradeOptions) -> Report:
        """Grade the submission at `path`; one that cannot be graded gets a report that says why."""
        assignment = self._suite.assignment
        try:
            submission = read_submission(path, assignment, trusted_path=options.trusted_path)
        except SubmissionRejected as error:
            return scoring.reject_report(
                assignment, str(error), student=options.student, submission=str(path), tests=self._tests
            )
        return self.grade_read(submission, options)

    def grade_read(self, submission: Submission, options: GradeOptions) -> Report:
        """Grade a submission that was read already, here or on another machine."""
        assignment = self._suite.assignment
        begin = time.perf_counter()
        seed = options.seed
        if seed is None:
            seed = seeds.submission_seed(self._course.secret, assignment.id, options.student)
        self._check_only(options.only)
        known = {**options.known, **options.recall(submission.digest, seed)}

        message = launch.load_message(submission, assignment.module, support=self._support)
        grading = Grading(
            submission,
            assignment.limits,
            lambda: self._launcher.open(message, assignment.limits),
            services=self._services,
            stateless=_is_stateless(assignment, submission),
        )
        with _ended_with(grading):
            isolation = launch.isolation_of(grading.box.layers)
            launch.require(isolation, options.isolation)
            notices = (*submission.notices, *_setbacks(grading, submission))
            started = self._counting(options)
            only = None if options.only is None else {options.only}
            options.planned(self._outset(submission.digest, seed, isolation, notices, only))
            results = self._suite.run(
                grading,
                seed=seed,
                only=only,
                started=started,
                finished=options.finished,
                progress=options.progress,
                known=known,
            )
        return scoring.make_report(
            assignment,
            results,
            student=options.student,
            submission=str(submission.path),
            digest=submission.digest,
            seed=seed,
            isolation=isolation,
            environment=environment(assignment),
            notices=notices,
            tests=self._tests,
            data=self._services.sources(assignment) if self._services is not None else (),
            duration_s=time.perf_counter() - begin,
            memory_mb=None if grading.memory_kb is None else round(grading.memory_kb / 1024, 1),
        )

    def _outset(
        self, digest: str, seed: int, isolation: Isolation, notices: tuple[Notice, ...], only: Set[str] | None
    ) -> Outset:
        cases = tuple(case for case in self._suite.cases if only is None or case.name in only)
        return Outset(cases=cases, digest=digest, seed=seed, isolation=isolation, notices=notices, tests=self._tests)

    def _counting(self, options: GradeOptions) -> Callable[[TestCase], object]:
        total = 1 if options.only is not None else len(self._suite.cases)
        return lambda case: options.started(case, total)

    def _check_only(self, name: str | None) -> None:
        known = [case.name for case in self._suite.cases]
        if name is not None and name not in known:
            raise UsageError(
                f"there is no test `{name}`",
                where="--only",
                fix=f"{did_you_mean(name, known)} the tests are: {', '.join(known)}".strip(),
            )


def _is_stateless(assignment: Assignment, submission: Submission) -> bool:
    """Whether tests may share a process: each would see the same as in one of its own."""
    if assignment.requires or submission.companions or any(each.limits for each in assignment.questions):
        return False
    return is_stateless(submission.source, [each.name for each in assignment.questions])


@contextlib.contextmanager
def _ended_with(grading: Grading) -> Iterator[None]:
    """End every process of the submission. Ctrl-C may come amid a message: what the sandbox says then is no news."""
    try:
        yield
    except KeyboardInterrupt:
        with contextlib.suppress(SandboxError):
            grading.close()
        raise
    finally:
        grading.close()


def _setbacks(grading: Grading, submission: Submission) -> list[Notice]:
    """What was passed over while the submission was loaded; no test's inputs existed yet, so its words may be told."""
    return [
        Notice(
            text=f"a line outside every function raised {each.type_name}: {each.message}; it was passed over",
            where=submission.place(each.line),
        )
        for each in grading.box.setbacks
    ]


def environment(assignment: Assignment) -> dict[str, str]:
    """The versions that a verdict may depend on."""
    versions = {"python": platform.python_version(), "machine": platform.machine(), "system": platform.system()}
    beside = ("keras",) if "tensorflow" in assignment.requires else ()
    for name in ("cnn-autograde", "numpy", *assignment.requires, *beside):
        versions[name] = _version(name)
    return versions


def _version(package: str) -> str:
    """The installed version of a package, whichever of its builds it is."""
    for name in (package, f"{package}-cpu", f"{package}-intel", f"{package}-macos"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            return metadata.version(name)
    return "not installed"


def check_requirements(assignment: Assignment) -> None:
    """Make sure that what the assignment's workers import is there.

    Raises:
        UsageError: a package is missing; says how to install it.
    """
    from importlib.util import find_spec

    for name in assignment.requires:
        if find_spec(name) is None:
            raise UsageError(
                f"{assignment.id} needs {name}, which is not installed",
                where=f"assignments/{assignment.folder}/assignment.toml, requires",
                fix=f'pip install "cnn-autograde[{name}]"',
            )
