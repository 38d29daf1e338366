"""What a class costs around its grading, which is stubbed at its border: discover, journal, reports, exports.

    python tests/benchmarks/bench_class.py [SIZES]

Sizes of the class, 1000 and 10000: the time of each is to be ten times that of the one before, and memory below 300 MB.
Nothing here asserts.
"""

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Measure each size in a process of its own."""
    sizes = [int(each) for each in sys.argv[1:]] or [1000, 10_000]
    print(
        "| submissions | discover and grade | in the journal | again | gradebook and exports | peak |\n"
        + "|---" * 6
        + "|"
    )
    for size in sizes:
        subprocess.run([sys.executable, __file__, "--one", str(size)], check=True, cwd=ROOT)


def one(size: int) -> None:
    """Measure one size, and print a row."""
    from grader import batch
    from grader.bookkeeping import keep_books
    from grader.course import read_course
    from grader.exports import canvas, nbgrader, tables
    from grader.fingerprints import test_fingerprints
    from grader.journal import Journal
    from grader.marking import Desk, Download, Watch, mark_folder
    from tests.builders import make_case
    from tests.simulated import simulated

    scratch = Path(tempfile.mkdtemp())
    for number in range(size):
        folder = scratch / "in" / f"s{number:05}"
        folder.mkdir(parents=True)
        (folder / "convolution.py").write_text(f"def conv2d(x, w, b):\n    return {number}\n")
    course = read_course(ROOT, secret=b"bench")
    assignment = course.assignments[0]
    names = list(test_fingerprints(assignment))
    cases = [make_case(name=name, points=assignment.points / len(names)) for name in names]
    desk = Desk(journal=scratch / "journal", out=scratch / "out")
    watch = Watch(now=lambda: datetime.now(UTC))
    setattr(batch, "open_seats", lambda cluster, jobs: simulated(cases))  # noqa: B010 - what the types do not allow, on purpose
    spent = [0.0]
    for name in ("begin", "add_test", "add_report", "known", "finished", "begun", "describe"):
        setattr(Journal, name, timed(getattr(Journal, name), spent))

    def mark() -> float:
        begin = time.perf_counter()
        mark_folder(course, assignment, Download(path=scratch / "in"), desk, batch.BatchOptions(), watch)
        return time.perf_counter() - begin

    first, in_journal = mark(), spent[0]
    again = mark()
    begin = time.perf_counter()
    books = keep_books([desk.journal])
    for sheet in (tables.render_gradebook, canvas.render_gradebook, nbgrader.render_gradebook):
        sheet(books.gradebook)
    books_s = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"| {size} | {first:.1f} s | {in_journal:.2f} s | {again:.2f} s | {books_s:.2f} s | {peak:.0f} MB |", flush=True
    )
    shutil.rmtree(scratch)


def timed(method: Callable[..., Any], spent: list[float]) -> Callable[..., Any]:
    """The method, and how long it took altogether."""

    def act(*args: Any, **kwargs: Any) -> Any:
        begin = time.perf_counter()
        try:
            return method(*args, **kwargs)
        finally:
            spent[0] += time.perf_counter() - begin

    return act


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    if sys.argv[1:2] == ["--one"]:
        one(int(sys.argv[2]))
    else:
        main()
