"""What a scan is about to launch, on the disk before it is: for the start after a kill or a power cut."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from pluginary_tui.atomic_file import own_file
from pluginary_tui.catalogue.database import readable_errors
from pluginary_tui.safe_open import read_bytes

SIZE_LIMIT = 256_000_000

AHEAD = 32
"""Bundles that are recorded at a time: waiting for the disk takes as long as several probes. After a power cut these
are tried alone, when all else is done."""


class LaunchLog:
    """The file beside the catalogue that is there while a scan runs. CatalogueError where it cannot be written.

    That a bundle is being probed stands in the journal as well; a kill of the program leaves it there. When the whole
    machine goes down, the journal's last words may not have reached the disk. These have.
    """

    def __init__(self, catalogue: Path) -> None:
        self._catalogue = catalogue
        self._path = catalogue.with_name("scan.running")
        self._recorded: set[str] = set()
        self.killed = False
        """Whether the scan before was: it left its file."""
        self.suspects: frozenset[str] = frozenset()
        """What it had announced, where the machine has been started anew since; else the journal is newer."""

    def __enter__(self) -> Self:
        with readable_errors(self._catalogue):
            if self._path.exists():
                self.killed = True
                boot, *paths = read_bytes(self._path, SIZE_LIMIT).decode("utf-8", "replace").split("\n")
                if boot != _boot():
                    self.suspects = frozenset(_texts(paths))
            self._fd = own_file(self._path, os.O_WRONLY | os.O_TRUNC | os.O_APPEND)
            self._write(f"{_boot()}\n")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Delete the file. This works on a full disk, where nothing can be written."""
        with contextlib.suppress(OSError):
            os.close(self._fd)
            self._path.unlink()

    def contains(self, path: str) -> bool:
        """Whether this bundle has been announced."""
        return path in self._recorded

    def record(self, paths: Iterable[str]) -> None:
        """Have it on the disk that these bundles may be launched from now on."""
        new = list(paths)
        with readable_errors(self._catalogue):
            self._write("".join(f"{json.dumps(path)}\n" for path in new))
            os.fsync(self._fd)
        self._recorded.update(new)

    def _write(self, text: str) -> None:
        data = memoryview(text.encode())
        while data:
            data = data[os.write(self._fd, data) :]


def _texts(lines: Iterable[str]) -> Iterable[str]:
    for line in lines:
        with contextlib.suppress(ValueError):  # the last one may be cut short
            yield str(json.loads(line))


def _boot() -> str:
    """Differs after each start of the machine; where it does not tell, after each start of this program."""
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return f"unknown {os.getpid()}"
