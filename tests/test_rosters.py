"""A roster of any usual kind is read, and each row is a student or a listed rejection."""

import codecs
import contextlib
import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.cohort import Enrolled, Roster
from grader.errors import UsageError
from grader.rosters import Directory, match, read_roster
from grader.sheets import MAX_BYTES, guard, parse, render
from tests.cohorts import TEXTS, make_delivery, make_roster, make_student

PLAIN = (
    "id,name,email,login,section,language\n"
    "20240001,김민수,kim@example.edu,kim,A,ko\n"
    "20240002,Ada Lovelace,ada@example.edu,ada,B,en\n"
)

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Convolution (123),Final Score\n"
    ",,,,,Manual Posting,\n"
    "    Points Possible,,,,,100,(read only)\n"
    '"Kim, Minsu",4711,S1,kim,CNN 1,80,80\n'
    '"Lovelace, Ada",4712,S2,ada,CNN 1 and CNN 2,,\n'
    '"Student, Test",4799,,abcdef,CNN 1,,\n'
)


def read(folder: Path, content: str | bytes, *, encoding: str = "utf-8") -> Roster:
    file = folder / "roster.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return read_roster(file)


def told(folder: Path, content: str | bytes) -> UsageError:
    with pytest.raises(UsageError) as caught:
        read(folder, content)
    assert caught.value.where
    assert caught.value.fix
    return caught.value


def ids(roster: Roster) -> list[str]:
    return [student.id for student in roster.students]


def reasons(roster: Roster) -> list[tuple[str, str]]:
    return [(item.where, item.reason) for item in roster.rejected]


def test_a_plain_roster_gives_every_field(tmp_path: Path) -> None:
    roster = read(tmp_path, PLAIN)

    assert roster.students[0] == Enrolled(
        id="20240001", name="김민수", email="kim@example.edu", login="kim", section="A", language="ko"
    )
    assert ids(roster) == ["20240001", "20240002"]
    assert roster.rejected == ()
    assert roster.notices == ()
    assert roster.source == str(tmp_path / "roster.csv")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "utf-16-le"),
        (b"", "cp949"),
    ],
)
def test_every_usual_kind_of_csv_is_the_same_roster(
    tmp_path: Path, delimiter: str, newline: str, mark: bytes, encoding: str
) -> None:
    text = PLAIN.replace(",", delimiter).replace("\n", newline)

    roster = read(tmp_path, mark + text.encode(encoding))

    assert roster.students == read(tmp_path, PLAIN).students
    assert roster.rejected == ()


def test_a_guessed_encoding_is_told(tmp_path: Path) -> None:
    assert "CP949" in read(tmp_path, PLAIN, encoding="cp949").notices[0].text
    assert "CP1252" in read(tmp_path, "id,name\n1,M\xfcller\n".encode("cp1252")).notices[0].text


@pytest.mark.parametrize(
    "header",
    [
        "ID,Name,E-Mail",
        "Student ID,Full Name,Email Address",
        "SID,NAME,email_address",
        "학번,이름,이메일",
        "학 번,성명,전자우편",
        "Matrikelnummer,Vollständiger Name,E-Mail-Adresse",
        "学号,姓名,邮箱",
        "学籍番号,氏名,メールアドレス",
        "Número de ID,Nombre completo,Dirección de correo",
        unicodedata.normalize("NFD", "학번,이름,이메일"),
    ],
)
def test_columns_are_found_by_name_in_many_languages(tmp_path: Path, header: str) -> None:
    roster = read(tmp_path, f"{header}\n7,Kim,kim@example.edu\n")

    assert roster.students == (Enrolled(id="7", name="Kim", email="kim@example.edu"),)


@pytest.mark.parametrize(
    ("header", "row", "name"),
    [
        ("id,First name,Last name", "7,Ada,Lovelace", "Ada Lovelace"),
        ("학번,성,이름", "7,김,민수", "김민수"),
        ("id,Vorname,Nachname", "7,Ada,", "Ada"),
        ("id,nom,prénom", "7,Curie,Marie", "Marie Curie"),
    ],
)
def test_two_halves_of_a_name_are_joined(tmp_path: Path, header: str, row: str, name: str) -> None:
    assert read(tmp_path, f"{header}\n{row}\n").students[0].name == name


