"""What is on the disk while a grading runs."""

import json
from pathlib import Path

import pytest

from grader.exports.context import Context
from grader.exports.formats import parse_export
from grader.grading import Outset
from grader.partials import Partials
from grader.records import Audience
from tests.builders import FULL_ISOLATION, make_assignment, make_case, make_result

CASES = (make_case(name="test_a"), make_case(name="test_b"))


def make_partials(*exports: str) -> Partials:
    return Partials(
        [parse_export(text) for text in exports],
        make_assignment(),
        audience=Audience.STAFF,
        context=Context(),
        student="ann",
        submission="convolution.py",
        environment={"python": "3.11.9"},
    )


def outset() -> Outset:
    return Outset(cases=CASES, digest="d" * 64, seed=1, isolation=FULL_ISOLATION, notices=(), tests="hidden")


def test_after_each_test_the_file_says_what_is_known(tmp_path: Path) -> None:
    """And it has no score, so that nobody takes half of the tests for all of them."""
    file = tmp_path / "report.json"
    partials = make_partials(f"json={file}")

    partials.begin(outset())
    assert [test["outcome"] for test in json.loads(file.read_text())["tests"]] == ["skipped", "skipped"]
    partials.add(make_result(name="test_b"))

    report = json.loads(file.read_text())
    assert [test["outcome"] for test in report["tests"]] == ["skipped", "passed"]
    assert report["score"] is None
    assert "1 of 2 tests have been run" in report["notices"][0]["text"]


def test_before_the_submission_runs_there_is_no_file(tmp_path: Path) -> None:
    partials = make_partials(f"json={tmp_path / 'report.json'}")

    partials.add(make_result(name="test_a"))

    assert list(tmp_path.iterdir()) == []


def test_stdout_gets_the_whole_report_only(capsys: pytest.CaptureFixture[str]) -> None:
    """And a CI's log too: nothing is written twice there."""
    partials = make_partials("json=-", "github=-")

    partials.begin(outset())
    partials.add(make_result(name="test_a"))

    assert capsys.readouterr().out == ""
