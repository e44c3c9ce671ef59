"""A screen of a list, the text about the item under its cursor, and a card where there is nothing to list."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from pluginary_tui.tui.widgets.base_screen import BaseScreen
from pluginary_tui.tui.widgets.chrome import KeyFooter, TopBar
from pluginary_tui.tui.widgets.header import HeaderLines
from pluginary_tui.tui.widgets.text_view import TextView
from pluginary_tui.tui.widgets.titled_list import TitledList


class ListScreen(BaseScreen):
    """The list on the left and the text on the right; below each other where the screen is narrow.

    Subclasses give list and card, read what is listed in `load`, which runs in a thread, and call `show_there`.
    """

    PREFIX: ClassVar[str] = ""
    """What the ids of the parts begin with."""

    DEFAULT_CSS = """
    ListScreen {
        HeaderLines { margin: 1 0; }
        .list-body { height: 1fr; }
        TitledList { width: 1fr; min-width: 20; }
        .list-side { width: 1fr; padding: 0 1; border-left: solid $foreground 18%; }
        TitledList:focus, TextView:focus { background-tint: transparent 0%; }
        TextView { height: 1fr; }
        &.-narrow .list-body { layout: vertical; }
        &.-narrow TitledList { width: 1fr; height: 2fr; min-width: 0; }
        &.-narrow .list-side { width: 1fr; height: 3fr; border-left: none; border-top: solid $foreground 18%; }
        &.-narrow.-reading TitledList, &.-low .list-side, &.-low.-reading TitledList { display: none; }
        &.-narrow.-reading .list-side { border-top: none; }
        &.-low.-reading .list-side { display: block; }
        &.-low HeaderLines { margin: 0; max-height: 1; }
        &.-ascii .list-side { border-left: ascii $foreground 18%; }
        &.-ascii.-narrow .list-side { border-left: none; border-top: ascii $foreground 18%; }
        &.-ascii.-narrow.-reading .list-side { border-top: none; }
    }
    """

    def make_list(self) -> TitledList[Any]:
        """The list."""
        raise NotImplementedError

    def make_card(self) -> Static:
        """What stands there instead of an empty list."""
        raise NotImplementedError

    def load(self) -> None:
        """Read what is listed, in a thread."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield TopBar()
        yield HeaderLines(id=f"{self.PREFIX}-head")
        with Horizontal(id=f"{self.PREFIX}-body", classes="list-body"):
            yield self.make_list()
            with Vertical(id=f"{self.PREFIX}-side", classes="list-side"):
                yield TextView(id=f"{self.PREFIX}-text")
        yield self.make_card()
        yield KeyFooter()

    def on_mount(self) -> None:
        services = self.services
        services.catalogue_changed.subscribe(self, services.guarded(lambda _: self.reload()))
        self.set_class(self.session.settings.app.ascii, "-ascii")
        self.query_one(".card").display = False
        self.query_one(TitledList).focus()

    def on_screen_resume(self) -> None:
        self.reload()

    def reload(self) -> None:
        """Read what is listed again."""
        if self.is_current:
            self.run_worker(self.load, thread=True, group="load", exclusive=True)

    def show_there(self, there: bool) -> None:
        """Show the list, or the card where nothing is there. To be called when the list has its items."""
        had_focus = self.focused is not None
        self.query_one(".list-body").display = there
        self.query_one(".card").display = not there
        if there and not had_focus:
            self.query_one(TitledList).focus()
        self.refresh_bindings()

    @on(TitledList.Opened)
    def _on_opened(self) -> None:
        self.add_class("-reading")
        self.query_one(TextView).focus()

    def action_back(self) -> None:
        """One step back: from the text to the list, from there to Browse."""
        if self.query_one(TextView).has_focus:
            self.remove_class("-reading")
            self.query_one(TitledList).focus()
        else:
            self.services.show("browse")
