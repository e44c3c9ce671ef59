"""Settings: their layers, their errors, older files, and writing one back without touching the rest."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.theme import BUILTIN_THEMES

from pluginary_tui import config
from pluginary_tui.config import SETTINGS, THEMES, Settings, load, problems
from pluginary_tui.config.document import scan
from pluginary_tui.config.example import example
from pluginary_tui.config.trust import trust, untrust
from pluginary_tui.config.write import init, reset, save
from pluginary_tui.errors import SettingsError

pytestmark = pytest.mark.short

EXAMPLE = Path(__file__).parents[3] / "config.example.toml"


class Place:
    """A user file, a working folder and an environment that know nothing of this machine's own."""

    def __init__(self, root: Path) -> None:
        self.user = root / "user" / "config.toml"
        self.cwd = root / "work" / "song"
        self.project = root / "work" / config.PROJECT_FILE
        self.environ = {"PLUGINARY_TUI_CONFIG": str(self.user), "PLUGINARY_TUI_DATA_DIR": str(root / "data")}
        self.user.parent.mkdir()
        self.cwd.mkdir(parents=True)

    def load(self, flags: dict[str, object] | None = None, **variables: str) -> Settings:
        environ = self.environ | {f"PLUGINARY_TUI_{name}": value for name, value in variables.items()}
        return load(flags, environ=environ, cwd=self.cwd)

    def error(self, text: str | bytes) -> str:
        """What `load` says of a user file with this text, without the file's name."""
        self.user.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(SettingsError) as raised:
            self.load()
        output = str(raised.value)
        assert output.startswith(str(self.user)) and "\n" not in output
        return output.removeprefix(str(self.user)).removeprefix(":")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


# --- the table and the example -------------------------------------------------------------------------------------


def test_the_example_file_is_what_the_table_says() -> None:
    assert EXAMPLE.read_text() == example()


def test_the_example_equals_the_defaults(place: Place) -> None:
    place.user.write_text(example())
    assert place.load() == Settings()
    named = {
        f"{section}.{key}" for section, body in tomllib.loads(example()).items() if section != "version" for key in body
    }
    assert named == set(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_documented_and_its_default_and_sample_fit(name: str) -> None:
    setting = SETTINGS[name]
    assert setting.doc.endswith(".")
    assert setting.env in example()
    assert config.check(setting, setting.default) == setting.default == Settings()[name]
    if setting.sample is not None:
        assert config.check(setting, setting.sample) == setting.sample


def test_every_theme_is_one_that_the_screen_has() -> None:
    assert set(THEMES) <= set(BUILTIN_THEMES)


def test_settings_survive_the_way_to_another_process(place: Place) -> None:
    there = pickle.loads(pickle.dumps(place.load({"scan.workers": 3})))
    assert there.scan.workers == 3
    assert str(there.origin("scan.workers")) == "flag"


# --- layers --------------------------------------------------------------------------------------------------------


def test_each_layer_wins_over_the_one_before_and_says_so(place: Place) -> None:
    place.user.write_text("version = 1\n[scan]\nworkers = 1\ntimeout_s = 1\nbuiltin = false\nfile_limit_mb = 1\n")
    place.project.write_text("version = 1\n[scan]\nworkers = 2\ntimeout_s = 2\nbuiltin = true\n")
    found = place.load({"scan.workers": 4, "scan.timeout_s": None}, SCAN_WORKERS="3", SCAN_TIMEOUT_S="3")
    assert (found.scan.workers, found.scan.timeout_s, found.scan.builtin) == (4, 3.0, True)
    assert isinstance(found.scan.timeout_s, float)
    assert {
        name: str(found.origin(f"scan.{name}"))
        for name in ("workers", "timeout_s", "builtin", "file_limit_mb", "retry_crashed")
    } == {
        "workers": "flag",
        "timeout_s": "environment PLUGINARY_TUI_SCAN_TIMEOUT_S",
        "builtin": f"project {place.project}",
        "file_limit_mb": f"file {place.user}",
        "retry_crashed": "default",
    }
    assert found.origin("scan.file_limit_mb").line == 6


def test_tables_are_merged_name_by_name(place: Place) -> None:
    place.user.write_text('[browse.queries]\nloud = "a"\ndrums = "b"\n')
    place.project.write_text('[browse]\nqueries.loud = "c"\n')
    found = place.load(BROWSE_QUERIES='{ bass = "d, e:f" }')
    assert found.browse.queries == {"loud": "c", "drums": "b", "bass": "d, e:f"}
    assert found.origin("browse.queries.drums").kind == "file"
    assert found.origin("browse.queries.loud").kind == "project"
    assert found.origin("browse.queries").kind == "environment"


def test_folders_are_absolute_from_where_they_are_named(place: Place) -> None:
    place.project.write_text(
        '[scan]\nfolders = ["lib/vst3", "$SHELF/a", "${SHELF}/b/..", "/c/$NOT_SET"]\nignore = ["$SHELF/*", "Old*"]\n'
    )
    place.environ["SHELF"] = "/shelf"
    trust(place.project, place.project.read_text(), place.environ)
    found = place.load()
    assert found.scan.folders == (str(place.project.parent / "lib/vst3"), "/shelf/a", "/shelf", "/c/$NOT_SET")
    assert found.scan.ignore == ("/shelf/*", "Old*")
    there = place.load(SCAN_FOLDERS=os.pathsep.join(["~/x", "here", ""]))
    assert there.scan.folders == (str(Path("~/x").expanduser()), str(place.cwd / "here"))


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("SCAN_BUILTIN", "off", "scan.builtin", False),
        ("SCAN_BUILTIN", "YES", "scan.builtin", True),
        ("SCAN_TIMEOUT_S", "2.5", "scan.timeout_s", 2.5),
        ("SCAN_IGNORE", os.pathsep.join(["[Ww]aves*", "a,b"]), "scan.ignore", ("[Ww]aves*", "a,b")),
        ("BROWSE_COLUMNS", "name, vendor", "browse.columns", ("name", "vendor")),
        ("BROWSE_SORT", "-used", "browse.sort", "-used"),
        ("APP_KEYS", '{scan="f5"}', "app.keys", {"scan": "f5"}),
        ("SCAN_WORKERS", " ", "scan.workers", 0),
    ],
)
def test_variables(place: Place, variable: str, text: str, name: str, value: object) -> None:
    assert place.load(**{variable: text})[name] == value


