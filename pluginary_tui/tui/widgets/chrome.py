"""The first and the last line of every screen: the screens with the state of the catalogue, and the keys."""

from __future__ import annotations

from collections.abc import Iterator

from textual import events
from textual.binding import ActiveBinding
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen
from textual.style import Style
from textual.widget import Widget

from pluginary_tui.formatting import ago, counted
from pluginary_tui.tui.core import actions
from pluginary_tui.tui.core.services import services_of
from pluginary_tui.tui.core.session import Session

GAP = "  "

TABS = tuple(row for row in actions.GROUPS["app"].rows if row.do.startswith("show("))
"""The actions that show the screens, in the order of the first line."""


def clickable(text: str, action: str, style: str) -> Content:
    """A text that runs an action where it is clicked."""
    return Content.styled(text, style).stylize(Style.from_meta({"@click": action}))


class TopBar(Widget):
    """Name, screens, the size of the catalogue, and what the scan does."""

    ALLOW_SELECT = False

    def on_mount(self) -> None:
        services = services_of(self.app)
        services.catalogue_changed.subscribe(self, self._update)
        services.scan_changed.subscribe(self, self._update)
        self.set_interval(60, self.refresh)

    def _update(self, session: Session) -> None:
        self.refresh()

    def render(self) -> Content:
        session, width = services_of(self.app).session, self.size.width
        tabs = Content.styled(" Pluginary", "bold $foreground") if width >= 60 else Content("")
        for row in TABS:
            here = row.id == self.app.current_mode
            style = "bold $text-accent" if here else "$text-muted"
            tabs += Content(GAP + " "[: width >= 60]) + clickable(
                f"{session.key_of(row.id)} {row.label}", f"app.{row.do}", style
            )
        for right in self._right(session):
            space = width - tabs.cell_length - right.cell_length - 1
            if space >= 2:
                return tabs + Content(" " * space) + right
        return tabs.truncate(width, ellipsis=True)

    def _right(self, session: Session) -> Iterator[Content]:
        """The texts on the right, the longest first."""
        count = len(session.catalogue.plugins)
        plugins = counted(count, "plugin") if session.loaded else "reading the catalogue"
        state = self._state(session)
        yield Content.styled(plugins, "$text-muted") + Content(GAP) + state if state else Content(plugins)
        if state:
            yield state

    @staticmethod
    def _state(session: Session) -> Content:
        glyphs, progress = session.glyphs, session.progress
        if session.busy:
            sign = glyphs.paused if progress.state == "paused" else glyphs.scanning
            done, total = progress.step
            count = f" {done:,} of {total:,}" if total else ""
            word = {"running": progress.doing}.get(progress.state, progress.state)
            return Content.styled(f"{sign} {word}{count}", "$text-accent")
        if work := session.background:
            count = f" {work.done:,} of {work.total:,}" if work.total else ""
            return Content.styled(f"{glyphs.scanning} {work.doing}{count}", "$text-accent")
        if session.interrupted:
            return Content.styled(f"{glyphs.paused} scan interrupted", "$text-warning")
        if session.last_scan and session.last_scan.get("partial"):
            return Content.styled(f"{glyphs.idle} {session.key_of('scan')} scans for all plugins", "$text-warning")
        if session.last_scan:
            return Content.styled(f"{glyphs.idle} scanned {ago(session.last_scan['finished_at'])}", "$text-muted")
        return Content.empty()


class KeyFooter(Widget):
    """The keys of the focused pane and its screen, as many as fit; help and palette always."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._shown: Content | None = None
        """The line as drawn last. It is built again by `_updated` and on a new width only."""
        self._width = 0
        self._spots: list[tuple[int, int, str, DOMNode]] = []
        """First and last cell of each entry, its action and the node that runs it."""

    async def on_click(self, event: events.Click) -> None:
        """Do what the word under the pointer says."""
        for first, end, action, node in self._spots:
            if first <= event.x < end:
                event.stop()
                await self.app.run_action(action, node)
                return

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._updated)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._shown = None  # with the plain signs keys are written differently

    def _updated(self, screen: Screen[object]) -> None:
        line = self._line()
        if line != self._shown:
            self._shown = line
            self.refresh()

    def render(self) -> Content:
        if self._shown is None or self._width != self.size.width:
            self._shown, self._width = self._line(), self.size.width
        return self._shown

    def _line(self) -> Content:
        entries = list(self._entries())
        always = [entry for entry in entries if entry[2].node is self.app]
        line, self._spots = Content(" "), []
        room = self.size.width - 2 - sum(self._key(*entry[:2]).cell_length + 2 for entry in always)
        for kind, most in (([entry for entry in entries if entry not in always], room), (always, self.size.width)):
            for key, label, active in kind:
                entry = self._key(key, label)
                if line.cell_length + entry.cell_length <= most:
                    end = line.cell_length + entry.cell_length
                    self._spots.append((line.cell_length, end, active.binding.action, active.node))
                    line += entry + Content(GAP)
        return line

    def _entries(self) -> Iterator[tuple[str, str, ActiveBinding]]:
        """Key, word and binding of all that is shown, those of the focused widget first, each action once."""
        seen: set[str] = set()
        for active in self.screen.active_bindings.values():
            binding = active.binding
            name = f"{'app.' if active.node is self.app else ''}{binding.action}"
            if binding.show and active.enabled and name not in seen:
                seen.add(name)
                yield self.app.get_key_display(binding), binding.description.lower(), active

    def _key(self, key: str, label: str) -> Content:
        return Content.styled(key, "bold $text-accent") + Content.styled(f" {label}", "$text-muted")
