"""`grade` where a package is not installed: what the tests of extras share.

In: the package that is missing, and arguments. Out: the finished process.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def grade_without(package: str, folder: Path, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run `grade` in a process in which that package cannot be imported.

    Args:
        package: its name.
        folder: an empty one, for what hides it.
        arguments: of `grade`.
    """
    (folder / "sitecustomize.py").write_text(f"import sys\nsys.modules[{package!r}] = None\n", encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "grader", *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def is_told(done: "subprocess.CompletedProcess[str]", package: str, extra: str) -> bool:
    """Whether it ended with exit code 2 and one error, which has the command that installs the package."""
    lines = [f"error: {package} is not installed", f'  fix: pip install "cnn-autograde[{extra}]"']
    return (done.returncode, done.stdout, done.stderr.splitlines()) == (2, "", lines)
