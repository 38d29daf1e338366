from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.records import (
    Audience,
    Confusion,
    Epoch,
    Evidence,
    Notice,
    Outcome,
    Picture,
    Report,
    TestResult,
    Visibility,
)
from grader.scoring import exit_code, make_report, reject_report, total, view
from tests.builders import FULL_ISOLATION, make_assignment, make_result
from tests.builders import make_report as build_report

LOST = [outcome for outcome in Outcome if outcome not in (Outcome.PASSED, Outcome.GRADER_ERROR)]

points = st.integers(0, 2_000).map(lambda cents: cents / 100)


def score_of(*results: TestResult, tests: str = "hidden") -> Report:
    return make_report(
        make_assignment(),
        results,
        student="alice",
        submission="convolution.py",
        digest="0" * 64,
        seed=7,
        isolation=FULL_ISOLATION,
        environment={"numpy": "2.1.0"},
        notices=[Notice(text="a note")],
        tests=tests,
        duration_s=0.25,
    )


def broken() -> TestResult:
    return make_result(outcome=Outcome.GRADER_ERROR, score=None)


class TestMakeReport:
    def test_the_score_is_the_sum_of_the_results(self) -> None:
        """And the maximum is the sum of the tests' points."""
        report = score_of(make_result(score=6, points=6), make_result(score=0, points=4))

        assert (report.score, report.max_score, report.needs_review) == (6, 10, False)

    def test_a_report_says_where_it_came_from(self) -> None:
        """Everything that is not a sum is passed on as it is."""
        report = score_of(make_result())

        assert (report.assignment, report.title, report.student) == ("hw1", "Convolution", "alice")
        assert (report.submission, report.digest, report.seed) == ("convolution.py", "0" * 64, 7)
        assert (report.isolation, report.environment) == (FULL_ISOLATION, {"numpy": "2.1.0"})
        assert (report.notices, report.tests, report.duration_s) == ((Notice(text="a note"),), "hidden", 0.25)

    def test_one_grader_error_leaves_the_whole_score_empty(self) -> None:
        """Our fault is never a zero, and never a part of one."""
        report = score_of(make_result(), broken())

        assert report.score is None
        assert report.max_score == 8
        assert report.needs_review

    def test_a_grader_error_has_no_score_even_if_it_came_with_one(self) -> None:
        """A test that broke after it had scored has not scored."""
        report = score_of(replace(broken(), score=4.0))

        assert report.results[0].score is None

    def test_a_result_without_a_score_is_not_a_zero(self) -> None:
        """Whatever its outcome says."""
        report = score_of(make_result(), make_result(score=None, outcome=Outcome.FAILED))

        assert report.score is None
        assert report.needs_review

    def test_no_result_at_all_needs_a_person(self) -> None:
        """Missing evidence is neither marks nor a zero."""
        report = score_of()

        assert report.score is None
        assert report.needs_review

    @pytest.mark.parametrize("score", [0.0, None])
    def test_public_tests_without_points_have_no_score(self, score: float | None) -> None:
        """There is nothing to add up."""
        report = score_of(make_result(score=score, points=0, outcome=Outcome.PASSED), tests="public")

        assert (report.score, report.max_score, report.needs_review) == (None, None, False)

    @pytest.mark.parametrize("score", [4.5, -0.5, float("nan"), float("inf")])
    def test_a_result_outside_its_points_is_a_fault_of_ours(self, score: float) -> None:
        """It is not clipped into a score that looks right."""
        with pytest.raises(ValueError, match="test_stride_and_size_differ has"):
            score_of(make_result(score=score, points=4))

    @given(st.lists(st.tuples(points, st.booleans()), min_size=1, max_size=30))
    def test_the_score_lies_between_nothing_and_the_maximum(self, rows: list[tuple[float, bool]]) -> None:
        """All points if and only if every test with points passed."""
        report = score_of(*(make_result(score=value if passed else 0.0, points=value) for value, passed in rows))

        if report.max_score is None:
            assert report.score is None
            return
        assert report.score is not None
        assert 0 <= report.score <= report.max_score
        assert (report.score == report.max_score) == all(passed for value, passed in rows if value)


class TestTotal:
    @pytest.mark.parametrize(
        ("values", "expected"),
        [([0.1] * 3, 0.3), ([0.7, 0.1], 0.8), ([1 / 3] * 3, 1.0), ([33.33, 33.33, 33.34], 100.0), ([], 0.0)],
    )
    def test_decimals_add_up_as_on_paper(self, values: list[float], expected: float) -> None:
        """Not as in binary, where three times 0.1 is 0.30000000000000004."""
        assert total(values) == expected

    @given(st.lists(st.integers(0, 10_000), max_size=200))
    def test_cents_are_exact_however_many_there_are(self, cents: list[int]) -> None:
        """Points have at most two decimals."""
        assert total(value / 100 for value in cents) == sum(cents) / 100


