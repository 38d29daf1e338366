"""The one folder that a submission can write: emptied after each test, by the trusted side.

In: the folder's path. Out: whether it is empty. The submission chose every name, mode, link and depth in it, and may
still be running: each entry is opened without following links, relative to its parent's descriptor.
"""

import contextlib
import os
import secrets
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_MAX_ENTRIES = 200_000  # where no file system of our own limits them


def wipe(path: str) -> bool:
    """Remove what is in a folder and give it its mode again; False where something stays.

    A folder in a folder is first moved to the top, so that a chain of thousands costs neither stack nor descriptors.
    """
    try:
        with contextlib.suppress(PermissionError):
            Path(path).chmod(0o700)  # it may be the submission's own, and closed
        top = os.open(path, _FOLDER)
    except OSError:
        return False
    try:
        left = _MAX_ENTRIES
        while left > 0 and (entries := os.listdir(top)):  # noqa: PTH208 - of a descriptor
            left -= sum(_remove(name, top) for name in entries)
        return left > 0
    except OSError:
        return False
    finally:
        os.close(top)


def _remove(name: str, top: int) -> int:
    """Remove a file, or a folder whose own folders are moved up first; return the entries looked at."""
    if _unlinked(name, top):
        return 1
    _open_up(name, top)
    folder = os.open(name, _FOLDER, dir_fd=top)
    try:
        entries = os.listdir(folder)  # noqa: PTH208 - of a descriptor
        for entry in entries:
            if not _unlinked(entry, folder):
                _open_up(entry, folder)
                os.rename(entry, f".{secrets.token_hex(8)}", src_dir_fd=folder, dst_dir_fd=top)
    finally:
        os.close(folder)
    os.rmdir(name, dir_fd=top)
    return 1 + len(entries)


def _unlinked(name: str, parent: int) -> bool:
    try:
        os.unlink(name, dir_fd=parent)
    except IsADirectoryError:
        return False
    return True


def _open_up(name: str, parent: int) -> None:
    """Let a folder of mode 000 be entered and moved; root may anyway."""
    folder = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        with contextlib.suppress(OSError):
            Path(f"/proc/self/fd/{folder}").chmod(0o700)
    finally:
        os.close(folder)


def used_kb(path: str, *, enough_kb: int) -> int:
    """Disk that the files of a folder take, counted until it is enough; for a folder without a limit of its own."""
    total = 0
    try:
        for _, folders, files, descriptor in os.fwalk(path):
            for name in files:
                with contextlib.suppress(OSError):
                    total += os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_blocks // 2
            total += 4 * (len(folders) + len(files))  # an entry costs too
            if total > enough_kb:
                break
    except RecursionError:  # folders in folders, hundreds deep
        return enough_kb + 1
    return total
