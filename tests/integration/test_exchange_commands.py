"""Export, import and workstations as a user runs them: real processes, real plugins, the real Ardour."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Plugin
from tests.conftest import ZAM_FOLDER

ZAMVERB = "vst3/damien-zammit/zamverb"
SLOW = "ZamVerb"
"""Takes 46 seconds to load with all of pedalboard, longer than pedalboard-pluginary waits."""


def run(*arguments: object, code: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "pluginary_tui", *map(str, arguments)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose catalogue has the real plugins."""
    if not (ZAM_FOLDER / "ZamVerb.vst3").exists():
        pytest.skip("needs Debian's zam-plugins")
    folder = tmp_path_factory.mktemp("scanned")
    run("scan", "--only", ZAM_FOLDER, "--no-builtin", PLUGINARY_TUI_DATA_DIR=str(folder))
    return folder


@pytest.fixture
def marked(scanned: Path, data_dir: Path) -> Path:
    """The same for one test, with favourites, tags and a hidden one."""
    shutil.copytree(scanned, data_dir)
    with Store.in_folder(data_dir) as store:
        store.set_favourite([ZAMVERB, "vst3/damien-zammit/zamtube"], True)
        store.set_hidden(["vst3/damien-zammit/zamgate"], True)
        store.add_tag([ZAMVERB, "vst3/damien-zammit/zamdelay"], "Dub")
        store.set_note([ZAMVERB], "=danger()")
    return data_dir


# Export and import


