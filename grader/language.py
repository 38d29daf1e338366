"""Owns in which language a person is told something: English, or Korean by the catalogs.

In: a text as the toolkit or a grader made it, in English. Out: the same in the reader's language.
The rule: English is what is made, kept and hashed; a text is translated where it is shown, and what is not recognised
is shown as it is: so a student's own text passes unchanged.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from grader.catalogs import read_catalog
from grader.messages import HINT
from grader.recognition import Recogniser
from grader.records import Assignment, Course, Notice, Report, TestResult

LANGUAGES: Mapping[str, str] = {"en": "English", "ko": "한국어"}

_OWN = Path(__file__).parent / "locale"
_REMEMBERED = 2_000


class Language:
    """What a person is told in: English without a catalog, another language by its catalogs."""

    def __init__(
        self, code: str, entries: Mapping[tuple[str, str], str], hints: Mapping[tuple[str, str], str] | None = None
    ) -> None:
        self.code = code
        self._entries = entries
        self._hints = hints or {}  # by assignment and misconception
        self._recogniser = Recogniser(
            {msgid: said for (context, msgid), said in entries.items() if not context or context.startswith(HINT)}
        )
        self._said: dict[str, str] = {}

    def with_catalogs(self, paths: Iterable[Path]) -> "Language":
        """The same language with further catalogs: a course's own.

        Raises:
            CourseError: one of them is no catalog.
        """
        return self._with(("", path) for path in paths)

    def of(self, *assignments: Assignment) -> "Language":
        """The same language with assignments' catalogs: of what is handed out and, where they are here, of tests."""
        return self._with(
            (each.id, folder / f"{self.code}.po")
            for each in assignments
            for folder in (each.public, each.private)
            if folder is not None
        )

    def of_course(self, course: Course) -> "Language":
        """The same language with the catalogs of a course: its title's, and its assignments'."""
        return self.with_catalogs([course.root / "assignments" / f"{self.code}.po"]).of(*course.assignments)

    def _with(self, catalogs: Iterable[tuple[str, Path]]) -> "Language":
        if self is ENGLISH:
            return self
        entries, hints = dict(self._entries), dict(self._hints)
        for assignment, path in catalogs:
            more = read_catalog(path)
            entries.update(more)
            ids = ((context, said) for (context, _), said in more.items() if context.startswith(HINT))
            hints |= {(assignment, context.removeprefix(HINT)): said for context, said in ids}
        same = entries == self._entries and hints == self._hints
        return self if same else Language(self.code, entries, hints)

    def report(self, report: Report) -> Report:
        """A report whose texts are in this language; its outcomes, scores and names of tests are the same."""
        if self is ENGLISH:
            return report
        return replace(
            report,
            title=self.say(report.title),
            rejected=self.say(report.rejected),
            data=tuple(map(self.say, report.data)),
            notices=tuple(Notice(text=self.say(each.text), where=self.say(each.where)) for each in report.notices),
            results=tuple(self._result(each, report.assignment) for each in report.results),
        )

    def _result(self, result: TestResult, assignment: str) -> TestResult:
        title = self.say(result.case.title) if result.case.title else ""
        return replace(
            result,
            case=replace(result.case, title=title),
            feedback=self.say(result.feedback),
            hint=self.hint(result.hint, assignment=assignment, id=result.hint_id),
        )

    def hint(self, text: str, *, assignment: str, id: str) -> str:
        """Say a hint by its misconception's id, so that one worded anew since is still known; else by its text."""
        return self._hints.get((assignment, id)) or self.say(text)

    def label(self, word: str) -> str:
        """Say a word that stands at a fixed place on a screen: "pass", "hint"."""
        return self.term("label", word)

    def term(self, context: str, word: str) -> str:
        """Say a word of its own context: of a help page ("help"), of a page ("page"), a class of images ("class")."""
        return self._entries.get((context, word), word)

    def say(self, text: str) -> str:
        """Say a text in this language, as far as it is recognised."""
        if self is ENGLISH or not text:
            return text
        if (said := self._said.get(text)) is None:
            said = self._recogniser.say(text)
            if len(self._said) < _REMEMBERED:
                self._said[text] = said
                self._said.setdefault(said, said)  # what was said is not said again: a submission's words stay in it
        return said


ENGLISH = Language("en", {})


@cache
def language(code: str) -> Language:
    """A language by its code, with what the toolkit says in it; a code that is not known is English."""
    if code == "en" or code not in LANGUAGES:
        return ENGLISH
    return Language(code, read_catalog(_OWN / code / "LC_MESSAGES" / "grader.po"))


def unwritten(message: str) -> str:
    """What an untouched function of a stub raises, in the English that is kept; any other message as it is."""
    name = re.match(r"[A-Za-z_][A-Za-z0-9_.]*", message)
    if name is None or message.isascii():
        return message
    english = f"{name.group()} is not written yet"
    return english if any(language(code).say(english) == message for code in LANGUAGES) else message


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
