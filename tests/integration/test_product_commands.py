"""Products of several formats in the catalogue and on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pluginary_tui.catalogue import product_choices
from pluginary_tui.catalogue.exchange.export import export
from pluginary_tui.catalogue.exchange.import_ import import_file
from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.cli.commands import main
from pluginary_tui.model import Bundle, Outcome, ProbedPlugin, Report

HERE = (
    ("vst3", "Gate Stereo", "LSP VST3"),
    ("clap", "Gate Stereo", "LSP CLAP"),
    ("lv2", "LSP Gate Stereo", "LSP LV2"),
    ("lv2", "LSP Gate Mono", "LSP LV2"),
    ("vst3", "Verb", "Acme"),
    ("clap", "Big Verb", "Acme Audio"),
)


def scan(data_dir: Path) -> None:
    with Store.in_folder(data_dir) as store:
        journal = Journal(store)
        reports = [
            Report(
                Bundle(f"/x/{format_}/{name}", format_, name, "1"),
                Outcome.OK,
                [ProbedPlugin(name, vendor, "1", uid=f"{format_}{name}")],
            )
            for format_, name, vendor in HERE
        ]
        journal.begin([each.bundle for each in reports])
        for each in reports:
            journal.finish(each, [()], quarantine=False)
        journal.end({})


def run(data_dir: Path, *words: str) -> Result:
    return CliRunner().invoke(main, words, env={"PLUGINARY_TUI_DATA_DIR": str(data_dir)})


def listed(data_dir: Path, *words: str) -> dict[str, list[str]]:
    done = run(data_dir, "list", "--products", "--json", *words)
    assert done.exit_code == 0, done.output
    return {each["product"]: each["formats"] for each in json.loads(done.stdout)["products"]}


def test_one_product_is_one_line_with_its_formats(data_dir: Path) -> None:
    scan(data_dir)
    assert listed(data_dir) == {
        "acme-audio/big-verb": ["clap"],
        "lsp/gate-mono": ["lv2"],
        "lsp/gate-stereo": ["vst3", "clap", "lv2"],
        "acme/verb": ["vst3"],
    }
    assert listed(data_dir, "format:clap", "gate") == {"lsp/gate-stereo": ["vst3", "clap", "lv2"]}
    text = run(data_dir, "list", "--products", "gate stereo").stdout
    assert "VST3, CLAP, LV2" in text
    found = json.loads(run(data_dir, "list", "--json", "product:lsp/gate-stereo").stdout)["plugins"]
    assert {each["format"] for each in found} == {"vst3", "clap", "lv2"}
    assert {each["product"] for each in found} == {"lsp/gate-stereo"}


def test_the_settings_say_which_format_stands_for_it(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan(data_dir)
    monkeypatch.setenv("PLUGINARY_TUI_SCAN_PREFER", "lv2,clap")
    found = json.loads(run(data_dir, "list", "--products", "--json", "gate stereo").stdout)["products"][0]
    assert found["formats"] == ["lv2", "clap", "vst3"] and found["name"] == "LSP Gate Stereo"


def test_what_was_joined_and_parted_survives_scans_and_imports(data_dir: Path, tmp_path: Path) -> None:
    scan(data_dir)
    assert run(data_dir, "products", "join", "vst3/acme/verb", "clap/acme-audio/big-verb").exit_code == 0
    assert run(data_dir, "products", "part", "clap/lsp-clap/gate-stereo").exit_code == 0
    expected = {
        "lsp/gate-mono": ["lv2"],
        "lsp/gate-stereo": ["vst3", "lv2"],
        "clap/lsp-clap/gate-stereo": ["clap"],
        "acme/verb": ["vst3", "clap"],
    }
    assert listed(data_dir) == expected
    scan(data_dir)
    assert listed(data_dir) == expected
    assert run(data_dir, "products", "as-named", "clap/acme-audio/big-verb", "clap/lsp-clap/gate-stereo").exit_code == 0
    assert listed(data_dir)["lsp/gate-stereo"] == ["vst3", "clap", "lv2"] and "acme-audio/big-verb" in listed(data_dir)
    assert run(data_dir, "products", "join", "vst3/acme/verb").exit_code == 2
    assert "There is no plugin" in run(data_dir, "products", "part", "vst3/nobody/nothing").output


def test_imported_plugins_belong_to_their_products(data_dir: Path, tmp_path: Path) -> None:
    scan(data_dir)
    with Store.in_folder(data_dir) as store:
        export(store, store.plugins(), tmp_path / "all.json")
    with Store.in_folder(tmp_path / "other") as store:
        import_file(store, tmp_path / "all.json")
        found = {plugin.product for plugin in store.plugins()}
        assert found == {"lsp/gate-stereo", "lsp/gate-mono", "acme/verb", "acme-audio/big-verb"}
        assert [each.id for each in product_choices.products(store.plugins())]


def test_a_choice_follows_a_plugin_that_gets_another_id(data_dir: Path) -> None:
    from pluginary_tui.catalogue.carry_over import move

    scan(data_dir)
    with Store.in_folder(data_dir) as store:
        product_choices.join(store, ["vst3/acme/verb", "clap/acme-audio/big-verb"])
        with store.writing() as db:
            move(db, "clap/acme-audio/big-verb", "clap/acme-audio/bigger-verb")
        assert (
            dict(store.db.execute("SELECT id, product FROM product_choice"))["clap/acme-audio/bigger-verb"]
            == "acme/verb"
        )
