"""The presets that a CLAP's preset-discovery factory tells of. Runs only in a process of its own."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from typing import Any, NamedTuple

from pluginary_tui.scan.readers import clap_interfaces as clap
from pluginary_tui.scan.readers.clap_host import NAME
from pluginary_tui.scan.readers.sequence import PROGRAM_LIMIT, counted

PROVIDER_LIMIT = 64
PRESET_LIMIT = 16_384
"""Presets of one bundle that are listed at most."""
FILE_LIMIT = 4_096
"""Files that are looked into."""
DEPTH_LIMIT = 8
TEXT_LIMIT = 64
"""Authors and features of one preset that are kept."""
TEXTS_SHOWN = 4


class FilePreset(NamedTuple):
    """A preset in a file, for one plugin. Texts are not made safe."""

    uid: str
    """Id of the plugin."""
    name: str
    path: str
    key: str
    """Which one it is where a file holds several: what a host gives the plugin to load it."""
    category: str
    author: str


class _Open:
    """A preset that is being preset."""

    def __init__(self, name: str, key: str, place: bytes | None) -> None:
        self.name, self.key, self.place = name, key, place
        self.plugins: list[bytes] = []
        self.authors: list[str] = []
        self.features: list[str] = []


class _Search:
    """One provider at work: what it declares, and the presets that it tells of."""

    def __init__(self) -> None:
        self.presets: list[_Open] = []
        self.extensions: list[str] = []
        self.locations: list[tuple[int, bytes | None]] = []
        self.place: bytes | None = None
        """What it is asked about."""
        self.indexer = clap.Indexer(
            clap.VERSION,
            NAME,
            NAME,
            b"",
            b"1",
            None,
            clap.Declares(self._declare_filetype),
            clap.Declares(self._declare_location),
            clap.Declares(lambda indexer, pack: True),
            clap.GivesAddress(lambda indexer, name: None),
        )
        own: dict[str, Any] = {
            "begin_preset": self._begin_preset,
            "add_plugin_id": self._add_plugin_id,
            "add_creator": lambda receiver, text: self._add("authors", text),
            "add_feature": lambda receiver, text: self._add("features", text),
        }
        fields: dict[str, Any] = {name: kind for name, kind, *_ in clap.Receiver._fields_}
        self.receiver = clap.Receiver(
            None, *(kind(own.get(name, lambda *ignored: None)) for name, kind in list(fields.items())[1:])
        )

    def _declare_filetype(self, indexer: int, address: int) -> bool:
        extension = clap.FileType.from_address(address).extension if address else None
        self.extensions.append("." + _text(extension).lstrip(".") if extension else "")
        return True

    def _declare_location(self, indexer: int, address: int) -> bool:
        if address and len(self.locations) < PROVIDER_LIMIT:
            place = clap.Location.from_address(address)
            self.locations.append((place.kind, place.location))
        return True

    def _begin_preset(self, receiver: int, name: bytes | None, load_key: bytes | None) -> bool:
        if len(self.presets) >= PRESET_LIMIT:
            return False
        self.presets.append(_Open(_text(name) or _text(load_key), _text(load_key), self.place))
        return True

    def _add_plugin_id(self, receiver: int, address: int) -> None:
        named = clap.UniversalId.from_address(address) if address else None
        if named is not None and named.abi == b"clap" and named.id and self.presets:
            plugins = self.presets[-1].plugins
            if len(plugins) < PROVIDER_LIMIT:
                plugins.append(named.id)

    def _add(self, what: str, text: bytes | None) -> None:
        texts = getattr(self.presets[-1], what) if self.presets and text else None
        if texts is not None and len(texts) < TEXT_LIMIT:
            texts.append(_text(text))


def programs(get_factory: Any) -> dict[bytes, list[str]]:
    """Names of the presets that are inside the plugins, by the id of their plugin."""
    found: dict[bytes, list[str]] = {}
    for search in _searches(get_factory, inside=True):
        for preset in search.presets:
            for plugin in preset.plugins:
                names = found.setdefault(plugin, [])
                if len(names) < PROGRAM_LIMIT:
                    names.append(preset.name)
    return found


def in_files(get_factory: Any) -> tuple[list[FilePreset], list[str]]:
    """The presets in the files that are declared, and the folders and files that are declared to hold some."""
    found: list[FilePreset] = []
    places: dict[str, None] = {}
    for search in _searches(get_factory, inside=False):
        for kind, location in search.locations:
            if kind != clap.INSIDE_PLUGIN and location:
                places[os.fsdecode(location)] = None
        for preset in search.presets:
            path = os.fsdecode(preset.place or b"")
            category, author = ", ".join(preset.features[:TEXTS_SHOWN]), ", ".join(preset.authors[:TEXTS_SHOWN])
            for plugin in preset.plugins:
                found.append(FilePreset(_text(plugin), preset.name, path, preset.key, category, author))
    return found[:PRESET_LIMIT], list(places)


def _searches(get_factory: Any, *, inside: bool) -> Iterator[_Search]:
    """What each provider tells of presets inside plugins, or of those in files."""
    address = next(filter(None, map(get_factory, clap.PRESET_FACTORIES)), None)
    if not address:
        return
    # The factory of presets has the same three functions in the same order as that of plugins.
    factory = clap.Factory.from_address(address)
    for index in counted(factory.count(address), PROVIDER_LIMIT):
        described = factory.descriptor(address, index)
        search = _Search()
        name = clap.ProviderDescriptor.from_address(described).id if described else None
        made = factory.create(address, ctypes.addressof(search.indexer), name) if name else None
        if not made:
            continue
        provider = clap.Provider.from_address(made)
        if provider.init(made):
            for kind, location in search.locations:
                if (kind == clap.INSIDE_PLUGIN or not location) is inside:
                    for place in _places(kind, location, search.extensions):
                        search.place = place
                        provider.get_metadata(made, kind, place, ctypes.addressof(search.receiver))
        provider.destroy(made)
        yield search


def _text(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "replace")


def _places(kind: int, location: bytes | None, extensions: list[str]) -> Iterator[bytes | None]:
    """What to ask about: the plugin itself, a file, or the files of these types below a folder."""
    if kind == clap.INSIDE_PLUGIN or not location:
        yield None
        return
    path = os.fsdecode(location)
    if os.path.isfile(path):
        yield location
        return
    left = FILE_LIMIT
    for folder, folders, files in os.walk(path):
        if folder.count(os.sep) - path.count(os.sep) >= DEPTH_LIMIT:
            folders.clear()
        folders.sort()
        for name in sorted(files):
            if not extensions or any(name.lower().endswith(each.lower()) for each in extensions):
                left -= 1
                if left < 0:
                    return
                yield os.fsencode(os.path.join(folder, name))
