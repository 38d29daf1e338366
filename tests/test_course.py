"""A course is found from wherever someone stands, and a slip in its files is told before anything is graded."""

import dataclasses
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from grader import course as course_module
from grader.course import find_assignment, find_course, read_course
from grader.errors import CourseError, UsageError
from grader.records import Course, Limits, Question, Visibility

ROOT = Path(__file__).parents[1]
POOLING = """\
title = "Pooling"

[[questions]]
name = "max_pool2d"
points = 60

[[questions]]
name = "average_pool2d"
points = 40
"""
TRAINING = """\
title = "LeNet"

[[questions]]
name = "train"
points = 70
wall_s = 60
cpu_s = 100
audit_seeds = 1

[[questions]]
name = "model"
points = 30
file = "model"
data = "mnist"
floor = 0.9
target = 0.99
"""


def write_course(
    root: Path,
    *,
    course: str | None = None,
    folders: Sequence[str] = ("hw02_pooling",),
    assignment: str = POOLING,
) -> Path:
    """Write a course of equal assignments; `course` is the content of course.toml."""
    names = ", ".join(f'"{folder}"' for folder in folders)
    for folder in folders:
        (root / "assignments" / folder).mkdir(parents=True)
        (root / "assignments" / folder / "assignment.toml").write_text(assignment, encoding="utf-8")
    (root / "assignments").mkdir(exist_ok=True)
    text = f'title = "A course"\nassignments = [{names}]\n' if course is None else course
    (root / "assignments" / "course.toml").write_text(text, encoding="utf-8")
    return root


def read(root: Path, **written: str | Sequence[str]) -> Course:
    return read_course(write_course(root, **written), secret=None)  # type: ignore[arg-type]


def told(root: Path, **written: str | Sequence[str]) -> CourseError:
    with pytest.raises(CourseError) as caught:
        read(root, **written)
    return caught.value


class TestFindCourse:
    def find(self, start: Path, *, explicit: Path | None = None, environ: Mapping[str, str] | None = None) -> Path:
        return find_course(start, explicit=explicit, environ=environ or {}).root

    @pytest.mark.parametrize("inside", [".", "assignments", "assignments/hw02_pooling"])
    def test_it_is_found_from_every_folder_in_it(self, tmp_path: Path, inside: str) -> None:
        write_course(tmp_path)

        assert self.find(tmp_path / inside) == tmp_path

    def test_the_nearest_one_above_counts(self, tmp_path: Path) -> None:
        write_course(tmp_path)
        inner = write_course(tmp_path / "kit")

        assert self.find(inner / "assignments") == inner

    def test_the_option_wins_over_the_variable_and_the_variable_over_the_place(self, tmp_path: Path) -> None:
        here, variable, option = (write_course(tmp_path / name) for name in ("here", "variable", "option"))
        environ = {"GRADE_COURSE": str(variable)}

        assert self.find(here, environ=environ) == variable
        assert self.find(here, explicit=option, environ=environ) == option

    @pytest.mark.parametrize("named", [".", "assignments"])
    def test_the_folder_or_its_assignments_may_be_named(self, tmp_path: Path, named: str) -> None:
        write_course(tmp_path / "course")

        assert self.find(tmp_path, explicit=tmp_path / "course" / named) == tmp_path / "course"

    def test_an_empty_variable_counts_as_unset(self, tmp_path: Path) -> None:
        assert self.find(write_course(tmp_path), environ={"GRADE_COURSE": ""}) == tmp_path

    def test_nowhere_to_be_found_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no course here") as caught:
            self.find(tmp_path)

        assert "--course DIR or GRADE_COURSE" in caught.value.fix

    def test_a_named_folder_without_a_course_is_told_and_not_searched_above(self, tmp_path: Path) -> None:
        (write_course(tmp_path) / "elsewhere").mkdir()

        with pytest.raises(UsageError, match="is not a course") as caught:
            self.find(tmp_path, explicit=tmp_path / "elsewhere")
        assert caught.value.where == "--course"
        with pytest.raises(UsageError, match="is not a course") as caught:
            self.find(tmp_path, environ={"GRADE_COURSE": str(tmp_path / "elsewhere")})
        assert "GRADE_COURSE" in caught.value.where


