"""Carla (`.carxp`). XML."""

from __future__ import annotations

from typing import BinaryIO

from pluginary_tui.bounded_reading import Attributes, UnreadableFileError, chunks, parse_xml
from pluginary_tui.plugin_uid import au_uid, four_characters_or
from pluginary_tui.projects.facts import NATIVE, ProjectFacts, Use

_FORMATS = {
    "LV2": "lv2",
    "VST": "vst2",
    "VST2": "vst2",
    "VST3": "vst3",
    "CLAP": "clap",
    "AU": "au",
    "LADSPA": "ladspa",
    "DSSI": "dssi",
}
_READ = frozenset({"Type", "Name", "Binary", "Bundle", "Label", "UniqueID", "URI", "Identifier", "Active"})
_LONGEST = 4096


def read(stream: BinaryIO, facts: ProjectFacts) -> None:
    """Read a project."""
    path: list[str] = []
    values: dict[str, str] = {}
    parts: list[str] = []

    def start(name: str, attributes: Attributes) -> None:
        if not path:
            if name not in ("CARLA-PROJECT", "CARLA-PRESET"):
                raise UnreadableFileError("it is not a project of Carla")
            facts.program = f"Carla {attributes.get('VERSION', '')}".strip()
        path.append(name)
        parts.clear()
        if name == "Plugin":
            values.clear()

    def end(name: str) -> None:
        if name in _READ and path[-2:-1] in (["Info"], ["Data"]):
            values[name] = "".join(parts).strip()[:_LONGEST]
        elif name == "Plugin" or (name == "CARLA-PRESET" and values):
            facts.add(_use(values))
        path.pop()
        parts.clear()

    def text(data: str) -> None:
        if path and path[-1] in _READ and len(parts) < _LONGEST:
            parts.append(data)

    parse_xml(chunks(stream), start, end, text)


def _use(values: dict[str, str]) -> Use:
    type_, name, label = values.get("Type", ""), values.get("Name", ""), values.get("Label", "")
    kind = _FORMATS.get(type_.upper(), NATIVE)
    identity = values.get("Identifier", "") or label
    use = Use(kind, name=name, track=name, file=values.get("Binary") or values.get("Bundle", ""))
    match kind:
        case "lv2":
            use.uid = values.get("URI", "")
        case "vst2":
            use.uid = four_characters_or(values.get("UniqueID", ""))
        case "vst3":  # its label is the name of the class
            use.name = label or name
        case "clap":
            use.uid = identity
        case "au":
            use.uid = au_uid(*identity.replace(",", ":").split(":"))
        case "ladspa" | "dssi":
            number = values.get("UniqueID", "0")
            use.uid = number if number not in ("", "0") else label
        case _:
            use.uid = use.name = label or name
    if "Active" in values:
        use.active = values["Active"].casefold() in ("yes", "true", "1")
    return use
