"""The connection between pool and worker as a socket pair."""

from __future__ import annotations

import sys

if sys.platform != "linux":
    raise ImportError("This is for Linux.")

import os
import socket

from pluginary_tui.isolation.wire import CHUNK, Wire


class SocketWire(Wire):
    """One end of a socket pair."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__()
        self._connection = connection

    @property
    def open(self) -> bool:
        return self._connection.fileno() >= 0

    def fileno(self) -> int:
        return self._connection.fileno()

    def _write(self, data: memoryview) -> int:
        return os.write(self._connection.fileno(), data)

    def _receive(self, *, wait: bool) -> bytes | None:
        try:
            return self._connection.recv(CHUNK, 0 if wait else socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def close(self) -> None:
        self._connection.close()
