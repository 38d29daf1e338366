"""The first process of a submission's PID namespace: sets the layers up, watches, kills, cleans.

In: a control socket to the grader. Out: Ready, then an answer each to Inspect, Test and End.
It never runs the submission's code; what its zygote says is bounded to a few integers.
When the grader closes the control socket it ends, and with it every process of the namespace.
"""

import contextlib
import os
import select
import signal
import socket
import struct
import tempfile
import time
from pathlib import Path

from grader.sandbox import confine, control, processes, scratch
from grader.sandbox.zygote import Room, attempt, run_zygote

WATCH_S = 0.05  # how often the memory of the process tree is summed
GRACE_S = 0.25  # for a worker to end by itself after its test
SCRATCH_MB = 64
_FOREVER_S = 1e6


def supervise(spawn: control.Spawn, room: Room, grader: socket.socket, load: socket.socket, output: int) -> None:
    """Run one submission until the grader closes the control socket."""
    _end_with_the_fork_server(spawn)
    layers, folder = _own_layers(spawn, room)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    zygote = os.fork()
    if zygote == 0:
        grader.close()
        ours.close()
        run_zygote(spawn, room, folder, theirs, load, output)
    confine.hide_memory()
    for stream in (theirs, load):
        stream.close()
    os.close(output)
    try:
        layers |= _hello(ours)
        known = processes.opened(zygote)  # before the grader, who waits for Ready, sends it the submission
        control.send(grader, control.Ready(layers))
        Supervisor(spawn, room, folder, grader, ours, zygote, known).run()
    finally:
        processes.kill_descendants()
        if not room.rooted and scratch.wipe(folder):
            Path(folder).rmdir()


def _end_with_the_fork_server(spawn: control.Spawn) -> None:
    """As pid 1 of a namespace we take all of it with us; elsewhere what is below us must be killed first."""
    os.setsid()
    if "pid" in spawn.layers:
        confine.die_with_parent(signal.SIGKILL)
        return
    confine.adopt_orphans()

    def leave(*_: object) -> None:
        raise SystemExit

    signal.signal(signal.SIGTERM, leave)
    confine.die_with_parent(signal.SIGTERM)


def _own_layers(spawn: control.Spawn, room: Room) -> tuple[dict[str, str], str]:
    """Mounts, IPC, network and host name (the PID namespace is the fork server's doing), and the scratch folder."""
    layers: dict[str, str] = {}
    wanted = spawn.layers
    own_user = room.root and "uid" in wanted and not room.shared_user
    uid = spawn.uid if own_user else os.geteuid()
    if room.rooted or "pid" in wanted:
        # Without mounts of our own, these would lie over those of every other box: no fallback, an error.
        confine.leave_namespaces(confine.NEW_MOUNTS)
    if "pid" in wanted:
        confine.mount_proc()  # tried by the fork server
        layers["pid"] = ""
    if room.rooted:
        confine.mount_scratch(uid, size_mb=SCRATCH_MB)
        folder = confine.SCRATCH
    else:
        folder = tempfile.mkdtemp(prefix="grade-")
        if own_user:
            os.chown(folder, uid, uid)
    attempt(layers, wanted, "ipc", lambda: confine.leave_namespaces(confine.NEW_IPC | confine.NEW_UTS))
    attempt(layers, wanted, "network", lambda: confine.leave_namespaces(confine.NEW_NET))
    return layers, folder


def _hello(channel: socket.socket) -> dict[str, str]:
    """The zygote's layers, said before any of the submission exists in it."""
    lines = channel.recv(8192).decode(errors="replace").splitlines()
    if not lines:
        raise OSError("a zygote ended while it confined itself")
    return dict(line.split("=", 1) for line in lines if "=" in line)


