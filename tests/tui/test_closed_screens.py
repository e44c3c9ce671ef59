"""Of a screen that is closed nothing stays in memory, however often it is opened."""

from __future__ import annotations

import gc
from collections.abc import Callable

import pytest
from textual._styles_cache import StylesCache

from pluginary_tui.tui.app import PluginaryApp
from tests.support.pilot_helpers import ready, until

Open = Callable[..., PluginaryApp]


def drawn() -> int:
    """How many widgets have drawn lines in memory."""
    gc.collect()
    return sum(isinstance(each, StylesCache) for each in gc.get_objects())


@pytest.mark.parametrize("key", ["question_mark", "a"])
async def test_a_dialog_that_is_closed_is_forgotten(open_app: Open, key: str) -> None:
    app = open_app()
    async with app.run_test(size=(100, 40)) as pilot:
        browse = await ready(pilot)

        async def open_and_close() -> None:
            await pilot.press(key)
            await until(pilot, lambda: app.screen is not browse)
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is browse)

        for _ in range(2):
            await open_and_close()
        before = drawn()
        for _ in range(5):
            await open_and_close()
        assert drawn() <= before + 1, "each opening had left the caches of three widgets"
