"""Answers the kernel's questions about what a plugin tries (seccomp_unotify(2)), and says what that was."""

from __future__ import annotations

import sys

if sys.platform != "linux":
    raise ImportError("This is for Linux.")

import contextlib
import errno
import fcntl
import os
import select
import struct
from collections.abc import Callable
from typing import NamedTuple

from pluginary_tui.isolation.linux.sandbox import syscalls

NETWORK, WRITES, EXECUTES, PROGRAMS, OTHER = "network", "writes", "executes", "programs", "other"

# <linux/seccomp.h>
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_QUESTION = struct.Struct("=QII iIQ6Q")
"""struct seccomp_notif: id, process, flags, and struct seccomp_data: number, architecture, place, arguments."""
_ANSWER = struct.Struct("=QqiI")
_CONTINUE = 1

_AT_FDCWD = -100
_PATH_LIMIT = 4096
_TEXT_LIMIT = 300
_ARGUMENTS_SHOWN = 6
_WRITABLE_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_PASSED = 256
"""Attempts of one job that are passed on; beyond that the first of each kind, after each of its reports."""

# <sys/socket.h>
_FAMILIES = {
    1: (PROGRAMS, "talk to another program (a socket of this computer)"),
    2: (NETWORK, "reach the network (IPv4)"),
    10: (NETWORK, "reach the network (IPv6)"),
    16: (OTHER, "ask the kernel about network cards and devices (netlink)"),
    17: (NETWORK, "read the network's raw packets"),
    31: (NETWORK, "reach Bluetooth devices"),
    38: (OTHER, "use the kernel's encryption (AF_ALG)"),
    40: (NETWORK, "reach the computer around this virtual machine (vsock)"),
}

# Where the path of a call stands: (number of the argument with the folder's descriptor or -1, of that with the path)
_PATHS: dict[str, tuple[tuple[int, int], ...]] = {
    "open": ((-1, 0),),
    "openat": ((0, 1),),
    "creat": ((-1, 0),),
    "unlink": ((-1, 0),),
    "unlinkat": ((0, 1),),
    "rename": ((-1, 0), (-1, 1)),
    "renameat": ((0, 1), (2, 3)),
    "renameat2": ((0, 1), (2, 3)),
    "mkdir": ((-1, 0),),
    "mkdirat": ((0, 1),),
    "rmdir": ((-1, 0),),
    "symlink": ((-1, 1),),
    "symlinkat": ((1, 2),),
    "link": ((-1, 0), (-1, 1)),
    "linkat": ((0, 1), (2, 3)),
    "truncate": ((-1, 0),),
    "mknod": ((-1, 0),),
    "mknodat": ((0, 1),),
    "fchmodat": ((0, 1),),
    "fchmodat2": ((0, 1),),
    "fchownat": ((0, 1),),
    "utimensat": ((0, 1),),
    "futimesat": ((0, 1),),
    "setxattrat": ((0, 1),),
    "removexattrat": ((0, 1),),
    "file_setattr": ((0, 1),),
    "execve": ((-1, 0),),
    "execveat": ((0, 1),),
}
_BY_DESCRIPTOR = ("fchmod", "fchown", "fsetxattr", "fremovexattr")

_VERBS = {
    "open": "write",
    "creat": "write",
    "unlink": "delete",
    "rmdir": "delete",
    "rename": "rename",
    "mkdir": "make the folder",
    "symlink": "make the link",
    "link": "make the link",
    "truncate": "cut short",
    "mknod": "make the device",
}


class Attempt(NamedTuple):
    """Something that a plugin tried and that was refused."""

    kind: str
    """`network`, `writes`, `executes`, `programs` (talk to other programs) or `other`."""
    what: str
    """What it wanted to do, after "wanted to". Holds text that the plugin chose: not yet safe to show."""


