"""The themes that there are: the app's own, and those of files."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.theme import Theme

from pluginary_tui.config import THEMES
from pluginary_tui.config.themes import ThemeFile, theme_files
from pluginary_tui.tui.dialogs.menu import Choice, Menu

if TYPE_CHECKING:
    from textual.app import App

    from pluginary_tui.tui.core.services import Services


def add_theme_files(app: App[Any]) -> list[ThemeFile]:
    """Read the theme files anew, make those known to the app that can be used, and return all of them."""
    found = theme_files()
    for each in found:
        if not each.problem:
            colours: dict[str, Any] = dict(each.colours)
            app.register_theme(Theme(each.name, dark=each.dark, **colours))
    return found


def theme_choices(app: App[Any], default: str = "") -> list[Choice]:
    """A choice for each theme; a file with a mistake says what it is, and cannot be chosen."""
    own = [Choice("", name, name, "the default" if name == default else "") for name in THEMES]
    return [
        *(choice for choice in own if choice.value in app.available_themes),
        *(Choice("", each.name, each.name, "a file of yours", each.problem) for each in add_theme_files(app)),
    ]


def ask_theme(
    services: Services, app: App[Any], title: str, at: str, done: Callable[[str | None], None], *, default: str = ""
) -> None:
    """Let the person choose a theme, seeing each while moving through the list; `done` gets it, with the old one back.

    `at` is the theme under the cursor at first; the one named `default` says that it is the default.
    """
    before = app.theme

    def preview(name: str) -> None:
        if name in app.available_themes:  # a file with a mistake is none
            app.theme = name

    def chosen(name: str | None) -> None:
        app.theme = before
        done(name)

    services.ask(Menu(title, theme_choices(app, default), services.session.glyphs.ellipsis, at, preview), chosen)


def why_no_theme(app: App[Any], name: str) -> str:
    """Add the theme files to the app; say why this theme is still none of its themes, or nothing."""
    problem = next((each.problem for each in add_theme_files(app) if each.name == name), "")
    if name in app.available_themes:
        return ""
    return problem or f"There is no theme {name} any more; the colours stay as they are."
