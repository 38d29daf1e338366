import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.text import number, one_line, printable, tidy

# Any code point, lone surrogates too, and often the letters of which attacks are made.
letters = st.characters() | st.characters(categories=["Cc", "Cf", "Cs"]) | st.sampled_from("\x1b]:[#;m\x07\n\t ")
texts = st.lists(letters | st.sampled_from(["::error::", "##[", "\x1b[31m", "\x9b"]), max_size=60).map("".join)


class TestPrintable:
    @given(texts)
    def test_only_newline_and_tab_are_left_of_the_control_characters(self, text: str) -> None:
        """Neither C0 nor C1 nor DEL is in the answer."""
        assert {letter for letter in printable(text) if unicodedata.category(letter) == "Cc"} <= {"\n", "\t"}

    @given(texts)
    def test_the_answer_is_legal_in_xml_and_utf8(self, text: str) -> None:
        """XML 1.0 knows #x9, #xA, #xD, #x20-#xD7FF, #xE000-#xFFFD and above, without noncharacters."""
        seen = printable(text)

        assert seen.encode().decode() == seen
        assert all(
            letter in "\t\n" or " " <= letter <= "\ud7ff" or "\ue000" <= letter <= "\ufffd" or letter >= "\U00010000"
            for letter in seen
        )

    @given(texts, st.integers(40, 200))
    def test_the_answer_is_never_longer_than_its_limit(self, text: str, limit: int) -> None:
        """The note about the cut counts too."""
        assert len(printable(text * 10, limit=limit)) <= limit

    @given(texts)
    def test_a_second_time_changes_nothing(self, text: str) -> None:
        """So that console, export and plugin may each do it."""
        seen = printable(text)

        assert printable(seen) == seen

    @given(texts)
    def test_no_line_starts_a_workflow_command(self, text: str) -> None:
        """Wherever a fold puts the line's start."""
        for line in printable(text).split("\n"):
            for start, _ in enumerate(line):
                name, sign, _rest = line[start:].removeprefix("::").partition("::")
                assert not (line[start:].startswith("::") and sign and name[:1].isascii() and name[:1].isalpha())

    @given(st.text(st.characters(categories=["L", "N", "P", "Z"], exclude_characters=":#\u2028\u2029"), max_size=99))
    def test_ordinary_text_stays_as_it_is(self, text: str) -> None:
        """Letters of every script, digits and punctuation are not touched."""
        assert printable(text) == text

    @pytest.mark.parametrize(
        ("text", "seen"),
        [
            ("\x1b[31mred\x1b[0m", "red"),
            ("\x1b]0;a new title\x07text", "text"),
            ("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", "link"),
            ("\x1b]52;c;never ended", "\\x1b]52;c;never ended"),
            ("\x1b[\x1b[0m31m", "\\x1b[31m"),
            ("\x9b2J", ""),
            ("a\x00b\x7f\x85", "a\\x00b\\x7f\\x85"),
            ("evil\u202etxt.exe", "evil\\u202etxt.exe"),
            ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
            ("\ud800\udc80", "\\ud800\\udc80"),
            ("\uffff\U0010ffff\U000e0041", "\\uffff\\U0010ffff\\U000e0041"),
            ("one\r\ntwo\rthree", "one\ntwo\nthree"),
            ("::error file=x::boo", ": :error file=x::boo"),
            (":\x1b[0m:stop-commands::x", ": :stop-commands::x"),
            ("##vso[task.complete]", "# #vso[task.complete]"),
            ("##[error]", "# #[error]"),
            ("x[::2], std::vector", "x[::2], std::vector"),
            ("Z\u0301\u0302\u0303\u0304\u0305", "Z\u0301\u0302\u0303"),
            ("[red]합성곱[/red]\t\u200d", "[red]합성곱[/red]\t\u200d"),
        ],
    )
    def test_an_attack_becomes_visible(self, text: str, seen: str) -> None:
        """One row for each thing that a terminal or a CI would act on, and for two that only look like it."""
        assert printable(text) == seen

    def test_a_cut_says_how_much_is_missing(self) -> None:
        """Every letter is either shown or counted."""
        seen = printable("y" * 10_000, limit=100)

        assert seen == "y" * 84 + "... (+9916)"

    @pytest.mark.parametrize("piece", ["\x1b]", "\x1b[0", ":: ", "::a", "##", "\x1b]0;\x1b", "\u0301", "\x9b1;"])
    def test_a_megabyte_of_escapes_takes_no_time(self, piece: str) -> None:
        """The patterns are linear, and only twice the limit is looked at."""
        start = time.perf_counter()
        printable(piece * 500_000, limit=100_000)

        assert time.perf_counter() - start < 10


class TestOneLine:
    @given(texts)
    def test_it_has_one_line(self, text: str) -> None:
        """A title or a path cannot start a line of its own."""
        line = one_line(text)

        assert line.splitlines() in ([], [line])
        assert "\t" not in line
        assert one_line(line) == line

    def test_it_is_bounded(self) -> None:
        """A cut is seen here too."""
        assert one_line("a b\n" * 1_000, limit=60) == "a b " * 11 + "... (+3955)"


class TestNumber:
    @pytest.mark.parametrize(
        ("value", "text"),
        [(14, "14"), (13.5, "13.5"), (1 / 3, "0.33"), (0.1 * 3, "0.3"), (-0.0, "0"), (-0.001, "0"), (100.0, "100")],
    )
    def test_points_are_written_as_a_person_does(self, value: float, text: str) -> None:
        """At most two decimals, and never a minus zero."""
        assert number(value) == text

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
    def test_points_that_are_not_finite_are_refused(self, value: float) -> None:
        """They could only come from a fault of ours."""
        with pytest.raises(ValueError, match="must be finite"):
            tidy(value)
