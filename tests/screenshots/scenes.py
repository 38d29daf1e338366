"""What README's pictures show: real submissions of the corpus, and the real command line in a terminal of 80 columns.

In: a scene's name. Out: the lines that stand on the terminal, with their colours. The rule: the same on every machine.
So the secret of the inputs is fixed, progress is not recorded, and what a machine says of itself, the isolation under a
report, stands in lines that are left out. The time of a grading is replaced by another (`_TIMES`), and nothing else is.
"""

import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests import recipes
from tests.terminals import Terminal

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests" / "submissions"
COLUMNS = 80
LEFT_OUT = "\x1b[2m{}\x1b[0m"  # dim

# What a still screen says of its last grading: the only text that is replaced.
_TIMES = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}, graded in [0-9]+\.[0-9]{2} s")
_A_TIME = "14:05:09, graded in 0.15 s"
_CLASS: Mapping[str, str] = {
    "han": "einsum_and_windows",
    "jung": "zip_bomb",
    "kim": "stride_ignored",
    "lee": "filter_flipped",
    "oh": "reads_address_zero",
    "park": "stub",
}
_ROSTER = "id,name\n" + "".join(f"{id},{id.title()}\n" for id in (*_CLASS, "seo"))
_END_OF_FRAME = "\x1b[J"
_HOME = "\x1b[H"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One picture."""

    title: str
    command: str  # as a user types it
    prepare: Callable[[Path], object]  # writes what lies in the folder
    exit_code: int
    parts: tuple[tuple[str, str], ...] = ()  # (how its first line begins, and the first after it)
    saved: Callable[[Path], object] | None = None  # of a watch: what a student saves while it runs
    lines: int = 50  # of the terminal


def record(scene: Scene) -> list[str]:
    """Run a scene; the lines of its picture, with the escapes of their colours.

    Raises:
        RuntimeError: the command ended with another exit code, or a part of the scene is not there.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scene.prepare(folder)
        environ = {
            "PATH": "/usr/bin:/bin",
            "HOME": name,
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            "GRADE_COURSE": str(ROOT),
            "GRADE_SECRET": "a secret of the pictures",
        }
        command = [sys.executable, "-m", "grader", *shlex.split(scene.command)[1:]]
        with Terminal(
            command, cwd=folder, environ=environ, columns=COLUMNS, lines=scene.lines, progress=False
        ) as terminal:
            frame = _watched(terminal, scene.saved, folder) if scene.saved else None
            written, code = terminal.read_all()
    if code != scene.exit_code:
        raise RuntimeError(f"`{scene.command}` ended with {code}:\n{written}")
    if frame is not None:
        return _TIMES.sub(_A_TIME, frame).splitlines()
    return [f"\x1b[1m$ {scene.command}\x1b[0m", *_chosen(written.splitlines(), scene)]


def _watched(terminal: Terminal, save: Callable[[Path], object], folder: Path) -> str:
    """Watch until the report after a save is drawn; that frame."""
    _frame(terminal, "graded in")
    save(folder)
    frame = _frame(terminal, "graded in")
    terminal.write("\x03")
    return frame


def _frame(terminal: Terminal, wanted: str) -> str:
    while wanted not in (frame := terminal.read_until(_END_OF_FRAME)):
        pass
    return frame.rpartition(_HOME)[2].replace("\x1b[K", "").replace(_END_OF_FRAME, "")


def _chosen(lines: list[str], scene: Scene) -> list[str]:
    """Keep a scene's parts, and say how many lines are left out between them."""
    if not scene.parts:
        return lines
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]
    kept, end = [], 0
    for first, beyond in scene.parts:
        start = _find(plain, first, end, scene)
        kept += _gap(start - end)
        end = _find(plain, beyond, start, scene)
        kept += lines[start:end]
    return [*kept, *_gap(len(lines) - end)]


def _find(plain: list[str], beginning: str, start: int, scene: Scene) -> int:
    for index in range(start, len(plain)):
        if plain[index].startswith(beginning):
            return index
    raise RuntimeError(
        f"`{scene.command}` writes no line that begins with {beginning!r} where the scene wants one; "
        "name another in tests/screenshots/scenes.py. It writes:\n" + "\n".join(plain)
    )


def _gap(count: int) -> list[str]:
    return [LEFT_OUT.format(f"... {count} more line{'s' if count > 1 else ''} ...")] if count else []


# --- what lies in the folders -------------------------------------------------


def _corpus(case: str) -> Callable[[Path], object]:
    """The files of one case of the corpus."""

    def prepare(folder: Path) -> None:
        for path in (CORPUS / case).glob("*.py"):
            shutil.copy(path, folder)

    return prepare


def _reference(name: str) -> Callable[[Path], object]:
    return lambda folder: shutil.copy(ROOT / "solutions" / name, folder)


def _without_bias(folder: Path) -> None:
    right = (CORPUS / "hw01_convolution" / "stride_ignored" / "convolution.py").read_text()
    (folder / "convolution.py").write_text(right.replace(", w) + b", ", w)"))


def _with_bias(folder: Path) -> None:
    # Saved as an editor does: a reader sees the old file or the new one.
    new = folder / ".convolution.py.swp"
    shutil.copy(CORPUS / "hw01_convolution" / "stride_ignored" / "convolution.py", new)
    new.replace(folder / "convolution.py")


def _class(folder: Path) -> None:
    right = (ROOT / "solutions" / "hw01_convolution" / "convolution.py").read_text(encoding="utf-8")
    for student, case in _CLASS.items():
        hand_in = folder / "submissions" / student
        hand_in.mkdir(parents=True)
        if recipes.is_recipe(case):
            recipes.build(case, hand_in, right)
        else:
            _corpus(f"hw01_convolution/{case}")(hand_in)
    (folder / "roster.csv").write_text(_ROSTER)


SCENES: Mapping[str, Scene] = {
    "wrong": Scene(
        title="grade hw3: what is wrong, and why",
        command="grade hw3 relu.py",
        prepare=_corpus("hw03_relu/kernel_flipped"),
        exit_code=1,
        parts=(("hw3 ", "relu "), ("relu_gradient ", "pass   Slopes keep"), ("edge_pipeline ", "FAIL   An image need")),
    ),
    "right": Scene(
        title="grade hw1: all points",
        command="grade hw1 convolution.py",
        prepare=_reference("hw01_convolution/convolution.py"),
        exit_code=0,
        parts=(("hw1 ", "conv1d "),),
    ),
    "watch": Scene(
        title="grade watch hw1 convolution.py: what a save has changed",
        command="grade watch hw1 convolution.py",
        prepare=_without_bias,
        saved=_with_bias,
        exit_code=1,
        lines=30,
    ),
    "batch": Scene(
        title="grade batch: a class, and who needs a look",
        command="grade batch hw1 submissions --roster roster.csv",
        prepare=_class,
        exit_code=1,
    ),
}
