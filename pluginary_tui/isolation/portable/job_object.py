"""Windows' job objects: a process in one, and all that it starts, ends when the last handle of it is closed.

Never run: written from Microsoft's documentation of CreateJobObjectW, SetInformationJobObject and their structures.
"""

from __future__ import annotations

import sys

if sys.platform != "win32":
    raise ImportError("This is for Windows.")

import ctypes
from ctypes import wintypes

_EXTENDED_LIMITS = 9
"""JobObjectExtendedLimitInformation."""
_KILL_ON_CLOSE, _DIE_ON_FAULT = 0x2000, 0x400
"""JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, and JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION: no window for a crash."""
_TERMINATE, _SET_QUOTA = 0x0001, 0x0100
"""PROCESS_TERMINATE and PROCESS_SET_QUOTA, which a job object asks for."""
_NO_DIALOGS = 0x0001 | 0x0002
"""SEM_FAILCRITICALERRORS and SEM_NOGPFAULTERRORBOX."""


class _Basic(ctypes.Structure):
    _fields_ = (
        ("PerProcessUserTimeLimit", ctypes.c_int64),
        ("PerJobUserTimeLimit", ctypes.c_int64),
        ("LimitFlags", wintypes.DWORD),
        ("MinimumWorkingSetSize", ctypes.c_size_t),
        ("MaximumWorkingSetSize", ctypes.c_size_t),
        ("ActiveProcessLimit", wintypes.DWORD),
        ("Affinity", ctypes.c_size_t),
        ("PriorityClass", wintypes.DWORD),
        ("SchedulingClass", wintypes.DWORD),
    )


class _Extended(ctypes.Structure):
    _fields_ = (
        ("BasicLimitInformation", _Basic),
        ("IoInfo", ctypes.c_uint64 * 6),
        ("ProcessMemoryLimit", ctypes.c_size_t),
        ("JobMemoryLimit", ctypes.c_size_t),
        ("PeakProcessMemoryUsed", ctypes.c_size_t),
        ("PeakJobMemoryUsed", ctypes.c_size_t),
    )


def _kernel() -> ctypes.CDLL:
    library = ctypes.WinDLL("kernel32", use_last_error=True)
    library.CreateJobObjectW.restype = wintypes.HANDLE
    library.CreateJobObjectW.argtypes = [ctypes.c_void_p, wintypes.LPCWSTR]
    library.SetInformationJobObject.argtypes = [wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD]
    library.OpenProcess.restype = wintypes.HANDLE
    library.OpenProcess.argtypes = [wintypes.DWORD, wintypes.BOOL, wintypes.DWORD]
    library.AssignProcessToJobObject.argtypes = [wintypes.HANDLE, wintypes.HANDLE]
    library.TerminateJobObject.argtypes = [wintypes.HANDLE, wintypes.UINT]
    library.CloseHandle.argtypes = [wintypes.HANDLE]
    return library


class JobObject:
    """A job object that ends what is in it when it is closed, or when this process ends."""

    def __init__(self, pid: int) -> None:
        """Put a process in a new one; it must not have started others yet. OSError where that fails."""
        self._kernel = _kernel()
        process = self._kernel.OpenProcess(_SET_QUOTA | _TERMINATE, False, pid)
        self._handle = self._kernel.CreateJobObjectW(None, None)
        limits = _Extended()
        limits.BasicLimitInformation.LimitFlags = _KILL_ON_CLOSE | _DIE_ON_FAULT
        size = ctypes.sizeof(limits)
        if not (
            self._handle
            and self._kernel.SetInformationJobObject(self._handle, _EXTENDED_LIMITS, ctypes.byref(limits), size)
            and self._kernel.AssignProcessToJobObject(self._handle, process)
        ):
            error = ctypes.get_last_error()
            self.close()
            raise ctypes.WinError(error)
        self._kernel.CloseHandle(process)

    def close(self) -> None:
        """End every process that is in it."""
        if self._handle:
            self._kernel.TerminateJobObject(self._handle, 1)
            self._kernel.CloseHandle(self._handle)
            self._handle = None


def without_dialogs() -> None:
    """Have Windows end a process that crashes without asking anybody; what it starts inherits this."""
    ctypes.WinDLL("kernel32").SetErrorMode(_NO_DIALOGS)
