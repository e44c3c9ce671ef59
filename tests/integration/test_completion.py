"""Completion in real shells: what the tab key does to a line."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Bundle, Outcome, ProbedPlugin, Report
from tests.support.pty_terminal import Terminal

SHELLS = {
    "bash": (["bash", "--norc", "-i"], ['eval "$(pluginary-tui completion bash)"']),
    "zsh": (
        ["zsh", "-f", "-i"],
        ['PS1="$ "; autoload -Uz compinit; compinit -u -D', 'eval "$(pluginary-tui completion zsh)"'],
    ),
    "fish": (["fish", "--no-config", "-i"], ["pluginary-tui completion fish | source"]),
}

EVERYWHERE = {
    "do": "doctor",
    "config in": "config init",
    "list --li": "list --limit",
    "show vst3/acme/g": "show vst3/acme/good",
    "snippet ver": "snippet vst3/damien-zammit/verb",
    "list good ven": "list good vendor:",
    "list vendor:ac": "list vendor:Acme",
    "list -- -vendor:ac": "list -- -vendor:Acme",
    "list sort:-na": "list sort:-name",
    r"export x.json \#lo": r"export x.json \#loud",
}
SPELLED = {  # fish offers nothing that goes on with a quote
    "list vendor:da": r"list vendor:\"Damien\ Zammit\"",
    "list 'vendor:da": """list 'vendor:"Damien Zammit"'""",
    'list "vendor:da': r'list "vendor:\"Damien Zammit\"',
    "list vendor:acme,da": r"list vendor:acme,\"Damien\ Zammit\"",
    "scan --only /usr/shar": "scan --only /usr/share/",
}
CASES = [
    (shell, typed, becomes)
    for shell in SHELLS
    for typed, becomes in (EVERYWHERE if shell == "fish" else EVERYWHERE | SPELLED).items()
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with a catalogue, and the command on the path."""
    home = tmp_path_factory.mktemp("home")
    with Store.in_folder(home / "data") as store:
        journal = Journal(store)
        journal.begin([])
        for name, vendor in (("Good", "Acme"), ("Bad", "Acme"), ("Verb", "Damien Zammit")):
            report = Report(Bundle(f"/x/{name}.vst3", "vst3", name, "1"), Outcome.OK, [ProbedPlugin(name, vendor)])
            journal.finish(report, [("Reverb",)], quarantine=False)
        journal.end({})
        store.add_tag(["vst3/acme/good"], "loud")
    command = home / "bin" / "pluginary-tui"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pluginary_tui "$@"\n')
    command.chmod(0o755)
    return home


@pytest.fixture(scope="module")
def shells(home: Path) -> Iterator[dict[str, Terminal]]:
    """Shells that have read the script, each begun when it is first asked for."""
    begun: dict[str, Terminal] = {}
    yield begun
    for terminal in begun.values():
        terminal.close()


def begin(shell: str, home: Path) -> Terminal:
    command, lines = SHELLS[shell]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PLUGINARY_TUI_")}
    own = {"HOME": str(home), "TERM": "xterm", "PS1": "$ ", "PLUGINARY_TUI_DATA_DIR": str(home / "data")}
    terminal = Terminal(command, {**env, **own, "PATH": f"{home / 'bin'}:{env['PATH']}"})
    terminal.read(1)
    for number, line in enumerate(lines):
        terminal.press(f"{line}; echo done-{number}-{'x' * 3}\n")
        terminal.until(lambda number=number: f"done-{number}-xxx" in terminal.lines)  # type: ignore[misc]
    return terminal


@pytest.mark.parametrize(("shell", "typed", "becomes"), CASES, ids=lambda text: ascii(text))
def test_what_the_tab_key_does(shell: str, typed: str, becomes: str, home: Path, shells: dict[str, Terminal]) -> None:
    if not shutil.which(shell):
        pytest.skip(f"needs {shell}")
    if shell not in shells:
        shells[shell] = begin(shell, home)
    terminal = shells[shell]
    terminal.screen.reset()
    terminal.press("\x15")
    terminal.press(f"pluginary-tui {typed}\t")
    wanted, ends_at = f"pluginary-tui {becomes}", time.monotonic() + 20
    while not any(wanted in line for line in terminal.lines) and time.monotonic() < ends_at:
        terminal.read(0.1)
    assert any(wanted in line for line in terminal.lines), terminal.text.strip()
    terminal.press("\x03")
    terminal.read(0.2)
