"""A line to type into that obeys keys in the order they were pressed."""

from __future__ import annotations

import re

from textual import events
from textual.widgets import Input

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")


class LineInput(Input):
    """Textual's own obeys a bound key, backspace too, when its event has travelled up to the app. Letters that were
    pressed behind it while a frame was drawn, or that came with it over a slow line, would be in the text by then.
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
        if bound is not None or not here:  # what was pressed behind the key that left the line is not meant for it
            event.prevent_default()
