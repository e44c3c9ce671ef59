"""The presets that a CLAP's preset-discovery factory tells of. Runs only in a process of its own."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from typing import Any

from pluginary_tui.scan.readers import clap_interfaces as clap
from pluginary_tui.scan.readers.clap_host import NAME
from pluginary_tui.scan.readers.sequence import PROGRAM_LIMIT, counted

PROVIDER_LIMIT = 64
PRESET_LIMIT = 16_384
"""Presets of one bundle that are listed at most."""
FILE_LIMIT = 4_096
"""Files that are looked into."""
DEPTH_LIMIT = 8


class _Search:
    """One provider at work: what it declares, and the presets that it tells of."""

    def __init__(self, found: dict[bytes, list[str]]) -> None:
        self.found = found
        self.extensions: list[str] = []
        self.locations: list[tuple[int, bytes | None]] = []
        self._name = ""
        self._named_by_plugin: bytes | None = None
        self._left = PRESET_LIMIT
        self.indexer = clap.Indexer(
            clap.VERSION, NAME, NAME, b"", b"1", None,
            clap.Declares(self._declare_filetype), clap.Declares(self._declare_location),
            clap.Declares(lambda indexer, pack: True), clap.GivesAddress(lambda indexer, name: None),
        )  # fmt: skip
        fields: dict[str, Any] = {name: kind for name, kind, *_ in clap.Receiver._fields_}
        self.receiver = clap.Receiver(
            None,
            fields["on_error"](lambda receiver, code, text: None),
            fields["begin_preset"](self._begin_preset),
            fields["add_plugin_id"](self._add_plugin_id),
            *(fields[name](lambda *ignored: None) for name in list(fields)[4:]),
        )

    def _declare_filetype(self, indexer: int, address: int) -> bool:
        extension = clap.FileType.from_address(address).extension if address else None
        self.extensions.append("." + (extension or b"").decode("utf-8", "replace").lstrip(".") if extension else "")
        return True

    def _declare_location(self, indexer: int, address: int) -> bool:
        if address and len(self.locations) < PROVIDER_LIMIT:
            place = clap.Location.from_address(address)
            self.locations.append((place.kind, place.location))
        return True

    def _begin_preset(self, receiver: int, name: bytes | None, load_key: bytes | None) -> bool:
        self._name = (name or b"").decode("utf-8", "replace") or (load_key or b"").decode("utf-8", "replace")
        self._left -= 1
        return self._left >= 0

    def _add_plugin_id(self, receiver: int, address: int) -> None:
        named = clap.UniversalId.from_address(address) if address else None
        if named is not None and named.abi == b"clap" and named.id and self._left >= 0:
            names = self.found.setdefault(named.id, [])
            if len(names) < PROGRAM_LIMIT:
                names.append(self._name)


def presets(get_factory: Any) -> dict[bytes, list[str]]:
    """Names of presets by the id of their plugin, inside the plugin and in the files that it declares."""
    address = next(filter(None, map(get_factory, clap.PRESET_FACTORIES)), None)
    found: dict[bytes, list[str]] = {}
    if not address:
        return found
    # The factory of presets has the same three functions in the same order as that of plugins.
    factory = clap.Factory.from_address(address)
    for index in counted(factory.count(address), PROVIDER_LIMIT):
        described = factory.descriptor(address, index)
        search = _Search(found)
        name = clap.ProviderDescriptor.from_address(described).id if described else None
        made = factory.create(address, ctypes.addressof(search.indexer), name) if name else None
        if not made:
            continue
        provider = clap.Provider.from_address(made)
        if provider.init(made):
            for kind, location in search.locations:
                for place in _places(kind, location, search.extensions):
                    provider.get_metadata(made, kind, place, ctypes.addressof(search.receiver))
        provider.destroy(made)
    return found


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
