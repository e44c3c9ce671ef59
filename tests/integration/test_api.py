"""The interface for scripts, with real plugins."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from inspect import signature
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

import pluginary_tui
from pluginary_tui.errors import CatalogueError, NotFoundError, QueryError
from pluginary_tui.scan.events import ScanEnded
from tests.docs.markdown import ROOT


@pytest.fixture(scope="module")
def known(zam: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the catalogue of some real plugins and pedalboard's own effects."""
    place = tmp_path_factory.mktemp("api")
    plugins = place / "plugins"
    plugins.mkdir()
    for name in ("ZamDelay", "ZamComp", "ZamEQ2", "ZamVerb", "ZaMultiComp", "ZamTube"):
        (plugins / f"{name}.vst3").symlink_to(zam / f"{name}.vst3")
    with pluginary_tui.open(place / "data") as catalogue:
        *_, last = catalogue.scan(plugins)
    assert isinstance(last, ScanEnded) and last.how == "done" and last.summary.plugins > 25
    return place / "data"


@pytest.fixture
def catalogue(known: Path) -> pluginary_tui.Catalogue:
    return pluginary_tui.open(known)


def test_names_and_signatures_stay() -> None:
    shapes = {
        "open": "(data_dir: 'str | os.PathLike[str] | None' = None) -> 'Catalogue'",
        "Catalogue.find": "(self, query: 'str' = '') -> 'list[Plugin]'",
        "Catalogue.get": "(self, id: 'str') -> 'Plugin'",
        "Catalogue.presets": "(self, query: 'str' = '') -> 'list[Preset]'",
        "Catalogue.chain": "(self, expression: 'str') -> 'Chain'",
        "Catalogue.similar": "(self, id: 'str', limit: 'int' = 10) -> 'list[tuple[Plugin, str]]'",
        "Catalogue.scan": "(self, *folders: 'str | os.PathLike[str]', full: 'bool' = False, retry: 'bool' = False, "
        "builtin: 'bool' = True, load_check: 'bool' = True) -> 'Iterator[Event]'",
        "Catalogue.close": "(self) -> 'None'",
        "Plugin.load": "(self, values: 'Mapping[str, Value] | None' = None, **parameters: 'Value') -> 'Any'",
        "Plugin.with_settings": "(self, values: 'Mapping[str, Value] | None' = None, "
        "**parameters: 'Value') -> 'Plugin'",
        "Chain.load": "(self) -> 'Any'",
    }
    for name, shape in shapes.items():
        thing: object = pluginary_tui
        for part in name.split("."):
            thing = getattr(thing, part)
        assert callable(thing) and str(signature(thing)) == shape


def test_importing_it_loads_nothing_heavy() -> None:
    code = (
        "import sys, pluginary_tui as p; p.open; "
        "print([m for m in ('textual', 'pedalboard', 'numpy') if m in sys.modules])"
    )
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env).stdout == "[]\n"


def test_finding(catalogue: pluginary_tui.Catalogue) -> None:
    found = catalogue.find("vendor:zam delay")
    assert [plugin.name for plugin in found][:1] == ["ZamDelay"]
    assert len(catalogue.find()) > 25
    one = catalogue.get("vst3/damien-zammit/zamdelay")
    assert (one.name, one.format, one.loads) == ("ZamDelay", "vst3", True)
    assert one.vendor == "Damien Zammit" and one.version and one.path.endswith("ZamDelay.vst3")
    assert catalogue.get("ZamDelay").id == catalogue.get(one.path).id == one.id
    assert "Time" in [parameter.name for parameter in one.parameters]
    assert one.passport is None and isinstance(one.presets, list)
    with pytest.raises(NotFoundError, match="did you mean vst3/damien-zammit/zamdelay"):
        catalogue.get("vst3/damien-zammit/zamdelayx")
    with pytest.raises(QueryError):
        catalogue.find("params>lots")


def test_loading_takes_names_and_texts_as_they_are_shown(catalogue: pluginary_tui.Catalogue) -> None:
    for plugin in (catalogue.get(name) for name in ("ZamDelay", "ZamComp", "ZamEQ2", "ZaMultiComp")):
        for parameter in plugin.parameters:
            if parameter.read_only:
                continue
            for shown in {
                parameter.minimum,
                parameter.maximum,
                parameter.initial,
                parameter.default,
                *parameter.choices,
            }:
                loaded = plugin.load({parameter.name: shown})
                native = next(p for p in loaded._parameters if p.name == parameter.name)
                text = native.get_text_for_raw_value(native.raw_value)
                assert text == shown or float(text) == pytest.approx(float(shown), rel=1e-3, abs=1e-3), parameter


