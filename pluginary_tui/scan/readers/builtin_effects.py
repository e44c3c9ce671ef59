"""Read the effects that pedalboard itself ships. Runs only in a process of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pluginary_tui.scan.readers.vst3_interfaces import CAN_AUTOMATE

if TYPE_CHECKING:
    from pluginary_tui.isolation.jobs import Send
    from pluginary_tui.scan.readers.sequence import Request

_UNITS = {"hz": "Hz", "ms": "ms", "db": "dB", "seconds": "s", "semitones": "semitones"}
_SIGNATURE = re.compile(r"(\w+): ([\w.]+(?:\[[^=]*\])?|[^=,]+)(?: = ([^,)]+))?")
# Containers and bases among pedalboard's classes: no effects.
_NOT_EFFECTS = {"Plugin", "ExternalPlugin", "PluginContainer", "VST3Plugin", "AudioUnitPlugin", "IIRFilter"}
_CATEGORIES = {
    "Bitcrush": "Distortion",
    "BrickwallLimiter": "Dynamics",
    "Chorus": "Modulation",
    "Clipping": "Distortion",
    "Compressor": "Dynamics",
    "Convolution": "Reverb",
    "Delay": "Delay",
    "Distortion": "Distortion",
    "GSMFullRateCompressor": "Distortion",
    "Gain": "Tools",
    "HighShelfFilter": "EQ",
    "HighpassFilter": "Filter",
    "Invert": "Tools",
    "LadderFilter": "Filter",
    "Limiter": "Dynamics",
    "LowShelfFilter": "EQ",
    "LowpassFilter": "Filter",
    "MP3Compressor": "Distortion",
    "NoiseGate": "Dynamics",
    "PeakFilter": "EQ",
    "Phaser": "Modulation",
    "PitchShift": "Pitch Shift",
    "Resample": "Distortion",
    "Reverb": "Reverb",
}


def read(request: Request, send: Send) -> None:
    """Send every effect class of pedalboard, with the arguments of its constructor as parameters."""
    from importlib import metadata  # slow to import, and wanted by no other reader

    import pedalboard_native

    found = [
        (name, cls)
        for name, cls in sorted(vars(pedalboard_native).items())
        if isinstance(cls, type) and issubclass(cls, pedalboard_native.Plugin) and name not in _NOT_EFFECTS
    ]
    version = metadata.version("pedalboard")
    described = [
        {
            "position": position,
            "name": name,
            "vendor": "pedalboard",
            "version": version,
            "category": f"Fx|{_CATEGORIES[name]}" if name in _CATEGORIES else "",
            "uid": name,
            "kind": "effect",
        }
        for position, (name, _) in enumerate(found)
    ]
    send({"stage": "factory", "plugins": described})
    for fields, (_, cls) in zip(described, found, strict=True):
        send({"stage": "plugin", **fields, "parameters": list(_parameters(cls)), "loads": True})


def _parameters(cls: type) -> Iterator[list[Any]]:
    """The arguments of an effect's constructor, read from the signature that its docstring begins with."""
    for name, kind, default in arguments(cls):
        words, _, last = name.rpartition("_")
        unit = _UNITS.get(last, "") if words else ""
        title = (words if unit else name).replace("_", " ").capitalize()
        options = list(getattr(_named(kind), "__members__", ()))
        text = _default(default)
        steps = 1 if kind == "bool" else max(len(options) - 1, 0)
        ends = (options[0], options[-1]) if options else ("", "")
        yield [None, title, "", unit, "", None, None, text, *ends, text, steps, CAN_AUTOMATE, options]


def arguments(cls: type) -> list[tuple[str, str, str]]:
    """Name, type and default of each argument of an effect's constructor that is one of its properties, too."""
    signature = (vars(cls)["__init__"].__doc__ or "").partition("\n")[0].partition("(")[2]
    return [each for each in _SIGNATURE.findall(signature) if isinstance(getattr(cls, each[0], None), property)]


def options(cls: type, argument: str) -> dict[str, Any]:
    """The members of the enumeration that an argument takes, by name; empty where it takes none."""
    kind = next((kind for name, kind, _ in arguments(cls) if name == argument), "")
    return dict(getattr(_named(kind), "__members__", {}))


def _default(text: str) -> str:
    """A default of a signature as a person would write it: `<Mode.LPF12: 0>` is LPF12."""
    try:
        return f"{float(text):g}"
    except ValueError:
        return text.partition(".")[2].partition(":")[0] if text.startswith("<") else text


def _named(dotted: str) -> Any:
    """What a signature calls `pedalboard_native.Resample.Quality`; None where there is nothing of that name."""
    import pedalboard_native

    thing: Any = pedalboard_native
    for part in dotted.split(".")[1:]:
        thing = getattr(thing, part, None)
    return thing
