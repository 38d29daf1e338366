"""The command line, as a user types it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.small_course import RIGHT, write_course, write_submission

HEAVY = ("numpy", "pytest", "nbformat", "tensorflow", "rich", "parso", "hypothesis")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_course(tmp_path_factory.mktemp("course"))


def run(*arguments: str | Path, cwd: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run `grade` with a clean environment."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
    command = [sys.executable, "-m", "grader", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env={**kept, **environ}, capture_output=True, encoding="utf-8", timeout=60, check=False
    )


class TestGrade:
    @pytest.mark.parametrize("name", ["hw1", "hw01", "1", "01", "HW1", "hw01_doubling", "doubling"])
    def test_every_name_of_an_assignment(self, root: Path, tmp_path: Path, name: str) -> None:
        """As people write it."""
        done = run(name, write_submission(tmp_path), "-q", cwd=root)

        assert (done.stdout, done.returncode) == ("hw1 100/100\n", 0)

    def test_lost_points_are_exit_code_1(self, root: Path, tmp_path: Path) -> None:
        """And the report is on stdout, whole."""
        done = run("hw1", write_submission(tmp_path, RIGHT.replace("x + x", "x * x")), cwd=root)

        assert done.returncode == 1
        assert "You square where you should double." in done.stdout
        assert done.stderr == ""

    def test_a_rejected_submission_is_exit_code_1(self, root: Path, tmp_path: Path) -> None:
        """It says what to do."""
        empty = tmp_path / "doubling.py"
        empty.touch()

        done = run("hw1", empty, cwd=root)

        assert done.returncode == 1
        assert "empty" in done.stdout

    def test_without_a_path_the_file_here_is_graded(self, root: Path, tmp_path: Path) -> None:
        """Else a folder of its name, else the course's stub."""
        write_submission(tmp_path / "a")
        write_submission(tmp_path / "b" / "hw01_doubling")

        assert run("hw1", "-q", "--course", root, cwd=tmp_path / "a").stdout == "hw1 100/100\n"
        assert run("hw1", "-q", "--course", root, cwd=tmp_path / "b").stdout == "hw1 100/100\n"
        assert run("hw1", "-q", cwd=root).stdout == "hw1 0/100\n"

    def test_the_course_may_be_named_in_the_environment(self, root: Path, tmp_path: Path) -> None:
        """GRADE_COURSE."""
        assert run("hw1", write_submission(tmp_path), "-q", cwd=tmp_path, GRADE_COURSE=str(root)).returncode == 0

    def test_settings_of_somebody_elses_pytest_do_not_count(self, root: Path, tmp_path: Path) -> None:
        """Neither PYTEST_ADDOPTS nor a configuration where one stands."""
        path = write_submission(tmp_path)
        (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
        (tmp_path / "conftest.py").write_text("raise SystemExit(9)\n")

        done = run(
            "hw1", path, "-q", "--course", root, cwd=tmp_path, PYTEST_ADDOPTS="--collect-only", PYTEST_PLUGINS="no_such"
        )

        assert done.stdout == "hw1 100/100\n"

    def test_isolation_none(self, root: Path, tmp_path: Path) -> None:
        """The same result, and the report says how it was reached."""
        done = run("hw1", write_submission(tmp_path), "--isolation", "none", cwd=root)

        assert done.returncode == 0
        assert "isolation: none (a plain subprocess)" in done.stdout


class TestInterrupt:
    @pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl-C cannot be sent to one process there")
    def test_ctrl_c_is_exit_code_130(self, root: Path, tmp_path: Path) -> None:
        """In the middle of a call that does not return."""
        path = write_submission(tmp_path, RIGHT.replace("return x + x", "while True: pass"))
        command = [sys.executable, "-m", "grader", "hw1", str(path), "--plain", "--course", str(root)]
        with subprocess.Popen(
            command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
        ) as done:
            assert done.stderr is not None
            for line in done.stderr:
                if "doubled" in line:  # the first test of `double` has begun
                    break
            done.send_signal(signal.SIGINT)
            out, err = done.communicate(timeout=30)

        assert (done.returncode, out) == (130, "")
        assert err.endswith("interrupted: nothing was graded\n")
        assert "Traceback" not in err


class TestExports:
    def test_stdout_is_the_export_alone(self, root: Path, tmp_path: Path) -> None:
        """`grade hw1 --export json=- | jq` works."""
        done = run("hw1", write_submission(tmp_path), "--export", "json=-", cwd=root)

        assert json.loads(done.stdout)["score"] == 100

    def test_two_formats_at_once(self, root: Path, tmp_path: Path) -> None:
        """The report is drawn beside them."""
        done = run(
            "hw1",
            write_submission(tmp_path),
            "--export",
            f"json={tmp_path / 'r.json'}",
            "--export",
            f"junit={tmp_path / 'r.xml'}",
            cwd=root,
        )

        assert json.loads((tmp_path / "r.json").read_text())["tests"][0]["name"] == "test_doubled"
        assert (tmp_path / "r.xml").read_text().startswith("<?xml")
        assert "100 / 100" in done.stdout

    def test_a_student_learns_nothing_of_a_hidden_test(self, root: Path, tmp_path: Path) -> None:
        """A submission that shouts its arguments is heard by staff only."""
        source = RIGHT.replace("return x + x", "print('LEAK', x.size); raise ValueError(f'LEAK{x.size}')")
        path = write_submission(tmp_path, source)
        told = "".join(run("hw1", path, "--export", f"{kind}=-", cwd=root).stdout for kind in ("json", "junit"))
        told += run("hw1", path, "-v", cwd=root).stdout
        staff = run("hw1", path, "--audience", "staff", "--export", "json=-", cwd=root).stdout

        assert "LEAK6" in told  # the visible test
        assert "LEAK 20" not in told
        assert "LEAK20" not in told
        assert "LEAK20" in staff


class TestReplay:
    def test_one_test_again(self, root: Path, tmp_path: Path) -> None:
        """The same inputs, with everything that is said of them."""
        path = write_submission(tmp_path, RIGHT.replace("x + x", "x * x"))
        report = tmp_path / "r.json"
        run("hw1", path, "--student", "kim", "--audience", "staff", "--export", f"json={report}", cwd=root)

        done = run("replay", report, "test_doubled_large", cwd=root)

        assert "replayed: failed then, failed now\n" in done.stdout
        assert "returned" in done.stdout
        assert done.returncode == 1

    def test_another_submission_is_not_graded(self, root: Path, tmp_path: Path) -> None:
        """Exactly is not possible then; the same one may lie elsewhere."""
        path = write_submission(tmp_path, RIGHT)
        report = tmp_path / "r.json"
        run("hw1", path, "--audience", "staff", "--export", f"json={report}", cwd=root)
        moved = write_submission(tmp_path / "moved", RIGHT)
        other = write_submission(tmp_path / "other", RIGHT.replace("x + x", "x * x"))

        elsewhere = run("replay", report, "test_doubled", "--submission", moved, cwd=root)
        refused = run("replay", report, "test_doubled", "--submission", other, cwd=root)

        assert elsewhere.returncode == 0
        assert "replayed: passed then, passed now\n" in elsewhere.stdout
        assert (refused.returncode, refused.stdout) == (2, "")
        assert refused.stderr.startswith("error: the submission is not the one that was graded")

    def test_a_students_report_cannot_be_replayed(self, root: Path, tmp_path: Path) -> None:
        """It has no seed."""
        report = tmp_path / "r.json"
        run("hw1", write_submission(tmp_path), "--export", f"json={report}", cwd=root)

        done = run("replay", report, "test_doubled", cwd=root)

        assert done.returncode == 2
        assert "--audience staff" in done.stderr


class TestWrongUse:
    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["hw7"], "hw1"),
            (["lst"], "list"),
            (["hw1", "--sed", "3"], "--seed"),
            (["hw1", "no_such_file.py"], "no_such_file.py"),
            (["hw1", "--export", "jsn=x"], "json"),
            (["hw1", "--seed", "xyz"], "not a seed"),
            (["hw1", "--isolation", "ful"], "full"),
            (["hw1", "--only", "test_doubld"], "test_doubled"),
            (["hw1", "--audience", "stuff"], "staff"),
        ],
    )
    def test_is_exit_code_2_with_the_nearest_word(self, root: Path, arguments: list[str], told: str) -> None:
        """On stderr, and nothing on stdout."""
        done = run(*arguments, cwd=root)

        assert (done.returncode, done.stdout) == (2, "")
        assert told in done.stderr
        assert done.stderr.startswith("error: ")

    def test_no_course(self, tmp_path: Path) -> None:
        """What to do is said."""
        done = run("list", cwd=tmp_path)

        assert done.returncode == 2
        assert "--course" in done.stderr


