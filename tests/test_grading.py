"""One submission, step by step, through the real sandbox."""

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import grading
from grader.course import find_assignment, read_course
from grader.errors import CourseError, UsageError
from grader.exports import json
from grader.records import Audience, IsolationLevel, Outcome, Report, TestResult
from tests.small_course import RIGHT, write_course, write_submission

Grade = Callable[..., Report]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_course(tmp_path_factory.mktemp("course"))


@pytest.fixture
def grade(root: Path, tmp_path: Path) -> Grade:
    def act(source: str = RIGHT, **options: object) -> Report:
        course = read_course(root, secret=b"test")
        path = write_submission(tmp_path / "handed_in", source)
        return grading.grade_one(
            course,
            find_assignment(course, "hw1"),
            path,
            dataclasses.replace(grading.GradeOptions(), **options),  # type: ignore[arg-type]
        )

    return act


def result(report: Report, name: str) -> TestResult:
    return next(each for each in report.results if each.case.name == name)


class TestScores:
    def test_a_right_submission_has_all_points(self, grade: Grade) -> None:
        """In its own style."""
        assert grade().score == 100

    def test_a_mistake_costs_its_own_function_and_is_named(self, grade: Grade) -> None:
        """The hint is told, and the other function keeps its points."""
        report = grade(RIGHT.replace("x + x", "x * x"))

        assert result(report, "test_doubled").hint == "You square where you should double."
        assert result(report, "test_total").outcome is Outcome.PASSED
        assert report.score == 40

    def test_a_test_that_builds_on_a_lost_one_is_skipped(self, grade: Grade) -> None:
        """It says which."""
        lost = result(grade(RIGHT.replace("x + x", "x")), "test_too_many_axes")

        assert lost.outcome is Outcome.SKIPPED
        assert "Every number is doubled." in lost.feedback

    def test_a_missing_function_is_not_attempted(self, grade: Grade) -> None:
        """Empty is not wrong."""
        report = grade(RIGHT.split("def total")[0])

        assert result(report, "test_total").outcome is Outcome.NOT_ATTEMPTED
        assert report.score == 60

    def test_an_endless_loop_costs_its_own_function(self, grade: Grade) -> None:
        """The others keep their points, and later calls of the loop get less time."""
        report = grade(RIGHT.replace("return x + x", "while x.ndim < 4: pass\n    return x + x"))

        assert result(report, "test_doubled").outcome is Outcome.TIMEOUT
        assert result(report, "test_total").outcome is Outcome.PASSED
        assert sum(each.duration_s for each in report.results) < 8

    def test_an_answer_may_earn_a_share_of_its_points(self, tmp_path: Path) -> None:
        """Rounded to cents, and no pass: what builds on it is skipped."""
        root = write_course(tmp_path)
        hidden = root / "solutions" / "hw01_doubling" / "test_hidden.py"
        text = hidden.read_text(encoding="utf-8").replace(
            "    check(student.double, rng.normal(size=(2, 3)))",
            "    student.double(np.ones(2))\n    raise CheckFailed('48.6 %.', share=0.4567)",
        )
        hidden.write_text(f"import numpy as np\n\nfrom grader.errors import CheckFailed\n{text}", encoding="utf-8")
        course = read_course(root, secret=b"test")
        path = write_submission(tmp_path / "handed_in")

        report = grading.grade_one(course, course.assignments[0], path, grading.GradeOptions())

        part = result(report, "test_doubled")
        assert (part.outcome, part.score, part.feedback) == (Outcome.FAILED, 9.13, "48.6 %.")
        assert result(report, "test_too_many_axes").outcome is Outcome.SKIPPED
        assert report.score == pytest.approx(9.13 + 30 + 40)

    def test_one_test_only(self, grade: Grade) -> None:
        """The others are not there."""
        assert [each.case.name for each in grade(only="test_total").results] == ["test_total"]

    def test_a_demonstration_that_raises_is_a_notice(self, grade: Grade) -> None:
        """The functions above and below it are graded."""
        report = grade("1 / 0\n" + RIGHT + "\nimport no_such_package\n")

        assert report.score == 100
        assert [notice.where for notice in report.notices] == ["doubling.py, line 1", "doubling.py, line 13"]


