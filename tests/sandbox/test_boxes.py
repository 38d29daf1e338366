"""A session's conversation with a worker that is slow, torn or forged: one outcome, and never a hang."""

import math
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from grader.errors import SandboxError
from grader.records import Epoch, Kept, Limits, Manner, Outcome, Returned, StudentError, WorkerExit
from grader.sandbox import wire
from grader.sandbox.boxes import Ended, Session, explain, load_submission, read_reply
from grader.sandbox.launch import Launcher
from grader.sandbox.output import Printed
from tests.sandbox.conftest import LIMITS, OpenBox, ask, linux_only


class Peer:
    """A session whose worker is this test."""

    def __init__(self, *, wall_s: float = 2.0, reply_mb: int = 1) -> None:
        self.ended: list[bool] = []
        ours, self.worker = socket.socketpair()
        self.session = Session(
            connection=ours,
            output=Printed(output_kb=1),
            limits=Limits(wall_s=wall_s, reply_mb=reply_mb),
            end=self._end,
            finish=lambda: None,
        )

    def _end(self, kill: bool) -> Ended:
        self.ended.append(kill)
        return Ended(code=-9)

    def answer(self, *parts: bytes, pause_s: float = 0.0, close: bool = False) -> threading.Thread:
        """Read one call, then send these bytes."""

        def work() -> None:
            wire.receive(self.worker, max_head=1 << 22, max_blob=1 << 30)
            try:
                for part in parts:
                    self.worker.sendall(part)
                    time.sleep(pause_s)
            except OSError:
                return
            if close:
                self.worker.close()

        thread = threading.Thread(target=work)
        thread.start()
        return thread

    def close(self) -> None:
        self.session.close()
        self.worker.close()


@pytest.fixture
def peer() -> Iterator[Peer]:
    made = Peer()
    yield made
    made.close()


def reply(value: Any) -> bytes:
    return wire.pack(wire.Reply(value=value))


class TestConversation:
    def test_a_reply_arrives(self, peer: Peer) -> None:
        thread = peer.answer(reply(7))

        assert peer.session.call("f", [], {}) == Returned(value=7)
        thread.join()

    def test_a_reply_in_single_bytes_arrives(self, peer: Peer) -> None:
        thread = peer.answer(*(bytes([each]) for each in reply(7)))

        assert peer.session.call("f", [], {}) == Returned(value=7)
        thread.join()

    def test_a_slow_drip_ends_at_the_deadline(self) -> None:
        peer = Peer(wall_s=0.4)
        thread = peer.answer(wire.HEADER.pack(1000, 0), *[b"\0"] * 40, pause_s=0.05)
        begin = time.perf_counter()

        ended = peer.session.call("f", [], {})

        assert isinstance(ended, WorkerExit)
        assert ended.outcome is Outcome.TIMEOUT
        assert time.perf_counter() - begin < 20
        assert peer.ended == [True]
        peer.close()
        thread.join()

    @pytest.mark.parametrize(
        "part",
        [wire.HEADER.pack(0xFFFFFFFF, 0), wire.HEADER.pack(1, 0xFFFFFFFF), wire.HEADER.pack(1, (1 << 20) + 1)],
    )
    def test_a_header_that_says_too_much_is_refused_unread(self, peer: Peer, part: bytes) -> None:
        thread = peer.answer(part)

        ended = peer.session.call("f", [], {})

        assert ended == WorkerExit(outcome=Outcome.CRASHED, reason="sent what is not a reply")
        thread.join()

    @pytest.mark.parametrize("part", [b"", b"\0", reply(7)[:-1], wire.HEADER.pack(5, 0)])
    def test_a_torn_reply_is_a_crash(self, peer: Peer, part: bytes) -> None:
        thread = peer.answer(part, close=True)

        ended = peer.session.call("f", [], {})

        assert isinstance(ended, WorkerExit)
        assert ended.outcome is Outcome.CRASHED
        thread.join()

    def test_an_answer_before_the_question_is_a_crash(self, peer: Peer) -> None:
        """A reply that was forged in advance answers no later call."""
        peer.worker.sendall(reply(7))

        ended = peer.session.call("f", [], {})

        assert ended == WorkerExit(outcome=Outcome.CRASHED, reason="sent what is not a reply")

    def test_the_answer_to_another_question_is_a_crash(self, peer: Peer) -> None:
        thread = peer.answer(wire.pack(wire.Reply(value=7, number=1)))

        ended = peer.session.call("f", [], {})

        assert ended == WorkerExit(outcome=Outcome.CRASHED, reason="sent what is not a reply")
        thread.join()

    def test_two_answers_to_one_question_are_a_crash_at_the_next(self, peer: Peer) -> None:
        thread = peer.answer(reply(7) + reply(8))

        assert peer.session.call("f", [], {}) == Returned(value=7)
        thread.join()
        ended = peer.session.call("f", [], {})
        assert isinstance(ended, WorkerExit)
        assert ended.outcome is Outcome.CRASHED

    def test_a_worker_that_does_not_read_times_out(self) -> None:
        """A blocking send returns only when the other side has read it all."""
        peer = Peer(wall_s=0.3)
        begin = time.perf_counter()

        ended = peer.session.call("f", [np.zeros(1 << 22)], {})

        assert isinstance(ended, WorkerExit)
        assert ended.outcome is Outcome.TIMEOUT
        assert time.perf_counter() - begin < 20
        peer.close()

    def test_after_its_end_every_call_has_the_same_answer(self, peer: Peer) -> None:
        peer.worker.close()
        first = peer.session.call("f", [], {})

        assert peer.session.call("g", [1], {}) is first
        assert peer.ended == [False]

    def test_what_we_do_between_calls_costs_no_time(self) -> None:
        peer = Peer(wall_s=0.5)
        time.sleep(0.7)
        thread = peer.answer(reply(1))

        assert peer.session.call("f", [], {}) == Returned(value=1)
        thread.join()
        peer.close()

    @pytest.mark.parametrize(
        "argument", [{1, 2}, np.array([None]), "\ud800", [object()]], ids=["set", "array", "surrogate", "list"]
    )
    def test_an_argument_that_cannot_cross_is_our_fault(self, peer: Peer, argument: Any) -> None:
        with pytest.raises(SandboxError, match="cannot be sent"):
            peer.session.call("f", [argument], {})

    def test_arguments_of_too_many_items_are_our_fault(self, peer: Peer) -> None:
        with pytest.raises(SandboxError, match="too many items"):
            peer.session.call("f", [[0] * 400_000], {})


