"""What goes into a bundle: the course cut down to one assignment, the toolkit, and texts from `templates/`.

In: a course and one assignment of it. Out: the content of each file, by its path below the bundle's course.
The rule: what goes in is named here. What is private is in `private_files` and nowhere else, so that a bundle whose
files students can read is one that does not call it.
"""

import hashlib
import json
import math
import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.errors import CourseError, UsageError
from grader.kit import about_course, handed_out, toolkit_files
from grader.records import Assignment, Course
from grader.translations import catalogs

Files = Mapping[Path, bytes]

_TEMPLATES = Path(__file__).with_name("templates")
_GRADESCOPE_MB = (768, 1_536, 3_072, 6_144, 12_288)  # what its settings offer
_TRUSTED_MB = 256  # the grader itself; with TensorFlow the neutral worker's share too
_TRUSTED_TENSORFLOW_MB = 1_024


class _Text(string.Template):
    delimiter = "@@"  # `$` and `%` are the shell's, `{{` is GitHub's


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What grading one submission may take on another machine."""

    memory_mb: int
    gradescope_mb: int  # the least of its settings that is enough
    minutes: int  # of a machine with a time limit of its own choice
    prairielearn_s: int  # 600 is its most


def needs_of(assignment: Assignment) -> Needs:
    """Say what to set: the grader's own memory and the most that a submission's limits allow."""
    heavy = bool(assignment.requires)
    limits = [assignment.limits, *(each.limits for each in assignment.questions if each.limits is not None)]
    memory = (_TRUSTED_TENSORFLOW_MB if heavy else _TRUSTED_MB) + max(each.memory_mb for each in limits)
    offered = next((each for each in _GRADESCOPE_MB if each >= memory), math.ceil(memory / 1_024) * 1_024)
    return Needs(
        memory_mb=memory,
        gradescope_mb=offered,
        minutes=30 if heavy else 10,
        prairielearn_s=600 if heavy else 300,
    )


def public_files(course: Course, assignment: Assignment) -> Files:
    """Read what students receive of one assignment, as a course of its own.

    Raises:
        CourseError: a file is missing.
    """
    names = [Path("assignments", assignment.folder, name) for name in handed_out(assignment)]
    names += about_course(course)
    listing = (
        f"title = {json.dumps(course.title, ensure_ascii=False)}\n"  # the seeds may hang on it
        f"assignments = [{json.dumps(assignment.folder)}]\n"
        f"languages = {json.dumps(course.languages)}\n"
    )
    return {Path("assignments", "course.toml"): listing.encode(), **{name: _read(course, name) for name in names}}


def private_files(course: Course, assignment: Assignment) -> Files:
    """Read what the hidden tests need: themselves, the reference, the misconceptions and the course's secret.

    Their titles and hints in other languages go with them, for what a student is shown.

    Raises:
        UsageError: the solutions are not in this course.
        CourseError: a file is missing.
    """
    if assignment.private is None:
        raise UsageError(
            f"{assignment.id} has no hidden tests here, and this bundle is made of them",
            where=f"solutions/{assignment.folder}/test_hidden.py",
            fix="bundle it in the course's own checkout",
        )
    folder = Path("solutions", assignment.folder)
    # What hidden tests may load lies beside them; alternatives are for the audit alone.
    beside = {path.name for path in assignment.private.glob("*.py")} - {"alternatives.py"}
    names = sorted({f"{assignment.module}.py", "test_hidden.py", *beside, *catalogs(assignment.private)})
    files = {folder / name: _read(course, folder / name) for name in names}
    if course.secret != hashlib.sha256(course.title.encode()).digest():
        files[Path("solutions", "course.secret")] = course.secret + b"\n"
    return files


def toolkit() -> Files:
    """Read the toolkit as it is installed from its own folder; its README is the bundle's.

    Raises:
        UsageError: the toolkit's own checkout is not here.
    """
    files = dict(toolkit_files())
    log = Path(__file__).parent.parent / "CHANGELOG.md"
    return {**files, Path("CHANGELOG.md"): log.read_bytes()} if log.is_file() else files


def text(template: str, words: Mapping[str, str]) -> bytes:
    """Fill in one of the texts in `templates/`; unix newlines, whatever the machine."""
    read = (_TEMPLATES / f"bundle_{template}.txt").read_text(encoding="utf-8")
    return _Text(read).substitute(words).replace("\r\n", "\n").encode()


def words_of(assignment: Assignment) -> dict[str, str]:
    """The words that the texts leave open."""
    needs = needs_of(assignment)
    return {
        "id": assignment.id,
        "title": assignment.title,
        "folder": assignment.folder,
        "module": assignment.module,
        "extra": "[tensorflow]" if "tensorflow" in assignment.requires else "",  # which of its builds, pyproject says
        "packages": "".join(f" {each}" for each in assignment.requires if each != "tensorflow"),
        "requires": ", ".join(assignment.requires) or "nothing beyond NumPy",
        # There is no TensorFlow for 3.14 yet.
        "newest": "13" if assignment.requires else "14",
        "imports": "import " + ", ".join(assignment.requires or ("numpy",)),
        "data": " ".join(data_of(assignment)),
        "memory": str(needs.memory_mb),
        "setting": f"{needs.gradescope_mb} MB",
        "minutes": str(needs.minutes),
        "seconds": str(needs.prairielearn_s),
    }


def data_of(assignment: Assignment) -> tuple[str, ...]:
    """The data sets that its models are judged on."""
    return tuple(dict.fromkeys(each.data for each in assignment.questions if each.data))


def _read(course: Course, name: Path) -> bytes:
    try:
        # As git checks out on Windows; a bundle runs elsewhere.
        return (course.root / name).read_bytes().replace(b"\r\n", b"\n")
    except FileNotFoundError as error:
        raise CourseError(
            "the course lacks a file that a bundle needs", where=name.as_posix(), fix="write it, or run `grade build`"
        ) from error
