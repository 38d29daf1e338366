"""The users that workers become where the grader is root: one per box, on the whole machine.

In: nothing. Out: a user id that no other box has while it is held. Two boxes of one user could signal each other
where there are no PID namespaces, and would share the limit of processes.
"""

import contextlib
import os
import socket

from grader.errors import SandboxError

#: Neither login users (1000-60000) nor systemd's dynamic ones (61184-65519), and within the 65,536 of a container.
FIRST_UID, UIDS = 60600, 512


class HeldUser:
    """A user id, ours until `release`; the kernel frees it if we die."""

    def __init__(self) -> None:
        start = os.getpid() * 31  # graders side by side begin in different places
        for uid in (FIRST_UID + (start + step) % UIDS for step in range(UIDS)):
            mark = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            with contextlib.suppress(OSError):
                mark.bind(f"\0cnn-autograde-user-{uid}")  # an abstract name: no file, gone with its socket
                self.uid, self._mark = uid, mark
                return
            mark.close()
        raise SandboxError(
            f"all {UIDS} users of the sandbox are taken: so many submissions are being graded on this machine",
            where="grader/sandbox/users.py",
            fix="run fewer graders side by side",
        )

    def release(self) -> None:
        """Let another box have it; nothing of the last one runs any more."""
        self._mark.close()
