"""The first difference is found, told in words, and nothing that a value holds gets around it."""

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.checks.accuracy import Accuracy
from grader.checks.comparison import BrokenCheckError, Difference, compare, describe_kind
from grader.sandbox.plain import Opaque

EXACT = Accuracy(terms=1, magnitude=1.0)


def difference(got: Any, expected: Any) -> Difference:
    found = compare(got, expected, EXACT)
    assert found is not None
    return found


class Liar(np.ndarray[Any, Any]):
    """Equal to everything, of every shape."""

    def __eq__(self, other: object) -> Any:
        return np.ones(self.shape, bool)

    def __sub__(self, other: Any) -> Any:
        return np.zeros(np.shape(other))


class LyingFloat(float):
    def __eq__(self, other: object) -> bool:
        return True

    def __sub__(self, other: float) -> float:
        return 0.0

    __hash__ = float.__hash__


class TestKinds:
    def test_nothing_asks_for_a_return(self) -> None:
        found = difference(None, np.ones(3))

        assert found.brief == "nothing: is there a `return`?"

    def test_a_list_is_not_an_array(self) -> None:
        found = difference([1.0, 2.0], np.array([1.0, 2.0]))

        assert (found.kind, found.got, found.expected) == ("type", "a list of 2", "an array of shape (2,)")

    def test_a_shape_is_told_before_a_dtype(self) -> None:
        found = difference(np.ones((2, 3), np.float32), np.ones((2, 4)))

        assert (found.kind, found.got, found.expected) == ("shape", "shape (2, 3)", "(2, 4)")

    def test_a_shape_that_would_broadcast_is_wrong(self) -> None:
        assert difference(np.ones((1, 3)), np.ones((2, 3))).kind == "shape"
        assert difference(np.ones(1), 1.0).kind == "shape"

    def test_a_dtype_is_told_before_values(self) -> None:
        found = difference(np.zeros(3, np.float32), np.ones(3))

        assert (found.kind, found.got, found.expected) == ("dtype", "dtype float32", "float64")

    def test_another_byte_order_is_the_same_dtype(self) -> None:
        assert compare(np.ones(3, ">f8"), np.ones(3), EXACT) is None

    def test_nan_is_told_with_its_place(self) -> None:
        found = difference(np.array([5.0, np.nan]), np.array([1.0, 2.0]))

        assert (found.kind, found.got, found.where, found.note) == (
            "finite",
            "nan",
            " at [1]",
            "1 of 2 values is nan or inf.",
        )

    def test_values_are_told_with_place_count_and_largest(self) -> None:
        found = difference(np.array([[1.0, 2.5], [3.0, 9.0]]), np.array([[1.0, 2.0], [3.0, 4.0]]))

        assert (found.got, found.expected, found.where) == ("2.5", "2", " at [0, 1]")
        assert found.note == "2 of 4 values differ by up to 5 (tolerance 2e-14: float64, a few roundings)."

    def test_as_many_digits_as_it_takes(self) -> None:
        found = difference(1.00000001, 1.0)

        assert (found.got, found.expected) == ("1.00000001", "1")

    def test_tuples_are_compared_item_by_item(self) -> None:
        right = (np.ones(2), np.zeros(3))

        assert difference((np.ones(2),), right).kind == "length"
        assert difference([np.ones(2), np.zeros(3)], right).kind == "type"
        assert difference((np.ones(2), np.ones(3)), right).where == " at [1][0]"
        assert compare((np.ones(2), np.zeros(3)), right, EXACT) is None

    def test_a_tuple_is_as_good_as_a_list(self) -> None:
        assert compare((1, 2), [1, 2], EXACT) is None

    def test_dicts_are_compared_key_by_key(self) -> None:
        right = [{"shape": (3, 3), "parameters": 9}]

        assert difference([{"shape": (3, 3)}], right).expected == "'parameters', 'shape'"
        assert difference([{"shape": (3, 3), "parameters": 8}], right).where == " at [0]['parameters']"
        assert difference([{"shape": [3, 3], "parameters": 9}], right).kind == "type"

    def test_text_is_compared(self) -> None:
        assert compare("same", "same", EXACT) is None
        assert difference("max", "mean").expected == "'mean'"


