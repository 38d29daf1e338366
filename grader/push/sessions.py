"""Owns what a request to a platform may do: wait so long, follow no redirect, carry a secret to one place only.

In: a time limit. Out: a `requests` session for a platform's library, and what the last answer said.
The rule: a secret goes out over https, or to this machine, to the address that was given and to no other; and no text
that comes back is shown before every secret is taken out of it.
"""

import email.utils
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from grader.errors import UsageError
from grader.push.postings import Kind, Trouble
from grader.text import one_line

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_SIGNED = re.compile(r"eyJ[\w-]*\.[\w-]+\.[\w-]*")  # a signed token of any kind
_TAG = re.compile(r"<[^<>]{0,200}>")
_SAID = 160  # characters of a platform's own words that a reason holds
_ANSWER = 20_000  # characters that are looked at for them
_THROTTLED = "rate limit"  # Canvas: 403 Forbidden (Rate Limit Exceeded)


class Session(requests.Session):
    """A session that remembers its last answer.

    Args:
        timeout_s: for a connection, and for the next bytes of an answer.
    """

    def __init__(self, timeout_s: float) -> None:
        super().__init__()
        self.max_redirects = 0  # a redirected PUT becomes a GET, and would look like success
        self.auth = _as_it_is
        self.answer: requests.Response | None = None  # to the last request; None: there was none
        self.mount("https://", _Bounded(timeout_s))
        self.mount("http://", _Bounded(timeout_s))

    def forget(self) -> None:
        """Forget the last answer, so that it is not taken for one to what comes next."""
        self.answer = None

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send one request, as every other method of the session does in the end."""
        self.forget()
        self.answer = super().send(request, **kwargs)
        return self.answer


class _Bounded(HTTPAdapter):
    """Gives every request a time limit: neither library does."""

    def __init__(self, timeout_s: float) -> None:
        super().__init__(max_retries=0)  # whether a request is repeated is decided where its outcome is judged
        self._timeout_s = timeout_s

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs["timeout"] = self._timeout_s
        return super().send(*args, **kwargs)


def check_address(url: str, name: str) -> str:
    """Give an address without its last slash, if a secret may go there.

    Args:
        url: as the user gave it.
        name: what the user calls it: "--url".

    Raises:
        UsageError: it is no address, or others could read along.
    """
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
        _ = parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host or parts.username is not None or re.search(r"\s", url.strip()):
        raise UsageError("this is no web address", where=name, fix="write it as https://canvas.example.edu")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise UsageError(f"{host} would get the secret in the open", where=name, fix="use an address with https://")
    return url.strip().rstrip("/")


def origin(url: str) -> tuple[str, str]:
    """Name scheme and host: two addresses with the same may see the same secret."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def judge(answer: requests.Response | None, error: Exception, now: datetime) -> Trouble:
    """Say what a request without a good end means.

    Args:
        answer: what came back, if anything.
        error: what the library made of it.
        now: for a Retry-After that names a date.
    """
    if isinstance(error, requests.TooManyRedirects):
        return Trouble(
            kind=Kind.STOP, reason="the address answers with a redirect", fix="give the address that it leads to"
        )
    if answer is None:
        return Trouble(kind=Kind.UNKNOWN, reason=_cut_off(error))
    status, said = answer.status_code, _without_secrets(_words(answer), answer.request)
    wait_s = _retry_after(answer.headers, now)
    kind, what = _meaning(status, said)
    reason = f'{what} ({status}): "{said}"' if said and kind is not Kind.BUSY else f"{what} ({status})"
    return Trouble(kind=kind, reason=reason, status=status, wait_s=wait_s)


def _meaning(status: int, said: str) -> tuple[Kind, str]:
    if status == 429 or (status == 403 and _THROTTLED in said.lower()):
        return Kind.BUSY, "too many requests"
    if status == 401:
        return Kind.STOP, "not let in"
    if status == 408 or status >= 500:
        return Kind.UNKNOWN, "the server failed"
    if status >= 400:
        return Kind.REFUSED, "refused"
    return Kind.UNKNOWN, "the answer cannot be read"


def _without_secrets(text: str, request: requests.PreparedRequest) -> str:
    # A server may quote what it was sent: the token in the header, or the signed request for one.
    secret = request.headers.get("Authorization", "").removeprefix("Bearer ")
    text = text.replace(secret, "(secret)") if secret else text
    return one_line(_SIGNED.sub("(secret)", text), limit=_SAID)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    # Without an `auth` of its own, requests puts a password from ~/.netrc in the place of the token.
    return request


def _cut_off(error: Exception) -> str:
    # Never the exception's own text: that of a bad header, for one, holds the header.
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "the server's certificate cannot be checked"
    return "the connection was cut, or could not be made"


def _words(answer: requests.Response) -> str:
    """Find the sentence in an error: Canvas says {"errors": [{"message": ...}]}, others {"error": ...} or a page."""
    if answer.status_code < 400:  # a whole page of students, perhaps
        return ""
    try:
        return "; ".join(_texts(answer.json(), depth=4))
    except (ValueError, RecursionError):
        return _TAG.sub(" ", answer.text[:_ANSWER])


def _texts(value: object, depth: int) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, list):
        for each in value[:5]:
            yield from _texts(each, depth - 1)
    elif depth and isinstance(value, dict):
        for key in ("message", "errors", "error", "error_description", "detail", "title"):
            if key in value:
                yield from _texts(value[key], depth - 1)


def _retry_after(headers: Mapping[str, str], now: datetime) -> float:
    """Read seconds or a date; 0 where there is neither."""
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}", text):
        return float(text)
    try:
        return max(0.0, (email.utils.parsedate_to_datetime(text) - now).total_seconds())
    except (ValueError, TypeError):  # no date, or one without an offset
        return 0.0
