"""Products of several formats: grouping plugins, and the joins and splits that a person made, which scans keep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from sqlite3 import Connection

from pluginary_tui.catalogue.store import Store
from pluginary_tui.formats import FORMAT_NAMES
from pluginary_tui.model import MISSING, Outcome, Plugin


@dataclass(slots=True)
class Product:
    """One product with its plugins, the one that stands for it first."""

    id: str
    plugins: list[Plugin]

    @property
    def formats(self) -> list[str]:
        """The formats in which it is here, each once, that of the plugin that stands for it first."""
        return list(dict.fromkeys(plugin.format for plugin in self.plugins))


def products(plugins: Iterable[Plugin], prefer: Sequence[str] = ()) -> list[Product]:
    """The products of these plugins, in the order of the first plugin of each.

    `prefer`: names of formats; what works stands before what does not, then the formats in this order, then those that
    are not named in the order of `formats.FORMATS`.
    """
    order = {name: at for at, name in enumerate(dict.fromkeys((*prefer, *FORMAT_NAMES)))}
    found: dict[str, list[Plugin]] = {}
    for plugin in plugins:
        found.setdefault(plugin.product or plugin.id, []).append(plugin)

    def worth(plugin: Plugin) -> tuple[bool, bool, int]:
        return plugin.status == MISSING, plugin.status != Outcome.OK, order.get(plugin.format, len(order))

    return [Product(id_, sorted(each, key=worth)) for id_, each in found.items()]


def join(store: Store, ids: Sequence[str]) -> str:
    """Make these plugins one product, that of the first. Returns its name. Raises CatalogueError."""
    with store.writing_for_user() as db:
        (product,) = db.execute("SELECT product FROM plugin WHERE id = ? LIMIT 1", (ids[0],)).fetchone()
        for id_ in ids:
            _choose(db, id_, product)
    return str(product)


def part(store: Store, id_: str) -> str:
    """Make a plugin a product of its own. Returns the product's name. Raises CatalogueError."""
    with store.writing_for_user() as db:
        _choose(db, id_, id_)
    return id_


def as_named(store: Store, ids: Iterable[str]) -> None:
    """Forget what was joined and parted: these plugins belong together by vendor and name again."""
    with store.writing_for_user() as db:
        for id_ in ids:
            db.execute("DELETE FROM product_choice WHERE id = ?", (id_,))
            db.execute("UPDATE plugin SET product = product_id(vendor, name) WHERE id = ?", (id_,))


def _choose(db: Connection, id_: str, product: str) -> None:
    db.execute("INSERT OR REPLACE INTO product_choice (id, product) VALUES (?, ?)", (id_, product))
    db.execute("UPDATE plugin SET product = ? WHERE id = ?", (product, id_))
