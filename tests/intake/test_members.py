"""Several models under one question: their names end in numbers, as the names of copies do."""

from pathlib import Path

import pytest

from grader.intake.candidates import plain_stem, plain_stems
from grader.records import Assignment, Question, Submission
from grader.submission import read_submission
from tests.builders import make_assignment

CODE = b"def average_decision(probabilities):\n    return probabilities\n"


def make() -> Assignment:
    """An assignment that asks for code and three members."""
    made = make_assignment(id="hw13", public=Path("assignments/hw13_committee"), private=None)
    questions = (
        Question(name="average_decision", points=70),
        Question(name="members", points=30, file="member", count=3, data="mnist"),
    )
    kept = {name: getattr(made, name) for name in Assignment.__slots__ if name != "questions"}
    return Assignment(**kept, questions=questions)


def handed_in(folder: Path, *names: str) -> Submission:
    """Code, and files that hold their own names."""
    (folder / "committee.py").write_bytes(CODE)
    for name in names:
        (folder / name).write_bytes(name.encode())
    return read_submission(folder, make())


def test_a_question_names_its_files() -> None:
    one, many = Question(name="model", points=1, file="net"), make().questions[1]

    assert one.files == {"model": "net"}
    assert many.files == {f"member_{number}": f"member_{number}" for number in (1, 2, 3)}
    assert Question(name="conv2d", points=1).files == {}


def test_each_file_is_read_for_itself(tmp_path: Path) -> None:
    submission = handed_in(tmp_path, "member_1.keras", "member_2.keras", "member_3.h5")

    assert submission.files == {
        "member_1": b"member_1.keras",
        "member_2": b"member_2.keras",
        "member_3": b"member_3.h5",
    }
    assert not submission.notices


def test_one_that_is_not_there_is_left_out(tmp_path: Path) -> None:
    assert set(handed_in(tmp_path, "member_1.keras", "member_3.keras").files) == {"member_1", "member_3"}


def test_a_copy_is_taken_for_its_own_number(tmp_path: Path) -> None:
    submission = handed_in(
        tmp_path, "member_1 (1).keras", "Member_2.keras", "Copy of member_3.keras", "member_12.keras"
    )

    assert submission.files == {
        "member_1": b"member_1 (1).keras",
        "member_2": b"Member_2.keras",
        "member_3": b"Copy of member_3.keras",
    }
    assert [notice.text for notice in submission.notices] == [
        "`member_1 (1).keras` was taken for `member_1.keras`",
        "`Copy of member_3.keras` was taken for `member_3.keras`",
    ]


def test_any_one_model_does_not_stand_for_three(tmp_path: Path) -> None:
    assert handed_in(tmp_path, "my_cnn.keras").files == {}


@pytest.mark.parametrize(
    ("name", "stems"),
    [
        ("member_1.py", ("member_1", "member")),
        ("member_1 (2)", ("member_1 (2)", "member_1", "member")),
        ("Copy of member", ("copy of member", "member")),
        ("model - copy 2", ("model - copy 2", "model")),
        ("convolution", ("convolution",)),
    ],
)
def test_what_a_copy_adds_is_taken_off_piece_by_piece(name: str, stems: tuple[str, ...]) -> None:
    assert plain_stems(name) == stems
    assert plain_stem(name) == stems[-1]
