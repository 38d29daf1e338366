"""The nearest known word, or nothing."""

import pytest

from grader.suggestions import did_you_mean

KEYS = ("name", "points", "visibility")


@pytest.mark.parametrize(
    ("wrong", "meant"), [("poins", "points"), ("Point", "points"), ("visiblity", "visibility"), ("NAME", "name")]
)
def test_a_near_word_is_suggested(wrong: str, meant: str) -> None:
    """A slip of the hand, or of the shift key, finds the word that was meant."""
    assert did_you_mean(wrong, KEYS) == f"did you mean `{meant}`?"


@pytest.mark.parametrize("wrong", ["", "zebra", "x", "limits"])
def test_a_far_word_gets_no_suggestion(wrong: str) -> None:
    """A wrong guess would send the reader the wrong way."""
    assert did_you_mean(wrong, KEYS) == ""


def test_what_every_word_begins_with_makes_none_near() -> None:
    """The names of tests all begin alike, and a word of another meaning is no slip of the hand."""
    tests = ["test_strides", "test_the_existing_frame", "test_one_sample"]

    assert did_you_mean("test_nonexistent", tests) == ""
    assert did_you_mean("test_stride", tests) == "did you mean `test_strides`?"


def test_a_suggestion_is_spelled_as_it_is_known() -> None:
    assert did_you_mean("convoluton", ["Convolution"]) == "did you mean `Convolution`?"


def test_nothing_known_gives_no_suggestion() -> None:
    assert did_you_mean("hw1", []) == ""
