"""A person's first hour with the app, in a real terminal: nothing is known but what the screen says."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugins.build import build, compiler, good
from tests.support.pty_terminal import Terminal, app, first_row

pytestmark = [
    pytest.mark.skipif(compiler() is None, reason="needs a C++ compiler"),
    pytest.mark.usefixtures("only_vst3"),
]

TEN = [f"Bass Machine {number}" for number in range(10)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder with ten plugins alike, one to look for, and one that hangs."""
    home = tmp_path / "home"
    folder = home / ".vst3"
    folder.mkdir(parents=True)
    for name in TEN:
        good(folder, name, vendor="Deep Works")
    good(folder, "Golden Plate", vendor="Reverberant", category="Fx|Reverb")
    return home


@pytest.fixture
def opened(home: Path) -> Iterator[list[Terminal]]:
    """Terminals that were opened; all are closed at the end."""
    terminals: list[Terminal] = []
    yield terminals
    for terminal in terminals:
        terminal.close()


def copied(terminal: Terminal) -> str:
    """What was last copied through the terminal (OSC 52)."""
    found = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)", terminal.raw)
    return base64.b64decode(found[-1]).decode() if found else ""


def scanned(home: Path, opened: list[Terminal]) -> Terminal:
    """The app behind its first scan."""
    terminal = app(home)
    opened.append(terminal)
    terminal.until(lambda: "s  scan now" in terminal.text)
    terminal.press("s")
    terminal.until(lambda: "done in" in terminal.text, 120)
    return terminal


def look_for(terminal: Terminal, query: str, name: str) -> None:
    """Go to Browse, type a query and leave its line; the first row has this name then."""
    terminal.press("1")
    terminal.until(lambda: "/ search" in terminal.text)
    terminal.press("/")
    terminal.until(lambda: "to the list" in terminal.text)
    terminal.press(f"{query}\r")
    terminal.until(lambda: first_row(terminal).startswith(name) and "enter open" in terminal.text)


def test_from_the_first_start_to_the_copied_snippet(home: Path, opened: list[Terminal]) -> None:
    terminal = app(home)
    opened.append(terminal)
    pressed = 0

    def press(keys: str, because: str) -> None:
        """Press what the screen says one could."""
        nonlocal pressed
        terminal.until(lambda: because in terminal.text)
        terminal.press(keys)
        pressed += len(keys)

    press("s", "s  scan now")
    terminal.until(lambda: "done in" in terminal.text, 120)
    press("1", "1 Browse")
    press("/", "/ search")
    press("golden", "to the list")
    terminal.until(lambda: first_row(terminal).startswith("Golden Plate"))
    press("\r", "to the list")
    terminal.until(lambda: "enter open" in terminal.text)
    press("y", "y copies it")
    terminal.until(lambda: "Copied the snippet of Golden Plate" in terminal.text)
    assert pressed < 25
    assert "load_plugin('" in copied(terminal) and "Golden Plate.vst3" in copied(terminal)
    assert "# plugin.dry_wet" in copied(terminal)
    assert b"\x1b]2;Pluginary: scanning" in terminal.raw and b"\x1b]2;Pluginary\x07" in terminal.raw
    terminal.press("q")
    terminal.ended(0)


def test_from_a_plugin_to_one_of_its_parameters_and_to_what_may_go(home: Path, opened: list[Terminal]) -> None:
    good(home / ".vst3" / "old", "Golden Plate", vendor="Reverberant", category="Fx|Reverb")
    terminal = scanned(home, opened)

    # One parameter: open the plugin, filter, copy.
    look_for(terminal, "golden", "Golden Plate")
    terminal.press("\r")
    terminal.until(lambda: "/ filter parameters" in terminal.text)
    terminal.press("/")
    terminal.until(lambda: "filter the parameters" in terminal.text)
    terminal.press("dry\r")
    terminal.until(lambda: "y copy its line" in terminal.text)
    terminal.press("y")
    terminal.until(lambda: "Copied plugin.dry_wet" in terminal.text)
    assert re.match(r"plugin\.dry_wet\S* = ", copied(terminal))

    # What may go: the second copy, as a script that is written and not run.
    terminal.press("3")
    terminal.until(lambda: "t tidy" in terminal.text or "Tidy" in terminal.text)
    terminal.press("t")
    terminal.until(lambda: "INSTALLED TWICE  1" in terminal.text)
    terminal.press(" w")
    terminal.until(lambda: "Write 1 bundle" in terminal.text)
    terminal.press("\r")
    terminal.until(lambda: "Wrote 1 bundle" in terminal.text)
    script = (home / "tidy.sh").read_text()
    assert script.count("\nmove ") == 1
    assert len([*home.rglob("Golden Plate.vst3")]) == 2
    # The words on the screens.
    terminal.press("\x1b")
    terminal.until(lambda: "INSTALLED TWICE" not in terminal.text)
    terminal.press("?")
    terminal.until(lambda: "Keys that work here" in terminal.text)
    terminal.press("w")
    terminal.until(lambda: "Words on the screens" in terminal.text and "quarantine" in terminal.text)
    terminal.press("\x1b")
    terminal.until(lambda: "Words on the screens" not in terminal.text)
    terminal.press("q")
    terminal.ended(0)


