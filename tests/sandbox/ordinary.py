"""Runs a script as another user, also where the tests run as root and others cannot reach the interpreter.

In: a script. Out: what it printed. Root opens the way in a mount namespace of the child's own: nothing of the
machine changes.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
USER = 60001  # nobody's
_PATHS = [str(ROOT), sys.prefix, sys.base_prefix]

_BOOT = """
import json, os, sys
paths, user, script, hidden = json.loads(sys.argv[1])
sys.path.insert(0, paths[0])
from grader.sandbox import confine
confine.leave_namespaces(confine.NEW_MOUNTS)
held = [(path, os.open(path, os.O_PATH)) for path in paths]
closed = set()
for path, _ in held:
    parts = path.split("/")
    for depth in range(2, len(parts) + 1):
        folder = "/".join(parts[:depth])
        if not os.stat(folder).st_mode & 1:
            closed.add(folder)
            break
for folder in closed:
    confine._mount("open", folder, "tmpfs", 0, "mode=755")
for path, descriptor in held:
    if any(path == folder or path.startswith(folder + "/") for folder in closed):
        os.makedirs(path, exist_ok=True)
        confine._mount(f"/proc/self/fd/{descriptor}", path, None, 4096 | 16384)
for path in hidden:
    confine._mount("/dev/null", path, None, 4096)
if user:
    confine.drop_user(user)
os.chdir("/")
os.execve(sys.executable, [sys.executable, "-c", script], {"PATH": os.defpath, "PYTHONPATH": paths[0]})
"""


def run_as_root(script: str) -> list[str]:
    """Run it as root of a machine whose interpreter everyone can reach."""
    if os.geteuid() != 0:
        pytest.skip("root only")
    return _run([sys.executable, "-B", "-c", _BOOT, json.dumps([_PATHS, 0, script, ()])])


def run_as_ordinary_user(script: str, *, hidden: tuple[str, ...] = ()) -> list[str]:
    """Run it, and return the lines that it printed.

    Args:
        script: Python.
        hidden: files that something is mounted over, as containers do with parts of /proc.
    """
    if os.geteuid() != 0 and hidden:
        pytest.skip("only root can mount over a file")
    if os.geteuid() != 0:
        return _run([sys.executable, "-c", script])
    return _run([sys.executable, "-B", "-c", _BOOT, json.dumps([_PATHS, USER, script, hidden])])


def _run(command: list[str]) -> list[str]:
    environment = {"PATH": os.defpath, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    if "PermissionError" in done.stderr and "leave_namespaces" in done.stderr:
        pytest.skip("root may not make a mount namespace here")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
