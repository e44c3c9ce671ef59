"""The words on the screens that a producer may not know, each explained in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Entry = tuple[str, str]
"""A word and what it means."""

WORDS: Sequence[Entry] = (
    ("plugin", "one effect or instrument that can be loaded, in one format"),
    ("bundle", "one thing on the disk that holds plugins, such as X.vst3; some hold hundreds (shells)"),
    ("built-in", "an effect that comes with pedalboard, Spotify's Python library for audio"),
    ("scan", "finding all bundles and reading each in a process of its own, so that none can harm anything"),
    ("failed", "the plugin refused to be read; the detail and Health say why and what to do"),
    ("crashed", "the plugin took its own process down while it was read; nothing else was touched"),
    ("timeout", "the plugin did not answer in time; it may be asking for a licence or an account"),
    ("memory", "the plugin took more memory than the settings allow, or the machine had no more"),
    ("skipped", "you skipped it during a scan"),
    ("missing", "it was here once and is gone from the disk; what you wrote about it is kept"),
    ("quarantine", "what went wrong and is not tried again by itself until it changes, or until you say so"),
    ("pedalboard loads it", "it can be used from Python; whether your DAW can use it is another question"),
    ("snippet", "the lines of Python that load a plugin with pedalboard"),
    ("parameter", "one control of a plugin; what only hosts see, such as MIDI controllers, is not counted"),
    ("starts at", "the value that a new instance has; some plugins declare another default"),
    ("meter", "a parameter that only the plugin sets, to show what it does"),
    ("program", "a preset that the plugin itself holds"),
    ("sidechain", "a further audio input by which a plugin is controlled, such as the kick that ducks a bass"),
    ("latency", "samples by which a plugin delays what goes through it; at 48 kHz 48 of them are a millisecond"),
    ("class id", "the number by which hosts know a plugin whatever it is called"),
    ("id", "the name of a plugin in the catalogue; the same on every machine"),
    ("catalogue", "the one file in which all that is known is kept"),
    ("query", "what you type to find plugins: words, and fields such as format:vst3 or params>20"),
    ("facets", "the groups on the left: values to filter by, with how many plugins have each"),
    ("measured", "signals were sent through the plugin and what came out was analysed; nothing was listened to"),
    ("behaves like", "what a plugin does to the signals that were sent through it, whatever it calls itself"),
    ("as loaded", "with every parameter where it starts; other settings turn some of them"),
    ("about, perhaps", "how sure a figure is: about is 50 to 80 %, perhaps is less, no word is more"),
    ("likeness", "how alike two plugins sound, in per cent, as far as the measurements can tell"),
    ("dry", "the signal before the plugin"),
    ("dBFS", "level against the loudest that a file can hold: 0 is the top, -96 the floor of 16 bits"),
    ("NaN, denormals", "no numbers, and numbers too small to compute with; they mute or slow down a whole mix"),
    ("orphan", "what you wrote about a plugin that is not here"),
)


def sections() -> Iterator[tuple[str, Sequence[Entry]]]:
    """All words under their headings: on the screens, and of measured sound with their names in queries."""
    from pluginary_tui.figures import METRICS
    from pluginary_tui.sound.metrics import VERDICT_LABELS, VERDICTS

    yield "What a producer may meet", WORDS
    yield (
        "Findings about sound, in queries is:NAME",
        tuple((_in_queries(VERDICT_LABELS[name], name), meaning) for name, meaning in VERDICTS.items()),
    )
    figures = ((f"{each.label} ({each.name})", _with_unit(each.about, each.unit)) for each in METRICS.values())
    yield "Measured figures, with their names in queries (NAME>1)", tuple(figures)


def _in_queries(label: str, name: str) -> str:
    return label if label == name else f"{label} ({name})"


def _with_unit(about: str, unit: str) -> str:
    return f"{about}, in {unit}" if unit and not unit.startswith(":") else about
