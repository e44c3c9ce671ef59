"""What runs in a process of its own: read one bundle and report what is in it, stage by stage."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import operator
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pluginary_tui.scan import vst3_factory

Send = Callable[[dict[str, Any]], None]

_KEPT: list[Any] = []
"""The first plugin loaded stays alive to the end of the process, so that its module is never left: one that crashes
or hangs when it is left is good all the same."""

INITIALIZATION_TIMEOUT_S = 0.05
"""How long pedalboard waits for an instrument's first sound; a silent one costs the whole of it on every load."""

LIBRARIES = ("libX11.so.6", "libGL.so.1", "libfreetype.so.6")
"""What nearly every plugin with a window of its own is linked to on Linux, with what these are linked to in turn: to
load it takes a fifth of a probe's time."""

HOOK = "__set_initial_parameter_values__"
"""The method of pedalboard's that its C++ constructor calls for a plugin's initial values."""

CONTINUOUS_STEPS = 0x7FFFFFFF
"""What JUCE says of a parameter that has no steps."""

_SAYS = {
    "name": "", "label": "", "num_steps": 0, "is_boolean": False, "is_automatable": True, "default_raw_value": None,
}  # fmt: skip
"""What is read of a parameter, and what is taken for it where it raises."""
_SAID = operator.attrgetter(*_SAYS)

# Values of the host that frameworks show as parameters: JUCE's MIDI controllers, DPF's buffer size and sample rate.
_MIDI_CC = re.compile(r"MIDI CC \d+\|\d+")
_HOST_VALUES = {"Buffer Size", "Sample Rate"}

_UNITS = {"hz": "Hz", "ms": "ms", "db": "dB", "seconds": "s", "semitones": "semitones"}
_SIGNATURE = re.compile(r"(\w+): ([\w.]+(?:\[[^=]*\])?|[^=,]+)(?: = ([^,)]+))?")
# Containers and bases among pedalboard's classes: nothing that one would look for.
_NOT_EFFECTS = {"Plugin", "ExternalPlugin", "PluginContainer", "VST3Plugin", "AudioUnitPlugin", "IIRFilter"}
_BUILTIN_CATEGORIES = {
    "Bitcrush": "Distortion", "BrickwallLimiter": "Dynamics", "Chorus": "Modulation", "Clipping": "Distortion",
    "Compressor": "Dynamics", "Convolution": "Reverb", "Delay": "Delay", "Distortion": "Distortion",
    "GSMFullRateCompressor": "Distortion", "Gain": "Tools", "HighShelfFilter": "EQ", "HighpassFilter": "Filter",
    "Invert": "Tools", "LadderFilter": "Filter", "Limiter": "Dynamics", "LowShelfFilter": "EQ",
    "LowpassFilter": "Filter", "MP3Compressor": "Distortion", "NoiseGate": "Dynamics", "PeakFilter": "EQ",
    "Phaser": "Modulation", "PitchShift": "Pitch Shift", "Resample": "Distortion", "Reverb": "Reverb",
}  # fmt: skip


@functools.cache
def warm() -> None:
    """Load what every probe needs, once, before probes are forked. Touches no plugin and starts no thread."""
    import pedalboard_native

    # pedalboard's own hook reads each parameter at 1001 places and may write the plugin's state as often;
    # all that is needed here can be read without.
    setattr(pedalboard_native.ExternalPlugin, HOOK, _leave_alone)
    vst3_factory.this_machine()
    if sys.platform == "linux":
        for library in LIBRARIES:
            with contextlib.suppress(OSError):
                ctypes.CDLL(library)


def _leave_alone(plugin: Any, values: Any) -> None:
    """Instead of pedalboard's way to a plugin's initial values."""


def run(payload: dict[str, Any], send: Send) -> None:
    """Probe the bundle `payload["path"]` of `payload["format"]`; `payload["walk"]` is false to leave the factory alone.

    Sends `{"stage": "factory", "plugins": [...]}` where the factory can be walked, then for every plugin
    `{"stage": "load", "name"}` before it is created, `{"stage": "parameters", "name"}` before they are read, and
    `{"stage": "plugin", ...}` with all that was read. Raises what pedalboard raises for a bundle that cannot be loaded.
    """
    warm()
    if payload["format"] == "builtin":
        _builtins(send)
        return
    path = payload["path"]
    if payload["format"] != "vst3" or not payload.get("walk", True):
        _external(path, payload["format"], [], send)
        return
    classes = list(vst3_factory.walk(vst3_factory.module_path(path, *vst3_factory.this_machine())))
    send({"stage": "factory", "plugins": [_described(info) for info in classes]})
    try:
        _external(path, payload["format"], classes, send)
    except Exception as error:
        if not classes:
            raise vst3_factory.FactoryError("It holds no effect and no instrument") from error
        if sys.platform == "linux" and os.path.isfile(path):  # noqa: PTH113 - pathlib takes long to import
            raise vst3_factory.FactoryError("It is a single file, and a VST3 for Linux is a folder") from error
        raise


def _described(info: vst3_factory.ClassInfo) -> dict[str, Any]:
    return {
        "name": info.name,
        "vendor": info.vendor,
        "version": info.version,
        "category": info.category,
        "uid": info.uid,
        "kind": "instrument" if info.category.startswith("Instrument") else "effect",
    }


