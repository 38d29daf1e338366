"""Owns `pylti1p3`: the scores of one LTI 1.3 line item, sent through Assignment and Grade Services 2.0.

In: the line item's address, and the tool that is registered with the platform. Out: a `Platform`.
The rule: what stands in a score depends on the posting alone, its timestamp too, so that the same score sent twice is
the same score; a platform refuses one that is earlier than what it has. Every score is `Completed` and `FullyGraded`:
Canvas records no other, apart from `PendingManual`. What the platform has is read from the line item's results.

Results come in pages. pylti1p3 reads the first one only, and its own next-page address is in small letters, which is
another address: the Link header is read here, and never followed to another host. https://www.imsglobal.org/spec/lti-ags/v2p0
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec
import requests
from pylti1p3.assignments_grades import AssignmentsGradesService
from pylti1p3.exception import LtiException, LtiServiceException
from pylti1p3.grade import Grade
from pylti1p3.lineitem import LineItem
from pylti1p3.registration import Registration
from pylti1p3.service_connector import ServiceConnector, TServiceConnectorResponse

from grader.errors import UsageError
from grader.push.courier import Waits
from grader.push.matching import Person, match
from grader.push.postings import Kind, Missing, Posting, Standing, Trouble, comment_of
from grader.push.sessions import Session, check_address, judge, origin
from grader.strict_toml import place, read_toml

_SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
_RESULT = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
_MEMBERS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
_RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
_MEMBERS_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
_PAGES = 1_000  # a platform whose last page names a next one must not hold us for ever

# Canvas takes a score for a new attempt of the student unless it is told otherwise; other platforms skip what they do
# not know.
_NO_ATTEMPT = {"https://canvas.instructure.com/lti/submission": {"new_submission": False}}

# What pylti1p3 lets through when an answer is not what it expects. `judge` tells from the status what it means.
_ODD = (LtiException, requests.RequestException, ValueError, KeyError, TypeError, AttributeError)

_NOT_LET_IN = "check `client_id`, the key and the services that the tool is allowed on the platform"

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class LtiTool:
    """The tool as it is registered with a platform."""

    client_id: str
    token_url: str
    private_key: str = field(repr=False)  # RSA, in PEM
    key_id: str = ""  # as the platform knows the key; "": its thumbprint (RFC 7638)
    audience: str = ""  # of the signed request for a token; "": the token address
    memberships_url: str = ""  # names and roles: looks up students without an LTI id; "": they cannot be


class _ToolFile(msgspec.Struct, forbid_unknown_fields=True):
    client_id: str
    token_url: str
    private_key_file: str  # from the folder of this file
    key_id: str = ""
    audience: str = ""
    memberships_url: str = ""


def read_tool(path: Path) -> LtiTool:
    """Read a tool from a TOML file: `client_id`, `token_url`, `private_key_file`, and what else `LtiTool` has.

    Raises:
        CourseError: the file is missing or wrong.
        UsageError: the key cannot be read, or is none.
    """
    read = read_toml(path, _ToolFile, root=path.parent)
    file = path.parent / read.private_key_file
    where = place(path, "private_key_file", root=path.parent)
    try:
        key = file.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise UsageError("the private key cannot be read", where=where, fix="name a key file in PEM") from error
    return LtiTool(
        client_id=read.client_id,
        token_url=read.token_url,
        private_key=key,
        key_id=read.key_id,
        audience=read.audience,
        memberships_url=read.memberships_url,
    )


class LtiPlatform:
    """One line item of an LTI platform.

    Args:
        lineitem: its address, as the platform gave it to the tool.
        tool: who sends.
        waits: how long to wait for an answer.

    Raises:
        UsageError: an address is none, or the key is not an RSA key in PEM.
    """

    def __init__(self, lineitem: str, tool: LtiTool, *, waits: Waits | None = None) -> None:
        self._lineitem = check_address(lineitem, "--lineitem")
        self._tool = tool
        self._waits = waits or Waits()
        self._session = Session(self._waits.timeout_s)
        self._registration = _registered(tool)
        self._connector = _Renewing(self._registration, requests_session=self._session)
        self._scopes = [_SCORE, _RESULT] + ([_MEMBERS] if tool.memberships_url else [])

    @property
    def target(self) -> str:
        """Name the line item."""
        return f"LTI line item {self._lineitem}"

    @property
    def slug(self) -> str:
        """Name it for a file: an address has letters that suit none."""
        return f"lti-{origin(self._lineitem)[1]}-{hashlib.sha256(self._lineitem.encode()).hexdigest()[:12]}"

    def unfit(self, postings: Sequence[Posting]) -> Trouble | None:
        """Say nothing: a platform puts every score on its own scale."""

    def find(self, postings: Sequence[Posting]) -> Mapping[str, str] | Trouble:
        """Look up learners by institution id, e-mail or name; asks nothing if there is nobody to look up."""
        if not postings or not self._tool.memberships_url:
            return {}
        people = self._ask(
            lambda: [
                _person(member)
                for page in self._pages(self._tool.memberships_url, _MEMBERS_TYPE)
                for member in page["members"]
                if any(role.endswith("Learner") for role in member["roles"])
            ]
        )
        return people if isinstance(people, Trouble) else match((each.student for each in postings), people)

    def standings(self) -> Mapping[str, Standing] | Trouble:
        """Read the results of all, page by page."""
        read = self._ask(lambda: self._results(self._under("results")))
        if isinstance(read, Trouble) and read.status == 404:
            return replace(read, kind=Kind.STOP, reason="there is no such line item", fix="copy its whole address")
        return read

    def standing(self, user: str) -> Standing | Trouble:
        """Read one student's result."""
        read = self._ask(lambda: self._results(self._under("results", user_id=user)))
        # A platform may skip the filter and give all: the id decides.
        return read if isinstance(read, Trouble) else read.get(user, Standing())

    def send(self, posting: Posting, missing: Missing) -> Trouble | None:
        """Send the score with its comment: there is no other way to send either."""
        grade = Grade()
        grade.set_user_id(posting.user)
        grade.set_score_given(round(posting.score, 2) + 0.0).set_score_maximum(posting.max_score)
        grade.set_activity_progress("Completed").set_grading_progress("FullyGraded")
        moment = posting.graded_at.astimezone(UTC).isoformat(timespec="microseconds")
        grade.set_timestamp(moment.replace("+00:00", "Z")).set_extra_claims(_NO_ATTEMPT)
        if comment_of(posting):
            grade.set_comment(comment_of(posting))
        sent = self._ask(lambda: self._service().put_grade(grade, LineItem({"id": self._lineitem})))
        if not isinstance(sent, Trouble):
            return None
        if sent.status == 400 and "timestamp" in sent.reason.lower():
            return replace(sent, fix="the platform has a newer score of this student: grade again, or leave that one")
        if sent.status in (404, 422):
            return replace(sent, fix="no student of the course there")
        return sent

    def _service(self) -> AssignmentsGradesService:
        return AssignmentsGradesService(self._connector, {"scope": self._scopes, "lineitem": self._lineitem})  # type: ignore[typeddict-item]

    def _results(self, url: str) -> dict[str, Standing]:
        return {str(result["userId"]): _standing(result) for page in self._pages(url, _RESULTS_TYPE) for result in page}

    def _pages(self, url: str, accept: str) -> Iterator[Any]:
        home = origin(url)
        for _ in range(_PAGES):
            answer = self._connector.make_service_request(self._scopes, url, accept=accept)
            yield answer["body"]
            links = self._session.answer.links if self._session.answer is not None else {}
            url = links.get("next", {}).get("url", "")
            if not url:
                return
            if origin(url) != home:
                raise ValueError("the next page is on another host")
        raise ValueError("too many pages")

    def _under(self, name: str, **query: str) -> str:
        parts = urlsplit(self._lineitem)  # it may have a query of its own, as Moodle's has
        asked = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *query.items()])
        return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}", query=asked))

    def _ask(self, request: Callable[[], Answer]) -> Answer | Trouble:
        self._session.forget()
        try:
            return request()
        except _ODD as error:
            answer = self._session.answer
            trouble = judge(answer, error, self._waits.now())
            no_token = answer is not None and answer.request.url == self._tool.token_url
            if trouble.status == 401 or (no_token and trouble.kind is Kind.REFUSED):
                return replace(trouble, kind=Kind.STOP, fix=_NOT_LET_IN)
            return trouble