class TestSecret:
    def secret(self, root: Path, **environ: str) -> bytes:
        return find_course(root, explicit=None, environ=environ).secret

    def test_the_variable_wins_over_the_file_and_the_file_over_the_title(self, tmp_path: Path) -> None:
        from_title = self.secret(write_course(tmp_path))
        (tmp_path / "solutions").mkdir()
        (tmp_path / "solutions" / "course.secret").write_text("from the file\n", encoding="utf-8")

        assert self.secret(tmp_path) == b"from the file"
        assert self.secret(tmp_path, GRADE_SECRET="from the variable") == b"from the variable"
        assert from_title not in (b"", b"from the file")

    def test_without_one_two_titles_differ(self, tmp_path: Path) -> None:
        first = read(tmp_path / "a", course='title = "A"\nassignments = []')
        second = read(tmp_path / "b", course='title = "B"\nassignments = []')

        assert first.secret != second.secret

    def test_an_empty_variable_counts_as_unset(self, tmp_path: Path) -> None:
        assert self.secret(write_course(tmp_path), GRADE_SECRET=" ") == self.secret(tmp_path)

    @pytest.mark.parametrize("content", ["", "\n\n", "one\ntwo\n"])
    def test_a_file_that_is_not_one_line_is_told(self, tmp_path: Path, content: str) -> None:
        (write_course(tmp_path) / "solutions").mkdir()
        (tmp_path / "solutions" / "course.secret").write_text(content, encoding="utf-8")

        with pytest.raises(CourseError, match="lines") as caught:
            self.secret(tmp_path)
        assert caught.value.where == "solutions/course.secret"

    def test_it_is_not_shown_with_the_course(self, tmp_path: Path) -> None:
        """A log of the course must not give every student's inputs away."""
        assert "topsecret" not in repr(read_course(write_course(tmp_path), secret=b"topsecret"))


class TestReadCourse:
    def test_an_assignment_is_read_with_its_defaults(self, tmp_path: Path) -> None:
        (assignment,) = read(tmp_path).assignments

        assert (assignment.id, assignment.number, assignment.module) == ("hw2", 2, "pooling")
        assert assignment.questions == (
            Question(name="max_pool2d", points=60),
            Question(name="average_pool2d", points=40),
        )
        assert (assignment.limits, assignment.visibility, assignment.requires) == (Limits(), Visibility.HIDDEN, ())
        assert assignment.recover_syntax
        assert assignment.public == tmp_path / "assignments" / "hw02_pooling"

    def test_every_option_is_read(self, tmp_path: Path) -> None:
        options = 'visibility = "after_due_date"\nrecover_syntax = false\nrequires = ["tensorflow"]\n'
        (assignment,) = read(
            tmp_path, assignment=options + POOLING + "[limits]\nwall_s = 5\nmemory_mb = 1024\n"
        ).assignments

        assert assignment.visibility is Visibility.AFTER_DUE_DATE
        assert not assignment.recover_syntax
        assert assignment.requires == ("tensorflow",)
        assert assignment.limits == dataclasses.replace(Limits(), wall_s=5.0, memory_mb=1024)

    def test_a_model_is_a_question_of_its_own(self, tmp_path: Path) -> None:
        (assignment,) = read(tmp_path, assignment=TRAINING).assignments
        train, model = assignment.questions

        assert train.limits == dataclasses.replace(Limits(), wall_s=60.0, cpu_s=100.0)
        assert train.audit_seeds == 1
        assert (model.file, model.data, model.limits) == ("model", "mnist", None)
        assert (model.floor, model.target) == (0.9, 0.99)

    def test_a_question_may_ask_for_several_models(self, tmp_path: Path) -> None:
        several = TRAINING.replace('data = "mnist"', 'data = "mnist"\ncount = 3')
        (assignment,) = read(tmp_path, assignment=several).assignments

        assert list(assignment.questions[1].files.values()) == ["model_1", "model_2", "model_3"]

    def test_generated_images_have_the_same_bounds_unless_it_says_so(self, tmp_path: Path) -> None:
        own = TRAINING.replace("0.99", "0.99\ngenerated_floor = 0.3\ngenerated_target = 0.8")
        both = [read(tmp_path / name, assignment=text).assignments[0] for name, text in (("a", TRAINING), ("b", own))]

        assert [(each.questions[1].generated_floor, each.questions[1].generated_target) for each in both] == [
            (0.9, 0.99),
            (0.3, 0.8),
        ]

    def test_a_question_keeps_the_other_limits_of_its_assignment(self, tmp_path: Path) -> None:
        (assignment,) = read(tmp_path, assignment=TRAINING + "[limits]\nmemory_mb = 2048\nwall_s = 5\n").assignments

        assert assignment.questions[0].limits == dataclasses.replace(Limits(), wall_s=60.0, cpu_s=100.0, memory_mb=2048)

    def test_a_kit_has_no_private_folder(self, tmp_path: Path) -> None:
        """A folder without hidden tests is none either: there is nothing to grade with in it."""
        (write_course(tmp_path) / "solutions" / "hw02_pooling").mkdir(parents=True)

        assert read_course(tmp_path, secret=None).assignments[0].private is None

    def test_a_checkout_has_its_private_folder(self, tmp_path: Path) -> None:
        private = write_course(tmp_path) / "solutions" / "hw02_pooling"
        private.mkdir(parents=True)
        (private / "test_hidden.py").touch()

        assert read_course(tmp_path, secret=None).assignments[0].private == private

    def test_points_may_be_fractions(self, tmp_path: Path) -> None:
        tenth = POOLING.replace("60", "0.1").replace("40", "99.9")

        assert read(tmp_path, assignment=tenth).assignments[0].points == pytest.approx(100)

    def test_every_limit_has_a_range_that_holds_its_default(self) -> None:
        for name, value in dataclasses.asdict(Limits()).items():
            least, most = course_module._LIMITS[name]
            assert least <= value <= most


