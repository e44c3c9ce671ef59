"""What single parameters are set to by a plugin's own display, and what is measured there.

    python -m tests.support.sound_facts FOLDER

Prints a row of tests/data/sound_facts.tsv for each position, and how many of those measured agree.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

FILE = Path(__file__).parents[1] / "data" / "sound_facts.tsv"


class Fact(NamedTuple):
    """One row of the table."""

    bundle: str
    plugin: str
    parameter: str
    positions: tuple[float, ...]
    others: dict[str, float]
    figure: str
    factor: float
    tolerance: str

    def agrees(self, shown: float, measured: float) -> bool:
        """Whether a figure is as near to the display as the table asks."""
        expected = shown * self.factor
        if self.tolerance.endswith("%"):
            return abs(measured - expected) <= abs(expected) * float(self.tolerance[:-1]) / 100
        return abs(measured - expected) <= float(self.tolerance)


class Reading(NamedTuple):
    """A position of a parameter, with what is shown and what is measured there."""

    fact: Fact
    shown: float
    measured: float | None
    """None where the figure is absent."""
    trust: float


def table() -> list[Fact]:
    """All rows."""
    found = []
    for line in FILE.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            bundle, plugin, parameter, positions, others, figure, factor, tolerance = line.split("\t")
            pairs = (each.split("=") for each in others.split(",") if each)
            found.append(
                Fact(
                    *(bundle, plugin, parameter, tuple(map(float, positions.split(",")))),
                    *({name: float(place) for name, place in pairs}, figure, float(factor), tolerance),
                )
            )
    return found


def readings(folder: Path) -> Iterator[Reading]:
    """What the plugins in a folder show and give, each measured in a process of its own."""
    for fact in table():
        path = folder / f"{fact.bundle}.vst3"
        if not path.exists():
            continue
        answer = json.dumps({"path": str(path), **fact._asdict()})
        done = subprocess.run(
            [sys.executable, "-m", "tests.support.sound_facts", "--one", answer],
            capture_output=True,
            text=True,
            check=True,
        )
        for shown, measured, trust in json.loads(done.stdout.splitlines()[-1]):
            yield Reading(fact, shown, measured, trust)


def _measured(answer: dict[str, Any]) -> list[tuple[float, float | None, float]]:
    from pluginary_tui.sound.passport import Setting
    from pluginary_tui.sound.probe import analysis
    from pluginary_tui.sound.probe.output_monitor import OutputMonitor
    from pluginary_tui.sound.probe.plugin_host import HostedPlugin

    host = HostedPlugin(answer["path"], "vst3", answer["plugin"], answer["plugin"])
    found = []
    for position in answer["positions"]:
        parameters = {each.name: each for each in host.plugin._parameters}
        for name, place in answer["others"].items():
            parameters[name].raw_value = place
        parameters[answer["parameter"]].raw_value = position
        text = str(parameters[answer["parameter"]].get_text_for_raw_value(position))
        shown = re.search(r"-?\d+(\.\d+)?", text)
        setting = Setting("one")
        analysis.effect(OutputMonitor(host.process, host.channels), setting)
        figure = setting.figures.get(answer["figure"])
        value, trust = (figure.value, figure.trust) if figure else (None, 0.0)
        found.append((float(shown[0]) if shown else float("nan"), value, trust))
    return found


def main() -> None:
    """Print all readings, or measure one."""
    if sys.argv[1] == "--one":
        print(json.dumps(_measured(json.loads(sys.argv[2]))))
        return
    agreed = total = 0
    for fact, shown, measured, trust in readings(Path(sys.argv[1])):
        right = measured is not None and fact.agrees(shown, measured)
        agreed, total = agreed + right, total + 1
        given = "-" if measured is None else f"{measured:.4g}"
        about = f"shows {shown:g}, {fact.figure} {given} (trust {trust:.2f})"
        print(f"{' ' if right else 'x'} {fact.plugin}: {fact.parameter} {about}", flush=True)
    print(f"{agreed} of {total} figures agree with the plugin's own display")


if __name__ == "__main__":
    main()
