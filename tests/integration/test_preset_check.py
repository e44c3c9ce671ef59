"""Whether plugins take presets: real plugins, with states of their own, with broken ones and with those of others."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pluginary_tui.catalogue.presets import Presets
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import load
from pluginary_tui.presets.load_check import PresetCheck
from pluginary_tui.presets.scan import PresetScan
from pluginary_tui.scan.run import Options, Scan
from pluginary_tui.scan.snippet import preset_line, snippet
from tests.support.scans import settings

_WRITE = """
import sys
import numpy
from pedalboard import load_plugin
plugin = load_plugin(sys.argv[1])
plugin.threshold_db = -20.0
plugin.process(numpy.zeros((1, 4096), "float32"), 48000)  # only then its state has the value
open(sys.argv[2], "wb").write(plugin.preset_data)
"""


@pytest.mark.parametrize("sandbox", ["guarded", "off"])
def test_a_preset_with_a_plugins_own_state_is_taken_and_others_are_not(
    zam: Path, data_dir: Path, tmp_path: Path, sandbox: str
) -> None:
    comp = tmp_path / "plugins" / "ZamComp.vst3"
    shutil.copytree(zam / "ZamComp.vst3", comp)
    folder = tmp_path / "mine"
    folder.mkdir()
    real = folder / "Squeezed.vstpreset"
    subprocess.run([sys.executable, "-c", _WRITE, comp, real], check=True, timeout=120, capture_output=True)
    state = real.read_bytes()
    (folder / "No state.vstpreset").write_bytes(state[:48] + bytes(len(state) - 48))
    (folder / "Cut off.vstpreset").write_bytes(state[:60])
    (folder / "Another's.vstpreset").write_bytes(state[:8] + b"F" * 32 + state[40:])
    Scan(settings(load_check=True), data_dir, Options(only=(comp.parent,))).run(lambda event: None)
    chosen = load({"scan.sandbox": sandbox, "scan.workers": 2, "presets.folders": (str(folder),)})
    assert PresetScan(chosen, data_dir).run().failed == 0
    with Store.in_folder(data_dir) as store:
        (plugin,) = store.plugins()
        assert PresetCheck(chosen, {"vst3/of/another"}).run(store) == (0, 0)
        answer: list[tuple[int, int]] = []
        assert PresetCheck(chosen).run(store, lambda done, total: answer.append((done, total))) == (1, 2)
        assert (answer[0], answer[-1]) == ((0, 3), (3, 3))
        found = {preset.name: preset for preset in Presets(store).of_plugin(plugin.id) if preset.path}
        assert {name: preset.loads for name, preset in found.items()} == {
            "Squeezed": True, "No state": False, "Cut off": False,
        }  # fmt: skip
        assert "failed to load data from preset file" in found["Cut off"].load_error
        assert "Another's" in {preset.name for preset in Presets(store).unmatched()}
        assert PresetCheck(chosen).run(store) == (0, 0), "each is tried once"
        code = snippet(plugin, store.parameters(plugin.key), store.attributes(plugin.key))
        told = {name: preset_line(preset.path, preset.loads) for name, preset in found.items()}
        assert told["Cut off"].endswith(".vstpreset')  # it refused this file when that was tried\n")
    output = f"{code}{told['Squeezed']}print(float(plugin.threshold_db))\n"
    done = subprocess.run([sys.executable, "-c", output], check=True, timeout=120, capture_output=True, text=True)
    assert float(done.stdout) == pytest.approx(-20, abs=0.1)
