"""Output of commands: what a terminal can show, aligned by its cells, and nothing that controls it."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginary_tui.cli import output
from pluginary_tui.cli.errors import fail
from pluginary_tui.cli.output import cells, echo, json_text, print_lines, print_path, table
from pluginary_tui.terminal_text import escaped, printable, printable_lines

pytestmark = pytest.mark.short

HOSTILE = "a\x1b[2J\x9b31m\u202eb\x07\u2028c\udc80\r\nd"


class Screen(io.StringIO):
    """A terminal of a certain width."""

    def isatty(self) -> bool:
        return True


def on_screen(monkeypatch: pytest.MonkeyPatch, columns: str = "30") -> Screen:
    screen = Screen()
    monkeypatch.setattr("sys.stdout", screen)
    monkeypatch.setenv("COLUMNS", columns)
    return screen


@given(st.text())
def test_nothing_passes_that_a_terminal_acts_on(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text)
    assert not set(map(ord, shown)) & {*range(32), *range(127, 160), 0x2028, 0x2029, 0x202E}
    assert printable(shown) == shown
    shown.encode()
    assert printable_lines(text).count("\n") == text.count("\n")


@given(st.recursive(st.text() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_stays_what_it_is(document: object) -> None:
    text = escaped(json.dumps(document, ensure_ascii=False))
    assert json.loads(text) == document
    assert printable(text) == text


def test_each_way_out_is_safe(capsys: pytest.CaptureFixture[str]) -> None:
    echo(HOSTILE)
    echo(HOSTILE, err=True)
    print_lines([HOSTILE])
    print_lines(table(("name",), [(HOSTILE,)]))
    with pytest.raises(SystemExit):
        fail(HOSTILE, below=f"one\n{HOSTILE}")
    out, err = capsys.readouterr()
    assert out.count("\n") == 4 and err.count("\n") == 5
    assert printable_lines(out + err) == out + err


def test_columns_are_aligned_by_cells() -> None:
    rows = [("Verb", "1"), ("가상악기", "22"), ("音量コンプレッサー", "3"), ("e\u0301clat", "4"), ("Größe", "5")]
    lines = list(table(("name", "n"), rows, right=frozenset({1})))
    assert {cells(line) for line in lines[1:]} == {18 + 2 + 2}
    assert lines[1].endswith("   1") and lines[2].startswith("가상악기          ")


def test_lines_are_cut_to_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    on_screen(monkeypatch)
    rows = [("x" * 40, "y"), ("音" * 40, "y"), ("short", "y")]
    lines = list(table(("name", "n"), rows))
    assert [cells(line) <= 30 for line in lines] == [True] * 4
    assert lines[1].endswith("…") and lines[2].endswith("…")


@pytest.mark.parametrize("columns", ["0", "-5", "1", "many", "9" * 30])
def test_odd_widths(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    on_screen(monkeypatch, columns)
    lines = list(table(("name", "n"), [("x" * 200, "y")]))
    assert all(20 <= len(line) <= 204 for line in lines[1:])


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1", "utf-8"])
def test_json_on_a_stream_that_lacks_letters(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding)
    monkeypatch.setattr("sys.stdout", stream)
    output.print_json({"name": "가상악기 Größe 🎹"})
    stream.flush()
    assert json.loads(stream.buffer.getvalue().decode(encoding)) == {"name": "가상악기 Größe 🎹"}  # type: ignore[attr-defined]
    assert json_text("Größe") in ('"Größe"', '"Gr\\u00f6\\u00dfe"')


def test_a_path_reaches_a_script_byte_by_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_screen(monkeypatch)
    path = Path(os.fsdecode(b"/x/\xff\x1b.db"))
    print_path(path)
    assert screen.getvalue() == "/x/??.db\n"
    stream = io.TextIOWrapper(io.BytesIO(), "utf-8")
    monkeypatch.setattr("sys.stdout", stream)
    print_path(path)
    assert stream.buffer.getvalue() == b"/x/\xff\x1b.db\n"  # type: ignore[attr-defined]
