"""Owns which handouts a course has in other languages, and whether each is of the English that stands there today.

In: a course's `languages` and the files of its assignments. Out: file names, and what is wrong with a translation.
An assignment's titles, sentences and hints are translated in catalogs: `ko.po`, one beside what a student has and one
beside the hidden tests.
The rule: a program cannot know that a translation is right, so none ever says it. The last line of `README.ko.md`,

    <!-- translates README.md 1a2b3c4d5e6f -->

is the digest of the text that a person has read it beside. Once the original changes the two differ, until a person
says that they agree again (`grade build --translated hw1`); a build never rewrites that line.

The first of a course's languages is the one of its `README.md`; the others have a `README.<language>.md` each.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.catalogs import read_catalog
from grader.errors import CourseError, UsageError
from grader.messages import messages_of
from grader.records import Assignment, Course
from grader.stublanguage import CONTEXT, pieces_of

ORIGINAL = "README.md"

_DIGITS = 12  # of hexadecimal: 48 bits tell one edit of a page from another
_NAME = re.compile(r"README\.([a-z]{2})\.md")
_CATALOG = re.compile(r"[a-z]{2}\.po")
_MARK = re.compile(r"<!-- translates README\.md ([0-9a-f]{12}) -->")
_ANY_MARK = re.compile(r"<!--\s*translates\b.*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """One translation that cannot be handed out as it is."""

    path: Path
    word: str  # missing, stale, unmarked, unlisted or incomplete
    fix: str

    def __str__(self) -> str:
        return f"{self.word}: {self.path} ({self.fix})"


def translated(folder: Path) -> list[str]:
    """Name the translated handouts that lie in an assignment's public folder, in order."""
    return sorted(path.name for path in folder.glob("README.*.md") if _NAME.fullmatch(path.name))


def handout_for(folder: Path, language: str) -> str:
    """Name the handout that a reader of a language is sent to: a translation where there is one, else the original."""
    name = f"README.{language}.md"
    return name if name in translated(folder) else ORIGINAL


def catalogs(folder: Path) -> list[str]:
    """Name the catalogs of translations that lie in a folder of an assignment, public or private, in order."""
    return sorted(path.name for path in folder.glob("*.po") if _CATALOG.fullmatch(path.name))


def glossary(language: str) -> str:
    """Name the file below `assignments/` that says which word a language has for which idea."""
    return f"GLOSSARY.{language}.md"


