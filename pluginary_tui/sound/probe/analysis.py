"""Renders the test signals through one effect in one setting, or plays one instrument, and derives the figures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pluginary_tui.sound.dsp import chord, dynamics, spectrum, test_signals, timing
from pluginary_tui.sound.dsp.dynamics import FLOOR_DB, MOST_RATIO
from pluginary_tui.sound.dsp.test_signals import LEVELS, RATE, Wave
from pluginary_tui.sound.passport import Curve, Figure, Setting
from pluginary_tui.sound.probe.output_monitor import Audio, OutputMonitor

DUCKED = -1.0
"""dB: a quieter level right after a loud sound than before it means a compressor, not waveshaping."""

IDENTITY_DB = -90.0
"""A plugin whose null against its input is below this changes nothing."""

NOTES = (48, 60, 72)
HELD_S, LEFT_S = 1.0, 1.5


def effect(monitor: OutputMonitor, setting: Setting) -> None:
    """Fill in the figures, curves and features of an effect with its present parameters. Raises NotFiniteError."""
    quiet = monitor(test_signals.silence(), stage="silence")
    noise_power = _steady_noise(quiet)
    hit = monitor(test_signals.impulse(), stage="impulse")
    peak = float(np.max(np.abs(quiet), initial=0))
    arrived = timing.arrival(hit[_louder(hit)], peak)
    early = min(0, arrived.strongest) if arrived and arrived.focus > 0.5 else 0

    def render(wave: Wave, stage: str) -> Wave:
        """Render a signal; what comes too early is put to its place, so that it can be compared with what went in."""
        return np.pad(monitor(wave, stage=stage), ((0, 0), (-early, 0)))[:, : wave.shape[-1]]

    swept = render(test_signals.sweep(), "sweep")
    stepped = render(test_signals.steps(), "steps")
    burst = render(test_signals.burst(), "burst")
    long = render(test_signals.tone(), "tone")
    paired = render(test_signals.pairs(), "two tones")
    bands = chord.chord(render(test_signals.chord(), "chord"), dynamics.db(noise_power))
    main = _louder(burst)
    figures, curves = setting.figures, setting.curves

    if noise_power > 1e-16:
        figures["noise"] = Figure(dynamics.db(noise_power), 0.9)
    came = timing.arrival(hit[main], float(np.max(np.abs(quiet[main]), initial=0)))
    late = came.strongest if came and came.focus > 0.2 and came.strongest > RATE // 100 else 0
    sided = render(test_signals.sides(), "sides") if monitor.channels == 2 else None
    change = _change(monitor, setting, swept, burst, stepped, sided)
    motion = timing.motion(long, dynamics.db(noise_power))
    thirds = _response(setting, swept, noise_power, change.moves(long[main]))
    taken = dynamics.steps(stepped[main], min(late, RATE // 2))
    trust = dynamics.curve_trust(taken) if late <= RATE // 2 else 0.0
    curved = _curve(setting, taken, noise_power, trust)
    tail = timing.decay(burst[main], late)
    answer = timing.impulse_response(burst[main])
    octaves = timing.tail_octaves(burst[main], late)
    if tail:
        # What is longer than the silence after the burst is seen in part only.
        figures["decay"] = Figure(tail.seconds, 0.9 * tail.straight * min(1.0, 2.5 / tail.seconds))
        curves["decay"] = _picture(tail.times, tail.fall, 0.9 * tail.straight)
    bounced = timing.echo(hit[main]) or timing.echo(answer)
    if bounced and bounced[1] > 0.5:
        figures["echo"] = Figure(bounced[0], bounced[1])
    # Echoes and tails move the level of a tone while they build up; that is no modulation.
    fills = bool(bounced and bounced[1] > 0.5 and bounced[0] > 0.05) or bool(tail and tail.seconds > 0.8)
    tone = _tone(setting, long[main], noise_power, fills=fills)
    side = timing.stereo(sided) if sided is not None else timing.Stereo()
    if side.width is not None:
        figures["width"] = Figure(side.width, 0.9)
    pairs = dynamics.pairs(paired[main], late)

    setting.features |= {
        **{f"band{n}": float(np.mean(thirds[3 * n : 3 * n + 3])) for n in range(10)},
        "colour": spectrum.colour(thirds),
        "squash": _squash(taken.out, above=True),
        "expand": _squash(taken.out, above=False),
        "bent": curved,
        "thd": float(taken.thd(16) or 0.0),
        "thd_loud": float(taken.thd(20) or 0.0),
        "thd_quiet": float(taken.thd(8) or 0.0),
        "overshoot": _overshoot(burst[main]),
        "memory": float(np.clip(taken.memory, -40, 40)),
        "residue": max(taken.residue(16), -160.0),
        "null": change.null,
        "null_gain": change.null_gain,
        "decay": tail.seconds if tail else 0.0,
        "echo": bounced[0] if bounced and bounced[1] > 0.5 else 0.0,
        "echo_clear": bounced[1] if bounced else 0.0,
        "depth": tone.depth if tone and not fills else 0.0,
        "wander": min(tone.wander, 2400.0) if tone and not fills else 0.0,
        "regular": tone.regular if tone and not fills else 0.0,
        "cents": tone.cents if tone and tone.clear > 6 else 0.0,
        "width": side.width or 0.0,
        "side_gain": side.side_gain,
        "pan": side.pan,
        "cross": side.cross,
        "mid_colour": spectrum.colour(
            spectrum.response(test_signals.sweep(), swept.mean(axis=0), spectrum.THIRDS, noise_power)
        ),
        "curve_trust": trust,
        "inharmonic": taken.inharmonic,
        "ring": taken.ring,
        "sub": pairs.sub,
        "self_low": pairs.self_low,
        "self_high": pairs.self_high,
        "cross_low": pairs.cross_low,
        "cross_high": pairs.cross_high,
        "start": pairs.start if early == 0 else 0.0,
        "thd_low": pairs.thd_low,
        "thd_high": pairs.thd_high,
        "band_motion": bands.motion,
        "two_rates": bands.apart,
        "tail_level": timing.tail_level(burst[main], late),
        "tail_bands": timing.tail_bands(octaves),
        "tail_tilt": timing.tail_tilt(octaves),
        "spread": timing.spread(answer),
        "motion": motion.level,
        "pan_motion": motion.pan,
        "opposite": motion.opposite,
        "fills": float(fills),
        "clear": tone.clear if tone else 0.0,
        "noise": max(dynamics.db(noise_power), -160.0),
        "idle": max(dynamics.level(quiet[:, RATE // 4 :]), -160.0),
        "late": float(came.first) if came else -1.0,
        "strongest": float(came.strongest) if came else -1.0,
        "focus": came.focus if came else 0.0,
    }


class _Changed:
    """The difference between output and input."""

    def __init__(self, null: float, null_gain: float) -> None:
        self.null, self.null_gain = null, null_gain

    def moves(self, long: Wave) -> bool:
        """Whether the plugin modulates, so that a sweep shows only one moment of it."""
        if self.null_gain < IDENTITY_DB:
            return False
        tone = spectrum.tone(long)
        return bool(tone and (tone.depth > 1 or tone.wander > 5))


def _steady_noise(quiet: Wave) -> float:
    """Mean power per sample without input; 0 while it falls, since a tail of what was before is no noise."""
    parts = [float(np.mean(np.square(quiet[:, at : at + RATE // 4]))) for at in (RATE // 4, RATE // 2, 3 * RATE // 4)]
    falling = parts[0] > 0 and parts[1] < 0.6 * parts[0] and parts[2] < 0.6 * parts[1]
    return 0.0 if falling else float(np.mean(parts[1:]))


def _change(
    monitor: OutputMonitor, setting: Setting, swept: Wave, burst: Wave, stepped: Wave, sided: Wave | None
) -> _Changed:
    pairs = [(test_signals.sweep(), swept), (test_signals.burst(), burst), (test_signals.steps(), stepped)]
    both = [(np.tile(x, (monitor.channels, 1)), y) for x, y in pairs]
    if sided is not None:
        both.append((test_signals.sides(), sided))
    whole = [max(dynamics.null(x, y, gain=gain) for x, y in both) for gain in (False, True)]
    setting.figures["null"] = Figure(max(whole[0], -160.0), 1.0)
    return _Changed(max(whole[0], -160.0), max(whole[1], -160.0))


def _response(setting: Setting, swept: Wave, noise: float, moves: bool) -> Wave:
    x = test_signals.sweep()
    thirds = spectrum.response(x, swept, spectrum.THIRDS, noise)
    fine = spectrum.response(x, swept, spectrum.FINE, noise)
    setting.features["steep"] = spectrum.steepest(fine)
    trust = 0.5 if moves else 0.95
    if np.max(thirds) < -100:
        return thirds
    note = "it moves, this is one moment of it" if moves else ""
    setting.curves["response"] = _picture(np.array(spectrum.THIRDS), thirds, trust)
    setting.figures["gain"] = Figure(float(thirds[17]), trust, note)
    setting.figures["colour"] = Figure(spectrum.colour(thirds), trust, note)
    if not moves:
        low, high = spectrum.ends(fine)
        for name, end in (("low", low), ("high", high)):
            if end:
                setting.figures[f"corner_{name}"] = Figure(end.corner, end.trust)
                if end.slope is not None:
                    setting.figures[f"slope_{name}"] = Figure(end.slope, end.trust * 0.9)
    return thirds


def _curve(setting: Setting, taken: dynamics.Steps, noise: float, trust: float) -> float:
    """Set gain curve (of this trust), dynamics and harmonics. Returns how far the gain curve is from straight, dB."""
    audible = taken.out > max(-100.0, dynamics.db(noise) + 20)
    if audible.sum() < 6:
        return 0.0
    steady = min(trust, float(np.mean(taken.steady[audible] < 0.5)))
    setting.curves["gain"] = _picture(np.array(LEVELS), np.maximum(taken.out, -140.0), 0.95 * steady)
    minus12 = LEVELS.index(-12.0)
    thd = taken.thd(minus12)
    if thd is not None:
        setting.figures["thd"] = Figure(thd, 0.9)
        partials = taken.partials[minus12]
        against = 20 * np.log10(np.maximum(partials / partials[0], 1e-8))
        setting.curves["harmonics"] = _picture(np.arange(1.0, len(partials) + 1), against, 0.9)
    found = dynamics.bend(taken.out) if steady > 0.8 else None
    loud = taken.thd(len(LEVELS) - 1)
    if found and ((loud or 0.0) < 5 or taken.memory < DUCKED):
        # A bend near the end of the levels may have its true threshold beyond it.
        inside = LEVELS[0] + 8 < found.threshold < LEVELS[-1] - 5
        trust = (0.9 if found.error < 0.3 else 0.6) * (1.0 if inside else 0.5)
        setting.figures["threshold"] = Figure(found.threshold, trust, "" if found.above else "below it")
        setting.figures["ratio"] = Figure(found.ratio, trust, "a limiter" if found.ratio >= MOST_RATIO else "")
        setting.figures["knee"] = Figure(found.knee, trust * 0.7)
    elif found is None and steady > 0.8 and (opens := dynamics.opening(taken.out)) is not None:
        setting.figures["threshold"] = Figure(opens, 0.7, "below it")  # between two steps of 3 dB
    gained = (taken.out - np.array(LEVELS))[audible]
    return float(np.ptp(gained))


def _tone(setting: Setting, long: Wave, noise: float, *, fills: bool) -> spectrum.Tone | None:
    tone = spectrum.tone(long)
    if tone is None or dynamics.level(long) < dynamics.db(noise) + 20:
        return None
    if tone.clear > 15 and abs(tone.cents) > 3:
        setting.figures["pitch"] = Figure(tone.cents, 0.9 if tone.wander < 5 else 0.6)
    if tone.rate is not None and not fills:
        setting.figures["mod_rate"] = Figure(tone.rate, tone.regular)
        setting.figures["mod_depth"] = Figure(tone.depth, tone.regular)
        if tone.wander > 2:
            setting.figures["mod_cents"] = Figure(tone.wander, 0.8 * tone.regular)
    return tone


def _squash(out: Wave, *, above: bool) -> float:
    """Gain lost towards loud levels (`above`) or towards quiet ones, dB; 0 where none is."""
    if float(np.max(out)) < -100:
        return 0.0
    gain = out - np.array(LEVELS)
    lost = float(np.max(gain)) - float(gain[-1] if above else gain[0])
    return min(max(lost, 0.0), 60.0)


def _overshoot(y: Wave) -> float:
    """Level of the burst's first 20 ms above its last 100 ms, dB: positive before a compressor reacts."""
    start, end = test_signals.LEAD, test_signals.LEAD + test_signals.BURST
    return float(np.clip(dynamics.level(y[start : start + 960]) - dynamics.level(y[end - 4800 : end]), -40, 40))


