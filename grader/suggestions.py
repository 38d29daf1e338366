"""Owns "did you mean": the nearest known words to a mistyped one.

In: the word as typed and the words that exist. Out: half a sentence to put into an error, or nothing.
The rule: nothing is better than a wrong guess, so a far word gives an empty string.
"""

import difflib
from collections.abc import Iterable

_NEAR = 0.6  # difflib's ratio; at 0.5 `points` suggests `import_s`


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """Name the known word nearest to a mistyped one.

    Args:
        wrong: the word as typed; capitals do not count.
        known: the words that exist.

    Returns:
        "did you mean `points`?", or "" if nothing is near.
    """
    by_lower = {word.lower(): word for word in sorted(known)}
    near = difflib.get_close_matches(wrong.lower(), by_lower, n=1, cutoff=_NEAR)
    return f"did you mean `{by_lower[near[0]]}`?" if near else ""
