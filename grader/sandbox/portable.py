"""The launcher for machines without namespaces, Landlock and seccomp: a plain subprocess over the same wire.

In: a Load message and Limits. Out: a Box. It guards against loops, crashes and endless output, not against
malice: a student's own machine. The process answers every test of the submission in turn and is started
anew after one that did not end well, because starting Python and NumPy for each test takes a third of a second.
"""

import contextlib
import functools
import hmac
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.errors import SandboxError
from grader.records import Layer, Limits
from grader.sandbox import plain, wire
from grader.sandbox.boxes import Box, Ended, Session, dead_session, load_submission
from grader.sandbox.environment import LAYERS, PYTHON_OPTIONS, worker_environment
from grader.sandbox.output import Printed

START_S = 60.0
FLUSH_S = 1.0  # for what was printed to come through its pipe
_START = "import sys; sys.path.append(sys.argv[1]); from grader.sandbox import worker; worker.main(*sys.argv[2:])"


class PortableLauncher:
    """Starts plain subprocesses; keeps nothing between submissions."""

    def __init__(self, *, preload: Sequence[str] = (), environ: Mapping[str, str] | None = None) -> None:
        self._preload = tuple(preload)
        self._environ = dict(environ or {})

    def open(self, message: wire.Load, limits: Limits) -> "PortableBox":
        """Start a process for one submission, and load it."""
        return PortableBox(message, limits, self._preload, self._environ)

    def close(self) -> None:
        """Nothing to end: each box ends its own process."""

    def __enter__(self) -> "PortableLauncher":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class PortableBox(Box):
    """One submission in a process of its own, started anew when it had to be killed."""

    def __init__(self, message: wire.Load, limits: Limits, preload: Sequence[str], environ: Mapping[str, str]) -> None:
        self.layers = tuple(Layer(name=title, active=False, detail="a plain subprocess") for title in LAYERS.values())
        self._message = message
        self._limits = limits
        self._preload = preload
        self._environ = environ
        self._process: _Process | None = self._start()

    def session(self, limits: Limits, *, seed: int) -> Session:
        """The process that is there, or a new one; its generators go on where they are, whatever the seed."""
        if self._process is None:
            self._process = self._start()
        if self._process is None:
            assert self.failure is not None
            return dead_session(limits, self.failure)
        session = Session(
            connection=self._process.connection.dup(),
            output=self._process.collect(limits.output_kb),
            limits=limits,
            end=self._end,
            finish=lambda: None,
        )
        session.finish = functools.partial(self._finish, self._process, session)
        return session

    def close(self) -> None:
        """Kill the process and what it started, and remove its scratch folder."""
        self._end(True)

    def _end(self, kill: bool) -> Ended:
        process, self._process = self._process, None
        return process.kill(wait_s=0.0 if kill else 1.0) if process is not None else Ended()

    def _finish(self, process: "_Process", session: Session) -> None:
        """Keep the process for the next test, if it has said all and no more."""
        complete = process.await_marks(session.answers)
        try:
            wire.check_silent(process.connection)
        except (plain.WireError, wire.WireClosed):
            complete = False
        if not complete and process is self._process:
            self._end(True)

    def _start(self) -> "_Process | None":
        process = _Process(self._limits, self._preload, self._environ)
        output = process.collect(self._limits.output_kb)
        self.setbacks, self.failure = load_submission(
            process.connection,
            self._message,
            limits=self._limits,
            output=output,
            end=lambda at_once: process.kill(wait_s=0.0 if at_once else 1.0),
        )
        if self.failure is None:
            process.await_marks(1)
        self.printed = output.finish()
        return process if self.failure is None else None


