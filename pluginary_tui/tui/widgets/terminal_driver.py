"""Textual's driver for Unix, made to survive what terminals send and shells do."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

from textual import events
from textual.drivers.linux_driver import LinuxDriver
from textual.keys import _character_to_key

from pluginary_tui.logs import logger

_ROWS = {
    "йцукенгшщзхъфывапролджэячсмитьбю": "qwertyuiop[]asdfghjkl;'zxcvbnm,.",
    "іїєґў": "s]'\\o",
    ";ςερτυθιοπασδφγηξκλζχψωβνμ": "qwertyuiopasdfghjklzxcvbnm",
    "קראטוןםפשדגכעיחלךףזסבהנמצתץ": "ertyuiopasdfghjkl;zxcvbnm,.",
}
"""Letters of layouts without Latin ones (Russian, more of Ukrainian and Belarusian, Greek, Hebrew), by what a US layout
has on the same keys."""

_PAIRS = [pair for row, latin in _ROWS.items() for pair in zip(row, latin, strict=True)]

LATIN = {theirs: ours for theirs, ours in _PAIRS if not theirs.isascii()}
LATIN |= {theirs.upper(): ours.upper() for theirs, ours in LATIN.items() if theirs.upper() != theirs}


def as_latin(key: events.Key) -> events.Key:
    """The key as a US layout has it; the same one where that has no other."""
    character = LATIN.get(key.character or "")
    return events.Key(_character_to_key(character), character) if character else key


class TerminalDriver(LinuxDriver):
    """Suspends and goes on as a shell wants it, and reads on after bytes that are no text."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # Ctrl+c is a key while the app has the terminal; typed while it is suspended it would end it half-way.
        signal.signal(signal.SIGINT, lambda *_: None)
        self._suspended = False
        self._switching = False
        """Whether the terminal is being given back or taken: a signal that comes meanwhile must not do the opposite."""
        self._continued = False
        """Whether SIGCONT came while the terminal was being given back."""

    def _sigtstp_application(self, *_: object) -> None:
        """Give the terminal back, then stop."""
        if not self._auto_restart:
            os.kill(os.getpid(), signal.SIGSTOP)
        elif not self._suspended and not self._switching:
            self._switching, self._continued = True, False
            self.suspend_application_mode()
            self._must_signal_resume = self._suspended = True
            self._switching = False
            if self._continued:
                self._sigcont_application()
            else:
                os.kill(os.getpid(), signal.SIGSTOP)

    def _sigcont_application(self, *_: object) -> None:
        """Take the terminal again, if it was given back.

        Any process may send SIGCONT at any time: without a suspension before it, Textual would start a second thread
        that reads keys, and at the end of the app it has no event loop any more.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return
        if self._switching:
            self._continued = True
        elif self._suspended:
            self._switching, self._suspended = True, False
            self.resume_application_mode()
            self._switching = False

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
