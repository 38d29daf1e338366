"""A context as the command line makes one inside Classroom 50's runner."""

from datetime import UTC, datetime

from grader.exports.context import Context

NOW = datetime(2026, 11, 25, 1, 2, 3, 4567, tzinfo=UTC)
ENVIRON = {
    "CLASSROOM": "cs231n",
    "ASSIGNMENT": "convolution",
    "OWNER": "alice",
    "SUBMISSION_TAG": "submit/2026-06-01T14-32-05Z-a1b2c3d",
    "COMMIT_URL": "https://example.org/commit/a1b2c3d",
    "RELEASE_URL": "https://example.org/releases/tag/1",
}


def make_context(**environ: str) -> Context:
    """A whole context; variables by keyword are set, or where "" taken away."""
    merged = {key: value for key, value in {**ENVIRON, **environ}.items() if value}
    return Context(environ=merged, now=NOW, token="0123456789abcdef0123456789abcdef")
