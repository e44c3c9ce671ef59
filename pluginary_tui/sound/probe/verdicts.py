"""Derives verdicts with their evidence, and what the plugin behaves like, from the figures."""

from __future__ import annotations

from dataclasses import dataclass, field

from pluginary_tui.sound.behaviour import IDENTITY_DB, behaviour
from pluginary_tui.sound.passport import Figure, Passport, Setting, Verdict

NOISY_DBFS = -96.0
"""Above this (RMS, with silent input) a plugin is noisy: the dither of 16 bits, which no listener hears."""
REPEAT_DB = -90.0
BLOCK_DB = -80.0
LATE = 16
"""Tolerance of a latency in samples: the onset of a ringing or slowly rising sound is not sharper."""


@dataclass(slots=True)
class Observations:
    """What was observed besides the figures."""

    reported: int | None = None
    """Samples; None where the plugin reports none."""
    reports_others: bool = False
    """Whether it reported another latency later, so that not all was rendered with the same one."""
    repeat: float = -200.0
    """Null of two renderings of the default setting, dB."""
    block: float = -200.0
    """Null of two block sizes in the default setting, dB."""
    numbers: str = ""
    """Invalid samples in words; empty where there were none."""
    broken: list[str] = field(default_factory=list)
    """Labels of the settings that could not be measured for invalid samples."""
    audible: bool = True


def judge(passport: Passport, observations: Observations) -> None:
    """Set the verdicts, latencies and behaviour of a passport."""
    add = passport.verdicts.append
    if observations.numbers:
        add(Verdict("unstable", f"It gave {observations.numbers}."))
    if not observations.audible and not observations.broken:
        add(Verdict("silent", "Nothing above -100 dBFS came out. It may need a file, a licence or another input."))
        passport.behaves, passport.because = "silent", "nothing comes out"
        return
    if passport.kind == "instrument":
        passport.behaves, passport.because = "instrument", "it plays notes"
        return
    passport.behaves, passport.because = behaviour(passport.settings)
    generates = passport.behaves == "generator"
    default = passport.settings[0]
    if not generates:
        _noise(default, passport)
        _latency(passport, observations)
    moves = _movement(default)
    if observations.repeat > REPEAT_DB and moves:
        add(Verdict("moving", f"It moves by itself: {moves}. Two renderings start at different points of it."))
    elif observations.repeat > REPEAT_DB and not generates:
        add(Verdict("unrepeatable", f"Two renderings of the same {_apart(observations.repeat)}."))
    elif observations.block > BLOCK_DB and not generates:
        add(Verdict("block", f"Renderings with buffers of 240 and of 512 samples {_apart(observations.block)}."))
    if default.features and default.features["null"] < IDENTITY_DB:
        others = "" if passport.behaves == "identity" else " What it behaves like is judged by other settings."
        evidence = f"What comes out is what went in, within {default.features['null']:.0f} dB.{others}"
        add(Verdict("identity", evidence))


def _apart(null: float) -> str:
    """A null test in words."""
    return "have little in common" if null > -3 else f"differ: what is left of both is {-null:.0f} dB below the signal"


def _movement(setting: Setting) -> str:
    """What moves by itself in a setting and how far; empty where nothing does."""
    f = setting.features
    if not f:
        return ""
    found = []
    if (level := max(f["depth"], f.get("motion", 0.0))) > 0.3:
        found.append(f"its level by {level:.1f} dB")
    if f["wander"] > 3:
        found.append(f"its pitch by {f['wander']:.0f} cents")
    if f.get("pan_motion", 0.0) > 0.5:
        found.append(f"its place between left and right by {f['pan_motion']:.1f} dB")
    rate = setting.figures.get("mod_rate")
    if found and rate is not None and rate.trust > 0.75:
        found.append(f"at {rate.value:.2f} Hz")
    return ", ".join(found)


def _noise(default: Setting, passport: Passport) -> None:
    """Judge noise by the default setting alone: other settings may make noise on purpose."""
    noise = default.figures.get("noise")
    if noise is not None and noise.value > NOISY_DBFS:
        passport.verdicts.append(Verdict("noisy", f"{noise.value:.0f} dBFS come out when silence goes in."))


def _latency(passport: Passport, observations: Observations) -> None:
    """Set the real latency where it is equal in all settings; the time of an echo is not."""
    if observations.reported is not None:
        passport.costs["latency_reported"] = Figure(float(observations.reported), 1.0)
    seen = [s.features for s in passport.settings if s.features and s.features["focus"] > 0.3]
    if len(seen) < 2 and not (seen and seen[0]["focus"] > 0.95):
        return
    firsts, tops = [s["late"] for s in seen], [s["strongest"] for s in seen]
    reported = observations.reported or 0
    if max(firsts) - min(firsts) > 2 * LATE:
        return
    if max(tops) < -LATE:  # even the strongest sample is early
        off = max(tops)
    elif min(firsts) > LATE:  # even the first sample is late
        off = min(firsts)
    else:
        sharp = all(s["focus"] > 0.95 for s in seen) and max(tops) - min(tops) <= 1
        off = tops[0] if sharp else 0.0
        passport.costs["latency_measured"] = Figure(
            reported + off, 0.9 if sharp else 0.5, "" if sharp else "as reported, within 16 samples"
        )
        return
    passport.costs["latency_measured"] = Figure(reported + off, 0.8)
    if observations.reported is not None and not observations.reports_others:
        evidence = f"It reports {reported} samples, and {reported + off:.0f} are there."
        passport.verdicts.append(Verdict("latency", evidence))
