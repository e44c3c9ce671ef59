"""How well passports tell plugins apart, how long they take, and whether two are the same. Run it by hand.

    python -m tests.benchmarks.bench_sound [SEED ...]

Measures pedalboard's own effects and Debian's zam-plugins with settings of the given seeds (201 and 202 by default,
which were not used while the traits and their weights were chosen) and prints: what each behaves like, its verdicts,
its nearest neighbour within seven families, and what is known beforehand of three of them.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from typing import Any

from pluginary_tui.isolation import jobs
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.sound.parameter_settings import BUILTIN
from pluginary_tui.sound.passport import Passport, from_json, to_json
from pluginary_tui.sound.similar import by_sound
from tests.conftest import ZAM_FOLDER

FAMILIES = {
    "dynamics": "BrickwallLimiter Compressor Limiter NoiseGate ZaMaximX2 ZaMultiComp ZaMultiCompX2 ZamComp ZamCompX2"
    " ZamGate ZamGateX2",
    "filter": "HighShelfFilter HighpassFilter LadderFilter LowShelfFilter LowpassFilter PeakFilter ZamEQ2 ZamGEQ31"
    " ZamPhono",
    "distortion": "Clipping Distortion ZamAutoSat ZamTube",
    "lo-fi": "Bitcrush GSMFullRateCompressor MP3Compressor Resample",
    "modulation": "Chorus Phaser",
    "delay": "Delay ZamDelay",
    "reverb": "Reverb ZamVerb",
}
"""By what each is sold as. Left out: what has no fellow (pitch, panorama, grains), plain gains, and ZamDynamicEQ,

which is of two families.
"""
SEEDS = (201, 202)


def subjects() -> dict[str, dict[str, Any]]:
    """What there is to measure, by name."""
    found = {name: {"path": "", "format": "builtin", "name": name} for name in BUILTIN}
    for bundle in sorted(ZAM_FOLDER.glob("Za*.vst3")):
        found[bundle.stem] = {"path": str(bundle), "format": "vst3", "name": bundle.stem}
    return found


def measured(what: dict[str, dict[str, Any]], seed: int) -> dict[str, Passport]:
    """Every passport, two at a time."""
    found: dict[str, Passport] = {}
    waiting = deque(what)
    with Pool(2, preload="pluginary_tui.sound.probe.entry:warm") as pool:
        running = 0
        while waiting or running:
            while waiting and pool.free:
                name = waiting.popleft()
                pool.submit(jobs.Job(name, "pluginary_tui.sound.probe.entry:run", {**what[name], "seed": seed}, 120))
                running += 1
            for event in pool.events(0.2):
                match event:
                    case jobs.MessageReceived(name, {"passport": answer}):
                        found[name] = from_json(answer)
                    case jobs.JobEnded():
                        running -= 1
                        if event.outcome != "ok":
                            print(f"{event.key}: {event.outcome} {event.error}")
    return found


def neighbours(passports: dict[str, Passport]) -> tuple[int, int]:
    """Print each plugin's nearest neighbour; gives how many are of the same family, and of how many."""
    family = {name: label for label, names in FAMILIES.items() for name in names.split()}
    right = 0
    for name, label in family.items():
        others = {n: p for n, p in passports.items() if n in family and n != name}
        nearest = by_sound(passports[name], others)[0] if name in passports else None
        ok = nearest is not None and family[nearest.id] == label
        right += ok
        verdicts = " ".join(v.name for v in passports[name].verdicts) if name in passports else "unmeasured"
        behaves = passports[name].behaves if name in passports else ""
        answer = f"{nearest.id:22} {nearest.distance:5.2f}  {nearest.because}" if nearest else ""
        print(f"{' ' if ok else 'x'} {label:11} {name:22} {behaves:13} {verdicts:18} {answer}")
    return right, len(family)


def known(passports: dict[str, Passport]) -> None:
    """Print what is known beforehand of three plugins."""
    if "ZamPhono" in passports:
        curve = passports["ZamPhono"].curves["response"]
        at = dict(zip(curve.x, curve.y, strict=True))
        print(
            f"ZamPhono against 1 kHz: {at[100] - at[1000]:+.1f} dB at 100 Hz, {at[10000] - at[1000]:+.1f} dB at 10 kHz"
        )
    if "ZaMaximX2" in passports:
        costs = passports["ZaMaximX2"].costs
        reported, there = costs["latency_reported"].value, costs["latency_measured"].value
        print(f"ZaMaximX2: {reported:.0f} samples reported, {there:.0f} there")
    if "ZamTube" in passports and "noise" in passports["ZamTube"].figures:
        print(f"ZamTube: {passports['ZamTube'].figures['noise'].value:.0f} dBFS in silence")


def main() -> None:
    """Measure and print."""
    what = subjects()
    for seed in map(int, sys.argv[1:] or SEEDS):
        began = time.monotonic()
        passports = measured(what, seed)
        took = time.monotonic() - began
        right, total = neighbours(passports)
        known(passports)
        print(
            f"seed {seed}: {right} of {total} nearest neighbours within their family; {took / len(what):.2f} s a plugin"
        )
    few = {name: what[name] for name in ("Compressor", "Reverb", "PeakFilter", "ZamComp", "ZamTube") if name in what}
    once, again = measured(few, 5), measured(few, 5)
    same = sum(to_json(once[name]) == to_json(again[name]) for name in few)
    print(f"measured twice: {same} of {len(few)} passports the same to the last digit")


if __name__ == "__main__":
    main()
