"""Wrong input of every kind, to real processes: one clear line, the right exit code, nothing lost."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pluginary_tui import logs
from pluginary_tui.catalogue.database import FILE_NAME
from pluginary_tui.catalogue.integrity import user_export
from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Bundle, Outcome, Parameter, ProbedPlugin, Report

pytestmark = [pytest.mark.usefixtures("only_vst3"), pytest.mark.timeout(1200)]  # all calls are made in one fixture

PROGRAM = [sys.executable, "-m", "pluginary_tui"]

EVIL = "Evil\x1b[31m[bold]\n\u202e=cmd()"


@dataclass
class Call:
    """One call: what is typed (words with {work} get a folder of their own), and what has to come of it."""

    words: str | list[str]
    code: int
    output: str = ""
    """Must be in its one line on stderr; where empty, stderr may say anything or nothing."""
    env: dict[str, str] = field(default_factory=dict)
    files: dict[str, str | bytes] = field(default_factory=dict)
    """Written into {work} before."""
    lines: int = 1
    """On stderr, where something is to be said."""

    @property
    def name(self) -> str:
        words = self.words if isinstance(self.words, str) else " ".join(map(ascii, self.words))
        given = [f"{name}={value[:30]}" for name, value in self.env.items()]
        return " ".join([words, *given, *(f"{name}: {len(text)} {text[:20]!r}" for name, text in self.files.items())])


def database() -> bytes:
    """A whole SQLite file that is nobody's we know."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE songs (title TEXT)")
    return db.serialize()


DATABASE = database()
OTHER = {"PLUGINARY_TUI_DATA_DIR": "{work}/other"}


def settings(text: str) -> dict[str, str | bytes]:
    return {"config.toml": text}


