"""Files to import that somebody made to hang or to fill: one sentence, soon."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pluginary_tui.catalogue.exchange import file_formats, import_, pedalboard_pluginary
from pluginary_tui.catalogue.exchange.import_ import import_file
from pluginary_tui.catalogue.store import Store
from pluginary_tui.errors import CatalogueError

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n)"
COLUMNS = "name, path, plugin_type, manufacturer"
DATABASES = {
    "a view": f"CREATE VIEW plugins AS {ENDLESS} SELECT 'a' name, 'b' path, 'vst3' plugin_type, 'm' manufacturer,"
    " '{}' data FROM n",
    "a computed column": f"CREATE TABLE plugins ({COLUMNS}, data AS (printf('%.*c', 900000000, 'x')))",
    "a virtual table": f"CREATE VIRTUAL TABLE plugins USING fts5({COLUMNS.replace(' ', '')}, dat)",
    "a huge text": f"CREATE TABLE plugins ({COLUMNS}, data);"
    "INSERT INTO plugins VALUES ('a', '/b.vst3', 'vst3', 'm', printf('%.300000000c', 'x'))",
}


@pytest.mark.parametrize("what", DATABASES)
def test_databases(data_dir: Path, tmp_path: Path, what: str) -> None:
    path = tmp_path / "plugins.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(f"{DATABASES[what]};")
    with Store.in_folder(data_dir) as store, pytest.raises(CatalogueError, match=r"plugins\.db"):
        import_file(store, path)
    assert sorted(each.name for each in tmp_path.glob("plugins*")) == ["plugins.db"]


def test_a_file_without_end(data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_, "ENTRY_LIMIT", 100)
    names = [{"name": f"P{n}", "format": "vst3", "path": f"/x/{n}.vst3"} for n in range(200)]
    (tmp_path / "many.json").write_text(json.dumps({"plugins": names}))
    (tmp_path / "many.csv").write_text("name,format\n" + "".join(f"P{n},vst3\n" for n in range(200)))
    with closing(sqlite3.connect(tmp_path / "many.db")) as db:
        db.execute(f"CREATE TABLE plugins ({COLUMNS}, data)")
        db.executemany("INSERT INTO plugins VALUES ('a', ?, 'vst3', 'm', '{}')", ((f"/{n}.vst3",) for n in range(200)))
        db.commit()
    with Store.in_folder(data_dir) as store:
        for name in ("many.json", "many.csv", "many.db"):
            with pytest.raises(CatalogueError, match="more than 100 plugins"):
                import_file(store, tmp_path / name)
        assert store.plugins() == []


@pytest.mark.parametrize("ending", ["csv", "json", "toml", "db"])
def test_sizes(data_dir: Path, tmp_path: Path, ending: str) -> None:
    """Sparse files: nothing of them is read."""
    path = tmp_path / f"large.{ending}"
    with path.open("wb") as file:
        file.write(pedalboard_pluginary.SQLITE_HEADER if ending == "db" else b"name\n")
        file.truncate(import_.SIZE_LIMIT + 1)
    with Store.in_folder(data_dir) as store, pytest.raises(CatalogueError, match="is larger than 4 GB"):
        import_file(store, path)
    if ending == "toml":
        os.truncate(path, file_formats.TOML_LIMIT + 1)
        with Store.in_folder(data_dir) as store, pytest.raises(CatalogueError, match="is larger than 100 MB"):
            import_file(store, path)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_columns_without_end(data_dir: Path, tmp_path: Path, separator: str) -> None:
    (tmp_path / "wide.csv").write_text("name" + separator * 3_000_000 + "\nVerb\n")
    with Store.in_folder(data_dir) as store, pytest.raises(CatalogueError, match="columns"):
        import_file(store, tmp_path / "wide.csv")


def test_what_is_no_regular_file(data_dir: Path, tmp_path: Path) -> None:
    """A FIFO would be waited for without an end."""
    os.mkfifo(tmp_path / "x.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    with Store.in_folder(data_dir) as store:
        for name in ("x.csv", "zero.csv"):
            with pytest.raises(CatalogueError, match="no regular file"):
                import_file(store, tmp_path / name)
        if hasattr(os, "getuid") and not os.getuid():
            (tmp_path / "own.csv").write_text("name\nVerb\n")
            (tmp_path / "theirs.csv").symlink_to(tmp_path / "own.csv")
            os.chown(tmp_path / "theirs.csv", 12345, 12345, follow_symlinks=False)
            with pytest.raises(CatalogueError, match="another user"):
                import_file(store, tmp_path / "theirs.csv")
