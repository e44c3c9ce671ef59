"""Sound files of a person's, read by pedalboard in a process of its own."""

from __future__ import annotations

import io
from typing import Any

from pedalboard_native.io import ReadableAudioFile

_MOST_EMPTY = 1000
"""Reads at the end of a file, one after another, after which it counts as cut off; whole files need two at most."""


class _Source(io.FileIO):
    """A file that ends with an error for who never stops reading: pedalboard does where one breaks off in its head."""

    _empty = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """As of any file. Raises OSError where only the end was read for a while."""
        data = super().read(-1 if size is None else size) or b""
        self._empty = 0 if data else self._empty + 1
        if self._empty > _MOST_EMPTY:
            raise OSError("The file breaks off.")
        return data


def opened(fd: int) -> Any:
    """Pedalboard's object for the sound file of a descriptor. Raises what pedalboard raises, or OSError."""
    return ReadableAudioFile(_Source(fd, "rb"))
