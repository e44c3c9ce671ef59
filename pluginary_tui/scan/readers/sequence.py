"""The order in which the plugins of one bundle are read and reported, whatever their format. Runs only in a process of
its own.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from pluginary_tui.scan.readers.module import ModuleError

if TYPE_CHECKING:
    from pluginary_tui.isolation.jobs import Send

Message = dict[str, Any]

SHARED_OUT = 24
"""Plugins that the first process to open a bundle reads at most; where there are more, the workers share them."""

# What is kept of one plugin at most: counts are the plugin's own and may be anything.
BUS_LIMIT = 256
PARAMETER_LIMIT = 16_384
PROGRAM_LIMIT = 1_024


class Request(NamedTuple):
    """What is to be read of one bundle: the argument of each reader."""

    path: str
    format: str
    positions: Sequence[int] | None = None
    """Positions of the plugins to read; None for the first process that opens the bundle, which lists them, too."""
    only: frozenset[str] = frozenset()
    """Unique ids of the plugins to read where there are no positions; empty for all."""
    lazy: bool = True
    """Whether symbols may be looked up when they are first used (`module.Library`)."""


class RefusedError(RuntimeError):
    """The plugin refuses to be made; the text says in which step."""


class Instance(Protocol):
    """One plugin while it is read."""

    def start(self) -> None:
        """Make what is to be read. Raises RefusedError."""

    def facts(self) -> Message:
        """What a report's message has beside the plugin's description: buses, latency, parameters, programs."""

    def end(self) -> None:
        """Take it apart."""


def read_each(
    request: Request,
    described: Sequence[Message],
    make: Callable[[int], Instance],
    send: Send,
    most: int = SHARED_OUT,
) -> None:
    """Send what `described` says of a bundle's plugins, then read each and send what is found, stage by stage.

    `make` gives the plugin at a position. With positions these are read and nothing is sent first; without, those that
    are requested, unless they are more than `most`: then the caller shares them out. The report is complete when the
    last plugin has been sent and before it is taken apart, since what a plugin does from there no longer matters.
    Raises ModuleError where there is no plugin.
    """
    positions, only = request.positions, request.only
    listed = positions is None
    if positions is None:
        if not described:
            raise ModuleError("It holds no effect and no instrument")
        send({"stage": "factory", "plugins": list(described)})
        positions = [at for at, each in enumerate(described) if not only or each["uid"] in only]
        if len(positions) > most:
            return
    before: Instance | None = None
    for at in positions:
        if at >= len(described):
            send({"stage": "failed", "position": at, "error": "Its bundle does not hold it any more"})
            continue
        found = described[at]
        began = time.monotonic()
        if not listed or len(described) > 1:  # the list has named the only one
            send({"stage": "load", "position": at, "name": found["name"]})
        plugin = make(at)
        try:
            plugin.start()
            send({"stage": "parameters", "position": at, "name": found["name"]})
            report = found | plugin.facts()
        except RefusedError as error:
            send({"stage": "failed", "position": at, "error": str(error)})
        else:
            report |= {"stage": "plugin", "probe_ms": round((time.monotonic() - began) * 1000)}
            send(report)
        # Not before the next one is there: some modules take down what their plugins share with the last of them, and
        # to wait for that 184 times takes LSP's eighteen seconds.
        if before:
            before.end()
        before = plugin
    send.done()
    if before:
        before.end()


def counted(count: int, limit: int) -> range:
    """The indices that a plugin's count allows, as far as it can be believed."""
    return range(max(0, min(count, limit)))


def counted_aloud(count: int, limit: int, what: str, name: str) -> range:
    """As `counted`; where more than the limit is left out, a line in the bundle's log says so."""
    if count > limit:
        note(f"{name} has {count:,} {what}; the first {limit:,} are catalogued.")
    return counted(count, limit)


def note(line: str) -> None:
    """Write a line into the bundle's log, which is where this process's standard error goes."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
