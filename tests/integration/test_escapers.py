"""No plugin of the wing of escapers gets out of the sandbox, and each is catalogued all the same."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import load
from pluginary_tui.isolation.sandbox.confinement import offered
from pluginary_tui.scan.run import Options, Scan
from tests.plugins.build import compiler
from tests.plugins.escapers import ESCAPERS, build
from tests.support.witness import Witness, witness

pytestmark = [
    pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler"),
    pytest.mark.skipif(not offered().landlock or not offered().filter, reason="needs Landlock and seccomp"),
]


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Witness]:
    with witness(tmp_path_factory.mktemp("outside") / "witness") as made:
        yield made


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
    outside.reset()
    for variable, value in outside.environment.items():
        monkeypatch.setenv(variable, value)
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


@pytest.mark.skipif(platform.machine() != "x86_64", reason="tried on x86_64 only")
@pytest.mark.parametrize("name", [name for name, each in ESCAPERS.items() if each.seen])
def test_the_witness_sees_it_without_a_sandbox(
    name: str, tmp_path: Path, data_dir: Path, outside: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the test above could not fail."""
    outside.reset()
    for variable, value in outside.environment.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    log = scan(build(name, tmp_path / "zoo"), data_dir, "off")
    assert outside.saw() or "zoo-escaped" in log, ESCAPERS[name].does
