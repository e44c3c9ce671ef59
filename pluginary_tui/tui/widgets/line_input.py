"""A text field that handles keys in the order they were pressed."""

from __future__ import annotations

import re

from textual import events
from textual.widgets import Input

from pluginary_tui.tui.widgets.guard import Guarded

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")


class LineInput(Input, Guarded):
    """Runs the action of a bound key (backspace, too) at once. Textual does so when the event has reached the app, and
    letters typed behind the key would be in the text by then.
    """

    def validate_value(self, value: str) -> str:
        """Control characters, which may have been pasted, are spaces: the text is shown in other places, too."""
        return _CONTROLS.sub(" ", value)

    async def on_key(self, event: events.Key) -> None:
        here = self.screen.focused is self
        if event.is_printable and here:
            return
        bound = self.screen.active_bindings.get(event.key)
        if bound is not None and bound.enabled:
            event.stop()
            await self.app.run_action(bound.binding.action, bound.node)
        if bound is not None or not here:  # keys behind the one that left the line are not for it
            event.prevent_default()
