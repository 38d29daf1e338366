"""The untrusted end: loads a submission, answers calls. What runs here may be wrong or hostile.

In: one Load, then Calls. Out: Loaded, then a Reply each: values, exceptions and warnings as data, never a verdict.
Whoever starts this has confined the process first. It imports the wire and the limits, nothing else of ours.

A zygote loads the submission once; each test is a fork of it. The portable launcher runs `main` instead:
one plain process that loads and answers.
"""

import __future__

import ast
import builtins
import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import linecache
import os
import random
import signal
import socket
import sys
import types
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.sandbox import plain, wire
from grader.sandbox.control import FORKED

MAX_SETBACKS = 20
MAX_FRAMES = 12
MAX_MESSAGE = 2000


# --- a zygote ---------------------------------------------------------------


def run_zygote(channel: socket.socket, load: socket.socket, *, scratch: str, reply_bytes: int) -> None:
    """Load the submission, then fork a worker for each request of the supervisor, or be it; returns when it is gone."""
    desk = _load(load, reply_bytes)
    load.close()
    _fill_standard_streams()
    while True:
        try:
            request, descriptors, _, _ = socket.recv_fds(channel, 64, 2)
        except OSError:
            return
        if not request:
            return
        cpu_s, seed, fork = request.split()
        _flush()
        pid = os.fork() if int(fork) else 0
        if pid == 0:
            if int(fork):
                channel.close()  # else it stays open: when it closes, the supervisor sees that this process is gone
            connection = socket.socket(fileno=descriptors[0])
            _become_worker(descriptors[1], float(cpu_s), int(seed), scratch)
            serve(connection, desk)
            _flush()
            os._exit(0)
        for descriptor in descriptors:
            os.close(descriptor)
        channel.send(FORKED.pack(0, pid, 0.0, 0))
        _, status, usage = os.wait4(pid, 0)
        channel.send(FORKED.pack(1, status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss))


