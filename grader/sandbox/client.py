"""The trusted end of the fork server: one per grader process, a box per submission, a fork per test.

In: a Load message and Limits. Out: a Box. Linux only; `portable` is the launcher for other machines.
A supervisor or fork server that does not answer is a SandboxError: our fault, nobody's zero. The next box
starts another fork server. What a submission can do to its own zygote is never one.
"""

import contextlib
import itertools
import os
import select
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.errors import SandboxError
from grader.records import Layer, Limits
from grader.sandbox import control, wire
from grader.sandbox.boxes import (
    Box,
    Ended,
    Session,
    closing_descriptors,
    dead_session,
    generator_seed,
    load_submission,
)
from grader.sandbox.environment import LAYERS, PYTHON_OPTIONS, worker_environment
from grader.sandbox.output import Output
from grader.sandbox.users import HeldUser

START_S = 120.0  # an import of TensorFlow on a busy machine
ANSWER_S = 30.0  # for our own processes

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
        self._wanted = tuple(layers)
        self._preload = tuple(preload)
        self._environ = dict(environ or {})
        self._start()

    def _start(self) -> None:
        self._state: dict[str, str] | None = None
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        package_root = str(Path(__file__).parents[2])
        command = [sys.executable, *PYTHON_OPTIONS, "-c", _START, package_root, str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(
                [*command, ",".join(self._wanted), *self._preload],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                cwd="/",
                env=worker_environment(self._environ),
                start_new_session=True,
            )

    @property
    def state(self) -> dict[str, str]:
        """What the fork server could set up, by layer: "" or why not. Waits until it is warm; nothing earlier does."""
        if self._state is None:
            self._state = dict(self._expect(control.Ready, START_S).layers)
        return self._state

    @property
    def layers(self) -> list[str]:
        """The layers that boxes are asked to try."""
        return [name for name in self._wanted if not self.state.get(name)]

    @property
    def process_id(self) -> int:
        """Of the fork server, or of what holds its PID namespace."""
        return self._process.pid

    def open(self, message: wire.Load, limits: Limits) -> "ForkedBox":
        """Start a supervisor and a zygote for one submission, and load it."""
        if self._process.poll() is not None:  # the last box found it dead
            self.close()
            self._start()
        return ForkedBox(self, message, limits)

    def open_once(self, message: wire.Load, limits: Limits) -> "ForkedBox":
        """Open a box for a single test: it may share with the test what loading left behind."""
        return ForkedBox(self, message, limits, once=True)

    def spawn(self, message: control.Spawn, descriptors: Sequence[int]) -> None:
        """Have a supervisor forked; the descriptors are its own afterwards."""
        with closing_descriptors(*descriptors) as passed:
            self._send(message, passed)

    def reap(self, number: int) -> None:
        """Return when nothing of that box is left."""
        with contextlib.suppress(SandboxError):  # a fork server that does not answer was killed, with all below it
            self._send(control.Reap(number), [])
            self._expect(control.Reaped, ANSWER_S)

    def next_number(self) -> int:
        """A number for a box."""
        return next(self._numbers)

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

    def _send(self, message: Any, descriptors: list[int]) -> None:
        try:
            control.send(self._control, message, descriptors)
        except OSError as error:
            raise self._dead() from error

    def _expect(self, kind: type[Any], seconds: float) -> Any:
        return expect(self._control, kind, seconds, self._dead)

    def _dead(self) -> SandboxError:
        self._process.kill()
        self._process.wait()
        return self.broken("the fork server does not answer")

    def broken(self, what: str) -> SandboxError:
        """A fault of ours, with what the fork server and its supervisors wrote."""
        tail = b""
        with contextlib.suppress(ValueError, OSError):  # it is closed
            size = os.fstat(self._log.fileno()).st_size
            tail = os.pread(self._log.fileno(), 2000, max(0, size - 2000))
        return SandboxError(
            what,
            where=tail.decode("utf-8", "replace").strip() or "grader/sandbox/forkserver.py",
            fix="run `grade doctor`, then grade again",
        )


class ForkedBox(Box):
    """One submission under a supervisor of its own."""

    def __init__(self, server: ForkServer, message: wire.Load, limits: Limits, *, once: bool = False) -> None:
        self._server = server
        self._message = message
        self._limits = limits
        self._number = server.next_number()
        self._pending = False  # an End was sent whose answer was not read yet
        self._last = Ended()
        self._closed = False
        self.usable = True
        self.shares = ""
        with contextlib.ExitStack() as undo:
            wanted = server.layers
            self._user = HeldUser() if os.geteuid() == 0 and "uid" in wanted else None
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            undo.callback(self._abandon)
            load, load_theirs = socket.socketpair()
            reader, writer = os.pipe()
            output = undo.enter_context(contextlib.closing(Output(reader, output_kb=limits.output_kb)))
            undo.enter_context(load)
            server.spawn(self._request(wanted), [theirs.detach(), load_theirs.detach(), writer])
            self._begin(load, output)
            if self.failure is None and not once:
                self._tell(control.Inspect())
                self.shares = str(self._expect(control.Inspected).shares)
            undo.pop_all()
            load.close()
        if self.failure is not None or self.shares:
            self._retire()

    def _request(self, wanted: list[str]) -> control.Spawn:
        return control.Spawn(
            box=self._number,
            uid=self._user.uid if self._user is not None else 0,
            layers=wanted,
            import_s=self._limits.import_s,
            memory_mb=self._limits.memory_mb,
            processes=self._limits.processes,
            reply_bytes=self._limits.reply_mb << 20,
        )

    def _begin(self, load: socket.socket, output: Output) -> None:
        ready = self._expect(control.Ready).layers
        self.layers = tuple(
            Layer(
                name=title,
                active=not (why := ready.get(name, self._server.state.get(name, "not asked for"))),
                detail=why,
            )
            for name, title in LAYERS.items()
        )
        self.setbacks, self.failure = load_submission(
            load, self._message, limits=self._limits, output=output, end=self._end
        )
        self.printed = output.finish()

    @property
    def forks(self) -> bool:
        """Whether a session is a fork of the zygote."""
        return self.usable and not self.shares and self.failure is None

    def session(self, limits: Limits, *, seed: int) -> Session:
        """Fork a worker from the zygote; where a fork would share something, a whole new one is the worker."""
        if self.failure is not None:
            return dead_session(limits, self.failure)
        self._settle()
        if not self.usable or self.shares:
            self._retire()
            return self._session_of_its_own(limits, seed)
        return self._fork(limits, seed)

    def close(self) -> None:
        """End the supervisor, and with it every process of the submission."""
        if not self._closed:
            with contextlib.suppress(SandboxError):  # what the last test took would be told next
                self._settle()
        self._retire()

    def _retire(self) -> None:
        """End every process; sessions come from boxes of their own then."""
        if self._closed:
            return
        self._closed, self._pending, self.usable = True, False, False
        self._control.close()
        self._server.reap(self._number)
        if self._user is not None:
            self._user.release()

    def _abandon(self) -> None:
        """After a fault of ours: close what is open here."""
        self._closed, self.usable = True, False
        self._control.close()
        if self._user is not None:
            self._user.release()

    def _fork(self, limits: Limits, seed: int, *, fork: bool = True) -> Session:
        connection, theirs = socket.socketpair()
        reader, writer = os.pipe()
        with contextlib.ExitStack() as undo:
            undo.enter_context(connection)
            output = undo.enter_context(contextlib.closing(Output(reader, output_kb=limits.output_kb)))
            with closing_descriptors(theirs.detach(), writer) as descriptors:
                self._tell(control.Test(cpu_s=limits.cpu_s, seed=generator_seed(seed), fork=fork), descriptors)
            undo.pop_all()
        return Session(connection=connection, output=output, limits=limits, end=self._end, finish=self._finish)

    def _session_of_its_own(self, limits: Limits, seed: int) -> Session:
        box = self._server.open_once(self._message, self._limits)
        if box.failure is not None:
            return dead_session(limits, box.failure)
        session = box._fork(limits, seed, fork=False)

        def end(kill: bool) -> Ended:
            # To be killed it needs no grace, which a zygote that never forks would use up in every test.
            ended = Ended() if kill else box._end(kill)
            close()
            return ended

        def finish() -> None:
            with contextlib.suppress(SandboxError):  # its answers are in
                box._end(kill=True)
            close()

        def close() -> None:
            box.close()
            self.memory_kb = max(self.memory_kb or 0, box.memory_kb or 0)

        session.end, session.finish = end, finish
        return session

    def _end(self, kill: bool) -> Ended:
        self._finish(kill=kill)
        return self._settle()

    def _finish(self, *, kill: bool = False) -> None:
        """End the worker; the answer is read before the next test, so its last moments overlap with our own work."""
        self._tell(control.End(kill=kill))
        self._pending = True

    def _settle(self) -> Ended:
        if self._pending:
            answer = self._expect(control.Ended)
            self._pending = False
            self.usable = answer.clean
            self._last = Ended(code=answer.code, cpu_s=answer.cpu_s, over=answer.over, memory_kb=answer.memory_kb)
            self.memory_kb = max(self.memory_kb or 0, answer.memory_kb)
        return self._last

    def _tell(self, message: Any, descriptors: list[int] | None = None) -> None:
        try:
            control.send(self._control, message, descriptors)
        except OSError as error:
            raise self._broken() from error

    def _expect(self, kind: type[Any]) -> Any:
        return expect(self._control, kind, ANSWER_S, self._broken)

    def _broken(self) -> SandboxError:
        self.usable = False
        return self._server.broken("the supervisor of a submission does not answer")


def expect(connection: socket.socket, kind: type[Any], seconds: float, broken: Callable[[], SandboxError]) -> Any:
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
