"""Chooses how workers are started on this machine, and says what isolation that gives.

In: the level that was asked for. Out: a launcher whose `open` gives a Box. A level that cannot be reached
is an IsolationError with what is missing; a level that is merely not asked for is reported, never hidden.
"""

import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from grader.errors import IsolationError
from grader.records import Isolation, IsolationLevel, Layer, Limits, Submission
from grader.sandbox import wire
from grader.sandbox.boxes import Box

#: What is imported with a package, because its workers need it at once.
_BESIDE: Mapping[str, Sequence[str]] = MappingProxyType({"tensorflow": ("keras", "h5py")})


class Launcher(Protocol):
    """Opens boxes until it is closed."""

    def open(self, message: wire.Load, limits: Limits) -> Box:
        """Load one submission."""

    def close(self) -> None:
        """End everything that was started."""


def start(
    level: IsolationLevel | None, *, preload: Sequence[str] = (), environ: Mapping[str, str] | None = None
) -> Launcher:
    """Start the best launcher of this machine, or the one that a level names.

    Args:
        level: None for the best there is; NONE for a plain subprocess; else the least that is accepted (`require`).
        preload: packages to import before any submission.
        environ: the variables that the interpreter itself may need to start.
    """
    from grader.sandbox.portable import PortableLauncher

    preload = [each for name in preload for each in (name, *_BESIDE.get(name, ()))]
    if level is IsolationLevel.NONE or not sys.platform.startswith("linux"):
        return PortableLauncher(preload=preload, environ=environ)
    from grader.sandbox.client import ForkServer
    from grader.sandbox.environment import LAYERS, NAMESPACES

    names = [name for name in LAYERS if level is not IsolationLevel.CONFINED or name not in NAMESPACES]
    return ForkServer(layers=names, preload=preload, environ=environ)


def isolation_of(layers: Sequence[Layer]) -> Isolation:
    """The level that these layers make."""
    missing = {layer.name for layer in layers if not layer.active}
    if not missing and layers:
        level = IsolationLevel.FULL
    else:
        needed = {"Landlock", "seccomp", "no privileges", "resource limits"}
        present = {layer.name for layer in layers if layer.active}
        level = IsolationLevel.CONFINED if needed <= present else IsolationLevel.NONE
    return Isolation(level=level, layers=tuple(layers))


def level_of(isolation: Isolation) -> IsolationLevel | None:
    """What to ask for to run once more under the same isolation."""
    return isolation.level if isolation.level is not IsolationLevel.FULL else None


def require(isolation: Isolation, level: IsolationLevel | None) -> None:
    """Refuse to go on below the level that was asked for.

    Raises:
        IsolationError: names each layer that is missing, and why.
    """
    order = list(IsolationLevel)
    if level is None or order.index(isolation.level) >= order.index(level):
        return
    missing = "; ".join(f"{layer.name}: {layer.detail}" for layer in isolation.layers if not layer.active)
    raise IsolationError(
        f"this machine reaches isolation `{isolation.level}`, `{level}` was asked for",
        where=missing,
        fix="`grade doctor` says what would raise it; `--isolation none` grades without, on your own machine",
    )


def load_message(submission: Submission, module: str, *, support: str = "") -> wire.Load:
    """What a fresh process needs to load a submission, and our own source that stands beside it."""
    return wire.Load(module, f"{module}.py", submission.source, dict(submission.companions), support)
