"""`check` and its siblings say what is wrong, give nothing away, and never blame the student for a fault of ours."""

import warnings
from typing import Any

import numpy as np
import pytest

from grader.checks.arrays import check, check_equal, check_error, require
from grader.checks.comparison import BrokenCheckError
from grader.errors import CheckFailed, NotAttempted, StudentFault, StudentRaised, WorkerStopped
from grader.records import Outcome, WorkerExit
from tests.checks.functions import Array, conv2d, conv_arguments, softmax
from tests.checks.in_process import WorkerDied, failure_of, student_of, wrong

X, W, B = conv_arguments(np.random.default_rng(7))


def conv_failure(student: Any, **kwargs: Any) -> CheckFailed:
    function = student_of(student, reference=conv2d, name="conv2d")
    return failure_of(lambda: check(function, X, W, B, **kwargs))


class TestCheck:
    def test_a_right_answer_passes(self) -> None:
        check(student_of(conv2d, reference=conv2d), X, W, B, stride=2, pad=1)

    def test_a_wrong_shape_is_told_with_the_call(self) -> None:
        failed = conv_failure(lambda x, w, b, stride, pad: conv2d(x, w, b, 1, pad), stride=2, pad=1)

        assert failed.brief == "conv2d returned an array of the wrong shape."
        assert failed.detail == (
            "conv2d(x (2, 7, 9, 3), w (3, 2, 3, 4), b (4,), stride=2, pad=1) "
            "returned shape (2, 7, 10, 4), expected (2, 4, 5, 4)."
        )

    @pytest.mark.parametrize(
        ("student", "brief"),
        [
            (lambda *a: None, "conv2d returned nothing: is there a `return`?"),
            (lambda *a: conv2d(*a).tolist(), "conv2d returned a value of the wrong type."),
            (lambda *a: conv2d(*a)[0], "conv2d returned an array of the wrong shape."),
            (lambda *a: conv2d(*a).astype(np.float32), "conv2d returned an array of the wrong dtype."),
            (lambda *a: conv2d(*a) / 0, "conv2d returned nan or inf where a number is due."),
            (lambda *a: conv2d(*a) + 1e-9, "conv2d returned wrong values."),
            (lambda *a: dict[str, int]()["k"], "conv2d raised KeyError."),
        ],
        ids=["none", "list", "shape", "dtype", "inf", "values", "raised"],
    )
    def test_each_fault_has_its_brief_sentence(self, student: Any, brief: str) -> None:
        with np.errstate(all="ignore"):
            failed = conv_failure(student)

        assert failed.brief == brief

    def test_a_brief_sentence_holds_nothing_of_the_arguments(self) -> None:
        def raises_its_arguments(x: Array, *others: Array) -> Array:
            class Leak(ValueError):  # noqa: N818 - a name is what leaks
                pass

            Leak.__name__ = f"Leak{x[0, 0, 0, 0]}"
            raise Leak(repr(x))

        failed = conv_failure(raises_its_arguments)

        assert failed.brief == "conv2d raised ValueError."
        assert "Leak" in failed.detail

    def test_an_exception_of_the_students_own_is_not_named(self) -> None:
        def raises(*args: Any) -> Any:
            raise type("X1738", (Exception,), {})("text")

        failed = conv_failure(raises)

        assert failed.brief == "conv2d raised an exception."

    def test_the_students_exception_is_the_cause(self) -> None:
        """Whoever prints the failure finds the student's own lines there."""
        failed = conv_failure(lambda *a: 1 / 0)

        assert isinstance(failed.__cause__, StudentRaised)
        assert failed.__cause__.error.frames
        assert "is to return a value, but raised ZeroDivisionError: division by zero" in failed.detail

    def test_a_changed_argument_is_named(self) -> None:
        def doubles(x: Array, w: Array, b: Array) -> Array:
            out = conv2d(x, w, b)
            w *= 2
            return out

        failed = conv_failure(doubles)

        assert failed.brief == "conv2d changed one of its arguments."
        assert "changed its argument `w`" in failed.detail

    def test_a_keyword_argument_may_not_change_either(self) -> None:
        def sorts(x: Array) -> Array:
            x.sort()
            return x.copy()

        function = student_of(sorts, reference=lambda x: np.sort(x))

        failed = failure_of(lambda: check(function, x=np.array([2.0, 1.0])))

        assert "`x`" in failed.detail

    def test_an_alias_of_an_argument_may_be_returned(self) -> None:
        check(student_of(lambda x: x, reference=lambda x: x.copy()), X)

    def test_arguments_reach_both_sides_as_copies(self) -> None:
        """Neither a student nor a reference that writes into its arguments is seen by the other, or by the test."""
        x = np.ones(3)

        def overwrites(x: Array) -> Array:
            x[:] = 5
            return np.ones(3)

        with pytest.raises(CheckFailed, match="changed"):
            check(student_of(overwrites, reference=lambda x: x.copy()), x)
        assert x.tolist() == [1, 1, 1]

    def test_terms_are_not_passed_on(self) -> None:
        check(student_of(lambda x: x, reference=lambda x: x), 1.5, terms=3)

    def test_where_the_reference_refuses_the_student_must_too(self) -> None:
        check(student_of(conv2d, reference=conv2d), X, W, B, stride=0)
        with pytest.raises(CheckFailed, match="ValueError is due"):
            check(student_of(lambda *a, **k: X, reference=conv2d), X, W, B, stride=0)

    def test_no_value_however_ill_raises_or_warns(self) -> None:
        for value in (np.full(3, np.nan), np.full(3, 1e308), [[1], [2, 3]], object(), "x" * 10**5, {"a": {}}, 10**400):
            function = student_of(lambda x, v=value: v, reference=lambda x: -1.7e308 * x)
            with warnings.catch_warnings():
                warnings.simplefilter("error")

                with pytest.raises(CheckFailed):
                    check(function, np.ones(3))


