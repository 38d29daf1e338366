"""Owns the recognition of a message in a text that was made from it, and its translation with the same values.

In: translations by msgid, and a text. Out: the text in the other language, as far as it is recognised.
The rule: a message has values in it ("conv2d returned 3"), and only its msgid is known ("{name} returned {value}"). The
message with the most words of its own wins, its values go into the translation, and a value that is a message itself is
translated too. Of a text of several sentences each is tried alone. A message of few words is not recognised where its
value would be somebody's sentence.
"""

import re
from collections.abc import Iterator, Mapping

from grader.particles import PARTICLES, particle
from grader.patterns import TWO_WORDS, Template

_KEY = 3  # letters by which messages are looked up
_LEAST = 4  # letters of its own that a message needs to be recognised by
_LEAST_START = 5  # or what it starts with: "at   "
_DEEPEST = 3  # a value in a value in a message
_LONGEST = 4_000  # characters of a text that is taken apart
_MOST = 500  # attempts for one line: what a submission wrote may look like a thousand sentences
_MOST_IN_ALL = 4_000  # for one text
_SLOT = re.compile(r"\{(\w+)\}")
_ENDS = frozenset(".:?")
_QUOTED = "  |"  # begins a line that a submission printed
_SENTENCES = re.compile(r"((?<=[.?!])\s+|(?<=[.?!][)\"])\s+)")
_WORD = re.compile(r"[A-Za-z]{3,}")
_UNSURE = 8  # up to which two words of somebody else's are too many
_PROSE = re.compile(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")
_PLAIN = re.compile(r"[^A-Za-z]*")
_ARTICLE = re.compile(r"an? ([\w.]+)")
_NAME = re.compile(r"`?[A-Za-z_][\w.]*`?")
_LONGEST_CALL = 1_000


class _Budget:
    """How many attempts are left for one line of a text, and for all of them."""

    def __init__(self) -> None:
        self.left = _MOST
        self._in_all = _MOST_IN_ALL

    def renew(self) -> None:
        """Begin a line."""
        self._in_all -= _MOST - self.left
        self.left = max(0, min(_MOST, self._in_all))


class Recogniser:
    """Translates texts by the messages that they were made from."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        self._exact: dict[str, str] = {}
        self._by_start: dict[str, list[Template]] = {}
        self._by_end: dict[str, list[Template]] = {}
        self._others: list[Template] = []
        for msgid, said in messages.items():
            self._add(msgid, said)

    def say(self, text: str) -> str:
        """Say a text as far as it is recognised; no text takes long."""
        return self._say(text, 0, _Budget())

    def _add(self, msgid: str, said: str) -> None:
        pieces, translated = _SLOT.split(_escaped(msgid)), _SLOT.split(_escaped(said))
        words = tuple(map(_unescaped, pieces[::2]))
        self._exact["".join(words) if len(words) == 1 else msgid] = _unescaped(_escaped(said))
        if len(words) == 1:
            return
        template = Template(words=words, names=tuple(pieces[1::2]), said=tuple(map(_unescaped, translated)))
        if template.letters < _LEAST and len(words[0]) < _LEAST_START:
            return
        if len(words[0]) >= _KEY:
            self._by_start.setdefault(words[0][:_KEY], []).append(template)
        elif len(words[-1]) >= _KEY:
            self._by_end.setdefault(words[-1][-_KEY:], []).append(template)
        else:
            self._others.append(template)

    def _candidates(self, text: str) -> Iterator[Template]:
        yield from self._by_start.get(text[:_KEY], ())
        yield from self._by_end.get(text[-_KEY:], ())
        yield from self._others

    def _say(self, text: str, depth: int, budget: _Budget) -> str:
        """Say a text of several lines."""
        if "\n" not in text:
            return self._line(text, depth, budget)[0]
        if (whole := self._piece(text, depth, budget, across=("\n", ". "))) is not None:
            return whole
        read, rest = text[:_LONGEST], text[_LONGEST:]
        lines = []
        for line in read.split("\n"):
            if not depth:
                budget.renew()
            lines.append(self._line(line, depth, budget))
        # A value of several lines: an array.
        if not all(known for _, known in lines) and (whole := self._piece(text, depth, budget)) is not None:
            return whole
        return "\n".join(said for said, _ in lines) + rest

    def _line(self, text: str, depth: int, budget: _Budget) -> tuple[str, bool]:
        """Say a text of several sentences, and whether all of it was recognised."""
        if text.startswith(_QUOTED):
            return text, True
        for try_whole in (self._piece, self._predicate):
            if (whole := try_whole(text, depth, budget, across=(". ", ": "))) is not None:
                return whole, True
        if len(text) > _LONGEST:
            return self._piece(text, depth, budget) or text, False
        said, known = self._sentences(_SENTENCES.split(text), depth, budget)
        if not known and (whole := self._piece(text, depth, budget)) is not None:
            return whole, True
        return said, known

    def _sentences(self, parts: list[str], depth: int, budget: _Budget) -> tuple[str, bool]:
        """Say as many sentences at once as one message has, then the next; blanks stand between them."""
        said, all_known, at = "", True, 0
        while at < len(parts):
            for end in range(min(len(parts), at + 9), at + 2, -2):
                piece = self._piece("".join(parts[at:end]), depth, budget, across=(". ",))
                if piece is not None:
                    break
            else:
                end = at + 1
                piece, known = self._sentence(parts[at], depth, budget)
                all_known = all_known and known
            said += piece + "".join(parts[end : end + 1])
            at = end + 1
        return said, all_known

    def _sentence(self, text: str, depth: int, budget: _Budget) -> tuple[str, bool]:
        """Say one sentence, in one way or another, and whether all of it was recognised."""
        if (whole := self._piece(text, depth, budget, across=(": ",))) is not None:
            return whole, True
        if text.startswith("(") and text.endswith(")"):
            said, known = self._sentence(text[1:-1], depth, budget)
            return f"({said})", known
        if depth and (article := _ARTICLE.fullmatch(text)) is not None:
            return self._exact.get(text, article[1]), True
        if (predicate := self._predicate(text, depth, budget, across=(". ", ": "))) is not None:
            return predicate, True
        clauses = self._clauses(text, depth, budget)
        if clauses is None or not clauses[1]:
            whole = self._predicate(text, depth, budget, across=(". ",)) or self._piece(text, depth, budget)
            if whole is not None:
                return whole, True
        return clauses or (text, not _WORD.search(text))

    def _predicate(self, text: str, depth: int, budget: _Budget, *, across: tuple[str, ...]) -> str | None:
        """Say what a call or a function did: "conv2d(x (2, 3)) returned ...", of which the call is no message."""
        end = _end_of_subject(text)
        if not end:
            return None
        subject, space, rest = text[:end], text[end : end + 1], text[end:].lstrip(": ")
        said = self._piece(rest, depth, budget, across=across)
        if said is None or subject == "it":
            return said
        return f"{subject}: {said}" if space == ":" else f"{subject}{particle(subject, '은')} {said}"

    def _clauses(self, text: str, depth: int, budget: _Budget) -> tuple[str, bool] | None:
        """Say what stands before and behind a colon, a semicolon or a comma, and whether all of it is known."""
        if depth > _DEEPEST:
            return None
        for mark in (": ", "; ", ", ", " ("):
            before, found, behind = text.partition(mark)
            if not found:
                continue
            end = next((each for each in (")", ").") if mark == " (" and behind.endswith(each)), "")
            first = self._piece(before, depth, budget)
            second, known = self._sentence(behind.removesuffix(end), depth + 1, budget)
            if first is not None or second != behind.removesuffix(end):
                known = known and (first is not None or (mark != ", " and not TWO_WORDS.search(before)))
                return (first or before) + mark + second + end, known
        return None

    def _piece(self, text: str, depth: int, budget: _Budget, *, across: tuple[str, ...] = ()) -> str | None:
        """Say a text that is one message, or one with a dot behind; `across`: what no value may hold."""
        inner = text.strip()
        start = text[: text.index(inner)] if inner else text
        end = text[len(start) + len(inner) :]
        variants = [
            (first, dot)
            for stem, dot in (((inner, ""), (inner[:-1], ".")) if inner.endswith(".") else ((inner, ""),))
            for first in ((stem, stem[:1].lower() + stem[1:]) if stem[:1].isupper() else (stem,))
        ]
        for first, dot in variants:
            if (said := self._exact.get(first)) is not None:
                return start + said + dot + end
        matches = [
            (template, values, dot)
            for first, dot in variants
            for template, values in self._matches(first, budget, across)
        ]
        for template, values, dot in sorted(matches, key=lambda match: -match[0].weight):
            if (said := self._filled(template, values, depth, budget)) is not None:
                return start + said + dot + end
        return None

    def _matches(
        self, text: str, budget: _Budget, across: tuple[str, ...]
    ) -> Iterator[tuple[Template, Mapping[str, str]]]:
        """The messages that it can have been made from, and their values."""
        if budget.left <= 0:
            return
        budget.left -= 1
        for template in self._candidates(text):
            # A dot at the end is the sentence's, not a value's, unless the value is a sentence.
            if text.endswith(".") and not template.words[-1] and template.words[-2].rstrip()[-1:] not in _ENDS:
                continue
            values = template.values(text)
            if values is not None and template.takes(values, across):
                yield template, values

    def _filled(self, template: Template, values: Mapping[str, str], depth: int, budget: _Budget) -> str | None:
        """The translation with its values; None where one is a sentence of somebody else's."""
        told: dict[str, str] = {}
        for name, value in values.items():
            raw = depth >= _DEEPEST or template.is_raw(name)
            told[name] = value if raw else self._value(value, depth + 1, budget)
            prose = _PROSE if template.letters >= _UNSURE else TWO_WORDS
            if not raw and prose.search(told[name]) and not template.takes_sentences(name):
                return None
        said = ""
        for number, piece in enumerate(template.said):
            if number % 2 == 0:
                said += piece
            else:
                said += particle(said, piece) if piece in PARTICLES else told.get(piece, "")
        return said

    def _value(self, value: str, depth: int, budget: _Budget) -> str:
        if _PLAIN.fullmatch(value):  # nothing but numbers
            return value
        if (article := _ARTICLE.fullmatch(value)) is not None:  # "a Conv2D": no message, and Korean has no article
            return self._exact.get(value, article[1])
        owner = value.removesuffix("'s")
        said = self._say(owner, depth, budget)
        return f"{said}의 것" if owner != value and said != owner else said if owner == value else value


def _end_of_subject(text: str) -> int:
    """Where a name, or a call of it, ends that a text begins with; 0 where it begins with none."""
    name = _NAME.match(text)
    if name is None or name.group()[0].isupper():
        return 0
    end, deep = name.end(), 0
    if text[end : end + 1] == "(":
        for at, letter in enumerate(text[end : end + _LONGEST_CALL], end + 1):
            deep += {"(": 1, ")": -1}.get(letter, 0)
            if not deep:
                end = at
                break
    return end if not deep and text[end : end + 1] in (" ", ":") and text[end + 1 : end + 2] else 0


def _escaped(text: str) -> str:
    return text.replace("{{", "\0").replace("}}", "\1")


def _unescaped(text: str) -> str:
    return text.replace("\0", "{").replace("\1", "}")
