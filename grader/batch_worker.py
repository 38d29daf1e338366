"""A grader process of a batch: the tests collected once, a warm fork server of its own, one job after another.

In: a Task, then Jobs over a pipe. Out: messages over the same pipe. Both ends are ours: nothing of a submission crosses
it but its results. The rule: the process ends with the batch that started it, however that ends, and takes every
process of a submission with it.

It is spawned, not forked: a forked one would hold the control sockets of the others' fork servers, which end when those
close.
"""

import gc
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from grader import grading
from grader.batch_jobs import Asked, Done, Failed, Job, Message, Ready, Recalled, Task, Tested, grade_job
from grader.errors import GradeError, IsolationError, SandboxError
from grader.records import TestResult
from grader.sandbox import launch

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

END_S = 5.0  # for a process to end by itself
TELL_S = 0.05  # between two messages about tests: quick ones are told together


class GraderProcess:
    """The batch's side of one grader process."""

    def __init__(self, task: Task, *, number: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.number = number
        self.job: Job | None = None
        self.is_ready = False
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, task), daemon=True, name=f"grader {number}")
        with _without_interrupts():
            self._process.start()
        theirs.close()

    @property
    def handles(self) -> "tuple[Connection[Any, Any] | int, ...]":
        """Become readable when it has said something, or has ended."""
        return self._connection, self._process.sentinel

    @property
    def process_id(self) -> int:
        """Its number; 0 once it is gone."""
        return self._process.pid or 0

    @property
    def ending(self) -> str:
        """How it ended, for staff; its sentinel was seen, so this does not wait for long."""
        self._process.join(END_S)
        code = self._process.exitcode
        if code is None:
            return "the grader process was lost"
        return f"the grader process ended with {f'signal {-code}' if code < 0 else f'exit code {code}'}"

    def send(self, message: Job | Recalled | None) -> None:
        """Say something; one that is gone is noticed by its sentinel."""
        with suppress(OSError):
            self._connection.send(message)

    def messages(self) -> Iterator[Message]:
        """Everything that it has said and that was not heard yet, also what it said before it ended."""
        with suppress(OSError, EOFError):
            while self._connection.poll():
                yield self._connection.recv()

    def has_ended(self) -> bool:
        """Whether it is gone."""
        return bool(multiprocessing.connection.wait([self._process.sentinel], timeout=0))

    def close(self, *, kill: bool = False) -> None:
        """End it: between jobs if it will, else at once."""
        if not kill:
            self.send(None)
            self._process.join(END_S)
        self._connection.close()
        self._process.kill()
        self._process.join()
        self._process.close()


def serve(connection: "Connection[Any, Any]", task: Task) -> None:
    """Be a grader process until the batch says so, or is gone."""
    signal.signal(signal.SIGINT, _leave_it_to_the_batch)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_the_batch, daemon=True).start()
    sys.stdout.flush()
    os.dup2(sys.stderr.fileno(), 1)  # what a hidden test prints is no line of the batch's result
    options = grading.GradeOptions(isolation=task.start, environ=task.environ)
    try:
        grading.graders(task.course, task.assignment, options, lambda grader: _serve_jobs(grader, connection, task))
    except GradeError as error:
        connection.send(Failed(error=error))
    except (EOFError, BrokenPipeError, ConnectionResetError):  # the batch is gone
        pass


def _serve_jobs(grader: grading.Grader, connection: "Connection[Any, Any]", task: Task) -> None:
    isolation = grader.isolation()
    launch.require(isolation, task.least)
    environment = grading.environment(task.assignment)
    connection.send(Ready(cases=grader.cases, isolation=isolation, environment=environment))
    gc.collect()
    gc.freeze()  # what is there now stays: to look through it again and again takes a twentieth of the time
    while (job := connection.recv()) is not None:
        connection.send(_answer(grader, connection, task, job))


def _answer(grader: grading.Grader, connection: "Connection[Any, Any]", task: Task, job: Job) -> Message:
    def ask(digest: str) -> Mapping[str, TestResult] | None:
        connection.send(Asked(number=job.number, digest=digest))
        answer: Recalled = connection.recv()
        return answer.results

    untold: list[TestResult] = []
    told_at = time.monotonic()

    def tell(result: TestResult) -> None:
        nonlocal told_at
        untold.append(result)
        if time.monotonic() - told_at >= TELL_S:
            flush()
            told_at = time.monotonic()

    def flush() -> None:
        if untold:
            connection.send(Tested(number=job.number, results=untold))
            untold.clear()

    try:
        report = grade_job(grader, task, job, ask=ask, tell=tell)
    except (IsolationError, EOFError, BrokenPipeError, ConnectionResetError):
        raise
    except GradeError as error:
        flush()
        return Failed(number=job.number, error=error)
    except Exception as error:  # noqa: BLE001 - the edge of a batch job: one that breaks the grader ends no other
        flush()
        where = "".join(traceback.format_exception(error))
        broken = SandboxError(f"the grader itself failed ({type(error).__name__})", where=where)
        return Failed(number=job.number, error=broken)
    return Done(number=job.number, report=report)  # with every result, those not told yet too


def _leave_it_to_the_batch(*_: object) -> None:
    """Ctrl-C reaches every process of the terminal; the batch ends this one when its journal is in order.

    A function and not SIG_IGN, which the fork server and every submission would inherit.
    """


def _end_with_the_batch() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)  # the fork server sees our end of its socket close, and ends with all below it


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Hold Ctrl-C back while a process starts: one that has no handler yet would die of it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
