"""The full-screen app, the only package that imports textual; imported only when the app really opens."""

from __future__ import annotations

import gc
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pluginary_tui.config import Settings

SWITCH_S = 0.001
"""Seconds between switches of threads, so that reading the catalogue does not delay drawing; Python's own are 0.005."""

FRAMES = 250
"""Frames a second at most. A finished frame waits up to 4 ms; with Textual's own 60 a second up to 17 ms."""

GARBAGE = (5_000, 20, 100)
"""Thresholds of the garbage collector. With Python's own it walks through the whole catalogue every few keys."""


def run(settings: Settings, data_dir: Path) -> None:
    """Run the app until it is closed.

    A scan that runs when it closes is stopped, and waited for; it can be resumed. Raises CatalogueError where the
    catalogue cannot be opened, and the error that ended the app where there was one.
    """
    os.environ.setdefault("TEXTUAL_FPS", str(FRAMES))
    if os.environ.get("TERM", "").lower() in ("dumb", "unknown"):
        os.environ["TERM"] = "ansi"  # for these Rich draws 80 columns and 25 lines
    gc.set_threshold(*GARBAGE)
    gc.disable()  # until the first frame: what is created for it stays
    from pluginary_tui import logs
    from pluginary_tui.tui.app import PluginaryApp
    from pluginary_tui.tui.core.memory import Memory
    from pluginary_tui.tui.core.session import Session

    logs.start(data_dir, settings.log.level)
    sys.setswitchinterval(SWITCH_S)
    session = Session(settings, data_dir)
    try:
        app = PluginaryApp(session)
        app.memory = Memory()
        app.run()
        if app.failure is not None:
            raise app.failure
    finally:
        # Ctrl+c, typed when the app has given the terminal back, must not break off what is being kept.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        session.close()