def test_numbers_units_and_switches(catalogue: pluginary_tui.Catalogue) -> None:
    delay = catalogue.get("ZamDelay")
    for value in (300, 300.0, "300", "300 ms", "0.3 s"):
        assert delay.load(time_ms=value).time_ms == pytest.approx(300, abs=0.5)
    assert delay.load({"Time": 300, "LPF": "2 kHz"}).lpf_hz == pytest.approx(2000, rel=1e-3)
    assert all(delay.load(invert=value).invert for value in (True, 1, "1", "on", "Yes"))
    assert not any(delay.load(invert=value).invert for value in (False, 0, "off"))
    with pytest.raises(pluginary_tui.ParameterError, match="Time is 1 to 8000 ms, not an empty text"):
        delay.load(time_ms="")
    with pytest.raises(pluginary_tui.ParameterError, match="Time is 1 to 8000 ms; 9000 is outside"):
        delay.load(time_ms=9000)
    with pytest.raises(pluginary_tui.ParameterError, match="did you mean time_ms"):
        delay.load(tme_ms=3)
    with pytest.raises(pluginary_tui.ParameterError, match="Time is 1 to 8000 ms, not soon"):
        delay.load(time_ms="soon")
    with pytest.raises(pluginary_tui.ParameterError, match="no switch"):
        delay.load(time_ms=True)


def test_the_sweep_is_left_out_here_and_only_here(catalogue: pluginary_tui.Catalogue) -> None:
    import pedalboard

    from pluginary_tui.scan.readers.pedalboard_loading import SWEEP

    before = getattr(pedalboard.ExternalPlugin, SWEEP)
    began = time.process_time()
    verb = catalogue.get("ZamVerb").load()
    assert time.process_time() - began < 20, "pedalboard's own sweep of ZamVerb takes 46 s and more"
    assert verb.name == "ZamVerb" and getattr(pedalboard.ExternalPlugin, SWEEP) is before


def test_pedalboards_own_effects(catalogue: pluginary_tui.Catalogue) -> None:
    reverb = catalogue.get("builtin/pedalboard/reverb").load({"Room size": "0.8"}, wet_level=0.1)
    assert (reverb.room_size, reverb.wet_level) == (pytest.approx(0.8), pytest.approx(0.1))
    ladder = catalogue.get("builtin/pedalboard/ladderfilter").load(mode="hpf24", cutoff="500 Hz")
    assert ladder.mode.name == "HPF24" and ladder.cutoff_hz == pytest.approx(500)
    with pytest.raises(pluginary_tui.ParameterError, match="it has room_size"):
        catalogue.get("builtin/pedalboard/reverb").load(rom=1)
    for value in ("250 ms", "0.25 s", "0.25", 0.25):
        assert catalogue.get("builtin/pedalboard/delay").load(delay_seconds=value).delay_seconds == pytest.approx(0.25)
    for limiter in catalogue.find("id:brickwalllimiter"):  # older ones have no effect with a switch
        assert all(limiter.load(true_peak=value).true_peak for value in (True, "on", "1", 1))
        with pytest.raises(pluginary_tui.ParameterError, match="true_peak is True or False; not maybe"):
            limiter.load(true_peak="maybe")
    for value in ("loud", "", float("nan"), True, None, [1]):
        with pytest.raises(pluginary_tui.ParameterError, match=r"^gain_db is a number; not .+\.$"):
            catalogue.get("builtin/pedalboard/gain").load({"gain_db": value})
    with pytest.raises(pluginary_tui.ParameterError, match="LPF12"):
        catalogue.get("builtin/pedalboard/ladderfilter").load(mode="sideways")


