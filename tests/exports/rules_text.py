"""What every text must be that a person reads on a platform, and what may not be found in a student's.

In: a parsed document, or a string. Out: nothing, or an AssertionError that names the text.
"""

import unicodedata
from collections.abc import Iterator

BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def strings(value: object) -> Iterator[str]:
    """Every string in a JSON document, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from strings(key)
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def check_texts(document: object, *, longest: int) -> None:
    """Hold every string of a document to `check_text`."""
    for text in strings(document):
        check_text(text, longest=longest)


def check_text(text: str, *, longest: int) -> None:
    """Hold a text to: no control characters but newline and tab, no lone surrogate, no override, no flood."""
    assert len(text) <= longest, f"{len(text)} characters: {text[:80]!r}"
    for letter in set(text):
        assert letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs"), repr(letter)
        assert letter not in BIDI, repr(letter)


def is_number(value: object) -> bool:
    """A JSON number; Python's bool is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)
