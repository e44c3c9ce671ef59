"""Asks what the catalogue is to be compared with."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from pluginary_tui.home import typed_path
from pluginary_tui.model import clean
from pluginary_tui.tui.dialogs import completion
from pluginary_tui.tui.dialogs.menu import Choice, Menu
from pluginary_tui.tui.dialogs.prompt import Prompt
from pluginary_tui.tui.difference.screen import DifferenceScreen, Sides

if TYPE_CHECKING:
    from pluginary_tui.tui.core.services import Services
    from pluginary_tui.tui.core.session import Session

ENDINGS = (".json", ".toml")


def ask_comparison(services: Services, session: Session) -> None:
    """Ask for an earlier date or for an export, and show what differs."""
    ellipsis = session.glyphs.ellipsis
    choices = [
        Choice("d", "With an earlier date", "date", "this machine then, and now"),
        Choice("m", "With another machine", "export", "an export of its catalogue"),
    ]

    def compare(sides: Sides) -> None:
        def done(ids: list[str] | None) -> None:
            if ids:
                services.open_query("id=" + ",".join(f'"{id_}"' for id_ in ids))

        services.ask(DifferenceScreen(sides), done)

    def with_date(text: str | None) -> None:
        if text is not None:
            since, until = dates(text)
            compare(Sides(since=since, until=until, title=f"Since {clean(text.strip())}"))

    def with_export(text: str | None) -> None:
        if text is not None:
            path = typed_path(text.strip()).absolute()
            compare(Sides(export=path, title=f"This machine and {clean(path.name)}"))

    def chosen(what: str | None) -> None:
        if what == "date":
            hint = "2026-09-30, yesterday, 7d, 3m; two with .. between them. Enter compares"
            services.ask(Prompt("Compare with an earlier date", hint, "", None, ellipsis, check=wrong_dates), with_date)
        elif what == "export":
            hint = "A .json or .toml that 'pluginary-tui export' wrote there. Enter compares"
            paths = partial(completion.paths, folders_only=False)
            dialog = Prompt("Compare with another machine", hint, f"~{os.sep}", paths, ellipsis, check=wrong_export)
            services.ask(dialog, with_export)

    services.ask(Menu("Compare", choices, ellipsis), chosen)


def dates(text: str) -> tuple[str, str]:
    """The moments that a line names, the second empty where it names one; both empty where it is none."""
    from pluginary_tui.diff import moment

    first, dots, second = (part.strip() for part in text.strip().partition(".."))
    since, until = moment(first), moment(second) if dots else ""
    return ("", "") if dots and not until else (since, until)


def wrong_dates(text: str) -> str:
    """What is wrong with a line as one date or two; empty where nothing is."""
    since, until = dates(text)
    if not since:
        return "Type a date: 2026-09-30, yesterday, 7d or 3m."
    return "The first of the two is the earlier one." if until and until <= since else ""


def wrong_export(text: str) -> str:
    """What is wrong with a line as the path of an export; empty where nothing is."""
    path = typed_path(text.strip()).absolute()
    if not os.path.isfile(path):  # False where pathlib raises: no permission
        return f"There is no file {clean(str(path), 300)}."
    return "" if path.suffix.lower() in ENDINGS else f"The name of an export ends in {ENDINGS[0]} or {ENDINGS[1]}."
