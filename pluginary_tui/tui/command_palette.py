"""The command palette: every key's action of the screen below, the themes, and the saved queries."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.types import IgnoreReturnCallbackType

if TYPE_CHECKING:
    from pluginary_tui.tui.app import PluginaryApp

Command = tuple[str, str, IgnoreReturnCallbackType]
"""Title, help, and what it does."""

_PLUMBING = {"move", "page", "edge"}
"""Actions that only make sense under a finger."""


class AppCommands(Provider):
    """All that can be done from where the palette was opened."""

    def _commands(self) -> Iterator[Command]:
        from pluginary_tui.scan.run import Options

        app = cast("PluginaryApp", self.app)
        seen = set()
        for active in self.screen.active_bindings.values():
            binding = active.binding
            plumbing = binding.action.partition("(")[0] in _PLUMBING or binding.system
            if plumbing or not binding.description or not active.enabled or binding.action in seen:
                continue
            seen.add(binding.action)
            run = partial(app.run_action, binding.action, active.node)
            yield binding.description, f"key {app.get_key_display(binding)}", run
        if not app.session.busy:
            plugins = app.session.catalogue.plugins
            yield "Measure everything", "the sound of all that has no passport", partial(app.measure, plugins)
            again = partial(app.measure, plugins, retry=True)
            yield "Measure what went wrong again", "and all that has no passport", again
            yield "Scan", "find new and changed plugins", app.start_scan
            yield "Scan everything again", "unchanged plugins too", partial(app.start_scan, Options(full=True))
            yield "Scan what failed again", "plugins in quarantine too", partial(app.start_scan, Options(retry=True))
        yield "Add a folder", "search one more folder for plugins", app.ask_folder
        for name, query in app.session.settings.browse.queries.items():
            yield f"Query: {name}", query, partial(app.open_query, query)
        yield "Theme", f"{app.theme} now; move through the list to see others", app.choose_theme

    async def discover(self) -> Hits:
        for title, help_, run in self._commands():
            yield DiscoveryHit(title, run, help=help_)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, help_, run in self._commands():
            if (score := matcher.match(title)) > 0:
                yield Hit(score, matcher.highlight(title), run, text=title, help=help_)
