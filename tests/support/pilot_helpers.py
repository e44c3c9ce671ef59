"""Hands and eyes for tests of the screens: wait until something is so, and read what is drawn."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import cast

from textual.pilot import Pilot

from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.browse.screen import BrowseScreen


async def until(pilot: Pilot[None], so: Callable[[], object], seconds: float = 10.0) -> None:
    """Let the app go on until `so()` is true; fails with its source line where that takes too long."""
    end = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < end, "it did not happen"
        await pilot.pause(0.02)
    await pilot.pause()


async def ready(pilot: Pilot[None]) -> BrowseScreen:
    """The Browse screen, once the catalogue is read and shown."""
    app = cast(PluginaryApp, pilot.app)
    await until(pilot, lambda: app.session.loaded and isinstance(app.screen, BrowseScreen))
    browse = cast(BrowseScreen, app.screen)
    await until(pilot, lambda: browse.list.plugins or browse.has_class("-empty"))
    return browse


async def type_query(pilot: Pilot[None], text: str) -> None:
    """Type a query as a person does, and go back to the list."""
    await pilot.press("slash")
    await pilot.press(*(SIGNS.get(letter, letter) for letter in text))
    await pilot.press("enter")
    await pilot.pause()


SIGNS = {
    " ": "space",
    ":": "colon",
    "#": "number_sign",
    "-": "minus",
    ">": "greater_than_sign",
    "=": "equals_sign",
    "/": "slash",
    ".": "full_stop",
}
"""Keys by the letters they type."""


def names(browse: BrowseScreen) -> list[str]:
    """The names in the list, from the top."""
    return [plugin.name for plugin in browse.list.plugins]


def screen_text(pilot: Pilot[None]) -> list[str]:
    """What the terminal shows, line by line."""
    compositor = pilot.app.screen._compositor
    return ["".join(segment.text for segment in strip) for strip in compositor.render_strips()]


def shows(pilot: Pilot[None], text: str) -> bool:
    """Whether a text is on the screen, on one line."""
    return any(text in line for line in screen_text(pilot))
