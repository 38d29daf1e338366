"""One fork server a module, and a box in one line."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from grader.records import CallReply, Limits
from grader.sandbox import wire
from grader.sandbox.boxes import Box
from grader.sandbox.launch import Launcher

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the fork server needs Linux")

#: Short, and still long enough for a machine that is busy.
LIMITS = Limits(wall_s=4.0, cpu_s=0.5, import_s=4.0, memory_mb=96, processes=8, output_kb=16)

OpenBox = Callable[..., Box]


@pytest.fixture(scope="module")
def server() -> Iterator[Launcher]:
    """A fork server with every layer that this machine has."""
    if not sys.platform.startswith("linux"):
        pytest.skip("the fork server needs Linux")
    from grader.sandbox.client import ForkServer

    with ForkServer() as started:
        yield started


@pytest.fixture
def open_box(server: Launcher) -> Iterator[OpenBox]:
    """Load a source as a submission; the box is closed after the test."""
    with contextlib.ExitStack() as stack:

        def opened(source: str, *, limits: Limits = LIMITS, companions: dict[str, str] | None = None) -> Box:
            load = wire.Load("submission", "submission.py", source, companions or {})
            return stack.enter_context(contextlib.closing(server.open(load, limits)))

        yield opened


def ask(box: Box, function: str, *args: Any, limits: Limits = LIMITS, seed: int = 1, **kwargs: Any) -> CallReply | None:
    """Make one call in a test of its own."""
    session = box.session(limits, seed=seed)
    try:
        return session.call(function, args, kwargs)
    finally:
        session.close()
