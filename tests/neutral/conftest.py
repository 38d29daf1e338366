"""A neutral worker whose fork server has HDF5 alone: enough for files, and there at once."""

import sys
from collections.abc import Iterator

import pytest

from grader.neutral.client import NeutralWorker
from grader.sandbox import launch
from grader.sandbox.launch import Launcher


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    """Opens boxes with every layer that this machine has."""
    if not sys.platform.startswith("linux"):
        pytest.skip("the fork server needs Linux")
    pytest.importorskip("h5py")
    started = launch.start(None, preload=("h5py",))
    yield started
    started.close()


@pytest.fixture(scope="session")
def neutral(launcher: Launcher) -> NeutralWorker:
    """Reads files; it has no TensorFlow to predict with."""
    return NeutralWorker(launcher.open)
