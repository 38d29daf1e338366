"""A whole class: what is graded once stays graded, whatever dies."""

import functools
import os
import random
import resource
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.batch import BatchOptions
from grader.batch_events import Begun, Event, Finished, Retried, Started
from grader.batch_jobs import Failed, Task
from grader.batch_worker import GraderProcess
from grader.bookkeeping import Books
from grader.course import read_course
from grader.errors import CourseError, IsolationError
from grader.journal import Journal, JournalError
from grader.marking import Desk, Download, Watch, mark_again, mark_folder
from grader.records import Course, IsolationLevel, Outcome
from tests.classes import LOOP, WRONG, below, command, environment, grade, is_alive, write_class
from tests.small_course import HIDDEN, RIGHT, write_course

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs the sandbox of Linux")

NOW = datetime(2026, 12, 1, tzinfo=UTC)


class Class:
    """A course, a folder of submissions, a desk, and what was heard of the last batch."""

    def __init__(self, root: Path) -> None:
        self.root = write_course(root / "course")
        self.folder = root / "in"
        self.desk = Desk(journal=root / "journal", out=root / "out")
        self.heard: list[Event] = []

    @property
    def course(self) -> Course:
        return read_course(self.root, secret=b"a secret of the tests")

    def mark(self, *, again: bool = False, tell: Callable[[Event], object] | None = None) -> Books:
        self.heard = []

        def hear(event: Event) -> None:
            self.heard.append(event)
            if tell is not None:
                tell(event)

        options = BatchOptions(jobs=2, environ=os.environ)
        watch = Watch(now=lambda: NOW, tell=hear)
        course = self.course
        if again:
            return mark_again(course, course.assignments[0], self.desk, options, watch)[0]
        return mark_folder(course, course.assignments[0], Download(path=self.folder), self.desk, options, watch)

    @property
    def scores(self) -> dict[str, float | None]:
        with Journal.read(self.desk.journal) as journal:
            return {each.delivery.student: each.report.score for each in journal.filed()}

    @property
    def started(self) -> list[str]:
        return sorted(each.delivery.student for each in self.heard if isinstance(each, Started))

    def lines(self, kind: str) -> int:
        return (self.desk.journal / "results.jsonl").read_text().count(f'","{kind}","')


@pytest.fixture
def klass(tmp_path: Path) -> Class:
    return Class(tmp_path)


