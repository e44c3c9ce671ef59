"""The line between the pool and a worker: small tagged records over a pair of sockets."""

from __future__ import annotations

import os
import struct
from socket import MSG_DONTWAIT, socket

_HEADER = struct.Struct(">BI")  # tag, length of the body
CHUNK = 1 << 16
"""Bytes read at a time. For 256 KiB the C library asks the system for memory and gives it back, at each reading."""

# From the pool.
JOB = 1
END = 2
# From a worker.
READY = 10
BROKEN = 11
STARTED = 12
BEGUN = 13
SAID = 14
PRINTED = 15
ENDED = 16
RETURNED = 17


class Wire:
    """One end of the line.

    Reading takes what is there and never waits for more: a worker that is stopped in the middle of a record would stop
    the pool with it, and so it would with a `Connection` of multiprocessing, which also takes longer to import.
    """

    def __init__(self, connection: socket) -> None:
        self._connection = connection
        self._buffer = bytearray()
        self._unsent = bytearray()

    @property
    def open(self) -> bool:
        """Whether this end was not closed yet."""
        return self._connection.fileno() >= 0

    def fileno(self) -> int:
        return self._connection.fileno()

    def send(self, tag: int, body: bytes = b"") -> None:
        """Send one record, after those that are kept back; waits for room. OSError when the other end is gone."""
        self.keep(tag, body)
        self.flush()

    def keep(self, tag: int, body: bytes = b"") -> None:
        """Put one record by, to be sent with the next: every writing wakes the other end."""
        self._unsent += _HEADER.pack(tag, len(body))
        self._unsent += body
        if len(self._unsent) > CHUNK:
            self.flush()

    def flush(self) -> None:
        """Send what is kept back; waits for room. OSError when the other end is gone."""
        data, self._unsent = memoryview(self._unsent), bytearray()
        fd = self.fileno()
        while data:
            data = data[os.write(fd, data) :]

    def read(self, *, wait: bool = True) -> list[tuple[int, bytes]]:
        """The records that have arrived, waiting only where there is not a single byte, and only if this may `wait`.
        EOFError at the end.
        """
        try:
            data = self._connection.recv(CHUNK, 0 if wait else MSG_DONTWAIT)
        except BlockingIOError:
            return []
        except OSError as error:
            raise EOFError from error
        if not data:
            raise EOFError
        buffer = self._buffer
        buffer += data
        records = []
        while len(buffer) >= _HEADER.size:
            tag, length = _HEADER.unpack_from(buffer)
            end = _HEADER.size + length
            if len(buffer) < end:
                break
            records.append((tag, bytes(memoryview(buffer)[_HEADER.size : end])))
            del buffer[:end]
        return records

    def close(self) -> None:
        self._connection.close()
