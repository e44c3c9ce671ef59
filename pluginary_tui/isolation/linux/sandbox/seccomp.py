"""The filter of system calls (seccomp(2)), as a program of classic BPF."""

from __future__ import annotations

import sys

if sys.platform != "linux":
    raise ImportError("This is for Linux.")

import errno
import struct
from collections.abc import Iterable

from pluginary_tui.isolation.linux.sandbox import syscalls

# <linux/seccomp.h>
_ALLOW, _NOTIFY, _ERRNO = 0x7FFF0000, 0x7FC00000, 0x00050000
# <linux/filter.h>: load a word, mask it, compare, return
_LOAD, _AND, _EQUAL, _GREATER, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x54, 0x15, 0x25, 0x35, 0x45, 0x06
# struct seccomp_data: the number at 0, the architecture at 4, the arguments of 8 bytes from 16 on (little-endian)
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_X32_BIT = 0x40000000

_OWN_PID = 0x50494431
"""Stands in a program for the process id of who installs it; no constant of it has this value."""

# <fcntl.h>
_ACCESS_MODE, _O_CREAT, _O_TRUNC = 0x3, 0x40, 0x200

_CLONE_REFUSED = 0x7E020000 | 0x8000 | 0x2000
"""<linux/sched.h>: new namespaces; CLONE_PARENT, by which the worker would get a child that it does not know;
CLONE_PTRACE."""

_IOCTLS = (0x5401, 0x5413, 0x540F, 0x541B, 0x5421, 0x5450, 0x5451)
"""<asm-generic/ioctls.h>: TCGETS, TIOCGWINSZ, TIOCGPGRP, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX. Others change files that
are only open for reading (FS_IOC_SETFLAGS) or type into a terminal (TIOCSTI)."""

_FCNTLS = (0, 1, 2, 3, 4, 5, 9, 36, 1030, 1031, 1032, 1033, 1034)
"""<fcntl.h>: F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_GETOWN, F_OFD_GETLK, F_DUPFD_CLOEXEC,
F_SETPIPE_SZ, F_GETPIPE_SZ, F_ADD_SEALS, F_GET_SEALS. F_SETOWN would send signals to other processes,
F_SETLEASE hold up writers."""
LOCKS = (6, 7, 37, 38)
"""<fcntl.h>: F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW."""

_SOCKET_OPTIONS = (7, 8, 16, 18, 20, 21, 66, 67)
"""<asm-generic/socket.h>: SO_SNDBUF, SO_RCVBUF, SO_PASSCRED, SO_RCVLOWAT, SO_RCVTIMEO, SO_SNDTIMEO and their new forms.
SO_ATTACH_FILTER would load a program into the kernel."""
_RLIMIT_CORE = 4
"""<asm-generic/resource.h>. Other than 1, a crash would have the kernel start the program of core(5)."""

_PRCTLS = (2, 3, 7, 15, 16, 21, 23, 27, 29, 30, 37, 38, 39, 41, 42, 63, 0x53564D41)
"""<linux/prctl.h>: what reads, names threads and memory, or gives up privileges. Not among them: PR_SET_PDEATHSIG,
PR_SET_DUMPABLE, PR_SET_MM, PR_SET_PTRACER, by which a process would get out of the worker's sight."""

Code = list[tuple[int, int, int, int]]


