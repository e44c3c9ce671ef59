"""Which plugin of the catalogue is the one that a project names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from os.path import basename
from typing import Protocol

from pluginary_tui.catalogue.identity import alike
from pluginary_tui.formats import FORMAT_NAMES
from pluginary_tui.model import MISSING, Plugin, slug
from pluginary_tui.plugin_uid import vst2_in_class_id, vst3_uid

HERE, OTHER_FORMAT, ABSENT = "here", "other format", "missing"


class Named(Protocol):
    """A plugin as a file names it."""

    @property
    def format(self) -> str: ...
    @property
    def uid(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def vendor(self) -> str: ...
    @property
    def file(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Match:
    """What a plugin of a project is here."""

    status: str
    """HERE, OTHER_FORMAT or ABSENT."""
    plugin: Plugin | None = None
    by: str = ""
    """`id` (class id, URI, number or triple), `code` (the four characters of a VST2, found in another format's id) or
    `name`; empty where nothing is it."""


class Matcher:
    """Finds the plugins of projects among those that are installed."""

    def __init__(self, plugins: Iterable[Plugin]) -> None:
        """`plugins` are those of the catalogue; what is missing from the disk or built into pedalboard is left out."""
        self._by_id: dict[tuple[str, str], Plugin] = {}
        self._by_code: dict[str, list[Plugin]] = defaultdict(list)
        self._by_name: dict[str, list[Plugin]] = defaultdict(list)
        for plugin in plugins:
            if plugin.status == MISSING or plugin.format == "builtin":
                continue
            for uid in _identities(plugin):
                self._by_id.setdefault((plugin.format, uid), plugin)
            for code in _codes(plugin):
                self._by_code[code].append(plugin)
            self._by_name[name_key(plugin.name)].append(plugin)

    def match(self, named: Named) -> Match:
        """The plugin of the catalogue that a file names.

        The same identity in the same format comes first, then the four characters of a VST2 in another format's
        identity, the name last. A name needs a vendor that is alike, where both have one. Where the file has no name,
        four characters that several products share mean none.
        """
        uid = vst3_uid(named.uid) if named.format == "vst3" else named.uid
        if named.format == "ladspa" and named.file and not uid.isdigit():
            uid = _in_file(named.file, uid)
        if uid:
            for each in (uid, "565354" + uid[6:] if uid.startswith("565345") else uid):
                if plugin := self._by_id.get((named.format, each)):
                    return Match(HERE, plugin, "id")
        code = uid if named.format == "vst2" else vst2_in_class_id(uid) if named.format == "vst3" else ""
        same_code = [plugin for plugin in self._by_code.get(code, ()) if _alike(named, plugin)] if code else []
        if named.format == "au" and uid.count(":") == 2:
            same_code += [p for p in self._by_code.get(uid.split(":", 1)[1], ()) if _alike(named, p)]
        named_at_all = named.name or named.file
        if same_code and (named_at_all or len({plugin.product or plugin.id for plugin in same_code}) == 1):
            same = [plugin for plugin in same_code if plugin.format == named.format]
            return Match(HERE if same else OTHER_FORMAT, (same or _preferred(same_code))[0], "code")
        return self._by_its_name(named)

    def _by_its_name(self, named: Named) -> Match:
        name = named.name or re.sub(r"\.[A-Za-z0-9]{1,5}$", "", named.file)
        if not name:
            return Match(ABSENT)
        found = [plugin for plugin in self._by_name.get(name_key(name), ()) if _same_vendor(named, plugin)]
        if named.format == "ladspa" and named.file:  # `Reverb` in `calf.so` is no other maker's "Reverb"
            stem = slug(named.file.partition(".")[0])
            found = [plugin for plugin in found if alike(stem, slug(f"{plugin.vendor} {plugin.name}"))]
            found += self._by_name.get(name_key(f"{stem} {name}"), ())
        same = [plugin for plugin in found if plugin.format == named.format]
        if same or (found and not named.format):
            return Match(HERE, (same or _preferred(found))[0], "name")
        return Match(OTHER_FORMAT, _preferred(found)[0], "name") if found else Match(ABSENT)


_FORMAT_WORDS = frozenset(
    {"vst", "vst2", "vst3", "vsti", "au", "clap", "lv2", "x64", "x86", "64bit", "32bit", "64", "32"}
)
_FORMAT_RANK = {name: rank for rank, name in enumerate(FORMAT_NAMES)}


def name_key(name: str) -> str:
    """A name to compare by: case, marks, spaces and words for formats do not count.

    >>> name_key("TAL-Reverb-4 VST3"), name_key("Pro-Q 3"), name_key("VST")
    ('talreverb4', 'proq3', 'vst')
    """
    words = slug(name).split("-")
    while len(words) > 1 and words[-1] in _FORMAT_WORDS and not (words[-1].isdigit() and len(words) < 3):
        words.pop()
    return "".join(words)


def _identities(plugin: Plugin) -> list[str]:
    if plugin.format == "vst3":
        return [uid] if (uid := vst3_uid(plugin.uid)) else []
    if plugin.format == "ladspa":  # some files have the number, others the label, most of these with the file
        label = plugin.label
        return [each for each in (plugin.uid, label, label and _in_file(basename(plugin.path), label)) if each]
    return [plugin.uid] if plugin.uid else []


def _in_file(file: str, label: str) -> str:
    """The identity of a LADSPA without its number: labels are unique in one file only."""
    return f"{file.partition('.')[0].casefold()}/{label}"


def _codes(plugin: Plugin) -> list[str]:
    """What ties formats of one plugin together: the four characters of a VST2, and `code:manufacturer` of JUCE."""
    uid = plugin.uid.upper() if plugin.format == "vst3" else plugin.uid
    if plugin.format == "vst3" and uid.startswith("ABCDEF019182FAEB") and len(uid) == 32:
        maker, code = (bytes.fromhex(uid[at : at + 8]).decode("latin-1") for at in (16, 24))
        return [code, f"{code}:{maker}"]
    if plugin.format == "vst3":
        return [code] if (code := vst2_in_class_id(uid)) else []
    if plugin.format == "au" and uid.count(":") == 2:
        _, code, maker = uid.split(":")
        return [code, f"{code}:{maker}"]
    return []


def _alike(named: Named, plugin: Plugin) -> bool:
    """Whether nothing speaks against it: makers do take each other's four characters."""
    name = named.name or named.file.partition(".")[0]
    return not name or alike(slug(name), slug(plugin.name)) or name_key(name) == name_key(plugin.name)


def _same_vendor(named: Named, plugin: Plugin) -> bool:
    if not named.vendor or not plugin.vendor:
        return True
    return alike(slug(named.vendor), slug(plugin.vendor))


def _preferred(plugins: list[Plugin]) -> list[Plugin]:
    return sorted(plugins, key=lambda p: (p.status != "ok", _FORMAT_RANK.get(p.format, 9), p.id))
