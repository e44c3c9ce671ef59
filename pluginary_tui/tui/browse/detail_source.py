"""Reads what the detail of a plugin shows."""

from __future__ import annotations

from collections.abc import Sequence

from pluginary_tui.model import Plugin
from pluginary_tui.tui.browse.plugin_details import PluginDetails
from pluginary_tui.tui.core.session import Session


def details_of(session: Session, plugin: Plugin, product: Sequence[Plugin] = ()) -> PluginDetails:
    """What is known of a plugin; `product`: the plugins of the product that it stands for. Raises CatalogueError."""
    from pluginary_tui.catalogue.passports import Passports

    store = session.store
    log, load_log = store.plugin_log(plugin.key)
    return PluginDetails(
        plugin,
        store.parameters(plugin.key),
        store.bundle(plugin.path),
        session.catalogue.copies(plugin),
        log or store.log(plugin.path),
        Passports(store).of_product(plugin),
        store.programs(plugin.key),
        store.buses(plugin.key),
        store.attributes(plugin.key),
        store.plugin_failure(plugin.key),
        load_log,
        store.attempts(plugin.key),
        session.key_of,
        store.needs(plugin.key),
        product,
        session.catalogue.formats(plugin),
    )
