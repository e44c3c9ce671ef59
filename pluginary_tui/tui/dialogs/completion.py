"""Completions of a line: folders and files of the disk, patterns above a path, and known words."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from pluginary_tui.home import typed_path

OFFERED = 50
"""Completions at most."""


def paths(text: str, *, folders_only: bool = True) -> list[str]:
    """The folders (and files) that a path may mean so far, in the words it was begun with; folders end in a slash.

    Names in any case are meant; hidden ones only where the dot is typed. Empty where the folder cannot be read.
    """
    front, _, begun = text.rpartition(os.sep)
    if os.sep not in text:
        return [f"~{os.sep}"] if text == "~" else []
    place = typed_path(f"{front}{os.sep}")
    found = []
    try:
        with os.scandir(place) as entries:
            for entry in entries:
                name = entry.name
                hidden = name.startswith(".") and not begun.startswith(".")
                if hidden or not name.casefold().startswith(begun.casefold()) or not name.isprintable():
                    continue
                if entry.is_dir():
                    found.append(f"{name}{os.sep}")
                elif not folders_only:
                    found.append(name)
    except (OSError, RuntimeError, ValueError):
        return []
    return [f"{front}{os.sep}{name}" for name in sorted(found, key=str.casefold)[:OFFERED]]


def above(text: str, path: str) -> list[str]:
    """Patterns that mean this bundle, the nearest first: itself, and the folders above it; those the line begins."""
    found = [path, *(f"{folder}{os.sep}" for folder in map(str, Path(path).parents) if folder != os.sep)]
    return [each for each in found if each != text and (text == path or each.startswith(text))]


def words(text: str, known: Iterable[str]) -> list[str]:
    """The line with its last word gone on with by what is known, and is not on the line yet; a `-` in front stays."""
    before, last = text[: len(text) - len(text.split(" ")[-1])], text.split(" ")[-1]
    sign = last[: len(last) - len(last.lstrip("-#"))]
    begun = last[len(sign) :].casefold()
    there = {word.lstrip("-#") for word in before.split()}
    if not begun and not sign:
        return []
    fits = [word for word in known if word.casefold().startswith(begun) and word not in there]
    return [f"{before}{sign}{word}" for word in fits[:OFFERED] if word.casefold() != begun]
