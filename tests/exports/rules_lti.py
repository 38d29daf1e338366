"""The rules of LTI's Assignment and Grade Services for a score, and Canvas's beyond them.

In: the text of a payload. Out: the document, or an AssertionError.
"""

import json
import re
from typing import Any

import pytest

from tests.exports.rules_text import check_texts, is_number

TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d+(Z|[+-]\d{2}:\d{2})")
ACTIVITY = {"Initialized", "Started", "InProgress", "Submitted", "Completed"}
GRADING = {"FullyGraded", "Pending", "PendingManual", "Failed", "NotReady"}
KEYS = {
    "userId",
    "activityProgress",
    "gradingProgress",
    "timestamp",
    "scoreGiven",
    "scoreMaximum",
    "comment",
    "submission",
}


def check(text: str) -> dict[str, Any]:
    """Hold a payload to the rules."""
    document: dict[str, Any] = json.loads(text, parse_constant=pytest.fail)
    check_texts(document, longest=4_000)
    assert {"userId", "activityProgress", "gradingProgress", "timestamp"} <= set(document) <= KEYS
    assert document["userId"]
    assert document["activityProgress"] in ACTIVITY
    assert document["gradingProgress"] in GRADING
    assert TIME.fullmatch(document["timestamp"])
    if "scoreGiven" in document:
        assert is_number(document["scoreGiven"])
        assert document["scoreGiven"] >= 0
        assert document["scoreMaximum"] > 0
    else:
        assert "scoreMaximum" not in document
        assert document["gradingProgress"] != "FullyGraded"
    if "submission" in document:
        assert TIME.fullmatch(document["submission"]["submittedAt"])
    return document
