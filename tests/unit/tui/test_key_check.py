"""Keys given in app.keys: unknown actions, keys that no terminal sends, keys of other actions."""

from __future__ import annotations

import pytest

from pluginary_tui.tui.core.actions import GROUPS
from pluginary_tui.tui.core.key_check import is_key, problems


@pytest.mark.parametrize(
    ("keys", "output"),
    [
        ({"favourite": "q"}, "q is the key of quit (quit), which keeps ctrl+q"),
        ({"search": "ctrl+zz"}, 'no terminal sends a key "ctrl+zz"'),
        ({"nosuch": "x"}, "there is no action of this name"),
        ({"favorite": "x"}, 'did you mean "favourite"?'),
        ({"favourite": "t"}, "t is the key of tag (tag), which is then without a key"),
        ({"favourite": ""}, "no key is given"),
        ({"scan_skip": "1"}, "1 is the key of browse (browse), which is then without a key"),
        ({"favourite": "f5", "tag": "f5"}, "f5 is the key of tag"),
        ({"favourite": "?"}, "question_mark is the key of keys (keys)"),
    ],
)
def test_what_is_wrong_is_said(keys: dict[str, str], output: str) -> None:
    assert any(output in problem for problem in problems(keys)), problems(keys)


def test_keys_that_change_places_are_right() -> None:
    assert problems({"favourite": "t", "tag": "f"}) == []
    assert problems({"favourite": "f,f5", "scan": "f6"}) == []


def test_every_default_key_is_one_and_names_no_problem() -> None:
    rows = [row for group in GROUPS.values() for row in group.rows if row.keys]
    assert not [key for row in rows for key in row.keys.split(",") if not is_key(key)]
    assert not [found for row in rows for found in problems({row.id: row.keys}) if "terminal" in found]


@pytest.mark.parametrize("key", ["", "ctrl+", "f99", "hyper+ultra+x", "ctrl+ctrl+a", "  ", "escap"])
def test_no_key(key: str) -> None:
    assert not is_key(key)
