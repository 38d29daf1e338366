"""Finds the course and reads its files into validated records, once.

In: a folder, `assignments/course.toml` and each `assignment.toml`. Out: `Course` and `Assignment`.
The rule: whatever could make a grade wrong later (a typo, points that do not add up, two folders of one number)
is told now, with file, key and remedy; nothing is repaired or guessed.

Who knows the secret can compute every student's inputs. A course that is really graded sets its own, in the
variable GRADE_SECRET or as the one line of `solutions/course.secret`, which git ignores. Elsewhere it is drawn from
the title: the seeds then replay everywhere, and are nobody's secret.
"""

import dataclasses
import hashlib
import keyword
import math
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import msgspec

from grader.errors import CourseError, UsageError
from grader.records import Assignment, Course, Limits, Question, Visibility
from grader.strict_toml import in_list, place, read_toml
from grader.suggestions import did_you_mean

POINTS = 100.0  # of every assignment

_FOLDER = re.compile(r"hw([0-9]{2})_([a-z][a-z0-9_]*)")
_PACKAGE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_MOST_MODELS = 9  # of one question
_SECRET = Path("solutions", "course.secret")

# From least to most. A limit outside is a slip (milliseconds for seconds, bytes for megabytes), not a wish.
_LIMITS: Mapping[str, tuple[float, float]] = {
    "wall_s": (0.1, 3600),
    "cpu_s": (0.1, 3600),
    "import_s": (0.1, 3600),
    "memory_mb": (64, 65536),
    "output_kb": (1, 10240),
    "processes": (1, 1024),
    "reply_mb": (1, 1024),
}


class _CourseFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    title: str
    assignments: list[str]
    languages: list[str] = msgspec.field(default_factory=lambda: ["en"])


