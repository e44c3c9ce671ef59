"""What Browse shows instead of an empty list: the reason, and the keys that lead on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from pluginary_tui.formatting import counted
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.key_names import KeyOf
from pluginary_tui.tui.widgets.guard import Guarded
from pluginary_tui.tui.widgets.key_hints import key_lines

if TYPE_CHECKING:
    from pluginary_tui.search.result import EmptyResultCause


class FirstRun(Static, Guarded, can_focus=True):
    """An empty catalogue: where to begin."""

    ACTION_GROUP = "first_run"
    BINDINGS: ClassVar[list[BindingType]] = bindings("first_run")

    class Scan(Message):
        """Start a scan; `builtin_only` of nothing but what comes with pedalboard."""

        def __init__(self, builtin_only: bool) -> None:
            super().__init__()
            self.builtin_only = builtin_only

    class AddFolder(Message):
        """Scan a folder of the user's."""

    def render(self) -> Content:
        key_of = self.session.key_of
        return (
            Content.styled("No plugins yet", "bold")
            + Content(
                "\n\nA scan finds every audio plugin on this machine\nand reads each one in a process of its own,\n"
            )
            + Content("so that a bad one harms nothing.\n\n")
            + key_lines(
                (key_of("first_scan"), "scan now"),
                (key_of("first_folder"), "add a folder of yours"),
                (key_of("first_builtin"), "look at the built-in effects"),
            )
        )

    def action_scan(self, builtin_only: bool) -> None:
        self.post_message(self.Scan(builtin_only))

    def action_add_folder(self) -> None:
        self.post_message(self.AddFolder())


class NothingFound(Static, Guarded, can_focus=True):
    """The card of a query that finds nothing: the term that excludes everything, and what to do."""

    ACTION_GROUP = "nothing_found"
    BINDINGS: ClassVar[list[BindingType]] = bindings("nothing_found")

    hidden = 0
    """Hidden plugins that match."""
    parameter_query = ""
    """The query that finds the word as a parameter."""

    class Query(Message):
        """Search for another query."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._query, self._with_parameter, self._noun = "", 0, "plugin"
        self._cause: EmptyResultCause | None = None

    def show(self, query: str, cause: EmptyResultCause | None, noun: str = "plugin") -> None:
        """`cause` is the term that excludes everything; None where no single one does. `noun`: what is counted."""
        self._query, self._cause, self._noun = query, cause, noun
        self.hidden, self.parameter_query = cause.hidden if cause else 0, ""
        self._draw()

    def offer_parameter(self, query: str, total: int) -> None:
        """Offer a query that looks for a parameter, and the number of plugins that it finds."""
        self.parameter_query, self._with_parameter = query, total
        self._draw()
        self.screen.refresh_bindings()

    def _draw(self) -> None:
        key_of, cause = self.session.key_of, self._cause
        ways = [(key_of("search"), "change the query"), (key_of("back"), "one step back")]
        text = Content.styled("Nothing found", "bold") + Content("\n\n")
        if cause and not self.hidden:
            would = f"{counted(cause.total, self._noun)} would be here without "
            text += Content.assemble(would, (cause.term, "$text-accent"), ".\n")
            ways.insert(0, (key_of("drop_blamed"), "drop it"))
        elif not cause:
            text += Content.assemble(f"No {self._noun} fits ", (self._query, "$text-accent"), ".\n")
        if self.parameter_query:
            many = self._with_parameter != 1
            text += Content(
                f"{counted(self._with_parameter, self._noun)} {'have' if many else 'has'} a parameter like it.\n"
            )
            ways.insert(0, (key_of("by_parameter"), "show those with the parameter"))
        if self.hidden:
            text += Content(
                f"{counted(self.hidden, f'hidden {self._noun}')} {'match' if self.hidden > 1 else 'matches'}.\n"
            )
            ways.insert(0, (key_of("show_hidden"), "show what is hidden"))
        self.update(text + Content("\n") + key_lines(*ways))

    def action_show_hidden(self) -> None:
        self.post_message(self.Query(f"{self._query.rstrip()} is:hidden"))

    def action_by_parameter(self) -> None:
        self.post_message(self.Query(self.parameter_query))


class Banner(Static):
    """A scan that was interrupted: resume it, discard it, or later."""

    def show(self, left: str, key_of: KeyOf) -> None:
        """`left`: what the scan had still to do, in words."""
        keys = (key_of("resume_scan"), "resume"), (key_of("discard_scan"), "discard"), (key_of("back"), "later")
        self.update(
            Content.styled(" A scan was interrupted", "bold")
            + Content(f" with {left} left   ")
            + Content("  ").join(Content.styled(key, "bold $text-accent") + Content(f" {label}") for key, label in keys)
        )
