"""The Tab key, pressed in a real bash and a real zsh that were set up with README's own lines."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from grader import cli, completions
from grader.course import find_course
from grader.exports.formats import FORMATS
from tests.small_course import write_course

if sys.platform == "win32":
    pytest.skip("no bash, zsh or pseudo-terminal there", allow_module_level=True)

from tests.terminals import Terminal

ROOT = Path(__file__).parents[1]
IDS = {f"hw{number}" for number in range(1, 14)}
PROMPT = "READY> "
# Colours, cursor moves, character sets, titles: what a shell draws with.
_DRAWING = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[()][A-Z0-9]|[=>78]|\][^\x07]*\x07)")
SHELLS = {
    # (how to start it without anybody's settings, how to make its list easy to read)
    "bash": (
        ["--norc", "--noprofile", "-i"],
        ["bind 'set show-all-if-ambiguous on'", "bind 'set page-completions off'"],
    ),
    "zsh": (["-f", "-i"], ["unsetopt PROMPT_SP", "LISTMAX=0"]),
}


def shell_program(name: str) -> str:
    """Find the shell; typer refuses a bash before 4.4, which macOS has."""
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"{name} is not installed")
    if name == "bash":
        done = subprocess.run([program, "-c", "echo ${BASH_VERSINFO[0]}"], capture_output=True, text=True, check=True)
        if int(done.stdout) < 5:
            pytest.skip("typer completes in bash 4.4 and later only")
    return program


def readme_lines(name: str) -> str:
    """What README says to run once in that shell: the fenced block after the marker."""
    after = (ROOT / "README.md").read_text(encoding="utf-8").partition(f"\n<!-- completion {name} -->\n")[2]
    return after.split("```")[1].partition("\n")[2].strip()


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a `grade` of this checkout."""
    folder = tmp_path_factory.mktemp("bin")
    grade = folder / "grade"
    grade.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom grader.cli import main\nmain()\n"
    )
    grade.chmod(0o755)
    return folder


@pytest.fixture(scope="module", params=sorted(SHELLS))
def shell(request: pytest.FixtureRequest, programs: Path, tmp_path_factory: pytest.TempPathFactory) -> "Shell":
    """A shell in a home where README's line was run."""
    name = str(request.param)
    home = tmp_path_factory.mktemp(f"home_{name}")
    one = Shell(name, shell_program(name), home, programs)
    subprocess.run([one.program, "-c", readme_lines(name)], env=one.environ, cwd=ROOT, check=True, timeout=60)
    return one


class Shell:
    def __init__(self, name: str, program: str, home: Path, programs: Path) -> None:
        self.name = name
        self.program = program
        path = os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath)])
        self.environ = {"HOME": str(home), "PATH": path, "TERM": "xterm", "LANG": "C.UTF-8"}

    def press(self, typed: str, *, cwd: Path, tabs: int = 2) -> str:
        """Type, press Tab, and give back all that is on the screen then."""
        start, settings = SHELLS[self.name]
        lines = [f"PS1='{PROMPT}'", *settings, f". ~/.{self.name}rc", "echo START-$((1 + 1))"]
        with Terminal([self.program, *start], cwd=cwd, environ=self.environ, columns=200) as terminal:
            terminal.write("".join(f"{line}\n" for line in lines))
            terminal.read_until("START-2")
            terminal.read_until(PROMPT)
            # Ctrl-U throws the line away, and what stands before the next mark is what the Tab has shown.
            terminal.write(typed + "\t" * tabs + "\x15echo END-$((1 + 1))\n")
            return _DRAWING.sub("", terminal.read_until("END-2"))

    def offered(self, typed: str, *, cwd: Path = ROOT) -> set[str]:
        """Which words are listed; zsh writes each with its help, bash in columns."""
        lines = self.press(typed, cwd=cwd).replace("\r", "\n").splitlines()
        if self.name == "zsh":
            return {line.split()[0] for line in lines if " -- " in line}
        listed = [line for line in lines if line and not line.startswith((PROMPT, "grade", "echo", "END-2"))]
        return {word for line in listed for word in line.split()}


class TestInAShell:
    def test_a_first_word_is_a_command_or_an_assignment(self, shell: Shell) -> None:
        """`grade <Tab>`; the hidden command behind `grade hw1` is not among them."""
        found = shell.offered("grade ")

        assert found >= IDS | {"list", "start", "watch", "batch", "doctor"}
        assert cli.GRADE not in found

    def test_an_assignment_is_completed_where_a_command_would_stand(self, shell: Shell) -> None:
        """`grade hw<Tab>`."""
        assert shell.offered("grade hw") == IDS

    def test_an_assignment_is_completed_after_a_command(self, shell: Shell) -> None:
        """`grade batch <Tab>`."""
        assert shell.offered("grade batch ") == IDS

    def test_the_first_tab_completes_an_option(self, shell: Shell) -> None:
        """`grade hw1 --ex<Tab>`, in a terminal in which nothing was completed before."""
        assert "grade hw1 --export " in shell.press("grade hw1 --ex", cwd=ROOT, tabs=1)

    def test_an_export_is_completed_with_a_file(self, shell: Shell) -> None:
        """`grade hw1 --export j<Tab>`."""
        assert {"json=report.json", "junit=report.xml"} <= shell.offered("grade hw1 --export j")

    def test_a_batch_s_export_is_completed_as_a_format(self, shell: Shell) -> None:
        """`grade batch hw1 submissions --export <Tab>`."""
        assert shell.offered("grade batch hw1 submissions --export ") == set(FORMATS)

    def test_a_submission_is_completed_as_a_file(self, shell: Shell, tmp_path: Path) -> None:
        """By the shell itself."""
        (tmp_path / "my_convolution.py").touch()

        assert "grade hw1 my_convolution.py" in shell.press("grade hw1 my_", cwd=tmp_path, tabs=1)

    @pytest.mark.parametrize("typed", ["grade hw", "grade lst ", "grade batch hw"])
    def test_nothing_is_said_outside_a_course(self, shell: Shell, tmp_path: Path, typed: str) -> None:
        """No error runs into what one types."""
        assert "error" not in shell.press(typed, cwd=tmp_path)


