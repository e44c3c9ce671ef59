"""The C library of this process: what it prints, and the memory that it keeps."""

from __future__ import annotations

import ctypes
import functools
import sys

# <malloc.h>
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3


@functools.cache
def libc() -> ctypes.CDLL:
    """The C library of this process; on Windows the one that comes with the system."""
    library = ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)
    library.fflush.argtypes = [ctypes.c_void_p]
    return library


def flush() -> None:
    """Write what C code has printed and what is still in its buffers."""
    libc().fflush(None)


def print_by_line() -> None:
    """Make C's stdout line-buffered as on a terminal, so that what is printed before a crash is not lost.

    Does nothing on Windows, which knows no such mode.
    """
    if sys.platform == "win32":
        return
    library = libc()
    name = "__stdoutp" if sys.platform == "darwin" else "stdout"
    line_buffered = 1  # _IOLBF of <stdio.h>, Linux and macOS alike
    library.setvbuf(ctypes.c_void_p.in_dll(library, name), None, line_buffered, 0)


def keep_memory(size: int = 32 << 20) -> None:
    """Let the C library keep up to `size` bytes of freed memory for later allocations (mallopt(3), glibc).

    Memory that comes anew from the kernel costs a page fault for each page that is touched.
    """
    if sys.platform == "linux" and hasattr(libc(), "mallopt"):
        libc().mallopt(_M_TRIM_THRESHOLD, size)
        libc().mallopt(_M_MMAP_THRESHOLD, 32 << 20)  # glibc refuses a larger one
