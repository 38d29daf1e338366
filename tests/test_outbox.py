"""A batch's folder: whose file it is can be seen, and nobody leads out of it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.cohort import Delivery
from grader.errors import UsageError
from grader.outbox import Outbox, OutboxError, file_name, write_file
from grader.records import Audience
from tests.builders import make_report

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def deliver(student: str, attempt: int = 1) -> Delivery:
    return Delivery(student=student, path=Path("in"), attempt=attempt)


@pytest.mark.parametrize("student", ["20261234", "kim@example.edu", "\uae40\ubbfc\uc218", "a.b-c_d+e"])
def test_a_plain_id_is_the_name(student: str) -> None:
    assert file_name(deliver(student)) == student
    assert file_name(deliver(student, 3)) == f"{student}_attempt_3"


@pytest.mark.parametrize(
    "student", ["../../etc/x", "/abs", "..", "", "a/b", "a\0b", "x" * 300, "\udcff", ".hidden", "A\nB"]
)
def test_any_other_stays_in_the_folder(student: str) -> None:
    name = file_name(deliver(student))

    assert Path("folder", name).parent == Path("folder")
    assert not name.startswith(".")
    assert len(name) < 100


def test_two_students_have_two_files() -> None:
    """Also where a system takes upper and lower case for one, or the odd letters are the same when replaced."""
    names = [file_name(deliver(student)).lower() for student in ("kim", "Kim", "KIM", "k/m", "k?m", "k\\m")]

    assert len(set(names)) == len(names)


def test_staff_and_exports_have_their_own_view(tmp_path: Path) -> None:
    """The staff's JSON tells the seed, an export for students does not."""
    box = Outbox(tmp_path, formats=["json", "junit"])
    delivery = deliver("ann")

    box.put(delivery, make_report(), graded_at=NOW)

    assert "seed" in json.loads((tmp_path / "reports/ann.json").read_text())
    assert "seed" not in json.loads((tmp_path / "json/ann.json").read_text())
    assert (tmp_path / "junit/ann.xml").read_text().startswith("<?xml")
    assert Outbox(tmp_path, formats=["json", "junit"], audience=Audience.STAFF).has(delivery)
    assert not Outbox(tmp_path, formats=["lti"]).has(delivery)


def test_a_page_is_named_as_one(tmp_path: Path) -> None:
    """A browser shows no page whose name ends with `.json`."""
    box = Outbox(tmp_path, formats=["html"])

    box.put(deliver("ann"), make_report(), graded_at=NOW)

    assert (tmp_path / "html/ann.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_format_that_is_none_is_told_before_anything_is_graded(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no export format `jnuit`"):
        Outbox(tmp_path, formats=["jnuit"])


def test_what_cannot_be_written_is_our_fault(tmp_path: Path) -> None:
    """Exit code 3: nobody's grade is lost, the same command goes on."""
    with pytest.raises(OutboxError) as caught:
        write_file(tmp_path / "nowhere" / "gradebook.csv", b"")

    assert caught.value.exit_code == 3
