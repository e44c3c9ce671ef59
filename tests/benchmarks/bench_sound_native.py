"""How often the method is right on plugins that nobody looked at: LADSPA and LV2 of Debian 12. Run it by hand.

    python -m tests.benchmarks.bench_sound_native FOLDER CACHE [--measure] [--seed N] [PACKAGE ...]

FOLDER holds `ladspa` and `lv2`, such as /usr/lib or what `dpkg -x` makes of the packages. With `--measure` each plugin
of tests/data/sound_truth_native.tsv (of the packages named) that CACHE lacks is measured, in a process of its own that
may crash, and its passport is kept there. Then the passports in CACHE are judged: what is called something else than
the table says, and how many are right, for packages that were looked at while building and for those that were not.
pedalboard loads neither format: see tests/support/native_host.py.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from pluginary_tui.sound.behaviour import behaviour
from pluginary_tui.sound.metrics import FAMILIES, METHOD
from pluginary_tui.sound.passport import from_json, to_json

TABLE = Path(__file__).parents[1] / "data" / "sound_truth_native.tsv"
HELD_OUT = frozenset({"invada", "rubberband", "tap", "x42"})
"""Packages whose results were not looked at before the rules were final."""

FAMILY = {behaviour_: family for family, behaviours in FAMILIES.items() for behaviour_ in behaviours}


class Row(NamedTuple):
    """One plugin of the table."""

    package: str
    id: str
    right: tuple[str, ...]
    wrong: tuple[str, ...]

    def kept(self, cache: Path) -> Path:
        return cache / f"{self.id.replace('/', '+')}.json"


def rows() -> list[Row]:
    """The table, without plugins that cannot be told by hand."""
    lines = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
    words = [(*line[:2], *(tuple(filter(None, each.split(","))) for each in line[2:4])) for line in lines]
    return [Row(*each) for each in words if each[2]]


def apart(job: Callable[[], dict[str, Any]], seconds: int = 120) -> dict[str, Any]:
    """What a job returns that runs in a forked process; what it died of where it did."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        signal.alarm(seconds)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        try:
            answer = job()
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        with os.fdopen(writing, "w") as pipe:
            json.dump(answer, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    return json.loads(text) if text else {"error": f"ended with status {status}"}


def measured(folder: Path, row: Row, seed: int) -> dict[str, Any]:
    """The passport of one plugin as JSON."""
    from pluginary_tui.sound.probe.passport_builder import measure
    from tests.support.native_host import Native, ladspa_plugins, lv2_plugins

    kind, bundle, _ = row.id.split("/", 2)
    path = folder / kind / (f"{bundle}.so" if kind == "ladspa" else f"{bundle}.lv2")
    found = ladspa_plugins(path) if kind == "ladspa" else list(lv2_plugins(path))
    return to_json(measure(Native(next(each for each in found if each.id == row.id)), seed))


def judged(cache: Path, wanted: list[Row]) -> None:
    """Print what is wrong, and the counts."""
    counts: dict[bool, list[int]] = {False: [0, 0, 0, 0], True: [0, 0, 0, 0]}
    for row in wanted:
        if not row.kept(cache).exists():
            continue
        answer = json.loads(row.kept(cache).read_text("utf-8"))
        passport = from_json(answer)
        if "error" in answer or passport.method != METHOD:
            print(f"not measured {row.id}: {answer.get('error', 'by an older method')}")
            continue
        word, because = passport.behaves, passport.because
        if word != "silent":
            word, because = behaviour(passport.settings)
        count = counts[row.package in HELD_OUT]
        alike = FAMILY.get(word) in {FAMILY[each] for each in row.right}
        for place, fits in enumerate((True, word in row.right, alike, word in row.wrong)):
            count[place] += fits
        if word not in row.right:
            sign = "WRONG" if word in row.wrong else "family" if alike else "other"
            print(f"{sign} {row.id}: {word or '-'} ({because}); {', '.join(row.right)}")
    for held_out, (total, right, family, wrong) in counts.items():
        if not total:
            continue
        name = "held out" if held_out else "looked at"
        share = 100 * family / max(total, 1)
        print(
            f"{name}: of {total} the word is right for {right}, the family for {family} ({share:.0f} %), {wrong} wrong"
        )


def main() -> None:
    """Measure, if asked to, and judge."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("packages", nargs="*")
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    wanted = [row for row in rows() if not asked.packages or row.package in asked.packages]
    asked.cache.mkdir(parents=True, exist_ok=True)
    for row in wanted if asked.measure else ():
        if not row.kept(asked.cache).exists():
            answer = apart(lambda row=row: measured(asked.folder, row, asked.seed))  # type: ignore[misc]
            row.kept(asked.cache).write_text(json.dumps(answer), "utf-8")
            print(f"{row.id}: {answer.get('behaves') or answer.get('error')}", flush=True)
    judged(asked.cache, wanted)


if __name__ == "__main__":
    main()
