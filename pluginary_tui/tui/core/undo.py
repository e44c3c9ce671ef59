"""The changes that can be undone and done again, over all screens and over restarts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pluginary_tui.atomic_file import replacing
from pluginary_tui.safe_open import read_bytes

UNDO_LIMIT = 100
"""Changes that are remembered."""

KEPT_CHARACTERS = 1_000_000
"""A history that is longer as text loses its oldest changes in the file."""

SIZE_LIMIT = 4 * KEPT_CHARACTERS
"""Most bytes that are read."""

FILE_NAME = "undo.json"

Values = Mapping[str, Any]
"""What was changed, by id or name, with its value: plain data, as it is written into a file."""

Apply = Callable[[Values], None]
"""Gives everything its value again. Raises PluginaryError where that fails."""


@dataclass(frozen=True, slots=True)
class UndoStep:
    """One change that was made."""

    words: str
    """The change in words, without a full stop."""
    kind: str
    """What kind of values it changed, as given to `UndoHistory.on`."""
    before: Values
    after: Values
    lasting: bool = True
    """Whether it can be undone after a restart."""


class UndoHistory:
    """The last changes, the newest on top, and those that were undone."""

    def __init__(self, path: Path | None = None) -> None:
        """`path` is the file that keeps them; None keeps them as long as the app runs."""
        self._path = path
        self._done: list[UndoStep] = []
        self._undone: list[UndoStep] = []
        self._appliers: dict[str, Apply] = {}
        if path is not None:
            self._done, self._undone = _read(path)

    def on(self, kind: str, apply: Apply) -> None:
        """Use `apply` for the changes of this kind."""
        self._appliers[kind] = apply

    def __bool__(self) -> bool:
        """Whether there is a change to undo."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is a change to do again."""
        return bool(self._undone)

    def push(self, step: UndoStep) -> str:
        """Remember a change that was made. What was undone before can no longer be done again. Returns its words."""
        self._done = [*self._done[1 - UNDO_LIMIT :], step]
        self._undone = []
        self._write()
        return step.words

    def undo(self) -> str:
        """Take the last change back and return its words; empty where there is none.

        Raises what applying raises; the change is then dropped from the history, so that an older one can be undone.
        """
        return self._go(self._done, self._undone, lambda step: step.before)

    def redo(self) -> str:
        """Make the change again that was undone last and return its words; empty where there is none."""
        return self._go(self._undone, self._done, lambda step: step.after)

    def _go(self, source: list[UndoStep], target: list[UndoStep], values: Callable[[UndoStep], Values]) -> str:
        while source:
            step = source.pop()
            apply = self._appliers.get(step.kind)
            if apply is None:  # written by another version
                continue
            try:
                apply(values(step))
                target.append(step)
            finally:
                self._write()
            return step.words
        return ""

    def _write(self) -> None:
        """Write what lasts. Errors are ignored: the changes can then be undone until the app ends."""
        if self._path is None:
            return
        done, undone = ([_plain(step) for step in steps if step.lasting] for steps in (self._done, self._undone))
        with suppress(OSError, TypeError):
            while len(text := json.dumps({"done": done, "undone": undone}, ensure_ascii=False)) > KEPT_CHARACTERS:
                done, undone = done[len(done) // 2 + 1 :], undone[len(undone) // 2 + 1 :]
            with replacing(self._path) as stream:
                stream.write(text)


def _plain(step: UndoStep) -> dict[str, Any]:
    return {"said": step.words, "kind": step.kind, "before": dict(step.before), "after": dict(step.after)}


def _read(path: Path) -> tuple[list[UndoStep], list[UndoStep]]:
    """What a file keeps; what cannot be read is left out."""
    try:
        kept = json.loads(read_bytes(path, SIZE_LIMIT))
    except (OSError, ValueError, RecursionError):
        return [], []
    found = []
    for name in ("done", "undone"):
        entries = kept.get(name) if isinstance(kept, dict) else None
        found.append([step for entry in entries if (step := _step(entry))] if isinstance(entries, list) else [])
    return found[0][-UNDO_LIMIT:], found[1][-UNDO_LIMIT:]


def _step(entry: object) -> UndoStep | None:
    if not isinstance(entry, dict):
        return None
    words, kind, before, after = (entry.get(name) for name in ("said", "kind", "before", "after"))
    if not (isinstance(words, str) and isinstance(kind, str) and isinstance(before, dict) and isinstance(after, dict)):
        return None
    return UndoStep(words, kind, before, after) if words.isprintable() else None
