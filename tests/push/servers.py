"""Learning platforms on this machine: real HTTP servers that fail as a test wants, and remember what was stored.

In: students, and a script of faults for each one's writes and for all reads. Out: an address; later, what arrived.
Import with `from tests.push.servers import CanvasServer, LtiServer, Fault`.
"""

import enum
import http.client
import itertools
import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

TOKEN = "7~canvasSecretTokenThatNobodyMayRead"
RATE_LIMITED = "403 Forbidden (Rate Limit Exceeded)\n"


class Fault(enum.Enum):
    """What becomes of one request."""

    LIMITED = "not stored: too many requests"
    CUT_BEFORE = "not stored: the connection is closed"
    CUT_AFTER = "stored: the connection is closed before the answer"
    FAILED_BEFORE = "not stored: 500"
    FAILED_AFTER = "stored: 502"
    GARBAGE = "stored: the answer is not JSON"
    WRONG_SHAPE = "stored: the answer is an array of nothing"
    HALF = "stored without the comment: the connection is closed"
    SLOW = "stored: the answer comes too late"
    TORN = "stored: the answer breaks off in the middle"


STORES = frozenset(
    {Fault.CUT_AFTER, Fault.FAILED_AFTER, Fault.GARBAGE, Fault.WRONG_SHAPE, Fault.HALF, Fault.SLOW, Fault.TORN}
)


