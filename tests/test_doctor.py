"""What `grade doctor` says of a machine, and that it can say that something is wrong."""

import contextlib
import sys
from pathlib import Path

import pytest

from grader import doctor
from grader.errors import SandboxError
from grader.records import IsolationLevel, Layer
from grader.sandbox import attacks, launch
from grader.sandbox.environment import LAYERS
from tests.sandbox.conftest import linux_only

FEW = ("read a file outside", "open a socket", "find the grader's environment")


@pytest.fixture
def few_attacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three of them: all are run by the sandbox's own tests."""
    monkeypatch.setattr(attacks, "CASES", tuple(case for case in attacks.CASES if case.name in FEW))


@linux_only
@pytest.mark.usefixtures("few_attacks")
def test_this_machine_is_sound() -> None:
    health = doctor.examine({})

    assert health.sound
    assert {layer.name for layer in health.isolation.layers} == set(LAYERS.values())
    assert [name for name, _, _ in health.checks[:3]] == [f"cannot {name}" for name in FEW]


@linux_only
@pytest.mark.usefixtures("few_attacks")
def test_a_layer_that_lets_its_attack_through_is_unsound(monkeypatch: pytest.MonkeyPatch) -> None:
    """The launcher says that seccomp is there, and a socket opens."""
    from grader.sandbox.client import ForkServer

    true = launch.isolation_of

    def boast(layers: list[Layer]) -> object:
        return true([Layer(name=layer.name, active=True) for layer in layers])

    monkeypatch.setattr(launch, "start", lambda *_, **__: ForkServer(layers=["limits"]))
    monkeypatch.setattr(launch, "isolation_of", boast)
    health = doctor.examine({})

    assert not health.sound
    assert ("cannot open a socket", "FAIL", "it succeeded") in health.checks


@linux_only
@pytest.mark.usefixtures("few_attacks")
def test_a_missing_layer_is_missing_and_says_what_would_raise_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from grader.sandbox.client import ForkServer

    monkeypatch.setattr(launch, "start", lambda *_, **__: ForkServer(layers=["limits"]))
    health = doctor.examine({})

    assert health.sound
    assert health.isolation.level is IsolationLevel.NONE
    assert ("can open a socket", "missing", "there is no layer `seccomp`") in health.checks
    detail = {layer.name: layer.detail for layer in health.isolation.layers}
    assert "seccomp=unconfined" in detail["user namespace"]


@linux_only
def test_a_sandbox_that_does_not_start_is_unsound(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> object:
        raise SandboxError("no fork", where="here", fix="there")

    monkeypatch.setattr(launch, "start", broken)
    health = doctor.examine({})

    assert not health.sound
    assert health.isolation.level is IsolationLevel.NONE


def test_elsewhere_every_layer_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    health = doctor.examine({})

    assert health.sound
    assert health.isolation.level is IsolationLevel.NONE
    assert not any(layer.active for layer in health.isolation.layers)


def checks(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]) -> dict[str, tuple[str, str]]:
    monkeypatch.setattr(sys, "platform", "win32")
    return {name: (status, detail) for name, status, detail in doctor.examine(environ).checks}


def test_data_sets_are_found_where_they_lie(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keras = tmp_path / "home" / ".keras" / "datasets"
    keras.mkdir(parents=True)
    (keras / "cifar10.npz").touch()
    (tmp_path / "mnist.npz").touch()

    root = str(Path(__file__).parents[1])
    environ = {"GRADE_COURSE": root, "HOME": str(tmp_path / "home"), "XDG_DATA_DIRS": str(tmp_path)}
    found = checks(monkeypatch, {**environ, "GRADE_DATA": str(tmp_path)})

    assert found["mnist"] == ("ok", str(tmp_path / "mnist.npz"))
    assert found["cifar10"] == ("ok", str(keras / "cifar10.npz"))
    assert found["fashion_mnist"] == ("missing", "grade data fashion_mnist --fetch")


def test_a_folder_of_data_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environ = {"GRADE_COURSE": str(Path(__file__).parents[1]), "GRADE_DATA": str(tmp_path / "none")}

    assert checks(monkeypatch, environ)["image data"] == ("missing", f"GRADE_DATA names no folder: {tmp_path / 'none'}")


def test_without_a_manifest_no_data_set_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert checks(monkeypatch, {"GRADE_COURSE": str(tmp_path)})["image data"][0] == "missing"


def test_the_course_secret_is_looked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert checks(monkeypatch, {"GRADE_SECRET": "x"})["course secret"] == ("ok", "GRADE_SECRET")
    assert checks(monkeypatch, {"GRADE_COURSE": str(tmp_path)})["course secret"][0] == "missing"
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "course.secret").write_text("x")
    assert checks(monkeypatch, {"GRADE_COURSE": str(tmp_path)})["course secret"][0] == "ok"


def test_packages_are_found_without_importing_them(monkeypatch: pytest.MonkeyPatch) -> None:
    found = checks(monkeypatch, {})

    assert found["NumPy"][0] == "ok"
    assert found["TensorFlow"][0] in ("ok", "missing")
    with contextlib.suppress(KeyError):
        assert found["TensorFlow"][0] == "ok" or "pip install" in found["TensorFlow"][1]
