"""The cards that stand where the list would be empty: each says why, and which keys lead on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from pluginary_tui.tui.widgets.key_hints import key_lines

if TYPE_CHECKING:
    from pluginary_tui.search.index import Blame


class FirstRun(Static, can_focus=True):
    """An empty catalogue: where to begin."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "scan(False)", "Scan now", id="first_scan"),
        Binding("a", "add_folder", "Add a folder", id="first_folder"),
        Binding("b", "scan(True)", "Look at the built-in effects", id="first_builtin"),
    ]

    class Scan(Message):
        """Start a scan; `builtin_only` of nothing but what comes with pedalboard."""

        def __init__(self, builtin_only: bool) -> None:
            super().__init__()
            self.builtin_only = builtin_only

    class AddFolder(Message):
        """Scan a folder of the user's."""

    def render(self) -> Content:
        return (
            Content.styled("No plugins yet", "bold")
            + Content("\n\nA scan finds every audio plugin on this machine and loads each one\n")
            + Content("in a process of its own, so that a bad one harms nothing.\n\n")
            + key_lines(("s", "scan now"), ("a", "add a folder of yours"), ("b", "look at the built-in effects"))
        )

    def action_scan(self, builtin_only: bool) -> None:
        self.post_message(self.Scan(builtin_only))

    def action_add_folder(self) -> None:
        self.post_message(self.AddFolder())


class NothingFound(Static, can_focus=True):
    """A query that finds nothing: which of its terms is to blame."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+x", "screen.drop_blamed", "Drop what excludes all", id="drop_blamed"),
        Binding("slash", "screen.search", "Search", id="search"),
        Binding("escape", "screen.back", "Back", id="back"),
    ]

    def show(self, query: str, blame: Blame | None) -> None:
        """`blame` names the term that excluded everything; None where there is none to name."""
        title = Content.styled("Nothing found", "bold") + Content("\n\n")
        if blame:
            would = f"{blame.total:,} plugin{'s' if blame.total != 1 else ''} would be here without "
            why = Content.assemble(would, (blame.term, "$text-accent"), ".\n\n")
            ways = key_lines(("ctrl+x", "drop it"), ("/", "change the query"), ("esc", "one step back"))
        else:
            why = Content.assemble("No plugin fits ", (query, "$text-accent"), ".\n\n")
            ways = key_lines(("/", "change the query"), ("esc", "one step back"))
        self.update(title + why + ways)


class Banner(Static):
    """A scan that was interrupted: go on, give up, or later."""

    def show(self, pending: int, total: int) -> None:
        self.update(
            Content.styled(" A scan was interrupted", "bold")
            + Content(f" with {pending:,} of {total:,} bundles left   ")
            + Content("  ").join(
                Content.styled(key, "bold $text-accent") + Content(f" {label}")
                for key, label in (("r", "resume"), ("d", "discard"), ("esc", "later"))
            )
        )