class _QuestionTable(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    name: str
    points: float
    wall_s: float | None = None
    cpu_s: float | None = None
    audit_seeds: int | None = None
    file: str = ""
    count: int = 1
    data: str = ""
    floor: float | None = None
    target: float | None = None
    generated_floor: float | None = None
    generated_target: float | None = None


# The fields of `Limits` with its defaults: the record stays the only list of them.
_LimitsTable = msgspec.defstruct(
    "_LimitsTable",
    [(field.name, cast("type", field.type), field.default) for field in dataclasses.fields(Limits)],
    forbid_unknown_fields=True,
    kw_only=True,
)


class _AssignmentFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    title: str
    questions: list[_QuestionTable]
    visibility: Visibility = Visibility.HIDDEN
    recover_syntax: bool = True
    requires: list[str] = []
    limits: _LimitsTable = msgspec.field(default_factory=_LimitsTable)  # type: ignore[valid-type]


def find_course(start: Path, *, explicit: Path | None, environ: Mapping[str, str]) -> Course:
    """Find and read the course that someone who stands in `start` means.

    Args:
        start: where the search begins; it goes upward from there.
        explicit: what `--course` says, or None. It wins over everything.
        environ: GRADE_COURSE names a course, GRADE_SECRET is its secret. An empty one counts as unset.

    Raises:
        UsageError: there is no course where one was named, or none in `start` and above.
        CourseError: one of the course's files is wrong.
    """
    secret = environ.get("GRADE_SECRET", "").strip().encode("utf-8", "surrogateescape")
    return read_course(_find_root(start, explicit, environ.get("GRADE_COURSE", "")), secret=secret or None)


def read_course(root: Path, *, secret: bytes | None) -> Course:
    """Read the course under `root`, with every assignment that its `assignments/course.toml` lists.

    Args:
        root: the folder that holds `assignments/` and, unless it is a student's kit, `solutions/`.
        secret: keys the seeds; None takes `solutions/course.secret`, or the title where there is none.

    Raises:
        CourseError: a file is missing, or something in it is wrong; it names file, key and remedy.
    """
    file = root / "assignments" / "course.toml"
    table = read_toml(file, _CourseFile, root=root)
    _check_title(table.title, place(file, "title", root=root))
    _check_folders(table.assignments, place(file, "assignments", root=root))
    _check_languages(table.languages, place(file, "languages", root=root))
    assignments = tuple(_read_assignment(folder, root) for folder in table.assignments)
    secret = secret or _read_secret(root) or hashlib.sha256(table.title.encode()).digest()
    return Course(
        title=table.title, root=root, assignments=assignments, secret=secret, languages=tuple(table.languages)
    )


def find_assignment(course: Course, wanted: str) -> Assignment:
    """Find the assignment that `hw1`, `hw01`, `1`, `01`, `HW1`, its folder or its module names.

    Raises:
        UsageError: the course has no such assignment; the nearest is suggested, and all are listed.
    """
    word = wanted.strip().rstrip("/\\").lower()  # a shell completes a folder's name with a slash
    number = re.fullmatch(r"(?:hw)?0*([0-9]{1,2})", word)
    for assignment in course.assignments:
        if number is not None and assignment.number == int(number[1]):
            return assignment
        if word in (assignment.folder, assignment.module):
            return assignment
    known = [name for each in course.assignments for name in (each.id, each.module, each.folder)]
    listed = ", ".join(f"{each.id} ({each.module})" for each in course.assignments) or "no assignment yet"
    raise UsageError(
        f"the course has no assignment `{wanted}`",
        where=str(course.root),
        fix=f"{did_you_mean(wanted, known)} the course has {listed}".strip(),
    )


def _find_root(start: Path, explicit: Path | None, variable: str) -> Path:
    named = explicit if explicit is not None else Path(variable) if variable else None
    if named is not None:
        root = _root_at(named.absolute())
        if root is None:
            raise UsageError(
                f"`{named}` is not a course: it has no assignments/course.toml",
                where="--course" if explicit is not None else "the environment variable GRADE_COURSE",
                fix="name the folder that holds the course's assignments/",
            )
        return root
    for folder in (start.absolute(), *start.absolute().parents):
        if (root := _root_at(folder)) is not None:
            return root
    raise UsageError(
        "there is no course here or in a folder above",
        where=str(start),
        fix="go to the folder that holds assignments/course.toml, or name it with --course DIR or GRADE_COURSE",
    )


def _root_at(folder: Path) -> Path | None:
    if (folder / "assignments" / "course.toml").is_file():
        return folder
    return folder.parent if folder.name == "assignments" and (folder / "course.toml").is_file() else None


def _check_title(title: str, where: str) -> None:
    if not title.strip() or not title.isprintable():
        raise CourseError("the title is empty or has more than one line", where=where, fix="give it one line of words")


def _check_languages(languages: Sequence[str], where: str) -> None:
    fix = 'write two small letters for each, that of README.md first: languages = ["en", "ko"]'
    if not languages:
        raise CourseError("there is no language", where=where, fix=fix)
    for index, language in enumerate(languages):
        if not re.fullmatch(r"[a-z]{2}", language):
            raise CourseError(f"`{language}` is not a language", where=where, fix=fix)
        if language in languages[:index]:
            raise CourseError(f"`{language}` is listed twice", where=where, fix="take one off the list")


def _check_folders(folders: Sequence[str], where: str) -> None:
    seen: dict[str, str] = {}  # a number or a module -> the folder that has it
    for folder in folders:
        match = _FOLDER.fullmatch(folder)
        if match is None or match[1] == "00":
            raise CourseError(
                f"`{folder}` is not the name of an assignment's folder",
                where=where,
                fix="name it hw, two digits, an underscore and the module, in small letters: hw01_convolution",
            )
        _check_module(match[2], folder, where)
        for key, what in ((match[1], f"number {int(match[1])}"), (match[2], f"module `{match[2]}`")):
            if key in seen:
                again = "is listed twice" if seen[key] == folder else f"and `{seen[key]}` have the same {what}"
                raise CourseError(f"`{folder}` {again}", where=where, fix="take one off the list, or rename it")
            seen[key] = folder


def _check_module(module: str, folder: str, where: str) -> None:
    # A student's `types.py` would stand in the way of the standard library's, at home and in the worker.
    if keyword.iskeyword(module) or module in sys.stdlib_module_names:
        raise CourseError(
            f"`{folder}` asks for a file {module}.py, which is Python's own name", where=where, fix="rename it"
        )


def _read_assignment(folder: str, root: Path) -> Assignment:
    public, private = root / "assignments" / folder, root / "solutions" / folder
    file = public / "assignment.toml"
    if not public.is_dir():
        beside = [path.name for path in public.parent.iterdir() if path.is_dir()]
        raise CourseError(
            f"the folder assignments/{folder} is missing",
            where=place(public.parent / "course.toml", "assignments", root=root),
            fix=f"{did_you_mean(folder, beside)} create it, or take it off the list".strip(),
        )
    table = read_toml(file, _AssignmentFile, root=root)
    _check_title(table.title, place(file, "title", root=root))
    _check_requires(table.requires, place(file, "requires", root=root))
    number = int(folder[2:4])
    limits = _limits(msgspec.structs.asdict(cast("msgspec.Struct", table.limits)), file, root)
    return Assignment(
        id=f"hw{number}",
        number=number,
        title=table.title,
        folder=folder,
        module=folder[5:],
        questions=_questions(table.questions, number, limits, file, root),
        limits=limits,
        visibility=table.visibility,
        recover_syntax=table.recover_syntax,
        requires=tuple(table.requires),
        public=public,
        private=private if (private / "test_hidden.py").is_file() else None,
    )


def _check_requires(packages: Sequence[str], where: str) -> None:
    for package in packages:
        if not _PACKAGE.fullmatch(package):
            raise CourseError(f"`{package}` is not a package", where=where, fix='name what is imported: ["tensorflow"]')


def _questions(
    tables: Sequence[_QuestionTable], number: int, limits: Limits, file: Path, root: Path
) -> tuple[Question, ...]:
    seen: set[str] = set()
    for index, table in enumerate(tables):
        where = place(file, in_list("questions", index, "name"), root=root)
        if not table.name.isidentifier() or keyword.iskeyword(table.name):
            raise CourseError(
                f"`{table.name}` is not a function's name", where=where, fix="name a function of the module"
            )
        if table.name in seen:
            raise CourseError(f"the question `{table.name}` is there twice", where=where, fix="join the two")
        seen.add(table.name)
        if not (math.isfinite(table.points) and table.points > 0):
            where = place(file, in_list("questions", index, "points"), root=root)
            raise CourseError(f"`{table.name}` has {table.points:g} points", where=where, fix="give it more than 0")
        if table.audit_seeds is not None and table.audit_seeds < 1:
            where = place(file, in_list("questions", index, "audit_seeds"), root=root)
            raise CourseError(
                f"the `audit_seeds` of `{table.name}` are {table.audit_seeds}", where=where, fix="give 1 or more"
            )
        _check_model(table, place(file, in_list("questions", index, "file"), root=root))
    total = math.fsum(table.points for table in tables)
    if not math.isclose(total, POINTS):
        raise CourseError(
            f"the questions of hw{number} add up to {total:g} points, a course's assignment has {POINTS:g}",
            where=place(file, "questions", root=root),
            fix="change `points` so that they do",
        )
    return tuple(_question(table, limits, file, root) for table in tables)


def _question(table: _QuestionTable, limits: Limits, file: Path, root: Path) -> Question:
    own = {name: value for name in ("wall_s", "cpu_s") if (value := getattr(table, name)) is not None}
    floor, target = table.floor or 0.0, table.target or 0.0
    return Question(
        name=table.name,
        points=table.points,
        limits=_limits(dataclasses.asdict(limits) | own, file, root) if own else None,
        file=table.file,
        count=table.count,
        data=table.data,
        floor=floor,
        target=target,
        generated_floor=floor if table.generated_floor is None else table.generated_floor,
        generated_target=target if table.generated_target is None else table.generated_target,
        audit_seeds=table.audit_seeds,
    )


def _check_model(table: _QuestionTable, where: str) -> None:
    """A trained model names its file, its data and what an accuracy earns; nothing else names any of them."""
    named = (table.data, table.floor, table.target)
    if not table.file:
        others = (*named, table.generated_floor, table.generated_target, table.count if table.count != 1 else None)
        if any(each not in ("", None) for each in others):
            raise CourseError(f"`{table.name}` names no file", where=where, fix='add file = "model" for model.keras')
        return
    if not re.fullmatch(r"[A-Za-z0-9_-]+", table.file):
        raise CourseError(f"`{table.file}` is not a file's name without its ending", where=where, fix='file = "model"')
    if not 1 <= table.count <= _MOST_MODELS:
        raise CourseError(
            f"`{table.name}` asks for {table.count} models", where=where, fix=f"ask for 1 to {_MOST_MODELS}"
        )
    if not all(each not in ("", None) for each in named):
        raise CourseError(
            f"`{table.name}` is a model's file, and does not say what its accuracy earns",
            where=where,
            fix='add data = "mnist", floor = 0.9 and target = 0.99',
        )
    for low, high in ((table.floor, table.target), (table.generated_floor, table.generated_target)):
        if low is not None and high is not None and not 0 <= low < high <= 1:
            raise CourseError(
                f"`{table.name}` has a floor of {low:g} and a target of {high:g}",
                where=where,
                fix="give accuracies from 0 to 1, the floor below the target",
            )


def _limits(values: Mapping[str, Any], file: Path, root: Path) -> Limits:
    for name, value in values.items():
        least, most = _LIMITS[name]
        if not least <= value <= most:  # NaN is outside too
            raise CourseError(
                f"the limit `{name}` is {value}",
                where=place(file, f"limits, {name}", root=root),
                fix=f"give it {least:g} to {most:g}; the unit is in the name",
            )
    return Limits(**values)


def _read_secret(root: Path) -> bytes | None:
    try:
        lines = (root / _SECRET).read_bytes().strip().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if len(lines) != 1:
        raise CourseError(
            f"the file has {len(lines)} lines",
            where=_SECRET.as_posix(),
            fix="write one line of random letters and digits, or delete the file",
        )
    return lines[0]
