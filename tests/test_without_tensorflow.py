"""Where TensorFlow is not installed: what needs it says so in time, and everything else goes on."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_ABSENT = ("tensorflow", "keras", "h5py")


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every installed package but TensorFlow's, in a folder of links."""
    folder = tmp_path_factory.mktemp("packages")
    for installed in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for entry in Path(installed).iterdir():
            # An editable install's finder, and what pip leaves while it works, are no packages.
            if not entry.name.casefold().startswith((*_ABSENT, "__editable__", "~")):
                (folder / entry.name).symlink_to(entry)
    return folder


def grade(packages: Path, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run `grade` by an interpreter that knows no other packages."""
    script = "import sys; sys.path += sys.argv[1:3]; del sys.argv[1:3]; from grader.cli import main; main()"
    command = [sys.executable, "-S", "-E", "-c", script, str(ROOT), str(packages), *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=120, check=False, env={})


@pytest.mark.parametrize("assignment", ["hw9", "09", "lenet", "hw09_lenet"])
def test_a_training_assignment_says_how_to_install_it(packages: Path, assignment: str) -> None:
    done = grade(packages, assignment, ROOT / "solutions" / "hw09_lenet" / "lenet.py")

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "error: hw9 needs tensorflow, which is not installed",
        "  at   assignments/hw09_lenet/assignment.toml, requires",
        '  fix: pip install "cnn-autograde[tensorflow]"',
    ]


def test_it_is_said_before_anything_is_read(packages: Path, tmp_path: Path) -> None:
    done = grade(packages, "hw9", tmp_path / "nothing.py")

    assert done.returncode == 2
    assert "pip install" in done.stderr
    assert "nothing.py" not in done.stderr


def test_an_assignment_of_arrays_is_graded_all_the_same(packages: Path) -> None:
    done = grade(packages, "hw1", ROOT / "solutions" / "hw01_convolution" / "convolution.py", "-q")

    assert (done.stdout, done.stderr, done.returncode) == ("hw1 100/100\n", "", 0)


def test_it_is_listed_all_the_same(packages: Path) -> None:
    done = grade(packages, "list")

    assert done.returncode == 0
    assert "hw9" in done.stdout


def test_it_can_be_started_all_the_same(packages: Path, tmp_path: Path) -> None:
    """The handout is read first."""
    done = grade(packages, "start", "hw9", tmp_path / "hw9")

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "hw9" / "lenet.py").is_file()
