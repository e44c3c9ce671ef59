"""Which of the panes of Browse has the focus."""

from __future__ import annotations

from textual.widget import Widget

from pluginary_tui.tui.browse.host import BrowseHost

PANES = ("facets", "list", "detail")


class PaneFocus:
    """Moves the focus between the panes, and follows it where it is moved otherwise."""

    def __init__(self, host: BrowseHost) -> None:
        self._host = host

    def focus_moved(self, widget: Widget | None) -> None:
        """The focus is on this widget now."""
        for pane in PANES:
            if widget is not None and self._host.side_widget(pane) in widget.ancestors_with_self:
                self._host.pane = pane

    def step(self, by: int) -> None:
        """Go to the next pane that is open, or back to the one before."""
        host = self._host
        ring = [pane for pane in PANES if not host.has_class(f"-no-{pane}") and (pane == "list" or host.list.display)]
        at = ring.index(host.pane) if host.pane in ring else 0
        self.open(ring[(at + by) % len(ring)])

    def open(self, pane: str) -> None:
        """Give a pane the focus."""
        self._host.pane = pane
        self._host.set_focus(self._host.focus_target(pane))
