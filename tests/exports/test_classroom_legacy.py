import base64
from typing import Any

from grader.exports import classroom_legacy
from grader.records import Audience, Outcome, Report
from tests.builders import make_report, make_result
from tests.exports import rules_classroom_legacy
from tests.exports.rules_classroom_legacy import announced


def render(report: Report) -> dict[str, Any]:
    """Every payload of this file goes through the rules."""
    return rules_classroom_legacy.check(classroom_legacy.render(report, Audience.STUDENT))


class TestRender:
    def test_the_notice_announces_the_score(self) -> None:
        """It adds up the tests' scores; those that did not pass have one too."""
        results = [make_result(), make_result(name="b", score=1.5, points=6, feedback="wrong")]

        document = render(make_report(score=5.5, max_score=10, results=results))

        assert announced(document) == (5.5, 10)
        assert document["status"] == "fail"
        assert document["tests"][1]["message"] == "wrong"

    def test_all_points_are_a_pass(self) -> None:
        """The job is green then."""
        assert render(make_report())["status"] == "pass"

    def test_our_fault_announces_no_points_and_fails_the_job(self) -> None:
        """Status `error`, no tests, but the key: without it the reporter throws."""
        results = [make_result(), make_result(name="b", score=None, outcome=Outcome.GRADER_ERROR)]

        document = render(make_report(score=None, max_score=8, results=results, needs_review=True))

        assert (document["status"], document["tests"], announced(document)) == ("error", [], None)
        assert "not a zero" in document["message"]

    def test_a_rejected_submission_announces_zero_of_all_points(self) -> None:
        """With the reason."""
        document = render(make_report(score=None, max_score=100, results=(), rejected="no file"))

        assert announced(document) == (0, 100)
        assert document["tests"][0]["message"] == "no file"

    def test_what_does_not_fit_into_a_variable_becomes_one_test(self) -> None:
        """With the same points."""
        results = [make_result(name=f"t{n}", title="합" * 200, score=0.5, points=1) for n in range(500)]

        document = render(make_report(score=250, max_score=500, results=results))

        assert announced(document) == (250, 500)
        assert len(document["tests"]) == 1

    def test_it_is_base64_of_utf8(self) -> None:
        """On one line."""
        text = classroom_legacy.render(make_report(results=[make_result(title="합성곱")]), Audience.STUDENT)

        assert "합성곱" in base64.b64decode(text).decode()
