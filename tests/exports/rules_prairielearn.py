"""PrairieLearn's rules for an external grader's results.json, as its documentation states them.

In: the text of a results.json. Out: the document, or an AssertionError.
"""

import json
from typing import Any

import pytest

from tests.exports.rules_text import check_texts, is_number


def check(text: str) -> dict[str, Any]:
    """Hold a results.json to the rules."""
    assert len(text.encode()) <= 1_000_000
    document: dict[str, Any] = json.loads(text, parse_constant=pytest.fail)
    check_texts(document, longest=40_000)
    assert set(document) <= {"score", "gradable", "format_errors", "message", "output", "images", "tests"}
    assert isinstance(document.get("gradable", True), bool)
    if document.get("gradable", True):
        assert is_number(document["score"])
        assert 0 <= document["score"] <= 1
        assert "format_errors" not in document
    else:
        assert "score" not in document
        errors = document.get("format_errors", [])
        assert isinstance(errors, str) or all(isinstance(each, str) and each for each in errors)
    for key in ("message", "output"):
        assert isinstance(document.get(key, ""), str)
    tests = document.get("tests", [])
    for test in tests:
        assert set(test) <= {"name", "description", "points", "max_points", "message", "output", "images"}
        assert all(isinstance(test.get(key, ""), str) for key in ("name", "description", "message", "output"))
        assert all(is_number(test.get(key, 0)) for key in ("points", "max_points"))
        assert 0 <= test.get("points", 0) <= test.get("max_points", 0)
    shown = {"points" in test and "max_points" in test for test in tests}
    assert len(shown) <= 1, "all tests with points, or none"
    return document
