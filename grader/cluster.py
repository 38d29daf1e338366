"""A batch on more than one machine: the same jobs, graded by the workers of a Dask cluster.

In: a scheduler's address, or "local"; Tasks and Jobs. Out: seats, which say what a grader process here says.
The rules. A submission is read here and sent as the record that a grader needs; nothing of it is written there. The
course's tests are on a worker's disk for as long as they are loaded, and gone before the first submission comes; the
course's secret is never sent, a job brings its seed. A worker that dies takes its job with it, which is graded again.

A worker holds one grader, in a thread of its own, because pytest's session must outlive a Dask task; the tasks of one
worker take turns. Who may speak with the scheduler may run anything on it: use `tls://`, or a network of your own.
"""

import contextlib
import dataclasses
import hashlib
import multiprocessing.connection
import os
import queue
import shutil
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dask.config
from distributed import Client, LocalCluster, WorkerPlugin, get_worker

from grader import grading, scoring
from grader.batch_jobs import Asked, Done, Failed, Job, Message, Ready, Recalled, Task, grade_job
from grader.errors import GradeError, SandboxError, SubmissionRejected, UsageError
from grader.fingerprints import toolkit_fingerprint
from grader.records import Assignment, Course, Report, TestResult
from grader.sandbox import launch
from grader.submission import read_submission

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

READY_S = 300.0  # for a worker to collect its tests, TensorFlow included
CONNECT_S = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What a worker must have to grade an assignment."""

    name: str  # of this very content
    task: Task
    files: Mapping[str, bytes] = field(repr=False)  # by their place in the course's folder
    toolkit: str  # the fingerprint of ours


# --- on a worker ----------------------------------------------------------------


class GraderPlugin(WorkerPlugin):
    """Holds a worker's grader, from when it joins until it leaves."""

    def __init__(self, package: Package) -> None:
        self.name = package.name
        self._package = package
        self.grader: _GraderThread | None = None

    def setup(self, worker: Any) -> None:
        """Begin to collect the tests; the worker joins meanwhile."""
        self.grader = _GraderThread(self._package, Path(worker.local_directory))

    def teardown(self, worker: Any) -> None:
        """End the grader, and every process of a submission with it."""
        if self.grader is not None:
            self.grader.close()


class _GraderThread:
    """One grader, and the jobs that wait for it."""

    def __init__(self, package: Package, folder: Path) -> None:
        self.ready: Future[Ready] = Future()
        self._package = package
        self._folder = folder
        self._jobs: queue.SimpleQueue[tuple[Job, Mapping[str, TestResult], Future[Report | None]] | None]
        self._jobs = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, daemon=True, name="grader")
        self._thread.start()

    def grade(self, job: Job, known: Mapping[str, TestResult]) -> Report | None:
        """Have one job graded."""
        answer: Future[Report | None] = Future()
        self._jobs.put((job, known, answer))
        return answer.result()

    def close(self) -> None:
        """End it after the job that runs."""
        self._jobs.put(None)
        self._thread.join(10)

    def _run(self) -> None:
        try:
            if self._package.toolkit != toolkit_fingerprint():
                raise UsageError(
                    "a worker of the cluster has another version of the toolkit",
                    fix="install the same one on every machine of the cluster",
                )
            with tempfile.TemporaryDirectory(prefix="grade-", dir=self._folder) as root:
                task = _unpacked(self._package, Path(root))
                options = grading.GradeOptions(isolation=task.start, environ=task.environ)
                grading.graders(task.course, task.assignment, options, lambda grader: self._serve(grader, task))
        except Exception as error:  # noqa: BLE001 - the edge of a worker's grader: whoever waits for it must hear of it
            if not self.ready.done():
                self.ready.set_exception(_told(error))

    def _serve(self, grader: grading.Grader, task: Task) -> None:
        assert task.assignment.private is not None
        shutil.rmtree(task.assignment.private)  # loaded; a worker that is killed leaves nothing of it
        isolation = grader.isolation()
        launch.require(isolation, task.least)
        environment = grading.environment(task.assignment)
        self.ready.set_result(Ready(cases=grader.cases, isolation=isolation, environment=environment))
        while (waiting := self._jobs.get()) is not None:
            job, known, answer = waiting
            try:
                answer.set_result(
                    grade_job(grader, task, job, ask=lambda _, known=known: known, tell=lambda result: None)  # type: ignore[misc]
                )
            except Exception as error:  # noqa: BLE001 - the edge of a batch job: one that breaks the grader ends no other
                answer.set_exception(_told(error))


