"""What the screens share, without a screen."""

from __future__ import annotations

import time
from pathlib import Path

from pluginary_tui.config import Settings
from pluginary_tui.scan.run import Scan
from pluginary_tui.tui.core.session import Session


def test_results_of_a_scan_come_in_more_rarely_while_keys_are_pressed(data_dir: Path) -> None:
    session = Session(Settings(), data_dir)
    try:
        session.scan = Scan(Settings(), data_dir, None)  # it has begun, and brings nothing by itself
        now = time.monotonic()
        session._load_s, session._loaded_at, session.used_at = 10.0, now - 60, now
        session.tick()
        assert session._load_thread is None
        session.used_at = now - 5
        session.tick()
        assert session._load_thread is not None
        session._load_thread.join()
        session.tick()
        assert session.loaded
    finally:
        session.scan = None
        session.close()
