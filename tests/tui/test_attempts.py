"""What plugins tried and the sandbox refused is told: in queries, in `show`, in the detail and on Health."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from textual.pilot import Pilot

from pluginary_tui.catalogue.store import Store
from pluginary_tui.config import load
from pluginary_tui.isolation.linux.sandbox.confinement import offered
from pluginary_tui.scan.run import Options, Scan
from pluginary_tui.tui.app import PluginaryApp
from pluginary_tui.tui.core.session import Session
from pluginary_tui.tui.dialogs.menu import Confirm
from tests.plugins.build import compiler, good
from tests.support.pilot_helpers import screen_text, until

pytestmark = pytest.mark.skipif(compiler() is None or not offered().notify, reason="needs notification and a compiler")


@pytest.fixture
def zoo(tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A plugin for each kind of attempt, a shell of which one plugin tries, and one that fails over its helper."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PLUGINARY_TUI_SCAN_BUILTIN", "false")
    monkeypatch.setenv("ZOO_WITNESS", str(tmp_path))
    monkeypatch.setenv("ZOO_TCP", "1")
    folder = tmp_path / "zoo"
    good(folder, "Caller", behaviour="esc_tcp", stage="entry")
    good(folder, "Scribe", behaviour="esc_create", stage="create")
    good(folder, "Starter", behaviour="esc_exec", stage="initialise")
    good(folder, "Shell", classes=3, behaviour="esc_udp", stage="create", which=1)
    good(folder, "Helper", behaviour="esc_exec", stage="create", more=(("refuse", "initialise", -1),))
    good(folder, "Quiet")
    chosen = load({"scan.workers": 1, "scan.load_check": False})
    Scan(chosen, data_dir, Options(only=(folder,))).run(lambda event: None)
    return folder


def text(pilot: Pilot[None]) -> str:
    """What the terminal shows, as one row of words: lines break where the path of the test's folder wants it."""
    return " ".join(" ".join(screen_text(pilot)).replace("│", " ").split())


def output(*words: str) -> str:
    command = [sys.executable, "-m", "pluginary_tui", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_queries_and_show_tell_it(zoo: Path) -> None:
    expected = {
        "is:online": {"Caller", "Shell 002"},
        "is:writes": {"Scribe"},
        "is:executes": {"Starter", "Helper"},
        "-is:online -is:writes -is:executes": {"Quiet", "Shell 001", "Shell 003"},
    }
    for query, names in expected.items():
        found = json.loads(output("list", "--json", "--", *query.split()))
        assert {plugin["name"] for plugin in found["plugins"]} == names, query
    shown = json.loads(output("show", "Starter", "--json"))
    (attempt,) = shown["attempts"]
    assert (attempt["kind"], attempt["during"], shown["sandbox"]) == ("executes", "read", "guarded")
    assert attempt["what"].startswith("start /bin/sh -c echo zoo")
    assert "wanted to reach the network (IPv4)" in output("show", "Caller")
    assert json.loads(output("show", "Quiet", "--json"))["attempts"] == []


async def test_health_says_what_a_failure_may_follow_from_and_tries_it_free(zoo: Path, data_dir: Path) -> None:
    session = Session(load({"scan.load_check": False}), data_dir)
    try:
        async with PluginaryApp(session).run_test(size=(140, 45)) as pilot:
            await pilot.press("3")
            await until(pilot, lambda: "It wanted to start /bin/sh -c" in text(pilot))
            assert "the sandbox does not let it" in text(pilot)
            await pilot.press("x")
            await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
            assert not (zoo.parent / "esc_exec").exists()
            await pilot.press("y")
            await until(pilot, (zoo.parent / "esc_exec").exists)
            await until(pilot, lambda: session.scan is None)
    finally:
        session.close()
    with Store.in_folder(data_dir) as store:
        assert {info.name: info.sandbox for info in store.bundles()}["Helper"] == "off"
        assert {info.name: info.sandbox for info in store.bundles()}["Starter"] == "guarded"
