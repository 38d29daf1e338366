"""One small function per layer of confinement; Linux system calls by ctypes.

In: paths and numbers. Out: nothing, or OSError where this machine does not allow the layer: the caller
records it, because a layer that is missing must be said. No function here starts student code.

    fork server   build_root            a mount namespace with interpreter and libraries, nothing else, read-only
    supervisor    leave_namespaces      its own mounts, IPC, network, host name (PID: the fork server's doing)
                  mount_proc, mount_scratch
    zygote        drop_user, enter_user_namespace, drop_capabilities, landlock, seccomp

Sources: man 2 unshare, pivot_root, mount_setattr, landlock_restrict_self, seccomp; man 7 user_namespaces, capabilities.
"""

import contextlib
import ctypes
import os
import platform
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

from grader.sandbox.syscalls import machine_index, seccomp_program

NEW_MOUNTS, NEW_UTS, NEW_IPC, NEW_USER, NEW_PID, NEW_NET = (
    0x20000,
    0x4000000,
    0x8000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
SCRATCH = "/scratch"

_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 2, 4, 8, 4096, 16384, 1 << 18
_MNT_DETACH = 2
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 1, 4, 24, 38, 22
_PR_SET_CHILD_SUBREAPER = 36
_PIVOT_ROOT, _MOUNT_SETATTR = (155, 41), (442, 442)
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every machine

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _syscall(number: int, *arguments: object) -> int:
    return _check(_libc.syscall(ctypes.c_long(number), *arguments))


def _prctl(option: int, value: int) -> None:
    _check(_libc.prctl(option, ctypes.c_ulong(value), *(ctypes.c_ulong(0),) * 3))


def _mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    _check(
        _libc.mount(
            os.fsencode(source),
            os.fsencode(target),
            kind.encode() if kind else None,
            ctypes.c_ulong(flags),
            data.encode() if data else None,
        )
    )


def unshare(flags: int) -> None:
    """Leave the given namespaces for new ones."""
    _check(_libc.unshare(flags))


def enter_namespace(descriptor: int, kind: int) -> None:
    """Enter the namespace behind an open /proc/PID/ns file; of a PID namespace, only children do."""
    _check(_libc.setns(descriptor, kind))


def die_with_parent(number: int = 9) -> None:
    """Get this signal when the process that forked this one ends; a change of user takes it back."""
    _prctl(_PR_SET_PDEATHSIG, number)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose parent ends, where no PID namespace does it."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def hide_memory() -> None:
    """Make this process's /proc entries and memory unreadable to others of its user."""
    _prctl(_PR_SET_DUMPABLE, 0)


# --- the fork server --------------------------------------------------------


def build_root(paths: Iterable[str]) -> None:
    """Move this process into a root that holds only these paths, read-only, an empty scratch folder and /proc.

    Where the process may not, it enters a user namespace first, which gives it the right to mount.
    """
    wanted = _outermost(path for path in paths if os.path.lexists(path))
    base = _mount_point(wanted)
    try:
        unshare(NEW_MOUNTS)
    except PermissionError:
        _enter_user_namespace(NEW_MOUNTS, inside=0)
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    _mount("none", base, "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=755,size=1m")
    for path in wanted:
        _bind(path, base)
    Path(base + SCRATCH).mkdir()
    if not os.path.lexists(base + "/tmp"):  # noqa: S108 - the new root's own
        Path(base + "/tmp").symlink_to(SCRATCH)  # noqa: S108
    os.chdir(base)
    _syscall(_PIVOT_ROOT[machine_index(platform.machine())], b".", b".")
    _check(_libc.umount2(b".", _MNT_DETACH))
    os.chdir("/")
    _set_readonly("/", 1)
    _set_readonly("/proc", 0)  # a process writes there which users its namespace has


def _outermost(paths: Iterable[str]) -> list[str]:
    """Drop what lies inside another path; add what a symlink leads to."""
    real = sorted({os.path.realpath(path) for path in paths} | {path for path in paths if Path(path).is_symlink()})
    kept: list[str] = []
    for path in real:
        if not any(path.startswith(outer.rstrip("/") + "/") for outer in kept if not Path(outer).is_symlink()):
            kept.append(path)
    return kept


def _mount_point(paths: list[str]) -> str:
    for base in ("/mnt", "/media", "/srv", "/opt", "/home", "/var", "/tmp"):  # noqa: S108
        if Path(base).is_dir() and not any(path == base or path.startswith(base + "/") for path in paths):
            return base
    raise OSError("no folder to build a new root on")


def _bind(path: str, base: str) -> None:
    target = base + path
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    if Path(path).is_symlink():
        Path(target).symlink_to(Path(path).readlink())
        return
    if Path(path).is_dir():
        Path(target).mkdir(exist_ok=True)
    else:
        Path(target).touch()
    _mount(path, target, None, _MS_BIND | _MS_REC)


def _set_readonly(path: str, readonly: int) -> None:
    """Make a mount and those below it read-only, or one mount writable again."""
    attributes = struct.pack("=QQQQ", readonly | _MS_NOSUID, 1 - readonly, 0, 0)  # struct mount_attr: set, clear
    at_recursive, at_fdcwd = 0x8000 * readonly, -100
    number = _MOUNT_SETATTR[machine_index(platform.machine())]
    _syscall(number, at_fdcwd, os.fsencode(path), at_recursive, attributes, ctypes.c_size_t(len(attributes)))


# --- the supervisor ---------------------------------------------------------


def leave_namespaces(flags: int) -> None:
    """Enter new namespaces (mounts, IPC, network, host name) and keep their mounts to ourselves."""
    unshare(flags)
    if flags & NEW_MOUNTS:
        _mount("none", "/", None, _MS_REC | _MS_PRIVATE)


def mount_proc() -> None:
    """Show the processes of this PID namespace, and no others, in /proc."""
    _mount("proc", "/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)


def mount_scratch(uid: int, *, size_mb: int) -> None:
    """An empty folder in memory: the only place where a worker can write; full at `size_mb` or 4,096 files."""
    options = f"mode=700,uid={uid},gid={uid},size={size_mb}m,nr_inodes=4096"
    _mount("scratch", SCRATCH, "tmpfs", _MS_NOSUID | _MS_NODEV, options)


# --- the zygote -------------------------------------------------------------


def drop_user(uid: int) -> None:
    """Become an unprivileged user and group without further groups; only for root."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    _prctl(_PR_SET_DUMPABLE, 1)  # the kernel cleared it, and /proc/self/uid_map would be root's


def enter_user_namespace() -> None:
    """Be user 1000 of a namespace of one: no id of the machine means anything inside."""
    _enter_user_namespace(0, inside=1000)


def _enter_user_namespace(more: int, *, inside: int) -> None:
    uid, gid = os.geteuid(), os.getegid()
    unshare(NEW_USER | more)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{inside} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{inside} {gid} 1")


def may_become(uid: int) -> str:
    """Say why this process cannot become that user, or ""."""
    if os.geteuid() != 0:
        return "not root"
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        inside, _, count = (int(part) for part in line.split())
        if inside <= uid < inside + count:
            return ""
    return f"root of a user namespace that has no user {uid}"


def no_new_privileges() -> None:
    """No exec gives more rights than this process has; Landlock and seccomp need it."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def drop_capabilities() -> None:
    """Give up every capability, for good."""
    no_new_privileges()
    for capability in range(64):
        with contextlib.suppress(OSError):  # past the last one, or not ours to drop
            _prctl(_PR_CAPBSET_DROP, capability)
    header = struct.pack("=Ii", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    _check(_libc.capset(header, struct.pack("=6I", *(0,) * 6)))


_FS_EXECUTE, _FS_WRITE_FILE, _FS_READ_FILE, _FS_READ_DIR = 1, 2, 4, 8
_FS_TRUNCATE, _FS_IOCTL_DEV = 1 << 14, 1 << 15
_FS_READ = _FS_EXECUTE | _FS_READ_FILE | _FS_READ_DIR
_FS_FILE = _FS_EXECUTE | _FS_WRITE_FILE | _FS_READ_FILE | _FS_TRUNCATE | _FS_IOCTL_DEV
_FS_BY_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}


def landlock_version() -> int:
    """The kernel's Landlock ABI, 0 where there is none."""
    try:
        return _syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    except OSError:
        return 0


def landlock(read: Iterable[str], write: Iterable[str]) -> None:
    """Allow reading below `read`, everything below `write`, and nothing else; no TCP, no signal to the outside.

    Args:
        read: folders and files; those that do not exist are passed over.
        write: the scratch folder and devices such as /dev/null.
    """
    version = landlock_version()
    if not version:
        raise OSError("the kernel has no Landlock (Linux 5.13, CONFIG_SECURITY_LANDLOCK, lsm=landlock)")
    no_new_privileges()
    handled = _FS_BY_VERSION[max(known for known in _FS_BY_VERSION if known <= version)]
    network = 3 if version >= 4 else 0  # bind and connect TCP
    scopes = 3 if version >= 6 else 0  # abstract sockets, signals
    attributes = struct.pack("=QQQ", handled, network, scopes)[: 24 if version >= 6 else 16 if version >= 4 else 8]
    ruleset = _syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    try:
        for paths, access in ((read, _FS_READ), (write, handled)):
            for path in paths:
                _allow(ruleset, path, access & handled)
        _syscall(_RESTRICT_SELF, ruleset, ctypes.c_uint32(0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        allowed = access if stat.S_ISDIR(os.fstat(folder).st_mode) else access & _FS_FILE
        rule = struct.pack("=Qi", allowed, folder)  # struct landlock_path_beneath_attr
        _syscall(_ADD_RULE, ruleset, ctypes.c_int(1), rule, ctypes.c_uint32(0))
    finally:
        os.close(folder)


def seccomp() -> None:
    """Refuse the system calls of `syscalls.DENIED` from now on, in this process and all it forks."""
    no_new_privileges()
    program = seccomp_program(platform.machine())
    code = ctypes.create_string_buffer(program, len(program))
    filter_program = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))  # struct sock_fprog
    _check(_libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(2), filter_program, ctypes.c_ulong(0), ctypes.c_ulong(0)))