class Supervisor:
    """The loop: one test at a time, and nothing of it left behind."""

    def __init__(
        self,
        spawn: control.Spawn,
        room: Room,
        folder: str,
        grader: socket.socket,
        zygote_channel: socket.socket,
        zygote: int,
        known: dict[int, str],
    ) -> None:
        self._spawn = spawn
        self._room = room
        self._folder = folder
        self._grader = grader
        self._channel: socket.socket | None = zygote_channel  # None once the zygote is lost
        self._zygote = zygote
        self._kept = [zygote]  # none once it is gone: its number may be another's then
        self._in_person = False  # the zygote itself is the worker of a test
        self._known = known  # descriptors that the zygote has from us
        self._loading = True
        self._running = False
        self._ended: tuple[int, float] | None = None  # exit code or minus a signal, CPU seconds
        self._over = ""
        self._memory_kb = 0  # the most of the test, beyond the baseline
        self._baseline = processes.resident_kb(zygote)

    def run(self) -> None:
        """Serve the grader until it closes the socket."""
        while True:
            watched = [stream for stream in (self._grader, self._channel) if stream is not None]
            busy = self._running or self._loading
            readable, _, _ = select.select(watched, [], [], WATCH_S if busy else None)
            if self._channel in readable:
                self._hear_zygote()
            if self._grader in readable:
                message, descriptors = control.receive(self._grader)
                if message is None:
                    return
                self._obey(message, descriptors)
            elif busy:
                self._watch()

    def _obey(self, message: object, descriptors: list[int]) -> None:
        match message:
            case control.Inspect():
                control.send(self._grader, control.Inspected(self._shared_state()))
            case control.Test(cpu_s=cpu_s, seed=seed, fork=fork):
                if self._loading:
                    self._loading, self._baseline = False, processes.resident_kb(self._zygote)
                if "limits" not in self._spawn.layers:
                    cpu_s = _FOREVER_S
                self._running, self._ended, self._over, self._in_person = True, None, "", not fork
                self._memory_kb = 0
                with contextlib.suppress(OSError):  # the zygote is gone: End says so
                    if self._channel is not None:
                        socket.send_fds(self._channel, [f"{cpu_s} {seed} {int(fork)}".encode()], descriptors)
            case control.End(kill=kill):
                control.send(self._grader, self._end(kill=kill))
            case _:
                pass
        for descriptor in descriptors:
            os.close(descriptor)

    def _shared_state(self) -> str:
        if self._channel is None:
            return "the process that loaded it is gone"
        if os.listdir(self._folder):  # noqa: PTH208 - names are not decoded into paths
            return "it wrote files"
        return processes.shared_state(self._zygote, self._known)

    def _hear_zygote(self) -> None:
        """Read one report of the zygote; one that is gone or says nonsense is killed."""
        data = b""
        with contextlib.suppress(OSError):
            data = self._channel.recv(64) if self._channel is not None else b""
        try:
            kind, status, cpu_s, peak_kb = control.FORKED.unpack(data)
            if kind == 1:
                self._note_memory(peak_kb - self._baseline)
                self._ended = (os.waitstatus_to_exitcode(status), cpu_s)
        except (ValueError, struct.error):
            self._lose_zygote()

    def _lose_zygote(self) -> None:
        if self._channel is not None:
            self._channel.close()
        self._channel = None
        deadline = time.monotonic() + 1.0
        while self._kept and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                os.kill(self._zygote, signal.SIGKILL)
            self._reap()
            time.sleep(0.001)

    def _reap(self) -> None:
        """Collect what ended; how the zygote ended tells why the submission was not loaded."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
                if pid == 0:
                    return
                if pid == self._zygote and self._kept:
                    self._kept = []
                    if self._ended is None:
                        self._ended = (os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime)

    def _kill(self) -> bool:
        dead = processes.kill_descendants([] if self._in_person else self._kept)
        self._reap()
        return dead

    def _end(self, *, kill: bool) -> control.Ended:
        if self._loading:  # it was not loaded, and is of no use
            self._lose_zygote()
        self._running = self._loading = False
        if kill:
            self._kill()
        self._await_exit(GRACE_S)
        if self._ended is None:
            self._kill()
            self._await_exit(1.0)
        clean = self._kill() and self._ended is not None and self._channel is not None and scratch.wipe(self._folder)
        code, cpu_s = self._ended or (None, 0.0)
        return control.Ended(code, cpu_s, self._over, clean, self._memory_kb)

    def _await_exit(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self._ended is None and self._channel is not None and (left := deadline - time.monotonic()) > 0:
            if select.select([self._channel], [], [], left)[0]:
                self._hear_zygote()

    def _watch(self) -> None:
        """Kill the tree when its processes together pass a limit; each alone has its own by setrlimit."""
        if "limits" in self._spawn.layers and not self._over and (over := self._excess()):
            self._over = over
            if self._loading:
                self._lose_zygote()
            self._kill()

    def _note_memory(self, used_kb: int) -> None:
        """Keep the most; a zygote may say what it likes of its workers, but not more than a process can have."""
        self._memory_kb = max(self._memory_kb, min(used_kb, 2 * self._spawn.memory_mb * 1024))

    def _excess(self) -> str:
        watched = processes.descendants(self._kept)
        if self._loading or self._in_person:
            watched += self._kept
        used = sum(max(0, processes.resident_kb(pid) - self._baseline) for pid in watched)
        self._note_memory(used)
        if used > self._spawn.memory_mb * 1024:
            return f"its processes used more than {self._spawn.memory_mb} MB of memory"
        # A scratch folder of our own is full at its size; a borrowed one takes what the disk has.
        if self._room.rooted or scratch.used_kb(self._folder, enough_kb=SCRATCH_MB * 1024) <= SCRATCH_MB * 1024:
            return ""
        return f"its files took more than {SCRATCH_MB} MB"
