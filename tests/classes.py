"""A class of the small course, and `grade` as a process: what the tests of a batch share.

In: ids and sources. Out: folders, finished or running processes.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.small_course import RIGHT, write_submission

WRONG = RIGHT.replace("x + x", "x * x")
LOOP = "def double(x):\n    while True: pass\ndef total(x): return x.sum()\n"


def write_class(folder: Path, sources: Mapping[str, str]) -> Path:
    """A folder for each student."""
    for student, source in sources.items():
        write_submission(folder / student, source)
    return folder


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "grader", *map(str, arguments)]


def environment(**more: str) -> dict[str, str]:
    """What a process needs, and none of what this one has."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
    root = Path(__file__).parents[1]
    return {**kept, "PYTHONPATH": str(root), "GRADE_SECRET": "a secret of the tests", **more}


def grade(*arguments: str | Path, cwd: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run `grade` to its end."""
    return subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def below(pid: int) -> list[int]:
    """Every process below one."""
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    except OSError:  # it has ended
        return []
    return found + [each for child in found for each in below(child)]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
