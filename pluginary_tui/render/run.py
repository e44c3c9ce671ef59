"""Renders files through plugins, each in a process of its own that may write to nothing but the new file."""

from __future__ import annotations

import math
import os
import stat
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pluginary_tui.atomic_file import drop_leftovers, replacement
from pluginary_tui.config import Settings
from pluginary_tui.isolation import jobs
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.model import clean
from pluginary_tui.render.plan import WHOLE, WRITTEN, Pair, RenderError, Step, folder_to_make
from pluginary_tui.scan.probe_job import MEASURING, pool_options
from pluginary_tui.sound.run import LEAST_TIMEOUT_S, payload

ENTRY = "pluginary_tui.render.job:run"
TICK_S = 0.1
LEFTOVER_S = 3600.0
"""Seconds after which a half file is one that a killed process has left."""
BYTES_A_SECOND = 16_000
"""Of a compressed file. An effect that gets a file in one call says nothing meanwhile; it may take as long as that."""
SILENCE = 1e-10
"""The peak of silence, -200 dB: there is no logarithm of zero."""


@dataclass(slots=True)
class Result:
    """What became of one file."""

    pair: Pair
    error: str = ""
    """One sentence; empty where the file was rendered."""
    seconds: float = 0.0
    channels: int = 0
    sample_rate: float = 0.0
    peak_db: float = 0.0
    latency_samples: int = 0
    notes: list[str] = field(default_factory=list)
    """What is to be known about it: how channels were passed, latency, clipping."""


def in_words(result: Result) -> str:
    """A file that was made, in one line."""
    sides = {1: "mono", 2: "stereo"}.get(result.channels, f"{result.channels} channels")
    peak = "silent" if result.peak_db <= -200 else f"peak {result.peak_db:.1f} dB"
    return f"{result.pair.target}  {result.seconds:.2f} s  {sides}  {result.sample_rate:g} Hz  {peak}"


def render(
    pairs: Sequence[Pair],
    steps: Sequence[Step],
    settings: Settings,
    *,
    tail_s: float = 0.0,
    progress: Callable[[float], object] = lambda share: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Result]:
    """Render all files, as many at a time as there are processors (or `scan.workers`); yield each one's result.

    `progress` gets the share of all that is done. Ends soon after `stopped` is true. A file is there only when it is
    whole: until then it has another name beside it, which is taken away where anything fails or the iteration ends
    early. Raises RenderError where the folder of the results cannot be made.
    """
    folder = folder_to_make(pairs)
    if folder:
        try:
            folder.mkdir()
        except OSError as error:
            raise RenderError(f"{clean(str(folder))} cannot be made: {error.strerror}.") from None
    running: dict[str, _InHand] = {}
    try:
        workers = min(len(pairs), settings.scan.workers or os.cpu_count() or 1)
        options = pool_options(settings, MEASURING)
        options["file_limit_mb"] = 0  # long files are large
        with Pool(workers, **options) as pool:
            yield from _work(pool, deque(pairs), running, _Recipe(steps, tail_s, settings), progress, stopped)
    finally:
        for each in running.values():
            each.drop()
        if folder:
            with suppress(OSError):  # something is in it
                folder.rmdir()


@dataclass(slots=True, frozen=True)
class _Recipe:
    """What is the same for all files."""

    steps: Sequence[Step]
    tail_s: float
    settings: Settings

    def job(self, pair: Pair, temporary: str) -> jobs.Job:
        presets = [step.preset for step in self.steps if step.preset]
        described = [
            {
                **payload(step.plugin),
                "title": clean(step.plugin.name),
                "values": dict(step.values),
                "program": dict(step.program),
                "preset": 1 + presets.index(step.preset) if step.preset else 0,
            }
            for step in self.steps
        ]
        plugins = [step.plugin for step in self.steps]
        timeout_s = max(LEAST_TIMEOUT_S, self.settings.scan.timeout_s)
        if any(plugin.format == "builtin" and plugin.name in WHOLE for plugin in plugins):
            timeout_s += pair.source.stat().st_size / BYTES_A_SECOND
        return jobs.Job(
            str(pair.target),
            ENTRY,
            {"steps": described, "tail_s": self.tail_s, "format": WRITTEN[pair.target.suffix.lower()]},
            timeout_s,
            bundles=tuple(dict.fromkeys(plugin.path for plugin in plugins if plugin.format != "builtin")),
            vendor=plugins[0].vendor,
            reads=(str(pair.source), *map(str, presets)),
            writes=(temporary,),
        )


