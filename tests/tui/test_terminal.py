"""The real program in a real pseudo-terminal: what headless tests cannot see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pseudo import COLUMNS, LINES, Terminal, app, first_row

from tests.plugins.build import build, compiler


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """The app, with an empty catalogue and a home folder of its own."""
    home = tmp_path / "home"
    (home / ".vst3").mkdir(parents=True)
    if compiler() is not None:  # plugins that write to wherever they can, the terminal itself included
        build("escapes", home / ".vst3", name="Escape Artist")
        build("print", home / ".vst3", name="Chatterbox")
    opened = app(home)
    yield opened
    opened.close()


def test_scan_in_the_app_then_find_a_plugin(zam: Path, terminal: Terminal) -> None:
    expected = 18 + 2 * (compiler() is not None)
    terminal.until(lambda: "No plugins yet" in terminal.text)
    terminal.press("2")
    terminal.until(lambda: "Nothing has been scanned yet" in terminal.text)
    terminal.press("s")
    terminal.until(lambda: f"{expected} / {expected}" in terminal.text and "done in" in terminal.text)
    terminal.until(lambda: "ZamVerb" in terminal.text)
    terminal.read(0.5)
    assert terminal.lines[0].split()[:5] == ["Pluginary", "1", "Browse", "2", "Scan"]
    assert f"✓ {expected} ok" in terminal.text

    # What a full repaint shows is what was there: nothing wrote past the app.
    seen = terminal.lines[1:]
    terminal.resize(COLUMNS - 10, LINES)
    terminal.read(1)
    terminal.resize(COLUMNS, LINES)
    terminal.until(lambda: terminal.lines[1:] == seen, 10)

    terminal.press("1")
    terminal.until(lambda: "VENDOR" in terminal.text)
    terminal.press("/verb")
    terminal.until(lambda: first_row(terminal).startswith("ZamVerb"))
    terminal.press("\r")
    terminal.read(0.3)
    terminal.press("q")
    terminal.ended(0)
    assert b"\x1b[?1049l" in terminal.raw, "the terminal is given back as it was"