def complete(programs: Path, typed: str, *, cwd: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Ask as bash does, without bash."""
    words = typed.split(" ")
    asked = {"_GRADE_COMPLETE": "complete_bash", "COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1)}
    kept = {"PATH": os.environ.get("PATH", os.defpath)}
    return subprocess.run(
        [sys.executable, programs / "grade"],
        env={**kept, **asked, **environ},
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


class TestOffers:
    def test_no_option_installs_completion(self, programs: Path) -> None:
        """Typer's own speak English, and change files that README does not name."""
        assert not {"--install-completion", "--show-completion"} & set(
            complete(programs, "grade --", cwd=ROOT).stdout.split()
        )

    def test_the_course_of_the_command_line_counts(self, programs: Path, tmp_path: Path) -> None:
        """`--course`, and GRADE_COURSE."""
        root = write_course(tmp_path / "course")

        assert complete(programs, f"grade list --course {root} ", cwd=tmp_path).stderr == ""
        assert complete(programs, f"grade batch --course {root} ", cwd=tmp_path).stdout == "hw1\n"
        assert complete(programs, "grade hw", cwd=tmp_path, GRADE_COURSE=str(root)).stdout == "hw1\n"

    def test_other_names_of_an_assignment_are_offered_where_no_id_begins_so(self, programs: Path) -> None:
        """A folder's, and a module's."""
        assert complete(programs, "grade hw05", cwd=ROOT).stdout == "hw05_dropout\n"
        assert complete(programs, "grade start pool", cwd=ROOT).stdout == "pooling\n"

    def test_a_broken_course_says_nothing(self, programs: Path, tmp_path: Path) -> None:
        """`grade list` will."""
        root = write_course(tmp_path)
        (root / "assignments" / "course.toml").write_text("title = ")

        done = complete(programs, "grade hw", cwd=root)

        assert (done.stdout.strip(), done.stderr) == ("", "")

    def test_an_unknown_command_says_nothing(self, programs: Path) -> None:
        """Enter will."""
        assert complete(programs, "grade lst ", cwd=ROOT).stderr == ""

    def test_the_language_is_completed_in_every_command(self, programs: Path) -> None:
        """As README says, it may stand anywhere."""
        for typed in ("grade --la", "grade hw1 --la", "grade report pages --lan", "grade push canvas --la"):
            assert "--lang" in complete(programs, typed, cwd=ROOT).stdout.split(), typed
        for typed in ("grade --lang ", "grade hw1 --lang ", "grade push lti --lang "):
            assert complete(programs, typed, cwd=ROOT).stdout.split() == ["en", "ko"], typed

    @pytest.mark.parametrize(
        "typed", ["grade ", "grade --", "grade hw1 --", "grade batch --", "grade push ", "grade push canvas --"]
    )
    def test_what_zsh_says_of_a_word_is_korean(self, programs: Path, typed: str) -> None:
        done = complete(
            programs,
            typed,
            cwd=ROOT,
            _GRADE_COMPLETE="complete_zsh",
            _TYPER_COMPLETE_ARGS=typed,
            GRADE_LANG="ko",
        )
        told = re.findall(r'^.*?"([^"]+)":"([^"]+)"', done.stdout, re.MULTILINE)

        assert told
        assert [word for word, what in told if not re.search("[\uac00-\ud7a3]", what)] == []

    @pytest.mark.parametrize("typed", ["grade hw", "grade hw1 --export ", "grade batch hw1 --e"])
    def test_nothing_heavy_is_imported(self, programs: Path, typed: str) -> None:
        """A Tab that takes a second is not pressed twice."""
        done = complete(programs, typed, cwd=ROOT, PYTHONPROFILEIMPORTTIME="1")
        imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}

        assert "grader.completions" in imported
        assert not imported & {"numpy", "pytest", "nbformat", "tensorflow", "rich", "parso"}

    def test_every_assignment_of_every_command_is_completed(self) -> None:
        """Whoever adds a command is reminded here; `grade new` wants a number that is free."""
        group: Any = typer.main.get_command(cli.app)
        asked = {
            name
            for name, command in group.commands.items()
            for each in command.params
            if each.name == "assignment"
            and not {item.value for item in each.shell_complete(typer.Context(command), "hw")} & IDS
        }

        assert asked == {"new"}

    def test_every_export_s_file_fits_its_format(self) -> None:
        """XML is not called JSON."""
        offered = dict(word.split("=") for word, _ in completions.exports(""))

        assert set(offered) == set(FORMATS)
        assert offered["junit"].endswith(".xml")


def test_the_ids_are_the_course_s() -> None:
    """As this file has them."""
    assert {each.id for each in find_course(ROOT, explicit=None, environ={}).assignments} == IDS
