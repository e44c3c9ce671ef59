"""Joining plugins as one product, and parting them where they were joined wrongly."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pluginary_tui.formats import LABELS
from pluginary_tui.products import product_of

if TYPE_CHECKING:
    from pluginary_tui.tui.browse.host import BrowseHost, Handlers


class ProductActions:
    """What changes the products of the plugins under the cursor. Scans keep it."""

    def __init__(self, host: BrowseHost, edit: Callable[[Callable[[], str]], None]) -> None:
        """`edit` runs a change of the user's data and shows what it did."""
        self.host, self._edit = host, edit
        self.handlers: Handlers = {"join": self.join, "part": self.part}

    def join(self) -> None:
        """Join what is marked with what is under the cursor, whose product it becomes."""
        host, here = self.host, self.host.here()
        if not here:
            return
        plugins = list({plugin.key: plugin for plugin in (*here, *host.marked())}.values())
        self._edit(lambda: host.services.user_data.join(plugins, product_of(here[0])))
        host.list.set_marks(set())

    def part(self) -> None:
        """Ask which plugin of the product under the cursor is a product of its own."""
        from pluginary_tui.tui.dialogs.menu import Choice, Menu

        host, plugins, editor = self.host, list(self.host.formats()), self.host.services.user_data
        if not plugins:
            return
        several = len(plugins) > 1
        choices = [
            Choice(
                str(number) if number < 10 else "",
                f"{LABELS.get(plugin.format, plugin.format)}  {plugin.name}",
                str(plugin.key),
                f"{plugin.vendor}  {plugin.path}",
            )
            for number, plugin in enumerate(plugins, 1)
            if several
        ]
        if several:
            choices.append(Choice("a", "Each of them", "all", "a product of its own"))
        choices.append(Choice("v", "As vendor and name say", "named", "forget what was joined or parted by hand"))

        def done(what: str | None) -> None:
            if what == "all":
                self._edit(lambda: editor.part(plugins))
            elif what == "named":
                self._edit(lambda: editor.as_named(plugins))
            elif what:
                self._edit(lambda: editor.part([each for each in plugins if str(each.key) == what]))

        at = str(host.plugin.key) if host.plugin and several else "named"
        title = f"Which plugin is no {plugins[0].name}?" if several else f"{plugins[0].name} by itself"
        host.services.ask(Menu(title, choices, host.session.glyphs.ellipsis, at, broad=True), done)
