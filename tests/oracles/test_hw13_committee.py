"""The references of hw13 against exact fractions, SciPy, and what is known of independent members."""

import itertools
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats  # type: ignore[import-untyped]

from grader.checks.alternatives import Alternative, read_alternatives
from grader.checks.misconceptions import load_course_module

FOLDER = Path(__file__).parents[2] / "solutions" / "hw13_committee"
REFERENCE = load_course_module(FOLDER / "committee.py")
ON_ARRAYS = [each for each in read_alternatives(FOLDER / "alternatives.py") if each.function != "members"]
SEEDS = pytest.mark.parametrize("seed", range(20))

Array = np.ndarray[Any, Any]


def draw_committee(seed: int, *, eighths: bool = True) -> Array:
    """Draw probabilities, (M, N, K): as eighths, whose sums are exact, so that ties are many and real."""
    rng = np.random.default_rng(seed)
    members, samples, classes = (int(size) for size in rng.integers(1, [6, 9, 6]))
    if eighths:
        return rng.multinomial(8, np.full(classes, 1 / classes), size=(members, samples)) / 8
    return rng.dirichlet(np.ones(classes), size=(members, samples))


def decide_exactly(probabilities: Array, weights: list[Fraction]) -> list[int]:
    """Decide by sums of fractions; `index` finds the lowest of equals."""
    members, samples, classes = probabilities.shape
    decisions = []
    for n in range(samples):
        sums = [
            sum((weights[m] * Fraction(float(probabilities[m, n, k])) for m in range(members)), Fraction())
            for k in range(classes)
        ]
        decisions.append(sums.index(max(sums)))
    return decisions


@SEEDS
@pytest.mark.parametrize("eighths", [True, False])
def test_the_average_is_that_of_fractions(seed: int, eighths: bool) -> None:
    p = draw_committee(seed, eighths=eighths)

    assert REFERENCE.average_decision(p).tolist() == decide_exactly(p, [Fraction(1)] * len(p))


@SEEDS
def test_the_vote_is_scipy_s_mode(seed: int) -> None:
    """SciPy, too, takes the smallest of several."""
    p = draw_committee(seed)

    assert REFERENCE.majority_vote(p).tolist() == stats.mode(p.argmax(axis=2), axis=0).mode.tolist()


@SEEDS
def test_no_class_has_more_votes_and_no_lower_one_as_many(seed: int) -> None:
    p = draw_committee(seed)

    for n, elected in enumerate(REFERENCE.majority_vote(p).tolist()):
        votes = Counter(row.index(max(row)) for row in p[:, n].tolist())
        assert all(votes[elected] > count or (votes[elected] == count and elected <= k) for k, count in votes.items())


@SEEDS
@pytest.mark.parametrize("exponent", [0, 1, 3])
def test_the_weighted_decision_is_that_of_fractions(seed: int, exponent: int) -> None:
    """Accuracies in quarters, so that every weight is exact and equal ones tie."""
    p = draw_committee(seed)
    quarters = np.random.default_rng(seed + 100).integers(1, 5, size=len(p))
    weights = [Fraction(int(quarter), 4) ** exponent for quarter in quarters]

    assert REFERENCE.weighted_decision(p, quarters / 4, exponent).tolist() == decide_exactly(p, weights)


@SEEDS
def test_a_large_exponent_leaves_the_best_member_alone(seed: int) -> None:
    p = draw_committee(seed, eighths=False)
    accuracy = np.linspace(0.5, 0.9, len(p))

    assert REFERENCE.weighted_decision(p, accuracy, 400.5).tolist() == p[-1].argmax(axis=1).tolist()


@SEEDS
def test_an_exponent_of_zero_is_the_average(seed: int) -> None:
    p = draw_committee(seed)

    assert np.array_equal(
        REFERENCE.weighted_decision(p, np.linspace(0.3, 0.8, len(p)), 0), REFERENCE.average_decision(p)
    )


@pytest.mark.parametrize("accuracy", [0.6, 0.75, 0.9])
@pytest.mark.parametrize("members", [3, 5])
def test_members_that_err_independently_are_better_together(members: int, accuracy: float) -> None:
    """Of two classes, the majority of three is right with p^3 + 3p^2(1-p) (Condorcet 1785); within five sigma."""
    count = 50_000
    right = np.random.default_rng(members).random((members, count)) < accuracy
    named = REFERENCE.majority_vote(np.stack([~right, right], axis=2).astype(float))
    expected = stats.binom.sf(members // 2, members, accuracy)

    assert expected > accuracy
    assert abs(named.mean() - expected) < 5 * np.sqrt(expected * (1 - expected) / count)


@pytest.mark.parametrize("alternative", ON_ARRAYS, ids=lambda alternative: alternative.id)
def test_an_alternative_gives_what_the_reference_gives(alternative: Alternative) -> None:
    """Ties included, on every dtype of the course: an alternative that is wrong would teach the grader to be lax."""
    right = getattr(REFERENCE, alternative.function)
    for seed, dtype in itertools.product(range(8), (np.float64, np.float32, np.int64)):
        p = draw_committee(seed)
        p = p[: 2 ** (len(p) // 2)]  # one member, two or four: the mean of eighths stays exact
        p = np.round(p).astype(dtype) if dtype == np.int64 else p.astype(dtype)
        more: list[Any] = [np.full(len(p), 0.5), 2] if alternative.function == "weighted_decision" else []
        got, expected = alternative.call(p, *more), right(p, *more)

        assert got.dtype.kind in "iu"
        assert got.tolist() == expected.tolist()
