"""How often passports of real plugins are right, against a table made by hand and a plain baseline. Run it by hand.

    python -m tests.benchmarks.bench_sound_truth DATA_DIR... [--no-baseline]

Reads the passports of catalogues that were measured before (the last of several counts) and prints: what is called
something else than the table says (tests/data/sound_truth.tsv), what is called something that it must not be, and how
many nearest neighbours are of the same family, by passports and by the baseline in one table. The baseline is the
distance of MFCC means, with the means of the dry signal taken off: the plugins are rendered for it, each in a process
of its own, as they are when loaded. Variants of one plugin (mono, stereo, more bands) are no neighbours here.
"""

from __future__ import annotations

import os
import pickle
import re
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from pluginary_tui.catalogue.passports import Passports
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Plugin
from pluginary_tui.sound.behaviour import behaviour
from pluginary_tui.sound.description import words_of
from pluginary_tui.sound.metrics import FAMILIES, METHOD
from pluginary_tui.sound.passport import Passport, from_json
from pluginary_tui.sound.similar import by_sound
from tests.support.sound_truth import table, words

NEIGHBOURS = (
    {"harmonics", "dynamics"},  # a clipper limits, a limiter clips
    {"movement", "stereo"},  # a panner moves
    {"movement", "space"},  # a flanger is a short delay that moves
)
"""Families that are next to each other."""

FAMILY = {behaviour_: family for family, behaviours in FAMILIES.items() for behaviour_ in behaviours}
RATE = 48_000


def read(folders: list[Path]) -> dict[str, tuple[Plugin, Passport]]:
    """The passports made by the present method, judged anew."""
    found = {}
    for folder in folders:
        with Store.in_folder(folder) as store:
            plugins = {plugin.id: plugin for plugin in store.plugins()}
            for id_, data in Passports(store).documents().items():
                passport = from_json(data)
                if passport.method != METHOD or id_ not in plugins:
                    continue
                if passport.behaves not in ("silent", "instrument"):
                    passport.behaves, passport.because = behaviour(passport.settings)
                found[id_] = plugins[id_], passport
    return found


def product(id_: str) -> str:
    """What variants of one plugin share: the first two words of its name, without digits."""
    parts = re.sub(r"x?\d+$", "", id_.rpartition("/")[2]).split("-")
    return "-".join(parts[:2])


def same_family(one: str, other: str) -> bool:
    """Whether two plugins of the table are of the same or of neighbouring families."""
    truths = table()
    mine, theirs = ({FAMILY[word] for word in truths[id_].right} for id_ in (one, other))
    return bool(mine & theirs) or any(mine & pair and theirs & pair for pair in NEIGHBOURS)


Nearest = Callable[[str, list[str]], str | None]
"""The nearest of some plugins to one."""


def neighbours(ids: list[str], ways: Mapping[str, Nearest]) -> None:
    """Print the nearest neighbours by each way in one table, and how many are of the same or a neighbouring family."""
    right, total = dict.fromkeys(ways, 0), 0
    for id_ in ids:
        others = [other for other in ids if product(other) != product(id_)]
        near = {name: nearest(id_, others) for name, nearest in ways.items()}
        if None in near.values():
            continue
        total += 1
        fits = {name: same_family(id_, str(other)) for name, other in near.items()}
        for name, fit in fits.items():
            right[name] += fit
        if not all(fits.values()):
            print(f"{id_}: " + "; ".join(f"{'' if fits[name] else 'x '}{name} {near[name]}" for name in ways))
    for name, count in right.items():
        share = 100 * count / max(total, 1)
        print(f"nearest by {name}: {count} of {total} of the same or a neighbouring family ({share:.0f} %)")


