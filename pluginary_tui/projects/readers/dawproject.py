"""DAWproject (`.dawproject`), which Bitwig Studio, Studio One and Cubase write: XML in a ZIP archive."""

from __future__ import annotations

from typing import BinaryIO

from pluginary_tui.bounded_reading import Archive, Attributes, UnreadableFileError, parse_xml
from pluginary_tui.plugin_uid import au_uid, four_characters_or, vst3_uid
from pluginary_tui.presets.readers.vstpreset import HEADER, class_id_of
from pluginary_tui.projects.facts import NATIVE, ProjectFacts, Use

_PLUGINS = {"Vst3Plugin": "vst3", "Vst2Plugin": "vst2", "ClapPlugin": "clap", "AuPlugin": "au"}
_OWN = frozenset({"BuiltinDevice", "Equalizer", "Compressor", "NoiseGate", "Limiter"})


def read(stream: BinaryIO, facts: ProjectFacts) -> None:
    """Read an exported project."""
    archive = Archive(stream)
    if "project.xml" not in archive:
        raise UnreadableFileError("it has no project.xml, so it is not a DAWproject, or one of before version 1.0")
    tracks: list[str] = []
    devices: list[Use] = []

    def start(name: str, attributes: Attributes) -> None:
        if name == "Application":
            facts.program = f"{attributes.get('name', '')} {attributes.get('version', '')}".strip()
        elif name == "Track":
            tracks.append(attributes.get("name", ""))
        elif name in _PLUGINS or name in _OWN:
            use = _use(name, attributes)
            use.track = tracks[-1] if tracks else ""
            devices.append(use)
        elif name == "Enabled" and devices and devices[-1].active is None:
            devices[-1].active = attributes.get("value") != "false"
        elif name == "State" and devices and devices[-1].format == "vst3" and not devices[-1].uid:
            devices[-1].uid = _uid_in_state(archive, attributes.get("path", ""))

    def end(name: str) -> None:
        if name == "Track" and tracks:
            tracks.pop()
        elif (name in _PLUGINS or name in _OWN) and devices:
            facts.add(devices.pop())

    parse_xml(archive.member("project.xml"), start, end)


def _use(element: str, attributes: Attributes) -> Use:
    kind, identity = _PLUGINS.get(element, NATIVE), attributes.get("deviceID", "")
    name = attributes.get("deviceName") or attributes.get("name", "")
    match kind:
        case "vst3":
            uid = vst3_uid(identity)
        case "vst2":
            uid = four_characters_or(identity)
        case "au":
            uid = au_uid(*identity.split(":"))
        case "clap":
            uid = identity
        case _:
            name = name or element
            uid = name
    return Use(kind, uid, name, attributes.get("deviceVendor", ""))


def _uid_in_state(archive: Archive, path: str) -> str:
    try:
        return class_id_of(archive.read(path, HEADER)) if path in archive else ""
    except UnreadableFileError:
        return ""
