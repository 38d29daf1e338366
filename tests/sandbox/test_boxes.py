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
from grader.records import Limits, Outcome, Returned, StudentError, WorkerExit
from grader.sandbox import wire
from grader.sandbox.boxes import Ended, Session, explain, load_submission, read_reply
from grader.sandbox.output import Printed


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

    @pytest.mark.parametrize("argument", [{1, 2}, np.array([None]), "\ud800", [object()]], ids=repr)
    def test_an_argument_that_cannot_cross_is_our_fault(self, peer: Peer, argument: Any) -> None:
        with pytest.raises(SandboxError, match="cannot be sent"):
            peer.session.call("f", [argument], {})

    def test_arguments_of_too_many_items_are_our_fault(self, peer: Peer) -> None:
        with pytest.raises(SandboxError, match="too many items"):
            peer.session.call("f", [[0] * 400_000], {})


class TestReplies:
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
