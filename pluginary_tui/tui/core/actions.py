"""Every action of the app, once: its id, keys, words, and the rule that says when it is possible.

`bindings` makes a class's BINDINGS of these rows, `Guarded.check_action` applies their rules, and the action menu, the
command palette, the key help and every text that names a key read them. An id is what users give another key to in
`app.keys`, so it never changes.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.actions import parse
from textual.binding import Binding, BindingType

from pluginary_tui.tui.core.action import Action as Action
from pluginary_tui.tui.core.action import Group as Group
from pluginary_tui.tui.core.action import Rule as Rule
from pluginary_tui.tui.core.action_table import ACTION_MENU as ACTION_MENU
from pluginary_tui.tui.core.action_table import GROUPS as GROUPS

_BY_ID = {row.id: (row, group) for group in reversed(list(GROUPS.values())) for row in group.rows}
_BY_ACTION = {
    (name, *parse(row.do)[1:]): row for name, group in reversed(list(GROUPS.items())) for row in reversed(group.rows)
}


def bindings(group: str) -> list[BindingType]:
    """The BINDINGS of a class."""
    return [
        Binding(
            row.keys,
            row.do,
            row.label,
            show=row.footer,
            key_display=row.display or None,
            priority=row.priority,
            tooltip=row.about,
            id=row.id,
        )
        for row in GROUPS[group].rows
        if row.bound and row.keys
    ]


def action(id_: str) -> tuple[Action, Group]:
    """The row with this id and its group; of several the ones of the first group. Raises KeyError."""
    return _BY_ID[id_]


def find(group: str, name: str, parameters: Sequence[object] = ()) -> Action | None:
    """The row of a group that runs `name` with these parameters."""
    return _BY_ACTION.get((group, name, tuple(parameters)))