class TestNumbers:
    @pytest.mark.parametrize("got", [2.5, np.float64(2.5), np.float32(2.5), np.array(2.5)], ids=describe_kind)
    def test_a_float_may_come_in_any_form(self, got: Any) -> None:
        assert compare(got, 2.5, EXACT) is None
        assert compare(got, np.array(2.5), EXACT) is None

    @pytest.mark.parametrize("got", [3, np.int64(3), np.uint8(3), np.array(3)], ids=describe_kind)
    def test_an_integer_may_come_in_any_form(self, got: Any) -> None:
        assert compare(got, 3, EXACT) is None
        assert compare(got, 3.0, EXACT) is None

    @pytest.mark.parametrize("got", [3.0, np.float64(3.0), np.array(3.0), 3 + 0j], ids=describe_kind)
    def test_a_float_is_no_integer(self, got: Any) -> None:
        assert difference(got, 3).brief == "a number of the wrong type: an integer is due"

    @pytest.mark.parametrize("expected", [1, 1.0, np.array(1)], ids=describe_kind)
    def test_true_is_no_number(self, expected: Any) -> None:
        assert difference(True, expected).kind == "type"
        assert difference(np.True_, expected).kind == "type"

    def test_class_indices_may_have_any_width_but_stay_integers(self) -> None:
        right = np.array([0, 2, 1])

        assert compare(right.astype(np.int32), right, EXACT) is None
        assert difference(right.astype(np.float64), right).expected == "an integer dtype"
        assert difference(right > 0, right).kind == "dtype"

    def test_bools_and_complex_numbers_are_compared(self) -> None:
        assert compare(np.array([True, False]), np.array([True, False]), EXACT) is None
        assert difference(np.array([True, True]), np.array([True, False])).where == " at [1]"
        assert compare(np.array([1 + 1e-16j]), np.array([1 + 0j]), EXACT) is None
        assert difference(np.array([1 + 1j]), np.array([1 - 1j])).note.startswith("The difference is 2")

    def test_integers_beyond_64_bits_are_exact(self) -> None:
        assert compare(2**100, 2**100, EXACT) is None
        assert difference(2**100 + 1, 2**100).kind == "values"
        assert difference(10**400, 1.0).kind == "finite"


class TestHardValues:
    @given(hnp.arrays(np.float64, st.integers(1, 9)), st.data())
    def test_nan_never_passes(self, values: np.ndarray[Any, Any], data: st.DataObject) -> None:
        """Wherever NaN stands, whatever the other values are."""
        right = np.nan_to_num(values)
        got = right.copy()
        got[data.draw(st.integers(0, len(got) - 1))] = np.nan

        assert compare(got, right, EXACT) is not None

    @given(hnp.arrays(st.sampled_from((np.float64, np.float32, np.complex128)), st.integers(0, 5)), st.floats())
    def test_nothing_raises_or_warns(self, got: np.ndarray[Any, Any], other: float) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")

            compare(got, np.zeros(got.shape, got.dtype), EXACT)
            compare(other, 0.0, EXACT)
            compare(np.full(3, other), np.array([1.7e308, -1.7e308, 5e-324]), EXACT)

    def test_infinity_agrees_with_itself_only(self) -> None:
        right = np.array([np.inf, -np.inf])

        assert compare(right.copy(), right, EXACT) is None
        assert difference(np.array([np.inf, np.inf]), right).where == " at [1]"
        assert difference(np.array([1e308, -np.inf]), right).kind == "values"

    def test_an_infinite_answer_does_not_widen_its_own_tolerance(self) -> None:
        assert difference(np.array([np.inf, 5.0]), np.array([1.0, 2.0])).kind == "finite"
        assert difference(np.array([1e300, 2.1]), np.array([1.0, 2.0])).note.startswith("2 of 2")

    def test_a_nan_that_is_expected_is_the_tests_fault(self) -> None:
        with pytest.raises(BrokenCheckError, match="NaN"):
            compare(np.zeros(2), np.array([0.0, np.nan]), EXACT)

    def test_two_wrong_values_may_share_their_nan(self) -> None:
        wrong = np.array([1.0, np.nan])

        assert compare(wrong.copy(), wrong, EXACT, same_nan=True) is None
        assert compare(np.array([np.nan, 1.0]), wrong, EXACT, same_nan=True) is not None

    def test_arrays_that_lie_are_refused(self) -> None:
        liar = np.zeros(3).view(Liar)

        assert difference(liar, np.ones(3)).got == "a Liar"
        assert difference(np.ma.masked_array(np.ones(3)), np.ones(3)).kind == "type"
        assert difference(np.array([object()] * 3), np.ones(3)).kind == "dtype"

    def test_empty_arrays_differ_by_shape_alone(self) -> None:
        assert compare(np.zeros((0, 3)), np.ones((0, 3)), EXACT) is None
        assert difference(np.zeros((0, 3)), np.ones((3, 0))).kind == "shape"

    @pytest.mark.parametrize("got", [object(), {1, 2}, type, b"bytes", "text", {}, [], ()], ids=describe_kind)
    def test_odd_values_are_of_the_wrong_type(self, got: Any) -> None:
        assert difference(got, np.ones(2)).kind == "type"
        assert difference(got, 1.0).kind == "type"

    def test_numbers_that_lie_are_refused(self) -> None:
        assert difference(LyingFloat(1.0), 1.0).got == "a LyingFloat"

    def test_what_does_not_cross_the_wire_keeps_its_article(self) -> None:
        assert describe_kind(Opaque("an array of dtype object")) == "an array of dtype object"
        assert describe_kind(Opaque("generator")) == "a generator"

    def test_an_expected_object_is_the_tests_fault(self) -> None:
        with pytest.raises(BrokenCheckError, match="object"):
            compare(1, object(), EXACT)
