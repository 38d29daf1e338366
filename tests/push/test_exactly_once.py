"""Whatever fails, and whenever the process is killed: each score arrives exactly once, or is listed as not sent."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.push.canvas import CanvasPlatform, CanvasTarget
from grader.push.courier import Platform, Waits, push
from grader.push.lti import LtiPlatform, LtiTool
from grader.push.postings import NotSent, Posting
from tests.push.conftest import Clock, make_posting
from tests.push.servers import TOKEN, CanvasServer, Fault, LtiServer, PlatformServer

STUDENTS = 4
READ_FAULTS = [Fault.LIMITED, Fault.CUT_BEFORE, Fault.FAILED_BEFORE, Fault.GARBAGE, Fault.WRONG_SHAPE, Fault.TORN]
REFUSALS = [(422, {"errors": [{"message": "not a student"}]}), (400, {"errors": {"message": "bad request"}})]
CANVAS_FAULTS = list(Fault)
LTI_FAULTS: list[Fault] = [
    fault for fault in Fault if fault is not Fault.HALF
]  # Canvas stores both of LTI's in one transaction


class Killed(BaseException):
    """Stands for a kill: nothing of ours catches it."""


def scripts(faults: Sequence[Fault]) -> st.SearchStrategy[list[list[Fault]]]:
    return st.lists(st.lists(st.sampled_from(faults), max_size=6), min_size=STUDENTS, max_size=STUDENTS)


def set_up(server: PlatformServer, writes: list[list[Fault]], reads: list[Fault], refused: set[int]) -> list[Posting]:
    server.slow_s = 0.0
    server.reads = list(reads)
    for number, faults in enumerate(writes, start=1):
        server.writes[str(number)] = list(faults)
        if number in refused:
            server.always[str(number)] = REFUSALS[number % 2]
    return [make_posting(number) for number in range(1, STUDENTS + 1)]


def dying(clock: Clock, after: int) -> Waits:
    """Be killed in the n-th wait; a negative number: never."""
    left = [after]

    def sleep(wait_s: float) -> None:
        clock.sleep(wait_s)
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    return replace(clock.waits(tries=2), sleep=sleep)


def run_until_nothing_is_pending(
    make: Callable[[Waits], Platform],
    server: PlatformServer,
    postings: list[Posting],
    refused: set[int],
    kills: list[int],
) -> None:
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        pending: list[object] = ["every run ended early"]
        for run in range(40):
            waits = dying(clock, kills[run] if run < len(kills) else -1)
            try:
                pushed = push(make(waits), postings, Path(folder), waits=waits)
            except (UsageError, Killed):
                continue
            pending.clear()
            for one, posting in zip(pushed.deliveries, postings, strict=True):
                assert one.posting == posting
                if not isinstance(one, NotSent):
                    assert len(server.scores[posting.user]) == 1
                elif not one.uncertain:
                    assert not server.scores[posting.user]
                if isinstance(one, NotSent) and int(posting.user) not in refused:
                    pending.append(one)
            if not pending:
                return
    pytest.fail(f"still pending: {pending}")


def check(server: PlatformServer, postings: list[Posting], refused: set[int], maximum: float) -> None:
    for posting in postings:
        arrived = [] if int(posting.user) in refused else [pytest.approx(posting.score / 100 * maximum)]
        assert server.scores[posting.user] == arrived
        assert server.comments[posting.user] == [posting.comment] * len(arrived)


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(
    writes=scripts(CANVAS_FAULTS),
    reads=st.lists(st.sampled_from(READ_FAULTS), max_size=12),
    refused=st.sets(st.integers(1, STUDENTS), max_size=2),
    kills=st.lists(st.integers(1, 6), max_size=4),
)
def test_canvas_gets_each_score_once(
    writes: list[list[Fault]], reads: list[Fault], refused: set[int], kills: list[int]
) -> None:
    with CanvasServer([str(number) for number in range(1, STUDENTS + 1)]) as server:
        postings = set_up(server, writes, reads, refused)
        target = CanvasTarget(url=server.url, course=7, assignment=12)
        run_until_nothing_is_pending(
            lambda waits: CanvasPlatform(target, TOKEN, waits=waits), server, postings, refused, kills
        )

        check(server, postings, refused, 100)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(
    writes=scripts(LTI_FAULTS),
    reads=st.lists(st.sampled_from(READ_FAULTS), max_size=12),
    refused=st.sets(st.integers(1, STUDENTS), max_size=2),
    kills=st.lists(st.integers(1, 6), max_size=4),
    shows_comments=st.booleans(),
    uses=st.sampled_from([1, 2, 5, 1_000]),
)
def test_an_lti_platform_gets_each_score_once(
    keys: tuple[str, str],
    writes: list[list[Fault]],
    reads: list[Fault],
    refused: set[int],
    kills: list[int],
    shows_comments: bool,
    uses: int,
) -> None:
    with LtiServer([str(number) for number in range(1, STUDENTS + 1)], keys[1]) as server:
        server.shows_comments, server.uses = shows_comments, uses
        postings = set_up(server, writes, reads, refused)
        tool = LtiTool(client_id="tool-1", token_url=f"{server.url}/token", private_key=keys[0])
        run_until_nothing_is_pending(
            lambda waits: LtiPlatform(server.lineitem, tool, waits=waits), server, postings, refused, kills
        )

        check(server, postings, refused, 10)


PUSHING = """
import os, sys
from pathlib import Path
from grader.push.canvas import CanvasPlatform, CanvasTarget
from grader.push.courier import Waits, push
from tests.push.conftest import make_posting

