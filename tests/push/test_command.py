"""`grade push`, as it is typed: from a class that was graded to a platform on this machine."""

import subprocess
from pathlib import Path

import pytest

from tests.classes import WRONG, grade, write_class
from tests.push.servers import TOKEN, CanvasServer, LtiServer
from tests.small_course import RIGHT, write_course

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs the sandbox of Linux")

ROSTER = "id,name,canvas_id,lti_id\nann,Ann Lee,1,1\nbob,Bob Kim,2,2\nzoe,Zoe Ahn,3,3\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ann right, Bob wrong, Zoe absent."""
    root = write_course(tmp_path_factory.mktemp("course"))
    write_class(root / "in", {"ann": RIGHT, "bob": WRONG})
    (root / "roster.csv").write_text(ROSTER)
    grade("batch", "hw1", "in", "--roster", "roster.csv", cwd=root)
    return root


@pytest.fixture
def journal(root: Path, tmp_path: Path) -> Path:
    """A journal of its own, of which nothing was sent."""
    copy = tmp_path / "journal"
    subprocess.run(["cp", "-r", root / "grades/hw1/journal", copy], check=True)
    return copy


def push(root: Path, *arguments: str | Path, token: str = TOKEN) -> "subprocess.CompletedProcess[str]":
    return grade("push", *arguments, "--roster", "roster.csv", cwd=root, CANVAS_API_TOKEN=token)


def to_canvas(server: CanvasServer, journal: Path) -> list[str | Path]:
    return ["canvas", journal, "--url", server.url, "--canvas-course", "7", "--canvas-assignment", "12"]


def test_canvas_has_each_score_and_a_second_run_sends_none(root: Path, journal: Path, canvas: CanvasServer) -> None:
    first = push(root, *to_canvas(canvas, journal))
    again = push(root, *to_canvas(canvas, journal))

    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    assert "2 of 2 scores are there" in first.stdout
    assert "zoe: nothing handed in" in first.stderr
    assert (canvas.scores["1"], canvas.scores["2"], canvas.scores["3"]) == ([100.0], [40.0], [])


def test_a_student_that_canvas_refuses_is_named_and_the_exit_code_says_it(
    root: Path, journal: Path, canvas: CanvasServer
) -> None:
    canvas.always["2"] = (422, {"errors": [{"message": "not a student"}]})
    done = push(root, *to_canvas(canvas, journal))

    assert done.returncode == 3
    assert "1 of 2 scores are there" in done.stdout
    assert "bob" in done.stderr
    assert "not a student" in done.stderr


@pytest.mark.parametrize("token", ["", "wrong"])
def test_a_token_that_is_missing_or_wrong_is_told(root: Path, journal: Path, canvas: CanvasServer, token: str) -> None:
    done = push(root, *to_canvas(canvas, journal), token=token)

    assert done.returncode == 2
    assert "CANVAS_API_TOKEN" in done.stderr
    assert "Traceback" not in done.stderr
    assert not any(canvas.scores.values())


def test_an_lti_platform_has_each_score(root: Path, journal: Path, lti: LtiServer, keys: tuple[str, str]) -> None:
    (root / "key.pem").write_text(keys[0])
    (root / "tool.toml").write_text(
        f'client_id = "tool-1"\ntoken_url = "{lti.url}/token"\nprivate_key_file = "key.pem"\n'
    )
    done = push(root, "lti", journal, "--lineitem", lti.lineitem, "--tool", "tool.toml")

    assert done.returncode == 0, done.stderr
    assert "2 of 2 scores are there" in done.stdout
    assert len(lti.scores["1"]) == len(lti.scores["2"]) == 1
