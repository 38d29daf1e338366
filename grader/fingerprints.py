"""Owns what a test's verdict depends on beside the submission: after an edit only the tests that it touches run again.

In: an assignment's files, and the toolkit's own. Out: a fingerprint of each test, and one of the environment.
The rule: too much in a fingerprint costs a rerun, too little keeps a wrong score. So a test's has its own source, that
of the tests it builds on, and all that tests share: the rest of its file, every other file of the folder, the limits
and questions of `assignment.toml`, the toolkit. Comments and layout of Python files count nowhere.

The points of a question are no part of it: no verdict depends on them, and a test's own points stand in its decorator.
So is nothing that only `grade audit` reads, and no translation: a report is kept in English. A course file that is
loaded from outside the assignment's folder is not seen: name the folder's own files.
"""

import ast
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import metadata
from pathlib import Path

from grader.errors import CourseError
from grader.marks import N_
from grader.records import Assignment, IsolationLevel

_DIGITS = 32  # of hexadecimal: 128 bits
_AUDIT_ONLY = ("alternatives.py", "equivalent_mutants.txt", "README.md")
# What of the toolkit decides a verdict, or the words of its feedback.
_PACKAGES = ("checks", "neutral", "sandbox")
_MODULES = (
    *("collecting", "conversation", "intake/stateless", "planned", "plugin", "seeds", "services", "suite", "text"),
    "verdicts",
)

_Test = ast.FunctionDef | ast.AsyncFunctionDef


def test_fingerprints(assignment: Assignment, *, private: bool = True) -> Mapping[str, str]:  # noqa: PT028 - no test
    """Take the fingerprint of each test of an assignment.

    Args:
        assignment: whose.
        private: of the hidden tests; else of the public ones, whose answers come from `answers.json`.

    Returns:
        Test -> 32 hexadecimal digits, in the order of the file. A test that stands inside an `if` has none: it is run
        each time.

    Raises:
        CourseError: a file is missing, or does not parse.
    """
    folder, name = (assignment.private, "test_hidden.py") if private else (assignment.public, "test_public.py")
    if folder is None:
        raise CourseError(
            f"{assignment.id} has no hidden tests here",
            where=f"solutions/{assignment.folder}",
            fix=N_("grade where the course's solutions are"),
        )
    file = folder / name
    tests, rest = _split(_parse(file))
    files = list(_shared_files(folder, name)) if private else [assignment.public / "answers.json"]
    shared = _digest(
        [
            ast.dump(rest),
            *(part for path in files if path.is_file() for part in (path.name, _content(path))),
            _settings(assignment),
            toolkit_fingerprint(),
        ]
    )
    mentioned = {name: _mentioned(test, tests) for name, test in tests.items()}
    always = _mentioned(rest, tests)
    sources = {name: ast.dump(test) for name, test in tests.items()}
    return {
        name: _digest([shared, sources[name], *(sources[each] for each in _closure(name, always, mentioned))])
        for name in tests
    }


def environment_fingerprint(
    environment: Mapping[str, str], isolation: IsolationLevel, *, data: Sequence[str] = ()
) -> str:
    """Take the fingerprint of what the tests run under.

    Args:
        environment: a report's: name -> version.
        isolation: the level that submissions really run under.
        data: a report's: which images models are judged on.

    Returns:
        32 hexadecimal digits.
    """
    return _digest([json.dumps(sorted(environment.items())), isolation.value, json.dumps(list(data))])


def toolkit_fingerprint() -> str:
    """Take the fingerprint of the toolkit: its version, and the sources that decide a verdict."""
    try:
        version = metadata.version("cnn-autograde")
    except metadata.PackageNotFoundError:
        version = ""
    root = Path(__file__).parent
    files = [root / f"{name}.py" for name in _MODULES]
    for name in _PACKAGES:
        files += sorted((root / name).glob("*.py"))
    parts = (part for path in files for part in (path.relative_to(root).as_posix(), _bytes_digest(path)))
    return _digest([version, *parts])


def _parse(file: Path) -> ast.Module:
    try:
        return ast.parse(file.read_bytes(), filename=str(file))
    except OSError as error:
        raise CourseError(
            f"the course file {file.name} cannot be read: {error.strerror}", where=str(file), fix="check the name"
        ) from error
    except (SyntaxError, ValueError) as error:  # ValueError: a NUL in the file
        line = getattr(error, "lineno", None)
        raise CourseError(
            f"{file.name} does not parse: {error}",
            where=f"{file}, line {line}" if line else str(file),
            fix="run the file with Python and correct that line",
        ) from error


def _split(module: ast.Module) -> tuple[dict[str, _Test], ast.Module]:
    """Part the tests, as pytest finds them, from everything else; the tree is changed."""
    tests: dict[str, _Test] = {}
    holders: list[ast.Module | ast.ClassDef] = [module]
    holders += [each for each in module.body if isinstance(each, ast.ClassDef) and each.name.startswith("Test")]
    for holder in holders:
        found = [each for each in holder.body if isinstance(each, _Test) and each.name.startswith("test")]
        tests |= {each.name: each for each in found}
        holder.body = [each for each in holder.body if each not in found]
    return tests, module


def _mentioned(tree: ast.AST, tests: Mapping[str, _Test]) -> set[str]:
    """The tests that a tree names: in `builds_on("test_x")`, or by calling one."""
    words = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    words |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    words |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return words.intersection(tests)


def _closure(name: str, always: Iterable[str], mentioned: Mapping[str, set[str]]) -> list[str]:
    """Every test that a test leads to, itself left out, in the order of names."""
    found: set[str] = set()
    waiting = [name, *always]
    while waiting:
        for each in mentioned[waiting.pop()] - found:
            found.add(each)
            waiting.append(each)
    return sorted({*found, *always} - {name})


def _shared_files(folder: Path, test_file: str) -> Iterator[Path]:
    yield folder.parent / "conftest.py"  # pytest loads it, where a course has one
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        hidden = any(part.startswith((".", "__pycache__")) for part in inside.parts)
        if path.is_file() and not hidden and path.suffix != ".po" and str(inside) not in (test_file, *_AUDIT_ONLY):
            yield path


def _content(path: Path) -> str:
    return ast.dump(_parse(path)) if path.suffix == ".py" else _bytes_digest(path)


def _bytes_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _settings(assignment: Assignment) -> str:
    questions = tuple(replace(question, points=0.0, audit_seeds=None) for question in assignment.questions)
    return repr((assignment.module, assignment.limits, assignment.visibility, assignment.requires, questions))


def _digest(parts: Iterable[str]) -> str:
    # Each part goes in behind its length: ("ab", "c") and ("a", "bc") must differ.
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:_DIGITS]
