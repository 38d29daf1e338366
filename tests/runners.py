"""How each platform starts what a bundle brings: its folders, its variables, its shell. Nothing below is simulated.

In: a bundle, unpacked as the platform does. Out: what a process printed, how it ended, what it left.
"""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_OURS = re.compile(r"GRADE|PYTHON|GITHUB_|RUNNER_|CI_|PYTEST|COV|VIRTUAL_ENV|COURSE_GIT|AUTOGRADER")
_EXPRESSION = re.compile(r"\$\{\{\s*([a-zA-Z0-9_.]+)\s*\}\}")
_WITHIN_S = 300


@dataclass(frozen=True)
class Ended:
    """How a script ended."""

    code: int
    stdout: str
    stderr: str


def environment(**variables: str | Path) -> dict[str, str]:
    """This machine's environment without anything of ours or of a CI, and a Python first on the path."""
    kept = {name: value for name, value in os.environ.items() if not _OURS.match(name)}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    return kept | {"PATH": path, **{name: str(value) for name, value in variables.items()}}


def start(command: Sequence[str | Path], *, folder: Path, environ: Mapping[str, str]) -> Ended:
    """Run a command to its end."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=_WITHIN_S,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def unzip(archive: Path, folder: Path) -> None:
    """As `unzip` does: with the files' modes."""
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            path = Path(opened.extract(entry, folder))
            path.chmod((entry.external_attr >> 16) & 0o777)


def fill(folder: Path, files: Mapping[str, str | Path]) -> Path:
    """Make a folder anew: a text is a file's content, a Path what a link points to."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            path.symlink_to(content)
        else:
            path.write_text(content, encoding="utf-8")
    return folder


def git_repository(folder: Path) -> str:
    """Commit what is in a folder; give the address that it can be cloned from."""
    who = ["-c", "user.name=staff", "-c", "user.email=staff@example.org", "-c", "init.defaultBranch=main"]
    for words in (["init", "-q"], ["add", "-A", "-f"], ["commit", "-q", "-m", "the course"]):
        subprocess.run(["git", *who, *words], cwd=folder, check=True, env=environment())
    return folder.as_uri()


class GitHub:
    """One job of a workflow: its `run:` steps, each in a shell of its own; `uses:` steps are the caller's.

    Args:
        workspace: the student's repository, checked out.
        secrets: by name; one that is not there is empty.
    """

    def __init__(self, workspace: Path, temp: Path, secrets: Mapping[str, str]) -> None:
        self._workspace = workspace
        self._temp = temp
        self._secrets = secrets
        temp.mkdir(parents=True)
        document = yaml.safe_load((workspace / ".github" / "workflows" / "grade.yml").read_text(encoding="utf-8"))
        (self._job,) = document["jobs"].values()

    def run(self, name: str) -> Ended:
        """Run one step by its name, as the runner does: its files are new, GITHUB_ENV goes on to later steps."""
        step = next(each for each in self._job["steps"] if each.get("name") == name)
        assert step["shell"] == "bash"
        script = self._temp / "step.sh"
        script.write_text(self._filled(step["run"]), encoding="utf-8")
        for file in ("summary", "output"):
            (self._temp / file).write_text("", encoding="utf-8")
        lasting = self._temp / "env"
        lasting.touch()
        told = dict(line.split("=", 1) for line in lasting.read_text(encoding="utf-8").splitlines())
        own = {key: self._filled(value) for key, value in step.get("env", {}).items()}
        environ = environment(
            # Root whose Python lies in its own home reaches less without namespaces, so the least is not the best.
            GRADE_ISOLATION="best",
            GITHUB_ACTIONS="true",
            CI="true",
            GITHUB_WORKSPACE=self._workspace,
            GITHUB_REPOSITORY="course/hw1-kim",
            GITHUB_ENV=lasting,
            GITHUB_STEP_SUMMARY=self._temp / "summary",
            GITHUB_OUTPUT=self._temp / "output",
            RUNNER_TEMP=self._temp,
        )
        command: list[str | Path] = ["bash", "--noprofile", "--norc", "-eo", "pipefail", script]
        return start(command, folder=self._workspace, environ=environ | told | own)

    def left(self, file: str) -> str:
        """What the last step wrote to its summary, or to its outputs."""
        return (self._temp / file).read_text(encoding="utf-8")

    def _filled(self, text: str) -> str:
        return _EXPRESSION.sub(lambda match: self._secrets.get(match[1].removeprefix("secrets."), ""), text)


def gitlab(workspace: Path, scratch: Path, *, shell: str, variables: Mapping[str, str]) -> Ended:
    """The one job of a `.gitlab-ci.yml`: `before_script` and `script` in one shell that ends at the first failure."""
    job: dict[str, Any] = yaml.safe_load((workspace / ".gitlab-ci.yml").read_text(encoding="utf-8"))["grade"]
    assert job["artifacts"]["when"] == "always"
    scratch.mkdir(parents=True, exist_ok=True)
    script = scratch / "job.sh"
    script.write_text("set -e\n" + "\n".join([*job["before_script"], *job["script"]]), encoding="utf-8")
    environ = environment(
        GRADE_ISOLATION="best",  # as above
        CI="true",
        GITLAB_CI="true",
        CI_PROJECT_DIR=workspace,
        CI_PROJECT_PATH="course/hw1-kim",
        TMPDIR=scratch,
        **variables,
    )
    return start([shell, script], folder=workspace, environ=environ)
