"""Textual's driver for Unix, made to survive what terminals send and shells do."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    raise ImportError("This is for the terminals of Unix.")

import contextlib
import io
import os
import select
import signal
from typing import Any

from textual.drivers.linux_driver import LinuxDriver

from pluginary_tui.logs import logger

WAIT_S = 1.0
"""Seconds after which a terminal that takes nothing is asked again."""

WAITING = 3
"""Writes that may wait for the terminal: those of one frame."""


class WholeWrites(io.FileIO):
    """A terminal that takes all that is written, also where another program has made it non-blocking.

    Programs share that mode with the shell that started them and leave it behind. A terminal that is slow then refuses
    what does not fit, and parts of frames would be missing. What a terminal that is gone would get is dropped: an
    error here would end the thread that writes, and the app would wait for it for ever.
    """

    def write(self, data: Any, /) -> int:
        left = memoryview(data).cast("B")
        size = len(left)
        while left:
            try:
                left = left[os.write(self.fileno(), left) :]
            except BlockingIOError:
                select.select((), (self.fileno(),), (), WAIT_S)
            except OSError as error:
                logger(__name__).warning("the terminal takes nothing any more: %s", error)
                break
        return size


class TerminalDriver(LinuxDriver):
    """Suspends and goes on as a shell wants it, reads on after bytes that are no text, and writes what it has to."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # Ctrl+c is a key while the app has the terminal; typed while it is suspended it would end it half-way.
        signal.signal(signal.SIGINT, lambda *_: None)
        self._continued = False
        """Whether SIGCONT came after the last SIGTSTP."""
        if (out := self._file) is not None:
            whole = io.BufferedWriter(WholeWrites(out.fileno(), "wb", closefd=False), 1 << 16)
            self._file = io.TextIOWrapper(whole, encoding=out.encoding, errors=out.errors, newline="")

    @property
    def behind(self) -> bool:
        """Whether the terminal has still to take an earlier frame, as over a slow line."""
        queue = getattr(self._writer_thread, "_queue", None)  # a Textual with other private names never waits
        return queue is not None and queue.qsize() > WAITING

    def _sigtstp_application(self, *_: object) -> None:
        """Stop; first give the terminal back, if the app has it.

        The event loop does that: the signal may come while a lock of the terminal's output is held, and what writes to
        the terminal would then wait for itself.
        """
        if not self._auto_restart:
            signal.raise_signal(signal.SIGSTOP)
            return
        self._continued = False
        with contextlib.suppress(RuntimeError):  # the app has ended, and with it its event loop
            self._loop.call_soon_threadsafe(self._suspend)

    def _sigcont_application(self, *_: object) -> None:
        """Note it. Any process may send SIGCONT at any time, also without a suspension before it."""
        self._continued = True

    def _suspend(self) -> None:
        """Give the terminal back, stop, and take it again when this process goes on."""
        self.suspend_application_mode()
        self._must_signal_resume = True
        if not self._continued:
            signal.raise_signal(signal.SIGSTOP)  # to this thread: os.kill may return before the process stops
        self.resume_application_mode()

    def _run_input_thread(self) -> None:
        while not self.exit_event.is_set():
            try:
                self.run_input_thread()
            except UnicodeDecodeError:
                continue  # bytes that are no UTF-8, of a broken paste or a terminal with another encoding
            except RuntimeError:
                return  # the app has ended meanwhile, and with it its event loop
            except OSError as error:
                # The terminal is gone, as with a window that was closed: no key can come any more.
                logger(__name__).warning("keys cannot be read any more: %s", error)
                os.kill(os.getpid(), signal.SIGHUP)
                return
