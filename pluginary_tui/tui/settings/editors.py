"""The dialogs that change a setting: one value with a check while typing, and a list of items."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from pluginary_tui.config import Setting, check
from pluginary_tui.errors import SettingsError
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.glyphs import UNICODE, Glyphs
from pluginary_tui.tui.widgets.base_screen import BaseDialog
from pluginary_tui.tui.widgets.line_input import LineInput
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.virtual_list import VirtualList, fit

if TYPE_CHECKING:
    from pluginary_tui.tui.core.action_contexts import ItemsContext

Read = Callable[[str], Any]
"""Gives the value of a typed text; raises SettingsError, one clause, where it does not fit."""


WRONG_KEYS = 3
"""Remarks about keys that are shown at once."""


class EditValue(BaseDialog[Any]):
    """One line of text that is checked at every key; escape gives None."""

    DEFAULT_CSS = """
    EditValue { align: center middle; background: $background 60%; }
    EditValue #edit { background: $panel; }
    EditValue #edit-wrong { color: $text-warning; height: auto; margin-top: 1; }
    """
    ACTION_GROUP = "edit_value"
    BINDINGS: ClassVar[list[BindingType]] = bindings("edit_value")

    def __init__(self, title: str, hint: str, value: str, read: Read) -> None:
        super().__init__()
        self.title_text, self.hint, self.value, self.read = title, hint, value, read

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self.title_text)
            yield LineInput(self.value, select_on_focus=True, id="edit")
            yield Static(id="edit-wrong", markup=False)
            hint = f"{self.hint}, {self.session.key_of('cancel')} leaves."
            yield Static(hint, markup=False, classes="dialog-hint")

    def on_mount(self) -> None:
        self._check(self.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        self._check(event.value)

    def _check(self, text: str) -> bool:
        """Say what is wrong with the text, where something is."""
        wrong = ""
        try:
            self.read(text)
        except SettingsError as error:
            wrong = f"{error}."
        line = self.query_one("#edit-wrong", Static)
        line.update(Content(wrong if text.strip() else ""))
        line.display = bool(wrong and text.strip())
        return not wrong

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if self._check(event.value):
            self.dismiss(self.read(event.value))
        else:
            self.app.bell()

    def action_cancel(self) -> None:
        self.dismiss(None)


class ItemList(VirtualList):
    """The items of a list, and where only some texts may be in it, the others below them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"menu--key", "menu--label", "menu--note", "menu--cursor"}

    class Clicked(Message):
        """The row under the cursor was clicked."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self.glyphs = glyphs
        self.rows: list[tuple[str, str, str]] = []
        """A sign, a text, and a note behind it."""

    def show(self, rows: Sequence[tuple[str, str, str]], cursor: int | None = None) -> None:
        self.rows = [*rows] or [("", "", f"nothing yet; {self.session.key_of('items_add')} adds the first")]
        self.styles.height = len(self.rows)
        self.rows_changed(cursor)

    def row_count(self) -> int:
        return len(self.rows)

    def draw_row(self, row: int, width: int) -> Iterable[StyledText]:
        sign, text, note = self.rows[row]
        under = "menu--cursor" if row == self.drawn_cursor else ""
        yield f" {sign or ' '} ", self.style_of("menu--key", under)
        shown = fit(text, width - 3, self.glyphs.ellipsis, "middle") if len(text) > width - 3 else text
        yield shown, self.style_of("menu--label", under)
        rest = f"  {note}" if text and note else note
        yield fit(rest, width - 3 - len(shown), self.glyphs.ellipsis), self.style_of("menu--note", under)

    def on_click(self, event: events.Click) -> None:
        again = self.row_at(event.y) == self.cursor
        super().on_click(event)
        if again:
            self.post_message(self.Clicked())


class EditItems(BaseDialog[Any]):
    """A list or a table of texts, changed item by item; Enter gives all of it, escape None."""

    DEFAULT_CSS = """
    EditItems { align: center middle; background: $background 60%; }
    EditItems .dialog { width: 76; padding: 0 1; }
    EditItems ItemList { max-height: 70vh; background: $surface; }
    EditItems #items-wrong { color: $text-warning; height: auto; margin-top: 1; }
    """
    ACTION_GROUP = "edit_items"
    BINDINGS: ClassVar[list[BindingType]] = bindings("edit_items")

    def __init__(self, setting: Setting, value: Any, glyphs: Glyphs = UNICODE) -> None:
        super().__init__()
        self.setting, self.glyphs = setting, glyphs
        self.names: list[str] = [*value, *(choice for choice in setting.choices if choice not in value)]
        """The items of the list, in its order."""
        self.chosen = set(value)
        """Where only some texts may be in it: those that are."""
        self.texts: dict[str, str] = dict(value) if isinstance(value, Mapping) else {}
        self.list = ItemList(glyphs)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content(self.setting.name)
            yield self.list
            yield Static(id="items-wrong", markup=False)
            yield Static(self._hint(), markup=False, classes="dialog-hint")

    def on_mount(self) -> None:
        self.list.focus()
        self._show()

    def _hint(self) -> str:
        key_of = self.session.key_of
        move = f", {key_of('items_down')} and {key_of('items_up')} move it down and up"
        leave = f"{key_of('items_keep').capitalize()} keeps, {key_of('cancel')} leaves."
        if self.setting.choices:
            return f"{key_of('items_toggle')} puts one in or takes it out{move}. {leave}"
        change = f"{key_of('items_add')} adds, {key_of('items_edit')} changes, {key_of('items_remove')} removes"
        return f"{change}{'' if self.setting.kind == 'table' else move}. {leave}"

    @property
    def items(self) -> Any:
        """The value as it is now, as the setting takes it."""
        if self.setting.kind == "table":
            return {name: self.texts[name] for name in self.names}
        return tuple(name for name in self.names if name in self.chosen or not self.setting.choices)

    def _rows(self) -> Iterable[tuple[str, str, str]]:
        setting = self.setting
        for name in self.names:
            gone = setting.kind == "folders" and not os.path.isdir(name)  # never raises
            note = self.texts.get(name, "") or ("there is no such folder" if gone else "")
            yield self.glyphs.ok if setting.choices and name in self.chosen else "", name, note

    def _show(self, cursor: int | None = None) -> None:
        self.list.show(list(self._rows()), cursor)
        wrong = ""
        try:
            check(self.setting, self.items)
        except SettingsError as error:
            wrong = f"{error}."
        if self.setting.name == "app.keys" and not wrong:
            from pluginary_tui.tui.core.key_check import problems

            wrong = "\n".join(f"{problem}." for problem in problems(self.items)[:WRONG_KEYS])
        line = self.query_one("#items-wrong", Static)
        line.update(Content(wrong))
        line.display = bool(wrong)
        self.refresh_bindings()

    @property
    def _item(self) -> str:
        """The item under the cursor; empty where there is none."""
        return self.list.rows[self.list.cursor][1] if self.list.rows else ""

    def action_context(self) -> ItemsContext:
        return self

    @property
    def fixed(self) -> bool:
        """Whether the items are chosen among fixed texts."""
        return bool(self.setting.choices)

    @property
    def sortable(self) -> bool:
        return self.setting.kind != "table" and len(self.names) > 1

    @property
    def empty(self) -> bool:
        return not self.names

    def on_item_list_clicked(self) -> None:
        if self.setting.choices:
            self.action_switch()
        elif self.names:
            self.action_edit()

    def action_switch(self) -> None:
        self.chosen ^= {self._item}
        self._show()

    def action_add(self) -> None:
        self._ask("Add", "", "")

    def action_edit(self) -> None:
        name = self._item
        self._ask("Change", name, f"{name} = {self.texts[name]}" if self.setting.kind == "table" else name)

    def _ask(self, title: str, old: str, text: str) -> None:
        setting = self.setting
        hints = {
            "folders": "A folder; ~ is your home.",
            "patterns": "A name (Old*.vst3) or a whole path (~/Plugins/broken/*); * and ? stand for anything.",
            "table": "NAME = TEXT",
        }

        def read(typed: str) -> tuple[str, str]:
            name, equals, rest = (part.strip() for part in typed.partition("="))
            if setting.kind == "table":
                if not name or not equals:
                    raise SettingsError("write a name, an equals sign and a text")
                check(setting, {name: rest})
                return name, rest
            others = [each for each in self.names if each != old]
            check(setting, [*others, typed.strip()])
            return typed.strip(), ""

        def done(item: tuple[str, str] | None) -> None:
            if item is None:
                return
            name, rest = item
            if old in self.names:
                place = self.names.index(old)
                self.names[place : place + 1] = [name]
                self.texts.pop(old, None)
            elif name not in self.names:
                self.names.append(name)
            self.names = list(dict.fromkeys(self.names))
            if setting.kind == "table":
                self.texts[name] = rest
            self._show(self.names.index(name))

        hint = f"{hints[setting.kind]} Enter takes it into the list"
        self.services.ask(EditValue(f"{title}: {setting.name}", hint, text, read), done)

    def action_remove(self) -> None:
        name = self._item
        if name in self.names:
            self.names.remove(name)
            self._show()

    def action_shift(self, by: int) -> None:
        """Move the item under the cursor one place on."""
        name = self._item
        if name not in self.names:
            return
        at = self.names.index(name)
        to = max(0, min(at + by, len(self.names) - 1))
        self.names.insert(to, self.names.pop(at))
        self._show(to)

    def action_keep(self) -> None:
        try:
            check(self.setting, self.items)
        except SettingsError:
            self.app.bell()  # what is wrong stands below the list
        else:
            self.dismiss(self.items)

    def action_cancel(self) -> None:
        self.dismiss(None)
