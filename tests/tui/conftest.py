from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import Settings
from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.core.session import Session
from tests.support.sample_catalogue import fill, small


@pytest.fixture(autouse=True)
def unexpected() -> Iterable[list[str]]:
    """Messages of unexpected errors, which the app survives; a test that wants some clears the list."""
    reported: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            reported.append(logging.Formatter().format(record))

    handler, logger = Collect(logging.ERROR), logging.getLogger("pluginary_tui.tui.app_services")
    logger.addHandler(handler)
    yield reported
    logger.removeHandler(handler)
    assert not reported, reported[0]


@pytest.fixture
def fast_paint() -> bool:
    """Whether the app draws by its own compositor; PLUGINARY_TUI_APP_FAST_PAINT=false has Textual's do it."""
    return os.environ.get("PLUGINARY_TUI_APP_FAST_PAINT") != "false"


@pytest.fixture
def open_app(data_dir: Path, fast_paint: bool) -> Iterable[Callable[..., PluginaryApp]]:
    """Make apps on a catalogue of `small()`, or of other rows; their sessions are closed at the end."""
    sessions = []

    def make(rows: Iterable[tuple[str, str, str, str]] | None = None, settings: Settings | None = None) -> PluginaryApp:
        rows = small() if rows is None else list(rows)
        if rows:
            with Store.in_folder(data_dir) as store:
                fill(store, rows)
        settings = settings or Settings()
        settings = replace(settings, app=replace(settings.app, fast_paint=fast_paint))
        session = Session(settings, data_dir)
        sessions.append(session)
        return PluginaryApp(session)

    yield make
    for session in sessions:
        session.close()
