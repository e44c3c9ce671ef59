"""Entry points of the measuring processes. numpy and pedalboard are imported on call."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pluginary_tui.isolation.jobs import Send as JobSend

Send = Callable[[dict[str, Any]], None]


def warm() -> None:
    """Import what every measurement needs, before the worker forks. Starts no thread."""
    # numpy's BLAS starts a thread for each processor when it is imported; a worker with threads cannot fork.
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"

    from pluginary_tui.sound.probe import jobs

    jobs.warm()


def run(payload: dict[str, Any], send: Send) -> None:
    """See `jobs.run`."""
    warm()

    from pluginary_tui.sound.probe import jobs

    jobs.run(payload, send)


def cost(payload: dict[str, Any], send: Send) -> None:
    """See `jobs.cost`."""
    warm()

    from pluginary_tui.sound.probe import jobs

    jobs.cost(payload, send)


def compare(payload: dict[str, Any], send: Send) -> None:
    """See `jobs.compare`."""
    warm()

    from pluginary_tui.sound.probe import jobs

    jobs.compare(payload, send)


def hear(payload: dict[str, Any], send: JobSend) -> None:
    """See `jobs.hear`."""
    warm()

    from pluginary_tui.sound.probe import jobs

    jobs.hear(payload, send)
