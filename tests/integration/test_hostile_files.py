"""Files that came from elsewhere do not make this program load what they name."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from pluginary_tui.catalogue.store import Store
from tests.integration.test_odd_users import run
from tests.plugins.build import compiler, good

pytestmark = pytest.mark.skipif(compiler() is None, reason="needs Linux and a C compiler")


def test_only_what_a_scan_found_here_is_loaded(tmp_path: Path) -> None:
    """A table may name any path, and say of it what it likes; after a scan it is a plugin like others."""
    import pluginary_tui
    from pluginary_tui.api.plugin import LoadError

    good(tmp_path / "there", "Planted")
    path = tmp_path / "there" / "Planted.vst3"
    (tmp_path / "x.csv").write_text(
        f"name,vendor,format,path,status,scanned_at,loads\nPlanted,Acme,vst3,{path},ok,2026-01-01T00:00:00Z,yes\n"
    )
    (tmp_path / "in.wav").write_bytes(b"RIFF")
    run(tmp_path, "import", "x.csv")
    assert b"1 left out because no scan has found them here" in run(tmp_path, "measure", "Planted").stdout
    for words in (("similar", "--copies", "Planted"), ("render", "in.wav", "out.wav", "Planted")):
        assert b"known from an import only" in run(tmp_path, *words, code=1).stderr
    with pluginary_tui.open(tmp_path / "data") as catalogue:
        plugin = catalogue.find("Planted")[0]
        for one in (plugin, pickle.loads(pickle.dumps(plugin))):
            with pytest.raises(LoadError, match="import"):
                one.load()
    run(tmp_path, "scan", "--only", "there", "--no-builtin", "--no-load-check")
    with Store.in_folder(tmp_path / "data") as store:
        assert [each.imported for each in store.plugins()] == [False]
    assert b"1 measured" in run(tmp_path, "measure", "Planted").stdout
