"""What runs in a process of its own: read one bundle and report what is in it, stage by stage.

The one place that decides by which way a bundle is read.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import importlib
import io
import sys
import time
from typing import TYPE_CHECKING, Any

from pluginary_tui.formats import READERS
from pluginary_tui.isolation.child import in_words
from pluginary_tui.scan.readers import module
from pluginary_tui.scan.readers.sequence import Request
from pluginary_tui.scan.resources import own_peak_mb

if TYPE_CHECKING:
    from pluginary_tui.isolation.jobs import Send

LIBRARIES = ("libX11.so.6", "libGL.so.1", "libfreetype.so.6")
"""What nearly every plugin with a window is linked to on Linux: to load them takes a fifth of a probe's time."""

DIRECT = sys.platform == "linux"
"""Whether VST3 is read through its own interfaces; elsewhere this is untested, so pedalboard reads it."""


@functools.cache
def warm() -> None:
    """Load what every probe needs, once, before probes are forked. Touches no plugin and starts no thread.

    The reader of a format is imported with the first job that needs it (`Job.imports`): a fork takes longer the more
    memory there is.
    """
    module.this_machine()
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
    request = Request(
        payload["path"],
        payload["format"],
        payload.get("positions"),
        frozenset(payload.get("only", ())),
        bool(payload.get("fresh", True)),
    )
    _reader(request.format).read(request, send)


def run_several(payload: dict[str, Any], send: Send) -> None:
    """Read each of `payload["bundles"]`, of formats of which nothing is loaded.

    Sends `{"stage": "bundle"}` before each, then what `run` sends of it, then `{"stage": "end", "error", "log",
    "elapsed_s", "peak_mb"}`; `error` is empty for one that could be opened.
    """
    part = _Part(send)
    for bundle in payload["bundles"]:
        send({"stage": "bundle"})
        began, error, log = time.monotonic(), "", io.StringIO()
        try:
            with contextlib.redirect_stderr(log):
                run(bundle, part)
        except MemoryError:
            raise  # ends the process, and the bundles behind this one are read by another
        except Exception as reason:
            error = in_words(reason)
        peak_mb = own_peak_mb()
        elapsed_s = time.monotonic() - began
        send({"stage": "end", "error": error, "log": log.getvalue(), "elapsed_s": elapsed_s, "peak_mb": peak_mb})


class _Part:
    """Sends for one bundle of several; only the last of them completes the report."""

    def __init__(self, send: Send) -> None:
        self._send, self.reads, self.writes = send, send.reads, send.writes

    def __call__(self, message: dict[str, Any], /) -> None:
        self._send(message)

    def done(self) -> None:
        """The bundle is done, and others follow."""


def _reader(format_: str) -> Any:
    """The module in `scan.readers` that reads a format."""
    name = READERS[format_] if DIRECT or format_ != "vst3" else "pedalboard_reader"
    return importlib.import_module(f"pluginary_tui.scan.readers.{name}")
