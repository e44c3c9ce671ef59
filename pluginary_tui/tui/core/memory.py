"""Gives memory back while the app runs: closed screens and replaced catalogues are circles of references.

With the thresholds of `tui.run` Python collects them after millions of new objects, which is hundreds of megabytes. A
collection in between costs milliseconds where the catalogue, which is most of what there is, is left out of it.
"""

from __future__ import annotations

import gc

IDLE_S = 1.0
"""After this long without a key nobody waits for the screen."""
SETTLED_S = 5.0
LATEST_S = 60.0
"""A replaced catalogue is given back after this long without a key, at the latest this long after it was replaced."""
AT_MOST = 5
"""Collections of the middle generation, 100,000 new objects each, after which it is done while keys come as well."""


class Memory:
    """Collects what is no longer used. `tick` is to be called a few times a second, in the thread of the app."""

    def __init__(self) -> None:
        self._replaced_at: float | None = None

    def catalogue_read(self, now: float) -> None:
        """Leave what is there now, a new catalogue above all, out of collections."""
        gc.freeze()
        if self._replaced_at is None:  # the first of several waits for LATEST_S, however often others follow
            self._replaced_at = now

    def tick(self, now: float, used_at: float) -> None:
        """Collect where it is time. `now` and `used_at`, the last key, are in seconds of the same clock."""
        if not gc.isenabled():  # a catalogue is being read
            return
        idle = now - used_at
        if self._replaced_at is not None and (idle >= SETTLED_S or now - self._replaced_at >= LATEST_S):
            self._replaced_at = None
            gc.unfreeze()
            gc.collect()
            gc.freeze()
        elif gc.get_count()[2] >= (1 if idle >= IDLE_S else AT_MOST):
            gc.collect()
