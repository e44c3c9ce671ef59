"""The output of a process, kept within a limit: its beginning, its end, and the size of what lies between."""

from __future__ import annotations


class BoundedLog:
    """Keeps about `limit` bytes at most of what is added."""

    def __init__(self, limit: int) -> None:
        self._half = max(limit // 2, 1)
        self._limit = limit
        self._head = bytearray()
        self._tail = bytearray()
        self._total = 0

    def add(self, data: bytes) -> bytes:
        """Append `data`. Returns the part of it that is within the first `limit` bytes."""
        within_limit = data[: max(self._limit - self._total, 0)]
        self._total += len(data)
        head_space = self._half - len(self._head)
        self._head += data[:head_space]
        self._tail += data[head_space:][-self._half :]
        if len(self._tail) > self._half:
            del self._tail[: -self._half]
        return within_limit

    def contents(self) -> bytes:
        """The kept output, with a line that says how many bytes were left out."""
        left_out = self._total - len(self._head) - len(self._tail)
        if not left_out:
            return bytes(self._head + self._tail)
        return b"%b\n[... %d bytes left out ...]\n%b" % (bytes(self._head), left_out, bytes(self._tail))
