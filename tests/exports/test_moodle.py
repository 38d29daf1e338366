"""A filled worksheet gives Moodle the right grades, in any language, and every other byte stays as it was."""

import codecs
import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.cohort import Enrolled, Entry, Gradebook
from grader.errors import UsageError
from grader.exports.moodle import fill_worksheet, to_html
from grader.exports.moodle_columns import Columns
from grader.sheets import is_formula
from grader.text import printable
from tests.cohorts import TEXTS, make_book, make_entry, make_student
from tests.exports.rules_moodle import LANGUAGES, MoodleUser, download, import_worksheet

KIM = make_student("1", name="김민수", email="kim@example.edu")
ADA = make_student("2", name="Ada Lovelace", email="ada@example.edu")


def make_users() -> list[MoodleUser]:
    return [
        MoodleUser(number=31, name="김민수", email="kim@example.edu"),
        MoodleUser(number=32, name="Ada Lovelace", email="ADA@example.edu"),
    ]


def make_pair(kim: Entry | None = None, ada: Entry | None = None) -> Gradebook:
    return make_book([(KIM, kim or make_entry(80.5, comment="good")), (ADA, ada or make_entry(70.0))])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_worksheet_of_any_language_is_filled(language: str) -> None:
    users = make_users()
    worksheet = download(users, language=language)

    sheet = fill_worksheet(worksheet.encode(), make_pair(), "hw1")

    imported = import_worksheet(sheet.data.decode(), users, language=language)
    assert imported.grades == {31: 80.5, 32: 70}
    assert imported.comments == {31: "good"}
    assert (sheet.rows, sheet.left_out) == (2, ())


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(b"", "utf-8"), (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (b"", "cp949")],
)
def test_every_byte_beyond_the_filled_cells_stays(delimiter: str, newline: str, mark: bytes, encoding: str) -> None:
    users = [*make_users(), MoodleUser(number=33, name='"Q", "R"', email="q@example.edu")]
    text = download(users, language="ko", delimiter=delimiter, newline=newline)
    empty = f"-{delimiter}{delimiter}100.00"

    sheet = fill_worksheet(mark + text.encode(encoding), make_pair(ada=make_entry(None)), "hw1")

    expected = text.replace(empty, empty.replace(delimiter * 2, f"{delimiter}80.5{delimiter}"), 1)
    kim, _, rest = expected.partition(newline + "참가자32")
    assert sheet.data == mark + (kim + "good" + newline + "참가자32" + rest).encode(encoding)
    assert bool(sheet.notices) == (delimiter != "," or encoding != "utf-8")


def test_a_worksheet_for_which_nothing_is_known_comes_back_as_it_was() -> None:
    worksheet = codecs.BOM_UTF8 + download(make_users(), newline="\r\n").encode()

    sheet = fill_worksheet(worksheet, make_pair(make_entry(None), make_entry(None)), "hw1")

    assert sheet.data == worksheet
    assert [item.reason for item in sheet.left_out] == ["no score: nothing handed in"] * 2


def test_whom_moodle_would_skip_is_told() -> None:
    """Moodle says nothing when it skips a row."""
    users = make_users()
    users[0].locked = True
    users.append(MoodleUser(number=33, name="Nobody", email="nobody@example.edu"))
    absent = make_student("9", name="Lee")
    book = make_book([(KIM, make_entry()), (ADA, make_entry(101.0)), (absent, make_entry())])

    sheet = fill_worksheet(download(users, language="de").encode(), book, "hw1", where="w.csv")

    assert [(item.where, item.reason) for item in sheet.left_out] == [
        ("w.csv, row 2, 1", "Moodle has locked this grade and would skip the row"),
        ("w.csv, row 3, 2", "101 points are more than the maximum, 100, and Moodle would skip the row"),
        (
            "w.csv, row 4",
            "Teilnehmer/in33 Nobody is nobody on the roster, or a name that several have; "
            "add an e-mail address to the roster",
        ),
        ("9 Lee", "no row of w.csv is this student; enrol them in Moodle"),
    ]
    assert import_worksheet(sheet.data.decode(), users, language="de").grades == {}


def test_a_grade_that_is_there_already_is_left_as_it_stands() -> None:
    users = make_users()
    users[0].grade = 80.5
    worksheet = download(users, language="de")

    sheet = fill_worksheet(worksheet.encode(), make_pair(make_entry(80.5), make_entry(None)), "hw1")

    assert sheet.data.decode() == worksheet
    assert "1 grades were there already" in sheet.notices[0].text


def test_a_row_is_found_by_id_login_or_a_name_that_one_student_has() -> None:
    users = [MoodleUser(number=31, name="Kim", email="x@y.z"), MoodleUser(number=32, name="Lee", email="-")]
    twin = [make_student(n, name="Kim", email="") for n in "89"]

    def filled(*students: Enrolled) -> int:
        return fill_worksheet(download(users).encode(), make_book([(s, make_entry()) for s in students]), "hw1").rows

    assert filled(make_student("x@y.z", email="")) == 1
    assert filled(make_student("7", login="X@Y.Z", email="")) == 1
    assert filled(make_student("Participant 31", email="", name="")) == 1
    assert filled(make_student("7", email="", others={"moodle_id": "Participant 32"})) == 1
    assert filled(make_student("7", email="", name="lee")) == 1
    assert filled(*twin) == 0
    # The same name with another address may be another person.
    assert filled(make_student("7", name="Kim", email="kim@example.edu")) == 0


