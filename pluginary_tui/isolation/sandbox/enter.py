"""Enters the sandbox in a job's process: a few system calls, with everything prepared by the worker."""

from __future__ import annotations

import _socket
import ctypes
import os
import struct
import sys
from typing import NamedTuple

from pluginary_tui.isolation import system
from pluginary_tui.isolation.sandbox import landlock, seccomp, syscalls

# <linux/seccomp.h>
_SET_MODE_FILTER, _NEW_LISTENER = 1, 1 << 3
_SECCOMP = {"x86_64": 317}
_SECCOMP_GENERIC = 277
_CAPSET = {"x86_64": 126}
_CAPSET_GENERIC = 91
# <linux/capability.h>; CAP_DAC_READ_SEARCH, to read what root may read, is all that stays
_CAPABILITY_VERSION_3, _KEPT = 0x20080522, 1 << 2


class Entrance(NamedTuple):
    """What a process needs to enter. Descriptors are the worker's; they are inherited."""

    mode: str
    abi: int = 0
    """Version of Landlock's interface; 0 where it is not used."""
    ruleset: int = -1
    filter: str = ""
    """The filter in hexadecimal; empty where there is none."""
    listener: int = -1
    """Socket on which the worker gets the descriptor that the kernel asks it on; -1 where the kernel asks nobody."""
    privileged: bool = False
    """Whether there are root's capabilities to give up."""


def enter(entrance: Entrance) -> None:
    """Confine this process and all that it starts, for good.

    To be called with a single thread, with PR_SET_NO_NEW_PRIVS set, before any byte of a plugin is mapped, and before
    the descriptors of `entrance` are closed: a process that keeps the listener could answer for the worker.
    OSError where the kernel refuses.
    """
    sys.dont_write_bytecode = True  # what is imported from now on cannot be kept
    if entrance.abi:
        landlock.restrict(entrance.ruleset, entrance.abi)
    if entrance.privileged:
        _give_up_capabilities()
    if entrance.filter:
        listener = _install(bytes.fromhex(entrance.filter), notify=entrance.listener >= 0)
        if entrance.listener >= 0:
            _hand_over(listener, entrance.listener)
            os.close(listener)


def _install(code: bytes, *, notify: bool) -> int:
    code = seccomp.own(code, os.getpid())
    instructions = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("@HP", len(code) // 8, ctypes.addressof(instructions))
    number = _SECCOMP.get(syscalls.machine(), _SECCOMP_GENERIC)
    result = system.syscall(number, _SET_MODE_FILTER, _NEW_LISTENER if notify else 0, program)
    if result < 0:
        raise OSError(ctypes.get_errno(), "the kernel refuses the filter")
    return result


def _hand_over(fd: int, to: int) -> None:
    """Send a descriptor to the worker, without waiting for it (unix(7), SCM_RIGHTS)."""
    duplicate = os.dup(to)
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET, 0, duplicate)
    rights = (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, struct.pack("@i", fd))
    connection.sendmsg([b"%d" % os.getpid()], [rights])
    connection.close()


def _give_up_capabilities() -> None:
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    data = struct.pack("=6I", _KEPT, _KEPT, 0, 0, 0, 0)
    if system.syscall(_CAPSET.get(syscalls.machine(), _CAPSET_GENERIC), header, data):
        raise OSError(ctypes.get_errno(), "root's privileges stay")
