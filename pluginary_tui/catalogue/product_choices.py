"""Products of several formats: grouping plugins, and joining or parting them by hand, which scans keep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from sqlite3 import Connection

from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Plugin
from pluginary_tui.products import formats_of, precedence, product_of


@dataclass(slots=True)
class Product:
    """One product with its plugins, the one that stands for it first."""

    id: str
    plugins: list[Plugin]

    @property
    def formats(self) -> list[str]:
        """The formats in which it is here, each once, that of the plugin that stands for it first."""
        return formats_of(self.plugins)


def products(plugins: Iterable[Plugin], prefer: Sequence[str] = ()) -> list[Product]:
    """The products of these plugins, in the order of the first plugin of each. `prefer`: see `products.precedence`."""
    found: dict[str, list[Plugin]] = {}
    for plugin in plugins:
        found.setdefault(product_of(plugin), []).append(plugin)
    key = precedence(prefer)
    return [Product(id_, sorted(each, key=key)) for id_, each in found.items()]


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
