"""What the app remembers from one session to the next: the query, and the layout of its panes."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pluginary_tui.atomic_file import write_whole
from pluginary_tui.config import SETTINGS, check
from pluginary_tui.errors import SettingsError
from pluginary_tui.plugin_fields import COLUMNS
from pluginary_tui.safe_open import read_bytes

FILE_NAME = "state.json"

SIZE_LIMIT = 1_000_000

PANES = ("facets", "detail")
"""The panes at the sides, which can be closed and made wider."""

HISTORY = 200
"""Queries that are remembered."""

WIDTHS = (12, 120)
"""Least and most cells of a pane at the side."""

COLUMN_WIDTHS = (3, 120)
"""Least and most cells of a column of the list."""


@dataclass(slots=True)
class State:
    """The remembered state. It is kept beside the catalogue and not in the settings, as it is not for editing.

    A choice made in the app wins over the setting until somebody changes that setting.
    """

    query: str = ""
    history: list[str] = field(default_factory=list)
    """Queries that were left, the newest last."""
    widths: dict[str, int] = field(default_factory=dict)
    """Cells of the panes that were made wider or narrower."""
    column_widths: dict[str, int] = field(default_factory=dict)
    """Cells of the columns of the list whose border was dragged."""
    away: dict[str, bool] = field(default_factory=dict)
    """Whether a pane was closed (true) or opened (false) by the user."""
    choices: dict[str, list[Any]] = field(default_factory=dict)
    """By the setting's name: what it was when another value was chosen, and that value."""

    def chosen(self, name: str, setting: Any) -> Any:
        """The value to use instead of the setting `name` (`browse.sort`), which itself is `setting`."""
        before, value = self.choices.get(name) or (None, None)
        if value is None or before != _plain(setting):
            return setting
        try:
            return check(SETTINGS[name], value)
        except (KeyError, SettingsError):  # written by another version
            return setting

    def choose(self, name: str, setting: Any, value: Any) -> None:
        """Use `value` from now on instead of the setting `name`, which itself is `setting`."""
        self.choices[name] = [_plain(setting), _plain(value)]

    def remember(self, query: str) -> None:
        """Put a query at the end of the history."""
        if query := query.strip():
            self.history = [*(text for text in self.history if text != query), query][-HISTORY:]

    @classmethod
    def load(cls, data_dir: Path) -> State:
        """The state as saved; whatever cannot be read or is not valid is left out."""
        state = cls()
        try:
            kept = json.loads(read_bytes(data_dir / FILE_NAME, SIZE_LIMIT))
        except (OSError, ValueError, RecursionError):
            return state
        if not isinstance(kept, dict):
            return state
        query, widths, away, choices = (kept.get(name) for name in ("query", "widths", "away", "choices"))
        if isinstance(query, str) and query.isprintable():
            state.query = query
        if isinstance(history := kept.get("history"), list):
            state.history = [text for text in history if isinstance(text, str) and text.isprintable()][-HISTORY:]
        if isinstance(widths, dict):
            state.widths = {pane: within(width) for pane, width in widths.items() if pane in PANES and _number(width)}
        if isinstance(cells := kept.get("column_widths"), dict):
            numbers = {name: width for name, width in cells.items() if name in COLUMNS and _number(width)}
            state.column_widths = {name: within(width, COLUMN_WIDTHS) for name, width in numbers.items()}
        if isinstance(away, dict):
            state.away = {pane: put for pane, put in away.items() if pane in PANES and isinstance(put, bool)}
        if isinstance(choices, dict):
            state.choices = {name: two for name, two in choices.items() if isinstance(two, list) and len(two) == 2}
        return state

    def save(self, data_dir: Path) -> None:
        """Write it whole or not at all. Errors are ignored: the app then opens as its settings say."""
        with contextlib.suppress(OSError):
            text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
            write_whole(data_dir / FILE_NAME, text.encode("utf-8", "replace"))


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def within(width: int, limits: tuple[int, int] = WIDTHS) -> int:
    """The nearest width that is allowed: of a pane at the side, or within other limits."""
    return max(limits[0], min(limits[1], width))
