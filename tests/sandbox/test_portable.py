"""The launcher of machines without namespaces: same wire, same outcomes; a process is started anew when it must be."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pytest

from grader.errors import SandboxError
from grader.records import IsolationLevel, Limits, Outcome, Returned, StudentError, WorkerExit
from grader.sandbox import launch, portable, wire
from grader.sandbox.portable import PortableBox, PortableLauncher
from tests.sandbox.conftest import ask

LIMITS = Limits(wall_s=4.0, import_s=10.0, memory_mb=96, output_kb=16)
SOURCE = """
import os, sys, time
calls = []
def count():
    calls.append(1)
    return len(calls)
def double(x):
    return 2 * x
def say(text):
    print(text, flush=True)
    os.write(2, b"error\\n")
def bad():
    raise ValueError("no")
"""

OpenPortable = Callable[..., PortableBox]


@pytest.fixture
def open_box() -> Iterator[OpenPortable]:
    with ExitStack() as stack:
        launcher = stack.enter_context(PortableLauncher())

        def opened(source: str, *, limits: Limits = LIMITS) -> PortableBox:
            return stack.enter_context(closing(launcher.open(wire.Load("m", "m.py", source, {}), limits)))

        yield opened


def descriptors() -> int:
    """How many are open; 0 where nobody counts them."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


def alive(process: int) -> bool:
    """Whether it runs; one that nobody has collected yet does not."""
    try:
        return Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()[0] != b"Z"
    except OSError:
        return False


def test_calls_are_answered_by_one_process(open_box: OpenPortable) -> None:
    box = open_box(SOURCE + "1 / 0\n")

    reply = ask(box, "double", np.ones((2, 3)), limits=LIMITS)

    assert isinstance(reply, Returned)
    assert np.array_equal(reply.value, 2 * np.ones((2, 3)))
    assert isinstance(ask(box, "bad", limits=LIMITS), StudentError)
    assert ask(box, "nothing", limits=LIMITS) is None
    assert [each.type_name for each in box.setbacks] == ["ZeroDivisionError"]
    assert [ask(box, "count", limits=LIMITS) for _ in range(2)] == [Returned(value=1), Returned(value=2)]


def test_each_test_has_what_it_printed(open_box: OpenPortable) -> None:
    """One pipe serves all: what was printed before an answer belongs to it."""
    box = open_box("print('early')\n" + SOURCE)
    printed = []
    for text in ("one", "two", "\ud55c\uae00"):
        session = box.session(LIMITS, seed=1)
        session.call("say", [text], {})
        printed.append(session.close())

    assert box.printed == "early\n"
    assert printed == ["one\nerror\n", "two\nerror\n", "\ud55c\uae00\nerror\n"]


def test_endless_printing_is_cut(open_box: OpenPortable) -> None:
    box = open_box("def f():\n    for _ in range(3000):\n        print('x' * 1000)\n    return 1\n")
    session = box.session(LIMITS, seed=1)

    assert session.call("f", [], {}) == Returned(value=1)
    assert session.close().endswith("(cut at 16 kB)")


@pytest.mark.parametrize(
    ("body", "expected", "detail"),
    [
        ("os._exit(3)", Outcome.CRASHED, "exit code 3"),
        ("sys.exit(0)", Outcome.CRASHED, "SystemExit"),
        ("os.abort()", Outcome.CRASHED, "SIGABRT" if sys.platform != "win32" else ""),
        ("time.sleep(60)", Outcome.TIMEOUT, ""),
        ("os.closerange(0, 100)", Outcome.CRASHED, ""),
        ("[os.write(each, bytes(64)) for each in range(3, 12) if os.path.exists(f'/proc/self/fd/{each}')]", None, ""),
    ],
    ids=["exit", "sys.exit", "abort", "sleep", "close all", "forged"],
)
def test_after_any_end_the_next_test_is_answered(
    open_box: OpenPortable, body: str, expected: Outcome | None, detail: str
) -> None:
    box = open_box(SOURCE + f"def f():\n    {body}\n")
    limits = Limits(wall_s=0.5) if expected is Outcome.TIMEOUT else LIMITS

    reply = ask(box, "f", limits=limits)

    assert isinstance(reply, WorkerExit) or expected is None
    if isinstance(reply, WorkerExit) and expected is not None:
        assert reply.outcome is expected
        assert detail in reply.detail
    assert ask(box, "count", limits=LIMITS) == Returned(value=1)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import os\nos._exit(0)", Outcome.CRASHED),
        ("import time\ntime.sleep(60)", Outcome.TIMEOUT),
    ],
)
def test_a_submission_that_does_not_load_says_so(open_box: OpenPortable, source: str, expected: Outcome) -> None:
    box = open_box(source, limits=Limits(import_s=1.0))

    assert box.failure is not None
    assert box.failure.outcome is expected


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space")
def test_memory_is_limited(open_box: OpenPortable) -> None:
    box = open_box("import numpy as np\ndef f():\n    return np.ones(1 << 27).sum()\n")
    reply = ask(box, "f", limits=LIMITS)

    assert isinstance(reply, WorkerExit)
    assert reply.outcome is Outcome.OUT_OF_MEMORY


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process that leaves its session is not found")
def test_the_process_tree_is_killed(open_box: OpenPortable) -> None:
    box = open_box(
        "import os, subprocess, sys, time\n"
        "def f():\n    child = os.fork()\n    if child == 0:\n        os.setsid()\n        time.sleep(600)\n"
        "    return [os.getpid(), child, os.environ['HOME']]\n"
    )
    reply = ask(box, "f", limits=LIMITS)
    assert isinstance(reply, Returned)
    assert all(map(alive, reply.value[:2]))

    box.close()

    assert not any(map(alive, reply.value[:2]))
    assert not Path(reply.value[2]).exists()


def test_a_process_that_does_not_start_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portable, "_START", "print('no such thing'); raise SystemExit(5)")
    before = descriptors()

    with pytest.raises(SandboxError, match="did not start") as caught, PortableLauncher() as launcher:
        launcher.open(wire.Load("m", "m.py", "", {}), LIMITS)

    assert "no such thing" in caught.value.where
    assert descriptors() == before


def test_a_process_that_never_connects_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portable, "_START", "import time; time.sleep(60)")
    monkeypatch.setattr(portable, "START_S", 0.5)
    begin = time.monotonic()

    with pytest.raises(SandboxError), PortableLauncher() as launcher:
        launcher.open(wire.Load("m", "m.py", "", {}), LIMITS)

    assert time.monotonic() - begin < 30


def test_its_level_is_none_and_every_layer_says_why(open_box: OpenPortable) -> None:
    isolation = launch.isolation_of(open_box("").layers)

    assert isolation.level is IsolationLevel.NONE
    assert all(layer.detail for layer in isolation.layers)


def test_boxes_leave_no_descriptor_and_no_thread(open_box: OpenPortable) -> None:
    open_box(SOURCE).close()
    before, threads = descriptors(), threading.active_count()
    for _ in range(3):
        box = open_box(SOURCE)
        ask(box, "count", limits=LIMITS)
        box.close()

    assert descriptors() == before
    assert threading.active_count() == threads
