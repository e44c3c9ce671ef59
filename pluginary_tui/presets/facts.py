"""What a preset file says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class PresetFacts:
    """One preset file. Empty where the file does not say it. Texts are not made safe."""

    format: str = ""
    """Format of the plugin that it is for: `vst3`, `vst2`, `au`."""
    uid: str = ""
    """That plugin's identity, as `Plugin.uid` writes it."""
    name: str = ""
    wanted: str = ""
    """That plugin's name."""
    vendor: str = ""
    """Its maker."""
    category: str = ""
    author: str = ""
