"""Owns where source is parsed: plain and right source here, all other in a child process that may be lost.

In: source as a submission spells it. Out: Recovered (see parsing.py).
The rule: the child has limits on time and memory; whatever ends it ends in a rejected submission, not in a lost grader.
A child that ends before it has read the source is our fault, and no submission is rejected for that.
"""

import contextlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from grader.errors import SandboxError, SubmissionRejected
from grader.intake.filetree import IntakeLimits
from grader.intake.parsing import Recovered, definitions, is_plain, syntax_fault
from grader.text import one_line

_CHILD = "import sys; sys.path.insert(0, sys.argv[1]); from grader.intake.sources import serve; serve()"
_TOO_DEEP = "the code nests too deeply for Python's own parser"


class _Request(msgspec.Struct, forbid_unknown_fields=True):
    source: str
    starts: tuple[int, ...]
    memory_mb: int
    cpu_s: float


def parse_source(source: str, starts: Sequence[int], name: str, limits: IntakeLimits) -> Recovered:
    """Parse source, setting aside the statements that Python refuses.

    Args:
        source: lines that each end in a newline.
        starts: lines at which a new text begins, whatever is open above: a notebook's cells.
        name: how errors call the file.
        limits: on the time and memory of source that is not plain and right.

    Returns:
        The source itself where nothing is wrong with it.

    Raises:
        SubmissionRejected: it nests too deeply, takes too long, or brings Python's parser down.
        SandboxError: the child did not even begin.
    """
    recovered = _at_once(source) or _in_child(source, starts, limits)
    if recovered.refused:
        fix = "simplify the code; data belongs into a file of its own"
        raise SubmissionRejected(recovered.refused, where=name, fix=fix)
    return recovered


def serve() -> None:
    """Answer one request on standard input; the whole life of the child process."""
    # Only here: parso takes 50 ms to import, and no process that holds anything of value needs it.
    from grader.intake.recovery import recover

    request = msgspec.json.decode(sys.stdin.buffer.read(), type=_Request)
    _limit(request)
    # A blank before the answer: from here on, the source is to blame.
    sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()
    try:
        recovered = recover(request.source, request.starts)
    except (RecursionError, MemoryError):
        recovered = Recovered(source="", refused=_TOO_DEEP)
    sys.stdout.buffer.write(msgspec.json.encode(recovered))


def _at_once(source: str) -> Recovered | None:
    """Take source that is plain and right; None for all other."""
    if not is_plain(source):
        return None
    try:
        return Recovered(source=source, definitions=definitions(source)) if syntax_fault(source) is None else None
    except (RecursionError, MemoryError):
        return Recovered(source="", refused=_TOO_DEEP)


def _in_child(source: str, starts: Sequence[int], limits: IntakeLimits) -> Recovered:
    request = _Request(source=source, starts=tuple(starts), memory_mb=limits.parse_mb, cpu_s=limits.parse_s)
    # The package's own folder, so that the child reads the very same modules.
    command = [sys.executable, "-I", "-c", _CHILD, str(Path(__file__).resolve().parents[2])]
    try:
        done = subprocess.run(
            command, input=msgspec.json.encode(request), capture_output=True, timeout=limits.parse_s, check=True
        )
        return msgspec.json.decode(done.stdout, type=Recovered)
    except subprocess.TimeoutExpired as error:
        began, said = error.stdout, error.stderr
        why = f"the code takes Python more than {limits.parse_s:g} seconds to parse"
    except subprocess.CalledProcessError as error:
        began, said = error.stdout, error.stderr
        why = "the code brings Python's own parser down"
    if not began:
        last = one_line((said or b"it said nothing").decode("utf-8", "replace").strip().rpartition("\n")[2])
        raise SandboxError("the process that parses source did not begin", where=str(command[0]), fix=f"repair: {last}")
    return Recovered(source="", refused=why)


def _limit(request: _Request) -> None:
    try:
        import resource
    except ImportError:  # Windows: the parent's limit on time is what remains
        return
    wanted = {
        resource.RLIMIT_AS: request.memory_mb << 20,
        resource.RLIMIT_CPU: int(request.cpu_s) + 1,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in wanted.items():
        # macOS refuses some of them.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (value, value))
