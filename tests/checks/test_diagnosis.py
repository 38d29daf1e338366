"""A hint is proven on the student's own answers, or it is not given."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.checks.arrays import check, check_error
from grader.checks.misconceptions import Misconception
from grader.errors import CheckFailed
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
OF_CONV2D = tuple(
    wrong(call, f"hint: {call.__name__}")
    for call in (flips_the_filter, forgets_the_bias, ignores_the_stride, loses_the_last_row)
)


def conv_failure(student: Any, *, misconceptions: tuple[Misconception, ...] = OF_CONV2D, **kwargs: Any) -> CheckFailed:
    function = student_of(student, reference=conv2d, misconceptions=misconceptions)
    return failure_of(lambda: check(function, X, W, B, **kwargs))


class TestProven:
    @pytest.mark.parametrize("mistake", [flips_the_filter, forgets_the_bias, ignores_the_stride, loses_the_last_row])
    def test_a_known_mistake_gets_its_own_hint(self, mistake: Callable[..., Any]) -> None:
        failed = conv_failure(mistake, stride=2, pad=1)

        assert failed.hints == (f"hint: {mistake.__name__}",)
        assert failed.candidates == (mistake.__name__,)

    def test_an_unknown_mistake_gets_none(self) -> None:
        failed = conv_failure(lambda *a: conv2d(*a) * 1.001)

        assert (failed.hints, failed.candidates) == ((), ())

    def test_two_mistakes_at_once_are_not_one_of_them(self) -> None:
        failed = conv_failure(lambda x, w, b: flips_the_filter(x, w, 0 * b))

        assert failed.hints == ()

    def test_the_same_mistake_in_other_arithmetic_is_recognised(self) -> None:
        """The answers agree within the tolerance, not to the bit."""

        def flips_and_sums_backwards(x: Array, w: Array, b: Array) -> Array:
            return np.asarray(sum(conv2d(x[..., [c]], w[::-1, ::-1][:, :, [c]], 0 * b) for c in (2, 1, 0)) + b)

        assert conv_failure(flips_and_sums_backwards).hints == ("hint: flips_the_filter",)

    def test_a_mistake_that_shows_as_nan_is_recognised(self) -> None:
        """The misconception overflows as the student does, and its warning is nobody's error."""
        misconceptions = (wrong(softmax_without_shift, "shift by the maximum"),)
        function = student_of(softmax_without_shift, reference=softmax, misconceptions=misconceptions)
        with np.errstate(all="ignore"):
            failed = failure_of(lambda: check(function, np.array([[1000.0, 999.0, 3.0]])))

        assert failed.hints == ("shift by the maximum",)

    def test_a_changed_argument_is_recognised(self) -> None:
        def pads_in_place(x: Array, w: Array, b: Array) -> Array:
            out = conv2d(x, w, b)
            x[:, 0] = 0
            return out

        assert conv_failure(pads_in_place, misconceptions=(wrong(pads_in_place, "copy x"),)).hints == ("copy x",)

    def test_an_exception_is_recognised_by_its_kind(self) -> None:
        def swaps_sides(x: Array, w: Array, b: Array) -> Array:
            raise IndexError("index 7 is out of bounds")

        def other_text(x: Array, w: Array, b: Array) -> Array:
            raise IndexError("index 9 is out of bounds")

        failed = conv_failure(other_text, misconceptions=(wrong(swaps_sides, "rows come first"),))

        assert failed.hints == ("rows come first",)

    def test_an_accepted_impossible_argument_is_recognised(self) -> None:
        def accepts(n: int) -> int:
            return n - 3

        def refuses(n: int) -> int:
            if n < 3:
                raise ValueError
            return n - 3

        function = student_of(accepts, reference=refuses, misconceptions=(wrong(accepts, "check that it fits"),))

        assert failure_of(lambda: check_error(function, 1)).hints == ("check that it fits",)


class TestHistory:
    def test_a_mistake_that_an_earlier_answer_refutes_is_out(self) -> None:
        """Wrong from the second call on as `forgets_the_bias`, but right before: it is something else."""
        calls = []

        def forgets_later(x: Array, w: Array, b: Array) -> Array:
            calls.append(x)
            return forgets_the_bias(x, w, b) if len(calls) > 1 else conv2d(x, w, b)

        function = student_of(forgets_later, reference=conv2d, misconceptions=OF_CONV2D)
        check(function, X, W, B)

        assert failure_of(lambda: check(function, X, W, B)).hints == ()

    def test_kept_state_is_recognised_over_the_whole_test(self) -> None:
        def factory() -> Callable[..., Array]:
            kept: list[Array] = []

            def caches(x: Array) -> Array:
                kept.append(softmax(x))
                return kept[0]

            return caches

        caches = Misconception(id="caches", function="f", hint="nothing may be kept", stateful=True, make=factory)
        function = student_of(factory(), reference=softmax, misconceptions=(caches,))
        check(function, X[0, 0])
        failed = failure_of(lambda: check(function, X[1, 1]))

        assert failed.hints == ("nothing may be kept",)

    def test_a_direct_call_belongs_to_the_history(self) -> None:
        def factory() -> Callable[..., float]:
            seen: list[float] = []

            def adds_up(x: float) -> float:
                seen.append(x)
                return sum(seen)

            return adds_up

        adds_up = Misconception(id="adds_up", function="f", hint="start from 0", stateful=True, make=factory)
        function = student_of(factory(), reference=lambda x: x, misconceptions=(adds_up,))
        function(2.0)

        assert failure_of(lambda: check(function, 3.0)).hints == ("start from 0",)


def size(n: int, f: int, stride: int = 1) -> int:
    return (n - f) // stride + 1


