"""The help of all keys that work now, from the focused pane outwards, with the ids that `app.keys` takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Static

from pluginary_tui.tui.core.actions import GROUPS, bindings
from pluginary_tui.tui.widgets.base_screen import BaseDialog
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.virtual_list import VirtualList, fit

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


class KeyHelp(BaseDialog[None]):
    """Lists keys, what they do, and their ids."""

    ACTION_GROUP = "key_help"
    BINDINGS: ClassVar[list[BindingType]] = bindings("key_help")

    def __init__(self, table: Sequence[Row], ellipsis: str, close_key: str) -> None:
        super().__init__()
        self.close_key = close_key
        self.table = KeyTable(table, ellipsis)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog keys") as box:
            box.border_title = Content("Keys that work here")
            yield self.table
            where = "On the right: the id to give it another key by, in the settings under app.keys."
            yield Static(f"{where} {self.close_key} closes.", markup=False, classes="dialog-hint")

    def on_mount(self) -> None:
        self.table.focus()
