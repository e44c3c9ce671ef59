"""Runs a measuring session: plans it, feeds the pool, stores results and emits events; the counterpart of scan.run."""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from pluginary_tui.catalogue.database import FILE_NAME
from pluginary_tui.catalogue.integrity import backups
from pluginary_tui.catalogue.lock import scan_lock
from pluginary_tui.catalogue.passports import COST, SOUND, Entry, Key, Passports, StoredPassport, key_of
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import Settings
from pluginary_tui.errors import CatalogueError
from pluginary_tui.isolation import jobs
from pluginary_tui.isolation.controls import RunControls
from pluginary_tui.isolation.job_queue import Announce, LaunchGuard, work
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.logs import logger
from pluginary_tui.model import Attempt, Outcome, Plugin, attempt, can_load, clean, clean_log, may_load
from pluginary_tui.scan.probe_job import MEASURING, pool_options
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
from pluginary_tui.sound.kept_sounds import KeptSounds, prune_quietly
from pluginary_tui.sound.metrics import METHOD
from pluginary_tui.sound.passport import from_json, to_json
from pluginary_tui.sound.recording import Recording, recording_from

SEED = 1
"""Seed of the settings; equal for all passports, so that they can be compared."""

CHECK = "check"
"""As `probe.validation.CHECK`, which needs numpy: how the stages of validating begin."""

LEAST_TIMEOUT_S = 30.0
"""A test signal lasts up to seven seconds, and a slow plugin takes longer to render it."""

SUSPECT_KILLS = 2
MOST_WORKERS = 8


@dataclass(slots=True)
class _InFlight:
    entry: Entry
    plugin: Plugin
    stage: str = "load"
    attempts: list[Attempt] = field(default_factory=list)
    """What was refused meanwhile."""
    answer: dict[str, Any] | None = None
    sound: Recording | None = None


