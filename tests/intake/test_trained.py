"""Which files of a hand-in are its trained models, and what is said of those that are not."""

import io
import os
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.intake.filetree import IntakeLimits
from grader.records import Assignment, Question, Submission
from grader.submission import read_submission
from tests.builders import make_assignment

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX only")

CODE = b"def prepare(images, labels):\n    return images, labels\n"
MODEL = b"PK\x03\x04 a model"
OLD = b"\x89HDF\r\n\x1a\n an older one"


def make(*models: str) -> Assignment:
    """An assignment that asks for code and for models."""
    assignment = make_assignment(id="hw9", public=Path("assignments/hw09_lenet"), private=None)
    questions = [Question(name="prepare", points=70)]
    questions += [Question(name=name, points=30 / len(models), file=name, data="mnist") for name in models]
    return Assignment(
        **{name: getattr(assignment, name) for name in Assignment.__slots__ if name != "questions"},
        questions=tuple(questions),
    )


ONE, THREE = make("model"), make("member_a", "member_b", "member_c")


def fill(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def pack(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def handed_in(tmp_path: Path, files: Mapping[str, bytes], *, assignment: Assignment = ONE) -> Submission:
    """The same files as a folder, where a student's code is in it."""
    return read_submission(fill(tmp_path, {"lenet.py": CODE, **files}), assignment)


def told(submission: Submission) -> list[str]:
    return [notice.text for notice in submission.notices]


class TestOneModel:
    @pytest.mark.parametrize("name", ["model.keras", "model.h5", "model.hdf5", "MODEL.KERAS", "Model.H5"])
    def test_it_lies_beside_the_code(self, tmp_path: Path, name: str) -> None:
        read = handed_in(tmp_path, {name: MODEL})

        assert read.files == {"model": MODEL}
        assert told(read) == []

    @pytest.mark.parametrize("inside", ["", "hw9/", "김민수/"])
    def test_it_lies_in_a_zip(self, tmp_path: Path, inside: str) -> None:
        path = tmp_path / "hw9.zip"
        path.write_bytes(pack({f"{inside}lenet.py": CODE, f"{inside}model.keras": MODEL}))

        assert read_submission(path, ONE).files == {"model": MODEL}

    def test_it_lies_beside_a_file_that_the_user_named(self, tmp_path: Path) -> None:
        fill(tmp_path, {"lenet.py": CODE, "model.keras": MODEL})

        assert read_submission(tmp_path / "lenet.py", ONE).files == {"model": MODEL}

    def test_a_file_alone_that_nobody_vouches_for_has_no_neighbours(self, tmp_path: Path) -> None:
        """They are other students'."""
        fill(tmp_path, {"lenet.py": CODE, "model.keras": MODEL})

        assert read_submission(tmp_path / "lenet.py", ONE, trusted_path=False).files == {}

    def test_there_need_not_be_one(self, tmp_path: Path) -> None:
        assert handed_in(tmp_path, {"model.txt": MODEL, "model.keras.part": MODEL}).files == {}

    def test_an_assignment_that_asks_for_none_reads_none(self, tmp_path: Path) -> None:
        assert handed_in(tmp_path, {"model.keras": MODEL}, assignment=make()).files == {}

    def test_it_is_part_of_what_was_handed_in(self, tmp_path: Path) -> None:
        """Else a journal would take yesterday's result for a model of today."""
        digests = {
            handed_in(tmp_path / str(number), {"model.keras": data}).digest
            for number, data in enumerate((MODEL, MODEL + b" trained longer", b""))
        }

        assert len(digests) == 3


class TestNames:
    @pytest.mark.parametrize("name", ["model (1).keras", "model(2).h5", "Copy of model.keras", "model - Copy.keras"])
    def test_a_copy_is_taken_and_said(self, tmp_path: Path, name: str) -> None:
        read = handed_in(tmp_path, {name: MODEL})

        assert read.files == {"model": MODEL}
        assert told(read) == [f"`{name}` was taken for `model.keras`"]

    @pytest.mark.parametrize("name", ["lenet.keras", "my best net.keras", "weights.h5", "모형.keras"])
    def test_any_one_model_will_do_where_one_is_asked_for(self, tmp_path: Path, name: str) -> None:
        read = handed_in(tmp_path, {name: MODEL})

        assert read.files == {"model": MODEL}
        assert told(read) == [f"`{name}` was taken for `model.keras`"]

    def test_two_of_other_names_are_none(self, tmp_path: Path) -> None:
        assert handed_in(tmp_path, {"first.keras": MODEL, "second.keras": MODEL}).files == {}

    def test_the_name_wins_over_another(self, tmp_path: Path) -> None:
        read = handed_in(tmp_path, {"model.keras": MODEL, "best.keras": OLD})

        assert read.files == {"model": MODEL}
        assert told(read) == []

    @pytest.mark.parametrize("other", ["model (1).keras", "model.h5", "old/model.keras"])
    def test_the_better_of_two_is_graded_and_the_other_is_said(self, tmp_path: Path, other: str) -> None:
        read = handed_in(tmp_path, {"model.keras": MODEL, other: OLD})

        assert read.files == {"model": MODEL}
        assert told(read) == [f"`{other}` was not graded; `model.keras` was"]

    def test_the_folder_of_the_code_comes_first(self, tmp_path: Path) -> None:
        path = tmp_path / "hw9.zip"
        path.write_bytes(pack({"hw9/lenet.py": CODE, "hw9/model.h5": MODEL, "model.keras": OLD}))

        assert read_submission(path, ONE).files == {"model": MODEL}

    def test_a_name_for_a_terminal_stays_text(self, tmp_path: Path) -> None:
        read = handed_in(tmp_path, {"model\x1b[31m.keras": MODEL})

        assert read.files == {"model": MODEL}
        assert "\x1b" not in "".join(told(read))


class TestUnreadable:
    def test_one_that_is_too_large_is_said(self, tmp_path: Path) -> None:
        fill(tmp_path, {"lenet.py": CODE, "model.keras": bytes(3000)})

        read = read_submission(tmp_path, ONE, limits=IntakeLimits(model_bytes=1000))

        assert read.files == {}
        assert told(read)[0].startswith("`model.keras` was not read: ")

    def test_the_next_best_is_taken_then(self, tmp_path: Path) -> None:
        fill(tmp_path, {"lenet.py": CODE, "model.keras": bytes(3000), "model.h5": OLD})

        read = read_submission(tmp_path, ONE, limits=IntakeLimits(model_bytes=1000))

        assert read.files == {"model": OLD}

    @posix
    def test_a_link_is_not_followed(self, tmp_path: Path) -> None:
        elsewhere = fill(tmp_path / "elsewhere", {"secret.keras": b"somebody else's"})
        fill(tmp_path / "handed_in", {"lenet.py": CODE})
        (tmp_path / "handed_in" / "model.keras").symlink_to(elsewhere / "secret.keras")

        read = read_submission(tmp_path / "handed_in", ONE)

        assert read.files == {}
        assert "`model.keras` was not read" in told(read)[0]

    @posix
    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        fill(tmp_path, {"lenet.py": CODE})
        os.mkfifo(tmp_path / "model.keras")

        assert read_submission(tmp_path, ONE).files == {}

    def test_a_damaged_entry_of_a_zip_costs_the_model_alone(self, tmp_path: Path) -> None:
        data = bytearray(pack({"lenet.py": CODE, "model.keras": os.urandom(4000)}))
        data[data.index(b"model.keras") + 200] ^= 0xFF
        (tmp_path / "hw9.zip").write_bytes(bytes(data))

        read = read_submission(tmp_path / "hw9.zip", ONE)

        assert read.files == {}
        assert "`model.keras` was not read" in told(read)[0]


class TestSeveralModels:
    def test_each_question_has_its_file(self, tmp_path: Path) -> None:
        files = {f"member_{letter}.keras": letter.encode() for letter in "cab"}

        read = handed_in(tmp_path, files, assignment=THREE)

        assert read.files == {"member_a": b"a", "member_b": b"b", "member_c": b"c"}
        assert told(read) == []

    def test_one_of_another_name_is_nobody_s(self, tmp_path: Path) -> None:
        """Which of the three it is, nobody can know."""
        read = handed_in(tmp_path, {"member_a.keras": b"a", "best.keras": b"b"}, assignment=THREE)

        assert read.files == {"member_a": b"a"}

    def test_two_formats_may_be_mixed(self, tmp_path: Path) -> None:
        read = handed_in(tmp_path, {"member_a.keras": b"a", "member_b.h5": b"b"}, assignment=THREE)

        assert read.files == {"member_a": b"a", "member_b": b"b"}
