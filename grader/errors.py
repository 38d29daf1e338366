"""Every exception of ours, drawn as one tree.

    GradeError              what happened, where, what to do next
    ├── UsageError          an option, id or path that does not exist             exit 2
    ├── CourseError         a course file is wrong                                exit 2
    ├── IsolationError      the machine cannot isolate as asked                   exit 2
    ├── SubmissionRejected  the submission cannot be graded as it is              exit 1
    └── SandboxError        the sandbox itself failed: our fault                  exit 3

    StudentFault            a hidden test ends because of the student's code; never an error of ours
    ├── NotAttempted        the function is missing, or still the stub's
    ├── StudentRaised       it raised an exception
    ├── WorkerStopped       it ran out of time or memory, or crashed
    └── CheckFailed         it answered, and the answer is wrong

A new class finds its place in the drawing first.
"""

import math

from grader.marks import N_
from grader.records import Picture, StudentError, WorkerExit


class GradeError(Exception):
    """Something the user must hear: what happened, where, and what to do next."""

    exit_code = 2

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(N_(f"  at   {self.where}"))
        if self.fix:
            lines.append(f"  fix: {self.fix}")
        return "\n".join(lines)


class UsageError(GradeError):
    """The command line names something that does not exist."""


class CourseError(GradeError):
    """A course file has a wrong key, type or number; met while the course is read."""


class IsolationError(GradeError):
    """This machine cannot give the isolation that was asked for."""


class SubmissionRejected(GradeError):  # noqa: N818 - what happened to it, not an error of ours
    """The submission cannot be graded as it is; the student must act."""

    exit_code = 1


class SandboxError(GradeError):
    """The sandbox failed although the submission did nothing to it; never a zero."""

    exit_code = 3


class StudentFault(Exception):  # noqa: N818 - a fault of the student's code, not an error of ours
    """A test ends here because of what the student's code did."""


class NotAttempted(StudentFault):
    """The function is missing, or still raises the stub's NotImplementedError; or a file was not handed in.

    Args:
        name: the question.
        reason: why, perhaps in the submission's own words.
        told: why in ours, for a hidden test too.
    """

    def __init__(self, name: str, reason: str, *, told: str = "") -> None:
        super().__init__(reason)
        self.name = name
        self.reason = reason
        self.told = told


class StudentRaised(StudentFault):
    """The student's function raised; a test that expects it catches this."""

    def __init__(self, name: str, error: StudentError) -> None:
        super().__init__(f"{name} raised {error.type_name}: {error.message}")
        self.name = name
        self.error = error


class WorkerStopped(StudentFault):
    """The worker was out of time or memory, or crashed, before it answered."""

    def __init__(self, name: str, exit: WorkerExit) -> None:
        super().__init__(f"{name}: {exit.reason}")
        self.name = name
        self.exit = exit


class CheckFailed(StudentFault):
    """The function answered, and the answer is wrong.

    Args:
        brief: one sentence without any value or argument; shown even where the test is hidden.
        detail: what was passed, expected and returned; shown only where the test is visible.
        hints: the verified hint, or none; never two.
        candidates: ids of the misconceptions that fit, for staff; several where these arguments do not tell them apart,
            or where they share the hint.
        margin: how many tolerances the answer is off; infinite where no tolerance decided.
        share: of the test's points that the answer earns all the same, 0..1.
        pictures: of what was passed, expected and returned; shown only where the test is visible.
        bare: the test worked the value out by itself, so neither detail nor pictures tell what was passed.
    """

    def __init__(
        self,
        brief: str,
        *,
        detail: str = "",
        hints: tuple[str, ...] = (),
        candidates: tuple[str, ...] = (),
        margin: float = math.inf,
        share: float = 0.0,
        pictures: tuple[Picture, ...] = (),
        bare: bool = False,
    ) -> None:
        super().__init__(detail or brief)
        self.brief = brief
        self.detail = detail
        self.hints = hints
        self.candidates = candidates
        self.margin = margin
        self.share = share
        self.pictures = pictures
        self.bare = bare
