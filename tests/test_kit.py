"""A student's kit of the whole course: it works, and no line of `solutions/` is in it."""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.catalogs import read_catalog
from grader.course import read_course
from grader.errors import UsageError
from grader.kit import write_kit
from grader.records import Assignment
from tests.small_course import write_course

ROOT = Path(__file__).parents[1]
COURSE = read_course(ROOT, secret=None)
FEWEST = 13  # letters and digits of a line that proves something
FIRST = COURSE.assignments[0]


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kit") / "kit"
    write_kit(COURSE, folder)
    return folder


def grade(*arguments: str | Path, kit: Path) -> "subprocess.CompletedProcess[str]":
    """Run the kit's own `grade` as a student does, in the kit's folder."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "grader", *map(str, arguments)],
        cwd=kit,
        env={**kept, "PYTHONPATH": str(kit)},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


# --- what must not be in it -------------------------------------------------


def split_reference(assignment: Assignment) -> tuple[set[str], set[str]]:
    """Lines inside the solution regions, and the others."""
    assert assignment.private is not None
    inside: set[str] = set()
    outside: set[str] = set()
    here = outside
    for line in lines_of(assignment.private / f"{assignment.module}.py"):
        if line in ("### BEGIN SOLUTION", "### END SOLUTION"):
            here = inside if "BEGIN" in line else outside
        else:
            here.add(line)
    return inside, outside


def bodies(path: Path) -> Iterator[str]:
    """Lines of every function's body, docstrings apart."""
    lines = lines_of(path)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            start = node.body[ast.get_docstring(node) is not None :]
            yield from lines[start[0].lineno - 1 : node.end_lineno] if start else ()


def lines_of(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]


def telling(lines: set[str], known: str) -> set[str]:
    """Those long enough to prove something, and not public anyway."""
    return {line for line in lines if sum(map(str.isalnum, line)) >= FEWEST and line not in known}


def hidden_texts(assignment: Assignment) -> set[str]:
    """Sentences of an assignment's hidden catalog, in both languages, that no public text and no tool says."""
    assert assignment.private is not None
    names = ("ko.po", "answers.json", "*.py", "README.md", "README.ko.md")
    public = [path.read_text(encoding="utf-8") for name in names for path in (ROOT / "assignments").glob(f"*/{name}")]
    said = read_catalog(assignment.private / "ko.po").items()
    texts = {text for (_, msgid), msgstr in said for text in (msgid, msgstr) if text.endswith(".")}
    return telling(texts, " ".join("\n".join([*public, toolkit()]).replace('"\n"', "").split()))


def leaks(secret: set[str], kit: Path) -> list[tuple[str, str]]:
    """Where a line stands in the kit; a notebook's JSON is read as text and as what it means."""
    found = []
    for path in (path for path in kit.rglob("*") if path.is_file()):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            text += "\n".join(strings(json.loads(text)))
        found += [(path.relative_to(kit).as_posix(), line) for line in secret if line in text]
    return found


def strings(value: object) -> Iterator[str]:
    """Every text in a notebook: sources, metadata, outputs, keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from strings(item)


def toolkit() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "grader").rglob("*.py"))


class TestSecrets:
    def test_no_line_of_a_solution_region_is_in_the_kit(self, kit: Path) -> None:
        """Only what the reference says outside its regions too, or the toolkit, may be."""
        inside, outside = zip(*map(split_reference, COURSE.assignments), strict=True)
        known = "\n".join(set().union(*outside)) + toolkit()
        secret = telling(set().union(*inside), known)

        assert len(secret) > 100
        assert leaks(secret, kit) == []

    def test_no_line_of_a_mistake_or_a_hidden_test_is_in_the_kit(self, kit: Path) -> None:
        """Public tests and handouts have lines in common with them, written as such by their authors."""
        written = [
            (each.public / name).read_text(encoding="utf-8")
            for each in COURSE.assignments
            for name in ("test_public.py", "README.md")
        ]
        outside = set().union(*(split_reference(each)[1] for each in COURSE.assignments))
        secret: set[str] = set()
        for each in COURSE.assignments:
            assert each.private is not None
            secret |= {*bodies(each.private / "misconceptions.py"), *bodies(each.private / "test_hidden.py")}
        secret = telling(secret, "\n".join([*written, *outside, toolkit()]))

        assert len(secret) > 500
        assert leaks(secret, kit) == []

    def test_no_translation_of_a_hint_or_a_hidden_title_is_in_the_kit(self, kit: Path) -> None:
        """Neither the English of a hidden catalog nor its Korean; the public catalogs are there."""
        secret = {text for each in COURSE.assignments for text in hidden_texts(each)}

        assert len(secret) > 1_000
        assert leaks(secret, kit) == []
        assert sorted(path.relative_to(kit).as_posix() for path in kit.rglob("ko.po")) == sorted(
            ["assignments/ko.po", *(f"assignments/{each.folder}/ko.po" for each in COURSE.assignments)]
        )

    def test_a_planted_line_would_be_found(self, kit: Path, tmp_path: Path) -> None:
        """In a notebook's metadata, quoted as JSON quotes."""
        (tmp_path / "a.ipynb").write_text(json.dumps({"metadata": {"x": 'return solve("a b c d")'}}), encoding="utf-8")

        assert leaks({'return solve("a b c d")'}, tmp_path) == [("a.ipynb", 'return solve("a b c d")')]

    def test_no_file_of_solutions_is_in_the_kit(self, kit: Path) -> None:
        names = {path.name for path in kit.rglob("*") if path.parent.parent != kit / "grader"}

        assert not (kit / "solutions").exists()
        assert names.isdisjoint({"test_hidden.py", "equivalent_mutants.txt", "course.secret"})