class TestOthers:
    def test_list(self, root: Path) -> None:
        """Id, title, points, functions."""
        done = run("list", cwd=root)

        assert done.returncode == 0
        assert "hw1" in done.stdout
        assert "double, total" in done.stdout

    def test_start_never_overwrites(self, root: Path, tmp_path: Path) -> None:
        """The second time is an error, and the file is as it was."""
        first = run("start", "hw1", tmp_path / "mine", "--course", root, cwd=tmp_path)
        (tmp_path / "mine" / "doubling.py").write_text("mine")

        second = run("start", "hw1", tmp_path / "mine", "--course", root, cwd=tmp_path)

        assert (first.returncode, second.returncode) == (0, 2)
        assert (tmp_path / "mine" / "doubling.py").read_text() == "mine"
        assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == [
            "README.md",
            "doubling.ipynb",
            "doubling.py",
            "test_public.py",
        ]

    def test_build_check_notices_a_stale_stub(self, tmp_path: Path) -> None:
        """And build mends it."""
        root = write_course(tmp_path)
        (root / "assignments/hw01_doubling/doubling.py").write_text("old")

        assert run("build", "--check", cwd=root).returncode == 2
        assert run("build", cwd=root).returncode == 0
        assert run("build", "--check", cwd=root).returncode == 0

    def test_pytest_by_hand(self, root: Path, tmp_path: Path) -> None:
        """An instructor's own pytest, with -k."""
        hidden = root / "solutions/hw01_doubling/test_hidden.py"
        path = write_submission(tmp_path, RIGHT.replace("x.sum()", "x[0].sum()"))
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "grader.plugin",
            "-p",
            "no:cacheprovider",
            "--submission",
            path,
            hidden,
            "-k",
            "doubled or total",
        ]

        done = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=tmp_path, timeout=60, check=False)

        assert "1 failed, 2 passed, 1 deselected" in done.stdout
        assert "total(x (3, 4)) returned" in done.stdout


class TestLazy:
    @pytest.mark.parametrize("arguments", [[], ["push"]])
    def test_a_command_alone_shows_its_help_and_calls_it_no_error(self, root: Path, arguments: list[str]) -> None:
        done = run(*arguments, cwd=root)

        assert done.returncode == 2
        assert done.stderr == run(*arguments, "--help", cwd=root).stdout
        assert done.stdout == ""

    @pytest.mark.parametrize("arguments", [["--help"], ["hw1", "--help"], ["list", "--plain"]])
    def test_nothing_heavy_is_imported(self, root: Path, arguments: list[str]) -> None:
        """Help is instant because it imports nothing that it does not need."""
        script = (
            "import sys; sys.argv = ['grade', *sys.argv[1:]]\n"
            "import atexit\n"
            f"atexit.register(lambda: print(sorted(set(sys.modules) & set({HEAVY!r})), file=sys.stderr))\n"
            "from grader.cli import main; main()"
        )
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments], cwd=root, capture_output=True, encoding="utf-8", check=False
        )

        allowed = ["rich"] if "list" in arguments else []
        assert done.stderr.strip().splitlines()[-1] == str(allowed)
