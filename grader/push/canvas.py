"""Owns `canvasapi`: the scores of one Canvas assignment, read and set one student at a time.

In: an address, a course, an assignment, an access token. Out: a `Platform`.
The rule: one PUT for each student (`posted_grade` and comment together), never the bulk update: that one answers with a
job, and who of its students got a score cannot be told. What Canvas has is its `entered_score`: `score` is what a late
policy of Canvas left of it.

Canvas grades first and adds the comment afterwards, so a request that broke off can leave the one without the other:
each is compared, and only what is missing is sent. The token is held here and goes out in one header; the reasons that
come back are searched for it. https://canvas.instructure.com/doc/api/submissions.html#method.submissions_api.update
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import requests
from canvasapi.assignment import Assignment  # type: ignore[import-untyped]
from canvasapi.course import Course  # type: ignore[import-untyped]
from canvasapi.exceptions import CanvasException  # type: ignore[import-untyped]
from canvasapi.requester import Requester  # type: ignore[import-untyped]
from canvasapi.submission import Submission  # type: ignore[import-untyped]

from grader.errors import UsageError
from grader.push.courier import Waits
from grader.push.matching import Person, match
from grader.push.postings import Kind, Missing, Posting, Standing, Trouble, comment_of, missing_from, scaled
from grader.push.sessions import Session, check_address, judge
from grader.text import number, one_line

_LOW = 50.0  # of Canvas's 700: below it, wait a little before the next request
_AT_ONCE = 100  # rows of a page: the most that Canvas gives
_GRADED = frozenset({"points", "percent", "letter_grade", "gpa_scale"})
_TOKEN = "CANVAS_API_TOKEN"  # noqa: S105 - the variable's name

# What canvasapi lets through when an answer is not what it expects: an array for an object, a page for JSON, a link to
# nowhere. `judge` tells from the status what it means.
_ODD = (CanvasException, requests.RequestException, ValueError, KeyError, TypeError, AttributeError)

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class CanvasTarget:
    """Which assignment of which Canvas."""

    url: str  # "https://canvas.example.edu"
    course: int
    assignment: int
    scale: bool = False  # where the maxima differ: 85 of 100 becomes 8.5 of 10; otherwise that is an error


class CanvasPlatform:
    """One assignment on Canvas.

    Args:
        target: which one.
        token: of someone who may grade there; from the environment, and written nowhere.
        waits: how long to wait for an answer, and when the allowance is nearly used up.

    Raises:
        UsageError: the address is none, or the token is missing or cannot be one.
    """

    def __init__(self, target: CanvasTarget, token: str, *, waits: Waits | None = None) -> None:
        self._url = check_address(target.url, "--url").removesuffix("/api/v1")
        self._target = target
        self._waits = waits or Waits()
        self._session = Session(self._waits.timeout_s)
        requester = _OnSession(self._url, _checked(token), self._session)
        self._course = Course(requester, {"id": target.course})
        self._assignment = Assignment(requester, {"id": target.assignment, "course_id": target.course})
        self._requester = requester
        self._points: float | None = None  # the assignment's maximum, once it was read

    @property
    def target(self) -> str:
        """Name the assignment, with Canvas's own numbers."""
        return f"Canvas assignment {self._target.assignment}, course {self._target.course}, at {self._url}"

    @property
    def slug(self) -> str:
        """Name it for a file."""
        host = self._url.partition("://")[2]
        return f"canvas-{host}-{self._target.course}-{self._target.assignment}"

    def unfit(self, postings: Sequence[Posting]) -> Trouble | None:
        """Read the assignment: whether it takes points, and as many as the scores are out of."""
        read = self._ask(lambda: _facts(self._course.get_assignment(self._target.assignment)))
        if isinstance(read, Trouble):
            return _told(read, f"there is no course {self._target.course} with assignment {self._target.assignment}")
        self._points = read.points
        reason, fix = read.unfit()
        other = {each.max_score for each in postings if each.max_score != read.points}
        if not reason and other and not (self._target.scale and read.points):
            reason = (
                f"the assignment is out of {number(read.points or 0)} points there, the scores out of {_list(other)}"
            )
            fix = "set its points on Canvas, or send with --scale"
        return Trouble(kind=Kind.STOP, reason=reason, fix=fix) if reason else None

    def find(self, postings: Sequence[Posting]) -> Mapping[str, str] | Trouble:
        """Look up students by SIS id, login, e-mail or name; asks nothing if there is nobody to look up."""
        if not postings:
            return {}
        people = self._ask(
            lambda: [_person(user) for user in self._course.get_users(enrollment_type=["student"], per_page=_AT_ONCE)]
        )
        return _told(people) if isinstance(people, Trouble) else match((each.student for each in postings), people)

    def standings(self) -> Mapping[str, Standing] | Trouble:
        """Read every submission's score and comments, page by page."""
        read = self._ask(
            lambda: {
                str(each.user_id): self._standing(each)
                for each in self._assignment.get_submissions(include=["submission_comments"], per_page=_AT_ONCE)
            }
        )
        return _told(read) if isinstance(read, Trouble) else read

    def standing(self, user: str) -> Standing | Trouble:
        """Read one submission's score and comments."""
        read = self._ask(
            lambda: self._standing(self._assignment.get_submission(int(user), include=["submission_comments"]))
        )
        if isinstance(read, Trouble) and read.status == 404:
            return Standing()  # no such submission: nothing is there
        return read

    def send(self, posting: Posting, missing: Missing) -> Trouble | None:
        """Set the score, add the comment, or what of the two is missing."""
        if not posting.user.isdecimal() or str(int(posting.user)) != posting.user:
            return Trouble(kind=Kind.REFUSED, reason=f"`{one_line(posting.user)}` is no user id of Canvas")
        fields: dict[str, Any] = {}
        if missing.score:
            fields["submission"] = {"posted_grade": number(scaled(posting, self._points))}
        if missing.comment:
            fields["comment"] = {"text_comment": comment_of(posting)}
        place = {
            "course_id": self._target.course,
            "assignment_id": self._target.assignment,
            "user_id": int(posting.user),
        }
        sent = self._ask(lambda: self._standing(Submission(self._requester, place).edit(**fields)))
        if isinstance(sent, Trouble):
            return _of_a_student(sent)
        if missing_from(sent, posting).score:
            return Trouble(kind=Kind.UNKNOWN, reason="Canvas answered, and holds another score")
        return None

    def _standing(self, submission: Any) -> Standing:
        score = getattr(submission, "entered_score", None)
        comments = getattr(submission, "submission_comments", None) or ()
        return Standing(
            score=_float(submission.score if score is None else score),
            max_score=self._points,
            comments=tuple(str(each["comment"]) for each in comments),
            excused=getattr(submission, "excused", None) is True,
        )

    def _ask(self, request: Callable[[], Answer]) -> Answer | Trouble:
        self._session.forget()
        try:
            answer = request()
        except _ODD as error:
            return self._judge(error)
        if _remaining(self._session.answer) < _LOW:
            self._waits.sleep(self._waits.pause_s)
        return answer

    def _judge(self, error: Exception) -> Trouble:
        answer = self._session.answer
        trouble = judge(answer, error, self._waits.now())
        if trouble.status == 401 and answer is not None and "WWW-Authenticate" not in answer.headers:
            # The token is good: this one thing is not allowed, as in a grading period that is closed.
            return replace(trouble, kind=Kind.REFUSED, reason=trouble.reason.replace("not let in", "not allowed"))
        return trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    points: float | None
    grading: str
    in_groups: bool
    anonymous: bool

    def unfit(self) -> tuple[str, str]:
        if self.grading not in _GRADED:
            return f"the assignment is graded as `{one_line(self.grading)}` there", "set it to points on Canvas"
        if self.in_groups:  # one score would overwrite those of the whole group, and theirs this one
            return "the assignment gives a whole group one score there", "set it to grade each student on Canvas"
        if self.anonymous:
            return "the assignment hides its students' names now", "end anonymous grading on Canvas first"
        return "", ""


