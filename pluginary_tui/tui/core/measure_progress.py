"""The progress of a measuring, shown like a scan's, and its result in words."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from pluginary_tui.catalogue.passports import SOUND, Key, key_of
from pluginary_tui.formatting import counted, duration
from pluginary_tui.model import Outcome, Plugin, clean
from pluginary_tui.scan.progress import Ended, Progress, Running
from pluginary_tui.sound.events import (
    Event,
    MeasureEnded,
    MeasurePaused,
    MeasureStarted,
    PartEnded,
    PartProgress,
    PartStarted,
    Summary,
)
from pluginary_tui.sound.metrics import BEHAVIOUR_LABELS, FAULTS, VERDICT_LABELS
from pluginary_tui.sound.overview import MEASURED, UNMEASURABLE
from pluginary_tui.sound.passport import Passport
from pluginary_tui.tui.core.key_names import KeyOf

STAGES = {"load": "loading", "cost": "measuring its cost, alone"}
"""Words for stages of a measurement whose names say too little."""


@dataclass(slots=True)
class MeasureProgress(Progress):
    """The state of one measuring, folded from its events. Its rows are plugins; `total` and `done` count parts: first
    the sounds of all plugins, then the costs of those whose sound could be measured.
    """

    state: str = "running"
    kind: str = "measuring"
    faults: int = 0
    """Plugins with a verdict that is a fault."""
    sounds: int = 0
    """Plugins whose sound is to be measured, and those of them that are done."""
    sounds_done: int = 0
    costs: int = 0
    """The same for what a plugin costs, of those whose sound could be measured."""
    costs_done: int = 0
    wanted: int = 0
    """Plugins to be measured in all."""

    @property
    def step(self) -> tuple[int, int]:
        """Plugins done and in all: those whose sound is done, then those whose cost is; each counts once."""
        if self.over:
            return self.wanted - (self.sounds - self.sounds_done) - (self.costs - self.costs_done), self.wanted
        return (self.sounds_done, self.sounds) if self._at_sounds else (self.costs_done, self.costs)

    @property
    def part(self) -> float:
        return min(1.0, self.done / self.total) if self.total else float(self.over)

    @property
    def steps_word(self) -> str:
        if self.over:
            return ""
        return "plugins, 1 of 2: their sound" if self._at_sounds else "plugins, 2 of 2: what each costs"

    @property
    def left(self) -> str:
        done, total = self.step
        return counted(total - done, "plugin")

    @property
    def more_follows(self) -> bool:
        """How long the costs take is not known as long as sounds are left."""
        return self._at_sounds and self.costs > 0

    @property
    def _at_sounds(self) -> bool:
        return self.sounds_done < self.sounds

    def measure(self, event: Event) -> None:
        """Fold one event in."""
        self.revision += 1
        match event:
            case MeasureStarted():
                self.total, self.workers = event.total, event.workers
                self.sounds, self.costs = event.sounds, event.total - event.sounds
                self.wanted = max(self.sounds, self.costs)
                self.unchanged, self.quarantined = event.current, event.quarantined
                self._clock(running=True)
            case PartStarted(plugin, part, timeout_s):
                now = time.monotonic()
                stage = "starting" if part == SOUND else STAGES["cost"]
                row = row_of(plugin)
                self.running[row] = Running(row, plugin.name, plugin.vendor, timeout_s, now, now, stage)
            case PartProgress(plugin, stage):
                if run := self.running.get(row_of(plugin)):
                    run.rearmed, run.stage = time.monotonic(), STAGES.get(stage, stage)
            case PartEnded():
                self._part_ended(event)
            case MeasurePaused(paused):
                self._clock(running=not paused)
                self.state = "paused" if paused else "running"
            case MeasureEnded(summary, how, message):
                self._clock(running=False)
                self.state, self.message, self.resumed = how, message, summary.resumed
                self.finished = time.monotonic()
                self.running.clear()

    def changes(self) -> list[tuple[int, str, str]]:
        """What came of it: how many, what they are, and the query that shows them."""
        bad = sum(number for outcome, number in self.counts.items() if outcome != Outcome.OK)
        return [
            (self.counts[Outcome.OK], "measured", f"is:{MEASURED}"),
            (self.faults, "with a fault", f"is:{','.join(sorted(FAULTS))}"),
            (bad, "failed", f"is:{UNMEASURABLE}"),
        ]

    def _part_ended(self, event: PartEnded) -> None:
        plugin, row = event.plugin, row_of(event.plugin)
        self.running.pop(row, None)
        self.done += 1
        if event.part == SOUND:
            self.sounds_done += 1
            self.counts[event.outcome] += 1
            self.total -= event.outcome.bad  # of what could not be measured the cost is not, either
            self.costs -= event.outcome.bad
            self.faults += bool(event.passport and event.passport.faults)
            if not self._at_sounds:  # the pace of the costs is another one
                self._work_s, self._work_since = 0.0, time.monotonic()
        else:
            self.costs_done += 1
        before = next((item for item in self.ended if item.path == row), None)
        if before is not None:
            self.ended.remove(before)
        elapsed_s = event.elapsed_s + (before.elapsed_s if before else 0.0)
        self.ended.appendleft(
            Ended(
                path=row,
                name=plugin.name,
                vendor=plugin.vendor,
                outcome=event.outcome,
                plugins=1,
                parameters=plugin.parameter_count,
                elapsed_s=elapsed_s,
                error=event.error,
                log=event.log,
                change="same",
                quarantined=False,
                summary=passport_summary(event.passport) if event.passport else "",
            )
        )


def row_of(plugin: Plugin) -> str:
    """What tells a plugin's row from all others: where it is, and where that holds several, its name."""
    name = plugin.name if plugin.format == "builtin" else clean(plugin.name_in_file)
    return f"{plugin.path}  {name}" if name else plugin.path