class TestSlips:
    """Every message that a wrong course file can bring forth, with its place and its remedy."""

    @pytest.mark.parametrize(
        ("course", "what", "fix"),
        [
            ('title = " "\nassignments = []', "the title is empty", "one line"),
            ('title = "a\\nb"\nassignments = []', "more than one line", "one line"),
            ('title = "t"\nassignments = ["hw2_pooling"]', "`hw2_pooling` is not the name", "hw01_convolution"),
            ('title = "t"\nassignments = ["hw00_pooling"]', "`hw00_pooling` is not the name", "hw01_convolution"),
            ('title = "t"\nassignments = ["hw02_Pooling"]', "is not the name", "small letters"),
            ('title = "t"\nassignments = ["../hw02_pooling"]', "is not the name", "two digits"),
            ('title = "t"\nassignments = ["hw02_pooling", "hw02_pooling"]', "is listed twice", "take one off"),
            ('title = "t"\nassignments = ["hw02_pooling", "hw02_relu"]', "have the same number 2", "rename it"),
            ('title = "t"\nassignments = ["hw02_pooling", "hw03_pooling"]', "the same module `pooling`", "rename it"),
            ('title = "t"\nassignments = ["hw02_types"]', "a file types.py, which is Python's own name", "rename it"),
            ('title = "t"\nassignments = ["hw02_pass"]', "a file pass.py, which is Python's own name", "rename it"),
            (
                'title = "t"\nassignments = ["hw02_poling"]',
                "assignments/hw02_poling is missing",
                "mean `hw02_pooling`?",
            ),
            ('title = "t"\nassignment = []', "unknown key `assignment`", "mean `assignments`?"),
        ],
    )
    def test_in_course_toml(self, tmp_path: Path, course: str, what: str, fix: str) -> None:
        error = told(tmp_path, course=course)

        assert what in error.what
        assert error.where.startswith("assignments/course.toml")
        assert fix in error.fix

    @pytest.mark.parametrize(
        ("assignment", "what", "key", "fix"),
        [
            (
                POOLING.replace("40", "35"),
                "hw2 add up to 95 points, a course's assignment has 100",
                "questions",
                "change",
            ),
            (POOLING.replace("40", "0"), "`average_pool2d` has 0 points", "[[questions]] 2, points", "more than 0"),
            (POOLING.replace("60", "-60"), "`max_pool2d` has -60 points", "[[questions]] 1, points", "more than 0"),
            (POOLING.replace("60", "nan"), "`max_pool2d` has nan points", "[[questions]] 1, points", "more than 0"),
            (POOLING.replace("60", "inf"), "`max_pool2d` has inf points", "[[questions]] 1, points", "more than 0"),
            (
                POOLING.replace("60", "true"),
                "this is true or false, not a number",
                "[[questions]] 1, points",
                "a number",
            ),
            (POOLING.replace("average", "max"), "`max_pool2d` is there twice", "[[questions]] 2, name", "join"),
            (POOLING.replace("max_pool2d", "max-pool"), "not a function's name", "[[questions]] 1, name", "a function"),
            (
                POOLING.replace("max_pool2d", "class"),
                "`class` is not a function's name",
                "[[questions]] 1",
                "a function",
            ),
            (POOLING.replace("points = 40", "poins = 40"), "unknown key `poins`", "[[questions]] 2", "mean `points`?"),
            (POOLING.replace("points = 40\n", ""), "the key `points` is missing", "[[questions]] 2", "`points = ...`"),
            ('title = "Pooling"\nquestions = []', "add up to 0 points", "questions", "change `points`"),
            (POOLING.replace("Pooling", ""), "the title is empty", "title", "one line"),
            (
                'visibility = "hiden"\n' + POOLING,
                "unknown value 'hiden'",
                "visibility",
                "mean `hidden`? one of visible",
            ),
            ('requires = ["tensor flow"]\n' + POOLING, "`tensor flow` is not a package", "requires", '["tensorflow"]'),
            (POOLING + "[limits]\nwall_s = 0", "the limit `wall_s` is 0", "limits, wall_s", "0.1 to 3600"),
            (POOLING + "[limits]\nwall_s = nan", "the limit `wall_s` is nan", "limits, wall_s", "0.1 to 3600"),
            (POOLING + "[limits]\nmemory_mb = 536870912", "is 536870912", "limits, memory_mb", "64 to 65536"),
            (
                POOLING + "[limits]\nmemory_mb = 1.5",
                "this is a number, not a whole number",
                "limits, memory_mb",
                "whole",
            ),
            (POOLING + "[limits]\nwal_s = 1", "unknown key `wal_s`", "limits", "mean `wall_s`?"),
            (POOLING + "[limit]\nwall_s = 1", "unknown key `limit`", "", "mean `limits`?"),
        ],
    )
    def test_in_assignment_toml(self, tmp_path: Path, assignment: str, what: str, key: str, fix: str) -> None:
        error = told(tmp_path, assignment=assignment)

        assert what in error.what
        assert error.where.startswith("assignments/hw02_pooling/assignment.toml" + (f", {key}" if key else ""))
        assert fix in error.fix

    @pytest.mark.parametrize(
        ("change", "what", "key"),
        [
            (('file = "model"\n', ""), "`model` names no file", "[[questions]] 2, file"),
            (("audit_seeds = 1", 'data = "mnist"'), "`train` names no file", "[[questions]] 1, file"),
            (("audit_seeds = 1", "floor = 0.0"), "`train` names no file", "[[questions]] 1, file"),
            (("audit_seeds = 1", "generated_target = 0.5"), "`train` names no file", "[[questions]] 1, file"),
            (('file = "model"', 'file = "model.keras"'), "is not a file's name without its ending", "file"),
            (('file = "model"', 'file = "../model"'), "is not a file's name without its ending", "file"),
            (('data = "mnist"\n', ""), "does not say what its accuracy earns", "[[questions]] 2, file"),
            (("floor = 0.9\n", ""), "does not say what its accuracy earns", "[[questions]] 2, file"),
            (("target = 0.99", ""), "does not say what its accuracy earns", "[[questions]] 2, file"),
            (('data = "mnist"', 'data = "mnist"\ncount = 0'), "asks for 0 models", "[[questions]] 2, file"),
            (('data = "mnist"', 'data = "mnist"\ncount = 10'), "asks for 10 models", "[[questions]] 2, file"),
            (("audit_seeds = 1", "count = 3"), "`train` names no file", "[[questions]] 1, file"),
            (("0.99", "0.9"), "a floor of 0.9 and a target of 0.9", "[[questions]] 2, file"),
            (("0.99", "0.5"), "a floor of 0.9 and a target of 0.5", "[[questions]] 2, file"),
            (("0.99", "99.08"), "a floor of 0.9 and a target of 99.08", "[[questions]] 2, file"),
            (("0.9\n", "-0.1\n"), "a floor of -0.1 and a target of 0.99", "[[questions]] 2, file"),
            (("0.9\n", "nan\n"), "a floor of nan and a target of 0.99", "[[questions]] 2, file"),
            (
                ("0.99", "0.99\ngenerated_floor = 0.8\ngenerated_target = 0.3"),
                "a floor of 0.8 and a target of 0.3",
                "[[questions]] 2, file",
            ),
            (("wall_s = 60", "wall_s = 0"), "the limit `wall_s` is 0", "limits, wall_s"),
            (("cpu_s = 100", "cpu_s = 1e9"), "the limit `cpu_s` is 1000000000.0", "limits, cpu_s"),
            (
                ("audit_seeds = 1", "audit_seeds = 0"),
                "the `audit_seeds` of `train` are 0",
                "[[questions]] 1, audit_seeds",
            ),
            (
                ("audit_seeds = 1", "audit_seeds = -3"),
                "the `audit_seeds` of `train` are -3",
                "[[questions]] 1, audit_seeds",
            ),
            (("wall_s = 60", "wal_s = 60"), "unknown key `wal_s`", "[[questions]] 1"),
        ],
    )
    def test_in_a_question_that_trains_or_hands_in_a_model(
        self, tmp_path: Path, change: tuple[str, str], what: str, key: str
    ) -> None:
        error = told(tmp_path, assignment=TRAINING.replace(*change, 1))

        assert what in error.what
        assert error.where.startswith("assignments/hw02_pooling/assignment.toml")
        assert key in error.where
        assert error.fix

    def test_a_missing_assignment_toml_is_told(self, tmp_path: Path) -> None:
        write_course(tmp_path)
        (tmp_path / "assignments" / "hw02_pooling" / "assignment.toml").unlink()

        with pytest.raises(CourseError, match="missing") as caught:
            read_course(tmp_path, secret=None)
        assert caught.value.where == "assignments/hw02_pooling/assignment.toml"


