"""Enters the sandbox in a job's process: a few system calls, with everything prepared by the worker."""

from __future__ import annotations

import sys

if sys.platform != "linux":
    raise ImportError("This is for Linux.")

import ctypes
import functools
import os
import struct
from typing import NamedTuple

from pluginary_tui.isolation.c_library import libc
from pluginary_tui.isolation.linux import system
from pluginary_tui.isolation.linux.sandbox import landlock, seccomp, syscalls

# <linux/seccomp.h>
_SET_MODE_FILTER, _NEW_LISTENER = 1, 1 << 3
_SECCOMP = {"x86_64": 317}
_SECCOMP_GENERIC = 277
_CAPSET = {"x86_64": 126}
_CAPSET_GENERIC = 91
# <linux/capability.h>; CAP_DAC_READ_SEARCH, to read what root may read, is all that stays
_CAPABILITIES = struct.pack("=Ii", 0x20080522, 0)
_KEPT, _NONE = (struct.pack("=6I", kept, kept, 0, 0, 0, 0) for kept in (1 << 2, 0))
# <sys/socket.h>
_SOL_SOCKET, _SCM_RIGHTS = 1, 1

_NUMBER = struct.Struct("=I")


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
        pid = os.getpid()
        listener = prepared(entrance.filter).install(pid, notify=entrance.listener >= 0)
        if entrance.listener >= 0:
            handover().send(listener, pid, entrance.listener)
            os.close(listener)


@functools.cache
def prepared(code: str) -> Filter:
    """The filter, given in hexadecimal, ready to be installed. A worker calls this before it forks: each object that a
    forked process need not make saves it a copy of the worker's memory.
    """
    return Filter(bytes.fromhex(code))


class Filter:
    """A filter of system calls in memory, where the kernel takes it from."""

    def __init__(self, code: bytes) -> None:
        self._number = _SECCOMP.get(syscalls.machine(), _SECCOMP_GENERIC)
        self._own = seccomp.places_of_own(code)
        self._code = ctypes.create_string_buffer(code, len(code))
        self._program = struct.pack("@HP", len(code) // 8, ctypes.addressof(self._code))

    def install(self, pid: int, *, notify: bool) -> int:
        """Install it in this process, whose id is `pid`; returns the listener's descriptor with `notify`."""
        for place in self._own:
            _NUMBER.pack_into(self._code, place, pid)
        result = system.syscall(self._number, _SET_MODE_FILTER, _NEW_LISTENER if notify else 0, self._program)
        if result < 0:
            raise OSError(ctypes.get_errno(), "the kernel refuses the filter")
        return result


class Handover:
    """A message that passes a descriptor on (sendmsg(2), unix(7), SCM_RIGHTS), laid out beforehand."""

    def __init__(self) -> None:
        self._body = ctypes.create_string_buffer(_NUMBER.size)
        part = struct.pack("@PN", ctypes.addressof(self._body), _NUMBER.size)
        self._part = ctypes.create_string_buffer(part, len(part))
        rights = struct.pack("@NiiiI", struct.calcsize("@Niii"), _SOL_SOCKET, _SCM_RIGHTS, -1, 0)
        self._rights = ctypes.create_string_buffer(rights, len(rights))
        parts, controls = ctypes.addressof(self._part), ctypes.addressof(self._rights)
        self._send = libc().sendmsg
        self._message = struct.pack("@PIPNPNi", 0, 0, parts, 1, controls, len(rights), 0)

    def send(self, fd: int, pid: int, to: int) -> None:
        """Send a descriptor of the process `pid` to the worker, without waiting for it. OSError where that fails."""
        _NUMBER.pack_into(self._body, 0, pid)
        _NUMBER.pack_into(self._rights, struct.calcsize("@Nii"), fd)
        if self._send(to, self._message, 0) < 0:
            raise OSError("the worker does not take the listener")


@functools.cache
def handover() -> Handover:
    """The message with which this process hands its listener over. A worker calls this before it forks."""
    return Handover()


def _give_up_capabilities() -> None:
    number = _CAPSET.get(syscalls.machine(), _CAPSET_GENERIC)
    # Root of a container does not have the one that is kept, and then it cannot be kept.
    if all(system.syscall(number, _CAPABILITIES, kept) for kept in (_KEPT, _NONE)):
        raise OSError(ctypes.get_errno(), "root's privileges stay")
