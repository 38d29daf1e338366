import json
from typing import Any

import pytest

from grader.errors import UsageError
from grader.exports import classroom50
from grader.exports.context import Context
from grader.records import Audience, Outcome, Report
from tests.builders import make_report, make_result
from tests.exports import rules_classroom50
from tests.exports.contexts import ENVIRON, make_context


def render(report: Report, **environ: str) -> dict[str, Any]:
    """Every result.json of this file goes through the rules."""
    return rules_classroom50.check(classroom50.render(report, Audience.STUDENT, make_context(**environ)))


class TestRules:
    @pytest.mark.parametrize(
        "change",
        [
            {"score": 500},
            {"score": 1.0},
            {"score": True},
            {"extra": 1},
            {"submission": "v1"},
            {"datetime": "2026-06-01 14:32:05"},
            {"owner": ""},
            {"tests": [{"test-name": "a", "passed": 1, "score": 0, "max-score": 0}]},
            {"tests": [{"test-name": "a", "passed": True, "score": 2, "max-score": 1}]},
            {"submitted_by": {"username": "a", "name": "b"}},
        ],
    )
    def test_they_refuse_what_classroom50_refuses(self, change: dict[str, Any]) -> None:
        """So that passing them means something."""
        document = render(make_report()) | change

        with pytest.raises(AssertionError):
            rules_classroom50.check(json.dumps(document))


class TestRender:
    def test_it_says_whose_commit_was_graded(self) -> None:
        """In the runner's words."""
        document = render(make_report())
        del document["tests"]

        assert document == {
            "schema": "classroom50/result/v1",
            "classroom": "cs231n",
            "assignment": "convolution",
            "assignment_type": "individual",
            "owner": "alice",
            "submission": "submit/2026-06-01T14-32-05Z-a1b2c3d",
            "commit": "https://example.org/commit/a1b2c3d",
            "release": "https://example.org/releases/tag/1",
            "review": "https://example.org/commit/a1b2c3d",
            "datetime": "2026-06-01T14:32:05Z",
            "score": 400,
            "max-score": 400,
            "graded_at": "2026-11-25T01:02:03Z",
        }

    def test_points_are_hundredths(self) -> None:
        """Exact for two decimals, and the same maximum for every student."""
        results = [make_result(score=0.29, points=1.15, feedback="wrong"), make_result(name="b", score=0, points=2)]

        document = render(make_report(score=0.29, max_score=3.15, results=results))

        assert (document["score"], document["max-score"]) == (29, 315)
        assert document["tests"][0] == {
            "test-name": "Overlapping windows: the stride is not the window size.",
            "passed": False,
            "score": 29,
            "max-score": 115,
            "outcome": "failed",
            "message": "wrong",
        }

    def test_our_fault_is_nothing_of_nothing(self) -> None:
        """As the runner itself writes it for an error."""
        results = [make_result(), make_result(name="b", score=None, outcome=Outcome.GRADER_ERROR)]

        document = render(make_report(score=None, max_score=8, results=results, needs_review=True))

        assert [document[key] for key in ("score", "max-score", "tests")] == [0, 0, []]

    def test_a_rejected_submission_has_zero_of_all_points(self) -> None:
        """And the reason."""
        document = render(make_report(score=None, max_score=100, results=(), rejected="no file"))

        assert [document[key] for key in ("score", "max-score")] == [0, 10_000]
        assert document["tests"][0]["message"] == "no file"

    def test_who_pushed_is_named_beside_the_owner(self) -> None:
        """Where the runner says it."""
        document = render(make_report(), GITHUB_ACTOR="bob", GITHUB_ACTOR_ID="7", ASSIGNMENT_TYPE="group")

        assert document["submitted_by"] == {"username": "bob", "id": 7}
        assert document["assignment_type"] == "group"

    def test_an_owner_may_come_as_a_username(self) -> None:
        """From older runners."""
        assert render(make_report(), OWNER="", USERNAME="carol", REVIEW_URL="https://r")["owner"] == "carol"

    def test_without_a_time_in_the_tag_the_time_of_grading_stands(self) -> None:
        """The runner puts its own there in the end."""
        assert render(make_report(), SUBMISSION_TAG="submit/phase1")["datetime"] == "2026-11-25T01:02:03Z"

    @pytest.mark.parametrize("name", ["CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL"])
    def test_a_missing_variable_is_named(self, name: str) -> None:
        """With what to do."""
        with pytest.raises(UsageError, match=f"{name} is not set") as caught:
            render(make_report(), **{name: ""})

        assert "runner" in caught.value.fix

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("SUBMISSION_TAG", "v1\x1b[31m"),
            ("SUBMISSION_TAG", "submit/2026-13-01T00-00-00Z-a"),
            ("ASSIGNMENT_TYPE", "x"),
        ],
    )
    def test_a_wrong_variable_is_shown(self, name: str, value: str) -> None:
        """In a message that a terminal survives."""
        with pytest.raises(UsageError, match=name) as caught:
            render(make_report(), **{name: value})

        assert "\x1b" not in str(caught.value)

    def test_a_tag_without_time_and_no_clock_is_an_error(self) -> None:
        """No time is made up."""
        with pytest.raises(UsageError, match="no time in it"):
            classroom50.read_context(Context(environ=ENVIRON | {"SUBMISSION_TAG": "submit/phase1"}))
