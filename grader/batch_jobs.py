"""One job of a batch, and the words in which it is given and answered: the same on this machine and on another.

In: a Task (what all jobs share) and Jobs. Out: messages that hold records only, and one Report for each job.
The rule: no object of a submission is in any message, and no secret: a job brings its own seed, drawn by the batch.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import GradeError
from grader.grading import GradeOptions, Grader
from grader.records import (
    Assignment,
    Course,
    Isolation,
    IsolationLevel,
    Outcome,
    Report,
    Submission,
    TestCase,
    TestResult,
)
from grader.scoring import make_report


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What all jobs of a batch share."""

    course: Course  # without its secret
    assignment: Assignment
    least: IsolationLevel  # below it nothing is graded
    start: IsolationLevel | None  # what is started: None, the best there is
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One submission to grade."""

    number: int
    path: Path  # it lies in a folder that students controlled
    student: str
    seed: int
    submission: Submission | None = field(default=None, repr=False)  # read already, where the path is not


# --- what a grader process says ----------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The tests are collected, and the fork server is warm."""

    cases: tuple[TestCase, ...]
    isolation: Isolation
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The job's submission was read; what is known of it?"""

    number: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """Tests of a job are over."""

    number: int
    results: Sequence[TestResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The job is over; None: it was known already."""

    number: int
    report: Report | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The job came to no end by our fault; without a number no job will."""

    error: GradeError
    number: int | None = None


Message = Ready | Asked | Tested | Done | Failed


# --- what it is answered -------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """Results that stand already, by test; None: the whole report does, and nothing is to be done."""

    results: Mapping[str, TestResult] | None


class AlreadyGradedError(Exception):
    """Ends a job whose report stands; raised where the submission was read, caught where the job began."""


def grade_job(
    grader: Grader,
    task: Task,
    job: Job,
    *,
    ask: Callable[[str], Mapping[str, TestResult] | None],
    tell: Callable[[TestResult], object],
) -> Report | None:
    """Grade one job.

    Args:
        grader: of this process.
        task: of the batch.
        job: which submission.
        ask: given the submission's digest, says which results stand; None: all of them, and the report.
        tell: hears of each result.

    Returns:
        The report; None where it stands already.
    """

    def recall(digest: str, seed: int) -> Mapping[str, TestResult]:
        known = ask(digest)
        if known is None:
            raise AlreadyGradedError
        return known

    options = GradeOptions(
        student=job.student,
        seed=job.seed,
        isolation=task.least,
        environ=task.environ,
        finished=tell,
        recall=recall,
        trusted_path=False,
    )
    try:
        if job.submission is not None:
            return grader.grade_read(job.submission, options)
        return grader.grade(job.path, options)
    except AlreadyGradedError:
        return None


def unfit_report(
    task: Task, job: Job, ready: Ready, known: Mapping[str, TestResult], *, digest: str, why: str
) -> Report:
    """Report a job that ended twice by our fault: what was found stands, the rest is for a person to look at.

    Args:
        task: of the batch.
        job: which submission.
        ready: says which tests there are, and what they run under.
        known: the results that came, by test.
        digest: of the submission; "" where it was not even read.
        why: what ended it, for staff.
    """
    told = "This test was not run to its end, by a fault of the grader; its points are not decided."
    results = [
        known.get(case.name)
        or TestResult(case=case, outcome=Outcome.GRADER_ERROR, score=None, feedback=told, log=why, seed=job.seed)
        for case in ready.cases
    ]
    return make_report(
        task.assignment,
        results,
        student=job.student,
        submission=str(job.path),
        digest=digest,
        seed=job.seed,
        isolation=ready.isolation,
        environment=ready.environment,
    )
