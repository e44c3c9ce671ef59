"""Read a bundle through pedalboard: Audio Units everywhere, and VST3 where the direct way is untested.

What pedalboard does not offer (buses, units, programs, ids of parameters) stays unknown here.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from pluginary_tui.scan.readers import vst3_interfaces as vst3
from pluginary_tui.scan.readers.pedalboard_loading import load, names_in

if TYPE_CHECKING:
    from pluginary_tui.isolation.jobs import Send
    from pluginary_tui.scan.readers.sequence import Request

_KEPT: list[Any] = []
"""The first plugin loaded stays alive to the end of the process, so that its module is never unloaded: one that crashes
or hangs when it is unloaded is good all the same."""

CONTINUOUS_STEPS = 0x7FFFFFFF
"""What JUCE gives as the number of steps of a parameter that has none."""

# Values of the host that frameworks show as parameters: JUCE's MIDI controllers, DPF's buffer size and sample rate.
_MIDI_CC = re.compile(r"MIDI CC \d+\|\d+")
_HOST_VALUES = {"Buffer Size", "Sample Rate"}


def read(request: Request, send: Send) -> None:
    """Read all plugins of the bundle. Raises what pedalboard raises where it cannot be opened."""
    path, format_ = request.path, request.format
    _refuse(path)
    names: list[str | None] = [None]
    send({"stage": "load", "position": 0, "name": ""})
    began = time.monotonic()
    try:
        first = load(path, format_, None)
    except ValueError:  # a file with several plugins demands one of their names
        names = list(names_in(path, format_))
        if not names:
            raise
        first = None
    for position, name in enumerate(names):
        if first is None:
            began = time.monotonic()
            send({"stage": "load", "position": position, "name": name or ""})
        plugin, first = first or load(path, format_, name), None
        if not _KEPT:
            _KEPT.append(plugin)
        _report(plugin, format_, position, name or "", began, send)
        del plugin


def _refuse(path: str) -> None:
    """Raise ModuleError for what the system would not load, in better words than its own. What is unknown may pass."""
    # Imported here, as load checks import this module and are to load as little as possible.
    from pluginary_tui.safe_open import open_regular
    from pluginary_tui.scan import mac_bundle
    from pluginary_tui.scan.readers.binary_kinds import HEADER, why_not
    from pluginary_tui.scan.readers.module import ModuleError, module_path, this_machine

    system, machine = this_machine()
    if back := mac_bundle.held_back(mac_bundle.attribute(path)):
        raise ModuleError(f"macOS holds it back: {back.by or 'a program'} has downloaded it, and nobody let it through")
    try:
        with open_regular(module_path(path, system, machine), foreign_links=True) as file:
            header = file.read(HEADER)
    except (OSError, ModuleError):
        return
    if why := why_not(header, system, machine):
        raise ModuleError(why)


def _report(plugin: Any, format_: str, position: int, name_in_file: str, began: float, send: Send) -> None:
    name = value_of(plugin, "name", name_in_file) or name_in_file
    send({"stage": "parameters", "position": position, "name": name})
    send(
        {
            "stage": "plugin",
            "position": position,
            "name": name,
            "vendor": value_of(plugin, "manufacturer_name", ""),
            "version": value_of(plugin, "version", ""),
            "category": value_of(plugin, "category", ""),
            # A VST3's identifier would be the host's own invention.
            "uid": value_of(plugin, "identifier", "") if format_ == "au" else "",
            "kind": "instrument" if value_of(plugin, "is_instrument", False) else "effect",
            "name_in_file": name_in_file,
            "latency_samples": value_of(plugin, "reported_latency_samples", 0),
            "parameters": [_parameter(each) for each in value_of(plugin, "_parameters", [])],
            "probe_ms": round((time.monotonic() - began) * 1000),
            "loads": True,
        }
    )


def value_of(thing: Any, name: str, default: Any) -> Any:
    """An attribute that may raise anything: text that is not UTF-8 does."""
    try:
        value = getattr(thing, name)
    except Exception:
        return default
    return default if value is None else value


def _parameter(parameter: Any) -> list[Any]:
    """A parameter as the values that `scan.report.PARAMETER_FIELDS` names."""
    name = value_of(parameter, "name", "")
    steps = value_of(parameter, "num_steps", 0)
    automatable = value_of(parameter, "is_automatable", True)
    default, start = value_of(parameter, "default_raw_value", None), value_of(parameter, "raw_value", None)
    flags = vst3.CAN_AUTOMATE if automatable else 0
    if _MIDI_CC.fullmatch(name) or (name in _HOST_VALUES and not automatable):
        flags |= vst3.IS_HIDDEN
    if value_of(parameter, "is_boolean", False):
        steps = 2
    return [
        None,
        name,
        "",
        value_of(parameter, "label", "").strip(),
        "",
        default,
        start,
        "" if default is None else _text(parameter, default),
        _text(parameter, 0.0),
        _text(parameter, 1.0),
        "" if start is None else _text(parameter, start),
        0 if steps >= CONTINUOUS_STEPS else max(steps - 1, 0),
        flags,
        [],
    ]


def _text(parameter: Any, raw: float) -> str:
    try:
        return str(parameter.get_text_for_raw_value(raw))
    except Exception:
        return ""
