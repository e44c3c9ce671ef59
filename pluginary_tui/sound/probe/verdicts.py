"""Derives verdicts with their evidence, and what the plugin behaves like, from the figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pluginary_tui.sound.passport import Figure, Passport, Setting, Verdict

IDENTITY_DB = -90.0
NOISY_DBFS = -110.0
"""Above this (RMS, with silent input) a plugin is noisy: between the dither of 20 and that of 16 bits."""
REPEAT_DB = -90.0
BLOCK_DB = -80.0
_CUTS = {"corner_low", "corner_high"}
LATE = 16
"""Tolerance of a latency in samples: the onset of a ringing or slowly rising sound is not sharper."""


@dataclass(slots=True)
class Observations:
    """What was observed besides the figures."""

    reported: int | None = None
    """Samples; None where the plugin reports none."""
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
        add(Verdict("silent", "Whatever went in, nothing above -100 dBFS came out."))
        passport.behaves, passport.because = "silent", "nothing comes out"
        return
    if passport.kind == "instrument":
        passport.behaves, passport.because = "instrument", "it plays notes"
        return
    _noise(passport)
    _latency(passport, observations)
    if observations.repeat > REPEAT_DB:
        add(Verdict("unrepeatable", f"Two renderings of the same differ by {observations.repeat:.0f} dB."))
    elif observations.block > BLOCK_DB:
        add(Verdict("block", f"Buffers of 240 and of 512 samples differ by {observations.block:.0f} dB."))
    default = passport.settings[0].features
    if default and default["null"] < IDENTITY_DB:
        add(Verdict("identity", f"What comes out is what went in, within {default['null']:.0f} dB."))
    passport.behaves, passport.because = behaviour(passport.settings)


def _noise(passport: Passport) -> None:
    loudest = max(
        ((s.figures["noise"].value, s.label) for s in passport.settings if "noise" in s.figures), default=None
    )
    if loudest and loudest[0] > NOISY_DBFS:
        evidence = f"{loudest[0]:.0f} dBFS come out when silence goes in ({loudest[1]})."
        passport.verdicts.append(Verdict("noisy", evidence))


def _latency(passport: Passport, observations: Observations) -> None:
    """Set the real latency where it is equal in all settings; the time of an echo is not."""
    if observations.reported is not None:
        passport.costs["latency_reported"] = Figure(float(observations.reported), 1.0)
    seen = [s.features for s in passport.settings if s.features and s.features["focus"] > 0]
    if len(seen) < 2 and not (seen and seen[0]["focus"] > 0.95):
        return
    firsts, tops = [s["late"] for s in seen], [s["strongest"] for s in seen]
    reported = observations.reported or 0
    if max(firsts) - min(firsts) > 2 * LATE:
        return
    if max(tops) < -LATE:  # even the strongest sample is early
        off = max(tops)
    elif min(firsts) > LATE and min(s["focus"] for s in seen) > 0.3:  # even the first sample is late
        off = min(firsts)
    else:
        sharp = all(s["focus"] > 0.95 for s in seen) and max(tops) - min(tops) <= 1
        off = tops[0] if sharp else 0.0
        passport.costs["latency_measured"] = Figure(
            reported + off, 0.9 if sharp else 0.5, "" if sharp else "as reported, within 16 samples"
        )
        return
    passport.costs["latency_measured"] = Figure(reported + off, 0.8)
    if observations.reported is not None:
        evidence = f"It reports {reported} samples, and {reported + off:.0f} are there."
        passport.verdicts.append(Verdict("latency", evidence))


def behaviour(settings: list[Setting]) -> tuple[str, str]:
    """One of BEHAVIOURS with the reason, from all settings; empty texts where none fits."""
    seen = [s.features for s in settings if s.features]
    if not seen:
        return "", ""

    def most(name: str) -> float:
        return max(f[name] for f in seen)

    if most("null") < IDENTITY_DB:
        return "identity", "it changes nothing in any setting"
    if most("null_gain") < -60:
        return "gain", "only the level changes"
    half = (len(seen) + 1) // 2

    def often(test: Callable[[Mapping[str, float]], bool]) -> bool:
        return sum(map(test, seen)) >= half

    if often(lambda f: abs(f["cents"]) > 20 and f["wander"] < abs(f["cents"])):
        return "pitch shifter", f"1 kHz is moved by up to {max(abs(f['cents']) for f in seen):.0f} cents"
    echoes = [f["echo"] for f in seen if f["echo"] > 0.025 and f["echo_clear"] > 0.8]
    if len(echoes) >= min(2, len(seen)):
        return "delay", f"single echoes, the first after {min(echoes) * 1000:.0f} to {max(echoes) * 1000:.0f} ms"
    if often(lambda f: f["regular"] > 0.75 and (f["depth"] > 0.5 or f["wander"] > 5)):
        return "modulation", f"a regular movement of up to {most('depth'):.1f} dB and {most('wander'):.0f} cents"
    if often(lambda f: f["thd_quiet"] > max(1.0, 3 * f["thd_loud"]) or f["residue"] > -65):
        return "lo-fi", "what it adds to a tone is worse the softer the tone is, or is no harmonic of it"
    if often(lambda f: f["decay"] > 0.15):
        return "reverb", f"a dense tail of up to {most('decay'):.1f} s"
    if often(lambda f: f["colour"] > 15) and any(_CUTS & s.figures.keys() for s in settings):
        return "filter", "it cuts what is beyond its corner"
    if often(lambda f: f["memory"] > -1 and (f["thd"] > 0.5 or f["thd_loud"] > 5)):
        return "distortion", f"up to {most('thd'):.1f} % of harmonics at -12 dBFS, {most('thd_loud'):.1f} % at 0 dBFS"
    above = [s.figures["ratio"].value for s in settings if "ratio" in s.figures and not s.figures["threshold"].note]
    if most("expand") > 6 and most("expand") > most("squash"):
        return "gate", f"what is quiet gets up to {most('expand'):.0f} dB quieter"
    if most("squash") > 3:
        kind = "limiter" if above and sorted(above)[len(above) // 2] > 20 else "compressor"
        return kind, f"what is loud gets up to {most('squash'):.0f} dB quieter"
    if often(lambda f: f["thd"] > 0.1):
        return "distortion", f"up to {most('thd'):.1f} % of harmonics at -12 dBFS"
    if sum(bool(_CUTS & s.figures.keys()) for s in settings) >= half:
        return "filter", "it cuts what is beyond its corner"
    if most("colour") > 0.5:
        return "equaliser", f"its response is up to {most('colour'):.1f} dB from flat, and little else changes"
    return "", ""
