"""Theory of operation: which processes exist, with which rights, and what joins them.

    grader          trusted: hidden tests, reference, labels, scores; never forked
      │ control socket
    fork server     trusted, clean: exec'ed with an empty environment, one thread, NumPy imported once;
      │             lives in a root of its own (interpreter, libraries, /scratch), holds no secret
      │ fork, in a new PID namespace
    supervisor      trusted: pid 1 of one submission; sets layers up, watches memory, kills, wipes the scratch folder
      │ fork        ── control socket to the grader
    zygote          untrusted from here on: confined, loads the submission once
      │ fork        ── load socket and output pipe to the grader
    worker          one test (of a stateless submission, several): answers calls on a socket, prints into a pipe

When the grader closes a control socket, or dies, what is below it dies. A zygote that a submission has taken over
may pass something from one of its tests to the next: inputs are drawn for each test, so that gains it nothing.
It cannot reach its supervisor, which believes a few integers of it. Where loading left threads (TensorFlow ran an op),
each test gets a zygote that is its worker, unforked: in a fork they would be missing. This module is the fork server:
it forks supervisors and says when one is gone. In: Spawn and Reap. Out: Ready, Reaped.
"""

import contextlib
import gc
import importlib
import os
import signal
import socket
import sys
import sysconfig
import traceback
from pathlib import Path

from grader.sandbox import confine, control, plain, supervisor, users, wire, worker, zygote

_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_SYSTEM = (
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/lib",
    "/lib64",
    "/usr/share/zoneinfo",
    "/etc/ld.so.cache",
    "/etc/localtime",
)
_KERNEL = ("/proc", "/sys/devices/system")


def main(descriptor: str, layers: str, *preload: str) -> None:
    """Move into the root, warm up, and serve until the grader is gone."""
    server = socket.socket(fileno=int(descriptor))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the grader, which ends us
    wanted = layers.split(",")
    room, mount = _move_in(wanted)
    own, pid = _enter_pid_namespace(wanted)
    for name in ("numpy", *preload):
        importlib.import_module(name)
    _warm_numpy()
    _warm_worker()
    gc.collect()
    gc.freeze()  # or every fork's collector would touch, and copy, each object's page
    control.send(server, control.Ready({"mount": mount, "pid": pid}))
    _serve(server, room, own)


def _serve(server: socket.socket, room: zygote.Room, own: int) -> None:
    boxes: dict[int, int] = {}
    while True:
        message, descriptors = control.receive(server)
        if message is None:
            return
        if isinstance(message, control.Spawn):
            boxes[message.box] = _spawn(message, room, server, own, descriptors)
        elif isinstance(message, control.Reap):
            with contextlib.suppress(ChildProcessError, KeyError):  # a box of the server before this one
                os.waitpid(boxes.pop(message.box), 0)
            control.send(server, control.Reaped(message.box))
        for each in descriptors:
            os.close(each)


def _spawn(message: control.Spawn, room: zygote.Room, server: socket.socket, own: int, descriptors: list[int]) -> int:
    """Fork a supervisor, alone in a new PID namespace; then forks of ours are in our own again."""
    if "pid" in message.layers:
        confine.unshare(confine.NEW_PID)
    pid = os.fork()
    if pid:
        if "pid" in message.layers:
            confine.enter_namespace(own, confine.NEW_PID)
        return pid
    server.close()
    try:
        grader, load = (socket.socket(fileno=each) for each in descriptors[:2])
        supervisor.supervise(message, room, grader, load, descriptors[2])
    except Exception:  # noqa: BLE001 - the edge of a process: the grader hears that it ended, and reads the log
        traceback.print_exc()
    finally:
        os._exit(0)  # never back into the fork server's loop, whatever happened


def _enter_pid_namespace(layers: list[str]) -> tuple[int, str]:
    """Go on as pid 1 of a namespace of ours, whose /proc shows what is below us and nothing else.

    A process may come back to its own PID namespace, as `_spawn` does, only where it owns that namespace.

    Returns:
        A descriptor of the namespace, and why there is none.
    """
    if "pid" not in layers:
        return -1, "not asked for"
    why = _try_pid_namespace()
    if why:
        return -1, why
    confine.leave_namespaces(confine.NEW_MOUNTS | confine.NEW_PID)
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    confine.die_with_parent()
    confine.mount_proc()
    return os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC), ""


