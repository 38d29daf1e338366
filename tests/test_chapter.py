"""The chapter on writing an assignment, in solutions/README.md: its commands are run, its files written as printed."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

CHAPTER = Path(__file__).parents[1] / "solutions" / "README.md"
ROOT = CHAPTER.parents[1]
BLOCK = re.compile(
    r"<!-- (?P<what>run|file)(?:(?: in|:) (?P<where>\S+))? -->\n(?P<fence>`{3,})\w+\n(?P<text>.*?)\n(?P=fence)\n",
    re.DOTALL,
)
FENCE = re.compile(r"^(`{3,})\w", re.MULTILINE)
SEEDS = "6"  # the chapter's audit takes 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One block of the chapter."""

    what: str  # "run" or "file"
    where: str  # the folder to run in, or the file
    text: str


def steps() -> Iterator[Step]:
    for match in BLOCK.finditer(CHAPTER.read_text(encoding="utf-8")):
        yield Step(what=match["what"], where=match["where"] or "", text=match["text"] + "\n")


def run(line: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run one line as a shell would; `grade` is this checkout's."""
    name, *arguments = shlex.split(line)
    assert name == "grade"
    if arguments[0] == "audit":
        arguments += ["--seeds", SEEDS]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "grader", *arguments],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_every_block_of_the_chapter_is_a_step() -> None:
    """A block without a mark would be printed and never run; a handout's own fences are inside one."""
    chapter = CHAPTER.read_text(encoding="utf-8").partition("## How to write an assignment\n")[2]
    rest = BLOCK.sub("", chapter)

    assert FENCE.findall(rest) == []
    assert sum(1 for _ in steps()) == chapter.count("\n<!-- ") > 5


@pytest.mark.slow
def test_the_chapter_works_as_printed(tmp_path: Path) -> None:
    """In a course of its own, from the first command to the student's folder."""
    printed = ""
    for step in steps():
        if step.what == "file":
            path = tmp_path / "lecture" / step.where
            assert path.is_file() or path.suffix == ".txt"  # `grade new` wrote one to be replaced
            path.write_text(step.text, encoding="utf-8")
            continue
        for line in step.text.splitlines():
            done = run(line, tmp_path / step.where)
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
            printed += done.stdout

    assert "every claim holds" in printed
    assert "100" in printed
    assert (tmp_path / "kit/hw14_nearest_neighbours/nearest_neighbours.py").is_file()
    examples = [
        sys.executable,
        "-m",
        "doctest",
        str(tmp_path / "lecture/assignments/hw14_nearest_neighbours/README.md"),
    ]
    environ = {**os.environ, "PYTHONPATH": str(tmp_path / "lecture/solutions/hw14_nearest_neighbours")}
    assert subprocess.run(examples, env=environ, check=False).returncode == 0
