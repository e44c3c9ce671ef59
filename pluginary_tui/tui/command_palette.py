"""The command palette: recent plugins, what can be done from here, saved queries, and every plugin by its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from textual.screen import Screen

from pluginary_tui.model import Plugin
from pluginary_tui.tui.core.actions import GROUPS
from pluginary_tui.tui.core.services import Services, services_of
from pluginary_tui.tui.dialogs.picker import Entry, Picker, matching

RECENT = 5
"""Plugins used last that are offered before anything is typed."""

PLUGINS = 30
"""Plugins found by a text that are offered."""

COMMANDS = 8
"""Commands found by a text that stand before the plugins."""

_CURSOR = {"move", "page", "edge"}
"""Actions that are useless without seeing the cursor move."""


def palette(screen: Screen[object]) -> Picker:
    """The palette for what can be done on a screen, where its focus is."""
    services = services_of(screen.app)
    commands = [*_of_screen(screen), *_everywhere(screen, services)]

    def find(text: str) -> Sequence[Entry]:
        if not text.strip():
            return [*_recent(services), *commands]
        found = matching(commands, text)
        return [*found[:COMMANDS], *_plugins(services, text), *found[COMMANDS:]]

    return Picker("Everything", "a command, a saved query or a plugin", find, services.session.glyphs.ellipsis)


def _of_screen(screen: Screen[object]) -> Iterator[Entry]:
    app, seen = screen.app, set()
    for active in screen.active_bindings.values():
        binding = active.binding
        left_out = binding.action.partition("(")[0] in _CURSOR or binding.system
        if left_out or not binding.description or not active.enabled or binding.action in seen:
            continue
        seen.add(binding.action)
        run = partial(app.run_action, binding.action, active.node)
        yield Entry(binding.description, binding.tooltip, app.get_key_display(binding), run)


def _everywhere(screen: Screen[object], services: Services) -> Iterator[Entry]:
    for row in GROUPS["commands"].rows:
        if not row.rule(services.session):
            yield Entry(row.label, row.about, "", partial(screen.app.run_action, row.do))
    for name, query in services.session.settings.browse.queries.items():
        yield Entry(f"Query: {name}", query, "", partial(services.open_query, query))


def _recent(services: Services) -> Iterator[Entry]:
    used = [plugin for plugin in services.session.catalogue.plugins if plugin.used_at and not plugin.hidden]
    for plugin in sorted(used, key=lambda plugin: plugin.used_at, reverse=True)[:RECENT]:
        yield _plugin(services, plugin, "used lately")


def _plugins(services: Services, text: str) -> Iterator[Entry]:
    if services.session.loaded:
        index = services.session.catalogue.index
        for row in index.search(text, limit=PLUGINS).rows:
            yield _plugin(services, index.plugins[row], "plugin")


def _plugin(services: Services, plugin: Plugin, kind: str) -> Entry:
    dot = services.session.glyphs.dot
    about = f" {dot} ".join(filter(None, (plugin.vendor, plugin.format, ", ".join(plugin.categories))))
    return Entry(plugin.name, about, kind, partial(services.open_plugin, plugin))
