"""Public answers: a table of hashes tells right from wrong, hints where a mistake is known, and holds no value."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.answers import build_answers, build_files, stale_files
from grader.authoring import write_built
from grader.checks.answers import check_answer, digest_call, digest_reply, kinds_of, read_answers
from grader.checks.comparison import BrokenCheckError
from grader.checks.students import Answer, Example, Student
from grader.course import read_course
from grader.errors import CheckFailed, CourseError, StudentRaised
from grader.grading import GradeOptions, grade_one
from grader.records import Assignment, Limits, Manner, Outcome, Report, Returned, StudentError
from grader.rehearsal import Rehearsal
from tests.small_course import RIGHT, write_course, write_submission

ROOT = Path(__file__).parents[1]
PUBLIC = """
import numpy as np

from grader.checks.answers import check_answer


def test_doubled(student):
    \"\"\"Two by three whole numbers.\"\"\"
    check_answer(student.double, np.array([[1, 2, 4], [-3, 0, 5]]))
    check_answer(student.double, np.ones((1, 1, 1, 1)))


def test_total(student):
    \"\"\"The sum of all.\"\"\"
    check_answer(student.total, np.array([[1.0, 2.0, 4.0], [-3.0, 0.0, 5.0]]))
"""
X = np.array([[1, 2, 4], [-3, 0, 5]])
Function = Callable[..., Any]


def write_public(root: Path, *changes: tuple[str, str], text: str = PUBLIC) -> Assignment:
    """Write the small course with examples; each change is (file, text to append)."""
    write_course(root)
    (root / "assignments/hw01_doubling/test_public.py").write_text(text.lstrip(), encoding="utf-8")
    for name, more in changes:
        with (root / "solutions/hw01_doubling" / name).open("a", encoding="utf-8") as file:
            file.write(more)
    return read_course(root, secret=None).assignments[0]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    assignment = write_public(tmp_path_factory.mktemp("course"))
    write_built(build_files(assignment))
    return assignment


@pytest.fixture(scope="module")
def table(built: Assignment) -> Mapping[str, Answer]:
    return read_answers(built.public / "answers.json")


def student_of(table: Mapping[str, Answer] | None, **functions: Function) -> Student:
    session = Rehearsal(lambda: functions).session(Limits(), seed=0)

    def invoke(name: str, args: tuple[Any, ...], kwargs: dict[str, Any], manner: Manner) -> Any:
        return session.call(name, args, kwargs)

    return Student(invoke, None, (), visible=True, answers=table)


def failure(table: Mapping[str, Answer], double: Function, x: Any = X) -> CheckFailed:
    """What `check_answer` says of a wrong `double`."""
    with pytest.raises(CheckFailed) as caught:
        check_answer(student_of(table, double=double).double, x)
    return caught.value


class TestAsked:
    def test_a_right_answer_passes_however_it_is_computed(self, table: Mapping[str, Answer]) -> None:
        for right in (lambda x: x + x, lambda x: np.add(x, x), lambda x: (2.0 * x).astype(np.int32)):
            check_answer(student_of(table, double=right).double, X)

    def test_a_known_mistake_is_told_its_hint(self, table: Mapping[str, Answer]) -> None:
        fault = failure(table, lambda x: x * x)

        assert (fault.hints, fault.candidates) == (("You square where you should double.",), ("squares",))

    def test_another_mistake_is_wrong_and_gets_no_hint(self, table: Mapping[str, Answer]) -> None:
        fault = failure(table, lambda x: 3 * x)

        assert fault.hints == ()
        assert fault.brief == "double returned a wrong value."
        assert str(fault).endswith(
            "returned an array of shape (2, 3), int64: that is the right form, but the numbers are wrong."
        )

    @pytest.mark.parametrize(
        ("wrong", "brief"),
        [
            (lambda x: (2 * x).T, "double returned a value of the wrong form."),
            (lambda x: 2.0 * x, "double returned numbers of the wrong type."),
            (lambda x: (2 * x).tolist(), "double returned a value of the wrong form."),
            (lambda x: None, "double returned a value of the wrong form."),
        ],
        ids=["shape", "dtype", "list", "nothing"],
    )
    def test_shape_and_type_are_told_apart(self, table: Mapping[str, Answer], wrong: Function, brief: str) -> None:
        assert failure(table, wrong).brief == brief

    def test_a_changed_argument_is_wrong(self, table: Mapping[str, Answer]) -> None:
        def changes(x: Any) -> Any:
            x *= 2
            return x

        assert failure(table, changes).brief == "double changed one of its arguments."

    def test_where_a_value_error_is_due_it_is_right(self, table: Mapping[str, Answer]) -> None:
        def refuses(x: Any) -> Any:
            raise ValueError

        check_answer(student_of(table, double=refuses).double, np.ones((1, 1, 1, 1)))

    def test_where_a_value_error_is_due_a_value_is_wrong(self, table: Mapping[str, Answer]) -> None:
        fault = failure(table, lambda x: 2 * x, np.ones((1, 1, 1, 1)))

        assert fault.brief == "double did not raise ValueError for impossible arguments."

    def test_where_a_value_error_is_due_another_is_wrong(self, table: Mapping[str, Answer]) -> None:
        fault = failure(table, lambda x: [][0], np.ones((1, 1, 1, 1)))

        assert fault.brief == "double raised IndexError, where ValueError is due."

    def test_an_exception_where_a_value_is_due_is_the_student_s(self, table: Mapping[str, Answer]) -> None:
        with pytest.raises(StudentRaised, match="IndexError"):
            check_answer(student_of(table, double=lambda x: [][0]).double, X)

    def test_a_call_that_the_table_does_not_know_is_our_fault(self, table: Mapping[str, Answer]) -> None:
        with pytest.raises(BrokenCheckError, match="grade build"):
            check_answer(student_of(table, double=lambda x: x).double, X + 1)


class TestHashes:
    def same(self, right: Any, other: Any, *, decimals: int | None = None) -> bool:
        example = Example(key="k", decimals=decimals)
        one, two = (digest_reply(Returned(value=value), example, kinds_of(right)) for value in (right, other))
        return one == two

    @pytest.mark.parametrize(
        ("right", "other"),
        [
            (np.array([0.0, 1.0]), np.array([-0.0, 1.0])),
            (np.array([3, 4]), np.array([3, 4], np.int16)),
            (2.0, 2),
            (2.0, np.float64(2)),
            (2.0, np.array(2.0)),
            ([1, 2.0], (1, 2)),
            (([1.0], 2), ((1,), 2)),
            ({"a": 1}, {"a": np.int64(1)}),
        ],
    )
    def test_what_a_right_solution_may_choose_does_not_count(self, right: Any, other: Any) -> None:
        assert self.same(right, other)

    @pytest.mark.parametrize(
        ("right", "other"),
        [
            (np.array([1.0]), np.array([1.0], np.float32)),
            (np.array([1.0]), np.array([[1.0]])),
            (np.array([1.0]), np.array([1])),
            (np.array([1.0]), np.nextafter(np.array([1.0]), 2)),
            (1, 1.0),
            (1, True),
            ((1, 2), [1, 2]),
            (None, "None"),
        ],
    )
    def test_all_else_counts(self, right: Any, other: Any) -> None:
        assert not self.same(right, other)

    def test_decimals_that_do_not_count_are_rounded_away(self) -> None:
        assert self.same(1 / 3, 0.33333334, decimals=6)
        assert not self.same(1 / 3, 0.333332, decimals=6)

    def test_only_a_value_error_has_a_hash(self) -> None:
        error = StudentError(type_name="KeyError", message="", bases=("KeyError", "Exception"))

        assert digest_reply(error, Example(key="k", decimals=None), "a") == ""

    def test_a_call_is_the_same_on_a_machine_of_other_integers(self) -> None:
        """NumPy's own were of 32 bits on Windows."""
        one, other = (digest_call("f", (np.array([1], dtype),), {}) for dtype in (np.int64, np.int32))

        assert one == other != digest_call("f", (np.array([1], np.uint8),), {})


