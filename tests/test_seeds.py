"""Seeds: fixed for ever, apart for every student and test, and one text for each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import seeds
from grader.errors import UsageError

SEEDS = st.integers(min_value=0, max_value=2**64 - 1)
NAMES = st.text(max_size=30)


class TestSubmissionSeed:
    def test_it_is_what_it_was_when_the_first_report_was_written(self) -> None:
        """Recomputed by hand with HMAC-SHA256; a change here makes every old report unreplayable."""
        assert seeds.submission_seed(b"secret", "hw1", "alice") == 0xAA14D133F4FA6DF4

    @given(secret=st.binary(max_size=40), assignment=NAMES, student=NAMES)
    def test_it_fits_in_64_bits(self, secret: bytes, assignment: str, student: str) -> None:
        assert 0 <= seeds.submission_seed(secret, assignment, student) < 2**64

    def test_secret_assignment_and_student_each_count(self) -> None:
        drawn = {
            seeds.submission_seed(secret, assignment, student)
            for secret in (b"", b"a", b"b")
            for assignment in ("hw1", "hw12", "")
            for student in ("2kim", "kim", "")
        }

        assert len(drawn) == 27

    def test_where_a_name_ends_counts(self) -> None:
        """("hw1", "2kim") and ("hw12", "kim") are one string when they are only joined."""
        assert seeds.submission_seed(b"s", "hw1", "2kim") != seeds.submission_seed(b"s", "hw12", "kim")

    def test_a_hangul_name_counts_the_same_composed_and_decomposed(self) -> None:
        """A file name from macOS is decomposed; the student is the same."""
        composed, decomposed = "\uae40", "\u1100\u1175\u11b7"

        assert seeds.submission_seed(b"s", "hw1", composed) == seeds.submission_seed(b"s", "hw1", decomposed)

    def test_a_name_that_is_not_utf_8_has_a_seed(self) -> None:
        """A folder's name in CP949 reaches Python with lone surrogates in it."""
        assert seeds.submission_seed(b"s", "hw1", "\udcb1\udce8") != seeds.submission_seed(b"s", "hw1", "")


class TestTestSeed:
    def test_it_is_what_it_was_when_the_first_report_was_written(self) -> None:
        assert seeds.test_seed(0x0123456789ABCDEF, "test_stride") == 0x87512685D5EBDADB

    @given(seed=SEEDS, test=NAMES)
    def test_it_fits_in_64_bits(self, seed: int, test: str) -> None:
        assert 0 <= seeds.test_seed(seed, test) < 2**64

    @given(seed=SEEDS, first=NAMES, second=NAMES)
    def test_two_tests_draw_apart(self, seed: int, first: str, second: str) -> None:
        assert (seeds.test_seed(seed, first) == seeds.test_seed(seed, second)) == (first == second)


class TestShuffled:
    @given(names=st.lists(NAMES), seed=SEEDS)
    def test_every_name_stays(self, names: list[str], seed: int) -> None:
        assert sorted(seeds.shuffled(names, seed)) == sorted(names)

    @given(names=st.lists(NAMES), seed=SEEDS)
    def test_the_order_before_does_not_count(self, names: list[str], seed: int) -> None:
        assert seeds.shuffled(reversed(names), seed) == seeds.shuffled(names, seed)

    @given(names=st.lists(NAMES, unique=True, min_size=1), seed=SEEDS)
    def test_leaving_one_out_keeps_the_order_of_the_others(self, names: list[str], seed: int) -> None:
        """`--only` replays its tests in the order that the whole run had."""
        rest = tuple(name for name in seeds.shuffled(names, seed) if name != names[0])

        assert seeds.shuffled(names[1:], seed) == rest

    def test_seeds_give_different_orders(self) -> None:
        names = [f"test_{number}" for number in range(8)]

        assert len({seeds.shuffled(names, seed) for seed in range(20)}) > 15


class TestText:
    @given(SEEDS)
    def test_what_is_written_is_read_back(self, seed: int) -> None:
        assert seeds.parse_seed(seeds.format_seed(seed)) == seed

    @given(SEEDS)
    def test_a_seed_has_sixteen_digits(self, seed: int) -> None:
        assert len(seeds.format_seed(seed)) == 16

    @pytest.mark.parametrize(
        ("text", "seed"),
        [("0", 0), ("10", 16), ("0x10", 16), ("81C2F0A4", 0x81C2F0A4), (" ff ", 255), ("f" * 16, 2**64 - 1)],
    )
    def test_short_and_capital_digits_are_read(self, text: str, seed: int) -> None:
        """Digits that could be decimal are hexadecimal as well: a text names one seed."""
        assert seeds.parse_seed(text) == seed

    @pytest.mark.parametrize("text", ["", "0x", "-1", "1_0", "g", "f" * 17, "1.5", "\uff11", "1 2"])
    def test_anything_else_is_told(self, text: str) -> None:
        with pytest.raises(UsageError, match="is not a seed") as caught:
            seeds.parse_seed(text)

        assert "16 hexadecimal digits" in caught.value.fix
