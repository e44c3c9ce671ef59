"""Facts about plugins as short texts, alike on the command line and on the screens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pluginary_tui.formatting import counted, value_range
from pluginary_tui.model import HOST, Attempt, Bus, Parameter, Plugin

ATTEMPTS_SHOWN = 4
"""Attempts of one kind that are shown where there are more."""

PROGRAMS_SHOWN = 6
"""Names of programs that are shown where there are more."""

ROUNDING = 1e-5
"""Share of a parameter's range by which a default and a start value differ through rounding alone."""

BUSES_SHOWN = 12
"""Connections that are shown where there are more."""


def connections(plugin: Plugin, dot: str = "·") -> str:
    """Channels and MIDI in one line; empty where the plugin has neither.

    >>> connections(Plugin("x", "X", audio_inputs=2, audio_outputs=2, sidechain_inputs=1, midi_input=True))
    '2 in, 2 out, sidechain 1 · MIDI in'
    """
    audio = [f"{plugin.audio_inputs} in", f"{plugin.audio_outputs} out"]
    if plugin.sidechain_inputs:
        audio.append(f"sidechain {plugin.sidechain_inputs}")
    has_audio = plugin.audio_inputs or plugin.audio_outputs or plugin.sidechain_inputs
    midi = {(True, True): "MIDI in and out", (True, False): "MIDI in", (False, True): "MIDI out"}
    parts = [", ".join(audio) if has_audio else "", midi.get((plugin.midi_input, plugin.midi_output), "")]
    return f" {dot} ".join(filter(None, parts))


_DURING = {"read": "", "load": " while pedalboard loaded it", "measure": " while it was measured"}


def attempt_lines(attempts: Sequence[Attempt], shown: int = ATTEMPTS_SHOWN) -> list[str]:
    """What a plugin tried and the sandbox refused, one line each; those of one kind beyond `shown` are counted.

    >>> attempt_lines([Attempt("network", "reach the network (IPv4)")])
    ['wanted to reach the network (IPv4)']
    """
    lines, left = [], Counter[str]()
    seen: set[tuple[str, str]] = set()
    counts = Counter[str]()
    for each in attempts:
        if (each.kind, each.what) in seen:
            continue
        seen.add((each.kind, each.what))
        counts[each.kind] += 1
        if counts[each.kind] > shown:
            left[each.kind] += 1
        else:
            lines.append(f"wanted to {each.what}{_DURING.get(each.during, '')}")
    return [*lines, *(f"and {count:,} more of this kind ({kind})" for kind, count in left.items())]


_CARRIED = {"event": "MIDI", "cv": "control voltage", "message": "message"}


def bus_lines(buses: Sequence[Bus], shown: int = BUSES_SHOWN) -> Iterator[str]:
    """One line for each connection, at most `shown` and one that says how many more there are.

    >>> list(bus_lines([Bus("Key", "audio", "input", 1, False), Bus("Notes", "event", "input", 16)]))
    ['sidechain input: Key, 1 channel', 'MIDI input: Notes']
    """
    for bus in buses[:shown]:
        side = "" if bus.main else "sidechain " if bus.direction == "input" else "further "
        what = _CARRIED.get(bus.media) or side.rstrip() or "audio"
        name = bus.name or "(unnamed)"
        yield f"{what} {bus.direction}: {name}" + (f", {counted(bus.channels, 'channel')}" * (bus.media == "audio"))
    if len(buses) > shown:
        yield f"and {len(buses) - shown:,} more"


def own_range(parameter: Parameter) -> str:
    """From where to where a parameter goes, with its unit."""
    two = parameter.steps == 2 or parameter.kind == "switch"
    return value_range(parameter.minimum, parameter.maximum, parameter.unit, either=two)


def programs_line(names: Sequence[str], shown: int = PROGRAMS_SHOWN) -> str:
    """How many programs there are, and the names of the first; empty where there are none.

    >>> programs_line(["Hall", "Plate", "Room"], 2)
    '3: Hall, Plate and 1 more'
    """
    if not names:
        return ""
    first = ", ".join(name or "(unnamed)" for name in names[:shown])
    more = len(names) - shown
    return f"{len(names):,}: {first}{f' and {more:,} more' if more > 0 else ''}"


def features_line(uris: Sequence[str]) -> str:
    """What a plugin needs of its host, shortened to what hosts call it; empty where it needs nothing.

    >>> features_line(["http://lv2plug.in/ns/ext/urid#map", "http://lv2plug.in/ns/ext/worker#schedule"])
    'urid:map, worker:schedule'
    """
    return ", ".join(uri.rpartition("/")[2].replace("#", ":") or uri for uri in uris)


def host_parameters_line(parameters: Sequence[Parameter]) -> str:
    """How many parameters only hosts see; empty where there are none."""
    count = sum(parameter.kind == HOST for parameter in parameters)
    if not count:
        return ""
    return f"and {count:,} host parameter{'s' * (count != 1)} (MIDI controllers and hidden ones)"


def values_line(parameter: Parameter) -> str:
    """The values of a list; empty where the two ends of its range say all: two values, or nothing but numbers."""
    plain = len(parameter.choices) <= 2 or all(map(_is_number, parameter.choices))
    return "" if plain else ", ".join(parameter.choices)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def start_value(parameter: Parameter) -> str:
    """The value that a new instance starts with; the declared default where the other is not known.

    >>> start_value(Parameter("Mix", default="1", initial="2")), start_value(Parameter("Mix", default="1"))
    ('2', '1')
    """
    return parameter.initial or parameter.default


def declared_default(parameter: Parameter) -> str:
    """The default that a plugin declares, where it differs from the start value by more than rounding; or empty.

    >>> declared_default(Parameter("Mix", default="1", initial="2"))
    '1'
    >>> declared_default(Parameter("Tilt", default="0.000001", minimum="-45", maximum="90", initial="0"))
    ''
    """
    start = start_value(parameter)
    if parameter.default in ("", start):
        return ""
    try:
        low, high = float(parameter.minimum), float(parameter.maximum)
        near = abs(float(parameter.default) - float(start)) <= abs(high - low) * ROUNDING
    except ValueError:  # texts
        return parameter.default
    return "" if near else parameter.default
