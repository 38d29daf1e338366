"""Owns Korean particles: which of two forms follows a word, by the sound that it ends in.

In: the text before, and either form. Out: the form that fits, or both where the sound is not known: `을(를)`.
The rule: Hangul by its final consonant; a digit as it is read in Korean (1 일, 2 이); Latin letters as they are spelled
where they are one letter or capitals, else as a Korean would say the word. Closing brackets, quotes and dots are looked
through.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

# Each form, and (after a consonant, after a vowel).
PARTICLES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        form: pair
        for pair in (("은", "는"), ("이", "가"), ("을", "를"), ("과", "와"), ("으로", "로"), ("이라", "라"))
        for form in pair
    }
)

_CLOSING = "`'\"”’)]}>.,:… "
_CONSONANT = {"l", "m", "n", "ng", "ck"}
# A short vowel and a stop: "output" is 아웃풋, "map" 맵; "path" and "test" end in a vowel that is put in.
_STOP = re.compile(r"(?:^|[^aeiouy])[aeiou][bkpt]$|ou[tp]$|[^e]ook$")
_DIGITS = "036"  # 영, 삼, 육 end in a consonant; 일, 칠, 팔 in ㄹ
_RIEUL_DIGITS = "178"


def particle(before: str, form: str) -> str:
    """Give a particle as it follows a text.

    Args:
        before: what stands before it.
        form: either form, a key of `PARTICLES`.
    """
    closed, opened = PARTICLES[form]
    ending = _ending(before)
    if ending == "":
        return f"{closed}({opened})" if closed not in ("으로", "이라") else f"({closed[0]}){opened}"
    if ending == "rieul" and closed == "으로":
        return opened
    return opened if ending == "vowel" else closed


def _ending(before: str) -> str:
    """How a text ends: "vowel", "consonant", "rieul" (the consonant ㄹ), or "" where that is not known."""
    word = before[-60:].rstrip(_CLOSING)
    last = word[-1:]
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        return "vowel" if final == 0 else "rieul" if final == 8 else "consonant"
    if last.isascii() and last.isdigit():
        return "consonant" if last in _DIGITS else "rieul" if last in _RIEUL_DIGITS else "vowel"
    if last == "%":  # 퍼센트
        return "vowel"
    found = re.search(r"[A-Za-z]+$", word)
    return _latin(found.group()) if found else ""


def _latin(word: str) -> str:
    if len(word) == 1 or word.isupper():  # spelled: 엘, 엠, 엔, 알; all others end in a vowel
        return {"l": "rieul", "r": "rieul", "m": "consonant", "n": "consonant"}.get(word[-1].lower(), "vowel")
    word = word.lower()
    if word.endswith(("l", "le")):
        return "rieul"
    if word[-1:] in _CONSONANT or word[-2:] in _CONSONANT or _STOP.search(word):
        return "consonant"
    return "consonant" if word.endswith(("ame", "ime", "ine", "one", "ype", "ape")) else "vowel"
