import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from grader.errors import UsageError
from grader.exports import lti
from grader.exports.context import Context
from grader.exports.lti import Score
from grader.records import Audience, Outcome, Report
from tests.builders import make_report, make_result
from tests.exports import rules_lti
from tests.exports.contexts import NOW, make_context

KOREA = timezone(timedelta(hours=9))


def render(report: Report, **environ: str) -> dict[str, Any]:
    """Every payload of this file goes through the rules."""
    return rules_lti.check(lti.render(report, Audience.STUDENT, make_context(**environ)))


def score(**changes: Any) -> Score:
    return replace(Score(user_id="u", timestamp=NOW, score=3.0, max_score=4.0), **changes)


class TestRender:
    def test_a_graded_report_is_a_score_of_a_maximum(self) -> None:
        """With the time of grading in full, and the report as the comment."""
        document = render(make_report(score=0, results=[make_result(score=0, hint="use floor")]), LTI_USER_ID="sub-7")
        comment = document.pop("comment")

        assert document == {
            "userId": "sub-7",
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "timestamp": "2026-11-25T01:02:03.004567+00:00",
            "scoreGiven": 0,
            "scoreMaximum": 4,
        }
        assert comment.startswith("hw1 Convolution: 0 / 4\n")
        assert "hint: use floor" in comment

    def test_pylti1p3_sends_the_same(self) -> None:
        """Its own record of a grade, filled from ours, makes the same payload."""
        grade = pytest.importorskip("pylti1p3.grade").Grade()
        ours = lti.payload(score(comment="well done"))
        grade.set_score_given(ours["scoreGiven"]).set_score_maximum(ours["scoreMaximum"])
        grade.set_activity_progress(ours["activityProgress"]).set_grading_progress(ours["gradingProgress"])
        grade.set_timestamp(ours["timestamp"]).set_user_id(ours["userId"]).set_comment(ours["comment"])

        assert json.loads(grade.get_value()) == ours

    @pytest.mark.parametrize(
        ("report", "progress"),
        [
            (make_report(score=None, results=(), rejected="no file"), "PendingManual"),
            (
                make_report(
                    score=None, results=[make_result(score=None, outcome=Outcome.GRADER_ERROR)], needs_review=True
                ),
                "PendingManual",
            ),
            (make_report(score=None, max_score=None, tests="public"), "NotReady"),
        ],
    )
    def test_without_a_score_none_is_sent(self, report: Report, progress: str) -> None:
        """The progress says whose turn it is."""
        document = render(report)

        assert "scoreGiven" not in document
        assert (document["gradingProgress"], document["activityProgress"]) == (progress, "Submitted")

    def test_the_student_of_the_report_is_the_user_where_nothing_else_is_said(self) -> None:
        """An empty one is nobody."""
        assert render(make_report(student="alice"))["userId"] == "alice"
        with pytest.raises(UsageError, match="id of the student"):
            render(make_report(student=""))

    def test_no_time_is_made_up(self) -> None:
        """The caller has it."""
        with pytest.raises(ValueError, match="needs the time"):
            lti.render(make_report(), Audience.STUDENT, Context())

    def test_a_comment_is_bounded(self) -> None:
        """However many tests there are."""
        results = [make_result(name=f"t{n}", score=0, points=1, feedback=f"{n}" + "x" * 5_000) for n in range(100)]

        assert len(render(make_report(score=0, max_score=100, results=results))["comment"]) <= 2_000


class TestPayload:
    def test_sub_seconds_are_there_even_when_they_are_zero(self) -> None:
        """A platform may refuse a time without them."""
        when = datetime(2026, 11, 25, 10, 0, 0, tzinfo=KOREA)

        document = lti.payload(score(timestamp=when, submitted_at=when))

        assert document["timestamp"] == "2026-11-25T10:00:00.000000+09:00"
        assert document["submission"] == {"submittedAt": "2026-11-25T10:00:00.000000+09:00"}

    @pytest.mark.parametrize("max_score", [None, 0.0])
    def test_a_score_without_a_maximum_is_not_sent(self, max_score: float | None) -> None:
        """The specification wants both, and the maximum positive."""
        document = rules_lti.check(json.dumps(lti.payload(score(max_score=max_score))))

        assert document["gradingProgress"] == "PendingManual"

    def test_a_score_may_exceed_its_maximum(self) -> None:
        """Extra points are the platform's to accept."""
        assert lti.payload(score(score=5.0))["scoreGiven"] == 5

    @pytest.mark.parametrize(
        "changes",
        [
            {"user_id": ""},
            {"score": -1.0},
            {"score": float("nan")},
            {"max_score": -4.0},
            {"timestamp": datetime(2026, 11, 25)},
            {"submitted_at": datetime(2026, 11, 25)},
        ],
    )
    def test_what_a_platform_would_refuse_is_our_error(self, changes: dict[str, Any]) -> None:
        """It is not sent and lost."""
        with pytest.raises(ValueError, match=r"."):
            lti.payload(score(**changes))
