"""The presets that an LV2 bundle lists, for its own plugins or for those of others. Runs only in a process of its own.

Source: the presets extension of LV2. What is read of a preset is its subject in `manifest.ttl` and in the files that
`rdfs:seeAlso` names there; its values are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pluginary_tui.scan.readers.module import ModuleError
from pluginary_tui.scan.readers.sequence import note
from pluginary_tui.scan.readers.turtle import BundleFiles, Graph, Properties, iris, tail, text

MANIFEST = "manifest.ttl"
PRESET_LIMIT = 16_384
"""Presets are listed, not loaded, so that more of them can be kept than of a plugin's own programs."""

PRESET = "http://lv2plug.in/ns/ext/presets#Preset"
BANK = "http://lv2plug.in/ns/ext/presets#bank"
APPLIES_TO = "http://lv2plug.in/ns/lv2core#appliesTo"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
SEE_ALSO = "http://www.w3.org/2000/01/rdf-schema#seeAlso"
_AUTHORS = ("http://purl.org/dc/terms/creator", "http://purl.org/dc/elements/1.1/creator")


class Lv2Preset(NamedTuple):
    """A preset of a bundle, for one plugin."""

    plugin: str
    """URI of the plugin."""
    uri: str
    """Its own URI."""
    file: str
    """Name of the file in the bundle that it is in."""
    name: str
    bank: str
    author: str


def presets(files: BundleFiles, manifest: Graph) -> Iterator[Lv2Preset]:
    """The presets that a manifest lists; one for several plugins comes once for each."""
    graphs: dict[str, Graph] = {}
    for uri in manifest.subjects(PRESET):
        own = manifest.of(uri)
        others = files.names(iris(own, SEE_ALSO))
        sides = [own]
        for name in others if LABEL not in own else ():
            if name not in graphs:
                graphs[name] = _readable(files, name)
            sides.append(graphs[name].of(uri))
        label = _first(sides, (LABEL,))
        bank = next((bank for side in sides for bank in iris(side, BANK)), "")
        held = [manifest, *(graphs[name] for name in others if name in graphs)] if bank else []
        for plugin in iris(own, APPLIES_TO):
            yield Lv2Preset(
                plugin,
                uri,
                others[0] if others else MANIFEST,
                label or tail(uri),
                _first([graph.of(bank) for graph in held], (LABEL,)),
                _first(sides, _AUTHORS),
            )


def _first(sides: list[Properties], keys: tuple[str, ...]) -> str:
    """The first text that one of these has."""
    return next((found for side in sides for key in keys if (found := text(side, key))), "")


def _readable(files: BundleFiles, name: str) -> Graph:
    """What a file about presets states; nothing, and a line in the log, where it is broken."""
    try:
        return files.graph(name)
    except ModuleError as error:
        note(f"Presets are left out: {error}")
        return Graph([])
