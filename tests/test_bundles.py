"""Bundles: what is in them, what must not be, and what comes out when each platform's own scripts really run."""

import json
import os
import shutil
import stat
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from grader.bundles import write_bundle, zipped
from grader.course import read_course
from grader.errors import UsageError
from grader.onsite import Platform
from grader.records import Course
from tests.exports import contexts, rules_classroom50, rules_github, rules_gradescope, rules_prairielearn
from tests.runners import Ended, GitHub, environment, fill, git_repository, gitlab, start, unzip
from tests.small_course import RIGHT, write_course
from tests.test_kit import bodies, hidden_texts, leaks, split_reference, telling, toolkit

ROOT = Path(__file__).parents[1]
WHOLE = read_course(ROOT, secret=None)
FIRST = WHOLE.assignments[0]
READABLE = (Platform.GITHUB, Platform.GITLAB, Platform.CLASSROOM50)
WRONG = RIGHT.replace("x + x", "x * x")
FILE = "doubling.py"

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="these platforms run Linux")


def bundle_of(course: Course, platform: Platform, folder: Path, *, hidden: bool = False) -> Path:
    write_bundle(course, course.assignments[0], platform, folder, hidden=hidden)
    return folder


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Platform, Path]:
    """Every bundle of the real course's first assignment."""
    folder = tmp_path_factory.mktemp("bundles")
    return {each: bundle_of(WHOLE, each, folder / each) for each in Platform}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return read_course(write_course(tmp_path_factory.mktemp("course") / "course"), secret=None)


# --- what must not be in one ------------------------------------------------


class TestSecrets:
    @pytest.mark.parametrize("platform", READABLE)
    def test_no_private_line_is_where_students_can_read_it(
        self, first: Mapping[Platform, Path], platform: Platform
    ) -> None:
        """Not of the reference's solutions, the hidden tests, the misconceptions or the alternatives."""
        assert FIRST.private is not None
        inside, outside = split_reference(FIRST)
        files = ("test_hidden.py", "misconceptions.py", "alternatives.py")
        private = inside.union(*(bodies(FIRST.private / name) for name in files))
        public = [(FIRST.public / name).read_text(encoding="utf-8") for name in ("test_public.py", "README.md")]
        secret = telling(private, "\n".join([*public, *outside, toolkit()]))

        assert len(secret) > 100
        assert leaks(secret, first[platform]) == []

    @pytest.mark.parametrize("platform", READABLE)
    def test_no_translation_of_a_hint_is_where_students_can_read_it(
        self, first: Mapping[Platform, Path], platform: Platform
    ) -> None:
        secret = hidden_texts(FIRST)

        assert len(secret) > 100
        assert leaks(secret, first[platform]) == []
        assert {path.parent.name for path in first[platform].rglob("ko.po")} == {"assignments", FIRST.folder}

    def test_translations_go_where_hidden_tests_are_graded(self, first: Mapping[Platform, Path]) -> None:
        """A student reads the feedback there."""
        with zipfile.ZipFile(first[Platform.GRADESCOPE] / f"{FIRST.id}_gradescope.zip") as archive:
            names = {name for name in archive.namelist() if name.endswith("/ko.po")}

        assert names == {"assignments/ko.po", f"assignments/{FIRST.folder}/ko.po", f"solutions/{FIRST.folder}/ko.po"}

    @pytest.mark.parametrize("platform", READABLE)
    def test_no_private_file_is_where_students_can_read_it(
        self, first: Mapping[Platform, Path], platform: Platform
    ) -> None:
        names = {path.name for path in first[platform].rglob("*")}

        assert names.isdisjoint({"solutions", "test_hidden.py", "course.secret", "equivalent_mutants.txt"})

    def test_an_image_of_prairielearn_holds_nothing_private(self, first: Mapping[Platform, Path]) -> None:
        """Images are often public."""
        names = {path.name for path in (first[Platform.PRAIRIELEARN] / "image").rglob("*")}

        assert names.isdisjoint({"solutions", "test_hidden.py", "course.secret", f"{FIRST.module}.py"})

    def test_the_secret_goes_with_the_hidden_tests_only(self, small: Course, tmp_path: Path) -> None:
        """A course without one of its own has none to give."""
        course = replace(small, secret=b"correct horse")
        for platform in READABLE:
            folder = bundle_of(course, platform, tmp_path / platform)
            assert all(b"correct horse" not in path.read_bytes() for path in folder.rglob("*") if path.is_file())
        learn = bundle_of(course, Platform.PRAIRIELEARN, tmp_path / "learn") / "question" / "tests"
        none = bundle_of(small, Platform.PRAIRIELEARN, tmp_path / "none") / "question" / "tests"

        assert read_course(learn, secret=None).secret == b"correct horse"
        assert not (none / "solutions" / "course.secret").exists()
        assert read_course(none, secret=None).secret == small.secret

    def test_hidden_tests_go_into_a_classroom_50_bundle_only_when_told(self, small: Course, tmp_path: Path) -> None:
        without = bundle_of(small, Platform.CLASSROOM50, tmp_path / "without")
        told = bundle_of(small, Platform.CLASSROOM50, tmp_path / "told", hidden=True)

        assert not list(without.rglob("test_hidden.py"))
        assert "treat them as readable by students" in (without / "README.md").read_text(encoding="utf-8")
        assert len(list(told.rglob("test_hidden.py"))) == 1
        assert "HIDDEN TESTS" in (told / "README.md").read_text(encoding="utf-8")
        assert '"confined"' in next(told.rglob("autograder.py")).read_text(encoding="utf-8")

    @pytest.mark.parametrize("platform", [each for each in Platform if each is not Platform.CLASSROOM50])
    def test_the_others_do_not_take_it(self, small: Course, tmp_path: Path, platform: Platform) -> None:
        with pytest.raises(UsageError, match="does not take the option"):
            bundle_of(small, platform, tmp_path / "b", hidden=True)


