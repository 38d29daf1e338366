"""Forbidden acts, one or more for each layer and promise of the sandbox, and what must come of each.

In: nothing. Out: `CASES`. A case is data: the body of `attack(facts)`, which a worker runs as a submission; `facts` are
what a real attacker would have to guess: paths, a port, a process of the grader. It returns a word, or raises OSError.
"""

import re
import textwrap
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One forbidden act."""

    name: str
    layer: str  # of environment.LAYERS; "" for what holds without any
    expected: str  # with this layer alone: an errno's name, an outcome, or the attack's own word
    source: str
    beside: tuple[str, ...]  # layers without which this one cannot be shown
    twice: bool  # run in two tests; the second one's word counts


_PREAMBLE = """
import ctypes, errno, os, platform, signal, socket, stat, time
libc = ctypes.CDLL(None, use_errno=True)

def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "")
    return "done"

def syscall(x86_64, aarch64, *arguments):
    number = {"x86_64": x86_64, "aarch64": aarch64}[platform.machine()]
    return check(libc.syscall(ctypes.c_long(number), *(ctypes.c_long(each) for each in arguments)))
"""

# layer, expected word, name of the act [beside other layers] [twice]; below it the body of attack(facts)
_ATTACKS = r"""
mount      ENOENT         read a file outside
    open(facts["open"]).read()
    return "done"
mount      EROFS          write to the interpreter's files
    os.close(os.open(os.__file__, os.O_WRONLY))
    return "done"
pid        ENOENT         see the grader's processes
    os.stat(f"/proc/{facts['process']}")
    return "done"
pid        ESRCH          kill a process of the grader
    os.kill(facts["process"], signal.SIGKILL)
    return "done"
ipc        EINVAL         attach the grader's shared memory
    libc.shmat.restype = ctypes.c_long
    return check(libc.shmat(facts["shared memory"], None, 0))
network    ENETUNREACH    connect to a port of this machine
    socket.create_connection(("127.0.0.1", facts["port"]), 1)
    return "done"
network    ECONNREFUSED   connect to a local socket by name
    socket.socket(socket.AF_UNIX).connect("\0" + facts["socket"])
    return "done"
user       EINVAL         give a file to another user
    path = os.environ["HOME"] + "/given"
    open(path, "w").close()
    os.chown(path, 60000, 60000)
    return "done"
uid        EACCES         read the grader's own file
    open(facts["closed"]).read()
    return "done"
uid        EACCES         read the grader's environment [beside mount]
    open(f"/proc/{facts['process']}/environ").read()
    return "done"
limits     out_of_memory  fill the memory
    kept = []
    while len(kept) < 512:
        kept.append(bytearray(os.urandom(1)) * (1 << 20))
    return "done"
limits     out_of_memory  fill the memory from several processes
    for _ in range(3):
        if os.fork() == 0:
            kept = bytearray(os.urandom(1)) * (60 << 20)
            time.sleep(60)
    time.sleep(1.5)
    return "done"
limits     EAGAIN         start processes without end [beside mount uid user]
    for _ in range(40):
        if os.fork() == 0:
            time.sleep(60)
    return "done"
limits     EMFILE         open files without end
    kept = [os.open("/dev/null", os.O_RDONLY) for _ in range(300)]
    return "done"
limits     EFBIG          write a large file
    with open(os.environ["HOME"] + "/large", "wb") as file:
        file.truncate(65 << 20)
    return "done"
limits     timeout        compute without end
    while time.process_time() < 1.5:
        pass
    return "done"
privileges EPERM          make a device
    os.mknod(os.environ["HOME"] + "/memory", 0o600 | stat.S_IFCHR, os.makedev(1, 1))
    return "done"
privileges EPERM          become another user
    os.setuid(60000 if os.getuid() != 60000 else 60001)
    return "done"
privileges EPERM          gain rights by starting a program
    if libc.prctl(39, 0, 0, 0, 0) == 1:  # PR_GET_NO_NEW_PRIVS
        raise PermissionError(errno.EPERM, "")
    return "done"
landlock   EACCES         read an open file elsewhere
    open(facts["open"]).read()
    return "done"
landlock   EACCES         write outside the scratch folder
    open(facts["folder"] + "/written", "w").close()
    return "done"
landlock   EPERM          signal a process outside
    os.kill(facts["process"], signal.SIGKILL)
    return "done"
seccomp    EPERM          trace a process
    return syscall(101, 117, 0, 0, 0, 0)  # PTRACE_TRACEME
seccomp    EPERM          open a socket
    socket.socket().close()
    return "done"
seccomp    EPERM          enter a user namespace
    return check(libc.unshare(0x10000000))
seccomp    EPERM          clone into a user namespace
    if syscall(56, 220, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0) == "done":
        return "done"
seccomp    EPERM          mount
    try:
        return check(libc.mount(b"none", b"/nowhere", b"tmpfs", 0, None))
    except FileNotFoundError:  # so far nobody refused
        return "done"
seccomp    ENOSYS         use io_uring
    try:
        return syscall(425, 425, 0, 0)
    except OSError as error:
        if error.errno == errno.ENOSYS:
            raise
        return "done"
seccomp    ENOSYS         make a file in memory that no limit counts
    return check(libc.memfd_create(b"memory", 0))
seccomp    EPERM          type into a terminal
    try:
        return check(libc.ioctl(0, ctypes.c_ulong(0x5412), b"x"))
    except OSError as error:
        if error.errno == errno.ENOTTY:  # it was asked, and is no terminal
            return "done"
        raise
-          none           find an open file of the grader
    for name in os.listdir("/proc/self/fd"):
        target = os.readlink(f"/proc/self/fd/{name}") if os.path.lexists(f"/proc/self/fd/{name}") else "/dev/null"
        if not target.startswith(("socket:", "pipe:", "/dev/null", "/proc/")):
            return "done"
    return "none"
-          none           find the grader's environment
    return "done" if facts["variable"] in os.environ else "none"
-          none           find what another test wrote [twice]
    path = os.environ["HOME"] + "/note"
    found = os.path.exists(path)
    os.makedirs(path, exist_ok=True)
    return "done" if found else "none"
-          none           outlive the test [twice]
    if os.fork() == 0:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if os.fork() == 0:
            libc.prctl(15, facts["mark"].encode(), 0, 0, 0)
            time.sleep(60)
        os._exit(0)
    return "none"
-          none           print without end
    for _ in range(200):
        print("x" * 10000)
    return "none"
"""


def _read(text: str) -> tuple[Case, ...]:
    cases = []
    for heading, body in re.findall(r"^(\S.*)\n((?:    .*\n|\n)+)", text, re.MULTILINE):
        layer, expected, rest = heading.split(None, 2)
        name, *flags = re.split(r" \[|\]", rest)
        beside = next((flag.split()[1:] for flag in flags if flag.startswith("beside ")), [])
        source = f"{_PREAMBLE}\ndef attack(facts):\n{textwrap.indent(textwrap.dedent(body), '    ')}"
        found = Case(
            name=name,
            layer=layer.strip("-"),
            expected=expected,
            source=source,
            beside=tuple(beside),
            twice="twice" in flags,
        )
        cases.append(found)
    return tuple(cases)


CASES = _read(_ATTACKS)
