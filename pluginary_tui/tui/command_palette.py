"""The command palette: the actions of the screen below, the actions without a key, and the saved queries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.types import IgnoreReturnCallbackType

from pluginary_tui.tui.core.actions import GROUPS
from pluginary_tui.tui.core.services import services_of
from pluginary_tui.tui.widgets.guard import Guarded

Command = tuple[str, str, IgnoreReturnCallbackType]
"""Title, help, and what it runs."""

_CURSOR = {"move", "page", "edge"}
"""Actions that are useless without seeing the cursor move."""


class Palette(CommandPalette, Guarded):
    """Textual's palette, which a burst of keys cannot close twice."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()

    def _action_command_list(self, action: str) -> None:
        with suppress(LookupError):  # a page of a list that has no lines yet, or no room for one
            super()._action_command_list(action)


class AppCommands(Provider):
    """Everything that can be done from where the palette was opened."""

    def _commands(self) -> Iterator[Command]:
        app, services = self.app, services_of(self.app)
        seen = set()
        for active in self.screen.active_bindings.values():
            binding = active.binding
            left_out = binding.action.partition("(")[0] in _CURSOR or binding.system
            if left_out or not binding.description or not active.enabled or binding.action in seen:
                continue
            seen.add(binding.action)
            run = partial(app.run_action, binding.action, active.node)
            yield binding.description, f"key {app.get_key_display(binding)}", run
        for row in GROUPS["commands"].rows:
            if not row.rule(services.session):
                yield row.label, row.about, partial(app.run_action, row.do)
        for name, query in services.session.settings.browse.queries.items():
            yield f"Query: {name}", query, partial(services.open_query, query)

    async def discover(self) -> Hits:
        for title, help_, run in self._commands():
            yield DiscoveryHit(title, run, help=help_)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, help_, run in self._commands():
            if (score := matcher.match(title)) > 0:
                yield Hit(score, matcher.highlight(title), run, text=title, help=help_)
