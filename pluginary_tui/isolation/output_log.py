"""What a process printed, kept within a limit: the beginning, the end, and how much was between."""

from __future__ import annotations


class BoundedLog:
    """Keeps at most about `limit` bytes of whatever is added."""

    def __init__(self, limit: int) -> None:
        self._half = max(limit // 2, 1)
        self._limit = limit
        self._head = bytearray()
        self._tail = bytearray()
        self._total = 0

    def add(self, data: bytes) -> bytes:
        """Keep `data`; gives back the part of it that is within the first `limit` bytes."""
        live = data[: max(self._limit - self._total, 0)]
        self._total += len(data)
        room = self._half - len(self._head)
        self._head += data[:room]
        self._tail += data[room:][-self._half :]
        if len(self._tail) > self._half:
            del self._tail[: -self._half]
        return live

    def contents(self) -> bytes:
        """All that was kept, as one text."""
        left_out = self._total - len(self._head) - len(self._tail)
        if not left_out:
            return bytes(self._head + self._tail)
        return b"%b\n[... %d bytes left out ...]\n%b" % (bytes(self._head), left_out, bytes(self._tail))
