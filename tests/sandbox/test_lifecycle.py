"""From loading to the last process: every way to end has its outcome, and no test finds anything of another."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.records import CallReply, Limits, Outcome, Returned, StudentError, WorkerExit
from grader.sandbox.client import ForkedBox
from tests.sandbox.conftest import LIMITS, OpenBox, ask, linux_only

pytestmark = linux_only

POOL = """
import concurrent.futures, os, sys, time
pool = concurrent.futures.ThreadPoolExecutor(1)
pool.submit(int).result()
def f(n):
    return pool.submit(lambda: 2 * n).result()
"""
HASTY = Limits(wall_s=0.8, cpu_s=0.5, import_s=0.8, memory_mb=96, processes=8, output_kb=16)


def outcome(reply: CallReply | None) -> Outcome:
    assert isinstance(reply, WorkerExit), reply
    return reply.outcome


def value(reply: CallReply | None) -> object:
    assert isinstance(reply, Returned), reply
    return reply.value


class TestLoading:
    def test_a_statement_that_raises_is_set_aside(self, open_box: OpenBox) -> None:
        box = open_box("def f():\n    return 1\n1 / 0\nimport sys\nsys.exit()\ndef g():\n    return 2\n")

        assert [(each.line, each.type_name) for each in box.setbacks] == [(3, "ZeroDivisionError"), (5, "SystemExit")]
        assert value(ask(box, "f")) == 1
        assert value(ask(box, "g")) == 2

    @pytest.mark.parametrize("source", ["def f(:\n", "x = '\0'\n", "(" * 1000, "-" * 100_000 + "1"])
    def test_a_source_that_does_not_parse_is_set_aside_whole(self, open_box: OpenBox, source: str) -> None:
        box = open_box(source)

        assert box.failure is None
        assert len(box.setbacks) == 1
        assert ask(box, "f") is None

    def test_a_statement_that_parses_and_does_not_compile_costs_itself(self, open_box: OpenBox) -> None:
        box = open_box("from __future__ import annotations\nreturn 3\ndef f(x: no_such_name):\n    return x\n")

        assert [(each.line, each.type_name) for each in box.setbacks] == [(2, "SyntaxError")]
        assert value(ask(box, "f", 4)) == 4

    @pytest.mark.parametrize(
        ("source", "expected", "detail"),
        [
            ("import os\nos._exit(0)", Outcome.CRASHED, "exit code 0"),
            ("import os\nos._exit(3)", Outcome.CRASHED, "exit code 3"),
            ("import os\nos.kill(os.getpid(), 9)", Outcome.CRASHED, "SIGKILL"),
            ("import ctypes\nctypes.string_at(0)", Outcome.CRASHED, "SIGSEGV"),
            ("while True:\n    pass", Outcome.TIMEOUT, ""),
            ("import time\ntime.sleep(60)", Outcome.TIMEOUT, ""),
            ("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", Outcome.TIMEOUT, ""),
            ("import os\nos.closerange(0, 100)", Outcome.CRASHED, ""),
        ],
        ids=["exit", "exit 3", "kill", "segfault", "loop", "sleep", "stop", "close all"],
    )
    def test_a_submission_that_does_not_load_says_why(
        self, open_box: OpenBox, source: str, expected: Outcome, detail: str
    ) -> None:
        box = open_box(source, limits=HASTY)

        assert box.failure is not None
        assert box.failure.outcome is expected
        assert detail in box.failure.detail
        assert ask(box, "f") == box.failure

    def test_memory_spread_over_processes_while_loading_is_bounded(self, open_box: OpenBox) -> None:
        box = open_box(
            "import os, time\n"
            "for _ in range(4):\n"
            "    if os.fork() == 0:\n"
            "        kept = bytearray(b'x') * (50 << 20)\n"
            "        time.sleep(60)\n"
            "time.sleep(2)\n"
        )

        assert box.failure is not None
        assert box.failure.outcome is Outcome.OUT_OF_MEMORY

    def test_companions_are_imported_and_shadow_nothing(self, open_box: OpenBox) -> None:
        companions = {"helper": "def two():\n    return 2\n", "math": "pi = 3\n", "numpy": "raise SystemExit\n"}
        box = open_box("import helper, math\ndef f():\n    return [helper.two(), math.pi]\n", companions=companions)

        assert value(ask(box, "f")) == [2, 3.141592653589793]

    def test_what_is_printed_while_loading_is_kept_and_capped(self, open_box: OpenBox) -> None:
        box = open_box("import sys\nprint('early', flush=True)\nsys.stdout.buffer.write(b'\\xff' * 100_000)\n")

        assert box.printed.startswith("early\n\ufffd")
        assert box.printed.endswith("(cut at 16 kB)")


class TestEnds:
    @pytest.mark.parametrize(
        ("body", "expected", "detail"),
        [
            ("os._exit(0)", Outcome.CRASHED, "exit code 0"),
            ("sys.exit(0)", Outcome.CRASHED, "SystemExit"),
            ("raise KeyboardInterrupt", Outcome.CRASHED, "KeyboardInterrupt"),
            ("raise GeneratorExit", Outcome.CRASHED, "GeneratorExit"),
            ("class Own(BaseException): pass\n    raise Own", Outcome.CRASHED, "Own"),
            ("os.abort()", Outcome.CRASHED, "SIGABRT"),
            ("ctypes.string_at(0)", Outcome.CRASHED, "SIGSEGV"),
            ("os.kill(os.getpid(), 9)", Outcome.CRASHED, "SIGKILL"),
            ("os.kill(os.getpid(), 64)", Outcome.CRASHED, "SIGRTMAX"),
            ("os.closerange(0, 100)", Outcome.CRASHED, ""),
            ("sys.setrecursionlimit(1 << 30)\n    f = lambda: f()\n    f()", None, ""),
            ("np.ones(1 << 27)", Outcome.OUT_OF_MEMORY, ""),
            ("raise MemoryError", Outcome.OUT_OF_MEMORY, ""),
            ("while True: pass", Outcome.TIMEOUT, ""),
            ("time.sleep(60)", Outcome.TIMEOUT, ""),
            ("signal.signal(signal.SIGXCPU, signal.SIG_IGN)\n    while True: pass", Outcome.TIMEOUT, ""),
            ("os.kill(os.getpid(), signal.SIGSTOP)", Outcome.TIMEOUT, ""),
            ("np.zeros((3000, 3000)) @ np.zeros((3000, 3000)) @ np.zeros((3000, 3000))", None, ""),
        ],
        ids=lambda each: each if isinstance(each, str) else "",
    )
    def test_a_call_that_does_not_return(
        self, open_box: OpenBox, body: str, expected: Outcome | None, detail: str
    ) -> None:
        """It has its outcome, and the next test its answer."""
        box = open_box(
            "import ctypes, os, signal, sys, time\nimport numpy as np\n"
            f"def f():\n    {body}\ndef well():\n    return 'well'\n",
            limits=HASTY,
        )

        reply = ask(box, "f", limits=HASTY)

        assert isinstance(reply, WorkerExit) or expected is None
        if isinstance(reply, WorkerExit) and expected is not None:
            assert reply.outcome is expected
            assert detail in reply.detail
        assert value(ask(box, "well")) == "well"

    def test_a_loop_is_told_by_its_cpu_time_and_a_sleep_by_the_clock(self, open_box: OpenBox) -> None:
        box = open_box("import time\ndef loop():\n    while True: pass\ndef sleep():\n    time.sleep(60)\n")

        loop, sleep = ask(box, "loop"), ask(box, "sleep", limits=HASTY)

        assert isinstance(loop, WorkerExit)
        assert isinstance(sleep, WorkerExit)
        assert "CPU" in loop.reason or "return" in loop.reason
        assert sleep.reason == "did not return within 0.8 s"

    def test_an_exception_whose_text_raises_has_a_text(self, open_box: OpenBox) -> None:
        box = open_box(
            "class Silent(ValueError):\n    def __str__(self):\n        raise SystemExit\n"
            "def f():\n    raise Silent\ndef g():\n    raise ValueError('\\ud800\\x1b[31m' + 'x' * 10 ** 6)\n"
        )

        silent, loud = ask(box, "f"), ask(box, "g")

        assert isinstance(silent, StudentError)
        assert isinstance(loud, StudentError)
        assert silent.message == "<exception str() failed>"
        assert silent.is_a("ValueError")
        assert len(loud.message) <= 2000

    def test_endless_printing_ends_at_the_cap(self, open_box: OpenBox) -> None:
        box = open_box("def f():\n    for _ in range(3000):\n        print('x' * 1000)\n    return 'done'\n")
        session = box.session(LIMITS, seed=1)

        assert value(session.call("f", [], {})) == "done"
        printed = session.close()
        assert printed.endswith("(cut at 16 kB)")
        assert len(printed) < 17_000

    def test_a_missing_function_is_said(self, open_box: OpenBox) -> None:
        assert ask(open_box("x = 1\n"), "f") is None

    def test_a_set_has_the_same_order_in_every_grading(self, open_box: OpenBox) -> None:
        """Hashes of texts are not drawn at random: the same submission and seed give the same report."""
        source = "def f():\n    return list({'one', 'two', 'three', 'four', 'five'})\n"
        script = "import os, sys; os.environ['PYTHONHASHSEED'] = '0'"
        done = subprocess.run(
            [sys.executable, "-c", f"{script}\nprint(*{{'one', 'two', 'three', 'four', 'five'}})"],
            env={"PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            check=True,
        )

        assert value(ask(open_box(source), "f")) == done.stdout.split()

    def test_the_worker_s_generators_do_not_tell_the_test_s_seed(self, open_box: OpenBox) -> None:
        box = open_box("import random\ndef f():\n    return random.random()\n")
        first, again, other = ask(box, "f", seed=5), ask(box, "f", seed=5), ask(box, "f", seed=6)
        import random

        assert value(first) == value(again) != value(other)
        assert value(first) != random.Random(5).random()


class TestFreshStart:
    """What a fork of a loaded submission would share with the next test."""

    def test_state_that_a_call_leaves_is_gone(self, open_box: OpenBox) -> None:
        box = open_box("calls = []\ndef f():\n    calls.append(1)\n    return len(calls)\n")
        session = box.session(LIMITS, seed=1)

        assert [value(session.call("f", [], {})) for _ in range(2)] == [1, 2]
        session.close()
        assert value(ask(box, "f")) == 1

    @pytest.mark.parametrize(
        "at_import",
        [
            "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()",
            "import os\nreader, writer = os.pipe()",
            "import mmap\nshared = mmap.mmap(-1, 4096)",
            "import os\nopen(os.environ['HOME'] + '/note', 'w').close()",
            "import os, time\nif os.fork() == 0:\n    time.sleep(600)",
        ],
        ids=["thread", "descriptor", "shared memory", "file", "process"],
    )
    def test_a_submission_that_would_share_gets_a_box_for_each_test(self, open_box: OpenBox, at_import: str) -> None:
        box = open_box(f"import os\n{at_import}\ncalls = []\ndef f():\n    calls.append(1)\n    return len(calls)\n")

        assert isinstance(box, ForkedBox)
        assert box.shares
        assert [value(ask(box, "f")) for _ in range(2)] == [1, 1]

    def test_threads_that_loading_started_live_in_each_test(self, open_box: OpenBox) -> None:
        """A fork would have none of them, and wait for their work for ever: as TensorFlow's pool of threads."""
        box = open_box(POOL)

        assert isinstance(box, ForkedBox)
        assert box.shares == "it started 1 threads"
        assert [value(ask(box, "f", n)) for n in (3, 4)] == [6, 8]

    @pytest.mark.parametrize(
        ("act", "expected", "reason"),
        [
            ("os._exit(3)", Outcome.CRASHED, "ended its own process"),
            ("os.kill(os.getpid(), 11)", Outcome.CRASHED, "crashed its process"),
            ("sys.exit(0)", Outcome.CRASHED, "left its process"),
            ("while True: pass", Outcome.TIMEOUT, "used more than 0.5 s of CPU time"),
            ("time.sleep(600)", Outcome.TIMEOUT, "did not return within"),
            ("bytearray(1 << 30)", Outcome.OUT_OF_MEMORY, "asked for more memory"),
        ],
    )
    def test_a_test_with_such_threads_ends_as_any_other(
        self, open_box: OpenBox, act: str, expected: Outcome, reason: str
    ) -> None:
        box = open_box(f"{POOL}\ndef act():\n    {act}\n")

        ended = ask(box, "act")

        assert isinstance(ended, WorkerExit)
        assert (ended.outcome, ended.reason[: len(reason)]) == (expected, reason)
        assert value(ask(box, "f", 1)) == 2

    def test_an_ordinary_submission_is_forked(self, open_box: OpenBox) -> None:
        box = open_box("import numpy as np\ntable = np.ones((100, 100))\ndef f():\n    return 1\n")

        assert isinstance(box, ForkedBox)
        assert box.shares == ""

    @pytest.mark.parametrize(
        "act",
        [
            "open('a', 'w').write('x')",
            "os.makedirs('a/b/c'); open('a/b/c/d', 'w').close(); os.chmod('a/b', 0); os.chmod('a', 0)",
            "[(os.mkdir('deep'), os.chdir('deep')) for _ in range(2000)]",
            "os.symlink('/usr', 'link'); os.mkfifo('pipe'); os.link('pipe', 'again')",
            "open(b'\\xff\\xfe\\n', 'w').close(); os.mkdir(b'-rf')",
            "[os.open(f'{n}', os.O_CREAT) and None for n in range(100)]",
            "os.chmod('.', 0)",
            "open('large', 'wb').write(bytes(60 << 20))",
        ],
        ids=["file", "closed folders", "2000 deep", "links and pipes", "odd names", "many", "itself", "large"],
    )
    def test_scratch_is_empty_for_the_next_test(self, open_box: OpenBox, act: str) -> None:
        box = open_box(
            f"import os\ndef act():\n    {act}\ndef look():\n"
            "    open('mine', 'w').write('x')\n    os.unlink('mine')\n    return os.listdir('.')\n"
        )

        assert value(ask(box, "act")) is None
        assert value(ask(box, "look")) == []

    def test_temporary_files_have_a_place(self, open_box: OpenBox) -> None:
        box = open_box(
            "import tempfile\ndef f():\n    with tempfile.TemporaryFile() as file:\n        file.write(b'x')\n"
        )

        assert value(ask(box, "f")) is None

    def test_a_full_scratch_is_an_error_of_the_submission(self, open_box: OpenBox) -> None:
        box = open_box(
            "def f():\n    for n in range(10000):\n        open(f'{n}', 'w').close()\n"
            "def g():\n    open('a', 'w').close()\n    return 1\n"
        )
        reply = ask(box, "f")

        assert isinstance(reply, StudentError | Returned)
        assert value(ask(box, "g")) == 1


