"""The system calls that a worker may not make, by number, for x86-64 and aarch64.

In: the machine's name. Out: a seccomp program (classic BPF) as bytes. A denylist: what NumPy and
TensorFlow need is long and changes with their versions, what they never need is short and does not.

Source: linux/seccomp.h, linux/filter.h, asm/unistd_64.h (x86-64), asm-generic/unistd.h (aarch64).
"""

import errno
import struct

#: name -> (x86-64, aarch64); None where the machine has no such call. Refused with EPERM.
DENIED: dict[str, tuple[int | None, int | None]] = {
    # other processes' memory and descriptors
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    # the view of the file system, and files by handle instead of by path
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "open_tree_attr": (467, 467),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "fanotify_init": (300, 262),
    # namespaces: new ones open the kernel code that needs no privilege inside them
    "unshare": (272, 97),
    "setns": (308, 268),
    # the network, loopback and local sockets by name included (a socketpair is allowed)
    "socket": (41, 198),
    # shared memory, semaphores and queues that outlive a process, by key or by a number that is easily guessed
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    # pages between pipes and files: never used by an array, often by an exploit
    "vmsplice": (278, 75),
    "splice": (275, 76),
    "tee": (276, 77),
    # the kernel itself
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "personality": (135, 92),
    "lookup_dcookie": (212, 18),
    "vhangup": (153, 58),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
}

#: Answered with ENOSYS, so that a library falls back on the older call. clone3 takes its flags from
#: memory, where a filter cannot look; memory of memfd_create counts against no limit.
ABSENT: dict[str, tuple[int | None, int | None]] = {
    "clone3": (435, 435),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
}

CLONE = (56, 220)
IOCTL = (16, 29)
NAMESPACE_FLAGS = 0x7E02_0000 | 0x80  # CLONE_NEW{CGROUP,UTS,IPC,USER,PID,NET,NS,TIME}
TIOCSTI = 0x5412  # types into a terminal
TIOCLINUX = 0x541C

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT = 0x4000_0000  # x86-64 calls by their x32 numbers would pass a list of numbers

_LOAD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT = 0x15, 0x35, 0x45
_RETURN = 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER, _ARCH, _ARGUMENT0, _ARGUMENT1 = 0, 4, 16, 24  # offsets in struct seccomp_data, little-endian low words


def machine_index(machine: str) -> int:
    """Return the column of the tables for `platform.machine()`.

    Raises:
        KeyError: a machine that has no table.
    """
    return {"x86_64": 0, "aarch64": 1}[machine]


def seccomp_program(machine: str) -> bytes:
    """Assemble the filter: an array of `struct sock_filter`."""
    column = machine_index(machine)
    denied = [row[column] for row in DENIED.values() if row[column] is not None]
    absent = [row[column] for row in ABSENT.values() if row[column] is not None]
    checks: list[tuple[int, int, str, str]] = [(_JUMP_AT_LEAST, _X32_BIT, "absent", "")] if column == 0 else []
    checks += [(_JUMP_EQUAL, number, "denied", "") for number in denied if number is not None]
    checks += [(_JUMP_EQUAL, number, "absent", "") for number in absent if number is not None]
    clone_flags = [(_LOAD, _ARGUMENT0, "", ""), (_JUMP_ANY_BIT, NAMESPACE_FLAGS, "denied", "allow")]
    terminal = [
        (_LOAD, _ARGUMENT1, "", ""),
        (_JUMP_EQUAL, TIOCSTI, "denied", ""),
        (_JUMP_EQUAL, TIOCLINUX, "denied", "allow"),
    ]
    body = [
        (_LOAD, _ARCH, "", ""),
        (_JUMP_EQUAL, _AUDIT_ARCH[machine], "", "kill"),
        (_LOAD, _NUMBER, "", ""),
        *checks,
        (_JUMP_EQUAL, CLONE[column], "", "ioctl"),
        *clone_flags,
        (_JUMP_EQUAL, IOCTL[column], "", "allow"),
        *terminal,
        (_RETURN, _ALLOW, "", ""),
        (_RETURN, _ERRNO | errno.EPERM, "", ""),
        (_RETURN, _ERRNO | errno.ENOSYS, "", ""),
        (_RETURN, _KILL, "", ""),
    ]
    labels = {"allow": len(body) - 4, "denied": len(body) - 3, "absent": len(body) - 2, "kill": len(body) - 1}
    labels["ioctl"] = len(body) - 4 - len(terminal) - 1
    return b"".join(_instruction(at, code, k, yes, no, labels) for at, (code, k, yes, no) in enumerate(body))


def _instruction(at: int, code: int, k: int, yes: str, no: str, labels: dict[str, int]) -> bytes:
    """One sock_filter; a label becomes the distance to it, "" the next instruction."""
    jump_yes = labels[yes] - at - 1 if yes else 0
    jump_no = labels[no] - at - 1 if no else 0
    return struct.pack("=HBBI", code, jump_yes, jump_no, k)
