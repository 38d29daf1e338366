import json

import pytest

from grader.exports import classroom50, gradescope, junit, lti, prairielearn
from grader.exports import json as json_export
from grader.exports.standing import Standing, so_far, standing, unfinished
from grader.records import Audience, Outcome, Report, TestResult
from tests.builders import FULL_ISOLATION, make_assignment, make_case, make_report, make_result
from tests.exports import rules_classroom50, rules_gradescope, rules_lti, rules_prairielearn
from tests.exports.contexts import make_context

CASES = [make_case(name=f"test_{letter}", points=5.0) for letter in "abcd"]


def after(*results: TestResult) -> Report:
    """What is on disk once these tests have been run."""
    return unfinished(
        make_assignment(questions={"conv2d": 20.0}),
        CASES,
        results,
        student="alice",
        submission="convolution.py",
        seed=1,
        isolation=FULL_ISOLATION,
        environment={},
    )


def result(number: int, *, score: float | None = 5.0, outcome: Outcome | None = None) -> TestResult:
    return make_result(case=CASES[number], score=score, outcome=outcome)


class TestStanding:
    @pytest.mark.parametrize(
        ("report", "expected"),
        [
            (make_report(), Standing.GRADED),
            (make_report(score=None, max_score=None, tests="public"), Standing.UNSCORED),
            (make_report(score=None, results=(), rejected="no file"), Standing.REJECTED),
            (make_report(score=None, results=(), needs_review=True), Standing.NOT_GRADED),
            (make_report(score=None), Standing.NOT_GRADED),
        ],
    )
    def test_a_report_without_a_score_says_why(self, report: Report, expected: Standing) -> None:
        """One that says nothing counts as our fault."""
        assert standing(report) is expected

    def test_a_test_that_is_skipped_for_good_is_not_waiting(self) -> None:
        """It has no points because another did not pass."""
        report = make_report(score=0, results=[make_result(score=0, outcome=Outcome.SKIPPED)])

        assert standing(report) is Standing.GRADED


class TestUnfinished:
    def test_before_the_first_test_all_are_waiting(self) -> None:
        """None has marks, and nothing is our fault."""
        report = after()

        assert standing(report) is Standing.UNFINISHED
        assert (report.score, report.max_score, report.needs_review) == (None, 20.0, False)
        assert [each.score for each in report.results] == [None] * 4

    def test_results_stand_in_the_order_of_the_file(self) -> None:
        """Tests run in an order drawn from the seed."""
        report = after(result(2), result(0, score=0))

        assert [each.case.name for each in report.results] == ["test_a", "test_b", "test_c", "test_d"]
        assert [each.score for each in report.results] == [0, None, 5, None]
        assert so_far(report) == 5
        assert report.notices[-1].text.startswith("2 of 4 tests have been run")

    def test_after_the_last_test_it_is_the_report(self) -> None:
        """With a score, and without a word about waiting."""
        report = after(*(result(number) for number in range(4)))

        assert (standing(report), report.score, report.notices) == (Standing.GRADED, 20, ())

    def test_a_grader_error_is_known_before_the_end(self) -> None:
        """A file that promises a score would have to take it back."""
        report = after(result(1, score=None, outcome=Outcome.GRADER_ERROR))

        assert standing(report) is Standing.NOT_GRADED

    def test_gradescope_gets_a_lower_bound(self) -> None:
        """Its file is read if the time is up: a waiting test has 0 points and says so."""
        document = rules_gradescope.check(gradescope.render(after(result(1)), Audience.STUDENT), points=20)

        assert document["score"] == 5
        assert [test["score"] for test in document["tests"]] == [0, 5, 0, 0]
        assert document["tests"][0]["output"] == "not run yet"
        assert document["tests"][0]["status"] == "failed"
        assert document["output"].startswith("hw1 Convolution: not finished\n\nnote: 1 of 4 tests have been run")

    def test_classroom50_gets_a_lower_bound(self) -> None:
        """Of the same maximum as the finished report."""
        text = classroom50.render(after(result(1)), Audience.STUDENT, make_context())

        assert [rules_classroom50.check(text)[key] for key in ("score", "max-score")] == [500, 2_000]

    def test_prairielearn_costs_no_attempt(self) -> None:
        """It can say that nothing was graded."""
        document = rules_prairielearn.check(prairielearn.render(after(result(1)), Audience.STUDENT))

        assert document["gradable"] is False
        assert document["format_errors"] == ["The grading has not finished. This is not a zero."]

    def test_lti_sends_no_score(self) -> None:
        """It would stand in the gradebook."""
        document = rules_lti.check(lti.render(after(result(1)), Audience.STUDENT, make_context()))

        assert document["gradingProgress"] == "Pending"

    def test_our_own_formats_say_null_and_skipped(self) -> None:
        """Neither marks nor a zero."""
        report = after(result(1))

        assert json.loads(json_export.render(report, Audience.STAFF))["tests"][0]["score"] is None
        assert junit.render(report, Audience.STUDENT).count("<skipped") == 3

    def test_waiting_is_not_the_first_thing_to_fix(self) -> None:
        """Three tests that say the same would be the first thing to fix."""
        assert "fix this first" not in gradescope.render(after(result(1, score=0)), Audience.STUDENT)