def test_organise_find_again_and_export(home: Path, opened: list[Terminal]) -> None:
    terminal = scanned(home, opened)

    # A tag for what was found: marked, counted, tagged; then found by a state.
    look_for(terminal, "plate", "Golden Plate")
    terminal.press("A")
    terminal.until(lambda: "1 marked" in terminal.text)
    terminal.press("t")
    terminal.until(lambda: "Tags, separated by spaces" in terminal.text)
    terminal.press("vocals\r")
    terminal.until(lambda: "tagged #vocals" in terminal.text or "#vocals" in terminal.text)
    terminal.press("A")  # a second time it takes the marks away
    terminal.until(lambda: "1 marked" not in terminal.text)
    terminal.press("/\x15")  # ctrl+u clears the line
    terminal.until(lambda: "to the list" in terminal.text)
    terminal.press("vendor:deep is:ok -is:tagged sort:-name\r")
    terminal.until(lambda: first_row(terminal).startswith("Bass Machine 9") and "enter open" in terminal.text)

    # All that was found, into a file: a wrong path is said in the dialog, and nothing has to be typed again.
    terminal.press("e")
    terminal.until(lambda: "All 10 found" in terminal.text)
    terminal.press("a")
    terminal.until(lambda: "Export 10 plugins" in terminal.text)
    terminal.press(f"\x15{home}/nowhere/x.csv\r")
    terminal.until(lambda: "There is no folder" in terminal.text)
    assert "x.csv" in terminal.text
    terminal.press(f"\x15{home}/x.csv\r")
    terminal.until(lambda: "Wrote 10 plugins" in terminal.text)
    lines = (home / "x.csv").read_text("utf-8-sig").splitlines()
    assert "Bass Machine 9" in lines[1] and "Bass Machine 0" in lines[10], "in the order of the list"
    terminal.press("q")
    terminal.ended(0)


