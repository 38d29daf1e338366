"""What the project promises about itself: one test command everywhere, one visible top level, no path of a machine."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
VISIBLE = {
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "pyproject.toml",
    "assignments",
    "solutions",
    "grader",
    "datasets",
    "tests",
}


def tracked() -> list[Path]:
    """List the files of the repository; an unpacked archive has no such list."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("not a git checkout")
    return [Path(name) for name in done.stdout.split("\0") if name]


def readme_test_command() -> str:
    """Read it as .ci/run does: the fenced block after the marker line."""
    after = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n<!-- test command -->\n")[2]
    return after.split("```")[1].partition("\n")[2].strip()


def test_the_workflow_runs_the_readme_s_test_command() -> None:
    """A command that nobody runs is wrong within a month."""
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")

    assert f"      - run: {readme_test_command()}\n" in workflow


def test_the_test_that_the_readme_replays_exists() -> None:
    """Of hw1, whose report the line above it writes."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (name,) = re.findall(r"^grade replay kim\.json (\w+)", readme, re.MULTILINE)

    hidden = (ROOT / "solutions" / "hw01_convolution" / "test_hidden.py").read_text(encoding="utf-8")
    assert f"\ndef {name}(" in hidden
    assert "\ngrade hw1 handed_in/kim.zip --student kim --audience staff --export json=kim.json\n" in readme


def test_ci_takes_the_test_command_from_the_readme() -> None:
    """It has no copy of its own that could differ."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert "<!-- test command -->" in script
    assert readme_test_command() not in script


def test_ci_runs_every_check_that_the_workflow_runs() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    listed = script.partition("\nchecks=(\n")[2].partition("\n)\n")[0]
    checks = re.findall(r"^    \"(.*)\"$", listed, re.MULTILINE)

    assert len(checks) == len(listed.splitlines())
    assert sorted(checks) == sorted(
        [
            "ruff check .",
            "ruff format --check .",
            "mypy",
            "lint-imports",
            "grade build --check",
            *(f"grade audit hw{number} --plain --seeds 8 --jobs 1" for number in range(1, 14)),
        ]
    )


def test_the_visible_top_level_is_the_architecture_s() -> None:
    visible = {path.parts[0] for path in tracked() if not path.parts[0].startswith(".")}

    assert visible <= VISIBLE


def test_no_secret_is_committed() -> None:
    assert not [path for path in tracked() if path.name.endswith(".secret")]


def test_the_changelog_names_the_version() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "(.*)"$', pyproject, re.MULTILINE)
    assert version is not None

    assert f"\n## [{version[1]}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