class TestBuilt:
    def test_the_table_holds_hashes_and_hints_only(self, built: Assignment) -> None:
        table = json.loads((built.public / "answers.json").read_text(encoding="utf-8"))

        assert sorted(table) == ["about", "answers"]
        assert len(table["answers"]) == 3
        for key, entry in table["answers"].items():
            hashes = [key, entry["right"], *entry["mistakes"], *filter(None, [entry["form"]])]
            assert all(re.fullmatch("[0-9a-f]{32}", each) for each in hashes)
            assert all(sorted(known) == ["hint", "id"] for known in entry["mistakes"].values())
            assert sorted(entry) == ["form", "function", "kinds", "mistakes", "right"]

    def test_a_change_of_the_tests_makes_it_stale(self, tmp_path: Path) -> None:
        assignment = write_public(tmp_path)
        write_built(build_files(assignment))
        course = read_course(tmp_path, secret=None)
        assert stale_files(course) == []

        public = assignment.public / "test_public.py"
        public.write_text(PUBLIC.lstrip().replace("-3", "-2"), encoding="utf-8")

        assert stale_files(course) == [assignment.public / "answers.json"]

    def test_the_command_line_builds_and_checks_it(self, tmp_path: Path) -> None:
        assignment = write_public(tmp_path)
        table = assignment.public / "answers.json"

        def build(*options: str) -> "subprocess.CompletedProcess[str]":
            command = [sys.executable, "-m", "grader", "build", *options, "--course", str(tmp_path)]
            return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

        stale = build("--check")
        assert stale.returncode == 2
        assert stale.stderr.splitlines()[0] == f"stale: {table}"
        assert build("hw1").stdout == f"{table}\n"
        assert build("--check").returncode == 0

    def test_an_answer_of_two_mistakes_has_no_hint(self, tmp_path: Path) -> None:
        """Neither is proven."""
        mark = '\n\n@misconception("double", hint="You take a power.")\n'
        twin = mark + "def power(x):\n    assert x.ndim < 4\n    return x**2\n"
        (content,) = build_answers(write_public(tmp_path, ("misconceptions.py", twin))).values()

        assert b"You square" not in content
        assert b"You take a power" not in content
        assert b"You add up the first row only." in content

    def test_no_example_is_no_table(self, tmp_path: Path) -> None:
        assert build_answers(write_public(tmp_path, text='def test_a(student):\n    """A."""\n')) == {}

    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            ("[1, 2, 4]", "[1, 2, 0.1]", "a `check_answer` of double has an answer that rounds"),
            ("[-3.0, 0.0, 5.0]])", "[-3.0, 0.0, 5.25]]), decimals=1", "halfway between two of 1 decimals"),
            ("def test_total(student):", "def test_total(student, rng):", None),
            ("[-3, 0, 5]", "[-3, 0]", "the reference does not pass test_doubled"),
        ],
        ids=["inexact", "halfway", "none", "broken"],
    )
    def test_an_example_without_one_answer_is_refused(
        self, tmp_path: Path, old: str, new: str, told: str | None
    ) -> None:
        assignment = write_public(tmp_path, text=PUBLIC.replace(old, new))
        if told is None:
            assert build_answers(assignment)
            return
        with pytest.raises(CourseError, match=told):
            build_answers(assignment)

    def test_an_example_that_is_drawn_is_refused(self, tmp_path: Path) -> None:
        text = PUBLIC.replace("(student)", "(student, rng)").replace("[-3, 0, 5]", "rng.integers(9, size=3)")

        with pytest.raises(CourseError, match="has arguments that are drawn"):
            build_answers(write_public(tmp_path, text=text))

    def test_a_right_solution_that_answers_otherwise_is_told(self, tmp_path: Path) -> None:
        """A student who writes that would be called wrong."""
        other = '\n\n@alternative("total", title="off")\ndef off(x):\n    return float(x.sum()) + 1\n'

        with pytest.raises(CourseError, match="gets another answer from the alternative off"):
            build_answers(write_public(tmp_path, ("alternatives.py", other)))

    def test_a_table_that_is_none_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "answers.json").write_text('{"answers": 1}', encoding="utf-8")

        with pytest.raises(CourseError, match="not a table of answers"):
            read_answers(tmp_path / "answers.json")


