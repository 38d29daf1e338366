"""Owns "did you mean": the nearest known words to a mistyped one.

In: the word as typed and the words that exist. Out: half a sentence to put into an error, or nothing.
The rule: nothing is better than a wrong guess, so a far word gives an empty string. What every word begins with
(`test_`) makes none of them near.
"""

import difflib
import itertools
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
    shared = _shared_start([wrong.lower(), *by_lower])
    ends = {word[shared:]: word for word in by_lower}
    near = difflib.get_close_matches(wrong.lower()[shared:], ends, n=1, cutoff=_NEAR)
    return f"did you mean `{by_lower[ends[near[0]]]}`?" if near else ""


def _shared_start(words: list[str]) -> int:
    """How many letters all words begin with, as far as these end with `_`."""
    first, last = min(words), max(words)
    same = sum(itertools.takewhile(bool, (one == other for one, other in zip(first, last, strict=False))))
    return first[:same].rfind("_") + 1