class TestWhatWasPassed:
    """Where a test compares a value of its own making, and where a call raises."""

    TESTS = """

@points({points}, visibility="{visibility}")
def test_halves(student, rng):
    \"\"\"Half of it is x again.\"\"\"
    x = rng.normal(size=(2, 2)) + 0.125
    check_equal(student.double(x) / 2, x, what="half of it")


@points({points}, visibility="{visibility}")
def test_is_array(student):
    \"\"\"It is an array of two.\"\"\"
    require(np.shape(student.double(np.full(2, 0.625))) == (2,), "The result has two numbers.")
"""
    NUMBERS = re.compile(r"\d\.\d{3}|0\.625|\(2,")

    def grade(self, folder: Path, visibility: str, source: str) -> dict[str, TestResult]:
        root = write_course(folder / "course")
        hidden = root / "solutions/hw01_doubling/test_hidden.py"
        text = hidden.read_text().replace("import check,", "import check, check_equal, require,")
        text = "import numpy as np\n" + text.replace("@points(30)", "@points(10)")
        hidden.write_text(text + self.TESTS.format(points=10, visibility=visibility))
        course = read_course(root, secret=None)
        path = write_submission(folder / "handed_in", source)
        report = grading.grade_one(course, find_assignment(course, "hw1"), path, grading.GradeOptions())
        return {each.case.name: each for each in report.results}

    def test_a_visible_test_tells_its_last_call_and_draws_it(self, tmp_path: Path) -> None:
        results = self.grade(tmp_path, "visible", RIGHT.replace("x + x", "3 * x[:1]"))

        halves, shaped = results["test_halves"], results["test_is_array"]
        assert "The last call: double(x (2, 2))\n  x = np.array([[" in halves.feedback
        assert [each.role for each in halves.evidence.pictures] == ["input", "got", "expected"]
        assert "x = np.array([0.625, 0.625])\n  returned: np.array([1.875])" in shaped.feedback

    def test_a_call_that_raised_is_told(self, tmp_path: Path) -> None:
        results = self.grade(tmp_path, "visible", RIGHT.replace("return x + x", "raise TypeError"))

        assert "The last call: double(x (2,))\n  x = np.array([0.625, 0.625])" in results["test_is_array"].feedback

    @pytest.mark.parametrize("wrong", ["return 3 * x[:1]", "raise TypeError(str(x))"])
    def test_a_hidden_test_says_nothing_of_it(self, tmp_path: Path, wrong: str) -> None:
        results = self.grade(tmp_path, "hidden", RIGHT.replace("return x + x", wrong))

        for each in (results["test_halves"], results["test_is_array"]):
            assert each.outcome is Outcome.FAILED
            assert not self.NUMBERS.search(each.feedback + each.hint), each.feedback
            assert "last call" not in each.feedback
            assert not each.evidence.pictures
            assert "The last call: double(x (2" in each.log


class TestOurFault:
    def test_a_broken_hidden_test_is_nobodys_zero(self, tmp_path: Path) -> None:
        """No score, and a person must look."""
        root = write_course(tmp_path / "course")
        hidden = root / "solutions/hw01_doubling/test_hidden.py"
        hidden.write_text(hidden.read_text().replace("size=(5, 2, 2)", "size=oops"))
        course = read_course(root, secret=None)

        report = grading.grade_one(
            course, find_assignment(course, "hw1"), write_submission(tmp_path), grading.GradeOptions()
        )

        assert (report.score, report.needs_review) == (None, True)
        assert result(report, "test_doubled_large").outcome is Outcome.GRADER_ERROR
        assert result(report, "test_doubled").score == 20

    def test_points_that_do_not_add_up_are_said_before_anything_runs(self, tmp_path: Path) -> None:
        """The file and both numbers."""
        root = write_course(tmp_path / "course")
        hidden = root / "solutions/hw01_doubling/test_hidden.py"
        hidden.write_text(hidden.read_text().replace("@points(30)", "@points(31)"))
        course = read_course(root, secret=None)

        with pytest.raises(CourseError, match=r"double add up to 61 points, assignment\.toml says 60"):
            grading.grade_one(
                course, find_assignment(course, "hw1"), write_submission(tmp_path), grading.GradeOptions()
            )

    def test_a_visible_test_may_not_build_on_a_hidden_one(self, tmp_path: Path) -> None:
        """It would print what the hidden one was given."""
        root = write_course(tmp_path / "course")
        hidden = root / "solutions/hw01_doubling/test_hidden.py"
        visible = hidden.read_text().replace("@points(10)", '@points(10, visibility="visible")')
        hidden.write_text(visible.replace('@points(20, visibility="visible")', "@points(20)"))
        course = read_course(root, secret=None)

        with pytest.raises(CourseError, match="builds on a hidden test"):
            grading.grade_one(
                course, find_assignment(course, "hw1"), write_submission(tmp_path), grading.GradeOptions()
            )

    def test_a_hidden_test_that_does_not_load(self, tmp_path: Path) -> None:
        """Configuration, not a zero."""
        root = write_course(tmp_path / "course")
        (root / "solutions/hw01_doubling/test_hidden.py").write_text("import nothing_like_it\n")
        course = read_course(root, secret=None)

        with pytest.raises(CourseError, match="cannot be loaded"):
            grading.grade_one(
                course, find_assignment(course, "hw1"), write_submission(tmp_path), grading.GradeOptions()
            )


