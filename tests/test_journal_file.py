"""What a journal survives: SIGKILL at any moment, a cut at any byte, bit rot, a full disk, a second writer."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.cohort import Delivery
from grader.errors import UsageError
from grader.journal import Conditions, Journal, JournalError
from tests.builders import make_report, make_result

ROOT = Path(__file__).parents[1]
DIGEST, SEED = 64 * "a", 5
ALICE = Delivery(student="alice", path=Path("in/alice"))
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and limits")

# Each acknowledged number is one result in the journal.
WRITER = """
import os, sys
from pathlib import Path
from grader.journal import Conditions, Journal
from tests.builders import make_result

folder, first = Path(sys.argv[1]), int(sys.argv[2])
journal = Journal.open(folder, assignment="hw1")
os.write(1, b"open\\n")
number = first
while True:
    name = f"test_{number}"
    conditions = Conditions(tests={name: "f"}, environment="e")
    journal.add_test(conditions.key(64 * "a", name, 5), make_result(name=name, log="x" * (number % 3000)))
    os.write(1, b"%d\\n" % number)
    number += 1
"""


def start_writer(folder: Path, first: int = 0, script: str = WRITER) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(folder), str(first)], cwd=ROOT, stdout=subprocess.PIPE, bufsize=0
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"open\n"
    return process


def numbered(upto: int) -> Conditions:
    return Conditions(tests={f"test_{number}": "f" for number in range(upto)}, environment="e")


def kill(process: subprocess.Popen[bytes]) -> list[int]:
    """Kill it, and return what it had acknowledged and nobody had read yet."""
    process.kill()
    assert process.stdout is not None
    rest = process.stdout.read()
    process.wait()
    process.stdout.close()
    return [int(line) for line in rest.splitlines(keepends=True) if line.endswith(b"\n")]


def fill(folder: Path, count: int) -> None:
    """Write `count` small results and a report of them all."""
    conditions = numbered(count)
    results = [make_result(name=f"test_{number}", title="A title.") for number in range(count)]
    with Journal.open(folder, assignment="hw1") as journal:
        for result in results:
            journal.add_test(conditions.key(DIGEST, result.case.name, SEED), result)
        journal.add_report(ALICE, make_report(digest=DIGEST, seed=SEED, results=results), conditions)


def standing(journal: Journal, count: int) -> int:
    """How many of the results are there, plus one for the report."""
    latest = journal.latest(ALICE)
    return len(journal.known(DIGEST, numbered(count), SEED)) + (latest is not None)


@POSIX
class TestKilled:
    @pytest.mark.slow
    def test_what_was_acknowledged_is_there_after_every_kill(self, tmp_path: Path) -> None:
        draw = random.Random(7)
        acknowledged = -1
        for _ in range(15):
            writer = start_writer(tmp_path, acknowledged + 1)
            time.sleep(draw.uniform(0, 0.08))
            acknowledged = max([acknowledged, *kill(writer)])
            with Journal.open(tmp_path, assignment="hw1") as journal:
                known = journal.known(DIGEST, numbered(acknowledged + 2), SEED)
                assert set(known) >= {f"test_{number}" for number in range(acknowledged + 1)}
                assert all("cannot be read" not in notice.text for notice in journal.notices)
        assert acknowledged > 100

    def test_a_reader_sees_all_that_was_acknowledged_before_it_came(self, tmp_path: Path) -> None:
        conditions = numbered(100_000)
        writer = start_writer(tmp_path)
        assert writer.stdout is not None
        try:
            for _ in range(5):
                last = [int(writer.stdout.readline()) for _ in range(100)][-1]
                with Journal.read(tmp_path) as journal:
                    assert len(journal.known(DIGEST, conditions, SEED)) > last
                    assert all("cannot be read" not in notice.text for notice in journal.notices)
        finally:
            kill(writer)

    def test_a_second_writer_is_refused_until_the_first_is_dead(self, tmp_path: Path) -> None:
        writer = start_writer(tmp_path)
        try:
            with pytest.raises(UsageError, match=f"being written by process {writer.pid} on"):
                Journal.open(tmp_path, assignment="hw1")
        finally:
            kill(writer)

        Journal.open(tmp_path, assignment="hw1").close()

    def test_an_orphan_of_a_dead_writer_does_not_hold_the_lock(self, tmp_path: Path) -> None:
        """A batch forks grader processes; one that hangs must not keep the journal."""
        forking = WRITER.replace('os.write(1, b"open', 'import time; os.fork() or time.sleep(60); os.write(1, b"open')
        writer = subprocess.Popen(
            [sys.executable, "-c", forking, str(tmp_path), "0"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        try:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"open\n"
            writer.kill()
            writer.wait()
            Journal.open(tmp_path, assignment="hw1").close()
            os.killpg(writer.pid, 0)  # the orphan is alive
        finally:
            os.killpg(writer.pid, signal.SIGKILL)
            assert writer.stdout is not None
            writer.stdout.close()


class TestOneWriter:
    def test_the_same_process_is_refused_too_and_keeps_its_lock(self, tmp_path: Path) -> None:
        """A POSIX lock says nothing to its own process, and is lost with any descriptor of the file."""
        with Journal.open(tmp_path, assignment="hw1") as journal:
            with pytest.raises(UsageError, match="being written by this process"):
                Journal.open(tmp_path, assignment="hw1")
            other = subprocess.run(
                [sys.executable, "-c", WRITER, str(tmp_path), "0"], cwd=ROOT, capture_output=True, check=False
            )
            assert f"being written by process {os.getpid()} on".encode() in other.stderr
            journal.begin(ALICE, DIGEST, attempt=1)

        Journal.open(tmp_path, assignment="hw1").close()

    def test_a_file_of_a_dead_owner_of_the_same_number_holds_nothing(self, tmp_path: Path) -> None:
        """In a container each batch is process 7."""
        (tmp_path / "results.owner").write_text(f"{os.getpid()} 0123456789abcdef host\n", encoding="utf-8")

        Journal.open(tmp_path, assignment="hw1").close()

    def test_readers_need_no_lock(self, tmp_path: Path) -> None:
        with Journal.open(tmp_path, assignment="hw1"), Journal.read(tmp_path) as reader:
            assert reader.assignment == "hw1"

    @POSIX
    def test_nobody_else_may_read_it(self, tmp_path: Path) -> None:
        """It holds grades, and what hidden tests passed."""
        Journal.open(tmp_path, assignment="hw1").close()

        assert (tmp_path / "results.jsonl").stat().st_mode & 0o077 == 0


class TestTorn:
    @pytest.mark.slow
    def test_a_cut_at_any_byte_costs_the_last_record_at_most(self, tmp_path: Path) -> None:
        fill(tmp_path / "whole", 3)
        whole = (tmp_path / "whole" / "results.jsonl").read_bytes()
        ends = [index + 1 for index, byte in enumerate(whole) if byte == 0x0A]
        for cut in range(len(whole)):
            folder = tmp_path / "cut"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            (folder / "results.jsonl").write_bytes(whole[:cut])
            records = sum(end <= cut for end in ends)

            with Journal.read(folder) as journal:
                assert standing(journal, 3) == max(0, records - 1)  # the first line is the header
                read_notices = journal.notices
            with Journal.open(folder, assignment="hw1") as journal:
                assert standing(journal, 3) == max(0, records - 1)
                assert journal.notices == read_notices
                assert len(journal.notices) == (0 if cut in (0, *ends) else 1)
                assert all("the last record is not whole" in notice.text for notice in journal.notices)
            rest = (folder / "results.jsonl").read_bytes()
            assert rest == whole[: ([0, *ends])[records]] or records == 0

    def test_it_goes_on_after_a_cut(self, tmp_path: Path) -> None:
        fill(tmp_path, 3)
        path = tmp_path / "results.jsonl"
        path.write_bytes(path.read_bytes()[:-10])
        fill(tmp_path, 3)

        with Journal.read(tmp_path) as journal:
            assert standing(journal, 3) == 4
            assert journal.notices == ()

    def test_a_rotten_byte_costs_its_own_record(self, tmp_path: Path) -> None:
        """A rotten line break joins two lines, so it costs both."""
        fill(tmp_path / "whole", 4)
        whole = (tmp_path / "whole" / "results.jsonl").read_bytes()
        starts = [0, *(index + 1 for index, byte in enumerate(whole) if byte == 0x0A)]
        for position in range(0, len(whole), 3):
            folder = tmp_path / "rotten"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            rotten = bytearray(whole)
            rotten[position] ^= 0x15
            (folder / "results.jsonl").write_bytes(rotten)
            with Journal.open(folder, assignment="hw1") as journal:
                results = len(journal.known(DIGEST, numbered(4), SEED))
                assert 4 - results <= (2 if whole[position] == 0x0A else 1)
                assert results == 4 or starts[1] <= position < starts[5] or whole[position] == 0x0A
                assert journal.notices

    def test_a_report_whose_result_is_lost_is_not_made_up(self, tmp_path: Path) -> None:
        fill(tmp_path, 3)
        path = tmp_path / "results.jsonl"
        path.write_bytes(path.read_bytes().replace(b'"test":"test_1"', b'"test":"test_7"'))

        with Journal.open(tmp_path, assignment="hw1") as journal:
            assert journal.latest(ALICE) is None
            assert journal.finished(ALICE, DIGEST, numbered(3), SEED) is None
            assert set(journal.known(DIGEST, numbered(3), SEED)) == {"test_0", "test_2"}
            assert "1 of 3 results of alice" in journal.notices[-1].text
        fill(tmp_path, 3)

        with Journal.read(tmp_path) as journal:
            assert standing(journal, 3) == 4

    def test_zeros_after_a_power_failure_are_cut_off(self, tmp_path: Path) -> None:
        fill(tmp_path, 3)
        with (tmp_path / "results.jsonl").open("ab") as file:
            file.write(bytes(5000))

        with Journal.open(tmp_path, assignment="hw1") as journal:
            assert standing(journal, 3) == 4
            assert "5000 bytes" in journal.notices[0].text


def write_until_refused(journal: Journal, first: int = 0) -> int:
    """Append until the disk is full; return the number that did not fit."""
    for number in range(first, 100_000):
        name = f"test_{number}"
        try:
            journal.add_test(numbered(number + 1).key(DIGEST, name, SEED), make_result(name=name, log="x" * 700))
        except JournalError:
            return number
    raise AssertionError("the disk is never full")


def assert_all_there(folder: Path, count: int) -> None:
    with Journal.read(folder) as journal:
        assert len(journal.known(DIGEST, numbered(count), SEED)) == count
        assert journal.notices == ()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 96 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if mount is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    mounted = subprocess.run([mount, "-t", "tmpfs", "-o", "size=96k", "tmpfs", str(disk)], check=False)
    if mounted.returncode != 0:
        pytest.skip("nothing can be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@POSIX
class TestFullDisk:
    def test_the_run_goes_on_once_there_is_room(self, small_disk: Path) -> None:
        ballast = small_disk / "ballast"
        ballast.write_bytes(bytes(40_000))
        folder = small_disk / "journal"
        with Journal.open(folder, assignment="hw1") as journal:
            refused = write_until_refused(journal)
            assert_all_there(folder, refused)
            ballast.unlink()
            again = write_until_refused(journal, refused)

        assert again > refused > 10
        assert_all_there(folder, again)

    def test_a_new_journal_on_a_full_disk_is_refused_clearly(self, small_disk: Path) -> None:
        (small_disk / "journal").mkdir()
        (small_disk / "ballast").write_bytes(bytes(shutil.disk_usage(small_disk).free))

        with pytest.raises(JournalError, match="No space") as caught:
            Journal.open(small_disk / "journal", assignment="hw1")
        assert (caught.value.exit_code, "make room" in caught.value.fix) == (3, True)
        (small_disk / "ballast").unlink()

        Journal.open(small_disk / "journal", assignment="hw1").close()

    def test_a_limit_in_the_middle_of_a_record_tears_nothing(self, tmp_path: Path) -> None:
        """A file may not grow beyond 20,011 bytes: a write that ends there is short, the next one fails."""
        import resource  # POSIX only

        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        with Journal.open(tmp_path, assignment="hw1") as journal:
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_011, hard))
            try:
                refused = write_until_refused(journal)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            assert_all_there(tmp_path, refused)
            journal.add_test(
                numbered(refused + 1).key(DIGEST, f"test_{refused}", SEED), make_result(name=f"test_{refused}")
            )

        assert_all_there(tmp_path, refused + 1)


def test_an_open_journal_holds_places_and_not_contents(tmp_path: Path) -> None:
    """200 submissions of 30 tests with 1 kB each are 6 MB in the file; ten thousand must fit."""
    conditions = numbered(30)
    results = [make_result(name=name, log="x" * 1000) for name in conditions.tests]
    with Journal.open(tmp_path, assignment="hw1") as journal:
        for seed in range(200):
            for result in results:
                journal.add_test(conditions.key(DIGEST, result.case.name, seed), result)

    tracemalloc.start()
    with Journal.read(tmp_path) as journal:
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(journal.known(DIGEST, conditions, 199)) == 30
    assert (tmp_path / "results.jsonl").stat().st_size > 6_000_000
    assert held < 600_000


def interrupted_writes(monkeypatch: pytest.MonkeyPatch, journal: Journal) -> Callable[[], None]:
    """Let Ctrl-C come after a part of a record is written."""
    lines = journal._lines
    real = lines._file

    class Interrupted:
        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

        def write(self, data: memoryview) -> int:
            real.write(data[:20])
            raise KeyboardInterrupt

    monkeypatch.setattr(lines, "_file", Interrupted())
    return lambda: monkeypatch.setattr(lines, "_file", real)


def test_ctrl_c_within_a_write_leaves_a_complete_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, 3)
    with Journal.open(tmp_path, assignment="hw1") as journal:
        resume = interrupted_writes(monkeypatch, journal)
        with pytest.raises(KeyboardInterrupt):
            journal.begin(ALICE, DIGEST, attempt=1)
        resume()
        journal.begin(ALICE, DIGEST, attempt=2)

    with Journal.read(tmp_path) as journal:
        assert journal.begun(ALICE, DIGEST) == 2
        assert journal.notices == ()
