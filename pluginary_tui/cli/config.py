"""`config`: the settings file, the values in effect, and their errors."""

from __future__ import annotations

import json
from typing import Any

import click

from pluginary_tui.cli.errors import errors_in_one_line, fail
from pluginary_tui.cli.output import json_option, print_json, table


@click.group()
def config() -> None:
    """Show, check and begin the settings.

    \b
    Examples:
      pluginary-tui config init
      pluginary-tui config show
      $EDITOR "$(pluginary-tui config path)"
    """


@config.command()
def path() -> None:
    """Print where the settings file is, whether or not it exists.

    \b
    Example:
      pluginary-tui config path
    """
    with errors_in_one_line():
        from pluginary_tui.config import config_path

        click.echo(config_path())


@config.command()
@json_option()
def show(as_json: bool) -> None:
    """Print every setting with its value and where that came from.

    \b
    Examples:
      pluginary-tui config show
      pluginary-tui config show --json
    """
    with errors_in_one_line():
        from pluginary_tui.config import SETTINGS, load

        settings = load()
        if as_json:
            print_json(
                {
                    name: {
                        "value": settings[name],
                        "origin": settings.origin(name).kind,
                        "place": settings.origin(name).place,
                        "line": settings.origin(name).line,
                    }
                    for name in SETTINGS
                }
            )
        else:
            rows = [(name, _as_text(settings[name]), str(settings.origin(name))) for name in SETTINGS]
            for line in table(("setting", "value", "from"), rows):
                click.echo(line)
        for hint in settings.hints:
            click.echo(f"pluginary-tui: {hint}", err=True)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@config.command()
def init() -> None:
    """Write a settings file with every setting, its documentation and its default.

    A file that is there is never touched.

    \b
    Example:
      pluginary-tui config init
    """
    with errors_in_one_line():
        from pluginary_tui.config import config_path
        from pluginary_tui.config.write import init

        init(config_path())
        click.echo(config_path())


def _wrong_keys() -> list[str]:
    """What is wrong with app.keys. The actions are known to the app alone, so it is imported only for keys."""
    from pluginary_tui.config import load

    if not (keys := load().app.keys):
        return []
    from pluginary_tui.tui.core.key_check import problems

    return problems(keys)


@config.command()
@json_option()
def check(as_json: bool) -> None:
    """Name all that is wrong in the settings files and variables; exit code 1 where anything is.

    \b
    Example:
      pluginary-tui config check
    """
    with errors_in_one_line():
        from pluginary_tui.config import problems

        wrong, hints = problems()
        if not wrong:  # else nothing can be said about the keys
            wrong = _wrong_keys()
        if as_json:
            print_json({"ok": not wrong, "problems": wrong, "hints": hints})
        else:
            for line in (*wrong, *hints):
                click.echo(line)
            if not wrong and not hints:
                click.echo("All settings are right.")
        if wrong:
            fail(f"{len(wrong)} setting{'s' * (len(wrong) > 1)} cannot be used.")
