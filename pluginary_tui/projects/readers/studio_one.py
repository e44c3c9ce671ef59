"""Studio One (`.song`): XML in a ZIP archive, with a prefix that no namespace is declared for."""

from __future__ import annotations

import contextlib
from typing import BinaryIO

from pluginary_tui.bounded_reading import Archive, Attributes, UnreadableFileError, parse_xml, version_of
from pluginary_tui.plugin_uid import vst2_in_class_id, vst3_uid
from pluginary_tui.projects.facts import NATIVE, ProjectFacts, Use

_DEVICES = ("Devices/audiomixer.xml", "Devices/audiosynthfolder.xml", "Devices/musictrackdevice.xml")
_FORMATS = {"VST2": "vst2", "VST": "vst2", "VST3": "vst3", "AU": "au", "AUDIOUNIT": "au", "CLAP": "clap"}


def read(stream: BinaryIO, facts: ProjectFacts) -> None:
    """Read a song."""
    archive = Archive(stream)
    if "metainfo.xml" not in archive:
        raise UnreadableFileError("it has no metainfo.xml, so it is not a song of Studio One")
    facts.program = "Studio One"

    def meta(name: str, attributes: Attributes) -> None:
        if attributes.get("id") == "Document:Generator":
            facts.program = f"Studio One {version_of(attributes.get('value', ''))}".strip()

    with contextlib.suppress(UnreadableFileError):  # the version alone is not worth the song
        parse_xml(archive.member("metainfo.xml"), meta, lambda name: None)
    for name in _DEVICES:
        if name in archive:
            reading = _Reading(facts)
            parse_xml(archive.member(name), reading.start, reading.end)


class _Reading:
    """The state between the elements of one file of devices."""

    def __init__(self, facts: ProjectFacts) -> None:
        self._facts = facts
        self._labels: list[str] = []
        """For each open element, the channel or device that it names; empty for most."""
        self._bypass: list[bool] = []

    def start(self, name: str, attributes: Attributes) -> None:
        self._labels.append(attributes.get("label", "") if name.endswith("Channel") else "")
        self._bypass.append(attributes.get("bypass") == "1")
        if attributes.get("x:id") == "deviceData" and len(self._bypass) > 1 and self._bypass[-1]:
            self._bypass[-2] = True  # it lies beside the class info
        if attributes.get("x:id") == "classInfo" and attributes.get("classID"):
            use = _use(attributes)
            use.track = next((label for label in reversed(self._labels) if label), "")
            use.active = False if any(self._bypass) else None
            self._facts.add(use)

    def end(self, name: str) -> None:
        self._labels.pop()
        self._bypass.pop()


def _use(attributes: Attributes) -> Use:
    kind = attributes.get("subCategory", "").split("/")[0].strip().upper()
    uid, name = vst3_uid(attributes["classID"]), attributes.get("name", "")
    if kind.startswith("("):  # "(Native)/EQ"
        return Use(NATIVE, name, name)
    format_ = _FORMATS.get(kind, "vst3" if kind.startswith("VST3") else "")
    if format_ == "vst2":  # the program gives these a class id made from their number and name
        uid = vst2_in_class_id(uid)
    elif format_ in ("au", "clap"):  # of these it is the program's own
        uid = ""
    return Use(format_, uid, name, attributes.get("vendor", ""))
