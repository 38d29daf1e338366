"""What a class costs on this machine, beside one plain pytest process per submission.

    python tests/benchmarks/bench_batch.py [CLASS] [LARGE]

CLASS submissions of hw1 (300): a third wrong, a tenth hostile, with loops; then the right ones alone, beside the
baseline of the same run with as many processes. LARGE (1000): memory against a class of 100, and the second run of a
finished batch. Nothing here asserts. Beside seconds stand seconds of processor time, all processes together: on a
machine that others use they say more.
"""

import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader.batch import BatchOptions
from grader.course import read_course
from grader.journal import Journal
from grader.marking import Desk, Download, Watch, mark_folder

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests/submissions/hw01_convolution"
JOBS = 2
BASELINE = 24  # pytest processes

RIGHT = ("einsum_and_windows", "classes", "returns", "two_definitions")
WRONG = (
    *("filter_flipped", "bias_forgotten", "stride_ignored", "changes_its_argument", "caches_the_first_result"),
    *("missing_function", "returns_lists", "keeps_the_integers", "stub"),
)
#: Ten kinds; of ten hostile ones three loop.
HOSTILE = (
    *("loops_in_python", "fork_bomb", "exits_at_import", "loops_in_one_function", "touches_much_memory"),
    *("crashes_at_import", "loops_in_c", "forges_results_on_every_descriptor", "leaves_by_os_exit", "walks_proc"),
)
CONFTEST = """
import sys
sys.path.insert(0, {root!r})
import numpy as np, pytest
from pathlib import Path
from grader.checks.misconceptions import load_course_module
from grader.checks.students import Student
from grader.records import Returned, StudentError

@pytest.fixture
def student():
    submission = load_course_module(Path({submission!r}))
    reference = load_course_module(Path({reference!r}))

    def answer(name, args, kwargs, *rest):
        try:
            return Returned(value=getattr(submission, name)(*args, **kwargs))
        except Exception as error:
            bases = tuple(each.__name__ for each in type(error).__mro__)
            return StudentError(type_name=type(error).__name__, message=str(error), bases=bases)

    return Student(answer, reference, (), visible=False)

@pytest.fixture
def reference():
    return load_course_module(Path({reference!r}))

@pytest.fixture
def rng():
    return np.random.default_rng(0)

def pytest_configure(config):
    config.addinivalue_line("markers", "points(value): points")
    config.addinivalue_line("markers", "builds_on(tests): tests")
"""


def main() -> None:
    """Measure, and print one table in Markdown."""
    size, large = ([int(each) for each in sys.argv[1:]] + [300, 1000][len(sys.argv) - 1 :])[:2]
    scratch = Path(tempfile.mkdtemp())
    try:
        rows = [*whole(scratch, size), *right(scratch, size), *memory(scratch, large)]
    finally:
        shutil.rmtree(scratch)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end"
    print(f"{machine}, Python {platform.python_version()}, {JOBS} jobs\n\n| what | figure |\n|---|---|")
    for what, figure in rows:
        print(f"| {what} | {figure} |")


