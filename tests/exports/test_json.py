import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.exports import json as json_export
from grader.records import Audience, Isolation, IsolationLevel, Layer, Notice, Outcome, Report, Visibility
from grader.scoring import view
from tests.builders import make_report, make_result

SCHEMA = json.loads(Path(json_export.__file__).with_name("report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

HOSTILE = "[red] \x1b[31m \x00 \ud800 ::error::x ]]> \u202e <script> 합성곱"


def render(report: Report, audience: Audience = Audience.STAFF) -> dict[str, Any]:
    """Every export of this file goes through the schema."""
    text = json_export.render(report, audience)
    document: dict[str, Any] = json.loads(text, parse_constant=pytest.fail)  # NaN and infinity are no JSON
    VALIDATOR.validate(document)
    assert text.endswith("}\n")
    return document


def everything() -> Report:
    """A report in which every field says something."""
    return make_report(
        score=6.5,
        max_score=14.0,
        results=(
            make_result(name="test_a", score=6.5, points=6.5, visibility=Visibility.VISIBLE, duration_s=0.125),
            make_result(
                name="test_b",
                score=0.0,
                points=7.5,
                feedback="wrong",
                hint="try",
                hint_id="turned",
                log="x = 1",
                seed=2**64 - 1,
            ),
        ),
        notices=(Notice(text="a cell was set aside", where="cell 4, line 7"),),
        isolation=Isolation(
            level=IsolationLevel.CONFINED,
            layers=(Layer(name="Landlock", active=True), Layer(name="namespaces", active=False, detail="forbidden")),
        ),
    )


class TestRender:
    def test_the_schema_is_a_schema(self) -> None:
        """A typo in it would let everything pass."""
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def test_a_test_says_what_a_reader_needs(self) -> None:
        """The keys that the issue of a format promises, in this order."""
        document = render(everything(), Audience.STUDENT)

        assert document["score"] == 6.5
        assert document["max_score"] == 14
        assert document["tests"][1] == {
            "name": "test_b",
            "title": "Overlapping windows: the stride is not the window size.",
            "question": "conv2d",
            "visibility": "hidden",
            "outcome": "failed",
            "score": 0,
            "max_score": 7.5,
            "feedback": "wrong",
            "hint": "try",
            "hint_id": "turned",
        }

    def test_staff_also_get_seeds_and_logs(self) -> None:
        """As the text in which the console shows a seed."""
        document = render(everything())

        assert document["seed"] == "0000000081c2f0a4"
        assert document["tests"][1]["seed"] == "f" * 16
        assert document["tests"][1]["log"] == "x = 1"

    def test_a_student_gets_nothing_of_a_hidden_test(self) -> None:
        """No seed, no log, no time, anywhere in the text."""
        report = make_report(
            results=[make_result(log="x = 31337", seed=0xDEC0DE, duration_s=0.4142)], duration_s=0.4142
        )

        text = json_export.render(report, Audience.STUDENT)

        assert not any(secret in text for secret in ("31337", "dec0de", "0.4142", "81c2f0a4", '"seed"', '"log"'))

    @pytest.mark.parametrize("outcome", Outcome)
    def test_every_outcome_can_be_written(self, outcome: Outcome) -> None:
        """A test that the grader could not run has no score."""
        score = None if outcome is Outcome.GRADER_ERROR else 0.0
        report = make_report(
            results=[make_result(outcome=outcome, score=score)], score=score, needs_review=score is None
        )

        test = render(report)["tests"][0]

        assert (test["outcome"], test["score"]) == (outcome.value, score)

    def test_a_rejected_submission_has_a_reason_and_no_score(self) -> None:
        """Null, not zero."""
        document = render(make_report(results=[], score=None, rejected="no file"))

        assert (document["score"], document["max_score"], document["rejected"]) == (None, 4, "no file")

    def test_public_tests_have_no_points(self) -> None:
        """Null, not zero, for the maximum too."""
        report = make_report(results=[make_result(score=0, points=0)], score=None, max_score=None, tests="public")

        assert (render(report)["max_score"], render(report)["suite"]) == (None, "public")

    @pytest.mark.parametrize("audience", Audience)
    def test_only_timings_and_environment_depend_on_clock_and_machine(self, audience: Audience) -> None:
        """The rest is byte-identical."""
        report = everything()
        slower = replace(
            report,
            results=[replace(result, duration_s=9.0) for result in report.results],
            environment={"numpy": "9", "host": "b"},
            duration_s=99.0,
            memory_mb=12.5,
        )

        one, other = render(report, audience), render(slower, audience)

        assert json_export.render(report, audience) == json_export.render(everything(), audience)
        for document in (one, other):
            del document["timings"], document["environment"]
        assert json.dumps(one) == json.dumps(other)

    def test_memory_is_told_where_it_was_measured(self) -> None:
        """In MB, to a tenth; not to a student who has a hidden test."""
        report = replace(make_report(), memory_mb=12.345)

        assert render(report)["timings"]["memory_mb"] == 12.3
        assert "memory_mb" not in render(report, Audience.STUDENT)["timings"]
        assert "memory_mb" not in render(make_report())["timings"]
        assert json_export.read(json_export.render(report, Audience.STAFF), where="a").memory_mb == 12.3

    @pytest.mark.parametrize("audience", Audience)
    def test_it_says_which_images_a_model_was_judged_on(self, audience: Audience) -> None:
        """A sentence each; a line break in one stays in its sentence."""
        report = replace(make_report(), data=("MNIST, verified", "generated\nimages \x1b[31m"))

        assert render(report, audience)["data"] == ["MNIST, verified", "generated images"]
        assert render(make_report(), audience)["data"] == []

    def test_a_part_of_a_test_s_points_is_no_pass(self) -> None:
        document = render(make_report(score=11.16, max_score=30, results=[make_result(score=11.16, points=30)]))

        assert (document["score"], document["tests"][0]["outcome"]) == (11.16, "failed")
        assert document["tests"][0]["score"] == 11.16

    def test_the_environment_is_sorted(self) -> None:
        """A mapping has no order that means anything."""
        one = make_report(environment={"python": "3.11", "numpy": "2.1"})
        other = make_report(environment={"numpy": "2.1", "python": "3.11"})

        assert json_export.render(one, Audience.STAFF) == json_export.render(other, Audience.STAFF)

    def test_points_are_rounded_and_whole_ones_have_no_point(self) -> None:
        """As a person writes them; no 0.30000000000000004, no -0.0."""
        text = json_export.render(
            make_report(score=0.1 * 3, max_score=3.0, results=[make_result(score=-0.0, points=3.0)]), Audience.STUDENT
        )

        assert '"score": 0.3,' in text
        assert '"max_score": 3,' in text
        assert '"score": 0,' in text

    def test_a_duration_that_is_not_finite_is_zero(self) -> None:
        """JSON has no NaN, and a broken clock must not lose a report."""
        report = make_report(results=[make_result(duration_s=float("inf"))], duration_s=float("nan"))

        assert render(report)["timings"] == {
            "total_s": 0.0,
            "tests": [{"name": "test_stride_and_size_differ", "duration_s": 0.0}],
        }

    @pytest.mark.parametrize("audience", Audience)
    def test_hostile_text_is_harmless_and_bounded(self, audience: Audience) -> None:
        """In every field that a submission reaches."""
        hostile = HOSTILE * 2_000
        report = make_report(
            student=HOSTILE,
            submission=HOSTILE,
            results=[make_result(score=0, feedback=hostile, hint=hostile, log=hostile)],
            notices=[Notice(text=hostile, where=HOSTILE)] * 1_000,
        )

        text = json_export.render(report, audience)

        render(report, audience)
        assert "합성곱" in text
        assert not any(letter in text for letter in "\x1b\x00\u202e\ud800")
        assert "::error::" not in text
        assert len(text) < 1_000_000
        assert "and 800 more" in text


class TestRead:
    def test_what_was_written_for_staff_comes_back(self) -> None:
        """A replay starts from an equal report."""
        report = everything()

        assert json_export.read(json_export.render(report, Audience.STAFF), where="r.json") == report

    @given(
        score=st.integers(0, 400).map(lambda cents: cents / 100),
        feedback=st.text(max_size=50),
        log=st.text(max_size=50),
        seed=st.integers(0, 2**64 - 1),
    )
    def test_writing_what_was_read_changes_nothing(self, score: float, feedback: str, log: str, seed: int) -> None:
        """Whatever text a submission put there."""
        report = make_report(results=[make_result(score=score, feedback=feedback, log=log, seed=seed)], score=score)
        text = json_export.render(report, Audience.STAFF)

        again = json_export.read(text.encode(), where="r.json")

        assert again.results[0].seed == seed
        assert json_export.render(again, Audience.STAFF) == text

    @pytest.mark.parametrize("length", [0, 1, 200, -3])
    def test_a_report_that_was_cut_off_is_said_so(self, length: int) -> None:
        """However much of it is left."""
        text = json_export.render(everything(), Audience.STAFF)[:length]

        with pytest.raises(UsageError, match="not whole JSON") as caught:
            json_export.read(text, where="r.json")
        assert caught.value.where == "r.json"
        assert "--audience staff" in caught.value.fix

    @pytest.mark.parametrize(
        "text",
        ["\ud800", b"\xff\xfe{}", '{"x": ' + "[" * 100_000, '{"schema": "cnn-autograde/report/v1", "score": NaN}'],
        ids=["surrogate", "utf-16", "nested", "nan"],
    )
    def test_what_no_parser_reads_is_said_so(self, text: str | bytes) -> None:
        """And nothing else comes out than our error."""
        with pytest.raises(UsageError, match="not whole JSON"):
            json_export.read(text, where="r.json")

    @pytest.mark.parametrize("text", ["[]", "null", "{}", '{"schema": 1}', '"text"'])
    def test_other_json_is_no_report(self, text: str) -> None:
        """A notebook, say."""
        with pytest.raises(UsageError, match="not a report"):
            json_export.read(text, where="r.json")

    def test_another_version_is_named(self) -> None:
        """With both versions in the sentence."""
        with pytest.raises(UsageError, match=r"report/v2`, this version of `grade` reads `cnn-autograde/report/v1`"):
            json_export.read('{"schema": "cnn-autograde/report/v2"}', where="r.json")

    def test_a_students_report_cannot_be_replayed(self) -> None:
        """It has no seeds; the fix says how to get one that has."""
        text = json_export.render(view(everything(), Audience.STUDENT), Audience.STUDENT)

        with pytest.raises(UsageError, match="written for students") as caught:
            json_export.read(text, where="r.json")
        assert "grade again with `--audience staff" in caught.value.fix

    @pytest.mark.parametrize(
        ("change", "complaint"),
        [
            ({"extra": 1}, "unknown field `extra`"),
            ({"seed": "xyz"}, r"at `\$.seed`"),
            ({"seed": 7}, r"at `\$.seed`"),
            ({"score": -1}, r"at `\$.score`"),
            ({"score": 1e999}, "out of range|not whole JSON"),
            ({"suite": "secret"}, r"at `\$.suite`"),
            ({"isolation": {"level": "total", "layers": []}}, r"at `\$.isolation.level`"),
            ({"timings": {"total_s": 0, "tests": []}}, "name different tests"),
        ],
    )
    def test_an_edited_report_is_refused(self, change: dict[str, Any], complaint: str) -> None:
        """The message says at which key."""
        document = render(everything()) | change

        with pytest.raises(UsageError, match=complaint):
            json_export.read(json.dumps(document).replace("Infinity", "1e999"), where="r.json")