def processes_with(mark: str) -> list[int]:
    """Every process on this machine whose name is that."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/comm"):
        try:
            if entry.read_bytes().strip() == mark.encode():
                found.append(int(entry.parent.name))
        except OSError:
            continue
    return found


def wait_until_gone(mark: str, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while processes_with(mark):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


NAME = "import ctypes\nlibc = ctypes.CDLL(None)\ndef name(text):\n    libc.prctl(15, text.encode(), 0, 0, 0)\n"


class TestNothingOutlives:
    def test_a_daemon_is_dead_when_the_box_is_closed(self, open_box: OpenBox) -> None:
        mark = f"daemon{os.getpid()}"
        box = open_box(
            NAME + "import os, signal, time\ndef f(mark):\n"
            "    if os.fork() == 0:\n        os.setsid()\n        signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            "        if os.fork():\n            os._exit(0)\n        name(mark)\n        time.sleep(600)\n"
            "    time.sleep(0.2)\n    return 1\n"
        )
        session = box.session(LIMITS, seed=1)

        assert value(session.call("f", [mark], {})) == 1
        assert len(processes_with(mark)) == 1
        session.close()
        box.close()
        assert processes_with(mark) == []

    def test_a_fork_bomb_is_bounded_and_ends(self, open_box: OpenBox) -> None:
        mark = f"bomb{os.getpid()}"
        box = open_box(
            NAME + "import os\ndef f(mark):\n    name(mark)\n    while True:\n        try:\n            os.fork()\n"
            "        except OSError:\n            pass\n",
            limits=HASTY,
        )

        assert outcome(ask(box, "f", mark, limits=HASTY)) is Outcome.TIMEOUT
        box.close()
        assert processes_with(mark) == []

    def test_a_process_with_a_name_that_is_no_text_is_killed_too(self, open_box: OpenBox) -> None:
        """A supervisor that decodes /proc dies of it."""
        box = open_box(
            "import ctypes, os, time\ndef f():\n    if os.fork() == 0:\n"
            "        ctypes.CDLL(None).prctl(15, b'\\xff) Z 1 (\\xfe', 0, 0, 0)\n        time.sleep(600)\n"
            "    time.sleep(0.1)\n    return 1\n"
        )

        assert [value(ask(box, "f")) for _ in range(3)] == [1, 1, 1]

    def test_a_mapped_file_with_a_name_that_is_no_text_is_looked_at(self, open_box: OpenBox) -> None:
        box = open_box(
            "import mmap, os\nfile = open(b'\\xff\\n', 'wb+')\nfile.truncate(4096)\n"
            "mapped = mmap.mmap(file.fileno(), 4096)\nfile.close()\nos.unlink(b'\\xff\\n')\ndef f():\n    return 1\n"
        )

        assert isinstance(box, ForkedBox)
        assert box.shares
        assert value(ask(box, "f")) == 1

    def test_all_is_gone_when_the_grader_is_killed(self) -> None:
        mark = f"orphan{os.getpid()}"
        script = (
            "import sys, time\nfrom grader.records import Limits\nfrom grader.sandbox import wire\n"
            "from grader.sandbox.client import ForkServer\n"
            f"source = {NAME!r} + '''\nimport os, signal, time\ndef f():\n"
            "    libc.prctl(1, 0, 0, 0, 0)\n    if os.fork() == 0:\n        os.setsid()\n"
            f"    name({mark!r})\n    time.sleep(600)\n'''\n"
            "server = ForkServer(layers=sys.argv[1].split(','))\n"
            "box = server.open(wire.Load('m', 'm.py', source, {}), Limits(wall_s=60))\n"
            "box.session(Limits(wall_s=60), seed=1).call('f', [], {})\n"
        )
        from grader.sandbox.environment import LAYERS, NAMESPACES

        for layers in (list(LAYERS), [name for name in LAYERS if name not in NAMESPACES]):
            command = [sys.executable, "-c", script, ",".join(layers)]
            with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as grader:
                deadline = time.monotonic() + 20
                while len(processes_with(mark)) < 2 and time.monotonic() < deadline:
                    time.sleep(0.02)
                assert len(processes_with(mark)) == 2
                grader.kill()

            assert wait_until_gone(mark)

    def test_memory_over_several_processes_is_bounded(self, open_box: OpenBox) -> None:
        box = open_box(
            "import os, time\ndef f():\n    for _ in range(4):\n        if os.fork() == 0:\n"
            "            kept = bytearray(b'x') * (50 << 20)\n            time.sleep(60)\n    time.sleep(3)\n"
        )
        reply = ask(box, "f")

        assert reply == WorkerExit(outcome=Outcome.OUT_OF_MEMORY, reason="its processes used more than 96 MB of memory")
