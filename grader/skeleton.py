"""Writes an assignment to start from: both trees, complete, so small that its author reads it in five minutes.

In: a number that is free, a title, names of functions; a course, or an empty folder that becomes one. Out: files.
The rule: what is written passes its own audit before a word of it is changed, and nothing that exists is overwritten;
`course.toml` alone is added to, comments and all. The texts themselves are in `templates/`.
"""

import contextlib
import keyword
import os
import re
import string
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from grader.answers import build_files
from grader.authoring import write_built
from grader.course import POINTS, find_course, read_course
from grader.errors import CourseError, UsageError
from grader.records import Course

MOST_FUNCTIONS = 10

_TEMPLATES = Path(__file__).with_name("templates")
_NUMBER = re.compile(r"(?:hw)?0*([0-9]{1,2})", re.IGNORECASE)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_ELEMENT = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|#[^\n]*|\]")  # of an array: a string, a comment, its end
_SHARES = (0.35, 0.25, 0.25, 0.15)  # of a function's points, for its four tests
_NEW_COURSE = """\
# The course that `grade` finds from any folder below this one's parent.
title = "A course of assignments"
# Folder names under assignments/ and solutions/, in the order of the course.
assignments = []
"""
# What is written once, and what once for each function and joined.
_PUBLIC = {"README.md": "row", "assignment.toml": "question", "test_public.py": "public"}
_PRIVATE = {
    "MODULE.py": "function",
    "test_hidden.py": "hidden",
    "misconceptions.py": "misconception",
    "alternatives.py": "alternative",
}


def write_assignment(
    wanted: str,
    *,
    title: str,
    functions: Sequence[str],
    course: Path | None,
    here: Path,
    environ: Mapping[str, str],
) -> tuple[Path, list[Path]]:
    """Write a new assignment, build it, and add it to its course.

    Args:
        wanted: its number, "hw14" or "14".
        title: in words; the module is named after it, or after the first function where it is not ASCII.
        functions: what a student writes; none: one of the module's name.
        course: the course's folder, or a new or empty one; None: the course found from `here` upward.
        here: where the search begins.
        environ: as for `find_course`.

    Returns:
        The course's root, and the files written.

    Raises:
        UsageError: the number is taken, a name is not usable, or something is in the way. Nothing is left behind.
        CourseError: the course's own files are wrong.
    """
    number = _parse_number(wanted)
    module = _module_of(title, functions)
    names = _check_functions(functions or (module,))
    root, new = _find_root(course, here, environ)
    folder = f"hw{number:02}_{module}"
    with contextlib.ExitStack() as undo:
        if new:
            _write(root / "assignments" / "course.toml", _NEW_COURSE, undo)
        found = read_course(root, secret=None)
        _require_free(found, number, module, folder)
        files = {root / name: text for name, text in _texts(folder, module, f"hw{number}", title, names).items()}
        for path, text in files.items():
            _write(path, text, undo)
        listing = root / "assignments" / "course.toml"
        before = listing.read_text(encoding="utf-8")
        undo.callback(listing.write_text, before, encoding="utf-8")
        listing.write_text(add_to_course(before, folder), encoding="utf-8")
        assignment = next(each for each in read_course(root, secret=None).assignments if each.folder == folder)
        built = build_files(assignment)
        for path in built:
            undo.callback(path.unlink, missing_ok=True)
        write_built(built)
        undo.pop_all()
    return root, [*([listing] if new else []), *files, *built]


def add_to_course(text: str, folder: str) -> str:
    """Add a folder to the list in a `course.toml`, before the first of a higher number; the rest stays as it is.

    Raises:
        CourseError: the list is not written in a way that can be added to.
    """
    start = re.search(r"^assignments\s*=\s*\[", text, re.MULTILINE)
    wanted = tomllib.loads(text)
    wanted["assignments"] = sorted([*wanted["assignments"], folder], key=lambda name: name[:4])
    if start is not None:
        changed = _insert(text, start.end(), folder)
        if tomllib.loads(changed) == wanted:
            return changed
    raise CourseError(
        "the list of assignments cannot be added to",
        where="assignments/course.toml, assignments",
        fix=f'write it as `assignments = ["...", "{folder}"]`, in the order of the numbers',
    )


def _insert(text: str, start: int, folder: str) -> str:
    """Put the folder behind the last smaller one; on a line of its own where the others have theirs."""
    at, end = start, start
    for match in _ELEMENT.finditer(text, start):
        end = match.start()
        if match[0] == "]":
            break
        if match[0][0] != "#" and match[0][1:5] < folder[:4]:
            at = match.end()
    else:
        return text
    before, after = text[:at], text[at:]
    first = at == start
    if "\n" not in text[start:end]:
        more = end > at and text[at:end].strip(" ,") != ""
        return f'{before}{"" if first else ", "}"{folder}"{", " if first and more else ""}{after}'
    rest, _, below = after.partition("\n")
    indent = re.match(r"[ \t]*", below)[0] if below.lstrip(" \t")[:1] not in ("]", "") else "    "  # type: ignore[index]
    comma = "" if first or rest.lstrip().startswith(",") else ","
    return f'{before}{comma}{rest}\n{indent}"{folder}",\n{below}'


