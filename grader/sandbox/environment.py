"""The layers of isolation by name, and the environment that a worker gets: nothing of the grader's own.

In: the grader's environment. Out: a worker's. Both launchers use it, on every system.
"""

import os
from collections.abc import Mapping

#: Every layer, with what a report calls it.
LAYERS = {
    "mount": "mount namespace",
    "pid": "PID namespace",
    "ipc": "IPC namespace",
    "network": "network namespace",
    "user": "user namespace",
    "uid": "unprivileged user",
    "limits": "resource limits",
    "privileges": "no privileges",
    "landlock": "Landlock",
    "seccomp": "seccomp",
}
NAMESPACES = frozenset({"mount", "pid", "ipc", "network", "user"})

#: Not -I, which would also ignore PYTHONHASHSEED: nothing of the folder we stand in, nothing of the user's.
PYTHON_OPTIONS = ("-P", "-s", "-B")

_PASSED_ON = ("LD_LIBRARY_PATH", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "SYSTEMROOT")


def worker_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of a worker: what its libraries need to start, and settings of ours."""
    return {
        "PATH": os.defpath,
        "HOME": "/scratch",
        "TMPDIR": "/scratch",
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",  # a set's order is the same in every grading
        "OPENBLAS_NUM_THREADS": "1",  # a process with threads cannot be forked
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
    } | {name: environ[name] for name in _PASSED_ON if name in environ}