class Measuring(RunControls[Key]):
    """One run over some plugins. `run` blocks and belongs into a thread; the controls may be used from any.

    Plugins with a current passport are left out unless `full`; those whose measurement failed, unless `retry`.
    """

    def __init__(
        self, settings: Settings, data_dir: Path, plugins: Sequence[Plugin], *, full: bool = False, retry: bool = False
    ) -> None:
        super().__init__()
        self.settings = settings
        self.path = data_dir / FILE_NAME
        self._kept = KeptSounds(data_dir)
        self.summary = Summary(matched=len(plugins))
        self.summary.not_loaded = sum(p.status == Outcome.OK and not can_load(p) for p in plugins)
        self.summary.not_scanned = sum(p.status == Outcome.OK and can_load(p) and p.imported for p in plugins)
        self._plugins = {key_of(p): p for p in plugins if measurable(p)}
        self._full, self._retry = full, retry
        self._paused = False
        self._sounds: deque[Entry] = deque()
        self._costs: deque[Entry] = deque()
        self._in_flight: dict[str, _InFlight] = {}
        self._launches = LaunchGuard("measurements", "nothing was held against them. Mend it and measure again.")
        self._emit: Callable[[Event], None] = lambda event: None

    def run(self, emit: Callable[[Event], None]) -> Summary:
        """Measure to the end, or until it is stopped; `emit` gets every event, in this thread.

        Raises CatalogueError or ScanError where it cannot begin or go on; results so far are kept.
        """
        began = time.monotonic()
        self._emit = emit
        with Store(self.path, durable=True) as store, scan_lock(self.path):
            self._passports = Passports(store)
            self._plan(self._passports)
            workers = self.settings.scan.workers or min(MOST_WORKERS, os.cpu_count() or 1)
            summary = self.summary
            total = len(self._sounds) + len(self._costs)
            sounds = len(self._sounds)
            emit(MeasureStarted(total, summary.resumed, workers, summary.current, summary.quarantined, sounds))
            if self._sounds or self._costs:
                self._work(workers)
            prune_quietly(self.path.parent, store)
            self.summary.elapsed_s = round(time.monotonic() - began, 3)
        how = "broken" if self._launches.message else "stopped" if self._sounds or self._costs else "done"
        if how == "done" and self.summary.measured:
            backups.backup_after_run(self.path, self.settings.backup.keep)
        emit(MeasureEnded(self.summary, how, self._launches.message))
        return self.summary

    def _plan(self, passports: Passports) -> None:
        known = passports.overview()
        left = {(entry.key, entry.part) for entry in passports.pending()}
        wanted: list[tuple[Key, str]] = []
        for key in self._plugins:
            kept = known.get(key)
            if (key, SOUND) in left or self._wanted(kept):
                wanted += [(key, SOUND), (key, COST)]
            elif (key, COST) in left:
                wanted.append((key, COST))
        self.summary.resumed = any(each in left for each in wanted)
        passports.begin(wanted)
        chosen = set(wanted)
        for entry in passports.pending():
            if (entry.key, entry.part) not in chosen:
                continue
            if entry.kills < SUSPECT_KILLS:
                (self._sounds if entry.part == SOUND else self._costs).append(entry)
                continue
            error = f"This program was killed {entry.kills} times in a row while it was being measured."
            self._finish(entry, Outcome.CRASHED, error)

    def _wanted(self, kept: StoredPassport | None) -> bool:
        if kept is None or not kept.current or kept.method != METHOD:
            return True
        if kept.outcome != Outcome.OK:
            self.summary.quarantined += not self._retry
            return self._retry
        self.summary.current += not self._full
        return self._full

    def _work(self, workers: int) -> None:
        pool = Pool(workers, **pool_options(self.settings, MEASURING))
        work(pool, self)

    # The queue, as the loop under it sees it

    def control(self, pool: Pool) -> bool:
        state, skips = self.poll()
        if state == "stopping" or self._launches.message:
            return False
        for key in skips:
            self._skip(pool, key)
        if (paused := state == "paused") != self._paused:
            self._paused = paused
            self._emit(MeasurePaused(paused))
        return bool(self._sounds or self._costs or self._in_flight)

    def fill(self, pool: Pool) -> list[Announce]:
        begun: list[Announce] = []
        if self._paused:
            return begun
        while self._sounds and pool.free:
            begun.append(self._start(pool, self._sounds.popleft()))
        if self._costs and not self._sounds and not self._in_flight and pool.free:
            begun.append(self._start(pool, self._costs.popleft()))
        return begun

    def handle(self, event: jobs.Event) -> None:
        flight = self._in_flight.get(event.key)
        if flight is None:
            return
        match event:
            case jobs.MessageReceived(_, {"stage": stage}):
                flight.stage = clean(stage)
                self._emit(PartProgress(flight.plugin, flight.stage))
            case jobs.MessageReceived(_, {"verdicts": list(verdicts), "checks": dict(checks)}) if flight.answer:
                flight.answer = with_checks(flight.answer, verdicts, checks)
            case jobs.MessageReceived(_, {"sound": dict(sound)}):
                flight.sound = recording_from(sound)
            case jobs.MessageReceived(_, message):
                flight.answer = message
            case jobs.AttemptRefused(_, kind, what):
                flight.attempts.append(attempt(kind, what, "measure"))
            case jobs.JobEnded():
                del self._in_flight[event.key]
                self._on_job_ended(event, flight)

    def put_back(self) -> None:
        flights, self._in_flight = self._in_flight, {}
        for flight in flights.values():
            self._put_back(flight.entry)
            with contextlib.suppress(CatalogueError):  # do not hide the error that is being raised
                self._passports.reset_to_pending(flight.entry)

    def _put_back(self, entry: Entry) -> None:
        (self._sounds if entry.part == SOUND else self._costs).appendleft(entry)

    def _start(self, pool: Pool, entry: Entry) -> Announce:
        plugin = self._plugins[entry.key]
        self._passports.started(entry)
        name = "\n".join((*entry.key, entry.part))
        self._in_flight[name] = _InFlight(entry, plugin)
        entry_point = f"pluginary_tui.sound.probe.entry:{'run' if entry.part == SOUND else 'cost'}"
        timeout = max(LEAST_TIMEOUT_S, self.settings.scan.timeout_s)
        bundle, vendor = (plugin.path,), plugin.vendor
        what = {**payload(plugin), "keep": self.settings.sound.keep}
        pool.submit(jobs.Job(name, entry_point, what, timeout, bundles=bundle, vendor=vendor))
        return partial(self._emit, PartStarted(plugin, entry.part, timeout))

    def _skip(self, pool: Pool, key: Key | None) -> None:
        for name, flight in self._in_flight.items():
            if key is None or flight.entry.key == key:
                pool.skip(name)
                return

    def _on_job_ended(self, event: jobs.JobEnded, flight: _InFlight) -> None:
        entry = flight.entry
        if event.reason == "launch":
            self._put_back(entry)
            self._passports.reset_to_pending(entry)
            self._launches.failed(event.error)
            return
        self._launches.launched()
        if entry.part == SOUND:
            self._passports.store.put_attempts(flight.plugin.key, "measure", flight.attempts)
        outcome, error = event.outcome, clean(event.error, 1000)
        if event.reason == "skipped":
            outcome, error = Outcome.TIMEOUT, f"skipped by you after {event.elapsed_s:.1f} s"
        elif outcome is None:
            self._put_back(entry)
            self._passports.reset_to_pending(entry)
            return
        if outcome is Outcome.OK and flight.answer is None:
            outcome, error = Outcome.FAILED, "sent no result"
        if outcome.bad and flight.answer is not None and entry.part == SOUND and flight.stage.startswith(CHECK):
            how = f"{error[:1].upper()}{error[1:].rstrip('.')} ({flight.stage})."
            broken = [] if event.reason == "skipped" else [{"name": "breaks", "evidence": how}]
            flight.answer = with_checks(flight.answer, broken, {"as hosts use it": how})
            outcome, error = Outcome.OK, ""
        if outcome.bad:
            error = f"{error[:1].upper()}{error[1:].rstrip('.')} (while measuring: {flight.stage})."
        self._finish(entry, outcome, error, flight.answer, clean_log(event.log), event.elapsed_s)
        if entry.part == SOUND and not outcome.bad:
            self._keep(entry.key, flight.sound)

    def _keep(self, key: Key, sound: Recording | None) -> None:
        """Keep what it sounds like now; what it sounded like before is no longer true."""
        try:
            if sound is None:
                self._kept.drop(key)
            else:
                self._kept.put(key, sound)
        except OSError as error:
            logger(__name__).warning("the sound of %s cannot be kept: %s", key[2], error)

    def _finish(
        self,
        entry: Entry,
        outcome: Outcome,
        error: str,
        answer: dict[str, Any] | None = None,
        log: str = "",
        elapsed_s: float = 0.0,
    ) -> None:
        plugin = self._plugins[entry.key]
        before = self._passports.get(plugin) if entry.part == COST else None
        passport = None
        if entry.part == COST:
            if before is None:
                outcome, error = Outcome.FAILED, "Its passport is gone."
            else:
                passport = from_json(before.data if outcome.bad else with_costs(before.data, answer or {}))
        elif not outcome.bad and answer is not None:
            passport = from_json(answer.get("passport"))
        if outcome.bad:
            self._costs = deque(each for each in self._costs if each.key != entry.key)
        self._passports.finish(
            entry,
            method=METHOD,
            outcome=outcome,
            error=error,
            log=log,
            elapsed_ms=round(elapsed_s * 1000) + (before.elapsed_ms if before else 0),
            figures={k: f.value for k, f in passport.figures.items()} if passport else {},
            verdicts=[v.name for v in passport.verdicts] if passport else (),
            data=to_json(passport) if passport else {},
        )
        if entry.part == SOUND:
            self.summary.measured += 1
            setattr(self.summary, outcome, getattr(self.summary, outcome) + 1)
        self._emit(PartEnded(plugin, entry.part, outcome, error, passport, elapsed_s, log))


def measurable(plugin: Plugin) -> bool:
    """Whether a scan here could read the plugin, pedalboard loads its format and is not known to refuse it."""
    return plugin.status == Outcome.OK and may_load(plugin)


def payload(plugin: Plugin, seed: int = SEED) -> dict[str, Any]:
    """What the measuring process needs to load a plugin."""
    return {
        "path": plugin.path,
        "format": plugin.format,
        "name": plugin.uid if plugin.format == "builtin" else plugin.name,
        "name_in_file": plugin.name_in_file,
        "seed": seed,
    }


def with_checks(answer: dict[str, Any], verdicts: list[Any], checks: dict[Any, Any]) -> dict[str, Any]:
    """The answer of a measurement with what validating has found merged into its passport."""
    raw = answer.get("passport")
    passport = raw if isinstance(raw, dict) else {}
    before = passport.get("verdicts")
    verdicts = [*(before if isinstance(before, list) else []), *verdicts]
    return {**answer, "passport": {**passport, "verdicts": verdicts, "checks": checks}}


def with_costs(data: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """A passport (JSON) with the costs of `answer` merged in."""
    costs = answer.get("costs")
    return {**data, "costs": {**data.get("costs", {}), **(costs if isinstance(costs, dict) else {})}}
