"""Queries kept under a name in the settings."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pluginary_tui.model import clean

if TYPE_CHECKING:
    from pluginary_tui.tui.browse.host import BrowseHost, Handlers


class SavedQueries:
    """Opens, saves and forgets queries."""

    def __init__(self, host: BrowseHost) -> None:
        self.host = host
        self.handlers: Handlers = {
            "queries": self.choose,
            "save_query": self.save,
            "history": self.choose_earlier,
            "only_working": self.only_working,
        }

    @property
    def _ellipsis(self) -> str:
        return self.host.session.glyphs.ellipsis

    def choose(self) -> None:
        """Go to a saved query, save this one, or forget one."""
        from pluginary_tui.tui.dialogs.menu import Choice, Menu

        host, saved = self.host, self.host.session.settings.browse.queries
        empty = "" if host.query_text.strip() else "nothing is searched for"
        choices = [
            Choice("+", "Save this query", "+", host.query_text, why_not=empty),
            Choice("-", "Forget one", "-", why_not="" if saved else "none is saved yet"),
        ]
        choices += [Choice(str(n) if n < 10 else "", name, f"={name}", saved[name]) for n, name in enumerate(saved, 1)]

        def done(value: str | None) -> None:
            if value == "+":
                self.save()
            elif value == "-":
                self.forget()
            elif value:
                host.query_text = saved[value[1:]]

        first = next((choice.value for choice in choices[2:]), "+")
        host.services.ask(Menu("Saved queries", choices, self._ellipsis, first), done)

    def choose_earlier(self) -> None:
        """Find an earlier query, the newest first."""
        from pluginary_tui.tui.dialogs.picker import Entry, Picker, matching

        host = self.host

        def put(query: str) -> None:
            host.query_text = query

        earlier = reversed(host.session.state.history)
        entries = [Entry(query, "", "", partial(put, query)) for query in earlier]

        def find(text: str) -> list[Entry]:
            return matching(entries, text) if text.strip() else entries

        def done(entry: Entry | None) -> None:
            if entry:
                entry.run()

        host.services.ask(Picker("Earlier queries", "a part of it", find, self._ellipsis), done)

    def save(self) -> None:
        """Keep the query under a name."""
        from pluginary_tui.tui.dialogs.prompt import Prompt

        host, query = self.host, self.host.query_text.strip()
        key = host.session.key_of("queries")

        def done(text: str | None) -> None:
            if name := clean(text or "", 60):
                message = f"Saved as '{name}'; {key} lists it"
                host.services.change_setting(f"browse.queries.{name}", query, message, hold=True)
                host.refresh_bindings()

        hint = f"{clean(query, 200)}\n\nIts name, for {key} and the palette. Enter keeps"
        host.services.ask(Prompt("Save this query", hint, ellipsis=self._ellipsis), done)

    def forget(self) -> None:
        """Ask which saved query to forget."""
        from pluginary_tui.tui.dialogs.menu import Choice, Menu

        host, saved = self.host, self.host.session.settings.browse.queries
        choices = [Choice("", name, name, query) for name, query in saved.items()]

        def done(name: str | None) -> None:
            if name is not None:
                host.services.change_setting(f"browse.queries.{name}", None, f"Forgot '{name}'", hold=True)
                host.refresh_bindings()

        host.services.ask(Menu("Forget which query?", choices, self._ellipsis), done)

    def only_working(self) -> None:
        """Leave out of the list what could not be read, or let it in again."""
        from pluginary_tui.search.query_edit import toggled

        self.host.query_text = toggled(self.host.query_text, "status", "ok")