def test_two_rows_of_one_student_are_not_both_filled() -> None:
    users = [MoodleUser(number=n, name="김민수", email="kim@example.edu") for n in (31, 32)]

    sheet = fill_worksheet(download(users).encode(), make_book([(KIM, make_entry())]), "hw1")

    assert import_worksheet(sheet.data.decode(), users).grades == {31: 80}
    assert "the same student as row 2" in sheet.left_out[0].reason


def test_other_points_than_the_assignments_are_refused_or_rescaled_on_request() -> None:
    users = make_users()
    worksheet = download(users, language="es", maximum=10).encode()

    with pytest.raises(UsageError, match="out of 10, the assignment has 100"):
        fill_worksheet(worksheet, make_pair(), "hw1")
    sheet = fill_worksheet(worksheet, make_pair(), "hw1", rescale=True)

    assert import_worksheet(sheet.data.decode(), users, language="es", maximum=10).grades == {31: 8.05, 32: 7}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("id,name\n1,Kim\n", "no column of the worksheet has the identifiers"),
        ("Identifier,Full name,Status\nParticipant 1,Kim,-\n", "no column of the worksheet has the grades"),
        (
            'Identifier,Full name,Grade,Scale,Last modified (grade)\nParticipant 1,Kim,,"Bad, Good",-\n',
            "grades this assignment with words",
        ),
        ("", "the file is empty"),
    ],
)
def test_what_is_no_worksheet_is_a_clear_error(text: str, what: str) -> None:
    with pytest.raises(UsageError, match=what) as caught:
        fill_worksheet(text.encode(), make_pair(), "hw1")

    assert caught.value.fix


def test_an_assignment_that_the_gradebook_lacks_is_an_error() -> None:
    with pytest.raises(UsageError, match="no `hw9`"):
        fill_worksheet(download(make_users()).encode(), make_pair(), "hw9")


def test_the_word_in_brackets_names_the_grades_where_there_is_no_maximum() -> None:
    text = "Qed,Mel,Gra,Chen,Las (Sub),Las (Gra),Fib (x)\nWot 1,kim@example.edu,,Ai,-,-,\n"

    sheet = fill_worksheet(text.encode(), make_pair(), "hw1")

    assert sheet.data.decode() == text.replace("edu,,", "edu,80.5,").replace("-,-,", "-,-,good")


def test_columns_that_cannot_be_found_are_named_by_hand() -> None:
    text = "A,B,C,D,E\nWot 1,kim@example.edu,,x 1,\n"

    sheet = fill_worksheet(text.encode(), make_pair(), "hw1", columns=Columns(grade="C", comment="E"))

    assert sheet.data.decode() == "A,B,C,D,E\nWot 1,kim@example.edu,80.5,x 1,good\n"
    with pytest.raises(UsageError, match="0 columns are called `Z`"):
        fill_worksheet(text.encode(), make_pair(), "hw1", columns=Columns(grade="Z"))


def test_a_worksheet_without_comments_says_so() -> None:
    text = "Identifier,Full name,Email,Grade,Last modified (grade)\nParticipant 1,Kim,kim@example.edu,,-\n"

    sheet = fill_worksheet(text.encode(), make_pair(), "hw1")

    assert sheet.data.decode() == text.replace("edu,,", "edu,80.5,")
    assert any("no column for comments" in notice.text for notice in sheet.notices)


def test_what_an_encoding_lacks_is_written_as_html() -> None:
    worksheet = download(make_users(), language="ko").encode("cp949")

    sheet = fill_worksheet(worksheet, make_pair(make_entry(comment="좋아요 ☃🎉")), "hw1")

    assert "좋아요 &#9731;&#127881;" in sheet.data.decode("cp949")


def test_a_comment_shows_in_moodle_as_it_was_typed() -> None:
    assert to_html('if x < 3:\n  y = "-1"\\') == "if x &lt; 3:<br>  y &#61; &quot;&#45;1&quot;&#92;"
    assert to_html("zero-padding, 1-2") == "zero-padding, 1-2"


@given(TEXTS, st.sampled_from(sorted(LANGUAGES)), st.sampled_from([",", ";", "\t"]))
def test_any_comment_arrives_and_leaves_every_row_whole(comment: str, language: str, delimiter: str) -> None:
    users = make_users()
    worksheet = download(users, language=language, delimiter=delimiter)

    sheet = fill_worksheet(worksheet.encode(), make_pair(make_entry(comment=comment)), "hw1")

    imported = import_worksheet(sheet.data.decode(), users, language=language, delimiter=delimiter)
    assert imported.grades == {31: 80, 32: 70}
    shown = imported.comments.get(31, "")
    assert html.unescape(shown.replace("<br>", "\n")) == printable(comment)
    assert not is_formula(shown)
    assert not re.search(r'["\\]', shown)


@given(
    st.lists(TEXTS.map(lambda name: name.replace("\\", "")), min_size=2, max_size=2), st.sampled_from(["\n", "\r\n"])
)
def test_any_name_in_the_worksheet_stays_as_moodle_wrote_it(names: list[str], newline: str) -> None:
    """Names with quotes, line breaks and formulas are Moodle's own and not ours to change."""
    users = make_users()
    for user, name in zip(users, names, strict=True):
        user.name = name
    worksheet = download(users, newline=newline)

    sheet = fill_worksheet(worksheet.encode(), make_pair(make_entry(comment="")), "hw1")

    assert import_worksheet(sheet.data.decode(), users).grades == {31: 80, 32: 70}
    assert sheet.data.decode().replace(",80,100", ",,100").replace(",70,100", ",,100") == worksheet
