import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.exports import junit
from grader.records import Audience, Notice, Outcome, Report, Visibility
from tests.builders import make_report, make_result

SCHEMA = xmlschema.XMLSchema(Path(__file__).parents[1] / "schemas" / "junit-10.xsd")


def render(report: Report, audience: Audience = Audience.STUDENT) -> ET.Element:
    """Every export of this file goes through the schema."""
    text = junit.render(report, audience)
    root = ET.fromstring(text.encode())
    SCHEMA.validate(root)
    return root


def case_of(root: ET.Element) -> ET.Element:
    (case,) = root.iter("testcase")
    return case


class TestSchema:
    @pytest.mark.parametrize(
        "text",
        [
            "<testsuites><testsuite name='a' tests='1' failures='0' errors='0' time='1e-05'/></testsuites>",
            "<testsuite tests='1' failures='0' errors='0'/>",
            "<testsuite name='a' tests='1' failures='0' errors='0'><testcase name='b' file='c.py'/></testsuite>",
            "<testsuites skipped='1'/>",
            "<testsuite name='a' tests='1' failures='0' errors='0'><testcase/></testsuite>",
        ],
    )
    def test_the_schema_refuses_what_jenkins_refuses(self, text: str) -> None:
        """So that passing it means something."""
        assert not SCHEMA.is_valid(ET.fromstring(text))


class TestRender:
    def test_a_passed_test_is_a_case_of_its_questions_class(self) -> None:
        """With nothing inside."""
        case = case_of(render(make_report(results=[make_result(visibility=Visibility.VISIBLE, duration_s=0.0125)])))

        assert case.attrib == {"name": "test_stride_and_size_differ", "classname": "hw1.conv2d", "time": "0.013"}
        assert list(case) == []

    @pytest.mark.parametrize(
        ("outcome", "tag"),
        [
            (Outcome.FAILED, "failure"),
            (Outcome.NOT_ATTEMPTED, "failure"),
            (Outcome.TIMEOUT, "failure"),
            (Outcome.OUT_OF_MEMORY, "failure"),
            (Outcome.CRASHED, "failure"),
            (Outcome.SKIPPED, "skipped"),
            (Outcome.GRADER_ERROR, "error"),
        ],
    )
    def test_nothing_that_did_not_pass_looks_green(self, outcome: Outcome, tag: str) -> None:
        """A stub is a failure; our fault is an error, not a failure."""
        root = render(make_report(results=[make_result(score=None, outcome=outcome, feedback="why")]))
        suite = root.find("testsuite")
        (ending,) = case_of(root)

        assert suite is not None
        assert (ending.tag, ending.get("type")) == (tag, outcome.value)
        counts = {key: suite.get(key) for key in ("failures", "errors", "skipped")}
        assert counts == {"failures": "0", "errors": "0", "skipped": "0"} | {
            {"failure": "failures", "error": "errors", "skipped": "skipped"}[tag]: "1"
        }

    def test_a_failure_says_title_feedback_and_hint(self) -> None:
        """The same three that the console shows."""
        result = make_result(score=0, title="A rule.", feedback="wrong shape", hint="use floor")

        (failure,) = case_of(render(make_report(results=[result])))

        assert failure.get("message") == "FAIL A rule."
        assert failure.text == "A rule.\nwrong shape\nhint: use floor"

    def test_only_staff_get_logs_seeds_and_hidden_times(self) -> None:
        """A hidden test's output could carry its inputs."""
        report = make_report(results=[make_result(log="x = 31337", duration_s=0.4142)], duration_s=0.4142)

        student, staff = junit.render(report, Audience.STUDENT), junit.render(report, Audience.STAFF)

        assert case_of(render(report, Audience.STAFF)).findtext("system-out") == "x = 31337"
        for secret in ("31337", "0.414", "81c2f0a4"):
            assert secret in staff
            assert secret not in student

    def test_a_rejected_submission_is_a_failed_case(self) -> None:
        """A suite without cases would look green."""
        (failure,) = case_of(render(make_report(results=[], score=None, rejected="no file\n  fix: name it so")))

        assert (failure.tag, failure.get("type")) == ("failure", "rejected")
        assert failure.text == "no file\n  fix: name it so"

    def test_a_report_without_results_is_an_error(self) -> None:
        """Our fault, and not green."""
        (error,) = case_of(render(make_report(results=[], score=None, needs_review=True)))

        assert (error.tag, error.get("type")) == ("error", "not_graded")

    def test_names_are_unique(self) -> None:
        """GitLab joins cases of one class and name; the third name is already taken here."""
        names = ["test_a", "test_a", "test_a (2)", "test_a"]
        root = render(make_report(results=[make_result(name=name) for name in names]))

        assert [case.get("name") for case in root.iter("testcase")] == [
            "test_a",
            "test_a (2)",
            "test_a (2) (2)",
            "test_a (3)",
        ]

    def test_the_score_is_a_property(self) -> None:
        """JUnit knows no points; empty where there is no score."""
        graded = render(make_report(score=2.5, max_score=4))
        rejected = render(make_report(score=None, results=[], rejected="no"))

        assert [item.get("value") for item in graded.iter("property")][:2] == ["2.5", "4"]
        assert [item.get("value") for item in rejected.iter("property")][:2] == ["", "4"]

    def test_notices_are_told_and_bounded(self) -> None:
        """As the suite's output."""
        root = render(make_report(notices=[Notice(text="set aside", where="cell 4")] * 1_000))
        told = root.findtext("testsuite/system-out") or ""

        assert told.startswith("cell 4: set aside\n")
        assert told.endswith("\nand 900 more")

    @pytest.mark.parametrize("duration_s", [0.0, 1e-9, 12345.678, float("nan"), float("inf"), -1.0])
    def test_a_time_is_digits_and_a_point(self, duration_s: float) -> None:
        """The schema knows no exponent."""
        report = make_report(results=[make_result(duration_s=duration_s)], duration_s=duration_s)

        assert re.fullmatch(r"\d+\.\d{3}", render(report, Audience.STAFF).get("time", ""))

    @settings(max_examples=50, deadline=None)
    @given(st.text(st.characters() | st.characters(categories=["Cc", "Cs"]) | st.sampled_from("]>&<'\"\x00\x1b\ufffe")))
    def test_any_text_makes_a_legal_file(self, text: str) -> None:
        """In every field that a submission, or a course, reaches."""
        result = make_result(name=f"test{text}", title=text, question=text, score=0, feedback=text, hint=text, log=text)
        report = make_report(student=text, submission=text, results=[result], notices=[Notice(text=text, where=text)])

        render(report, Audience.STAFF)

    def test_an_attack_on_the_format_stays_text(self) -> None:
        """The end of a CDATA section, an element, an entity, a workflow command."""
        attack = ']]></failure><testcase name="won"/> &lt; &#0; <![CDATA[ ::error::x'
        root = render(make_report(results=[make_result(score=0, title="T.", feedback=attack)]))

        (failure,) = case_of(root)
        assert failure.text == "T.\n" + attack.replace("::error", ": :error")

    def test_a_file_is_bounded(self) -> None:
        """However much a submission prints."""
        flood = "x" * 1_000_000
        result = make_result(score=0, feedback=flood, hint=flood, log=flood)

        assert len(junit.render(make_report(results=[result] * 20), Audience.STAFF)) < 500_000
