"""Checks the keys that a person gives to actions in `app.keys`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from textual.keys import Keys, _character_to_key

from pluginary_tui.tui.core.actions import GROUPS, action

_MODIFIERS = ("ctrl", "alt", "shift", "super", "meta", "hyper")
_NAMED = {key.value for key in Keys if not key.value.startswith("<")} | {"space", "pause", "menu"}
_SIGNS = {_character_to_key(chr(code)) for code in range(33, 127)}
"""Names of characters: `slash`."""
_FUNCTION = re.compile(r"f([1-9]|1[0-9]|2[0-4])")

_TOGETHER = {
    "app": tuple(GROUPS),
    "browse": ("app", "list", "facets", "detail", "rows", "query", "nothing_found", "first_run"),
    "scan": ("app", "scan_table"),
    "health": ("app", "failures", "rows"),
    "settings": ("app", "setting_list", "rows"),
}
"""Groups whose keys work at the same time as those of a group."""


def problems(keys: Mapping[str, str]) -> list[str]:
    """What is wrong with `app.keys`, a sentence for each: unknown actions, impossible keys, keys taken from others."""
    found = []
    known = {row.id for group in GROUPS.values() for row in group.rows}
    for id_, written in keys.items():
        if id_ not in known:
            near = get_close_matches(id_, known, 1)
            advice = f'did you mean "{near[0]}"?' if near else "? in the app names them all"
            found.append(f"app.keys.{id_}: there is no action of this name; {advice}")
            continue
        each = [key.strip() for key in written.split(",") if key.strip()]
        if not each:
            found.append(f"app.keys.{id_}: no key is given")
        for key in each:
            if not is_key(key):
                found.append(
                    f'app.keys.{id_}: no terminal sends a key "{key}"; keys are f, F5, ctrl+f, space, question_mark'
                )
        found += _taken(id_, [key for key in each if is_key(key)], keys)
    return found


def is_key(key: str) -> bool:
    """Whether a terminal can send a key of this name."""
    *modifiers, name = key.split("+") if len(key) > 1 else [key]
    if not set(modifiers) <= set(_MODIFIERS) or len(set(modifiers)) < len(modifiers):
        return False
    if len(name) == 1:
        return name.isprintable() and not name.isspace()
    return name in _NAMED or _FUNCTION.fullmatch(name.lower()) is not None or name in _SIGNS


def _taken(id_: str, given: list[str], keys: Mapping[str, str]) -> Iterator[str]:
    """The actions that work at the same time and have one of these keys."""
    seen = set()
    for group_name, group in GROUPS.items():
        if all(row.id != id_ for row in group.rows):
            continue
        for other_group in (group_name, *_TOGETHER.get(group_name, ())):
            for row in GROUPS[other_group].rows:
                if row.id == id_ or row.id in seen or not row.bound or _same_key_by_default(id_, row.id):
                    continue
                others = _keys_of(row.id, keys)
                if both := sorted({_canonical(key) for key in given} & {_canonical(key) for key in others}):
                    seen.add(row.id)
                    left = [key for key in others if _canonical(key) not in both]
                    rest = f"which keeps {', '.join(left)}" if left else "which is then without a key"
                    yield f"app.keys.{id_}: {', '.join(both)} is the key of {row.id} ({row.label.lower()}), {rest}"


def _keys_of(id_: str, keys: Mapping[str, str]) -> list[str]:
    """The keys of an action, which other actions may share."""
    written = keys.get(id_) or action(id_)[0].keys
    return [key.strip() for key in written.split(",") if key.strip()]


def _same_key_by_default(one: str, other: str) -> bool:
    """Whether two actions share a key as delivered: which of them is meant then depends on what is on the screen."""
    default = ({_canonical(key) for key in action(id_)[0].keys.split(",") if key} for id_ in (one, other))
    first, second = default
    return bool(first & second)


def _canonical(key: str) -> str:
    """A key by its name: `?` is `question_mark`."""
    key = key.strip()
    return _character_to_key(key) if len(key) == 1 else key
