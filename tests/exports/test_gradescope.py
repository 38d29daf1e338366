import io
import json
import unittest
from typing import Any

import pytest

from grader.exports import gradescope
from grader.records import Audience, Notice, Outcome, Report, Visibility
from tests.builders import make_report, make_result
from tests.exports import rules_gradescope


def render(report: Report, audience: Audience = Audience.STUDENT) -> dict[str, Any]:
    """Every results.json of this file goes through the rules."""
    return rules_gradescope.check(gradescope.render(report, audience), points=report.max_score)


class TestRules:
    def test_what_gradescopes_own_package_writes_follows_them(self) -> None:
        """Its execution time is a string, and its leaderboard empty."""
        runner = pytest.importorskip("gradescope_utils.autograder_utils.json_test_runner")
        decorators = pytest.importorskip("gradescope_utils.autograder_utils.decorators")

        class Peer(unittest.TestCase):
            @decorators.weight(3)  # type: ignore[untyped-decorator]
            @decorators.number("1.1")  # type: ignore[untyped-decorator]
            @decorators.visibility("hidden")  # type: ignore[untyped-decorator]
            def test_one(self) -> None:
                """One."""

            @decorators.weight(2)  # type: ignore[untyped-decorator]
            def test_two(self) -> None:
                """Two."""
                self.fail("wrong")

        stream = io.StringIO()
        runner.JSONTestRunner(visibility="visible", stream=stream).run(
            unittest.defaultTestLoader.loadTestsFromTestCase(Peer)
        )
        document = rules_gradescope.check(stream.getvalue(), points=5)

        assert isinstance(document["execution_time"], str)
        assert document["leaderboard"] == []

    @pytest.mark.parametrize(
        "document",
        [
            {},
            {"output": "x"},
            {"score": True},
            {"score": "1"},
            {"score": 1, "visibility": "shown"},
            {"score": 1, "output": "a\r\nb"},
            {"score": 1, "output": "\x1b[31m"},
            {"tests": [{"score": 2, "max_score": 1}]},
            {"tests": [{"score": 1, "max_score": 1, "status": "ok"}]},
            {"tests": [{"max_score": 1}]},
            {"tests": [{"score": 1, "max_score": 1, "number": 1}]},
            {"tests": [{"score": 1, "max_score": 2}]},
        ],
    )
    def test_they_refuse_what_gradescope_refuses(self, document: dict[str, Any]) -> None:
        """So that passing them means something; this assignment is worth one point."""
        with pytest.raises((AssertionError, KeyError)):
            rules_gradescope.check(json.dumps(document), points=1)