def _fill_standard_streams() -> None:
    """After `sys.stdout.close()` a socket that is handed over would be descriptor 1, and be printed into."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)


def _become_worker(output: int, cpu_s: float, seed: int, scratch: str) -> None:
    from grader.sandbox.limits import limit_cpu

    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    limit_cpu(cpu_s)
    os.chdir(scratch)
    seed_globals(seed)


def seed_globals(seed: int) -> None:
    """The same submission draws the same numbers, even from generators it did not seed."""
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed & 0xFFFF_FFFF)


def _flush(mark: bytes = b"") -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # the submission may have replaced, closed or broken it
            stream.flush()
    if mark:
        with contextlib.suppress(OSError):
            os.write(1, mark)


# --- loading ----------------------------------------------------------------


def _load(connection: socket.socket, reply_bytes: int, *, mark: bytes = b"") -> "Desk":
    head, _ = wire.receive(connection, max_head=16 * wire.MAX_HEAD)
    message = wire.decode(head, wire.Load)
    sys.argv = [message.file]
    support = load_support(message.support)
    module, setbacks = load_module(message)
    _flush(mark)
    wire.send(connection, wire.pack(wire.Loaded(setbacks)))
    return Desk(module=module, support=support, reply_bytes=reply_bytes)


def load_support(source: str) -> types.ModuleType:
    """Run our own source that stands beside the submission, before the submission exists."""
    support = types.ModuleType("grade_support")
    support.__file__ = "grade_support.py"
    exec(compile(source, support.__file__, "exec", dont_inherit=True), support.__dict__)  # noqa: S102 - ours
    return support


def load_module(message: wire.Load) -> tuple[types.ModuleType, list[wire.Setback]]:
    """Run the source one statement at a time; a statement that raises is passed over.

    So a demonstration at the end of a file, an import of something that is not installed, or sys.exit()
    costs what needs it, and no function above or below.
    """
    seed_globals(0)
    module = types.ModuleType(message.name)
    module.__file__ = message.file
    sys.modules[message.name] = module
    sys.meta_path.append(_Companions(message.companions))
    linecache.cache[message.file] = (len(message.source), None, message.source.splitlines(keepends=True), message.file)
    setbacks: list[wire.Setback] = []
    flags = 0
    for statement in _parse(message, setbacks):
        flags |= _future_flags(statement)
        try:
            code = compile(ast.Module([statement], []), message.file, "exec", flags, dont_inherit=True)
            exec(code, module.__dict__)  # noqa: S102 - the submission, confined
        except BaseException as error:  # noqa: BLE001 - the submission may raise anything, sys.exit() too
            failure = _failure(error, message.file)
            line = next((frame.line for frame in reversed(failure.frames) if frame.line), statement.lineno)
            if len(setbacks) < MAX_SETBACKS:
                setbacks.append(wire.Setback(line, failure.type_name, failure.message))
    return module, setbacks


def _parse(message: wire.Load, setbacks: list[wire.Setback]) -> list[ast.stmt]:
    try:
        return ast.parse(message.source, message.file).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:  # NUL, a thousand brackets
        line = getattr(error, "lineno", None) or 0
        setbacks.append(wire.Setback(line, type(error).__name__, str(error)[:MAX_MESSAGE]))
        return []


def _future_flags(statement: ast.stmt) -> int:
    """`from __future__ import annotations` holds for the statements after it."""
    flags = 0
    if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
        for name in statement.names:
            flags |= getattr(getattr(__future__, name.name, None), "compiler_flag", 0)
    return flags


class _Companions(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the other files of a submission, after everything that is installed: nothing is shadowed."""

    def __init__(self, sources: dict[str, str]) -> None:
        self._sources = sources

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        return importlib.util.spec_from_loader(fullname, self) if fullname in self._sources else None

    def exec_module(self, module: types.ModuleType) -> None:
        name = module.__name__
        source, file = self._sources[name], f"{name}.py"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        exec(compile(source, file, "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - as above


# --- answering --------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class Desk:
    """Where calls are answered: the submission, what stands beside it, and the values that stay here."""

    module: types.ModuleType
    support: types.ModuleType = field(default_factory=lambda: types.ModuleType("grade_support"))
    reply_bytes: int  # of the arrays of one reply
    kept: list[Any] = field(default_factory=list)


def serve(connection: socket.socket, desk: Desk, *, mark: bytes = b"") -> None:
    """Answer calls until the other side closes the connection.

    Args:
        connection: to the grader.
        desk: the submission; what one connection keeps is forgotten with it.
        mark: printed after what a call printed, where one stream serves many tests.
    """
    desk.kept = []
    while True:
        try:
            head, blob = wire.receive(connection, max_head=4 * wire.MAX_HEAD, max_blob=1 << 31)
        except wire.WireClosed:
            return
        call = wire.decode(head, wire.Call)
        if call.seed is not None:
            desk.kept = []
            seed_globals(call.seed)
        desk.support.__dict__["report"] = _reporter(connection, call.number)
        frame = answer(call, blob, desk)
        _flush(mark)
        try:
            wire.send(connection, frame)
        except wire.WireClosed:
            return


def _reporter(connection: socket.socket, number: int) -> Callable[[float, float, float, float], None]:
    def report(done: float, epochs: float, loss: float, accuracy: float) -> None:
        progress = wire.Progress(done, epochs, loss, accuracy)
        with contextlib.suppress(wire.WireClosed):
            wire.send(connection, wire.pack(wire.Reply(progress=progress, number=number)))

    return report


def answer(call: wire.Call, blob: memoryview, desk: Desk) -> bytes:
    """Make one call and return the frame that answers it."""
    args = [_argument(item, blob, desk.kept) for item in call.args]
    kwargs = {name: _argument(item, blob, desk.kept) for name, item in call.kwargs.items()}
    module = desk.support if call.manner == "support" else desk.module
    function = module.__dict__.get(call.function)
    if function is None:
        return wire.pack(wire.Reply(missing=True, number=call.number))
    blobs = plain.Blobs(desk.reply_bytes)
    generators = _generators()
    try:
        with warnings.catch_warnings(record=True) as caught:
            # A training runs through Keras, which warns of its own affairs.
            warnings.simplefilter("always" if call.manner == "call" else "ignore")
            returned = function(*args, **kwargs)
            keep = call.manner == "keep"
            value = None if keep else plain.encode_value(returned, blobs)
        if keep:
            desk.kept.append(returned)
        changed = _changed(call, blob, args, kwargs)
        raised = [warning.category.__name__ for warning in caught[:16]]
        _print_warnings(caught)
        touched = [name for name, state in _generators().items() if generators.get(name) != state]
        reply = wire.Reply(
            value=value,
            kept=len(desk.kept) - 1 if keep else None,
            changed=changed,
            warnings=raised,
            touched=touched,
            number=call.number,
        )
        return wire.pack(reply, blobs)
    except plain.WireError as error:
        return wire.pack(wire.Reply(value=["opaque", str(error)], number=call.number))
    except BaseException as error:  # noqa: BLE001 - whatever it raises is its answer
        return wire.pack(wire.Reply(failure=_failure(error, str(desk.module.__file__)), number=call.number))


def _argument(item: Any, blob: memoryview, kept: Sequence[Any]) -> Any:
    if _is_kept(item):
        return kept[item[1]]
    return plain.decode_value(item, blob)


def _is_kept(item: Any) -> bool:
    return isinstance(item, list) and item[:1] == ["kept"]


def _generators() -> dict[str, object]:
    """The states of the global generators; one that the submission took away or replaced has none."""
    found: dict[str, object] = {}
    with contextlib.suppress(Exception):  # whatever it put there
        found["random"] = random.getstate()
    with contextlib.suppress(Exception):
        state = sys.modules["numpy"].random.get_state(legacy=False)["state"]
        found["numpy.random"] = (state["key"].tobytes(), state["pos"])
    return found


def _changed(call: wire.Call, blob: memoryview, args: Sequence[Any], kwargs: dict[str, Any]) -> list[str]:
    """Name the arguments that are not what was sent: position from 1, or keyword."""
    sent = [(str(at), item) for at, item in enumerate(call.args, 1)] + list(call.kwargs.items())
    now = [*args, *kwargs.values()]
    return [name for (name, item), value in zip(sent, now, strict=True) if not _same(item, blob, value)]


def _same(item: Any, blob: memoryview, value: Any) -> bool:
    """Whether encoding the value again gives what was sent."""
    if not isinstance(item, list) or _is_kept(item):
        return True  # a number, a text: it cannot be changed; what stays here may be
    blobs = plain.Blobs(1 << 31)
    before = plain.Blobs(1 << 31)
    return (
        plain.encode_value(value, blobs) == plain.encode_value(plain.decode_value(item, blob), before)
        and blobs.chunks == before.chunks
    )


def _print_warnings(caught: Sequence[warnings.WarningMessage]) -> None:
    for warning in caught[:16]:
        try:
            sys.stderr.write(f"{warning.category.__name__}: {warning.message}\n")
        except Exception:  # noqa: BLE001 - the submission may have replaced the stream or the warning
            return


def _failure(error: BaseException, file: str) -> wire.Failure:
    kinds = [kind.__name__ for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind]
    return wire.Failure(
        type_name=_text(lambda: type(error).__name__, 200),
        message=_text(lambda: str(error), MAX_MESSAGE),
        bases=kinds[:16],
        frames=_frames(error, file),
    )


def _frames(error: BaseException, file: str) -> list[wire.Traced]:
    frames: list[wire.Traced] = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if code.co_filename == file:
            text = linecache.getline(file, step.tb_lineno).strip()[:200]
            frames.append(wire.Traced(step.tb_lineno, code.co_name[:200], text))
        step = step.tb_next
    return frames[-MAX_FRAMES:]


def _text(make: Callable[[], str], limit: int) -> str:
    """The text of something that may raise when asked for it."""
    try:
        return str(make())[:limit].encode("utf-8", "replace").decode()
    except BaseException:  # noqa: BLE001 - its __str__ is the submission's too
        return "<exception str() failed>"  # as Python says it


# --- the portable launcher's end --------------------------------------------


def main(address: str, reply_bytes: str, memory_mb: str, scratch: str, *preload: str) -> None:
    """Connect to the launcher on loopback, load, answer; the process is this submission's only one."""
    for name in ("numpy", *preload):  # before the submission and its limits, as in the fork server
        importlib.import_module(name)

    token = os.environ.pop("GRADE_TOKEN").encode()  # not an argument: those are for every user to see
    connection = socket.create_connection(("127.0.0.1", int(address)))
    connection.sendall(token)
    os.chdir(scratch)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the grader
    with contextlib.suppress(ImportError):  # Windows has no such limits
        from grader.sandbox import limits

        limits.limit_memory(int(memory_mb))
    desk = _load(connection, int(reply_bytes), mark=token)
    serve(connection, desk, mark=token)
    _flush()
    os._exit(0)
