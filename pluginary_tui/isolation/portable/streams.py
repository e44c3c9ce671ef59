"""Reading several pipes at once with a thread for each: `select` knows sockets only on Windows."""

from __future__ import annotations

import threading
from collections import deque
from typing import Protocol

from pluginary_tui.isolation.wire import CHUNK, Wire

AHEAD = 16
"""Chunks of a pipe that wait to be taken at most. Each time that two threads wait for each other costs a switch."""

Bell = threading.Event
"""Set whenever something has arrived. To be cleared before what has arrived is looked at."""


class Readable(Protocol):
    """The end of a pipe that is read, without a buffer."""

    def read(self, size: int, /) -> bytes | None: ...
    def close(self) -> None: ...


class Writable(Protocol):
    """The other end of a pipe, without a buffer."""

    def write(self, data: memoryview, /) -> int | None: ...
    def close(self) -> None: ...


class Stream:
    """A pipe, read by a thread at most AHEAD chunks ahead: what writes into it waits while nobody takes them."""

    def __init__(self, pipe: Readable, bell: Bell) -> None:
        self._pipe, self._bell = pipe, bell
        self._chunks: deque[bytes] = deque()
        self._room = threading.Semaphore(AHEAD)
        self._over = self._left = False
        # A daemon: a process that has left its job's tree may hold the pipe open for ever.
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        data = b"more"
        while data and not self._left:
            self._room.acquire()
            try:
                data = self._pipe.read(CHUNK) or b""
            except (OSError, ValueError):
                data = b""
            self._chunks.append(data)
            self._bell.set()
        self._pipe.close()

    def take(self) -> bytes | None:
        """Bytes that have arrived, empty at the end and from then on; None where there are none at the moment."""
        if not self._over and self._chunks:
            data = self._chunks.popleft()
            self._over = not data
            self._room.release()
            return data
        return b"" if self._over else None

    @property
    def ready(self) -> bool:
        """Whether something has arrived that was not taken, or the end has come."""
        return self._over or bool(self._chunks)

    def leave(self) -> None:
        """Read nothing more from it."""
        self._left = True
        self._room.release()


class PipeWire(Wire):
    """One end of a connection over two pipes, which it closes."""

    def __init__(self, source: Readable, sink: Writable) -> None:
        super().__init__()
        self._source, self._sink = source, sink
        self._stream: Stream | None = None
        self._open = True

    def begin(self, bell: Bell) -> None:
        """Begin to read; `bell` is rung when something has arrived. To be called before anything is read."""
        self._bell = bell
        self._stream = Stream(self._source, bell)

    @property
    def open(self) -> bool:
        return self._open

    @property
    def ready(self) -> bool:
        """Whether reading would not wait."""
        return self._stream is not None and self._stream.ready

    def _write(self, data: memoryview) -> int:
        if not self._open:
            raise BrokenPipeError
        return self._sink.write(data) or 0

    def _receive(self, *, wait: bool) -> bytes | None:
        if self._stream is None:
            return b""
        while (data := self._stream.take()) is None and wait:
            self._bell.wait()
            self._bell.clear()
        return data

    def close(self) -> None:
        self._open = False
        self._sink.close()
        if self._stream:
            self._stream.leave()
