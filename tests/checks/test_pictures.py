"""Tests of grader.checks.pictures: which part of which array is shown, and how much of it."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from grader.checks.accuracy import Accuracy
from grader.checks.arrays import check_equal
from grader.checks.pictures import SIDE, picture_call, picture_example, picture_values
from grader.errors import CheckFailed
from grader.records import Picture

ACCURACY = Accuracy(terms=1, magnitude=1.0, dtype=None)


def convolve(x: Any, w: Any, b: Any) -> None:
    """Names the arguments."""


def pictures(got: Any, expected: Any) -> dict[str, Picture]:
    return {each.role: each for each in picture_values(got, expected, ACCURACY, same_dtype=True)}


def test_the_first_wrong_value_is_in_the_pictures_and_marked() -> None:
    expected = np.arange(2 * 5 * 6 * 3.0).reshape(2, 5, 6, 3)
    got = expected.copy()
    got[1, 3, 4, 2] += 10
    got[1, 4, 0, 0] = 7

    shown = pictures(got, expected)

    assert list(shown) == ["got", "expected", "difference"]
    for each in shown.values():
        assert (each.shape, each.part, each.marked) == ((2, 5, 6, 3), "[1, :, :, 2]", (3, 4))
    assert shown["got"].rows[3][4] == got[1, 3, 4, 2]
    assert shown["difference"].rows[3][4] == 10
    assert sum(value != 0 for row in shown["difference"].rows for value in row) == 1


def test_arguments_come_first_with_their_names_and_the_same_image() -> None:
    x, w, b = np.ones((2, 7, 8, 3)), np.ones((3, 2, 3, 4)), np.ones(4)
    expected = np.zeros((2, 5, 7, 4))
    got = expected.copy()
    got[1, 2, 3, 3] = 1

    shown = picture_call(convolve, (x, w), {"b": b}, got, expected, ACCURACY)

    assert [(each.role, each.name, each.part) for each in shown] == [
        ("input", "x", "[1, :, :, 0]"),
        ("input", "w", "[:, :, 0, 3]"),
        ("input", "b", ""),
        ("got", "", "[1, :, :, 3]"),
        ("expected", "", "[1, :, :, 3]"),
        ("difference", "", "[1, :, :, 3]"),
    ]
    assert not any(each.marked for each in shown if each.role == "input")


def test_a_large_part_is_cut_around_the_first_wrong_value() -> None:
    expected = np.zeros((200, 300))
    got = expected.copy()
    got[150, 299] = 1

    shown = pictures(got, expected)["got"]

    assert (len(shown.rows), len(shown.rows[0])) == (SIDE, SIDE)
    assert shown.marked is not None
    row, column = shown.marked
    assert (shown.first[0] + row, shown.first[1] + column) == (150, 299)
    assert shown.rows[row][column] == 1


def test_arrays_of_other_shapes_are_shown_without_a_difference() -> None:
    shown = pictures(np.zeros((2, 3)), np.zeros((3, 2)))

    assert list(shown) == ["got", "expected"]
    assert shown["got"].marked is None


def test_the_array_that_differs_is_found_in_a_tuple_and_a_dict() -> None:
    right = {"dx": np.zeros((2, 2)), "rest": (np.zeros(3), np.ones((2, 4)))}
    wrong = {"dx": np.zeros((2, 2)), "rest": (np.zeros(3), np.zeros((2, 4)))}

    assert pictures(wrong, right)["got"].shape == (2, 4)


@pytest.mark.parametrize("got", [None, "text", 3.0, np.float64(2), [1.0, 2.0], np.array(1.0), np.zeros(0)])
def test_what_is_no_array_is_no_picture(got: Any) -> None:
    assert pictures(got, np.zeros((2, 2))) == {}
    assert picture_example((), {}, got) == ()


def test_without_a_right_value_what_came_back_is_shown() -> None:
    shown = picture_example((np.zeros((2, 2)), 3), {}, np.ones((2, 2)))

    assert [each.role for each in shown] == ["input", "got"]


def test_a_law_that_does_not_hold_has_pictures() -> None:
    with pytest.raises(CheckFailed) as caught:
        check_equal(np.zeros((2, 2)), np.eye(2))

    assert [each.role for each in caught.value.pictures] == ["got", "expected", "difference"]


anything = arrays.arrays(
    dtype=st.sampled_from(["f4", "f8", "i8", "u1", "?", "c16"]),
    shape=arrays.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=3),
)


@given(anything, anything)
def test_nothing_that_a_value_holds_makes_it_raise(got: Any, other: Any) -> None:
    expected = np.nan_to_num(other)

    for each in picture_call(convolve, (got, other), {}, got, expected, ACCURACY):
        assert len(each.rows) <= SIDE
        assert all(isinstance(value, float) for row in each.rows for value in row)
        if each.marked is not None and each.role == "difference":
            row, column = each.marked
            assert each.rows[row][column] != 0 or math.isnan(each.rows[row][column])