class TestGrading:
    def test_every_submission_gets_its_report(self, klass: Class) -> None:
        """Right, wrong, endless, hostile and empty, side by side; none of them stops another."""
        hostile = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nos._exit(0)\n"
        write_class(
            klass.folder,
            {"ann": RIGHT, "bob": WRONG, "cho": LOOP, "dan": hostile, "eve": "", "fay": RIGHT, "gus": RIGHT},
        )

        books = klass.mark()

        expected = {"ann": 100.0, "bob": 40.0, "cho": 40.0, "dan": 0.0, "eve": None, "fay": 100.0, "gus": 100.0}
        assert klass.scores == expected
        assert [row.student.id for row in books.gradebook.rows] == list(expected)
        assert sorted(path.stem for path in (klass.desk.out / "reports").iterdir()) == list(expected)

    def test_nothing_is_done_twice(self, klass: Class) -> None:
        """Not even a rejected file is read again, and no process is started."""
        write_class(klass.folder, {"ann": RIGHT, "bob": WRONG, "eve": ""})
        klass.mark()
        first = (klass.desk.out / "gradebook.csv").read_bytes()
        (klass.desk.out / "reports" / "bob.json").unlink()

        begin = time.monotonic()
        klass.mark()

        assert klass.started == []
        assert [(each.total, each.settled) for each in klass.heard if isinstance(each, Begun)] == [(3, 3)]
        assert time.monotonic() - begin < 1
        assert (klass.desk.out / "gradebook.csv").read_bytes() == first
        assert (klass.desk.out / "reports" / "bob.json").exists()  # what is missing there is written

    def test_a_file_that_changed_is_graded_alone(self, klass: Class) -> None:
        write_class(klass.folder, {"ann": RIGHT, "bob": WRONG, "eve": ""})
        klass.mark()
        write_class(klass.folder, {"bob": RIGHT, "eve": WRONG})

        klass.mark()

        assert klass.started == ["bob", "eve"]
        assert klass.scores == {"ann": 100.0, "bob": 100.0, "eve": 40.0}

    def test_without_its_inventory_the_journal_still_knows(self, klass: Class) -> None:
        """Then the files are read, and no test is run."""
        write_class(klass.folder, {"ann": RIGHT, "bob": WRONG})
        klass.mark()
        (klass.desk.journal / "deliveries.json").unlink()
        before = klass.lines("test")

        klass.mark()

        assert klass.started == ["ann", "bob"]
        assert [each.report for each in klass.heard if isinstance(each, Finished)] == [None, None]
        assert klass.lines("test") == before

    def test_a_test_that_was_edited_runs_alone(self, klass: Class) -> None:
        """The other tests' results are taken from the journal; before and after are shown."""
        write_class(klass.folder, {"ann": RIGHT, "bob": WRONG})
        klass.mark()
        before = klass.lines("test")
        hidden = klass.root / "solutions/hw01_doubling/test_hidden.py"
        check = "check(student.total, rng.normal(size=(3, 4)))"
        hidden.write_text(HIDDEN.replace(check, 'student.total\n    raise AssertionError("no total is right")'))
        course = klass.course

        _, changes = mark_again(
            course, course.assignments[0], klass.desk, BatchOptions(environ=os.environ), Watch(now=lambda: NOW)
        )

        assert klass.lines("test") == before + 2
        assert klass.scores == {"ann": 60.0, "bob": 0.0}
        assert [(each.student, [test.name for test in each.tests]) for each in changes] == [
            ("ann", ["test_total"]),
            ("bob", ["test_total"]),
        ]

    def test_a_process_that_dies_twice_asks_for_a_person(self, klass: Class) -> None:
        """Its job is tried once more, in another process; the results that came stand, and nobody gets a zero."""
        hidden = klass.root / "solutions/hw01_doubling/test_hidden.py"
        kill = "if student.total(np.zeros(2)) == 13:\n        os.kill(os.getpid(), 9)\n    check(student.total"
        hidden.write_text("import os\nimport numpy as np\n" + HIDDEN.replace("check(student.total", kill))
        deadly = RIGHT.replace("return x.sum()", "return 13")
        write_class(klass.folder, {"ann": RIGHT, "bad": deadly, "cho": RIGHT, "dan": RIGHT})

        books = klass.mark()

        assert klass.scores == {"ann": 100.0, "bad": None, "cho": 100.0, "dan": 100.0}
        assert Counter(klass.started) == {"ann": 1, "bad": 2, "cho": 1, "dan": 1}
        assert [each.reason for each in klass.heard if isinstance(each, Retried)] == [
            "the grader process ended with signal 9"
        ]
        assert books.gradebook.rows[1].entries["hw1"].needs_review
        with Journal.read(klass.desk.journal) as journal:
            report = next(each.report for each in journal.filed() if each.delivery.student == "bad")
        assert report.needs_review
        outcomes = Counter(result.outcome for result in report.results)
        assert outcomes[Outcome.GRADER_ERROR] >= 1
        assert len(report.results) == 4

    def test_one_that_needs_review_is_graded_again_by_the_next_batch(self, klass: Class) -> None:
        hidden = klass.root / "solutions/hw01_doubling/test_hidden.py"
        hidden.write_text(HIDDEN.replace("check(student.total, rng", "check(student.total, nothing"))
        write_class(klass.folder, {"ann": RIGHT})
        klass.mark()
        assert klass.scores == {"ann": None}
        hidden.write_text(HIDDEN)

        klass.mark()

        assert klass.scores == {"ann": 100.0}

    def test_a_broken_course_is_told_once(self, klass: Class) -> None:
        (klass.root / "solutions/hw01_doubling/test_hidden.py").write_text("import nothing_of_that_name\n")
        write_class(klass.folder, {"ann": RIGHT})

        with pytest.raises(CourseError, match="cannot be loaded"):
            klass.mark()

    def test_below_the_level_that_is_asked_for_nothing_is_graded(self, klass: Class) -> None:
        """A process says so before it takes a job."""
        course = klass.course
        task = Task(
            course=course,
            assignment=course.assignments[0],
            least=IsolationLevel.FULL,
            start=IsolationLevel.CONFINED,
            environ=dict(os.environ),
        )
        process = GraderProcess(task, number=1)
        try:
            while not (said := list(process.messages())):
                time.sleep(0.05)
        finally:
            process.close(kill=True)

        assert isinstance(said[0], Failed)
        assert isinstance(said[0].error, IsolationError)
        assert BatchOptions().least is IsolationLevel.CONFINED
        assert BatchOptions(isolation=IsolationLevel.NONE).least is IsolationLevel.NONE