CALLS = [
    # Unknown commands and options
    Call("lst", 2, "did you mean list?"),
    Call("frobnicate", 2, "no command frobnicate"),
    Call([EVIL], 2, "Evil"),
    Call([""], 2, "no command"),
    Call("--nope", 2, "--nope"),
    Call("--json", 2, "--json"),
    Call("list --jsn", 2, "--jsn"),
    Call("scan --ful", 2, "--ful"),
    Call("config", 2, "config --help"),
    Call("config shw", 2, "shw"),
    Call("config path extra", 2, "extra"),
    Call("doctor extra", 2, "extra"),
    Call("repair --deep", 2, "--deep"),
    # Missing and impossible arguments
    Call("show", 2, "ID"),
    Call("snippet", 2, "ID"),
    Call("probe", 2, "PATH"),
    Call("restore", 2, "FILE"),
    Call("export", 2, "FILE"),
    Call("import", 2, "FILE"),
    Call("completion", 2, "bash, zsh, fish"),
    Call("completion tcsh", 2, "tcsh"),
    Call("list -is:measured", 2, "stands behind --: pluginary-tui list -- -is:measured"),
    Call("list verb -vendor:zam --json", 2, "pluginary-tui list verb -- -vendor:zam --json"),
    Call("export - -is:measured", 2, "pluginary-tui export - -- -is:measured"),
    Call("scan -is:measured", 2, "'pluginary-tui scan --help' tells more."),
    Call("list --limit", 2, "--limit"),
    Call("list --limit x", 2, "'x' is not a valid"),
    Call("list --limit 0", 2, "0"),
    Call("list --limit -1", 2, "-1"),
    Call("list --limit 99999999999999999999999", 0),
    Call("scan --workers many", 2, "many"),
    Call("scan --workers 0", 2, "0"),
    Call("scan --workers 65", 2, "65"),
    Call("scan --timeout soon", 2, "soon"),
    Call("scan --timeout nan", 1, "nan"),
    Call("scan --timeout -5", 2, "-5"),
    Call("scan --folder {work}/nowhere", 2, "nowhere"),
    Call("scan --only {work}/nowhere", 2, "nowhere"),
    Call("probe {work}/x.vst3 --timeout 0", 2, "0"),
    Call("show a b", 2, "b"),
    Call("projects", 2, "projects --help"),
    Call("projects scn", 2, "scn"),
    Call("projects scan", 1, "in the setting projects.folders"),
    Call("projects scan {work}/nowhere", 0, "cannot be searched"),
    Call("projects scan {work}/x.wav", 0, "neither a folder nor a project", files={"x.wav": "RIFF"}),
    Call("projects show", 2, "FILE"),
    Call("projects show nothing", 1, "There is no project nothing"),
    Call("projects show {work}/x.txt", 1, "neither a folder nor a project", files={"x.txt": "x"}),
    Call("projects show {work}/x.als", 0, files={"x.als": "nothing of the kind"}),
    Call("projects show {work}/sub/../x.als", 0, files={"x.als": "nothing of the kind", "sub/y": ""}),
    Call(["projects", "show", "{work}/" + EVIL + ".als"], 0, files={EVIL + ".als": "nothing of the kind"}),
    Call(["projects", "show", "{work}/bad\udcff.als"], 1, "There is no project"),
    Call(["projects", "show", EVIL], 1, "There is no project Evil"),
    Call(["projects", "show", ""], 1, "There is no project"),
    Call("presets --no-scan is:great", 2, "great", lines=3),
    Call("presets --no-scan --tag ''", 0),
    Call(["presets", "--no-scan", "--tag", "#"], 2, "is no tag"),
    Call("presets --jsn", 2, "--jsn"),
    # Bad ids
    Call("show nothing/at/all", 1, "There is no plugin nothing/at/all"),
    Call("show vst3/acme/plug-1x", 1, "did you mean vst3/acme/plug-1"),
    Call("show {work}/plug-1.vst3", 1, "There is no plugin"),
    Call(["show", EVIL], 1, "There is no plugin Evil"),
    Call(["show", ""], 1, "There is no plugin"),
    Call(["show", "vst3/acme/plug-1' OR '1'='1"], 1, "There is no plugin"),
    Call("snippet vst3/acme/plug-111", 1, "did you mean"),
    Call(["snippet", "x" * 5000], 1, "There is no plugin"),
    Call(["show", b"\xff\xfe".decode("utf-8", "surrogateescape")], 1, "There is no plugin"),
    # Bad queries: the line, and the query with a caret
    Call("list params>many", 2, "number", lines=3),
    Call("list status:sleepy", 0),
    Call("list added>yesteryear", 2, "yesteryear", lines=3),
    Call("list sort:smell", 2, "smell", lines=3),
    Call("list is:great", 2, "great", lines=3),
    Call(["list", 'name:"open'], 0),
    Call(["list", b"\xff\xfe".decode("utf-8", "surrogateescape")], 0),
    Call("export {work}/out.csv params>many", 2, "number", lines=3),
    Call(["list", "--", "-nothing"], 0),
    Call(["list", "a" * 20000], 0),
    Call(["list", "(((((", "[[", "%s", "\\"], 0),
    # Missing, wrong and unreadable files
    Call("probe {work}/nothing.vst3", 1, "nothing.vst3"),
    Call("probe {work}", 1, "not a plugin bundle"),
    Call("probe {work}/text.txt", 1, "not a plugin bundle", files={"text.txt": "hello"}),
    Call("probe {work}/Empty.vst3", 1, files={"Empty.vst3/readme": "hello"}),
    Call(
        "probe {work}/Rubbish.vst3", 1, files={"Rubbish.vst3/Contents/x86_64-linux/Rubbish.so": b"\x7fELF" + b"\0" * 99}
    ),
    Call("restore {work}/nothing.db", 1, "No such file"),
    Call("restore {work}", 1, "Cannot read"),
    Call("restore {work}/text.db", 1, "not a catalogue", files={"text.db": "hello" * 100}),
    Call("restore {work}/empty.db", 1, "not a catalogue", files={"empty.db": ""}),
    Call("restore {work}/half.db", 1, "damaged", files={"half.db": b"SQLite format 3\0" + b"\x10\0" * 500}),
    Call("backup {work}/there.db", 1, "is there already", files={"there.db": "precious"}),
    Call("backup {work}", 1, "is there already"),
    Call("backup {work}/file/x.db", 1, "Cannot", files={"file": ""}),
    Call("backup --force {data}/catalogue.db", 1, "the catalogue itself"),
    Call("doctor --report {work}/no/such/folder/r.txt", 1, lines=0),
    Call("import {work}/nothing.json", 1, "nothing.json"),
    Call("import {work}", 2, "directory"),
    Call("import {work}/bad.json", 1, files={"bad.json": "{"}, output="bad.json"),
    Call("import {work}/odd.xyz", 1, files={"odd.xyz": "?"}, output="odd.xyz"),
    Call("export {work}/out.xyz", 1, "out.xyz"),
    Call("export {work}/no/such/out.json", 1, "out.json"),
    Call("restore {work}/old.db", 1, "not a catalogue", files={"old.db": DATABASE}),
    Call("doctor --report {work}", 1, "Cannot write"),
    # Exchange
    Call("import {work}/list.json", 1, "plugin 1 is a number", files={"list.json": "[1, 2]"}),
    Call("import {work}/deep.json", 1, "nested too deeply", files={"deep.json": "[" * 100_000}),
    Call("import {work}/bytes.json", 1, "UTF-8", files={"bytes.json": b"\xff\xfe{}"}),
    Call("import {work}/empty.csv", 1, "empty.csv", files={"empty.csv": ""}),
    Call("import {work}/odd.csv", 1, "names no column", files={"odd.csv": "colour;size\nred;3\n"}),
    Call("import {work}/evil.csv", 1, "is not an id", files={"evil.csv": f"id\n{EVIL!r}\n"}),
    Call("import {work}/bad.toml", 1, "bad.toml", files={"bad.toml": "[[plugins]]\nname = \n"}),
    Call("import {work}/odd.toml", 1, "[[plugins]]", files={"odd.toml": "name = 'x'\n"}),
    Call("import {work}/plugins.db", 1, "not one of pedalboard-pluginary", files={"plugins.db": DATABASE}),
    Call("import {work}/plugins.db", 1, "Cannot read", files={"plugins.db": DATABASE[:600]}),
    Call("import {data}/catalogue.db", 1, "use 'pluginary-tui restore"),
    Call("import --dry-run {work}/bad.json", 1, "rating", files={"bad.json": '[{"name": "x", "rating": 9}]'}),
    Call("import {work}/user.json --user-data", 1, "is not an id", files={"user.json": '[{"id": "../../x"}]'}),
    Call("export {work}/out.csv --format json", 2, "do not agree"),
    Call("export {work}/out.json --format xml", 2, "xml"),
    Call("export {work}", 2, "directory"),
    Call("daw", 2, "daw --help"),
    Call("daw cubase", 2, "cubase"),
    Call("daw ardour --folder {work}/nowhere", 2, "nowhere"),
    Call("daw ardour", 1, "--folder", env={"HOME": "{work}", "XDG_CONFIG_HOME": "{work}"}),
    Call("daw reaper", 1, "--folder", env={"HOME": "{work}", "XDG_CONFIG_HOME": "{work}"}),
    Call("daw ardour --folder {work}", 1, "not", files={"plugin_tags": "<html>", "plugin_statuses": ""}),
    # Sound
    Call("measure --workers 0", 2, "0"),
    Call("measure params>many", 2, "number", lines=3),
    Call("measure --parts loud", 2, "--parts"),
    Call("similar", 2, "ID"),
    Call("render", 2, "Name a file"),
    Call("render a.wav b.wav", 2, "Name a file"),
    Call("render a.wav b.wav vst3/acme/plug-1 --tail -1", 2, "-1"),
    Call("render a.wav b.wav vst3/acme/plug-1 --tail nan", 2, "nan"),
    Call("render a.wav b.wav vst3/acme/plug-1 --set gain", 2, "NAME=VALUE"),
    Call(["render", "", "", ""], 1, "Cannot read"),
    Call(["render", EVIL, EVIL, EVIL], 1, "Evil"),
    Call(["render", b"\xff\xfe".decode("utf-8", "surrogateescape"), "b.wav", "vst3/acme/plug-1"], 1, ""),
    Call("similar vst3/acme/plug-111", 1, "did you mean"),
    Call("similar vst3/acme/plug-1 --limit 0", 2, "0"),
    # A catalogue that is none
    Call("list", 1, "not a catalogue of this program", files={"other/catalogue.db": DATABASE}, env=OTHER),
    Call("scan --only {work}", 1, "not a catalogue of this program", files={"other/catalogue.db": DATABASE}, env=OTHER),
    Call("backup", 1, "not a catalogue of this program", files={"other/catalogue.db": DATABASE}, env=OTHER),
    Call("repair", 1, "not a catalogue of this program", files={"other/catalogue.db": DATABASE}, env=OTHER),
    Call("doctor", 1, "problem", files={"other/catalogue.db": DATABASE}, env=OTHER),
    Call("list", 0, "damaged", files={"other/catalogue.db": b"rubbish" * 1000}, env=OTHER, lines=2),
    Call("list", 1, "Cannot", files={"other/catalogue.db/file": ""}, env=OTHER),
    # Folders that cannot be used
    Call("list", 1, "Cannot", env={"PLUGINARY_TUI_DATA_DIR": "/dev/null/data"}),
    Call("list", 1, "Cannot", env={"PLUGINARY_TUI_DATA_DIR": "{work}/file"}, files={"file": "hello"}),
    Call("scan --no-builtin --only {work}", 1, "Cannot", env={"PLUGINARY_TUI_DATA_DIR": "/proc/data"}),
    Call("backup", 1, "scan", env={"PLUGINARY_TUI_DATA_DIR": "{work}/new"}),
    Call("repair", 1, "Cannot", env={"PLUGINARY_TUI_DATA_DIR": "/dev/null/data"}),
    Call("config init", 1, "cannot be written", env={"PLUGINARY_TUI_CONFIG": "/dev/null/config.toml"}),
    # Broken settings
    Call("scan", 1, "config.toml:1", files=settings("[scan")),
    Call("scan", 1, "scan.workers", files=settings("[scan]\nworkers = 'many'\n")),
    Call("scan", 1, "did you mean", files=settings("[scan]\nwokers = 2\n")),
    Call("scan", 1, "config.toml", files=settings("[scn]\nworkers = 2\n")),
    Call("scan", 1, "UTF-8", files={"config.toml": b"\xff\xfe\x00"}),
    Call("scan", 1, "newer", files=settings("version = 99\n")),
    Call("config show", 1, "config.toml:2", files=settings("[app]\ntheme = 'pink'\n")),
    Call("config check", 1, "2 settings", files=settings("[scan]\nworkers = -1\ntimeout_s = 'x'\n")),
    Call("config check", 1, "1 setting", files=settings("[app.keys]\nfavourite = 'q'\n")),
    Call("config check", 1, "1 setting", files=settings("[app.keys]\nsearch = 'ctrl+zz'\n")),
    Call("config check", 1, "1 setting", files=settings("[app.keys]\nnosuch = 'x'\n")),
    Call("config check --json", 1, "1 setting", files=settings("[scan]\nworkers = -1\n")),
    Call("config init", 1, "is there already", files=settings("version = 1\n")),
    Call("config show", 1, "config.toml", files={"config.toml/file": ""}),
    Call("scan", 1, ".pluginary-tui.toml:2", files={".pluginary-tui.toml": "[scan]\nworkers = true\n"}),
    Call("measure", 1, "config.toml", files=settings("[broken")),
    Call("config path", 0, files=settings("[broken")),
    Call("list", 0, files=settings("[broken")),
    Call("backup", 1, "config.toml", files=settings("[broken")),
    # Bad variables
    Call("scan", 1, "PLUGINARY_TUI_SCAN_WORKERS", env={"PLUGINARY_TUI_SCAN_WORKERS": "lots"}),
    Call("scan", 1, "PLUGINARY_TUI_SCAN_TIMEOUT_S", env={"PLUGINARY_TUI_SCAN_TIMEOUT_S": "-1"}),
    Call("config show", 1, "PLUGINARY_TUI_APP_THEME", env={"PLUGINARY_TUI_APP_THEME": EVIL}),
    Call("config check", 1, "cannot be used", env={"PLUGINARY_TUI_BACKUP_KEEP": "0"}),
    Call("config show", 0, "did you mean", env={"PLUGINARY_TUI_SCAN_WORKRS": "2"}, files=settings("version = 1\n")),
    # No terminal
    Call("", 1, "needs a terminal"),
    Call("--debug", 1, "needs a terminal"),
]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small catalogue that a user has written in."""
    folder = tmp_path_factory.mktemp("original") / "data"
    with Store.in_folder(folder) as store:
        journal = Journal(store)
        journal.begin([])
        for n in range(12):
            found = ProbedPlugin(f"Plug {n}", "Acme", "1", "Fx|Reverb", f"{n:032X}", parameters=[Parameter("Mix")])
            bundle = Bundle(f"/plugins/Plug {n}.vst3", "vst3", f"Plug {n}", fingerprint="1")
            journal.finish(Report(bundle, Outcome.OK, [found]), [("Reverb",)], quarantine=False)
        journal.end({})
        store.set_favourite(["vst3/acme/plug-1"], True)
        store.add_tag(["vst3/acme/plug-2"], "loud")
    return folder


@pytest.fixture(scope="module")
def results(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[int, str, str, Path]]]:
    """What came of every call, all made side by side: each in a folder and with a catalogue of its own."""
    root = tmp_path_factory.mktemp("calls")

    def made(numbered: tuple[int, Call]) -> tuple[int, str, str, Path]:
        number, call = numbered
        work, data = root / str(number), root / f"{number}-data"
        work.mkdir()
        shutil.copytree(original, data)
        for name, content in call.files.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PLUGINARY_TUI_")}
        own = {"PLUGINARY_TUI_DATA_DIR": str(data), "PLUGINARY_TUI_CONFIG": str(work / "config.toml")} | call.env

        def filled(text: str) -> str:
            return text.replace("{work}", str(work)).replace("{data}", str(data))

        words = call.words.split() if isinstance(call.words, str) else call.words
        done = subprocess.run(
            [*PROGRAM, *map(filled, words)],
            env=clean | {name: filled(value) for name, value in own.items()},
            cwd=work,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr, data

    with ThreadPoolExecutor(4) as pool:
        yield list(pool.map(made, enumerate(CALLS)))


def test_there_are_enough_of_them() -> None:
    assert len(CALLS) >= 60
    assert len({call.name for call in CALLS}) == len(CALLS)


@pytest.mark.parametrize("number", range(len(CALLS)), ids=lambda number: f"{number}-{CALLS[number].name[:60]!a}")
def test_wrong_input(number: int, results: list[tuple[int, str, str, Path]], original: Path) -> None:
    call = CALLS[number]
    code, out, err, data = results[number]
    assert "Traceback" not in out + err
    assert code == call.code, (out, err)
    assert call.output in err
    if call.output:
        assert err.startswith("pluginary-tui: ") and len(err.splitlines()) == call.lines, err
    assert "\x1b" not in out + err and "\u202e" not in out + err
    if code == 2:
        assert out == "", "wrong usage prints nothing that a script could take for data"
    with Store(data / FILE_NAME) as left, Store(original / FILE_NAME) as right:
        assert user_export.collect(left.db) == user_export.collect(right.db), "nothing is lost"
        assert left.plugins() == right.plugins()


def test_a_file_that_was_there_is_left_alone(results: list[tuple[int, str, str, Path]]) -> None:
    number = next(n for n, call in enumerate(CALLS) if call.words == "backup {work}/there.db")
    assert (results[number][3].parent / str(number) / "there.db").read_text() == "precious"


@pytest.mark.parametrize(
    "words", [["list"], ["list", "--json"], ["--help"], ["config", "show"], ["show", "vst3/acme/plug-1"]]
)
def test_a_reader_that_goes_away_is_no_error(words: list[str], original: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    env = os.environ | {"PLUGINARY_TUI_DATA_DIR": str(original)}
    done = subprocess.run(
        [*PROGRAM, *words],
        stdout=writing,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env=env,
        text=True,
        check=False,
    )
    os.close(writing)
    assert done.stderr == "" and done.returncode in (0, 1)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
@pytest.mark.parametrize("words", ["list", "list --json", "--help", "--version", "config show", "export -"])
def test_output_that_finds_no_room_is_one_line(words: str, original: Path) -> None:
    env = os.environ | {"PLUGINARY_TUI_DATA_DIR": str(original)}
    command = [*PROGRAM, *words.split()]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=env, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "pluginary-tui: Cannot write what there is to say: No space left on device.\n"


def test_a_file_that_finds_no_room_is_not_begun(original: Path, tmp_path: Path) -> None:
    """Where files may have a kilobyte at most, what is longer leaves nothing behind, and takes nothing's place."""
    data, out = tmp_path / "data", tmp_path / "out"
    shutil.copytree(original, data)
    out.mkdir()
    (out / "old.json").write_text("precious")
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}  # it writes, too
    for words in (
        ["export", out / "new.json"],
        ["export", out / "old.json"],
        ["backup", out / "new.db"],
        ["config", "init"],
        ["doctor", "--report", out / "report.txt"],
    ):
        done = subprocess.run(
            ["sh", "-c", 'ulimit -f 2; exec "$@"', "sh", *PROGRAM, *map(str, words)],
            env=env | {"PLUGINARY_TUI_DATA_DIR": str(data), "PLUGINARY_TUI_CONFIG": str(out / "config.toml")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
    assert [(file.name, file.read_text()) for file in out.iterdir()] == [("old.json", "precious")]


def test_a_stop_while_it_is_being_loaded_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt")
    code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from pluginary_tui.__main__ import main; main()"
    words = [sys.executable, "-c", code, str(tmp_path), "list"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "pluginary-tui: stopped.\n")


@pytest.mark.parametrize(("module", "logged"), [("sqlite3", True), ("logging", False), ("math", False)])
def test_what_nobody_foresaw_is_one_line_and_a_log(module: str, logged: bool, tmp_path: Path) -> None:
    """A module that breaks while it is imported stands for whatever may be wrong with an installation."""
    (tmp_path / f"{module}.py").write_text("raise RuntimeError('out of\\nluck')")
    code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from pluginary_tui.cli import main; main()"
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}  # it imports, too
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), "list"], capture_output=True, text=True, check=False, env=env
    )
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert done.stderr.startswith("pluginary-tui: something went wrong") and "RuntimeError" not in done.stderr
    log = logs.log_path(tmp_path / "data")
    assert log.exists() == logged
    if logged:
        assert str(log) in done.stderr
        (line,) = map(json.loads, log.read_text().splitlines())
        assert line["level"] == "error" and "Traceback" in line["error"]
