"""The help of all keys that work now, from the focused pane outwards, with the ids that `app.keys` takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Static

from pluginary_tui import glossary
from pluginary_tui.tui.core.actions import GROUPS, bindings
from pluginary_tui.tui.core.key_names import KeyOf
from pluginary_tui.tui.widgets.base_screen import BaseDialog
from pluginary_tui.tui.widgets.rich_lines import Line
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.text_view import TextView
from pluginary_tui.tui.widgets.virtual_list import VirtualList, fit

WORD = 20
"""Cells of a word before what it means."""

Row = tuple[str, str, str]
"""Keys, what they do, the binding's id; a title has no keys."""


def rows(screen: Screen[object]) -> list[Row]:
    """Every active key of a screen, grouped by the nodes that have them."""
    groups: dict[DOMNode, dict[str, tuple[list[str], str, str]]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.system or not binding.description:
            continue
        group = groups.setdefault(active.node, {})
        keys, *_ = group.setdefault(binding.action, ([], binding.description, binding.id or ""))
        keys.append(screen.app.get_key_display(binding))
    result: list[Row] = []
    for node, group in groups.items():
        own = getattr(node, "ACTION_GROUP", "")
        title = (GROUPS[own].title if own else "") or "Here"
        result += [("", "", "")] * bool(result) + [("", title, "")]
        for keys, description, name in group.values():
            result.append((" ".join(dict.fromkeys(keys)), description, name))
    return result


class KeyTable(VirtualList):
    """Keys, what they do, and what each is called in the settings."""

    CURSOR = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"menu--key", "menu--label", "menu--note", "menu--head"}

    def __init__(self, table: Sequence[Row], ellipsis: str) -> None:
        super().__init__()
        self.table, self.ellipsis = table, ellipsis

    def on_mount(self) -> None:
        self.rows_changed()

    def row_count(self) -> int:
        return len(self.table)

    def draw_row(self, row: int, width: int) -> Iterable[StyledText]:
        keys, description, name = self.table[row]
        if not keys:
            yield fit(f" {description}", width, self.ellipsis), self.style_of("menu--head")
            return
        first = min(width // 3, max(cell_len(each) for each, *_ in self.table))
        room = width - first - 3
        yield f" {fit(keys, first, self.ellipsis)}  ", self.style_of("menu--key")
        words = max(1, room - 18) if room >= 40 else room
        yield fit(description, words, self.ellipsis), self.style_of("menu--label")
        if room > words:
            yield fit(name, room - words, self.ellipsis), self.style_of("menu--note")


def word_lines() -> Iterator[Line]:
    """The glossary as lines, each word beside what it means."""
    for title, words in glossary.sections():
        yield [(f" {title}", "head")]
        for word, meaning in words:
            yield [(f" {word:<{WORD}} ", "label"), (meaning, "text")]
        yield []


class KeyHelp(BaseDialog[None]):
    """Lists keys, what they do, and their ids; or the words on the screens and what they mean."""

    CSS = """
    KeyHelp TextView { height: 1fr; background: $surface; }
    """
    ACTION_GROUP = "key_help"
    BINDINGS: ClassVar[list[BindingType]] = bindings("key_help")

    def __init__(self, table: Sequence[Row], ellipsis: str, key_of: KeyOf) -> None:
        super().__init__()
        self.key_of = key_of
        self.table = KeyTable(table, ellipsis)
        self.words = TextView(id="words")
        self.words.display = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog keys"):
            yield self.table
            yield self.words
            yield Static("", markup=False, classes="dialog-hint")

    def on_mount(self) -> None:
        self._show_hint()
        self.table.focus()

    def _show_hint(self) -> None:
        box, hint = self.query_one(".dialog"), self.query_one(".dialog-hint", Static)
        words = self.words.display
        box.border_title = Content("Words on the screens" if words else "Keys that work here")
        where = "" if words else "On the right: the id to give it another key by, in the settings under app.keys. "
        other = "shows the keys" if words else "explains the words on the screens"
        hint.update(f"{where}{self.key_of('keys_words')} {other}, {self.key_of('keys_back')} closes.")

    def action_words(self) -> None:
        """Show the words instead of the keys, or the keys again."""
        self.words.display, self.table.display = not self.words.display, self.words.display
        if self.words.display:
            self.words.show(word_lines())
        (self.words if self.words.display else self.table).focus()
        self._show_hint()