def test_the_nearest_project_file_counts(place: Place) -> None:
    place.project.write_text("[scan]\nworkers = 1\n")
    assert place.load().scan.workers == 1
    (place.cwd / config.PROJECT_FILE).write_text("[scan]\nworkers = 2\n")
    assert place.load().scan.workers == 2
    assert config.project_path(place.cwd) == place.cwd / config.PROJECT_FILE


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
def test_a_project_file_of_another_user_is_not_used(place: Place) -> None:
    place.project.write_text('[scan]\nfolders = ["/tmp/evil"]\n')
    os.chown(place.project, 12345, 12345)
    found = place.load()
    assert found.scan.folders == ()
    assert any("another user" in hint for hint in found.hints)


DANGEROUS = '[scan]\nworkers = 2\nfolders = ["plug"]\nignore = []\n[app.keys]\nscan = "j"\n[browse]\nsort = "vendor"\n'


def test_what_runs_code_counts_only_from_a_trusted_project(place: Place) -> None:
    place.user.write_text('[scan]\nignore = ["Bad*"]\n')
    place.project.write_text(DANGEROUS)
    for _ in range(2):
        found = place.load()
        assert (found.scan.folders, found.scan.ignore, found.app.keys) == ((), ("Bad*",), {})
        assert (found.scan.workers, found.browse.sort) == (2, "vendor"), "the others count"
        assert found.withheld == (
            f"{place.project}: scan.folders, scan.ignore, app.keys count only after 'pluginary-tui config trust',"
            " since they lead to code being run"
        )
        assert found.withheld in found.hints
        trust(place.project, DANGEROUS, place.environ)
        found = place.load()
        assert (found.scan.folders, found.scan.ignore) == ((str(place.project.parent / "plug"),), ())
        assert (found.app.keys, found.withheld, found.hints) == ({"scan": "j"}, "", ())
        assert untrust(place.project, place.environ) and not untrust(place.project, place.environ)


@pytest.mark.parametrize("change", ["\n", "# x\n", "file_limit_mb = 0\n"])
def test_a_changed_project_is_not_trusted_any_more(place: Place, change: str) -> None:
    place.project.write_text(DANGEROUS)
    trust(place.project, DANGEROUS, place.environ)
    place.project.write_text(DANGEROUS.replace("[app.keys]", f"{change}[app.keys]"))
    assert place.load().withheld and not place.load().scan.folders


def test_trust_belongs_to_one_place(place: Place) -> None:
    place.project.write_text(DANGEROUS)
    trust(place.project, DANGEROUS, place.environ)
    copy = place.cwd / config.PROJECT_FILE
    copy.write_text(DANGEROUS)
    assert place.load().withheld, "the same text elsewhere names other folders"
    copy.unlink()
    (place.cwd.parent / "link").symlink_to(place.cwd)
    assert not load(environ=place.environ, cwd=place.cwd.parent / "link").withheld


@pytest.mark.parametrize("spelt", ['scan.folders = ["p"]', 'scan = { folders = ["p"] }', '[scan]\npaths = ["p"]'])
def test_no_spelling_goes_round_the_trust(place: Place, spelt: str) -> None:
    place.project.write_text(f"{spelt}\n")
    assert place.load().scan.folders == () and "scan.folders counts only after" in place.load().withheld


