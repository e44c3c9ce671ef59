"""The jobs of the measuring process: load one plugin, render the test signals, send the results."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from pluginary_tui import __version__
from pluginary_tui.isolation import jobs
from pluginary_tui.scan.probe import warm as warm_probe
from pluginary_tui.sound.dsp import dynamics, test_signals
from pluginary_tui.sound.dsp.test_signals import Wave
from pluginary_tui.sound.parameter_settings import SETTINGS
from pluginary_tui.sound.passport import DEFAULT, Figure, Setting, to_json
from pluginary_tui.sound.probe.output_monitor import OutputMonitor
from pluginary_tui.sound.probe.passport_builder import measure
from pluginary_tui.sound.probe.plugin_host import HostedPlugin
from pluginary_tui.sound.probe.recorder import Recorder, record
from pluginary_tui.sound.probe.sound_file import opened
from pluginary_tui.sound.probe.validation import validate

Send = Callable[[dict[str, Any]], None]

COST_RUNS, COST_S = 4, 2.0
"""The cost is the least of COST_RUNS renderings of COST_S seconds: other load on the machine only adds to it."""

HEARD_S = 10
"""Seconds that are heard of a file."""

_LOADED: list[HostedPlugin] = []
"""Keeps plugins from being unloaded: one that crashes then has been measured well all the same."""


_VERSIONS: dict[str, str] = {}
"""See `Passport.made_with`; read before the worker forks, since a confined job may not look for it."""


def warm() -> None:
    """Import what every measurement needs, before the worker forks. Starts no thread."""
    warm_probe()
    if not _VERSIONS:
        _VERSIONS["pluginary-tui"] = __version__
        with contextlib.suppress(metadata.PackageNotFoundError):
            _VERSIONS["pedalboard"] = metadata.version("pedalboard")
        _VERSIONS["system"] = f"{platform.system()} {platform.machine()}"


def run(payload: dict[str, Any], send: Send) -> None:
    """Measure the sound of one plugin; the payload has its `path`, `format`, `name`, `name_in_file` and a `seed`.

    Sends `{"stage": name}` before every step, `{"passport": {...}}` when it is measured (where the payload says `keep`,
    `{"sound": {...}}` before it), and `{"verdicts", "checks"}` of validating it at the end. Raises what pedalboard
    raises.
    """
    send({"stage": "load"})
    subject = _load(payload)
    recorder = Recorder(subject, lambda stage: send({"stage": stage}))
    on_setting: Callable[[Setting], None] = recorder if payload.get("keep") else lambda setting: None
    passport = measure(subject, int(payload.get("seed", 0)), lambda stage: send({"stage": stage}), on_setting)
    passport.made_with = dict(_VERSIONS)
    if recorder.message:
        send({"sound": recorder.message})
    send({"passport": to_json(passport)})
    if not subject.builtin:
        verdicts, checks = validate(subject, passport.seed, lambda stage: send({"stage": stage}))
        send({"verdicts": [asdict(verdict) for verdict in verdicts], "checks": checks})


def hear(payload: dict[str, Any], send: jobs.Send) -> None:
    """Record one plugin as it is when loaded, with the sound file `send.reads[0]` where there is one.

    Sends `{"sound": {...}}`, or `{"error": sentence}` where there is nothing to hear.
    """
    source = None
    if send.reads:
        send({"stage": "file"})
        try:
            source = _beginning(send.reads[0])
        except Exception:
            send({"error": "The file is no sound file that pedalboard reads."})
            return
    send({"stage": "load"})
    subject = _load(payload)
    if source is not None and subject.instrument:
        send({"error": "It is an instrument: it plays notes and takes no sound file."})
        return
    subject.apply_setting(int(payload.get("seed", 0)), 0)
    send({"stage": "phrase"})
    sound = record(subject, source)
    send({"sound": sound} if sound else {"error": "It makes no sound as it is when loaded."})


def _beginning(fd: int) -> Wave:
    """The first HEARD_S seconds of a sound file in stereo at RATE, (2, samples). Raises what pedalboard raises."""
    with opened(fd) as file, file.resampled_to(test_signals.RATE) as resampled:
        wave = np.atleast_2d(np.asarray(resampled.read(HEARD_S * test_signals.RATE), np.float64))
    if not wave.shape[1] or not np.isfinite(wave).all():
        raise ValueError("There is no sound in it")
    return wave[:2] if wave.shape[0] > 1 else np.repeat(wave, 2, axis=0)


def cost(payload: dict[str, Any], send: Send) -> None:
    """Measure what one plugin costs: processor time, time to load, memory. No other job should run meanwhile.

    Sends `{"costs": {...}}`.
    """
    send({"stage": "load"})
    before, began = _resident_mb(), time.perf_counter()
    plugin = _load(payload)
    load_ms = (time.perf_counter() - began) * 1000
    random = np.random.RandomState(3)
    noise = random.uniform(-0.1, 0.1, (plugin.channels, int(COST_S * test_signals.RATE))).astype(np.float32)

    def once() -> float:
        start = time.process_time()
        if plugin.instrument:
            plugin.play(60, COST_S / 2, COST_S / 2)
        else:
            plugin.process(noise)
        return time.process_time() - start

    send({"stage": "cost"})
    once()  # the first run pays for page faults
    runs = []
    for _ in range(COST_RUNS):
        send({"stage": "cost"})
        runs.append(100 * once() / COST_S)
    runs.sort()
    least = runs[0]
    costs = {
        "cpu": Figure(least, float(np.clip(1 - (runs[1] - least) / max(least, 0.05), 0.1, 0.95))),
        "load_ms": Figure(load_ms, 0.5, "once, with its files perhaps in memory already"),
    }
    if before is not None and (after := _resident_mb()) is not None:
        costs["memory_mb"] = Figure(max(0.0, after - before), 0.6)
    send({"costs": {k: {"value": f.value, "trust": f.trust, "note": f.note} for k, f in costs.items()}})


def compare(payload: dict[str, Any], send: Send) -> None:
    """Null two copies of one plugin; the payload has `first` and `second`, each as for `run`.

    Sends `{"stage"}`, then `{"nulls": [{"label", "null", "own", "same_names"}]}`: dB of the difference to the first.
    """
    send({"stage": "load"})
    first, second = _load(payload["first"]), _load(payload["second"])
    seed = int(payload.get("seed", 0))
    common = [name for name in first.layouts if name in second.layouts]
    if not common:
        raise ValueError("They have no channel layout in common")
    channels = 2 if common[0] == "stereo" else 1
    nulls = []
    for number in range(1 + SETTINGS):
        label = f"setting {number}" if number else DEFAULT
        turned, also = first.apply_setting(seed, number), second.apply_setting(seed, number)
        if number and not turned:
            break
        monitors = OutputMonitor(first.process, channels), OutputMonitor(second.process, channels)
        send({"stage": label})
        x = test_signals.burst()
        a, b = (monitor(x) for monitor in monitors)
        own = dynamics.null(a, monitors[0](x))  # two renderings of the first copy
        same_names = turned.keys() == also.keys()
        nulls.append({"label": label, "null": dynamics.null(a, b), "own": own, "same_names": same_names})
    send({"nulls": nulls})


def _load(payload: dict[str, Any]) -> HostedPlugin:
    plugin = HostedPlugin(
        str(payload["path"]), str(payload["format"]), str(payload["name"]), str(payload.get("name_in_file", ""))
    )
    _LOADED.append(plugin)
    return plugin


def _resident_mb() -> float | None:
    """Resident memory of this process, MiB (proc(5), statm); None where the system does not say."""
    if sys.platform != "linux":
        return None
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
