"""Public tests that know right from wrong without holding the answer: a table of hashes.

In: a public test's call, and `answers.json` of the assignment, which `grade build` wrote. Out: nothing, or CheckFailed
with the hint of a known mistake. The rule: the table holds hashes and hints, never a value, so that a student who
opens it learns what people get wrong and not what is right.

A value is hashed by what a right solution may not choose: numbers as float64 (-0.0 as 0.0), whole numbers exactly,
with shape and kind; tuples, lists and dicts by what is in them. So an example needs an answer that is exact however it
is computed: whole numbers and simple binary fractions from whole arguments. Where a right answer rounds (a softmax),
`decimals` says how many of them count, and `grade build` refuses numbers that lie where rounding could go either way.

Somebody could hash one guess after another until one is right: a scalar between 0 and 1000 takes a second. It is not
worth more than this remark. What they find is a single example, which a pencil finds sooner; it carries no points;
and the hidden tests draw other numbers. A slow or salted hash would cost every honest run and hide nothing more.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from grader.checks.arrays import check
from grader.checks.comparison import BrokenCheckError, describe_kind
from grader.checks.pictures import picture_example
from grader.checks.printing import describe_call
from grader.checks.students import Answer, Example, KnownMistake, StudentFunction
from grader.errors import CheckFailed, CourseError, StudentRaised
from grader.records import Returned, StudentError

_DUE = "ValueError"
_ABOUT = "Hashes of right answers, and of known mistakes with their hints. `grade build` writes this file."


def check_answer(function: StudentFunction, /, *args: Any, decimals: int | None = None, **kwargs: Any) -> None:
    """Call the student and look the answer up in the assignment's table: right, a known mistake, or wrong.

    Where the reference raises ValueError, the student must too. In a trusted run, where the reference is at hand, this
    is `check`.

    Args:
        function: `student.<name>`.
        args: positional arguments; whole numbers, the same in every run.
        decimals: how many of them count, where a right answer rounds; None: all of them. It is not passed on.
        kwargs: keyword arguments.

    Raises:
        CheckFailed: the answer is wrong.
        NotAttempted, StudentRaised, WorkerStopped: there is no answer.
        BrokenCheckError: the table does not know this call.
    """
    example = Example(key=digest_call(function.name, args, kwargs, decimals=decimals), decimals=decimals)
    if function.answers is None and function.reference is not None:
        check(function, *args, **kwargs)
        function.mark_example(example)
        return
    answer = (function.answers or {}).get(example.key)
    if answer is None:
        raise BrokenCheckError(f"answers.json does not know this call of {function.name}: run `grade build`")
    raised: StudentRaised | None = None
    try:
        function(*args, **kwargs)
    except StudentRaised as error:  # rightly so, where a ValueError is due
        raised = error
    reply = function.calls[-1].reply
    assert isinstance(reply, Returned | StudentError)  # it raised WorkerStopped
    digest = digest_reply(reply, example, answer.kinds)
    if digest == answer.right:
        return
    if raised is not None and answer.form:
        raise raised
    call = describe_call(function.name, None, args, kwargs)
    brief, detail = _say(reply, answer, example)
    known = answer.mistakes.get(digest)
    raise CheckFailed(
        f"{function.name} {brief}",
        detail=f"{call} {detail}",
        hints=() if known is None else (known.hint,),
        candidates=() if known is None else (known.id,),
        pictures=picture_example(args, kwargs, reply.value) if isinstance(reply, Returned) else (),
    ) from raised


def read_answers(path: Path) -> Mapping[str, Answer]:
    """Read an `answers.json`; none is an empty table.

    Raises:
        CourseError: the file is not what `grade build` writes.
    """
    try:
        table = json.loads(path.read_text(encoding="utf-8"))["answers"]
        return {key: _read_answer(entry) for key, entry in table.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CourseError("this is not a table of answers", where=str(path), fix="run `grade build`") from error


def write_answers(answers: Mapping[str, Answer]) -> str:
    """Write a table as the text of `answers.json`, the same for the same table."""
    table = {"about": _ABOUT, "answers": {key: dataclasses.asdict(answer) for key, answer in answers.items()}}
    return json.dumps(table, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


# --- hashes -----------------------------------------------------------------


def digest_call(name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], *, decimals: int | None = None) -> str:
    """Name a call: function, arguments with their dtypes, and how many decimals count."""
    named = tuple(sorted(kwargs.items()))
    dtypes = [_dtype(value) for value in (*args, *kwargs.values()) if isinstance(value, np.ndarray)]
    return _digest(f"{name} {_text(args)} {_text(named)} {dtypes} {decimals}")


def digest_reply(reply: Returned | StudentError, example: Example, kinds: str) -> str:
    """Hash what came back, in the kinds of the right answer: a whole number is a good float, a tuple a good list.

    An exception other than a ValueError is "": it proves nothing.
    """
    if isinstance(reply, StudentError):
        return _digest(f"{example.key} raises {_DUE}") if reply.is_a(_DUE) else ""
    value = _fit(reply.value, iter(kinds))
    return _digest(f"{example.key} {_text(value, decimals=example.decimals)} changed {sorted(reply.changed)}")


def digest_form(value: Any, example: Example, kinds: str) -> str:
    """Hash a value's kinds and shapes without its numbers."""
    return _digest(f"{example.key} form {_text(_fit(value, iter(kinds)), values=False)}")


