"""README's pictures are what the command line writes today."""

import difflib
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("no pseudo-terminal there", allow_module_level=True)

from tests.screenshots.make import FOLDER, draw
from tests.screenshots.scenes import ROOT, SCENES, record

README = (ROOT / "README.md").read_text(encoding="utf-8")


def letters(svg: str) -> list[str]:
    """What a picture says, a piece a line, without where it stands."""
    return [re.sub(r"<[^>]*>", " ", line).replace("&#160;", " ").rstrip() for line in svg.splitlines()]


@pytest.mark.parametrize("name", SCENES)
def test_a_picture_is_what_a_run_writes(name: str) -> None:
    """Made anew, from a real run in a real terminal, it is the committed file, byte by byte."""
    if name == "batch" and not sys.platform.startswith("linux"):
        pytest.skip("a batch refuses a machine that cannot confine")
    committed = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")

    made = draw(name, record(SCENES[name]))

    if made != committed:
        changed = difflib.unified_diff(letters(committed), letters(made), "committed", "made now", lineterm="", n=1)
        pytest.fail(
            f"tests/screenshots/{name}.svg is not what `{SCENES[name].command}` writes now. If that is meant to be so, "
            f"run: python -m tests.screenshots.make {name}\n" + "\n".join(changed),
            pytrace=False,
        )


def test_a_picture_is_the_same_where_nothing_is_isolated() -> None:
    """Another machine isolates otherwise; a picture must not tell."""
    scene = SCENES["wrong"]

    without = record(replace(scene, command=f"{scene.command} --isolation none"))

    assert without[1:] == record(scene)[1:]


@pytest.mark.parametrize("name", SCENES)
def test_a_picture_needs_nothing_but_itself(name: str) -> None:
    """No font or picture is fetched, no script runs, and no path of a machine is on it."""
    svg = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    rest = svg.replace('xmlns="http://www.w3.org/2000/svg"', "")

    assert not re.search(r"https?:|//|@font-face|@import|<script|<image|<foreignObject|\bhref\b", rest)
    assert set(re.findall(r"url\((.)", rest)) == {"#"}
    assert not re.search(r"/(?:home|root|tmp|Users|usr)\b", rest)


def test_a_picture_stands_in_readme_with_what_it_says() -> None:
    """For who cannot see it; and none lies there that nothing shows."""
    shown = dict(re.findall(r"^!\[([^\]]+)\]\(tests/screenshots/(\w+)\.svg\)$", README, re.MULTILINE))
    told = {name: alt for alt, name in shown.items()}

    assert set(told) == set(SCENES) == {path.stem for path in Path(FOLDER).glob("*.svg")}
    assert all(len(alt) > 60 for alt in told.values())
