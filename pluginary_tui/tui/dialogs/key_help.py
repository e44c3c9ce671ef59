"""The keys that work right now, from the focused pane outwards, with the names to give them other keys by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.virtual_list import VirtualList, fit

Row = tuple[str, str, str]
"""Keys, what they do, the binding's id; a title has no keys."""


def rows(screen: Screen[object], where: dict[str, str]) -> list[Row]:
    """Every active key of a screen in groups. `where` words the class of a node as a title."""
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
        title = next((where[each.__name__] for each in type(node).__mro__ if each.__name__ in where), "Here")
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


class Keys(ModalScreen[None]):
    """The help of `?`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss", "Back", id="keys_back", key_display="esc")
    ]

    def __init__(self, table: Sequence[Row], ellipsis: str = "…") -> None:
        super().__init__()
        self.table = KeyTable(table, ellipsis)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog keys") as box:
            box.border_title = Content("Keys that work here")
            yield self.table
            yield Static(
                "On the right: the name to give another key by, in the settings under app.keys. esc closes.",
                markup=False,
                classes="dialog-hint",
            )

    def on_mount(self) -> None:
        self.table.focus()