def _louder(y: Wave) -> int:
    """The louder channel, which is analysed."""
    return int(np.argmax(np.sum(np.square(y), axis=1)))


def _picture(x: Wave, y: Wave, trust: float) -> Curve:
    return Curve(tuple(map(float, x)), tuple(map(float, y)), float(np.clip(trust, 0, 1)))


Play = Callable[[int, float, float], Audio]
"""Plays a note (MIDI number) for some seconds, then renders its release for some seconds."""


def instrument(monitor: OutputMonitor, play: Play, setting: Setting) -> None:
    """Fill in the figures of an instrument with its present parameters. Raises NotFiniteError."""
    held, length = int(HELD_S * RATE), int((HELD_S + LEFT_S) * RATE)
    notes: list[tuple[float, timing.Note]] = []
    for number in NOTES:
        monitor.on_stage(f"note {number}")
        y = monitor.check(play(number, HELD_S, LEFT_S), length)
        expected = 440 * 2 ** ((number - 69) / 12)
        note = timing.note(y[_louder(y)], held, expected)
        if note:
            notes.append((expected, note))
    if not notes:
        return
    setting.figures["level"] = Figure(float(np.mean([n.level for _, n in notes])), 0.9)
    setting.figures["brightness"] = Figure(float(np.mean([n.brightness for _, n in notes])), 0.9)
    setting.figures["attack"] = Figure(float(np.median([n.attack for _, n in notes])), 0.7, "to the nearest 2 ms")
    cents = [1200 * float(np.log2(n.pitch / hz)) for hz, n in notes if n.pitch]
    if len(cents) == len(notes) and float(np.ptp(cents)) < 20:
        setting.figures["tuning"] = Figure(float(np.median(cents)), 0.9)
    releases = [n.release for _, n in notes if n.release is not None]
    if len(releases) == len(notes):
        setting.figures["release"] = Figure(float(np.median(releases)), 0.7)
    setting.features = {
        "level": setting.figures["level"].value,
        "brightness": setting.figures["brightness"].value,
        "attack": setting.figures["attack"].value,
        "release": float(np.median(releases)) if releases else LEFT_S,
        "pitched": len(cents) / len(NOTES),
    }


def difference(monitor: OutputMonitor, reference: Wave, block: int) -> float:
    """Null of another rendering of the burst against `reference`, dB; FLOOR_DB where they are equal."""
    again = monitor(test_signals.burst(), block, stage="burst again")
    energy = float(np.sum(np.square(reference)))
    return dynamics.null(reference, again) if energy > 1e-9 else FLOOR_DB
