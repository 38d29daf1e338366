"""Each layer alone stops its attacks, and without it they succeed: so no layer can go and leave its tests green."""

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import pytest

from grader.records import Layer
from grader.sandbox import conformance, wire
from grader.sandbox.attacks import CASES, Case
from grader.sandbox.client import ForkServer
from grader.sandbox.environment import LAYERS
from grader.sandbox.launch import isolation_of
from tests.sandbox.conftest import linux_only

pytestmark = linux_only

OF_LAYERS = [case for case in CASES if case.layer]


@pytest.fixture(scope="module")
def facts() -> Iterator[dict[str, Any]]:
    with conformance.grounds() as found:
        yield found


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[tuple[str, ...], ForkServer]]:
    """One fork server for each set of layers, started when it is first needed."""
    with contextlib.ExitStack() as stack:

        class Servers(dict[tuple[str, ...], ForkServer]):
            def __missing__(self, layers: tuple[str, ...]) -> ForkServer:
                self[layers] = stack.enter_context(ForkServer(layers=layers))
                return self[layers]

        yield Servers()


def layers_of(server: ForkServer) -> dict[str, Layer]:
    with contextlib.closing(server.open(wire.Load("empty", "empty.py", "", {}), conformance.LIMITS)) as box:
        return {layer.name: layer for layer in box.layers}


def need(server: ForkServer, *names: str) -> None:
    found = layers_of(server)
    for name in names:
        if not found[LAYERS[name]].active and "limited for root" not in found[LAYERS[name]].detail:
            pytest.skip(f"{LAYERS[name]}: {found[LAYERS[name]].detail}")


def as_ordinary_user(case: Case) -> bool:
    """Whether the attack needs root's rights to go through, or the layer is one that only root needs."""
    names = ("write to the interpreter's files", "give a file to another user", "make a device", "become another user")
    return os.geteuid() != 0 and (case.layer == "uid" or case.name in names)


@pytest.mark.parametrize("case", OF_LAYERS, ids=lambda case: f"{case.layer}: cannot {case.name}")
def test_a_layer_alone_stops_its_attack(
    case: Case, servers: dict[tuple[str, ...], ForkServer], facts: dict[str, Any]
) -> None:
    if as_ordinary_user(case):
        pytest.skip("shown by root only")
    server = servers[(*case.beside, case.layer)]
    need(server, *case.beside, case.layer)

    assert conformance.run(case, server, facts) == case.expected


@pytest.mark.parametrize("case", OF_LAYERS, ids=lambda case: f"{case.layer}: can {case.name}")
def test_without_any_layer_the_attack_succeeds(
    case: Case, servers: dict[tuple[str, ...], ForkServer], facts: dict[str, Any]
) -> None:
    if as_ordinary_user(case):
        pytest.skip("shown by root only")

    assert conformance.run(case, servers[()], facts) == conformance.DONE


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_all_layers_together_stop_every_attack(
    case: Case, servers: dict[tuple[str, ...], ForkServer], facts: dict[str, Any]
) -> None:
    server = servers[tuple(LAYERS)]
    if case.layer:
        need(server, case.layer)

    assert conformance.run(case, server, facts) not in (conformance.DONE, "?")


def test_every_layer_has_an_attack() -> None:
    assert {case.layer for case in OF_LAYERS} == set(LAYERS)


def test_what_was_not_asked_for_is_said(servers: dict[tuple[str, ...], ForkServer]) -> None:
    found = layers_of(servers[()])

    assert not any(layer.active for layer in found.values())
    assert all(layer.detail for layer in found.values())
    assert isolation_of(list(found.values())).level == "none"
