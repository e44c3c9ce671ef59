"""The marks of the list: kept with the plugins, looked at by themselves, and never acted on unseen without asking."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from pluginary_tui.model import Plugin
from pluginary_tui.tui.core import actions

if TYPE_CHECKING:
    from pluginary_tui.tui.browse.host import BrowseHost, Handlers

MARKED = "is:marked"


class Marks:
    """What belongs to marked plugins. Which ones are marked, by their keys, is in `PluginList.marked`."""

    def __init__(self, host: BrowseHost) -> None:
        self.host = host
        self.handlers: Handlers = {"show_marked": self.show}
        self._plugins: tuple[object, object, Sequence[Plugin]] = (None, None, ())

    def plugins(self) -> Sequence[Plugin]:
        """The marked plugins, visible or not; looked up once for a set of marks and a catalogue."""
        marks, catalogue = self.host.list.marked, self.host.session.catalogue
        if not marks:
            return ()
        if self._plugins[0] is not marks or self._plugins[1] is not catalogue:
            self._plugins = marks, catalogue, [plugin for plugin in catalogue.plugins if plugin.key in marks]
        return self._plugins[2]

    def show(self) -> None:
        """Show the marked plugins and no others; a second time, everything. `up` in the query line goes back."""
        self.host.session.state.remember(self.host.query_text)
        self.host.query_text = "" if self.host.query_text.strip() == MARKED else MARKED

    def apply(self) -> None:
        """Write the marks into the plugins, where queries find them. Plugins that are gone lose theirs."""
        catalogue, marks = self.host.session.catalogue, self.host.list.marked
        there = set()
        for plugin in catalogue.plugins:
            plugin.marked = plugin.key in marks
            if plugin.marked:
                there.add(plugin.key)
        if there != marks:
            self.host.list.marked = there
        catalogue.index.marks_changed()

    def leave_query(self) -> None:
        """Take `is:marked` out of the query, as nothing is marked any more; the cursor stays on its plugin."""
        from pluginary_tui.search.query import Filter, parse
        from pluginary_tui.search.query_edit import cut

        host, text = self.host, self.host.query_text
        for term in reversed(parse(text).terms):
            if isinstance(term, Filter) and text[slice(*term.span)] == MARKED:
                text = cut(text, term.span)
        if text == host.query_text:  # it asks for what is not marked
            host.search()
            return
        plugin, host.query_text = host.plugin, text
        if plugin is not None:
            host.list.stand_on(plugin)

    def unseen(self) -> int:
        """How many marked plugins the list does not show."""
        marked, host = self.host.list.marked, self.host
        return len(marked) - sum(plugin.key in marked for plugin in host.found()) if marked else 0

    def check(self, name: str, run: Callable[[], object]) -> object:
        """Run the handler `name`, after asking where it is about marked plugins that the list does not show."""
        row = actions.find("browse", "do", (name,))
        unseen = self.unseen() if row is not None and row.on_marked else 0
        if row is None or not unseen:
            return run()
        self._ask(row.label, unseen, run)
        return None

    def _ask(self, label: str, unseen: int, run: Callable[[], object]) -> None:
        from pluginary_tui.tui.dialogs.menu import Choice, Menu

        host = self.host
        marks, shown = host.list.marked, {plugin.key for plugin in host.found()} & host.list.marked
        here = host.plugin
        choices = [
            Choice("a", f"All {len(marks):,} that are marked", "all", f"not in the list: {unseen:,}"),
            Choice(
                "v",
                f"Only the {len(shown):,} in the list" if shown else "Only those in the list",
                "shown",
                why_not="" if shown else "none is",
            ),
            Choice("o", f"Only {here.name}" if here else "Only one", "here", why_not="" if here else "none is listed"),
            Choice("s", "First show what is marked", "show"),
        ]

        def done(what: str | None) -> object:
            if what == "show":
                host.query_text = MARKED
                return None
            if what == "shown":
                host.list.set_marks(shown)
            elif what == "here":
                host.list.set_marks(set())
            return run() if what else None

        title = f"{label}: {unseen:,} marked {'plugin is' if unseen == 1 else 'plugins are'} not in sight"
        host.services.ask(Menu(title, choices, host.session.glyphs.ellipsis, "all" if not shown else "shown"), done)

    def bound(self, handlers: Handlers) -> Handlers:
        """These handlers, each behind `check`."""
        return {name: partial(self.check, name, run) for name, run in handlers.items()}