def test_a_canvas_export_is_read_without_its_own_rows(tmp_path: Path) -> None:
    roster = read(tmp_path, CANVAS)

    assert ids(roster) == ["S1", "S2"]
    assert roster.students[0].name == "Kim, Minsu"
    assert roster.students[0].others == {"sis_id": "S1", "canvas_id": "4711"}
    assert [where for where, _ in reasons(roster)] == [f"roster.csv, row {row}" for row in (2, 3, 6)]


def test_canvas_ids_are_used_where_a_student_has_no_sis_id(tmp_path: Path) -> None:
    """One kind of id for the whole class: two kinds could meet in one number."""
    assert ids(read(tmp_path, CANVAS.replace("S2", ""))) == ["kim", "ada"]
    assert ids(read(tmp_path, CANVAS.replace("S2", "").replace(",ada,", ",,"))) == ["4711", "4712"]


def test_moodles_participants_and_worksheets_are_read(tmp_path: Path) -> None:
    participants = read(
        tmp_path, '"First name","Last name","ID number","Email address",Groups\nAda,Lovelace,,a@b.c,G1\n'
    )
    worksheet = read(tmp_path, "식별자,성명,이메일 주소,상태,성적\n참가자12,김민수,kim@example.edu,-,\n")

    assert participants.students == (
        Enrolled(
            id="a@b.c",
            name="Ada Lovelace",
            email="a@b.c",
            section="G1",
            others={"first_name": "Ada", "last_name": "Lovelace"},
        ),
    )
    assert worksheet.students[0].others == {"moodle_id": "참가자12"}
    assert ids(worksheet) == ["kim@example.edu"]


def test_rows_that_are_no_student_are_listed_with_their_number(tmp_path: Path) -> None:
    roster = read(tmp_path, "id,name\n1,Kim\n,,\n,Nobody\n1,Kim again\n2,a,b\n2.0241E+09,Lee\n3,Park\n")

    assert ids(roster) == ["1", "3"]
    assert reasons(roster) == [
        ("roster.csv, row 3", "the row is blank"),
        ("roster.csv, row 4", "no id for Nobody; fill it in"),
        ("roster.csv, row 5", "the id 1 is already in row 2, which counts; give each student one row"),
        ("roster.csv, row 6", "3 cells under 2 column names; put a cell with a comma in quotes"),
        (
            "roster.csv, row 7",
            "a spreadsheet wrote the id as 2.0241E+09 and lost its digits; format the column as text and save again",
        ),
    ]


def test_two_spellings_of_one_id_are_one_student(tmp_path: Path) -> None:
    composed, loose = "가", unicodedata.normalize("NFD", "가")

    assert ids(read(tmp_path, f"id\n{composed}\n{loose}\nab\nAB\n")) == [composed, "ab"]


def test_what_spreadsheets_do_to_an_id_is_undone(tmp_path: Path) -> None:
    roster = read(tmp_path, 'sep=;\nid;name\n"=""0012""";Kim\n0013;\'=Lee\n')

    assert ids(roster) == ["0012", "0013"]
    assert roster.students[1].name == "=Lee"


def test_a_title_above_the_column_names_is_passed_over_and_told(tmp_path: Path) -> None:
    roster = read(tmp_path, "딥러닝 수강생 명단,,\n\n학번,이름,분반\n1,김민수,A\n")

    assert ids(roster) == ["1"]
    assert "2 rows above" in roster.notices[0].text


def test_columns_without_a_meaning_stay_with_the_student(tmp_path: Path) -> None:
    assert read(tmp_path, "id,Team,Notes\n1,red,\n").students[0].others == {"Team": "red"}


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "the file is empty"),
        ("\n \n,,\n", "the file is empty"),
        ("name,grade\nKim,3\n", "no column tells the students apart"),
        ("id,name\n", "no row of the roster is a student"),
        ("id,name\n,Kim\n", "no row of the roster is a student; roster.csv, row 2: no id for Kim"),
        (b"PK\x03\x04" + bytes(100), "a workbook or an archive"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "a workbook or an archive"),
        (bytes(range(256)) * 4, "this is no text"),
        (codecs.BOM_UTF8 + b"id\n\xff\n", "this is no text"),
        (codecs.BOM_UTF16_LE + b"i", "this is no text"),
        ('id,name\n1,"Kim\n2,Lee\n', "a quote is never closed"),
        ('id,name\n1,"Kim\n2,"Lee"\n', "a quote is never closed"),
    ],
)
def test_what_is_no_roster_is_a_clear_error(tmp_path: Path, content: str | bytes, what: str) -> None:
    assert what in told(tmp_path, content).what


