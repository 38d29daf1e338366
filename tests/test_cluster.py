"""The same batch on a Dask cluster: the same gradebook, whatever dies; and no secret on a worker's disk."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.classes import LOOP, WRONG, below, command, environment, grade, write_class
from tests.small_course import RIGHT, write_course
from tests.test_batch import wait_for

pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs the sandbox of Linux"),
    pytest.mark.slow,
]

SLOW = RIGHT.replace("return x.sum()", "__import__('time').sleep(0.3); return x.sum()")
SECRET = "a secret of the tests"


def held(folder: Path, *words: str) -> list[str]:
    """Files that hold one of these words."""
    found = []
    for path in folder.rglob("*"):
        try:
            data = path.read_bytes()
        except OSError:  # a folder, or gone by now
            continue
        found += [str(path) for word in words if word.encode() in data]
    return found


def test_a_worker_that_is_killed_changes_nothing(tmp_path: Path) -> None:
    """Two worker processes, one of them killed amid a submission: the gradebook is that of this machine alone."""
    root = write_course(tmp_path / "course")
    sources = {f"s{number}": SLOW for number in range(8)} | {"bob": WRONG, "cho": LOOP, "eve": ""}
    write_class(root / "in", sources)
    alone = grade("batch", "hw1", "in", "--out", "alone", "--jobs", "2", cwd=root)
    assert alone.returncode == 1, alone.stderr
    disk = tmp_path / "disk"
    disk.mkdir()
    journal = root / "far" / "journal" / "results.jsonl"

    with subprocess.Popen(
        command("batch", "hw1", "in", "--out", "far", "--jobs", "2", "--cluster", "local"),
        cwd=root,
        env=environment(TMPDIR=str(disk)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            wait_for(lambda: journal.exists() and journal.read_text().count('","report","') >= 2, seconds=60)
            on_disk = held(disk, SECRET, "def test_doubled", "too many axes")
            workers = [pid for pid in below(process.pid) if _is_worker(pid)]
            os.kill(workers[0], signal.SIGKILL)
            out, _ = process.communicate(timeout=120)
        finally:
            process.kill()

    assert len(workers) == 2
    assert process.returncode == 1, out
    assert "again  " in out
    for name in ("gradebook.csv", "rejected.csv"):
        assert (root / "far" / name).read_bytes() == (root / "alone" / name).read_bytes()
    assert on_disk == []
    assert held(disk, SECRET, "def test_doubled", "def double") == []


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x"])
def test_a_scheduler_that_does_not_answer_is_told(tmp_path: Path, address: str) -> None:
    root = write_course(tmp_path / "course")
    write_class(root / "in", {"ann": RIGHT})

    done = grade("batch", "hw1", "in", "--cluster", address, cwd=root, DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT="1s")

    assert done.returncode == 2
    assert "no scheduler answers" in done.stderr


def _is_worker(pid: int) -> bool:
    try:
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
