"""Records with defaults, so that a test shows only what matters to it.

In: the fields that a test is about, by keyword. Out: a record from `grader.records`, complete and consistent.
Import with `from tests.builders import make_report`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.records import (
    Assignment,
    Evidence,
    Isolation,
    IsolationLevel,
    Layer,
    Limits,
    Notice,
    Outcome,
    Question,
    Report,
    TestCase,
    TestResult,
    Visibility,
)

FULL_ISOLATION = Isolation(
    level=IsolationLevel.FULL,
    layers=(
        Layer(name="namespaces", active=True),
        Layer(name="Landlock", active=True),
        Layer(name="seccomp", active=True),
        Layer(name="limits", active=True),
    ),
)


def make_assignment(
    *,
    id: str = "hw1",
    title: str = "Convolution",
    questions: Mapping[str, float] | None = None,
    public: Path = Path("assignments/hw01_convolution"),
    private: Path | None = Path("solutions/hw01_convolution"),
    visibility: Visibility = Visibility.HIDDEN,
    recover_syntax: bool = True,
    requires: tuple[str, ...] = (),
    limits: Limits | None = None,
) -> Assignment:
    """One assignment; `questions` is name -> points and defaults to conv2d 50, output_shape 50."""
    points = {"conv2d": 50.0, "output_shape": 50.0} if questions is None else questions
    return Assignment(
        id=id,
        number=int(id.removeprefix("hw")),
        title=title,
        folder=public.name,
        module=public.name.split("_", 1)[-1],
        questions=tuple(Question(name=name, points=value) for name, value in points.items()),
        limits=limits or Limits(),
        visibility=visibility,
        recover_syntax=recover_syntax,
        requires=requires,
        public=public,
        private=private,
    )


def make_case(
    *,
    name: str = "test_stride_and_size_differ",
    title: str = "Overlapping windows: the stride is not the window size.",
    question: str = "conv2d",
    points: float = 4.0,
    visibility: Visibility = Visibility.HIDDEN,
) -> TestCase:
    """One hidden test, 4 points, about conv2d."""
    return TestCase(name=name, title=title, question=question, points=points, visibility=visibility)


def make_result(
    *,
    score: float | None = 4.0,
    outcome: Outcome | None = None,
    case: TestCase | None = None,
    name: str = "test_stride_and_size_differ",
    title: str = "Overlapping windows: the stride is not the window size.",
    question: str = "conv2d",
    points: float = 4.0,
    visibility: Visibility = Visibility.HIDDEN,
    feedback: str = "",
    hint: str = "",
    hint_id: str = "",
    log: str = "",
    seed: int = 7,
    duration_s: float = 0.01,
    evidence: Evidence | None = None,
) -> TestResult:
    """One result; without `outcome` it passed where it has all its points, else it failed."""
    case = case or make_case(name=name, title=title, question=question, points=points, visibility=visibility)
    if outcome is None:
        outcome = Outcome.PASSED if score == case.points else Outcome.FAILED
    return TestResult(
        case=case,
        outcome=outcome,
        score=score,
        feedback=feedback,
        hint=hint,
        hint_id=hint_id,
        log=log,
        seed=seed,
        duration_s=duration_s,
        evidence=evidence or Evidence(),
    )


def make_report(
    *,
    assignment: str = "hw1",
    title: str = "Convolution",
    student: str = "alice",
    submission: str = "convolution.py",
    digest: str = "0" * 64,
    score: float | None = 4.0,
    max_score: float | None = 4.0,
    results: Sequence[TestResult] | None = None,
    notices: Sequence[Notice] = (),
    rejected: str = "",
    needs_review: bool = False,
    tests: str = "hidden",
    seed: int = 0x81C2F0A4,
    isolation: Isolation = FULL_ISOLATION,
    environment: Mapping[str, str] | None = None,
    duration_s: float = 0.25,
) -> Report:
    """One report, of a submission that passed its only test unless told otherwise."""
    return Report(
        assignment=assignment,
        title=title,
        student=student,
        submission=submission,
        digest=digest,
        score=score,
        max_score=max_score,
        results=(make_result(),) if results is None else results,
        notices=notices,
        rejected=rejected,
        needs_review=needs_review,
        tests=tests,
        seed=seed,
        isolation=isolation,
        environment={"python": "3.11.9", "numpy": "2.1.0"} if environment is None else environment,
        duration_s=duration_s,
    )
