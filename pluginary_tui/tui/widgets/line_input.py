"""A line to type into that obeys keys in the order they were pressed."""

from __future__ import annotations

from textual import events
from textual.widgets import Input


class LineInput(Input):
    """Textual's own obeys a bound key, backspace too, when its event has travelled up to the app. Letters that were
    pressed behind it while a frame was drawn, or that came with it over a slow line, would be in the text by then.
    """

    async def on_key(self, event: events.Key) -> None:
        here = self.screen.focused is self
        if event.is_printable and here:
            return
        bound = self.screen.active_bindings.get(event.key)
        if bound is not None and bound.enabled:
            event.stop()
            await self.app.run_action(bound.binding.action, bound.node)
        if bound is not None or not here:  # what was pressed behind the key that left the line is not meant for it
            event.prevent_default()