@pytest.mark.parametrize("ending", ["json", "csv", "toml"])
def test_favourites_and_tags_reach_another_machine(marked: Path, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"all.{ending}"
    assert "17 plugins written" in run("export", file).stderr
    text = file.read_text("utf-8")
    if ending != "csv":
        assert "Wet" in text, "the parameters are there"
    # There they are installed in another folder, and not all of them.
    elsewhere = tmp_path / "vst3"
    for name in ("ZamDelay", "ZamTube", "ZamGate"):
        shutil.copytree(ZAM_FOLDER / f"{name}.vst3", elsewhere / f"{name}.vst3")
    there = {"PLUGINARY_TUI_DATA_DIR": str(tmp_path / "there")}
    run("scan", "--only", elsewhere, "--no-builtin", **there)
    output = run("import", file, "--user-data", "--json", **there).stdout
    done = json.loads(output)
    assert (done["read"], done["new"], done["favourites"], done["hidden"], done["tags"]) == (17, 0, 2, 1, 2)
    listed = json.loads(run("list", "is:fav", "--json", **there).stdout)["plugins"]
    assert [(p["name"], p["path"]) for p in listed] == [("ZamTube", str(elsewhere / "ZamTube.vst3"))]
    assert "14 new" in run("import", file, **there).stdout
    assert json.loads(run("import", file, "--json", **there).stdout)["changes"] == [], "the second time"


def test_what_list_writes_can_be_imported(marked: Path, tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text(run("list", "reverb", "--json").stdout)
    there = {"PLUGINARY_TUI_DATA_DIR": str(tmp_path / "there")}
    dry = run("import", tmp_path / "list.json", "--dry-run", **there).stdout
    assert f"favourite  {ZAMVERB}" in dry
    assert "#Dub" in dry
    assert "Would take from" in dry
    assert "Nothing is catalogued" in run("list", **there).stderr
    run("import", tmp_path / "list.json", **there)
    shown = json.loads(run("show", ZAMVERB, "--json", **there).stdout)
    assert (shown["status"], shown["favourite"], shown["note"], shown["parameter_count"]) == (
        "ok",
        True,
        "=danger()",
        3,
    )
    run("scan", "--only", ZAM_FOLDER, "--no-builtin", **there)
    (verb,) = json.loads(run("list", "n:zamverb", "--json", **there).stdout)["plugins"]
    assert (verb["favourite"], verb["probe_ms"] > 0) == (True, True), "its own probe took the row over"


def test_standard_output_and_wrong_use(marked: Path, tmp_path: Path) -> None:
    (verb,) = json.loads(run("export", "-", "n:zamverb").stdout)["plugins"]
    assert (verb["id"], len(verb["parameters"])) == (ZAMVERB, 3)
    assert run("export", "-", "is:fav", "--format", "csv").stdout.count("\n") == 3
    assert "must end in" in run("export", tmp_path / "x.xml", code=1).stderr
    assert "do not agree" in run("export", tmp_path / "x.csv", "--format", "toml", code=2).stderr
    assert "params wants a number" in run("export", tmp_path / "x.csv", "params>x", code=2).stderr
    assert "No such file" in run("import", tmp_path / "none.json", code=1).stderr
    assert "restore" in run("import", marked / "catalogue.db", code=1).stderr
    (tmp_path / "x.json").write_text('{"plugins": [{"id": "vst3/a/b", "tags": ["x"]}, 7]}')
    assert "plugin 2 is a number" in run("import", tmp_path / "x.json", code=1).stderr
    assert json.loads(run("list", "#x", "--json").stdout)["total"] == 0


# pedalboard-pluginary


def write_cache(path: Path) -> list[str]:
    """A `plugins.db` as its version 1.1.7 writes it, with the plugins that it finds here. Returns their names."""
    names = sorted(p.stem for p in ZAM_FOLDER.glob("*.vst3") if p.stem != SLOW)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(
            "CREATE TABLE plugins (id TEXT PRIMARY KEY, name TEXT NOT NULL, path TEXT NOT NULL UNIQUE,"
            " plugin_type TEXT NOT NULL, manufacturer TEXT, parameter_count INTEGER NOT NULL, data TEXT NOT NULL,"
            " file_mtime REAL NOT NULL, created_at REAL NOT NULL, updated_at REAL NOT NULL)"
        )
        db.execute("CREATE VIRTUAL TABLE plugins_fts USING fts5(id UNINDEXED, name, manufacturer, content='plugins')")
        for name in names:
            bundle = str(ZAM_FOLDER / f"{name}.vst3")
            parameters = {"dry_wet": {"name": "dry_wet", "value": 50.0}, "bypass": {"name": "bypass", "value": False}}
            data = {
                "id": f"vst3/{name}",
                "name": name,
                "path": bundle,
                "filename": f"{name}.vst3",
                "plugin_type": "vst3",
                "parameters": parameters,
                "manufacturer": "Damien Zammit",
                "name_in_file": None,
            }
            row = (bundle, name, bundle, "vst3", "Damien Zammit", len(parameters), json.dumps(data), 0, 1.7e9, 1.7e9)
            db.execute(f"INSERT INTO plugins VALUES ({', '.join('?' * 10)})", row)
        db.commit()
    return names


def exported(path: Path, form: str) -> object:
    """What its commands print of that cache."""
    with closing(sqlite3.connect(path)) as db:
        rows = [json.loads(data) for (data,) in db.execute("SELECT data FROM plugins")]
    plain = [
        {key: row[key] for key in ("id", "name", "path", "manufacturer")}
        | {"type": row["plugin_type"], "params": {name: p["value"] for name, p in row["parameters"].items()}}
        for row in rows
    ]
    if form == "list":
        return plain
    if form == "json":
        return {p["id"]: {key: value for key, value in p.items() if key != "id"} for p in plain}
    return {"metadata": {"version": "2.0.0", "plugin_count": len(rows)}, "plugins": {row["id"]: row for row in rows}}


@pytest.mark.parametrize("form", ["database", "json", "list", "cache"])
def test_a_cache_of_pedalboard_pluginary_comes_whole(zam: Path, data_dir: Path, tmp_path: Path, form: str) -> None:
    file = tmp_path / "plugins.db"
    names = write_cache(file)
    assert len(names) == 16
    if form != "database":
        document = exported(file, form)
        file = tmp_path / "export.json"
        file.write_text(json.dumps(document))
    done = json.loads(run("import", file, "--json").stdout)
    assert (done["read"], done["new"], done["missing"]) == (16, 16, 0)
    with Store.in_folder(data_dir) as store:
        plugins = store.plugins()
        assert sorted(p.name for p in plugins) == names
        assert {(p.vendor, p.format, p.status, p.parameter_count) for p in plugins} == {
            ("Damien Zammit", "vst3", "ok", 2)
        }
        parameters = store.parameters(plugins[0].key)
        assert [(p.name, p.default, p.kind) for p in parameters] == [
            ("dry_wet", "50.0", "continuous"),
            ("bypass", "False", "switch"),
        ]
    if form != "database":
        return
    run("scan", "--only", zam, "--no-builtin")
    with Store.in_folder(data_dir) as store:
        assert len(store.plugins()) == 17
        assert all(p.uid and p.raw_category for p in store.plugins()), "our own scan put its findings in their place"


def test_its_ignores_become_ours(tmp_path: Path) -> None:
    file = tmp_path / "ignores.json"
    file.write_text('["aufx/CoreAudio", "vst3/RX 10 Connect", "vst3/Odd [1]"]')
    dry = run("import", file, "--dry-run").stdout
    assert "RX 10 Connect.vst3" in dry
    assert not (tmp_path / "config.toml").exists()
    assert "3 patterns to ignore" in run("import", file).stdout
    assert json.loads(run("import", file, "--json").stdout)["ignored"] == []
    text = (tmp_path / "config.toml").read_text()
    assert '"CoreAudio.component"' in text
    assert '"Odd [[]1].vst3"' in text


# Ardour

ARDOUR = next(iter(sorted(Path("/usr/lib").glob("ardour*/libardour.so.3"))), Path("/nowhere")).parent
has_ardour = pytest.mark.skipif(not ARDOUR.exists() or not shutil.which("cc"), reason="needs Ardour and a C compiler")
# Lets Ardour's own library read the files of its plugin manager and write them again, as it does when a user changes
# something there. The empty functions are of the program around it.
REWRITE = """
#include <dlfcn.h>
#include <stdbool.h>
#include <unistd.h>
void _Z10vstfx_exitv(void) {}
void _Z10vstfx_initPv(void) {}
void _Z20vstfx_destroy_editorP9_VSTState(void) {}
int main(void) {
    void *pbd = dlopen("libpbd.so.4", RTLD_LAZY | RTLD_GLOBAL);
    void *lib = dlopen("libardour.so.3", RTLD_LAZY | RTLD_GLOBAL);
    if (!pbd || !lib) return 2;
    ((bool (*)(void)) dlsym(pbd, "_ZN3PBD4initEv"))();
    ((bool (*)(bool, const char *, bool)) dlsym(lib, "_ZN6ARDOUR4initEbPKcb"))(false, "", false);
    void *manager = ((void *(*)(void)) dlsym(lib, "_ZN6ARDOUR13PluginManager8instanceEv"))();
    ((void (*)(void *)) dlsym(lib, "_ZN6ARDOUR13PluginManager13save_statusesEv"))(manager);
    ((void (*)(void *)) dlsym(lib, "_ZN6ARDOUR13PluginManager9save_tagsEv"))(manager);
    _exit(0);
}
"""


def ardours_world(tmp_path: Path) -> dict[str, str]:
    share = f"/usr/share/{ARDOUR.name}"
    return {
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "LD_LIBRARY_PATH": str(ARDOUR),
        "ARDOUR_DATA_PATH": share,
        "ARDOUR_CONFIG_PATH": f"/etc/{ARDOUR.name}",
        "ARDOUR_DLL_PATH": str(ARDOUR),
        "ARDOUR_BACKENDS_PATH": str(tmp_path / "none"),
    }


@has_ardour
def test_ardour_calls_plugins_what_we_call_them(marked: Path, tmp_path: Path) -> None:
    bundle = ZAM_FOLDER / "ZamTube.vst3"
    scanner = [str(ARDOUR / "ardour-vst3-scanner"), "-f", str(bundle)]
    subprocess.run(scanner, env=os.environ | ardours_world(tmp_path), check=True, capture_output=True, timeout=60)
    (found,) = (tmp_path / "cache").rglob("*.v3i")
    element = ElementTree.parse(found).find("VST3Info")
    assert element is not None
    with Store.in_folder(marked) as store:
        (ours,) = store.copies("vst3/damien-zammit/zamtube")
    assert (ours.uid, ours.name, ours.raw_category) == (
        element.get("uid"),
        element.get("name"),
        element.get("category"),
    )


@has_ardour
def test_ardour_reads_what_it_is_told(marked: Path, tmp_path: Path) -> None:
    folder = tmp_path / "config" / ARDOUR.name / "plugin_metadata"
    folder.mkdir(parents=True)
    world = ardours_world(tmp_path)
    dry = json.loads(run("daw", "ardour", "--json", XDG_CONFIG_HOME=world["XDG_CONFIG_HOME"]).stdout)
    assert (dry["applied"], dry["plugins"], len(dry["files"])) == (False, 4, 2)
    assert list(folder.iterdir()) == []
    run("daw", "ardour", "--apply", XDG_CONFIG_HOME=world["XDG_CONFIG_HOME"])
    ours = {name: (folder / name).read_text() for name in ("plugin_statuses", "plugin_tags")}
    source, program = tmp_path / "rewrite.c", tmp_path / "rewrite"
    source.write_text(REWRITE)
    subprocess.run(["cc", "-rdynamic", str(source), "-o", str(program), "-ldl"], check=True, timeout=60)
    subprocess.run([str(program)], env=os.environ | world, check=True, capture_output=True, timeout=120)
    written = {name: (folder / name).read_text() for name in ours}
    assert sorted(written["plugin_statuses"].split("\n")) == sorted(ours["plugin_statuses"].split("\n"))
    assert len(written["plugin_statuses"].splitlines()) == 3

    def answer(text: str) -> list[tuple[str | None, ...]]:
        elements = ElementTree.fromstring(text)
        return sorted(tuple(e.get(key) for key in ("id", "type", "tags", "name", "user-set")) for e in elements)

    assert answer(written["plugin_tags"]) == answer(ours["plugin_tags"])
    assert {tags.split()[-1] for _, _, tags, _, _ in answer(ours["plugin_tags"]) if tags} == {"dub"}
    # What Ardour wrote is taken up again: one more favourite is one more line.
    with Store.in_folder(marked) as store:
        store.set_favourite(["vst3/damien-zammit/zamphono"], True)
    more = json.loads(run("daw", "ardour", "--apply", "--json", XDG_CONFIG_HOME=world["XDG_CONFIG_HOME"]).stdout)
    assert [len(file["lines"]) for file in more["files"]] == [1]
    backup = Path(more["files"][0]["backup"])
    assert backup.read_text() == written["plugin_statuses"]


@has_ardour
def test_not_a_line_of_ardours_own_tags_changes(marked: Path, tmp_path: Path) -> None:
    shipped = Path(f"/usr/share/{ARDOUR.name}/plugin_metadata")
    folder = tmp_path / "plugin_metadata"
    shutil.copytree(shipped, folder)
    known = {p.uid for p in _plugins(marked) if p.tags} & {
        str(e.get("id")) for e in ElementTree.parse(shipped / "plugin_tags").getroot()
    }
    run("daw", "ardour", "--folder", folder, "--apply")
    before = (shipped / "plugin_tags").read_text().splitlines()
    after = (folder / "plugin_tags").read_text().splitlines()
    gone, come = set(before) - set(after), set(after) - set(before)
    assert (len(gone), len(come), len(after)) == (len(known), 2, len(before) + 2 - len(known))
    assert all('user-set="1"' in line and "dub" in line for line in come)
    assert [p.read_bytes() for p in folder.glob("plugin_tags*.bak")] == [(shipped / "plugin_tags").read_bytes()]
    assert "nothing to learn" in run("daw", "ardour", "--folder", folder).stdout


def _plugins(data_dir: Path) -> list[Plugin]:
    with Store.in_folder(data_dir) as store:
        return store.plugins()


# REAPER


def test_reaper_is_told_favourites_and_tags(marked: Path, tmp_path: Path) -> None:
    folder = tmp_path / "REAPER"
    assert "--folder" in run("daw", "reaper", code=1, XDG_CONFIG_HOME=str(tmp_path)).stderr
    folder.mkdir()
    done = run("daw", "reaper", "--apply", XDG_CONFIG_HOME=str(tmp_path))
    assert "no place for hidden" in done.stderr
    text = (folder / "reaper-fxfolders.ini").read_text()
    assert f"Item0={ZAM_FOLDER}/ZamTube.vst3\nItem1={ZAM_FOLDER}/ZamVerb.vst3\n" in text
    assert "[category]\nZamDelay.vst3=Dub\nZamVerb.vst3=Dub\n" in text
    assert "nothing to learn" in run("daw", "reaper", XDG_CONFIG_HOME=str(tmp_path)).stdout
