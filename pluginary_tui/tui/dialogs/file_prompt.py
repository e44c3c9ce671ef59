"""Asks for a file to write or a folder; what is wrong with it is said in the dialog, which keeps what was typed."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pluginary_tui.home import typed_path
from pluginary_tui.tui.dialogs import completion
from pluginary_tui.tui.dialogs.menu import Confirm
from pluginary_tui.tui.dialogs.prompt import Prompt

if TYPE_CHECKING:
    from pluginary_tui.tui.core.services import Services
    from pluginary_tui.tui.core.session import Session

Again = Callable[[str], None]
"""Asks once more, with the line as it was typed and this sentence below it."""


def wrong_folder(text: str) -> str:
    """What is wrong with a line as the path of a folder that is there; empty where nothing is."""
    if not text.strip():
        return "Type the path of a folder."
    folder = typed_path(text.strip()).absolute()
    if os.path.isdir(folder):  # False where pathlib raises: no permission
        return ""
    return f"{folder} is no folder." if os.path.lexists(folder) else f"There is no folder {folder}."


def wrong_file(text: str, endings: Sequence[str] = ()) -> str:
    """What is wrong with a line as the path of a file to write, of one of these endings; empty where nothing is."""
    if not text.strip():
        return "Type the path of a file."
    path = typed_path(text.strip()).absolute()
    if os.path.isdir(path) or text.strip().endswith(os.sep):
        return f"{path} is a folder; add the name of a file."
    if endings and path.suffix.lower() not in endings:
        return f"The name must end in {', '.join(endings[:-1])} or {endings[-1]}."
    folder = path.parent
    if not os.path.isdir(folder):
        return f"There is no folder {folder}."
    if not os.access(folder, os.W_OK):
        return f"You may not write into {folder}."
    return ""


def ask_file(
    services: Services,
    session: Session,
    title: str,
    hint: str,
    write: Callable[[Path, Again], None],
    *,
    start: str,
    endings: Sequence[str] = (),
    problem: str = "",
) -> None:
    """Ask for a file, and whether one that is there shall be replaced; then call `write` with its path.

    `start` is the line to begin with, `problem` what was wrong with it before. Where replacing is declined, or `write`
    calls its second argument with what went wrong, the dialog opens again with the line as it was typed.
    """

    def again(start: str, problem: str) -> None:
        ask_file(services, session, title, hint, write, start=start, endings=endings, problem=problem)

    def chosen(text: str | None) -> None:
        if text is None:
            return
        path = typed_path(text.strip()).absolute()
        if not os.path.lexists(path):
            write(path, partial(again, text))
            return

        def answered(yes: bool | None) -> None:
            if yes:
                write(path, partial(again, text))
            else:
                again(text, "")

        question = f"{path} is there already."
        services.ask(Confirm(title, question, "write over it", "leave it", session.key_of), answered)

    dialog = Prompt(
        title,
        hint,
        start,
        partial(completion.paths, folders_only=False),
        session.glyphs.ellipsis,
        check=partial(wrong_file, endings=endings),
        problem=problem,
    )
    services.ask(dialog, chosen)