def logistic(x: Array) -> Array:
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x < 0, small, 1) / (1 + small))


def logistic_that_overflows(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def logistic_of_both_signs(x: Array) -> Array:
    return np.asarray(np.where(x > 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x))))


class TestSilence:
    KNOWN = (
        wrong(logistic_that_overflows, "it overflows below 0"),
        wrong(logistic_of_both_signs, "it computes both, and takes one"),
    )

    def logistic(self, call: Any) -> Any:
        return student_of(call, reference=logistic, misconceptions=self.KNOWN)

    def test_a_warning_on_the_way_to_a_right_value_is_wrong(self) -> None:
        failed = failure_of(
            lambda: check(self.logistic(logistic_that_overflows), np.array([-1000.0, 2.0]), silent=True)
        )

        assert failed.brief == "f raised a RuntimeWarning."
        assert failed.detail.startswith("f(x (2,)) returned the right value, but raised a RuntimeWarning")

    def test_it_is_nobodys_business_where_silence_is_not_due(self) -> None:
        check(self.logistic(logistic_that_overflows), np.array([-1000.0, 2.0]))

    def test_a_silent_right_answer_passes(self) -> None:
        check(self.logistic(logistic), np.array([-1000.0, 1000.0]), silent=True)

    def test_mistakes_that_only_warn_are_told_apart_by_when_they_do(self) -> None:
        """Both give the right values everywhere."""
        hints = []
        for call in (logistic_that_overflows, logistic_of_both_signs):
            function = self.logistic(call)

            def one_side_after_the_other(function: Any = function) -> None:
                check(function, np.array([1000.0, 1.0]), silent=True)
                check(function, np.array([-1000.0, -1.0]), silent=True)

            hints.append(failure_of(one_side_after_the_other).hints)

        assert hints == [("it overflows below 0",), ("it computes both, and takes one",)]

    def test_who_turned_warnings_off_is_known_by_the_wrong_values(self) -> None:
        def quiet(x: Array) -> Array:
            with np.errstate(all="ignore"):
                return np.asarray(np.exp(x) / (1 + np.exp(x)))

        def loud(x: Array) -> Array:
            return np.asarray(np.exp(x) / (1 + np.exp(x)))

        function = student_of(quiet, reference=logistic, misconceptions=(wrong(loud, "infinity by infinity"),))

        assert failure_of(lambda: check(function, np.array([1000.0, 1.0]), silent=True)).hints == (
            "infinity by infinity",
        )

    def test_a_smaller_case_shows_the_warning_too(self) -> None:
        function = student_of(logistic_that_overflows, reference=logistic, visible=True)
        failed = failure_of(lambda: check(function, np.array([[-1000.0, 2.0], [3.0, -900.0]]), silent=True))

        assert "A smaller case: f(x (1, 1))" in failed.detail


class TestCheckError:
    def test_value_error_passes(self) -> None:
        check_error(student_of(conv2d, reference=conv2d), X, W, B, stride=0)

    def test_a_subclass_of_value_error_passes(self) -> None:
        def strict(*args: Any, **kwargs: Any) -> Any:
            raise np.linalg.LinAlgError

        check_error(student_of(strict, reference=conv2d), X, W, B, stride=0)

    def test_an_answer_is_told(self) -> None:
        function = student_of(lambda *a, **k: 3.5, reference=conv2d, name="conv2d")

        failed = failure_of(lambda: check_error(function, X, W, B, stride=0))

        assert failed.brief == "conv2d did not raise ValueError for impossible arguments."
        assert "accepted arguments that are impossible and returned 3.5; ValueError is due." in failed.detail

    def test_another_exception_is_told(self) -> None:
        def divides(*args: Any, stride: int) -> float:
            return 1 / stride

        failed = failure_of(lambda: check_error(student_of(divides, reference=conv2d), X, W, B, stride=0))

        assert failed.brief == "f raised ZeroDivisionError for impossible arguments, where ValueError is due."
        assert "but raised ZeroDivisionError: division by zero" in failed.detail


