"""Real plugins are what a person who knows them says they are."""

from __future__ import annotations

from pathlib import Path

from pluginary_tui.catalogue.passports import Passports
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import Settings
from pluginary_tui.scan.run import Options, Scan
from pluginary_tui.sound.description import NAMES
from pluginary_tui.sound.metrics import BEHAVIOURS
from pluginary_tui.sound.passport import Passport, from_json
from pluginary_tui.sound.run import Measuring
from tests.support.sound_truth import table, words


def measured(data_dir: Path, settings: Settings, folder: Path) -> dict[str, Passport]:
    Scan(settings, data_dir, Options(only=(folder,))).run(lambda event: None)
    with Store.in_folder(data_dir) as store:
        plugins = [plugin for plugin in store.plugins() if plugin.format == "vst3"]
    Measuring(settings, data_dir, plugins).run(lambda event: None)
    with Store.in_folder(data_dir) as store:
        return {id_: from_json(data) for id_, data in Passports(store).documents().items()}


def test_the_table_uses_words_that_there_are() -> None:
    for id_, truth in table().items():
        assert {*truth.right, *truth.wrong} <= set(BEHAVIOURS), id_
        assert not set(truth.right) & set(truth.wrong), id_


def test_the_words_of_real_plugins_are_words() -> None:
    for id_, truth in words().items():
        assert {*truth.right, *truth.wrong} <= set(NAMES), id_
        assert not set(truth.right) & set(truth.wrong), id_


def test_real_plugins_are_called_what_they_are(zam: Path, data_dir: Path, settings: Settings) -> None:
    passports, truths = measured(data_dir, settings, zam), table()
    called = {id_: passport.behaves for id_, passport in passports.items() if id_ in truths}
    assert len(called) >= 17
    assert {id_: word for id_, word in called.items() if word in truths[id_].wrong} == {}
    answer = {id_: word for id_, word in called.items() if truths[id_].right}
    assert {id_: word for id_, word in answer.items() if word not in truths[id_].right} == {}
    faults = {(id_, fault.name) for id_, passport in passports.items() for fault in passport.faults}
    nan = {("vst3/damien-zammit/zameq2", "unstable")}  # some versions of it give NaN as loaded
    assert faults <= nan
    sounds = {id_: passport.sounds.keys() for id_, passport in passports.items() if id_ in words()}
    assert len(sounds) >= 9
    missing = {id_: set(words()[id_].right) - output for id_, output in sounds.items()}
    wrong = {id_: set(words()[id_].wrong) & output for id_, output in sounds.items()}
    assert {id_: output for id_, output in missing.items() if output} == {}
    assert {id_: output for id_, output in wrong.items() if output} == {}
