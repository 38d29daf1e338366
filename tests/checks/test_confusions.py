"""Tests of grader.checks.confusions: what is counted, and which images are shown."""

import numpy as np

from grader.checks.confusions import SHOWN, confusion_of
from grader.synthetic import CLASSES


def predicted(named: list[int], sure: list[float]) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    rows = np.zeros((len(named), CLASSES), np.float32)
    rows[np.arange(len(named)), named] = sure
    return rows


IMAGES = np.arange(6 * 2 * 2, dtype=np.uint8).reshape(6, 2, 2)


def test_rows_are_what_is_shown_and_columns_what_is_named() -> None:
    found = confusion_of(predicted([7, 7, 2], [1, 1, 1]), IMAGES[:3], np.array([7, 2, 2]), data="mnist", published=True)

    assert (found.counts[7][7], found.counts[2][7], found.counts[2][2], sum(map(sum, found.counts))) == (1, 1, 1, 3)


def test_the_surest_mistakes_come_first_as_they_were_published() -> None:
    answers = predicted([1, 1, 1, 1, 1, 0], [0.5, 0.9, 0.4, 0.8, 0.7, 1.0])

    found = confusion_of(answers, IMAGES, np.zeros(6, np.uint8), data="mnist", published=True)

    assert [each.share for each in found.images] == [0.9, 0.8, 0.7, 0.5]
    assert len(found.images) == SHOWN
    assert (found.images[0].pixels, found.images[0].shape) == (bytes([4, 5, 6, 7]), (2, 2))
    assert (found.images[0].actual, found.images[0].named) == (0, 1)


def test_no_image_that_is_not_published_is_kept() -> None:
    found = confusion_of(predicted([1], [1]), IMAGES[:1], np.array([0]), data="mnist", published=False)

    assert found.images == ()
    assert found.counts[0][1] == 1


def test_what_is_no_number_is_no_certainty() -> None:
    answers = predicted([1, 2], [np.inf, 0.5])
    answers[1, 2] = np.nan

    found = confusion_of(answers, IMAGES[:2], np.array([0, 0]), data="mnist", published=True)

    assert [each.share for each in found.images] == [0, 0]
