"""The values that pass between steps: frozen dataclasses and enums, standard library only.

In and out: nothing; these are nouns without behaviour beyond reading themselves.
A record never reaches back into a service, and no dict crosses a module border where a record could.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class Outcome(enum.StrEnum):
    """What became of one test; every planned test ends in exactly one of these."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_ATTEMPTED = "not_attempted"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"
    SKIPPED = "skipped"
    GRADER_ERROR = "grader_error"


class Visibility(enum.StrEnum):
    """When a student may see a test's details, in Gradescope's words."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    AFTER_DUE_DATE = "after_due_date"
    AFTER_PUBLISHED = "after_published"


class Audience(enum.StrEnum):
    """For whom a report is written: staff also get logs, seeds and arguments."""

    STUDENT = "student"
    STAFF = "staff"


class IsolationLevel(enum.StrEnum):
    """How well a worker is confined, from a plain subprocess to every layer."""

    NONE = "none"  # a subprocess over the same wire: a student's own machine
    CONFINED = "confined"  # Landlock, seccomp and limits, without namespaces
    FULL = "full"  # namespaces, Landlock, seccomp, limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one test of a submission may use."""

    wall_s: float = 3.0
    cpu_s: float = 2.0
    import_s: float = 10.0  # for loading the submission, once
    memory_mb: int = 512  # of the whole process tree, beyond the interpreter and NumPy
    output_kb: int = 64
    processes: int = 8  # processes and threads together
    reply_mb: int = 64  # one value on the wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One public function of an assignment, or a trained model that is handed in, and the points on it."""

    name: str
    points: float
    limits: "Limits | None" = None  # where its tests may use more, or less, than the assignment's
    file: str = ""  # a model: the file's name without its ending, "model" for model.keras or model.h5
    count: int = 1  # models: how many files, member_1, member_2, ... where they are several
    data: str = ""  # a model: the data set whose hidden images it is judged on
    floor: float = 0.0  # a model: an accuracy, 0..1, that earns nothing
    target: float = 0.0  # a model: one that earns everything
    generated_floor: float = 0.0  # the same where only the generated images are there
    generated_target: float = 0.0
    audit_seeds: int | None = None  # how many seeds `grade audit` spends on it; None: all

    @property
    def files(self) -> Mapping[str, str]:
        """Its models, by their key in `Submission.files`: the files' names without their ending."""
        if self.count == 1:
            return {self.name: self.file} if self.file else {}
        return {name: name for name in (f"{self.file}_{number}" for number in range(1, self.count + 1))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One assignment of a course, as its `assignment.toml` says, validated."""

    id: str  # "hw1"
    number: int
    title: str
    folder: str  # "hw01_convolution"
    module: str  # "convolution": the student's file without its ending
    questions: tuple[Question, ...]
    limits: Limits
    visibility: Visibility  # of a hidden test that does not say
    recover_syntax: bool  # a statement that does not parse is set aside, the rest is graded
    requires: tuple[str, ...]  # packages of the worker beyond NumPy: "tensorflow"
    public: Path  # assignments/hw01_convolution
    private: Path | None  # solutions/hw01_convolution, or None in a student's kit

    @property
    def points(self) -> float:
        """All points of the assignment."""
        return sum(question.points for question in self.questions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A course: where it lies and which assignments it has."""

    title: str
    root: Path
    assignments: tuple[Assignment, ...]
    secret: bytes = field(repr=False)  # keys the seeds; known to staff only
    languages: tuple[str, ...] = ("en",)  # of the handouts; the first is that of README.md


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that was assumed about a submission, or set aside from it, said to the student."""

    text: str
    where: str = ""  # "cell 4, line 7" or "convolution.py, line 12"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """Where a line of the joined source stood in the student's own file; lines and cells count from 1."""

    line: int
    cell: int | None = None  # a notebook's cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a student handed in, read and bounded, not yet run."""

    path: Path  # as the user gave it
    name: str  # the file's own name: "convolution.py"
    source: str  # one module; a notebook's code cells are joined
    lines: tuple[SourceLine, ...]  # one per line of source
    notices: tuple[Notice, ...] = ()
    set_aside: Mapping[str, str] = field(default_factory=dict)  # function -> why it could not be read
    companions: Mapping[str, str] = field(default_factory=dict)  # module name -> source, importable beside it
    files: Mapping[str, bytes] = field(default_factory=dict)  # the models that were handed in, see Question.files
    digest: str = ""  # sha256 of what was read

    def place(self, line: int) -> str:
        """Name a line of the joined source in the student's own terms."""
        if not 1 <= line <= len(self.lines):
            return self.name
        at = self.lines[line - 1]
        return f"{self.name}, line {at.line}" if at.cell is None else f"cell {at.cell}, line {at.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One line of a student's traceback."""

    line: int  # of the joined source; 0 outside it
    function: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A call's value, and which of its arguments it changed."""

    value: Any
    changed: tuple[str, ...] = ()  # "1" by position from 1, or "w" by keyword
    warnings: tuple[str, ...] = ()  # categories: "RuntimeWarning"
    touched: tuple[str, ...] = ()  # global generators that the call changed: "numpy.random", "random"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A value that stays in the worker, where a later call of the same test may use it."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """How far a training of a submission says it is: shown while it runs, never scored."""

    done: float  # epochs, the running one in part
    epochs: float
    loss: float
    accuracy: float


class Manner(enum.StrEnum):
    """How a worker is asked."""

    CALL = "call"  # a function of the submission; its value crosses
    KEEP = "keep"  # the same, but its value stays in the worker
    SUPPORT = "support"  # a function of our own that stands beside the submission


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentError:
    """An exception that the student's code raised: data, never the exception itself."""

    type_name: str
    message: str
    bases: tuple[str, ...] = ()  # built-in classes it is an instance of: ("ValueError", "Exception")
    frames: tuple[Frame, ...] = ()

    def is_a(self, name: str) -> bool:
        """Whether the exception is an instance of that built-in class."""
        return name in self.bases


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerExit:
    """A worker that ended, or was ended, before it answered."""

    outcome: Outcome  # TIMEOUT, OUT_OF_MEMORY or CRASHED
    reason: str  # what it did, after the function's name; nothing that the submission chose
    detail: str = ""  # an exit code, a signal: for those who may see what the submission chose


CallReply = Returned | StudentError | WorkerExit


@dataclass(frozen=True, slots=True, kw_only=True)
class TestCase:
    """One hidden or public test, as collected."""

    __test__ = False  # pytest would collect the name

    name: str  # "test_stride_and_size_differ"
    title: str  # its docstring's first line: what the student reads
    question: str  # the function it is about, "" where there is none
    points: float
    visibility: Visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A part of an array of a visible test, in rows and columns, for a page to draw."""

    role: str  # "input", "got", "expected" or "difference"
    shape: tuple[int, ...]  # of the whole array
    rows: tuple[tuple[float, ...], ...]
    name: str = ""  # an input's: "x"
    part: str = ""  # "[0, :, :, 2]"; "" where it is the whole array
    first: tuple[int, int] = (0, 0)  # where its first cell stands in that part
    marked: tuple[int, int] | None = None  # row and column, in `rows`, of the first cell that differs


@dataclass(frozen=True, slots=True, kw_only=True)
class Confused:
    """A test image, as it was published, that a model names wrongly."""

    actual: int
    named: int
    share: float  # of certainty that the model gives the wrong class, 0..1
    shape: tuple[int, ...]  # (28, 28) or (32, 32, 3)
    pixels: bytes  # row by row


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """Which classes a model takes for which, counted over the images that it was judged on."""

    data: str  # the data set: "mnist"
    counts: tuple[tuple[int, ...], ...]  # a row for each class, a column for each that was named
    published: bool = False  # anybody can look the labels up
    images: tuple[Confused, ...] = ()  # the surest mistakes first; none where the images are not published


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a test leaves for a page to draw, beyond its words."""

    pictures: tuple[Picture, ...] = ()  # visible tests only
    epochs: tuple[Epoch, ...] = ()  # of its trainings one after another, as the submission told them
    confusion: Confusion | None = None

    def __bool__(self) -> bool:
        return bool(self.pictures or self.epochs or self.confusion)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """What became of one test of one submission."""

    __test__ = False

    case: TestCase
    outcome: Outcome
    score: float | None  # None: not graded
    feedback: str = ""  # for the student; holds nothing of a hidden test's inputs
    hint: str = ""
    hint_id: str = ""  # the misconception that it is of: it stays when the hint is worded anew
    log: str = ""  # for staff: arguments, values, traceback, what was printed
    seed: int = 0  # replays the test's inputs
    duration_s: float = 0.0
    evidence: Evidence = field(default_factory=Evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer of isolation on this machine."""

    name: str  # "network namespace"
    active: bool
    detail: str = ""  # why it is missing, or what would raise it


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """The isolation that a submission really ran under."""

    level: IsolationLevel
    layers: tuple[Layer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything there is to say about one submission."""

    assignment: str  # id
    title: str
    student: str
    submission: str  # path as given
    digest: str
    score: float | None  # None: not graded (rejected, or our fault)
    max_score: float | None  # None: nothing here carries points (public tests)
    results: Sequence[TestResult] = ()
    notices: Sequence[Notice] = ()
    rejected: str = ""  # why nothing was graded, and what to do
    needs_review: bool = False  # a grader error: a person must look
    tests: str = "hidden"  # or "public"
    data: tuple[str, ...] = ()  # which images it was graded on, a sentence each
    seed: int = 0
    isolation: Isolation = field(default_factory=lambda: Isolation(level=IsolationLevel.NONE))
    environment: Mapping[str, str] = field(default_factory=dict)
    duration_s: float = 0.0
    memory_mb: float | None = None  # the most that one test's processes took beyond loading; None: not measured
