"""Planned changes of a workstation's files, written with backups."""

from __future__ import annotations

import difflib
import itertools
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pluginary_tui.atomic_file import copy_new, make_folder, replacing
from pluginary_tui.errors import CatalogueError
from pluginary_tui.model import clean_log
from pluginary_tui.safe_open import read_bytes

SIZE_LIMIT = 64_000_000
"""Most bytes that are read of a workstation's file; theirs have some hundred KB."""


DIFF_LINES = 20_000
"""Most lines that are compared in their order, which takes time by the square of their number."""


@dataclass(slots=True)
class Change:
    """One file with its present and its planned text."""

    path: Path
    before: str | None
    """None where the file does not exist yet."""
    after: str

    @property
    def changed(self) -> bool:
        return (self.before or "") != self.after

    def lines(self) -> list[str]:
        """The removed (`-`) and added (`+`) lines, cleaned for display."""
        old, new = (self.before or "").splitlines(), self.after.splitlines()
        if len(old) + len(new) > DIFF_LINES:
            gone, come = Counter(old), Counter(new)
            compared = [f"-{line}" for line in (gone - come).elements()] + [
                f"+{line}" for line in (come - gone).elements()
            ]
        else:
            compared = list(difflib.unified_diff(old, new, n=0, lineterm=""))[2:]  # without the header
        return [clean_log(line) for line in compared if not line.startswith("@@")]

    def apply(self) -> Path | None:
        """Write the file. Returns its backup; None where there was no file. Raises CatalogueError."""
        try:
            backup = _back_up(self.path) if self.before is not None else None
            make_folder(self.path.parent)
            with replacing(self.path) as stream:
                stream.write(self.after)
        except OSError as error:
            raise CatalogueError(f"Cannot write {self.path}: {error.strerror or error}.") from error
        return backup


@dataclass(slots=True)
class Plan:
    """The changes that a workstation's files need."""

    changes: list[Change] = field(default_factory=list)
    plugins: int = 0
    """Plugins with a mark or a tag that has an id in the workstation."""
    left_out: list[tuple[str, str]] = field(default_factory=list)
    """Ids of plugins with a mark or a tag that its files cannot name, and why."""


def read(path: Path) -> str | None:
    """The text of a file, invalid UTF-8 as surrogates; None where there is no file. Raises CatalogueError."""
    try:
        return read_bytes(path, SIZE_LIMIT).decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CatalogueError(f"Cannot read {path}: {error.strerror or error}.") from error


def flatpak_settings(home: Path, names: Iterable[str]) -> list[Path]:
    """The folders in which programs installed as Flatpaks keep what others keep in `~/.config`, those that exist."""
    places = (home / ".var" / "app" / name / "config" for name in names)
    return [place for place in places if os.path.isdir(place)]  # False where pathlib raises: a closed folder


def line_end(text: str | None) -> str:
    """The line ending of a text."""
    return "\r\n" if text and "\r\n" in text else "\n"


def _back_up(path: Path) -> Path:
    """Copy the file to an unused name beside it: `plugin_tags.pluginary-1.bak`."""
    for number in itertools.count(1):
        backup = path.with_name(f"{path.name}.pluginary-{number}.bak")
        try:
            copy_new(path, backup)
        except FileExistsError:
            continue
        break
    return backup
