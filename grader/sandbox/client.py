"""The trusted end of the fork server: one per grader process, a box per submission, a fork per test.

In: a Load message and Limits. Out: a Box. Linux only; `portable` is the launcher for other machines.
A supervisor or fork server that does not answer is a SandboxError: our fault, nobody's zero.
"""

import contextlib
import itertools
import os
import select
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.errors import SandboxError
from grader.records import Layer, Limits
from grader.sandbox import control, wire
from grader.sandbox.boxes import Box, Ended, Output, Session, closing_descriptors, dead_session, load_submission

#: Every layer by name, with what a report calls it.
LAYERS = {
    "mount": "mount namespace",
    "pid": "PID namespace",
    "ipc": "IPC namespace",
    "network": "network namespace",
    "user": "user namespace",
    "uid": "unprivileged user",
    "limits": "resource limits",
    "privileges": "no privileges",
    "landlock": "Landlock",
    "seccomp": "seccomp",
}
NAMESPACES = frozenset({"mount", "pid", "ipc", "network", "user"})
START_S = 120.0  # an import of TensorFlow on a busy machine
ANSWER_S = 10.0  # for our own processes
FIRST_UID = 61000
UIDS = 2000

_START = (
    "import sys; sys.path.append(sys.argv[1]); from grader.sandbox import forkserver; forkserver.main(*sys.argv[2:])"
)


class ForkServer:
    """A clean process that forks confined workers.

    Args:
        layers: the layers to try; those that the machine refuses are reported, not silently missing.
        preload: packages to import once, before any submission ("tensorflow").
        environ: the few variables that the interpreter itself may need to start.
    """

    def __init__(
        self,
        *,
        layers: Sequence[str] = tuple(LAYERS),
        preload: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._numbers = itertools.count(1)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        package_root = str(Path(__file__).parents[2])
        try:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-I",
                    "-B",
                    "-c",
                    _START,
                    package_root,
                    str(theirs.fileno()),
                    ",".join(layers),
                    *preload,
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                cwd="/",
                env=worker_environment(environ or {}),
                start_new_session=True,
            )
        finally:
            theirs.close()
        self.state = self._expect(control.Ready, START_S).layers
        self.layers = [name for name in layers if not self.state.get(name)]

    def open(self, message: wire.Load, limits: Limits) -> "ForkedBox":
        """Start a supervisor and a zygote for one submission, and load it."""
        number = next(self._numbers)
        grader, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        load, load_theirs = socket.socketpair()
        reader, writer = os.pipe()
        spawn = control.Spawn(
            box=number,
            uid=FIRST_UID + (os.getpid() * 31 + number) % UIDS,
            layers=self.layers,
            import_s=limits.import_s,
            memory_mb=limits.memory_mb,
            processes=limits.processes,
            reply_bytes=limits.reply_mb << 20,
        )
        with closing_descriptors(theirs.detach(), load_theirs.detach(), writer) as descriptors:
            try:
                control.send(self._control, spawn, descriptors)
            except OSError as error:
                raise self._broken() from error
        output = Output(reader, output_kb=limits.output_kb)
        return ForkedBox(self, number, grader, load, output, message, limits)

    def reap(self, number: int) -> None:
        """Return when nothing of that box is left."""
        try:
            control.send(self._control, control.Reap(number))
        except OSError as error:
            raise self._broken() from error
        self._expect(control.Reaped, ANSWER_S)

    def close(self) -> None:
        """End the fork server and all below it."""
        self._control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(ANSWER_S)
        self._process.kill()
        self._process.wait()
        self._log.close()

    def __enter__(self) -> "ForkServer":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _expect(self, kind: type[Any], seconds: float) -> Any:
        return expect(self._control, kind, seconds, self._broken)

    def _broken(self) -> SandboxError:
        self._log.seek(0)
        tail = self._log.read().decode("utf-8", "replace")[-2000:].strip()
        return SandboxError(
            "the fork server does not answer",
            where=tail or "grader/sandbox/forkserver.py",
            fix="run `grade doctor`, then grade again",
        )


