"""What a project file says about plugins."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pluginary_tui.model import clean

USE_LIMIT = 5_000
"""Plugins kept of one project; the largest real ones hold some hundreds."""

TEXT_LIMIT = 512
"""Characters kept of an identity or a file's path."""

NATIVE = "native"
"""Format of an effect or instrument that is part of the program itself and cannot be missing elsewhere."""


@dataclass(slots=True)
class Use:
    """One place in a project where a plugin is used."""

    format: str
    """`vst3`, `vst2`, `au`, `clap`, `lv2`, `ladspa`, `dssi`, NATIVE, or empty where the file does not say."""
    uid: str = ""
    """The identity as `uid` of the catalogue writes it; empty where the file holds none."""
    name: str = ""
    vendor: str = ""
    track: str = ""
    """Name of the track, bus or channel; empty where it is not known."""
    active: bool | None = None
    """False where it is bypassed or offline; None where the file does not say."""
    file: str = ""
    """The plugin's file as the project names it, without folders."""


@dataclass(slots=True)
class ProjectFacts:
    """What one project file says."""

    program: str = ""
    """The program that wrote it, with its version."""
    uses: list[Use] = field(default_factory=list)
    """In the file's order, USE_LIMIT at most."""
    total: int = 0
    """Uses in the file, those beyond USE_LIMIT included."""

    def add(self, use: Use) -> None:
        """Keep a use, its texts made safe."""
        self.total += 1
        if len(self.uses) >= USE_LIMIT:
            return
        use.name, use.vendor, use.track = clean(use.name), clean(use.vendor), clean(use.track)
        use.uid = clean(use.uid, TEXT_LIMIT)
        use.file = clean(re.split(r"[/\\]", use.file.rstrip("/\\"))[-1])
        self.uses.append(use)
