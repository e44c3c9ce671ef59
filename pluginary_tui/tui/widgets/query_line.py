"""The query line: what is typed, how much it finds and how fast, and what was not understood."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Static

from pluginary_tui.search.complete import complete
from pluginary_tui.search.index import Index
from pluginary_tui.search.query import Message as Remark


class QuerySuggester(Suggester):
    """Goes on with fields and values of the catalogue."""

    def __init__(self, index: Callable[[], Index]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._index = index

    async def get_suggestion(self, value: str) -> str | None:
        for completion in complete(self._index(), value, len(value), limit=8):
            if completion.text.casefold().startswith(value[completion.start :].casefold()):
                return value + completion.text[len(value) - completion.start :]
        return None


class QueryInput(Input):
    """The typing itself. Leaving goes back to the list; the query stays."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,down", "leave", "To the list", id="query_leave", key_display="enter"),
        Binding("escape", "leave", "Back", show=False, id="query_back"),
        Binding("tab", "complete", "Complete", show=False, id="query_complete"),
        Binding("ctrl+x", "screen.drop_blamed", "Drop what excludes all", show=False, id="query_drop"),
    ]

    class Left(Message):
        """Back to the list."""

    def action_leave(self) -> None:
        self.post_message(self.Left())

    def action_complete(self) -> None:
        """Take the suggestion; where there is none, go on to the next pane."""
        if self._suggestion and self.cursor_at_end:
            self.action_cursor_right()
        else:
            self.screen.focus_next()


class QueryLine(Horizontal):
    """The box around the input. Remarks stand on its lower border, so that nothing below ever moves."""

    def __init__(self, suggester: Suggester | None = None, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.input = QueryInput(
            placeholder="name, vendor or category; format:vst3 params>20 #tag",
            compact=True,
            suggester=suggester,
            select_on_focus=False,
            id="query",
        )
        self.count = Static("", id="count")

    def compose(self) -> ComposeResult:
        yield Static("/", id="slash", markup=False)
        yield self.input
        yield self.count

    def show(self, found: int, total: int, took_ms: float, remarks: tuple[Remark, ...]) -> None:
        """Say how many of how many were found, in what time, and what was not understood."""
        everything = f"{total:,}" if found == total else f"{found:,} of {total:,}"
        wide = self.size.width >= 60
        self.count.update(Content(f"{everything}   {took_ms:.0f} ms" if wide else everything))
        said = [remark for remark in remarks if remark.level != "unfinished"]
        self.border_subtitle = Content(f" {said[0].text} ") if said else None
        self.set_class(bool(said) and said[0].level == "error", "-error")
