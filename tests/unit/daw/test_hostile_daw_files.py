"""Files of DAWs that somebody made to hang: read in a time by their length, and numbers in them are not believed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pluginary_tui.daw import ardour, reaper
from pluginary_tui.daw.plan import DIFF_LINES, Change
from pluginary_tui.errors import CatalogueError
from pluginary_tui.model import Plugin

VERB = Plugin("vst3/acme/verb", "Verb", "Acme", uid="A" * 32, path="/x/Verb.vst3", favourite=True, tags=("loud",))

TAGS = {
    "elements without an end": "<Plugin " * 400_000,
    "quotes without an end": '<Plugin "' * 400_000,
    "other quotes": "<Plugin '\"" * 400_000,
    "blanks": f'<Plugin type="VST3" id="{"A" * 32}" tags="x"{" " * 1_000_000}/>',
    "blanks before the mark": f'<Plugin type="VST3" id="{"A" * 32}" tags="x"{" " * 1_000_000}user-set="1"/>',
    "an empty list": "<PluginTags" + " " * 1_000_000,
}


@pytest.mark.parametrize("what", TAGS)
def test_tags_of_ardour(tmp_path: Path, what: str) -> None:
    """Each of these took hours, by the square of its length."""
    (tmp_path / ardour.TAGS).write_text(f"<PluginTags>\n{TAGS[what]}\n</PluginTags>\n")
    try:
        plan = ardour.plan([VERB], tmp_path, root=tmp_path)
    except CatalogueError as error:
        assert str(error).startswith(str(tmp_path))
    else:
        assert 'tags="' in plan.changes[1].after


@pytest.mark.parametrize("number", ["999999999", "9" * 5_000, "-1", "x", "١٢"])
def test_numbers_of_reaper(tmp_path: Path, number: str) -> None:
    """A count is what it is: items are not looked for one by one up to it, and none is written over."""
    (tmp_path / "reaper-fxfolders.ini").write_text(
        f"[Folders]\nNbFolders={number}\nName0=Favorites\nId0=0\n\n[Folder0]\nNb={number}\nItem0=/x/Other.vst3\nType0=3\n"
    )
    plan = reaper.plan([VERB], tmp_path)
    after = next(change.after for change in plan.changes if "Folder0" in change.after)
    assert "Item0=/x/Other.vst3" in after or number in ("-1", "x")
    assert "=/x/Verb.vst3" in after


def test_differences_of_long_files() -> None:
    lines = [f"line {number}" for number in range(DIFF_LINES)]
    shuffled = random.Random(1).sample(lines, len(lines))
    assert Change(Path("x"), "\n".join(lines), "\n".join([*lines, "new"])).lines() == ["+new"]
    assert Change(Path("x"), "\n".join(lines), "\n".join(shuffled)).lines() == []


@pytest.mark.parametrize("path", ["/x/a\n[Folder9]\nNb=1\n.vst3", "/x/a\rb.vst3", "/x/a\x00.vst3", "/x/\x1b[2J.vst3"])
def test_a_path_with_an_end_of_line_is_not_written(tmp_path: Path, path: str) -> None:
    """It would be lines of REAPER's file of its own."""
    odd = Plugin("vst3/acme/odd", "Odd", "Acme", uid="B" * 32, path=path, favourite=True, tags=("loud",))
    plan = reaper.plan([odd, VERB], tmp_path)
    after = "".join(change.after for change in plan.changes)
    assert "Folder9" not in after and "/x/a" not in after and "/x/Verb.vst3" in after
    assert [id_ for id_, _ in plan.left_out] == ["vst3/acme/odd"]
