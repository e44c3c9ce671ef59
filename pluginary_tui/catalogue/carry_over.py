"""Moves what the user wrote from the id that a plugin had to the one it has. Only inside another's transaction.

An id is live while a plugin with it is on the disk. Each id that a plugin had before leads to the present one by the
table `alias`, unless it is live itself.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from pluginary_tui.catalogue.identity import Sighting, known_as, successor
from pluginary_tui.model import base_id

_LIVE = "SELECT p.id FROM plugin p JOIN bundle b ON b.key = p.bundle WHERE NOT b.missing"

_WITH_DATA = (
    "SELECT id FROM user_plugin UNION SELECT id FROM user_tag"
    " UNION SELECT substr(id, 1, instr(id, '#') - 1) FROM user_preset WHERE id GLOB '[a-z]*/*#*'"
)

_MERGE = """
INSERT INTO user_plugin (id, favourite, hidden, rating, note, uses, used_at)
SELECT :target, favourite, hidden, rating, note, uses, used_at FROM user_plugin WHERE id = :source
ON CONFLICT (id) DO UPDATE SET favourite = max(favourite, excluded.favourite), hidden = max(hidden, excluded.hidden),
    rating = max(rating, excluded.rating), uses = max(uses, excluded.uses), used_at = max(used_at, excluded.used_at),
    note = :note
"""

_WRITTEN = "SELECT id, favourite, tags FROM user_preset"
_PROGRAMS = "id >= :id || '#' AND id < :id || '$'"
"""The programs of a plugin: its id, a # and the program's name; $ is the character after #."""

_IS_WRITTEN = f"""
SELECT EXISTS (SELECT 1 FROM user_tag WHERE id = :id)
    OR EXISTS (SELECT 1 FROM user_plugin WHERE id = :id AND (favourite OR hidden OR rating OR note <> ''))
    OR EXISTS (SELECT 1 FROM user_preset WHERE {_PROGRAMS})
"""


def is_written(db: sqlite3.Connection, id_: str) -> bool:
    """Whether the user wrote anything about this id."""
    return bool(db.execute(_IS_WRITTEN, {"id": id_}).fetchone()[0])


def merge(db: sqlite3.Connection, source: str, target: str) -> None:
    """Add what is written about `source` to `target`, and take nothing from either.

    A favourite or hidden plugin stays one, the higher rating counts, tags and notes are joined. The same again changes
    nothing.
    """
    notes: dict[str, str] = dict(db.execute("SELECT id, note FROM user_plugin WHERE id IN (?, ?)", (source, target)))
    note = _joined(notes.get(target, ""), notes.get(source, ""))
    db.execute(_MERGE, {"source": source, "target": target, "note": note})
    db.execute("INSERT OR IGNORE INTO user_tag SELECT ?, tag FROM user_tag WHERE id = ?", (target, source))
    for id_, favourite, tags in db.execute(f"{_WRITTEN} WHERE {_PROGRAMS}", {"id": source}).fetchall():
        program = target + id_[len(source) :]
        known = db.execute(f"{_WRITTEN} WHERE id = ?", (program,)).fetchone() or (program, 0, "")
        both = " ".join(sorted({*known[2].split(), *tags.split()}))
        db.execute(
            "INSERT OR REPLACE INTO user_preset (id, favourite, tags) VALUES (?, ?, ?)",
            (program, max(favourite, known[1]), both),
        )
    db.execute(
        "INSERT OR IGNORE INTO product_choice SELECT ?, product FROM product_choice WHERE id = ?", (target, source)
    )


def _joined(first: str, second: str) -> str:
    """Both notes, without the lines of the second one that the first one has."""
    if not first or not second:
        return first or second
    have = first.split("\n")
    return "\n".join([*have, *(line for line in second.split("\n") if line not in have)])


def move(db: sqlite3.Connection, old: str, new: str) -> bool:
    """The plugin with the id `old` has the id `new` from now on. Returns whether anything was written about it."""
    written = is_written(db, old)
    merge(db, old, new)
    db.execute("DELETE FROM user_plugin WHERE id = ?", (old,))
    db.execute("DELETE FROM user_tag WHERE id = ?", (old,))
    db.execute(f"DELETE FROM user_preset WHERE {_PROGRAMS}", {"id": old})
    db.execute("DELETE FROM product_choice WHERE id = ?", (old,))
    db.execute("DELETE FROM alias WHERE id = ?", (new,))
    db.execute("UPDATE alias SET target = ? WHERE target = ?", (new, old))
    db.execute("INSERT OR REPLACE INTO alias (id, target) VALUES (?, ?)", (old, new))
    return written


