"""The first process of a submission's PID namespace: sets the layers up, watches, kills, cleans.

In: a control socket to the grader. Out: Ready, then an answer each to Inspect, Test and End.
It never runs the submission's code; what its zygote says is bounded to a few integers.
When the grader closes the control socket it ends, and with it every process of the namespace.
"""

import contextlib
import os
import select
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox import confine, control, limits, worker

WATCH_S = 0.05  # how often the memory of the process tree is summed
GRACE_S = 0.25  # for a worker to end by itself after its test
SCRATCH_MB = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a box stands on: found out once by the fork server."""

    readable: tuple[str, ...]
    rooted: bool  # the fork server lives in a root of its own
    scratch: str


def supervise(spawn: control.Spawn, room: Room, grader: socket.socket, load: socket.socket, output: int) -> None:
    """Run one submission until the grader closes the control socket."""
    confine.die_with_parent()
    layers = _own_layers(spawn, room)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    zygote = os.fork()
    if zygote == 0:
        grader.close()
        ours.close()
        _run_zygote(spawn, room, theirs, load, output)
    known = {0, 1, 2, theirs.fileno(), load.fileno()}
    confine.hide_memory()
    for stream in (theirs, load):
        stream.close()
    os.close(output)
    layers |= _hello(ours)
    control.send(grader, control.Ready(layers))
    Supervisor(spawn, room, grader, ours, zygote, known).run()
    _kill_all(keep=set())


def attempt(layers: dict[str, str], wanted: list[str], name: str, act: Callable[[], object]) -> bool:
    """Try one layer and write down how it went; a layer that is not wanted is left out."""
    if name not in wanted:
        layers[name] = "not asked for"
        return False
    try:
        act()
    except (OSError, KeyError, AttributeError) as error:
        layers[name] = str(error) or type(error).__name__
        return False
    layers[name] = ""
    return True


def _own_layers(spawn: control.Spawn, room: Room) -> dict[str, str]:
    """Mounts, IPC, network and host name; the PID namespace is the fork server's doing."""
    layers: dict[str, str] = {}
    wanted = spawn.layers
    os.setsid()
    if "pid" in wanted:
        attempt(layers, wanted, "mount", lambda: confine.leave_namespaces(confine.NEW_MOUNTS))
        attempt(layers, wanted, "pid", confine.mount_proc)
    else:
        confine.adopt_orphans()
    if room.rooted:
        confine.mount_scratch(spawn.uid if os.geteuid() == 0 and "uid" in wanted else os.geteuid(), size_mb=SCRATCH_MB)
    attempt(layers, wanted, "ipc", lambda: confine.leave_namespaces(confine.NEW_IPC | confine.NEW_UTS))
    attempt(layers, wanted, "network", lambda: confine.leave_namespaces(confine.NEW_NET))
    return layers


def _run_zygote(spawn: control.Spawn, room: Room, channel: socket.socket, load: socket.socket, output: int) -> None:
    """Confine this process, say how, and hand it to the submission. Never returns."""
    os.dup2(output, 1)
    os.dup2(output, 2)
    _close_others({0, 1, 2, channel.fileno(), load.fileno()})
    confine.die_with_parent()
    os.setsid()
    os.chdir(room.scratch)
    layers = _confine(spawn, room)
    channel.send("\n".join(f"{name}={why}" for name, why in layers.items()).encode()[:8192])
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    worker.run_zygote(channel, load, scratch=room.scratch, reply_bytes=spawn.reply_bytes)
    os._exit(0)


def _confine(spawn: control.Spawn, room: Room) -> dict[str, str]:
    layers: dict[str, str] = {}
    wanted = spawn.layers
    alone = False
    if os.geteuid() == 0 and room.rooted | os.access(sys.prefix, os.X_OK):
        alone = attempt(layers, wanted, "uid", lambda: confine.drop_user(spawn.uid))
    elif os.geteuid() != 0:
        layers["uid"] = ""  # an ordinary user already
    alone |= attempt(layers, wanted, "user", confine.enter_user_namespace)
    if "limits" in wanted:
        processes = spawn.processes + 2 if alone else None
        limits.limit_import(memory_mb=spawn.memory_mb, cpu_s=spawn.import_s, processes=processes)
    layers["limits"] = "" if "limits" in wanted else "not asked for"
    attempt(layers, wanted, "privileges", _give_up_privileges)
    write = (room.scratch, "/dev/null", "/dev/zero", "/dev/full")
    attempt(layers, wanted, "landlock", lambda: confine.landlock(room.readable, write))
    attempt(layers, wanted, "seccomp", confine.seccomp)
    return layers


def _give_up_privileges() -> None:
    confine.no_new_privileges()
    confine.drop_capabilities()


def _hello(channel: socket.socket) -> dict[str, str]:
    """The zygote's layers, said before any of the submission exists in it."""
    lines = channel.recv(8192).decode(errors="replace").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _close_others(keep: set[int]) -> None:
    for entry in list(Path("/proc/self/fd").iterdir()):
        if int(entry.name) not in keep:
            with contextlib.suppress(OSError):
                os.close(int(entry.name))