class _OnSession(Requester):  # type: ignore[misc]
    """canvasapi's requester, on a session with limits; its own has none."""

    def __init__(self, url: str, token: str, session: Session) -> None:
        super().__init__(url, token)
        self._session = session


def _facts(assignment: Any) -> _Facts:
    return _Facts(
        points=_float(assignment.points_possible),
        grading=str(getattr(assignment, "grading_type", "points")),
        in_groups=getattr(assignment, "group_category_id", None) is not None
        and not getattr(assignment, "grade_group_students_individually", False),
        anonymous=getattr(assignment, "anonymize_students", False) is True,
    )


def _person(user: Any) -> Person:
    ids = (getattr(user, "sis_user_id", None), getattr(user, "login_id", None), getattr(user, "integration_id", None))
    names = (getattr(user, "name", None), getattr(user, "sortable_name", None))
    return Person(
        user=str(user.id),
        ids=tuple(str(each) for each in ids if each),
        email=str(getattr(user, "email", None) or ""),
        names=tuple(str(each) for each in names if each),
    )


def _float(value: object) -> float | None:
    if value is None or isinstance(value, (int, float)):
        return None if value is None else float(value)
    raise ValueError("not a number")


def _checked(token: str) -> str:
    token = token.strip()
    # A line break or an odd letter would make requests raise an error that quotes the header.
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError(
            "there is no access token of Canvas" if not token else "this cannot be an access token of Canvas",
            where=_TOKEN,
            fix=f"make one on Canvas (Account, Settings, New Access Token) and set {_TOKEN} to it",
        )
    return token


def _told(trouble: Trouble, absent: str = "") -> Trouble:
    if trouble.kind is Kind.STOP and trouble.status == 401:
        fix = f"make a new token on Canvas, of someone who may grade there, and set {_TOKEN} to it"
        return Trouble(kind=Kind.STOP, reason="Canvas does not take the access token (401)", status=401, fix=fix)
    if trouble.status == 404 and absent:
        return replace(
            trouble, kind=Kind.STOP, reason=absent, fix="take both numbers from the assignment's address in a browser"
        )
    return trouble


def _of_a_student(trouble: Trouble) -> Trouble:
    if trouble.status in (404, 422):
        return replace(trouble, fix="no student of the course there, or one whom the assignment is not given to")
    return _told(trouble)


def _remaining(answer: requests.Response | None) -> float:
    try:
        return float(answer.headers["X-Rate-Limit-Remaining"]) if answer is not None else _LOW
    except (KeyError, ValueError):
        return _LOW


def _list(values: set[float]) -> str:
    return ", ".join(number(value) for value in sorted(values))
