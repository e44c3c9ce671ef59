"""Textual's driver for Unix, made to survive what terminals send and shells do."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    raise ImportError("This is for the terminals of Unix.")

import contextlib
import os
import signal
from typing import Any

from textual.drivers.linux_driver import LinuxDriver

from pluginary_tui.logs import logger


class TerminalDriver(LinuxDriver):
    """Suspends and goes on as a shell wants it, and reads on after bytes that are no text."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # Ctrl+c is a key while the app has the terminal; typed while it is suspended it would end it half-way.
        signal.signal(signal.SIGINT, lambda *_: None)
        self._continued = False
        """Whether SIGCONT came after the last SIGTSTP."""

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
