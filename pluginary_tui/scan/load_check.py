"""What runs in a process of its own: ask pedalboard whether it loads the plugins of one bundle."""

from __future__ import annotations

import contextlib
import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from pluginary_tui.isolation import c_library
from pluginary_tui.model import Parameter
from pluginary_tui.scan.readers import pedalboard_loading, vst3
from pluginary_tui.scan.readers.pedalboard_reader import value_of
from pluginary_tui.scan.readers.sequence import RefusedError
from pluginary_tui.scan.readers.vst3_factory import Module
from pluginary_tui.scan.snippet import attribute

if TYPE_CHECKING:
    from pluginary_tui.isolation.jobs import Send

NICENESS = 5
"""Added to the priority of processes that check: reading and the app come first."""

_IGNORED = ("MIDI CC ",)
"""Beginnings of names of parameters that pedalboard offers no attribute for."""

KEPT_MEMORY = 1 << 30
"""Bytes given back that a process keeps for its next allocation: pedalboard makes and destroys an instance of every
plugin of a bundle for each that it loads, and fresh memory for each of 184 (LSP) costs more than all else."""

_KEPT: list[Any] = []
"""What stays loaded to the end of the process: a module that is unloaded may crash."""


def warm() -> None:
    """Load what every check needs, once, before processes are forked. Starts no thread.

    Nothing but pedalboard: a library that it does not load itself could stand in the way of a plugin's own.
    """
    if sys.platform != "win32":
        os.nice(NICENESS)
    c_library.keep_memory(KEPT_MEMORY)
    pedalboard_loading.prepare()


def run(payload: dict[str, Any], send: Send) -> None:
    """Try each of `payload["plugins"]` of the bundle at `path`: pairs of a key and a name, None for its only plugin.

    Sends `{"stage": "check", "key"}` before each, and `{"stage": "loaded", "key", "outcome", "error", "attributes"}`
    after it. Several are tried each in a process forked from this one, so that a crash costs its own answer only. One
    that hangs there is answered with the outcome `again`, to be tried in a process that shares nothing, since a fork
    lacks the threads of its parent and may hang through no fault of the plugin. `payload["hold"]` is the class id of a
    plugin of which an instance is kept meanwhile, empty for none.
    """
    path, format_, plugins = payload["path"], payload["format"], payload["plugins"]
    if payload["hold"]:
        _hold(path, payload["hold"])
    for key, name in plugins:
        send({"stage": "check", "key": key})
        if sys.platform == "linux" and len(plugins) > 1:
            from pluginary_tui.scan.forked_check import in_fork

            answer = in_fork(partial(_try, path, format_, name), float(payload["patience_s"]))
        else:
            answer = _try(path, format_, name)
        send({"stage": "loaded", "key": key, **answer})


def _hold(path: str, uid: str) -> None:
    """Keep an instance of one plugin. For each plugin that pedalboard loads it makes an instance of every one of the
    bundle, and what they share is taken down with the last: with 184 of them (LSP) that takes seconds.
    """
    module = Module(path)
    for found in module.classes:
        if found.uid == uid:
            instance = vst3.Instance(module, found.cid)
            with contextlib.suppress(RefusedError):
                instance.start()
            _KEPT.append(instance)
            return


def _try(path: str, format_: str, name: str | None) -> dict[str, Any]:
    try:
        plugin = pedalboard_loading.load(path, format_, name)
    except Exception as error:
        return {"outcome": "failed", "error": str(error) or type(error).__name__}
    _KEPT.append(plugin)
    return {"outcome": "ok", "attributes": _attributes(plugin)}


def _attributes(plugin: Any) -> list[str]:
    """The names under which pedalboard offers the plugin's parameters.

    By the rule of pedalboard's own `to_python_parameter_name`: asking it for them would read every parameter at 1001
    places.
    """
    names = []
    for parameter in value_of(plugin, "_parameters", []):
        title = value_of(parameter, "name", "")
        if not title.startswith(_IGNORED):
            names.append(attribute(Parameter(title, value_of(parameter, "label", ""))))
    return [name for name in dict.fromkeys(names) if name]
