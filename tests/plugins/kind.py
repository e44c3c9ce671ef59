"""What a kind of the zoo is: how it is made, and how a probe of it is expected to end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple


class Ending(NamedTuple):
    """How reading or loading one plugin ends."""

    outcome: str
    stage: str = "done"
    signal: str = ""


@dataclass(slots=True, frozen=True)
class Kind:
    """One way to misbehave. What is expected holds for a probe as the design has it; see README.md."""

    name: str
    does: str
    outcome: str
    """`ok`, `failed`, `crashed`, `timeout` or `memory`."""
    stage: str = "done"
    """`factory` (while the module is opened or its classes are read), `load`, `parameters` or `done`."""
    signal: str = ""
    plugins: int = 0
    """How many names the factory gives before anything happens."""
    options: Mapping[str, Any] = field(default_factory=dict)
    make: Callable[[Path], None] | None = None
    """For a bundle that is broken before anything of it runs; `options` do not matter then."""
    cause: str = ""
    """What the error says in the words of the loader or the plugin itself, where they have any."""
    seconds: float = 0.0
    """What a probe needs at least, for one that is merely slow."""
    leaves: str = ""
    """The name (`/proc/PID/comm`) of the process it leaves behind."""
    beyond: bool = False
    """Whether it harms processes besides its own: only to be probed where that is wanted."""

    each: Mapping[int, Ending] = field(default_factory=dict)
    """How the reading of single plugins ends, by their place in the bundle from 0; all others are `ok`."""
    loads: Mapping[int, Ending] = field(default_factory=dict)
    """How pedalboard's loading of single plugins ends, where it is tried and does not end well; an outcome of no text
    is one that differs from run to run."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the catalogue must say of its first plugin, by the names of `show --json`. `values` are the raw values that
    its parameters start with, `names` and `groups` those of its parameters, `programs` the first few."""
    direct: bool = False
    """Whether it is for a probe that reads plugins through their own interfaces, without pedalboard."""

    @property
    def named(self) -> bool:
        """Whether names and vendors are known, however it ends."""
        return self.plugins > 0
