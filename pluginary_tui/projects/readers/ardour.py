"""Ardour and Mixbus: sessions and templates (`.ardour`, `.template`). XML."""

from __future__ import annotations

import re
from typing import BinaryIO

from pluginary_tui.bounded_reading import Attributes, UnreadableFileError, chunks, parse_xml
from pluginary_tui.plugin_uid import four_characters_or, vst3_uid
from pluginary_tui.projects.facts import NATIVE, ProjectFacts, Use

_FORMATS = {
    "vst3": "vst3",
    "lv2": "lv2",
    "ladspa": "ladspa",
    "audiounit": "au",
    "luaproc": NATIVE,
    "lxvst": "vst2",
    "windows-vst": "vst2",
    "mac-vst": "vst2",
    "vst": "vst2",
}
_ROOTS = frozenset({"Session", "Route", "Track", "session"})
_CODES = re.compile(r"(.{4})\s*[-:/]\s*(.{4})\s*[-:/]\s*(.{4})")


def read(stream: BinaryIO, facts: ProjectFacts) -> None:
    """Read a session or a template."""
    tracks: list[str] = []
    insert: Use | None = None
    root = ""

    def start(name: str, attributes: Attributes) -> None:
        nonlocal insert, root
        if not root:
            root = name
            if name not in _ROOTS:
                raise UnreadableFileError("it is not a session of Ardour")
        if name == "ProgramVersion":
            facts.program = attributes.get("modified-with") or attributes.get("created-with") or facts.program
        elif name == "Route":
            tracks.append(attributes.get("name", ""))
        elif name == "IO" and tracks and not tracks[-1]:  # Ardour 2 names the route there
            tracks[-1] = attributes.get("name", "")
        elif name in ("Processor", "Insert") and "unique-id" in attributes:
            kind = _FORMATS.get(attributes.get("type", ""))
            if kind is not None:
                insert = Use(kind, _uid(kind, attributes["unique-id"]), attributes.get("name", ""))
                insert.active = _switch(attributes.get("active"))
                insert.track = tracks[-1] if tracks else ""
                if kind == NATIVE:  # a script's checksum says nothing to a person
                    insert.uid = insert.name
                if name == "Processor":
                    facts.add(insert)
                    insert = None
        elif name == "Redirect" and insert is not None and insert.active is None:
            insert.active = _switch(attributes.get("active"))

    def end(name: str) -> None:
        nonlocal insert
        if name == "Route" and tracks:
            tracks.pop()
        elif name == "Insert" and insert is not None:
            facts.add(insert)
            insert = None

    parse_xml(chunks(stream), start, end)
    facts.program = facts.program or "Ardour"


def _uid(kind: str, text: str) -> str:
    match kind:
        case "vst3":
            return vst3_uid(text)
        case "vst2":
            return four_characters_or(text)
        case "au":
            found = _CODES.fullmatch(text)
            return ":".join(found.groups()) if found else ""
    return text


def _switch(text: str | None) -> bool | None:
    return None if text is None else text in ("1", "yes", "y", "true")
