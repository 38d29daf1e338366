"""A slip in a TOML file is told with its place and remedy."""

import enum
from pathlib import Path

import msgspec
import pytest

from grader.errors import CourseError
from grader.strict_toml import in_list, place, read_toml


class Colour(enum.StrEnum):
    RED = "red"
    GREEN = "green"


class Row(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    name: str
    points: float


class Table(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    title: str
    rows: list[Row] = []
    tags: list[str] = []
    by_name: dict[str, Row] = {}
    colour: Colour = Colour.RED


def read(folder: Path, content: str | bytes) -> Table:
    file = folder / "table.toml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_toml(file, Table, root=folder)


def told(folder: Path, content: str | bytes) -> CourseError:
    with pytest.raises(CourseError) as caught:
        read(folder, content)
    return caught.value


def test_a_right_file_is_read(tmp_path: Path) -> None:
    table = read(tmp_path, 'title = "t"\ncolour = "green"\n[[rows]]\nname = "r"\npoints = 3\n')

    assert table == Table(title="t", rows=[Row(name="r", points=3.0)], colour=Colour.GREEN)


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    """Notepad writes both."""
    assert read(tmp_path, b'\xef\xbb\xbftitle = "t"\r\n').title == "t"


@pytest.mark.parametrize(
    ("content", "what", "where", "fix"),
    [
        ('titel = "t"', "unknown key `titel`", "table.toml", "did you mean `title`? the keys here are title, rows"),
        (
            'title = "t"\n[[rows]]\nname = "a"\npoints = 1\n[[rows]]\nname = "b"\npoins = 1',
            "unknown key `poins`",
            "table.toml, [[rows]] 2",
            "did you mean `points`? the keys here are name, points",
        ),
        (
            'title = "t"\n[[rows]]\nname = "a"',
            "the key `points` is missing",
            "table.toml, [[rows]] 1",
            "`points = ...`",
        ),
        (
            'title = "t"\n[[rows]]\nname = "a"\npoints = "3"',
            "this is a text in quotes, not a number",
            "table.toml, [[rows]] 1, points",
            "write a number",
        ),
        ('title = "t"\n[rows]\na = 1', "this is a table, not a list", "table.toml, rows", "write a list"),
        ("title = 3", "this is a whole number, not a text in quotes", "table.toml, title", "write a text in quotes"),
        ("title = 2026-11-24", "this is a date, not a text in quotes", "table.toml, title", "write a text"),
        (
            'title = "t"\ntags = ["a", 1]',
            "this is a whole number",
            "table.toml, tags, item 2",
            "write a text in quotes",
        ),
        (
            'title = "t"\ncolour = "gren"',
            "unknown value 'gren'",
            "table.toml, colour",
            "did you mean `green`? one of red, green",
        ),
        (
            'title = "t"\n[by_name.x]\nname = "a"\npoins = 1',
            "unknown key `poins`",
            "table.toml, by_name, one of its tables",
            "did you mean `points`?",
        ),
        ("title = \n", "this is not TOML: invalid value", "table.toml, line 1, column 9", "correct that line"),
        ('title = "t', "this is not TOML", "table.toml, ", "texts stand in quotes"),
        ('title = "t"\ntitle = "u"', "cannot overwrite a value", "table.toml", "correct that line"),
        (b'title = "t"\n# \xb1\xe8', "a byte is not UTF-8", "table.toml, line 2", "save the file as UTF-8"),
        (f"title = {'9' * 5000}", "this is not TOML", "table.toml", "correct that line"),
    ],
)
def test_a_slip_is_told_with_its_place_and_remedy(
    tmp_path: Path, content: str | bytes, what: str, where: str, fix: str
) -> None:
    error = told(tmp_path, content)

    assert what in error.what
    assert error.where.startswith(where)
    assert fix in error.fix


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="missing") as caught:
        read_toml(tmp_path / "assignments" / "course.toml", Table, root=tmp_path)

    assert caught.value.where == "assignments/course.toml"


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "table.toml").mkdir()

    with pytest.raises(CourseError, match="cannot be read"):
        read_toml(tmp_path / "table.toml", Table, root=tmp_path)


def test_a_place_outside_the_root_keeps_its_whole_path(tmp_path: Path) -> None:
    assert place(tmp_path / "a.toml", "key", root=tmp_path / "b") == f"{tmp_path / 'a.toml'}, key"


def test_a_table_of_a_list_is_counted_from_1() -> None:
    assert in_list("questions", 0, "points") == "[[questions]] 1, points"