def test_scan_in_hand_organise_quit_and_find_everything_as_it_was(home: Path, opened: list[Terminal]) -> None:
    build("deaf", home / ".vst3", name="Aaa Hangs")
    terminal = app(home, EDITOR=str(editor(home)))
    opened.append(terminal)

    # A scan that is paused, goes on, and is freed of the plugin that hangs.
    terminal.until(lambda: "s  scan now" in terminal.text)
    terminal.press("s")
    terminal.until(lambda: "Aaa Hangs" in terminal.text)
    terminal.press(" ")
    terminal.until(lambda: "paused" in terminal.text)
    terminal.press(" ")
    terminal.until(lambda: "scanning" in terminal.lines[0])
    terminal.until(lambda: "x skip" in terminal.text)
    terminal.press("x")
    terminal.until(lambda: "done in" in terminal.text, 120)
    assert "1 skipped" in terminal.text

    # Ten tagged at once, taken back, tagged again, found by the tag.
    terminal.press("1")
    terminal.until(lambda: "/ search" in terminal.text)
    terminal.press("/")
    terminal.until(lambda: "to the list" in terminal.text)
    terminal.press("bass\r")
    terminal.until(lambda: first_row(terminal).startswith("Bass Machine") and "enter open" in terminal.text)
    terminal.press("At")
    terminal.until(lambda: "Tag 10 plugins" in terminal.text)
    terminal.press("low\r")
    terminal.until(lambda: "10 plugins: tagged low" in terminal.text)
    terminal.press("u")
    terminal.until(lambda: 'Undone: "10 plugins' in terminal.text)
    terminal.press("t")
    terminal.until(lambda: "Tag 10 plugins" in terminal.text)
    terminal.press("low\r")
    terminal.until(lambda: "TAG" in terminal.text)
    terminal.press("\x1b")
    terminal.until(lambda: "bass" not in terminal.lines[2])
    terminal.press("/")
    terminal.until(lambda: "to the list" in terminal.text)
    terminal.press("#low\r")
    terminal.until(lambda: f"10 of {total(terminal)}" in terminal.text and "#low" in terminal.lines[2])
    terminal.until(lambda: "enter open" in terminal.text)

    # A note from the person's own editor, which has the terminal meanwhile.
    terminal.press("N")
    terminal.until(lambda: "from the editor" in terminal.text)

    # Another theme, other columns; then the end, and everything again.
    terminal.press("\x10")
    terminal.until(lambda: "a command, a saved query" in terminal.text)
    terminal.press("theme\r")
    terminal.until(lambda: "gruvbox" in terminal.text)
    terminal.press("jj\r")
    terminal.until(lambda: "gruvbox" not in terminal.text)
    terminal.settled()
    colours = background(terminal)
    before = head(terminal)
    terminal.press("C")
    terminal.until(lambda: "J and K move" in terminal.text)
    terminal.press("G \r")
    terminal.until(lambda: head(terminal) not in ("", before) and "J and K move" not in terminal.text)
    terminal.settled()
    columns = head(terminal)
    terminal.press("q")
    terminal.ended(0)

    again = app(home)
    opened.append(again)
    again.until(lambda: f"10 of {total(again)}" in again.text)
    assert "#low" in again.lines[2]
    again.until(lambda: head(again) == columns)
    again.settled()
    assert background(again) == colours
    again.until(lambda: "from the editor" in again.text)
    again.press("q")
    again.ended(0)


def test_the_built_in_effects_first_and_the_rest_is_not_forgotten(home: Path, opened: list[Terminal]) -> None:
    terminal = app(home)
    opened.append(terminal)
    terminal.until(lambda: "b  look at the built-in effects" in terminal.text)
    terminal.press("b")
    terminal.until(lambda: "LadderFilter" in terminal.text)
    terminal.until(lambda: "2 scans for all plugins" in terminal.lines[0])
    terminal.press("2")
    terminal.until(lambda: "s start" in terminal.text)
    terminal.press("s")
    terminal.until(lambda: "done in" in terminal.text, 120)
    terminal.until(lambda: "scanned just now" in terminal.lines[0])
    look_for(terminal, "golden", "Golden Plate")
    terminal.press("q")
    terminal.ended(0)


def test_with_the_mouse_alone(home: Path, opened: list[Terminal]) -> None:
    terminal = scanned(home, opened)

    def at(text: str) -> tuple[int, int]:
        """Column and line of a text, as the terminal counts them."""
        terminal.until(lambda: text in terminal.text)
        line = next(number for number, line in enumerate(terminal.lines) if text in line)
        return terminal.lines[line].index(text) + 1, line + 1

    def mouse(column: int, line: int, button: int = 0, end: str = "M") -> None:
        terminal.press_at_once(f"\x1b[<{button};{column};{line}{end}")

    def click(column: int, line: int, button: int = 0) -> None:
        mouse(column, line, button)
        mouse(column, line, button, "m")

    click(*at("1 Browse"))
    terminal.until(lambda: first_row(terminal).startswith("Bass Machine"))

    # The border behind the name is dragged, and stays so; a double click gives it back.
    column, line = at("VENDOR")
    border = column - 2
    mouse(border, line)
    mouse(border - 4, line, 32)
    mouse(border - 9, line, 32)
    mouse(border - 9, line, 0, "m")
    terminal.until(lambda: at("VENDOR")[0] == column - 9)
    assert first_row(terminal).startswith("Bas")
    click(border - 9, line)
    click(border - 9, line)
    terminal.until(lambda: at("VENDOR")[0] == column)

    # A title orders, a facet filters, a word of the last line acts, the right button offers what can be done.
    click(*at("VENDOR"))
    terminal.until(lambda: "sort:vendor" in terminal.lines[2])
    click(*at("Reverberant"))
    terminal.until(lambda: first_row(terminal).startswith("Golden Plate"))
    click(*at("Golden Plate   "))
    click(*at("f favourite"))
    terminal.until(lambda: "now a favourite" in terminal.text)
    click(*at("Golden Plate   "), button=2)
    terminal.until(lambda: "Copy the snippet" in terminal.text)
    terminal.settled()
    click(*at("Copy the snippet"))
    terminal.until(lambda: "Copied the snippet of Golden Plate" in terminal.text)
    terminal.press("q")
    terminal.ended(0)


