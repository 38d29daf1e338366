"""Writes what students receive: the stubs of `assignments/` out of `solutions/`, and a student's working copy.

In: an `Assignment` or a `Course`. Out: files.
The rule: a built file is a function of its reference, so it is never edited by hand and `stale_files` can tell;
a student's file is the student's, so it is never overwritten.
"""

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from grader.errors import CourseError, UsageError
from grader.language import ENGLISH, Language
from grader.records import Assignment, Course
from grader.stublanguage import translate_stub
from grader.stubs import write_notebook, write_stub
from grader.translations import ORIGINAL, handout_for, translated


def build_assignment(assignment: Assignment) -> dict[Path, bytes]:
    """Make an assignment's stubs from its reference, without writing them.

    Returns:
        The content of `assignments/<folder>/<module>.py` and `.ipynb`, by path.

    Raises:
        UsageError: the assignment's solutions are not here.
        CourseError: the reference is missing, or its regions are wrong.
    """
    if assignment.private is None:
        raise UsageError(
            f"{assignment.id} cannot be built: its solutions are not in this course",
            where=f"solutions/{assignment.folder}/test_hidden.py",
            fix="build in the course's own checkout; a student's kit holds the stubs already",
        )
    file = f"solutions/{assignment.folder}/{assignment.module}.py"
    stub = write_stub(_read_reference(assignment.private / f"{assignment.module}.py", file), assignment, file=file)
    base = assignment.public / assignment.module
    return {
        base.with_suffix(".py"): stub.encode(),
        base.with_suffix(".ipynb"): write_notebook(stub, assignment).encode(),
    }


def buildable(course: Course) -> tuple[Assignment, ...]:
    """Pick the assignments whose solutions are here.

    Raises:
        UsageError: there are none; this is a student's kit.
    """
    assignments = tuple(assignment for assignment in course.assignments if assignment.private is not None)
    if not assignments:
        raise UsageError(
            "there is nothing to build: the course has no solutions",
            where=str(course.root / "solutions"),
            fix="build in the course's own checkout; a student's kit holds the stubs already",
        )
    return assignments


def write_built(files: Mapping[Path, bytes]) -> list[Path]:
    """Write built files, each as a whole or not at all; return those that were not up to date."""
    stale = unlike(files)
    for path in stale:
        _replace_file(path, files[path])
    return stale


def unlike(files: Mapping[Path, bytes]) -> list[Path]:
    """List those of the built files that are missing, or different, on disk."""
    return [path for path, content in files.items() if not path.is_file() or _lines_of(path) != content]


def stale_files(course: Course) -> list[Path]:
    """List the stubs that are missing, or differ from what their references would give now.

    Raises:
        UsageError: the course has no solutions to compare with.
        CourseError: a reference is missing, or its regions are wrong.
    """
    return [path for assignment in buildable(course) for path in unlike(build_assignment(assignment))]


def start_assignment(assignment: Assignment, destination: Path, reader: Language = ENGLISH) -> list[Path]:
    """Write a student's working copy: stub, notebook, handout in every language, and public tests.

    Args:
        assignment: its public files are copied; a student's kit has them all.
        destination: the folder, made where it is missing.
        reader: whose language stub, notebook and tests have: in English they are the course's files to the byte.

    Returns:
        The files written.

    Raises:
        UsageError: one of the files exists already, or the folder cannot be written. Then nothing is left behind.
        CourseError: the course lacks one of the public files.
    """
    files = {destination / name: _read_public(assignment, name) for name in working_files(assignment)}
    if reader is not ENGLISH:
        files |= {destination / name: content for name, content in _said(assignment, reader).items()}
    for path in files:
        if os.path.lexists(path):  # a broken link is someone's too
            raise _exists(path)
    with contextlib.ExitStack() as undo:
        try:
            if not destination.exists():
                destination.mkdir(parents=True, exist_ok=True)
                undo.callback(_remove_empty, destination)
            for path, content in files.items():
                with path.open("xb") as file:  # whoever comes between the look and here keeps their file
                    undo.callback(path.unlink, missing_ok=True)
                    file.write(content)
        except FileExistsError as error:
            raise _exists(Path(error.filename)) from error
        except OSError as error:
            raise UsageError(
                f"the working copy cannot be written: {error.strerror}",
                where=str(error.filename or destination),
                fix=f"name another folder: `grade start {assignment.id} DIR`",
            ) from error
        undo.pop_all()
    return list(files)


def working_files(assignment: Assignment) -> list[str]:
    """Name what a student's working copy holds."""
    module, others = assignment.module, translated(assignment.public)
    return [f"{module}.py", f"{module}.ipynb", ORIGINAL, *others, "test_public.py"]


def _said(assignment: Assignment, reader: Language) -> dict[str, bytes]:
    """The stub, its notebook and the tests in a reader's language; none where one of them is no plain Python."""
    module = f"{assignment.module}.py"
    told = reader.of(assignment)

    def term(context: str, text: str) -> str:
        said = told.term(context, text)
        return said if said != text else told.term("", text)  # a test's title is a message without a context

    def translate(name: str) -> str:
        return translate_stub(_read_public(assignment, name).decode().replace("\r\n", "\n"), term, told.say)

    try:
        stub, tests = translate(module), translate("test_public.py")
    except (SyntaxError, ValueError):  # whoever made this kit by hand meets it in the grader's words, not here
        return {}
    handout = handout_for(assignment.public, reader.code)
    notebook = write_notebook(stub, assignment, lambda *text: told.term(*text).replace(ORIGINAL, handout))
    return {module: stub.encode(), f"{assignment.module}.ipynb": notebook.encode(), "test_public.py": tests.encode()}


def _read_reference(path: Path, file: str) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError as error:
        raise CourseError(
            "the reference is missing", where=file, fix="write it, or correct the folder's name"
        ) from error
    except UnicodeDecodeError as error:
        raise CourseError("the reference is not UTF-8", where=file, fix="save it as UTF-8") from error


def _lines_of(path: Path) -> bytes:
    return path.read_bytes().replace(b"\r\n", b"\n")  # as git checks out on Windows


def _replace_file(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        temporary.chmod(0o644)  # mkstemp's files are their owner's alone
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _read_public(assignment: Assignment, name: str) -> bytes:
    try:
        return (assignment.public / name).read_bytes()
    except FileNotFoundError as error:
        built = Path(name).stem == assignment.module
        raise CourseError(
            f"the course lacks a file that {assignment.id} hands out",
            where=f"assignments/{assignment.folder}/{name}",
            fix=f"run `grade build {assignment.id}`" if built else "write it",
        ) from error


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):  # someone put a file there meanwhile
        folder.rmdir()


def _exists(path: Path) -> UsageError:
    return UsageError(
        f"`{path.name}` exists already; nothing was written",
        where=str(path),
        fix="go on working in that folder, or name another: `grade start HW DIR`",
    )