@pytest.mark.parametrize(
    "spelt", ["[backup]\nkeep = 1", "backup.keep = 1", "backup = { keep = 1 }", "[backup]\nkeep = []"]
)
def test_a_project_cannot_say_how_many_backups_stay(place: Place, spelt: str) -> None:
    place.user.write_text("[backup]\nkeep = 7\n")
    place.project.write_text(f"{spelt}\n")
    for _ in range(2):
        found = place.load()
        assert found.backup.keep == 7
        assert found.hints == (f"{place.project}: backup.keep counts only in your own settings file",)
        trust(place.project, f"{spelt}\n", place.environ)


@pytest.mark.parametrize("known", [b"", b"[]", b"{", b'{"x": 1}', b"\xff", b"[" * 5000])
def test_a_broken_list_of_trusted_files_trusts_none(place: Place, known: bytes) -> None:
    place.project.write_text(DANGEROUS)
    folder = Path(place.environ["PLUGINARY_TUI_DATA_DIR"])
    folder.mkdir()
    (folder / "trusted.json").write_bytes(known)
    assert place.load().withheld
    trust(place.project, DANGEROUS, place.environ)
    assert not place.load().withheld


def test_errors_in_what_does_not_count_do_not_matter(place: Place) -> None:
    place.project.write_text("[scan]\nfolders = 3\n[app]\nkeys = 4\n")
    assert place.load().withheld
    assert problems(environ=place.environ, cwd=place.cwd)[0] == []


def test_every_setting_of_a_scan_is_known_to_be_harmless_or_to_run_code() -> None:
    harmless = {
        *("builtin", "workers", "timeout_s", "memory_limit_mb", "file_limit_mb", "retry_crashed", "load_check"),
        "prefer",
    }
    for setting in config.of_section("scan"):
        assert setting.runs_code != (setting.key in harmless), f"{setting.name}: give it runs_code, or add it here"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
def test_a_link_of_another_user_is_not_used(place: Place) -> None:
    target = place.cwd.parent / "mine.toml"
    target.write_text("[scan]\nworkers = 3\n")
    place.project.symlink_to(target)
    assert place.load().scan.workers == 3
    os.lchown(place.project, 12345, 12345)
    assert place.load().scan.workers == 0


def test_a_file_that_is_user_and_project_file_at_once_is_read_once(place: Place) -> None:
    place.project.write_text("[backup]\nkeep = 1\n")
    found = load(environ={"PLUGINARY_TUI_CONFIG": str(place.project)}, cwd=place.cwd)
    assert found.origin("backup.keep").kind == "file"


def test_a_working_folder_that_is_gone_is_no_error(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place.cwd)
    place.project.write_text("[scan]\nworkers = 1\n")
    assert load(environ=place.environ).scan.workers == 1
    place.cwd.rmdir()
    assert load(environ=place.environ).scan.workers == 0


def test_hints_for_what_is_probably_not_meant(place: Place) -> None:
    found = place.load(SCAN_WORKER="3", WORKER="1", DATADIR="/x", SOMETHING_ELSE="1")
    assert [hint for hint in found.hints if "did you mean" in hint] == [
        "PLUGINARY_TUI_SCAN_WORKER is not used; did you mean PLUGINARY_TUI_SCAN_WORKERS?",
        "PLUGINARY_TUI_DATADIR is not used; did you mean PLUGINARY_TUI_DATA_DIR?",
    ]
    assert any("config init" in hint for hint in found.hints)
    place.user.write_text("version = 1\n")
    assert place.load().hints == ()


def test_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert config.config_path({"PLUGINARY_TUI_CONFIG": "~/a.toml"}) == tmp_path / "a.toml"
    assert config.data_dir({"PLUGINARY_TUI_DATA_DIR": "~/data"}) == tmp_path / "data"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "c"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "d"))
    if sys.platform == "linux":
        assert config.config_path({}) == tmp_path / "c/pluginary-tui/config.toml"
        assert config.data_dir({}) == tmp_path / "d/pluginary-tui"


