"""Owns in which language a person is told something: English, or Korean by the catalogs.

In: a text as the toolkit or a grader made it, in English. Out: the same in the reader's language.
The rule: English is what is made, kept and hashed; a text is translated where it is shown, and what is not recognised
is shown as it is: so a student's own text passes unchanged.

A message has values in it ("conv2d returned 3"), and only its msgid is in a catalog ("{name} returned {value}"). It is
recognised by the words between the values: each is searched once, from left to right, so a text of any length costs
time in proportion to its length. The message with the most words of its own wins, its values go into the translation,
and a value that is a message itself is translated too. Of a text of several sentences each is tried alone.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.catalogs import read_catalog
from grader.particles import PARTICLES, particle

LANGUAGES: Mapping[str, str] = {"en": "English", "ko": "한국어"}

_OWN = Path(__file__).parent / "locale"
_KEY = 3  # letters by which messages are looked up
_LEAST = 3  # letters of its own that a message needs to be recognised by
_DEEPEST = 3  # a value in a value in a message
_LONGEST = 4_000  # characters of a text that is taken apart
_MOST = 500  # attempts for one text: what a submission wrote may look like a thousand sentences
_REMEMBERED = 2_000
_RAW = frozenset({"message"})  # values that a submission wrote
_SLOT = re.compile(r"\{(\w+)\}")
_SENTENCES = re.compile(r"((?<=[.?!])\s+|(?<=[.?!][)\"])\s+)")
_WORD = re.compile(r"[A-Za-z]{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Template:
    """A message with values: its own words, and what is called how between them."""

    words: tuple[str, ...]
    names: tuple[str, ...]
    said: tuple[str, ...]  # of the translation: words and names by turns

    @property
    def weight(self) -> int:
        return sum(map(len, self.words))

    def values(self, text: str) -> dict[str, str] | None:
        """The values that make this text of this message, if there are some."""
        first, last = self.words[0], self.words[-1]
        at, end = len(first), len(text) - len(last)
        if at > end or not text.startswith(first) or not text.endswith(last):
            return None
        values: dict[str, str] = {}
        for name, word in zip(self.names, self.words[1:-1], strict=False):
            found = text.find(word, at, end)
            if found < 0:
                return None
            values.setdefault(name, text[at:found])
            at = found + len(word)
        values.setdefault(self.names[-1], text[at:end])
        return values

    def is_raw(self, name: str) -> bool:
        """Whether a value stays as it is: it is code, or a submission's own words."""
        at = self.names.index(name)
        return name in _RAW or (self.words[at].endswith("`") and self.words[at + 1].startswith("`"))


class _Budget:
    """How many attempts are left for one text."""

    def __init__(self) -> None:
        self.left = _MOST


