"""Readable categories, from the declaration of a plugin or guessed from its name and parameters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from pluginary_tui.model import Plugin
from pluginary_tui.search.match import fold, groups

# Declared category (folded) -> readable category; "" for what is no category. Sources: the sub-categories in
# Steinberg's public VST3 interface (ivstaudioprocessor.h, PlugType), the Audio Unit types as hosts spell them, the
# classes of LV2 (lv2core.ttl) and LADSPA (ladspa.rdfs) without "Plugin", and the features of CLAP (plugin-features.h).
_READABLE = {
    "analyzer": "Analyzer",
    "delay": "Delay",
    "distortion": "Distortion",
    "dynamics": "Dynamics",
    "eq": "EQ",
    "filter": "Filter",
    "generator": "Generator",
    "mastering": "Mastering",
    "modulation": "Modulation",
    "pitch shift": "Pitch",
    "pitch": "Pitch",
    "restoration": "Restoration",
    "reverb": "Reverb",
    "spatial": "Spatial",
    "surround": "Spatial",
    "panner": "Spatial",
    "up-downmix": "Spatial",
    "ambisonics": "Spatial",
    "tools": "Utility",
    "network": "Utility",
    "mixer": "Utility",
    "converter": "Utility",
    "vocals": "Vocals",
    "drum": "Drum",
    "piano": "Piano",
    "sampler": "Sampler",
    "synth": "Synth",
    "external": "External",
    "compressor": "Dynamics",
    "expander": "Dynamics",
    "gate": "Dynamics",
    "limiter": "Dynamics",
    "envelope": "Dynamics",
    "transient-shaper": "Dynamics",
    "de-esser": "Dynamics",
    "equalizer": "EQ",
    "multieq": "EQ",
    "paraeq": "EQ",
    "allpass": "Filter",
    "bandpass": "Filter",
    "comb": "Filter",
    "highpass": "Filter",
    "lowpass": "Filter",
    "notch": "Filter",
    "chorus": "Modulation",
    "flanger": "Modulation",
    "phaser": "Modulation",
    "modulator": "Modulation",
    "ringmodulator": "Modulation",
    "tremolo": "Modulation",
    "waveshaper": "Distortion",
    "glitch": "Distortion",
    "pitch-shifter": "Pitch",
    "pitch-correction": "Pitch",
    "frequency-shifter": "Pitch",
    "spectral": "Spectral",
    "phase-vocoder": "Spectral",
    "simulator": "Simulation",
    "oscillator": "Generator",
    "constant": "Generator",
    "analyser": "Analyzer",
    "meter": "Analyzer",
    "frequencymeter": "Analyzer",
    "amplifier": "Utility",
    "function": "Utility",
    "utility": "Utility",
    "mixing": "Utility",
    "ambisonic": "Spatial",
    "synthesizer": "Synth",
    "drum-machine": "Drum",
    "multi-effects": "Multi-effect",
    "midi": "MIDI",
    "note-effect": "MIDI",
    "note-detector": "MIDI",
    "audio-effect": "",
    "time": "",
    "midi effect": "MIDI",
    "midi processor": "MIDI",
    "fx": "",
    "effect": "",
    "instrument": "",
    "music device": "",
    "music effect": "",
    "offline effect": "",
    "mono": "",
    "stereo": "",
    "nooffline": "",
    "noofflineprocess": "",
    "onlyara": "",
    "onlyofflineprocess": "",
    "onlyoffline": "",
    "onlyrt": "",
    "onlyrealtime": "",
}

# Words (with *: their starts) in a plugin's name that indicate a category. The first match wins, so specific
# categories come first.
_NAMES_OF_EFFECTS = {
    "MIDI": "midi arpeggiator",
    "Generator": "generator",
    "Analyzer": "meter metering analyzer analyser spectrum oscilloscope goniometer loudness vectorscope",
    "Restoration": "denoise* noise rnnoise declick* declip* dehum* restoration repellent",
    "EQ": "eq geq equalizer equaliser pultec",
    "Dynamics": "compressor compexp comp multicomp limiter gate maximizer transient deesser ess pressor dynamics",
    "Reverb": "reverb verb convolver convolution",
    "Pitch": "pitch autotune autopitch harmonizer detune",
    "Modulation": "chorus flanger phaser tremolo vibrato rotary leslie",
    "Distortion": "distortion dist overdrive fuzz satur* bitcrush* crusher crush clip clipper waveshaper exciter",
    "Delay": "delay echo",
    "Reverb ": "plate hall chamber chambers spring",
    "Filter": "filter wah",
    "Spatial": "panner imager binaural ambisonic* stereoizer",
    "Utility": "utility gain",
}
_NAMES_OF_INSTRUMENTS = {
    "Drum": "drum drums drummer drumkit kick",
    "Piano": "piano pianoteq rhodes wurli wurlitzer",
    "Sampler": "sampler sampletank",
    "Synth": "synth monosynth polysynth wavetable minimoog synthesizer fluidsynth",
}

# Words of parameter names that together occur in one kind of plugin only.
_IN_PARAMETERS = (
    ("Dynamics", ("threshold", "ratio")),
    ("Dynamics", ("threshold", "attack", "release")),
    ("Reverb", ("decay", "predelay")),
    ("Reverb", ("decay", "pre", "size")),
    ("Reverb", ("room", "damp")),
    ("Delay", ("feedback", "delay")),
    ("Delay", ("feedback", "time")),
    ("Modulation", ("rate", "depth", "feedback")),
    ("Pitch", ("semitones",)),
    ("Filter", ("cutoff", "resonance")),
    ("Distortion", ("drive", "tone")),
)
_SYNTH_PARAMETERS = ("osc", "oscillator", "osc1", "vco")
_BRANDS = {"fabfilter"}
"""Brands with a misleading word that are part of names."""
_SPLIT = re.compile(r"[|,;/]")


@lru_cache(1024)
def readable(raw: str) -> tuple[str, ...]:
    """The categories of a declaration, in its order: `Fx|Dynamics|Mono` is Dynamics.

    Channel layouts and host instructions are dropped; unknown words stay as they are.
    """
    found = []
    for part in _SPLIT.split(raw):
        known = _READABLE.get(fold(part))
        found.append(" ".join(part.split()) if known is None else known)
    return tuple(dict.fromkeys(filter(None, found)))


def guess(name: str, parameter_names: Sequence[str], kind: str) -> str:
    """A category from the words of a name or, failing that, from the parameters; "" where there is no safe guess.

    `kind` is `effect` or `instrument`; the guess agrees with it.
    """
    own = (group for group in groups(name) if group.compact not in _BRANDS)
    words = {word for group in own for word in (group.compact, *group.words)}
    for category, known in _patterns(kind == "instrument"):
        if any(known.match(word) for word in words):
            return category
    held = {word for parameter in parameter_names for group in groups(parameter) for word in group.words}
    if kind == "instrument":
        return "Synth" if held.intersection(_SYNTH_PARAMETERS) else ""
    return next((category for category, needed in _IN_PARAMETERS if held.issuperset(needed)), "")


def guessed(plugin: Plugin) -> bool:
    """Whether its category was guessed: it declares none."""
    return bool(plugin.categories) and not readable(plugin.raw_category)


def shown(plugin: Plugin) -> str:
    """Its categories for display; a guess has a question mark."""
    return ", ".join(plugin.categories) + ("?" if guessed(plugin) else "")


@lru_cache(2)
def _patterns(instruments: bool) -> list[tuple[str, re.Pattern[str]]]:
    table = _NAMES_OF_INSTRUMENTS if instruments else _NAMES_OF_EFFECTS
    return [(c.strip(), re.compile(f"(?:{words.replace('*', '.*').replace(' ', '|')})$")) for c, words in table.items()]
