"""Tests of grader.pages.extra: what is said where pages cannot be made."""

import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.pages import extra
from tests.missing import grade_without, is_told


@pytest.mark.parametrize("name", ["jinja2", "matplotlib"])
def test_a_missing_library_is_one_line_with_the_command_that_installs_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extra, "find_spec", lambda asked: None if asked == name else object())

    with pytest.raises(UsageError) as caught:
        extra.require()
    assert caught.value.what == f"{name} is not installed"
    assert caught.value.fix == 'pip install "cnn-autograde[report]"'


def test_where_all_is_there_nothing_is_said() -> None:
    extra.require()


def test_a_report_without_a_page_imports_neither_library() -> None:
    code = "import grader.exports.formats, sys; print(sorted({'jinja2', 'matplotlib'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout == "[]\n"


@pytest.mark.parametrize("name", ["jinja2", "matplotlib"])
def test_a_page_that_cannot_be_drawn_is_exit_code_2_before_anything_is_read(name: str, tmp_path: Path) -> None:
    """One error with the command that installs it, no traceback."""
    done = grade_without(name, tmp_path, "hw1", "nothing.py", "--export", f"html={tmp_path / 'page.html'}")

    assert is_told(done, name, "report"), done.stderr
    assert not (tmp_path / "page.html").exists()
