"""Measure many real plugins while the program is killed now and then: python -m tests.benchmarks.measure_storm.

Says how long it took, how much memory the program's own process held, and whether every plugin has its passport.
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from pluginary_tui.catalogue.database import FILE_NAME
from tests.benchmarks.workspace import Place, zam_is_here

CALM_S = 15.0, 75.0
"""How long it is left alone before it is killed: at least, at most."""
LOOK_S = 0.2
"""How often its memory is looked at."""

PROGRAM = (sys.executable, "-m", "pluginary_tui")


@dataclass(slots=True)
class Figures:
    """What a storm came to."""

    plugins: int = 0
    passports: int = 0
    kills: int = 0
    seconds: float = 0.0
    peak_mb: float = 0.0
    """The most that the program's own process held at a look, MiB."""


def storm(bundles: Path, data: Path, *, kills: int, seed: int, calm_s: tuple[float, float] = CALM_S) -> Figures:
    """Scan the folder `bundles` into the data folder `data`, then measure all of it, killed that many times."""
    env = os.environ | {"PLUGINARY_TUI_DATA_DIR": str(data), "PLUGINARY_TUI_CONFIG": str(data / "none.toml")}
    subprocess.run(
        [*PROGRAM, "scan", "--json", "--no-builtin", "--only", bundles], env=env, stdout=subprocess.DEVNULL, check=True
    )
    chance, figures, began = random.Random(seed), Figures(), time.monotonic()
    while True:
        until = time.monotonic() + chance.uniform(*calm_s) if figures.kills < kills else float("inf")
        running = subprocess.Popen([*PROGRAM, "measure", "--json"], env=env, stdout=subprocess.DEVNULL)
        while running.poll() is None and time.monotonic() < until:
            with suppress(psutil.NoSuchProcess):
                figures.peak_mb = max(figures.peak_mb, psutil.Process(running.pid).memory_info().rss / 2**20)
            time.sleep(LOOK_S)
        if running.poll() is not None:
            break
        running.kill()
        running.wait()
        figures.kills += 1
    figures.seconds = time.monotonic() - began
    with closing(sqlite3.connect(data / FILE_NAME)) as db:
        (figures.plugins,) = db.execute("SELECT count(*) FROM plugin").fetchone()
        (figures.passports,) = db.execute("SELECT count(*) FROM passport WHERE outcome = 'ok'").fetchone()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plugins", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    asked = parser.parse_args()
    if not zam_is_here():
        raise SystemExit("needs Debian's zam-plugins: apt-get install zam-plugins")
    with Place() as place, tempfile.TemporaryDirectory(prefix="pluginary-measured-") as data:
        figures = storm(place.copies(asked.plugins), Path(data), kills=asked.kills, seed=asked.seed)
    print(
        f"seed {asked.seed}: {figures.passports} of {figures.plugins} measured, killed {figures.kills} times,"
        f" {figures.seconds:.0f} s, at most {figures.peak_mb:.1f} MB"
    )
    raise SystemExit(figures.passports != figures.plugins)


if __name__ == "__main__":
    main()
