"""A job that tries from inside the sandbox what plugins are not to do. Harmless where it succeeds."""

from __future__ import annotations

import sys

if sys.platform != "linux":
    raise ImportError("This is for Linux.")

import os
import socket
import tempfile
from collections.abc import Callable
from typing import Any


def run(payload: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> None:
    """Send `{"passed": [...], "own": bool}`: the names of what was not refused, and whether there is a place to write.

    `payload["folder"]` is one that must be closed.
    """
    folder = payload["folder"]
    tried: dict[str, Callable[[], object]] = {
        "network": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).close(),
        "sockets of this computer": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).close(),
        "reading": lambda: os.listdir(folder),
        "writing": lambda: _write(folder),
        "programs": _start_program,
        "signals": lambda: os.kill(os.getppid(), 0),
    }
    passed = []
    for name, attempt in tried.items():
        try:
            attempt()
        except OSError:
            continue
        passed.append(name)
    own = True
    try:
        tempfile.TemporaryFile().close()
    except OSError:  # without Landlock nothing at all can be written
        own = False
    send({"passed": passed, "own": own})


def _write(folder: str) -> None:
    fd, path = tempfile.mkstemp(dir=folder)
    os.close(fd)
    os.unlink(path)


def _start_program() -> None:
    _, status = os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)
    if status:
        raise OSError("it did not run")