class _InHand:
    """A file that is being rendered: its temporary name, and what is known so far. OSError where it cannot be made."""

    def __init__(self, pair: Pair, recipe: _Recipe) -> None:
        self.pair = pair
        self.done = 0.0
        self._titles = [clean(step.plugin.name) for step in recipe.steps]
        self._step = 0
        self._answer: dict[str, Any] = {}
        mode = stat.S_IMODE(pair.source.stat().st_mode) & 0o666 | 0o600  # as a copy of it would have
        drop_leftovers(pair.target, LEFTOVER_S)
        self._file = replacement(pair.target, mode)
        temporary, _ = self._file.__enter__()
        self.job = recipe.job(pair, str(temporary))

    def take(self, message: jobs.Message) -> None:
        match message:
            case {"step": int(step), "done": done}:
                self._step = step if 0 <= step < len(self._titles) else 0
                self.done = float(done) if isinstance(done, float) else 0.0
            case {"rendered": dict()} | {"error": str()}:
                self._answer = message

    def ended(self, event: jobs.JobEnded) -> Result:
        """Move the file into place where it is whole, and take it away otherwise."""
        error = self._error(event)
        if not error:
            try:
                made = self._made(self._answer["rendered"])
                self._file.__exit__(None, None, None)
                return made
            except (LookupError, TypeError, ValueError, ArithmeticError):  # a plugin sent it in place of the process
                error = f"{self._titles[self._step]} sent a result that makes no sense."
                self.drop()
            except OSError as problem:
                error = f"{clean(str(self.pair.target))} cannot be written: {problem.strerror or problem}."
        else:
            self.drop()
        return Result(self.pair, error)

    def _made(self, made: dict[str, Any]) -> Result:
        return Result(
            self.pair,
            "",
            float(made["seconds"]),
            int(made["channels"]),
            float(made["sample_rate"]),
            20 * math.log10(max(float(made["peak"]), SILENCE)),
            int(made["latency_samples"]),
            [clean(note, 400) for note in made["notes"]],
        )

    def _error(self, event: jobs.JobEnded) -> str:
        if "error" in self._answer:
            return clean(self._answer["error"], 600)
        if event.outcome is None and event.reason == "launch":
            return f"The process that renders {clean(event.error, 400).rstrip('.')}."
        if event.error or "rendered" not in self._answer:
            return f"{self._titles[self._step]} {clean(event.error, 400).rstrip('.') or 'ended early'}."
        return ""

    def drop(self) -> None:
        """Take the temporary file away."""
        self._file.__exit__(RenderError, RenderError("not finished"), None)


def _work(
    pool: Pool,
    waiting: deque[Pair],
    running: dict[str, _InHand],
    recipe: _Recipe,
    progress: Callable[[float], object],
    stopped: Callable[[], bool],
) -> Iterator[Result]:
    total, finished = len(waiting), 0
    while (waiting or running) and not stopped():
        while waiting and pool.free:
            pair = waiting.popleft()
            try:
                begun = _InHand(pair, recipe)
            except OSError as error:
                finished += 1
                yield Result(pair, f"{clean(str(pair.target))} cannot be written: {error.strerror or error}.")
                continue
            running[begun.job.key] = begun
            pool.submit(begun.job)
        for event in pool.events(TICK_S):
            match event:
                case jobs.MessageReceived(key, message) if key in running:
                    running[key].take(message)
                case jobs.JobEnded(key=key) if key in running:
                    finished += 1
                    yield running.pop(key).ended(event)
        progress((finished + sum(each.done for each in running.values())) / total)