class _Process:
    """A started worker: its connection, and a thread that hands what it prints to the current test."""

    def __init__(self, limits: Limits, preload: Sequence[str], environ: Mapping[str, str]) -> None:
        self._scratch = tempfile.mkdtemp(prefix="grade-")
        self._token = secrets.token_hex(16).encode()
        self._news = threading.Condition()
        self._printed = Printed(output_kb=limits.output_kb)
        self._marks = 0
        self._silent = False  # nothing can come any more
        with contextlib.ExitStack() as undo:
            undo.callback(shutil.rmtree, self._scratch, ignore_errors=True)
            listener = undo.enter_context(socket.create_server(("127.0.0.1", 0)))
            command = [sys.executable, *PYTHON_OPTIONS, "-c", _START, str(Path(__file__).parents[2])]
            numbers = [listener.getsockname()[1], limits.reply_mb << 20, limits.memory_mb]
            self._process = subprocess.Popen(
                [*command, *map(str, numbers), self._scratch, *preload],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=self._scratch,
                env=worker_environment(environ) | self._own_environment(),
                start_new_session=True,
            )
            undo.callback(self._kill_tree)
            self._pump = threading.Thread(target=self._move_output, daemon=True)
            self._pump.start()
            self.connection = self._accept(listener)
            undo.pop_all()
            listener.close()

    def collect(self, output_kb: int) -> Printed:
        """Gather what is printed from now on."""
        with self._news:
            self._printed = Printed(output_kb=output_kb)
            self._marks = 0
            return self._printed

    def await_marks(self, count: int) -> bool:
        """Wait until what was printed before that many answers has come; False where it does not."""
        with self._news:
            return self._news.wait_for(lambda: self._marks >= count or self._silent, FLUSH_S) and not self._silent

    def kill(self, *, wait_s: float = 0.0) -> Ended:
        """End the process and what it started; return how it ended if it had ended by itself."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(wait_s)
        code = self._kill_tree()
        self.connection.close()
        shutil.rmtree(self._scratch, ignore_errors=True)
        return Ended(code=code)

    def _kill_tree(self) -> int:
        if hasattr(os, "killpg"):
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        code = self._process.wait()
        _kill_marked(b"GRADE_SCRATCH=" + os.fsencode(self._scratch) + b"\0")
        self._pump.join(FLUSH_S)
        if not self._pump.is_alive() and self._process.stdout is not None:
            self._process.stdout.close()
        return code

    def _own_environment(self) -> dict[str, str]:
        names = ("HOME", "TMPDIR", "TEMP", "TMP", "GRADE_SCRATCH")
        return dict.fromkeys(names, self._scratch) | {"GRADE_TOKEN": self._token.decode()}

    def _accept(self, listener: socket.socket) -> socket.socket:
        """The first connection that knows the token; anyone else on this machine is turned away."""
        listener.settimeout(0.2)
        deadline = time.monotonic() + START_S
        while self._process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                connection.settimeout(5.0)
                with contextlib.suppress(OSError):
                    if hmac.compare_digest(connection.recv(len(self._token), socket.MSG_WAITALL), self._token):
                        return connection
                connection.close()
        self._kill_tree()
        raise SandboxError(
            "a worker process did not start",
            where=self._printed.finish() or f"exit code {self._process.returncode}",
            fix="run `grade doctor`, then grade again",
        )

    def _move_output(self) -> None:
        """Read all that is printed; a token in it says that the next answer follows."""
        assert self._process.stdout is not None
        source, rest = self._process.stdout.fileno(), b""
        while data := os.read(source, 1 << 16):
            *parts, rest = (rest + data).split(self._token)
            sure = max(0, len(rest) - len(self._token))  # the rest may be a token's beginning
            with self._news:
                self._printed.add(b"".join(parts) + rest[:sure])
                self._marks += len(parts)
                self._news.notify_all()
            rest = rest[sure:]
        with self._news:
            self._printed.add(rest)
            self._silent = True
            self._news.notify_all()


def _kill_marked(mark: bytes) -> None:
    """Kill what left the process's session but still has its environment; only Linux lets us look."""
    for _ in range(20):
        found = 0
        for entry in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if mark in entry.read_bytes():
                    os.kill(int(entry.parent.name), signal.SIGKILL)
                    found += 1
        if not found:
            return
        time.sleep(0.005)