def present_ids(db: sqlite3.Connection, ids: Iterable[str]) -> list[str]:
    """The ids under which to write about these: the present one where no plugin has an id any more."""
    given = list(ids)
    rows = db.execute(
        "SELECT id, target FROM alias WHERE id IN (SELECT value FROM json_each(?))"
        " AND id NOT IN (SELECT id FROM plugin)",
        (json.dumps(given),),
    )
    present = dict(rows.fetchall())
    return [present.get(id_, id_) for id_ in given] if present else given


def give_back(db: sqlite3.Connection, ids: Iterable[str]) -> int:
    """To be called with ids that are live: those that were not before get what was carried away from them.

    A plugin that it was carried to and that is there as well keeps a copy: which of the two it was meant for cannot be
    known. Returns the number of plugins that got something.
    """
    count = 0
    for id_ in ids:
        row = db.execute("SELECT target FROM alias WHERE id = ?", (id_,)).fetchone()
        if row is None:
            continue
        (target,) = row
        db.execute("DELETE FROM alias WHERE id = ?", (id_,))
        count += is_written(db, target)
        if _is_live(db, target):
            merge(db, target, id_)
        else:
            move(db, target, id_)
    return count


def carry_over(db: sqlite3.Connection, bundle: int, left: Sequence[Sighting], new: Collection[str]) -> int:
    """Let what is written follow the plugins of a bundle whose rows have just been replaced.

    `left`: its plugins that are no longer in it, `new`: ids that the catalogue did not know. A plugin that it knew only
    takes over from a bundle that could not be read. Returns the number of plugins whose data were carried over.
    """
    again = db.execute(
        "SELECT DISTINCT id FROM plugin WHERE bundle = ? AND id IN (SELECT id FROM alias)", (bundle,)
    ).fetchall()
    count = give_back(db, [id_ for (id_,) in again])
    if not left:
        return count
    there = list(_sightings(db, f"WHERE b.key = {bundle:d}", new))
    fresh = [each for each in there if each.new]
    for each in {each.id: each for each in left}.values():
        target = successor(each, fresh if each.uid else there)
        if target and not _is_live(db, each.id):
            count += move(db, each.id, target)
    return count


def settle(db: sqlite3.Connection, new: Collection[str]) -> int:
    """Let what is written about ids without a plugin on the disk follow, once all plugins on the disk are known.

    This finds the plugins that `carry_over` does not see, which looks at one bundle: one that was moved and renamed, a
    new version that was installed beside the old one, data of an import or a restored file. Before all are known, an id
    may be absent only because its bundle has yet to be read, and what belongs to two plugins of one name would be
    mixed. `new` as for `carry_over`. Returns the number of plugins whose data were carried over.
    """
    count = give_back(db, [id_ for (id_,) in db.execute(f"SELECT id FROM alias INTERSECT {_LIVE}").fetchall()])
    gone = [id_ for (id_,) in db.execute(f"SELECT id FROM ({_WITH_DATA}) EXCEPT {_LIVE}").fetchall()]
    if not gone:
        return count
    classes, names, live = defaultdict(list), defaultdict(list), set()
    for each in _sightings(db, "WHERE NOT b.missing", new):
        live.add(each.id)
        names[each.base].append(each)
        if each.uid:
            classes[each.uid].append(each)
    moved = True
    while moved:  # an id may lead to one that moves only now
        moved = False
        for id_ in list(gone):
            known = known_as(db, id_)
            listed = db.execute("SELECT 1 FROM plugin WHERE id = ? LIMIT 1", (id_,)).fetchone()
            # A missing plugin may come back: one of its name that was there beside it is another one.
            candidates = [*classes[known.uid], *(each for each in names[known.base] if each.new or not listed)]
            alias = db.execute("SELECT target FROM alias WHERE id = ?", (id_,)).fetchone()
            target = alias[0] if alias and alias[0] in live else successor(known, candidates)
            if target:
                count += move(db, id_, target)
                gone.remove(id_)
                moved = True
    return count


def _sightings(db: sqlite3.Connection, where: str, new: Collection[str]) -> Iterator[Sighting]:
    rows = db.execute(
        "SELECT p.id, b.format, p.vendor, p.name, p.uid, b.path, count(*) OVER (PARTITION BY b.key) = 1"
        f" FROM plugin p JOIN bundle b ON b.key = p.bundle {where}"
    ).fetchall()
    for id_, format_, vendor, name, uid, path, alone in rows:
        yield Sighting(id_, base_id(format_, vendor, name), uid, path, bool(alone), id_ in new)


def _is_live(db: sqlite3.Connection, id_: str) -> bool:
    return db.execute(f"{_LIVE} AND p.id = ? LIMIT 1", (id_,)).fetchone() is not None
