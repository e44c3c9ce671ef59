"""REAPER: projects (`.rpp`), chains of effects (`.RfxChain`) and templates of tracks. Lines of text in blocks."""

from __future__ import annotations

import re
from typing import BinaryIO

from pluginary_tui.bounded_reading import UnreadableFileError
from pluginary_tui.plugin_uid import au_uid, four_characters_or, vst3_uid
from pluginary_tui.projects.facts import NATIVE, ProjectFacts, Use

_LINE = 1 << 16
"""Bytes read of one line; what is longer is state of a plugin."""
_MOST_DEPTH = 10_000
_SNIFFED_LINES = 64

# A word in any of REAPER's three quotes, or without any.
_WORD = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|`([^`]*)`|(\S+))""")
_KINDS = {b"<VST", b"<AU", b"<CLAP", b"<LV2", b"<JS", b"<DX", b"<VIDEO_EFFECT"}
_OWN = {b"<JS", b"<VIDEO_EFFECT"}
_REAPLUGS = re.compile(
    r"rea(?:cast|comp|controlmidi|delay|eq|fir|gate|insert|limit|ninjam|pitch|samplomatic|stream|surround|surroundpan"
    r"|syndr|synth|tune|verb|verbate|vocode|voice|xcomp)\.(?:dll|vst\.so|vst\.dylib)",
    re.IGNORECASE,
)
"""Files of the VST2s that are in REAPER itself."""
_BLOCKS = _KINDS | {b"<FXCHAIN", b"<FXCHAIN_REC", b"<MASTERFXLIST", b"<TAKEFX", b"<TRACK", b"<REAPER_PROJECT"}
_VST_ID = re.compile(r"(-?\d+)(?:\{([0-9A-Fa-f]{32})\}|<([0-9A-Fa-f]{32})>)?")
_PREFIX = re.compile(r"(VST3?|AU(?:v3)?|CLAP|LV2|DX|JS)i?: ")
_CHANNELS = re.compile(r"\s*\((?:mono|stereo|\d+ out|\d+(?:->\d+)?ch|x86|x64|i386|arm64|bridged)\)$", re.IGNORECASE)
_VENDOR = re.compile(r"(.+?) \(((?:[^()]|\([^()]*\))*)\)$")


def read(stream: BinaryIO, facts: ProjectFacts) -> None:
    """Read a project, chain or template."""
    stack: list[tuple[bytes, bool]] = []  # the open blocks, and whether what is in them is switched off as a whole
    track, active, known, number = "", None, False, 0
    chain_off = master_off = False
    for number, raw in enumerate(iter(lambda: stream.readline(_LINE), b"")):
        line = raw.strip()
        if number == _SNIFFED_LINES and not known:
            break
        head = line.split(None, 1)[0] if line else b""
        if head == b">":
            if stack and stack.pop()[0] == b"<TRACK":
                track = ""
        elif head.startswith(b"<") and len(stack) < _MOST_DEPTH:
            off = bool(stack) and stack[-1][1]
            known = known or head in _BLOCKS
            if head in _KINDS:
                use = _use(head, _words(line))
                use.track = "Master" if any(block == b"<MASTERFXLIST" for block, _ in stack) else track
                use.active = False if off else active
                facts.add(use)
                active = None
            elif head == b"<CONTAINER":
                off, active = off or active is False, None
            elif head == b"<FXCHAIN":
                off = chain_off
            elif head == b"<MASTERFXLIST":
                off = master_off
            elif head == b"<TRACK":
                track, chain_off = "", False
            elif head == b"<REAPER_PROJECT":
                words = _words(line)
                facts.program = f"REAPER {words[2].split('/')[0]}".strip() if len(words) > 3 else "REAPER"
            stack.append((head, off))
        elif head == b"NAME" and stack and stack[-1][0] == b"<TRACK":
            track = [*_words(line), "", ""][1]
        elif head == b"FX" and stack and stack[-1][0] == b"<TRACK":  # the switch of all effects of a track
            chain_off = line.split()[1:2] == [b"0"]
        elif head == b"MASTER_FX":
            master_off = line.split()[1:2] == [b"0"]
        elif head == b"BYPASS":
            active = not any(word != b"0" for word in line.split()[1:3])
            known = True
    if not known:
        raise UnreadableFileError("it is not a file of REAPER")
    facts.program = facts.program or "REAPER"


def _words(line: bytes) -> list[str]:
    text = line.decode("utf-8", "replace")
    return [next((group for group in found.groups() if group is not None), "") for found in _WORD.finditer(text)]


def _use(kind: bytes, words: list[str]) -> Use:
    """The plugin in a block's first line."""
    words += [""] * 6
    if kind in _OWN:
        return Use(NATIVE, words[1], words[1])
    name, vendor = _names(words[1])
    match kind:
        case b"<VST" if _REAPLUGS.fullmatch(words[2]):
            return Use(NATIVE, name, name)
        case b"<VST":
            use = _vst(words)
        case b"<AU":
            at = 4 if words[4].lstrip("-").isdigit() else 5
            use = Use("au", au_uid(*(words + [""] * 4)[at : at + 3]))
            if ": " in words[2]:  # the component's own name says who made it
                vendor, name = words[2].split(": ", 1)
        case b"<CLAP":
            use = Use("clap", words[2])
        case b"<LV2":
            use = Use("lv2", words[2])
        case _:
            use = Use("dx", file=words[2])
    use.name, use.vendor = name, vendor
    return use


def _vst(words: list[str]) -> Use:
    file = words[2]
    found = next((m for word in words[3:7] if (m := _VST_ID.fullmatch(word)) and len(word) > 5), None)
    if found and found[2]:
        return Use("vst3", vst3_uid(found[2]), file=file)
    if words[1].startswith("VST3") or file.lower().endswith(".vst3"):
        return Use("vst3", file=file)  # the number alone is REAPER's own checksum
    return Use("vst2", four_characters_or(found[1]) if found else "", file=file)


def _names(text: str) -> tuple[str, str]:
    """Name and vendor of `VST3i: Name (Vendor) (5 out)`."""
    text = _PREFIX.sub("", text, count=1)
    while _CHANNELS.search(text):
        text = _CHANNELS.sub("", text)
    found = _VENDOR.fullmatch(text)
    return (found[1], found[2]) if found else (text, "")