class ForkedBox(Box):
    """One submission under a supervisor of its own."""

    def __init__(
        self,
        server: ForkServer,
        number: int,
        grader: socket.socket,
        load: socket.socket,
        output: Output,
        message: wire.Load,
        limits: Limits,
    ) -> None:
        self._server = server
        self._number = number
        self._control = grader
        self._message = message
        self._limits = limits
        self._pending = False  # an End was sent whose answer was not read yet
        self._last = Ended(status=-1)
        self.usable = True
        self._closed = False
        ready = self._expect(control.Ready)
        self.layers = tuple(
            Layer(
                name=title,
                active=not (why := ready.layers.get(name, server.state.get(name, "not asked for"))),
                detail=why,
            )
            for name, title in LAYERS.items()
        )
        with load:
            self.setbacks, self.failure = load_submission(load, message, import_s=limits.import_s, output=output)
        self.printed = output.finish()
        self.shares = "" if self.failure else self._inspect()

    def session(self, limits: Limits, *, seed: int) -> Session:
        """Fork a worker from the zygote; where a fork would share something, from a whole new one."""
        self._settle()
        if self.shares or not self.usable:
            return self._session_of_its_own(limits, seed)
        return self._fork(limits, seed)

    def close(self) -> None:
        """End the supervisor, and with it every process of the submission."""
        if not self._closed:
            self._closed = True
            self._control.close()
            self._server.reap(self._number)

    def _fork(self, limits: Limits, seed: int) -> Session:
        connection, theirs = socket.socketpair()
        reader, writer = os.pipe()
        with closing_descriptors(theirs.detach(), writer) as descriptors:
            try:
                control.send(self._control, control.Test(cpu_s=limits.cpu_s, seed=seed), descriptors)
            except OSError as error:
                raise self._broken() from error
        output = Output(reader, output_kb=limits.output_kb)
        return Session(connection=connection, output=output, limits=limits, end=self._end, finish=self._finish)

    def _session_of_its_own(self, limits: Limits, seed: int) -> Session:
        box = self._server.open(self._message, self._limits)
        if box.failure is not None:
            box.close()
            return dead_session(limits, box.failure)
        session = box._fork(limits, seed)

        def end(kill: bool) -> Ended:
            ended = box._end(kill)
            box.close()
            return ended

        session.end, session.finish = end, box.close
        return session

    def _end(self, kill: bool) -> Ended:
        self._finish(kill=kill)
        return self._settle()

    def _finish(self, *, kill: bool = False) -> None:
        """End the worker; the answer is read before the next test, so its last moments overlap with our own work."""
        try:
            control.send(self._control, control.End(kill=kill))
        except OSError as error:
            raise self._broken() from error
        self._pending = True

    def _settle(self) -> Ended:
        if self._pending:
            answer = self._expect(control.Ended)
            self._pending = False
            self.usable = answer.clean
            self._last = Ended(status=answer.status, cpu_s=answer.cpu_s, out_of_memory=answer.out_of_memory)
        return self._last

    def _inspect(self) -> str:
        control.send(self._control, control.Inspect())
        return str(self._expect(control.Inspected).shares)

    def _expect(self, kind: type[Any]) -> Any:
        return expect(self._control, kind, ANSWER_S, self._broken)

    def _broken(self) -> SandboxError:
        self.usable = False
        return self._server._broken()


def expect(connection: socket.socket, kind: type[Any], seconds: float, broken: Any) -> Any:
    """Return the next message, which must be of that kind.

    Raises:
        SandboxError: nothing came, or something else.
    """
    if not select.select([connection], [], [], seconds)[0]:
        raise broken()
    message, _ = control.receive(connection)
    if not isinstance(message, kind):
        raise broken()
    return message


def worker_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of a worker: nothing of the grader's but what its libraries need to start."""
    passed = ("LD_LIBRARY_PATH", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "SYSTEMROOT")
    return {
        "PATH": os.defpath,
        "HOME": "/scratch",
        "TMPDIR": "/scratch",
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",  # a set's order is the same in every grading
        "OPENBLAS_NUM_THREADS": "1",  # a process with threads cannot be forked
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
    } | {name: environ[name] for name in passed if name in environ}
