from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from filled import fill, small

from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import Settings
from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.core.session import Session


@pytest.fixture
def open_app(data_dir: Path) -> Iterable[Callable[..., PluginaryApp]]:
    """Make apps on a catalogue of `small()`, or of other rows; their sessions are closed at the end."""
    sessions = []

    def make(rows: Iterable[tuple[str, str, str, str]] | None = None, settings: Settings | None = None) -> PluginaryApp:
        rows = small() if rows is None else list(rows)
        if rows:
            with Store.in_folder(data_dir) as store:
                fill(store, rows)
        session = Session(settings or Settings(), data_dir)
        sessions.append(session)
        return PluginaryApp(session)

    yield make
    for session in sessions:
        session.close()