def test_reading_settings_needs_nothing_heavy() -> None:
    code = (
        "import sys; before = set(sys.modules); import pluginary_tui.config as c; c.Settings(); "
        "print(*(set(sys.modules) - before))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"platformdirs", "tomli_w", "difflib", "textual", "rich", "sqlite3"} & set(loaded)


# --- errors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("\n[scan]\nworker = 1\n", "3: unknown setting scan.worker; did you mean scan.workers?"),
        ("[app]\nworkers = 1\n", "2: unknown setting app.workers; did you mean scan.workers?"),
        ("workers = 1\n", "1: unknown setting workers; did you mean scan.workers?"),
        ("[log]\nlevle = 'info'\n", "2: unknown setting log.levle; did you mean log.level?"),
        ("[log]\nqqq = 1\n", "2: unknown setting log.qqq; 'pluginary-tui config show' lists them all"),
        ("[scann]\nworkers = 1\n", "1: unknown section [scann]; did you mean [scan]?"),
        ("[x]\n", "1: unknown section [x]; the sections are scan, browse, app, log, backup, sound, projects, presets"),
        ("scan = 3\n", "1: scan must be a section; write [scan] and its settings below"),
        ("[[scan]]\nworkers = 1\n", "1: scan must be a section; write [scan] and its settings below"),
        ("version = 1\n[scan]\ntimeout = 5\n", "3: unknown setting scan.timeout; did you mean scan.timeout_s?"),
        ("[scan]\nworkers = 65\n", "2: scan.workers must be a whole number from 0 to 64, not 65"),
        ("[scan]\nworkers = -1\n", "2: scan.workers must be a whole number from 0 to 64, not -1"),
        ("[scan]\nworkers = 2.0\n", "2: scan.workers must be a whole number from 0 to 64, not 2.0"),
        ("[scan]\nworkers = true\n", "2: scan.workers must be a whole number from 0 to 64, not true"),
        (
            '[scan]\nworkers = "4"\n',
            '2: scan.workers must be a whole number from 0 to 64, not "4"; write 4 without quotes',
        ),
        ("[scan]\ntimeout_s = nan\n", "2: scan.timeout_s must be a number from 0.01 to 3600, not nan"),
        ("[scan]\ntimeout_s = 0\n", "2: scan.timeout_s must be a number from 0.01 to 3600, not 0"),
        (
            f"[scan]\nworkers = 0x{'f' * 9000}\n",
            "2: scan.workers must be a whole number from 0 to 64, not a number too large to show",
        ),
        ('[scan]\nbuiltin = "true"\n', '2: scan.builtin must be true or false, not "true"; write true without quotes'),
        ("[scan]\nbuiltin = 1\n", "2: scan.builtin must be true or false, not 1"),
        ("[scan]\nfolders = '/x'\n", '2: scan.folders must be a list of folders, not "/x"'),
        ("[scan]\nfolders = ['']\n", "2: scan.folders holds an empty text; remove it from the list"),
        ("[scan]\nfolders = [1]\n", "2: scan.folders must be a list of folders, each in quotes; 1 is not"),
        ("[browse]\ncolumns = ['name', 'vendr']\n", '2: browse.columns cannot hold "vendr"; did you mean "vendor"?'),
        ("[browse]\ncolumns = ['name', 'name']\n", '2: browse.columns holds "name" twice; remove one'),
        (
            "[browse]\ncolumns = []\n",
            "2: browse.columns must not be empty; its default is favourite, name, vendor, category, params",
        ),
        (
            "[log]\nlevel = 'warn'\n",
            '2: log.level must be one of debug, info, warning, error, not "warn"; did you mean "warning"?',
        ),
        ("[log]\nlevel = ['info']\n", "2: log.level must be one of debug, info, warning, error, not a list"),
        ("[app]\nkeys = 'f'\n", '2: app.keys must be a table of names and texts, not "f"'),
        ("[app.keys]\nscan = 5\n", "2: app.keys.scan must be a text in quotes, not 5"),
        ("[app.keys]\n'' = 'x'\n", "2: app.keys holds an entry without a name; give it one or remove it"),
        ("[scan]\nworkers 3\n", "2: not valid TOML: Expected '=' after a key in a key/value pair; correct that line"),
        ("[log]\nlevel = warning\n", "2: not valid TOML: Invalid value; texts need quotes, lists a closing bracket"),
        (
            "[scan]\nworkers = 1\nworkers = 2\n",
            "3: not valid TOML: Cannot overwrite a value; it is set twice; remove one",
        ),
        ("[scan]\nfolders = [\n", "2: not valid TOML: Invalid value; texts need quotes, lists a closing bracket"),
        ("[scan]\n" + "a = " + "[" * 5000, "is nested too deeply; no setting needs that"),
        (b"[scan]\n\nfolders = ['\xff']\n", "3: is not UTF-8 text; save the file as UTF-8"),
        (b"#" * 300_000, "is over 256 KB, so no settings file; name another one"),
        ("version = 'one'\n", '1: version must be a whole number, not "one"; write version = 1'),
        (
            "# hello\nversion = 2\n[new]\nthing = 1\n",
            "2: written for a newer Pluginary TUI (version 2; this one reads up to 1); "
            "update Pluginary TUI, or name another file with PLUGINARY_TUI_CONFIG",
        ),
        (
            "[scan]\ntimeout = 5\ntimeout_s = 6\n",
            "2: scan.timeout is now called scan.timeout_s, and both are set; remove scan.timeout",
        ),
        ('[log]\n"\\u001b[31m\\n" = 1\n', "2: unknown setting log. [31m; 'pluginary-tui config show' lists them all"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_its_place(place: Place, text: str | bytes, output: str) -> None:
    assert place.error(text).strip() == output


@pytest.mark.parametrize(
    ("variable", "text", "output"),
    [
        ("SCAN_WORKERS", "many", 'scan.workers must be a whole number from 0 to 64, not "many"'),
        ("SCAN_WORKERS", "9" * 5000, "scan.workers must be a whole number from 0 to 64, not"),
        ("SCAN_TIMEOUT_S", "inf", "scan.timeout_s must be a number from 0.01 to 3600, not inf"),
        ("SCAN_BUILTIN", "maybe", 'scan.builtin must be true or false, not "maybe"'),
        ("BROWSE_COLUMNS", "name,vendr", 'browse.columns cannot hold "vendr"; did you mean "vendor"?'),
        ("APP_KEYS", "scan=f5", 'app.keys must be a table of names and texts such as { name = "text" }, not "scan=f5"'),
        ("APP_KEYS", "5", "app.keys must be a table of names and texts, not 5"),
        ("LOG_LEVEL", "\x1b[31minfo", 'log.level must be one of debug, info, warning, error, not "[31minfo"'),
    ],
)
def test_a_bad_variable_is_named(place: Place, variable: str, text: str, output: str) -> None:
    with pytest.raises(SettingsError) as raised:
        place.load(**{variable: text})
    assert str(raised.value).startswith(f"PLUGINARY_TUI_{variable}: {output}")


def test_a_bad_flag_is_named(place: Place) -> None:
    with pytest.raises(
        SettingsError, match=r"^command line: scan.workers must be a whole number from 0 to 64, not 99$"
    ):
        place.load({"scan.workers": 99})
    with pytest.raises(SettingsError, match=r"^unknown setting scan.worker; did you mean scan.workers\?$"):
        place.load({"scan.worker": 1})


def test_every_problem_can_be_listed_at_once(place: Place) -> None:
    place.user.write_text("[scan]\nworkers = 99\nworker = 1\n")
    environ = place.environ | {"PLUGINARY_TUI_LOG_LEVEL": "x"}
    problems, hints = config.problems(environ=environ, cwd=place.cwd)
    assert [problem.partition(": ")[0] for problem in problems] == [
        f"{place.user}:2",
        f"{place.user}:3",
        "PLUGINARY_TUI_LOG_LEVEL",
    ]
    assert hints == []
    with pytest.raises(SettingsError, match=r"\(and 2 more: pluginary-tui config check\)$"):
        load(environ=environ, cwd=place.cwd)


def test_a_file_that_cannot_be_read(place: Place) -> None:
    place.user.mkdir()
    with pytest.raises(SettingsError, match=r"is a folder, not a settings file; move it or name another file$"):
        place.load()
    place.user.rmdir()
    place.user.symlink_to("nowhere")
    with pytest.raises(SettingsError, match=r"cannot be read \(No such file or directory\); check its permissions$"):
        place.load()


def test_the_home_folder_is_shown_as_a_tilde(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(place.user.parent))
    place.user.write_text("x = 1")
    with pytest.raises(SettingsError, match=r"^~/config.toml:1: unknown setting x"):
        place.load()


# --- older files ---------------------------------------------------------------------------------------------------

OLD = """\
# from long ago
[scan]
timeout = 5  # slow disk
"paths" = ["/a"]
"""


@pytest.mark.parametrize(
    "text",
    [OLD, "scan.timeout = 5\nscan.paths = ['/a']\n", "scan = { timeout = 5, paths = ['/a'] }", "version = 0\n" + OLD],
)
def test_an_older_file_is_read_under_the_present_names(place: Place, text: str) -> None:
    place.user.write_text(text)
    found = place.load()
    assert (found.scan.timeout_s, found.scan.folders) == (5.0, ("/a",))
    assert place.user.read_text() == text


def test_an_older_file_is_brought_up_to_date_when_saved_and_kept(place: Place) -> None:
    for keep, name in ((7, "config.toml.bak-0"), (8, "config.toml.bak-0.1")):
        place.user.write_text(OLD)
        save("backup.keep", keep, place.user)
        assert place.user.read_text() == (
            "version = 1\n# from long ago\n[scan]\ntimeout_s = 5  # slow disk\n"
            f'folders = ["/a"]\n\n[backup]\nkeep = {keep}\n'
        )
        assert place.user.with_name(name).read_text() == OLD
    save("backup.keep", 9, place.user)
    assert len(list(place.user.parent.iterdir())) == 3


def test_a_newer_file_is_left_alone(place: Place) -> None:
    place.user.write_text("version = 2\n")
    for change in (lambda: save("backup.keep", 7, place.user), lambda: reset("backup.keep", place.user)):
        with pytest.raises(SettingsError, match="written for a newer Pluginary TUI"):
            change()
    assert place.user.read_text() == "version = 2\n"


# --- writing back --------------------------------------------------------------------------------------------------


TRAP = 'V[browse.queries]\na = """x\n[scan]\nworkers = 1""""\n'


@pytest.mark.parametrize(
    ("before", "name", "value", "after"),
    [
        ("", "scan.workers", 2, "version = 1\n\n[scan]\nworkers = 2\n"),
        ("V[scan]\nworkers = 1 # few\n", "scan.workers", 2, "V[scan]\nworkers = 2 # few\n"),
        ("V[scan]\r\nworkers=1\r\n", "scan.builtin", False, "V[scan]\r\nworkers=1\r\nbuiltin = false\r\n"),
        ("V[scan] # x\n\n# y\n[log]\n", "scan.workers", 2, "V[scan] # x\nworkers = 2\n\n# y\n[log]\n"),
        ("V[log]", "scan.workers", 2, "V[log]\n\n[scan]\nworkers = 2\n"),
        ("Vscan.builtin = true", "scan.workers", 2, "Vscan.builtin = true\nscan.workers = 2\n"),
        ("Vscan = {}", "scan.workers", 2, "Vscan = { workers = 2 }"),
        ("Vscan = { builtin = true }", "scan.workers", 2, "Vscan = { builtin = true, workers = 2 }"),
        ("Vscan = { workers = 1, builtin = true }", "scan.workers", 2, "Vscan = { workers = 2, builtin = true }"),
        ("V[scan]\nfolders = []", "scan.folders", ["/a"], 'V[scan]\nfolders = ["/a"]'),
        ("V[scan]\nfolders = ['/a'] # x", "scan.folders", ["/a", "/b"], "V[scan]\nfolders = ['/a', \"/b\"] # x"),
        ("V[scan]\nfolders = ['/a', '/b', '/c']", "scan.folders", ["/a", "/c"], "V[scan]\nfolders = ['/a', '/c']"),
        ("V[scan]\nfolders = ['/a', '/b',]", "scan.folders", ["/a"], "V[scan]\nfolders = ['/a',]"),
        ("V[scan]\nfolders = ['/a', '/b']", "scan.folders", [], "V[scan]\nfolders = []"),
        ("V[scan]\nfolders = ['/a', '/b']", "scan.folders", ["/b", "/a"], 'V[scan]\nfolders = ["/b", "/a"]'),
        (
            "V[scan]\nfolders = [\n  # mine\n  '/a', # old\n  '/b'  # new, [x]\n  # end\n]\n",
            "scan.folders",
            ["/a", "/b", "/c"],
            "V[scan]\nfolders = [\n  # mine\n  '/a', # old\n  '/b',  # new, [x]\n  \"/c\",\n  # end\n]\n",
        ),
        (
            "V[scan]\nfolders = [\n  # mine\n  '/a', # old\n  '/b', # new\n]\n",
            "scan.folders",
            ["/b", "/c"],
            "V[scan]\nfolders = [\n  # mine\n  '/b', # new\n  \"/c\",\n]\n",
        ),
        ("V[scan]\nfolders = [ # none\n]\n", "scan.folders", ["/c"], 'V[scan]\nfolders = [\n    "/c", # none\n]\n'),
        (
            "V[scan]\nfolders = [\n'/a',\n'/b']",
            "scan.folders",
            ["/a", "/b", "/c"],
            "V[scan]\nfolders = [\n'/a',\n'/b', \"/c\"]",
        ),
        ("V[browse.queries]\na = 'x' # y\n", "browse.queries", {"b": "z"}, 'V[browse.queries]\nb = "z"\n'),
        (
            "V[browse.queries]\na = 'x' # y\n",
            "browse.queries.b c",
            "z",
            'V[browse.queries]\na = \'x\' # y\n"b c" = "z"\n',
        ),
        (
            "V[browse]\nqueries = { a = 'x' }\n",
            "browse.queries.b",
            "z",
            "V[browse]\nqueries = { a = 'x', b = \"z\" }\n",
        ),
        ("V[browse]\nqueries.a = 'x'\n", "browse.queries.b", "z", "V[browse]\nqueries.a = 'x'\nqueries.b = \"z\"\n"),
        ("Vbrowse = { detail = true }", "browse.queries.b", "z", 'Vbrowse = { detail = true, queries.b = "z" }'),
        (
            "V[browse]\ndetail = true\n",
            "browse.queries.b.c",
            "z",
            'V[browse]\ndetail = true\n\n[browse.queries]\n"b.c" = "z"\n',
        ),
        (TRAP, "scan.workers", 2, TRAP + "\n[scan]\nworkers = 2\n"),
        ("V['scan']\n\"work\\u0065rs\" = 1\n", "scan.workers", 2, "V['scan']\n\"work\\u0065rs\" = 2\n"),
        (
            "V[x]\nd = 1979-05-27 07:32:00 # when\n[scan]\n",
            "scan.workers",
            2,
            "V[x]\nd = 1979-05-27 07:32:00 # when\n[scan]\nworkers = 2\n",
        ),
        ("\ufeffV[scan]\nworkers = 1\n", "scan.workers", 2, "\ufeffV[scan]\nworkers = 2\n"),
    ],
)
def test_saving_changes_no_more_than_it_must(place: Place, before: str, name: str, value: object, after: str) -> None:
    if before:
        place.user.write_bytes(before.replace("V", "version = 1\n").encode())
    save(name, value, place.user)
    assert place.user.read_bytes().decode() == after.replace("V", "version = 1\n")


@pytest.mark.parametrize(
    ("before", "name", "after"),
    [
        ("[scan]\nworkers = 1 # x\nbuiltin = true\n", "scan.workers", "[scan]\nbuiltin = true\n"),
        ("[scan]\nfolders = [\n  '/a', # x\n]\n\n# y\n", "scan.folders", "[scan]\n\n# y\n"),
        ("scan = { workers = 1, builtin = true }\n", "scan.workers", "scan = { builtin = true }\n"),
        ("scan = { builtin = true, workers = 1 }\n", "scan.workers", "scan = { builtin = true }\n"),
        ("[browse.queries]\na = 'x'\n# y\nb = 'z'", "browse.queries", "[browse.queries]\n# y\n"),
        ("[browse.queries]\na = 'x'\nb = 'z'", "browse.queries.a", "[browse.queries]\nb = 'z'"),
        ("[scan]\nworkers = 1\n", "log.level", "[scan]\nworkers = 1\n"),
        ("\n[scan]\nworkers = 1\n", "scan.workers", ""),
        ("[scan]\nworkers = 1\n\n[log]\nlevel = 'info'\n", "scan.workers", "[log]\nlevel = 'info'\n"),
        ("[app.keys]\na = 'x'\n", "app.keys.a", ""),
        ("[app]\n\n[app.keys]\na = 'x'\n", "app.keys.a", ""),
        ("[app]\n# mine\n[app.keys]\na = 'x'\n", "app.keys.a", "[app]\n# mine\n"),
        ("[scan] # mine\nworkers = 1\n", "scan.workers", "[scan] # mine\n"),
        ("[scan]\n[log]\nlevel = 'info'\n", "scan.workers", "[scan]\n[log]\nlevel = 'info'\n"),
    ],
)
def test_reset_takes_one_setting_out(place: Place, before: str, name: str, after: str) -> None:
    place.user.write_text("version = 1\n" + before)
    reset(name, place.user)
    assert place.user.read_text() == "version = 1\n" + after


@pytest.mark.parametrize("name", ["app.theme", "app.keys.search", "scan.folders"])
@pytest.mark.parametrize("before", ["version = 1\n", "version = 1\n[log]\nlevel = 'info'\n", "version = 1\r\n"])
def test_what_is_saved_and_taken_back_leaves_no_trace(place: Place, before: str, name: str) -> None:
    value = ["/x"] if name == "scan.folders" else "f5" if "keys" in name else "nord"
    place.user.write_bytes(before.encode())
    save(name, value, place.user)
    assert place.user.read_bytes() != before.encode()
    reset(name, place.user)
    assert place.user.read_bytes() == before.encode()


def test_reset_without_a_file_makes_none(place: Place) -> None:
    reset("scan.workers", place.user)
    assert not place.user.exists()


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("scan = 3", "scan.workers", 2),
        ("[[scan]]", "scan.workers", 2),
        ("[browse]\nqueries = 3", "browse.queries.a", "x"),
        ("[scan]\nfolders = ['/a', # first\n '/b']", "scan.folders", ["/b", "/a"]),
        ("[scan]\nfolders = [ # x\n'/a', # first\n '/b'] # y", "scan.folders", []),
        ("[scan]\nfolders = ['/a']", "scan.folders", ["/a", "/\udcff"]),
        ("[scan\n", "scan.workers", 2),
    ],
)
def test_what_cannot_be_changed_safely_is_refused(place: Place, text: str, name: str, value: object) -> None:
    place.user.write_text("version = 1\n" + text)
    with pytest.raises(SettingsError):
        save(name, value, place.user)
    assert place.user.read_text() == "version = 1\n" + text
    assert list(place.user.parent.iterdir()) == [place.user]


