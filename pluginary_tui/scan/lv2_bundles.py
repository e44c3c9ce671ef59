"""What LV2 bundles are for, from a glance at the text of their manifests: plugins, or presets for plugins of others.

Nothing is parsed here: the reader does that, in a process of its own. A glance only decides what it is given.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pluginary_tui.formats import ENDINGS
from pluginary_tui.scan.file_access import FileAccess

MANIFEST = ENDINGS[".lv2"].inside

_PLUGIN = re.compile(rb"[:#]Plugin\b")
_OTHERS = re.compile(rb"(?:Preset|Bank|Specification|Ontology|UI|[:#]Feature|ExtensionData)\b")
_PREFIX = re.compile(rb"@?prefix\s+([\w.-]*):\s*<([^<>\s]*)>", re.IGNORECASE)
_BEGINNING = re.compile(rb"[\w+.-]+:(?://)?[^/:#]+[/:#](?:.*[/:#])?")
"""All of a URI but its last part, where that is more than its scheme."""
_APPLIES = re.compile(rb"appliesTo>?\s+(?:<([^<>\s]+)>|([\w.-]*):([\w.%-]+))")


@dataclass(frozen=True, slots=True)
class _PresetBundle:
    path: str
    stamp: str
    """Changes when anything inside changes."""
    plugins: frozenset[bytes]
    """URIs of what the presets are for, and what these begin with."""


class Lv2Bundles:
    """Manifests of LV2 bundles, each read once, and the bundles of presets among them.

    `stamp` gives what changes when anything in a bundle changes. Presets are looked for in `folders` and beside each
    bundle, wherever a scan looks for plugins, so that what is read of a plugin does not depend on that.
    """

    def __init__(self, files: FileAccess, folders: Iterable[str], stamp: Callable[[str], str]) -> None:
        self._files = files
        self._folders = list(folders)
        self._stamp = stamp
        self._texts: dict[str, bytes] = {}
        self._presets: dict[str, list[_PresetBundle]] = {}

    def holds_plugins(self, bundle: str) -> bool:
        """Whether a bundle is one to read: False where its manifest is plainly about something else."""
        text = self._text(bundle)
        return bool(_PLUGIN.search(text)) or not _OTHERS.search(text)

    def presets(self, bundle: str) -> list[tuple[str, str]]:
        """Bundles with presets that may be for plugins of this one: pairs of path and stamp."""
        text = self._text(bundle)
        folders = dict.fromkeys([os.path.dirname(bundle), *self._folders])
        found = {
            each.path: each.stamp
            for folder in folders
            for each in self._in_folder(folder)
            if any(uri in text for uri in each.plugins)
        }
        return sorted(found.items())

    def _text(self, bundle: str) -> bytes:
        if bundle not in self._texts:
            self._texts[bundle] = self._files.read(os.path.join(bundle, MANIFEST))
        return self._texts[bundle]

    def _in_folder(self, folder: str) -> list[_PresetBundle]:
        if folder not in self._presets:
            paths = (entry.path for entry in self._files.entries(folder, quiet=True))
            self._presets[folder] = [
                _PresetBundle(path, self._stamp(path), frozenset(_applied(text)))
                for path in paths
                if b"Preset" in (text := self._text(path)) and not _PLUGIN.search(text)
            ]
        return self._presets[folder]


def _applied(text: bytes) -> Iterable[bytes]:
    """URIs that presets apply to, with their beginnings: manifests shorten them in several ways."""
    prefixes = dict(_PREFIX.findall(text))
    for whole, prefix, rest in set(_APPLIES.findall(text)):
        uri = whole or prefixes.get(prefix, b"") + rest
        yield uri
        if found := _BEGINNING.match(uri):
            yield found[0]