def digest_of(text: str) -> str:
    """Take the digest of a handout; line ends and blanks at its end do not count."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").rstrip()
    return hashlib.sha256(lines.encode()).hexdigest()[:_DIGITS]


def lapses(course: Course) -> list[Lapse]:
    """List the translations that are missing, stale, without a mark, or in a language that the course does not list.

    Raises:
        CourseError: a handout that is translated is missing, or is not UTF-8.
    """
    return [lapse for assignment in course.assignments for lapse in _lapses(assignment, course.languages)]


def catalog_lapses(course: Course) -> list[Lapse]:
    """List the catalogs that lack a text of their assignment, or translate one that nothing says any more.

    An assignment need not have catalogs: what is in none is shown in English.

    Raises:
        CourseError: a catalog is no PO file, or a course file is missing or does not parse.
    """
    own = course.root / "assignments"
    found = [lapse for name in catalogs(own) for lapse in _incomplete(own / name, {course.title})]
    return found + [lapse for assignment in course.assignments for lapse in _catalog_lapses(assignment)]


def hints_of(table: Path) -> Iterator[tuple[str, str]]:
    """Read the hints of an `answers.json`, which every student has: the id of each mistake, and its hint.

    There are none where there is no such file.

    Raises:
        CourseError: it is no table of answers.
    """
    if not table.is_file():
        return
    try:
        for answer in json.loads(table.read_bytes())["answers"].values():
            yield from ((known["id"], known["hint"]) for known in answer.get("mistakes", {}).values())
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise CourseError("this is no table of answers", where=str(table), fix="run `grade build`") from error


def require_current(course: Course) -> None:
    """Refuse to hand out a translation that says something else than the original.

    Raises:
        UsageError: there is one.
        CourseError: as `lapses`.
    """
    found = lapses(course)
    if found:
        raise UsageError(
            f"{len(found)} translated handouts are not up to date", where=str(found[0].path), fix=found[0].fix
        )


def mark_translated(course: Course, assignment: Assignment) -> list[Path]:
    """Note, because a person says so, that an assignment's translations are of its handout as it stands.

    Returns:
        The files that were changed; none where all of them said so already.

    Raises:
        UsageError: the course has one language, or a translation that it lists is not there. Nothing is changed.
        CourseError: a handout is missing, or is not UTF-8.
    """
    others = course.languages[1:]
    if not others:
        raise UsageError(
            f"this course has its handouts in one language, {course.languages[0]}",
            where="assignments/course.toml, languages",
            fix=f'list another: languages = ["{course.languages[0]}", "ko"]',
        )
    paths = [assignment.public / f"README.{language}.md" for language in others]
    for path in paths:
        if not path.is_file():
            raise UsageError("the translation is not there", where=str(path), fix="write it first")
    line = f"<!-- translates {ORIGINAL} {digest_of(_read(assignment.public / ORIGINAL))} -->"
    texts = {path: _read(path) for path in paths}
    marked = {path: f"{_unmarked(text)}\n\n{line}\n" for path, text in texts.items()}
    changed = [path for path in paths if marked[path] != texts[path]]
    for path in changed:
        path.write_bytes(marked[path].encode())
    return changed


def _lapses(assignment: Assignment, languages: tuple[str, ...]) -> Iterator[Lapse]:
    wanted = [f"README.{language}.md" for language in languages[1:]]
    again = f"compare it with {ORIGINAL}, then run `grade build --translated {assignment.id}`"
    for name in wanted:
        path = assignment.public / name
        if not path.is_file():
            yield Lapse(path=path, word="missing", fix=f"translate {ORIGINAL}")
            continue
        mark = _MARK.fullmatch(_read(path).rstrip().rpartition("\n")[2])
        if mark is None:
            yield Lapse(path=path, word="unmarked", fix=again)
        elif mark[1] != digest_of(_read(assignment.public / ORIGINAL)):
            yield Lapse(path=path, word="stale", fix=f"{ORIGINAL} has changed: {again}")
    for name in translated(assignment.public):
        if name not in wanted:
            fix = "add its language to `languages` in assignments/course.toml, or take it away"
            yield Lapse(path=assignment.public / name, word="unlisted", fix=fix)


def _catalog_lapses(assignment: Assignment) -> Iterator[Lapse]:
    public, private = assignment.public, assignment.private
    hints = {hint for _, hint in hints_of(public / "answers.json")}
    sides = [(public, {assignment.title, *hints, *_said(public / "test_public.py")})]
    if private is not None:
        sides.append((private, {*_said(private / "test_hidden.py"), *_said(private / "misconceptions.py")}))
    for folder, said in sides:
        for name in catalogs(folder):
            # A course may leave its stubs in English: one that says a piece of one in another language says all.
            if folder == public and any(context == CONTEXT for context, _ in read_catalog(folder / name)):
                said = said | _pieces(public / f"{assignment.module}.py") | _pieces(public / "test_public.py")
            yield from _incomplete(folder / name, said)


def _incomplete(path: Path, said: set[str]) -> Iterator[Lapse]:
    """What a catalog lacks, and what it has too much."""
    known = {msgid for _, msgid in read_catalog(path)}
    if lacking := sorted(said - known):
        yield Lapse(path=path, word="incomplete", fix=f"translate {_some(lacking)}")
    if surplus := sorted(known - said):
        yield Lapse(path=path, word="stale", fix=f"take out {_some(surplus)}, which nothing says")


def _said(source: Path) -> set[str]:
    if not source.is_file():
        return set()
    try:
        return {message.id for message in messages_of(_read(source))}
    except (SyntaxError, ValueError) as error:
        raise CourseError("the course file does not parse", where=str(source), fix="correct it") from error


def _pieces(source: Path) -> set[str]:
    try:
        return set(pieces_of(_read(source))) if source.is_file() else set()
    except (SyntaxError, ValueError) as error:
        raise CourseError(
            "the file does not parse", where=str(source), fix="correct it, or run `grade build`"
        ) from error


def _some(texts: list[str]) -> str:
    return f'"{texts[0]}"' + (f" and {len(texts) - 1} more" if len(texts) > 1 else "")


def _unmarked(text: str) -> str:
    """The text without the line that a person's word stands in, however that was spelt."""
    rest, _, last = text.rstrip().rpartition("\n")
    return rest.rstrip() if _ANY_MARK.fullmatch(last) else text.rstrip()


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError as error:
        raise CourseError("the handout is missing", where=str(path), fix="write it") from error
    except UnicodeDecodeError as error:
        raise CourseError("the handout is not UTF-8", where=str(path), fix="save it as UTF-8") from error
