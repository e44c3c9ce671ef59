"""Completion in real shells: what the tab key does to a line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pluginary_tui.catalogue.journal import Journal
from pluginary_tui.catalogue.store import Store
from pluginary_tui.model import Bundle, Outcome, ProbedPlugin, Report, slug
from pluginary_tui.search.query_edit import quoted
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


HOSTILE = (
    "r'$(touch${IFS}X)'x",
    "s`touch X`;touch X&",
    "q$(touch X)|\\\\y",
    "u!!*?[a]{b,c}~^",
    "v:w=x:#y",
    "k\\n\\e 'z",
)
"""Names of vendors; the first letter of each tells it from the others."""


@pytest.fixture(scope="module")
def hostile_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with hostile names. The command writes its arguments to a file, instead of taking them."""
    home = tmp_path_factory.mktemp("hostile")
    with Store.in_folder(home / "data") as store:
        journal = Journal(store)
        journal.begin([])
        for number, vendor in enumerate(HOSTILE):
            found = ProbedPlugin(f"P{number}", vendor)
            report = Report(Bundle(f"/x/{number}.vst3", "vst3", str(number), "1"), Outcome.OK, [found])
            journal.finish(report, [()], quarantine=False)
            store.add_tag([f"vst3/{slug(vendor)}/p{number}"], vendor)
        journal.end({})
    command = home / "bin" / "pluginary-tui"
    command.parent.mkdir()
    command.write_text(
        f'#!/bin/sh\n[ -n "$_PLUGINARY_TUI_COMPLETE" ] || [ "$1" = completion ] || '
        f"{{ printf '%s\\0' \"$@\" > {home}/got; exit; }}\n"
        f'exec "{sys.executable}" -m pluginary_tui "$@"\n'
    )
    command.chmod(0o755)
    (home / "a").touch()  # what patterns might find
    return home


@pytest.mark.parametrize(
    ("shell", "start"),
    [
        *(("bash", start) for start in ("vendor:", "'vendor:", 'vendor:zz,"')),
        *((shell, "vendor:") for shell in ("zsh", "fish")),
    ],
)
def test_no_name_is_run_by_a_shell(shell: str, start: str, hostile_home: Path) -> None:
    """A name in the catalogue reaches the command as it is, whatever it holds and whichever quote is open."""
    if not shutil.which(shell):
        pytest.skip(f"needs {shell}")
    terminal = begin(shell, hostile_home)
    got, came = hostile_home / "got", 0
    quote = "".join(letter for letter in start if letter in "\"'")
    try:
        terminal.press(f"cd {hostile_home}\n")
        for vendor in HOSTILE:
            terminal.press(f"pluginary-tui list {start}{vendor[0]}\t")
            terminal.read(1)
            for last in ("\n", f"{quote}\n"):  # where the name has quotes, readline does not close the one typed
                terminal.press("" if got.exists() else last)
                ends_at = time.monotonic() + (5 if shell == "bash" else 1)
                while not got.exists() and time.monotonic() < ends_at:
                    terminal.read(0.1)
            assert not (hostile_home / "X").exists(), f"{vendor} was run: {terminal.text.strip()}"
            if got.exists():
                query = got.read_bytes().decode().split("\0")[1].rstrip()
                got.unlink()
                typed = (start + vendor[0]).replace("'", "").replace('"', "")
                came += query == typed.removesuffix(vendor[0]) + quoted(vendor)
            terminal.press("\x03")
            terminal.read(0.3)
    finally:
        terminal.close()
    offered = [vendor for vendor in HOSTILE if '"' not in start or "!" not in vendor]
    assert came == len(offered) or shell != "bash"


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_an_old_bash_reads_the_script_without_a_word() -> None:
    """Bash before 4.4 knows no `nosort`, before 4.0 no `compopt` (macOS has 3.2)."""
    old = (
        'complete() { case " $* " in *" nosort "*) echo "complete: nosort: invalid option name" >&2; return 2;; esac;'
        ' builtin complete "$@"; }\ncompopt() { echo "compopt: command not found" >&2; return 127; }\n'
    )
    script = subprocess.run(
        [sys.executable, "-m", "pluginary_tui", "completion", "bash"], capture_output=True, text=True, check=True
    ).stdout
    done = subprocess.run(
        ["bash", "--norc", "-c", f"{old}{script}complete -p pluginary-tui"], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert done.stdout.startswith("complete -F ")


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
