"""The list of all settings, by section, on the Settings screen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from pluginary_tui.config import SETTINGS, Setting, Settings
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.glyphs import UNICODE, Glyphs
from pluginary_tui.tui.settings.setting_details import ORIGINS, SECTIONS, format_value
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.virtual_list import VirtualList, fit

NAME = 2 + max(len(setting.key) for setting in SETTINGS.values())
"""Cells of the column of names."""

ORIGIN = 2 + max(map(len, ORIGINS.values()))
"""Cells of the column that says where a value comes from."""


class SettingsList(VirtualList):
    """Every setting with its value and where that comes from, under the title of its section."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "facets--title",
        "facets--value",
        "facets--count",
        "facets--active",
        "facets--bar",
        "facets--cursor",
        "sheet--bad",
    }
    ACTION_GROUP = "setting_list"
    BINDINGS: ClassVar[list[BindingType]] = bindings("setting_list")

    class Moved(Message):
        """Another setting is under the cursor."""

    class Changing(Message):
        """Change the setting under the cursor."""

        def __init__(self, setting: Setting) -> None:
            super().__init__()
            self.setting = setting

    class Resetting(Message):
        """Give the setting under the cursor its default."""

        def __init__(self, setting: Setting) -> None:
            super().__init__()
            self.setting = setting

    def __init__(self, settings: Settings, glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.settings, self.glyphs = settings, glyphs
        self._rows: list[Setting | str] = []
        for setting in SETTINGS.values():
            if not any(isinstance(row, Setting) and row.section == setting.section for row in self._rows):
                self._rows += [*[""] * bool(self._rows), SECTIONS[setting.section].upper()]
            self._rows.append(setting)

    def on_mount(self) -> None:
        self.rows_changed()

    @property
    def setting(self) -> Setting:
        """The one under the cursor."""
        row = self._rows[self.cursor]
        assert isinstance(row, Setting), "the cursor stands on settings only"
        return row

    def show(self, settings: Settings, glyphs: Glyphs) -> None:
        """Show these values."""
        self.settings, self.glyphs = settings, glyphs
        self.looks_changed()
        self.post_message(self.Moved())

    def row_count(self) -> int:
        return len(self._rows)

    def selectable(self, row: int) -> bool:
        return isinstance(self._rows[row], Setting)

    def draw_row(self, row: int, width: int) -> Iterable[StyledText]:
        what, ellipsis = self._rows[row], self.glyphs.ellipsis
        if isinstance(what, str):
            yield fit(f" {what}", width, ellipsis), self.style_of("facets--title")
            return
        under = "facets--cursor" if row == self.drawn_cursor else ""
        origin = self.settings.origin(what.name).kind
        bar = self.glyphs.cursor if row == self.drawn_cursor and self.has_focus else " "
        yield bar, self.style_of("facets--bar", under)
        from_ = ORIGIN if width >= NAME + ORIGIN + 16 else 0
        name = min(NAME, max(1, width - 1))
        yield fit(f" {what.key}", name, ellipsis), self.style_of("facets--value", under)
        value = width - 1 - name - from_
        look = "facets--count" if origin == "default" else "facets--active"
        yield fit(f" {format_value(self.settings[what.name])}", value, ellipsis), self.style_of(look, under)
        yield fit(f"  {ORIGINS[origin]}", from_, ellipsis), self.style_of("facets--count", under)

    def watch_cursor(self, old: int, new: int) -> None:
        super().watch_cursor(old, new)
        self.post_message(self.Moved())

    def action_change(self) -> None:
        self.post_message(self.Changing(self.setting))

    def action_put_back(self) -> None:
        self.post_message(self.Resetting(self.setting))

    def on_click(self, event: events.Click) -> None:
        again = self.row_at(event.y) == self.cursor
        super().on_click(event)
        if again:
            self.action_change()
