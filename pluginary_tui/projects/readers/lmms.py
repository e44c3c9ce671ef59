"""LMMS (`.mmp`, `.mmpz`). XML, in `.mmpz` packed with zlib after four bytes of length."""

from __future__ import annotations

import re
from typing import BinaryIO

from pluginary_tui.bounded_reading import Attributes, UnreadableFileError, chunks, inflated, parse_xml
from pluginary_tui.projects.facts import NATIVE, ProjectFacts, Use

_CHANNELS = frozenset({"track", "fxchannel", "mixerchannel"})
_HOLDERS = frozenset({"instrument", "effect"})
_FORMATS = {
    "vestige": "vst2",
    "vsteffect": "vst2",
    "lv2instrument": "lv2",
    "lv2effect": "lv2",
    "ladspaeffect": "ladspa",
}


def read(stream: BinaryIO, facts: ProjectFacts) -> None:
    """Read a project or a preset."""
    first = stream.read(6)
    if first[4:5] == b"\x78":
        stream.seek(4)
        pieces = inflated(stream, gzip=False)
    else:
        stream.seek(0)
        pieces = chunks(stream)
    reading = _Reading(facts)
    parse_xml(pieces, reading.start, reading.end)


class _Reading:
    """The state between the elements of one project."""

    def __init__(self, facts: ProjectFacts) -> None:
        self._facts = facts
        self._depth = 0
        self._tracks: list[str] = []
        self._chains: list[bool] = []
        """For each open chain of effects, whether it is on."""
        self._uses: list[tuple[int, Use, dict[str, str]]] = []
        """Instruments and effects that are open: depth, use, and the attributes of its key."""

    def start(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        if self._depth == 1:
            if name not in ("lmms-project", "multimedia-project"):
                raise UnreadableFileError("it is not a project of LMMS")
            self._facts.program = f"LMMS {attributes.get('creatorversion', '')}".strip()
        elif name in _CHANNELS:
            self._tracks.append(attributes.get("name", ""))
        elif name == "fxchain":
            self._chains.append(attributes.get("enabled") != "0")
        elif name in _HOLDERS and attributes.get("name"):
            own = attributes["name"]
            use = Use(_FORMATS.get(own, NATIVE), own, own, track=self._tracks[-1] if self._tracks else "")
            use.active = attributes.get("on") != "0" if "on" in attributes else None
            if name == "effect" and not all(self._chains):
                use.active = False
            self._uses.append((self._depth, use, {}))
        elif self._uses:
            _, _, key = self._uses[-1]
            if name == "attribute":
                key[attributes.get("name", "")] = attributes.get("value", "")
            elif name == "vestige":
                key["file"] = attributes.get("plugin", "")

    def end(self, name: str) -> None:
        if self._uses and self._uses[-1][0] == self._depth:
            _, use, key = self._uses.pop()
            if _complete(use, key):
                self._facts.add(use)
        elif name in _CHANNELS and self._tracks:
            self._tracks.pop()
        elif name == "fxchain":
            self._chains.pop()
        self._depth -= 1


def _complete(use: Use, key: dict[str, str]) -> bool:
    """Fill in what the key says. False for a slot that holds no plugin."""
    match use.format:
        case "vst2":
            use.uid, use.file = "", key.get("file", "")
            use.name = re.split(r"[/\\]", use.file)[-1].rpartition(".")[0]
        case "lv2":
            use.uid, use.name = key.get("uri", ""), ""
        case "ladspa":
            use.uid = use.name = key.get("plugin", "")
            use.file = key.get("file", "")
    return bool(use.uid or use.name or use.file)
