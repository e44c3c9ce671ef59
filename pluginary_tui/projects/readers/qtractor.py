"""Qtractor (`.qtr`). XML."""

from __future__ import annotations

from typing import BinaryIO

from pluginary_tui.bounded_reading import Attributes, UnreadableFileError, chunks, parse_xml
from pluginary_tui.plugin_uid import four_characters_or
from pluginary_tui.projects.facts import ProjectFacts, Use

_FORMATS = {
    "LV2": "lv2",
    "VST": "vst2",
    "VST2": "vst2",
    "VST3": "vst3",
    "CLAP": "clap",
    "LADSPA": "ladspa",
    "DSSI": "dssi",
}
_READ = frozenset({"filename", "unique-id", "label", "activated"})
_LONGEST = 4096


def read(stream: BinaryIO, facts: ProjectFacts) -> None:
    """Read a session."""
    names: list[str] = []
    values: dict[str, str] = {}
    parts: list[str] = []
    inside, type_, root = 0, "", ""

    def start(name: str, attributes: Attributes) -> None:
        nonlocal inside, type_, root
        if not root:
            root = name
            if name != "session":
                raise UnreadableFileError("it is not a session of Qtractor")
            facts.program = f"Qtractor {attributes.get('version', '')}".strip()
        names.append(attributes.get("name", "") if name in ("track", "audio-bus", "midi-bus") else "")
        parts.clear()
        if name == "plugin" and not inside:
            inside, type_ = len(names), attributes.get("type", "")
            values.clear()

    def end(name: str) -> None:
        nonlocal inside
        if inside and len(names) == inside + 1 and name in _READ:
            values[name] = "".join(parts).strip()[:_LONGEST]
        elif inside and len(names) == inside:
            inside = 0
            if type_ in _FORMATS:
                use = _use(_FORMATS[type_], values)
                use.track = next((each for each in reversed(names) if each), "")
                facts.add(use)
        names.pop()
        parts.clear()

    def text(data: str) -> None:
        if inside and len(parts) < _LONGEST:
            parts.append(data)

    parse_xml(chunks(stream), start, end, text)


def _use(kind: str, values: dict[str, str]) -> Use:
    file, label = values.get("filename", ""), values.get("label", "")
    use = Use(kind, name=label, file=file)
    match kind:
        case "lv2":
            use.uid, use.file = file, ""
        case "vst2":
            use.uid = four_characters_or(values.get("unique-id", ""))
        case "ladspa" | "dssi":
            use.uid = values.get("unique-id", "") or label
    if "activated" in values:
        use.active = values["activated"] in ("1", "yes", "true")
    return use
