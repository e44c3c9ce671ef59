"""The base of the four screens, and of the dialogs."""

from __future__ import annotations

from contextlib import suppress

from textual import events
from textual.await_complete import AwaitComplete
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen, ScreenResultType

from pluginary_tui.logs import logger
from pluginary_tui.tui.widgets.guard import Guarded


class _Forgotten(DOMNode):
    """A screen of which nothing stays in memory when it is closed."""

    def on_unmount(self) -> None:
        """Textual keeps up to 1,024 caches of drawn lines, those of widgets that are gone among them."""
        with suppress(ImportError, AttributeError):  # a Textual with other private names
            from textual._styles_cache import StylesCache

            StylesCache.get_inner_outer.cache_clear()


def _only_latest(screen: Screen[ScreenResultType], event: events.Resize) -> None:
    """Ignore a size that the terminal no longer has.

    A screen tells itself its size behind the sizes that wait already, each time it is another. Of two that wait, as
    after dragging a window's border on a busy machine, each would come again behind the other, without an end.
    """
    if event.size != screen.app.size:
        event.stop()
        event.prevent_default()


class BaseScreen(Screen[None], Guarded, _Forgotten):
    """A full screen, drawn by the incremental compositor where the settings and the version of Textual allow it."""

    def __init__(self, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self._fast = self.session.settings.app.fast_paint and _install(self)

    async def _on_resize(self, event: events.Resize) -> None:
        _only_latest(self, event)

    def paint(self) -> None:
        """Draw at once what has changed so far; nothing where Textual draws."""
        if self._fast:
            from pluginary_tui.tui.widgets import compositor

            compositor.paint(self)

    @property
    def can_undo(self) -> bool:
        return bool(self.services.history)

    @property
    def busy(self) -> str:
        """Why neither a scan nor a measurement can start; empty where they can."""
        return self.session.busy

    def action_undo(self) -> None:
        """Take the last change back, wherever it was made."""
        self.services.undo()
        self.undone()

    @property
    def can_redo(self) -> bool:
        return self.services.history.can_redo

    def action_redo(self) -> None:
        """Make the change again that was undone last."""
        self.services.redo()
        self.undone()

    def undone(self) -> None:
        """Show that a change of any kind was taken back."""


class BaseDialog(ModalScreen[ScreenResultType], Guarded, _Forgotten):
    """A dialog over a screen."""

    async def _on_resize(self, event: events.Resize) -> None:
        _only_latest(self, event)

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """As Textual's; nothing where it is closed already, as by the first of two keys in one burst."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()


def _install(screen: BaseScreen) -> bool:
    try:
        from pluginary_tui.tui.widgets.compositor import install
    except (ImportError, AttributeError) as error:  # a Textual with other private names
        logger(__name__).warning("frames are drawn by Textual: %s", error)
        return False
    return install(screen)