class TestSeeds:
    def test_the_same_seed_gives_the_same_report(self, grade: Grade) -> None:
        """Byte for byte, but for the timings."""
        wrong = RIGHT.replace("x + x", "np.random.rand(*x.shape)")
        first, second = (
            json.render(dataclasses.replace(grade(wrong, seed=7), duration_s=0.0), Audience.STAFF) for _ in range(2)
        )

        assert first.partition('"timings"')[0] == second.partition('"timings"')[0]

    def test_students_have_different_inputs(self, grade: Grade) -> None:
        """Unless the seed is given."""
        assert grade(student="kim").seed != grade(student="lee").seed
        assert grade(student="kim", seed=5).seed == 5

    def test_an_unknown_test_is_a_usage_error(self, grade: Grade) -> None:
        """With the nearest name."""
        with pytest.raises(UsageError, match="test_totl") as caught:
            grade(only="test_totl")

        assert "test_total" in caught.value.fix


class TestPublic:
    def test_public_tests_carry_no_points(self, grade: Grade) -> None:
        """They run through the same engine."""
        report = grade(public=True)

        assert (report.tests, report.score, report.max_score) == ("public", None, None)
        assert [each.outcome for each in report.results] == [Outcome.PASSED]

    def test_a_kit_without_solutions_runs_the_public_tests(self, tmp_path: Path) -> None:
        """There is nothing else to run."""
        root = write_course(tmp_path / "course")
        for path in (root / "solutions/hw01_doubling").iterdir():
            path.unlink()
        course = read_course(root, secret=None)

        report = grading.grade_one(
            course, find_assignment(course, "hw1"), write_submission(tmp_path), grading.GradeOptions()
        )

        assert report.tests == "public"


class TestMany:
    def test_one_grader_grades_many_and_forgets_each(self, root: Path, tmp_path: Path) -> None:
        """Right, hostile, right: the third is not told of the second."""
        course = read_course(root, secret=b"test")
        paths = [
            write_submission(tmp_path / str(number), source)
            for number, source in enumerate([RIGHT, "import os\nos._exit(0)\n", RIGHT])
        ]
        reports: list[Report] = []
        options = grading.GradeOptions()

        grading.graders(
            course,
            find_assignment(course, "hw1"),
            options,
            lambda grader: reports.extend(grader.grade(path, options) for path in paths),
        )

        assert [report.score for report in reports] == [100, 0, 100]

    def test_two_courses_in_one_process(self, root: Path, tmp_path: Path) -> None:
        """Test files of one name do not stand in for each other."""
        other = write_course(tmp_path / "other")
        hidden = other / "solutions/hw01_doubling/test_hidden.py"
        hidden.write_text(hidden.read_text().replace("Large arrays too.", "Another title."))
        titles = []
        for each in (root, other):
            course = read_course(each, secret=None)
            grading.graders(
                course,
                find_assignment(course, "hw1"),
                grading.GradeOptions(),
                lambda grader: titles.append(grader.cases[1].title),
            )

        assert titles == ["Large arrays too.", "Another title."]


class TestIsolation:
    def test_none_is_a_plain_subprocess_and_says_so(self, grade: Grade) -> None:
        """The same worker over the same wire."""
        report = grade(isolation=IsolationLevel.NONE)

        assert report.score == 100
        assert report.isolation.level is IsolationLevel.NONE
        assert not any(layer.active for layer in report.isolation.layers)
