"""A score as LTI 1.3 Assignment and Grade Services take it: https://www.imsglobal.org/spec/lti-ags/v2p0#score-publish-service.

In: a score with its time, or a Report. Out: the payload that is posted to `{lineitem}/scores` as
`application/vnd.ims.lis.v1.score+json`.
The rule: without a score there is no `scoreGiven`, and `gradingProgress` says whose turn it is: PendingManual a
person's, Pending ours. A zero is sent only where the tests gave zero.

The platform refuses a timestamp that is older than the one it holds, so it must be the time of grading, with all of its
sub-seconds, and never be rounded up or down to a whole second. Students read the comment.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from grader.errors import UsageError
from grader.exports import plain
from grader.exports.context import Context
from grader.exports.standing import Standing, standing
from grader.language import ENGLISH, Language
from grader.records import Audience, Report
from grader.scoring import view
from grader.text import printable, tidy

MEDIA_TYPE = "application/vnd.ims.lis.v1.score+json"

_COMMENT = 2_000  # characters; no platform states a limit, and all show it in a small box
_MESSAGE = 400  # of it, of one test

_PROGRESS = {
    Standing.GRADED: "FullyGraded",
    Standing.UNSCORED: "NotReady",
    Standing.REJECTED: "PendingManual",
    Standing.NOT_GRADED: "PendingManual",
    Standing.UNFINISHED: "Pending",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What is published about one student; of a Report, or of a gradebook's entry."""

    user_id: str  # the platform's `sub`, opaque
    timestamp: datetime  # with an offset
    score: float | None  # None: none yet
    max_score: float | None
    comment: str = ""
    progress: str = "FullyGraded"  # gradingProgress, where there is a score
    submitted_at: datetime | None = None  # with an offset


def payload(score: Score) -> dict[str, Any]:
    """Make the payload of one score.

    Args:
        score: with times that have an offset. Without a score, or a positive maximum, none is sent.

    Returns:
        A dict for JSON, with the specification's keys.

    Raises:
        ValueError: a time without an offset, an empty user id, or a negative or infinite score.
    """
    if not score.user_id:
        raise ValueError("a score needs the user id that the platform gave")
    document: dict[str, Any] = {
        "userId": score.user_id,
        "activityProgress": "Submitted",
        "gradingProgress": score.progress,
        "timestamp": _time(score.timestamp),
    }
    if score.score is None or not score.max_score:
        if score.progress == _PROGRESS[Standing.GRADED]:
            document["gradingProgress"] = "PendingManual"
    else:
        if score.score < 0 or score.max_score < 0:
            raise ValueError(f"points are not negative: {score.score} of {score.max_score}")
        document |= {"activityProgress": "Completed", "scoreGiven": tidy(score.score)}
        document["scoreMaximum"] = tidy(score.max_score)
    if score.comment:
        document["comment"] = printable(score.comment, limit=_COMMENT)
    if score.submitted_at is not None:
        document["submission"] = {"submittedAt": _time(score.submitted_at)}
    return document


def of_report(
    report: Report,
    *,
    user_id: str,
    timestamp: datetime,
    submitted_at: datetime | None = None,
    language: Language = ENGLISH,
) -> Score:
    """What there is to publish about a report: a student's view of it, as a short comment in the student's language."""
    seen = language.report(view(report, Audience.STUDENT))
    state = standing(seen)
    graded = state is Standing.GRADED
    return Score(
        user_id=user_id,
        timestamp=timestamp,
        score=seen.score if graded else None,
        max_score=seen.max_score if graded else None,
        comment=printable(plain.whole(seen, limit=_MESSAGE, language=language), limit=_COMMENT),
        progress=_PROGRESS[state],
        submitted_at=submitted_at,
    )


def render(report: Report, audience: Audience, context: Context) -> str:
    """Write a report's payload.

    Args:
        report: the whole report; it is cut down to a student's view here.
        audience: makes no difference, because students read the comment.
        context: `now` is the timestamp; the user id is `LTI_USER_ID` of `environ`, or else the report's student.

    Returns:
        JSON.

    Raises:
        UsageError: there is no user id.
        ValueError: the context has no time.
    """
    if context.now is None:
        raise ValueError("an LTI score needs the time")
    user_id = context.environ.get("LTI_USER_ID") or report.student
    if not user_id:
        raise UsageError(
            "an LTI score needs the platform's id of the student",
            where="--export lti",
            fix="set the variable LTI_USER_ID, or name the student with --student",
        )
    score = of_report(report, user_id=printable(user_id), timestamp=context.now, language=context.language)
    return plain.dump(payload(score))


def _time(when: datetime) -> str:
    if when.tzinfo is None:
        raise ValueError(f"{when.isoformat()} has no offset from UTC")
    return when.isoformat(timespec="microseconds")