class Watch:
    """The questions about one job's processes."""

    def __init__(self, listener: int, machine: str, pid: int, folder: str, *, landlock: int) -> None:
        """`pid` is the job's first process, `folder` the real path of the throw-away folder or empty, `landlock` the
        version in use.
        """
        self.listener = listener
        self._names = syscalls.names(machine)
        self._pid = pid
        self._folder = folder
        self._landlock = landlock
        self._seen: set[Attempt] = set()
        """What was passed on since the job reported last."""
        self._passed = 0

    @property
    def over(self) -> bool:
        """Whether no process is left that the kernel could ask about."""
        poll = select.poll()
        poll.register(self.listener, select.POLLIN)
        return any(event & select.POLLHUP for _, event in poll.poll(0))

    def close(self) -> None:
        os.close(self.listener)

    def answer(self, before: Callable[[], int]) -> Attempt | None:
        """Answer one question; the attempt where it is a new one.

        `before` is called when a question has arrived; it returns 0 unless the job has reported meanwhile, as it
        does before each plugin: the same attempt is a new one then.

        OSError where there is no question any more.
        """
        buffer = bytearray(_QUESTION.size)
        fcntl.ioctl(self.listener, _RECEIVE, buffer)
        if before():
            self._seen.clear()
        id_, pid, _flags, number, _arch, _at, *arguments = _QUESTION.unpack(buffer)
        error, attempt = errno.EPERM, None
        with contextlib.suppress(Exception):  # the plugin chose the arguments: none of them may end the worker
            error, attempt = self._judge(pid, self._names.get(number, ""), arguments)
        # A call that goes on is judged by Landlock: what the process changes in its memory meanwhile opens nothing.
        answer = _ANSWER.pack(id_, 0, -error if error > 0 else 0, _CONTINUE if error < 0 else 0)
        try:
            fcntl.ioctl(self.listener, _SEND, answer)
        except OSError:  # the process has ended: what was read may be another's; or a signal took the call back
            return None
        if attempt is None or attempt in self._seen:
            return None
        # The first of its kind is always passed on: many harmless ones would hide another that comes behind them.
        if self._passed >= _PASSED and any(each.kind == attempt.kind for each in self._seen):
            return None
        self._seen.add(attempt)
        self._passed += 1
        return attempt

    def _judge(self, pid: int, name: str, arguments: list[int]) -> tuple[int, Attempt | None]:
        """What the call ends with: an error number, 0 for a success that does nothing, -1 to let it go on."""
        if name == "socket":
            kind, what = _FAMILIES.get(_signed(arguments[0]), (NETWORK, f"use sockets of family {arguments[0]}"))
            return errno.EACCES, Attempt(kind, what)
        if name in syscalls.EXECUTES.split():
            return errno.EACCES, Attempt(EXECUTES, f"start {self._command(pid, name, arguments)}")
        if name in syscalls.REACHING:
            return errno.EPERM, Attempt(OTHER, syscalls.REACHING[name])
        if name in syscalls.SIGNALS.split():
            return (-1, None) if self._is_own(pid, _signed(arguments[0])) else (errno.EPERM, _SIGNAL)
        if name in ("setpriority", "ioprio_set"):
            return (-1 if self._is_own(pid, _signed(arguments[1])) else errno.EPERM), None
        if name in syscalls.THREADS.split():
            return (-1 if self._is_own(pid, _signed(arguments[0])) else errno.EPERM), None
        if name in ("fcntl", "flock"):
            # Nobody else locks what is thrown away. To let it go on would lock whatever the descriptor is by then.
            return (0 if self._inside(_descriptor(pid, _signed(arguments[0]))) else errno.ENOLCK), None
        return self._change(pid, name, arguments)

    def _change(self, pid: int, name: str, arguments: list[int]) -> tuple[int, Attempt | None]:
        """A call that would change a file."""
        paths = self._paths(pid, name, arguments)
        outside = [path for path in paths if not self._inside(path)]
        opens = name in syscalls.OPENS.split()
        if not outside:
            if name in syscalls.METADATA.split():
                return 0, None  # nobody reads the modes and times of files that are thrown away
            # Without Landlock the path could change once more before it is used.
            return (-1 if self._landlock and name not in syscalls.NODES.split() else errno.EACCES), None
        path = outside[0]
        if opens and path in _WRITABLE_DEVICES and self._landlock:
            return -1, None
        if path.startswith("/proc/"):  # its own name or memory, or nothing at all: Landlock lets it read there
            return errno.EACCES, None
        verb = _VERBS.get(name.removesuffix("at2").removesuffix("at"), "change")
        return (errno.EACCES if opens or name in _PATHS else errno.EPERM), Attempt(WRITES, f"{verb} {_shown(path)}")

    def _paths(self, pid: int, name: str, arguments: list[int]) -> list[str]:
        if name in _BY_DESCRIPTOR:
            return [_descriptor(pid, _signed(arguments[0]))]
        found = []
        for folder, at in _PATHS.get(name, ((-1, 0),)):
            text = _text(pid, arguments[at]) if arguments[at] else ""
            fd = _AT_FDCWD if folder < 0 else _signed(arguments[folder])
            found.append(_absolute(pid, fd, text))
        return found

    def _inside(self, path: str) -> bool:
        return bool(self._folder) and path.startswith(self._folder + "/")

    def _is_own(self, caller: int, target: int) -> bool:
        """Whether a process or thread belongs to the job: its first process, or one that descends from that."""
        if target == 0 or target == caller:
            return True
        for _ in range(64):
            if target == self._pid:
                return True
            with open(f"/proc/{target}/status", "rb") as file:
                fields = dict(line.split(b":", 1) for line in file.read().splitlines() if b":" in line)
            group, parent = int(fields[b"Tgid"]), int(fields[b"PPid"])
            target = group if group != target else parent
            if target <= 1:
                return False
        return False

    def _command(self, pid: int, name: str, arguments: list[int]) -> str:
        at = _PATHS[name][0][1]
        path = _text(pid, arguments[at]) if arguments[at] else ""
        words = [path or "a program in memory"]
        list_at = arguments[at + 1]
        with contextlib.suppress(OSError, ValueError):
            for index in range(1, _ARGUMENTS_SHOWN):
                (pointer,) = struct.unpack("=Q", _memory(pid, list_at + 8 * index, 8))
                if not pointer:
                    break
                words.append(_text(pid, pointer))
        return _shown(" ".join(words))


