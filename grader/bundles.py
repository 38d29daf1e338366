"""Writes what a grading platform takes: a folder or an archive whose scripts run there as they are.

In: a course, one assignment, the platform's name. Out: files in a new folder.
The rule: a bundle that lies where students can read it (GitHub, GitLab, Classroom 50) has no private file in it, and
says where hidden tests can come from instead. The same course gives the same bytes, archives included.

What a script of a bundle cannot do in a line of shell it asks `grader.onsite`, which is installed with the toolkit.
"""

import io
import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from grader import answers, authoring
from grader.bundlefiles import Files, data_of, private_files, public_files, text, toolkit, words_of
from grader.errors import UsageError
from grader.onsite import Platform
from grader.records import Assignment, Course
from grader.translations import require_current

_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip knows
_FILE, _SCRIPT = 0o100644, 0o100755


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bundle:
    """Files by path, and which of them are run."""

    files: Files
    scripts: frozenset[Path] = frozenset()


def write_bundle(
    course: Course, assignment: Assignment, platform: Platform, destination: Path, *, hidden: bool = False
) -> list[Path]:
    """Write a bundle of one assignment for one platform.

    Args:
        course: whose assignment it is; its built files are up to date.
        assignment: one of the course's.
        platform: who takes it.
        destination: a folder, new or empty.
        hidden: put the hidden tests into a Classroom 50 bundle too, although students can fetch it.

    Returns:
        The files written, in order.

    Raises:
        UsageError: the destination is not empty or cannot be written, a built file or a translated handout is stale,
            the hidden tests or the toolkit's own checkout are not here, or `hidden` is asked of a platform that does
            not take it.
        CourseError: a course file is missing.
    """
    _require_empty(destination)
    if hidden and platform is not Platform.CLASSROOM50:
        raise UsageError(
            f"a {platform} bundle does not take the option",
            where="--hidden",
            fix="leave it out: the bundle's README says where its hidden tests are",
        )
    # A table of answers is looked at where there is one: without it no test need be run.
    build = answers if (assignment.public / answers.FILE).is_file() else authoring
    alone = replace(course, assignments=(assignment,))
    stale = build.stale_files(alone)
    if stale:
        raise UsageError(
            f"{len(stale)} built files are not up to date",
            where=str(stale[0]),
            fix=f"run `grade build {assignment.id}`, and look",
        )
    require_current(alone)
    make = _readable_classroom50 if hidden else _MAKERS[platform]
    bundle = make(course, assignment)
    try:
        return [_write(destination / name, bundle, name) for name in sorted(bundle.files, key=Path.as_posix)]
    except OSError as error:
        raise UsageError(
            f"the bundle cannot be written: {error.strerror}",
            where=str(error.filename or destination),
            fix="name another folder: `grade bundle HW --for PLATFORM DIR`",
        ) from error


