"""Measures a training assignment: hw9 whole, cold and warm, its memory, and a fresh worker with TensorFlow.

    python tests/benchmarks/bench_training.py

Prints a table in Markdown. The submission is the reference with a model that it trained on the generated images, so no
data set is needed; the hidden images are MNIST's where `grade data` finds them (GRADE_DATA), else generated.
"""

import contextlib
import os
import shutil
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.checks.misconceptions import load_course_module
from grader.course import find_assignment, read_course
from grader.grading import GradeOptions, Grader, graders
from grader.records import Limits, Report
from grader.sandbox import launch, wire

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
ONE_OP = "import tensorflow as tf\ndef one_op():\n    return tf.reduce_sum(tf.ones((8, 8)) @ tf.ones((8, 8))).numpy()\n"
RUNS = 5


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        submission = make_submission(Path(folder))
        rows = [*fresh_worker(), *whole(submission)]
    print("| what | figure |\n|---|---|")
    for what, figure in rows:
        print(f"| {what} | {figure} |")


def make_submission(folder: Path) -> Path:
    """The reference, and a model of a short training on generated images, made in a process of its own."""
    assignment = find_assignment(read_course(ROOT, secret=None), "hw9")
    assert assignment.private is not None
    shutil.copy(assignment.private / "lenet.py", folder)
    pid = os.fork()
    if pid == 0:
        from grader.checks.mistakes import saved

        (folder / "model.keras").write_bytes(saved(load_course_module(folder / "lenet.py")))
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    return folder


def fresh_worker() -> list[tuple[str, str]]:
    """A box, a worker, one op and the end, from a fork server that has TensorFlow."""
    begin = time.perf_counter()
    launcher = launch.start(None, preload=("tensorflow",), environ=os.environ)
    limits = Limits(wall_s=20, cpu_s=20, import_s=20, memory_mb=2048, processes=64)
    message = wire.Load("one", "one.py", ONE_OP, {})
    times: list[float] = []
    start = begin
    with contextlib.closing(launcher):
        for _ in range(RUNS + 1):
            start = time.perf_counter()
            with contextlib.closing(launcher.open(message, limits)) as box:
                box.session(limits, seed=0).call("one_op", [], {})
            times.append(time.perf_counter() - start)
    return [
        (
            "fork server with TensorFlow, up to its first worker's answer",
            f"{times[0] + start - begin - sum(times[1:]):.1f} s",
        ),
        ("a fresh worker: box, fork, first op, end", f"{1000 * statistics.median(times[1:]):.0f} ms"),
    ]


def whole(submission: Path) -> list[tuple[str, str]]:
    """hw9 graded twice by one grader, and the most memory that its processes held together."""
    course = read_course(ROOT, secret=None)
    assignment = find_assignment(course, "hw9")
    options = GradeOptions(student="bench", environ=os.environ)
    times: list[float] = []
    reports: list[Report] = []
    begin = time.perf_counter()

    def body(grader: Grader) -> None:
        nonlocal begin
        for _ in range(2):
            reports.append(grader.grade(submission, options))
            times.append(time.perf_counter() - begin)
            begin = time.perf_counter()

    with watched_memory() as most:
        graders(course, assignment, options, body)
    same = [[(each.outcome, each.score) for each in report.results] for report in reports]
    assert same[0] == same[1], "two gradings of one submission differ"
    return [
        ("hw9 whole, cold", f"{times[0]:.1f} s"),
        ("hw9 whole, with a warm fork server", f"{times[1]:.1f} s"),
        ("memory of all processes together, at most", f"{most() / 2**20:.0f} MB"),
        ("judged on", reports[0].data[0]),
    ]


@contextlib.contextmanager
def watched_memory() -> Any:
    """Sum the proportional set sizes of this process's tree, some times a second."""
    most, over = 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not over.wait(0.3):
            most = max(most, sum(map(proportional_bytes, tree(os.getpid()))))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        read: Callable[[], int] = lambda: most  # noqa: E731 - the figure as it stands at the end
        yield read
    finally:
        over.set()
        thread.join()


def tree(root: int) -> list[int]:
    """A process and all below it."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            pid, rest = int(stat.parent.name), stat.read_text().rpartition(")")[2].split()
            parents.setdefault(int(rest[1]), []).append(pid)
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += parents.get(pid, [])
    return found


def proportional_bytes(pid: int) -> int:
    """What a process holds, shared pages in part; 0 where it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) << 10
    return 0


if __name__ == "__main__":
    main()