def _external(path: str, format_: str, classes: list[vst3_factory.ClassInfo], send: Send) -> None:
    import pedalboard_native

    loader = pedalboard_native.VST3Plugin if format_ == "vst3" else pedalboard_native.AudioUnitPlugin

    def load(name: str | None) -> Any:
        send({"stage": "load", "name": name or (classes[0].name if len(classes) == 1 else "")})
        return loader(path, plugin_name=name, initialization_timeout=INITIALIZATION_TIMEOUT_S)

    left = list(classes)
    began = time.monotonic()
    try:
        plugin = load(None)
    except ValueError:  # a file with several plugins wants one of their names
        names: Sequence[str | None] = loader.get_plugin_names_for_file(path)
        if not names:
            raise
    else:
        _tell(plugin, format_, "", left, began, send)
        return
    for name in names:
        began = time.monotonic()
        plugin = load(name)
        _tell(plugin, format_, name or "", left, began, send)
        del plugin


def _tell(
    plugin: Any, format_: str, name_in_file: str, left: list[vst3_factory.ClassInfo], began: float, send: Send
) -> None:
    name = _get(plugin, "name", name_in_file) or name_in_file
    same = [info for info in left if info.name in (name, name_in_file)] or (left if len(left) == 1 else [])
    info = same[0] if same else None
    if info is not None:
        left.remove(info)
    if not _KEPT:
        _KEPT.append(plugin)
    send({"stage": "parameters", "name": name})
    said: dict[str, Any] = {
        "name": name,
        "vendor": _get(plugin, "manufacturer_name", ""),
        "version": _get(plugin, "version", ""),
        "category": _get(plugin, "category", ""),
        # Of a VST3 this would be the host's own invention: better none than another one than the factory's.
        "uid": _get(plugin, "identifier", "") if format_ == "au" else "",
    }
    if info is not None:
        said |= {key: value for key, value in _described(info).items() if value}
    said |= {
        "stage": "plugin",
        "kind": "instrument" if _get(plugin, "is_instrument", False) else "effect",
        "name_in_file": name_in_file,
        "latency_samples": _get(plugin, "reported_latency_samples", 0),
        "parameters": [_parameter(p) for p in _get(plugin, "_parameters", [])],
        "probe_ms": round((time.monotonic() - began) * 1000),
    }
    send(said)


def _get(thing: Any, name: str, default: Any) -> Any:
    """An attribute that may raise anything: text that is not UTF-8 does."""
    try:
        value = getattr(thing, name)
    except Exception:
        return default
    return default if value is None else value


def _parameter(parameter: Any) -> dict[str, Any]:
    try:
        said = _SAID(parameter)
    except Exception:  # then each on its own
        said = tuple(_get(parameter, name, default) for name, default in _SAYS.items())
    name, unit, steps, boolean, automatable, default_raw = said
    steps = 0 if steps >= CONTINUOUS_STEPS else steps
    if _MIDI_CC.fullmatch(name) or (name in _HOST_VALUES and not automatable):
        kind = "host"
    elif steps == 2 or boolean:
        kind = "switch"
    else:
        kind = "stepped" if steps else "continuous"
    return {
        "name": name,
        "unit": unit.strip(),
        "default": "" if default_raw is None else _text(parameter, default_raw),
        "minimum": _text(parameter, 0.0),
        "maximum": _text(parameter, 1.0),
        "default_raw": default_raw,
        "steps": steps,
        "kind": kind,
        "automatable": automatable,
    }


def _text(parameter: Any, raw: float) -> str:
    try:
        return str(parameter.get_text_for_raw_value(raw))
    except Exception:
        return ""


def _builtins(send: Send) -> None:
    from importlib import metadata  # a sixth of what a worker imports, and nobody else wants it

    import pedalboard_native

    found = [
        (name, cls)
        for name, cls in sorted(vars(pedalboard_native).items())
        if isinstance(cls, type) and issubclass(cls, pedalboard_native.Plugin) and name not in _NOT_EFFECTS
    ]
    version = metadata.version("pedalboard")
    described = [
        {
            "name": name,
            "vendor": "pedalboard",
            "version": version,
            "category": f"Fx|{_BUILTIN_CATEGORIES[name]}" if name in _BUILTIN_CATEGORIES else "",
            "uid": name,
            "kind": "effect",
        }
        for name, _ in found
    ]
    send({"stage": "factory", "plugins": described})
    for said, (_, cls) in zip(described, found, strict=True):
        send({"stage": "plugin", **said, "parameters": list(_builtin_parameters(cls))})


def _builtin_parameters(cls: type) -> Iterator[dict[str, Any]]:
    """The arguments of a built-in effect's constructor, read from the signature that its docstring begins with."""
    signature = (vars(cls)["__init__"].__doc__ or "").partition("\n")[0].partition("(")[2]
    for name, kind, default in _SIGNATURE.findall(signature):
        if not isinstance(getattr(cls, name, None), property):
            continue
        words, _, last = name.rpartition("_")
        unit = _UNITS.get(last, "") if words else ""
        stem = words if unit else name
        options = list(getattr(_named(kind), "__members__", ()))
        yield {
            "name": stem.replace("_", " ").capitalize(),
            "unit": unit,
            "default": _builtin_default(default),
            "minimum": options[0] if options else "",
            "maximum": options[-1] if options else "",
            "default_raw": None,
            "steps": 2 if kind == "bool" else len(options),
            "kind": "switch" if kind == "bool" else "stepped" if options else "continuous",
            "automatable": True,
        }


def _builtin_default(text: str) -> str:
    """A default of a signature as one would write it: `<Mode.LPF12: 0>` is LPF12."""
    try:
        return f"{float(text):g}"
    except ValueError:
        return text.partition(".")[2].partition(":")[0] if text.startswith("<") else text


def _named(dotted: str) -> Any:
    """The thing that a signature calls `pedalboard_native.Resample.Quality`; None where there is none."""
    import pedalboard_native

    thing: Any = pedalboard_native
    for part in dotted.split(".")[1:]:
        thing = getattr(thing, part, None)
    return thing
