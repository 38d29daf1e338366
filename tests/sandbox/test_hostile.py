"""A submission against the grader and its own zygote: it may lose its own tests, and nothing else."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.errors import SandboxError
from grader.records import CallReply, Limits, Outcome, Returned, WorkerExit
from grader.sandbox import wire
from grader.sandbox.client import ForkServer
from grader.sandbox.environment import LAYERS, NAMESPACES
from tests.sandbox.conftest import LIMITS, OpenBox, ask, linux_only

pytestmark = linux_only

HASTY = Limits(wall_s=0.5, cpu_s=1.0, import_s=2.0, memory_mb=96, processes=8, output_kb=16)

#: Finds every descriptor but the standard ones, with what it is.
PRELUDE = """
import ctypes, os, signal, socket, stat, struct, sys, threading, time
def sockets(kind):
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                each = socket.socket(fileno=os.dup(int(name)))
                if each.type == kind:
                    found.append(each)
        except OSError:
            pass
    return found
def well():
    return "well"
"""


def value(reply: CallReply | None) -> object:
    assert isinstance(reply, Returned), reply
    return reply.value


def descriptors_of(process: int | str) -> int:
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def below(process: int) -> list[int]:
    """The processes that one started, and those that they did."""
    tasks = Path(f"/proc/{process}/task").iterdir()
    children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return children + [each for child in children for each in below(child)]


def wait_for(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def neighbour(open_box: OpenBox) -> Iterator[None]:
    """Another submission, which must still answer afterwards."""
    box = open_box(PRELUDE)
    assert value(ask(box, "well")) == "well"
    yield
    assert value(ask(box, "well")) == "well"


@pytest.mark.usefixtures("neighbour")
class TestSignals:
    @pytest.mark.parametrize(
        "act",
        [
            "os.kill(-1, 9)",
            "os.kill(0, 9)",
            "os.killpg(os.getpgid(os.getppid()), 9)",
            "os.kill(os.getppid(), 9)",
            "os.kill(os.getppid(), signal.SIGSTOP)",
            "os.kill(1, 9)",
            "os.kill(1, signal.SIGTERM)",
            "os.kill(1, signal.SIGSTOP)",
            "[os.kill(pid, 9) for pid in range(2, 40) if pid != os.getpid() and os.path.exists(f'/proc/{pid}')]",
        ],
    )
    def test_killing_all_in_reach_costs_only_itself(self, open_box: OpenBox, act: str) -> None:
        box = open_box(PRELUDE + f"def f():\n    {act}\n    return 1\n")

        ask(box, "f", limits=HASTY)

        assert value(ask(box, "well")) == "well"

    @pytest.mark.parametrize("act", ["os.kill(1, 9)", "os.kill(-1, 9)", "os.kill(os.getppid(), signal.SIGSTOP)"])
    def test_killing_at_import_costs_only_itself(self, open_box: OpenBox, act: str) -> None:
        box = open_box(PRELUDE + act + "\n", limits=HASTY)

        assert box.failure is not None or value(ask(box, "well")) == "well"

    @pytest.mark.parametrize("layers", [["user", "limits"], [name for name in LAYERS if name not in NAMESPACES]])
    def test_without_pid_namespaces_too(self, layers: list[str]) -> None:
        """As root the supervisor is another user; as an ordinary one Landlock keeps signals in."""
        if layers == ["user", "limits"] and os.geteuid() != 0:
            pytest.skip("nothing would hold a signal")
        source = PRELUDE + "def f():\n    os.kill(os.getppid(), signal.SIGSTOP)\n    return 1\n"
        with ForkServer(layers=layers) as server:
            box = server.open(wire.Load("m", "m.py", source, {}), LIMITS)

            assert value(ask(box, "f")) == 1
            assert value(ask(box, "well")) == "well"
            box.close()


@pytest.mark.usefixtures("neighbour")
class TestForgery:
    def test_frames_on_every_descriptor_in_a_call(self, open_box: OpenBox) -> None:
        """A reply before the real one is its answer, a wrong one; what is left over is a crash at the next call."""
        frame = wire.pack(wire.Reply(value=7))  # to the first call
        box = open_box(
            PRELUDE
            + f"FRAME = {frame!r}\n"
            + "def f():\n    for name in os.listdir('/proc/self/fd'):\n        try:\n"
            + "            os.write(int(name), FRAME)\n        except OSError:\n            pass\n    return 1\n"
        )
        session = box.session(LIMITS, seed=1)

        assert value(session.call("f", [], {})) == 7
        ended = session.call("well", [], {})
        session.close()
        assert isinstance(ended, WorkerExit)
        assert ended.outcome is Outcome.CRASHED
        assert value(ask(box, "well")) == "well"

    @pytest.mark.parametrize("kind", ["Loaded(setbacks=[])", "Reply(value=7)"])
    def test_frames_on_every_descriptor_at_import(self, open_box: OpenBox, kind: str) -> None:
        frame = wire.pack(eval(f"wire.{kind}"))
        box = open_box(
            PRELUDE
            + f"for name in os.listdir('/proc/self/fd'):\n    try:\n        os.write(int(name), {frame!r})\n"
            + "    except OSError:\n        pass\n",
            limits=HASTY,
        )

        replies = [ask(box, "well", limits=HASTY) for _ in range(2)]
        assert all(isinstance(reply, Returned | WorkerExit) for reply in replies)

    @pytest.mark.parametrize(
        "packet",
        [
            'struct.pack("!iidq", 1, 0x137F, 0.0, 0)',
            'struct.pack("!iidq", 1, 0xFFFF, 0.0, 0)',
            'struct.pack("!iidq", 1, -1, float("nan"), 0)',
            'struct.pack("!iidq", 1, 0, float("inf"), 0)',
            'struct.pack("!iidq", 2, 0, 0.0, 0)',
            'struct.pack("!iidq", 1, 0, 0.0, 2**63 - 1)',
            'struct.pack("!iidq", 1, 0, 0.0, -(2**63))',
            'b"x"',
            'b"x" * 60000',
        ],
    )
    @pytest.mark.parametrize("when", ["import", "call"])
    def test_a_zygote_s_reports_may_say_anything(self, open_box: OpenBox, packet: str, when: str) -> None:
        """Stopped, never ended, not a number, too long: its supervisor believes a few integers, or none."""
        forge = f"[each.send({packet}) for each in sockets(socket.SOCK_SEQPACKET)]"
        if when == "import":
            box = open_box(PRELUDE + forge + "\n")
        else:  # the worker has no channel to the supervisor; its zygote's is reached by patching os.fork
            box = open_box(
                PRELUDE + f"fork = os.fork\ndef patched():\n    {forge}\n    return fork()\nos.fork = patched\n"
            )

        for _ in range(2):
            assert isinstance(ask(box, "well", limits=HASTY), Returned | WorkerExit)
        box.close()
        assert 0 <= (box.memory_kb or 0) <= 2 * HASTY.memory_mb * 1024

    def test_a_zygote_that_floods_its_supervisor_is_ended(self, open_box: OpenBox) -> None:
        box = open_box(
            PRELUDE
            + "channel = sockets(socket.SOCK_SEQPACKET)[0]\n"
            + "def flood():\n    while True:\n        channel.send(struct.pack('!iidq', 0, 1, 0.0, 0))\n"
            + "threading.Thread(target=flood, daemon=True).start()\n"
        )

        assert value(ask(box, "well")) == "well"

    def test_a_zygote_that_does_not_fork_costs_its_own_time(self, open_box: OpenBox) -> None:
        box = open_box(PRELUDE + "def patched():\n    time.sleep(600)\nos.fork = patched\n", limits=HASTY)
        begin = time.monotonic()

        replies = [ask(box, "well", limits=HASTY) for _ in range(2)]

        assert isinstance(replies[0], WorkerExit)
        assert replies[0].outcome is Outcome.TIMEOUT
        assert value(replies[1]) == "well"  # by a process of its own, which need not fork
        assert time.monotonic() - begin < 60

    def test_a_descriptor_sent_to_the_trusted_side_is_not_kept(self, open_box: OpenBox) -> None:
        box = open_box(
            PRELUDE
            + "def f():\n    for each in sockets(socket.SOCK_STREAM):\n"
            + "        socket.send_fds(each, [b''.join([b'\\0' * 7, b'\\1'])], [0] * 50)\n    return 1\n"
        )
        before = descriptors_of("self")

        assert isinstance(ask(box, "f", limits=HASTY), WorkerExit)
        assert descriptors_of("self") <= before

    @pytest.mark.parametrize(
        "patch",
        [
            "wire.send = wire.receive = wire.decode = None",
            "plain.encode_value = lambda *args, **kwargs: ['unknown', 3]",
            "plain.encode_value = lambda *args, **kwargs: ['list', [['list', []]] * 10 ** 6]",
            "wire.pack = lambda *args, **kwargs: wire.HEADER.pack(1 << 31, 1 << 31)",
            "wire.HEADER = struct.Struct('<QQ')",
            "import msgspec; msgspec.msgpack.encode = lambda value: b'\\x80'",
            "import builtins; builtins.isinstance = lambda *args: True; builtins.len = lambda value: 0",
            "os._exit = os.close = lambda *args: None; signal.signal = None",
            "os.wait4 = lambda *args: (0, 0x137F, None)",
            "sys.stdout = sys.stderr = None",
            "sys.modules.clear()",
            "import gc; [each.clear() for each in gc.get_objects() if type(each) is dict and 'well' not in each]",
            "sys.settrace(lambda *args: 1 / 0); threading.settrace(lambda *args: 1 / 0)",
            "sys.setrecursionlimit(60)",
            "signal.signal(signal.SIGALRM, lambda *args: os._exit(9)); signal.setitimer(signal.ITIMER_REAL, 0.01)",
        ],
    )
    def test_a_submission_that_patches_its_own_process(self, open_box: OpenBox, patch: str) -> None:
        """At import and in a call: it gets an outcome of its own each time, and no fault of ours."""
        head = PRELUDE + "from grader.sandbox import wire, worker\n"
        at_import = open_box(head + patch + "\n", limits=HASTY)
        in_a_call = open_box(head + f"def f():\n    {patch}\n    return 1\n", limits=HASTY)

        for box, name in ((at_import, "well"), (in_a_call, "f")):
            ask(box, name, limits=HASTY)
        assert value(ask(in_a_call, "well")) == "well"


class TestWhatALiveWorkerSees:
    def test_it_finds_no_test_and_no_answer(self, open_box: OpenBox) -> None:
        box = open_box(
            "import gc, sys\ndef f():\n"
            "    frame, names = sys._getframe(), []\n    while frame:\n"
            "        names.append(frame.f_code.co_filename)\n        frame = frame.f_back\n"
            "    modules = [name for name in sys.modules if name.startswith(('grader', 'pytest', '_pytest'))]\n"
            "    return [names, sorted(modules), sys.argv]\n"
        )
        found = value(ask(box, "f"))
        assert isinstance(found, list)
        names, modules, argv = found

        assert not [name for name in names if "test" in name]
        assert "grader.checks" not in modules
        assert not [name for name in modules if "pytest" in name]
        assert argv == ["submission.py"]

    def test_it_cannot_list_what_lies_around_it(self, open_box: OpenBox) -> None:
        root = Path(__file__).parents[2]
        box = open_box(
            "import os\ndef f(paths):\n    seen = []\n    for path in paths:\n        try:\n"
            "            seen.append(os.listdir(path))\n        except OSError:\n            pass\n    return seen\n"
        )

        paths = [str(root), str(root / "solutions"), "/root", "/home", "/etc", "/var", "/tmp/..", "/proc/1/root"]
        assert value(ask(box, "f", paths)) == []


class TestTrustedSide:
    def test_a_dead_fork_server_is_an_error_and_the_next_box_starts_another(self) -> None:
        with ForkServer() as server:
            load = wire.Load("m", "m.py", PRELUDE, {})
            box = server.open(load, LIMITS)
            doomed = [server.process_id, *below(server.process_id)]
            os.kill(server.process_id, signal.SIGKILL)
            # One after the other, each by the death of the one above it: the supervisor is the last.
            wait_for(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in doomed))
            with pytest.raises(SandboxError, match="does not answer"):
                ask(box, "well")
            box.close()

            again = server.open(load, LIMITS)
            assert value(ask(again, "well")) == "well"
            again.close()

    def test_boxes_and_tests_leave_no_descriptor_and_no_zombie(self, server: ForkServer) -> None:
        """Ordinary ones, and every kind of end."""
        sources = [
            PRELUDE,
            "import os\nos._exit(1)",
            PRELUDE + "kept = os.pipe()\n",
            PRELUDE + "os.kill(os.getpid(), 9)\n",
            "def f(:",
        ]

        def use(source: str) -> None:
            box = server.open(wire.Load("m", "m.py", source, {}), HASTY)
            for _ in range(2):
                ask(box, "well", limits=HASTY)
            unused = box.session(HASTY, seed=1)
            unused.close()
            box.close()

        for source in sources:
            use(source)
        before, inside = descriptors_of("self"), descriptors_of(server.process_id)
        for _ in range(4):
            for source in sources:
                use(source)

        assert descriptors_of("self") == before
        assert descriptors_of(server.process_id) == inside

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root gives each box a user of its own")
    def test_boxes_side_by_side_have_different_users(self) -> None:
        """On the whole machine: fork servers of other graders too."""
        with ForkServer() as one, ForkServer() as other:
            load = wire.Load("m", "m.py", "", {})
            boxes = [server.open(load, LIMITS) for server in (one, other) for _ in range(3)]
            users = {box._user.uid for box in boxes if box._user is not None}
            for box in boxes:
                box.close()

            assert len(users) == 6

    def test_boxes_of_one_fork_server_do_not_disturb_each_other(self, server: ForkServer) -> None:
        load = wire.Load(
            "m", "m.py", PRELUDE + "def f():\n    open('note', 'w').close()\n    return os.listdir('.')\n", {}
        )
        boxes = [server.open(load, LIMITS) for _ in range(4)]
        sessions = [box.session(LIMITS, seed=1) for box in boxes]

        assert [value(session.call("f", [], {})) for session in sessions] == [["note"]] * 4
        for session, box in zip(sessions, boxes, strict=True):
            session.close()
            box.close()

    def test_a_hostile_submission_does_not_slow_the_close_of_its_box(self, open_box: OpenBox) -> None:
        box = open_box(PRELUDE + "for _ in range(6):\n    if os.fork() == 0:\n        while True:\n            pass\n")
        ask(box, "well", limits=HASTY)
        begin = time.monotonic()

        box.close()

        assert time.monotonic() - begin < 30
        assert threading.active_count() < 20
