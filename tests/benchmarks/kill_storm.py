"""Kill scans of real plugins at random moments, and see that nothing is lost: python -m tests.benchmarks.kill_storm."""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from pluginary_tui.catalogue.database import FILE_NAME
from tests.support.bare_python import executable

PLUGINS = Path("/usr/lib/vst3")
LIGHT = ("ZamAutoSat", "ZamComp", "ZamDelay", "ZamEQ2", "ZamGate", "ZamPhono", "ZamTube")
HEAVY = "ZamVerb"
"""Takes seconds, so that most kills fall while it is in flight."""
COPIES = 4
"""Of each light one, so that there is enough to do and copies share an id."""
ORPHANS_S = 20.0
"""How soon after its app what it started must be gone: one that was just starting comes to know of it once it is up."""

# What must be the same in the end: everything but times, the memory taken, and what a plugin printed (ZamTube prints a
# warning of its framework's in seven probes of eight).
SAME = {
    "bundles": "SELECT path, format, name, vendor, fingerprint, size, modified, outcome, error, stage, signal, missing,"
    " quarantined_at <> '' FROM bundle ORDER BY path",
    "plugins": "SELECT b.path, p.id, p.name, p.vendor, p.version, p.raw_category, p.categories, p.uid, p.kind,"
    " p.name_in_file, p.latency_samples, p.parameter_count, p.status, p.error"
    " FROM plugin p JOIN bundle b ON b.key = p.bundle ORDER BY b.path, p.uid, p.name",
    "parameters": 'SELECT b.path, p.uid, r.position, n.text, u.text, r."default", r.minimum, r.maximum, r.default_raw,'
    " r.steps, r.kind, r.automatable FROM parameter r JOIN plugin p ON p.key = r.plugin"
    " JOIN bundle b ON b.key = p.bundle JOIN word n ON n.key = r.name JOIN word u ON u.key = r.unit"
    " ORDER BY b.path, p.uid, r.position",
    "identities": "SELECT id, base, uid FROM identity ORDER BY id",
}


@dataclass(slots=True)
class Figures:
    """What a storm came to."""

    kills: int = 0
    of_the_app: int = 0
    of_workers_and_probes: int = 0
    in_flight: int = 0
    """Kills of the app that fell while a probe was running."""
    suspects: int = 0
    """Bundles that were in quarantine at the end of the storm, before they were tried again."""
    longest_s: float = 0.0
    """Until nothing was left running of an app that was killed."""
    elapsed_s: float = 0.0


def furnish(folder: Path, copies: int = COPIES, *, heavy: bool = True) -> int:
    """Fill a folder with copies of real plugins, and give their number."""
    chosen = [(name, number) for number in range(copies) for name in LIGHT] + [(HEAVY, 0)] * heavy
    for name, number in chosen:
        shutil.copytree(PLUGINS / f"{name}.vst3", folder / str(number) / f"{name}.vst3")
    return len(chosen)