def progress(*numbers: float, number: int = 0) -> bytes:
    return wire.pack(wire.Reply(progress=wire.Progress(*numbers), number=number))


class TestProgress:
    """What a training says of itself is passed on as numbers, and answers nothing."""

    def heard(self, peer: Peer, *parts: bytes) -> tuple[list[Epoch], Any]:
        heard: list[Epoch] = []
        thread = peer.answer(*parts)
        reply = peer.session.call("train", [], {}, progress=heard.append)
        thread.join()
        return heard, reply

    def test_it_arrives_before_the_answer(self, peer: Peer) -> None:
        heard, answer = self.heard(peer, progress(0.5, 4, 2.3, 0.1), progress(4, 4, 0.2, 0.9), reply(7))

        assert heard == [
            Epoch(done=0.5, epochs=4, loss=2.3, accuracy=0.1),
            Epoch(done=4, epochs=4, loss=0.2, accuracy=0.9),
        ]
        assert answer == Returned(value=7)

    @pytest.mark.parametrize("hostile", [math.nan, math.inf, -math.inf, 1e308, -1e308, 1e6, 5e-324])
    def test_a_number_that_is_none_is_shown_as_nothing(self, peer: Peer, hostile: float) -> None:
        heard, answer = self.heard(peer, progress(hostile, hostile, hostile, hostile), reply(7))

        assert all(
            abs(each) < 1e6 for epoch in heard for each in (epoch.done, epoch.epochs, epoch.loss, epoch.accuracy)
        )
        assert answer == Returned(value=7)

    def test_it_is_no_answer(self, peer: Peer) -> None:
        """Neither to its own call nor to the next."""
        assert self.heard(peer, progress(1, 1, 0, 1), reply(7))[1] == Returned(value=7)
        thread = peer.answer(wire.pack(wire.Reply(value=8, number=1)))
        assert peer.session.call("f", [], {}) == Returned(value=8)
        thread.join()

    @pytest.mark.parametrize(
        "forged",
        [
            progress(1, 1, 1, 1, number=3),
            wire.pack(wire.Reply(progress=wire.Progress(1, 1, 1, 1), value=7))[:-1] + b"\xff",
            wire.HEADER.pack(4, 0) + b"\x81\xa1x\x01",
        ],
        ids=["of another call", "torn", "something else"],
    )
    def test_a_forged_one_is_a_crash(self, peer: Peer, forged: bytes) -> None:
        _, answer = self.heard(peer, forged)

        assert answer == WorkerExit(outcome=Outcome.CRASHED, reason="sent what is not a reply")

    def test_without_an_end_it_ends_at_the_deadline(self) -> None:
        peer = Peer(wall_s=0.4)
        heard: list[Epoch] = []
        thread = peer.answer(*[progress(1, 2, 3, 0.5)] * 40, pause_s=0.05)
        begin = time.perf_counter()

        ended = peer.session.call("train", [], {}, progress=heard.append)

        assert isinstance(ended, WorkerExit)
        assert ended.outcome is Outcome.TIMEOUT
        assert heard
        assert time.perf_counter() - begin < 20
        peer.close()
        thread.join()

    def test_nobody_need_listen(self, peer: Peer) -> None:
        thread = peer.answer(progress(1, 1, 1, 1), reply(7))

        assert peer.session.call("train", [], {}) == Returned(value=7)
        thread.join()


