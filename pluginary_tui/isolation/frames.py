"""Frames of a job's report; they are found again after junk that was written into the same pipe."""

from __future__ import annotations

import struct
import zlib

_HEADER = struct.Struct(">16sBIII")  # token, kind, number, length of the body, checksum of all but the token
TOKEN_SIZE = 16

BEGIN = 1
"""The entry point was found and is about to be called."""
MESSAGE = 2
DONE = 3
"""The report is complete."""
ERROR = 4
"""The entry point raised."""
LAUNCH = 5
"""The entry point could not be found."""

LOST = 86
"""Exit status of a job whose report descriptor was closed or replaced."""


def pack(token: bytes, kind: int, number: int, body: bytes) -> bytes:
    """One frame; `number` counts the frames of a report from 0."""
    return _HEADER.pack(token, kind, number, len(body), _checksum(kind, number, body)) + body


def _checksum(kind: int, number: int, body: bytes) -> int:
    return zlib.crc32(body, zlib.crc32(struct.pack(">BII", kind, number, len(body))))


class Reader:
    """Finds the frames in a stream of bytes, whatever else stands between or inside them."""

    def __init__(self, token: bytes, limit: int) -> None:
        self._token = token
        self._limit = limit
        self._buffer = bytearray()
        self._next = 0
        self.total = 0
        """Bytes fed so far, junk included."""
        self.damaged = False
        """Whether a frame is missing from the sequence."""

    def feed(self, data: bytes, *, last: bool = False) -> list[tuple[int, bytes]]:
        """Kind and body of each complete frame. With `last`, nothing follows: incomplete frames are dropped."""
        self.total += len(data)
        buffer = self._buffer
        buffer += data
        frames = []
        while (start := buffer.find(self._token)) >= 0:
            del buffer[:start]
            if len(buffer) >= _HEADER.size:
                _, kind, number, length, checksum = _HEADER.unpack_from(buffer)
                end = _HEADER.size + length
                if length <= self._limit and len(buffer) >= end:
                    body = bytes(memoryview(buffer)[_HEADER.size : end])
                    if _checksum(kind, number, body) == checksum:
                        del buffer[:end]
                        self.damaged |= number != self._next
                        self._next = number + 1
                        frames.append((kind, body))
                        continue
                elif length <= self._limit and not last:
                    return frames
            elif not last:
                return frames
            del buffer[: len(self._token)]  # no frame: search behind this token
        del buffer[: -len(self._token)]
        return frames
