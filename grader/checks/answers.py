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

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from grader.checks.arrays import check
from grader.checks.comparison import BrokenCheckError, describe_kind
from grader.checks.printing import describe_call
from grader.checks.students import Answer, Example, StudentFunction
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
    digests = list(digest_reply(reply, example))
    if answer.right in digests:
        return
    if raised is not None and answer.form:
        raise raised
    call = describe_call(function.name, None, args, kwargs)
    hint = next((answer.hints[digest] for digest in digests if digest in answer.hints), "")
    brief, detail = _say(reply, answer, example)
    hints = (hint,) if hint else ()
    raise CheckFailed(f"{function.name} {brief}", detail=f"{call} {detail}", hints=hints) from raised


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
    entries = {
        key: {"function": answer.function, "right": answer.right, "form": answer.form, "hints": dict(answer.hints)}
        for key, answer in answers.items()
    }
    table = {"about": _ABOUT, "answers": entries}
    return json.dumps(table, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


# --- hashes -----------------------------------------------------------------


def digest_call(name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], *, decimals: int | None = None) -> str:
    """Name a call: function, arguments with their dtypes, and how many decimals count."""
    named = tuple(sorted(kwargs.items()))
    dtypes = [_dtype(value) for value in (*args, *kwargs.values()) if isinstance(value, np.ndarray)]
    return _digest(f"{name} {_text(args)} {_text(named)} {dtypes} {decimals}")


def digest_reply(reply: Returned | StudentError, example: Example) -> Iterator[str]:
    """Hash what came back, the strictest reading first: a whole number is a good float, a tuple is a good list.

    An exception other than a ValueError has no hash: it proves nothing.
    """
    if isinstance(reply, StudentError):
        if reply.is_a(_DUE):
            yield _digest(f"{example.key} raises {_DUE}")
        return
    changed = " ".join(sorted(reply.changed))
    seen: set[str] = set()
    for value in _readings(reply.value):
        text = _text(value, decimals=example.decimals)
        if text not in seen:
            seen.add(text)
            yield _digest(f"{example.key} {text} changed {changed}")


def digest_form(value: Any, example: Example) -> Iterator[str]:
    """Hash a value's kinds and shapes without its numbers, in the readings of `digest_reply`."""
    for reading in _readings(value):
        yield _digest(f"{example.key} form {_text(reading, values=False)}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _readings(value: Any) -> Iterator[Any]:
    yield value
    yield _read(value, floats=True, lists=False)
    yield _read(value, floats=False, lists=True)
    yield _read(value, floats=True, lists=True)


def _dtype(array: np.ndarray[Any, Any]) -> str:
    """NumPy's own integer is another one on Windows, before NumPy 2."""
    return "int" if array.dtype in (np.int32, np.int64) else str(array.dtype.name)


def _read(value: Any, *, floats: bool, lists: bool) -> Any:
    """Single whole numbers as floats, tuples as lists."""
    if isinstance(value, list | tuple):
        items = [_read(item, floats=floats, lists=lists) for item in value]
        return items if lists or isinstance(value, list) else tuple(items)
    if isinstance(value, dict):
        return {key: _read(item, floats=floats, lists=lists) for key, item in value.items()}
    if floats and _is_number(value) and np.asarray(value).dtype.kind in "iu":
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
    return type(value) in (bool, int, float, complex)


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
    if answer.form in digest_form(reply.value, example):
        changed = ", ".join(f"argument {name}" if name.isdecimal() else f"`{name}`" for name in sorted(reply.changed))
        if changed:
            return "changed one of its arguments.", f"changed {changed}; arguments stay as they are."
        return "returned a wrong value.", f"returned {got}: that is the right form, but the numbers are wrong."
    if any(answer.form in digest_form(other, example) for other in _other_dtypes(reply.value)):
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
    hints = {str(digest): str(hint) for digest, hint in entry["hints"].items()}
    return Answer(function=str(entry["function"]), right=str(entry["right"]), form=str(entry["form"]), hints=hints)