def passport_summary(passport: Passport) -> str:
    """A passport in a few words: what it behaves like, what can be held against it, its cost."""
    behaves = BEHAVIOUR_LABELS[passport.behaves] or "sound measured"
    words = [behaves, *(VERDICT_LABELS[verdict.name] for verdict in passport.verdicts)]
    if "cpu" in passport.costs:
        words.append(f"{passport.costs['cpu'].value:.2f} % of a processor")
    return ", ".join(dict.fromkeys(words))


def summarized(summary: Summary, how: str, key_of: KeyOf) -> str:
    """The result of a measuring in a sentence or two."""
    bad = summary.measured - summary.ok
    again = f" {counted(summary.current, 'plugin')} were measured already." if summary.current else ""
    retry = f"{key_of('measure')}, then r, tries them again."
    left_out = f" {summary.quarantined} went wrong before; {retry}" if summary.quarantined else ""
    if summary.not_loaded:
        left_out += f" {counted(summary.not_loaded, 'plugin')} cannot be loaded by pedalboard."
    if summary.not_scanned:
        left_out += f" {counted(summary.not_scanned, 'plugin')} came with an import; a scan has to find them first."
    if how == "stopped":
        done = f"Measured {counted(summary.ok, 'plugin')}"
        return f"{done}; {key_of('scan_measure')} on the Scan screen goes on from here."
    if not summary.measured:
        return f"There was nothing to measure.{again}{left_out}"
    failed = f" {counted(bad, 'plugin')} could not be measured; {key_of('scan')} says why." if bad else ""
    return f"Measured {counted(summary.ok, 'plugin')} in {duration(summary.elapsed_s)}.{failed}{again}{left_out}"


def bad_ones(progress: Progress, plugins: Iterable[Plugin]) -> list[Plugin]:
    """The plugins of which measuring went wrong just now."""
    rows = {item.path for item in progress.ended if item.outcome.bad}
    return [plugin for plugin in plugins if row_of(plugin) in rows]


def key_in(row: str, plugins: Iterable[Plugin]) -> Key | None:
    """How the catalogue names the plugin of a row."""
    return next((key_of(plugin) for plugin in plugins if row_of(plugin) == row), None)