def program(machine: str, *, notify: bool, landlock: int) -> bytes:
    """The filter for a machine, as an array of `struct sock_filter`. The process that installs it writes its id into
    `places_of_own`.

    `notify`: whether the kernel asks the worker about what is refused. `landlock`: version of Landlock's interface, 0
    for none: what it judges may pass here. KeyError for a machine that is not in `syscalls.ARCHITECTURES`.
    """
    table = syscalls.numbers(machine)

    def refuse(error: int) -> int:
        return _NOTIFY if notify else _ERRNO | error

    denied, not_allowed = refuse(errno.EACCES), refuse(errno.EPERM)
    writes = _NOTIFY if notify else _ALLOW if landlock else _ERRNO | errno.EACCES
    signals = _ALLOW if landlock >= 6 else not_allowed

    code: Code = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, syscalls.ARCHITECTURES[machine].audit),
        (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32_BIT),
        (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
    ]

    def when(names: str, body: Code) -> None:
        found = [table[name] for name in names.split() if name in table]
        for at, number in enumerate(found):
            last = at == len(found) - 1
            code.append((_EQUAL, len(found) - 1 - at, len(body) if last else 0, number))
        if found:
            code.extend(body)

    # What needs a look at its arguments comes first; the rest is the same for all arguments, and newer kernels keep the
    # answer for each number (5.11).
    when("ioctl", _one_of(1, _IOCTLS, _ALLOW, _ERRNO | errno.ENOTTY))
    when("fcntl", [*_one_of(1, _FCNTLS, _ALLOW), *_one_of(1, LOCKS, refuse(errno.ENOLCK), _ERRNO | errno.EPERM)])
    when("openat", _opens(2, writes))
    when("open", _opens(1, writes))
    when("creat", _always(writes))
    when("clone", _no_bit(0, _CLONE_REFUSED, _ALLOW, _ERRNO | errno.EPERM))
    when("prctl", _one_of(0, _PRCTLS, _ALLOW, _ERRNO | errno.EPERM))
    when(
        "prlimit64",
        [*_one_of(1, (_RLIMIT_CORE,), _ERRNO | errno.EPERM), *_one_of(0, (0, _OWN_PID), _ALLOW, _ERRNO | errno.EPERM)],
    )
    when("setrlimit", _one_of(0, (_RLIMIT_CORE,), _ERRNO | errno.EPERM, _ALLOW))
    when("setsockopt", _one_of(2, _SOCKET_OPTIONS, _ALLOW, _ERRNO | errno.EPERM))
    when("socket", _always(denied))
    # A socket of datagrams could be sent to any other by its path or name (unix(7)); these two kinds cannot.
    streams: Code = [(_LOAD, 0, 0, _argument(1)), (_AND, 0, 0, 0xF), *_equals((1, 5), _ALLOW, _ERRNO | errno.EPERM)]
    when("socketpair", [*_unless(0, 1, _ERRNO | errno.EPERM), *streams])
    when("personality", _one_of(0, (0xFFFFFFFF,), _ALLOW, _ERRNO | errno.EPERM))
    when(syscalls.EXECUTES, _always(denied))
    when(syscalls.CHANGES, _always(writes))
    when(syscalls.NODES, _always(denied))
    when(syscalls.METADATA, _always(not_allowed))
    when("flock", _always(refuse(errno.ENOLCK)))
    when(syscalls.THREADS, _one_of(0, (0, _OWN_PID), _ALLOW, not_allowed))
    when("setpriority", [*_unless(0, 0, _ERRNO | errno.EPERM), *_one_of(1, (0, _OWN_PID), _ALLOW, not_allowed)])
    when("ioprio_set", [*_unless(0, 1, _ERRNO | errno.EPERM), *_one_of(1, (0, _OWN_PID), _ALLOW, not_allowed)])
    if landlock < 6:
        when("kill", _one_of(0, (0, _OWN_PID), _ALLOW, signals))
        when("tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo", _one_of(0, (_OWN_PID,), _ALLOW, signals))
        when("pidfd_send_signal", _always(_ERRNO | errno.EPERM))
    else:
        when(syscalls.SIGNALS, _always(_ALLOW))
    when(" ".join(syscalls.REACHING), _always(not_allowed))
    when(syscalls.REFUSED, _always(_ERRNO | errno.EPERM))
    for low, high in _ranges(table[name] for name in syscalls.ALLOWED.split() if name in table):
        code += [(_AT_LEAST, 0, 2, low), (_GREATER, 1, 0, high), (_RETURN, 0, 0, _ALLOW)]
    code.append((_RETURN, 0, 0, _ERRNO | errno.ENOSYS))
    return b"".join(struct.pack("<HBBI", *each) for each in code)


def places_of_own(code: bytes) -> list[int]:
    """Offsets of the 32-bit words that have to become the id of the process that installs the filter."""
    return [at + 4 for at in range(0, len(code), 8) if struct.unpack_from("<I", code, at + 4)[0] == _OWN_PID]


def _argument(index: int) -> int:
    """Where the low half of an argument is; the kernel takes no more than that of those looked at here."""
    return _ARGUMENTS + 8 * index


def _always(action: int) -> Code:
    return [(_RETURN, 0, 0, action)]


def _equals(values: tuple[int, ...], yes: int, no: int | None = None) -> Code:
    """Compare the loaded word; without `no`, go on behind this where it is none of the values."""
    count = len(values)
    code: Code = [(_EQUAL, count - 1 - at, int(at == count - 1), value) for at, value in enumerate(values)]
    code.append((_RETURN, 0, 0, yes))
    return code if no is None else [*code, (_RETURN, 0, 0, no)]


def _one_of(index: int, values: tuple[int, ...], yes: int, no: int | None = None) -> Code:
    return [(_LOAD, 0, 0, _argument(index)), *_equals(values, yes, no)]


def _unless(index: int, value: int, action: int) -> Code:
    """Return `action` unless the argument has this value."""
    return [(_LOAD, 0, 0, _argument(index)), (_EQUAL, 1, 0, value), (_RETURN, 0, 0, action)]


def _no_bit(index: int, mask: int, none: int, some: int) -> Code:
    return [
        (_LOAD, 0, 0, _argument(index)),
        (_ANY_BIT, 1, 0, mask),
        (_RETURN, 0, 0, none),
        (_RETURN, 0, 0, some),
    ]


def _opens(index: int, writes: int) -> Code:
    """To open for reading is free. To truncate what is opened for reading is refused: Landlock's first two versions
    do not see it. So is the access mode 3, for ioctl alone, of which no version sees anything.
    """
    return [
        (_LOAD, 0, 0, _argument(index)),
        (_AND, 0, 0, _ACCESS_MODE),
        (_EQUAL, 0, 1, _ACCESS_MODE),
        (_RETURN, 0, 0, _ERRNO | errno.EACCES),
        (_LOAD, 0, 0, _argument(index)),
        (_ANY_BIT, 0, 1, _ACCESS_MODE),
        (_RETURN, 0, 0, writes),
        (_ANY_BIT, 0, 1, _O_TRUNC),
        (_RETURN, 0, 0, _ERRNO | errno.EACCES),
        (_ANY_BIT, 0, 1, _O_CREAT),
        (_RETURN, 0, 0, writes),
        (_RETURN, 0, 0, _ALLOW),
    ]


def _ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """First and last of each row of numbers without a gap."""
    ranges: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return ranges
