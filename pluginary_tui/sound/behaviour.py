"""What an effect behaves like, judged from the features of all its settings. Needs no numpy.

Each setting in which the plugin does something votes for one behaviour, on the strongest evidence that it gives; the
behaviour with the most votes wins. Evidence is examined in the order of `_RULES`: what is sure and rare comes first,
so that a clear echo counts more than a decibel of tone colour, and a gain curve counts only where it shows level and
not time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from pluginary_tui.sound.metrics import FAMILIES
from pluginary_tui.sound.passport import DEFAULT, Setting

Features = Mapping[str, float]

IDENTITY_DB = -90.0
GAIN_DB = -60.0
"""A difference to the input below this, after the best gain, is a change of level and nothing else."""

NOISE_HIDES_DB = -55.0
"""Sound without input, dBFS, above which nothing else can be measured."""

LOUD_DB = -40.0
"""Sound without input, dBFS, above which a plugin is a source of sound, whatever else it does."""

_CUTS = frozenset({"corner_low", "corner_high"})


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
    if any(_delay(setting.features, setting) > 0 for setting in seen):
        return False
    if _sounds(first):
        return True
    others = [_sounds(setting.features) for setting in seen[1:]]
    if first["null"] < GAIN_DB and len(others) > 1 and all(others):
        return True  # it passes what comes in, and adds a sound of its own once that is turned up
    return not _audible(first) and any(_sounds(setting.features) for setting in seen)


def _sounds(f: Features) -> bool:
    endless = _get(f, "tail_level", -120) > -3 and f["decay"] == 0 and _get(f, "spread") > 0.98
    # What falls silent, also after a sound, is settling.
    level = max(f["noise"], _get(f, "idle", -160) if _get(f, "tail_level", -120) > -20 else -160.0)
    # Hiss far below a tone that comes through, or below what went in, is the noise of an effect.
    hides = level > NOISE_HIDES_DB and _get(f, "clear") < 20 and f["null_gain"] > -6
    return endless or level > LOUD_DB or hides


def _share(setting: Setting, active: Sequence[Setting], behaves: str) -> float:
    """How much the vote of a setting counts: that of the default most, since it is what a person gets."""
    if setting.label != DEFAULT or len(active) < 2:
        return 1.0
    # What moves or lasts as loaded is what the plugin is for; a filter in it is a part of it.
    return 3.0 if behaves in FAMILIES["space"] + FAMILIES["movement"] else 2.0


def _vote(setting: Setting) -> Vote | None:
    for name, rule in _RULES:
        weight = rule(setting.features, setting)
        if weight > 0:
            return Vote(name, weight)
    return None


def _get(f: Features, name: str, otherwise: float = 0.0) -> float:
    return f.get(name, otherwise)


def _between(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _linear(f: Features) -> bool:
    """Whether what comes out depends on the level of what goes in by its level alone."""
    return f["thd"] < 0.3 and f["thd_loud"] < 1.0 and f["squash"] < 1 and f["expand"] < 1


def _trusted(f: Features) -> bool:
    """Whether the gain curve shows level and not time."""
    return _get(f, "curve_trust", 1.0) > 0.7


def _controls_gain(f: Features) -> bool:
    """Whether the gain follows the level: it recovers slowly, or a quiet tone goes down as far as a loud one."""
    low, high = _get(f, "self_low"), _get(f, "self_high")
    together = abs(_get(f, "cross_high") - low) < 2 and abs(_get(f, "cross_low") - high) < 2
    return -39 < f["memory"] < -1 or (min(low, high) < -3 and together)


def _lost(f: Features) -> bool:
    """Whether so little of the tone is left that nothing can be compared with it."""
    return max(-70.0, *(f[f"band{n}"] for n in range(10))) - f["band5"] > 20


def _distorts(f: Features) -> bool:
    if _lost(f):
        return False
    strong = f["thd"] > 0.5 or f["thd_loud"] > 5
    if f["expand"] > 10 and f["thd_loud"] < 1 and f["thd"] < 5:
        return False  # a gate that opens and closes within a wave
    return strong and (not _controls_gain(f) or f["thd"] > 20)


def _moves(f: Features) -> bool:
    return f["regular"] > 0.75 and (f["depth"] > 0.5 or f["wander"] > 5) and not _get(f, "fills")


def _ring(f: Features, setting: Setting) -> float:
    dense = _get(f, "tail_level", -120) > -20 and f["decay"] > 0.1  # voices of a chorus, a reverb
    return 1.2 if _get(f, "ring") > 0.25 and not dense else 0.0


def _panner(f: Features, setting: Setting) -> float:
    moves = _get(f, "pan_motion") > 3 and _get(f, "opposite") > 0.3 and f["wander"] < 20
    return 1.2 if moves and not _get(f, "fills") else 0.0


def _delay(f: Features, setting: Setting) -> float:
    flanges = f["echo"] < 0.05 and _get(f, "motion") > 3
    if f["focus"] > 0.9 and f["regular"] > 0.75 and f["wander"] > 10:
        return 0.0  # all of it is late, and it moves: the buffer of a vibrato
    if abs(f["cents"]) >= 20 and _get(f, "clear") > 15 and f["wander"] < abs(f["cents"]):
        return 0.0  # the buffer of a pitch shifter
    return 1.5 if f["echo"] > 0.025 and f["echo_clear"] > 0.8 and not flanges else 0.0


def _strong_filter(f: Features, setting: Setting) -> float:
    """A cut so deep that what else is seen of a tone is seen through its slope."""
    top = max(f[f"band{n}"] for n in range(10))
    cut = f["colour"] > 14 and top - min(f["band0"], f["band9"]) > 25
    return 1.0 if cut and not _walled(f) and not _distorts(f) and _get(f, "tail_bands", 0) < 0.8 else 0.0


def _rotary(f: Features, setting: Setting) -> float:
    """Lows and highs move at speeds of their own, as a drum and a horn do."""
    return 1.8 if _get(f, "two_rates") > 1.5 and _moving(f) else 0.0


def _moving(f: Features) -> bool:
    """Whether level, pitch or place of a tone move while it lasts."""
    return max(_get(f, "motion"), f["depth"], _get(f, "pan_motion"), _get(f, "wander") / 10) > 0.5


def _transients(f: Features, setting: Setting) -> float:
    """The start of a sound is louder or softer than what follows, the same for soft and for loud ones."""
    soft, loud = _get(f, "start"), f["overshoot"]
    alike = soft * loud > 0 and min(abs(soft), abs(loud)) > 1.5 and abs(soft - loud) < 0.6 * max(abs(soft), abs(loud))
    steady = _get(f, "motion") < 1 and f["squash"] < 3 and f["expand"] < 3 and _get(f, "curve_trust", 1.0) > 0.7
    rings = f["decay"] > 0.1 or f["echo_clear"] > 0.8 or _get(f, "tail_level", -120) > -60
    # A gain that follows the waves of a tone adds the same harmonics at any level.
    by_gain = abs(f["thd_quiet"] - f["thd_loud"]) < 0.2 * f["thd_loud"]
    if not alike or not steady or rings or (_distorts(f) and not by_gain) or soft < -15:
        return 0.0
    return 1.5 if soft > 0 else 0.8  # a gate that opens slowly softens the start, too


def _modulation(f: Features, setting: Setting) -> float:
    if _moves(f):
        return 1.5
    return 0.7 if _get(f, "motion") > 1.5 and not _get(f, "fills") and not _trusted(f) else 0.0


def _pitch(f: Features, setting: Setting) -> float:
    if abs(f["cents"]) < 20 or _get(f, "clear", 10) < 6:
        return 0.0
    return 2.0 if f["wander"] < abs(f["cents"]) else 0.0


def _reverb(f: Features, setting: Setting) -> float:
    if f["decay"] > 0.15 and _get(f, "tail_level") > -40 and _get(f, "tail_bands", 1.0) >= 0.5:
        return 1.3
    dense = _get(f, "spread") > 0.3 and f["echo_clear"] < 0.6 and _get(f, "curve_trust", 1.0) > 0.9
    dense = dense and _get(f, "tail_level", -120) > -80
    dense = dense and _get(f, "inharmonic", -160) < -40
    return 1.0 if dense and _linear(f) and f["colour"] < 8 else 0.0


def _faint_tail(f: Features, setting: Setting) -> float:
    """A soft dense tail in all octaves: it moves a steady tone a little, which is no modulation."""
    dense = _get(f, "tail_level", -120) > -45 and _get(f, "tail_bands") >= 0.8 and f["memory"] > 3
    steady = f["depth"] < 3 and _get(f, "motion") < 3 and f["wander"] < 10 and abs(f["cents"]) < 10
    return 1.0 if dense and steady and f["echo_clear"] < 0.6 and f["noise"] < -90 and not _distorts(f) else 0.0


def _exciter(f: Features, setting: Setting) -> float:
    sub = _get(f, "sub", -120) > -20 and _heard(f, "band2", "band3")
    return 2.5 if sub and f["thd"] < 3 and not _controls_gain(f) else 0.0


def _heard(f: Features, *bands: str) -> bool:
    """Whether a tone in one of these bands comes through, so that what is seen beside it belongs to it."""
    return max(f[f"band{n}"] for n in range(10)) - max(f[band] for band in bands) < 20


def _one_end(f: Features, setting: Setting) -> float:
    """Harmonics of the highs or of the lows alone."""
    low = _get(f, "thd_low") if _heard(f, "band2", "band3") else 0.0
    high = _get(f, "thd_high") if _heard(f, "band8") else 0.0
    one_end = (low > 10 or high > 0.7) and max(low, high) > 6 * max(min(low, high), f["thd"], 0.1)
    # A gain that follows the level of lows has harmonics of them, too.
    held = f["squash"] > 1 or f["expand"] > 1 or _controls_gain(f)
    held = held or (15 > low > high and _get(f, "self_low") < -1)
    return 1.5 if one_end and f["residue"] < -62 and not held and not _moving(f) else 0.0


def _amplifier(f: Features, setting: Setting) -> float:
    """Harmonics in the band of a loudspeaker: little below some 60 Hz, little above some 8 kHz."""
    middle = sorted(f[f"band{n}"] for n in range(10))[5]
    speaker = middle - f["band0"] > 10 and middle - f["band9"] > 12 and 6 < f["colour"] < 20
    # The supply of an amplifier gives way, which looks like a compressor.
    drives = f["thd"] > 0.3 or f["thd_loud"] > 2
    return 1.2 if speaker and drives and not _lost(f) and f["decay"] < 0.1 else 0.0


def _deesser(f: Features, setting: Setting) -> float:
    """Loud highs go down; loud lows do not, nor do quiet lows beside loud highs."""
    high = _get(f, "self_high")
    quiet = max(abs(_get(f, "self_low")), abs(_get(f, "cross_low")))
    if abs(_get(f, "cross_high")) > 0.4 * -high:
        return 0.0  # lows hold the highs down, too
    return 1.0 if high < -3 and quiet < max(0.5, 0.2 * -high) and not _distorts(f) else 0.0


def _multiband(f: Features, setting: Setting) -> float:
    """Loud bands go down, and the quiet band beside them does not."""
    low, high = min(_get(f, "self_low"), 0.0), min(_get(f, "self_high"), 0.0)
    beside_low, beside_high = _get(f, "cross_low"), _get(f, "cross_high")
    if _distorts(f) or low + high > -6 or max(low, high) > -1.5:
        return 0.0
    return 1.0 if abs(beside_high) < 0.4 * -low and abs(beside_low) < 0.4 * -high else 0.0


def _walled(f: Features) -> bool:
    """Whether the band ends in the wall of a codec or of another sample rate."""
    lows = max(f[f"band{n}"] for n in range(10)) - f["band0"]
    return _get(f, "steep") > 55 and f["band5"] > -40 and lows < 40 and f["noise"] < -90


def _lofi(f: Features, setting: Setting) -> float:
    if _controls_gain(f) and f["thd"] < 2:
        return 0.0
    if _lost(f):
        return 0.0
    if f["thd_quiet"] > max(1.0, 3 * f["thd_loud"]) or f["residue"] > -62:
        return 1.0
    if _walled(f):
        return 1.0
    # A tail and a movement of what was before are no harmonics either.
    steady = _get(f, "motion") < 1 and _get(f, "tail_level", -120) < -25
    # Harmonics of a hard clipper fold back, too, but are weaker than the others.
    folded = 20 * math.log10(max(f["thd"], 1.0) / 100) - 6
    return 1.0 if _get(f, "inharmonic", -160) > max(-22.0, folded) and steady else 0.0


def _gate(f: Features, setting: Setting) -> float:
    return 1.0 if _trusted(f) and f["expand"] > 3 and f["expand"] > f["squash"] and not _distorts(f) else 0.0


def _limiter(f: Features, setting: Setting) -> float:
    ratio = setting.figures.get("ratio")
    steep = ratio is not None and ratio.value > 20 and not setting.figures["threshold"].note
    return 1.0 if steep and _trusted(f) and f["squash"] > 2 and not _distorts(f) else 0.0


def _compressor(f: Features, setting: Setting) -> float:
    if f["squash"] < 2 or _distorts(f):
        return 0.0
    return 1.0 if _trusted(f) or _controls_gain(f) else 0.0


def _distortion(f: Features, setting: Setting) -> float:
    if _distorts(f):
        return 1.0
    return 0.5 if f["thd"] > 0.1 and not _controls_gain(f) and not _lost(f) else 0.0


def _stereo(f: Features, setting: Setting) -> float:
    changed = abs(_get(f, "side_gain")) > 1.5 or f["width"] > 0.03 or abs(_get(f, "pan")) > 1.5
    changed = changed or _get(f, "cross", -100) > -30
    plain = _get(f, "mid_colour") < 1.0 or (f["width"] > 0.3 and _get(f, "spread") < 0.1)
    return 0.7 if changed and _linear(f) and plain else 0.0


def _filter(f: Features, setting: Setting) -> float:
    return 0.8 if _CUTS & setting.figures.keys() or f["colour"] > 15 else 0.0


def _equaliser(f: Features, setting: Setting) -> float:
    return 0.2 + 0.5 * _between(f["colour"], 0.3, 3) if f["colour"] > 0.3 else 0.0


_RULES: Sequence[tuple[str, Callable[[Features, Setting], float]]] = (
    ("ring modulator", _ring),
    ("rotary speaker", _rotary),
    ("transient shaper", _transients),
    ("reverb", _faint_tail),
    ("panner", _panner),
    ("delay", _delay),
    ("exciter", _one_end),
    ("amplifier", _amplifier),
    ("filter", _strong_filter),
    ("pitch shifter", _pitch),
    ("modulation", _modulation),
    ("reverb", _reverb),
    ("exciter", _exciter),
    ("de-esser", _deesser),
    ("multiband dynamics", _multiband),
    ("lo-fi", _lofi),
    ("gate", _gate),
    ("limiter", _limiter),
    ("compressor", _compressor),
    ("distortion", _distortion),
    ("stereo", _stereo),
    ("filter", _filter),
    ("equaliser", _equaliser),
)


def _reason(name: str, seen: Sequence[Features]) -> str:
    """The evidence for a behaviour in words."""

    def most(feature: str) -> float:
        return max(_get(f, feature) for f in seen)

    def lowest(feature: str) -> float:
        return min(_get(f, feature) for f in seen)

    echoes = [f["echo"] for f in seen if f["echo"] > 0.025 and f["echo_clear"] > 0.8]
    match name:
        case "generator":
            loudest = max(max(f["noise"], _get(f, "idle", -160)) for f in seen)
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
            starts = max((_get(f, "start") for f in seen), key=abs)
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
