"""Nothing stays in memory of a screen that is closed or a catalogue that was replaced, however often that happens."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from functools import partial

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


async def test_what_a_thread_worked_on_goes_without_a_garbage_collection(open_app: Open) -> None:
    """Among it are catalogues, which are replaced whole: of 100,000 plugins each has hundreds of megabytes."""
    app = open_app()
    async with app.run_test(size=(100, 40)) as pilot:
        browse = await ready(pilot)
        gc.collect()
        gc.disable()
        try:
            subject = {1}
            gone = weakref.ref(subject)
            worker = browse.run_worker(partial(len, subject), thread=True)
            del subject
            await until(pilot, lambda: worker.result == 1)
            await until(pilot, lambda: gone() is None)
        finally:
            gc.enable()