@pytest.mark.parametrize("content", ["id\n" + "," * 30, "id" + "\n" * 12])
def test_more_rows_or_cells_than_a_class_has_are_refused(
    tmp_path: Path, content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty megabytes of commas would be gigabytes of cells."""
    monkeypatch.setattr("grader.sheets.MAX_ROWS", 10)
    monkeypatch.setattr("grader.sheets.MAX_CELLS", 20)

    assert "more than 10 rows or 20 cells" in told(tmp_path, content).what


def test_an_open_quote_is_told_with_its_row(tmp_path: Path) -> None:
    """Read leniently it would swallow every student after it."""
    assert told(tmp_path, 'id,name\n1,Lee\n2,"Kim\n3,Park\n').where == "roster.csv, row 3, column 2"


def test_a_file_that_cannot_be_read_is_a_clear_error(tmp_path: Path) -> None:
    fifo, huge = tmp_path / "fifo", tmp_path / "huge.csv"
    os.mkfifo(fifo)
    with huge.open("wb") as file:
        file.truncate(MAX_BYTES + 1)

    for path, what in (
        (tmp_path / "missing.csv", "No such file"),
        (tmp_path, "not an ordinary file"),
        (fifo, "not an ordinary file"),
        (huge, f"{MAX_BYTES + 1} bytes"),
        (Path("a\0b"), "null"),
    ):
        with pytest.raises(UsageError, match=what):
            read_roster(path)


@pytest.mark.parametrize(
    ("student", "email", "name"),
    [
        ("20240001", "", ""),
        ("KIM", "", ""),
        ("kim@example.edu", "", ""),
        ("4711", "", ""),
        ("S1", "", ""),
        ("participant 9", "kim@Example.edu", ""),
        ("x", "", "minsu  KIM"),
        ("x", "", "Kim, Minsu"),
        ("Minsu Kim", "", ""),
    ],
)
def test_a_delivery_finds_its_student(student: str, email: str, name: str) -> None:
    kim = make_student(
        name="Minsu Kim", email="kim@example.edu", login="kim", others={"canvas_id": "4711", "sis_id": "S1"}
    )

    found = match(make_roster(kim, make_student("2")), make_delivery(student, email=email, name=name))

    assert found == kim


def test_a_name_in_loose_hangul_finds_its_student() -> None:
    kim = make_student(name="김민수")

    assert match(make_roster(kim), make_delivery("x", name=unicodedata.normalize("NFD", "김민수"))) == kim


def test_nobody_is_found_where_two_fit() -> None:
    """A grade for one of two students of the same name is a guess."""
    twins = make_roster(make_student("1", name="Kim", login="k"), make_student("2", name="Kim", login="k"))

    assert match(twins, make_delivery("Kim")) is None
    assert match(twins, make_delivery("k")) is None
    assert match(twins, make_delivery("", name="")) is None


def test_an_id_beats_another_students_name() -> None:
    roster = make_roster(make_student("1", name="2"), make_student("2", name="Lee"))

    found = Directory(roster).find(key="2")

    assert found is not None
    assert found.id == "2"


@given(st.lists(TEXTS.map(lambda text: " ".join(text.split())), min_size=1, max_size=5))
def test_every_cell_comes_back_from_a_csv(texts: list[str]) -> None:
    row = parse(render([["id", *texts]]).encode(), "x").rows[0]

    assert [cell.text for cell in row] == ["id", *texts]


@given(st.binary(max_size=300) | st.text(alphabet='id,;"\n\r\t=', max_size=40).map(str.encode))
def test_any_bytes_are_a_table_or_a_usage_error(data: bytes) -> None:
    with contextlib.suppress(UsageError):
        table = parse(data, "x")
        assert "".join(cell.text for row in table.rows for cell in row).strip()


@given(TEXTS)
def test_no_guarded_cell_starts_a_formula_wherever_it_is_cut(text: str) -> None:
    """A file with commas may be opened by a program that cuts at semicolons or tabs."""
    for separator in ",;|\t\n\r":
        for piece in guard(text).split(separator):
            assert piece.strip(' "\u00a0\u3000')[:1] not in tuple("=+-@＝＋－＠")
