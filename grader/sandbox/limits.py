"""Resource limits of a worker, by setrlimit.

In: numbers. Out: nothing; the process that calls is limited from then on, and what it forks.
POSIX only; the caller decides what to do elsewhere.
"""

import contextlib
import os
import resource
from pathlib import Path

MEGABYTE = 1 << 20


def limit_import(*, memory_mb: int, cpu_s: float, processes: int) -> None:
    """Limit the process that loads a submission; its children inherit all but the CPU time they used.

    Args:
        memory_mb: address space beyond what is mapped now (the interpreter and its libraries).
        cpu_s: seconds of CPU, rounded up.
        processes: processes and threads of this user.
    """
    limit_memory(memory_mb)
    _lower(resource.RLIMIT_FSIZE, 64 * MEGABYTE)
    _lower(resource.RLIMIT_NOFILE, 128)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NPROC, processes)
    if hasattr(resource, "RLIMIT_MEMLOCK"):
        _lower(resource.RLIMIT_MEMLOCK, 0)
    if hasattr(resource, "RLIMIT_MSGQUEUE"):
        _lower(resource.RLIMIT_MSGQUEUE, 0)
    soft_cpu(cpu_s)


def tasks_of(uid: int) -> int:
    """Count the processes and threads of a user, as far as /proc shows them."""
    count = 0
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and entry.stat().st_uid == uid:
                count += len(list((entry / "task").iterdir()))
    return count


def limit_memory(memory_mb: int) -> None:
    """Limit the address space to that much more than is mapped now."""
    _lower(resource.RLIMIT_AS, _mapped_bytes() + memory_mb * MEGABYTE)


def soft_cpu(cpu_s: float) -> None:
    """SIGXCPU after that much more CPU of this process.

    The hard limit stays: a low one could not be raised again for a test that may take longer than the import.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    seconds = _cpu_seconds(cpu_s)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds if hard == resource.RLIM_INFINITY else min(seconds, hard), hard))


def limit_cpu(cpu_s: float) -> None:
    """SIGXCPU after that much more CPU of this process, SIGKILL a second later."""
    seconds = _cpu_seconds(cpu_s)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    ceiling = seconds + 1 if hard == resource.RLIM_INFINITY else min(hard, seconds + 1)
    resource.setrlimit(resource.RLIMIT_CPU, (min(seconds, ceiling), ceiling))


def _cpu_seconds(cpu_s: float) -> int:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return max(1, round(used.ru_utime + used.ru_stime + cpu_s))


def _lower(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
    # macOS refuses a limit on the address space; the wall limit holds there.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(which, (allowed, allowed))


def _mapped_bytes() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return 4096 * MEGABYTE
    return pages * os.sysconf("SC_PAGE_SIZE")
