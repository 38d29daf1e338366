"""Known mistakes as runnable functions, and the loader of the course's own files.

In: `misconceptions.py` of an assignment, where each wrong solution carries `@misconception`. Out: Misconceptions in
the order of their definition. A mark sits on the function itself: there is no registry, so two courses never meet.
Course files are loaded by path, leave nothing in `sys.modules`, and neither read nor write bytecode.
"""

import contextlib
import hashlib
import importlib
import importlib.abc
import importlib.util
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, TypeVar

from grader.errors import CourseError

# What code that computes with arrays raises; anything else (SystemExit, a CourseError) is not ours to translate.
CODE_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    LookupError,
    MemoryError,
    NameError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
)

# Says from all calls of a test, in order, whether a student's answers show a mistake: for random functions, whose
# draws are their own. The items are `students.Call`s, which that module cannot lend to this one.
Recogniser = Callable[[Sequence[Any]], bool]

_MARK = "__misconception__"
_HEAVY = ("keras", "tensorflow")
_F = TypeVar("_F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Misconception:
    """One known mistake: a wrong function, and the hint that it proves."""

    id: str  # the name of the wrong function: "flips_the_filter"
    function: str  # the assignment's function that it stands for: "conv2d"
    hint: str
    stateful: bool = False  # it keeps something from one call to the next
    make: Callable[[], Callable[..., Any]]  # called once per test: the wrong function, without memory
    recognise: Recogniser | None = None  # replaces equality with the wrong function's answers


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    function: str
    hint: str
    stateful: bool
    recognise: Recogniser | None


def misconception(
    function: str, *, hint: str, stateful: bool = False, recognise: Recogniser | None = None
) -> Callable[[_F], _F]:
    """Mark a wrong solution of `function`; `hint` is told to a student whose answers are exactly its answers.

    Args:
        function: the assignment's function, "conv2d".
        hint: one sentence about the mistake, in ASCII or Korean, without the solution.
        stateful: the decorated callable is a factory, called once per test, of a function that keeps state.
        recognise: for a random function, whose wrong answers no other draws repeat: asked in place of equality
            whether the calls of the test show the mistake. Right answers may show it once in a million at most.
    """

    def mark(wrong: _F) -> _F:
        setattr(wrong, _MARK, _Mark(function=function, hint=hint, stateful=stateful, recognise=recognise))
        return wrong

    return mark


def read_misconceptions(path: Path) -> tuple[Misconception, ...]:
    """Read the marked functions of a `misconceptions.py`, in order of definition.

    Raises:
        CourseError: the file does not load, or a hint is empty or cannot be printed on every terminal.
    """
    found = []
    for name, wrong in vars(load_course_module(path)).items():
        mark = getattr(wrong, _MARK, None)
        if not isinstance(mark, _Mark):
            continue
        _require_printable(mark.hint, where=f"{path}, {name}")
        found.append(
            Misconception(
                id=name,
                function=mark.function,
                hint=mark.hint,
                stateful=mark.stateful,
                make=wrong if mark.stateful else _always(wrong),
                recognise=mark.recognise,
            )
        )
    return tuple(found)


def load_beside(file: str, name: str) -> ModuleType:
    """Load a course file from the folder of another: `load_beside(__file__, "convolution.py")` is the reference.

    Raises:
        CourseError: the file does not exist or does not load.
    """
    return load_course_module(Path(file).parent / name)


def load_course_module(path: Path) -> ModuleType:
    """Run a course file and return its module.

    Raises:
        CourseError: the file does not exist, does not parse, or raises while it runs; says file and line.
    """
    name = f"course_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]}"
    loader = _SourceOnly(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    if spec is None or not path.is_file():
        raise CourseError(f"the course file {path.name} does not exist", where=str(path), fix="check the name")
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get(name)
    sys.modules[name] = module  # dataclasses look their module up while it runs
    try:
        with _heavy_imports_deferred():
            loader.exec_module(module)
    except (*CODE_ERRORS, ImportError, OSError, SyntaxError) as error:
        raise CourseError(
            f"{path.name} does not load: {type(error).__name__}: {error}",
            where=_place(path, error),
            fix="run the file with Python and correct that line",
        ) from error
    finally:
        if before is None:
            del sys.modules[name]
        else:  # the file loads itself again: the outer run still needs its own module
            sys.modules[name] = before
    return module


@contextlib.contextmanager
def _heavy_imports_deferred() -> Iterator[None]:
    """Let `import keras` at the top of a course file cost nothing until the name is used.

    The process with the tests never needs it: it would wait seconds, and hold half a gigabyte.
    """
    finder = _Deferring()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in _HEAVY:  # whoever else imports one means it
            if isinstance(sys.modules.get(name), _Deferred):
                del sys.modules[name]


class _Deferring(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the heavy packages, and gives what stands for them."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _HEAVY or PathFinder.find_spec(fullname, path) is None:
            return None
        return ModuleSpec(fullname, self)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Deferred(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing runs yet."""


class _Deferred(ModuleType):
    """Stands for a package in a course file, and loads it when an attribute of it is used.

    importlib's LazyLoader would load it at the second `import` of its name.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__ = []  # so that importlib need not ask

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)  # whoever walks through all modules asks for these
        finders = sys.meta_path[:]
        sys.meta_path[:] = [each for each in finders if not isinstance(each, _Deferring)]
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        # What TensorFlow says of this machine and of retracing is no news to whoever audits.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        logging.getLogger("tensorflow").setLevel(logging.ERROR)
        try:
            return getattr(importlib.import_module(self.__name__), name)
        finally:
            sys.meta_path[:] = finders


class _SourceOnly(SourceFileLoader):
    """Compiles the source each time: a stale or planted .pyc is never read, and none is left in the course."""

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = self.source_to_code(self.get_data(self.path), self.path)
        return code


def _place(path: Path, error: BaseException) -> str:
    if isinstance(error, SyntaxError) and error.lineno is not None:
        return f"{error.filename}, line {error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f"{path}, line {lines[-1]}" if lines else str(path)


def _always(wrong: Callable[..., Any]) -> Callable[[], Callable[..., Any]]:
    return lambda: wrong


def _require_printable(hint: str, *, where: str) -> None:
    if not hint.strip():
        raise CourseError("the hint is empty", where=where, fix="say in one sentence what the mistake is")
    try:
        hint.encode("cp949")
    except UnicodeEncodeError as error:
        sign = hint[error.start]
        raise CourseError(
            f"the hint has {sign!a}, which a Korean Windows terminal cannot print",
            where=where,
            fix="write it in ASCII or Korean",
        ) from error
