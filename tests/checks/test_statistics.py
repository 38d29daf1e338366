"""Right random functions pass however they draw; wrong ones fail, and are told what they are known by."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from scipy import stats  # type: ignore[import-untyped]

from grader.checks import statistics
from grader.checks.arrays import check_error
from grader.checks.comparison import BrokenCheckError
from grader.checks.misconceptions import Misconception
from grader.checks.statistics import FALSE_ALARM
from grader.checks.students import Call, StudentFunction
from grader.errors import CheckFailed, StudentRaised, WorkerStopped
from grader.records import Outcome, Returned, WorkerExit
from tests.checks.functions import Array
from tests.checks.in_process import WorkerDied, failure_of, student_of

Draw = Callable[[tuple[int, ...], float, int], Array]
SHAPE = (6, 8)


def uniform(shape: tuple[int, ...], p: float, seed: int) -> Array:
    return np.random.default_rng(seed).random(shape) < p


def binomial(shape: tuple[int, ...], p: float, seed: int) -> Array:
    return np.random.default_rng(seed).binomial(1, p, size=shape)


def python_loop(shape: tuple[int, ...], p: float, seed: int) -> Array:
    generator = random.Random(seed)
    return np.array([float(generator.random() < p) for _ in range(int(np.prod(shape)))]).reshape(shape)


def older_generator(shape: tuple[int, ...], p: float, seed: int) -> Array:
    return np.random.RandomState(seed).choice(2, size=shape, p=[1 - p, p]).astype(np.float32)


def rows_alike(shape: tuple[int, ...], p: float, seed: int) -> Array:
    return np.broadcast_to(uniform(shape[1:], p, seed), shape)


def columns_alike(shape: tuple[int, ...], p: float, seed: int) -> Array:
    return np.broadcast_to(uniform((shape[0], 1), p, seed), shape)


def in_turns(shape: tuple[int, ...], p: float, seed: int) -> Array:
    """Every second value is the opposite of the one before."""
    half = uniform((shape[0], shape[1] // 2), p, seed)
    return np.stack([half, ~half], axis=2).reshape(shape)


def two_halves(shape: tuple[int, ...], p: float, seed: int) -> Array:
    half = uniform((shape[0], shape[1] // 2), p, seed)
    return np.hstack([half, half])


def one_seed(shape: tuple[int, ...], p: float, seed: int) -> Array:
    return uniform(shape, p, 1)


def fixed_number(shape: tuple[int, ...], p: float, seed: int) -> Array:
    size = int(np.prod(shape))
    return np.random.default_rng(seed).permutation(np.arange(size) < round(size * p)).reshape(shape)


def fixed_number_in_each_row(shape: tuple[int, ...], p: float, seed: int) -> Array:
    rows = np.tile(np.arange(shape[1]) < round(shape[1] * p), (shape[0], 1))
    return np.random.default_rng(seed).permuted(rows, axis=1)


RIGHT = pytest.mark.parametrize("draw", [uniform, binomial, python_loop, older_generator])


def drawn(draw: Draw, *, count: int = 8, p: float = 0.5, shape: tuple[int, ...] = SHAPE) -> tuple[Any, list[Array]]:
    function = student_of(draw, reference=None)
    return function, [function(shape, p, seed) for seed in range(count)]


def rate_seen(calls: Sequence[Call]) -> float:
    values = [call.reply.value for call in calls if isinstance(call.reply, Returned)]
    return float(np.mean(values))


def known_by(recognise: Callable[[Sequence[Any]], bool], hint: str = "the hint") -> Misconception:
    """A misconception that only its recogniser knows."""
    return Misconception(id=hint, function="f", hint=hint, make=lambda: one_seed, recognise=recognise)


class TestRightDraws:
    @RIGHT
    @pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
    def test_they_have_their_rate(self, draw: Draw, p: float) -> None:
        function, draws = drawn(draw, p=p)

        statistics.check_rate(function, draws, p)

    @RIGHT
    @pytest.mark.parametrize("p", [0.2, 0.5])
    @pytest.mark.parametrize("shape", [(30,), (6, 8), (3, 5, 4, 2), (1, 7)])
    def test_they_are_independent(self, draw: Draw, p: float, shape: tuple[int, ...]) -> None:
        function, draws = drawn(draw, p=p, shape=shape)

        statistics.check_independent(function, draws, p)

    @RIGHT
    def test_their_number_varies(self, draw: Draw) -> None:
        function, draws = drawn(draw, count=16)

        statistics.check_spread(function, draws, 0.5)

    @RIGHT
    def test_they_differ_with_the_seed(self, draw: Draw) -> None:
        function, draws = drawn(draw)

        statistics.check_distinct(function, draws, 0.5)

    @RIGHT
    def test_they_repeat(self, draw: Draw) -> None:
        function = student_of(draw, reference=None)

        statistics.check_repeats(function, function(SHAPE, 0.5, 3), function(SHAPE, 0.5, 3))


class TestWrongDraws:
    @pytest.mark.parametrize("rate", [lambda p: 1 - p, lambda p: 0.5, lambda p: p**2], ids=["rest", "half", "square"])
    def test_another_rate_is_seen(self, rate: Callable[[float], float]) -> None:
        function, draws = drawn(lambda shape, p, seed: uniform(shape, rate(p), seed), p=0.3, shape=(30, 40))
        failed = failure_of(lambda: statistics.check_rate(function, draws, 0.3))

        assert failed.brief.startswith("The share of ones does not fit their probability")
        assert "of 9600 values are 1" in failed.detail

    @pytest.mark.parametrize("draw", [rows_alike, columns_alike, in_turns, two_halves, one_seed])
    def test_draws_that_hang_together_are_seen(self, draw: Draw) -> None:
        function, draws = drawn(draw)

        assert "hang together" in failure_of(lambda: statistics.check_independent(function, draws, 0.5)).brief

    @pytest.mark.parametrize("draw", [fixed_number, fixed_number_in_each_row])
    def test_a_fixed_number_is_seen(self, draw: Draw) -> None:
        function, draws = drawn(draw, count=16)

        assert "hardly varies" in failure_of(lambda: statistics.check_spread(function, draws, 0.5)).brief

    def test_a_seed_without_effect_is_seen(self) -> None:
        function, draws = drawn(one_seed, count=3)

        assert failure_of(lambda: statistics.check_distinct(function, draws, 0.5)).brief.startswith("Different seeds")

    def test_a_generator_that_outlives_the_call_is_seen(self) -> None:
        kept = np.random.default_rng(0)
        function = student_of(lambda shape, p, seed: kept.random(shape) < p, reference=None)
        first = function(SHAPE, 0.5, 3)
        function(SHAPE, 0.4, 8)
        failed = failure_of(lambda: statistics.check_repeats(function, first, function(SHAPE, 0.5, 3)))

        assert failed.brief == "Two calls with the same seed, and the same arguments, differ."

    def test_a_global_generator_that_is_read_is_seen(self) -> None:
        state = np.random.get_state()  # noqa: NPY002 - the student's, not ours
        try:
            function = student_of(lambda shape, p, seed: np.random.rand(*shape) < p, reference=None)  # noqa: NPY002
            first = function(SHAPE, 0.5, 3)
            failure_of(lambda: statistics.check_repeats(function, first, function(SHAPE, 0.5, 3)))
        finally:
            np.random.set_state(state)  # noqa: NPY002

    @pytest.mark.parametrize("value", [2, -1, 0.5, np.nan])
    def test_other_values_than_0_and_1_are_seen(self, value: float) -> None:
        function, draws = drawn(uniform)
        draws[3] = draws[3].astype(float)
        draws[3][1, 2] = value
        for check in (statistics.check_rate, statistics.check_independent, statistics.check_spread):
            failed = failure_of(lambda check=check: check(function, draws, 0.5))  # type: ignore[misc]

            assert failed.brief == "The draws are not all 0 or 1."


class TestFalseAlarms:
    """What each check says about a right function is counted, at rates that can be."""

    @pytest.mark.parametrize(("n", "p"), [(50, 0.3), (200, 0.5)])
    @pytest.mark.parametrize("false_alarm", [0.01, 0.2])
    def test_the_rate_s_is_exact(self, n: int, p: float, false_alarm: float) -> None:
        """Not counted but added up, over every number of ones."""
        function, _ = drawn(uniform, count=1)
        refused = 0.0
        for ones in range(n + 1):
            try:
                statistics.check_rate(function, [np.arange(n) < ones], p, false_alarm=false_alarm)
            except CheckFailed:
                refused += stats.binom.pmf(ones, n, p)

        assert 0.3 * false_alarm < refused <= false_alarm

    @pytest.mark.parametrize("check", [statistics.check_independent, statistics.check_spread])
    def test_the_others_stay_below_theirs(self, check: Callable[..., None]) -> None:
        """Of 400 right functions at 5 %, 20 or fewer are expected; 45 is what chance allows once in a million."""
        function, _ = drawn(uniform, count=1)
        refused = 0
        for seed in range(400):
            draws = list(np.random.default_rng(seed).random((16, 4, 6)) < 0.4)
            try:
                check(function, draws, 0.4, false_alarm=0.05)
            except CheckFailed:
                refused += 1

        assert refused <= 45

    def test_the_message_says_it(self) -> None:
        function, draws = drawn(one_seed, p=0.9, count=3)
        failed = failure_of(lambda: statistics.check_rate(function, draws, 0.1, false_alarm=5e-7))

        assert failed.brief.endswith("(a right function fails here by chance less than once in 2,000,000).")

    def test_every_default_is_one_in_a_million(self) -> None:
        assert FALSE_ALARM == 1e-6
        for check in (
            statistics.check_rate,
            statistics.check_independent,
            statistics.check_spread,
            statistics.check_distinct,
        ):
            assert (check.__kwdefaults__ or {})["false_alarm"] == FALSE_ALARM

    def test_a_check_that_chance_fails_more_often_is_a_broken_one(self) -> None:
        function, draws = drawn(uniform, shape=(2, 3), count=4)

        with pytest.raises(BrokenCheckError, match="equal by chance"):
            statistics.check_distinct(function, draws, 0.5)
        with pytest.raises(BrokenCheckError, match="by chance"):
            statistics.check_spread(function, draws, 0.5)


class TestFacts:
    def test_a_part_follows_from_the_others(self) -> None:
        function = student_of(lambda x: (3 * x, 3), reference=lambda x: (2 * x, 2))
        x = np.array([1.0, 2.0])
        values, factor = statistics.ask(function, x)
        statistics.check_part(function, values, factor * x, what="the values")
        failed = failure_of(lambda: statistics.check_part(function, values, 2 * x, what="the values"))

        assert failed.brief == "the values: wrong values."
        assert failed.detail.startswith("f(x (2,)): the values: 3 at [0], expected 2.")

    def test_a_part_s_dtype_counts(self) -> None:
        function = student_of(lambda x: 2 * x, reference=None)
        value = statistics.ask(function, np.ones(2, np.float32))

        assert "dtype" in failure_of(lambda: statistics.check_part(function, value, np.full(2, 2.0), what="it")).brief

    def test_a_changed_argument_is_told_by_its_name(self) -> None:
        def drops_in_place(x: Array) -> Array:
            x[0] = 0
            return x.copy()

        function = student_of(drops_in_place, reference=lambda x: x)
        statistics.ask(function, np.zeros(2))
        statistics.check_unchanged(function)
        statistics.ask(function, np.ones(2))
        failed = failure_of(lambda: statistics.check_unchanged(function))

        assert failed.brief == "f changed one of its arguments."
        assert "`x`" in failed.detail

    def test_a_brief_holds_no_data(self) -> None:
        function, draws = drawn(one_seed)
        failed = [
            failure_of(lambda: statistics.check_rate(function, draws, 0.123)),
            failure_of(lambda: statistics.check_independent(function, draws, 0.5)),
            failure_of(lambda: statistics.check_distinct(function, draws, 0.5)),
            failure_of(lambda: statistics.check_part(function, draws[0], ~draws[0], what="the values")),
        ]
        told = " ".join(each.brief.replace("once in 1,000,000", "") for each in failed)

        assert not any(sign.isdigit() for sign in told)


class TestHints:
    def test_a_recognised_mistake_is_told(self) -> None:
        function = student_of(one_seed, reference=None, misconceptions=(known_by(lambda calls: rate_seen(calls) > 0),))
        draws = [function(SHAPE, 0.5, seed) for seed in range(3)]
        failed = failure_of(lambda: statistics.check_distinct(function, draws, 0.5))

        assert (failed.hints, failed.candidates) == (("the hint",), ("the hint",))

    def test_a_recogniser_sees_all_calls_of_the_test(self) -> None:
        seen: list[int] = []

        def counts(calls: Sequence[Call]) -> bool:
            seen.append(len(calls))
            return False

        known = known_by(counts)
        function = student_of(uniform, reference=None, misconceptions=(known,))
        for seed in range(3):
            function(SHAPE, 0.5, seed)
        failed = failure_of(lambda: statistics.check_fact(function, False, "No."))

        assert (seen, failed.hints) == ([3], ())

    def test_two_that_are_recognised_are_not_told(self) -> None:
        both = (known_by(lambda calls: True, "one"), known_by(lambda calls: True, "other"))
        function = student_of(uniform, reference=None, misconceptions=both)
        function(SHAPE, 0.5, 0)
        failed = failure_of(lambda: statistics.check_fact(function, False, "No."))

        assert (failed.hints, failed.candidates) == ((), ("one", "other"))
        assert "do not tell apart: one, other" in failed.detail

    @pytest.mark.parametrize("value", [None, "text", (1, 2), np.zeros(3), {"a": 1}, [np.ones(2)]], ids=repr)
    def test_an_answer_that_cannot_be_looked_at_is_no_known_mistake(self, value: Any) -> None:
        known = known_by(lambda calls: calls[-1].reply.value[1].shape[7] == calls[-1].args[0])
        function = student_of(lambda x: value, reference=None, misconceptions=(known,))
        function(1)

        assert failure_of(lambda: statistics.check_fact(function, False, "No.")).hints == ()

    def test_an_exception_is_recognised_too(self) -> None:
        def refuses(p: float) -> float:
            raise ValueError("no")

        known = known_by(lambda calls: calls[-1].args[0] == 1 and calls[-1].reply.is_a("ValueError"))
        function = student_of(refuses, reference=lambda p: p, misconceptions=(known,))
        failed = failure_of(lambda: statistics.ask(function, 1))

        assert (failed.brief, failed.hints) == ("f raised ValueError.", ("the hint",))
        with pytest.raises(StudentRaised):
            statistics.ask(function, 2)

    def test_check_error_asks_the_recogniser(self) -> None:
        """No equality: the answer to impossible arguments is drawn, too."""

        def refuses(p: float, seed: int) -> float:
            raise ValueError("always")

        accepts = known_by(lambda calls: isinstance(calls[-1].reply, Returned))
        function = student_of(
            lambda p, seed: float(np.random.default_rng(seed).random()), reference=refuses, misconceptions=(accepts,)
        )

        assert failure_of(lambda: check_error(function, 2.0, 7)).hints == ("the hint",)

    def test_a_worker_that_has_ended_is_no_known_mistake(self) -> None:
        def dies(x: float) -> float:
            raise WorkerDied(WorkerExit(outcome=Outcome.CRASHED, reason="crashed"))

        function = student_of(dies, reference=None, misconceptions=(known_by(lambda calls: True),))

        with pytest.raises(WorkerStopped):
            statistics.ask(function, 1.0)


def test_a_check_makes_no_calls_of_its_own() -> None:
    """All that is said is about the calls of the test, so it replays."""
    count: list[str] = []
    function: StudentFunction = student_of(uniform, reference=None, count=count)
    draws = [function(SHAPE, 0.5, seed) for seed in range(16)]
    statistics.check_rate(function, draws, 0.5)
    statistics.check_independent(function, draws, 0.5)
    statistics.check_spread(function, draws, 0.5)
    failure_of(lambda: statistics.check_rate(function, draws, 0.9))

    assert len(count) == 16