def test_what_pedalboard_refuses(catalogue: pluginary_tui.Catalogue, known: Path, tmp_path: Path) -> None:
    from pluginary_tui import model

    facts = model.Plugin("vst3/x/x", "X", path=str(tmp_path / "gone.vst3"))
    with pytest.raises(pluginary_tui.LoadError, match="any more; scan again"):
        pluginary_tui.Plugin(facts, known).load()
    (tmp_path / "X.vst3").mkdir()
    facts = model.Plugin("vst3/x/x", "X", path=str(tmp_path / "X.vst3"), loads=False, load_error="It refuses.")
    with warnings.catch_warnings(record=True) as warned, pytest.raises(pluginary_tui.LoadError, match="not load X"):
        warnings.simplefilter("always")
        pluginary_tui.Plugin(facts, known).load()
    assert [str(each.message) for each in warned if each.category is pluginary_tui.LoadWarning]
    facts = model.Plugin("ladspa/x/x", "X", format="ladspa", path="/x.so")
    with pytest.raises(pluginary_tui.LoadError, match="pedalboard loads"):
        pluginary_tui.Plugin(facts, known).load()


def _passed(chain: pluginary_tui.Chain, number: int) -> tuple[int, tuple[int, ...]]:
    """What a worker of a cluster does: its process, and the shape of what comes out of the chain."""
    import time

    time.sleep(0.5)  # so that one worker alone does not take all
    return os.getpid(), chain.load()(np.full((1, 4800), number / 10, dtype=np.float32), 48000).shape


def _gain(chain: pluginary_tui.Chain, level: float) -> float:
    import numpy as np

    return float(np.abs(chain.load()(np.full((1, 48000), level, np.float32), 48000)[:, 1000:]).max())


def test_a_chain_is_pickled_and_loads_where_it_lands(catalogue: pluginary_tui.Catalogue, known: Path) -> None:
    chain = catalogue.chain("builtin/pedalboard/gain[gain=-12] + builtin/pedalboard/gain[gain_db=-6]")
    assert pickle.loads(pickle.dumps(chain))[1].settings == {"gain_db": "-6"}
    again = pickle.loads(pickle.dumps(catalogue.get("ZamDelay").with_settings(time_ms=20)))
    assert (again.id, again.settings, again.vendor) == ("vst3/damien-zammit/zamdelay", {"time_ms": 20}, "Damien Zammit")
    assert again.load().time_ms == pytest.approx(20, abs=0.5)
    assert len(catalogue.get("ZamDelay") + chain) == 3
    assert len(chain[1:].load()) == 1
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        levels = list(pool.map(_gain, [chain, chain], [1.0, 0.5]))
    assert levels == [pytest.approx(10 ** (-18 / 20), rel=1e-3), pytest.approx(0.5 * 10 ** (-18 / 20), rel=1e-3)]


def test_a_chain_works_on_two_workers_of_a_cluster(catalogue: pluginary_tui.Catalogue) -> None:
    from dask.distributed import Client

    chain = catalogue.chain("builtin/pedalboard/gain[gain=-12] + ZamDelay")
    with Client(n_workers=2, threads_per_worker=1, dashboard_address=None) as client:
        done = client.gather(client.map(_passed, [chain] * 4, range(4), pure=False))
    assert len({process for process, _ in done}) == 2
    assert {shape for _, shape in done} == {(1, 4800)}


def test_an_iteration_that_ends_early_stops_the_scan(zam: Path, tmp_path: Path) -> None:
    with pluginary_tui.open(tmp_path / "data") as catalogue:
        for event in catalogue.scan(zam, builtin=False, load_check=False):
            if type(event).__name__ == "BundleEnded":
                break
        *_, last = catalogue.scan(zam, builtin=False, load_check=False)
        assert isinstance(last, ScanEnded) and last.summary.resumed and len(catalogue.find()) >= 17


def test_a_script_without_a_guard_scans_once(zam: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import sys, pluginary_tui\nprint('began')\n"
        "c = pluginary_tui.open(sys.argv[1])\n*_, last = c.scan(sys.argv[2], builtin=False)\nprint(last.summary.ok)\n"
    )
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "ZamGate.vst3").symlink_to(zam / "ZamGate.vst3")
    done = subprocess.run(
        [sys.executable, script, tmp_path / "data", tmp_path / "plugins"],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert (done.stdout, done.returncode) == ("began\n1\n", 0), done.stderr


def test_a_folder_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(CatalogueError):
        pluginary_tui.open(tmp_path / "file" / "data")
