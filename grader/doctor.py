"""What this machine can do: isolation by layer and attack by attack, packages, data sets, the course's secret.

In: the environment. Out: a Health. Nothing is taken from what a layer says of itself: each attack is really tried.
A layer that is missing is no fault of ours and says what would raise it; one that is there and lets its attack
through makes the machine unsound.
"""

import contextlib
import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

from grader import manifest
from grader.errors import GradeError
from grader.marks import N_
from grader.records import Isolation, IsolationLevel, Layer, Limits
from grader.sandbox import launch, wire
from grader.sandbox.environment import LAYERS

Check = tuple[str, str, str]  # name; "ok", "missing" or "FAIL"; detail

#: What would raise a layer, beside what the kernel said.
_ADVICE = {
    "mount": "run as root, or set kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0"
    "; in Docker --security-opt seccomp=unconfined --security-opt apparmor=unconfined",
    "pid": "as for mounts; in Docker also --security-opt systempaths=unconfined, which shows all of /proc",
    "ipc": "as for mounts",
    "network": "as for mounts",
    "user": "sysctl user.max_user_namespaces above 0; in Docker --security-opt seccomp=unconfined",
    "uid": "let others pass the folders above the interpreter (chmod o+x), or allow mounts",
    "limits": "do not run as root, or let the worker become another user",
    "privileges": "",
    "landlock": "Linux 5.13 or newer, 6.12 for signals, with `landlock` in /sys/kernel/security/lsm",
    "seccomp": "Linux with CONFIG_SECCOMP_FILTER on x86-64 or aarch64",
}
#: What came of an attack, where it is no name of an errno.
_WORDS = {
    "done": "it succeeded",
    "?": "it ended in no known way",
    "none": "",
    "timeout": "out of time",
    "out_of_memory": "out of memory",
    "crashed": N_("it crashed"),
}
_ELSEWHERE = "Linux only; on Windows and macOS: a container or WSL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What was found."""

    isolation: Isolation
    checks: tuple[Check, ...]
    sound: bool  # no layer that says it is active lets its attack through, and nothing that grading needs is missing


def examine(environ: Mapping[str, str]) -> Health:
    """Try every attack on this machine, and look at what grading needs.

    Args:
        environ: GRADE_DATA, GRADE_SECRET, GRADE_COURSE and HOME are read.
    """
    isolation, attacks = _isolation(environ)
    checks = (*attacks, *_packages(), *_data(environ), _secret(environ))
    return Health(isolation=isolation, checks=checks, sound=not any(status == "FAIL" for _, status, _ in checks))


def _isolation(environ: Mapping[str, str]) -> tuple[Isolation, list[Check]]:
    if not sys.platform.startswith("linux"):
        layers = tuple(Layer(name=title, active=False, detail=_ELSEWHERE) for title in LAYERS.values())
        return Isolation(level=IsolationLevel.NONE, layers=layers), []
    try:
        with contextlib.closing(launch.start(None, environ=environ)) as launcher:
            with contextlib.closing(launcher.open(wire.Load("empty", "empty.py", "", {}), Limits())) as box:
                isolation = launch.isolation_of(box.layers)
            checks = list(_attacks(launcher, isolation))
    except GradeError as error:  # the sandbox does not even start
        return Isolation(level=IsolationLevel.NONE), [("sandbox", "FAIL", str(error))]
    return replace(isolation, layers=tuple(_advised(isolation))), checks


def _advised(isolation: Isolation) -> Iterator[Layer]:
    keys = {title: key for key, title in LAYERS.items()}
    for layer in isolation.layers:
        advice = _ADVICE[keys[layer.name]]
        yield layer if layer.active or not advice else replace(layer, detail=f"{layer.detail}; to raise it: {advice}")


def _attacks(launcher: launch.Launcher, isolation: Isolation) -> Iterator[Check]:
    from grader.sandbox import attacks, conformance  # Linux only

    active = {layer.name for layer in isolation.layers if layer.active}
    with conformance.grounds() as facts:
        for case in attacks.CASES:
            word = conformance.run(case, launcher, facts)
            through = word in (conformance.DONE, "?")
            layer = LAYERS.get(case.layer, "")
            if through and layer and layer not in active:
                yield f"can {case.name}", "missing", f"there is no layer `{layer}`"
            else:
                yield f"cannot {case.name}", "FAIL" if through else "ok", _told(word)


def _told(word: str) -> str:
    return _WORDS.get(word, word)


def _packages() -> Iterator[Check]:
    yield "Python", "ok" if sys.version_info >= (3, 11) else "FAIL", platform.python_version()
    for title, name in (("NumPy", "numpy"), ("pytest", "pytest"), ("msgspec", "msgspec")):
        yield _package(title, (name,), needed=True)
    yield _package("TensorFlow", ("tensorflow", "tensorflow-cpu", "tensorflow-intel"), needed=False)


def _package(title: str, names: tuple[str, ...], *, needed: bool) -> Check:
    for name in names:
        with contextlib.suppress(metadata.PackageNotFoundError):  # not imported: that takes seconds
            return title, "ok", metadata.version(name)
    if needed:
        return title, "FAIL", f"{sys.executable} -m pip install {names[0]}"
    return title, "missing", 'for hw9 and later: pip install "cnn-autograde[tensorflow]"'


def _data(environ: Mapping[str, str]) -> Iterator[Check]:
    """Which data sets are there; what is in the files, `grade data` says."""
    root = next((folder for folder in _from_here_up(environ) if (folder / manifest.FILE).is_file()), None)
    if root is None:
        yield "image data", "missing", f"no {manifest.FILE.as_posix()} here: run this in the course's folder"
        return
    try:
        if environ.get("GRADE_DATA"):
            yield "GRADE_DATA", "ok", environ["GRADE_DATA"]
        for item in manifest.read_manifest(root):
            found = manifest.find(item, environ)
            yield (
                item.name,
                "ok" if found else "missing",
                str(found.path) if found else f"grade data {item.name} --fetch",
            )
    except GradeError as error:
        yield "image data", "missing", f"{error.what}: {error.where}"


def _secret(environ: Mapping[str, str]) -> Check:
    if environ.get("GRADE_SECRET", "").strip():
        return "course secret", "ok", "GRADE_SECRET"
    for folder in _from_here_up(environ):
        if (folder / "solutions" / "course.secret").is_file():
            return "course secret", "ok", "solutions/course.secret"
    return "course secret", "missing", "who knows the title knows every seed: set GRADE_SECRET before grading for marks"


def _from_here_up(environ: Mapping[str, str]) -> tuple[Path, ...]:
    here = Path(environ["GRADE_COURSE"]) if environ.get("GRADE_COURSE") else Path.cwd()
    return (here, *here.resolve().parents)
