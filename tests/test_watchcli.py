"""`grade watch`, as a user runs it: in a pipe, in a terminal, until Ctrl-C."""

import contextlib
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.missing import grade_without, is_told
from tests.small_course import RIGHT, write_course, write_submission

WITHIN_S = 60.0
SQUARES = RIGHT.replace("x + x", "x * x")
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_course(tmp_path_factory.mktemp("course"))


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "grader", "watch", *map(str, arguments)]


def environment(**more: str) -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ} | more


def save(path: Path, source: str) -> None:
    fresh = path.with_suffix(".tmp")
    fresh.write_text(source, encoding="utf-8")
    fresh.replace(path)


class Pipe:
    """The command with its output in a pipe."""

    def __init__(self, *arguments: str | Path, cwd: Path) -> None:
        self.process = subprocess.Popen(
            command(*arguments),
            cwd=cwd,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def until(self, text: str) -> list[str]:
        """The lines up to the one that begins so."""
        seen: list[str] = []
        until = time.monotonic() + WITHIN_S
        while not (seen and seen[-1].startswith(text)):
            try:
                seen.append(self._lines.get(timeout=max(0.0, until - time.monotonic())))
            except queue.Empty:
                pytest.fail(f"no line {text!r} after {seen}")
        return seen

    def interrupt(self) -> tuple[int, str]:
        """Press Ctrl-C; the exit code and stderr."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(WITHIN_S)
        assert self.process.stderr is not None
        return code, self.process.stderr.read()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            with contextlib.suppress(ValueError, OSError):
                assert stream is not None
                stream.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with contextlib.suppress(ValueError):
            for line in self.process.stdout:
                self._lines.put(line.rstrip("\n"))


@pytest.fixture
def pipe(root: Path, tmp_path: Path) -> Iterator[Pipe]:
    pipe = Pipe("hw1", write_submission(tmp_path, SQUARES), "--course", root, cwd=tmp_path)
    yield pipe
    pipe.close()


class TestPipe:
    def test_first_the_report_then_a_line_for_each_change(self, pipe: Pipe, tmp_path: Path) -> None:
        """And no escape in it."""
        first = pipe.until("isolation:")
        assert any("You square where you should double." in line for line in first)

        save(tmp_path / "doubling.py", RIGHT.replace("return x.sum()", "return x[0].sum()"))
        changed = pipe.until("hw1 ")

        assert [line for line in changed if not line.startswith(" ")] == [
            "+20: Every number is doubled.",
            "+30: Large arrays too.",
            "+10: More than three axes are refused.",
            "-40: The sum of all.",
            "hw1 60/100",
        ]
        assert changed[-2] == "  hint: You add up the first row only."
        assert not ESCAPES.search("\n".join([*first, *changed]))

    def test_syntax_errors_come_and_go(self, pipe: Pipe, tmp_path: Path) -> None:
        """What parses is graded on, what does not is told, and a mended error is no change."""
        pipe.until("isolation:")
        path = tmp_path / "doubling.py"

        save(path, SQUARES.replace("return x.sum()", "return x.sum("))
        broken = pipe.until("hw1 ")
        save(path, SQUARES)
        mended = pipe.until("hw1 ")

        assert "-40: The sum of all." in broken
        assert mended == ["+40: The sum of all.", "hw1 40/100"]

    def test_a_file_that_is_empty_or_gone_is_told_and_waited_for(self, pipe: Pipe, tmp_path: Path) -> None:
        pipe.until("isolation:")
        path = tmp_path / "doubling.py"

        path.write_text("", encoding="utf-8")
        assert pipe.until("hw1 ")[-1] == "hw1 rejected"
        path.unlink()
        assert pipe.until("there is nothing")
        save(path, SQUARES + "\n# again\n")

        assert pipe.until("hw1 ") == ["no change", "hw1 40/100"]

    def test_ctrl_c_ends_with_the_last_report_s_exit_code(self, pipe: Pipe, tmp_path: Path) -> None:
        """It is how watching ends, so it is no failure of its own."""
        pipe.until("isolation:")
        save(tmp_path / "doubling.py", RIGHT)
        pipe.until("hw1 100/100")

        assert pipe.interrupt() == (0, "")

    def test_points_lost_are_exit_code_1(self, pipe: Pipe) -> None:
        pipe.until("isolation:")

        assert pipe.interrupt() == (1, "")

    def test_a_warm_regrade_is_much_faster_than_a_cold_one(self, pipe: Pipe, root: Path, tmp_path: Path) -> None:
        """Nothing is imported, collected or started again."""
        pipe.until("isolation:")
        warm: list[float] = []
        for count in range(3):
            begin = time.perf_counter()
            save(tmp_path / "doubling.py", SQUARES + f"\n# {count}\n")
            pipe.until("hw1 ")
            warm.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        other = write_submission(tmp_path / "cold", SQUARES)
        cold = [sys.executable, "-m", "grader", "hw1", str(other), "--course", str(root)]
        subprocess.run(cold, cwd=tmp_path, env=environment(), capture_output=True, check=False)

        assert min(warm) < (time.perf_counter() - begin) / 2


class TestWrongUse:
    def run(self, *arguments: str | Path, cwd: Path, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command(*arguments),
            cwd=cwd,
            env=environment(**more),
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    def test_a_path_that_is_not_there_is_exit_code_2(self, root: Path, tmp_path: Path) -> None:
        """A typing error is told, not waited for."""
        done = self.run("hw1", "dubling.py", "--course", root, cwd=tmp_path)

        assert (done.returncode, done.stdout) == (2, "")
        assert "there is no `dubling.py`" in done.stderr

    def test_without_watchfiles_the_command_that_installs_it_is_told(self, root: Path, tmp_path: Path) -> None:
        """One error, exit code 2, no traceback."""
        hide = tmp_path / "hide"
        hide.mkdir()
        done = grade_without("watchfiles", hide, "watch", "hw1", write_submission(tmp_path), "--course", root)

        assert is_told(done, "watchfiles", "watch"), done.stderr


if sys.platform != "win32":
    import fcntl
    import pty
    import struct
    import termios

    class Terminal:
        """The command in a terminal of its own; keeps everything that was written."""

        def __init__(self, *arguments: str | Path, cwd: Path, lines: int = 40) -> None:
            self._main, worker = pty.openpty()
            fcntl.ioctl(worker, termios.TIOCSWINSZ, struct.pack("HHHH", lines, 80, 0, 0))
            self.process = subprocess.Popen(
                command(*arguments),
                cwd=cwd,
                env=environment(TERM="xterm"),
                stdin=worker,
                stdout=worker,
                stderr=worker,
                start_new_session=True,
                preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that Ctrl-C is a key
            )
            os.close(worker)
            self.text = ""
            threading.Thread(target=self._read, daemon=True).start()

        def until(self, text: str, *, after: int = 0) -> int:
            """Wait for a text; where what follows it begins."""
            until = time.monotonic() + WITHIN_S
            while text not in self.text[after:]:
                assert time.monotonic() < until, self.text[after:]
                time.sleep(0.01)
            return self.text.index(text, after) + len(text)

        def frames(self) -> list[list[str]]:
            """Each drawing of the screen, as lines without escapes."""
            drawings = self.text.split("\x1b[H")[1:]
            return [ESCAPES.sub("", each).split("\r\n") for each in drawings]

        def press(self, key: bytes) -> None:
            os.write(self._main, key)

        def close(self) -> None:
            self.process.kill()
            self.process.wait()
            os.close(self._main)

        def _read(self) -> None:
            with contextlib.suppress(OSError):
                while data := os.read(self._main, 65536):
                    self.text += data.decode("utf-8", "replace")

    class TestTerminal:
        @pytest.fixture
        def terminal(self, root: Path, tmp_path: Path) -> Iterator[Terminal]:
            terminal = Terminal("hw1", write_submission(tmp_path, SQUARES), "--course", root, cwd=tmp_path)
            yield terminal
            terminal.close()

        def test_the_screen_is_redrawn_in_place(self, terminal: Terminal, tmp_path: Path) -> None:
            """What changed stands first; nothing scrolls."""
            at = terminal.until("graded in")
            save(tmp_path / "doubling.py", SQUARES.replace("x.sum()", "x[0].sum()"))
            terminal.until("graded in", after=at)

            before, after = terminal.frames()[-2:]
            assert before[0].startswith("hw1  Doubling")
            assert after[0] == "-40: The sum of all."
            assert "hint  You add up the first row only." in "\n".join(after)
            assert all(len(frame) <= 40 for frame in terminal.frames())
            assert "\x1b[2J" not in terminal.text

        def test_ctrl_c_leaves_the_terminal_with_the_last_report(self, terminal: Terminal) -> None:
            """The first screen comes back, with its cursor, and the report is what stays."""
            terminal.until("graded in")

            terminal.press(b"\x03")

            assert terminal.process.wait(WITHIN_S) == 1
            terminal.until("isolation:", after=terminal.until("\x1b[?1049l"))
            assert terminal.text.index("\x1b[?25h") < terminal.text.index("\x1b[?1049l")
            assert "interrupted" not in terminal.text

        def test_a_low_terminal_shows_what_is_left_to_do(self, root: Path, tmp_path: Path) -> None:
            """What passed is left out first, then the end; the state stays in sight."""
            path = write_submission(tmp_path, SQUARES)
            terminal = Terminal("hw1", path, "--course", root, cwd=tmp_path, lines=12)
            try:
                terminal.until("graded in")
                frame = terminal.frames()[-1]

                assert len(frame) <= 12
                assert not any(line.startswith("pass") for line in frame)
                assert frame[-1].endswith("Ctrl-C ends")
                assert any(line.startswith("FAIL") for line in frame)
            finally:
                terminal.close()
