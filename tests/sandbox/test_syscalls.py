"""The seccomp programs of both machines, run by an interpreter of classic BPF; numbers against the kernel's headers."""

import errno
import re
import struct
from pathlib import Path

import pytest

from grader.sandbox import syscalls

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOW, KILL = 0x7FFF0000, 0x80000000
EPERM, ENOSYS = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS

#: What NumPy, TensorFlow and the interpreter live on: never refused.
NEEDED = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "sched_yield": (24, 124),
    "madvise": (28, 233),
    "getpid": (39, 172),
    "sendmsg": (46, 211),
    "recvmsg": (47, 212),
    "socketpair": (53, 199),
    "execve": (59, 221),
    "exit": (60, 93),
    "wait4": (61, 260),
    "kill": (62, 129),
    "futex": (202, 98),
    "getdents64": (217, 61),
    "exit_group": (231, 94),
    "openat": (257, 56),
    "prlimit64": (302, 261),
    "getrandom": (318, 278),
    "rseq": (334, 293),
}


def run(program: bytes, *, number: int, arch: int, arguments: tuple[int, ...] = ()) -> int:
    """Interpret a filter as the kernel does, over struct seccomp_data."""
    data = struct.pack("<iIQ6Q", number - (1 << 32 if number >= 1 << 31 else 0), arch, 0, *(*arguments, *[0] * 6)[:6])
    instructions = list(struct.iter_unpack("=HBBI", program))
    at = accumulator = 0
    for _ in range(len(instructions)):
        code, yes, no, k = instructions[at]
        at += 1
        match code:
            case 0x20:  # load a word
                accumulator = struct.unpack_from("<I", data, k)[0]
            case 0x15:  # equal
                at += yes if accumulator == k else no
            case 0x35:  # at least
                at += yes if accumulator >= k else no
            case 0x45:  # any bit
                at += yes if accumulator & k else no
            case 0x06:  # return
                return int(k)
            case _:
                raise AssertionError(f"code {code:#x}")
    raise AssertionError("the program does not end")


@pytest.fixture(params=ARCHITECTURES)
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def ask(machine: str, number: int, *arguments: int) -> int:
    program = syscalls.seccomp_program(machine)
    return run(program, number=number, arch=ARCHITECTURES[machine], arguments=arguments)


def numbers(machine: str, table: dict[str, tuple[int | None, int | None]]) -> dict[str, int]:
    column = syscalls.machine_index(machine)
    return {name: number for name, row in table.items() if (number := row[column]) is not None}


def test_every_denied_call_gives_eperm(machine: str) -> None:
    for name, number in numbers(machine, syscalls.DENIED).items():
        assert ask(machine, number) == EPERM, name


def test_every_absent_call_gives_enosys(machine: str) -> None:
    for name, number in numbers(machine, syscalls.ABSENT).items():
        assert ask(machine, number) == ENOSYS, name


def test_what_libraries_need_is_allowed(machine: str) -> None:
    for name, number in numbers(machine, dict(NEEDED)).items():
        assert ask(machine, number) == ALLOW, name


def test_all_other_numbers_are_allowed(machine: str) -> None:
    """The jumps are right: exactly the listed numbers are refused."""
    column = syscalls.machine_index(machine)
    listed = {*numbers(machine, syscalls.DENIED).values(), *numbers(machine, syscalls.ABSENT).values()}

    refused = {number for number in range(600) if ask(machine, number) != ALLOW}

    assert refused == listed
    assert syscalls.CLONE[column] not in listed


@pytest.mark.parametrize("flag", [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000])
def test_clone_with_a_namespace_is_denied(machine: str, flag: int) -> None:
    """Mounts, cgroup, host name, IPC, user, PID, network."""
    clone = syscalls.CLONE[syscalls.machine_index(machine)]

    assert ask(machine, clone, flag | 17) == EPERM


def test_clone_of_a_thread_and_of_a_process_is_allowed(machine: str) -> None:
    """The flags of glibc's pthread_create and of its fork."""
    clone = syscalls.CLONE[syscalls.machine_index(machine)]

    assert ask(machine, clone, 0x3D0F00) == ALLOW
    assert ask(machine, clone, 0x1200011) == ALLOW


@pytest.mark.parametrize("request_number", [0x5412, 0x541C])
def test_typing_into_a_terminal_is_denied(machine: str, request_number: int) -> None:
    """TIOCSTI and TIOCLINUX; the kernel looks at 32 bits of the number, so high bits must not hide it."""
    ioctl = syscalls.IOCTL[syscalls.machine_index(machine)]

    assert ask(machine, ioctl, 0, request_number) == EPERM
    assert ask(machine, ioctl, 0, request_number | 1 << 32) == EPERM


def test_other_ioctls_are_allowed(machine: str) -> None:
    """TCGETS, by which Python finds out whether it prints to a terminal."""
    assert ask(machine, syscalls.IOCTL[syscalls.machine_index(machine)], 0, 0x5401) == ALLOW


def test_calls_of_another_machine_kill() -> None:
    """On x86-64 a program may use the 32-bit numbers through int 0x80."""
    program = syscalls.seccomp_program("x86_64")

    assert run(program, number=1, arch=0x40000003) == KILL
    assert run(program, number=1, arch=ARCHITECTURES["aarch64"]) == KILL


def test_x32_numbers_are_absent() -> None:
    """They are the same calls with a bit set, past every list of numbers."""
    for number in (0, 41, 101, 0x3FFFFFFF):
        assert ask("x86_64", 0x40000000 | number) == ENOSYS


def test_a_number_is_listed_once(machine: str) -> None:
    listed = [*numbers(machine, syscalls.DENIED).values(), *numbers(machine, syscalls.ABSENT).values()]

    assert len(listed) == len(set(listed))


def test_jumps_fit_into_a_byte(machine: str) -> None:
    """A filter of over 255 instructions would need longer ones."""
    assert len(syscalls.seccomp_program(machine)) // 8 < 255


def test_an_unknown_machine_has_no_filter() -> None:
    with pytest.raises(KeyError):
        syscalls.seccomp_program("riscv64")


@pytest.mark.parametrize(
    ("machine", "header"),
    [
        ("x86_64", "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
        ("aarch64", "/usr/include/asm-generic/unistd.h"),
    ],
)
def test_numbers_are_the_kernel_s(machine: str, header: str) -> None:
    """Every name that the installed header has; newer calls are not in it."""
    if not Path(header).is_file():
        pytest.skip(f"{header} is not installed")
    found = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", Path(header).read_text()))
    column = syscalls.machine_index(machine)
    own = {"clone": syscalls.CLONE, "ioctl": syscalls.IOCTL}

    for name, row in {**syscalls.DENIED, **syscalls.ABSENT, **NEEDED, **own}.items():
        if name in found:
            assert row[column] == int(found[name]), name
    assert len(found) > 250


#: The same for machines without headers: calls whose numbers differ, from the tables in the kernel's own source.
VENDORED = {
    "ptrace": (101, 117),
    "mount": (165, 40),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "setns": (308, 268),
    "socket": (41, 198),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "process_vm_writev": (311, 271),
    "shmat": (30, 196),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "clone3": (435, 435),
    "io_uring_setup": (425, 425),
    "pidfd_getfd": (438, 438),
}


def test_the_table_agrees_with_a_second_one() -> None:
    known = {**syscalls.DENIED, **syscalls.ABSENT}

    assert {name: known[name] for name in VENDORED} == VENDORED
