"""Words of sound: what a person would call the sound of a plugin, each with the figures that it rests on.

Every word is a direction in measured figures. Those of an effect are taken as it is when loaded, or, where it idles
then, halfway to the setting in which its parameters do most.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from pluginary_tui.formatting import amount, short_decimals
from pluginary_tui.sound.passport import Knob, Passport, Setting

IDLE_DB = -60.0
"""What changes less than this relative to the input, dB, has no sound of its own."""


class Sound:
    """The figures of one setting under names that the words use."""

    def __init__(self, setting: Setting, behaves: str) -> None:
        f = setting.features
        self.behaves = behaves
        self._features = f
        self.moves = 0.0 if f.get("fills") else max(f.get("motion", 0.0), f.get("depth", 0.0))
        # A response of what moves is one moment of it.
        still = self.moves < 3
        bands = [f.get(f"band{n}", 0.0) if still else 0.0 for n in range(10)]
        self.colour = f.get("colour", 0.0) if still else 0.0
        middle = sum(bands[4:7]) / 3
        self.bass = sum(bands[1:3]) / 2 - middle
        self.low_mids = bands[3] - middle
        self.presence = bands[7] - middle
        self.treble = bands[8] - middle
        self.air = bands[9] - middle
        self.lowest = bands[0] - middle
        harmonics = setting.curves.get("harmonics")
        levels = dict(zip(harmonics.x, harmonics.y, strict=True)) if harmonics else {}
        self.second, self.third = levels.get(2.0, -160.0), levels.get(3.0, -160.0)
        self.echo = f.get("echo", 0.0) if f.get("echo_clear", 0.0) > 0.8 else 0.0
        trusted = f.get("curve_trust", 1.0) > 0.7
        self.squash = f.get("squash", 0.0) if trusted else 0.0
        self.expand = f.get("expand", 0.0) if trusted else 0.0
        together = abs(f.get("cross_high", 0.0) - f.get("self_low", 0.0)) < 1
        self.held = f.get("memory", 0.0) < -0.3 or (together and f.get("self_low", 0.0) < -0.5)
        dense = f.get("tail_level", 0.0) > -40 and f.get("tail_bands", 1.0) >= 0.5
        self.tail = f.get("decay", 0.0) if dense and behaves in ("reverb", "delay") else 0.0
        self.pulses = self.moves > 4 and f.get("wander", 0.0) < 4 and f.get("regular", 0.0) > 0.75
        self.brightness = f.get("tail_tilt", 0.0) if self.tail > 0.1 else self.treble

    def __getattr__(self, name: str) -> float:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._features.get(name, 0.0)


class Word(NamedTuple):
    """One word for a sound."""

    name: str
    about: str
    """The direction in figures, for the documents."""
    holds: Callable[[Sound], bool]
    reason: Callable[[Sound], str]


def _db(value: float) -> str:
    return f"{value:+.0f} dB" if abs(value) >= 0.5 else "0 dB"


def _tone(s: Sound) -> str:
    return f"lows {_db(s.bass)}, highs {_db(s.treble)} against the middle"


def _warmth(s: Sound) -> str:
    if s.bass - s.treble > 2:
        return _tone(s)
    return f"{_harmonics(s)}, the second {s.second - s.third:.0f} dB above the third"


def _harmonics(s: Sound) -> str:
    return f"{amount(s.thd)} % of harmonics"


def _dynamics(s: Sound) -> str:
    return f"loud levels {s.squash:.0f} dB down"


def _tail(s: Sound) -> str:
    return f"a tail of {s.tail:.1f} s"


def _stereo(s: Sound) -> str:
    return f"sides {_db(s.side_gain)}, {100 * s.width:.0f} % of a mono sound is made different"


def _motion(s: Sound) -> str:
    return f"it moves by {s.moves:.1f} dB and {s.wander:.0f} cents"


def _limits(s: Sound) -> str:
    return f"{_db(s.lowest)} in the deepest lows, {_db(s.air)} in the highest highs"


def _is_clean(s: Sound) -> bool:
    return s.thd < 0.05 and s.thd_loud < 0.5 and s.noise < -96 and s.moves < 0.5 and s.wander < 5


_MOVING = ("modulation", "rotary speaker")

WORDS: Sequence[Word] = (
    Word("warm", "more lows than highs by 2 dB, or a second harmonic above the third",
         lambda s: (s.bass > 0.5 and s.bass - s.treble > 2 and s.treble > -12)
         or (0.1 < s.thd < 8 and s.second > s.third + 3 and s.treble < 1 and s.bass > -2), _warmth),
    Word("bright", "highs 2 dB above the middle", lambda s: s.treble > 2, _tone),
    Word("dark", "highs 4 dB below the middle", lambda s: s.treble < -4, _tone),
    Word("dull", "highs 15 dB below the middle", lambda s: s.treble < -15, _tone),
    Word("airy", "more above 10 kHz, by 2 dB, without harshness",
         lambda s: s.air > 2 and s.air >= s.presence and s.thd < 1, _limits),
    Word("crisp", "highs 1 to 6 dB up, few harmonics", lambda s: 1 < s.treble < 6 and s.thd < 0.5, _tone),
    Word("harsh", "4 dB more at 2.5 to 4 kHz, or many harmonics and bright",
         lambda s: s.presence > 4 or (s.thd > 5 and s.treble > 0.5),
         lambda s: f"{_db(s.presence)} at 2.5 to 4 kHz, {_harmonics(s)}"),
    Word("smooth", "highs 1 to 8 dB down, few harmonics",
         lambda s: -8 < s.treble < -1 and s.presence < 0.5 and s.thd < 0.5, _tone),
    Word("boomy", "lows 4 dB above the middle", lambda s: s.bass > 4 and s.treble > -12, _tone),
    Word("full", "lows and low middle 1 dB up", lambda s: s.bass > 1 and s.low_mids > 0.7 and s.treble > -12, _tone),
    Word("thin", "lows 4 dB below the middle", lambda s: s.bass < -4, _tone),
    Word("muddy", "low middle 2 dB up, highs down", lambda s: s.low_mids > 2 and -12 < s.treble < -1, _tone),
    Word("scooped", "the middle 3 dB below lows and highs", lambda s: s.bass > 3 and s.treble > 3, _tone),
    Word("nasal", "the middle 6 dB above lows and highs", lambda s: s.bass < -6 and s.treble < -6, _tone),
    Word("telephone", "lows 15 dB and highs above 10 kHz 15 dB down",
         lambda s: s.lowest < -15 and s.air < -15, _limits),
    Word("flat", "within 0.2 dB of flat", lambda s: s.colour < 0.2 and s.moves < 0.5,
         lambda s: f"{s.colour:.1f} dB from flat"),
    Word("resonant", "it rings in one octave",
         lambda s: s.tail_level > -40 and 0 < s.tail_bands <= 0.25 and s.decay < 1 and s.noise < -96,
         lambda s: f"what rings is {s.tail_level:.0f} dB"),
    Word("clean", "below 0.05 % of harmonics, no noise, no movement", _is_clean, _harmonics),
    Word("transparent", "the difference to dry is 20 dB down", lambda s: s.null_gain < -20,
         lambda s: f"the difference to dry is {-s.null_gain:.0f} dB down"),
    Word("coloured", "3 dB from flat", lambda s: s.colour > 3, lambda s: f"{s.colour:.1f} dB from flat"),
    Word("saturated", "0.3 to 5 % of harmonics", lambda s: 0.3 < s.thd < 5, _harmonics),
    Word("dirty", "above 3 % of harmonics", lambda s: s.thd > 3, _harmonics),
    Word("crunchy", "3 to 15 % of harmonics, more when louder",
         lambda s: 3 < s.thd < 15 and s.thd_loud > s.thd, _harmonics),
    Word("fuzzy", "above 20 % of harmonics", lambda s: s.thd > 20, _harmonics),
    Word("gritty", "soft sounds have more harmonics than loud ones",
         lambda s: s.thd_quiet > max(1.0, 3 * s.thd_loud),
         lambda s: f"{amount(s.thd_quiet)} % of harmonics when soft, {amount(s.thd_loud)} % when loud"),
    Word("lo-fi", "fewer bits, a lower sample rate, or a codec", lambda s: s.behaves == "lo-fi",
         lambda s: "it adds what is no harmonic, or ends the band in a wall"),
    Word("metallic", "tones that are no harmonics",
         lambda s: s.inharmonic > -25 and s.moves < 2 and s.noise < -60 and s.tail == 0,
         lambda s: f"tones that are no harmonics at {s.inharmonic:.0f} dB"),
    Word("hissy", "noise above -80 dBFS", lambda s: s.noise > -80, lambda s: f"noise of {s.noise:.0f} dBFS"),
    Word("punchy", "the start of a sound comes through 2 dB louder",
         lambda s: s.overshoot > 2 and s.behaves in ("compressor", "limiter", "multiband dynamics"),
         lambda s: f"the start of a sound is {s.overshoot:.0f} dB louder than what follows"),
    Word("soft", "the start of a sound is 2 dB quieter",
         lambda s: s.overshoot < -2 and s.tail == 0 and s.echo == 0 and s.moves < 1 and s.behaves != "gate",
         lambda s: f"the start of a sound is {-s.overshoot:.0f} dB quieter than what follows"),
    Word("glue", "loud levels 1.5 to 8 dB down, few harmonics, slow to recover",
         lambda s: 1.5 < s.squash < 8 and s.thd < 1 and s.held
         and s.behaves in ("compressor", "limiter", "multiband dynamics"), _dynamics),
    Word("squashed", "loud levels 12 dB down", lambda s: s.squash > 12 and s.held, _dynamics),
    Word("pumping", "6 dB quieter right after what was loud",
         lambda s: s.squash > 3 and -39 < s.memory < -6, lambda s: f"{-s.memory:.0f} dB quieter after what was loud"),
    Word("gated", "quiet levels 10 dB down", lambda s: s.expand > 10 and s.behaves == "gate",
         lambda s: f"quiet levels {s.expand:.0f} dB down"),
    Word("short", "a tail below 0.6 s", lambda s: 0 < s.tail < 0.6 and s.behaves == "reverb", _tail),
    Word("long", "a tail of 2 s or more", lambda s: s.tail >= 2, _tail),
    Word("roomy", "a tail of 0.2 to 0.8 s", lambda s: 0.2 < s.tail < 0.8 and s.behaves == "reverb", _tail),
    Word("spacious", "a tail of 0.8 s or more that is wide",
         lambda s: s.tail > 0.8 and s.width > 0.02, lambda s: f"{_tail(s)}, {_stereo(s)}"),
    Word("huge", "a tail of 4 s or more", lambda s: s.tail >= 4, _tail),
    Word("lush", "a wide tail or movement that is dense and not thin",
         lambda s: s.width > 0.04 and s.bass > -6
         and ((s.tail > 1 and s.behaves == "reverb") or (s.behaves in _MOVING and s.wander > 3)),
         lambda s: f"{_tail(s) if s.tail else _motion(s)}, {_stereo(s)}"),
    Word("slapback", "one echo after 50 to 180 ms", lambda s: 0.05 <= s.echo <= 0.18 and s.focus < 0.98,
         lambda s: f"an echo after {1000 * s.echo:.0f} ms"),
    Word("echoing", "an echo after 180 ms or more", lambda s: s.echo > 0.18,
         lambda s: f"an echo after {1000 * s.echo:.0f} ms"),
    Word("wide", "sides 2 dB up, or made from a mono sound",
         lambda s: s.side_gain > 2 or s.width > 0.04, _stereo),
    Word("narrow", "sides 2 dB down", lambda s: -30 < s.side_gain < -2 and s.width < 0.04, _stereo),
    Word("mono", "no sides are left", lambda s: s.side_gain <= -30, _stereo),
    Word("swirling", "a movement of 2 dB or more that is more than one of the level",
         lambda s: s.moves > 2 and s.behaves in _MOVING and not s.pulses, _motion),
    Word("wobbly", "the pitch moves by 15 cents", lambda s: s.wander > 15 and s.moves > 0 and s.tail < 1, _motion),
    Word("pulsing", "the level moves by 4 dB, the pitch does not",
         lambda s: s.pulses, _motion),
    Word("detuned", "1 kHz is moved by 4 to 60 cents", lambda s: 4 < abs(s.cents) < 60 and s.clear > 6,
         lambda s: f"{s.cents:+.0f} cents"),
    Word("pitched", "1 kHz is moved by 90 cents or more",
         lambda s: abs(s.cents) > 90 and s.clear > 6 and s.behaves == "pitch shifter",
         lambda s: f"{s.cents:+.0f} cents"),
)  # fmt: skip
"""All words, in the order in which they are documented and shown."""

NAMES = tuple(word.name for word in WORDS)


def sound_of(passport: Passport) -> Sound | None:
    """The figures that the words rest on; None for instruments and for what does nothing in any setting."""
    if passport.kind != "effect" or passport.behaves in ("silent", "identity", "gain", "generator"):
        return None
    settings = {setting.label: setting for setting in passport.settings if setting.features}
    for label in ("default", "half", "strong", *settings):
        setting = settings.get(label)
        if setting is not None and setting.features.get("null_gain", setting.features.get("null", 0.0)) > IDLE_DB:
            return Sound(setting, passport.behaves)
    return None


def words_of(passport: Passport) -> dict[str, str]:
    """The words for the sound of an effect, each with its reason."""
    sound = sound_of(passport)
    return {word.name: word.reason(sound) for word in WORDS if word.holds(sound)} if sound else {}


def in_common(one: Passport, other: Passport) -> str:
    """What the sounds of two effects share, in words ("long bright tail"); empty where that is little."""
    a, b = sound_of(one), sound_of(other)
    if a is None or b is None:
        return ""
    found = []
    if min(a.tail, b.tail) > 0.1:
        length = "short" if max(a.tail, b.tail) < 0.6 else "long" if min(a.tail, b.tail) > 2 else ""
        tone = (
            "dark" if max(a.brightness, b.brightness) < -8 else "bright" if min(a.brightness, b.brightness) > -3 else ""
        )
        found.append(" ".join(filter(None, (length, tone, "tail"))))
    if min(a.echo, b.echo) > 0.025:
        found.append("clear echo")
    if min(a.squash, b.squash) > 2:
        found.append("loud levels held back")
    if min(a.expand, b.expand) > 3:
        found.append("quiet levels held back")
    if min(a.thd, b.thd) > 0.3:
        found.append("many harmonics" if min(a.thd, b.thd) > 3 else "a few harmonics")
    if min(a.moves, b.moves) > 1:
        found.append("movement")
    if not min(a.tail, b.tail) > 0.1:
        for values, less, more in (
            ((a.bass, b.bass), "few lows", "strong lows"),
            ((a.treble, b.treble), "dark", "bright"),
        ):
            if max(values) < -3:
                found.append(less)
            elif min(values) > 2:
                found.append(more)
    if min(a.width, b.width) > 0.03:
        found.append("wide")
    return ", ".join(found)


_MUCH: Sequence[tuple[str, float, tuple[str, str]]] = (
    ("brightness", 2.5, ("darker", "brighter")),
    ("bass", 2.5, ("fewer lows", "more lows")),
    ("squash", 4.0, ("holds loud levels back less", "holds loud levels back more")),
    ("moves", 3.0, ("moves less", "moves more")),
    ("width", 0.05, ("narrower", "wider")),
)
"""Figures with the least difference that is named, and what a smaller and a larger value is called."""


def differences(one: Passport, other: Passport) -> list[str]:
    """How `other` differs from `one`, in words: "darker", "a longer tail", "half the processor time"."""
    a, b = sound_of(one), sound_of(other)
    found = []
    if a is not None and b is not None:
        if min(a.tail, b.tail) > 0.1 and not 0.67 < b.tail / a.tail < 1.5:
            found.append("a longer tail" if b.tail > a.tail else "a shorter tail")
        found += [
            words[getattr(b, name) > getattr(a, name)]
            for name, least, words in _MUCH
            if abs(getattr(b, name) - getattr(a, name)) > least
        ]
        if max(a.thd, b.thd) > 0.3 and not 0.4 < (b.thd + 0.05) / (a.thd + 0.05) < 2.5:
            found.append("dirtier" if b.thd > a.thd else "cleaner")
    mine, theirs = one.costs.get("cpu"), other.costs.get("cpu")
    if mine and theirs and max(mine.value, theirs.value) > 0.2 and min(mine.value, theirs.value) > 0:
        times = theirs.value / mine.value
        if 0.4 < times < 0.6:
            found.append("half the processor time")
        elif times <= 0.4:
            found.append(f"a {_ordinal(round(1 / times))} of the processor time")
        elif times > 1.6:
            found.append("twice the processor time" if times < 2.5 else f"{times:.0f} times the processor time")
    return found


def _ordinal(number: int) -> str:
    return {3: "third", 4: "quarter", 5: "fifth"}.get(number, "small part")


KNOB_WORDS: Mapping[str, tuple[str, str, str]] = {
    "level": ("quieter", "louder", "{:+.0f} dB"),
    "bass": ("thinner", "fuller", "{:+.0f} dB of lows"),
    "treble": ("darker", "brighter", "{:+.0f} dB of highs"),
    "squash": ("opener", "tighter", "loud levels {:+.0f} dB held back"),
    "tail": ("drier", "longer", "{:+.0f} dB of tail"),
    "width": ("narrower", "wider", ""),
    "harmonics": ("cleaner", "dirtier", "{:+.0f} dB of harmonics"),
    "pitch": ("lower", "higher", "{:+.0f} cents"),
    "balance": ("left", "right", "{:+.0f} dB to the right"),
}
"""What a change of each measure makes of the sound, less and more, and how the change is written."""

_MOST_WORDS = 3


def knob_effect(change: Mapping[str, float]) -> str:
    """What a change of a parameter does, in words: "dirtier (+18 dB of third harmonic), louder (+6 dB)"."""
    sized = []
    for name, (less, more, text) in KNOB_WORDS.items():
        value = change.get(name, 0.0)
        if not value:
            continue
        if name == "harmonics":
            order = max(("second", "third"), key=lambda each: change.get(each, 0.0) * (1 if value > 0 else -1))
            if abs(change.get(order, 0.0)) > 6:
                value, text = change[order], f"{{:+.0f}} dB of {order} harmonic"
        weight = {"width": 30.0, "pitch": 0.05, "harmonics": 0.4, "tail": 0.2}.get(name, 1.0)
        shown = f" ({text.format(value)})" if text else ""
        sized.append((abs(value) * weight, f"{more if value > 0 else less}{shown}"))
    sized.sort(reverse=True)
    return ", ".join(words for _, words in sized[:_MOST_WORDS])


def knob_lines(passport: Passport) -> list[str]:
    """What each parameter does in words alone, the strongest first: "Drive: dirtier, louder, cleaner"."""
    found = []
    for knob in passport.knobs:
        words = [each.partition(" (")[0] for side in (knob.up, knob.down) for each in knob_effect(side).split(", ")]
        found.append(f"{knob.name}: {', '.join(filter(None, dict.fromkeys(words)))}")
    return [line for line in found if not line.endswith(": ")]


def knob_text(knob: Knob) -> str:
    """What turning one parameter up and down does, with figures and the values that were tried."""
    sides = (("up", knob.up_text, knob.up), ("down", knob.down_text, knob.down))
    effects = [(side, value, knob_effect(change)) for side, value, change in sides]
    return "; ".join(
        f"{side}{f' to {short_decimals(value)}' if value else ''}: {effect}"
        for side, value, effect in effects
        if effect
    )
