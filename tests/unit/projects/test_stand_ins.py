"""Stand-ins out of a large choice, with the names, makers, formats and channels of plugins that Debian has."""

from __future__ import annotations

import pytest

from pluginary_tui.catalogue.matching import Match
from pluginary_tui.model import Plugin
from pluginary_tui.projects.facts import Use
from pluginary_tui.projects.stand_ins import StandIns

HERE = """
Dynamics   vst3   1 1 Damien Zammit      ZamComp
Dynamics   vst3   2 2 Damien Zammit      ZamCompX2
Dynamics   clap   2 2 Damien Zammit      ZamCompX2
Dynamics   vst3   2 2 Damien Zammit      ZaMultiCompX2
Dynamics   vst3   1 1 Damien Zammit      ZaMaximX2
Dynamics   lv2    1 1 Steve Harris       A-Law Compressor
Dynamics   lv2    1 1 Ardour Community   ACE Compressor
Dynamics   lv2    2 2 Calf Studio Gear   Calf Compressor
Dynamics   lv2    2 2 Calf Studio Gear   Calf Deesser
Dynamics   lv2    2 2 Calf Studio Gear   Calf Multiband Limiter
Dynamics   ladspa 1 1 Tom Szilagyi       TAP DeEsser
Dynamics   ladspa 1 1 Tim Goetze         C* Compress - Compressor and saturating limiter
Delay      lv2    2 2 Ardour Community   ACE Delay
Delay      ladspa 1 1 Andy Wingo         Allpass delay line, cubic spline interpolation
Delay      lv2    2 2 Calf Studio Gear   Calf Vintage Delay
Restoration ladspa 0 1 Someone           Pink Noise (full frequency range)
Modulation ladspa 1 1 Steve Harris       Auto phaser
Modulation lv2    2 2 ZynAddSubFX        ZynChorus
Simulation lv2    2 2 Guitarix           GxAmplifier-Stereo-X
Distortion lv2    2 2 Calf Studio Gear   Calf Saturator
Pitch      ladspa 1 1 Steve Harris       AM pitchshifter
Pitch      lv2    1 1 Robin Gareus       x42-Autotune
Utility    lv2    1 1 David Robillard    Amplifier
Utility    ladspa 1 1 Steve Harris       Artificial latency
Analyzer   lv2    2 2 Calf Studio Gear   Calf Analyzer
Analyzer   lv2    2 2 Robin Gareus       EBU Meter
Sampler    lv2    2 26 LSP               LSP Multi-Sampler x12 DirectOut
Sampler    lv2    2 2 LSP                LSP Sampler Stereo
Synth      lv2    0 2 Calf Studio Gear   Calf Monosynth
Synth      lv2    0 2 ZynAddSubFX        ZynAddSubFX
"""


def installed(**more: object) -> list[Plugin]:
    """These plugins, with values for some by their names."""
    found = []
    for line in HERE.strip().splitlines():
        category, format_, inputs, outputs, rest = line.split(maxsplit=4)
        vendor, _, name = rest.partition("  ")
        kind = "instrument" if category in ("Sampler", "Synth") else "effect"
        plugin = Plugin(f"{format_}/{vendor}/{name}", name.strip(), vendor, format_, (category,), kind=kind)
        plugin.audio_inputs, plugin.audio_outputs = int(inputs), int(outputs)
        for key, value in more.get(plugin.name, {}).items():  # type: ignore[attr-defined]
            setattr(plugin, key, value)
        found.append(plugin)
    return found


def instead(name: str, vendor: str = "", format_: str = "vst3", **more: object) -> list[str]:
    found = StandIns(None, installed(**more)).find(Use(format_, "", name, vendor), Match("missing"))  # type: ignore[arg-type]
    return [each.plugin.name for each in found]


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ("OTT", ["ZaMultiCompX2", "Calf Multiband Limiter"]),
        ("Vocal De-Esser", ["Calf Deesser", "TAP DeEsser"]),
        ("Pro-L 2", ["ZaMaximX2", "C* Compress - Compressor and saturating limiter"]),
        ("EchoBoy", ["ACE Delay", "Calf Vintage Delay", "Allpass delay line, cubic spline interpolation"]),
        ("MicroShift", ["ZynChorus"]),
        ("Phaser", ["Auto phaser"]),
        ("Auto-Tune Pro", ["x42-Autotune"]),
        ("Guitar Rig 5", ["GxAmplifier-Stereo-X"]),
        ("RC-20 Retro Color", ["Calf Saturator"]),
        ("SPAN", ["Calf Analyzer"]),
        ("Youlean Loudness Meter 2", ["EBU Meter"]),
        ("AGain VST3", ["Amplifier"]),
        ("Kontakt 7", ["LSP Sampler Stereo", "LSP Multi-Sampler x12 DirectOut"]),
        ("Surge XT", ["Calf Monosynth", "ZynAddSubFX"]),
        ("Diva", ["Calf Monosynth", "ZynAddSubFX"]),
        ("RX 10 De-noise", []),  # a source of noise is no remedy for it
        ("Snapheap", []),
        ("LFOTool", ["Amplifier"]),
        ("Stereo Flanger", ["ZynChorus", "Auto phaser"]),  # none is here, so others of its category
    ],
)
def test_what_does_just_the_job_and_nothing_else_stands_in(missing: str, expected: list[str]) -> None:
    assert instead(missing) == expected


def test_what_the_daw_loads_comes_first_and_no_maker_fills_the_list() -> None:
    compressors = instead("CLA-76", "Waves")
    assert compressors[:2] == ["ZamCompX2", "ZamComp"], "most DAWs load no LV2"
    assert compressors[2:] == ["Calf Compressor", "ACE Compressor", "A-Law Compressor"]
    assert instead("CLA-76", "Waves", "lv2")[0] == "Calf Compressor"
    assert instead("Ace Compressor", "Somebody")[0] == "ZamCompX2", "no synthesizer, for all its first word"


def test_what_the_user_likes_and_uses_comes_first() -> None:
    assert instead("CLA-76", **{"A-Law Compressor": {"favourite": True}})[0] == "A-Law Compressor"
    assert instead("CLA-76", **{"A-Law Compressor": {"rating": 4}})[0] == "A-Law Compressor"
    assert instead("CLA-76", ZamComp={"used_in": 3})[0] == "ZamComp"
    assert instead("CLA-76", "Calf Studio Gear")[0] == "Calf Compressor"
