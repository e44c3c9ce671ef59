"""What differs between two catalogues."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static
from textual.worker import get_current_worker

from pluginary_tui.catalogue import revisions
from pluginary_tui.catalogue.store import Store
from pluginary_tui.diff import difference, from_export, lines
from pluginary_tui.errors import PluginaryError
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.widgets.base_screen import BaseDialog
from pluginary_tui.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pluginary_tui.tui.core.action_contexts import DifferenceContext

MOST_IN_A_QUERY = 200
"""Ids of plugins that are put into one query."""


@dataclass(slots=True, frozen=True)
class Sides:
    """What is compared: an export with this machine, or this machine at a date with a later one, or with now."""

    title: str
    export: Path | None = None
    since: str = ""
    """A moment as the catalogue writes it."""
    until: str = ""


class DifferenceScreen(BaseDialog[list[str] | None]):
    """Compares in a thread, and shows what differs; ends with the ids that are to be shown in Browse."""

    CSS = """
    DifferenceScreen {
        .dialog { width: 96%; height: 90%; padding: 0 1; }
        TextView { height: 1fr; background: $surface; }
    }
    """
    ACTION_GROUP = "difference"
    BINDINGS: ClassVar[list[BindingType]] = bindings("difference")

    class Compared(Message):
        """Both sides were read, or could not be."""

        def __init__(self, text: list[str], ids: list[str], error: str = "") -> None:
            super().__init__()
            self.text, self.ids, self.error = text, ids, error

    def __init__(self, sides: Sides) -> None:
        super().__init__()
        self.sides = sides
        self.ids: Sequence[str] = ()
        self._text: list[str] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self.sides.title)
            yield TextView()
            yield Static("", markup=False, classes="dialog-hint")

    def on_mount(self) -> None:
        self._show([f"Comparing{self.session.glyphs.ellipsis}"])
        self.query_one(TextView).focus()
        self.run_worker(self._compare, thread=True)

    def _compare(self) -> None:
        worker, sides = get_current_worker(), self.sides
        text: list[str] = []
        ids: list[str] = []
        error = ""
        try:
            with Store(self.session.store.path) as store:
                names = ("only_there", "only_here") if sides.export else ("gone", "new")
                before = from_export(sides.export) if sides.export else revisions.at(store, sides.since)
                after = revisions.at(store, sides.until) if sides.until else revisions.present(store)
            found = difference(before, after)
            text = list(lines(found, names))
            ids = [*(change.id for change in found.changed), *(facts.id for facts in found.after)]
        except PluginaryError as problem:
            error = str(problem)
        if not worker.is_cancelled:
            self.post_message(self.Compared(text, ids, error))

    def on_difference_screen_compared(self, message: Compared) -> None:
        self._text, self.ids = message.text, message.ids
        self._show([message.error] if message.error else message.text)
        keys = (("difference_show", "shows in Browse what is here of it"), ("difference_copy", "copies"))
        key_of = self.session.key_of
        self.query_one(".dialog-hint", Static).update(", ".join(f"{key_of(id_)} {does}" for id_, does in keys))
        self.refresh_bindings()

    def _show(self, text: Sequence[str]) -> None:
        looks = ("text" if line.startswith(" ") else "head" for line in text)
        self.query_one(TextView).show([(line, look)] for line, look in zip(text, looks, strict=True))

    def action_context(self) -> DifferenceContext:
        return self

    def action_show(self) -> None:
        """Show in Browse what is new or has changed."""
        self.dismiss(list(self.ids)[:MOST_IN_A_QUERY])

    def action_copy(self) -> None:
        self.app.copy_to_clipboard("\n".join(self._text) + "\n")
        self.notify("Copied what differs to the clipboard.")

    def action_back(self) -> None:
        self.dismiss(None)
