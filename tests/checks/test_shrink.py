"""Where the test is visible, the failure shows a case for a pencil, and the student really is wrong on it."""

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.checks.accuracy import accuracy_of
from grader.checks.arrays import check
from grader.checks.axes import linked_axes
from grader.checks.behaviours import behave, behaviour_of, find_fault
from grader.checks.cases import Case
from grader.checks.shrink import Finding, shrink
from grader.errors import CheckFailed, StudentRaised
from grader.records import Outcome, WorkerExit
from tests.checks.functions import (
    Array,
    conv2d,
    conv_arguments,
    flips_the_filter,
    forgets_the_bias,
    ignores_the_stride,
    loses_the_last_row,
    softmax,
    softmax_without_shift,
)
from tests.checks.in_process import WorkerDied, failure_of, student_of, wrong

X, W, B = conv_arguments(np.random.default_rng(7))


def smaller_case(
    student: Callable[..., Any], reference: Callable[..., Any], *args: Any, **kwargs: Any
) -> Finding | None:
    """What the search finds for a function that is wrong on these arguments."""
    function = student_of(student, reference=reference, visible=True)
    right, accuracy = behave(reference, args, kwargs), accuracy_of(args, kwargs)
    with contextlib.suppress(StudentRaised):
        function(*args, **kwargs)
    reply = function.calls[-1].reply
    assert not isinstance(reply, WorkerExit)
    fault = find_fault(behaviour_of(reply), right, accuracy)
    assert fault is not None
    return shrink(function, fault, None)


def numbers_in(case: Case) -> int:
    return sum(value.size for _, value in case.items() if isinstance(value, np.ndarray))


class TestFitsOnPaper:
    @pytest.mark.parametrize("mistake", [flips_the_filter, forgets_the_bias, ignores_the_stride, loses_the_last_row])
    @pytest.mark.parametrize("seed", range(3))
    def test_a_wrong_convolution_needs_few_numbers(self, mistake: Callable[..., Any], seed: int) -> None:
        found = smaller_case(mistake, conv2d, *conv_arguments(np.random.default_rng(seed)), stride=2, pad=1)

        assert found is not None
        assert numbers_in(found.case) <= 12
        for value in found.case.args:
            if isinstance(value, np.ndarray):
                assert value.dtype == np.float64
                assert np.array_equal(value, np.rint(value))
        with pytest.raises(CheckFailed):  # a new process, only this call
            check(student_of(mistake, reference=conv2d), *found.case.args, **found.case.kwargs)

    def test_the_detail_is_a_case_to_work_through(self) -> None:
        function = student_of(
            flips_the_filter,
            reference=conv2d,
            name="conv2d",
            visible=True,
            misconceptions=(wrong(flips_the_filter, "hint", function="conv2d"),),
        )

        failed = failure_of(lambda: check(function, X, W, B, stride=2, pad=1))

        lines = failed.detail.splitlines()
        assert lines[0].startswith("conv2d(x (2, 7, 9, 3), w (3, 2, 3, 4), b (4,), stride=2, pad=1) returned ")
        assert lines[1] == "A smaller case: conv2d(x (1, 2, 1, 1), w (2, 1, 1, 1), b (1,))"
        assert [line.split(" = ")[0] for line in lines[2:5]] == ["  x", "  w", "  b"]
        assert [line.split()[0] for line in lines[5:]] == ["returned:", "expected:"]
        assert failed.hints == ("hint",)
        assert failed.detail.isascii()

    def test_float32_stays_float32(self) -> None:
        found = smaller_case(forgets_the_bias, conv2d, *conv_arguments(np.random.default_rng(1), np.float32))

        assert found is not None
        assert all(value.dtype == np.float32 for value in found.case.args)

    def test_settings_go_to_their_defaults(self) -> None:
        found = smaller_case(forgets_the_bias, conv2d, X, W, B, stride=2, pad=1)

        assert found is not None
        assert found.case.kwargs == {}

    def test_a_setting_that_matters_stays(self) -> None:
        found = smaller_case(ignores_the_stride, conv2d, X, W, B, stride=3, pad=2)

        assert found is not None
        assert found.case.kwargs["stride"] >= 2

    def test_lists_lose_their_ends(self) -> None:
        layers = [{"type": "conv", "units": 3}, {"type": "pool", "units": 2}, {"type": "conv", "units": 4}]

        def total(layers: list[dict[str, Any]]) -> int:
            return sum(layer["units"] for layer in layers if layer["type"] == "conv")

        def counts_pools(layers: list[dict[str, Any]]) -> int:
            return sum(layer["units"] for layer in layers)

        found = smaller_case(counts_pools, total, layers)

        assert found is not None
        assert found.case.args == ([layers[1]],)

    def test_probabilities_and_one_hot_rows_stay_what_they_are(self) -> None:
        rng = np.random.default_rng(5)
        y, t = softmax(rng.normal(size=(6, 5))), np.eye(5)[[0, 3, 1, 4, 4, 2]]

        def cross_entropy(y: Array, t: Array) -> float:
            if y.shape != t.shape:
                raise ValueError
            return float(-(t * np.log(y)).sum(axis=1).mean())

        found = smaller_case(lambda y, t: cross_entropy(y, t) / np.log(2), cross_entropy, y, t)

        assert found is not None
        smaller_y, smaller_t = found.case.args
        assert smaller_y.shape == smaller_t.shape
        assert smaller_y.size <= 4
        np.testing.assert_allclose(smaller_y.sum(axis=1), 1)
        assert smaller_t.sum(axis=1).tolist() == [1.0] * len(smaller_t)

    def test_an_overflow_keeps_its_large_numbers(self) -> None:
        with np.errstate(all="ignore"):
            found = smaller_case(softmax_without_shift, softmax, np.array([[1234.5, 3.25, -8.0], [0.5, 1.0, 1.5]]))

        assert found is not None
        assert found.case.args[0].max() > 700
        assert found.fault.kind == "finite"

    def test_an_exception_stays_of_its_kind(self) -> None:
        def runs_over(x: Array) -> Array:
            return np.array([x[i + 2] for i in range(len(x))])

        found = smaller_case(runs_over, lambda x: x, np.arange(9.0))

        assert found is not None
        assert (found.got.error, len(found.case.args[0])) == ("IndexError", 1)

    def test_a_changed_argument_is_shown_small(self) -> None:
        def sorts(x: Array) -> Array:
            x.sort()
            return x.copy()

        function = student_of(sorts, reference=lambda x: np.sort(x), visible=True)

        failed = failure_of(lambda: check(function, np.array([9.5, 3.25, 8.0, 1.0, 7.0])))

        assert "  changed its argument `x`; arguments stay as they are." in failed.detail