# --- what must be in one ----------------------------------------------------


class TestContents:
    def test_gradescope_finds_its_two_scripts_at_the_zips_root(self, first: Mapping[Platform, Path]) -> None:
        """Executable, with a shebang and unix newlines; without it the upload is refused, or runs nothing."""
        with zipfile.ZipFile(first[Platform.GRADESCOPE] / f"{FIRST.id}_gradescope.zip") as archive:
            for name in ("setup.sh", "run_autograder"):
                text = archive.read(name)
                assert text.startswith(b"#!/usr/bin/env bash\n")
                assert b"\r" not in text
                assert stat.S_IMODE(archive.getinfo(name).external_attr >> 16) == 0o755
                assert archive.getinfo(name).create_system == 3

            names = archive.namelist()
        assert f"solutions/{FIRST.folder}/test_hidden.py" in names
        assert f"solutions/{FIRST.folder}/alternatives.py" not in names
        assert {name.split("/")[1] for name in names if name.startswith("solutions/")} == {FIRST.folder}
        assert {"LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml", "datasets/manifest.toml"} <= set(names)

    @pytest.mark.parametrize("platform", list(Platform))
    def test_each_says_what_memory_it_needs(self, first: Mapping[Platform, Path], platform: Platform) -> None:
        text = (first[platform] / "README.md").read_text(encoding="utf-8")

        assert "768 MB" in text
        assert "@@" not in text
        assert text.isascii()

    def test_tensorflow_asks_for_3_gb_and_its_extra(self, tmp_path: Path) -> None:
        heavy = next((each for each in WHOLE.assignments if each.requires), None)
        if heavy is None:
            pytest.skip("the course has no assignment that trains")
        write_bundle(WHOLE, heavy, Platform.GRADESCOPE, tmp_path / "g")
        write_bundle(WHOLE, heavy, Platform.PRAIRIELEARN, tmp_path / "p")
        with zipfile.ZipFile(tmp_path / "g" / f"{heavy.id}_gradescope.zip") as archive:
            setup = archive.read("setup.sh").decode()

        assert "at least 3072 MB" in (tmp_path / "g" / "README.md").read_text(encoding="utf-8")
        assert '"$source[tensorflow]"' in setup
        assert "(3, 13)" in setup, "there is no TensorFlow for 3.14"
        assert "[tensorflow]" in (tmp_path / "p" / "image" / "Dockerfile").read_text(encoding="utf-8")

    @pytest.mark.parametrize("platform", list(Platform))
    def test_a_rebuild_gives_the_same_bytes(self, small: Course, tmp_path: Path, platform: Platform) -> None:
        one = bundle_of(small, platform, tmp_path / "one")
        again = bundle_of(small, platform, tmp_path / "again")

        assert contents(again) == contents(one)

    def test_an_archive_depends_on_its_files_only(self) -> None:
        one = {Path("b"): b"2", Path("a"): b"1"}
        other = dict(reversed(one.items()))

        assert zipped(one, frozenset()) == zipped(other, frozenset())

    def test_info_json_names_image_entrypoint_and_a_timeout_that_is_allowed(
        self, first: Mapping[Platform, Path]
    ) -> None:
        text = (first[Platform.PRAIRIELEARN] / "question" / "info.json").read_text(encoding="utf-8")
        options = json.loads(text)["externalGradingOptions"]

        assert options["enabled"] is True
        assert options["image"]
        assert options["entrypoint"] == "/opt/grading/entrypoint.sh"
        assert 30 <= options["timeout"] <= 600

    def test_a_folder_that_holds_something_is_left_alone(self, small: Course, tmp_path: Path) -> None:
        (tmp_path / "mine.txt").touch()

        with pytest.raises(UsageError, match="not empty"):
            bundle_of(small, Platform.GITHUB, tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]

    def test_a_stale_course_gives_no_bundle(self, tmp_path: Path) -> None:
        course = read_course(write_course(tmp_path / "course"), secret=None)
        (course.assignments[0].public / FILE).write_text("edited", encoding="utf-8")

        with pytest.raises(UsageError, match="1 built files are not up to date"):
            bundle_of(course, Platform.GITLAB, tmp_path / "b")
        assert not (tmp_path / "b").exists()

    def test_a_kit_gives_no_bundle(self, tmp_path: Path) -> None:
        shutil.rmtree(write_course(tmp_path / "course") / "solutions")

        with pytest.raises(UsageError, match="nothing to build"):
            bundle_of(read_course(tmp_path / "course", secret=None), Platform.GRADESCOPE, tmp_path / "b")


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


