"""Postings, waits that take no time, and platforms on this machine."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from grader.cohort import Enrolled
from grader.push.canvas import CanvasPlatform, CanvasTarget
from grader.push.courier import Waits, push
from grader.push.lti import LtiPlatform, LtiTool
from grader.push.postings import NotSent, Posting, Pushed
from tests.push.servers import TOKEN, CanvasServer, LtiServer

GRADED_AT = datetime(2026, 11, 20, 10, 0, 0, 123456, tzinfo=UTC)


def make_posting(number: int = 1, **changes: object) -> Posting:
    """Build a posting; `number` is the student, and the platform's id of the student."""
    fields: dict[str, object] = {
        "student": Enrolled(id=f"s{number}", name=f"Student {number}"),
        "user": str(number),
        "score": 60.25 + number,
        "max_score": 100.0,
        "graded_at": GRADED_AT,
        "comment": f"Comment for {number}: a < b & c\nsecond line",
    }
    return Posting(**{**fields, **changes})  # type: ignore[arg-type]


@dataclass
class Clock:
    """A clock that moves when someone sleeps."""

    moment: datetime = GRADED_AT
    slept: list[float] = field(default_factory=list)

    def sleep(self, wait_s: float) -> None:
        self.slept.append(wait_s)
        self.moment += timedelta(seconds=wait_s)

    def now(self) -> datetime:
        return self.moment

    def waits(self, *, tries: int = 4, timeout_s: float = 5.0) -> Waits:
        return Waits(tries=tries, timeout_s=timeout_s, sleep=self.sleep, now=self.now)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def keys() -> tuple[str, str]:
    """Make the tool's RSA key: private and public half."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


@pytest.fixture
def canvas() -> Iterator[CanvasServer]:
    with CanvasServer([str(number) for number in range(1, 9)]) as server:
        yield server


@pytest.fixture
def lti(keys: tuple[str, str]) -> Iterator[LtiServer]:
    with LtiServer([str(number) for number in range(1, 9)], keys[1]) as server:
        yield server


Push = Callable[..., Pushed]


@pytest.fixture
def push_canvas(canvas: CanvasServer, clock: Clock, tmp_path: Path) -> Push:
    """Send postings to the Canvas of the test."""

    def send(*postings: Posting, waits: Waits | None = None, token: str = TOKEN, scale: bool = False) -> Pushed:
        used = waits or clock.waits()
        target = CanvasTarget(url=canvas.url, course=7, assignment=12, scale=scale)
        return push(CanvasPlatform(target, token, waits=used), postings, tmp_path, waits=used)

    return send


@pytest.fixture
def push_lti(lti: LtiServer, keys: tuple[str, str], clock: Clock, tmp_path: Path) -> Push:
    """Send postings to the LTI platform of the test."""

    def send(*postings: Posting, waits: Waits | None = None, **changes: str) -> Pushed:
        used = waits or clock.waits()
        fields = {"client_id": "tool-1", "token_url": f"{lti.url}/token", "private_key": keys[0], **changes}
        return push(LtiPlatform(lti.lineitem, LtiTool(**fields), waits=used), postings, tmp_path, waits=used)

    return send


def kinds(pushed: Pushed) -> list[str]:
    """Name what became of each posting."""
    return [type(each).__name__ for each in pushed.deliveries]


def reason(pushed: Pushed, index: int = 0) -> str:
    """Give why a posting was not sent."""
    one = pushed.deliveries[index]
    assert isinstance(one, NotSent)
    return one.reason