def _unpacked(package: Package, root: Path) -> Task:
    """Write the course's files where pytest can load them, and say where they are."""
    root.chmod(0o700)
    for name, data in package.files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    folder = package.task.assignment.folder
    assignment = dataclasses.replace(
        package.task.assignment, public=root / "assignments" / folder, private=root / "solutions" / folder
    )
    course = dataclasses.replace(package.task.course, root=root, assignments=(assignment,))
    # The variables of this machine: where its data lies, and what its interpreter needs to start.
    return dataclasses.replace(package.task, course=course, assignment=assignment, environ=dict(os.environ))


def describe_grader(name: str) -> Ready:
    """Say what a worker's grader is, once it is ready."""
    return _grader(name).ready.result(READY_S)


def grade_remotely(name: str, job: Job, known: Mapping[str, TestResult]) -> Report | None:
    """Grade one job on the worker that this runs on."""
    grader = _grader(name)
    grader.ready.result(READY_S)
    return grader.grade(job, known)


def _grader(name: str) -> _GraderThread:
    plugin = get_worker().plugins.get(name)
    if not isinstance(plugin, GraderPlugin) or plugin.grader is None:
        raise SandboxError("a worker of the cluster has no grader", fix="start the batch again")
    return plugin.grader


def _told(error: Exception) -> GradeError:
    if isinstance(error, GradeError):
        return error
    where = "".join(traceback.format_exception(error))
    return SandboxError(f"the grader itself failed ({type(error).__name__})", where=where)


# --- on this side -----------------------------------------------------------------


@contextlib.contextmanager
def open_cluster(address: str, *, jobs: int) -> Iterator["ClusterSeats"]:
    """Connect to a cluster, or start one on this machine.

    Args:
        address: of a scheduler, "tcp://host:8786"; "local": one of `jobs` processes here.
        jobs: processes of a local one.

    Raises:
        UsageError: no scheduler answers there, or it has no workers.
    """
    with contextlib.ExitStack() as stack:
        if address == "local":
            scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="grade-", ignore_cleanup_errors=True))
            # A job that kills its worker is tried again by the batch, not by the scheduler.
            stack.enter_context(dask.config.set({"distributed.scheduler.allowed-failures": 0}))
            cluster: Any = stack.enter_context(
                LocalCluster(  # type: ignore[no-untyped-call]
                    n_workers=jobs,
                    threads_per_worker=1,
                    processes=True,
                    dashboard_address=None,
                    local_directory=scratch,
                )
            )
        else:
            cluster = address
        try:
            client: Any = Client(cluster, timeout=CONNECT_S, set_as_default=False)  # type: ignore[no-untyped-call]
            stack.enter_context(client)
        except (OSError, ValueError) as error:
            raise UsageError(
                f"no scheduler answers: {error}", where=f"--cluster {address}", fix="give its address, tcp://host:8786"
            ) from error
        count = len(client.nthreads())
        if not count:
            raise UsageError("the cluster has no workers", where=f"--cluster {address}", fix="start some, then go on")
        seats = ClusterSeats(client, count)
        try:
            yield seats
        finally:
            seats.close()


class ClusterSeats:
    """A seat for each worker of a cluster."""

    def __init__(self, client: Any, count: int) -> None:
        self.count = count
        self._client = client
        self._package: Package | None = None

    def open(self, task: Task, number: int) -> "ClusterSeat":
        """Open one; the first brings the course to every worker, to those that join later too."""
        if self._package is None:
            self._package = pack(task)
            self._client.register_plugin(GraderPlugin(self._package), name=self._package.name)
        return ClusterSeat(self._client, self._package, number=number)

    def close(self) -> None:
        """Take the course from every worker."""
        if self._package is not None:
            with contextlib.suppress(OSError, TimeoutError):  # the cluster is gone, and the course with it
                self._client.unregister_worker_plugin(self._package.name)


