"""The zoo through the real scan: every kind alone, and all of them among good plugins."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest

from pluginary_tui.catalogue.store import BundleInfo, Store
from pluginary_tui.config import Settings, load
from pluginary_tui.model import Plugin
from pluginary_tui.scan.events import BundleEnded, BundleRequeued, BundleStarted, Event, ScanEnded, Summary
from pluginary_tui.scan.run import Options, Scan
from tests.conftest import ZAM_LIGHT
from tests.plugins.build import KINDS, Kind, build, compiler, good
from tests.plugins.kind import Ending
from tests.support.leak_check import descendants, nothing_left

pytestmark = pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")

PATIENCE_S = 3.0
"""The deadline of the mixed scan: long beside what a good plugin takes, on a slow machine too."""
WORKERS = 2
MEMORY_MB = 200


@pytest.fixture(autouse=True)
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Without a display, and nothing may be left behind."""
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with nothing_left():
        yield


def settings(timeout_s: float = PATIENCE_S, workers: int = WORKERS, *, load_check: bool = False) -> Settings:
    return load(
        {
            "scan.timeout_s": timeout_s,
            "scan.memory_limit_mb": MEMORY_MB,
            "scan.file_limit_mb": 8,
            "scan.workers": workers,
            "scan.builtin": False,
            "scan.load_check": load_check,
        }
    )


def scan(data_dir: Path, chosen: Settings, *only: Path, **options: bool) -> tuple[Summary, list[Event]]:
    events: list[Event] = []
    summary = Scan(chosen, data_dir, Options(only=only, **options)).run(events.append)
    ended = events[-1]
    assert isinstance(ended, ScanEnded) and ended.how == "done", ended
    return summary, events


def check(kind: Kind, info: BundleInfo, store: Store) -> None:
    """Everything that the catalogue says of this bundle is exact."""
    assert (info.outcome, info.stage, info.signal) == (kind.outcome, kind.stage, kind.signal), info
    assert kind.cause in info.error
    assert bool(info.error) is (kind.outcome != "ok")
    assert bool(info.quarantined_at) is (kind.outcome != "ok" and kind.name != "no_display")
    assert info.elapsed_ms >= 1000 * kind.seconds
    plugins = [plugin for plugin in store.plugins() if plugin.path == info.path]
    assert len(plugins) == max(kind.plugins, 1), "a bundle without plugins is one row, with the name of its file"
    if kind.named and kind.options.get("vendor") is None:
        assert {plugin.vendor for plugin in plugins} == {"Zoo Works"}
        assert info.vendor == "Zoo Works"
    assert all(text == text.strip() and text.isprintable() for p in plugins for text in (p.name, p.vendor, p.version))
    assert all(plugin.name for plugin in plugins)
    if kind.outcome != "ok":
        assert {plugin.status for plugin in plugins} == {kind.outcome}
        return
    plugins.sort(key=lambda plugin: plugin.key)
    for at, plugin in enumerate(plugins):
        ending = kind.each.get(at, Ending("ok", ""))
        row = store.db.execute("SELECT status, stage, signal, quarantined_at FROM plugin WHERE key = ?", (plugin.key,))
        status, stage, signal, quarantined_at = row.fetchone()
        assert (status, stage, signal) == tuple(ending), plugin.name
        assert bool(quarantined_at) is bool(plugin.error) is (status != "ok")
    if kind.facts:
        answer = facts(store, plugins[0])
        assert {name: answer[name] for name in kind.facts} == dict(kind.facts)


def facts(store: Store, plugin: Plugin) -> dict[str, object]:
    """What the catalogue says of a plugin, by the names that `Kind.facts` uses."""
    own = [parameter for parameter in store.parameters(plugin.key) if parameter.kind != "host"]
    return asdict(plugin) | {
        "names": tuple(parameter.name for parameter in own),
        "values": tuple(parameter.initial_raw for parameter in own),
        "groups": tuple(parameter.group for parameter in own),
        "programs": tuple(store.programs(plugin.key)[:3]),
    }


