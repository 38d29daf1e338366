"""Owns whether pages can be made here: they need the extra `report`, and a course without it works.

In: nothing. Out: nothing, or the one line that says what to install.
The rule: it imports neither library, so that asking is free.
"""

from importlib.util import find_spec

from grader.errors import UsageError

_NEEDED = ("jinja2", "matplotlib")


def require() -> None:
    """Make sure that pages can be made.

    Raises:
        UsageError: a library of the extra `report` is missing.
    """
    for name in _NEEDED:
        if find_spec(name) is None:
            raise UsageError(f"{name} is not installed", fix='pip install "cnn-autograde[report]"')