def zipped(files: Files, scripts: frozenset[Path]) -> bytes:
    """Make a zip that depends on nothing but its files: their order is their names', their time the same."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in sorted(files, key=Path.as_posix):  # not as Windows would sort paths
            entry = zipfile.ZipInfo(name.as_posix(), _TIME)
            entry.create_system = 3  # unix, where the mode below means something
            entry.external_attr = (_SCRIPT if name in scripts else _FILE) << 16
            # Not deflated: zlib's versions differ in what they make of the same bytes.
            archive.writestr(entry, files[name], zipfile.ZIP_STORED)
    return stream.getvalue()


def _require_empty(folder: Path) -> None:
    if os.path.lexists(folder) and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            "the bundle's folder is not empty; nothing was written",
            where=str(folder),
            fix="name a new one: `grade bundle HW --for PLATFORM DIR`",
        )


def _write(path: Path, bundle: _Bundle, name: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bundle.files[name])
    if name in bundle.scripts:
        path.chmod(0o755)
    return path


# --- what each platform takes -----------------------------------------------


def _gradescope(course: Course, assignment: Assignment) -> _Bundle:
    words = words_of(assignment)
    words["check"] = text("gradescope_import" if assignment.requires else "gradescope_reference", words).decode()
    readme = text("readme_gradescope", words)
    scripts = {
        Path(name): text(f"gradescope_{name.partition('.')[0]}", words) for name in ("run_autograder", "setup.sh")
    }
    inside = {
        **public_files(course, assignment),
        **private_files(course, assignment),
        **toolkit(),
        Path("README.md"): readme,
        **scripts,
    }
    archive = zipped(inside, frozenset(scripts))
    return _Bundle(files={Path("README.md"): readme, Path(f"{assignment.id}_gradescope.zip"): archive})


def _prairielearn(course: Course, assignment: Assignment) -> _Bundle:
    words = words_of(assignment)
    # Images are often public, so only what students have anyway is built into this one.
    data = data_of(assignment)
    fetching = text("prairielearn_data", words).decode() if data else ""
    readme, entrypoint = text("readme_prairielearn", words), Path("image", "entrypoint.sh")
    public = public_files(course, assignment)
    tests = {**public, **private_files(course, assignment)}
    files = {
        Path("README.md"): readme,
        Path("question", "info.json"): text("prairielearn_info", words),
        Path("image", "Dockerfile"): text("prairielearn_dockerfile", {**words, "fetching": fetching}),
        entrypoint: text("prairielearn_entrypoint", words),
        **_below(Path("question", "tests"), tests),
        **_below(Path("image", "toolkit"), {**toolkit(), Path("README.md"): readme}),
        **(_below(Path("image", "course"), public) if data else {}),
    }
    return _Bundle(files=files, scripts=frozenset({entrypoint}))


def _repository(course: Course, assignment: Assignment, platform: Platform, workflow: Path) -> _Bundle:
    """A student's repository: the kit of one assignment, a working copy, and what its CI runs."""
    words = words_of(assignment)
    public = public_files(course, assignment)
    handed_out = Path("assignments", assignment.folder)
    working = {Path(assignment.folder, name): public[handed_out / name] for name in authoring.working_files(assignment)}
    files = {
        **public,
        **working,
        **toolkit(),
        Path("README.md"): text(f"readme_{platform}", words),
        workflow: text(platform.value, words),
    }
    return _Bundle(files=files)


def _github(course: Course, assignment: Assignment) -> _Bundle:
    return _repository(course, assignment, Platform.GITHUB, Path(".github", "workflows", "grade.yml"))


def _gitlab(course: Course, assignment: Assignment) -> _Bundle:
    return _repository(course, assignment, Platform.GITLAB, Path(".gitlab-ci.yml"))


def _classroom50(course: Course, assignment: Assignment) -> _Bundle:
    return _autograder(
        assignment,
        public_files(course, assignment),
        isolation="best",
        secrecy="So only public tests are in them: they have no points, and the result is 0 of 0 with each test passed "
        "or not.\nPoints are given where students have no access: `grade batch`.",
    )


def _readable_classroom50(course: Course, assignment: Assignment) -> _Bundle:
    """With the hidden tests, for a classroom whose bundles no student can fetch."""
    return _autograder(
        assignment,
        {**public_files(course, assignment), **private_files(course, assignment)},
        isolation="confined",
        secrecy="THE HIDDEN TESTS AND THE REFERENCE ARE IN THEM, because `--hidden` was asked for. Publish this only "
        "where\nyou know that no student can fetch it.",
    )


def _autograder(assignment: Assignment, course_files: Files, *, isolation: str, secrecy: str) -> _Bundle:
    words = words_of(assignment) | {"isolation": isolation, "secrecy": secrecy}
    readme = text("readme_classroom50", words)
    script = {Path("autograder.py"): text("classroom50_autograder", words)}
    beside = {**course_files, **toolkit(), Path("README.md"): readme, **script}
    return _Bundle(files={Path("README.md"): readme, **_below(Path("autograders", assignment.id), beside)})


def _below(folder: Path, files: Files) -> Files:
    return {folder / name: content for name, content in files.items()}


_MAKERS: Mapping[Platform, Callable[[Course, Assignment], _Bundle]] = MappingProxyType(
    {
        Platform.GRADESCOPE: _gradescope,
        Platform.PRAIRIELEARN: _prairielearn,
        Platform.GITHUB: _github,
        Platform.GITLAB: _gitlab,
        Platform.CLASSROOM50: _classroom50,
    }
)
