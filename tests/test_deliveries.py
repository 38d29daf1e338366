"""Discovery: what each platform's download holds, whose it is, and that nothing of it disappears."""

import io
import os
import stat
import sys
import tracemalloc
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.cohort import Deliveries, Delivery, Rejected
from grader.deliveries import CohortLimits, find_deliveries, read_times
from grader.errors import UsageError
from grader.platforms.canvas import _FILE, sort_canvas
from grader.platforms.places import Found, Gathering, list_folder, shortened
from grader.platforms.times import parse_time
from grader.submission import read_submission
from tests.builders import make_assignment

CODE = "def conv2d(x, w, b):\n    return x\n"
KST = timezone(timedelta(hours=9))

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX only")

Files = Mapping[str, str | bytes]


def fill(folder: Path, files: Files) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def pack(path: Path, files: Files | Sequence[tuple[str, str | bytes]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items() if isinstance(files, Mapping) else files:
            archive.writestr(name, content)
    return path


def packed(files: Files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def add_link(path: Path, name: str, target: str) -> None:
    member = zipfile.ZipInfo(name)
    member.create_system = 3
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(member, target)


def students(deliveries: Deliveries) -> list[str]:
    return [delivery.student for delivery in deliveries.found]


def only(deliveries: Deliveries) -> Delivery:
    (delivery,) = deliveries.found
    return delivery


def reasons(deliveries: Deliveries) -> dict[str, str]:
    return {rejected.where: rejected.reason for rejected in deliveries.rejected}


def said(path: Path, scratch: Path) -> str:
    """What a user hears about a damaged download, "" for nothing."""
    try:
        deliveries = find_deliveries(path, scratch=scratch)
    except UsageError as error:
        return error.fix
    return str([*deliveries.rejected, *deliveries.found] or "")


def names(path: Path) -> list[str]:
    return sorted(item.name for item in path.iterdir())


@pytest.fixture
def download(tmp_path: Path) -> Path:
    path = tmp_path / "download"
    path.mkdir()
    return path


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


class TestFolders:
    def test_a_folders_name_is_the_student(self, download: Path, scratch: Path) -> None:
        fill(download, {"bob/convolution.py": CODE, "alice/src/convolution.py": CODE})
        deliveries = find_deliveries(download, scratch=scratch)

        assert deliveries.platform == "folders"
        assert students(deliveries) == ["alice", "bob"]
        assert deliveries.found[1].path == download / "bob"
        assert not deliveries.rejected
        assert not scratch.exists()

    def test_a_single_file_is_named_after_the_student(self, download: Path, scratch: Path) -> None:
        fill(download, {"20261234.py": CODE, "carol.zip": packed({"convolution.py": CODE})})
        deliveries = find_deliveries(download, scratch=scratch)

        assert students(deliveries) == ["20261234", "carol"]
        assert deliveries.found[1].path == download / "carol.zip"

    def test_files_of_one_student_come_together(self, download: Path, scratch: Path) -> None:
        fill(download, {"alice.py": CODE, "alice.keras": b"weights", "bob.py": CODE})
        deliveries = find_deliveries(download, scratch=scratch)

        assert students(deliveries) == ["alice", "bob"]
        assert names(deliveries.found[0].path) == ["alice.keras", "alice.py"]

    def test_attempts_are_in_the_order_of_their_numbers(self, download: Path, scratch: Path) -> None:
        fill(download, {f"alice/attempt_{number}/convolution.py": CODE for number in (10, 2, 9)})
        found = find_deliveries(download, scratch=scratch).found

        assert [(delivery.path.name, delivery.attempt) for delivery in found] == [
            ("attempt_2", 2),
            ("attempt_9", 9),
            ("attempt_10", 10),
        ]

    def test_a_time_with_an_offset_is_when_it_was_handed_in(self, download: Path, scratch: Path) -> None:
        fill(
            download,
            {
                "alice/2026-03-02T09-00-00+0900/convolution.py": CODE,
                "alice/20260301_120000Z/convolution.py": CODE,
                "bob/2026-03-01/convolution.py": CODE,
            },
        )
        found = find_deliveries(download, scratch=scratch).found

        assert found[0].submitted_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
        assert found[1].submitted_at == datetime(2026, 3, 2, 9, tzinfo=KST)
        assert [delivery.attempt for delivery in found] == [1, 2, 1]
        assert found[2].submitted_at is None

    def test_what_lies_beside_attempts_is_listed(self, download: Path, scratch: Path) -> None:
        fill(download, {"alice/attempt_1/convolution.py": CODE, "alice/convolution.py": CODE, "alice/attempt_2/": ""})
        deliveries = find_deliveries(download, scratch=scratch)

        assert only(deliveries).path.name == "attempt_1"
        assert "beside the folders of attempts" in reasons(deliveries)["alice/convolution.py"]
        assert "empty" in reasons(deliveries)["alice/attempt_2"]

    def test_a_numbered_folder_of_data_is_no_attempt(self, download: Path, scratch: Path) -> None:
        fill(download, {"alice/convolution.py": CODE, "alice/1/data.txt": "1"})
        deliveries = find_deliveries(download, scratch=scratch)

        assert only(deliveries).path == download / "alice"

    def test_two_deliveries_of_one_student_are_attempts(self, download: Path, scratch: Path) -> None:
        fill(download, {"alice.py": CODE, "alice/convolution.py": CODE, "alice_attempt_4.py": CODE})
        found = find_deliveries(download, scratch=scratch).found

        assert [(delivery.student, delivery.attempt) for delivery in found] == [
            ("alice", 1),
            ("alice", 2),
            ("alice", 4),
        ]

    def test_an_empty_folder_and_a_strange_file_are_listed(self, download: Path, scratch: Path) -> None:
        fill(download, {"alice/": "", "bob/.DS_Store": b"x", "grades.csv": "a,b", "carol/convolution.py": CODE})
        deliveries = find_deliveries(download, scratch=scratch)

        assert students(deliveries) == ["carol"]
        assert set(reasons(deliveries)) == {"alice", "bob", "grades.csv"}

    def test_junk_is_not_mentioned(self, download: Path, scratch: Path) -> None:
        fill(download, {"alice/a.py": CODE, "__MACOSX/._a.py": b"x", ".DS_Store": b"x", "Thumbs.db": b"x"})
        deliveries = find_deliveries(download, scratch=scratch)

        assert students(deliveries) == ["alice"]
        assert not deliveries.rejected

    def test_a_folder_around_the_class_is_looked_into(self, download: Path, scratch: Path) -> None:
        fill(download, {"hw1/alice/a.py": CODE, "hw1/bob/a.py": CODE, "hw1/readme.txt": "x"})
        deliveries = find_deliveries(download, scratch=scratch)

        assert students(deliveries) == ["alice", "bob"]
        assert list(reasons(deliveries)) == ["readme.txt"]

    def test_the_only_students_folder_is_not_a_wrapping(self, download: Path, scratch: Path) -> None:
        fill(download, {"alice/convolution.py": CODE, "alice/src/more.py": CODE})
        assert students(find_deliveries(download, scratch=scratch)) == ["alice"]

    def test_a_name_in_nfd_is_the_student_in_nfc(self, download: Path, scratch: Path) -> None:
        fill(download, {unicodedata.normalize("NFD", "김민지") + "/convolution.py": CODE})
        assert students(find_deliveries(download, scratch=scratch)) == ["김민지"]

    @posix
    def test_a_name_in_cp949_bytes_is_read(self, download: Path, scratch: Path) -> None:
        raw = os.fsencode(download) + b"/" + "김민지".encode("cp949")
        try:
            os.mkdir(raw)  # noqa: PTH102 - bytes
        except OSError:
            pytest.skip("this disk takes UTF-8 names only")
        Path(os.fsdecode(raw), "convolution.py").write_text(CODE)
        delivery = only(find_deliveries(download, scratch=scratch))

        assert delivery.student == "김민지"
        assert (delivery.path / "convolution.py").read_text() == CODE

    @posix
    def test_a_link_is_listed_and_not_followed(self, download: Path, scratch: Path, tmp_path: Path) -> None:
        secret = fill(tmp_path / "secret", {"convolution.py": CODE})
        fill(download, {"carol/attempt_1/a.py": CODE})
        (download / "alice").symlink_to(secret)
        (download / "bob.py").symlink_to(secret / "convolution.py")
        (download / "carol" / "attempt_2").symlink_to(secret)
        os.mkfifo(download / "dave.py")
        deliveries = find_deliveries(download, scratch=scratch)

        assert students(deliveries) == ["carol"]
        assert {where: reason[:6] for where, reason in reasons(deliveries).items()} == dict.fromkeys(
            ("alice", "bob.py", "dave.py", "carol/attempt_2"), "a link"
        )

    @posix
    def test_the_users_own_path_may_be_a_link(self, download: Path, scratch: Path, tmp_path: Path) -> None:
        fill(download, {"alice/a.py": CODE})
        (tmp_path / "here").symlink_to(download)
        assert students(find_deliveries(tmp_path / "here", scratch=scratch)) == ["alice"]

    @pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root reads everything")
    @pytest.mark.parametrize("name", ["{}", "{}_1_assignsubmission_file", "submission_{}"])
    def test_an_unreadable_folder_is_listed(self, download: Path, scratch: Path, name: str) -> None:
        closed = name.format("101")
        fill(download, {f"{closed}/a.py": CODE, f"{name.format('102')}/a.py": CODE})
        if name == "submission_{}":
            fill(download, {"submission_metadata.yml": METADATA})
        (download / closed).chmod(0)
        deliveries = find_deliveries(download, scratch=scratch)
        (download / closed).chmod(0o700)

        assert len(deliveries.found) == 1
        assert "cannot be read" in reasons(deliveries)[closed]

    def test_a_folder_of_too_many_files_is_listed(self, download: Path, scratch: Path) -> None:
        fill(download, {f"alice/{number}.py": CODE for number in range(6)})
        fill(download, {"bob/a.py": CODE})
        deliveries = find_deliveries(download, scratch=scratch, limits=CohortLimits(student_files=5))

        assert students(deliveries) == ["bob"]
        assert "more than 5" in reasons(deliveries)["alice"]


class TestCanvas:
    def test_files_of_one_student_come_together_under_their_own_names(self, download: Path, scratch: Path) -> None:
        fill(
            download,
            {
                "kimminji_34012_9001_lenet.py": CODE,
                "kimminji_34012_9002_model.keras": b"weights",
                "leejun_LATE_34013_9003_lenet.py": CODE,
            },
        )
        deliveries = find_deliveries(download, scratch=scratch)
        minji, jun = deliveries.found

        assert deliveries.platform == "canvas"
        assert (minji.student, minji.name, minji.late) == ("34012", "kimminji", False)
        assert names(minji.path) == ["lenet.py", "model.keras"]
        assert (minji.path / "model.keras").read_bytes() == b"weights"
        assert (jun.student, jun.name, jun.late, jun.submitted_at) == ("34013", "leejun", True, None)

    def test_the_newest_revision_has_the_files_own_name(self, download: Path, scratch: Path) -> None:
        fill(download, {"kim_1_12_lenet-1.py": "new", "kim_1_13_model-1.keras": b"new"})
        delivery = only(find_deliveries(download, scratch=scratch))

        assert names(delivery.path) == ["lenet.py", "model.keras"]
        assert delivery.attempt == 1

    def test_revisions_put_together_are_attempts(self, download: Path, scratch: Path) -> None:
        fill(
            download,
            {
                "kim_1_10_lenet.py": "0",
                "kim_1_11_model.keras": b"m",
                "kim_1_12_lenet-2.py": "2",
                "kim_1_13_lenet-1.py": "1",
                "kim_LATE_1_14_lenet-10.py": "10",
            },
        )
        found = find_deliveries(download, scratch=scratch).found

        assert [(delivery.path / "lenet.py").read_text() for delivery in found] == ["0", "1", "2", "10"]
        assert [delivery.attempt for delivery in found] == [1, 2, 3, 4]
        assert [delivery.late for delivery in found] == [False, False, False, True]
        assert all((delivery.path / "model.keras").exists() for delivery in found)

    def test_equal_names_are_told_apart_by_the_files_ids(self, download: Path, scratch: Path) -> None:
        fill(download, {"kim_1_100_lenet.py": "new", "kim_1_99_lenet.py": "old"})
        found = find_deliveries(download, scratch=scratch).found

        assert [(delivery.path / "lenet.py").read_text() for delivery in found] == ["old", "new"]

    @pytest.mark.parametrize(
        ("name", "student", "original"),
        [
            ("kim_1_2_my_file_3_4_x.py", "1", "my_file_3_4_x.py"),
            ("anon_ab1Cd_2_lenet.py", "anon_ab1Cd", "lenet.py"),
            ("LATE_anon_ab1Cd_2_lenet.py", "anon_ab1Cd", "lenet.py"),
            ("김민지_1_2_합성곱.py", "1", "합성곱.py"),
            ("kim_1_2_-1.py", "1", "-1.py"),
            ("kim_1_2_data-2024.tar.gz", "1", "data-2024.tar.gz"),
            ("kim_1_2_data-3.tar.gz", "1", "data.tar.gz"),
            ("kim_1_2_a-0f8fad5b-d9cb-469f-a165-70867728950e.py", "1", "a.py"),
            ("kim2_1_2_lenet.py", "1", "lenet.py"),
        ],
    )
    def test_names_are_taken_apart(self, download: Path, scratch: Path, name: str, student: str, original: str) -> None:
        fill(download, {name: CODE})
        delivery = only(find_deliveries(download, scratch=scratch))

        assert delivery.student == student
        assert names(delivery.path) == [original]

    def test_what_was_typed_or_linked_is_listed(self, download: Path, scratch: Path) -> None:
        fill(download, {"kim_1_2_a.py": CODE, "lee_2_text.html": "x", "cho_LATE_3_link.html": "x", "notes.txt": "x"})
        deliveries = find_deliveries(download, scratch=scratch)

        assert students(deliveries) == ["1"]
        assert "typed into Canvas" in reasons(deliveries)["lee_2_text.html"]
        assert "web address" in reasons(deliveries)["cho_LATE_3_link.html"]
        assert "notes.txt" in reasons(deliveries)

    def test_a_student_cannot_turn_the_class_into_another_platform(self, download: Path, scratch: Path) -> None:
        fill(download, {"kim_1_2_Kim_7_assignsubmission_file_a.py": CODE, "lee_2_3_a.py": CODE, "cho_3_4_a.py": CODE})
        deliveries = find_deliveries(download, scratch=scratch)

        assert deliveries.platform == "canvas"
        assert len(deliveries.found) == 3

    @posix
    def test_a_file_too_large_is_listed_and_the_rest_stands(self, download: Path, scratch: Path) -> None:
        fill(download, {"kim_1_2_a.py": CODE, "kim_1_3_model.keras": b"x" * 2_000, "lee_2_4_model.keras": b"x" * 2_000})
        (download / "cho_3_5_a.py").symlink_to("kim_1_2_a.py")
        deliveries = find_deliveries(download, scratch=scratch, limits=CohortLimits(file_bytes=1_000))

        assert names(only(deliveries).path) == ["a.py"]
        assert set(reasons(deliveries)) == {"kim_1_3_model.keras", "lee_2_4_model.keras", "cho_3_5_a.py"}

    @given(
        name=st.from_regex(r"[a-z가-힣]{1,12}", fullmatch=True),
        late=st.booleans(),
        user=st.integers(1, 10**9),
        file=st.integers(1, 10**9),
        original=st.text(st.characters(exclude_characters='/\\:*?"<>|\0', exclude_categories=["Cc", "Cs"]), min_size=1),
    )
    def test_every_name_that_canvas_makes_is_taken_apart(
        self, name: str, late: bool, user: int, file: int, original: str
    ) -> None:
        match = _FILE.fullmatch(f"{name}_{'LATE_' if late else ''}{user}_{file}_{original}".replace("\n", ""))

        assert match is not None
        assert match["name"] == name
        assert (match["user"], match["file"]) == (str(user), str(file))
        assert (match["late"] is not None) == late


class TestMoodle:
    @pytest.mark.parametrize("ending", ["", "_"])
    def test_a_folder_says_name_and_participant(self, download: Path, scratch: Path, ending: str) -> None:
        name = unicodedata.normalize("NFD", "김민지")
        fill(
            download,
            {
                f"Kim Min Ji_657_assignsubmission_file{ending}/convolution.py": CODE,
                f"{name}_658_assignsubmission_file{ending}/convolution.py": CODE,
            },
        )
        deliveries = find_deliveries(download, scratch=scratch)

        assert deliveries.platform == "moodle"
        assert [(found.student, found.name) for found in deliveries.found] == [("657", "Kim Min Ji"), ("658", "김민지")]
        assert read_submission(deliveries.found[1].path, make_assignment(), trusted_path=False).source == CODE

    def test_flat_files_come_together_under_their_own_names(self, download: Path, scratch: Path) -> None:
        fill(
            download,
            {
                "Kim Min Ji_657_assignsubmission_file_lenet.py": CODE,
                "Kim Min Ji_657_assignsubmission_file_model.keras": b"x",
                "Lee Jun_658_assignsubmission_file_a_1_assignsubmission_file_b.py": CODE,
            },
        )
        found = find_deliveries(download, scratch=scratch).found

        assert [delivery.student for delivery in found] == ["657", "658"]
        assert names(found[0].path) == ["lenet.py", "model.keras"]
        assert names(found[1].path) == ["a_1_assignsubmission_file_b.py"]

    def test_typed_texts_feedback_and_empty_folders_are_listed(self, download: Path, scratch: Path) -> None:
        fill(
            download,
            {
                "Kim_657_assignsubmission_file/a.py": CODE,
                "Kim_657_assignsubmission_onlinetext/onlinetext.html": "x",
                "Lee_658_assignfeedback_file/f.pdf": "x",
                "Cho_659_assignsubmission_file/": "",
                "worksheet.csv": "x",
            },
        )
        deliveries = find_deliveries(download, scratch=scratch)

        assert students(deliveries) == ["657"]
        assert len(deliveries.rejected) == 4
        assert "typed into Moodle" in reasons(deliveries)["Kim_657_assignsubmission_onlinetext"]

    def test_the_default_group_has_no_number(self, download: Path, scratch: Path) -> None:
        fill(download, {"Default group_assignsubmission_file_/a.py": CODE})
        assert only(find_deliveries(download, scratch=scratch)).student == "Default group"


METADATA = """\
---
submission_101:
  :submitters:
  - :name: Kim Min Ji
    :sid: 0012
    :email: &1 minji@example.com
  - :name: Lee Jun
    :sid:
    :email: jun@example.com
  :created_at: 2026-03-01 03:04:05.123456789 Z
  :score: 3.0
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    tests:
    - name: &2 one
      output: "submission_102:\\n  :submitters: []"
    - name: *2
  :history:
  - :id: 99
    :submitters: []
    :created_at: 2026-02-28 20:00:00.5 -07:00
    :results: {}
  - :id: 98
    :submitters: []
    :created_at: 2026-02-27 20:00:00.5 -07:00
submission_102:
  :created_at: &3 2026-03-01 12:00:00.0 +09:00
  :submitters:
  - :name: '조수빈'
    :sid: '77'
    :email: *1
  :history: []
submission_103:
  :submitters:
  - :name: Nobody
    :sid: '78'
  :created_at: *3
"""


class TestGradescope:
    def test_the_metadata_says_whose_and_when(self, download: Path, scratch: Path) -> None:
        fill(download, {"submission_metadata.yml": METADATA})
        fill(download, {f"assignment_1_export/submission_{number}/a.py": CODE for number in (101, 102)})
        (download / "submission_metadata.yml").rename(download / "assignment_1_export" / "submission_metadata.yml")
        deliveries = find_deliveries(download, scratch=scratch)
        minji, jun, subin = deliveries.found

        assert deliveries.platform == "gradescope"
        assert (minji.student, minji.name, minji.attempt) == ("0012", "Kim Min Ji", 3)
        assert minji.submitted_at == datetime(2026, 3, 1, 3, 4, 5, 123456, tzinfo=UTC)
        assert minji.group == jun.group == ("0012", "jun@example.com")
        assert jun.path == minji.path
        assert (subin.student, subin.name, subin.email, subin.group) == ("77", "조수빈", "minji@example.com", ())
        assert subin.submitted_at == datetime(2026, 3, 1, 3, tzinfo=UTC)
        assert "no folder is there" in reasons(deliveries)["submission_103"]

    def test_an_earlier_attempt_counts_where_its_files_are(self, download: Path, scratch: Path) -> None:
        fill(download, {"submission_metadata.yml": METADATA})
        fill(download, {f"submission_{number}/a.py": CODE for number in (99, 101, 102, 103, 104)})
        deliveries = find_deliveries(download, scratch=scratch)

        minji = [found for found in deliveries.found if found.student == "0012"]
        assert [(found.path.name, found.attempt) for found in minji] == [("submission_99", 2), ("submission_101", 3)]
        assert list(reasons(deliveries)) == ["submission_104"]

    def test_an_empty_folder_is_listed(self, download: Path, scratch: Path) -> None:
        fill(download, {"submission_metadata.yml": METADATA, "submission_101/": "", "submission_102/a.py": CODE})
        assert "empty" in reasons(find_deliveries(download, scratch=scratch))["submission_101"]

    def test_plain_keys_are_read_too(self, download: Path, scratch: Path) -> None:
        text = "submission_5:\n  submitters:\n  - {name: Kim, sid: null, email: kim@example.com}\n"
        fill(download, {"submission_metadata.yml": text, "submission_5/a.py": CODE})
        assert only(find_deliveries(download, scratch=scratch)).student == "kim@example.com"

    def test_a_submission_of_nobody_keeps_its_key(self, download: Path, scratch: Path) -> None:
        fill(download, {"submission_metadata.yml": "submission_5: 7\n", "submission_5/a.py": CODE})
        assert only(find_deliveries(download, scratch=scratch)).student == "submission_5"

    def test_aliases_of_aliases_cost_nothing(self, download: Path, scratch: Path) -> None:
        bomb = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 60))
        fill(download, {"submission_metadata.yml": bomb + METADATA.removeprefix("---\n"), "submission_102/a.py": CODE})
        deliveries = find_deliveries(download, scratch=scratch)

        assert students(deliveries) == ["77"]
        assert len(deliveries.rejected) == 62

    @pytest.mark.parametrize(
        "text",
        ["", "[1, 2]", "a: [", "--- x", "a: *b", "\0", "[" * 100_000, "{" * 3_000, "a:\n  :submitters: &x [*x]\n\tb"],
    )
    def test_other_yaml_is_refused_in_words(self, download: Path, scratch: Path, text: str) -> None:
        fill(download, {"submission_metadata.yml": text, "submission_5/a.py": CODE})
        assert said(download, scratch)

    def test_metadata_of_hundreds_of_megabytes_is_refused(self, download: Path, scratch: Path) -> None:
        fill(download, {"submission_metadata.yml": METADATA})
        with pytest.raises(UsageError, match="larger than 100 bytes"):
            find_deliveries(download, scratch=scratch, limits=CohortLimits(metadata_bytes=100))


class TestZip:
    @pytest.mark.parametrize("wrapper", ["", "submissions/"])
    @pytest.mark.parametrize(
        ("platform", "files", "expected"),
        [
            ("folders", ["alice/a.py", "bob.zip"], ["alice", "bob"]),
            ("folders", ["alice.py", "bob.py"], ["alice", "bob"]),
            ("canvas", ["kim_1_2_a.py", "lee_LATE_2_3_a.py"], ["1", "2"]),
            ("moodle", ["Kim_7_assignsubmission_file/a.py", "Lee_8_assignsubmission_file/a.py"], ["7", "8"]),
            ("gradescope", ["submission_metadata.yml", "submission_102/a.py"], ["77"]),
        ],
    )
    def test_a_zip_of_any_layout_is_read(
        self, tmp_path: Path, scratch: Path, wrapper: str, platform: str, files: list[str], expected: list[str]
    ) -> None:
        contents: dict[str, str | bytes] = {
            "submission_metadata.yml": METADATA,
            "bob.zip": packed({"convolution.py": CODE}),
        }
        path = pack(tmp_path / "all.zip", {wrapper + name: contents.get(name, CODE) for name in files})
        deliveries = find_deliveries(path, scratch=scratch)

        assert deliveries.platform == platform
        assert students(deliveries) == expected
        assert all(scratch in delivery.path.parents for delivery in deliveries.found)
        for delivery in deliveries.found:
            assert "conv2d" in read_submission(delivery.path, make_assignment(), trusted_path=False).source

    def test_names_in_cp949_and_nfd_are_read(self, tmp_path: Path, scratch: Path) -> None:
        path = pack(tmp_path / "all.zip", {"AAAA_1_assignsubmission_file/a.py": CODE})
        nfd = unicodedata.normalize("NFD", "이준")
        pack(tmp_path / "mac.zip", {f"{nfd}_2_assignsubmission_file/a.py": CODE})
        path.write_bytes(path.read_bytes().replace(b"AAAA", "민지".encode("cp949")))
        found = find_deliveries(path, scratch=scratch).found
        found += find_deliveries(tmp_path / "mac.zip", scratch=tmp_path / "other").found

        assert [(delivery.student, delivery.name) for delivery in found] == [("1", "민지"), ("2", "이준")]

    @pytest.mark.parametrize("name", ["../evil.py", "/etc/evil.py", "C:/evil.py", "a/../../evil.py", "a\x1b[31m.py"])
    def test_one_bad_name_stays_out_and_the_class_is_read(self, tmp_path: Path, scratch: Path, name: str) -> None:
        path = pack(tmp_path / "all.zip", {"alice/a.py": CODE, name: CODE, "bob/a.py": CODE})
        deliveries = find_deliveries(path, scratch=scratch)

        assert students(deliveries) == ["alice", "bob"]
        (rejected,) = deliveries.rejected
        assert rejected.reason
        assert rejected.where.isascii()
        assert not list(tmp_path.rglob("evil.py"))

    def test_a_link_stays_out(self, tmp_path: Path, scratch: Path) -> None:
        path = pack(tmp_path / "all.zip", {"alice/a.py": CODE, "carol/a.py": CODE})
        add_link(path, "bob", "/etc")
        add_link(path, "alice/b.py", "../../../secret.py")
        deliveries = find_deliveries(path, scratch=scratch)

        assert students(deliveries) == ["alice", "carol"]
        assert set(reasons(deliveries)) == {"bob", "alice/b.py"}
        assert names(deliveries.found[0].path) == ["a.py"]

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_of_two_files_with_one_name_none_is_taken(self, tmp_path: Path, scratch: Path) -> None:
        path = pack(tmp_path / "all.zip", [("alice/a.py", "1"), ("alice/a.py", "2"), ("bob/a.py", CODE)])
        deliveries = find_deliveries(path, scratch=scratch, platform="folders")

        assert students(deliveries) == ["bob"]
        assert [rejected.where for rejected in deliveries.rejected] == ["alice/a.py"] * 2

    def test_a_file_where_a_folder_is_stays_out(self, tmp_path: Path, scratch: Path) -> None:
        path = pack(tmp_path / "all.zip", {"alice/a.py": CODE, "alice": CODE, "bob/a.py": CODE, "bob/a.py/b.py": CODE})
        deliveries = find_deliveries(path, scratch=scratch)

        assert students(deliveries) == ["alice", "bob"]
        assert set(reasons(deliveries)) == {"alice", "bob/a.py/b.py"}

    def test_a_bomb_stays_out_and_the_class_is_read(self, tmp_path: Path, scratch: Path) -> None:
        path = pack(tmp_path / "all.zip", {"alice/a.py": b"\0" * (20 << 20), "bob/a.py": CODE, "carol/a.py": CODE})
        deliveries = find_deliveries(path, scratch=scratch)

        assert students(deliveries) == ["bob", "carol"]
        assert "times its packed size" in reasons(deliveries)["alice/a.py"]

    def test_a_lie_about_the_size_stays_out(self, tmp_path: Path, scratch: Path) -> None:
        path = pack(tmp_path / "all.zip", {"alice/a.py": b"x" * 70_001, "bob/a.py": CODE, "carol/a.py": CODE})
        path.write_bytes(path.read_bytes().replace((70_001).to_bytes(4, "little"), (70_000).to_bytes(4, "little")))
        deliveries = find_deliveries(path, scratch=scratch)

        assert students(deliveries) == ["bob", "carol"]
        assert "lies about its size" in reasons(deliveries)["alice/a.py"]
        assert not (scratch / "unpacked" / "alice" / "a.py").exists()

    def test_a_damaged_file_stays_out(self, tmp_path: Path, scratch: Path) -> None:
        path = tmp_path / "all.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("alice/a.py", "x" * 100)
            archive.writestr("bob/a.py", CODE)
        path.write_bytes(path.read_bytes().replace(b"x" * 100, b"y" * 100))
        deliveries = find_deliveries(path, scratch=scratch)

        assert students(deliveries) == ["bob"]
        assert list(reasons(deliveries)) == ["alice/a.py"]

    def test_one_students_thousand_files_cost_nobody_else(self, tmp_path: Path, scratch: Path) -> None:
        files = {f"alice/{number}.py": CODE for number in range(50)}
        path = pack(tmp_path / "all.zip", {**files, "bob/a.py": CODE})
        deliveries = find_deliveries(path, scratch=scratch, limits=CohortLimits(student_files=10))

        assert students(deliveries) == ["alice", "bob"]
        assert len(deliveries.rejected) == 1
        assert "more than 10 files" in deliveries.rejected[0].reason

    def test_one_students_gigabytes_cost_nobody_else(self, tmp_path: Path, scratch: Path) -> None:
        files = {f"alice/{number}.py": os.urandom(600) for number in range(3)}
        path = pack(tmp_path / "all.zip", {**files, "bob/a.py": CODE})
        deliveries = find_deliveries(path, scratch=scratch, limits=CohortLimits(student_bytes=1_000))

        assert students(deliveries) == ["alice", "bob"]
        assert len(deliveries.rejected) == 2

    def test_a_name_too_long_for_a_disk_is_shortened(self, tmp_path: Path, scratch: Path) -> None:
        long = "합" * 300
        path = pack(tmp_path / "all.zip", {f"kim_1_2_{long}.py": CODE, "lee_2_3_a.py": CODE})
        found = find_deliveries(path, scratch=scratch).found

        assert [delivery.student for delivery in found] == ["1", "2"]
        assert names(found[0].path)[0].endswith("합.py")

    @pytest.mark.parametrize(
        ("limits", "what"),
        [
            (CohortLimits(files=1), "holds 2 files"),
            (CohortLimits(unpacked_bytes=10), "unpacks to more than 10"),
            (CohortLimits(archive_bytes=10), "larger than 10"),
        ],
    )
    def test_a_class_over_the_limits_is_refused(
        self, tmp_path: Path, scratch: Path, limits: CohortLimits, what: str
    ) -> None:
        path = pack(tmp_path / "all.zip", {"alice/a.py": CODE, "bob/a.py": CODE})
        with pytest.raises(UsageError, match=what) as caught:
            find_deliveries(path, scratch=scratch, limits=limits)
        assert caught.value.fix

    def test_more_headers_than_files_are_refused_before_they_are_read(self, tmp_path: Path, scratch: Path) -> None:
        path = tmp_path / "all.zip"
        path.write_bytes(packed({"a.py": CODE}) + b"PK\x01\x02" * 100)
        with pytest.raises(UsageError, match="more than 10 files"):
            find_deliveries(path, scratch=scratch, limits=CohortLimits(files=10))

    @pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"not a zip", b"Rar!\x1a\x07", b"PK\x03\x04" + b"\0" * 500])
    def test_what_is_no_zip_is_refused(self, tmp_path: Path, scratch: Path, data: bytes) -> None:
        (tmp_path / "all.zip").write_bytes(data)
        with pytest.raises(UsageError) as caught:
            find_deliveries(tmp_path / "all.zip", scratch=scratch)
        assert caught.value.fix

    def test_an_empty_zip_holds_nothing(self, tmp_path: Path, scratch: Path) -> None:
        deliveries = find_deliveries(pack(tmp_path / "all.zip", {}), scratch=scratch)
        assert not deliveries.found

    @pytest.mark.parametrize("position", range(0, 400, 7))
    def test_damage_anywhere_is_said_and_never_crashes(self, tmp_path: Path, scratch: Path, position: int) -> None:
        path = pack(tmp_path / "all.zip", {"alice/a.py": CODE * 9, "bob/a.py": CODE, "carol/a.py": CODE})
        data = bytearray(path.read_bytes())
        data[position % len(data)] ^= 0xFF
        path.write_bytes(data)
        assert said(path, scratch)


