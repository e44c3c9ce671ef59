"""LADSPA libraries through the real scan: real ones as `analyseplugin` tells them, and ones that misbehave."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Plugin
from pluginary_tui.scan.run import Options, Scan
from pluginary_tui.scan.snippet import snippet
from tests.plugins.ladspa_zoo import KINDS, build
from tests.plugins.module import compiler
from tests.support.scans import settings

DEBIAN = Path("/usr/lib/ladspa")
_PORT = re.compile(r'\t"(?P<name>.*)" (?P<direction>input|output), (?P<kind>control|audio)(?:, (?P<rest>.*))?$')
_RANGE = re.compile(r"(?P<low>[^ ]+) to (?P<high>[^ ,]+)")
_DEFAULT = re.compile(r"default (?P<default>[^ ,]+)")


def scanned(data_dir: Path, *only: Path, **chosen: object) -> Store:
    Scan(settings(**chosen), data_dir, Options(only=only)).run(lambda event: None)
    return Store.in_folder(data_dir)


def analysed(path: Path) -> list[dict[str, object]]:
    """What the SDK's `analyseplugin` says of a library's plugins."""
    done = subprocess.run(["analyseplugin", path], capture_output=True, check=True)
    plugins = []
    for part in done.stdout.decode("utf-8", "replace").split("\nPlugin Name: ")[1:]:
        lines = part.splitlines()
        number, label = (
            next(line for line in lines if line.startswith(f"Plugin {what}: ")).partition(": ")[2]
            for what in ("Unique ID", "Label")
        )
        ports = [found.groupdict() for line in lines if (found := _PORT.match(line.replace("Ports:", "")))]
        plugins.append({"name": lines[0].strip('"'), "number": number, "label": label.strip('"'), "ports": ports})
    return plugins


def compare(answer: dict[str, object], plugin: Plugin, store: Store) -> list[str]:
    """Each difference between what `analyseplugin` tells of a plugin and what is catalogued."""
    ports: list[dict[str, str]] = answer["ports"]  # type: ignore[assignment]
    parameters = store.parameters(plugin.key)
    wrong = []
    audio = [sum(p["kind"] == "audio" and p["direction"] == way for p in ports) for way in ("input", "output")]
    if audio != [plugin.audio_inputs, plugin.audio_outputs]:
        wrong.append(f"{plugin.name}: {audio} audio ports")
    controls = [port for port in ports if port["kind"] == "control"]
    if [" ".join(port["name"].split()) for port in controls] != [parameter.name for parameter in parameters]:
        return [*wrong, f"{plugin.name}: {[p.name for p in parameters]} instead of {controls}"]
    for port, parameter in zip(controls, parameters, strict=True):
        rest = port["rest"] or ""
        if parameter.read_only is not (port["direction"] == "output"):
            wrong.append(f"{plugin.name}, {parameter.name}: read only is {parameter.read_only}")
        if (found := _RANGE.match(rest)) and "toggled" not in rest:
            for text, stated in ((parameter.minimum, found["low"]), (parameter.maximum, found["high"])):
                if "..." not in stated and not close(text, stated.removesuffix("*srate")):
                    wrong.append(f"{plugin.name}, {parameter.name}: {text} instead of {stated}")
        found = _DEFAULT.search(rest)
        if found and not parameter.read_only and not close(parameter.default, found["default"].removesuffix("*srate")):
            wrong.append(f"{plugin.name}, {parameter.name}: default {parameter.default} instead of {found[0]}")
    return wrong


def close(text: str, stated: str) -> bool:
    return text != "" and abs(float(text) - float(stated)) <= 1e-4 * max(1.0, abs(float(stated)))


@pytest.mark.skipif(not shutil.which("analyseplugin"), reason="needs Debian's ladspa-sdk")
@pytest.mark.slow
def test_real_libraries_are_read_as_the_sdk_tells_them(data_dir: Path) -> None:
    store = scanned(data_dir, DEBIAN)
    plugins = store.plugins()
    assert {plugin.status for plugin in plugins} == {"ok"}
    wrong, count = [], 0
    for path in sorted(DEBIAN.glob("*.so")):
        here = [plugin for plugin in plugins if plugin.path == str(path)]
        answer = analysed(path)
        count += len(answer)
        assert [p.uid for p in sorted(here, key=lambda p: p.key)] == [each["number"] for each in answer]
        assert [p.label for p in sorted(here, key=lambda p: p.key)] == [each["label"] for each in answer]
        by_number = {plugin.uid: plugin for plugin in here}
        for each in answer:
            wrong += compare(each, by_number[str(each["number"])], store)
    assert count == len(plugins) > 2
    assert wrong == [], "\n".join(wrong)


@pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")
def test_every_kind_ends_as_its_row_says_and_costs_no_other(folder: Path, data_dir: Path) -> None:
    for kind in KINDS:
        build(kind, folder)
    store = scanned(data_dir, folder, timeout_s=4.0, retry_crashed=False)
    plugins = store.plugins()
    for name, kind in KINDS.items():
        path = str(folder / f"{name}.so")
        info = store.bundle(path)
        assert info is not None, name
        assert (info.outcome, info.stage) == (kind.outcome, kind.stage), (name, info)
        assert kind.cause in info.error or kind.cause in info.signal
        here = [plugin for plugin in plugins if plugin.path == path]
        assert len(here) == kind.plugins, name
        if kind.outcome == "ok":
            assert {plugin.parameter_count for plugin in here} == {kind.parameters}, name
        assert all(text.isprintable() for plugin in here for text in (plugin.name, plugin.vendor))
    assert "100,000 ports" in store.log(str(folder / "ports_100000.so"))


@pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")
def test_what_a_library_states_is_catalogued(folder: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rdf = folder.parent / "rdf"
    rdf.mkdir()
    (rdf / "zoo.rdf").write_text('<ladspa:CompressorPlugin rdf:about="&ladspa;7000"></ladspa:CompressorPlugin>')
    (rdf / "pipe.rdf").symlink_to("/dev/zero")
    monkeypatch.setenv("LADSPA_RDF_PATH", str(rdf))
    store = scanned(data_dir, build("good", folder).parent)
    (plugin,) = store.plugins()
    assert (plugin.id, plugin.format, plugin.vendor) == ("ladspa/the-zoo/zoo-gain", "ladspa", "The Zoo")
    assert (plugin.uid, plugin.categories, plugin.kind) == ("7000", ("Dynamics",), "effect")
    assert (plugin.audio_inputs, plugin.audio_outputs) == (1, 1)
    gain, latency = store.parameters(plugin.key)
    assert (gain.name, gain.minimum, gain.maximum, gain.default, gain.kind) == (
        "Gain (dB)",
        "-60",
        "24",
        "0",
        "continuous",
    )
    assert (latency.read_only, latency.automatable, latency.maximum) == (True, False, "")
    code = snippet(plugin, [gain, latency])
    assert "import" not in code and "Ardour" in code and code.startswith("# Zoo Gain")


@pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")
def test_it_is_neither_tried_with_pedalboard_nor_measured(folder: Path, data_dir: Path) -> None:
    from pluginary_tui.sound.run import Measuring, measurable

    store = scanned(data_dir, build("good", folder).parent, load_check=True)
    (plugin,) = store.plugins()
    assert plugin.loads is None and not measurable(plugin)
    summary = Measuring(settings(), data_dir, [plugin]).run(lambda event: None)
    assert (summary.measured, summary.not_loaded) == (0, 1)


@pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")
def test_other_libraries_are_no_bundles_outside_of_ladspa_folders(folder: Path, data_dir: Path) -> None:
    (folder / "ladspa").mkdir(parents=True)
    build("good", folder)
    for place in (folder, folder / "ladspa"):
        (place / "text.so").write_text("no library")
        (place / "empty.so").touch()
    (folder / "deep.so").mkdir()
    (folder / "ladspa" / "gone.so").symlink_to(folder / "nowhere.so")
    store = scanned(data_dir, folder)
    outcomes = {Path(plugin.path).relative_to(folder).as_posix(): plugin.status for plugin in store.plugins()}
    assert outcomes == {
        "good.so": "ok", "ladspa/text.so": "failed", "ladspa/empty.so": "failed", "ladspa/gone.so": "failed",
    }  # fmt: skip
    assert "not one for Linux" in str(store.bundle(str(folder / "ladspa" / "text.so")))