# --- names ------------------------------------------------------------------


def _parse_number(wanted: str) -> int:
    match = _NUMBER.fullmatch(wanted.strip())
    if match is None or int(match[1]) == 0:
        raise UsageError(f"`{wanted}` is not a number for an assignment", where="HW", fix="write hw1 to hw99")
    return int(match[1])


def _module_of(title: str, functions: Sequence[str]) -> str:
    if not title.strip() or not title.isprintable() or '"' in title or "\\" in title:
        raise UsageError("the title is not one line of words", where="--title", fix='for example --title "Pooling"')
    words = re.findall(r"[a-z0-9]+", title.lower())
    module = "_".join(words) if title.isascii() else ""
    for name in (module, *functions[:1]):
        if _NAME.fullmatch(name):
            return name
    raise UsageError(
        "no module can be named after this title", where="--title", fix="name a function too: --function NAME"
    )


def _check_functions(names: Sequence[str]) -> Sequence[str]:
    for name in names:
        if not _NAME.fullmatch(name) or keyword.iskeyword(name) or names.count(name) > 1:
            raise UsageError(
                f"`{name}` cannot name a function here",
                where="--function",
                fix="small letters, digits and underscores, each name once",
            )
    if len(names) > MOST_FUNCTIONS:
        raise UsageError(
            f"{len(names)} functions are too many", where="--function", fix=f"at most {MOST_FUNCTIONS} an assignment"
        )
    return names


def _find_root(course: Path | None, here: Path, environ: Mapping[str, str]) -> tuple[Path, bool]:
    """The course's folder, and whether it is still to become one."""
    if course is not None and (not os.path.lexists(course) or (course.is_dir() and not any(course.iterdir()))):
        return course.absolute(), True
    return find_course(here, explicit=course, environ=environ).root, False


def _require_free(course: Course, number: int, module: str, folder: str) -> None:
    for each in course.assignments:
        if each.number == number or each.module == module:
            raise UsageError(
                f"the course has {each.id} ({each.module}) already",
                where=str(course.root / "assignments" / each.folder),
                fix="take another number and title",
            )
    for tree in ("assignments", "solutions"):
        if os.path.lexists(course.root / tree / folder):
            raise UsageError(
                f"{tree}/{folder} exists already; nothing was written",
                where=str(course.root),
                fix="take another number, or remove the folder",
            )


# --- texts ------------------------------------------------------------------


def _texts(folder: str, module: str, id: str, title: str, functions: Sequence[str]) -> dict[Path, str]:
    words = {"id": id, "module": module, "title": title, "folder": folder, "first": functions[0]}
    each = list(_of_functions(functions))
    texts = {}
    for tree, names in (("assignments", _PUBLIC), ("solutions", _PRIVATE)):
        for name, part in names.items():
            parts = "".join(_fill(f"{part}.txt", {**words, **values}) for values in each)
            path = Path(tree, folder, name.replace("MODULE", module))
            texts[path] = _fill(f"{name}.txt", {**words, "parts": parts.rstrip("\n")})
    return texts


def _of_functions(functions: Sequence[str]) -> Iterator[dict[str, str]]:
    for index, name in enumerate(functions):
        # Whole points, 100 in all, whatever the number of functions.
        points = int(POINTS) // len(functions) + (index < int(POINTS) % len(functions))
        shares = [int(points * share) for share in _SHARES[1:]]
        ordinary = points - sum(shares)
        yield {
            "function": name,
            "points": str(points),
            **{f"points{number}": str(share) for number, share in enumerate([ordinary, *shares], 1)},
        }


def _fill(template: str, words: Mapping[str, str]) -> str:
    text = (_TEMPLATES / template).read_text(encoding="utf-8")
    return string.Template(text).substitute(words)


def _write(path: Path, text: str, undo: contextlib.ExitStack) -> None:
    """Write a file that is not there yet; what is undone takes the folders that this made with it."""
    try:
        for parent in (*reversed(path.parents), path.parent):
            if not parent.exists():
                parent.mkdir()
                undo.callback(_remove_empty, parent)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            undo.callback(path.unlink, missing_ok=True)
            file.write(text)
    except OSError as error:
        raise UsageError(
            f"the assignment cannot be written: {error.strerror}", where=str(path), fix="name another course: --course"
        ) from error


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):  # someone put a file there meanwhile
        folder.rmdir()