class ClusterSeat:
    """A share of a cluster: one job at a time, on whichever worker is free."""

    def __init__(self, client: Any, package: Package, *, number: int) -> None:
        self.number = number
        self.job: Job | None = None
        self.is_ready = False
        self._client = client
        self._package = package
        self._said: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._bell, self._ring = multiprocessing.connection.Pipe(duplex=False)
        self._running: Any = None
        self._submit(lambda ready: ready, None, describe_grader, package.name)

    @property
    def handles(self) -> "tuple[Connection[Any, Any], ...]":
        """Becomes readable when it has said something."""
        return (self._bell,)

    @property
    def ending(self) -> str:
        """It never ends by itself."""
        return "the cluster was lost"

    def has_ended(self) -> bool:
        """A worker that ends costs its job, not the seat."""
        return False

    def messages(self) -> Iterator[Message]:
        """Everything that it has said and that was not heard yet."""
        while self._bell.poll():
            self._bell.recv_bytes()
            yield self._said.get()

    def send(self, message: Job | Recalled | None) -> None:
        """Read a job's submission and ask what is known of it; then have it graded somewhere."""
        match message:
            case Job():
                self._read(message)
            case Recalled(results=None):
                assert self.job is not None
                self._say(Done(number=self.job.number, report=None))
            case Recalled(results=results):
                job = self.job
                assert job is not None
                number = job.number
                arguments = (self._package.name, job, dict(results or {}))
                self._submit(lambda report: Done(number=number, report=report), number, grade_remotely, *arguments)
            case None:
                pass

    def close(self, *, kill: bool = False) -> None:
        """Give it up; a job that runs is not waited for."""
        if self._running is not None and not self._running.done():
            self._running.cancel(force=True)
        self._bell.close()

    def _read(self, job: Job) -> None:
        assignment = self._package.task.assignment
        try:
            submission = read_submission(job.path, assignment, trusted_path=False)
        except SubmissionRejected as error:
            report = scoring.reject_report(assignment, str(error), student=job.student, submission=str(job.path))
            self._say(Done(number=job.number, report=report))
        except GradeError as error:
            self._say(Failed(number=job.number, error=error))
        else:
            self.job = dataclasses.replace(job, submission=submission)
            self._say(Asked(number=job.number, digest=submission.digest))

    def _submit(
        self, made: Callable[[Any], Message], number: int | None, function: Callable[..., Any], *arguments: Any
    ) -> None:
        def ended(future: Any) -> None:
            if future.status == "finished":
                self._say(made(future.result()))
            elif future.status == "error":
                self._say(Failed(number=number, error=_told(future.exception())))
            else:
                lost = SandboxError(f"the cluster lost a job ({future.status})", fix="give the same command again")
                self._say(Failed(number=number, error=lost))

        self._running = self._client.submit(function, *arguments, pure=False)
        self._running.add_done_callback(ended)

    def _say(self, message: Message) -> None:
        self._said.put(message)
        with contextlib.suppress(OSError):  # nobody listens any more
            self._ring.send_bytes(b"!")


def pack(task: Task) -> Package:
    """Put together what a worker needs: this assignment, and no secret."""
    assignment, root = task.assignment, task.course.root
    assert assignment.private is not None
    files: dict[str, bytes] = {}
    folders = [(assignment.public, f"assignments/{assignment.folder}")]
    folders.append((assignment.private, f"solutions/{assignment.folder}"))
    if any(question.data for question in assignment.questions):
        folders.append((root / "datasets", "datasets"))
    for folder, name in folders:
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in inside.parts):
                files[f"{name}/{inside.as_posix()}"] = path.read_bytes()
    shared = assignment.private.parent / "conftest.py"  # pytest loads it, where a course has one
    if shared.is_file():
        files["solutions/conftest.py"] = shared.read_bytes()
    content = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:16]
    bare = dataclasses.replace(task, environ={}, course=_without_secret(task.course, assignment))
    return Package(name=f"grader-{assignment.id}-{content}", task=bare, files=files, toolkit=toolkit_fingerprint())


def _without_secret(course: Course, assignment: Assignment) -> Course:
    return dataclasses.replace(course, secret=b"", assignments=(assignment,))