class TestEnds:
    """A batch that is cut off goes on where it was."""

    def test_ctrl_c_is_130_and_the_same_command_goes_on(self, klass: Class) -> None:
        write_class(klass.folder, {f"s{number:02}": _slow(0.2) for number in range(8)})
        with running(klass) as process:
            wait_for(lambda: klass_lines(klass, "report") >= 2)
            os.killpg(process.pid, signal.SIGINT)
            _, err = process.communicate(timeout=20)

        assert process.returncode == 130
        assert "of 8 submissions are graded" in err
        assert "Traceback" not in err
        with Journal.read(klass.desk.journal) as journal:
            done = [each.delivery.student for each in journal.filed()]
            assert journal.notices == ()
        assert 2 <= len(done) < 8

        again = grade(*arguments(klass), cwd=klass.root)

        assert again.returncode == 0
        assert f"{len(done)} of them graded before" in again.stderr
        assert set(klass.scores.values()) == {100.0}

    def test_when_the_batch_is_killed_everything_below_it_ends(self, klass: Class) -> None:
        """Grader processes, fork servers, and the submissions' own."""
        write_class(klass.folder, {f"s{number}": LOOP for number in range(4)})
        with running(klass) as process:
            wait_for(lambda: klass_lines(klass, "start") >= 2)
            time.sleep(0.2)
            family = below(process.pid)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()

            assert len(family) >= 6
            wait_for(lambda: not any(is_alive(pid) for pid in family))

    def test_a_second_batch_on_one_journal_is_refused(self, klass: Class) -> None:
        write_class(klass.folder, {"ann": _slow(1.0), "bob": _slow(1.0)})
        with running(klass) as process:
            wait_for(lambda: klass_lines(klass, "start") >= 1)

            second = grade(*arguments(klass), cwd=klass.root)

            process.communicate(timeout=30)
        assert second.returncode == 2
        assert f"the journal is being written by process {process.pid}" in second.stderr
        assert process.returncode == 0

    def test_a_full_disk_ends_it_in_good_order(self, klass: Class) -> None:
        """What was written stands, and with room the same call goes on."""
        write_class(klass.folder, {f"s{number}": WRONG for number in range(6)})
        journal = klass.desk.journal / "results.jsonl"

        def fill(event: Event) -> None:
            if isinstance(event, Finished) and klass_lines(klass, "report") == 2:
                resource.setrlimit(resource.RLIMIT_FSIZE, (journal.stat().st_size + 100, hard))

        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        try:
            with pytest.raises(JournalError, match="File too large"):
                klass.mark(tell=fill)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert len(klass.scores) == 2

        klass.mark()

        assert set(klass.scores.values()) == {40.0}
        assert len(klass.scores) == 6

    @pytest.mark.slow
    def test_killed_twenty_times_it_ends_in_the_same_gradebook(self, klass: Class, tmp_path: Path) -> None:
        """SIGKILL at random moments, to the batch or to one of its grader processes."""
        kinds = [_slow(0.25), _slow(0.25).replace("x + x", "x * x"), "", _slow(0.3) + "\nraise SystemExit\n"]
        write_class(klass.folder, {f"s{number:02}": kinds[number % 4] for number in range(28)})
        undisturbed = Class(tmp_path / "undisturbed")
        undisturbed.folder = klass.folder
        undisturbed.mark()
        rng = random.Random(7)
        kills = Counter[str]()
        status = 0
        while kills.total() < 20:
            with running(klass) as process:
                wait_for(lambda: "submissions" in (klass.root / "err").read_text(), seconds=20)
                while process.poll() is None and kills.total() < 20:
                    time.sleep(rng.uniform(0.05, 0.9))
                    graders = [pid for pid in below(process.pid) if b"spawn_main" in _command_line(pid)]
                    if rng.random() < 0.6 or not graders:
                        kills["batch"] += process.poll() is None
                        os.kill(process.pid, signal.SIGKILL)
                        process.wait()
                    else:
                        kills["grader"] += 1
                        os.kill(rng.choice(graders), signal.SIGKILL)
                status = process.wait()

        while status != 1:  # rejected ones have no score
            status = grade(*arguments(klass), cwd=klass.root).returncode

        assert min(kills["batch"], kills["grader"]) >= 4
        for name in ("gradebook.csv", "rejected.csv"):
            assert (klass.desk.out / name).read_bytes() == (undisturbed.desk.out / name).read_bytes()
        assert klass.scores == undisturbed.scores


def _slow(seconds: float) -> str:
    return RIGHT.replace("return x.sum()", f"__import__('time').sleep({seconds}); return x.sum()")


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def arguments(klass: Class) -> list[str | Path]:
    return ["batch", "hw1", klass.folder, "--journal", klass.desk.journal, "--out", klass.desk.out, "--jobs", "2"]


@contextmanager
def running(klass: Class) -> "Iterator[subprocess.Popen[str]]":
    """A batch in a process group of its own; what it writes on stderr is in the file `err` too."""
    with (klass.root / "err").open("w") as err:
        process = subprocess.Popen(
            command(*arguments(klass)),
            cwd=klass.root,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=err,
            text=True,
            start_new_session=True,
        )
        process.communicate = functools.partial(_communicate, process, klass.root / "err")  # type: ignore[method-assign]
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def _communicate(process: "subprocess.Popen[str]", err: Path, *, timeout: float) -> tuple[str, str]:
    process.wait(timeout)
    return "", err.read_text()


def klass_lines(klass: Class, kind: str) -> int:
    return klass.lines(kind) if (klass.desk.journal / "results.jsonl").exists() else 0


def wait_for(condition: Callable[[], bool], *, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.02)
