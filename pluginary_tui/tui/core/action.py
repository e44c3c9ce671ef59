"""What a row of the table of actions holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pluginary_tui.tui.core import action_rules as rules

Rule = Callable[[Any], str]
"""Takes the context of its group (see action_rules); gives "" or the reason why the action is not possible."""


@dataclass(frozen=True, slots=True)
class Action:
    """One row."""

    id: str
    keys: str
    """Default keys as Textual names them, separated by commas; empty for what only the command palette offers."""
    do: str
    """The action as Textual runs it on the node of its group."""
    label: str
    rule: Rule = rules.always
    footer: bool = True
    """Whether the last line of the screen shows it."""
    display: str = ""
    """How the default key is written, where Textual's own way is not wanted."""
    about: str = ""
    """A sentence on what it does."""
    silent: bool = False
    """Whether its key, pressed while the action is not possible, does not say why: the key may mean something else."""
    priority: bool = False
    words: Callable[[Any], rules.Words] | None = None
    """Label and note in the action menu, where they depend on the context."""
    single: bool = False
    """Whether it is about the plugin under the cursor, whatever is marked."""
    on_marked: bool = False
    """Whether it is about all marked plugins; a question comes first where some of them are not in the list."""
    bound: bool = True
    """Whether its keys work outside the action menu."""


@dataclass(frozen=True, slots=True)
class Group:
    """The actions of one class of nodes."""

    title: str
    """Heading in the key help."""
    rows: tuple[Action, ...]


def action(id_: str, keys: str, do: str, label: str, rule: Rule = rules.always, **more: Any) -> Action:
    """A row of the table."""
    return Action(id_, keys, do, label, rule, **more)


def quiet(id_: str, keys: str, do: str, label: str, rule: Rule = rules.always, **more: Any) -> Action:
    """A row that the footer leaves out."""
    return Action(id_, keys, do, label, rule, footer=False, **more)
