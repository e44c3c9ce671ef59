"""Landlock (landlock(7)): which files a process may open, and that it reaches no socket and no process outside."""

from __future__ import annotations

import sys

if sys.platform != "linux":
    raise ImportError("This is for Linux.")

import contextlib
import ctypes
import os
import struct
from collections.abc import Iterable

from pluginary_tui.isolation.linux import system

# The same on every architecture.
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION, _PATH_BENEATH = 1, 1

# <linux/landlock.h>, LANDLOCK_ACCESS_FS_...
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_CHAR, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 6, 1 << 7, 1 << 8
_MAKE_SOCK, _MAKE_FIFO, _MAKE_BLOCK, _MAKE_SYM = 1 << 9, 1 << 10, 1 << 11, 1 << 12
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15

_HANDLED = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""What is refused unless a rule allows it, by the first version that knows it."""
_TCP = 0b11
"""From version 4: to bind and to connect."""
_SCOPED = 0b11
"""From version 6: abstract sockets and signals of processes outside."""
_QUIET = 0b1
"""From version 7: nothing in the system's audit log."""

READ = _READ_FILE | _READ_DIR
DEVICE = _READ_FILE | _WRITE_FILE | _IOCTL_DEV
OWN = (
    READ
    | _WRITE_FILE
    | _REMOVE_DIR
    | _REMOVE_FILE
    | _MAKE_DIR
    | _MAKE_REG
    | _MAKE_FIFO
    | _MAKE_SYM
    | _REFER
    | _TRUNCATE
)
"""Everything but to execute, and devices and sockets."""
_RECORD = struct.Struct("=Qi")
"""struct landlock_path_beneath_attr: what is allowed, and the file's or folder's descriptor."""
_OF_FILES = _READ_FILE | _WRITE_FILE | _TRUNCATE | _IOCTL_DEV
"""What a rule for a single file may allow."""


def version() -> int:
    """Version of the interface that this kernel has on; 0 for none."""
    found = system.syscall(_CREATE, None, 0, _VERSION)
    return max(found, 0)


class Rule:
    """Access to one file, or to all below one folder. Holds a descriptor until `close`."""

    __slots__ = ("access", "fd", "record")

    def __init__(self, path: str, access: int, abi: int) -> None:
        """OSError where there is nothing at `path`."""
        self.fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        folder = os.path.isdir(path)
        self.access = access & _handled(abi) & (-1 if folder else _OF_FILES)
        self.record = _RECORD.pack(self.access, self.fd)

    def close(self) -> None:
        os.close(self.fd)


def rules(paths: Iterable[tuple[str, int]], abi: int) -> list[Rule]:
    """The rules for those of the paths that are there."""
    found = []
    for path, access in paths:
        try:
            found.append(Rule(path, access, abi))
        except OSError:
            continue
    return found


def ruleset(chosen: Iterable[Rule], abi: int) -> int:
    """A descriptor of these rules, to be passed to `restrict`. OSError where the kernel refuses."""
    attributes = struct.pack("=QQQ", _handled(abi), _TCP if abi >= 4 else 0, _SCOPED if abi >= 6 else 0)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    fd = system.syscall(_CREATE, attributes[:size], size, 0)
    if fd < 0:
        raise OSError(ctypes.get_errno(), "no set of rules")
    add(fd, chosen)
    return fd


def add(fd: int, chosen: Iterable[Rule]) -> None:
    """Add rules to a set: for the processes that are restricted by it from now on."""
    for rule in chosen:
        if rule.access:
            system.syscall(_ADD, fd, _PATH_BENEATH, rule.record, 0)


def restrict(fd: int, abi: int) -> None:
    """Put this process, and what it starts, under the rules for good. Its own part of /proc is added to them.

    Needs PR_SET_NO_NEW_PRIVS. OSError where the kernel refuses.
    """
    with contextlib.suppress(OSError):
        own = os.open("/proc/self", os.O_PATH | os.O_CLOEXEC)
        system.syscall(_ADD, fd, _PATH_BENEATH, _RECORD.pack(READ, own), 0)
        os.close(own)
    if system.syscall(_RESTRICT, fd, _QUIET if abi >= 7 else 0):
        raise OSError(ctypes.get_errno(), "Landlock refused")


def _handled(abi: int) -> int:
    return max((mask for since, mask in _HANDLED.items() if since <= abi), default=0)
