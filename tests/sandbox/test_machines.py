"""The same sandbox on other machines: as an ordinary user, as root of a container, with less than the kernel can do."""

import json

from tests.sandbox.conftest import linux_only
from tests.sandbox.ordinary import run_as_ordinary_user, run_as_root

pytestmark = linux_only

_PROBE = """
import json
from grader.records import Limits
from grader.sandbox import conformance, launch, wire
from grader.sandbox.attacks import CASES
from grader.sandbox.client import ForkServer
from grader.sandbox.environment import LAYERS, NAMESPACES

def probe(layers, *names):
    with ForkServer(layers=layers) as server:
        box = server.open(wire.Load("empty", "empty.py", "", {}), Limits())
        isolation = launch.isolation_of(box.layers)
        box.close()
        with conformance.grounds() as facts:
            words = {case.name: conformance.run(case, server, facts) for case in CASES if case.name in names}
    missing = {layer.name: layer.detail for layer in isolation.layers if not layer.active}
    print(json.dumps([isolation.level, missing, words]))
"""


def told(lines: list[str]) -> tuple[str, dict[str, str], dict[str, str]]:
    level, missing, words = json.loads(lines[-1])
    return level, missing, words


def test_an_ordinary_user_is_isolated_without_namespaces_too() -> None:
    """Landlock, seccomp, limits and no privileges: the level is `confined`, and each namespace is named."""
    lines = run_as_ordinary_user(
        _PROBE + 'probe([each for each in LAYERS if each not in NAMESPACES], "read an open file elsewhere",'
        ' "kill a process of the grader", "outlive the test", "start processes without end", "fill the memory")'
    )
    level, missing, words = told(lines)

    assert level == "confined"
    assert set(missing) == {
        "mount namespace",
        "PID namespace",
        "IPC namespace",
        "network namespace",
        "user namespace",
    }
    assert words["read an open file elsewhere"] == "EACCES"
    assert words["kill a process of the grader"] == "EPERM"
    assert words["outlive the test"] == "none"
    assert words["fill the memory"] == "out_of_memory"


def test_an_ordinary_user_reaches_what_the_machine_allows() -> None:
    """With user namespaces every layer; a machine that forbids them is `confined`, never less."""
    level, missing, words = told(
        run_as_ordinary_user(_PROBE + 'probe(list(LAYERS), "read a file outside", "find what another test wrote")')
    )

    assert level == ("confined" if missing else "full")
    assert words["find what another test wrote"] == "none"
    assert words["read a file outside"] in ("ENOENT", "EACCES")


def test_where_parts_of_proc_are_hidden_the_rest_of_the_layers_hold() -> None:
    """Docker mounts over parts of /proc; the kernel then lets nobody mount another."""
    level, missing, words = told(
        run_as_ordinary_user(
            _PROBE + 'probe(list(LAYERS), "kill a process of the grader", "outlive the test", "read a file outside")',
            hidden=("/proc/version",),
        )
    )

    assert level == "confined"
    assert list(missing) == ["PID namespace"]
    assert words == {
        "kill a process of the grader": "EPERM",
        "outlive the test": "none",
        "read a file outside": "ENOENT",
    }


def test_root_without_namespaces_hands_over_to_another_user() -> None:
    """A container as Docker starts it: root, and no right to make a namespace."""
    level, missing, words = told(
        run_as_root(
            _PROBE + 'probe([each for each in LAYERS if each not in NAMESPACES], "read the grader\'s own file",'
            ' "start processes without end", "find what another test wrote")'
        )
    )

    assert level == "confined"
    assert "unprivileged user" not in missing
    assert words["start processes without end"] == "EAGAIN"
    assert words["find what another test wrote"] == "none"


def test_another_user_cannot_read_the_grader_s_own_file() -> None:
    """The layer `uid` alone, where the interpreter is open to all."""
    _, _, words = told(run_as_root(_PROBE + 'probe(["uid"], "read the grader\'s own file")'))

    assert words == {"read the grader's own file": "EACCES"}