class Language:
    """What a person is told in: English without a catalog, another language by its catalogs."""

    def __init__(self, code: str, entries: Mapping[tuple[str, str], str]) -> None:
        self.code = code
        self._entries = entries
        self._exact: dict[str, str] = {}
        self._by_start: dict[str, list[_Template]] = {}
        self._by_end: dict[str, list[_Template]] = {}
        self._others: list[_Template] = []
        self._said: dict[str, str] = {}
        for (context, msgid), said in entries.items():
            if not context:
                self._add(msgid, said)

    def with_catalogs(self, paths: Iterable[Path]) -> "Language":
        """The same language with further catalogs: a course's own.

        Raises:
            CourseError: one of them is no catalog.
        """
        if self is ENGLISH:
            return self
        more = {key: said for path in paths for key, said in read_catalog(path).items()}
        return Language(self.code, {**self._entries, **more}) if more else self

    def label(self, word: str) -> str:
        """Say a word that stands at a fixed place on a screen: "pass", "hint"."""
        return self._entries.get(("label", word), word)

    def say(self, text: str) -> str:
        """Say a text in this language, as far as it is recognised."""
        if self is ENGLISH or not text:
            return text
        if (said := self._said.get(text)) is None:
            said = self._say(text, 0, _Budget())
            if len(self._said) < _REMEMBERED:
                self._said[text] = said
        return said

    # --- recognising ------------------------------------------------------------

    def _add(self, msgid: str, said: str) -> None:
        pieces, translated = _SLOT.split(_escaped(msgid)), _SLOT.split(_escaped(said))
        words = tuple(map(_unescaped, pieces[::2]))
        self._exact["".join(words) if len(words) == 1 else msgid] = _unescaped(_escaped(said))
        if len(words) == 1 or sum(letter.isalpha() for word in words for letter in word) < _LEAST:
            return
        template = _Template(words=words, names=tuple(pieces[1::2]), said=tuple(map(_unescaped, translated)))
        if len(words[0]) >= _KEY:
            self._by_start.setdefault(words[0][:_KEY], []).append(template)
        elif len(words[-1]) >= _KEY:
            self._by_end.setdefault(words[-1][-_KEY:], []).append(template)
        else:
            self._others.append(template)

    def _candidates(self, text: str) -> Iterator[_Template]:
        yield from self._by_start.get(text[:_KEY], ())
        yield from self._by_end.get(text[-_KEY:], ())
        yield from self._others

    def _say(self, text: str, depth: int, budget: _Budget) -> str:
        """Say a text of several lines."""
        if (whole := self._piece(text, depth, budget, across=("\n", ". "))) is not None:
            return whole
        if len(text) > _LONGEST or "\n" not in text:
            return self._line(text, depth, budget)[0]
        lines = [self._line(line, depth, budget) for line in text.split("\n")]
        # A value of several lines: an array.
        if not all(known for _, known in lines) and (whole := self._piece(text, depth, budget, across=())) is not None:
            return whole
        return "\n".join(said for said, _ in lines)

    def _line(self, text: str, depth: int, budget: _Budget) -> tuple[str, bool]:
        """Say a text of several sentences, and whether all of it was recognised."""
        if (whole := self._piece(text, depth, budget, across=(". ",))) is not None:
            return whole, True
        parts = _SENTENCES.split(text) if len(text) <= _LONGEST else [text]
        said, known = self._sentences(parts, depth, budget)
        if not known and (whole := self._piece(text, depth, budget, across=())) is not None:
            return whole, True
        return said, known

    def _sentences(self, parts: list[str], depth: int, budget: _Budget) -> tuple[str, bool]:
        """Say as many sentences at once as one message has, then the next; blanks stand between them."""
        said, known, at = "", True, 0
        while at < len(parts):
            for end in range(min(len(parts), at + 9), at, -2):
                piece = self._piece("".join(parts[at:end]), depth, budget, across=(". ",))
                if piece is not None:
                    break
            else:
                end = at + 1
                piece = self._clauses(parts[at], depth, budget)
                known = known and (piece is not None or not _WORD.search(parts[at]))
            said += (parts[at] if piece is None else piece) + "".join(parts[end : end + 1])
            at = end + 1
        return said, known

    def _clauses(self, text: str, depth: int, budget: _Budget) -> str | None:
        """Say what stands before and behind a colon, a semicolon or a comma, if one of them is known."""
        if len(text) > _LONGEST:
            return None
        for mark in (": ", "; ", ", "):
            before, found, behind = text.partition(mark)
            if not found:
                continue
            first = self._piece(before, depth, budget, across=(". ",))
            second = self._piece(behind, depth, budget, across=(". ",))
            if second is None and depth < _DEEPEST:
                second = self._clauses(behind, depth + 1, budget)
            if first is not None or second is not None:
                return f"{before if first is None else first}{mark}{behind if second is None else second}"
        return None

    def _piece(self, text: str, depth: int, budget: _Budget, *, across: tuple[str, ...]) -> str | None:
        """Say a text that is one message, or one with a dot behind; `across`: what no value may hold."""
        inner = text.strip()
        start = text[: text.index(inner)] if inner else text
        end = text[len(start) + len(inner) :]
        for stem, dot in ((inner, ""), (inner[:-1], ".")) if inner.endswith(".") else ((inner, ""),):
            for first in (stem, stem[:1].lower() + stem[1:]) if stem[:1].isupper() else (stem,):
                if (said := self._message(first, depth, budget, across)) is not None:
                    return start + said + dot + end
        return None

    def _message(self, text: str, depth: int, budget: _Budget, across: tuple[str, ...]) -> str | None:
        if (said := self._exact.get(text)) is not None:
            return said
        if budget.left <= 0:
            return None
        budget.left -= 1
        best: tuple[int, _Template, dict[str, str]] | None = None
        for template in self._candidates(text):
            if best is not None and template.weight <= best[0]:
                continue
            values = template.values(text)
            if values is not None and not any(mark in value for mark in across for value in values.values()):
                best = template.weight, template, values
        return None if best is None else self._filled(best[1], best[2], depth, budget)

    def _filled(self, template: _Template, values: Mapping[str, str], depth: int, budget: _Budget) -> str:
        said = ""
        for number, piece in enumerate(template.said):
            if number % 2 == 0:
                said += piece
            elif piece in PARTICLES:
                said += particle(said, piece)
            else:
                value = values.get(piece, "")
                known = depth >= _DEEPEST or (piece in template.names and template.is_raw(piece))
                said += value if known else self._say(value, depth + 1, budget)
        return said


ENGLISH = Language("en", {})


@cache
def language(code: str) -> Language:
    """A language by its code, with what the toolkit says in it; a code that is not known is English."""
    if code == "en" or code not in LANGUAGES:
        return ENGLISH
    return Language(code, read_catalog(_OWN / code / "LC_MESSAGES" / "grader.po"))


def code_of(name: str) -> str:
    """The code of a language as a roster or the environment names it ("ko_KR.UTF-8", "Korean", "한국어"), or ""."""
    plain = name.strip().casefold()
    if re.match(r"ko($|[-_.@])|kor($|ean)|한국어|한글|국문", plain):
        return "ko"
    return "en" if re.match(r"en($|[-_.@])|eng($|lish)|영어|영문", plain) else ""


def chosen(environ: Mapping[str, str]) -> str:
    """The code that the environment asks for: GRADE_LANG, else the locale; English where that is another's."""
    if environ.get("GRADE_LANG"):
        return code_of(environ["GRADE_LANG"]) or "en"
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return code_of(environ[name]) or "en"
    return "en"


def _escaped(text: str) -> str:
    return text.replace("{{", "\0").replace("}}", "\1")


def _unescaped(text: str) -> str:
    return text.replace("\0", "{").replace("\1", "}")