def test_a_value_that_does_not_fit_is_not_saved(place: Place) -> None:
    for name, value in (("scan.workers", 99), ("scan.worker", 1), ("browse.queries.a", 5)):
        with pytest.raises(SettingsError):
            save(name, value, place.user)
    assert not place.user.exists()


def test_folders_keep_the_words_they_were_written_in(place: Place) -> None:
    place.user.write_text("version = 1\n[scan]\nfolders = ['~/a', 'b'] # x\n")
    save("scan.folders", [*place.load().scan.folders, "/new"], place.user)
    assert place.user.read_text() == "version = 1\n[scan]\nfolders = ['~/a', 'b', \"/new\"] # x\n"


def test_a_linked_file_stays_a_link_and_keeps_its_mode(place: Place) -> None:
    real = place.cwd / "dotfiles.toml"
    real.write_text("version = 1\n")
    real.chmod(0o640)
    place.user.symlink_to(real)
    save("scan.workers", 2, place.user)
    assert place.user.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert place.load().scan.workers == 2
    assert [path.name for path in place.cwd.iterdir()] == ["dotfiles.toml"]


def test_where_nothing_can_be_written_one_line_says_so(place: Place) -> None:
    file = place.cwd / "file"
    file.write_text("")
    for change in (lambda: save("scan.workers", 2, file / "config.toml"), lambda: init(file / "config.toml")):
        with pytest.raises(SettingsError, match=r"cannot be written \(.*\); check the permissions"):
            change()


