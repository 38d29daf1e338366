"""Owns one message with values, "{name} returned {got}": which values make a text of it, and whether they can be its.

In: a text. Out: values by name. The rule: the words between the values are searched once each, from left to right, so a
text of any length costs time in proportion to its length; a value that is half of a shape is none.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_TRIES = 8  # places where a value may end: not within brackets
_SURE = 12  # letters of its own, from which on a message is recognised whatever its values are
_RAW = frozenset({"message", "type_name"})  # values that a submission wrote
TWO_WORDS = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A message with values: its own words, and what is called how between them."""

    words: tuple[str, ...]
    names: tuple[str, ...]
    said: tuple[str, ...]  # of the translation: words and names by turns

    @property
    def weight(self) -> int:
        """How many characters it has of its own: of two that fit, the heavier is meant."""
        return sum(map(len, self.words))

    @property
    def letters(self) -> int:
        """How many letters it has of its own: with few it is taken only for what cannot be a sentence."""
        return sum(letter.isalpha() for word in self.words for letter in word)

    def values(self, text: str) -> dict[str, str] | None:
        """The values that make this text of this message, if there are some."""
        first, last = self.words[0], self.words[-1]
        at, end = len(first), len(text) - len(last)
        if at > end or not text.startswith(first) or not text.endswith(last):
            return None
        values: dict[str, str] = {}
        for name, word in zip(self.names, self.words[1:-1], strict=False):
            found = text.find(word, at, end)
            for _ in range(_TRIES):
                if found < 0 or name in _RAW or not _is_torn(text[at:found]):
                    break
                found = text.find(word, found + 1, end)
            if found < 0:
                return None
            values.setdefault(name, text[at:found])
            at = found + len(word)
        values.setdefault(self.names[-1], text[at:end])
        return values

    def takes(self, values: Mapping[str, str], across: tuple[str, ...]) -> bool:
        """Whether these can be its values: only an explanation at the end may have several sentences."""
        for name, value in values.items():
            last = name == self.names[-1]
            if name in _RAW and last and not self.words[-1]:
                continue  # somebody else's words, to the end of the line
            explains = self.is_raw(name) or (last and self._explains())
            marks = across or (() if last else (". ",))
            marks += (": ",) if not explains and self.letters < _SURE else ()
            if any(mark in value for mark in marks) or (not explains and _is_torn(value)):
                return False
        return True

    def _explains(self) -> bool:
        """Whether it ends in what Python or somebody else says: "the file cannot be read: {reason}"."""
        return not self.words[-1] and self.words[-2].endswith(": ")

    def takes_sentences(self, name: str) -> bool:
        """Whether a value may be a sentence: there is enough else to know the message by, or it is an explanation."""
        return (name == self.names[-1] and self._explains()) or self.letters >= _SURE

    def is_raw(self, name: str) -> bool:
        """Whether a value stays as it is: it is code, or a submission's own words."""
        at = self.names.index(name)
        around = self.words[at][-1:] + self.words[at + 1][:1]
        return name in _RAW or around == "``"


def _is_torn(value: str) -> bool:
    """Whether a value is half of a shape, "(2" of "(2, 3)", or a text of several lines: an array has no words."""
    if any(value.count(opening) != value.count(closing) for opening, closing in ("()", "[]")):
        return True
    return "\n" in value and TWO_WORDS.search(value) is not None
