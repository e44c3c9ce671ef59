"""What an effect behaves like, judged from the features of all its settings. Needs no numpy.

Each setting in which the plugin does something votes for one behaviour, on the strongest evidence that it gives; the
behaviour with the most votes wins. Evidence is examined in the order of `behaviour_rules.RULES`: what is sure and rare
comes first, so that a clear echo counts more than a decibel of tone colour, and a gain curve counts only where it shows
level and not time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pluginary_tui.sound.behaviour_rules import RULES, Features, delay, feature_of
from pluginary_tui.sound.metrics import FAMILIES
from pluginary_tui.sound.passport import DEFAULT, Setting

IDENTITY_DB = -90.0
GAIN_DB = -60.0
"""A difference to the input below this, after the best gain, is a change of level and nothing else."""

NOISE_HIDES_DB = -55.0
"""Sound without input, dBFS, above which nothing else can be measured."""

LOUD_DB = -40.0
"""Sound without input, dBFS, above which a plugin is a source of sound, whatever else it does."""


class Vote(NamedTuple):
    """What one setting behaves like."""

    behaviour: str
    weight: float
    """0 to 1: how clear the evidence is."""


def behaviour(settings: Sequence[Setting]) -> tuple[str, str]:
    """One of BEHAVIOURS with the reason, from all settings; empty texts where none fits."""
    seen = [setting for setting in settings if setting.features]
    if not seen:
        return "", ""
    audible = [setting for setting in seen if _audible(setting.features)]
    if _generates(seen):
        return "generator", _reason("generator", [setting.features for setting in seen])
    audible = [setting for setting in audible if setting.features["noise"] < NOISE_HIDES_DB] or audible or seen
    if all(setting.features["null"] < IDENTITY_DB for setting in audible):
        return "identity", "it changes nothing in any setting"
    active = [setting for setting in audible if setting.features["null_gain"] >= GAIN_DB]
    if active and all(_late_block(setting.features) for setting in active):
        late = int(active[0].features["late"])
        return "identity", f"all it does is to be {late:,} samples late, a block of its own that it does not report"
    if not active:
        least = max(setting.features["null"] for setting in audible)
        if least < GAIN_DB:
            return "identity", f"what it changes is {-least:.0f} dB below the signal"
        return "gain", "only the level changes"
    votes: dict[str, float] = {}
    for setting in active:
        vote = _vote(setting)
        if vote:
            # Of equal sums, what it does as loaded wins.
            first = 0.001 if setting.label == DEFAULT else 0.0
            votes[vote.behaviour] = votes.get(vote.behaviour, first) + vote.weight * _share(
                setting, active, vote.behaviour
            )
    if "delay" in votes and len(votes) > 1 and _only_late(active):
        del votes["delay"]
    if not votes:
        least = seen[0].features["null"]
        return ("identity", f"what it changes is {-least:.0f} dB below the signal") if least < GAIN_DB else ("", "")
    best = _winner(votes)
    return best, _reason(best, [setting.features for setting in active])


def _winner(votes: Mapping[str, float]) -> str:
    """The strongest behaviour of the family with the most votes."""
    families = {family: sum(votes.get(name, 0.0) for name in behaviours) for family, behaviours in FAMILIES.items()}
    family = max(families, key=lambda name: (families[name], name))
    within = {name: votes[name] for name in FAMILIES[family] if name in votes}
    # The settings of multiband dynamics in which one band works look like a de-esser.
    if {"de-esser", "multiband dynamics"} <= within.keys():
        within["multiband dynamics"] += within.pop("de-esser")
    return max(within, key=lambda name: (within[name], name))


def _only_late(active: Sequence[Setting]) -> bool:
    """Whether all arrives equally late in every setting: a latency that is not reported, not an echo."""
    late = [setting.features["late"] for setting in active]
    sharp = all(setting.features["focus"] > 0.95 for setting in active)
    return len(active) > 2 and sharp and max(late) - min(late) < 16


def _late_block(f: Features) -> bool:
    """Whether a sound arrives unchanged but late by a power of two, as behind what works on blocks of a spectrum."""
    late = int(f["late"])
    return late >= 1024 and late & (late - 1) == 0 and f["focus"] > 0.95 and f["colour"] < 0.2 and f["thd"] < 0.1


def _audible(f: Features) -> bool:
    # A gate may be closed for the softer signals.
    return max(f[f"band{n}"] for n in range(10)) > -90 or f["expand"] > 30


def _generates(seen: Sequence[Setting]) -> bool:
    """Whether it sounds without input: as it is when loaded, or in another setting where it is silent as loaded."""
    first = seen[0].features
    if any(delay(setting.features, setting) > 0 for setting in seen):
        return False
    if _sounds(first):
        return True
    others = [_sounds(setting.features) for setting in seen[1:]]
    if first["null"] < GAIN_DB and len(others) > 1 and all(others):
        return True  # it passes what comes in, and adds a sound of its own once that is turned up
    return not _audible(first) and any(_sounds(setting.features) for setting in seen)


def _sounds(f: Features) -> bool:
    endless = feature_of(f, "tail_level", -120) > -3 and f["decay"] == 0 and feature_of(f, "spread") > 0.98
    # What falls silent, also after a sound, is settling.
    level = max(f["noise"], feature_of(f, "idle", -160) if feature_of(f, "tail_level", -120) > -20 else -160.0)
    # Hiss far below a tone that comes through, or below what went in, is the noise of an effect.
    hides = level > NOISE_HIDES_DB and feature_of(f, "clear") < 20 and f["null_gain"] > -6
    return endless or level > LOUD_DB or hides


def _share(setting: Setting, active: Sequence[Setting], behaves: str) -> float:
    """How much the vote of a setting counts: that of the default most, since it is what a person gets."""
    if setting.label != DEFAULT or len(active) < 2:
        return 1.0
    # What moves or lasts as loaded is what the plugin is for; a filter in it is a part of it.
    return 3.0 if behaves in FAMILIES["space"] + FAMILIES["movement"] else 2.0


def _vote(setting: Setting) -> Vote | None:
    for name, rule in RULES:
        weight = rule(setting.features, setting)
        if weight > 0:
            return Vote(name, weight)
    return None


def _reason(name: str, seen: Sequence[Features]) -> str:
    """The evidence for a behaviour in words."""

    def most(feature: str) -> float:
        return max(feature_of(f, feature) for f in seen)

    def lowest(feature: str) -> float:
        return min(feature_of(f, feature) for f in seen)

    echoes = [f["echo"] for f in seen if f["echo"] > 0.025 and f["echo_clear"] > 0.8]
    match name:
        case "generator":
            loudest = max(max(f["noise"], feature_of(f, "idle", -160)) for f in seen)
            return f"up to {loudest:.0f} dBFS come out without input"
        case "ring modulator":
            return "a tone becomes two, as far above it as below"
        case "panner":
            return f"it moves between left and right by up to {most('pan_motion'):.0f} dB"
        case "delay":
            return f"single echoes, the first after {min(echoes) * 1000:.0f} to {max(echoes) * 1000:.0f} ms"
        case "modulation":
            depth = max(most("depth"), most("motion"))
            return f"a movement of up to {depth:.1f} dB and {most('wander'):.0f} cents"
        case "pitch shifter":
            return f"1 kHz is moved by up to {max(abs(f['cents']) for f in seen):.0f} cents"
        case "lo-fi":
            return "what it adds to a tone is worse the softer the tone is, or is no harmonic of it"
        case "reverb" if most("decay") > 0.15:
            return f"a dense tail of up to {most('decay'):.1f} s"
        case "reverb":
            return "many reflections close together"
        case "rotary speaker":
            return f"lows and highs move at speeds of their own, by up to {most('two_rates'):.0f} dB"
        case "transient shaper":
            starts = max((feature_of(f, "start") for f in seen), key=abs)
            how = "louder" if starts > 0 else "softer"
            return f"the start of a sound is up to {abs(starts):.0f} dB {how}, at any level"
        case "exciter" if most("sub") > -20:
            return "it adds a tone an octave below the lows"
        case "exciter":
            end = "lows" if most("thd_low") > most("thd_high") else "highs"
            amount_ = max(most("thd_low"), most("thd_high"))
            return f"it adds harmonics to the {end}, up to {amount_:.0f} %, and few elsewhere"
        case "amplifier":
            return f"up to {most('thd'):.1f} % of harmonics, in the band of a loudspeaker"
        case "de-esser":
            return f"loud highs get up to {-lowest('self_high'):.0f} dB quieter, loud lows do not"
        case "multiband dynamics":
            return "what is loud in one band gets quieter without the other bands"
        case "gate":
            return f"what is quiet gets up to {most('expand'):.0f} dB quieter"
        case "limiter" | "compressor":
            return f"what is loud gets up to {most('squash'):.0f} dB quieter"
        case "distortion":
            return f"up to {most('thd'):.1f} % of harmonics at -12 dBFS, {most('thd_loud'):.1f} % at 0 dBFS"
        case "stereo":
            return "it changes what is between left and right, and little else"
        case "filter":
            return "it cuts what is beyond its corner"
        case _:
            return f"its response is up to {most('colour'):.1f} dB from flat, and little else changes"
