"""What a grading costs on this machine, beside one plain pytest process per submission.

    python tests/benchmarks/bench_grading.py

Nothing here asserts: a figure is to be read beside the baseline of the same run. Medians of several runs.
"""

import contextlib
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from grader import grading
from grader.course import find_assignment, read_course
from grader.records import Assignment, Course, Limits
from grader.sandbox import wire
from grader.sandbox.client import ForkServer

REPEATS = 9
ROOT = Path(__file__).parents[2]
GRADE = [sys.executable, "-m", "grader"]

REFERENCE = """
import numpy as np


def conv2d(x, w, b, stride=1, pad=0):
    if stride < 1 or pad < 0:
        raise ValueError("stride")
    x = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[:2], axis=(1, 2))[:, ::stride, ::stride]
    return np.einsum("nijcuv,uvck->nijk", windows, w) + b
"""
TESTS = """
from grader.checks.arrays import check
from grader.plugin import points

"""
TEST = '''
@points({points})
def test_{number}(student, rng):
    """Three convolutions."""
    for stride in (1, 2, 3):
        x, w = rng.normal(size=(2, 7, 9, 3)), rng.normal(size=(3, 2, 3, 4))
        check(student.conv2d, x, w, rng.normal(size=4), stride=stride)
'''
#: The same tests with the submission imported beside them, as most autograders run them.
PLAIN_CONFTEST = """
import importlib.util, sys
import numpy as np, pytest
from grader.checks.misconceptions import load_course_module
from grader.checks.students import Student
from grader.records import Returned
from pathlib import Path

HERE = Path(__file__).parent

@pytest.fixture
def student():
    submission = load_course_module(HERE / "submission.py")
    reference = load_course_module(HERE / "reference.py")
    answer = lambda name, args, kwargs, *rest: Returned(value=getattr(submission, name)(*args, **kwargs))
    return Student(answer, reference, (), visible=False)

@pytest.fixture
def rng():
    return np.random.default_rng(0)

def pytest_configure(config):
    config.addinivalue_line("markers", "points(value): points")
"""


def main() -> None:
    """Measure, and print one table in Markdown."""
    rows: list[tuple[str, str]] = []
    with small_course() as (course, assignment, submission):
        warm = time_warm(course, assignment, submission)
        plain = plain_pytest(submission)
        stateful = submission.with_name("stateful.py")
        stateful.write_text(REFERENCE + "\n\nkept = []\n\n\ndef keep(x):\n    kept.append(x)\n")
        alone = time_warm(course, assignment, stateful)
        rows += [
            ("12 tests of 3 `conv2d` calls, graded warm, every layer", f"{warm:.0f} ms"),
            ("the same where the source could keep something: a process per test", f"{alone:.0f} ms"),
            *split(assignment, submission),
            ("the same tests in one plain `pytest` process", f"{plain:.0f} ms"),
            ("ratio, and with a process per test", f"{plain / warm:.1f}, {plain / alone:.1f}"),
            (
                "the same submission with an endless loop instead of `conv2d`'s only answer",
                f"{loop(course, assignment):.2f} s",
            ),
        ]
    right = ROOT / "solutions/hw01_convolution/convolution.py"
    rows += [
        ("`grade hw1 FILE` from a cold shell", f"{command('hw1', str(right)):.2f} s"),
        ("`grade --help`", f"{command('--help'):.2f} s"),
        ("`grade list`", f"{command('list'):.2f} s"),
        ("private memory of a zygote and its worker", f"{memory():.0f} MB"),
    ]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"
    print(f"{machine}, Python {platform.python_version()}\n")
    print("| what | median |\n|---|---|")
    for what, figure in rows:
        print(f"| {what} | {figure} |")


def median_ms(act: Callable[[], object], *, repeats: int = REPEATS) -> float:
    """The median duration, after one run that is not counted."""
    act()
    took = []
    for _ in range(repeats):
        begin = time.perf_counter()
        act()
        took.append(time.perf_counter() - begin)
    return 1000 * statistics.median(took)


@contextlib.contextmanager
def small_course() -> Iterator[tuple[Course, Assignment, Path]]:
    """A course of one assignment with twelve hidden tests, and a right submission."""
    root = Path(tempfile.mkdtemp())
    public, private = root / "assignments/hw01_convolution", root / "solutions/hw01_convolution"
    public.mkdir(parents=True)
    private.mkdir(parents=True)
    (root / "assignments/course.toml").write_text('title = "Bench"\nassignments = ["hw01_convolution"]\n')
    (public / "assignment.toml").write_text('title = "Convolution"\n[[questions]]\nname = "conv2d"\npoints = 100\n')
    points = [8] * 11 + [12]
    tests = TESTS + "".join(TEST.format(points=each, number=number) for number, each in enumerate(points))
    (private / "test_hidden.py").write_text(tests)
    (private / "misconceptions.py").write_text("")
    (private / "convolution.py").write_text(REFERENCE)
    submission = root / "convolution.py"
    submission.write_text(REFERENCE)
    try:
        course = read_course(root, secret=b"bench")
        yield course, find_assignment(course, "hw1"), submission
    finally:
        shutil.rmtree(root)