def test_counts_jumps_marks_and_what_was_done_before_a_restart(home: Path, opened: list[Terminal]) -> None:
    terminal = scanned(home, opened)
    look_for(terminal, "machine sort:name", "Bass Machine 0")
    terminal.press("5j")
    terminal.until(lambda: "Bass Machine 5  1.2.3" in terminal.text)
    terminal.press(";d")  # the letters are those of the rows: a, s, d
    terminal.until(lambda: "Bass Machine 2  1.2.3" in terminal.text)
    terminal.press(" ")
    terminal.until(lambda: "1 marked" in terminal.text)
    terminal.press("V")
    terminal.until(lambda: "is:marked" in terminal.lines[2] and first_row(terminal).startswith("Bass Machine 2"))
    terminal.press(" ")  # without marks the query asks for none
    terminal.until(lambda: "is:marked" not in terminal.lines[2])
    look_for(terminal, "\x15machine sort:name", "Bass Machine 0")
    terminal.press("f")
    terminal.until(lambda: "now a favourite" in terminal.text)
    terminal.press("q")
    terminal.ended(0)

    # What was done before is undone and done again; another plugin is found by the palette.
    again = app(home)
    opened.append(again)
    again.until(lambda: first_row(again).startswith("Bass Machine 0") and "enter open" in again.text)
    again.press("u")
    again.until(lambda: 'Undone: "Bass Machine 0' in again.text)
    again.press("U")
    again.until(lambda: "Done again" in again.text)
    again.press("\x10")
    again.until(lambda: "a command, a saved query or a plugin" in again.text)
    again.press("golden\r")
    again.until(lambda: "Golden Plate  1.2.3" in again.text)
    again.press("q")
    again.ended(0)


def test_without_colours_and_in_plain_letters(home: Path, opened: list[Terminal]) -> None:
    terminal = app(home, NO_COLOR="1", PLUGINARY_TUI_APP_ASCII="true")
    opened.append(terminal)
    terminal.until(lambda: "No plugins yet" in terminal.text)
    terminal.settled()
    assert terminal.text.isascii()
    colours = set(re.findall(rb"\x1b\[(?:\d+;)*38;2;(\d+);(\d+);(\d+)", terminal.raw))
    assert all(max(map(int, colour)) - min(map(int, colour)) <= 1 for colour in colours)
    terminal.press("q")
    terminal.ended(0)


@pytest.mark.parametrize("size", [(20, 6), (5, 2)])
def test_a_tiny_terminal_is_no_matter(home: Path, opened: list[Terminal], size: tuple[int, int]) -> None:
    terminal = app(home)
    opened.append(terminal)
    terminal.until(lambda: "No plugins yet" in terminal.text)
    terminal.resize(*size)
    terminal.read(0.5)
    terminal.press("2?\x1b")
    terminal.read(0.5)
    terminal.press("1")
    terminal.resize(140, 45)
    terminal.until(lambda: "No plugins yet" in terminal.text)
    terminal.press("q")
    terminal.ended(0)


def editor(home: Path) -> Path:
    """An editor that writes one line and is done."""
    path = home / "editor"
    path.write_text('#!/bin/sh\necho "from the editor" > "$1"\n')
    path.chmod(0o755)
    return path


def total(terminal: Terminal) -> str:
    """How many plugins there are, as the first line says."""
    found = re.search(r"(\d+) plugins", terminal.lines[0])
    return found[1] if found else "?"


def head(terminal: Terminal) -> str:
    """The titles of the list's columns, between the facets and the detail."""
    line = next((line for line in terminal.lines if "NAME" in line and "VENDOR" in line), "")
    return "".join(line.split("│")[1:2])


def background(terminal: Terminal) -> str:
    """The colour behind the list."""
    return str(terminal.screen.buffer[20][60].bg)
