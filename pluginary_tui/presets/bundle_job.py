"""What runs in a process of its own: ask bundles for the presets in files that they tell of."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pluginary_tui.scan.readers.lv2_presets import MANIFEST, PRESET_LIMIT, presets
from pluginary_tui.scan.readers.turtle import BundleFiles

if TYPE_CHECKING:
    from pluginary_tui.isolation.jobs import Send

_PLUGIN = "http://lv2plug.in/ns/lv2core#Plugin"


def warm() -> None:
    """Importing this module has imported what bundles are read with."""


def lv2(payload: dict[str, Any], send: Send) -> None:
    """Read each LV2 bundle of `payload["paths"]` and send one message about it.

    A message has `file` (the position), `error` and `presets`: for each the identity of its plugin, its name, its file,
    which one of that file it is (empty for the only one), its category and its author. What a bundle has for its own
    plugins is left out: these are their programs.
    """
    for position, path in enumerate(payload["paths"]):
        message: dict[str, Any] = {"file": position, "error": ""}
        try:
            message["presets"] = _of_lv2(path)
        except MemoryError:
            message["error"] = "it takes too much memory"
        except Exception as problem:  # a damaged bundle costs itself
            message["error"] = f"it cannot be read: {problem}"
        send(message)


def _of_lv2(path: str) -> list[list[str]]:
    files = BundleFiles(path)
    manifest = files.graph(MANIFEST)
    own = set(manifest.subjects(_PLUGIN))
    found: list[list[str]] = []
    for preset in presets(files, manifest):
        if preset.plugin not in own and len(found) < PRESET_LIMIT:
            file = os.path.join(files.path, preset.file)
            item = "" if preset.uri == files.iri(preset.file) else preset.uri
            found.append([preset.plugin, preset.name, file, item, preset.bank, preset.author])
    return found


def clap(payload: dict[str, Any], send: Send) -> None:
    """The same of CLAPs; `places` of a message are the files and folders that one declares to hold presets."""
    from pluginary_tui.scan.readers.clap import file_presets

    for position, path in enumerate(payload["paths"]):
        message: dict[str, Any] = {"file": position, "error": ""}
        try:
            found, message["places"] = file_presets(path)
            message["presets"] = [[p.uid, p.name, p.path, p.key, p.category, p.author] for p in found]
        except MemoryError:
            message["error"] = "it takes too much memory"
        except Exception as problem:
            message["error"] = f"it does not say which presets there are: {problem}"
        send(message)