def _try_pid_namespace() -> str:
    """Say why there is none, found out by processes that end: who is in one without its /proc cannot get out.

    A container that hides parts of /proc lets nobody mount another, which would show them.
    """
    reader, writer = os.pipe()
    first = os.fork()
    if first == 0:
        try:
            confine.leave_namespaces(confine.NEW_MOUNTS | confine.NEW_PID)
            if os.fork() == 0:
                confine.mount_proc()
            else:
                os.wait()
        except OSError as error:
            os.write(writer, f"{error.strerror}".encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(first, 0)
    with os.fdopen(reader, "rb") as report:
        return report.read().decode(errors="replace")


def _move_in(layers: list[str]) -> tuple[zygote.Room, str]:
    """Build the root where that is allowed; else each scratch folder is an ordinary temporary one."""
    root = os.geteuid() == 0  # before a user namespace makes everyone look like it
    libraries = _libraries()
    readable = (*libraries, *_SYSTEM, *_DEVICES, *_KERNEL)
    why: dict[str, str] = {}
    rooted = zygote.attempt(why, layers, "mount", lambda: confine.build_root(readable))
    if rooted:
        confine.mount_scratch(
            os.geteuid(), size_mb=16
        )  # for packages that want one while imported; boxes have their own
    shared_user = confine.may_become(users.FIRST_UID)
    if not rooted and (closed := next(filter(None, map(_closed_folder, libraries)), "")):
        shared_user = f"no other user can reach the interpreter: {closed} is closed"
    return zygote.Room(readable=readable, rooted=rooted, root=root, shared_user=shared_user), why["mount"]


def _closed_folder(path: str) -> str:
    """The first folder on the way to a path that only its owner may pass, or ""."""
    real = Path(os.path.realpath(path))
    closed = [folder for folder in (*reversed(real.parents), real) if folder.exists() and not folder.stat().st_mode & 1]
    return str(closed[0]) if closed else ""


def _libraries() -> list[str]:
    """Where Python and its packages lie; never a folder that merely happens to be on the path."""
    paths = sysconfig.get_paths()
    found = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    found |= {f"{prefix}/lib" for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix)}
    found |= {path for path in sys.path if path.endswith(("site-packages", "dist-packages"))}
    return sorted(found)


def _warm_numpy() -> None:
    """Make the calls that students make, so that their lazy imports and first pages are shared by every fork."""
    import numpy as np
    import numpy.lib.stride_tricks

    x = np.random.default_rng(0).normal(size=(2, 5, 6, 3)).astype(np.float32)
    w = np.ones((3, 3, 3, 2))
    windows = numpy.lib.stride_tricks.sliding_window_view(np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0))), (3, 3), (1, 2))
    np.einsum("nijcuv,uvck->nijk", windows, w)
    np.tensordot(windows, w, axes=([4, 5, 3], [0, 1, 2]))
    x.reshape(2, -1) @ np.ones((90, 4))
    np.exp(x - x.max(axis=-1, keepdims=True)).sum(axis=-1)
    np.random.seed(0)  # noqa: NPY002 - a worker seeds the global generator
    np.array([[1, 2], [3, 4]]).mean(axis=0), np.maximum(x, 0), np.log(np.abs(x) + 1), np.zeros((2, 2)), str(w)


def _warm_worker() -> None:
    """Answer a call as a worker does: numpy.ma alone, imported at the first array, would cost each test 8 ms."""
    import numpy as np

    blobs = plain.Blobs(1 << 20)
    source = "def double(x, k=1):\n    return 2 * x\ndef fail():\n    raise ValueError"
    module, _ = worker.load_module(wire.Load("warm", "warm.py", source, {}))
    desk = worker.Desk(module=module, reply_bytes=1 << 20)
    for x in (np.ones((2, 3)), np.ones(3, np.float32), [1, 2.5], "text"):
        call = wire.Call("double", [plain.encode_value(x, blobs)], {"k": 2})
        worker.answer(call, memoryview(b"".join(blobs.chunks)), desk)
    worker.answer(wire.Call("fail", [], {}), memoryview(b""), desk)
    del sys.modules["warm"], sys.meta_path[-1]
