"""Calls and values become one line each, that can be read and pasted."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.checks.printing import describe_call, name_arguments, shorten, show_pair, show_value


def pool(x: Any, size: int = 2, stride: int | None = None) -> None: ...


def test_a_call_has_names_and_shapes() -> None:
    text = describe_call("pool", pool, (np.ones((2, 7, 9, 3)), 3), {"stride": None})

    assert text == "pool(x (2, 7, 9, 3), size=3, stride=None)"


def test_an_unusual_dtype_is_named() -> None:
    assert describe_call("pool", pool, (np.ones(3, np.float32),), {}) == "pool(x (3,) float32)"


@pytest.mark.parametrize("function", [None, np.add, lambda *args: args], ids=["none", "compiled", "any"])
def test_arguments_without_names_are_shown_without(function: Any) -> None:
    assert describe_call("f", function, (np.ones(2), 3), {}).endswith((" (2,), 3)", " (2,), x2=3)"))


def test_more_arguments_than_parameters_are_all_there() -> None:
    assert [name for name, _ in name_arguments(pool, (1, 2, 3, 4), {})] == ["x", "size", "stride", ""]


@given(
    hnp.arrays(
        st.sampled_from((np.float64, np.float32, np.int64, np.uint8, np.bool_)),
        hnp.array_shapes(max_dims=4, max_side=2),
    )
)
def test_a_small_array_can_be_pasted(array: np.ndarray[Any, Any]) -> None:
    again = eval(show_value(array), {"np": np})

    assert again.shape == array.shape
    assert again.dtype == array.dtype
    assert np.allclose(again, array, rtol=1e-5, equal_nan=True)


def test_a_large_array_is_a_shape() -> None:
    assert show_value(np.ones((5, 5), np.float32)) == "an array of shape (5, 5), float32"


def test_a_pair_shows_where_it_differs() -> None:
    assert show_pair(0.1 + 0.2, 0.3) == ("0.30000000000000004", "0.29999999999999999")
    assert show_pair(2.0, 3.5) == ("2", "3.5")
    assert show_pair(3, "3") == ("3", "'3'")


def test_a_students_text_stays_one_short_line() -> None:
    assert shorten("one\ntwo\t three") == "one two three"
    assert len(shorten("x" * 10_000)) < 320
    assert len(show_value("x" * 10_000)) < 100