# --- what must be in it -----------------------------------------------------


class TestKit:
    def test_a_newcomer_goes_from_start_to_all_public_tests(self, kit: Path) -> None:
        """With the kit's own copy of the toolkit; the reference is pasted in."""
        started = grade("start", FIRST.id, kit=kit)
        untouched = grade(FIRST.id, kit=kit)
        assert FIRST.private is not None
        solution = (FIRST.private / f"{FIRST.module}.py").read_bytes()
        (kit / FIRST.folder / f"{FIRST.module}.py").write_bytes(solution)
        (kit / FIRST.folder / f"{FIRST.module}.ipynb").unlink()
        done = grade(FIRST.id, "--plain", kit=kit)

        assert started.returncode == 0, started.stderr
        assert untouched.returncode == 1
        assert "todo" in untouched.stdout
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.count("public tests: the hidden tests run on hand-in") == 1
        assert "FAIL" not in done.stdout

    def test_the_kit_can_be_installed(self, kit: Path) -> None:
        """Its pyproject.toml names the packages, the script and what they need, and no linter."""
        import tomllib

        project = tomllib.loads((kit / "pyproject.toml").read_text(encoding="utf-8"))

        assert project["project"]["scripts"] == {"grade": "grader.cli:main"}
        assert set(project) == {"build-system", "project", "tool"}
        assert set(project["tool"]) == {"setuptools"}
        for package in project["tool"]["setuptools"]["packages"]:
            assert (kit / package.replace(".", "/") / "__init__.py").is_file()
        assert (kit / "LICENSE").is_file()

    def test_the_readme_names_the_two_commands_and_every_assignment(self, kit: Path) -> None:
        text = (kit / "README.md").read_text(encoding="utf-8")

        assert "pip install ." in text
        assert f"grade start {FIRST.id} " in text
        assert all(f"- {each.id}: {each.title}\n" in text for each in COURSE.assignments)

    def test_the_readme_is_there_in_every_language_of_the_handouts(self, kit: Path) -> None:
        text = (kit / "README.ko.md").read_text(encoding="utf-8")

        assert "pip install ." in text
        assert "`README.ko.md`를 읽고" in text
        assert f"- {FIRST.id}: 컨볼루션\n" in text
        assert not re.search(r"[a-z]{2,} [a-z]{2,} [a-z]{2,} [a-z]{2,}", re.sub(r"`[^`]*`|^#.*", "", text))

    def test_a_folder_that_holds_something_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "mine.txt").touch()

        with pytest.raises(UsageError, match="not empty"):
            write_kit(COURSE, tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]

    @pytest.mark.parametrize("option", ["hw1", "--check"])
    def test_a_kit_is_of_the_whole_course(self, tmp_path: Path, option: str) -> None:
        done = grade("build", option, "--kit", tmp_path / "kit", kit=ROOT)

        assert done.returncode == 2
        assert "a kit holds the whole course" in done.stderr
        assert not (tmp_path / "kit").exists()

    def test_a_stale_course_gives_no_kit(self, tmp_path: Path) -> None:
        course = read_course(write_course(tmp_path / "course"), secret=None)
        (course.assignments[0].public / "doubling.py").write_text("edited", encoding="utf-8")

        with pytest.raises(UsageError, match="1 built files are not up to date"):
            write_kit(course, tmp_path / "kit")
        assert not (tmp_path / "kit").exists()

    def test_a_kit_builds_no_kit(self, kit: Path) -> None:
        with pytest.raises(UsageError, match="nothing to build"):
            write_kit(read_course(kit, secret=None), kit.parent / "again")


def test_at_home_a_wrong_answer_is_pictured_without_the_right_one(kit: Path, tmp_path: Path) -> None:
    """The kit knows its examples' answers by hash: what was passed and returned is all that can be drawn."""
    wrong = ROOT / "tests" / "submissions" / "hw01_convolution" / "filter_flipped"

    done = grade("hw1", wrong, "--export", f"html={tmp_path / 'page.html'}", "-q", kit=kit)

    assert (done.returncode, done.stderr) == (1, "")
    told = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<h5>Returned</h5>" in told
    assert "public tests: the hidden tests run on hand-in" in told
    assert told.count("<h5>Expected</h5>") == told.count("<h5>Returned minus expected</h5>")


def test_at_home_titles_and_hints_are_korean(kit: Path) -> None:
    """From the kit's own catalogs: its public tests' titles, and the hint that its table of answers proves."""
    wrong = ROOT / "tests" / "submissions" / "hw01_convolution" / "bias_forgotten"

    done = grade("--lang", "ko", "hw1", wrong, "--plain", kit=kit)

    assert done.returncode == 1, done.stderr
    assert "결과에 편향이 빠졌습니다. k번 특징 맵의 모든 값은 b[k]만큼 올라갑니다." in done.stdout
    assert "편향은 자기 특징 맵의 모든 값을 그만큼 올립니다." in done.stdout
    assert "The bias is missing" not in done.stdout
