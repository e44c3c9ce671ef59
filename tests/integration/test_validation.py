"""Validating: each fault of the zoo is found, good plugins are not accused, and a crash costs no passport."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pluginary_tui.catalogue.passports import Passports
from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import Settings
from pluginary_tui.model import Plugin
from pluginary_tui.scan.run import Options, Scan
from pluginary_tui.sound.metrics import FAULTS
from pluginary_tui.sound.passport import Passport, from_json
from pluginary_tui.sound.probe.output_monitor import Audio
from pluginary_tui.sound.probe.validation import RATES, validate
from pluginary_tui.sound.run import Measuring
from tests.plugins.build import build, compiler, good

VALIDATING = frozenset({"breaks", "hosts", "state", "automation"})


def measured(data_dir: Path, folder: Path) -> dict[str, Passport]:
    settings = Settings()
    settings = replace(settings, scan=replace(settings.scan, builtin=False))
    Scan(settings, data_dir, Options(only=(folder,))).run(lambda event: None)
    with Store.in_folder(data_dir) as store:
        plugins = store.plugins()
        Measuring(settings, data_dir, plugins).run(lambda event: None)
        return {Path(plugin.path).stem: _passport(store, plugin) for plugin in plugins}


def _passport(store: Store, plugin: Plugin) -> Passport:
    kept = Passports(store).get(plugin)
    assert kept
    assert kept.outcome == "ok", (plugin.name, kept.error)
    return from_json(kept.data)


def found(passport: Passport) -> dict[str, str]:
    return {verdict.name: verdict.evidence for verdict in passport.verdicts if verdict.name in VALIDATING}


@pytest.mark.skipif(compiler() is None, reason="needs a C compiler")
def test_every_fault_of_the_zoo_is_found(data_dir: Path, folder: Path) -> None:
    faults = {
        "forgets_state": ("state", "restored from the default"),
        "nan_at_rate": ("hosts", "At 96,000 Hz it gives values that are no numbers"),
        "nan_in_small_buffer": ("hosts", "buffers of 1 sample "),
        "nan_when_moved": ("automation", "with seed 1"),
        "dies_at_rate": ("breaks", "SIGABRT"),
    }
    for kind in faults:
        build(kind, folder, name=kind)
    good(folder, "Fine")
    passports = measured(data_dir, folder)
    assert found(passports.pop("Fine")) == {}
    assert passports.keys() == faults.keys()
    for kind, (verdict, evidence) in faults.items():
        output = found(passports[kind])
        assert list(output) == [verdict], kind
        assert evidence in output[verdict], kind
        assert passports[kind].settings[0].figures, "the rest of the passport stands"
        assert passports[kind].costs.keys() >= {"cpu"}, "and its cost was measured"
    answer = subprocess.run(
        [sys.executable, "-m", "pluginary_tui", "list", "is:breaks | is:state", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(json.loads(answer.stdout)["plugins"]) == 2


@pytest.mark.usefixtures("zam")
def test_good_plugins_are_not_accused(data_dir: Path, some_zam: Path) -> None:
    passports = measured(data_dir, some_zam)
    assert len(passports) == 6
    for name, passport in passports.items():
        # Debian 13's ZamEQ2 gives NaN as loaded, which another verdict says.
        assert found(passport) == {}, name
        assert passport.checks, name
        assert passport.made_with["pedalboard"]


class Kept:
    """A gain with a state, which can be made to go wrong."""

    instrument = False
    channels = 1
    can_be_saved = True
    knobs: Sequence[tuple[str, float, int]] = (("gain", 0.5, 0),)

    def __init__(self, wrong: str = "") -> None:
        self.gain = 0.5
        self.wrong = wrong
        self.begun = 0

    def process(self, audio: Audio, block: int) -> Audio:
        return self.process_at(audio, 48_000, block)

    def process_at(self, audio: Audio, rate: float, block: int, *, reset: bool = True) -> Audio:
        if self.wrong == "refuses" and rate == RATES[0]:
            raise ValueError("No such rate.\nNever.")
        if self.wrong == "stuck" and rate == RATES[0] and not self.begun:
            return audio * 0
        if self.wrong == "silent" and rate == RATES[0]:
            return audio * 0
        if self.wrong == "denormal" and 0 < np.max(np.abs(audio)) < 1e-30:
            return audio * np.nan
        if self.wrong == "always":
            return audio * np.nan
        return np.asarray(audio * self.gain, np.float32)

    def begin_anew(self) -> None:
        self.gain = 0.5
        self.begun += 1

    def save(self) -> bytes:
        return repr(self.gain).encode()

    def restore(self, state: bytes) -> None:
        if self.wrong != "forgets":
            # Rounded in its state, as texts of few digits do it: no fault.
            self.gain = round(float(state), 3) * (1.001 if self.wrong == "rounds" else 1)

    def turn(self, positions: Mapping[int, float]) -> dict[str, str]:
        self.gain = positions.get(0, 0.5)
        return {}


@pytest.mark.parametrize(
    ("wrong", "verdict", "evidence"),
    [
        ("", "", ""),
        ("rounds", "", ""),
        ("stuck", "", ""),  # in an instance that was used at another rate before, and in no other
        ("forgets", "state", "setting 1 of seed 7"),
        ("refuses", "hosts", "At 96,000 Hz it fails (No such rate)."),
        ("silent", "hosts", "it is silent"),
        ("denormal", "hosts", "ith denormal input"),
        ("always", "", ""),  # that is a verdict of its own
    ],
)
def test_what_is_wrong_is_told_apart(wrong: str, verdict: str, evidence: str) -> None:
    stages: list[str] = []
    verdicts, checks = validate(Kept(wrong), 7, stages.append)
    assert [each.name for each in verdicts] == ([verdict] if verdict else [])
    assert not verdict or evidence in verdicts[0].evidence
    assert checks
    assert all(stage.startswith("check") for stage in stages)
    assert verdict in FAULTS | {""}
    assert validate(Kept(wrong), 7, stages.append) == (verdicts, checks), "the seed makes it the same"