class TestRejectReport:
    def test_a_rejected_submission_has_no_score(self) -> None:
        """It has a reason, and the points that it could have had."""
        report = reject_report(make_assignment(), "the zip leaves its folder", student="alice", submission="a.zip")

        assert (report.score, report.max_score, report.results) == (None, 100, ())
        assert report.rejected == "the zip leaves its folder"
        assert not report.needs_review


class TestView:
    def test_staff_see_everything(self) -> None:
        """Nothing is taken out of their report."""
        report = build_report(results=[make_result(log="x = [1, 2]")])

        assert view(report, Audience.STAFF) == report

    def test_a_student_sees_no_log_and_no_seed(self) -> None:
        """Both would give the hidden inputs away."""
        results = [make_result(feedback="wrong shape", hint="a hint", log="x = [1, 2]", seed=9)]

        seen = view(build_report(results=results, seed=5), Audience.STUDENT)

        assert (seen.seed, seen.results[0].seed, seen.results[0].log) == (0, 0, "")
        assert (seen.results[0].feedback, seen.results[0].hint) == ("wrong shape", "a hint")

    @pytest.mark.parametrize("visibility", [each for each in Visibility if each is not Visibility.VISIBLE])
    def test_a_student_sees_no_time_of_a_hidden_test(self, visibility: Visibility) -> None:
        """`time.sleep(x[0, 0])` would tell an input by the clock."""
        results = [
            make_result(name="test_hidden", visibility=visibility, duration_s=0.4),
            make_result(name="test_visible", visibility=Visibility.VISIBLE, duration_s=0.3),
        ]

        report = replace(build_report(results=results, duration_s=0.7), memory_mb=31.0)
        seen = view(report, Audience.STUDENT)

        assert [result.duration_s for result in seen.results] == [0.0, 0.3]
        assert (seen.duration_s, seen.memory_mb) == (0.0, None)

    def test_a_student_sees_the_times_where_all_tests_are_visible(self) -> None:
        """There is nothing to hide in public tests."""
        report = build_report(results=[make_result(visibility=Visibility.VISIBLE, duration_s=0.3)], duration_s=0.7)

        assert view(report, Audience.STUDENT).duration_s == 0.7

    @pytest.mark.parametrize("visibility", Visibility)
    def test_a_student_sees_no_picture_and_no_curve_of_a_hidden_test(self, visibility: Visibility) -> None:
        """A submission returns, and tells of its training, what it likes after it saw the inputs."""
        picture = Picture(role="got", shape=(1, 2), rows=((1.0, 2.0),))
        epoch = Epoch(done=1, epochs=1, loss=0.5, accuracy=0.5)
        evidence = Evidence(pictures=(picture,), epochs=(epoch,))

        seen = view(build_report(results=[make_result(visibility=visibility, evidence=evidence)]), Audience.STUDENT)

        assert seen.results[0].evidence == (evidence if visibility is Visibility.VISIBLE else Evidence())

    @pytest.mark.parametrize("published", [True, False])
    @pytest.mark.parametrize("visibility", Visibility)
    def test_a_student_sees_classes_of_published_images_only(self, visibility: Visibility, *, published: bool) -> None:
        """Anybody can look those labels up; others are the grader's own."""
        confusion = Confusion(data="mnist", counts=((1, 0), (0, 1)), published=published)
        result = make_result(visibility=visibility, evidence=Evidence(confusion=confusion))

        seen = view(build_report(results=[result]), Audience.STUDENT)

        assert seen.results[0].evidence.confusion == (confusion if published else None)


class TestExitCode:
    def test_all_points_is_zero(self) -> None:
        """A shell's `&&` goes on."""
        assert exit_code(score_of(make_result())) == 0

    @pytest.mark.parametrize("outcome", LOST)
    def test_a_lost_point_is_one(self, outcome: Outcome) -> None:
        """However it was lost."""
        assert exit_code(score_of(make_result(), make_result(score=0, outcome=outcome))) == 1

    def test_a_rejected_submission_is_one(self) -> None:
        """The student must act."""
        assert exit_code(reject_report(make_assignment(), "no", student="", submission="x")) == 1

    def test_our_fault_is_three(self) -> None:
        """Also where every other test passed, and where nothing was run."""
        assert exit_code(score_of(make_result(), broken())) == 3
        assert exit_code(score_of()) == 3

    @pytest.mark.parametrize(("outcome", "code"), [(Outcome.PASSED, 0), *((outcome, 1) for outcome in LOST)])
    def test_public_tests_go_by_their_outcomes(self, outcome: Outcome, code: int) -> None:
        """They carry no points."""
        assert exit_code(score_of(make_result(points=0, score=0, outcome=outcome), tests="public")) == code

    def test_a_broken_public_test_is_three(self) -> None:
        """Points or not, it is our fault."""
        assert exit_code(score_of(make_result(points=0, score=None, outcome=Outcome.GRADER_ERROR), tests="public")) == 3
