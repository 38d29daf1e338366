"""The launcher for machines without namespaces, Landlock and seccomp: a plain subprocess over the same wire.

In: a Load message and Limits. Out: a Box. It guards against loops, crashes and full disks of output, not against
malice: a student's own machine. The process answers every test of the submission in turn and is started
anew after one that did not end well, because starting Python and NumPy for each test takes a third of a second.
"""

import contextlib
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
from grader.sandbox import wire
from grader.sandbox.boxes import Box, Ended, Output, Session, dead_session, load_submission
from grader.sandbox.client import LAYERS, worker_environment

START_S = 60.0
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
        """The process that is there, or a new one; `seed` only orders a fresh process's generators."""
        if self._process is None:
            self._process = self._start()
        if self._process is None:
            assert self.failure is not None
            return dead_session(limits, self.failure)
        process = self._process
        output = Output(process.take_output(), output_kb=limits.output_kb)
        return Session(
            connection=process.connection.dup(),
            output=output,
            limits=limits,
            end=self._end,
            finish=process.release_output,
        )

    def close(self) -> None:
        """Kill the process and what it started, and remove its scratch folder."""
        if self._process is not None:
            self._process.kill()
        self._process = None

    def _end(self, kill: bool) -> Ended:
        process, self._process = self._process, None
        return process.kill(wait_s=0.0 if kill else 1.0) if process is not None else Ended(status=-1)

    def _start(self) -> "_Process | None":
        process = _Process(self._limits, self._preload, self._environ)
        output = Output(process.take_output(), output_kb=self._limits.output_kb)
        self.setbacks, self.failure = load_submission(
            process.connection, self._message, import_s=self._limits.import_s, output=output
        )
        process.release_output()
        self.printed = output.finish()
        if self.failure is None:
            return process
        process.kill()
        return None


class _Process:
    """A started worker: its connection, and a thread that moves what it prints into the current test's pipe."""

    def __init__(self, limits: Limits, preload: Sequence[str], environ: Mapping[str, str]) -> None:
        self._scratch = tempfile.mkdtemp(prefix="grade-")
        self._lock = threading.Lock()
        self._sink = -1
        token = secrets.token_hex(16)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(START_S)
            command = [
                sys.executable,
                "-I",
                "-B",
                "-c",
                _START,
                str(Path(__file__).parents[2]),
                str(listener.getsockname()[1]),
            ]
            self._process = subprocess.Popen(
                [*command, token, str(limits.reply_mb << 20), str(limits.memory_mb), self._scratch, *preload],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=worker_environment(environ)
                | {"HOME": self._scratch, "TMPDIR": self._scratch, "TEMP": self._scratch},
                start_new_session=True,
            )
            self._pump = threading.Thread(target=self._move_output, daemon=True)
            self._pump.start()
            self.connection = self._accept(listener, token)

    def take_output(self) -> int:
        """Direct what is printed from now on into a new pipe; return its reading end."""
        reader, writer = os.pipe()
        self.release_output()
        with self._lock:
            self._sink = writer
        return reader

    def release_output(self) -> None:
        """Let what is printed from now on go nowhere."""
        with self._lock:
            if self._sink >= 0:
                os.close(self._sink)
            self._sink = -1

    def kill(self, *, wait_s: float = 0.0) -> Ended:
        """End the process and its session; return how it ended if it had ended by itself."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(wait_s)
        if hasattr(os, "killpg"):
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        code = self._process.wait()
        self.connection.close()
        self._pump.join(1.0)
        self.release_output()
        shutil.rmtree(self._scratch, ignore_errors=True)
        return Ended(status=-code if code < 0 else code << 8)

    def _accept(self, listener: socket.socket, token: str) -> socket.socket:
        """The first connection that knows the token; anyone else on this machine is turned away."""
        deadline = time.monotonic() + START_S
        while self._process.poll() is None and time.monotonic() < deadline:
            connection, _ = listener.accept()
            connection.settimeout(5.0)
            with contextlib.suppress(OSError):
                if hmac.compare_digest(connection.recv(len(token), socket.MSG_WAITALL), token.encode()):
                    connection.settimeout(None)
                    return connection
            connection.close()
        raise SandboxError("a worker process did not start", fix="run `grade doctor`, then grade again")

    def _move_output(self) -> None:
        assert self._process.stdout is not None
        source = self._process.stdout.fileno()
        while data := os.read(source, 1 << 16):
            with self._lock, contextlib.suppress(OSError):
                if self._sink >= 0:
                    os.set_blocking(self._sink, False)  # a reader that does not come loses the rest, we never wait
                    os.write(self._sink, data)