class Supervisor:
    """The loop: one test at a time, and nothing of it left behind."""

    def __init__(
        self,
        spawn: control.Spawn,
        room: Room,
        grader: socket.socket,
        zygote_channel: socket.socket,
        zygote: int,
        known: set[int],
    ) -> None:
        self._spawn = spawn
        self._room = room
        self._grader = grader
        self._channel: socket.socket | None = zygote_channel  # None once the zygote is lost
        self._zygote = zygote
        self._known = known  # descriptors that the zygote has from us
        self._running = False
        self._ended: tuple[int, float] | None = None
        self._out_of_memory = False
        self._baseline = 0

    def run(self) -> None:
        """Serve the grader until it closes the socket."""
        while True:
            watched = [stream for stream in (self._grader, self._channel) if stream is not None]
            readable, _, _ = select.select(watched, [], [], WATCH_S if self._running else None)
            if self._channel in readable:
                self._hear_zygote()
            if self._grader in readable:
                message, descriptors = control.receive(self._grader)
                if message is None:
                    return
                self._obey(message, descriptors)
            elif self._running:
                self._watch_memory()

    def _obey(self, message: object, descriptors: list[int]) -> None:
        match message:
            case control.Inspect():
                control.send(self._grader, control.Inspected(self._shared_state()))
                self._baseline = _resident_kb(self._zygote)
            case control.Test(cpu_s=cpu_s, seed=seed):
                self._running, self._ended, self._out_of_memory = True, None, False
                with contextlib.suppress(OSError):  # the zygote is gone: End says so
                    if self._channel is not None:
                        socket.send_fds(self._channel, [f"{cpu_s} {seed}".encode()], descriptors)
            case control.End(kill=kill):
                control.send(self._grader, self._end(kill=kill))
            case _:
                pass
        for descriptor in descriptors:
            os.close(descriptor)

    def _hear_zygote(self) -> None:
        """Read one report of the zygote; one that is gone or says nonsense is killed."""
        data = b""
        with contextlib.suppress(OSError):
            data = self._channel.recv(64) if self._channel is not None else b""
        if len(data) != control.FORKED.size:
            self._lose_zygote()
            return
        kind, number, cpu_s = control.FORKED.unpack(data)
        if kind == 1:
            self._ended = (number, cpu_s)

    def _lose_zygote(self) -> None:
        if self._channel is not None:
            self._channel.close()
        self._channel = None
        with contextlib.suppress(OSError):
            os.kill(self._zygote, signal.SIGKILL)

    def _end(self, *, kill: bool) -> control.Ended:
        self._running = False
        if kill:
            _kill_all(keep={self._zygote})
        self._await_exit(GRACE_S)
        if self._ended is None:
            _kill_all(keep={self._zygote})
            self._await_exit(1.0)
        clean = self._ended is not None and _kill_all(keep={self._zygote}) and self._wipe_scratch()
        status, cpu_s = self._ended or (-1, 0.0)
        return control.Ended(status, cpu_s, self._out_of_memory, clean)

    def _await_exit(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self._ended is None and self._channel is not None and (left := deadline - time.monotonic()) > 0:
            if select.select([self._channel], [], [], left)[0]:
                self._hear_zygote()

    def _wipe_scratch(self) -> bool:
        """Remove what the test wrote. Nothing of the submission is running, so nothing is swapped under us."""
        try:
            with os.scandir(self._room.scratch) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        shutil.rmtree(entry.path)
                    else:
                        Path(entry.path).unlink()
        except (OSError, RecursionError):
            return False
        return True

    def _shared_state(self) -> str:
        """Why a fork of the zygote would not be a fresh start, or ""."""
        folder = Path(f"/proc/{self._zygote}")
        try:
            threads = len(list((folder / "task").iterdir()))
            opened = {int(entry.name) for entry in (folder / "fd").iterdir()} - self._known
            maps = (folder / "maps").read_text()
            written = any(os.scandir(self._room.scratch))
        except OSError as error:
            return f"the process that loaded it is gone ({error.strerror})"
        if threads > 1:
            return f"it started {threads - 1} threads"
        if opened or any(line.split()[1] in ("rw-s", "rwxs", "-w-s") for line in maps.splitlines()):
            return "it opened files or shared memory"
        if written:
            return "it wrote files"
        return "it started processes" if len(_others(keep={self._zygote})) else ""

    def _watch_memory(self) -> None:
        """Kill the tree when its processes together pass the limit; each alone has its own by setrlimit."""
        used = sum(max(0, _resident_kb(pid) - self._baseline) for pid in _others(keep={self._zygote}))
        if used > self._spawn.memory_mb * 1024:
            self._out_of_memory = True
            _kill_all(keep={self._zygote})


def _resident_kb(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * (os.sysconf("SC_PAGE_SIZE") // 1024)
    except (OSError, IndexError, ValueError):
        return 0


def _others(*, keep: set[int]) -> list[int]:
    """Every living process below this one but those to keep."""
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - called often
        if name.isdigit():
            try:
                fields = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                parents[int(name)] = int(fields[1])
    found: list[int] = []
    below = {os.getpid()} | keep
    while more := [pid for pid, parent in parents.items() if parent in below and pid not in below]:
        below.update(more)
        found += more
    return found


def _kill_all(*, keep: set[int]) -> bool:
    """Kill until nothing is left; False where something will not die."""
    for _ in range(200):
        others = _others(keep=keep)
        if not others:
            _reap()
            return True
        for pid in others:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        _reap()
        time.sleep(0.001)
    return False


def _reap() -> None:
    with contextlib.suppress(OSError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
