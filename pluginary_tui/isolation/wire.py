"""Connection between the pool and a worker: small tagged records."""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod

_HEADER = struct.Struct(">BI")  # tag, length of the body
CHUNK = 1 << 16
"""Bytes read at a time; larger buffers are mapped and unmapped by the C library at each read."""

# Sent by the pool.
JOB = 1
END = 2
# Sent by a worker.
READY = 10
BROKEN = 11
STARTED = 12
BEGUN = 13
MESSAGE_SENT = 14
OUTPUT_SENT = 15
ENDED = 16
RETURNED = 17
REFUSED = 18


class Wire(ABC):
    """One end of the connection; what carries it is another for each backend.

    Reading never waits for the rest of a record: a worker that is stopped in the middle of one would block the pool,
    as it would with a `Connection` of multiprocessing.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._unsent = bytearray()

    @property
    @abstractmethod
    def open(self) -> bool:
        """Whether this end is still open."""

    @abstractmethod
    def _write(self, data: memoryview) -> int:
        """Send some of the bytes, blocking while nothing can be sent; how many. OSError when the peer is gone."""

    @abstractmethod
    def _receive(self, *, wait: bool) -> bytes | None:
        """The bytes that have arrived, empty when the peer is gone; None where there are none and `wait` is False."""

    @abstractmethod
    def close(self) -> None:
        """Close this end."""

    def send(self, tag: int, body: bytes = b"") -> None:
        """Send one record, after the buffered ones; blocks while no more fits. OSError when the peer is gone."""
        self.buffer(tag, body)
        self.flush()

    def buffer(self, tag: int, body: bytes = b"") -> None:
        """Buffer one record, to be sent with the next one: each write wakes the other end."""
        self._unsent += _HEADER.pack(tag, len(body))
        self._unsent += body
        if len(self._unsent) > CHUNK:
            self.flush()

    def flush(self) -> None:
        """Send the buffered records; blocks while no more fits. OSError when the peer is gone."""
        data, self._unsent = memoryview(self._unsent), bytearray()
        while data:
            data = data[self._write(data) :]

    def read(self, *, wait: bool = True) -> list[tuple[int, bytes]]:
        """The complete records that have arrived. With `wait`, blocks until there is at least one byte.

        Raises EOFError when the peer is gone.
        """
        data = self._receive(wait=wait)
        if data is None:
            return []
        if not data:
            raise EOFError
        received = self._buffer
        received += data
        records = []
        while len(received) >= _HEADER.size:
            tag, length = _HEADER.unpack_from(received)
            end = _HEADER.size + length
            if len(received) < end:
                break
            records.append((tag, bytes(memoryview(received)[_HEADER.size : end])))
            del received[:end]
        return records
