"""The workstations that can be given favourites, hidden plugins and tags. A new one is a module and a row here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from pluginary_tui.daw import ardour, reaper
from pluginary_tui.daw.plan import Plan
from pluginary_tui.model import Plugin


class Workstation(Protocol):
    """What the module of one workstation has to offer."""

    NAME: str
    """As its makers spell it."""
    HELP: str
    """Help of its command; the first line is shown in the list of commands."""

    def find_folder(self, system: str, home: Path, environment: Mapping[str, str]) -> Path:
        """The folder of its settings; `system` as `platform.system()` names it. Raises NotFoundError."""

    def plan(self, plugins: Iterable[Plugin], folder: Path) -> Plan:
        """The changes that its files in `folder` need. Raises CatalogueError for files it cannot read."""


WORKSTATIONS: dict[str, Workstation] = {"ardour": ardour, "reaper": reaper}
"""By the name of the command, `pluginary-tui daw <name>`."""
