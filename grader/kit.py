"""A student's kit: the course's public files and the toolkit in one folder, and nothing of `solutions/`.

In: a course with its solutions, and a folder that is empty or not there. Out: files.
The rule: what goes in is named here, file by file or kind by kind; what nobody thought of stays out.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from grader.answers import FILE, stale_files
from grader.errors import UsageError
from grader.language import ENGLISH, Language, language
from grader.records import Assignment, Course
from grader.translations import ORIGINAL, catalogs, glossary, require_current, translated

_TOOLKIT = Path(__file__).parent
_TABLES = re.compile(r"\[+\s*(build-system|project|tool\.setuptools)\b")  # of pyproject.toml: what installing needs
_KINDS = {".css", ".html", ".ini", ".js", ".json", ".po", ".py", ".txt", ".typed"}  # of the toolkit's files

_README = """\
# {title}

{need}

    python -m pip install .

{then}

    grade start {first}        {start}
    grade {first}              {grade}

{read}

{assignments}

{leave}
"""
_READ = """\
Read `README.md` in the new folder, and write your code in the `.py` file or in the notebook. `grade list` names the
assignments, `grade --help` the rest. The hidden tests, which give the points, run when you hand in."""
_LEAVE = (
    "`assignments/` holds what `grade start` copies: leave it as it is. "
    "`datasets/README.md` says where data comes from."
)


def write_kit(course: Course, folder: Path) -> list[Path]:
    """Write a student's kit.

    Args:
        course: its assignments are built and up to date.
        folder: new or empty.

    Returns:
        The files written.

    Raises:
        UsageError: the folder is not empty, a built file or a translated handout is stale, or the toolkit's own
            checkout is not here.
        CourseError: a course file is wrong.
    """
    _require_empty(folder)
    stale = stale_files(course)
    if stale:
        raise UsageError(
            f"{len(stale)} built files are not up to date", where=str(stale[0]), fix="run `grade build`, and look"
        )
    require_current(course)
    files = {**_public_files(course), **toolkit_files(), **_readmes(course)}
    try:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise UsageError(
            f"the kit cannot be written: {error.strerror}",
            where=str(error.filename or folder),
            fix="name another folder: --kit DIR",
        ) from error
    return [folder / name for name in files]


def _require_empty(folder: Path) -> None:
    if os.path.lexists(folder) and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            "the kit's folder is not empty; nothing was written", where=str(folder), fix="name a new one: --kit DIR"
        )


def _public_files(course: Course) -> dict[Path, bytes]:
    names = [Path("assignments", "course.toml"), *about_course(course)]
    for assignment in course.assignments:
        names += [Path("assignments", assignment.folder, name) for name in handed_out(assignment)]
    return {name: (course.root / name).read_bytes() for name in names}


def about_course(course: Course) -> list[Path]:
    """The files that a course may have for its students, besides its assignments'."""
    data = Path("datasets")
    names = [data / "manifest.toml", data / ORIGINAL, *(data / name for name in translated(course.root / data))]
    names += [Path("assignments", name) for name in catalogs(course.root / "assignments")]
    names += [Path("assignments", glossary(language)) for language in course.languages]
    return [name for name in names if (course.root / name).is_file()]


def handed_out(assignment: Assignment) -> list[str]:
    """The files that every assignment has, in every language; a table of answers only where needed."""
    module = assignment.module
    names = [ORIGINAL, *translated(assignment.public), "assignment.toml"]
    names += [f"{module}.py", f"{module}.ipynb", "test_public.py", *catalogs(assignment.public)]
    return [*names, FILE] if (assignment.public / FILE).is_file() else names


def toolkit_files() -> dict[Path, bytes]:
    """Read what installing the toolkit needs: its licence, its package and the project file, linters left out.

    Raises:
        UsageError: the toolkit's own checkout is not here.
    """
    root = _TOOLKIT.parent
    try:
        files = {Path("LICENSE"): (root / "LICENSE").read_bytes()}
        project = (root / "pyproject.toml").read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(
            "the toolkit is installed without its project files, which a kit or bundle needs",
            where=str(error.filename),
            fix="build it with the toolkit's own checkout: `pip install -e .` there",
        ) from error
    files[Path("pyproject.toml")] = "".join(_installing(project)).encode()
    for path in sorted(_TOOLKIT.rglob("*")):
        name = path.relative_to(root)
        if path.suffix in _KINDS and not any(part.startswith((".", "__pycache__")) for part in name.parts):
            files[name] = path.read_bytes()
    return files


def _installing(project: str) -> Iterator[str]:
    """The lines of a pyproject.toml that installing needs: linters and their settings stay out."""
    kept = False
    for line in project.splitlines(keepends=True):
        if line.startswith("["):
            kept = _TABLES.match(line) is not None
        if kept:
            yield line


def _readmes(course: Course) -> dict[Path, bytes]:
    """The page that a kit begins with, in English and in each language of the handouts that is spoken here."""
    spoken = [told for code in course.languages if (told := language(code)) is not ENGLISH]
    pages = {Path(f"README.{told.code}.md"): _readme(course, told.of_course(course)).encode() for told in spoken}
    return {Path("README.md"): _readme(course, ENGLISH).encode(), **pages}


def _readme(course: Course, told: Language) -> str:
    say = told.say
    return _README.format(
        title=say(course.title),
        need=say("Python 3.11 or newer is all you need. In this folder, once:"),
        then=say("Then, for each assignment, in this folder too:"),
        first=course.assignments[0].id,
        start=say("a folder of your own with the handout, a stub and a notebook"),
        grade=say("runs the public tests on it; as often as you like"),
        read=say(_READ),
        assignments="\n".join(f"- {each.id}: {say(each.title)}" for each in course.assignments),
        leave=say(_LEAVE),
    )
