"""Undo and redo: any kind of change, after a restart, and with a damaged file."""

from __future__ import annotations

from pathlib import Path

import pytest

from pluginary_tui.catalogue.store import Store
from pluginary_tui.tui.core.undo import FILE_NAME, UNDO_LIMIT, UndoHistory, UndoStep
from pluginary_tui.tui.core.user_data import UserDataEditor
from tests.support.sample_catalogue import fill, small


def test_every_edit_is_undone_and_done_again_after_a_restart(data_dir: Path) -> None:
    with Store.in_folder(data_dir) as store:
        fill(store, small(), failures=False)
        editor = UserDataEditor(store, UndoHistory(data_dir / FILE_NAME))
        plugins = store.plugins()
        editor.favourite(plugins[:2])
        editor.tag(plugins[:3], "new loud")
        editor.rate(plugins[:2], 4)
        editor.note(plugins[0], "vocals")
        editor.hide(plugins[2:4])
        changed = [(p.favourite, p.hidden, p.tags, p.rating, p.note) for p in store.plugins()]
    with Store.in_folder(data_dir) as store:
        history = UndoHistory(data_dir / FILE_NAME)
        UserDataEditor(store, history)
        assert [history.undo() for _ in range(6)][-2:] == ["2 plugins: now a favourite", ""]
        assert not any(p.favourite or p.hidden or p.tags or p.rating or p.note for p in store.plugins())
        assert history.can_redo
        while history.redo():
            pass
        assert [(p.favourite, p.hidden, p.tags, p.rating, p.note) for p in store.plugins()] == changed


def test_a_new_change_ends_what_could_be_done_again() -> None:
    values: dict[str, int] = {}
    history = UndoHistory()
    history.on("count", lambda new: values.update(new))
    for number in range(UNDO_LIMIT + 5):
        history.push(UndoStep(f"step {number}", "count", {"n": number}, {"n": number + 1}))
    assert history.undo() == f"step {UNDO_LIMIT + 4}"
    assert values == {"n": UNDO_LIMIT + 4}
    assert history.redo() and values == {"n": UNDO_LIMIT + 5}
    history.undo()
    history.push(UndoStep("other", "count", {"n": 0}, {"n": 7}))
    assert history.redo() == ""
    assert history.undo() == "other" and values == {"n": 0}


def test_a_change_that_cannot_be_taken_back_is_dropped() -> None:
    def fail(new: object) -> None:
        raise OSError

    history = UndoHistory()
    history.on("bad", fail)
    history.on("good", lambda new: None)
    history.push(UndoStep("first", "good", {}, {}))
    history.push(UndoStep("second", "bad", {}, {}))
    with pytest.raises(OSError):
        history.undo()
    assert history.undo() == "first"


@pytest.mark.parametrize("text", ["", "[]", '{"done": 3}', '{"done": [1, {"said": "x"}], "undone": null}', "\udcff"])
def test_a_damaged_file_is_an_empty_history(tmp_path: Path, text: str) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    history = UndoHistory(path)
    assert not history and not history.can_redo
    history.on("count", lambda new: None)
    history.push(UndoStep("step", "count", {"n": 0}, {"n": 1}))
    assert UndoHistory(path)


def test_what_does_not_last_is_undone_until_the_app_ends(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    history = UndoHistory(path)
    history.push(UndoStep("rows", "count", {}, {}, lasting=False))
    assert history and not UndoHistory(path)