def test_init_writes_the_example_once(place: Place) -> None:
    path = place.user.parent / "new" / "config.toml"
    init(path)
    assert path.read_text() == example()
    with pytest.raises(SettingsError, match=r"is there already; edit it, or move it away first$"):
        init(path)


# --- any value, any file -------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(str.strip)


def values(name: str) -> st.SearchStrategy[Any]:
    setting = SETTINGS[name]
    return {
        "bool": st.booleans(),
        "int": st.integers(int(setting.minimum), int(min(setting.maximum, 10**9))),
        "float": st.floats(max(setting.minimum, 0.01), min(setting.maximum, 1e9)),
        "text": st.sampled_from(setting.choices or ("",)),
        "list": st.lists(st.sampled_from(setting.choices or ("",)), unique=True, min_size=int(setting.minimum)),
        "folders": st.lists(TEXTS, unique=True, max_size=5),
        "patterns": st.lists(TEXTS, unique=True, max_size=5),
        "table": st.dictionaries(TEXTS, TEXTS, max_size=4),
    }[setting.kind]


CHANGES = st.sampled_from(sorted(SETTINGS)).flatmap(lambda name: st.tuples(st.just(name), values(name)))
COMMENTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(lambda text: f"# {text}")


@st.composite
def files(draw: st.DrawFn) -> str:
    """A file with some of the settings, each after a comment and before another, in any order of sections."""
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    lines = [draw(COMMENTS), "version = 1", draw(COMMENTS)]
    for section in draw(st.permutations(list(config.SECTIONS))):
        if draw(st.booleans()):
            continue
        lines += ["", f" [ {section} ] {draw(COMMENTS)}"]
        for setting in config.of_section(section):
            if draw(st.booleans()):
                continue
            value = draw(values(setting.name))
            lines.append(draw(COMMENTS))
            if setting.kind == "table":
                lines.append(f"[{setting.name}]")
                lines += [f"{_quoted(key)}={_quoted(text)} {draw(COMMENTS)}" for key, text in value.items()]
            else:
                written = "[" + " ,".join(map(_quoted, value)) + "]" if isinstance(value, list) else str(value).lower()
                written = _quoted(value) if isinstance(value, str) else written
                lines.append(f"  {setting.key}  =  {written} {draw(COMMENTS)}")
    return newline.join(lines) + draw(st.sampled_from(["", newline]))


