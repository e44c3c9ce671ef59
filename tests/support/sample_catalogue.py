"""Catalogues to look at: real stores, filled the way a scan does it."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from pathlib import Path

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Bundle, Outcome, Parameter, ProbedPlugin, Report

NAMES = Path(__file__).parents[1] / "data" / "search" / "catalogue.tsv"

PARAMETERS = [
    Parameter("Mix", "%", "35", "0", "100", 0.35),
    Parameter("Pre-Delay", "ms", "20", "0", "500", 0.04),
    Parameter("Decay", "s", "2.50", "0.20", "70.00", 0.3),
    Parameter("Master level", "dB", "0.0", "-30.0", "30.0", 0.5),
    Parameter("Mode", "", "Hall", "Hall", "Plate", 0.0, 12, "stepped"),
    Parameter("Bypass", "", "Off", "Off", "On", 0.0, 2, "switch"),
]

FAILURES = {
    "OldThing": (Outcome.CRASHED, "died of SIGSEGV while creating the effect", "RoboLicense: no dongle found\n"),
    "SleepyComp": (Outcome.TIMEOUT, "no answer within 30 s, while loading", "connecting to licence server ...\n"),
    "HalfDelay": (
        Outcome.FAILED,
        "libcurl-gnutls.so.4: cannot open shared object file: No such file or directory",
        "",
    ),
}


def fill(store: Store, rows: Iterable[tuple[str, str, str, str]], failures: bool = True) -> None:
    """Put plugins (name, vendor, format, category) into the catalogue, the way a scan does."""
    journal = Journal(store)
    rows = list(rows)
    bundles = []
    for name, vendor, format_, _ in rows:
        place = f"/usr/lib/{format_}/{vendor}/{name}.{'component' if format_ == 'au' else 'vst3'}"
        bundles.append(Bundle(place, format_, name, f"v1 {name}", 2_400_000, 1.7e9))
    bad = [Bundle(f"/usr/lib/vst3/{name}.vst3", "vst3", name, "v1") for name in FAILURES] if failures else []
    journal.begin([*bundles, *bad])
    for number, (bundle, (name, vendor, _, category)) in enumerate(zip(bundles, rows, strict=True)):
        uid = f"{zlib.crc32(f'{name}{vendor}'.encode()):032X}"
        found = ProbedPlugin(name, vendor, f"1.{number % 20}.0", category, uid, latency_samples=64 * (number % 3))
        found.kind = "instrument" if "Synth" in category else "effect"
        found.parameters, found.probe_ms = PARAMETERS[: 1 + number % 6], 12 + number % 90
        journal.finish(Report(bundle, Outcome.OK, [found]), [(category,) if category else ()], quarantine=False)
    for bundle in bad:
        outcome, error, log = FAILURES[bundle.name]
        report = Report(bundle, outcome, error=error, stage="load", log=log, elapsed_s=0.03)
        journal.finish(report, [], quarantine=True)
    journal.end({"found": len(bundles) + len(bad)})


def named_plugins(limit: int = 0) -> list[tuple[str, str, str, str]]:
    """Name, vendor, format and category of well-known plugins."""
    rows = [line.split("\t") for line in NAMES.read_text("utf-8").splitlines() if line]
    plugins = [(row[0], row[1], "au" if row[2].lower() == "au" else "vst3", row[3]) for row in rows]
    unique = list({plugin[:3]: plugin for plugin in plugins}.values())
    return unique[:limit] if limit else unique


def small() -> list[tuple[str, str, str, str]]:
    """A handful that tests can count."""
    return [
        ("Valhalla VintageVerb", "Valhalla DSP", "vst3", "Reverb"),
        ("Valhalla Room", "Valhalla DSP", "vst3", "Reverb"),
        ("Valhalla Delay", "Valhalla DSP", "au", "Delay"),
        ("ZamVerb", "Damien Zammit", "vst3", "Reverb"),
        ("ZamTube", "Damien Zammit", "vst3", "Distortion"),
        ("Serum", "Xfer Records", "vst3", "Synth"),
        ("Pro-Q 3", "FabFilter", "vst3", "EQ"),
        ("[bold]Markup[/bold] [red", "[Vendor]", "vst3", "EQ"),
    ]
