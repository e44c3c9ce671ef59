"""The changes that can be undone, over all screens."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

UNDO_LIMIT = 100
"""Changes that are remembered."""


class UndoStep(NamedTuple):
    """One change that was made."""

    said: str
    """The change in words, without a full stop."""
    undo: Callable[[], None]
    """Takes it back. Raises PluginaryError where that fails."""


class UndoHistory:
    """The last changes, the newest on top."""

    def __init__(self) -> None:
        self._steps: list[UndoStep] = []

    def __bool__(self) -> bool:
        """Whether there is a change to undo."""
        return bool(self._steps)

    def push(self, said: str, undo: Callable[[], None]) -> str:
        """Remember a change and how to take it back. Returns `said`."""
        self._steps = [*self._steps[1 - UNDO_LIMIT :], UndoStep(said, undo)]
        return said

    def undo(self) -> str:
        """Take the last change back and return its words; empty where there is none.

        Raises what the step raises; the change is then dropped from the history, so that an older one can be undone.
        """
        if not self._steps:
            return ""
        step = self._steps.pop()
        step.undo()
        return step.said
