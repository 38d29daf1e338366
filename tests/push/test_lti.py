"""The real pylti1p3 against a server that behaves, and fails, as an LTI 1.3 platform does."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from grader.cohort import Enrolled
from grader.errors import CourseError, UsageError
from grader.push.lti import LtiPlatform, LtiTool, read_tool
from tests.push.conftest import Clock, Push, kinds, make_posting, reason
from tests.push.servers import Fault, LtiServer


def test_a_score_is_what_the_specification_asks_for(lti: LtiServer, push_lti: Push) -> None:
    """Every field, and no attempt of the student's own on Canvas; the server checks the media type."""
    assert kinds(push_lti(make_posting(1))) == ["Sent"]
    assert lti.bodies == [
        {
            "userId": "1",
            "scoreGiven": 61.25,
            "scoreMaximum": 100.0,
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "timestamp": "2026-11-20T10:00:00.123456Z",
            "comment": "Comment for 1: a < b & c\nsecond line",
            "https://canvas.instructure.com/lti/submission": {"new_submission": False},
        }
    ]


def test_what_the_platform_has_is_not_sent_again(lti: LtiServer, push_lti: Push) -> None:
    """On its own scale, and on the third page, whose address has capital letters."""
    postings = [make_posting(number) for number in range(1, 9)]
    push_lti(*postings)
    pushed = push_lti(*postings)

    assert kinds(pushed) == ["Unchanged"] * 8
    assert len(lti.bodies) == 8


def test_a_comment_that_is_not_shown_does_not_count_as_missing(lti: LtiServer, push_lti: Push) -> None:
    lti.shows_comments = False
    lti.writes["1"] = [Fault.CUT_AFTER]

    assert kinds(push_lti(make_posting(1))) == ["Sent"]
    assert kinds(push_lti(make_posting(1))) == ["Unchanged"]
    assert len(lti.comments["1"]) == 1


@pytest.mark.parametrize("fault", [each for each in Fault if each is not Fault.HALF])
def test_one_fault_costs_no_score_and_doubles_none(fault: Fault, lti: LtiServer, push_lti: Push) -> None:
    lti.slow_s = 0.0
    lti.writes["2"] = [fault]
    pushed = push_lti(make_posting(1), make_posting(2), make_posting(3))

    assert kinds(pushed) == ["Sent"] * 3
    assert lti.scores["2"] == [pytest.approx(6.225)]
    assert len(lti.comments["2"]) == 1


def test_an_answer_that_comes_too_late_is_read_back(lti: LtiServer, push_lti: Push, clock: Clock) -> None:
    lti.writes["1"] = [Fault.SLOW]

    assert kinds(push_lti(make_posting(1), waits=clock.waits(timeout_s=0.2))) == ["Sent"]
    assert len(lti.scores["1"]) == 1


def test_retry_after_is_obeyed(lti: LtiServer, push_lti: Push, clock: Clock) -> None:
    lti.writes["1"] = [Fault.LIMITED]

    assert kinds(push_lti(make_posting(1))) == ["Sent"]
    assert clock.slept == [2.0]


@pytest.mark.parametrize("asked", ["3600", "Fri, 20 Nov 2026 13:00:00 GMT"])
def test_a_platform_that_asks_for_an_hour_ends_the_run(
    asked: str, lti: LtiServer, push_lti: Push, clock: Clock
) -> None:
    lti.always["1"] = 429, "later"
    lti.headers["Retry-After"] = asked
    pushed = push_lti(make_posting(1), make_posting(2))

    assert kinds(pushed) == ["NotSent", "NotSent"]
    assert "asks for" in pushed.stopped
    assert not clock.slept


def test_an_earlier_time_is_not_sent_and_says_so(lti: LtiServer, push_lti: Push) -> None:
    push_lti(make_posting(1))
    earlier = make_posting(1).graded_at - timedelta(seconds=1)
    pushed = push_lti(make_posting(1, score=5, graded_at=earlier), make_posting(2))

    assert kinds(pushed) == ["NotSent", "Sent"]
    assert "the platform has a newer score" in reason(pushed)
    assert len(lti.scores["1"]) == 1


def test_whoever_is_no_student_is_listed(lti: LtiServer, push_lti: Push) -> None:
    pushed = push_lti(make_posting(77), make_posting(2))

    assert kinds(pushed) == ["NotSent", "Sent"]
    assert "User not found in course or is not a student" in reason(pushed)


def test_a_token_that_ran_out_is_renewed_once(lti: LtiServer, push_lti: Push) -> None:
    lti.uses = 5
    pushed = push_lti(*[make_posting(number) for number in range(1, 9)])

    assert kinds(pushed) == ["Sent"] * 8
    assert lti.granted == 3  # for three pages of results and eight scores
    assert all(len(lti.scores[user]) == 1 for user in lti.users)


