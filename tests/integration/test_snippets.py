"""The snippets of a catalogue, run as a person would paste them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import load
from pluginary_tui.scan.run import Options, Scan
from tests.support.snippet_check import LEFT_OUT, differences

pytestmark = pytest.mark.usefixtures("only_vst3")


def test_every_snippet_runs_and_says_what_the_plugin_says(some_zam: Path, data_dir: Path) -> None:
    Scan(load({}), data_dir, Options(only=(some_zam,))).run(lambda event: None)
    with Store.in_folder(data_dir) as store:
        plugins = [plugin for plugin in store.plugins() if plugin.id not in LEFT_OUT]
        assert sum(bool(plugin.loads) for plugin in plugins) > 25
        assert [line for plugin in plugins for line in differences(plugin, store)] == []
        delay = next(plugin for plugin in plugins if plugin.name == "ZamDelay")
        with store.writing() as connection:
            connection.execute("UPDATE parameter SET initial = '99' WHERE plugin = ?", (delay.key,))
        assert any(" is said to start at 99, and is " in line for line in differences(delay, store))
