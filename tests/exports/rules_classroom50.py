"""Classroom 50's rules for result.json: its schema result-v1, and what its scripts check beyond that.

In: the text of a result.json. Out: the document, or an AssertionError.
"""

import json
import re
from typing import Any

import pytest

from tests.exports.rules_text import check_texts

REQUIRED = {
    "schema",
    "classroom",
    "assignment",
    "assignment_type",
    "owner",
    "submission",
    "commit",
    "release",
    "review",
    "datetime",
    "score",
    "max-score",
    "tests",
}
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ")


def check(text: str) -> dict[str, Any]:
    """Hold a result.json to the rules."""
    assert len(text.encode()) <= 10 * 1024 * 1024
    document: dict[str, Any] = json.loads(text, parse_constant=pytest.fail)
    check_texts(document, longest=9_000)
    assert REQUIRED <= set(document) <= REQUIRED | {"graded_at", "submitted_by"}
    assert document["schema"] == "classroom50/result/v1"
    for key in ("classroom", "assignment", "owner", "commit", "release", "review"):
        assert isinstance(document[key], str)
        assert document[key]
    assert document["assignment_type"] in ("individual", "group", "team")
    assert document["submission"].startswith("submit/")
    assert TIME.fullmatch(document["datetime"])
    assert TIME.fullmatch(document.get("graded_at", document["datetime"]))
    check_points(document)
    for test in document["tests"]:
        assert isinstance(test["test-name"], str)
        assert test["test-name"]
        assert "\n" not in test["test-name"], "it stands in a table"
        assert isinstance(test["passed"], bool)
        check_points(test)
    if "submitted_by" in document:
        pusher = document["submitted_by"]
        assert set(pusher) <= {"username", "id"}
        assert pusher["username"]
        assert pusher.get("id") is None or type(pusher["id"]) is int
    return document


def check_points(document: dict[str, Any]) -> None:
    """Whole numbers, and never more than there are."""
    assert type(document["score"]) is int
    assert type(document["max-score"]) is int
    assert 0 <= document["score"] <= document["max-score"]
