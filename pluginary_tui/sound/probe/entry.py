"""The doors into the processes of measurements: nothing heavy is imported before one is gone through."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

Send = Callable[[dict[str, Any]], None]


def warm() -> None:
    """Import what every measurement needs, once, before processes are forked. Starts no thread."""
    # numpy's algebra would start a thread for every processor when it is imported, and a fork would lose them.
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"

    from pluginary_tui.sound.probe import jobs

    jobs.warm()


def run(payload: dict[str, Any], send: Send) -> None:
    """`render.run` in a process that is ready for it."""
    warm()

    from pluginary_tui.sound.probe import jobs

    jobs.run(payload, send)


def cost(payload: dict[str, Any], send: Send) -> None:
    """`render.cost` in a process that is ready for it."""
    warm()

    from pluginary_tui.sound.probe import jobs

    jobs.cost(payload, send)


def compare(payload: dict[str, Any], send: Send) -> None:
    """`render.compare` in a process that is ready for it."""
    warm()

    from pluginary_tui.sound.probe import jobs

    jobs.compare(payload, send)
