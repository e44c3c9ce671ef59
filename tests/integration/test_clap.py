"""CLAPs through the real scan: what a good one states, ones that misbehave, and those that Debian 13 packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from pluginary_tui.catalogue.presets import Presets
from pluginary_tui.catalogue.store import Store
from pluginary_tui.presets.scan import PresetScan
from pluginary_tui.scan.run import Options, Scan
from pluginary_tui.scan.snippet import snippet
from tests.plugins.clap_zoo import KINDS, build
from tests.plugins.module import compiler
from tests.support.scans import settings

pytestmark = pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")


def scanned(data_dir: Path, *only: Path, **chosen: object) -> Store:
    Scan(settings(**chosen), data_dir, Options(only=only)).run(lambda event: None)
    return Store.in_folder(data_dir)


def test_what_a_plugin_states_is_catalogued(folder: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = folder / "presets" / "deeper"
    files.mkdir(parents=True)
    (files / "Mine.zoo").touch()
    (files / "other.txt").touch()
    monkeypatch.setenv("ZOO_PRESETS", str(folder / "presets"))
    # A sandbox shows a plugin the folders that are called like its maker, and no folder of a test.
    store = scanned(data_dir, build("presets", folder), load_check=True, sandbox="off")
    (plugin,) = store.plugins()
    assert (plugin.id, plugin.uid, plugin.version) == ("clap/the-zoo/zoo-gain", "org.zoo.gain-0", "1.2.3")
    assert (plugin.kind, plugin.categories, plugin.raw_category) == (
        "effect", ("Dynamics",), "audio-effect|compressor|stereo",
    )  # fmt: skip
    assert (plugin.audio_inputs, plugin.audio_outputs, plugin.sidechain_inputs) == (2, 2, 1)
    assert (plugin.midi_input, plugin.midi_output, plugin.latency_samples) == (True, False, 64)
    gain, mode, bypass = store.parameters(plugin.key)
    assert (gain.id, gain.minimum, gain.maximum, gain.default, gain.initial) == (
        100, "-60.0 dB", "24.0 dB", "0.0 dB", "6.0 dB",
    )  # fmt: skip
    assert gain.automatable and gain.default_raw == pytest.approx(60 / 84)
    assert (mode.kind, mode.group, mode.choices) == ("stepped", "Tone / Shape", ("Soft", "Hard", "Fuzz"))
    assert (mode.default, mode.initial) == ("Hard", "Fuzz")
    assert (bypass.kind, bypass.automatable, bypass.choices) == ("bypass", False, ("0", "1"))
    assert store.programs(plugin.key) == ["Warm", "More"]
    reading = settings(sandbox="off")
    assert PresetScan(reading, data_dir).run().failed == 0
    mine = Presets(store).of_plugin(plugin.id)[-1]
    assert (mine.name, mine.path, mine.source) == ("Mine.zoo", str(files / "Mine.zoo"), "file")
    assert PresetScan(reading, data_dir).run().bundles == 0, "nothing has changed"
    (files / "Later.zoo").touch()
    PresetScan(reading, data_dir).run()
    assert [p.name for p in Presets(store).of_plugin(plugin.id)] == ["Warm", "More", "Later.zoo", "Mine.zoo"]
    assert plugin.loads is None and "the zoo says hello" in store.log(plugin.path)
    assert "import" not in snippet(plugin) and "Bitwig" in snippet(plugin)


def test_every_kind_ends_as_its_row_says_and_costs_no_other(folder: Path, data_dir: Path) -> None:
    for kind in KINDS:
        build(kind, folder)
    store = scanned(data_dir, folder, timeout_s=5.0, retry_crashed=False)
    plugins = store.plugins()
    for name, kind in KINDS.items():
        path = str(folder / f"{name}.clap")
        info = store.bundle(path)
        assert info is not None, name
        assert (info.outcome, info.stage) == (kind.outcome, kind.stage), (name, info)
        assert kind.cause in info.error or kind.cause in info.signal, info
        here = sorted((plugin for plugin in plugins if plugin.path == path), key=lambda plugin: plugin.key)
        assert len(here) == max(kind.plugins, 1), name
        for at, plugin in enumerate(here):
            expected = kind.outcome if kind.outcome != "ok" else kind.second if at == 1 else "ok"
            assert plugin.status == expected, (name, plugin)
            assert plugin.parameter_count == (kind.parameters if expected == "ok" else 0), name
            assert all(text.isprintable() for text in (plugin.name, plugin.vendor, plugin.uid))
    assert "100,000 parameters" in store.log(str(folder / "params_100000.clap"))


def test_a_folder_and_a_library_that_is_none_say_what_they_are(folder: Path, data_dir: Path) -> None:
    from tests.plugins.ladspa_zoo import build as ladspa

    build("good", folder / "Real.clap")  # as Debian's own ProM.clap: a folder of that name with the CLAP in it
    ladspa("good", folder).rename(folder / "other.clap")
    (folder / "text.clap").write_text("no library")
    store = scanned(data_dir, folder)
    found = {Path(plugin.path).relative_to(folder).as_posix(): plugin for plugin in store.plugins()}
    assert {path: plugin.status for path, plugin in found.items()} == {
        "Real.clap/good.clap": "ok", "other.clap": "failed", "text.clap": "failed",
    }  # fmt: skip
    assert "no clap_entry" in found["other.clap"].error and "not one for Linux" in found["text.clap"].error