def mfcc(y: np.ndarray) -> np.ndarray:
    """Means of 13 mel-frequency cepstral coefficients, of 40 bands and frames of 43 ms."""
    frames = np.lib.stride_tricks.sliding_window_view(y, 2048)[::1024] * np.hanning(2048)
    power = np.square(np.abs(np.fft.rfft(frames)))
    mel = np.linspace(0, 2595 * np.log10(1 + 20_000 / 700), 42)
    edges = 700 * (10 ** (mel / 2595) - 1)
    hz = np.fft.rfftfreq(2048, 1 / RATE)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    bank = np.clip(np.minimum((hz - low) / (middle - low), (high - hz) / (high - middle)), 0, None)
    logs = np.log(power @ bank.T + 1e-10)
    turn = np.cos(np.pi / 40 * (np.arange(40) + 0.5) * np.arange(13)[:, None])
    return np.asarray((logs @ turn.T).mean(axis=0))


def rendered(plugin: Plugin) -> np.ndarray | None:
    """The MFCC means of the wet signal without those of the dry one; None where it crashes or is refused."""
    from pluginary_tui.sound.dsp import test_signals

    dry = np.concatenate([test_signals.glance(), test_signals.sweep(), test_signals.burst()])
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        signal.alarm(30)  # one that hangs is left out
        try:
            from pluginary_tui.sound.probe.plugin_host import HostedPlugin
            from pluginary_tui.sound.run import payload

            answer = payload(plugin)
            host = HostedPlugin(answer["path"], answer["format"], answer["name"], answer["name_in_file"])
            wet = host.process(np.tile(dry.astype(np.float32), (host.channels, 1))).mean(axis=0)
            os.write(writing, pickle.dumps(mfcc(np.nan_to_num(wet.astype(float))) - mfcc(dry)))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    os.waitpid(child, 0)
    return pickle.loads(data) if data else None


def main() -> None:
    """Read, judge and print."""
    folders = [Path(word) for word in sys.argv[1:] if not word.startswith("--")]
    found, truths = read(folders), table()
    answer = [id_ for id_ in sorted(found) if id_ in truths and truths[id_].right]
    right = family = 0
    for id_ in answer:
        passport = found[id_][1]
        alike = FAMILY.get(passport.behaves) in {FAMILY[word] for word in truths[id_].right}
        family += alike
        if passport.behaves in truths[id_].right:
            right += 1
            continue
        sign = "WRONG" if passport.behaves in truths[id_].wrong else "family" if alike else "other"
        print(f"{sign} {id_}: {passport.behaves or '-'} ({passport.because}); {', '.join(truths[id_].right)}")
    for id_ in sorted(found):
        for fault in found[id_][1].faults:
            print(f"fault {id_}: {fault.name}, {fault.evidence}")
    print(f"behaves: of {len(answer)} the word is right for {right}, the family for {family}")

    received = {id_: words_of(found[id_][1]).keys() for id_ in words() if id_ in found}
    for id_, output in received.items():
        missing, wrong = set(words()[id_].right) - output, set(words()[id_].wrong) & output
        if missing or wrong:
            print(f"sounds {id_}: misses {', '.join(missing) or '-'}, has {', '.join(wrong) or '-'}")
    asked = sum(len(words()[id_].right) for id_ in received)
    right = sum(len(set(words()[id_].right) & output) for id_, output in received.items())
    print(f"sounds: {right} of {asked} words said")

    passports = {id_: found[id_][1] for id_ in answer}

    def by_passport(id_: str, others: list[str]) -> str | None:
        near = by_sound(passports[id_], {other: passports[other] for other in others})
        return near[0].id if near else None

    near = [id_ for id_ in answer if by_passport(id_, answer)]
    if "--no-baseline" in sys.argv:
        neighbours(near, {"passport": by_passport})
        return
    means: Mapping[str, np.ndarray | None] = {id_: rendered(found[id_][0]) for id_ in near}
    known = {id_: mean for id_, mean in means.items() if mean is not None and np.all(np.isfinite(mean))}

    def by_mfcc(id_: str, others: list[str]) -> str | None:
        apart = {other: float(np.linalg.norm(known[id_] - known[other])) for other in others if other in known}
        return min(apart, key=lambda each: apart[each]) if apart else None

    neighbours(list(known), {"passport": by_passport, "MFCC means": by_mfcc})


if __name__ == "__main__":
    main()
