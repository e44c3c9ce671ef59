"""What runs in a process of its own: read one bundle and report what is in it, stage by stage.

The one place that decides by which way a bundle is read.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import sys
from typing import TYPE_CHECKING, Any

from pluginary_tui.scan.readers import module, vst3

if TYPE_CHECKING:
    from pluginary_tui.isolation.jobs import Send

LIBRARIES = ("libX11.so.6", "libGL.so.1", "libfreetype.so.6")
"""What nearly every plugin with a window is linked to on Linux: to load them takes a fifth of a probe's time."""

SHARED_OUT = 24
"""Plugins that the first process to open a bundle reads at most; where there are more, the workers share them."""

DIRECT = sys.platform == "linux"
"""Whether VST3 is read through its own interfaces; elsewhere this is untested, so pedalboard reads it."""


@functools.cache
def warm() -> None:
    """Load what every probe needs, once, before probes are forked. Touches no plugin and starts no thread."""
    module.this_machine()
    if sys.platform == "linux":  # elsewhere each probe is an interpreter of its own and reads one format
        from pluginary_tui.scan.readers import clap, ladspa, lv2  # noqa: F401
    if DIRECT:
        for library in LIBRARIES:
            with contextlib.suppress(OSError):
                ctypes.CDLL(library)
    else:
        from pluginary_tui.scan.readers import pedalboard_loading

        pedalboard_loading.prepare()


def run(payload: dict[str, Any], send: Send) -> None:
    """Read the bundle `payload["path"]` of `payload["format"]`, or those of its plugins that `positions` or
    `only` name. `fresh`: whether nothing was loaded in this process before.

    Sends `{"stage": "factory", "plugins": [...]}` where no positions are given and the format lists them beforehand,
    then for every plugin `{"stage": "load", "position", "name"}` before it is created, `{"stage": "parameters", ...}`
    before its parameters are read, and `{"stage": "plugin", ...}` with all that was read or
    `{"stage": "failed", "position", "error"}`. Raises RuntimeError or ValueError for a bundle that cannot be opened.
    """
    path, format_ = payload["path"], payload["format"]
    only, lazy = frozenset(payload.get("only", ())), bool(payload.get("fresh", True))
    if format_ == "builtin":
        from pluginary_tui.scan.readers import builtin_effects

        builtin_effects.read(send)
    elif format_ == "vst3" and DIRECT:
        if os.path.isfile(path):
            _read_single_file(path, payload, send)
            return
        vst3.read(path, payload.get("positions"), send, send.done, most=SHARED_OUT, only=only, lazy=lazy)
    elif format_ == "clap":
        from pluginary_tui.scan.readers import clap

        clap.read(path, payload.get("positions"), send, send.done, most=SHARED_OUT, only=only, lazy=lazy)
    elif format_ == "lv2":
        from pluginary_tui.scan.readers import lv2

        presets = payload.get("presets", ())
        lv2.read(path, payload.get("positions"), send, send.done, most=SHARED_OUT, only=only, presets=presets)
    elif format_ == "ladspa":
        from pluginary_tui.scan.readers import ladspa

        ladspa.read(path, payload.get("positions"), send, send.done, only=only, lazy=lazy)
    else:
        from pluginary_tui.scan.readers import pedalboard_reader

        pedalboard_reader.read(path, format_, send)


def _read_single_file(path: str, payload: dict[str, Any], send: Send) -> None:
    """Raise ModuleError for a single file: a VST3 for Linux is a folder, and hosts ignore single files."""
    module.Library(path)
    raise module.ModuleError("It is a single file, and a VST3 for Linux is a folder")