def time_warm(course: Course, assignment: Assignment, submission: Path) -> float:
    """One grading, by a grader that is already there."""
    took: list[float] = []
    options = grading.GradeOptions()

    def body(grader: grading.Grader) -> None:
        report = grader.grade(submission, options)
        assert report.score == 100, report
        took.append(median_ms(lambda: grader.grade(submission, options), repeats=3 * REPEATS))

    grading.graders(course, assignment, options, body)
    return took[0]


def split(assignment: Assignment, submission: Path) -> list[tuple[str, str]]:
    """Where the time goes: a box, twelve forks, their calls; and the same calls with fewer processes."""
    import numpy as np

    message = wire.Load("convolution", "convolution.py", submission.read_text(), {})
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(2, 7, 9, 3)), rng.normal(size=(3, 2, 3, 4)), rng.normal(size=4)

    def sessions(count: int, calls: int) -> Callable[[], object]:
        def act() -> None:
            box = server.open(message, Limits())
            for _ in range(count):
                session = box.session(Limits(), seed=0)
                for _ in range(calls):
                    session.call("conv2d", [x, w, b], {"stride": 2})
                session.close()
            box.close()

        return act

    with ForkServer() as server:
        alone = median_ms(sessions(0, 0))
        return [
            ("- of that: a box (supervisor, zygote, load, end)", f"{alone:.0f} ms"),
            ("- of that: 12 forks with one call each", f"{median_ms(sessions(12, 1)) - alone:.0f} ms"),
            ("- of that: 24 further calls", f"{median_ms(sessions(12, 3)) - median_ms(sessions(12, 1)):.0f} ms"),
            ("- instead: the 36 calls in one process", f"{median_ms(sessions(1, 36)):.0f} ms"),
        ]


def plain_pytest(submission: Path) -> float:
    """A fresh pytest process that imports the submission beside the tests."""
    folder = Path(tempfile.mkdtemp())
    (folder / "conftest.py").write_text(PLAIN_CONFTEST)
    (folder / "submission.py").write_text(REFERENCE)
    (folder / "reference.py").write_text(REFERENCE)
    tests = TESTS + "".join(TEST.format(points=1, number=number) for number in range(12))
    (folder / "test_hidden.py").write_text(tests)
    try:
        act = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-c",
            str(folder / "none.ini"),
            "--rootdir",
            str(folder),
            str(folder),
        ]
        (folder / "none.ini").write_text("[pytest]\n")
        return median_ms(lambda: subprocess.run(act, check=True, capture_output=True))
    finally:
        shutil.rmtree(folder)


def loop(course: Course, assignment: Assignment) -> float:
    """Seconds for a submission whose function never returns: the limit is 2 s of CPU a test."""
    took: list[float] = []
    folder = Path(tempfile.mkdtemp())
    file = folder / "convolution.py"
    file.write_text(
        textwrap.dedent("""
        def conv2d(x, w, b, stride=1, pad=0):
            while True:
                pass
    """)
    )

    def body(grader: grading.Grader) -> None:
        begin = time.perf_counter()
        grader.grade(file, grading.GradeOptions())
        took.append(time.perf_counter() - begin)

    try:
        grading.graders(course, assignment, grading.GradeOptions(), body)
    finally:
        shutil.rmtree(folder)
    return took[0]


def command(*arguments: str) -> float:
    """Seconds of a whole command."""
    return median_ms(lambda: subprocess.run([*GRADE, *arguments], cwd=ROOT, check=True, capture_output=True)) / 1000


def memory() -> float:
    """Megabytes that a zygote and a worker hold beside what they share with the fork server."""
    message = wire.Load("m", "m.py", REFERENCE, {})
    with ForkServer() as server:
        box = server.open(message, Limits())
        session = box.session(Limits(), seed=0)
        session.call("conv2d", [], {})
        pages = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in descendants(server.process_id)[-2:]]
        session.close()
        box.close()
    private = [line.split()[1] for text in pages for line in text.splitlines() if line.startswith("Private_")]
    return sum(map(int, private)) / 1024


def descendants(pid: int) -> list[int]:
    """The processes below one, oldest first."""
    children = [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
    return children + [each for child in children for each in descendants(child)]


if __name__ == "__main__":
    main()
