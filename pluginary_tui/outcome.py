"""How a probe ended. Apart from the model, for a worker has to know no more of it than this."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """How a probe ended."""

    OK = "ok"
    FAILED = "failed"
    """A whole answer arrived and it is an error."""
    CRASHED = "crashed"
    """It died before a whole report had arrived."""
    TIMEOUT = "timeout"
    MEMORY = "memory"
    SKIPPED = "skipped"
    """A person ended it."""

    @property
    def bad(self) -> bool:
        """Whether the bundle could not be read."""
        return self is not Outcome.OK