class PlatformServer(ThreadingHTTPServer):
    """What both platforms have in common: students, scripts, a memory."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 50

    def __init__(self, handler: type["_Handler"], users: Sequence[str]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.users = list(users)
        self.writes: dict[str, list[Fault]] = defaultdict(list)  # by user: of the next writes, one after another
        self.reads: list[Fault] = []  # of the next reads
        self.always: dict[str, tuple[int, Any]] = {}  # by user: refused, with this status and answer
        self.headers: dict[str, str] = {}  # on every answer
        self.scores: dict[str, list[float]] = defaultdict(list)  # every score stored, in order
        self.comments: dict[str, list[str]] = defaultdict(list)
        self.asked: Counter[str] = Counter()  # requests by method
        self.delay_s = 0.0  # before and after a write is stored
        self.slow_s = 0.5
        self.wrote = threading.Semaphore(0)  # released whenever a write comes in
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=lambda: self.serve_forever(poll_interval=0.01), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def next_fault(self, script: list[Fault]) -> Fault | None:
        with self.lock:
            return script.pop(0) if script else None


class _Handler(BaseHTTPRequestHandler):
    server: PlatformServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer waits 40 ms for a receipt of its head
    limited = (429, "slow down", {"Retry-After": "2"})

    def log_message(self, *_: object) -> None:
        pass

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:  # whoever asked is gone
            self.close_connection = True

    def do_GET(self) -> None:
        self._serve("GET")

    def do_PUT(self) -> None:
        self._serve("PUT")

    def do_POST(self) -> None:
        self._serve("POST")

    def _serve(self, method: str) -> None:
        self.server.asked[method] += 1
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        parts = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        self.route(method, parts.path, query, body)

    def route(self, method: str, path: str, query: Mapping[str, str], body: str) -> None:
        raise NotImplementedError

    def read(self, value: Any, headers: Mapping[str, str] | None = None) -> None:
        """Answer a read, as the script of reads says."""
        self._answer(self.server.next_fault(self.server.reads), value, headers or {})

    def write(self, user: str, score: float | None, comment: str, answer: Any) -> None:
        """Store, and answer, as the script of this student says; `answer` is made after storing."""
        fault = self.server.next_fault(self.server.writes[user])
        self.server.wrote.release()
        if refusal := self.server.always.get(user):
            self.reply(refusal[0], refusal[1])
            return
        time.sleep(self.server.delay_s)
        if fault is None or fault in STORES:
            if score is not None:
                self.server.scores[user].append(score)
            if comment and fault is not Fault.HALF:
                self.server.comments[user].append(comment)
        time.sleep(self.server.delay_s)
        self._answer(fault, answer(), {})

    def _answer(self, fault: Fault | None, value: Any, headers: Mapping[str, str]) -> None:
        if fault in (Fault.CUT_BEFORE, Fault.CUT_AFTER, Fault.HALF):
            self.close_connection = True
        elif fault is Fault.LIMITED:
            self.reply(*self.limited)
        elif fault in (Fault.FAILED_BEFORE, Fault.FAILED_AFTER):
            self.reply(500 if fault is Fault.FAILED_BEFORE else 502, "<html><body>Bad Gateway</body></html>")
        elif fault is Fault.GARBAGE:
            self.reply(200, "<html>Welcome back")
        elif fault is Fault.WRONG_SHAPE:
            self.reply(200, [None])
        elif fault is Fault.TORN:
            self.reply(200, value, length=9_999)
            self.close_connection = True
        else:
            if fault is Fault.SLOW:
                time.sleep(self.server.slow_s)
            self.reply(200, value, headers)

    def reply(self, status: int, value: Any, headers: Mapping[str, str] | None = None, length: int = 0) -> None:
        body = value.encode() if isinstance(value, str) else json.dumps(value).encode()
        self.send_response(status)
        for name, text in {**self.server.headers, **(headers or {})}.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(length or len(body)))
        self.end_headers()
        self.wfile.write(body)

    def page(self, rows: Sequence[Any], query: Mapping[str, str], size: int) -> tuple[list[Any], dict[str, str]]:
        """Cut one page out; the token of the next one has capital letters, as real ones have."""
        start = int(query.get("page", "P0").removeprefix("P"))
        headers = {}
        if start + size < len(rows):
            path = urlsplit(self.path).path
            after = urlencode({**query, "page": f"P{start + size}"})
            headers["Link"] = f'<{self.server.url}{path}?{after}>; rel="next"'
        return list(rows[start : start + size]), headers


class CanvasServer(PlatformServer):
    """Canvas: course 7, assignment 12."""

    def __init__(self, users: Sequence[str], *, points: float = 100.0) -> None:
        super().__init__(_Canvas, users)
        self.assignment: dict[str, Any] = {
            "id": 12,
            "course_id": 7,
            "name": "hw1",
            "points_possible": points,
            "grading_type": "points",
        }
        self.people: dict[str, dict[str, Any]] = {}  # by user: what else is known
        self.deducted: dict[str, float] = {}  # by a late policy of Canvas's own
        self.excused: set[str] = set()
        self.size = 3  # of a page
        self.revoked_after: int | None = None  # writes

    def submission(self, user: str) -> dict[str, Any]:
        entered = self.scores[user][-1] if self.scores[user] else None
        return {
            "id": 9000 + int(user),
            "assignment_id": 12,
            "user_id": int(user),
            "score": None if entered is None else entered - self.deducted.get(user, 0.0),
            "entered_score": entered,
            "excused": user in self.excused,
            "submission_comments": [{"id": i, "comment": text} for i, text in enumerate(self.comments[user])],
        }


class _Canvas(_Handler):
    server: CanvasServer
    limited = (403, RATE_LIMITED, {"X-Rate-Limit-Remaining": "0.0"})

    def route(self, method: str, path: str, query: Mapping[str, str], body: str) -> None:
        revoked = self.server.revoked_after is not None and self.server.asked["PUT"] > self.server.revoked_after
        if self.headers.get("Authorization") != f"Bearer {TOKEN}" or revoked:
            said = {"errors": [{"message": f"Invalid access token. {self.headers.get('Authorization')}"}]}
            self.reply(401, said, {"WWW-Authenticate": 'Bearer realm="canvas-lms"'})
            return
        match path.removeprefix("/api/v1/").split("/"):
            case ["courses", "7", "users" | "search_users"]:
                people = [
                    {"id": int(user), "name": f"Student {user}", **self.server.people.get(user, {})}
                    for user in self.server.users
                ]
                self.read(*self.page(people, query, self.server.size))
            case ["courses", "7", "assignments", "12"]:
                self.read(self.server.assignment)
            case ["courses", "7", "assignments", "12", "submissions"]:
                submissions = [self.server.submission(user) for user in self.server.users]
                self.read(*self.page(submissions, query, self.server.size))
            case ["courses", "7", "assignments", "12", "submissions", user] if method == "PUT":
                self._grade(user, {key: values[-1] for key, values in parse_qs(body).items()})
            case ["courses", "7", "assignments", "12", "submissions", user] if user in self.server.users:
                self.read(self.server.submission(user))
            case _:
                self.reply(404, {"errors": [{"message": "The specified resource does not exist."}]})

    def _grade(self, user: str, form: Mapping[str, str]) -> None:
        if user not in self.server.users and user not in self.server.always:
            self.reply(404, {"errors": [{"message": "The specified resource does not exist."}]})
            return
        grade = form.get("submission[posted_grade]")
        comment = form.get("comment[text_comment]", "")
        self.write(user, None if grade is None else float(grade), comment, lambda: self.server.submission(user))


class LtiServer(PlatformServer):
    """An LTI 1.3 platform with one line item, out of ten points."""

    def __init__(self, users: Sequence[str], public_key: str) -> None:
        super().__init__(_Lti, users)
        self.public_key = public_key
        self.tokens: dict[str, int] = {}  # to the requests it is still good for
        self.uses = 1_000  # of a new token
        self.granted = 0
        self.times: dict[str, str] = {}
        self.bodies: list[dict[str, Any]] = []
        self.kids: list[object] = []
        self.members: list[dict[str, Any]] = []
        self.shows_comments = True
        self.refuses_tokens = False
        self.size = 3
        self.numbers = itertools.count()

    @property
    def lineitem(self) -> str:
        return f"{self.url}/items/3"

    def result(self, user: str) -> dict[str, Any]:
        result: dict[str, Any] = {"id": f"{self.lineitem}/results/{user}", "userId": user, "resultMaximum": 10}
        if self.scores[user]:
            result["resultScore"] = self.scores[user][-1]
        if self.shows_comments and self.comments[user]:
            result["comment"] = self.comments[user][-1]
        return result


class _Lti(_Handler):
    server: LtiServer

    def route(self, method: str, path: str, query: Mapping[str, str], body: str) -> None:
        if (method, path) == ("POST", "/token"):
            self._grant({key: values[-1] for key, values in parse_qs(body).items()})
            return
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        with self.server.lock:
            self.server.tokens[token] = self.server.tokens.get(token, 0) - 1
            let_in = self.server.tokens[token] >= 0
        if not let_in:
            self.reply(401, {"errors": {"type": "unauthorized", "message": f"Invalid access token {token}"}})
        elif (method, path) == ("GET", "/items/3/results"):
            users = [user for user in self.server.users if query.get("user_id", user) == user]
            rows, headers = self.page([self.server.result(user) for user in users], query, self.server.size)
            self.read(rows, headers)
        elif (method, path) == ("GET", "/members"):
            rows, headers = self.page(self.server.members, query, self.server.size)
            self.read({"id": "x", "members": rows}, headers)
        elif (method, path) == ("POST", "/items/3/scores"):
            self._score(json.loads(body))
        else:
            self.reply(404, {"errors": {"message": "not found"}})

    def _grant(self, form: Mapping[str, str]) -> None:
        assertion = form["client_assertion"]
        if self.server.refuses_tokens:
            self.reply(400, {"error": "invalid_client", "error_description": f"bad signature in {assertion}"})
            return
        jwt.decode(
            assertion,
            self.server.public_key,
            algorithms=["RS256"],
            audience=f"{self.server.url}/token",
            issuer="tool-1",
            options={"require": ["exp", "iat", "jti", "sub"]},
        )
        self.server.kids.append(jwt.get_unverified_header(assertion).get("kid"))
        with self.server.lock:
            token = f"granted-secret-{next(self.server.numbers)}"
            self.server.tokens[token] = self.server.uses
            self.server.granted += 1
        self.reply(200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600, "scope": form["scope"]})

    def _score(self, score: dict[str, Any]) -> None:
        user = score["userId"]
        if self.headers["Content-Type"] != "application/vnd.ims.lis.v1.score+json":
            self.reply(http.client.UNSUPPORTED_MEDIA_TYPE, {"errors": {"message": "media type"}})
        elif user not in self.server.users and user not in self.server.always:
            said = "User not found in course or is not a student"
            self.reply(422, {"errors": {"type": "unprocessable_entity", "message": said}})
        elif score["timestamp"] < self.server.times.get(user, ""):
            said = f"Provided timestamp of {score['timestamp']} before last updated timestamp"
            self.reply(400, {"errors": {"type": "bad_request", "message": said}})
        else:
            self.server.bodies.append(score)
            script = self.server.writes[user]
            if user not in self.server.always and (not script or script[0] in STORES):
                self.server.times[user] = score["timestamp"]
            points = score["scoreGiven"] / score["scoreMaximum"] * 10
            self.write(user, points, score.get("comment", ""), lambda: {"resultUrl": self.server.result(user)["id"]})
