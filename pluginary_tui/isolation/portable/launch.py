"""Starting a process of an interpreter, apart from this one's terminal, console and signals."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import IO, Protocol

if sys.platform == "win32":
    from pluginary_tui.isolation.portable.job_object import JobObject

    _PYTHON = str(vars(sys)["_base_executable"])
    """A virtual environment's own is a launcher there, which starts this one before it could be put into a group."""
    _FLAGS = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
else:
    _PYTHON = sys.executable
    _FLAGS = 0


class Group(Protocol):
    """What holds a process and all that it starts."""

    def close(self) -> None:
        """End them."""


def start(
    arguments: Sequence[str], environment: Mapping[str, str], *, log: bool
) -> tuple[subprocess.Popen[bytes], Group | None]:
    """Start this interpreter with these arguments, with pipes for its stdin and stdout, and with `log` for its stderr.

    The group is None where the system has none (all but Windows). The process must start no other before it has read
    something from stdin: it is not in its group at once.
    """
    process = subprocess.Popen(
        [_PYTHON, *arguments],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if log else subprocess.DEVNULL,
        env=dict(environment),
        creationflags=_FLAGS,
        start_new_session=True,
    )
    if sys.platform == "win32":
        try:
            return process, JobObject(process.pid)
        except OSError:
            process.kill()
            raise
    return process, None


def pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    """The ends of its stdout and its stdin here."""
    assert process.stdout and process.stdin
    return process.stdout, process.stdin