def kinds_of(value: Any) -> str:
    """The kinds of a value and of what is in it, a letter each: "tfi" is a tuple of a float and an integer."""
    if isinstance(value, list | tuple | dict):
        return type(value).__name__[0] + "".join(map(kinds_of, _items(value)))
    if _is_number(value):
        return np.asarray(value).dtype.kind
    return "a"  # an array, or what is compared as it is


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _dtype(array: np.ndarray[Any, Any]) -> str:
    """NumPy's own integer is another one on Windows, before NumPy 2."""
    return "int" if array.dtype in (np.int32, np.int64) else str(array.dtype.name)


def _items(value: Any) -> list[Any]:
    return [value[key] for key in sorted(value, key=repr)] if isinstance(value, dict) else list(value)


def _fit(value: Any, kinds: Iterator[str]) -> Any:
    """A value with the kinds of the right one, where a right solution may choose another."""
    kind = next(kinds, "")
    if isinstance(value, list | tuple):
        items = [_fit(item, kinds) for item in value]
        return items if kind == "l" or isinstance(value, list) else tuple(items)
    if isinstance(value, dict):
        keys = sorted(value, key=repr)
        return dict(zip(keys, [_fit(item, kinds) for item in _items(value)], strict=True))
    if kind == "f" and _is_number(value) and np.asarray(value).dtype.kind in "iu":
        return float(np.asarray(value).item())
    return value


def _text(value: Any, *, decimals: int | None = None, values: bool = True) -> str:
    """A value as a text that is equal for equal values."""
    if isinstance(value, list | tuple):
        items = ", ".join(_text(item, decimals=decimals, values=values) for item in value)
        return f"{type(value).__name__}({items})"
    if isinstance(value, dict):
        pairs = sorted((repr(key), _text(item, decimals=decimals, values=values)) for key, item in value.items())
        return f"dict({pairs})"
    if _is_number(value):
        array = np.asarray(value)
        kind = {"u": "i"}.get(array.dtype.kind, array.dtype.kind)
        return f"number {kind} {_numbers(array, decimals) if values else ''}"
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
        kind = value.dtype.name if value.dtype.kind in "fc" else {"u": "i"}.get(value.dtype.kind, value.dtype.kind)
        return f"array {kind} {value.shape} {_numbers(value, decimals) if values else ''}"
    if value is None or isinstance(value, str | bytes):
        return repr(value) if values else type(value).__name__
    return f"other {describe_kind(value)}"


def _is_number(value: Any) -> bool:
    if isinstance(value, np.ndarray | np.generic):
        return value.ndim == 0 and value.dtype.kind in "biufc"
    # An integer of more than 64 bits is an object to NumPy, and no number of this course.
    return type(value) in (bool, int, float, complex) and np.asarray(value).dtype.kind in "biufc"


def _numbers(array: np.ndarray[Any, Any], decimals: int | None) -> str:
    if array.dtype.kind in "biu":
        return str(array.tolist())
    wide = array.astype("<c16" if array.dtype.kind == "c" else "<f8")
    if decimals is not None:
        wide = np.round(wide * 10**decimals)
    wide = np.where(np.isnan(wide), np.nan, wide + 0.0)  # one NaN, and no -0.0
    return wide.astype("<c16" if array.dtype.kind == "c" else "<f8").tobytes().hex()


# --- what is said -----------------------------------------------------------


def _say(reply: Returned | StudentError, answer: Answer, example: Example) -> tuple[str, str]:
    """What is wrong, in a sentence without and one with what came back; neither says what is right."""
    if isinstance(reply, StudentError):
        text = f"raised {reply.type_name}, where {_DUE} is due."
        return text, text
    got = _describe(reply.value)
    if not answer.form:
        return f"did not raise {_DUE} for impossible arguments.", f"returned {got}; {_DUE} is due here."
    if answer.form == digest_form(reply.value, example, answer.kinds):
        changed = ", ".join(f"argument {name}" if name.isdecimal() else f"`{name}`" for name in sorted(reply.changed))
        if changed:
            return "changed one of its arguments.", f"changed {changed}; arguments stay as they are."
        return "returned a wrong value.", f"returned {got}: that is the right form, but the numbers are wrong."
    if any(answer.form == digest_form(other, example, answer.kinds) for other in _other_dtypes(reply.value)):
        return "returned numbers of the wrong type.", f"returned {got}: the shape is right, the dtype is not."
    return "returned a value of the wrong form.", f"returned {got}: type or shape is not what the handout says."


def _describe(value: Any) -> str:
    if type(value) is np.ndarray and value.ndim:
        return f"an array of shape {value.shape}, {value.dtype.name}"
    return "nothing (None): is there a `return`?" if value is None else describe_kind(value)


def _other_dtypes(value: Any) -> Iterator[Any]:
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        for dtype in (np.float64, np.float32, np.int64, np.bool_):
            yield np.zeros(value.shape, dtype)


def _read_answer(entry: Mapping[str, Any]) -> Answer:
    mistakes = {
        str(digest): KnownMistake(id=str(known["id"]), hint=str(known["hint"]))
        for digest, known in entry["mistakes"].items()
    }
    function, right, form, kinds = (str(entry[name]) for name in ("function", "right", "form", "kinds"))
    return Answer(function=function, right=right, form=form, kinds=kinds, mistakes=mistakes)
