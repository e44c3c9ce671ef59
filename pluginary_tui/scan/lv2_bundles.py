"""What LV2 bundles are for, from a glance at the text of their manifests: plugins, or presets for plugins of others.

Nothing is parsed here: readers do that, in processes of their own. A glance only decides what they are given.
"""

from __future__ import annotations

import os
import re

from pluginary_tui.formats import ENDINGS
from pluginary_tui.scan.file_access import FileAccess

MANIFEST = ENDINGS[".lv2"].inside

_PLUGIN = re.compile(rb"[:#]Plugin\b")
_OTHERS = re.compile(rb"(?:Preset|Bank|Specification|Ontology|UI|[:#]Feature|ExtensionData)\b")


def holds_plugins(bundle: str, files: FileAccess) -> bool:
    """Whether a bundle is one to read: False where its manifest is plainly about something else."""
    text = _manifest(bundle, files)
    return bool(_PLUGIN.search(text)) or not _OTHERS.search(text)


def holds_presets(bundle: str, files: FileAccess) -> bool:
    """Whether a bundle may hold presets."""
    return b"Preset" in _manifest(bundle, files)


def _manifest(bundle: str, files: FileAccess) -> bytes:
    return files.read(os.path.join(bundle, MANIFEST))
