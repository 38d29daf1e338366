import json
from typing import Any

import pytest

from grader.exports import prairielearn
from grader.records import Audience, Notice, Outcome, Report
from tests.builders import make_report, make_result
from tests.exports import rules_prairielearn


def render(report: Report) -> dict[str, Any]:
    """Every results.json of this file goes through the rules."""
    return rules_prairielearn.check(prairielearn.render(report, Audience.STUDENT))


class TestRules:
    @pytest.mark.parametrize(
        "document",
        [
            {},
            {"score": 1.5},
            {"gradable": False, "score": 0},
            {"score": 1, "tests": [{"name": "a", "points": 1, "max_points": 1}, {"name": "b"}]},
            {"score": 1, "output": "x" * 1_000_000},
            {"score": 1, "grade": 1},
        ],
    )
    def test_they_refuse_what_prairielearn_refuses(self, document: dict[str, Any]) -> None:
        """So that passing them means something."""
        with pytest.raises((AssertionError, KeyError)):
            rules_prairielearn.check(json.dumps(document))


class TestRender:
    def test_the_score_is_a_share_and_the_tests_have_points(self) -> None:
        """Feedback and hint are the test's message."""
        results = [make_result(), make_result(name="b", score=0, points=12, feedback="wrong", hint="use floor")]

        document = render(make_report(score=4, max_score=16, results=results))

        assert (document["gradable"], document["score"]) == (True, 0.25)
        assert document["message"] == "hw1 Convolution: 4 / 16"
        assert document["tests"][1] == {
            "name": "Overlapping windows: the stride is not the window size.",
            "description": "conv2d",
            "points": 0,
            "max_points": 12,
            "message": "wrong\nhint: use floor",
        }

    def test_a_rejected_submission_costs_no_attempt(self) -> None:
        """It is not gradable, and the reason is a format error."""
        document = render(make_report(score=None, results=(), rejected="no file\n  fix: name it so"))

        assert (document["gradable"], document["format_errors"]) == (False, ["no file\n  fix: name it so"])

    def test_our_fault_costs_no_attempt(self) -> None:
        """The tests that could be run are not shown as a score either."""
        results = [make_result(), make_result(name="b", score=None, outcome=Outcome.GRADER_ERROR)]

        document = render(make_report(score=None, max_score=8, results=results, needs_review=True))

        assert document["gradable"] is False
        assert "tests" not in document
        assert "not a zero" in document["format_errors"][0]

    def test_tests_without_points_are_shown_without_any(self) -> None:
        """The score is the share of those that passed."""
        results = [
            make_result(name="a", score=0, points=0, outcome=Outcome.PASSED),
            make_result(name="b", score=0, points=0, outcome=Outcome.FAILED),
        ]

        document = render(make_report(score=None, max_score=None, results=results, tests="public"))

        assert document["score"] == 0.5
        assert not any("points" in test or "max_points" in test for test in document["tests"])

    def test_notices_are_told(self) -> None:
        """As the whole's output."""
        document = render(make_report(notices=[Notice(text="a cell was set aside")]))

        assert document["output"] == "note: a cell was set aside"

    def test_a_file_that_would_be_too_long_loses_messages_first(self) -> None:
        """Letters of three bytes, tests by the hundred."""
        results = [make_result(name=f"t{n}", score=0, points=1, feedback="합" * 4_000) for n in range(300)]

        document = render(make_report(score=0, max_score=300, results=results))

        assert len(document["tests"]) == 300
        assert "... (+" in document["tests"][0]["message"]

    def test_then_it_loses_the_tests(self) -> None:
        """The score is the last to go."""
        results = [make_result(name=f"t{n}", title="합" * 200, score=1, points=1) for n in range(2_000)]

        document = render(make_report(score=2_000, max_score=2_000, results=results))

        assert "tests" not in document
        assert document["score"] == 1