def size_rounded_up(n: int, f: int, stride: int = 1) -> int:
    return -((f - n) // stride) + 1


def size_of_padded(n: int, f: int, stride: int = 1) -> int:
    return (n - f + 1) // stride + 1


OF_SIZE = (wrong(size_rounded_up, "floor, not ceil"), wrong(size_of_padded, "no padding here"))


class TestAmbiguous:
    """With stride 2, an odd rest makes both mistakes give one and the same number."""

    @pytest.mark.parametrize(
        ("mistake", "hint"), [(size_rounded_up, "floor, not ceil"), (size_of_padded, "no padding here")]
    )
    def test_further_calls_tell_mistakes_apart(self, mistake: Callable[..., Any], hint: str) -> None:
        function = student_of(mistake, reference=size, misconceptions=OF_SIZE)

        failed = failure_of(lambda: check(function, 8, 3, stride=2))

        assert failed.hints == (hint,)

    def test_a_number_that_fits_by_chance_is_not_claimed(self) -> None:
        """One wrong number is little evidence: the student is asked again before a hint is given."""
        function = student_of(lambda n, f, stride: 4, reference=size, misconceptions=OF_SIZE[:1])

        assert failure_of(lambda: check(function, 8, 3, stride=2)).hints == ()

    def test_what_cannot_be_told_apart_is_not_claimed(self) -> None:
        twin = Misconception(id="twin", function="f", hint="another hint", make=lambda: forgets_the_bias)
        failed = conv_failure(forgets_the_bias, misconceptions=(*OF_CONV2D, twin))

        assert failed.hints == ()
        assert failed.candidates == ("forgets_the_bias", "twin")
        assert "These arguments do not tell apart: forgets_the_bias, twin." in failed.detail

    def test_two_mistakes_with_one_hint_are_one(self) -> None:
        twin = Misconception(id="twin", function="f", hint="hint: forgets_the_bias", make=lambda: forgets_the_bias)
        failed = conv_failure(forgets_the_bias, misconceptions=(*OF_CONV2D, twin))

        assert failed.hints == ("hint: forgets_the_bias",)

    def test_without_a_budget_nothing_is_told_apart(self) -> None:
        function = student_of(size_rounded_up, reference=size, misconceptions=OF_SIZE, budget=0)

        assert failure_of(lambda: check(function, 8, 3, stride=2)).hints == ()

    def test_at_most_six_further_calls_are_made(self) -> None:
        count: list[str] = []
        twins = tuple(
            wrong(lambda n, f, stride=1, k=k: size(n, f, stride) + (k if n == 99 else 1), str(k)) for k in range(3)
        )
        function = student_of(
            lambda n, f, stride: 2 * n, reference=size, misconceptions=(*OF_SIZE, *twins), count=count
        )
        failure_of(lambda: check(function, 8, 3, stride=2))

        assert len(count) <= 7

    def test_a_worker_that_dies_of_a_further_call_costs_nothing_but_the_hint(self) -> None:
        calls = []

        def dies_later(n: int, f: int, stride: int) -> int:
            calls.append(n)
            if len(calls) > 1:
                raise WorkerDied(WorkerExit(outcome=Outcome.TIMEOUT, reason="out of time"))
            return size_rounded_up(n, f, stride)

        function = student_of(dies_later, reference=size, misconceptions=OF_SIZE)

        assert failure_of(lambda: check(function, 8, 3, stride=2)).brief == "f returned a wrong value."

    def test_kept_state_and_a_wrong_rule_are_told_apart(self) -> None:
        """The further calls go to the process that has the state, and are replayed with it."""

        def factory() -> Callable[..., float]:
            kept: list[float] = []

            def caches(x: float) -> float:
                kept.append(2 * x)
                return kept[0]

            return caches

        caches = Misconception(id="caches", function="f", hint="nothing may be kept", stateful=True, make=factory)
        always = wrong(lambda x: 4.0, "not always 4")
        function = student_of(factory(), reference=lambda x: 2 * x, misconceptions=(caches, always))
        check(function, 2.0)
        failed = failure_of(lambda: check(function, 5.0))

        assert failed.hints == ()  # they do the same for ever
        assert failed.candidates == ("caches", "<lambda>")

        fresh = student_of(factory(), reference=lambda x: 2 * x, misconceptions=(caches, always), fresh=factory)
        check(fresh, 2.0)

        assert failure_of(lambda: check(fresh, 5.0)).hints == ("nothing may be kept",)


class TestBrokenMisconceptions:
    def test_one_that_raises_is_no_match(self) -> None:
        def broken(x: Array, w: Array, b: Array) -> Array:
            return x.no_such_attribute  # type: ignore[attr-defined, no-any-return]

        failed = conv_failure(forgets_the_bias, misconceptions=(wrong(broken, "no"), *OF_CONV2D))

        assert failed.hints == ("hint: forgets_the_bias",)

    def test_one_without_the_parameters_does_not_explain_a_type_error(self) -> None:
        def lacks_pad(x: Array, w: Array, b: Array) -> Array:
            return x

        def raises(*args: Any, **kwargs: Any) -> Array:
            raise TypeError("the student's own")

        assert conv_failure(raises, misconceptions=(wrong(lacks_pad, "no"),), pad=1).hints == ()

    def test_one_that_returns_an_object_is_no_match(self) -> None:
        def odd(x: Array, w: Array, b: Array) -> Any:
            return object()

        assert conv_failure(lambda *a: odd(*a), misconceptions=(wrong(odd, "no"),)).hints == ()

    def test_one_that_is_right_here_is_no_match(self) -> None:
        assert conv_failure(lambda *a: conv2d(*a) + 1, misconceptions=(wrong(ignores_the_stride, "no"),)).hints == ()
