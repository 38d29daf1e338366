"""A download over a real connection that breaks, lies, is slow, or sends the wrong file."""

import hashlib
import sys
from pathlib import Path

import pytest

from grader.downloads import Patience, Unreachable, download
from grader.errors import UsageError
from tests.image_server import Manner, Server, serving

CONTENT = bytes(range(256)) * 4096  # 1 MiB
SHA256 = hashlib.sha256(CONTENT).hexdigest()
HURRY = Patience(silence_s=0.2, pause_s=0.0, tries=3)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


def fetch(server: Server, partial: Path, *, sha256: str = SHA256, most: int = len(CONTENT)) -> Unreachable | None:
    return download(server.url("images"), partial, most=most, sha256=sha256, patience=HURRY)


@pytest.mark.parametrize("manner", [Manner.GOOD, Manner.NO_LENGTH, Manner.BUSY_ONCE])
def test_a_whole_file_arrives(tmp_path: Path, manner: Manner) -> None:
    """Into a folder that is made for it."""
    partial = tmp_path / "deep" / "images.part"
    with serving({"images": CONTENT}, manner) as server:
        failed = fetch(server, partial)

    assert failed is None
    assert partial.read_bytes() == CONTENT


@pytest.mark.parametrize("manner", [Manner.BREAKS_ONCE, Manner.SILENT_ONCE])
def test_a_broken_connection_goes_on_where_it_stopped(tmp_path: Path, manner: Manner) -> None:
    """The server sends no byte twice; a silent one counts as broken."""
    with serving({"images": CONTENT}, manner) as server:
        failed = fetch(server, tmp_path / "part")

    assert failed is None
    assert (tmp_path / "part").read_bytes() == CONTENT
    assert server.asked == ["", f"bytes={len(CONTENT) // 2}-"]


@pytest.mark.parametrize("manner", [Manner.BREAKS_WITHOUT_RANGE, Manner.LIES_ABOUT_RANGE])
def test_where_the_rest_cannot_be_had_all_is_sent_again(tmp_path: Path, manner: Manner) -> None:
    """And nothing of the first half stays in front of it."""
    with serving({"images": CONTENT}, manner) as server:
        failed = fetch(server, tmp_path / "part")

    assert failed is None
    assert (tmp_path / "part").read_bytes() == CONTENT


def test_a_later_run_goes_on_too(tmp_path: Path) -> None:
    """What an interrupted program left is used."""
    (tmp_path / "part").write_bytes(CONTENT[:1000])
    with serving({"images": CONTENT}) as server:
        failed = fetch(server, tmp_path / "part")

    assert failed is None
    assert (tmp_path / "part").read_bytes() == CONTENT
    assert server.asked == ["bytes=1000-"]


@pytest.mark.parametrize("left", [CONTENT, CONTENT + b"more"], ids=["all of it", "too much"])
def test_a_partial_file_that_is_not_partial(tmp_path: Path, left: bytes) -> None:
    """The program ended between the last byte and the move, or the server's file was replaced by a shorter one."""
    (tmp_path / "part").write_bytes(left)
    with serving({"images": CONTENT}) as server:
        failed = fetch(server, tmp_path / "part")

    assert failed is None
    assert (tmp_path / "part").read_bytes() == CONTENT
    assert server.asked == ([f"bytes={len(left)}-"] if left == CONTENT else [f"bytes={len(left)}-", ""])


@pytest.mark.parametrize(
    ("manner", "said"),
    [
        (Manner.BREAKS_ALWAYS, "the connection broke"),
        (Manner.SILENT, "the server was silent for 0.2 s"),
        (Manner.MISSING, "the server answered 404 (Not Found)"),
        (Manner.TO_A_FILE, "the server answered 302"),
    ],
)
def test_a_server_that_cannot_be_used_is_told_and_left(tmp_path: Path, manner: Manner, said: str) -> None:
    """As a value: where there is no network the caller has another way."""
    with serving({"images": CONTENT}, manner) as server:
        failed = fetch(server, tmp_path / "part")

    assert failed is not None
    assert said in failed.what
    assert failed.error().fix


def test_what_arrived_before_is_kept(tmp_path: Path) -> None:
    """For the next try."""
    with serving({"images": CONTENT}, Manner.BREAKS_ALWAYS) as server:
        fetch(server, tmp_path / "part")

    assert (tmp_path / "part").read_bytes() == CONTENT[: len(CONTENT) // 2]


def test_where_nobody_listens(tmp_path: Path) -> None:
    """The port was open a moment ago."""
    with serving({}) as server:
        url = server.url("images")
    failed = download(url, tmp_path / "part", most=10, patience=HURRY)

    assert failed is not None
    assert "cannot be reached" in failed.what


def test_a_wrong_checksum_leaves_nothing(tmp_path: Path) -> None:
    """Or the next run would go on from the wrong file."""
    with serving({"images": CONTENT[::-1]}) as server, pytest.raises(UsageError, match="not the file") as caught:
        fetch(server, tmp_path / "part")

    assert caught.value.where == server.url("images")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("manner", [Manner.GOOD, Manner.NO_LENGTH, Manner.ENDLESS])
def test_a_file_that_is_too_large_is_refused(tmp_path: Path, manner: Manner) -> None:
    """Whether the server says so or not."""
    with serving({"images": CONTENT}, manner) as server, pytest.raises(UsageError, match="more than 1000 bytes"):
        fetch(server, tmp_path / "part", most=1000)

    assert (tmp_path / "part").stat().st_size == 0


def test_other_schemes_are_not_spoken(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    failed = download((tmp_path / "secret").as_uri(), tmp_path / "part", most=10, patience=HURRY)

    assert failed is not None
    assert (tmp_path / "part").read_bytes() == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    (tmp_path / "part").symlink_to("/dev/full")
    with (
        serving({"images": CONTENT}) as server,
        pytest.raises(UsageError, match="the disk refuses: No space left") as e,
    ):
        fetch(server, tmp_path / "part")

    assert e.value.where == str(tmp_path / "part")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with serving({"images": CONTENT}) as server, pytest.raises(UsageError, match="the disk refuses"):
        fetch(server, tmp_path / "file" / "part")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows locks what is open by itself")
def test_two_downloads_of_one_file_do_not_mix(tmp_path: Path) -> None:
    import fcntl

    with (tmp_path / "part").open("ab") as other, serving({"images": CONTENT}) as server:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match="another process"):
            fetch(server, tmp_path / "part")


def test_progress_ends_at_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    with serving({"images": CONTENT}) as server:
        download(
            server.url("images"),
            tmp_path / "part",
            most=len(CONTENT),
            progress=lambda done, total: told.append((done, total)),
            patience=HURRY,
        )

    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
