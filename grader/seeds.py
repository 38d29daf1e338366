"""Owns every seed: which inputs a student's test draws, and in which order the tests run.

In: the course's secret and names. Out: 64-bit seeds, orders, and a seed's text in a report.
The rule: a seed depends on its names alone, never on the clock, the machine, the Python version or the other tests,
so that one number in a report replays one test.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable

from grader.errors import UsageError

_BYTES = 8
_DIGITS = 2 * _BYTES
_HEX = re.compile(rf"(?:0x)?([0-9a-f]{{1,{_DIGITS}}})", re.IGNORECASE)


def submission_seed(secret: bytes, assignment: str, student: str) -> int:
    """Draw the seed of a student's submission, the same for every attempt.

    Args:
        secret: the course's own; who knows it can compute every input.
        assignment: the id, "hw1".
        student: who handed in, as the roster names them. Hangul counts the same whether a
            file name came from macOS (decomposed) or from elsewhere (composed).

    Returns:
        64 bits.
    """
    return _draw(secret, "submission", assignment, unicodedata.normalize("NFC", student))


def test_seed(submission_seed: int, test: str) -> int:
    """Draw the seed of one test of a submission: 64 bits from 64 bits and the test's name."""
    return _draw(submission_seed.to_bytes(_BYTES, "big"), "test", test)


def shuffled(names: Iterable[str], seed: int) -> tuple[str, ...]:
    """Put names into an order drawn from a 64-bit seed.

    The order they came in does not count, and leaving some out leaves the order of the others as it was.
    `random.shuffle` promises neither, nor the same order in the next Python.
    """
    key = seed.to_bytes(_BYTES, "big")
    return tuple(sorted(names, key=lambda name: (_draw(key, "order", name), name)))


def format_seed(seed: int) -> str:
    """Write a 64-bit seed as a report shows it: 16 hexadecimal digits."""
    return f"{seed:0{_DIGITS}x}"


def parse_seed(text: str) -> int:
    """Read a seed that a report shows: 1 to 16 hexadecimal digits, with or without `0x`.

    Always hexadecimal, also where all digits are decimal: a text must not name two seeds.

    Raises:
        UsageError: anything else.
    """
    match = _HEX.fullmatch(text.strip())
    if match is None:
        raise UsageError(
            f"`{text}` is not a seed",
            where="--seed",
            fix=f"give 1 to {_DIGITS} hexadecimal digits, as the last line of a staff report shows them",
        )
    return int(match[1], base=16)


def _draw(key: bytes, *parts: str) -> int:
    # Each part goes in behind its length: ("hw1", "2kim") and ("hw12", "kim") must differ.
    # `surrogatepass`: a name from a file system that is not UTF-8 has a seed too.
    encoded = (part.encode("utf-8", "surrogatepass") for part in parts)
    message = b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
    return int.from_bytes(hmac.new(key, message, hashlib.sha256).digest()[:_BYTES], "big")