def test_a_tool_that_is_not_let_in_is_one_clear_error(lti: LtiServer, push_lti: Push, keys: tuple[str, str]) -> None:
    """The platform quotes the signed request; the message does not."""
    lti.refuses_tokens = True
    with pytest.raises(UsageError, match="bad signature in \\(secret\\)") as caught:
        push_lti(make_posting(1))

    assert "client_id" in caught.value.fix


def test_a_new_token_that_is_refused_too_is_one_clear_error(lti: LtiServer, push_lti: Push) -> None:
    lti.uses = 0
    with pytest.raises(UsageError, match="not let in \\(401\\)") as caught:
        push_lti(make_posting(1))

    assert lti.granted == 2
    assert "granted-secret" not in str(caught.value)


def test_the_key_is_named_by_its_thumbprint_or_as_the_platform_does(lti: LtiServer, push_lti: Push) -> None:
    push_lti(make_posting(1))
    push_lti(make_posting(1), key_id="the-platform's-name")

    assert len(str(lti.kids[0])) == 43
    assert lti.kids[1] == "the-platform's-name"


def test_a_line_item_that_is_not_there_is_told(lti: LtiServer, keys: tuple[str, str], clock: Clock) -> None:
    tool = LtiTool(client_id="tool-1", token_url=f"{lti.url}/token", private_key=keys[0])
    trouble = LtiPlatform(f"{lti.url}/items/4", tool, waits=clock.waits()).standings()

    assert getattr(trouble, "reason", "") == "there is no such line item"


def test_a_next_page_on_another_host_gets_no_token(lti: LtiServer, push_lti: Push) -> None:
    lti.size = 100
    lti.headers["Link"] = '<http://127.0.0.1:9/elsewhere>; rel="next"'
    with pytest.raises(UsageError, match="cannot be read"):
        push_lti(make_posting(1))


def test_learners_are_found_by_names_and_roles(lti: LtiServer, push_lti: Push) -> None:
    role = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
    lti.members = [
        {"user_id": "9", "name": "Kim", "roles": [f"{role}Instructor"]},
        {"user_id": "1", "lis_person_sourcedid": "2024-1", "roles": [f"{role}Learner"]},
        {"user_id": "2", "email": "lee@example.edu", "roles": ["Learner"]},
        {"user_id": "3", "name": "Kim", "roles": [f"{role}Learner"]},
        {"user_id": "4", "name": "Other", "roles": [f"{role}Learner"]},
    ]
    students = Enrolled(id="2024-1"), Enrolled(id="b", email="Lee@example.edu"), Enrolled(id="c", name="kim")
    postings = [replace(make_posting(i), student=student, user="") for i, student in enumerate(students)]
    pushed = push_lti(*postings, memberships_url=f"{lti.url}/members")

    assert kinds(pushed) == ["Sent"] * 3
    assert [len(lti.scores[user]) for user in "1234"] == [1, 1, 1, 0]


def test_without_names_and_roles_an_id_is_needed(push_lti: Push) -> None:
    assert "roster" in reason(push_lti(make_posting(1, user="")))


def test_a_tool_is_read_from_its_file(tmp_path: Path, keys: tuple[str, str]) -> None:
    (tmp_path / "key.pem").write_text(keys[0], encoding="ascii")
    file = tmp_path / "tool.toml"
    file.write_text('client_id = "1"\ntoken_url = "https://x.edu/token"\nprivate_key_file = "key.pem"\n', "utf-8")

    assert read_tool(file) == LtiTool(client_id="1", token_url="https://x.edu/token", private_key=keys[0])
    assert "PRIVATE" not in repr(read_tool(file))
    file.write_text('client_id = "1"\ntoken_url = "https://x.edu/token"\nprivate_key = "key.pem"\n', "utf-8")
    with pytest.raises(CourseError, match="unknown key"):
        read_tool(file)


def test_a_key_that_is_missing_or_public_or_none_is_told(tmp_path: Path, keys: tuple[str, str]) -> None:
    file = tmp_path / "tool.toml"
    file.write_text('client_id = "1"\ntoken_url = "https://x.edu/token"\nprivate_key_file = "no.pem"\n', "utf-8")

    with pytest.raises(UsageError, match="cannot be read"):
        read_tool(file)
    for key in (keys[1], keys[0][:200], "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", ""):
        with pytest.raises(UsageError, match="no private RSA key"):
            LtiPlatform("https://x.edu/3", LtiTool(client_id="1", token_url="https://x.edu/t", private_key=key))
