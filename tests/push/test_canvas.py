"""The real canvasapi against a server that behaves, and fails, as Canvas does."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from grader.cohort import Enrolled
from grader.errors import UsageError
from grader.push.canvas import CanvasPlatform, CanvasTarget
from grader.push.postings import NotSent
from tests.push.conftest import Clock, Push, kinds, make_posting, reason
from tests.push.servers import TOKEN, CanvasServer, Fault


def test_a_score_arrives_with_its_comment(canvas: CanvasServer, push_canvas: Push) -> None:
    pushed = push_canvas(make_posting(1), make_posting(2))

    assert kinds(pushed) == ["Sent", "Sent"]
    assert canvas.scores["1"] == [61.25]
    assert canvas.comments["1"] == ["Comment for 1: a < b & c\nsecond line"]


def test_what_canvas_has_is_not_sent_again(canvas: CanvasServer, push_canvas: Push) -> None:
    """Also on the third page of submissions."""
    postings = [make_posting(number) for number in range(1, 9)]
    push_canvas(*postings)
    pushed = push_canvas(*postings)

    assert kinds(pushed) == ["Unchanged"] * 8
    assert canvas.asked["PUT"] == 8


def test_only_what_is_missing_is_sent(canvas: CanvasServer, push_canvas: Push) -> None:
    """A score set by hand gets its comment only; a new score goes without the comment that is there."""
    canvas.scores["1"].append(61.25)
    canvas.comments["2"].append("Comment for 2: a &lt; b &amp; c\r\nsecond line")
    push_canvas(make_posting(1), make_posting(2))

    assert (canvas.scores["1"], len(canvas.comments["1"])) == ([61.25], 1)
    assert (canvas.scores["2"], len(canvas.comments["2"])) == ([62.25], 1)


def test_a_late_policy_of_canvas_is_not_taken_for_another_score(canvas: CanvasServer, push_canvas: Push) -> None:
    canvas.deducted["1"] = 10.0

    assert kinds(push_canvas(make_posting(1))) == ["Sent"]
    assert kinds(push_canvas(make_posting(1))) == ["Unchanged"]


def test_an_excused_student_stays_excused(canvas: CanvasServer, push_canvas: Push) -> None:
    canvas.excused.add("1")

    assert "excused" in reason(push_canvas(make_posting(1)))
    assert canvas.asked["PUT"] == 0


@pytest.mark.parametrize("fault", list(Fault))
def test_one_fault_costs_no_score_and_doubles_none(fault: Fault, canvas: CanvasServer, push_canvas: Push) -> None:
    canvas.slow_s = 0.0  # the test of slowness is another one
    canvas.writes["2"] = [fault]
    pushed = push_canvas(make_posting(1), make_posting(2), make_posting(3))

    assert kinds(pushed) == ["Sent"] * 3
    assert canvas.scores["2"] == [62.25]
    assert len(canvas.comments["2"]) == 1


def test_an_answer_that_comes_too_late_is_read_back(canvas: CanvasServer, push_canvas: Push, clock: Clock) -> None:
    canvas.writes["1"] = [Fault.SLOW]
    pushed = push_canvas(make_posting(1), waits=clock.waits(timeout_s=0.2))

    assert kinds(pushed) == ["Sent"]
    assert canvas.asked["PUT"] == 1


@pytest.mark.parametrize("fault", [Fault.LIMITED, Fault.FAILED_BEFORE, Fault.GARBAGE, Fault.CUT_BEFORE, Fault.TORN])
def test_reading_is_tried_again(fault: Fault, canvas: CanvasServer, push_canvas: Push) -> None:
    canvas.reads = [fault, fault, fault]

    assert kinds(push_canvas(make_posting(1))) == ["Sent"]


def test_a_rate_limit_is_waited_out_with_growing_pauses(canvas: CanvasServer, push_canvas: Push, clock: Clock) -> None:
    canvas.writes["1"] = [Fault.LIMITED] * 3

    assert kinds(push_canvas(make_posting(1))) == ["Sent"]
    assert clock.slept == [1.0, 2.0, 4.0]


def test_a_rate_limit_without_end_ends_the_run(canvas: CanvasServer, push_canvas: Push) -> None:
    for user in canvas.users:
        canvas.writes[user] = [Fault.LIMITED] * 100
    pushed = push_canvas(*[make_posting(number) for number in range(1, 9)])

    assert kinds(pushed) == ["NotSent"] * 8
    assert canvas.asked["PUT"] == 3 * 4
    assert "3 in a row" in pushed.stopped


def test_a_small_allowance_slows_down(canvas: CanvasServer, push_canvas: Push, clock: Clock) -> None:
    canvas.headers["X-Rate-Limit-Remaining"] = "3.5"
    push_canvas(make_posting(1))

    assert clock.slept


def test_whoever_is_no_student_is_listed(canvas: CanvasServer, push_canvas: Push) -> None:
    canvas.always["1"] = 422, {"errors": [{"message": "User is not enrolled as a student"}]}
    pushed = push_canvas(make_posting(1), make_posting(77), make_posting(3))

    assert kinds(pushed) == ["NotSent", "NotSent", "Sent"]
    assert "User is not enrolled as a student" in reason(pushed, 0)
    assert "no student of the course" in reason(pushed, 1)


def test_a_closed_grading_period_costs_one_student(canvas: CanvasServer, push_canvas: Push) -> None:
    """Canvas answers 401 then, too, but without asking for another token."""
    canvas.always["1"] = 401, {"status": "unauthorized", "errors": [{"message": "user not authorized"}]}
    pushed = push_canvas(make_posting(1), make_posting(2))

    assert kinds(pushed) == ["NotSent", "Sent"]
    assert "not allowed (401)" in reason(pushed)


def test_a_bad_token_is_one_clear_error(canvas: CanvasServer, push_canvas: Push) -> None:
    with pytest.raises(UsageError, match="does not take the access token") as caught:
        push_canvas(make_posting(1), token="7~anotherSecret")

    assert "CANVAS_API_TOKEN" in caught.value.fix
    assert "anotherSecret" not in str(caught.value)


def test_a_token_that_is_revoked_on_the_way_lists_the_rest(canvas: CanvasServer, push_canvas: Push) -> None:
    canvas.revoked_after = 2
    pushed = push_canvas(*[make_posting(number) for number in range(1, 6)])

    assert kinds(pushed) == ["Sent", "Sent", "NotSent", "NotSent", "NotSent"]
    assert canvas.asked["PUT"] == 3
    assert "access token" in pushed.stopped
    canvas.revoked_after = None
    assert kinds(push_canvas(*[make_posting(number) for number in range(1, 6)])) == ["Unchanged"] * 2 + ["Sent"] * 3


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "토큰"])
def test_what_cannot_be_a_token_is_not_quoted(token: str) -> None:
    with pytest.raises(UsageError) as caught:
        CanvasPlatform(CanvasTarget(url="https://canvas.example.edu", course=7, assignment=12), token)

    assert not token or token not in str(caught.value)


@pytest.mark.parametrize("url", ["http://canvas.example.edu", "canvas.example.edu", "https://u:p@x.edu", "ftp://x", ""])
def test_a_token_goes_only_where_nobody_reads_along(url: str) -> None:
    with pytest.raises(UsageError):
        CanvasPlatform(CanvasTarget(url=url, course=7, assignment=12), TOKEN)


def test_a_redirect_is_not_followed(canvas: CanvasServer, push_canvas: Push) -> None:
    """The token would go along, and a PUT would become a GET that succeeds."""
    canvas.always["1"] = 302, "moved"
    canvas.headers["Location"] = f"{canvas.url}/api/v1/courses/7/assignments/12"
    pushed = push_canvas(make_posting(1))

    assert "redirect" in reason(pushed)


def test_an_assignment_that_is_not_there_is_told(canvas: CanvasServer, clock: Clock, tmp_path: Path) -> None:
    platform = CanvasPlatform(CanvasTarget(url=canvas.url, course=7, assignment=99), TOKEN, waits=clock.waits())
    trouble = platform.unfit([])

    assert trouble is not None
    assert "no course 7 with assignment 99" in trouble.reason


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"points_possible": 10}, "out of 10 points there, the scores out of 100"),
        ({"points_possible": None}, "out of 0 points there"),
        ({"grading_type": "pass_fail"}, "graded as `pass_fail`"),
        ({"group_category_id": 5}, "whole group"),
        ({"anonymize_students": True}, "hides"),
    ],
)
def test_an_assignment_that_cannot_take_these_scores_gets_none(
    change: dict[str, object], said: str, canvas: CanvasServer, push_canvas: Push
) -> None:
    canvas.assignment.update(change)
    with pytest.raises(UsageError, match=said):
        push_canvas(make_posting(1))

    assert canvas.asked["PUT"] == 0


def test_scores_are_scaled_where_that_was_asked_for(canvas: CanvasServer, push_canvas: Push) -> None:
    canvas.assignment["points_possible"] = 10

    assert kinds(push_canvas(make_posting(1, score=86.66), scale=True)) == ["Sent"]
    assert canvas.scores["1"] == [8.67]
    assert kinds(push_canvas(make_posting(1, score=86.66), scale=True)) == ["Unchanged"]


def test_students_are_found_by_id_login_email_and_name(canvas: CanvasServer, push_canvas: Push) -> None:
    """The list of users has pages; a name in another normal form is the same name."""
    canvas.people = {
        "4": {"sis_user_id": "2024-4"},
        "5": {"login_id": "kim5"},
        "6": {"email": "Lee6@example.edu"},
        "7": {"name": "\u1112\u1161\u11ab\u1100\u1173\u11af"},
        "8": {"name": "Student 3"},
    }
    students = [
        Enrolled(id="2024-4"),
        Enrolled(id="e", login="kim5"),
        Enrolled(id="f", email="lee6@example.edu"),
        Enrolled(id="g", name="한글"),
        Enrolled(id="h", name="Student 3"),
    ]
    pushed = push_canvas(*[replace(make_posting(i), student=student, user="") for i, student in enumerate(students)])

    assert kinds(pushed) == ["Sent"] * 4 + ["NotSent"]
    assert [canvas.scores[user] for user in "4567"] == [[60.25], [61.25], [62.25], [63.25]]
    assert "roster" in reason(pushed, 4)


def test_two_students_with_one_id_get_nothing(canvas: CanvasServer, push_canvas: Push) -> None:
    pushed = push_canvas(make_posting(1), make_posting(2, user="1"))

    assert kinds(pushed) == ["NotSent", "NotSent"]
    assert canvas.asked["PUT"] == 0


def test_a_user_that_is_no_number_is_not_put_into_an_address(canvas: CanvasServer, push_canvas: Push) -> None:
    pushed = push_canvas(make_posting(1, user="1/../../12"), make_posting(2, user="0002"))

    assert kinds(pushed) == ["NotSent", "NotSent"]
    assert canvas.asked["PUT"] == 0


def test_a_platform_that_is_gone_ends_the_run_and_the_next_one_goes_on(canvas: CanvasServer, push_canvas: Push) -> None:
    for user in canvas.users:
        canvas.writes[user] = [Fault.CUT_AFTER]
    postings = [make_posting(number) for number in range(1, 9)]

    class GoneAfterwards(list[Fault]):
        """Empty until something was written; then failures without end."""

        def pop(self, index: object = 0) -> Fault:
            return Fault.FAILED_BEFORE

        def __bool__(self) -> bool:
            return canvas.asked["PUT"] > 0

    canvas.reads = GoneAfterwards()
    pushed = push_canvas(*postings)

    assert kinds(pushed) == ["NotSent"] * 8
    assert [each.uncertain for each in pushed.deliveries if isinstance(each, NotSent)] == [True] * 3 + [False] * 5
    canvas.reads = []
    again = push_canvas(*postings)
    assert kinds(again) == ["Sent"] * 8
    assert all(len(canvas.scores[user]) == len(canvas.comments[user]) == 1 for user in canvas.users)


def test_a_password_of_netrc_does_not_replace_the_token(
    canvas: CanvasServer, push_canvas: Push, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password other\n", encoding="ascii")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    assert kinds(push_canvas(make_posting(1))) == ["Sent"]


def test_a_dry_run_needs_no_library_of_a_platform() -> None:
    """Its rows come from a module that imports neither a client nor an HTTP library."""
    code = "import sys, grader.push.postings; print({'canvasapi', 'requests', 'pylti1p3'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