class TestHonest:
    def test_nothing_is_searched_where_the_test_is_hidden(self) -> None:
        count: list[str] = []
        function = student_of(flips_the_filter, reference=conv2d, count=count)
        failed = failure_of(lambda: check(function, X, W, B))

        assert len(count) == 1
        assert "smaller" not in failed.detail

    def test_the_budget_is_kept(self) -> None:
        count: list[str] = []
        function = student_of(flips_the_filter, reference=conv2d, visible=True, budget=5, count=count)
        failure_of(lambda: check(function, X, W, B))

        assert len(count) <= 6

    def test_the_same_search_finds_the_same_case(self) -> None:
        def detail() -> str:
            return failure_of(
                lambda: check(student_of(lambda *a: conv2d(*a) * 1.5, reference=conv2d, visible=True), X, W, B)
            ).detail

        assert detail() == detail()

    def test_a_mistake_that_needs_an_earlier_call_is_not_shown_in_one(self) -> None:
        kept: list[Array] = []

        def caches(x: Array) -> Array:
            kept.append(softmax(x))
            return kept[0]

        function = student_of(caches, reference=softmax, visible=True)
        check(function, X[0, 0])

        assert "smaller" not in failure_of(lambda: check(function, X[1, 1])).detail

    def test_an_answer_that_changes_from_call_to_call_is_not_shown(self) -> None:
        seen: list[float] = []

        def adds_up(x: Array) -> Array:
            seen.append(1.0)
            return x + len(seen) - 1

        function = student_of(adds_up, reference=lambda x: x.copy(), visible=True)
        check(function, np.ones(5))

        assert "smaller" not in failure_of(lambda: check(function, np.ones(5))).detail

    def test_a_worker_that_dies_in_the_search_costs_only_the_search(self) -> None:
        calls = []

        def dies_later(x: Array) -> Array:
            calls.append(x)
            if len(calls) > 2:
                raise WorkerDied(WorkerExit(outcome=Outcome.OUT_OF_MEMORY, reason="out of memory"))
            return 2 * x

        function = student_of(dies_later, reference=lambda x: x, visible=True)

        assert failure_of(lambda: check(function, np.ones(8))).brief == "f returned wrong values."

    def test_the_smaller_case_shows_the_mistake_of_the_hint(self) -> None:
        """A student with two mistakes: the case that is shown belongs to the one that is named."""

        def forgets_where_strided(x: Array, w: Array, b: Array, stride: int = 1, pad: int = 0) -> Array:
            return forgets_the_bias(x, w, b, stride, pad) if stride > 1 else conv2d(x, w, b + 1, stride, pad)

        hint = wrong(forgets_the_bias, "the bias")
        function = student_of(forgets_where_strided, reference=conv2d, misconceptions=(hint,), visible=True)
        failed = failure_of(lambda: check(function, X, W, B, stride=2))

        assert failed.hints == ("the bias",)
        assert "b (1,), stride=2)" in failed.detail


class TestLinkedAxes:
    def test_channels_and_filters_are_linked_and_sides_are_free(self) -> None:
        """Three channels and a filter three high: only the channels belong together."""
        groups = linked_axes(conv2d, Case(args=(X, W, B), kwargs={}))

        assert set(groups) == {
            ((0, 0),),
            ((0, 1),),
            ((0, 2),),
            ((1, 0),),
            ((1, 1),),
            ((0, 3), (1, 2)),
            ((1, 3), (2, 0)),
        }

    def test_an_axis_that_cannot_change_is_left_out(self) -> None:
        def three_only(x: Array) -> Array:
            if x.shape[1] != 3:
                raise ValueError
            return x

        assert linked_axes(three_only, Case(args=(np.ones((2, 3)),), kwargs={})) == [((0, 0),)]

    def test_odd_sides_stay_odd(self) -> None:
        def odd(w: Array) -> Array:
            if w.shape[0] != w.shape[1] or w.shape[0] % 2 == 0:
                raise ValueError
            return w

        assert linked_axes(odd, Case(args=(np.ones((5, 5)),), kwargs={})) == [((0, 0), (0, 1))]
