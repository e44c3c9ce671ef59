"""Whether anything was made, deleted or renamed in a folder: asked of the kernel (inotify(7)), in one call."""

from __future__ import annotations

import sys

if sys.platform != "linux":
    raise ImportError("This is for Linux.")

import contextlib
import os

from pluginary_tui.isolation.c_library import libc

# <sys/inotify.h>; IN_NONBLOCK and IN_CLOEXEC are O_NONBLOCK and O_CLOEXEC
_MOVED_FROM, _MOVED_TO, _CREATE, _DELETE, _DELETE_SELF, _MOVE_SELF = 0x40, 0x80, 0x100, 0x200, 0x400, 0x800
_ONLY_DIRECTORY, _DO_NOT_FOLLOW = 0x01000000, 0x02000000
_WATCHED = _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE | _DELETE_SELF | _MOVE_SELF | _ONLY_DIRECTORY | _DO_NOT_FOLLOW


class Changes:
    """Watches a folder and those that are below it at this moment; what is below links is not watched."""

    def __init__(self, folder: str) -> None:
        self._fd = -1
        """-1 where the system has no watches left, or is no Linux: then nobody knows."""
        if not hasattr(libc(), "inotify_init1"):
            return
        self._fd = libc().inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        for path, _, _ in os.walk(folder) if self._fd >= 0 else ():
            if libc().inotify_add_watch(self._fd, os.fsencode(path), _WATCHED) < 0:
                self.close()
                return

    def possible(self) -> bool:
        """Whether anything may have changed since this was made: for certain not, where it returns False.

        A change leaves an event at once, and so does one too many of them, so an empty queue is a proof.
        """
        if self._fd < 0:
            return True
        try:
            os.read(self._fd, 4096)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """End the watch: from here on anything is possible."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            with contextlib.suppress(OSError):
                os.close(fd)
