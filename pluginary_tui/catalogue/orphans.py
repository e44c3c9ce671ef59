"""What the user wrote about ids that no plugin of the catalogue has: listed, given to a plugin, or dropped."""

from __future__ import annotations

from difflib import get_close_matches
from typing import NamedTuple

from pluginary_tui.catalogue.carry_over import move
from pluginary_tui.catalogue.database import readable_errors
from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import NotFoundError
from pluginary_tui.model import Plugin, clean

_ORPHANS = """
SELECT id, coalesce(favourite, 0), coalesce(hidden, 0), coalesce(rating, 0), coalesce(note, '')
FROM (SELECT id FROM user_plugin WHERE favourite OR hidden OR rating OR note <> '' UNION SELECT id FROM user_tag)
LEFT JOIN user_plugin USING (id)
WHERE id NOT IN (SELECT id FROM plugin) ORDER BY id
"""


class Orphan(NamedTuple):
    """What the user wrote about an id without a plugin."""

    id: str
    favourite: bool
    hidden: bool
    rating: int
    note: str
    tags: tuple[str, ...]


def orphans(store: Store) -> list[Orphan]:
    """All orphans, by id."""
    with readable_errors(store.path):
        rows = store.db.execute(_ORPHANS).fetchall()
        tags: dict[str, tuple[str, ...]] = {}
        for id_, tag in store.db.execute(
            "SELECT id, tag FROM user_tag WHERE id NOT IN (SELECT id FROM plugin) ORDER BY tag"
        ):
            tags[id_] = (*tags.get(id_, ()), tag)
    return [
        Orphan(id_, bool(favourite), bool(hidden), rating, note, tags.get(id_, ()))
        for id_, favourite, hidden, rating, note in rows
    ]


def give_orphan(store: Store, old: str, new: str) -> Plugin:
    """Add what is written about `old` to the plugin with the id `new`, which `old` finds from now on; returns it.

    Raises NotFoundError where one of them does not exist.
    """
    _check(store, old)
    copies = store.copies(new)
    if not copies:
        near = get_close_matches(new, {plugin.id for plugin in store.plugins()}, 1)
        hint = f"did you mean {near[0]}?" if near else "'pluginary-tui list' prints the ids there are."
        raise NotFoundError(f"There is no plugin {clean(new)}; {hint}")
    with store.writing_for_user() as db:
        move(db, old, copies[0].id)
    return copies[0]


def drop_orphan(store: Store, id_: str) -> None:
    """Delete what is written about an id without a plugin. Raises NotFoundError where there is nothing."""
    _check(store, id_)
    with store.writing_for_user() as db:
        db.execute("DELETE FROM user_plugin WHERE id = ?", (id_,))
        db.execute("DELETE FROM user_tag WHERE id = ?", (id_,))


def _check(store: Store, id_: str) -> None:
    if all(orphan.id != id_ for orphan in orphans(store)):
        raise NotFoundError(f"There is no orphan {clean(id_)}; 'pluginary-tui orphans' lists them.")