class TestFindAssignment:
    @pytest.fixture
    def course(self, tmp_path: Path) -> Course:
        return read(tmp_path, folders=("hw01_convolution", "hw02_pooling", "hw12_residual"))

    @pytest.mark.parametrize(
        "wanted",
        ["hw2", "hw02", "2", "02", "HW2", "Hw02", " hw2 ", "hw02_pooling", "hw02_pooling/", "pooling", "Pooling"],
    )
    def test_every_way_to_name_it_finds_it(self, course: Course, wanted: str) -> None:
        assert find_assignment(course, wanted).id == "hw2"

    def test_a_number_is_taken_whole(self, course: Course) -> None:
        assert find_assignment(course, "12").id == "hw12"

    @pytest.mark.parametrize(
        ("wanted", "suggestion"),
        [("hw22", "`hw2`"), ("poling", "`pooling`"), ("hw01_convolutions", "`hw01_convolution`")],
    )
    def test_an_unknown_one_gets_a_suggestion_and_the_list(self, course: Course, wanted: str, suggestion: str) -> None:
        with pytest.raises(UsageError, match=f"no assignment `{wanted}`") as caught:
            find_assignment(course, wanted)

        assert f"did you mean {suggestion}?" in caught.value.fix
        assert "hw1 (convolution), hw2 (pooling), hw12 (residual)" in caught.value.fix

    @pytest.mark.parametrize("wanted", ["", "0", "hw", "-1", "1.0", "\uff12", "hw2_pooling2", "zebra"])
    def test_what_names_nothing_finds_nothing(self, course: Course, wanted: str) -> None:
        with pytest.raises(UsageError):
            find_assignment(course, wanted)

    def test_an_empty_course_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError) as caught:
            find_assignment(read(tmp_path, folders=()), "hw1")

        assert caught.value.fix == "the course has no assignment yet"


def test_reading_a_course_imports_nothing_heavy() -> None:
    """`grade list` answers in a quarter of a second; NumPy alone takes most of that."""
    code = "import sys, grader.course; print(*{'numpy', 'pytest', 'nbformat', 'tensorflow', 'rich'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stdout.strip() == ""
