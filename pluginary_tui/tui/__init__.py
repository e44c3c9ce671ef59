"""The full-screen app. Only this room knows textual, and it is imported only when the app really opens."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pluginary_tui.config import Settings

SWITCH_S = 0.001
"""How long a thread that reads the catalogue may keep the one that draws waiting; Python's own 5 ms add up in a key."""

FRAMES = 250
"""Frames a second at most: a finished one waits no longer than 4 ms. Textual's own 60 are a wait of up to 17."""

GARBAGE = (5_000, 20, 100)
"""Python looks for garbage in everything, the whole catalogue, once in a few keys; that takes longer than a key may."""


def run(settings: Settings, data_dir: Path) -> None:
    """Open the app and come back when it is closed.

    A scan that runs when it closes is stopped, and waited for; it can be resumed. Raises CatalogueError where the
    catalogue cannot be opened.
    """
    os.environ.setdefault("TEXTUAL_FPS", str(FRAMES))
    gc.set_threshold(*GARBAGE)
    gc.disable()  # until the first frame: all that is made for it stays, and looking for garbage in it is a tenth of it
    from pluginary_tui import logs
    from pluginary_tui.tui.app import PluginaryApp
    from pluginary_tui.tui.core.session import Session

    logs.start(data_dir, settings.log.level)
    sys.setswitchinterval(SWITCH_S)
    session = Session(settings, data_dir)
    try:
        PluginaryApp(session).run()
    finally:
        session.close()