# --- Gradescope, as it runs -------------------------------------------------


class Autograder:
    """/autograder of one machine: set up once, then any number of submissions."""

    def __init__(self, course: Course, root: Path) -> None:
        self.root = root
        self.solutions = root / "source" / "solutions" / course.assignments[0].folder
        bundle_of(course, Platform.GRADESCOPE, root / "bundle")
        unzip(root / "bundle" / "hw1_gradescope.zip", root / "source")
        shutil.copy(root / "source" / "run_autograder", root / "run_autograder")
        self.environ = environment(AUTOGRADER_ROOT=root)
        self.setup = start([root / "source" / "setup.sh"], folder=root, environ=self.environ)

    def grade(self, files: Mapping[str, str | Path]) -> tuple[Ended, str]:
        """Lay a submission out and run the script; how it ended, and the results."""
        fill(self.root / "submission", files)
        fill(self.root / "results", {})
        metadata = {"id": 1, "users": [{"email": "kim@example.org", "id": 3, "name": "Kim"}]}
        (self.root / "submission_metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
        ended = start([self.root / "run_autograder"], folder=self.root, environ=self.environ)
        return ended, (self.root / "results" / "results.json").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def autograder(small: Course, tmp_path_factory: pytest.TempPathFactory) -> Autograder:
    return Autograder(small, tmp_path_factory.mktemp("machine") / "autograder")


@pytest.fixture
def hidden_tests(autograder: Autograder) -> Iterator[Path]:
    """The hidden tests on the machine, whatever a test makes of them."""
    path = autograder.solutions / "test_hidden.py"
    before = path.read_text(encoding="utf-8")
    yield path
    path.write_text(before, encoding="utf-8")


@on_linux
@pytest.mark.slow
class TestGradescope:
    def test_the_setup_ends_with_the_reference_graded(self, autograder: Autograder) -> None:
        assert autograder.setup.code == 0, autograder.setup.stderr
        assert autograder.setup.stdout.endswith("hw1 100/100\n")
        assert stat.S_IMODE((autograder.root / "source" / "solutions").stat().st_mode) & 0o077 == 0

    def test_a_right_submission_has_all_points(self, autograder: Autograder) -> None:
        ended, results = autograder.grade({FILE: RIGHT})

        document = rules_gradescope.check(results, points=100)
        assert ended.code == 0, ended.stderr
        assert document["score"] == 100
        assert [test["status"] for test in document["tests"]] == ["passed"] * 4

    def test_a_wrong_one_loses_points_and_the_script_still_ends_well(self, autograder: Autograder) -> None:
        ended, results = autograder.grade({FILE: WRONG})

        document = rules_gradescope.check(results, points=100)
        assert ended.code == 0
        assert 0 < document["score"] < 100
        assert "You square where you should double." in results

    def test_a_rerun_draws_the_same_inputs(self, autograder: Autograder) -> None:
        """The student is read from the platform's metadata."""
        results = [json.loads(autograder.grade({FILE: WRONG})[1]) for _ in range(2)]
        for document in results:
            document.pop("execution_time", None)

        assert results[0] == results[1]

    @pytest.mark.parametrize("files", [{}, {"essay.pdf": "x"}, {FILE: Path("/etc/passwd")}, {FILE: "x", "a.bin": "y"}])
    def test_what_cannot_be_graded_is_told_to_the_student(
        self, autograder: Autograder, files: dict[str, str | Path]
    ) -> None:
        """No file, another file, a link: 0 of 100 with the reason. A file without a function: 0, test by test."""
        ended, results = autograder.grade(files)

        document = rules_gradescope.check(results, points=100)
        assert ended.code == 0
        assert document["score"] == 0
        assert "root:" not in results

    def test_a_link_to_the_reference_is_not_followed(self, autograder: Autograder) -> None:
        _, results = autograder.grade({FILE: autograder.solutions / FILE})

        assert rules_gradescope.check(results, points=100)["score"] == 0
        assert "links are not followed" in results

    def test_a_hidden_test_that_is_broken_is_nobodys_zero(self, autograder: Autograder, hidden_tests: Path) -> None:
        break_a_test(hidden_tests, "undefined")
        ended, results = autograder.grade({FILE: RIGHT})

        rules_gradescope.check_withheld(results)
        assert ended.code == 3
        assert "not graded" in ended.stdout

    def test_a_grader_that_is_killed_leaves_no_score(self, autograder: Autograder, hidden_tests: Path) -> None:
        """In the middle of the tests, as by a lack of memory."""
        break_a_test(hidden_tests, "__import__('os')._exit(137)")
        ended, results = autograder.grade({FILE: RIGHT})

        rules_gradescope.check_withheld(results)
        assert ended.code == 137
        assert "exit code 137" in ended.stdout
        assert json.loads((autograder.root / "results" / "unfinished.json").read_text(encoding="utf-8"))["tests"]

    def test_a_broken_course_leaves_no_score(self, autograder: Autograder, hidden_tests: Path) -> None:
        hidden_tests.write_text("this is no Python", encoding="utf-8")
        ended, results = autograder.grade({FILE: RIGHT})

        rules_gradescope.check_withheld(results)
        assert ended.code in (2, 3)

    def test_an_old_python_is_replaced_and_a_broken_grader_is_not_set_up(self, small: Course, tmp_path: Path) -> None:
        """As on Ubuntu 22.04, with an `uv` that finds this Python; the image is not built, and the log says why."""
        root = tmp_path / "autograder"
        bundle_of(small, Platform.GRADESCOPE, root / "bundle")
        unzip(root / "bundle" / "hw1_gradescope.zip", root / "source")
        break_a_test(root / "source" / "solutions" / "hw01_doubling" / "test_hidden.py", "undefined")
        environ = environment(AUTOGRADER_ROOT=root) | {"PATH": os.fspath(old_machine(tmp_path / "bin"))}
        ended = start([root / "source" / "setup.sh"], folder=root, environ=environ)

        assert (root / "uv" / "asked").read_text(encoding="utf-8").splitlines() == [
            f"{root}/python: python install 3.13",
            f"{root}/python: python find --managed-python 3.13",
        ]
        assert ended.code == 3, ended.stderr
        assert ended.stdout == "hw1 not graded\n"


def break_a_test(path: Path, statement: str) -> None:
    """Put a statement before what test_total checks."""
    text = path.read_text(encoding="utf-8")
    assert "    check(student.total" in text
    path.write_text(
        text.replace("    check(student.total", f"    {statement}\n    check(student.total"), encoding="utf-8"
    )


def old_machine(folder: Path) -> Path:
    """A folder of programs whose only Python is too old; its `venv` makes one that has an `uv`."""
    folder.mkdir()
    for name in ("bash", "cat", "chmod", "env", "mkdir", "sh"):
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    uv = f"""#!/bin/sh
echo "$UV_PYTHON_INSTALL_DIR: $*" >> "${{0%/bin/uv}}/asked"
[ "$2" = install ] || echo "{sys.executable}"
"""
    (folder / "uv.txt").write_text(uv, encoding="utf-8")
    python = f"""#!/bin/sh
case "$*" in
    *version_info*) exit 1 ;;
    "-I -m venv "*) mkdir -p "$4/bin" && cat "{folder}/python3" > "$4/bin/python" && chmod +x "$4/bin/python" ;;
    "-I -m pip install "*) cat "{folder}/uv.txt" > "${{0%/python}}/uv" && chmod +x "${{0%/python}}/uv" ;;
esac
"""
    (folder / "python3").write_text(python, encoding="utf-8")
    (folder / "python3").chmod(0o755)
    return folder


# --- PrairieLearn, with the machine of the above ----------------------------


class Learn:
    """/grade of one job after another."""

    def __init__(self, course: Course, root: Path, venv: Path) -> None:
        self.root = root
        folder = bundle_of(course, Platform.PRAIRIELEARN, root / "bundle")
        self.entrypoint = folder / "image" / "entrypoint.sh"
        shutil.copytree(folder / "question" / "tests", root / "tests")
        self.environ = environment(GRADE_ROOT=root, GRADE_VENV=venv)

    def grade(self, files: Mapping[str, str | Path]) -> str:
        fill(self.root / "student", files)
        shutil.rmtree(self.root / "results", ignore_errors=True)
        fill(self.root / "data", {"data.json": json.dumps({"variant_seed": "42", "submitted_answers": {}})})
        ended = start([self.entrypoint], folder=self.root, environ=self.environ)
        assert ended.code == 0, ended.stderr
        return (self.root / "results" / "results.json").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def learn(small: Course, autograder: Autograder, tmp_path_factory: pytest.TempPathFactory) -> Learn:
    return Learn(small, tmp_path_factory.mktemp("job") / "grade", autograder.root / "venv")


@on_linux
@pytest.mark.slow
class TestPrairieLearn:
    def test_a_score_is_a_share_of_one(self, learn: Learn) -> None:
        assert rules_prairielearn.check(learn.grade({FILE: RIGHT}))["score"] == 1
        assert 0 < rules_prairielearn.check(learn.grade({FILE: WRONG}))["score"] < 1

    @pytest.mark.parametrize("files", [{}, {FILE: Path("/etc/passwd")}])
    def test_what_cannot_be_graded_costs_no_attempt(self, learn: Learn, files: dict[str, str | Path]) -> None:
        document = rules_prairielearn.check(learn.grade(files))

        assert document["gradable"] is False
        assert document["format_errors"]

    def test_our_fault_costs_no_attempt(self, learn: Learn) -> None:
        hidden = learn.root / "tests" / "solutions" / "hw01_doubling" / "test_hidden.py"
        text = hidden.read_text(encoding="utf-8")
        try:
            break_a_test(hidden, "undefined")
            broken = rules_prairielearn.check(learn.grade({FILE: RIGHT}))
            hidden.write_text("this is no Python", encoding="utf-8")
            unreadable = rules_prairielearn.check(learn.grade({FILE: RIGHT}))
        finally:
            hidden.write_text(text, encoding="utf-8")

        assert broken["gradable"] is False
        assert unreadable["gradable"] is False


# --- GitHub -----------------------------------------------------------------


@pytest.fixture(scope="module")
def workspace(small: Course, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, GitHub, Ended]:
    """A student's repository with public tests, installed once."""
    folder = tmp_path_factory.mktemp("github")
    repository = bundle_of(small, Platform.GITHUB, folder / "repository")
    job = GitHub(repository, folder / "temp", secrets={})
    return repository, job, job.run("Install")


def hand_in(repository: Path, files: Mapping[str, str | Path]) -> None:
    fill(repository / "hw01_doubling", files)


@on_linux
@pytest.mark.slow
class TestGitHub:
    def test_the_template_itself_is_not_attempted(self, workspace: tuple[Path, GitHub, Ended]) -> None:
        _, job, installed = workspace
        ended = job.run("Grade")

        assert installed.code == 0, installed.stderr
        assert ended.code == 1
        rules_github.read_stdout(ended.stdout)

    def test_a_right_submission_is_green(self, workspace: tuple[Path, GitHub, Ended]) -> None:
        repository, job, _ = workspace
        hand_in(repository, {FILE: RIGHT})
        ended = job.run("Grade")

        assert ended.code == 0, ended.stderr
        assert "1 of 1 passed" in ended.stdout
        assert rules_github.check_summary(job.left("summary")) is not None
        assert rules_github.read_outputs(job.left("output"))["failed"] == ""

    def test_a_wrong_one_is_red_with_an_annotation(self, workspace: tuple[Path, GitHub, Ended]) -> None:
        repository, job, _ = workspace
        hand_in(repository, {FILE: RIGHT.replace("x + x", "x + 3")})
        ended = job.run("Grade")

        assert ended.code == 1
        assert any(each.kind == "error" for each in rules_github.read_stdout(ended.stdout)[1])
        assert rules_github.read_outputs(job.left("output"))["failed"] == "test_two"
        assert "Two ones" in job.left("summary")

    @pytest.mark.parametrize("files", [{}, {FILE: Path("/etc/passwd")}])
    def test_what_cannot_be_graded_is_red_with_the_reason(
        self, workspace: tuple[Path, GitHub, Ended], files: dict[str, str | Path]
    ) -> None:
        repository, job, _ = workspace
        hand_in(repository, files)
        ended = job.run("Grade")

        assert ended.code == 1
        assert "rejected" in ended.stdout
        assert "root:" not in ended.stdout + ended.stderr

    def test_our_fault_is_called_so(self, workspace: tuple[Path, GitHub, Ended]) -> None:
        repository, job, _ = workspace
        tests = repository / "assignments" / "hw01_doubling" / "test_public.py"
        text = tests.read_text(encoding="utf-8")
        hand_in(repository, {FILE: RIGHT})
        tests.write_text(text.replace("check_equal(", "check_it("), encoding="utf-8")
        ended = job.run("Grade")
        tests.write_text(text, encoding="utf-8")

        assert ended.code == 3
        annotations = rules_github.read_stdout(ended.stdout)[1]
        assert annotations[-1].title == "hw1 was not graded"
        assert "not a zero" in annotations[-1].message

    def test_hidden_tests_come_from_where_the_secret_says(self, small: Course, tmp_path: Path) -> None:
        """With the toolkit of there: what a student puts in the way of Python's own modules is not imported."""
        repository = bundle_of(small, Platform.GITHUB, tmp_path / "repository")
        hand_in(repository, {FILE: WRONG})
        for name in ("venv.py", "pip.py", "json.py", "grader/__init__.py"):
            (repository / name).write_text("raise SystemExit('theirs')", encoding="utf-8")
        job = GitHub(repository, tmp_path / "temp", secrets={"COURSE_GIT": private_course(small, tmp_path)})
        installed, ended = job.run("Install"), job.run("Grade")

        assert installed.code == 0, installed.stderr
        assert ended.code == 1, ended.stderr
        assert "You square where you should double." in ended.stdout
        assert "theirs" not in installed.stderr + ended.stderr
        assert not (tmp_path / "temp" / "course" / ".git").exists()
        assert not list(repository.rglob("test_hidden.py"))


def private_course(course: Course, folder: Path) -> str:
    """A repository of a whole course with its toolkit, as staff have it; its address."""
    bundle_of(course, Platform.GRADESCOPE, folder / "staff")
    unzip(folder / "staff" / "hw1_gradescope.zip", folder / "private")
    return git_repository(folder / "private")


# --- GitLab -----------------------------------------------------------------


@on_linux
@pytest.mark.slow
class TestGitLab:
    def test_public_tests_leave_a_junit_report(self, small: Course, tmp_path: Path) -> None:
        """A forged one that was handed in is replaced; dash is what an image without bash has."""
        repository = bundle_of(small, Platform.GITLAB, tmp_path / "repository")
        hand_in(repository, {FILE: RIGHT.replace("x + x", "x + 3")})
        (repository / "report.xml").write_text("<testsuites/>", encoding="utf-8")
        ended = gitlab(repository, tmp_path / "job", shell="sh", variables={})

        assert ended.code == 1, ended.stderr
        assert 'failures="1"' in (repository / "report.xml").read_text(encoding="utf-8")
        assert json.loads((repository / "report.json").read_text(encoding="utf-8"))["suite"] == "public"

    def test_hidden_tests_come_from_where_the_variable_says(self, small: Course, tmp_path: Path) -> None:
        repository = bundle_of(small, Platform.GITLAB, tmp_path / "repository")
        hand_in(repository, {FILE: RIGHT})
        address = private_course(small, tmp_path)
        ended = gitlab(repository, tmp_path / "job", shell="bash", variables={"COURSE_GIT": address})

        assert ended.code == 0, ended.stderr
        assert json.loads((repository / "report.json").read_text(encoding="utf-8"))["suite"] == "hidden"
        assert not list(repository.rglob("test_hidden.py"))

    def test_our_fault_is_called_so_and_leaves_no_forged_report(self, small: Course, tmp_path: Path) -> None:
        repository = bundle_of(small, Platform.GITLAB, tmp_path / "repository")
        hand_in(repository, {FILE: RIGHT})
        (repository / "report.xml").write_text("<testsuites/>", encoding="utf-8")
        (repository / "assignments" / "hw01_doubling" / "assignment.toml").write_text("title = 3", encoding="utf-8")
        ended = gitlab(repository, tmp_path / "job", shell="bash", variables={})

        assert ended.code == 2
        assert "hw1 was not graded. This is our fault and not a zero." in ended.stdout
        assert not (repository / "report.xml").exists()


# --- Classroom 50 -----------------------------------------------------------


@on_linux
@pytest.mark.slow
class TestClassroom50:
    def test_hidden_tests_make_a_result_with_points(self, small: Course, tmp_path: Path) -> None:
        """A forged result is replaced, and nothing of the checkout is imported."""
        autograders = bundle_of(small, Platform.CLASSROOM50, tmp_path / "bundle", hidden=True) / "autograders"
        forged = {"result.json": '{"score": 1}', "subprocess.py": "raise SystemExit('theirs')", "grader.py": "x"}
        checkout = fill(tmp_path / "checkout", {FILE: WRONG, **forged})
        ended = self.run(autograders, checkout)

        assert ended.code == 0, ended.stderr
        result = rules_classroom50.check((checkout / "result.json").read_text(encoding="utf-8"))
        assert 0 < result["score"] < result["max-score"] == 10_000

    def test_our_fault_is_an_error_of_the_infrastructure(self, small: Course, tmp_path: Path) -> None:
        """And a result that was handed in is not there to be taken for one."""
        autograders = bundle_of(small, Platform.CLASSROOM50, tmp_path / "bundle") / "autograders"
        (autograders / "hw1" / "assignments" / "hw01_doubling" / "test_public.py").write_text("no Python")
        checkout = fill(tmp_path / "checkout", {FILE: RIGHT, "result.json": '{"score": 1}'})
        ended = self.run(autograders, checkout)

        assert ended.code in (2, 3)
        assert not (checkout / "result.json").exists()

    def run(self, autograders: Path, checkout: Path) -> Ended:
        environ = environment(TMPDIR=autograders.parent, GRADE_ISOLATION="best", **contexts.ENVIRON)
        return start([sys.executable, autograders / "hw1" / "autograder.py"], folder=checkout, environ=environ)


# --- the command ------------------------------------------------------------


class TestCommand:
    def test_it_writes_where_it_says(self, small: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        import typer
        from typer.testing import CliRunner

        from grader.bundlecli import add_to

        app = typer.Typer()
        app.callback()(lambda: None)
        add_to(app)
        monkeypatch.chdir(tmp_path)
        words = ["bundle", "hw1", "--for", "github", "--course", os.fspath(small.root)]
        done = CliRunner().invoke(app, words)

        assert done.exit_code == 0, done.output
        assert (tmp_path / "hw1_github" / ".github" / "workflows" / "grade.yml").is_file()
        assert "README.md" in done.output
