"""What GitHub Classroom's autograding reporter does with a payload, step by step.

In: the text that a step publishes as `result`. Out: the document and the notice it leads to, or an AssertionError.
"""

import base64
import json
from typing import Any

import pytest

from tests.exports.rules_text import check_texts, is_number


def check(text: str) -> dict[str, Any]:
    """Hold a payload to what the reporter takes without throwing."""
    encoded = text.removesuffix("\n")
    assert "\n" not in encoded, "one line of $GITHUB_OUTPUT"
    assert len(f"AUTOGRADING_RESULTS={encoded}\0") <= 131_072, "one environment variable"
    document: dict[str, Any] = json.loads(base64.b64decode(encoded, validate=True).decode(), parse_constant=pytest.fail)
    check_texts(document, longest=9_000)
    assert set(document) <= {"version", "status", "max_score", "message", "tests"}
    assert isinstance(document["version"], int)
    assert document["status"] in ("pass", "fail", "error")
    assert is_number(document["max_score"])
    for test in document["tests"]:
        assert test["status"] in ("pass", "fail", "error")
        assert is_number(test["score"])
        assert {"name", "message", "test_code", "filename", "line_no", "duration"} <= set(test)
        assert len(test.get("output", "")) <= 500
    return document


def announced(document: dict[str, Any]) -> tuple[float, float] | None:
    """The points that the reporter's notice gives, of how many; None where it gives none."""
    if not document["max_score"]:
        return None
    return sum(test["score"] for test in document["tests"]), document["max_score"]