class TestManners:
    """How a worker is asked, and where the value stays."""

    def asked(self, peer: Peer, manner: Manner, *args: Any) -> wire.Call:
        """What the worker reads of a call."""
        calls: list[wire.Call] = []

        def work() -> None:
            head, _ = wire.receive(peer.worker, max_head=1 << 22, max_blob=1 << 30)
            calls.append(wire.decode(head, wire.Call))
            peer.worker.sendall(wire.pack(wire.Reply(kept=3)))

        thread = threading.Thread(target=work)
        thread.start()
        reply = peer.session.call("build_model", args, {}, manner=manner)
        thread.join()
        assert reply == Returned(value=Kept(number=3))
        return calls[0]

    @pytest.mark.parametrize("manner", list(Manner))
    def test_the_worker_is_told_the_manner(self, peer: Peer, manner: Manner) -> None:
        assert self.asked(peer, manner).manner == manner.value

    def test_what_stays_there_goes_by_its_number(self, peer: Peer) -> None:
        assert self.asked(peer, Manner.SUPPORT, Kept(number=2), 5).args == [["kept", 2], 5]

    @linux_only
    def test_a_kept_value_is_there_for_the_test_s_next_call_and_for_no_other_test(self, server: Launcher) -> None:
        support = "def size(value):\n    return len(value)\n"
        source = "def make():\n    return [1]\ndef grow(value):\n    value.append(2)\ndef size(value):\n    return -1\n"
        box = server.open(wire.Load("m", "m.py", source, {}, support), LIMITS)
        sessions = [box.session(LIMITS, seed=1)]

        def ask(function: str, *args: Any, manner: Manner = Manner.CALL) -> Any:
            reply = sessions[-1].call(function, args, {}, manner=manner)
            return reply.value if isinstance(reply, Returned) else reply

        model = ask("make", manner=Manner.KEEP)
        other = ask("make", manner=Manner.KEEP)
        assert (model, other) == (Kept(number=0), Kept(number=1))
        assert ask("grow", model) is None
        assert [ask("size", each, manner=Manner.SUPPORT) for each in (model, other)] == [2, 1]
        assert ask("size", model) == -1  # the submission's own function of that name
        sessions.pop().close()
        sessions.append(box.session(LIMITS, seed=1))
        assert ask("make", manner=Manner.KEEP) == Kept(number=0)
        sessions.pop().close()
        box.close()

    @linux_only
    @pytest.mark.parametrize(
        ("function", "manner"), [("size", Manner.CALL), ("size", Manner.KEEP), ("make", Manner.SUPPORT)]
    )
    def test_each_manner_has_its_own_functions(self, server: Launcher, function: str, manner: Manner) -> None:
        box = server.open(
            wire.Load("m", "m.py", "def make():\n    return [1]\n", {}, "def size():\n    pass\n"), LIMITS
        )
        session = box.session(LIMITS, seed=1)

        assert session.call(function, [], {}, manner=manner) is None
        session.close()
        box.close()

    @linux_only
    def test_what_an_exception_leaves_is_not_kept(self, server: Launcher) -> None:
        box = server.open(wire.Load("m", "m.py", "def make(n):\n    return 1 / n\n", {}), LIMITS)
        session = box.session(LIMITS, seed=1)

        assert isinstance(session.call("make", [0], {}, manner=Manner.KEEP), StudentError)
        assert session.call("make", [1], {}, manner=Manner.KEEP) == Returned(value=Kept(number=0))
        session.close()
        box.close()

    @linux_only
    def test_what_stands_beside_reports_a_training(self, server: Launcher) -> None:
        support = (
            "report = None\ndef train(epochs):\n    for each in range(epochs):\n"
            "        report(each + 1.0, 3.0, float('nan'), 0.5)\n"
        )
        box = server.open(wire.Load("m", "m.py", "", {}, support), LIMITS)
        session = box.session(LIMITS, seed=1)
        heard: list[Epoch] = []

        session.call("train", [3], {}, manner=Manner.SUPPORT, progress=heard.append)

        assert [(each.done, each.loss) for each in heard] == [(1, -1), (2, -1), (3, -1)]
        session.close()
        box.close()


