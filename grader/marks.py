"""Owns the three marks of texts that are messages although they do not read as prose: for `grader.messages` to find.

In and out: a text, as it is.
"""


def N_(text: str) -> str:  # noqa: N802 - as gettext has it
    """Mark a text as a message: one word, or words that are raised to a programmer elsewhere."""
    return text


def T_(template: str) -> str:  # noqa: N802
    """Mark a message that is put together from parts, as a whole: "returned {got}, expected {expected}."."""
    return template


def C_(context: str, text: str) -> str:  # noqa: N802 - as gettext has pgettext
    """Mark a text as a message of its own context, apart from the same text elsewhere."""
    del context
    return text