# What is not kept of a plugin's output when all is well is still in the log of the probe.
PRINTED = {
    "print": "zoo: hello on stdout\nzoo: hello on stderr",
    "escapes": "ZOO WAS HERE",
    "fill_file": "zoo: a file of 8 MB",
    "flood": "bytes left out ...]",
    "no_display": "zoo: cannot open display",
}


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_alone(name: str, tmp_path: Path, data_dir: Path) -> None:
    kind = KINDS[name]
    path = build(name, tmp_path / "zoo")
    hangs = "timeout" in (kind.outcome, *(ending.outcome for ending in kind.each.values()))
    timeout_s = 0.6 if hangs else 1.0 if name == "stop_parent" else 20.0
    summary, events = scan(data_dir, settings(timeout_s, workers=1), path)
    assert (summary.found, summary.scanned, getattr(summary, kind.outcome)) == (1, 1, 1)
    tries = sum(isinstance(event, BundleStarted) for event in events)
    again = kind.outcome == "crashed"
    assert tries == (0 if name in ("dangling_link", "loop") else 2 if again else 1)
    assert sum(isinstance(event, BundleRequeued) for event in events) == again
    with Store.in_folder(data_dir) as store:
        (info,) = store.bundles()
        check(kind, info, store)
        log = store.log(info.path)
    assert PRINTED.get(name, "") in log
    assert len(log) < 70_000 and "\x1b" not in log
    # It is left alone from now on, whatever it was: read well, or in quarantine.
    again, _ = scan(data_dir, settings(0.6, workers=1), path)
    assert (again.scanned, again.unchanged) == ((1, 0) if name == "no_display" else (0, kind.outcome == "ok"))


def test_all_kinds_among_good_plugins(zam: Path, tmp_path: Path, data_dir: Path) -> None:
    folder = tmp_path / "zoo"
    paths = {str(build(name, folder / "kinds")): kind for name, kind in KINDS.items()}
    for name in ZAM_LIGHT:
        shutil.copytree(zam / f"{name}.vst3", folder / f"{name}.vst3")
    for number in range(10):
        good(folder, f"Good {number}", parameters=number)
    began = time.monotonic()
    summary, events = scan(data_dir, settings(), folder)
    took = time.monotonic() - began
    assert summary.found == summary.scanned == len(KINDS) + len(ZAM_LIGHT) + 10
    for outcome in ("failed", "crashed", "timeout", "memory"):
        assert getattr(summary, outcome) == sum(kind.outcome == outcome for kind in KINDS.values())
    with Store.in_folder(data_dir) as store:
        infos = {info.path: info for info in store.bundles()}
        assert len(infos) == summary.found
        for path, kind in paths.items():
            check(kind, infos[path], store)
        rest = [plugin for plugin in store.plugins() if plugin.path not in paths]
        assert {(p.name, p.status) for p in rest} == {
            *((name, "ok") for name in ZAM_LIGHT),
            *((f"Good {number}", "ok") for number in range(10)),
        }
        assert {p.name: p.parameter_count for p in rest if p.name.startswith("Good")} == {
            f"Good {number}": number for number in range(10)
        }
        assert sum(p.parameter_count for p in rest if p.name in ZAM_LIGHT) > 40
        assert store.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    ended = [event.report.bundle.path for event in events if isinstance(event, BundleEnded)]
    assert len(ended) == len(set(ended)), "nothing is told twice"
    # Deadlines over workers bound the time; the one that stops its worker is waited for a little longer, and what
    # is tried alone or answers in the end takes its own time.
    hanging = sum("timeout" in (k.outcome, *(e.outcome for e in k.each.values())) for k in KINDS.values())
    assert took < hanging * PATIENCE_S / WORKERS + 2 * PATIENCE_S + 60


def test_what_it_leaves_behind_is_ended_at_once_and_not_at_the_end(tmp_path: Path, data_dir: Path) -> None:
    """The child and the daemon of one bundle are gone before the next one is told of."""
    for name in ("daemonise", "fork_child"):
        build(name, tmp_path / "zoo", name=f"1 {name}")
    good(tmp_path / "zoo", "2 good")
    left: list[tuple[str, bool]] = []

    def listen(event: Event) -> None:
        if isinstance(event, BundleEnded):
            found = {psutil.Process(pid).name() for pid in descendants(psutil.Process().pid)}
            name = event.report.bundle.name.removeprefix("1 ")
            left.append((name, name in KINDS and KINDS[name].leaves in found))

    Scan(settings(20.0, workers=1), data_dir, Options(only=(tmp_path / "zoo",))).run(listen)
    assert left == [("daemonise", False), ("fork_child", False), ("2 good", False)]
