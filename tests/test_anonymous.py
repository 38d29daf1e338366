"""Tests of grader.anonymous: nothing leads from a page to a student."""

import dataclasses
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.anonymous import FILE, Pseudonyms, anonymous_entry, anonymous_report, read_pseudonyms
from grader.errors import UsageError
from grader.records import Evidence, Notice, Picture
from tests.builders import make_report, make_result
from tests.cohorts import make_entry

THEIRS = "20261234-kim"


class TestPseudonyms:
    def test_a_student_has_the_same_one_in_every_report_of_a_journal(self, tmp_path: Path) -> None:
        first, second = read_pseudonyms(tmp_path), read_pseudonyms(tmp_path)

        assert first.of("kim") == second.of("kim")
        assert first.of("kim") != first.of("lee")

    def test_another_journal_calls_them_otherwise(self, tmp_path: Path) -> None:
        (tmp_path / "other").mkdir()

        assert read_pseudonyms(tmp_path).of("kim") != read_pseudonyms(tmp_path / "other").of("kim")

    def test_ten_thousand_have_ten_thousand(self) -> None:
        names = Pseudonyms(b"k" * 32)

        assert len({names.of(f"2026{number:05}") for number in range(10_000)}) == 10_000

    def test_one_name_in_two_spellings_is_one_student(self) -> None:
        """A Mac writes Hangul as loose letters; a lone surrogate is a name too."""
        names = Pseudonyms(b"k" * 32)

        assert names.of("\uae40") == names.of("\u1100\u1175\u11b7")
        assert names.of("\udc80")

    @pytest.mark.skipif(sys.platform == "win32", reason="no modes there")
    def test_the_key_is_its_owners_alone(self, tmp_path: Path) -> None:
        read_pseudonyms(tmp_path)

        assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600

    def test_a_broken_key_is_refused_and_not_replaced(self, tmp_path: Path) -> None:
        (tmp_path / FILE).write_text("12ab")

        with pytest.raises(UsageError, match="not whole"):
            read_pseudonyms(tmp_path)
        assert (tmp_path / FILE).read_text() == "12ab"

    def test_a_key_that_cannot_be_kept_is_an_error_with_a_remedy(self, tmp_path: Path) -> None:
        (tmp_path / FILE).mkdir()

        with pytest.raises(UsageError, match="neither read nor written") as caught:
            read_pseudonyms(tmp_path)
        assert "copy the journal" in caught.value.fix


def test_a_report_keeps_only_what_the_course_wrote() -> None:
    """Every other field holds the id, and none is left."""
    picture = Picture(role="got", name=THEIRS, shape=(1, 1), rows=((20261234.0,),))
    result = make_result(
        score=0.0,
        title="A rule",
        hint="a hint",
        feedback=THEIRS,
        log=THEIRS,
        evidence=Evidence(pictures=(picture,)),
    )
    report = dataclasses.replace(
        make_report(
            student=THEIRS,
            submission=f"in/{THEIRS}",
            digest="20261234" * 8,
            notices=(Notice(text=THEIRS, where=THEIRS),),
            rejected=THEIRS,
            results=(result,),
            seed=20261234,
        ),
        data=(THEIRS,),
    )
    shown = anonymous_report(report, "AAAAA-BBBBB")

    assert "20261234" not in repr(shown)
    assert (shown.student, shown.results[0].case.title, shown.results[0].hint) == ("AAAAA-BBBBB", "A rule", "a hint")
    assert (shown.score, shown.max_score, shown.results[0].outcome) == (report.score, 4.0, result.outcome)
    assert shown.rejected


@pytest.mark.parametrize(("late_loss", "reason"), [(0.0, ""), (10.0, "10 points lost for lateness")])
def test_an_entry_tells_only_what_lateness_cost(late_loss: float, reason: str) -> None:
    entry = make_entry(
        70.0,
        late_loss=late_loss,
        reason=f"override by {THEIRS}; before: {THEIRS}.zip",
        comment=THEIRS,
        submitted_at=datetime(2026, 12, 4, tzinfo=UTC),
        digest=THEIRS,
    )
    shown = anonymous_entry(entry)

    assert (shown.score, shown.reason, shown.submitted_at) == (70.0, reason, None)
    assert THEIRS not in repr(shown)
