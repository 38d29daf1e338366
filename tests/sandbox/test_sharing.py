"""One worker for several tests: each has its own seed, output and time, and whatever ends it ends the sharing."""

import functools
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from grader.records import Kept, Limits, Manner, Outcome, Returned, WorkerExit
from grader.sandbox.boxes import Box
from grader.sandbox.sharing import WALL_S, SharedWorker
from tests.sandbox.conftest import LIMITS, OpenBox, ask, linux_only

SOURCE = """
import os, random, time
import numpy as np

def process():
    return os.getpid()

def draws():
    return [random.random(), float(np.random.rand())]

def says(word):
    print(word)
    return word

def whole(n):
    return np.zeros(n)

def loops():
    while True:
        pass

def leaves():
    os._exit(3)

def spends(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
"""

pytestmark = linux_only


@pytest.fixture
def box(open_box: OpenBox) -> Box:
    return open_box(SOURCE)


@pytest.fixture
def share(box: Box) -> Iterator[Callable[..., SharedWorker]]:
    """Open the worker; it is closed after the test."""
    opened: list[SharedWorker] = []

    def act(limits: Limits = LIMITS) -> SharedWorker:
        opened.append(SharedWorker(functools.partial(box.session, seed=0), limits))
        return opened[-1]

    yield act
    for each in opened:
        each.close()


def reply(worker: SharedWorker, function: str, *args: object, seed: int = 1) -> object:
    """One call in a test of its own: its value, or how the worker ended."""
    session = worker.session(seed=seed)
    try:
        got = session.call(function, args, {})
    finally:
        session.close()
    return got.value if isinstance(got, Returned) else got


def test_a_fork_may_be_shared_and_a_box_says_so(box: Box) -> None:
    assert box.forks


def test_tests_have_one_process(share: Callable[..., SharedWorker]) -> None:
    worker = share()

    assert reply(worker, "process") == reply(worker, "process")


def test_a_test_s_generators_are_those_of_a_process_of_its_own(box: Box, share: Callable[..., SharedWorker]) -> None:
    """Whatever ran before it."""
    own = [ask(box, "draws", seed=seed) for seed in (1, 2)]
    worker = share()
    shared = [reply(worker, "draws", seed=seed) for seed in (2, 1, 2)]

    assert [each.value for each in own if isinstance(each, Returned)] == [shared[1], shared[2]]
    assert shared[0] == shared[2] != shared[1]


def test_a_test_has_its_own_output(share: Callable[..., SharedWorker]) -> None:
    worker = share()
    told = []
    for word in ("first", "second"):
        session = worker.session(seed=1)
        session.call("says", (word,), {})
        told.append(session.close())

    assert told == ["first\n", "second\n"]


def test_what_one_test_kept_is_forgotten_in_the_next(share: Callable[..., SharedWorker]) -> None:
    worker = share()
    for _ in range(2):
        session = worker.session(seed=1)
        kept = session.call("whole", (3,), {}, manner=Manner.KEEP)
        session.close()

        assert isinstance(kept, Returned)
        assert kept.value == Kept(number=0)


def test_a_loop_ends_the_sharing_before_a_test_s_own_limit(box: Box, share: Callable[..., SharedWorker]) -> None:
    """The box gives sessions again."""
    worker = share()
    ended = reply(worker, "loops")

    assert LIMITS.wall_s > WALL_S
    assert isinstance(ended, WorkerExit)
    assert ended.outcome is Outcome.TIMEOUT
    assert not worker.usable
    worker.close()
    assert isinstance(ask(box, "process"), Returned)


def test_a_crash_ends_the_sharing(box: Box, share: Callable[..., SharedWorker]) -> None:
    worker = share()
    ended = reply(worker, "leaves")

    assert isinstance(ended, WorkerExit)
    assert ended.outcome is Outcome.CRASHED
    assert not worker.usable
    worker.close()
    assert isinstance(ask(box, "process"), Returned)


def test_processor_time_is_more_than_one_test_s(share: Callable[..., SharedWorker]) -> None:
    """Else the last tests of a file would fall to what the first have used."""
    worker = share(Limits(wall_s=4.0, cpu_s=1.0))  # whole seconds: the kernel counts no less

    assert [reply(worker, "spends", 0.06) for _ in range(20)] == [None] * 20


def test_arrays_pass_as_ever(share: Callable[..., SharedWorker]) -> None:
    value = reply(share(), "whole", 4)

    assert isinstance(value, np.ndarray)
    assert value.shape == (4,)


def test_closing_twice_is_one_close(share: Callable[..., SharedWorker]) -> None:
    worker = share()
    worker.close()
    worker.close()

    assert not worker.usable
