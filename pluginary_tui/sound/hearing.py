"""Records a plugin on demand, in a confined process: one that was not measured, or a sound file of the user's."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from pluginary_tui.catalogue.passports import key_of
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import Settings
from pluginary_tui.errors import PluginaryError
from pluginary_tui.isolation import jobs
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.model import NOT_SCANNED, Plugin, clean
from pluginary_tui.safe_open import open_regular
from pluginary_tui.scan.probe_job import MEASURING, pool_options
from pluginary_tui.scan.snippet import not_for_pedalboard
from pluginary_tui.sound.kept_sounds import KeptSounds, kept_of_product
from pluginary_tui.sound.recording import Recording, recording_from
from pluginary_tui.sound.run import LEAST_TIMEOUT_S, payload


class HearError(PluginaryError):
    """A plugin cannot be heard; the text says why."""


def heard(
    store: Store,
    data_dir: Path,
    plugin: Plugin,
    settings: Settings,
    source: Path | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Recording | None:
    """What was kept of a plugin; where nothing was, or `source` is a file, what is recorded now. See `record`."""
    kept = KeptSounds(data_dir)
    if source is None and (found := kept_of_product(kept, store, plugin)) is not None:
        return found
    recording = record(plugin, settings, source, cancelled)
    if source is None and recording is not None and settings.sound.keep:
        with contextlib.suppress(OSError):  # it is heard all the same
            kept.put(key_of(plugin), recording)
    return recording


def record(
    plugin: Plugin,
    settings: Settings,
    source: Path | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Recording | None:
    """Record a plugin as it is when loaded, with the beginning of the sound file `source` or the phrase of measuring.

    Blocks for a second or a few. None soon after `cancelled` is true. Raises HearError, one sentence.
    """
    name = clean(plugin.name)
    if reason := not_for_pedalboard(plugin):
        raise HearError(f"{name}: {reason}")
    if plugin.imported:
        raise HearError(f"{name} {NOT_SCANNED}.")
    if source is not None:
        try:
            open_regular(source).close()
        except OSError as wrong:
            raise HearError(f"{clean(str(source))} cannot be read: {wrong.strerror or wrong}.") from None
    job = jobs.Job(
        plugin.path,
        "pluginary_tui.sound.probe.entry:hear",
        dict(payload(plugin)),
        max(LEAST_TIMEOUT_S, settings.scan.timeout_s),
        bundles=(plugin.path,) if plugin.format != "builtin" else (),
        vendor=plugin.vendor,
        reads=(str(source.absolute()),) if source is not None else (),
    )
    recording, problem = None, ""
    with Pool(1, **pool_options(settings, MEASURING)) as pool:
        pool.submit(job)
        while not cancelled():
            for event in pool.events(0.1):
                match event:
                    case jobs.MessageReceived(_, {"sound": dict(sound)}):
                        recording = recording_from(sound)
                    case jobs.MessageReceived(_, {"error": str(text)}):
                        problem = clean(text, 400)
                    case jobs.JobEnded(error=error):
                        if recording is not None and not problem:
                            return recording
                        why = problem or f"It could not be heard: {clean(error, 400).rstrip('.') or 'it sent nothing'}."
                        raise HearError(f"{name}: {why}")
    return None