def whole(scratch: Path, size: int) -> list[tuple[str, str]]:
    """A third wrong, a tenth hostile; and the same without the hostile ones."""
    kinds = [HOSTILE[i // 10 % 10] if i % 10 == 9 else wrong_or_right(i) for i in range(size)]
    everything, tame = scratch / "all", scratch / "tame"
    write(everything, kinds)
    write(tame, [kind for kind in kinds if kind not in HOSTILE])
    told = timed_journal(everything, scratch / "all.grades")
    tame_s, _ = command(tame, scratch / "tame.grades")
    count = sum(kind not in HOSTILE for kind in kinds)
    return [
        (f"{size} submissions, a third wrong, a tenth hostile", f"{told[0]:.1f} s"),
        ("- of that: in the journal", f"{told[1]:.2f} s, {told[1] / told[0]:.1%}"),
        (f"the {count} without the hostile ones", f"{tame_s:.1f} s, {count / tame_s:.1f} a second"),
    ]


def wrong_or_right(i: int) -> str:
    """One of three is wrong."""
    return WRONG[i // 3 % len(WRONG)] if i % 3 == 0 else RIGHT[i % len(RIGHT)]


def right(scratch: Path, size: int) -> list[tuple[str, str]]:
    """Right ones alone, and the baseline right before and after."""
    folder = scratch / "right"
    write(folder, [RIGHT[i % len(RIGHT)] for i in range(size)])
    before = baseline(folder, scratch / "plain")
    took, used = command(folder, scratch / "right.grades")
    after = baseline(folder, scratch / "plain")
    plain, plain_used = (before[0] + after[0]) / 2, (before[1] + after[1]) / 2
    return [
        (f"{size} right submissions, every layer on", f"{took:.1f} s, {size / took:.1f} a second"),
        ("- processor time of each", f"{1000 * used / size:.0f} ms"),
        (f"a plain `pytest` each, {JOBS} at a time", f"{plain:.1f} a second ({before[0]:.1f}, {after[0]:.1f})"),
        ("- processor time of each", f"{1000 * plain_used:.0f} ms"),
        ("ratio", f"{size / took / plain:.1f}; of processor time {plain_used / used * size:.1f}"),
    ]


def memory(scratch: Path, large: int) -> list[tuple[str, str]]:
    """The processes' own peaks, at 100 and at many; and the second run."""
    peaks = {}
    for count in (100, large):
        folder = scratch / f"of{count}"
        write(folder, [wrong_or_right(i) for i in range(count)])
        peaks[count] = peak(folder, scratch / f"of{count}.grades")
    again = [command(scratch / f"of{large}", scratch / f"of{large}.grades") for _ in range(3)]
    told = ", ".join(f"{took:.2f} s ({used:.2f} s of processor time)" for took, used in again)
    rows = [
        (f"peak memory at {count}: batch, one grader process", f"{batch:.0f} MB, {grader:.0f} MB")
        for count, (batch, grader) in peaks.items()
    ]
    return [*rows, (f"the same command again, {large} finished", told)]


def write(folder: Path, kinds: Sequence[str]) -> None:
    """A folder for each, and no two files the same."""
    for number, kind in enumerate(kinds):
        source = ROOT / "solutions/hw01_convolution/convolution.py"
        if kind != "returns":
            source = next((CORPUS / kind).glob("*.py"))
        place = folder / f"s{number:04}"
        place.mkdir(parents=True)
        (place / "convolution.py").write_bytes(source.read_bytes() + f"\n# {number}\n".encode())


def arguments(folder: Path, out: Path) -> list[str]:
    """The command."""
    return [sys.executable, "-m", "grader", "batch", "hw1", str(folder), "--out", str(out), "--jobs", str(JOBS)]


def command(folder: Path, out: Path) -> tuple[float, float]:
    """Seconds of the whole command, from a cold shell, and those of processor time."""
    begin, used = time.perf_counter(), processor_time()
    subprocess.run(arguments(folder, out), cwd=ROOT, capture_output=True, check=False)
    return time.perf_counter() - begin, processor_time() - used


def processor_time() -> float:
    """Seconds of all processes that have ended below this one."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def timed_journal(folder: Path, out: Path) -> tuple[float, float]:
    """Seconds of a batch in this process, and those that it was in the journal."""
    spent = 0.0

    def timed(method: Callable[..., Any]) -> Callable[..., Any]:
        def act(*args: Any, **kwargs: Any) -> Any:
            nonlocal spent
            begin = time.perf_counter()
            try:
                return method(*args, **kwargs)
            finally:
                spent += time.perf_counter() - begin

        return act

    names = ("begin", "add_test", "add_report", "known", "finished", "begun", "sync", "describe", "latest")
    methods = {name: getattr(Journal, name) for name in names}
    course = read_course(ROOT, secret=b"bench")
    for name, method in methods.items():
        setattr(Journal, name, timed(method))
    try:
        begin = time.perf_counter()
        mark_folder(
            course,
            course.assignments[0],
            Download(path=folder),
            Desk(journal=out / "journal", out=out),
            BatchOptions(jobs=JOBS, environ=os.environ),
            Watch(now=lambda: datetime.now(UTC)),
        )
        return time.perf_counter() - begin, spent
    finally:
        for name, method in methods.items():
            setattr(Journal, name, method)


def baseline(folder: Path, place: Path) -> tuple[float, float]:
    """Plain pytest processes a second, and the processor time of one."""
    hidden = ROOT / "solutions/hw01_convolution/test_hidden.py"
    submissions = sorted(folder.iterdir())[:BASELINE]
    for submission in submissions:
        own = place / submission.name
        own.mkdir(parents=True, exist_ok=True)
        shutil.copy(hidden, own / "test_hidden.py")
        conftest = CONFTEST.format(
            root=str(ROOT),
            submission=str(submission / "convolution.py"),
            reference=str(ROOT / "solutions/hw01_convolution/convolution.py"),
        )
        (own / "conftest.py").write_text(conftest)
        (own / "none.ini").write_text("[pytest]\n")

    def act(submission: Path) -> int:
        own = place / submission.name
        argv = [sys.executable, "-m", "pytest", "-q", "-c", str(own / "none.ini"), "--rootdir", str(own), str(own)]
        return subprocess.run(argv, cwd=own, capture_output=True, check=False).returncode

    act(submissions[0])
    begin, used = time.perf_counter(), processor_time()
    with ThreadPoolExecutor(JOBS) as pool:
        codes = list(pool.map(act, submissions))
    took = time.perf_counter() - begin
    assert set(codes) == {0}, codes
    return len(submissions) / took, (processor_time() - used) / len(submissions)


def peak(folder: Path, out: Path) -> tuple[float, float]:
    """Megabytes of the batch's process and of its largest grader process."""
    process = subprocess.Popen(arguments(folder, out), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    graders: dict[int, float] = {}
    own = 0.0
    while process.poll() is None:
        own = max(own, high_water(process.pid))
        for child in children(process.pid):
            graders[child] = max(graders.get(child, 0.0), high_water(child))
        time.sleep(0.1)
    return own, max(graders.values(), default=0.0)


def high_water(pid: int) -> float:
    """Megabytes that a process has held at most."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
