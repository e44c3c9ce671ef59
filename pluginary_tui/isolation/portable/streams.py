"""Reading several pipes at once with a thread for each: `select` knows sockets only on Windows."""

from __future__ import annotations

import threading
from typing import Protocol

from pluginary_tui.isolation.wire import CHUNK, Wire

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
    """A pipe, read by a thread that is one chunk ahead: what writes into it waits while nobody takes that."""

    def __init__(self, pipe: Readable, bell: Bell) -> None:
        self._pipe, self._bell = pipe, bell
        self._chunk: bytes | None = None
        self._taken = threading.Semaphore(0)
        self._left = False
        # A daemon: a process that has left its job's tree may hold the pipe open for ever.
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        data = b"more"
        while data and not self._left:
            try:
                data = self._pipe.read(CHUNK) or b""
            except (OSError, ValueError):
                data = b""
            self._chunk = data
            self._bell.set()
            if data:
                self._taken.acquire()
        self._pipe.close()

    def take(self) -> bytes | None:
        """The bytes that have arrived, empty at the end; None where there are none at the moment."""
        data = self._chunk
        if data:
            self._chunk = None
            self._taken.release()
        return data

    @property
    def ready(self) -> bool:
        """Whether something has arrived that was not taken, or the end has come."""
        return self._chunk is not None

    def leave(self) -> None:
        """Read nothing more from it."""
        self._left = True
        self._taken.release()


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