class _Renewing(ServiceConnector):
    """A connector that asks once more, with a new token, where the old one has run out; its own keeps one for ever."""

    def make_service_request(self, *args: Any, **kwargs: Any) -> TServiceConnectorResponse:
        try:
            return super().make_service_request(*args, **kwargs)
        except LtiServiceException as error:
            if error.response.status_code != 401:
                raise
        self._access_tokens.clear()
        return super().make_service_request(*args, **kwargs)


class _Registered(Registration):
    """A registration that knows its key's name: the platform's choice, or a thumbprint that is slow to compute."""

    def __init__(self, key_id: str) -> None:
        self._key_id = key_id

    def get_kid(self) -> str:
        return self._key_id


def _registered(tool: LtiTool) -> Registration:
    check_address(tool.token_url, "token_url")
    if tool.memberships_url:
        check_address(tool.memberships_url, "memberships_url")
    try:
        # Of a private key this gives the public half.
        key = Registration.get_jwk(tool.private_key) if "PRIVATE KEY" in tool.private_key else {}
    except (ValueError, TypeError):  # its text may quote the key: it is not passed on
        key = {}
    if key.get("kty") != "RSA":
        raise UsageError(
            "this is no private RSA key in PEM, or it has a password",
            where="private_key_file",
            fix="name the key that the platform knows the public half of",
        )
    registration = (
        _Registered(tool.key_id or str(key["kid"])).set_client_id(tool.client_id).set_auth_token_url(tool.token_url)
    )
    registration.set_tool_private_key(tool.private_key)
    return registration.set_auth_audience(tool.audience) if tool.audience else registration


def _standing(result: Mapping[str, Any]) -> Standing:
    score, maximum, comment = result.get("resultScore"), result.get("resultMaximum"), result.get("comment")
    return Standing(
        score=None if score is None else float(score),
        max_score=None if maximum is None else float(maximum),
        # An empty one says nothing: many platforms never give it back.
        comments=(str(comment),) if comment else None,
    )


def _person(member: Mapping[str, Any]) -> Person:
    return Person(
        user=str(member["user_id"]),
        ids=(str(member.get("lis_person_sourcedid") or ""),),
        email=str(member.get("email") or ""),
        names=(str(member.get("name") or ""),),
    )
