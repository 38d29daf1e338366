"""`grade new` writes an assignment that is sound before a word of it is changed, and overwrites nothing."""

import tomllib
from pathlib import Path

import pytest

from grader.answers import stale_files
from grader.audit import audit
from grader.course import read_course
from grader.errors import CourseError, UsageError
from grader.grading import GradeOptions, grade_one
from grader.records import Outcome
from grader.skeleton import add_to_course, write_assignment
from tests.small_course import write_course


def write(
    root: Path, wanted: str = "hw14", *, title: str = "Nearest neighbours", functions: tuple[str, ...] = ()
) -> list[Path]:
    return write_assignment(wanted, title=title, functions=functions, course=root, here=root.parent, environ={})[1]


def everything(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


class TestWritten:
    def test_it_passes_its_own_audit(self, tmp_path: Path) -> None:
        """Two functions, so that each is seen to lose points in its own only."""
        write(tmp_path / "new", functions=("knn_classify", "knn_error"))
        course = read_course(tmp_path / "new", secret=None)

        done = audit(course, course.assignments[0], seed_count=4, jobs=1, progress=lambda done, total, what: None)

        assert done.problems == ()
        assert done.survivors == ()
        assert (done.tests, done.misconceptions, done.alternatives) == (8, 8, 4)

    def test_it_is_built_and_its_public_tests_pass(self, tmp_path: Path) -> None:
        write(tmp_path / "new")
        course = read_course(tmp_path / "new", secret=None)
        (assignment,) = course.assignments
        assert assignment.private is not None

        report = grade_one(course, assignment, assignment.private, GradeOptions(public=True))

        assert stale_files(course) == []
        assert {result.outcome for result in report.results} == {Outcome.PASSED}

    @pytest.mark.parametrize("count", [1, 3, 7, 10])
    def test_the_points_add_up_for_any_number_of_functions(self, tmp_path: Path, count: int) -> None:
        """What is built has been collected, and its points checked."""
        write(tmp_path / "new", functions=tuple(f"f{number}" for number in range(count)))

        (assignment,) = read_course(tmp_path / "new", secret=None).assignments
        assert len(assignment.questions) == count

    def test_a_course_that_exists_gets_one_more(self, tmp_path: Path) -> None:
        root = write_course(tmp_path)
        before = everything(root)

        written = write(root, "9")

        after = everything(root)
        changed = [name for name, content in before.items() if after[name] != content]
        assert changed == ["assignments/course.toml"]
        assert sorted(path.relative_to(root).as_posix() for path in written) == sorted(set(after) - set(before))
        assert [each.id for each in read_course(root, secret=None).assignments] == ["hw1", "hw9"]

    def test_a_title_of_another_alphabet_takes_the_function_s_name(self, tmp_path: Path) -> None:
        write(tmp_path / "new", title="최근접 이웃", functions=("knn",))

        assert read_course(tmp_path / "new", secret=None).assignments[0].folder == "hw14_knn"


class TestRefused:
    @pytest.mark.parametrize(
        ("wanted", "title", "functions", "told"),
        [
            ("hw1", "Other", (), r"has hw1 \(doubling\) already"),
            ("hw2", "Doubling", (), r"has hw1 \(doubling\) already"),
            ("hw0", "Other", (), "is not a number for an assignment"),
            ("knn", "Other", (), "is not a number for an assignment"),
            ("hw2", "", (), "not one line of words"),
            ("hw2", 'a "b"', (), "not one line of words"),
            ("hw2", "이웃", (), "no module can be named"),
            ("hw2", "Other", ("Knn",), "cannot name a function"),
            ("hw2", "Other", ("a", "a"), "cannot name a function"),
            ("hw2", "Other", tuple("abcdefghijk"), "11 functions are too many"),
            ("hw2", "Types", ("f",), "Python's own name"),
            ("hw2", "Other", ("lambda",), "cannot name a function"),
        ],
    )
    def test_nothing_is_left_behind(
        self, tmp_path: Path, wanted: str, title: str, functions: tuple[str, ...], told: str
    ) -> None:
        root = write_course(tmp_path)
        before = everything(root)

        with pytest.raises((UsageError, CourseError), match=told):
            write(root, wanted, title=title, functions=functions)

        assert everything(root) == before
        assert not list(root.rglob("hw02*"))

    @pytest.mark.parametrize("tree", ["assignments", "solutions"])
    def test_a_folder_in_the_way_stays(self, tmp_path: Path, tree: str) -> None:
        """It may be somebody's work that is not in the list yet."""
        root = write_course(tmp_path)
        (root / tree / "hw02_other").mkdir()

        with pytest.raises(UsageError, match="exists already"):
            write(root, "hw2", title="Other")
        assert list((root / tree / "hw02_other").iterdir()) == []

    def test_a_folder_that_is_no_course_is_not_made_one(self, tmp_path: Path) -> None:
        (tmp_path / "mine.txt").touch()

        with pytest.raises(UsageError, match="is not a course"):
            write(tmp_path)


class TestList:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("[]", '["hw05_x"]'),
            ('["hw01_a"]', '["hw01_a", "hw05_x"]'),
            ('["hw06_a"]', '["hw05_x", "hw06_a"]'),
            ('["hw01_a", "hw06_b"] # c', '["hw01_a", "hw05_x", "hw06_b"] # c'),
            ('["hw01_a", "hw02_b",]', '["hw01_a", "hw02_b", "hw05_x",]'),
            ("['hw01_a']", "['hw01_a', \"hw05_x\"]"),
            ('[\n  "hw01_a", # ]\n  "hw06_b",\n]', '[\n  "hw01_a", # ]\n  "hw05_x",\n  "hw06_b",\n]'),
            ('[\n  "hw01_a", # one\n]', '[\n  "hw01_a", # one\n    "hw05_x",\n]'),
            ('[\n  "hw01_a" # "hw09_z"\n]', '[\n  "hw01_a", # "hw09_z"\n    "hw05_x",\n]'),
            ('[\n  "hw06_b"\n]', '[\n  "hw05_x",\n  "hw06_b"\n]'),
            ("[\n]", '[\n    "hw05_x",\n]'),
        ],
    )
    def test_a_list_is_added_to_where_the_number_belongs(self, before: str, after: str) -> None:
        """Comments and quotes stay as they are."""
        head = '# a course\ntitle = "assignments = []" # t\nassignments = '

        assert add_to_course(head + before + "\n", "hw05_x") == head + after + "\n"
        assert "hw05_x" in tomllib.loads(head + after)["assignments"]

    def test_a_list_that_cannot_be_read_this_way_is_told(self) -> None:
        with pytest.raises(CourseError, match="cannot be added to"):
            add_to_course('title = "t"\n"assignments" = []\n', "hw05_x")