def picture(data_dir: Path) -> dict[str, list[Any]]:
    """Everything the catalogue says but times; AssertionError where the file is not whole."""
    with closing(sqlite3.connect(data_dir / FILE_NAME)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        return {name: db.execute(query).fetchall() for name, query in SAME.items()}


def scan(data_dir: Path, folder: Path, *flags: str, python: str) -> subprocess.Popen[bytes]:
    """Start `pluginary-tui scan` of that folder in a process of its own, by the interpreter at `python`."""
    command = [python, "-m", "pluginary_tui", "scan", "--json", "--only", str(folder), "--no-builtin", *flags]
    return subprocess.Popen(
        command,
        env=os.environ | {"PLUGINARY_TUI_DATA_DIR": str(data_dir)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def finish(data_dir: Path, folder: Path, *flags: str, python: str) -> None:
    """Scan to the end, undisturbed."""
    assert scan(data_dir, folder, *flags, python=python).wait(300) == 0


def storm(folder: Path, base: Path, kills: int, seed: int, python: str = sys.executable) -> Figures:
    """Scan `folder` into a catalogue below `base` with that many kills, and hold it against one without any.

    What is left on the list is resumed each time, and a scan that comes to its end is followed by one of everything,
    with what is in quarantine. A kill takes the app or, one time in four, one of its workers or probes. In the end the
    scan is finished in peace, and what was in flight at two kills in a row, and so is in quarantine as a suspect, is
    tried again with `--retry`.

    AssertionError where anything is lost, doubled, damaged or left running.
    """
    chance, figures = random.Random(seed), Figures()
    calm, wild = base / "calm", base / "wild"
    began = time.monotonic()
    finish(calm, folder, python=python)
    whole_s = time.monotonic() - began
    known: set[str] = set()
    flags: tuple[str, ...] = ()
    began = time.monotonic()
    while figures.kills < kills:
        running = scan(wild, folder, *flags, python=python)
        try:
            while running.poll() is None and figures.kills < kills:
                try:
                    running.wait(chance.uniform(0, whole_s / 2))
                except subprocess.TimeoutExpired:
                    _strike(running, chance, figures)
        finally:
            running.kill()
            running.wait()
        flags = ("--full", "--retry") if running.returncode == 0 else ()
        assert running.returncode in (0, -signal.SIGKILL), running.returncode
        if (wild / FILE_NAME).exists():
            known = _check(wild, known, figures if running.returncode else None)
        print(f"\r{figures.kills} kills", end="", file=sys.stderr)
    finish(wild, folder, python=python)
    figures.suspects = sum(quarantined for *_, quarantined in picture(wild)["bundles"])
    finish(wild, folder, "--retry", python=python)
    figures.elapsed_s = time.monotonic() - began
    expected, found = picture(calm), picture(wild)
    for name in SAME:
        assert found[name] == expected[name], (name, set(found[name]) ^ set(expected[name]))
    return figures


def _strike(running: subprocess.Popen[bytes], chance: random.Random, figures: Figures) -> None:
    """Kill the app, or something that it started."""
    try:
        family = psutil.Process(running.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return
    figures.kills += 1
    if family and chance.random() < 0.25:
        figures.of_workers_and_probes += 1
        try:
            chance.choice(family).kill()
        except psutil.NoSuchProcess:
            figures.kills -= 1
            figures.of_workers_and_probes -= 1
        return
    figures.of_the_app += 1
    running.kill()
    running.wait()
    began = time.monotonic()
    _, alive = psutil.wait_procs(family, timeout=ORPHANS_S)
    assert not alive, alive
    figures.longest_s = max(figures.longest_s, time.monotonic() - began)


def _check(data_dir: Path, known: set[str], figures: Figures | None) -> set[str]:
    """See that the file is whole, holds all it did before and nothing twice. Returns the bundles that it holds."""
    with closing(sqlite3.connect(data_dir / FILE_NAME)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if not db.execute("PRAGMA user_version").fetchone()[0]:  # killed before it was made
            return known
        paths = [path for (path,) in db.execute("SELECT path FROM bundle")]
        (plugins,) = db.execute("SELECT count(*) FROM plugin").fetchone()
        (flights,) = db.execute("SELECT count(*) FROM journal WHERE state = 'running'").fetchone()
        (unfinished,) = db.execute("SELECT count(*) FROM scan WHERE finished_at = ''").fetchone()
    assert known <= set(paths), "a bundle was lost"
    assert len(paths) == len(set(paths)) == plugins, "each of these bundles holds one plugin"
    assert unfinished <= 1
    if figures is not None:
        figures.in_flight += flights > 0
    return set(paths)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--portable", action="store_true", help="in an interpreter with what Windows has")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kill-storm-") as name:
        base = Path(name)
        bundles = furnish(base / "vst3")
        python = str(executable(base)) if chosen.portable else sys.executable
        figures = storm(base / "vst3", base, chosen.kills, chosen.seed, python)
    print(
        f"{figures.kills} kills ({figures.of_the_app} of the app, {figures.in_flight} of them with probes in flight; "
        f"{figures.of_workers_and_probes} of workers and probes) over scans of {bundles} real bundles in "
        f"{figures.elapsed_s:.0f} s (seed {chosen.seed}): every database whole, no bundle lost or doubled, "
        f"nothing left running after {figures.longest_s:.1f} s, "
        f"{figures.suspects} under suspicion at the end and cleared by --retry, and the final catalogue the same as "
        "that of an undisturbed scan."
    )


if __name__ == "__main__":
    main()
