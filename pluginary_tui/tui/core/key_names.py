"""How the keys of actions are written in texts, with the user's own keys (`app.keys`) taken into account."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual.keys import format_key

from pluginary_tui.tui.core.actions import action

KeyOf = Callable[[str], str]
"""Gives the key of an action by its id, as a text writes it."""


class KeyNames:
    """Names the keys of actions as they are now: the user's in `app.keys`, else the defaults."""

    def __init__(self, overrides: Mapping[str, str], *, ascii_only: bool = False) -> None:
        self._overrides, self._ascii_only = overrides, ascii_only

    def __call__(self, id_: str) -> str:
        """The first key of an action in one word, "no key" where another action has taken it."""
        row, _ = action(id_)
        keys = self.keys(id_)
        if not keys:
            return "no key"
        shown = row.display if row.display and id_ not in self._overrides else key_display(keys[0])
        return shown if shown.isascii() or not self._ascii_only else keys[0]

    def keys(self, id_: str) -> tuple[str, ...]:
        """All keys of an action, as Textual names them or as the user wrote them."""
        if written := self._overrides.get(id_):
            return _split(written)
        row, group = action(id_)
        taken = {key for other in group.rows for key in _split(self._overrides.get(other.id, ""))}
        return tuple(key for key in _split(row.keys) if key not in taken and format_key(key) not in taken)


def default_key(id_: str) -> str:
    """The default key of an action, for texts outside an app."""
    return KeyNames({})(id_)


def key_display(key: str) -> str:
    """A key in one word: `?`, `^p`, `shift+tab`."""
    *modifiers, name = key.split("+") if len(key) > 1 else [key]
    shown = "esc" if name == "escape" else format_key(name)
    if "ctrl" in modifiers:
        modifiers.remove("ctrl")
        shown = f"^{shown}"
    return "+".join([*modifiers, shown])


def _split(keys: str) -> tuple[str, ...]:
    return tuple(key.strip() for key in keys.split(",") if key.strip())