class TestAnyDownload:
    def test_a_missing_path_and_a_used_scratch_folder_are_refused(self, download: Path, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="there is no"):
            find_deliveries(tmp_path / "none", scratch=tmp_path / "scratch")
        with pytest.raises(UsageError, match="not empty"):
            find_deliveries(download, scratch=fill(tmp_path / "used", {"a.py": CODE}))

    def test_a_platform_can_be_named(self, download: Path, scratch: Path) -> None:
        fill(download, {"20261234_1_2_a.py": CODE})
        assert only(find_deliveries(download, scratch=scratch, platform="folders")).student == "20261234_1_2_a"
        with pytest.raises(UsageError, match="canvass") as caught:
            find_deliveries(download, scratch=scratch, platform="canvass")
        assert "canvas" in caught.value.fix
        with pytest.raises(UsageError, match="submission_metadata"):
            find_deliveries(download, scratch=scratch, platform="gradescope")

    @posix
    def test_a_disk_that_cannot_be_written_is_an_error_of_its_own(self, download: Path, tmp_path: Path) -> None:
        fill(download, {"kim_1_2_a.py": CODE})
        with pytest.raises(UsageError, match="cannot be copied"):
            find_deliveries(download, scratch=Path("/dev/full/scratch"))

    @given(
        tops=st.dictionaries(
            st.text(
                st.characters(exclude_characters="/\\\0", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60
            ).filter(lambda name: len(name.encode()) < 200 and name.strip(". ") == name),
            st.sampled_from(["file", "folder"]),
            max_size=8,
        )
    )
    def test_nothing_at_the_top_disappears(
        self, tops: dict[str, str], tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        base = tmp_path_factory.mktemp("any")
        download = base / "download"
        download.mkdir()
        for name, kind in tops.items():
            fill(download, {f"{name}/a.py" if kind == "folder" else f"{name}.py": CODE})
        deliveries = find_deliveries(download, scratch=base / "scratch")

        count = len(list_folder(download, most=100))
        files = sum(len(list(found.path.rglob("*.py"))) if found.path.is_dir() else 1 for found in deliveries.found)
        assert files + len(deliveries.rejected) >= count

    def test_two_thousand_files_take_less_memory_than_they_hold(self, download: Path, scratch: Path) -> None:
        for number in range(2_000):
            (download / f"kim_{number}_{number}_a.py").write_bytes(b"x" * 5_000)
        tracemalloc.start()
        deliveries = find_deliveries(download, scratch=scratch)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

        assert len(deliveries.found) == 2_000
        assert peak < 2_000 * 3_500  # what is kept of each, far below what was copied


class TestTimes:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("2026-03-01T12:00:00+09:00", datetime(2026, 3, 1, 12, tzinfo=KST)),
            ("2026-03-01 12:00:00.123456789 Z", datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)),
            ("2026-03-01 12:00:00 UTC", datetime(2026, 3, 1, 12, tzinfo=UTC)),
            ("20260301_120000-0730", datetime(2026, 3, 1, 12, tzinfo=timezone(-timedelta(hours=7, minutes=30)))),
            ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
            ("2026-02-30", None),
            ("2026-03-01T25:00:00Z", None),
            ("2026-03-01T12:00:00+99:00", None),
            ("20261234", None),
            ("yesterday", None),
        ],
    )
    def test_times_are_read(self, text: str, expected: datetime | None) -> None:
        assert parse_time(text) == expected

    @given(st.datetimes(timezones=st.timezones()))
    def test_every_iso_time_is_read_as_python_writes_it(self, at: datetime) -> None:
        seconds = (at.utcoffset() or timedelta()).total_seconds()
        if seconds % 60 == 0:
            assert parse_time(at.isoformat()) == datetime.fromisoformat(at.isoformat())

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "cp949"])
    def test_a_list_gives_each_attempt_its_time(
        self, download: Path, scratch: Path, tmp_path: Path, encoding: str
    ) -> None:
        path = tmp_path / "times.csv"
        rows = ["이름,id,timestamp", "김,alice,2026-03-02T00:00:00Z", "", "김,alice,2026-03-01T00:00:00Z"]
        path.write_bytes("\n".join([*rows, "최,zoe,2026-03-01T00:00:00Z"]).encode(encoding))
        fill(download, {"alice/attempt_1/a.py": CODE, "alice/attempt_2/a.py": CODE, "bob/a.py": CODE})
        deliveries = find_deliveries(download, scratch=scratch, times=read_times(path))

        assert [found.submitted_at and found.submitted_at.day for found in deliveries.found] == [1, 2, None]
        assert list(reasons(deliveries)) == ["zoe"]

    def test_one_time_is_the_latest_attempts(self, download: Path, scratch: Path) -> None:
        at = datetime(2026, 3, 1, tzinfo=UTC)
        fill(download, {"alice/attempt_1/a.py": CODE, "alice/attempt_2/a.py": CODE})
        found = find_deliveries(download, scratch=scratch, times={"alice": (at,)}).found

        assert [delivery.submitted_at for delivery in found] == [None, at]

    @pytest.mark.parametrize(
        "rows", ["alice,2026-03-01", "alice,2026-03-01T12:00:00", "alice", ",2026-03-01T12:00:00Z", "id,timestamp\nx,y"]
    )
    def test_a_row_without_a_sure_time_is_refused(self, tmp_path: Path, rows: str) -> None:
        (tmp_path / "times.csv").write_text(rows)
        with pytest.raises(UsageError) as caught:
            read_times(tmp_path / "times.csv")
        assert "line" in caught.value.where

    def test_a_files_own_time_is_never_believed(self, download: Path, scratch: Path) -> None:
        fill(download, {"alice/a.py": CODE})
        os.utime(download / "alice" / "a.py", (1, 1))
        assert only(find_deliveries(download, scratch=scratch)).submitted_at is None


class TestPlaces:
    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
    def test_a_shortened_name_fits_a_disk_and_keeps_its_ending(self, name: str) -> None:
        short = shortened(f"{name}.py")
        assert len(short.encode()) <= 255
        assert short.endswith(".py")
        assert shortened(short) == short

    def test_a_file_swapped_for_a_link_is_not_copied(self, download: Path, scratch: Path, tmp_path: Path) -> None:
        """The listing said "file"; when it is read it is a link."""
        fill(tmp_path, {"secret": "secret"})
        (download / "kim_1_2_a.py").symlink_to(tmp_path / "secret")
        listed = Found(name="kim_1_2_a.py", path=download / "kim_1_2_a.py", kind="file")
        result = sort_canvas([listed], Gathering(scratch, CohortLimits()))

        assert not result.found
        assert [type(item) for item in result.rejected] == [Rejected]
        assert not list(scratch.rglob("a.py"))
