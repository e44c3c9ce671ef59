"""The list of all settings, by section, on the Settings screen."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from pluginary_tui.config import SETTINGS, Setting, Settings
from pluginary_tui.tui.core.actions import bindings
from pluginary_tui.tui.core.glyphs import UNICODE, Glyphs
from pluginary_tui.tui.settings.setting_details import ORIGINS, SECTIONS, format_value
from pluginary_tui.tui.widgets.styled_line import StyledText
from pluginary_tui.tui.widgets.titled_list import TitledList, titled
from pluginary_tui.tui.widgets.virtual_list import fit

NAME = 2 + max(len(setting.key) for setting in SETTINGS.values())
"""Cells of the column of names."""

ORIGIN = 2 + max(map(len, ORIGINS.values()))
"""Cells of the column that says where a value comes from."""


class SettingsList(TitledList[Setting]):
    """Every setting with its value and where that comes from, under the title of its section."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"facets--active"}
    ACTION_GROUP = "setting_list"
    BINDINGS: ClassVar[list[BindingType]] = bindings("setting_list")

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
        super().__init__(glyphs, id=id)
        self.settings = settings
        sections = groupby(SETTINGS.values(), key=lambda each: each.section)
        self.rows = titled((SECTIONS[section].upper(), list(members)) for section, members in sections)

    def on_mount(self) -> None:
        self.rows_changed()

    @property
    def setting(self) -> Setting:
        """The one under the cursor."""
        assert self.chosen is not None, "the cursor stands on settings only"
        return self.chosen

    def show(self, settings: Settings, glyphs: Glyphs) -> None:
        """Show these values."""
        self.settings, self.glyphs = settings, glyphs
        self.looks_changed()
        self.post_message(self.Moved())

    def draw_item(self, item: Setting, width: int, under: str) -> Iterable[StyledText]:
        ellipsis = self.glyphs.ellipsis
        origin = self.settings.origin(item.name).kind
        from_ = ORIGIN if width >= NAME + ORIGIN + 15 else 0
        name = min(NAME, max(1, width))
        yield fit(f" {item.key}", name, ellipsis), self.style_of("facets--value", under)
        value = width - name - from_
        look = "facets--count" if origin == "default" else "facets--active"
        yield fit(f" {format_value(self.settings[item.name])}", value, ellipsis), self.style_of(look, under)
        yield fit(f"  {ORIGINS[origin]}", from_, ellipsis), self.style_of("facets--count", under)

    def action_change(self) -> None:
        self.post_message(self.Changing(self.setting))

    def action_put_back(self) -> None:
        self.post_message(self.Resetting(self.setting))

    def action_open(self) -> None:
        self.action_change()