class TestOurFaults:
    """None of these is a StudentFault, so none costs a point."""

    def test_check_error_on_possible_arguments(self) -> None:
        with pytest.raises(BrokenCheckError, match="the reference accepts f\\(x \\(2, 7, 9, 3\\)"):
            check_error(student_of(conv2d, reference=conv2d), X, W, B)

    def test_a_reference_that_breaks(self) -> None:
        with pytest.raises(TypeError):
            check(student_of(conv2d, reference=conv2d), X)
        with pytest.raises(TypeError):
            check_error(student_of(conv2d, reference=conv2d), X)

    def test_a_reference_that_gives_nan(self) -> None:
        with pytest.raises(BrokenCheckError, match="NaN"):
            check(student_of(lambda x: x, reference=lambda x: x), np.array([np.nan]))

    def test_no_reference(self) -> None:
        with pytest.raises(BrokenCheckError, match="check_equal"):
            check(student_of(conv2d, reference=None), X, W, B)

    def test_the_class_is_no_fault_of_the_student(self) -> None:
        assert not issubclass(BrokenCheckError, StudentFault)


class TestNoAnswer:
    def test_an_untouched_function_is_not_attempted(self) -> None:
        def stub(x: Array) -> Array:
            raise NotImplementedError("softmax is not written yet")

        function = student_of(stub, reference=softmax)

        with pytest.raises(NotAttempted, match="is not written yet"):
            check(function, X)
        with pytest.raises(NotAttempted):
            function(X)

    def test_a_worker_that_stopped_is_passed_on(self) -> None:
        def hangs(x: Array) -> Array:
            raise WorkerDied(WorkerExit(outcome=Outcome.TIMEOUT, reason="out of time"))

        with pytest.raises(WorkerStopped, match="out of time"):
            check(student_of(hangs, reference=softmax), X)


class TestCheckEqual:
    def test_known_numbers_pass(self) -> None:
        check_equal(0.1 + 0.2, 0.3)
        check_equal(np.array([[1.0, 2.0]]), [[1, 2]])
        check_equal(np.array([0.1, 0.2], np.float32), [0.1, 0.2])
        check_equal([{"shape": (2, 2), "parameters": 5}], [{"shape": (2, 2), "parameters": 5}])
        check_equal(156, 156)

    def test_both_sides_of_a_law_may_cancel(self) -> None:
        check_equal(np.array([1e-15]), np.array([0.0]), terms=20)

    def test_the_brief_sentence_names_the_law_and_no_number(self) -> None:
        failed = failure_of(lambda: check_equal(np.array([1.0, 2.0]), np.array([1.0, 3.0]), what="the sum of two maps"))

        assert failed.brief == "the sum of two maps: wrong values."
        assert failed.detail.startswith(
            "the sum of two maps is 2 at [1], expected 3. 1 of 2 values differs by up to 1 ("
        )

    def test_an_expected_array_asks_for_its_dtype(self) -> None:
        with pytest.raises(CheckFailed, match="float32"):
            check_equal(np.ones(2), np.ones(2, np.float32))

    def test_an_expected_integer_asks_for_one(self) -> None:
        with pytest.raises(CheckFailed, match="an integer"):
            check_equal(156.0, 156)

    def test_a_list_of_numbers_asks_for_shape_and_values(self) -> None:
        with pytest.raises(CheckFailed, match="shape"):
            check_equal(np.ones((2, 1)), [1, 1])
        with pytest.raises(CheckFailed, match="expected 3"):
            check_equal(np.array([1.0, 2.0]), [1, 3])
        with pytest.raises(CheckFailed, match="dtype bool"):
            check_equal(np.array([True]), [1])

    def test_a_nan_fails(self) -> None:
        with pytest.raises(CheckFailed, match="nan"):
            check_equal(np.array([np.nan]), [1])


class TestRequire:
    def test_a_fact_passes(self) -> None:
        require(np.True_, "the mask holds zeros and ones")

    def test_a_sentence_is_all_that_is_told(self) -> None:
        failed = failure_of(lambda: require(False, "the mask holds zeros and ones"))

        assert (failed.brief, failed.detail, failed.hints) == ("the mask holds zeros and ones", "", ())
