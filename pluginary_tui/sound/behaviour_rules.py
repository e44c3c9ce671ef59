"""The rules by which one setting of an effect is said to behave like something: evidence in its features.

Each gives how clear the evidence is, 0 where there is none. Needs no numpy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from pluginary_tui.sound.passport import Setting

Features = Mapping[str, float]

_CUTS = frozenset({"corner_low", "corner_high"})


def feature_of(f: Features, name: str, otherwise: float = 0.0) -> float:
    return f.get(name, otherwise)


def _between(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _linear(f: Features) -> bool:
    """Whether what comes out depends on the level of what goes in by its level alone."""
    return f["thd"] < 0.3 and f["thd_loud"] < 1.0 and f["squash"] < 1 and f["expand"] < 1


def _trusted(f: Features) -> bool:
    """Whether the gain curve shows level and not time."""
    return feature_of(f, "curve_trust", 1.0) > 0.7


def _controls_gain(f: Features) -> bool:
    """Whether the gain follows the level: it recovers slowly, or a quiet tone goes down as far as a loud one."""
    low, high = feature_of(f, "self_low"), feature_of(f, "self_high")
    together = abs(feature_of(f, "cross_high") - low) < 2 and abs(feature_of(f, "cross_low") - high) < 2
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
    return f["regular"] > 0.75 and (f["depth"] > 0.5 or f["wander"] > 5) and not feature_of(f, "fills")


def _ring(f: Features, setting: Setting) -> float:
    dense = feature_of(f, "tail_level", -120) > -20 and f["decay"] > 0.1  # voices of a chorus, a reverb
    return 1.2 if feature_of(f, "ring") > 0.25 and not dense else 0.0


def _panner(f: Features, setting: Setting) -> float:
    moves = feature_of(f, "pan_motion") > 3 and feature_of(f, "opposite") > 0.3 and f["wander"] < 20
    return 1.2 if moves and not feature_of(f, "fills") else 0.0


def delay(f: Features, setting: Setting) -> float:
    flanges = f["echo"] < 0.05 and feature_of(f, "motion") > 3
    if f["focus"] > 0.9 and f["regular"] > 0.75 and f["wander"] > 10:
        return 0.0  # all of it is late, and it moves: the buffer of a vibrato
    if abs(f["cents"]) >= 20 and feature_of(f, "clear") > 15 and f["wander"] < abs(f["cents"]):
        return 0.0  # the buffer of a pitch shifter
    return 1.5 if f["echo"] > 0.025 and f["echo_clear"] > 0.8 and not flanges else 0.0


def _strong_filter(f: Features, setting: Setting) -> float:
    """A cut so deep that what else is seen of a tone is seen through its slope."""
    top = max(f[f"band{n}"] for n in range(10))
    cut = f["colour"] > 14 and top - min(f["band0"], f["band9"]) > 25
    return 1.0 if cut and not _walled(f) and not _distorts(f) and feature_of(f, "tail_bands", 0) < 0.8 else 0.0


def _rotary(f: Features, setting: Setting) -> float:
    """Lows and highs move at speeds of their own, as a drum and a horn do."""
    return 1.8 if feature_of(f, "two_rates") > 1.5 and _moving(f) else 0.0


def _moving(f: Features) -> bool:
    """Whether level, pitch or place of a tone move while it lasts."""
    return max(feature_of(f, "motion"), f["depth"], feature_of(f, "pan_motion"), feature_of(f, "wander") / 10) > 0.5


def _transients(f: Features, setting: Setting) -> float:
    """The start of a sound is louder or softer than what follows, the same for soft and for loud ones."""
    soft, loud = feature_of(f, "start"), f["overshoot"]
    alike = soft * loud > 0 and min(abs(soft), abs(loud)) > 1.5 and abs(soft - loud) < 0.6 * max(abs(soft), abs(loud))
    steady = (
        feature_of(f, "motion") < 1 and f["squash"] < 3 and f["expand"] < 3 and feature_of(f, "curve_trust", 1.0) > 0.7
    )
    rings = f["decay"] > 0.1 or f["echo_clear"] > 0.8 or feature_of(f, "tail_level", -120) > -60
    # A gain that follows the waves of a tone adds the same harmonics at any level.
    by_gain = abs(f["thd_quiet"] - f["thd_loud"]) < 0.2 * f["thd_loud"]
    if not alike or not steady or rings or (_distorts(f) and not by_gain) or soft < -15:
        return 0.0
    return 1.5 if soft > 0 else 0.8  # a gate that opens slowly softens the start, too


def _modulation(f: Features, setting: Setting) -> float:
    if _moves(f):
        return 1.5
    return 0.7 if feature_of(f, "motion") > 1.5 and not feature_of(f, "fills") and not _trusted(f) else 0.0


def _pitch(f: Features, setting: Setting) -> float:
    if abs(f["cents"]) < 20 or feature_of(f, "clear", 10) < 6:
        return 0.0
    return 2.0 if f["wander"] < abs(f["cents"]) else 0.0


def _reverb(f: Features, setting: Setting) -> float:
    if f["decay"] > 0.15 and feature_of(f, "tail_level") > -40 and feature_of(f, "tail_bands", 1.0) >= 0.5:
        return 1.3
    dense = feature_of(f, "spread") > 0.3 and f["echo_clear"] < 0.6 and feature_of(f, "curve_trust", 1.0) > 0.9
    dense = dense and feature_of(f, "tail_level", -120) > -80
    dense = dense and feature_of(f, "inharmonic", -160) < -40
    return 1.0 if dense and _linear(f) and f["colour"] < 8 else 0.0


def _faint_tail(f: Features, setting: Setting) -> float:
    """A soft dense tail in all octaves: it moves a steady tone a little, which is no modulation."""
    dense = feature_of(f, "tail_level", -120) > -45 and feature_of(f, "tail_bands") >= 0.8 and f["memory"] > 3
    steady = f["depth"] < 3 and feature_of(f, "motion") < 3 and f["wander"] < 10 and abs(f["cents"]) < 10
    return 1.0 if dense and steady and f["echo_clear"] < 0.6 and f["noise"] < -90 and not _distorts(f) else 0.0


def _exciter(f: Features, setting: Setting) -> float:
    sub = feature_of(f, "sub", -120) > -20 and _heard(f, "band2", "band3")
    return 2.5 if sub and f["thd"] < 3 and not _controls_gain(f) else 0.0


def _heard(f: Features, *bands: str) -> bool:
    """Whether a tone in one of these bands comes through, so that what is seen beside it belongs to it."""
    return max(f[f"band{n}"] for n in range(10)) - max(f[band] for band in bands) < 20


def _one_end(f: Features, setting: Setting) -> float:
    """Harmonics of the highs or of the lows alone."""
    low = feature_of(f, "thd_low") if _heard(f, "band2", "band3") else 0.0
    high = feature_of(f, "thd_high") if _heard(f, "band8") else 0.0
    one_end = (low > 10 or high > 0.7) and max(low, high) > 6 * max(min(low, high), f["thd"], 0.1)
    # A gain that follows the level of lows has harmonics of them, too.
    held = f["squash"] > 1 or f["expand"] > 1 or _controls_gain(f)
    held = held or (15 > low > high and feature_of(f, "self_low") < -1)
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
    high = feature_of(f, "self_high")
    quiet = max(abs(feature_of(f, "self_low")), abs(feature_of(f, "cross_low")))
    if abs(feature_of(f, "cross_high")) > 0.4 * -high:
        return 0.0  # lows hold the highs down, too
    return 1.0 if high < -3 and quiet < max(0.5, 0.2 * -high) and not _distorts(f) else 0.0


def _multiband(f: Features, setting: Setting) -> float:
    """Loud bands go down, and the quiet band beside them does not."""
    low, high = min(feature_of(f, "self_low"), 0.0), min(feature_of(f, "self_high"), 0.0)
    beside_low, beside_high = feature_of(f, "cross_low"), feature_of(f, "cross_high")
    if _distorts(f) or low + high > -6 or max(low, high) > -1.5:
        return 0.0
    return 1.0 if abs(beside_high) < 0.4 * -low and abs(beside_low) < 0.4 * -high else 0.0


def _walled(f: Features) -> bool:
    """Whether the band ends in the wall of a codec or of another sample rate."""
    lows = max(f[f"band{n}"] for n in range(10)) - f["band0"]
    return feature_of(f, "steep") > 55 and f["band5"] > -40 and lows < 40 and f["noise"] < -90


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
    steady = feature_of(f, "motion") < 1 and feature_of(f, "tail_level", -120) < -25
    # Harmonics of a hard clipper fold back, too, but are weaker than the others.
    folded = 20 * math.log10(max(f["thd"], 1.0) / 100) - 6
    return 1.0 if feature_of(f, "inharmonic", -160) > max(-22.0, folded) and steady else 0.0


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
    changed = abs(feature_of(f, "side_gain")) > 1.5 or f["width"] > 0.03 or abs(feature_of(f, "pan")) > 1.5
    changed = changed or feature_of(f, "cross", -100) > -30
    plain = feature_of(f, "mid_colour") < 1.0 or (f["width"] > 0.3 and feature_of(f, "spread") < 0.1)
    return 0.7 if changed and _linear(f) and plain else 0.0


def _filter(f: Features, setting: Setting) -> float:
    return 0.8 if _CUTS & setting.figures.keys() or f["colour"] > 15 else 0.0


def _equaliser(f: Features, setting: Setting) -> float:
    return 0.2 + 0.5 * _between(f["colour"], 0.3, 3) if f["colour"] > 0.3 else 0.0


RULES: Sequence[tuple[str, Callable[[Features, Setting], float]]] = (
    ("ring modulator", _ring),
    ("rotary speaker", _rotary),
    ("transient shaper", _transients),
    ("reverb", _faint_tail),
    ("panner", _panner),
    ("delay", delay),
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
