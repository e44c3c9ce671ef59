"""The options of `show` that write a passport for others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pluginary_tui.cli.errors import fail
from pluginary_tui.cli.output import echo

if TYPE_CHECKING:
    from pluginary_tui.catalogue.store import Store
    from pluginary_tui.model import Plugin


def write_shared(store: Store, plugin: Plugin, files: dict[str, Path]) -> None:
    """Write a passport into files, by the form (an ending) of each. Raises PluginaryError."""
    from pluginary_tui.catalogue.passports import Passports
    from pluginary_tui.model import Outcome, clean
    from pluginary_tui.sound.share.facts import Shared
    from pluginary_tui.sound.share.write import write

    stored = Passports(store).of_product(plugin)
    if stored is None or stored.outcome != Outcome.OK or not stored.data:
        why = clean(stored.error) if stored and stored.error else f"'pluginary-tui measure id:{plugin.id}' does that."
        fail(f"{clean(plugin.name)} was not measured: {why}")
    shared = Shared.of(plugin, stored)
    for form, path in files.items():
        write(shared, path.absolute(), form)
        echo(f"Wrote {path}.")