class TestReplies:
    @pytest.mark.parametrize("kind", ["MemoryError", "ResourceExhaustedError"])
    def test_python_s_and_tensorflow_s_lack_of_memory_are_one_outcome(self, kind: str) -> None:
        failure = wire.Failure(kind, "OOM when allocating a tensor", ["Exception", *({"MemoryError"} & {kind})], [])

        exit = read_reply(wire.Reply(failure=failure), memoryview(b""))

        assert isinstance(exit, WorkerExit)
        assert exit.outcome is Outcome.OUT_OF_MEMORY

    def test_texts_of_a_failure_are_bounded(self) -> None:
        long = "x" * 100_000
        failure = wire.Failure(long, long, ["Exception", *[long] * 100], [wire.Traced(1, long, long)] * 100)

        error = read_reply(wire.Reply(failure=failure), memoryview(b""))

        assert isinstance(error, StudentError)
        assert len(error.message) == 2000
        assert sum(map(len, error.bases)) < 4000
        assert sum(len(frame.text) + len(frame.function) for frame in error.frames) < 8000

    def test_names_of_changed_arguments_are_bounded(self) -> None:
        got = read_reply(wire.Reply(changed=["y" * 1000] * 1000, warnings=["w" * 1000] * 1000), memoryview(b""))

        assert isinstance(got, Returned)
        assert sum(map(len, (*got.changed, *got.warnings))) < 8000

    @pytest.mark.parametrize("code", [None, 0, 3, -9, -11, -24, -64, -200, 1 << 31])
    def test_any_end_has_an_explanation(self, code: int | None) -> None:
        assert explain(Ended(code=code, cpu_s=math.nan), Limits()).reason

    def test_a_submission_that_is_no_text_is_not_loaded(self) -> None:
        ours, theirs = socket.socketpair()
        load = wire.Load("m", "m.py", "x = '\ud800'", {})

        _, failure = load_submission(ours, load, limits=Limits(), output=Printed(output_kb=1), end=lambda _: Ended())

        assert failure is not None
        assert failure.outcome is Outcome.CRASHED
        ours.close()
        theirs.close()


@linux_only
class TestMemory:
    """What a test's processes took beyond loading, as a box tells it; a measure for staff, not the limit."""

    def test_the_most_of_all_tests_is_told_once_they_have_ended(self, open_box: OpenBox) -> None:
        box = open_box("import numpy as np\ndef take(mb):\n    return int(np.ones(mb << 20, np.uint8).sum()) >> 20\n")
        for mb in (1, 32, 2):
            assert ask(box, "take", mb) == Returned(value=mb)
        box.close()

        assert box.memory_kb is not None
        assert 30 << 10 < box.memory_kb < 64 << 10

    def test_what_was_taken_while_loading_is_no_test_s(self, open_box: OpenBox) -> None:
        box = open_box("import numpy as np\nheld = np.ones(32 << 20, np.uint8)\ndef f():\n    return 1\n")
        assert ask(box, "f") == Returned(value=1)
        box.close()

        assert box.memory_kb is not None
        assert box.memory_kb < 16 << 10

    def test_a_test_in_a_process_that_is_no_fork_is_measured_too(self, open_box: OpenBox) -> None:
        """The thread that loading left makes it one."""
        source = (
            "import threading, time\nimport numpy as np\n"
            "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
            "def take(mb):\n    held = np.ones(mb << 20, np.uint8)\n    time.sleep(0.5)\n    return int(held[0])\n"
        )
        box = open_box(source)
        assert not box.forks
        assert ask(box, "take", 32) == Returned(value=1)
        box.close()

        assert box.memory_kb is not None
        assert box.memory_kb > 16 << 10