def _quoted(text: str) -> str:
    return '"' + "".join(c if c.isalnum() and c.isascii() else f"\\U{ord(c):08x}" for c in text) + '"'


@settings(deadline=None, max_examples=150)
@given(files(), CHANGES)
def test_whatever_is_saved_comes_back_and_other_lines_stay(
    tmp_path_factory: pytest.TempPathFactory, text: str, change: tuple[str, Any]
) -> None:
    path = tmp_path_factory.mktemp("save") / "config.toml"
    path.write_bytes(text.encode())
    name, value = change
    before = tomllib.loads(text)
    setting = SETTINGS[name]
    save(name, value, path)
    after = path.read_bytes().decode()

    old, new = before.get(setting.section, {}).pop(setting.key, None), tomllib.loads(after)
    assert new.get(setting.section, {}).pop(setting.key, {}) == value
    assert {k: v for k, v in new.items() if v != {}} == {k: v for k, v in before.items() if v != {}}

    key = setting.key if setting.kind != "table" else None
    untouched = [line for line in text.splitlines(keepends=True) if not _writes(line, key, old)]
    if value == {}:  # a table that has become empty goes with its header, and the blank lines behind that
        untouched = [line for line in untouched if line.strip() not in ("", f"[{name}]")]
    remaining = iter(after.splitlines(keepends=True))
    newline = "\r\n" if "\r\n" in text else "\n"  # what the last line may have been given
    assert all(any(there in (line, line + newline) for there in remaining) for line in untouched)

    reset(name, path)
    assert (
        setting.key not in tomllib.loads(path.read_bytes().decode()).get(setting.section, {}) or setting.kind == "table"
    )


def _writes(line: str, key: str | None, old: object) -> bool:
    """Whether `line` is one that a change of `key` (or of any of the table `old`) may rewrite."""
    if key is not None:
        return re.match(rf"  {key}  =", line) is not None
    return isinstance(old, dict) and line.startswith(tuple(f"{_quoted(name)}=" for name in old))


@settings(deadline=None)
@given(
    st.recursive(
        TEXTS | st.integers() | st.booleans(),
        lambda inner: (
            st.lists(inner, max_size=3).map(lambda items: [*items, 0]) | st.dictionaries(TEXTS, inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_every_value_is_found_where_it_stands(value: Any) -> None:
    import tomli_w

    text = tomli_w.dumps({"top": 1, "a b": {"x": value, "y": [value, 0]}})
    for span in scan(text):
        if span.kind != "header" and span.last_key[0] != span.last_key[1]:
            found: Any = tomllib.loads(text)
            for part in span.path:
                found = found[int(part)] if isinstance(found, list) else found[part]
            assert tomllib.loads(f"v = {text[slice(*span.value)]}")["v"] == found