url, folder, students = sys.argv[1:]
waits = Waits(pause_s=0.02, settle_s=0.3)
platform = CanvasPlatform(CanvasTarget(url=url, course=7, assignment=12), os.environ["CANVAS_API_TOKEN"], waits=waits)
pushed = push(platform, [make_posting(number) for number in range(1, int(students) + 1)], Path(folder), waits=waits)
print(*(type(each).__name__ for each in pushed.deliveries), *(getattr(each, "note", "") for each in pushed.deliveries))
print(pushed)
"""
ROOT = Path(__file__).parents[2]


def start(server: PlatformServer, folder: Path, students: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PUSHING, server.url, str(folder), str(students)],
        cwd=ROOT,
        env={**os.environ, "CANVAS_API_TOKEN": TOKEN, "NO_PROXY": "127.0.0.1", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_ten_kills_at_random_moments_lose_and_double_nothing(tmp_path: Path) -> None:
    """SIGKILL while a request is on its way, is stored, is answered, or a line of the ledger is written."""
    students, chance = 40, random.Random(20261120)
    with CanvasServer([str(number) for number in range(1, students + 1)]) as server:
        server.delay_s, server.size = 0.01, 100
        killed = 0
        for _ in range(10):
            process = start(server, tmp_path, students)
            for _ in range(chance.randint(1, 3)):
                assert server.wrote.acquire(timeout=30)
            time.sleep(chance.uniform(0, 0.03))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            killed += process.returncode == -signal.SIGKILL
            while server.wrote.acquire(blocking=False):
                pass
        assert killed == 10
        assert not all(server.scores[user] for user in server.users)
        before = sum(len(server.scores[user]) for user in server.users)
        out, err = start(server, tmp_path, students).communicate(timeout=60)

        assert not err
        assert out.split().count("NotSent") == 0
        assert 10 <= before < students
        for number in range(1, students + 1):
            assert server.scores[str(number)] == [60.25 + number]
            assert server.comments[str(number)] == [make_posting(number).comment]
    ledgers = list(tmp_path.iterdir())
    assert len(ledgers) == 1
    for text in (ledgers[0].read_text(encoding="ascii"), out):
        assert TOKEN not in text


def test_no_secret_is_in_the_ledger_or_in_any_message(keys: tuple[str, str], tmp_path: Path) -> None:
    """The servers quote tokens and signed requests in their errors."""
    said: list[str] = []
    everyone = [str(number) for number in range(1, STUDENTS + 1)]
    with CanvasServer(everyone) as canvas, LtiServer(everyone, keys[1]) as lti:
        postings = set_up(canvas, [[], [Fault.CUT_AFTER], [Fault.FAILED_AFTER], []], [], {1})
        set_up(lti, [[], [Fault.CUT_AFTER], [Fault.GARBAGE], []], [], {1})
        canvas.always["1"] = 422, {"errors": [{"message": f"Bearer {TOKEN} may not"}]}
        waits = Clock().waits()
        tool = LtiTool(client_id="tool-1", token_url=f"{lti.url}/token", private_key=keys[0])
        target = CanvasTarget(url=canvas.url, course=7, assignment=12)
        for platform in (
            CanvasPlatform(target, TOKEN, waits=waits),
            LtiPlatform(lti.lineitem, tool, waits=waits),
            CanvasPlatform(target, TOKEN[::-1], waits=waits),
        ):
            with contextlib.suppress(UsageError):
                said.append(repr(push(platform, postings, tmp_path, waits=waits)))
        lti.refuses_tokens = True
        with pytest.raises(UsageError) as caught:
            push(LtiPlatform(lti.lineitem, tool, waits=waits), postings, tmp_path, waits=waits)
        said.append(str(caught.value))
    written = [path.read_text(encoding="ascii") for path in tmp_path.iterdir()]

    assert len(written) == 2
    for text in said + written:
        for secret in (TOKEN, TOKEN[::-1], "granted-secret", "eyJ", *keys[0].splitlines()[1:-1]):
            assert secret not in text