_SIGNAL = Attempt(OTHER, "end or stop another program")


def _shown(text: str) -> str:
    return text if len(text) <= _TEXT_LIMIT else text[:_TEXT_LIMIT] + "..."


def _signed(argument: int) -> int:
    """The low half of an argument as a C int."""
    number: int = struct.unpack("=i", struct.pack("=I", argument & 0xFFFFFFFF))[0]
    return number


def _memory(pid: int, address: int, size: int) -> bytes:
    """At most `size` bytes of a process's memory; fewer at the end of what is mapped."""
    fd = os.open(f"/proc/{pid}/mem", os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.pread(fd, size, address)
    finally:
        os.close(fd)


def _text(pid: int, address: int) -> str:
    if address >= 1 << 63:
        raise ValueError("no address of a program")
    room = 4096 - address % 4096
    data = _memory(pid, address, room)
    if b"\0" not in data and len(data) == room:
        with contextlib.suppress(OSError):
            data += _memory(pid, address + room, _PATH_LIMIT - room)
    return os.fsdecode(data.split(b"\0", 1)[0])


def _descriptor(pid: int, fd: int) -> str:
    """What a descriptor of a process refers to, as proc(5) words it."""
    return os.readlink(f"/proc/{pid}/{'cwd' if fd == _AT_FDCWD else f'fd/{fd}'}")


def _absolute(pid: int, fd: int, path: str) -> str:
    """The path from the root, with links followed except in its last part where that is no link."""
    if not path:
        return _descriptor(pid, fd)
    if not path.startswith("/"):
        path = f"{_descriptor(pid, fd)}/{path}"
    path = os.path.normpath(path)
    for own in ("/proc/self/", "/proc/thread-self/", f"/proc/{pid}/"):
        if path.startswith(own):
            rest = path.removeprefix(own)
            if rest.startswith("fd/") and rest[3:].isdigit():
                return _descriptor(pid, int(rest[3:]))
            return f"/proc/{pid}/{rest}"
    if path.startswith("/dev/fd/") and path[8:].isdigit():
        return _descriptor(pid, int(path[8:]))
    return os.path.realpath(path)