class TestGraded:
    def grade(self, built: Assignment, path: Path) -> Report:
        course = read_course(built.public.parents[1], secret=None)
        return grade_one(course, course.assignments[0], path, GradeOptions(public=True))

    def test_a_right_submission_passes_the_public_tests(self, built: Assignment, tmp_path: Path) -> None:
        report = self.grade(built, write_submission(tmp_path))

        assert {result.outcome for result in report.results} == {Outcome.PASSED}

    def test_a_wrong_one_is_told_the_hint_at_home(self, built: Assignment, tmp_path: Path) -> None:
        report = self.grade(built, write_submission(tmp_path, RIGHT.replace("x + x", "x * x")))

        assert [(result.outcome, result.hint) for result in report.results] == [
            (Outcome.FAILED, "You square where you should double."),
            (Outcome.PASSED, ""),
        ]


@pytest.mark.slow
def test_a_build_that_trains_a_network_writes_nothing_of_tensorflow_s() -> None:
    """Its log lines are several hundred characters long."""
    done = subprocess.run(
        [sys.executable, "-m", "grader", "build", "hw9", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_a_number_beyond_every_dtype_is_no_number() -> None:
    """And so it is a wrong answer, hashed like any other."""
    example = Example(key="one", decimals=None)

    digest = digest_reply(Returned(value=10**400), example, "f")

    assert digest
    assert digest != digest_reply(Returned(value=1.0), example, "f")
