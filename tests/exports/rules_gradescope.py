"""Gradescope's rules for results.json, as its documentation states them.

In: the text of a results.json, and what the assignment is worth. Out: the document, or an AssertionError.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.exports.rules_text import check_texts, is_number

FORMATS = {"text", "html", "simple_format", "md", "ansi"}
VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}
TOP: Mapping[str, Callable[[Any], bool]] = {
    "score": is_number,
    "output": lambda value: isinstance(value, str),
    "output_format": FORMATS.__contains__,
    "test_output_format": FORMATS.__contains__,
    "test_name_format": FORMATS.__contains__,
    "visibility": VISIBILITIES.__contains__,
    "stdout_visibility": VISIBILITIES.__contains__,
    "extra_data": lambda value: isinstance(value, dict),
    "tests": lambda value: isinstance(value, list),
    "leaderboard": lambda value: isinstance(value, list),
    # Its own package writes a string with two decimals.
    "execution_time": lambda value: is_number(value) or (isinstance(value, str) and float(value) >= 0),
}
TEST: Mapping[str, Callable[[Any], bool]] = {
    "score": is_number,
    "max_score": is_number,
    "status": {"passed", "failed"}.__contains__,
    "name": lambda value: isinstance(value, str),
    "name_format": FORMATS.__contains__,
    "number": lambda value: isinstance(value, str),
    "output": lambda value: isinstance(value, str),
    "output_format": FORMATS.__contains__,
    "tags": lambda value: isinstance(value, list) and all(isinstance(tag, str) for tag in value),
    "visibility": VISIBILITIES.__contains__,
    "extra_data": lambda value: isinstance(value, dict),
}


def check(text: str, *, points: float | None = None) -> dict[str, Any]:
    """Hold a results.json to the rules.

    Args:
        text: the file.
        points: what the assignment is worth there; the sum of `max_score` must be the same.
    """
    document: dict[str, Any] = json.loads(text, parse_constant=pytest.fail)
    check_shape(document)
    tests = document.get("tests", [])
    assert "score" in document or tests, "a top-level score, or tests"
    assert "score" in document or all("score" in test for test in tests if "max_score" in test)
    if points is not None:
        assert sum(test.get("max_score", 0) for test in tests) == pytest.approx(points, abs=1e-9)
    return document


def check_withheld(text: str) -> dict[str, Any]:
    """Hold a results.json to what makes Gradescope show no score at all."""
    document: dict[str, Any] = json.loads(text, parse_constant=pytest.fail)
    check_shape(document)
    assert "score" not in document
    assert "tests" not in document
    assert "not graded" in document["output"]
    return document


def check_shape(document: dict[str, Any]) -> None:
    """Known keys, each of its type; texts that a browser and a terminal survive."""
    assert "\r" not in json.dumps(document)
    check_texts(document, longest=40_000)
    for key, value in document.items():
        assert TOP[key](value), (key, value)
    for test in document.get("tests", []):
        for key, value in test.items():
            assert TEST[key](value), (key, value)
        if "score" in test and "max_score" in test:
            assert 0 <= test["score"] <= test["max_score"]
    for row in document.get("leaderboard", []):
        assert set(row) <= {"name", "value", "order"}
