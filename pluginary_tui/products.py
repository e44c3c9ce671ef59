"""One product in several formats: which plugins are the same thing, recognised by vendor and name alone.

A product's name is `<maker>/<title>`, slugged: the vendor without a format, a legal form or an address, and the name
without its maker and a format. "LSP Gate Stereo" by "LSP LV2" and "Gate Stereo" by "LSP VST3" are `lsp/gate-stereo`.
What makes another product (Mono, Stereo, x8, a version) stays in the title.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from pluginary_tui.formats import FORMAT_NAMES, LOADABLE
from pluginary_tui.model import MISSING, Outcome, Plugin, slug

_FORMAT = r"(?:vst\s?[23]?(?:\.\d)?|vst3i|clap|lv2|ladspa|dssi|aax|audio\s?units?|auv[23]|au)"
_ADDRESS = r"[^<>()\[\]]*(?:@|\bat\b|https?:|www\.)[^<>()\[\]]*"
_BITS = r"(?:x64|x86_64|64[ -]?bits?|amd64|arm64)"
RULES = (
    re.compile(rf"\s*[<(\[]{_ADDRESS}[>)\]]|\s*https?://\S+|\s+\S+@\S+"),
    re.compile(rf"\s*[(\[]\s*{_FORMAT}(?:\s+{_FORMAT})*\s*[)\]]\s*$", re.IGNORECASE),
    re.compile(rf"(?<=\S)[\s_\-:]+{_FORMAT}\s*$", re.IGNORECASE),
    re.compile(rf"[\s_\-]*[(\[]?(?<![^\W_]){_BITS}\b[)\]]?\s*$", re.IGNORECASE),
)
"""What is taken out of vendors and names until nothing changes: addresses, formats in brackets and at the end, bits."""

_FORMS = r"inc|ltd|llc|gmbh|ag|kg|s\.?r\.?l|s\.?a|b\.?v|ab|oy|co|corp|corporation|limited|pty"
_LEGAL = re.compile(rf",?\s+(?:{_FORMS})\.?$", re.IGNORECASE)
"""A legal form at the end of a vendor."""

_EMPTY = re.compile(r"[\W_]*")


def maker(vendor: str) -> str:
    """The vendor without what differs between formats of one product.

    >>> maker("LSP VST3"), maker("Steve Harris <steve@plugin.org.uk>"), maker("Acme Audio, Inc.")
    ('LSP', 'Steve Harris', 'Acme Audio')
    """
    return _without(_LEGAL, _stripped(vendor)) or vendor


def title(name: str, vendor: str) -> str:
    """The name without its maker at the beginning and a format at the end.

    >>> title("LSP Gate Stereo", "LSP LV2"), title("Gate Stereo", "LSP VST3"), title("Surge XT (CLAP)", "Surge")
    ('Gate Stereo', 'Gate Stereo', 'Surge XT')
    """
    found = _stripped(name) or name
    by = maker(vendor)
    rest = found[len(by) :]
    if len(by) > 2 and found.casefold().startswith(by.casefold()) and rest[:1] in tuple(" :-_|"):
        rest = rest.lstrip(" :-_|")
        if re.search(r"[^\W\d_]{2}", rest):  # a number alone names a product with its maker: "Calf 3"
            return rest
    return found


_ORDER = {name: at for at, name in enumerate(sorted(FORMAT_NAMES, key=lambda name: name not in LOADABLE))}
"""Formats in the order in which plugins of one name are listed: first what pedalboard loads."""


def format_order(format_: str) -> int:
    """The place of a format among those of one product: first those that pedalboard loads."""
    return _ORDER.get(format_, len(_ORDER))


def usable_first(plugin: Plugin) -> tuple[bool, int]:
    """Sorts plugins of one name: what pedalboard can load before what it cannot, whose snippet nobody could use.

    >>> usable_first(Plugin("a", "A", format="vst3")) < usable_first(Plugin("b", "A", format="clap"))
    True
    """
    return plugin.loads is False, format_order(plugin.format)


@lru_cache(maxsize=1 << 17)
def product_id(vendor: str, name: str) -> str:
    """The product of a plugin of this vendor and name."""
    return f"{slug(maker(vendor))}/{slug(title(name, vendor))}"


def product_of(plugin: Plugin) -> str:
    """The product of a plugin; one that belongs to none is its own."""
    return plugin.product or plugin.id


def precedence(prefer: Sequence[str] = ()) -> Callable[[Plugin], tuple[bool, bool, int, bool, int]]:
    """A sort key for the plugins of one product: the one that stands for the product comes first.

    `prefer`: names of formats. What works comes before what does not, then the formats in this order, then the others
    as `usable_first` says.
    """
    order = {name: at for at, name in enumerate(prefer)}
    last = len(order)

    def key(plugin: Plugin) -> tuple[bool, bool, int, bool, int]:
        works = plugin.status == Outcome.OK
        return plugin.status == MISSING, not works, order.get(plugin.format, last), *usable_first(plugin)

    return key


def several_formats(plugins: Iterable[Plugin], prefer: Sequence[str] = ()) -> dict[str, list[Plugin]]:
    """The products that have more than one plugin, each in the order of `precedence`."""
    found: dict[str, list[Plugin]] = {}
    for plugin in plugins:
        found.setdefault(product_of(plugin), []).append(plugin)
    key = precedence(prefer)
    return {product: sorted(each, key=key) for product, each in found.items() if len(each) > 1}


def formats_of(plugins: Iterable[Plugin]) -> list[str]:
    """The formats that a product is here in, each once, in the order of its plugins; all where all of them are gone."""
    plugins = list(plugins)
    here = [plugin for plugin in plugins if plugin.status != MISSING]
    return list(dict.fromkeys(plugin.format for plugin in here or plugins))


def one_of_each(plugins: Iterable[Plugin], prefer: Sequence[str] = ()) -> list[Plugin]:
    """Of each product the plugin that stands for it among these, as in `precedence`; in the order of the products."""
    key = precedence(prefer)
    best: dict[str, Plugin] = {}
    for plugin in plugins:
        product = product_of(plugin)
        best[product] = min(best.get(product, plugin), plugin, key=key)
    return [*best.values()]


def measured_as(plugins: Iterable[Plugin], catalogue: Iterable[Plugin], fits: Callable[[Plugin], bool]) -> list[Plugin]:
    """The plugins, each that does not fit replaced by one of its product that does, where there is one.

    `catalogue`: all plugins; `fits`: whether a plugin can be measured.
    """
    plugins = list(plugins)
    wanted = {product_of(plugin) for plugin in plugins if not fits(plugin)}
    instead: dict[str, Plugin] = {}
    for plugin in filter(fits, catalogue if wanted else ()):
        if (product := product_of(plugin)) in wanted:
            instead[product] = min(instead.get(product, plugin), plugin, key=usable_first)
    chosen = (plugin if fits(plugin) else instead.get(product_of(plugin), plugin) for plugin in plugins)
    return list({plugin.key: plugin for plugin in chosen}.values())


def tags_of(plugins: Iterable[Plugin]) -> list[str]:
    """The tags that any of these plugins has."""
    return sorted({tag for plugin in plugins for tag in plugin.tags})


def noted(plugins: Sequence[Plugin]) -> str:
    """The note that is shown of a product: the first that one of its plugins has."""
    return next((plugin.note for plugin in plugins if plugin.note), "")


def are_favourites(plugins: Sequence[Plugin], *, products: bool) -> bool:
    """Whether all of them are favourites; with `products`, whether each of their products has one that is."""
    if not products:
        return all(plugin.favourite for plugin in plugins)
    return {product_of(plugin) for plugin in plugins} == {product_of(plugin) for plugin in plugins if plugin.favourite}


def _stripped(text: str) -> str:
    for _ in range(4):
        before = text
        for pattern in RULES:
            text = _without(pattern, text)
        if text == before:
            break
    return text.strip()


def _without(pattern: re.Pattern[str], text: str) -> str:
    rest = pattern.sub("", text)
    return text if _EMPTY.fullmatch(rest) else rest
