"""Which launcher a level starts, what level layers make, and the refusal below the level that was asked for."""

import contextlib

import pytest

from grader.errors import IsolationError
from grader.records import IsolationLevel, Layer
from grader.sandbox import launch
from grader.sandbox.environment import LAYERS, NAMESPACES
from grader.sandbox.portable import PortableLauncher
from tests.sandbox.conftest import linux_only


def layers(*missing: str) -> list[Layer]:
    return [Layer(name=title, active=name not in missing, detail="why") for name, title in LAYERS.items()]


def test_all_layers_are_full() -> None:
    assert launch.isolation_of(layers()).level is IsolationLevel.FULL


def test_without_namespaces_it_is_confined() -> None:
    assert launch.isolation_of(layers(*NAMESPACES)).level is IsolationLevel.CONFINED


@pytest.mark.parametrize("name", ["landlock", "seccomp", "privileges", "limits"])
def test_without_one_of_these_it_is_none(name: str) -> None:
    """A layer that everything else leans on: better refused than half safe."""
    assert launch.isolation_of(layers(name)).level is IsolationLevel.NONE


def test_no_layers_are_none() -> None:
    assert launch.isolation_of([]).level is IsolationLevel.NONE


@pytest.mark.parametrize("level", [None, IsolationLevel.NONE, IsolationLevel.CONFINED])
def test_what_is_reached_is_enough(level: IsolationLevel | None) -> None:
    launch.require(launch.isolation_of(layers("mount")), level)


def test_less_than_asked_for_is_refused_and_names_the_layer() -> None:
    with pytest.raises(IsolationError, match="reaches isolation `confined`, `full` was asked for") as caught:
        launch.require(launch.isolation_of(layers("mount")), IsolationLevel.FULL)

    assert caught.value.where == "mount namespace: why"
    assert "grade doctor" in caught.value.fix


def test_none_starts_a_plain_subprocess() -> None:
    with contextlib.closing(launch.start(IsolationLevel.NONE)) as launcher:
        assert isinstance(launcher, PortableLauncher)


@linux_only
def test_confined_asks_for_no_namespace() -> None:
    from grader.sandbox.client import ForkServer

    launcher = launch.start(IsolationLevel.CONFINED)
    assert isinstance(launcher, ForkServer)
    with launcher:
        assert not NAMESPACES & set(launcher.layers)
