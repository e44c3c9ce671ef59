"""Products of several formats: grouping plugins, and the joins and splits that a person made, which scans keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pluginary_tui.catalogue.database import readable_errors
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
    with readable_errors(store.path):
        (product,) = store.db.execute("SELECT product FROM plugin WHERE id = ? LIMIT 1", (ids[0],)).fetchone()
    choose(store, dict.fromkeys(ids, str(product)))
    return str(product)


def part(store: Store, id_: str) -> str:
    """Make a plugin a product of its own. Returns the product's name. Raises CatalogueError."""
    choose(store, {id_: id_})
    return id_


def as_named(store: Store, ids: Iterable[str]) -> None:
    """Forget what was joined and parted: these plugins belong together by vendor and name again."""
    choose(store, dict.fromkeys(ids))


def choices(store: Store, ids: Iterable[str]) -> dict[str, str | None]:
    """The products that these plugins were given by hand; None where vendor and name decide. Raises CatalogueError."""
    with readable_errors(store.path):
        chosen = dict(store.db.execute("SELECT id, product FROM product_choice"))
    return {id_: chosen.get(id_) for id_ in ids}


def choose(store: Store, products: Mapping[str, str | None]) -> None:
    """Give plugins (by id) their products; None leaves it to vendor and name. Raises CatalogueError."""
    with store.writing_for_user() as db:
        for id_, product in products.items():
            if product is None:
                db.execute("DELETE FROM product_choice WHERE id = ?", (id_,))
                db.execute("UPDATE plugin SET product = product_id(vendor, name) WHERE id = ?", (id_,))
            else:
                db.execute("INSERT OR REPLACE INTO product_choice (id, product) VALUES (?, ?)", (id_, product))
                db.execute("UPDATE plugin SET product = ? WHERE id = ?", (product, id_))
