"""Reads a TOML file that a person wrote into a schema, and tells every slip with its place and remedy.

In: a file and a `msgspec.Struct` with `forbid_unknown_fields=True`. Out: an instance of it, or a `CourseError`.
The rule: strict. An unknown key is a typo to tell, not to ignore; no value is turned into another type.
"""

import enum
import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from grader.errors import CourseError
from grader.suggestions import did_you_mean

Schema = TypeVar("Schema", bound=msgspec.Struct)

# What msgspec calls a type, and what someone who writes TOML calls it.
_IN_TOML = {
    "array": "a list",
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "object": "a table",
    "str": "a text in quotes",
}
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`")
_WRONG_TYPE = re.compile(r"Expected `(\w+)`, got `(\w+)`")
_NOT_A_CHOICE = re.compile(r"Invalid enum value (.*)", re.DOTALL)
_STEP = re.compile(r"\.?([^.\[\]]+)|\[([0-9]+|\.\.\.)\]")


def read_toml(file: Path, schema: type[Schema], *, root: Path) -> Schema:
    """Read a file that must hold what the schema says, and nothing else.

    Args:
        file: the TOML file; UTF-8, with or without a byte order mark.
        schema: its struct forbids unknown fields.
        root: the folder that errors name the file from.

    Raises:
        CourseError: the file is missing, unreadable, not UTF-8 or not TOML, or a key is unknown, missing or of
            another type; it names the file, the line or key, and the remedy.
    """
    table = _parse(file, place(file, root=root))
    try:
        return msgspec.convert(table, schema)
    except msgspec.ValidationError as error:
        raise _explain(str(error), file, root, schema) from error


def place(file: Path, key: str = "", *, root: Path) -> str:
    """Name a file from the root, and a key in it: "assignments/course.toml, title"."""
    name = file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)
    return f"{name}, {key}" if key else name


def in_list(name: str, index: int, key: str = "") -> str:
    """Name a table of a list as its reader counts, from 1: "[[questions]] 2, points"."""
    return f"[[{name}]] {index + 1}" + (f", {key}" if key else "")


def _parse(file: Path, where: str) -> dict[str, Any]:
    try:
        # Some editors put a byte order mark in front, which TOML does not know.
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise CourseError("the file is missing", where=where, fix="create it") from error
    except OSError as error:
        raise CourseError(f"cannot be read: {error.strerror}", where=where, fix="make it a readable file") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise CourseError("a byte is not UTF-8", where=f"{where}, line {line}", fix="save the file as UTF-8") from error
    except ValueError as error:  # TOMLDecodeError, and what `int` says of a number with thousands of digits
        what, _, at = str(error).partition(" (at ")
        raise CourseError(
            f"this is not TOML: {what[:1].lower()}{what[1:]}",
            where=f"{where}, {at.removesuffix(')')}" if at else where,
            fix="correct that line; texts stand in quotes, lists in [ ]",
        ) from error


def _explain(message: str, file: Path, root: Path, schema: type[msgspec.Struct]) -> CourseError:
    what, _, path = message.rpartition(" - at `$") if " - at `$" in message else (message, "", "")
    path = path.removesuffix("`")
    if match := _UNKNOWN.fullmatch(what):
        keys = _keys(schema, path)
        fix = f"{did_you_mean(match[1], keys)} the keys here are {', '.join(keys)}".strip()
        return CourseError(
            f"unknown key `{match[1]}`", where=place(file, _spell(path, last="table"), root=root), fix=fix
        )
    if match := _MISSING.fullmatch(what):
        where = place(file, _spell(path, last="table"), root=root)
        return CourseError(f"the key `{match[1]}` is missing", where=where, fix=f"add a line `{match[1]} = ...`")
    where = place(file, _spell(path, last="value"), root=root)
    if match := _WRONG_TYPE.fullmatch(what):
        expected, got = (_IN_TOML.get(word, f"a {word}") for word in match.groups())
        return CourseError(f"this is {got}, not {expected}", where=where, fix=f"write {expected}")
    if match := _NOT_A_CHOICE.fullmatch(what):
        choices = _choices(schema, path)
        fix = f"{did_you_mean(match[1].strip(chr(39)), choices)} one of {', '.join(choices)}".strip()
        return CourseError(f"unknown value {match[1]}", where=where, fix=fix)
    return CourseError(what, where=where, fix="correct that key")


def _steps(path: str) -> list[str | int | None]:
    """Take a path of msgspec's apart: ".questions[0].points" is "questions", 0, "points"; None is any key."""
    return [name or (int(index) if index != "..." else None) for name, index in _STEP.findall(path)]


def _spell(path: str, *, last: str) -> str:
    """Write a path as its reader counts: "[[questions]] 1, points"."""
    steps = _steps(path)
    words: list[str] = []
    for position, step in enumerate(steps):
        is_table = position + 1 < len(steps) or last == "table"
        match step:
            case str():
                words.append(step)
            case int() if is_table:
                words[-1] = in_list(words[-1], step)
            case int():
                words.append(f"item {step + 1}")
            case None:
                words.append("one of its tables" if is_table else "one of its values")
    return ", ".join(words)


def _type_at(schema: type[msgspec.Struct], path: str) -> msgspec.inspect.Type:
    found = msgspec.inspect.type_info(schema)
    for step in _steps(path):
        if isinstance(step, str) and isinstance(found, msgspec.inspect.StructType):
            found = next(field.type for field in found.fields if field.encode_name == step)
        elif isinstance(found, msgspec.inspect.ListType):
            found = found.item_type
        elif isinstance(found, msgspec.inspect.DictType):
            found = found.value_type
    return found


def _keys(schema: type[msgspec.Struct], path: str) -> list[str]:
    found = _type_at(schema, path)
    return [field.encode_name for field in found.fields] if isinstance(found, msgspec.inspect.StructType) else []


def _choices(schema: type[msgspec.Struct], path: str) -> list[str]:
    found = _type_at(schema, path)
    members: type[enum.Enum] = found.cls if isinstance(found, msgspec.inspect.EnumType) else enum.Enum
    return [str(member.value) for member in members]
