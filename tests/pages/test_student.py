"""Tests of grader.pages.student: what stands on the page, and what never does."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from grader.pages import student
from grader.records import Audience, Outcome, Report
from tests.browser import reports
from tests.builders import make_report, make_result

FLIPPED = Path(__file__).parents[1] / "submissions" / "hw01_convolution" / "filter_flipped"


def text_of(report: Report, audience: Audience = Audience.STUDENT) -> str:
    return student.render(report, audience)


class TestWhatIsHidden:
    def test_a_student_sees_no_log_no_seed_and_no_array_of_a_hidden_test(self) -> None:
        told = text_of(reports.ordinary())

        assert "zero_pad returned wrong values." in told
        for secret in ("31337", "zero_pad(x=", "abcdef", "81c2f0a4", "grade replay", "--seed"):
            assert secret not in told

    def test_staff_see_log_seed_and_the_command(self) -> None:
        told = text_of(reports.ordinary(), Audience.STAFF)

        assert "31337.25" in told
        assert (
            "grade hw1 convolution.py --seed 0000000081c2f0a4 --student alice --only test_c --audience staff -v" in told
        )

    def test_a_command_is_one_for_the_shell_whatever_the_file_is_called(self) -> None:
        told = text_of(make_report(submission="a b; rm -rf *"), Audience.STAFF)

        assert "grade hw1 &#39;a b; rm -rf *&#39; --seed" in told

    def test_curves_of_a_hidden_test_are_staff_s(self) -> None:
        """A submission tells them after it saw the images."""
        assert text_of(reports.training()).count("Training, as your code told it") == 1
        assert text_of(reports.training(), Audience.STAFF).count("Training, as your code told it") == 2

    def test_classes_of_images_that_are_not_published_are_staff_s(self) -> None:
        report = reports.training(published=False)

        assert "is taken for" not in text_of(report)
        assert "cat is taken for dog" in text_of(report, Audience.STAFF)
        assert "data:image" not in text_of(report, Audience.STAFF)

    def test_no_number_of_a_hidden_test_is_on_the_page_of_a_real_grading(self, tmp_path: Path) -> None:
        """The log of every hidden test, which staff's page has, is looked for on the student's."""
        own = grade(tmp_path / "student.html", "--seed", "0000000000000001")
        staff = grade(tmp_path / "staff.html", "--seed", "0000000000000001", "--audience", "staff")

        numbers = set[str]()
        for title in ("Several filters give one row each.", "A tap meets the sample on its own side of the middle."):
            ours, theirs = (re.search(rf"{title}</?.*?</article>", told, re.DOTALL) for told in (own, staff))
            assert ours is not None
            assert theirs is not None
            assert "<svg" not in ours[0] + theirs[0]
            numbers |= set(re.findall(r"-?\d+\.\d{3,}", theirs[0])) | set(re.findall(r"w \(\d+, \d+\)", theirs[0]))
        assert len(numbers) > 3
        assert not [each for each in numbers if each in own]


class TestWhatIsThere:
    def test_the_same_report_gives_the_same_bytes(self) -> None:
        for make in (reports.ordinary, reports.training):
            assert text_of(make(), Audience.STAFF) == text_of(make(), Audience.STAFF)

    def test_two_gradings_of_one_submission_give_one_page(self, tmp_path: Path) -> None:
        assert grade(tmp_path / "one.html") == grade(tmp_path / "two.html")

    def test_a_visible_test_is_pictured(self, tmp_path: Path) -> None:
        told = grade(tmp_path / "page.html")

        for title in ("Argument x", "Argument w", "Returned", "Expected", "Returned minus expected"):
            assert f"<h5>{title}</h5>" in told

    def test_the_policy_allows_no_script(self) -> None:
        told = text_of(reports.ordinary())

        assert "script-src &#39;none&#39;" in told
        assert "unsafe" not in told
        assert "<script" not in told
        assert " style=" not in told

    def test_nothing_points_outside(self) -> None:
        for make in (reports.ordinary, reports.training, reports.rejected):
            addresses = re.findall(r'(?:href|src|srcset|action|data|poster)="([^"]*)"', text_of(make()))
            assert all(each.startswith(("#", "data:image/png;base64,")) for each in addresses)

    def test_a_rejected_submission_says_why_and_what_to_do(self) -> None:
        told = text_of(reports.rejected())

        assert "the file is empty" in told
        assert "fix: save it" in told
        assert "<meter" not in told

    def test_our_fault_is_no_score(self) -> None:
        broken = make_result(score=None, outcome=Outcome.GRADER_ERROR, feedback="This test itself failed.")
        told = text_of(make_report(score=None, needs_review=True, results=(broken,)))

        assert "not graded" in told
        assert "not the student&#39;s fault and not a zero" in told

    def test_what_was_not_attempted_is_no_failure(self) -> None:
        told = text_of(make_report(score=0.0, results=(make_result(score=0.0, outcome=Outcome.NOT_ATTEMPTED),)))

        assert 'class="test not_attempted"' in told
        assert "(not attempted)" in told

    def test_public_tests_say_that_the_others_come_later(self) -> None:
        assert "the hidden tests run on hand-in" in text_of(make_report(tests="public", score=None, max_score=None))

    def test_numbers_that_are_none_are_drawn_as_words(self) -> None:
        results = reports.ordinary().results
        picture = results[1].evidence.pictures[3]
        odd = replace(picture, rows=((np.nan, np.inf), (-np.inf, 1e300)), first=(0, 0), marked=(0, 0))
        told = text_of(
            make_report(results=(replace(results[1], evidence=replace(results[1].evidence, pictures=(odd,))),))
        )

        assert "rows: nan, inf; -inf, 1e+300" in told


def grade(file: Path, *options: str) -> str:
    """Grade the flipped filter in a process of its own, and read its page."""
    command = [sys.executable, "-m", "grader", "hw1", str(FLIPPED), "-q", "--export", f"html={file}", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "hw1 86/100\n")
    return file.read_text(encoding="utf-8")
