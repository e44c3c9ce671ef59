"""Coverage of confined processes: a plugin of coverage.py (`[tool.coverage.run]` in pyproject.toml).

The process of a job may write in its worker's throw-away folder alone. Its figures are written there, and the worker
moves them to those of all others before it empties the folder. Without this, all that runs confined would count as
never run.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from coverage import CoveragePlugin
from coverage.plugin_support import Plugins

from pluginary_tui.isolation.backends import MARK

_EXIT = os.__dict__["_exit"] if "coverage" not in getattr(os._exit, "__module__", "") else None
"""The exit as it was before coverage.py replaced it; None where this module is imported too late to know."""
_NAME = ".coverage"


class ConfinedCoverage(CoveragePlugin):
    """Chooses where the figures of this process go."""

    def configure(self, config: Any) -> None:
        """Called by coverage.py in each process, before it starts to count."""
        if not (mark := os.environ.get(MARK)):
            return
        home = Path(os.environ.get("HOME", "/"))
        if home.parent.name.endswith(mark):  # the environment that a worker sets for its jobs
            config.set_option("run:data_file", str(home.parent / _NAME))
            if _EXIT:
                os._exit = _EXIT  # else the worker's figures would be written, too: outside the folder, and refused
        else:
            _keep(Path(config.get_option("run:data_file")).parent)


def _keep(destination: Path) -> None:
    """Move figures to this folder whenever the worker empties its own."""
    from pluginary_tui.isolation.linux.sandbox import folder

    empty, remove = folder.clean, folder.remove

    def move(throw_away: str) -> None:
        for path in Path(throw_away).glob(f"{_NAME}.*"):
            shutil.move(path, destination / path.name)

    def clean(throw_away: str, links: Mapping[str, str]) -> bool:
        move(throw_away)
        return empty(throw_away, links)

    def remove_all(throw_away: str) -> None:
        move(throw_away)
        remove(throw_away)

    folder.clean, folder.remove = clean, remove_all


def coverage_init(registry: Plugins, options: Any) -> None:
    """Register the plugin; coverage.py calls this."""
    registry.add_configurer(ConfinedCoverage())
