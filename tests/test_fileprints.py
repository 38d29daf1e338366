"""A delivery that nobody touched is recognised; whatever is odd is not."""

import os
import time
from pathlib import Path

import pytest

from grader.fileprints import file_print


def test_a_copy_has_the_same_print(tmp_path: Path) -> None:
    """A zip that is unpacked again has other times and places, and the same small files."""
    for name in ("one", "two"):
        (tmp_path / name / "sub").mkdir(parents=True)
        (tmp_path / name / "a.py").write_text("a = 1\n")
        (tmp_path / name / "sub" / "b.py").write_text("b = 2\n")

    assert file_print(tmp_path / "one") == file_print(tmp_path / "two") != ""


def test_every_change_is_seen(tmp_path: Path) -> None:
    """Content, name, another file, a part that moved from one file to the next."""
    prints = set()
    for number, files in enumerate(
        [
            {"a.py": "ab", "b.py": "c"},
            {"a.py": "a", "b.py": "bc"},
            {"a.py": "ab"},
            {"c.py": "ab"},
            {"a.py": "ab", "b.py": ""},
        ]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text)
        prints.add(file_print(folder))

    assert len(prints) == 5


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    """Its size, its time and its place tell; a rewrite gives it another time."""
    model = tmp_path / "model.keras"
    model.write_bytes(bytes(1 << 20))
    first = file_print(model)
    assert first == file_print(model) != ""

    model.write_bytes(bytes((1 << 20) - 1) + b"x")
    os.utime(model, ns=(time.time_ns(), time.time_ns() + 1_000_000_000))

    assert file_print(model) != first


@pytest.mark.parametrize("kind", ["link", "pipe", "missing", "link within", "many"])
def test_what_is_odd_has_no_print(tmp_path: Path, kind: str) -> None:
    """Nothing is followed, nothing is waited for: the delivery is read, by who knows how."""
    path = tmp_path / "delivery"
    match kind:
        case "link":
            path.symlink_to("/etc/hostname")
        case "pipe":
            os.mkfifo(path)
        case "link within":
            path.mkdir()
            (path / "a").symlink_to("/etc/hostname")
        case "many":
            path.mkdir()
            for number in range(2_001):
                (path / str(number)).touch()
        case _:
            pass

    assert file_print(path) == ""
