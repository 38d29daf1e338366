"""What is written for Canvas sets the right score of the right student there, and nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.cohort import Enrolled, Entry, Gradebook, Row
from grader.errors import UsageError
from grader.exports.canvas import render_gradebook
from grader.sheets import guard
from grader.text import one_line
from tests.cohorts import TEXTS, make_book, make_entry, make_student
from tests.exports.rules_canvas import CanvasUser, Course, convert, import_gradebook

KIM = make_student("S1", name="Kim, Minsu", login="kim", section="A", others={"canvas_id": "4711", "sis_id": "S1"})


def make_course() -> Course:
    return Course(
        users=[CanvasUser(4711, "Minsu Kim", "S1", "kim"), CanvasUser(4712, "Ada Lovelace", "S2", "ada")],
        assignments={123: "Convolution", 124: "Pooling"},
    )


def lines(book: Gradebook, **options: object) -> list[str]:
    return render_gradebook(book, **options).data.decode().splitlines()  # type: ignore[arg-type]


def test_the_file_has_canvas_own_columns_and_its_row_of_maxima() -> None:
    assert lines(make_book([(KIM, make_entry(80.456))]), ids={"hw1": "123"}) == [
        "Student,ID,SIS User ID,SIS Login ID,Section,Convolution (123)",
        '"    Points Possible",,,,,100',
        '"Kim, Minsu",4711,S1,kim,A,80.46',
    ]


@pytest.mark.parametrize("ids", [{"hw1": "123"}, {}])
def test_canvas_sets_the_score_of_the_right_student(ids: dict[str, str]) -> None:
    sheet = render_gradebook(make_book([(KIM, make_entry(80.5))]), ids=ids)

    course = import_gradebook(sheet.data, make_course())

    assert course.scores == {(4711, 123): "80.5"}
    assert course.points_possible == {123: "100"}
    assert (course.new_assignments, course.new_students) == ([], [])
    assert sheet.rows == 1


def test_a_student_of_another_roster_is_found_by_number_or_login() -> None:
    plain = make_book([(make_student("S1"), make_entry(80)), (make_student("9", login="ada"), make_entry(70))])

    course = import_gradebook(render_gradebook(plain).data, make_course())

    assert course.scores == {(4711, 123): "80", (4712, 123): "70"}


def test_a_thousand_points_are_no_point() -> None:
    """Canvas reads "1,234" as 1.234."""
    assert convert("1,234") == "1.234"
    book = make_book([(KIM, make_entry(1234.5, max_score=2000))], max_score=2000)

    course = import_gradebook(render_gradebook(book).data, make_course())

    assert course.scores == {(4711, 123): "1234.5"}
    assert course.points_possible == {123: "2000"}


def test_a_student_without_a_score_is_left_out_and_listed() -> None:
    """An empty cell would delete the score that Canvas has."""
    book = make_book([(KIM, make_entry(None)), (make_student("S2"), make_entry(None, reason="rejected: torn"))])

    sheet = render_gradebook(book)

    assert import_gradebook(sheet.data, make_course()).scores == {}
    assert [(item.where, item.reason) for item in sheet.left_out] == [
        ("S1 Kim, Minsu", "no score: nothing handed in"),
        ("S2 Name S2", "no score: rejected: torn"),
    ]


def test_unknown_students_are_left_out_and_listed() -> None:
    ghost = Row(student=make_student("ghost"), entries={"hw1": make_entry()})

    sheet = render_gradebook(make_book([(KIM, make_entry())], unknown=[ghost]))

    assert [item.where for item in sheet.left_out] == ["ghost"]


def test_only_changed_rows_are_written_when_the_last_gradebook_is_given() -> None:
    ada = make_student("S2", name="Ada Lovelace")
    before = make_book([(KIM, make_entry(80.001)), (ada, make_entry(70))])
    after = make_book([(KIM, make_entry(80.0)), (ada, make_entry(71))])

    sheet = render_gradebook(after, before=before)

    assert import_gradebook(sheet.data, make_course()).scores == {(4712, 123): "71"}
    assert sheet.rows == 1
    assert sheet.left_out == ()


@pytest.mark.parametrize(
    ("title", "id", "what"),
    [
        ("Final Score", "", "passes over"),
        ("My Current Points", "7", "passes over"),
        ("Homework (2)", "", "would not find"),
        ("=1+1", "", "would not find"),
        ("Two\nlines", "", "would not find"),
        ("", "", "passes over"),
        ("Convolution", "12a", "no number"),
    ],
)
def test_a_title_that_canvas_would_take_for_something_else_is_refused(title: str, id: str, what: str) -> None:
    with pytest.raises(UsageError, match=what) as caught:
        render_gradebook(make_book({"S1": make_entry()}, title=title), ids={"hw1": id} if id else {})

    assert caught.value.fix


def test_two_assignments_of_one_title_are_refused() -> None:
    book = make_book({"S1": make_entry()})
    two = replace(
        book,
        assignments=("hw1", "hw2"),
        titles={"hw1": "A", "hw2": "A"},
        max_scores={"hw1": 1, "hw2": 1},
        rows=tuple(replace(row, entries={**row.entries, "hw2": make_entry()}) for row in book.rows),
    )

    with pytest.raises(UsageError, match="one title"):
        render_gradebook(two)


@pytest.mark.parametrize("key", ["=cmd", "@ada", "-1", "+82", "12.345.678", "1,5", "50%"])
def test_a_key_that_is_a_formula_or_a_number_to_canvas_is_not_written(key: str) -> None:
    by_login = Enrolled(id=key, name="Kim", login="kim", others={"sis_id": key})
    by_name = Enrolled(id=key, name="Ada Lovelace")
    by_nothing = Enrolled(id=key, name="=Kim")
    book = make_book([(student, make_entry()) for student in (by_login, by_name, by_nothing)])

    sheet = render_gradebook(book)

    course = import_gradebook(sheet.data, make_course())
    assert key not in sheet.data.decode()
    assert course.scores == {(4711, 123): "80", (4712, 123): "80"}
    assert len(sheet.left_out) == 1


def test_a_student_called_points_possible_is_a_student() -> None:
    book = make_book([(replace(KIM, name="Points Possible"), make_entry())])

    assert import_gradebook(render_gradebook(book).data, make_course()).scores == {(4711, 123): "80"}


scores = st.none() | st.floats(0, 2_000)


@given(st.lists(st.tuples(TEXTS, TEXTS, scores), min_size=1, max_size=5), st.booleans())
def test_no_name_or_section_keeps_a_score_from_its_student(
    students: list[tuple[str, str, float | None]], has_id: bool
) -> None:
    pairs: list[tuple[Enrolled, Entry]] = []
    users: list[CanvasUser] = []
    for number, (name, section, score) in enumerate(students, start=1):
        others = {"canvas_id": str(number)}
        student = Enrolled(id=f"S{number}", name=name, section=section, others=others)
        pairs.append((student, make_entry(score)))
        users.append(CanvasUser(number, name))

    sheet = render_gradebook(make_book(pairs), ids={"hw1": "123"} if has_id else {})

    course = import_gradebook(sheet.data, Course(users=users, assignments={123: "Convolution"}))
    assert (course.new_assignments, course.new_students) == ([], [])
    expected = {(n, 123): score for n, (_, _, score) in enumerate(students, start=1) if score is not None}
    assert {key: float(text) for key, text in course.scores.items()} == {
        key: pytest.approx(score, abs=0.006) for key, score in expected.items()
    }
    assert sheet.rows + len(sheet.left_out) == len(students)


@given(TEXTS)
def test_a_name_is_written_as_one_guarded_line(name: str) -> None:
    row = lines(make_book([(replace(KIM, name=name, section=""), make_entry())]))[-1]

    assert row.endswith(",4711,S1,kim,,80")
    assert row.removesuffix(",4711,S1,kim,,80").strip('"').replace('""', '"') in (
        guard(one_line(name)),
        guard(one_line(name)).strip('"'),
    )
