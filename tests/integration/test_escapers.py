"""No plugin of the wing of escapers gets out of the sandbox, and each is catalogued all the same."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

import pluginary_tui
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import load
from pluginary_tui.isolation.linux.sandbox.confinement import offered
from pluginary_tui.scan.run import Options, Scan
from pluginary_tui.sound.run import Measuring
from tests.plugins.build import compiler
from tests.plugins.escapers import ESCAPERS, build
from tests.support.witness import Witness, witness

pytestmark = [
    pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler"),
    pytest.mark.skipif(not offered().landlock or not offered().filter, reason="needs Landlock and seccomp"),
]


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Witness]:
    with witness(tmp_path_factory.mktemp("outside") / "witness") as made:
        yield made


@pytest.fixture
def outside(standing: Witness, monkeypatch: pytest.MonkeyPatch) -> Witness:
    """The witness, with everything as it was; plugins find it by the environment."""
    standing.reset()
    for variable, value in standing.environment.items():
        monkeypatch.setenv(variable, value)
    return standing


def scan(path: Path, data_dir: Path, sandbox: str) -> str:
    """Scan one bundle; what its probe printed."""
    chosen = load({"scan.sandbox": sandbox, "scan.workers": 1, "scan.builtin": False, "scan.load_check": False})
    Scan(chosen, data_dir, Options(only=(path,))).run(lambda event: None)
    with Store.in_folder(data_dir) as store:
        return store.log(str(path))


@pytest.mark.parametrize("name", ESCAPERS)
def test_it_stays_inside(
    name: str, tmp_path: Path, data_dir: Path, outside: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    each = ESCAPERS[name]
    monkeypatch.setenv("DISPLAY", ":0")
    log = scan(build(name, tmp_path / "zoo"), data_dir, "guarded")
    assert outside.saw() == [], each.does
    assert "zoo-escaped" not in log
    with Store.in_folder(data_dir) as store:
        (plugin,) = store.plugins()
    assert (plugin.name, plugin.status) == (name, "ok")
    assert plugin.parameter_count == 4
    if offered().notify and each.attempt:
        assert each.attempt in plugin.attempts


@pytest.mark.parametrize("sandbox", ["guarded", "sealed"])
def test_bundles_that_are_links_open_nothing_to_those_read_after_them(
    sandbox: str, tmp_path: Path, data_dir: Path, outside: Witness
) -> None:
    path = build("secret", tmp_path / "zoo")
    for name, target in (("a.vst3", "."), ("a.lv2", "."), ("a.clap", "secret")):
        (tmp_path / "zoo" / name).symlink_to(outside.folder / target)
    scan(tmp_path / "zoo", data_dir, sandbox)
    with Store.in_folder(data_dir) as store:
        assert "zoo-escaped" not in store.log(str(path))
        assert "ok" in {plugin.status for plugin in store.plugins() if plugin.path == str(path)}


@pytest.mark.parametrize("name", ["system_create", "tcp", "create_load", "secret"])
def test_load_checks_and_measurements_are_confined_too(
    name: str, tmp_path: Path, data_dir: Path, outside: Witness
) -> None:
    path = build(name, tmp_path / "zoo")
    chosen = load({"scan.workers": 1, "scan.builtin": False})
    Scan(chosen, data_dir, Options(only=(path,))).run(lambda event: None)
    with Store.in_folder(data_dir) as store:
        (plugin,) = store.plugins()
    assert plugin.loads
    Measuring(chosen, data_dir, [plugin]).run(lambda event: None)
    assert outside.saw() == []
    with Store.in_folder(data_dir) as store:
        during = {each.during for each in store.attempts(plugin.key) if each.kind == ESCAPERS[name].attempt}
        (info,) = store.bundles()
        log = store.log(info.path)
    assert "zoo-escaped" not in log and info.sandbox.startswith("guarded")
    if offered().notify and ESCAPERS[name].attempt:
        assert during == {"read", "load", "measure"}


def test_every_pool_that_runs_plugins_takes_the_sandbox_of_the_settings() -> None:
    """Those of `projects` and `presets` without it read files, and that of the check in `doctor` runs no plugin."""
    package = Path(pluginary_tui.__file__).parent
    made = [
        (str(path.relative_to(package)), line.strip())
        for path in package.rglob("*.py")
        for line in path.read_text().splitlines()
        if " Pool(" in line and not line.lstrip().startswith("class")
    ]
    bare = [path for path, line in made if "pool_options(" not in line and "(Pool(" not in line]
    bare = [path for path in bare if "options = pool_options(" not in (package / path).read_text()]
    assert sorted(bare) == ["health.py", "presets/scan.py", "projects/scan.py"]
    assert len(made) >= 4


@pytest.mark.skipif(platform.machine() != "x86_64", reason="tried on x86_64 only")
@pytest.mark.parametrize("name", [name for name, each in ESCAPERS.items() if each.seen])
def test_the_witness_sees_it_without_a_sandbox(
    name: str, tmp_path: Path, data_dir: Path, outside: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the test above could not fail."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    log = scan(build(name, tmp_path / "zoo"), data_dir, "off")
    assert outside.saw() or "zoo-escaped" in log, ESCAPERS[name].does