class TestRender:
    def test_a_visible_test_says_what_the_console_says(self) -> None:
        """Title, points, feedback and hint."""
        result = make_result(
            score=1.5, points=6, feedback="wrong shape", hint="use floor", visibility=Visibility.VISIBLE
        )

        (test,) = render(make_report(score=1.5, max_score=6, results=[result]))["tests"]

        assert test == {
            "name": "Overlapping windows: the stride is not the window size.",
            "number": "1.1",
            "score": 1.5,
            "max_score": 6,
            "status": "failed",
            "output": "wrong shape\nhint: use floor",
            "visibility": "visible",
            "extra_data": {"test": "test_stride_and_size_differ", "outcome": "failed"},
            "tags": ["conv2d"],
        }

    def test_numbers_are_the_questions_and_the_tests(self) -> None:
        """As 1.2: the second test of the first question."""
        results = [
            make_result(name=f"test_{place}", question=name, score=1, points=1) for place, name in enumerate("abab")
        ]

        document = render(make_report(score=4, results=results))

        assert [test["number"] for test in document["tests"]] == ["1.1", "2.1", "1.2", "2.2"]

    @pytest.mark.parametrize("visibility", Visibility)
    def test_a_test_keeps_the_visibility_that_the_course_gave_it(self, visibility: Visibility) -> None:
        """The words are Gradescope's."""
        (test,) = render(make_report(results=[make_result(visibility=visibility)]))["tests"]

        assert test["visibility"] == visibility.value

    def test_a_hidden_tests_hint_reaches_the_student(self) -> None:
        """Gradescope shows nothing of a hidden test, nor the total."""
        report = make_report(
            score=0, results=[make_result(score=0, title="A rule.", feedback="wrong", hint="use floor")]
        )

        output = render(report)["output"]

        assert output.startswith("hw1 Convolution: 0 / 4\n")
        assert "FAIL   A rule.  0 / 4\n       wrong\n       hint: use floor" in output

    @pytest.mark.parametrize("visibility", [Visibility.AFTER_DUE_DATE, Visibility.AFTER_PUBLISHED])
    def test_nothing_of_a_test_is_told_before_its_date(self, visibility: Visibility) -> None:
        """Nor the total, from which it could be read; nor a message that it shares with others."""
        results = [
            make_result(
                name=f"test_{number}", score=0, points=1, title=f"Rule {number}.", feedback="wrong", visibility=each
            )
            for number, each in enumerate([visibility, visibility, visibility, Visibility.HIDDEN])
        ]

        output = render(make_report(score=0, results=results))["output"]

        assert output.startswith("hw1 Convolution\n\n3 tests are shown later, and the score with them.\n")
        assert "Rule 3." in output
        assert not any(told in output for told in ("Rule 0.", "0 / 4", "fix this first"))

    @pytest.mark.parametrize("visibility", Visibility)
    def test_a_log_is_written_only_where_no_student_ever_looks(self, visibility: Visibility) -> None:
        """For staff, in a hidden test; another test is opened some day."""
        report = make_report(score=0, results=[make_result(score=0, log="x = 31337", visibility=visibility)])
        hidden = visibility is Visibility.HIDDEN

        (test,) = render(report, Audience.STAFF)["tests"]

        assert ("31337" in test["output"]) is hidden
        assert gradescope.render(report, Audience.STAFF).count("31337") == hidden

    def test_our_fault_gives_no_score_at_all(self) -> None:
        """Neither a top-level score nor tests: Gradescope then shows that it received no results."""
        results = [make_result(), make_result(name="test_b", score=None, outcome=Outcome.GRADER_ERROR)]
        report = make_report(score=None, max_score=8, results=results, needs_review=True)

        document = rules_gradescope.check_withheld(gradescope.render(report, Audience.STUDENT))

        assert "not the student's fault and not a zero" in document["output"]

    def test_a_rejected_submission_has_zero_and_the_reason(self) -> None:
        """The student has to hand in again, and all points are still there to be had."""
        document = render(make_report(score=None, max_score=100, results=(), rejected="no file\n  fix: name it so"))

        assert document["score"] == 0
        assert document["tests"][0]["max_score"] == 100
        assert document["tests"][0]["output"] == "no file\n  fix: name it so"
        assert "no file" in document["output"]

    def test_public_tests_are_told_without_points(self) -> None:
        """Status alone says what became of them."""
        results = [make_result(score=0, points=0, outcome=Outcome.PASSED, visibility=Visibility.VISIBLE)]

        document = render(make_report(score=None, max_score=None, results=results, tests="public"))

        assert document["output"].startswith("hw1 Convolution: 1 of 1 passed")
        assert document["tests"][0]["status"] == "passed"

    def test_stdout_stays_hidden_and_texts_are_texts(self) -> None:
        """The default of `output` is a format that reads markup."""
        document = render(make_report(notices=[Notice(text="a cell was set aside", where="cell 4")]))

        assert document["stdout_visibility"] == "hidden"
        assert {document[key] for key in document if key.endswith("_format")} == {"text"}
        assert "note: cell 4: a cell was set aside" in document["output"]

    def test_time_is_a_number_of_seconds(self) -> None:
        """A student's report of hidden tests has none."""
        assert "execution_time" not in render(make_report(duration_s=1.2345))
        assert render(make_report(duration_s=1.2345), Audience.STAFF)["execution_time"] == 1.234
        assert "execution_time" not in render(make_report(duration_s=float("nan")), Audience.STAFF)
